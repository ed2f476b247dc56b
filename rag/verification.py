"""Pasted quotations checked against all articles: where their words stand, and as whose.

text ──> quotations ──> passages with their rarest words ──> the words themselves ──> verbatim, folded, misattributed
                    ──> passages with most of their words ──> word by word ─────────> altered, not found

Only words that stand in an article make a quotation verbatim or folded. Likeness says which passage to put beside
words that stand in none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import NamedTuple, get_args

from rag import drafts, stopping
from rag.attribution import speaker_of
from rag.concordance import Place
from rag.differences import (
    LONGEST_COMPARED,
    Nearest,
    Token,
    as_seen,
    differences,
    has_ellipsis,
    is_ellipsis,
    nearest,
    reasons,
    tokens,
    weighs,
    window,
)
from rag.edges import around, breaks_word, is_clipped, unclipped
from rag.errors import InputError
from rag.library import Library
from rag.people import folded, is_named, name_words, surname
from rag.speech import speech
from rag.text import Span, fold, normalise, quoted, sentences, trimmed, wording
from rag.types import (
    PASSING,
    Article,
    Change,
    Checked,
    Citation,
    Excerpt,
    Filters,
    Match,
    Quotation,
    Reason,
    Verdict,
    Verification,
)
from rag.words import stem, stopwords, words

LONGEST = 100_000
"""Characters of a text that is checked at once: a long article draft, twice over."""

MOST = 1_000
"""Quotations of a text that are checked at once: in a text of `LONGEST`, one in each line."""

MATCHES = 10
"""Places of one quotation that are listed, at most."""

NEAREST = 3
"""Of a quotation that stands nowhere."""

RAREST = 6
"""Words by which passages are found; those with all of them are few."""

COMMON = 4_000
"""Passages with its rarest word from which a quotation is first looked for as a phrase."""

SEARCHED = 2_000
"""Passages whose text is looked at for words that stand in so many, and may stand there otherwise."""

SHORT = 3
"""Words of a quotation that may be anybody's."""

BATCH = 40
"""Passages whose articles are read at once."""

FARTHEST, FIRSTS = 4_000, 20
"""Characters over which the parts of a quotation with ellipses may lie; places of its first part that are tried."""

LOOKED_UP = 24
"""Words of a quotation whose rarity is looked up, the longest."""

LONGEST_SOUGHT, PHRASES, NOMINATED = 400, 16, 10
"""Words from whose beginning what is nearest is sought, by so many phrases of three; so many passages are compared."""

EDGE = 300
"""Words and marks at either end of a very long quotation by which its place is found."""

ALTERED = 0.6
"""Share of the words of a quotation that stand in one place, in order, from which it is that place's, altered."""

LEAST_TELLING, LEAST_WORDS = 2, 5
"""Words in common that an altered quotation has at least: of the telling ones or, where these are few, of all."""

VERDICTS: Mapping[Verdict, str] = {
    "verbatim": "these are the words",
    "folded": "only space, quotation marks, dashes or the last stop differ",
    "altered": "not these words",
    "misattributed": "these words, but not this speaker's",
    "not_found": "in no article; this is what is nearest",
}
"""What a verdict says, to whoever checks."""

REASONS: Mapping[Reason, str] = {
    "negation": "a “not” differs",
    "figure": "a figure differs",
    "condition": "a condition differs",
    "hedge": "a word that weighs differs",
    "look-alike": "letters that only look alike",
    "case": "capitals differ",
    "marks": "punctuation differs",
    "words": "words differ",
    "inserted": "words in square brackets",
    "safe cut": "the ellipsis loses nothing that turns the sense",
    "unsafe cut": "the ellipsis loses what may turn the sense",
    "clipped": "cut off from its “not”",
    "cut word": "cut off within a word",
    "speaker": "said by somebody else",
    "no speaker": "the article does not say whose words these are",
}
"""What was found, to the same."""

