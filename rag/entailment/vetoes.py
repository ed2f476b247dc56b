"""What no grammar is trusted with: words whose loss, or whose addition, says another thing wherever they hang.

The parser errs; these look at the words as they stand, once more, at whatever the match has passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.entailment.lexicon import listed, lists
from rag.entailment.parser import parse
from rag.entailment.premise import legible
from rag.entailment.trees import is_report
from rag.figures import days, figures
from rag.vocabulary import vocabulary

if TYPE_CHECKING:
    from spacy.tokens import Token

_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")
_WHEN = re.compile(r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:1[89]|20)\d\d)\b")
_NOT = re.compile(r"n[’']t$")


def vetoed(said: str, there: Sequence[str]) -> str:
    """Why a sentence that was found in evidence is none of it all the same: "lost", "put in", "order"; or nothing."""
    ours = _words(said)
    kept, pairs = set(ours), set(pairwise(ours))
    for text in there:
        if lost := _lost(_words(text), kept, pairs) or _misplaced(said, text):
            return f"lost: {lost}"
    theirs = {word for text in there for word in _words(text)}
    if hedges := theirs & listed("vetoes", "anywhere") - kept:
        return f"lost: {min(hedges)}"
    if added := [word for word in ours if word in listed("vetoes", "put_in") and word not in theirs]:
        return f"put in: {added[0]}"
    if any("according to" in text.lower() for text in there) and not _names_a_source(said):
        return "lost: according to"
    if len(there) == 1 and _exchanges_names(said, there[0]):
        return "names"
    if len(there) == 1 and _moves_times(said, there[0]):
        return "another time"
    return "order" if len(there) == 1 and _exchanges_figures(said, there[0]) else ""


def _words(text: str) -> list[str]:
    """The words of a text in lower case, "hasn't" as "has", "not"."""
    found = []
    for match in _WORD.finditer(text.lower().replace("’", "'")):
        word = match.group()
        if _NOT.search(word):
            found += [_NOT.sub("", word), "not"]
        else:
            found.append(word.removesuffix("'s"))
    return [_looked_for_as().get(word, word) for word in found]


@cache
def _looked_for_as() -> Mapping[str, str]:
    """By word the one that it is looked for as: "would" is "will" told later, "some £22m" is "about £22m"."""
    return {word: line[0] for line in lists()["vetoes"]["alike"] for word in line}


def _lost(theirs: Sequence[str], kept: set[str], pairs: set[tuple[str, str]]) -> str:
    """A word without which the one after it, or before it, says another thing, where just that one is kept."""
    found = (_lost_at(n, theirs, kept, pairs) for n in range(len(theirs) - 1))
    return next((why for why in found if why), "")


def _lost_at(n: int, theirs: Sequence[str], kept: set[str], pairs: set[tuple[str, str]]) -> str:
    word, following = theirs[n : n + 2]
    after = theirs[n + 1 :]
    if word in listed("vetoes", "lost") and word not in kept and _telling(after) in kept:
        return f"{word} {_telling(after)}"
    if following in listed("vetoes", "closing") and word in kept and following not in kept:
        return f"{word} {following}"
    if _bounds_superlative(word, following) and word in kept and (word, following) not in pairs:
        return f"{word} {following}"
    swept = word in listed("vetoes", "sweeping") and (word in kept or following in kept)
    if swept and (why := _narrowed(after, kept)):
        return f"{word} … {why}"
    return _lost_phrase(n, theirs, kept)


def _bounds_superlative(word: str, following: str) -> bool:
    """Whether it begins what somebody is the first or the largest of: "largest in Europe"."""
    return word.endswith("est") and following in listed("vetoes", "bounding")


def _lost_phrase(n: int, theirs: Sequence[str], kept: set[str]) -> str:
    """A phrase of two words that makes another of what stands beside it: "mayor-elect", "so-called", "instead of"."""
    word, following = theirs[n : n + 2]
    if following == "elect" and word in kept and "elect" not in kept:
        return f"{word}-elect"
    if (word, following) == ("so", "called") and "called" not in kept and _telling(theirs[n + 2 :]) in kept:
        return "so-called"
    replaces = [word, following] in lists()["vetoes"]["replacing"] and word not in kept
    return f"{word} {following}" if replaces and any(w in kept for w in theirs[n + 2 : n + 4]) else ""


def _telling(following: Sequence[str]) -> str:
    """The first of these words, the next two at most, that says something: what a "not" before it bears on."""
    return next((word for word in following[:3] if word not in listed("vetoes", "small")), "")


def _narrowed(following: Sequence[str], kept: set[str]) -> str:
    """What narrows "everyone" or "all workers", where it is lost: "who …", "over 60"."""
    for word in following[:3]:
        if word in listed("vetoes", "narrowing"):
            return "" if word in kept else word
        if word not in kept:
            return ""
    return ""


_INVERTED = re.compile(
    r"(?:^|[,;—–]\s*(?:but|and)?\s*|[“\"])(?:Had|Were|Should|had|were|should)\s+(?:the|a|an|he|she|they|it|we|I|[A-Z]\w+)\b(?![^.;]*\?)"
)
_IF, _WOULD = re.compile(r"\b(?:if|unless)\b", re.IGNORECASE), re.compile(r"\b(?:would|could|might)\b|['’]d\b")
_CLEFT = re.compile(r"\b[Ii]t (?:was|is)(?:n['’]t| not) (?:the|an?|his|her|their|because|[A-Z]\w+)\b")


def _misplaced(said: str, there: str) -> str:
    """A place without what makes it another; what an inverted condition or an "it was not" governs."""
    if place := next((match[0] for match in _place().finditer(there) if _is_shortened(match, said, there)), ""):
        return place
    if _INVERTED.search(there) and not _INVERTED.search(said) and " if " not in f" {said.lower()} ":
        return "a condition"
    if _IF.search(there) and _WOULD.search(said) and not _IF.search(said):
        return "a condition"
    if _CLEFT.search(there) and not re.search(r"\bnot\b|n['’]t\b", said):
        return "it was not"
    return ""


@cache
def _place() -> re.Pattern[str]:
    """A name with what makes another place of it: "South Korea"."""
    return re.compile(rf"\b({'|'.join(lists()['vetoes']['compass'])})\s([A-Z]\w+)")


def _is_shortened(match: re.Match[str], said: str, there: str) -> bool:
    """Whether the sentence has just "Korea" of a "South Korea", which the evidence never calls so."""
    compass, place = match[1], match[2]
    if not re.search(rf"\b{place}\b", said) or re.search(rf"\b{compass}\s{place}\b", said):
        return False
    return not re.search(rf"(?<!{compass} )\b{place}\b", there)


def _exchanges_figures(said: str, there: str) -> bool:
    """Whether two figures, or two dates, come in another order than there."""
    return any(_is_exchanged(read(said), read(there)) for read in (_figures, _dates))


def _moves_times(said: str, there: str) -> bool:
    """Whether a day or year is told of another verb than in the evidence, which has several, or a clause around it."""
    theirs = list(_whens(there))
    for text, verb, _ in _whens(said):
        same = [(other, inner) for found, other, inner in theirs if found == text]
        if same and verb not in {other for other, _ in same} and (len(theirs) > 1 or all(inner for _, inner in same)):
            return True
    return False


def _whens(text: str) -> Iterator[tuple[str, str, bool]]:
    """Each day, month or year, the lemma of the verb it hangs on, and whether this is one of a subordinate clause."""
    for token in parse(legible(text)):
        if _WHEN.fullmatch(token.text) or token.text in vocabulary()["dates"]["months"]:
            verb = next((a for a in token.ancestors if a.pos_ in {"VERB", "AUX"}), None)
            if verb is not None:
                yield token.text, verb.lemma_, verb.dep_ in {"relcl", "acl", "advcl", "pcomp"}


def _exchanges_names(said: str, there: str) -> bool:
    """Whether two names come in another order than there, and no "by" turns the sentence round."""
    passive, theirs_passive = " by " in said, " by " in there
    return passive == theirs_passive and _is_exchanged(_names(said), _names(there))


def _names(text: str) -> list[object]:
    """The surnames of a sentence in order, but for whoever speaks and for where it is: these move freely."""
    return [t.text for t in parse(legible(text)) if _ends_name(t) and not _is_place(t) and not _speaks(t)]


def _ends_name(token: Token) -> bool:
    named = token.ent_type_ in {"PERSON", "ORG", "GPE", "NORP"}
    return named and token.pos_ == "PROPN" and token.dep_ != "compound"


def _is_place(token: Token) -> bool:
    return token.dep_ == "pobj" and token.head.lower_ in listed("vetoes", "placing")


def _names_a_source(said: str) -> bool:
    """Whether a sentence says whose word something is."""
    return any(token.lower_ == "according" or is_report(token) for token in parse(legible(said)))


def _speaks(token: Token) -> bool:
    return token.dep_ == "nsubj" and is_report(token.head)


def _is_exchanged(ours: Sequence[object], theirs: Sequence[object]) -> bool:
    common = [amount for amount in ours if ours.count(amount) == 1 and theirs.count(amount) == 1]
    return common != sorted(common, key=theirs.index)


def _figures(text: str) -> list[object]:
    return [(figure.value, figure.unit) for figure in figures(text)]


def _dates(text: str) -> list[object]:
    """Days, years and weekdays in order."""
    found: list[tuple[int, object]] = [(day.span.start, day[:3]) for day in days(text)]
    found += [(match.start(), match[0]) for match in _WHEN.finditer(text)]
    return [when for _, when in sorted(found, key=lambda one: one[0])]