_KINDEST: Sequence[Verdict] = ("verbatim", "folded", "misattributed", "altered", "not_found")
_WORST: Sequence[Verdict] = get_args(Verdict)
_GENITIVE = re.compile(r"(?<=\w)[’'ʼ]s?(?!\w)")
_REOPENED = re.compile('(?<=\n)["“„«]')
_PIECE = re.compile("[\\w\u0300-\u036f\ue000-\uf8ff]+")
_KNOWN = re.compile("[\x00-\u1fff\u3040-\ud7ff]+")
"""Letters of which full text knows that they are letters."""


@dataclass(frozen=True)
class _Claim:
    """Words that somebody wants to print, and as whose; where to look."""

    words: str
    speaker: str
    within: Sequence[str] | None

    @property
    def stop(self) -> str:
        """The last comma or full stop: whether it is the article's or the draft's is typesetting."""
        return self.words[-1] if self.words[-1:] in {",", "."} and self.words[-2:-1] not in {"", ".", "…"} else ""

    @property
    def bare(self) -> str:
        """The words without it."""
        return self.words[: -len(self.stop)].rstrip() if self.stop else self.words


class _Found(NamedTuple):
    """The words of a claim, in an article."""

    article: Article
    span: Span


def verify(text: str, library: Library, speaker: str = "", filters: Filters = Filters()) -> Verification:  # noqa: B008
    """What comes of checking each quotation in `text`; all of it is one where it has no quotation marks.

    A `speaker` is whose they are said to be, else whom `text` itself names beside each; "she" is nobody. `filters` say
    in which articles to look. Raises InputError for a text that is blank or too long, or has too many quotations.
    """
    look_over(text)
    if speaker.strip().casefold() in speech().pronouns or not folded(speaker):
        speaker = ""
    found = drafts.quotations(text, named=bool(speaker))
    if len(found) > MOST:
        raise InputError(
            f"The text to check has {len(found):,} quotations, and {MOST:,} are checked at once. Check it in parts."
        )
    checked: list[Checked] = []
    known: dict[tuple[str, str], Checked] = {}
    with library.database.snapshot():
        within = library.selected(filters) if filters else None
        for span, said_by in found:
            words, whose = text[slice(*span)], speaker or said_by
            if (words, whose) not in known:  # a draft may repeat itself
                known[words, whose] = _check(span, _Claim(words, whose, within), library)
            checked.append(replace(known[words, whose], span=span))
    worst = max((c.verdict for c in checked), key=_WORST.index)
    return Verification(worst, tuple(checked), bare=not drafts.has_marks(text))


def look_over(text: str) -> None:
    """Raises InputError for a text that is blank or too long to be checked."""
    if not text.strip():
        raise InputError("There is nothing to check: paste a quotation, a paragraph or a draft.")
    if len(text) > LONGEST:
        raise InputError(
            f"The text to check has {len(text):,} characters, and {LONGEST:,} are checked at once. Check it in parts."
        )


# --- one quotation ----------------------------------------------------------------------------


def _check(span: Span, claim: _Claim, library: Library) -> Checked:
    stopping.step()
    if not _PIECE.search(claim.words):  # marks are no words, and stand everywhere
        return Checked(claim.words, span, claim.speaker, "not_found", ())
    matches = _standing(claim, library)
    matches = matches or _disguised(claim, library) or _spliced(claim, library) or _nearest(claim, library)
    verdict: Verdict = matches[0].verdict if matches else "not_found"
    shown = matches[: NEAREST if verdict == "not_found" else MATCHES]
    numbered = tuple(replace(m, citation=replace(m.citation, n=n)) for n, m in enumerate(shown, start=1))
    return Checked(claim.words, span, claim.speaker, verdict, numbered)


def _disguised(claim: _Claim, library: Library) -> list[Match]:
    """The places of words that stand there only for the eye: with letters of another alphabet, or with hidden ones."""
    readings = {as_seen(claim.words), as_seen(claim.words, hidden=False)} - {claim.words}
    found = [match for words in sorted(readings) for match in _standing(replace(claim, words=words), library)]
    return [
        replace(
            m, verdict="altered", reasons=("look-alike", *m.reasons), diff=differences(claim.words, m.citation.quote)
        )
        for m in found
    ]


def _kindness(match: Match) -> tuple[int, int, str, int]:
    article, span = match.citation.excerpt.article, match.citation.excerpt.span
    return _KINDEST.index(match.verdict), -article.day, article.id, span.start


# --- where its words stand --------------------------------------------------------------------


def _standing(claim: _Claim, library: Library) -> list[Match]:
    """The places where the words stand, best first: enough of them that pass, or all."""
    pattern = wording(claim.bare)
    if pattern is None:
        return []
    matches: list[Match] = []
    seen: set[tuple[str, Span]] = set()
    looked_at: set[Place] = set()
    for places in _candidates(claim, library):
        waiting = iter([place for place in places if place not in looked_at])
        looked_at.update(places)
        while batch := list(islice(waiting, BATCH)):
            stopping.step()
            found = [one for one in _occurrences(pattern, claim, batch, library) if _place(one) not in seen]
            seen.update(map(_place, found))
            matches += _judged(claim, found, library)
            if sum(match.verdict in PASSING for match in matches) >= MATCHES:
                return sorted(matches, key=_kindness)
        if any(match.verdict in PASSING for match in matches):
            break
    return sorted(matches, key=_kindness)


def _place(found: _Found) -> tuple[str, Span]:
    return found.article.id, found.span


def _candidates(claim: _Claim, library: Library) -> Iterator[list[Place]]:
    """The places where the words may stand, in ever wider nets.

    First where all of them stand as whole words: side by side, if they are common, then across the end of a passage.
    What begins or ends a quotation may also be a part of a word: then it is found by the words between, or else by
    looking at every text.
    """
    concordance, text = library.concordance, fold(normalise(claim.words)).strip()
    pieces = list(_PIECE.finditer(text))
    if not pieces:
        return
    whole = [piece for piece in pieces if _is_whole(piece, text)]
    found_by = _rarest([piece.group() for piece in whole], library)[:RAREST]
    reach = 2 + len(text) // 400
    if found_by and claim.speaker and len(pieces) <= SHORT:  # such words may stand anywhere, and be anybody's
        theirs = set(concordance.articles_of(library.voices.named([claim.speaker])))
        within = sorted(theirs if claim.within is None else theirs.intersection(claim.within))
        yield concordance.places(concordance.near(found_by, reach, within)[:SEARCHED])
    chunks = [chunk for chunk in text.split() if _PIECE.search(chunk)]
    if found_by and len(chunks) <= LOOKED_UP and _frequency(found_by[0], library) > COMMON:
        yield concordance.places(concordance.side_by_side(" ".join(chunks), claim.within)[:SEARCHED])
        ends = concordance.places(concordance.across(chunks, reach, claim.within))
        yield [Place(place.article_id, Span(place.span.end - 1, place.span.end)) for place in ends]
    elif found_by:
        yield concordance.places(concordance.near(found_by, reach, claim.within))
    inner = [piece for piece in whole if piece not in (pieces[0], pieces[-1])]
    found_by = _rarest([piece.group() for piece in inner], library)[:RAREST]
    if not inner:
        yield concordance.containing(max((piece.group() for piece in pieces), key=len), claim.within)
    elif _frequency(found_by[0], library) > COMMON:
        together = text[pieces[1].start() : pieces[-2].end()]
        yield concordance.places(concordance.side_by_side(together, claim.within)[:SEARCHED])
    else:
        yield concordance.places(concordance.near(found_by, reach, claim.within)[:SEARCHED])


def _is_whole(piece: re.Match[str], text: str) -> bool:
    """Whether full text has a piece as one word, however it is set: not of "don't", and in letters that it knows."""
    beside = text[max(0, piece.start() - 1) : piece.start()] + text[piece.end() : piece.end() + 1]
    return "'" not in beside and _KNOWN.fullmatch(piece.group()) is not None


def _rarest(pieces: Sequence[str], library: Library) -> list[str]:
    """The pieces, each once, rare ones first: of many the longest, and the commonest words only where all are."""
    different = list(dict.fromkeys(pieces))
    telling = [piece for piece in different if piece.lower() not in stopwords()] or different
    longest = sorted(telling, key=len, reverse=True)[:LOOKED_UP]
    return sorted(longest, key=lambda piece: _frequency(piece, library))


def _frequency(piece: str, library: Library) -> int:
    """In how many passages a piece stands, about: what full text makes of it may differ."""
    return min((library.concordance.frequency(stem(word)) for word in words(piece)), default=0)


def _occurrences(pattern: re.Pattern[str], claim: _Claim, places: Sequence[Place], library: Library) -> list[_Found]:
    articles = library.articles(list({place.article_id for place in places}))
    margin = 2 * len(claim.words) + 200
    found: dict[tuple[str, Span], _Found] = {}
    for place in places:
        article = articles.get(place.article_id)
        if article is None:  # damaged
            continue
        start, end = max(0, place.span.start - margin), place.span.end + margin
        for match in _stretches(pattern, article.text, start, end):
            follows = article.text[match.end() : match.end() + 1]
            if not claim.stop or follows not in {"?", "!"}:  # of which no stop can be made
                one = _Found(article, Span(match.start(), match.end() + (follows == claim.stop != "")))
                found[_place(one)] = one
    return list(found.values())


def _stretches(pattern: re.Pattern[str], text: str, start: int, end: int) -> list[re.Match[str]]:
    """Where the words stand; if nowhere else, where they go on in a new paragraph, which opens with a mark again."""
    found = list(pattern.finditer(text, start, end))
    if not found and _REOPENED.search(text, start, end):
        joined = text[:start] + _REOPENED.sub(" ", text[start:end]) + text[end:]
        found = list(pattern.finditer(joined, start, end))
    return found


# --- what is to be said of them ---------------------------------------------------------------


def _judged(claim: _Claim, found: Sequence[_Found], library: Library) -> list[Match]:
    articles = {one.article.id: one.article for one in found}
    said = library.quotations.of(list(articles.values()))
    return [_judge(claim, one, said[one.article.id]) for one in found]


def _judge(claim: _Claim, found: _Found, said: Sequence[Quotation]) -> Match:
    article, span = found
    excerpt = article.excerpt(span)
    overlapping = [q for q in said if q.excerpt.span.overlaps(span)]
    whose = _whose(claim.speaker, overlapping)
    if is_clipped(article.text, span):
        whole = article.excerpt(unclipped(article.text, span))
        why: Reason = "cut word" if breaks_word(article.text, span) else "clipped"
        return _match(claim, whole, overlapping, "altered", (why, *whose))
    if whose:
        return _match(claim, excerpt, overlapping, "misattributed", whose)
    return _match(claim, excerpt, overlapping, "verbatim" if excerpt.text == claim.words else "folded")


def _match(
    claim: _Claim, excerpt: Excerpt, said: Sequence[Quotation], verdict: Verdict, why: tuple[Reason, ...] = ()
) -> Match:
    same = excerpt.text == claim.words
    diff = (Change("equal", claim.words, excerpt.text),) if same else differences(claim.words, excerpt.text)
    return Match(Citation(1, excerpt, speaker_of(said)), verdict, diff, why)


def _whose(speaker: str, said: Sequence[Quotation]) -> tuple[Reason, ...]:
    """What speaks against these being the words of `speaker`: another's are among them, or nobody is named."""
    own = [q for q in said if q.kind != "indirect" and q.speaker] or [q for q in said if q.speaker]
    if not speaker or (own and all(_is_called(speaker, q) for q in own)):
        return ()
    return ("speaker",) if own else ("no speaker",)


def _is_called(name: str, quotation: Quotation) -> bool:
    """Whether a name may be that of whoever speaks: all of it is in theirs, or its initial, or theirs in it with the
    same surname; or it is what the article calls them.
    """
    asked = set(folded(_GENITIVE.sub("", name.casefold())))
    names = [set(folded(quotation.speaker.casefold())), set(name_words(quotation.person))]
    if not asked:
        return False
    if any(asked & known and all(_is_or_begins(word, known) for word in asked) for known in names):
        return True
    if is_named(name):
        return any(known and known <= asked for known in names) and surname(name) == surname(quotation.speaker)
    return asked - {"the", "a", "an"} <= set(folded(quotation.office.casefold()))


def _is_or_begins(word: str, names: Collection[str]) -> bool:
    """Whether a word is among those of a name, or the initial of one."""
    return word in names or (len(word) == 1 and any(other.startswith(word) for other in names))


# --- parts with an ellipsis between them ------------------------------------------------------


def _spliced(claim: _Claim, library: Library) -> list[Match]:
    """The places where the parts of words with an ellipsis between them all stand in order: cut, safely or not."""
    parts = _parts(claim.words)
    patterns = [pattern for part in parts if (pattern := wording(claim.words[slice(*part)]))]
    if len(parts) < 2 and (not parts or parts[0] == Span(0, len(claim.words))):
        return []
    text = fold(normalise(" ".join(claim.words[slice(*part)] for part in parts)))
    found_by = _rarest([p.group() for p in _PIECE.finditer(text) if _is_whole(p, text)], library)[:RAREST]
    if not found_by or len(patterns) != len(parts):
        return []
    ids = library.concordance.near(found_by, FARTHEST // 400, claim.within)
    places = library.concordance.places(ids[:SEARCHED])
    articles = library.articles(list(dict.fromkeys(place.article_id for place in places)))
    found: list[tuple[int, Match]] = []
    for article in articles.values():
        stands = _in_order(patterns, article.text)
        if stands and stands[-1].end - stands[0].start <= FARTHEST:
            said = library.quotations.of([article])[article.id]
            found.append((stands[-1].end - stands[0].start, _cut_match(claim, article, parts, stands, said)))
    return [match for _, match in sorted(found, key=lambda entry: (entry[0], entry[1].citation.id))]


def _parts(pasted: str) -> list[Span]:
    """What stands between the ellipses of pasted words, where each part has two words or more."""
    cuts = [Span(token.start, token.end) for token in tokens(pasted) if has_ellipsis(token.key)]
    edges = [0, *(edge for cut in cuts for edge in cut), len(pasted)]
    parts = [trimmed(pasted, Span(*pair)) for pair in zip(edges[::2], edges[1::2], strict=True)]
    parts = [part for part in parts if part.start < part.end]
    return parts if all(len(pasted[slice(*part)].split()) > 1 for part in parts) else []


def _in_order(patterns: Sequence[re.Pattern[str]], text: str) -> list[Span]:
    """The tightest run of places in which the patterns follow each other; nothing where they do not."""
    best: list[Span] = []
    for first in islice(patterns[0].finditer(text), FIRSTS):
        run = [Span(*first.span())]
        for pattern in patterns[1:]:
            match = pattern.search(text, run[-1].end)
            if match is None:
                return best
            run.append(Span(*match.span()))
        if not best or run[-1].end - run[0].start < best[-1].end - best[0].start:
            best = run
    return best


def _cut_match(
    claim: _Claim, article: Article, parts: Sequence[Span], stands: Sequence[Span], said: Sequence[Quotation]
) -> Match:
    excerpt = article.excerpt(Span(stands[0].start, stands[-1].end))
    changes: list[Change] = []
    pasted_to, stored_to = 0, excerpt.span.start
    for part, stand in zip(parts, stands, strict=True):
        lost = article.excerpt(Span(stored_to, stand.start)).text if stored_to < stand.start else ""
        if lost or pasted_to < part.start:
            changes.append(Change("left out", claim.words[pasted_to : part.start], lost))
        changes.append(Change("equal", claim.words[slice(*part)], article.excerpt(stand).text))
        pasted_to, stored_to = part.end, stand.end
    if pasted_to < len(claim.words):
        changes.append(Change("left out", claim.words[pasted_to:], ""))
    overlapping = [q for q in said if q.excerpt.span.overlaps(excerpt.span)]
    why: list[Reason] = ["safe cut" if _is_safe_cut(excerpt, changes) else "unsafe cut"]
    why += ["clipped"] if is_clipped(article.text, excerpt.span) else []
    return Match(
        Citation(1, excerpt, speaker_of(overlapping)),
        "altered",
        tuple(changes),
        (*why, *_whose(claim.speaker, overlapping)),
    )


# --- what is nearest --------------------------------------------------------------------------


def _nearest(claim: _Claim, library: Library) -> list[Match]:
    """The places most like words that stand nowhere: altered from them or, if they are too far, just nearest."""
    pasted = tokens(claim.words)
    if len(pasted) > LONGEST_COMPARED:
        return _nearest_to_long(claim, pasted, library)
    places = _alike(claim, library)
    articles = library.articles(list({place.article_id for place in places}))
    places = [place for place in places if place.article_id in articles]
    windows = [window(pasted, articles[p.article_id].text, _region(p, claim, articles), stopwords()) for p in places]
    best = max((among.weight for among in windows), default=0)
    found: dict[Excerpt, Nearest] = {}
    for place, among in zip(places, windows, strict=True):
        article = articles[place.article_id]
        near = nearest(pasted, article.text, among, stopwords()) if 2 * among.weight > best else None
        if near is not None:
            found[article.excerpt(near.span)] = near
    ranked = sorted(found, key=lambda excerpt: -found[excerpt].share)
    altered = [excerpt for excerpt in ranked if _is_altered(found[excerpt], claim, pasted, excerpt)]
    kept = altered or ranked[:NEAREST]
    said = library.quotations.of([excerpt.article for excerpt in kept])
    matches = [_near_match(claim, excerpt, said[excerpt.article.id], altered=bool(altered)) for excerpt in kept]
    return sorted(matches, key=lambda m: (-round(found[m.citation.excerpt].share, 2), *_doubts(m)))


def _doubts(match: Match) -> tuple[bool, int]:
    """By what likely places are ordered that are equally like: another speaker, then how many changes."""
    return not {"speaker", "no speaker"}.isdisjoint(match.reasons), sum(c.kind != "equal" for c in match.diff)


def _is_altered(near: Nearest, claim: _Claim, pasted: Sequence[Token], excerpt: Excerpt) -> bool:
    """Whether so many words are a quotation with changes, and not just the nearest; or nothing but a "not" differs."""
    if near.share < ALTERED or _is_strewn(near.span, pasted, excerpt.article):
        return False
    if near.telling >= LEAST_TELLING or near.words >= LEAST_WORDS:
        return True
    why = set(reasons(differences(claim.words, excerpt.text)))
    return near.words > 1 and "negation" in why and why <= {"negation", "hedge"}  # of "can’t", "can" is a hedge


def _nearest_to_long(claim: _Claim, pasted: Sequence[Token], library: Library) -> list[Match]:
    """As `_nearest`, for pages that were pasted without a quotation mark: by how they begin, and how they end."""
    parts = (Span(0, pasted[EDGE].start), Span(pasted[-EDGE].start, len(claim.words)))
    ends = [_nearest(replace(claim, words=claim.words[slice(*part)]), library) for part in parts]
    whole: list[Match] = []
    for first, last in product(*ends):
        article, begins, stops = first.citation.excerpt.article, first.citation.excerpt.span, last.citation.excerpt.span
        altered = first.verdict == last.verdict == "altered"
        if altered and article.id == last.citation.excerpt.article.id and begins.start < stops.end:
            said = library.quotations.of([article])[article.id]
            excerpt = article.excerpt(Span(begins.start, stops.end))
            whole.append(_near_match(claim, excerpt, said, altered=True))
    if whole:
        return whole
    kept = next((matches for matches in ends if matches), [])
    return [replace(m, verdict="not_found", reasons=(), diff=differences(claim.words, m.citation.quote)) for m in kept]


def _region(place: Place, claim: _Claim, articles: Mapping[str, Article]) -> Span:
    """A passage with as much around it as the words may need."""
    margin = len(claim.words) + 100
    return Span(max(0, place.span.start - margin), min(len(articles[place.article_id].text), place.span.end + margin))


def _alike(claim: _Claim, library: Library) -> list[Place]:
    """The passages with most of three words that follow each other here, or else with most of the rare ones."""
    pieces = [match.group() for match in _PIECE.finditer(fold(normalise(claim.words)))][:LONGEST_SOUGHT]
    telling = _rarest(pieces, library)
    rarity = {piece: n for n, piece in enumerate(piece for piece in telling if _frequency(piece, library))}
    absent = set(telling) - rarity.keys()
    runs = [run for run in zip(pieces, pieces[1:], pieces[2:], strict=False) if absent.isdisjoint(run)]
    best = sorted(runs, key=lambda run: min(rarity.get(piece, len(rarity)) for piece in run))[:PHRASES]
    concordance = library.concordance
    found = concordance.likest([" ".join(run) for run in best], NOMINATED, claim.within)
    if len(found) < NEAREST:
        rare = list(rarity)[:RAREST]
        found += [n for n in concordance.likest(rare, NOMINATED, claim.within) if n not in found]
    return concordance.places(found)


def _is_strewn(span: Span, pasted: Sequence[Token], article: Article) -> bool:
    """Whether words are so far apart in the article that they are no quotation of it, but for an ellipsis between."""
    stored = sum(token.is_word for token in tokens(article.text, span))
    words_pasted = sum(token.is_word for token in pasted)
    return stored > 2 * words_pasted + 6 and not any(has_ellipsis(token.key) for token in pasted)


def _near_match(claim: _Claim, excerpt: Excerpt, said: Sequence[Quotation], *, altered: bool) -> Match:
    overlapping = [q for q in said if q.excerpt.span.overlaps(excerpt.span)]
    if not altered:
        return _match(claim, excerpt, overlapping, "not_found")
    found = _match(claim, excerpt, overlapping, "altered")
    why: list[Reason] = reasons(found.diff)
    if any(map(is_ellipsis, found.diff)):
        why.append("safe cut" if _is_safe_cut(excerpt, found.diff) else "unsafe cut")
    if is_clipped(excerpt.article.text, excerpt.span):
        why.append("clipped")
    return replace(found, reasons=(*(why or ["marks"]), *_whose(claim.speaker, overlapping)))


def _is_safe_cut(excerpt: Excerpt, diff: Sequence[Change]) -> bool:
    """Whether a careful editor would let the ellipses stand: the parts are of one sentence or one quotation, and
    neither what is left out nor what is around them holds a "not", a condition, a hedge or a "but".
    """
    article, span = excerpt.article, excerpt.span
    lost = [change.stored for change in diff if is_ellipsis(change)]
    if any(map(weighs, [*lost, *around(article.text, span)])) or breaks_word(article.text, span):
        return False
    return len(sentences(excerpt.text)) == 1 or any(q.covers(span) for q in quoted(article.text))
