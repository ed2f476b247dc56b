"""Falsehoods by another relation: who did it to whom, whether it was done, under which condition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.evals.falsehoods.inflection import past
from rag.evals.falsehoods.lie import (
    Desk,
    after,
    by_line,
    child,
    clear,
    edited,
    is_name,
    is_plural,
    phrase,
    root,
    subject,
    without,
)
from rag.evals.falsehoods.lists import listed
from rag.evals.falsehoods.story import Line, are_alike, people_in

if TYPE_CHECKING:
    from spacy.tokens import Token

_MUTUAL = listed(
    "meet marry join face fight debate battle date divorce resemble equal include speak talk discuss play become call "
    "remain know work live be have see agree compete share differ compare separate border rival"
)
_WANTING = listed(
    "urge ask order tell want call press pressure encourage beg advise push request demand invite implore expect "
    "instruct need like permit allow require challenge warn persuade wait"
)
_TRYING = listed(
    "try seek plan vow refuse fail decline expect hope hop want threaten promise intend aim attempt pledge propose "
    "prepare "
    "agree offer consider set due likely unlikely decide go struggle need ask schedule push look move ready poise "
    "work unwilling reluctant eager willing able unable wish opt fight"
)
_INCLUDING = frozenset({"include", "comprise", "contain", "own", "join", "lead", "represent", "work", "play"})
_MODALS = frozenset({"would", "could", "may", "might", "will", "should", "must"})
_PROPOSED = listed(
    "proposal bill plan measure deal rule law merger amendment change agreement project legislation tax program"
)
_THREATENING = listed("lose face lead cost become hurt force cause close win pay cut bring reach rise fall run end")
_WISHING = listed(
    "demand hope hop insist ask recommend request propose fear worry predict expect believe suspect doubt warn think "
    "urge"
)
"""Verbs of those who wait for it; the parser takes "hopes" for a form of "hop"."""
_STOPPED = listed("prevent stop block keep bar deter prohibit discourage")
_ACCUSED = r"\b(?:accus(?:ed|es|ing)|suspected|charged|alleg\w+|reportedly|purported\w*|blamed|indicted)\b"
_CLOSE = (
    r"\b(?:sons?|daughters?|fathers?|mothers?|wife|husband|brothers?|sisters?|lawyers?|attorneys?|opponents?|rivals?|"
    r"critics?|supporters?|aides?|friends?|predecessors?|successors?|killers?|teachers?|coach|boss|allies|ally|doctors?|"
    r"managers?|advis[eo]rs?|colleagues?|teammates?|cousins?|uncle|aunt|parents|children|victims?|accusers?|donors?|"
    r"girlfriend|boyfriend|partner|staffers?|nephew|niece|widow|attackers?|fans?|voters|backers?|surrogates?)\b"
)
"""Somebody who is known by somebody else, and is not this one."""


def _is_short(noun: Token, longest: int = 8) -> bool:
    return len(phrase(noun)) <= longest and noun.pos_ != "PRON"


# --- who and whom -------------------------------------------------------------------------------


def _object(verb: Token) -> Token | None:
    """The direct object, the agent of a passive, or what a preposition of sides takes."""
    there = child(verb, "dobj")
    if there is not None:
        return there
    for link in verb.children:
        if link.dep_ == "agent" or (
            link.dep_ == "prep" and link.lower_ in {"against", "to", "from", "over", "for", "at", "on"}
        ):
            return child(link, "pobj")
    return None


def exchanged(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "A criticized B" as "B criticized A", of verbs that are not the same both ways."""
    for verb in line.doc:
        doer, done_to = subject(verb), _object(verb)
        if verb.pos_ != "VERB" or verb.lemma_ in _MUTUAL or doer is None or done_to is None:
            continue
        if (
            is_name(doer)
            and is_name(done_to)
            and _is_short(doer)
            and _is_short(done_to)
            and doer.i < verb.i < done_to.i
        ):
            first, second = phrase(doer), phrase(done_to)
            if first.end <= second.start and "each other" not in line.text and first.text != second.text:
                text = line.text
                a, b = (first.start_char, first.end_char), (second.start_char, second.end_char)
                yield text[: a[0]] + second.text + text[a[1] : b[0]] + first.text + text[b[1] :]


def voice_turned(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "A criticized B" as "A was criticized by B"."""
    for verb in line.doc:
        doer, done_to = subject(verb), child(verb, "dobj")
        if verb.lemma_ in _MUTUAL or verb.tag_ not in {"VBD", "VBZ"} or verb.dep_ not in {"ROOT", "conj", "ccomp"}:
            continue
        if doer is None or done_to is None or doer.i > verb.i or doer.dep_ != "nsubj" or doer.pos_ == "PRON":
            continue
        if is_name(doer) and is_name(done_to) and phrase(done_to).start in {verb.i + 1, verb.i + 2}:
            participle = _participle(verb)
            was = "were" if is_plural(doer) else "was"
            if participle:
                yield edited(line.doc, {verb.i: f"{was} {participle} by"})


def _participle(verb: Token) -> str:
    told = past(verb.lemma_)
    return told if told.endswith("ed") else ""


# --- told as done -------------------------------------------------------------------------------


def modal_dropped(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "would close" and "could close" as "closed"."""
    doc = line.doc
    for token in doc:
        verb = token.head
        if (
            token.lower_ not in _MODALS
            or token.dep_ != "aux"
            or token.i > verb.i
            or verb.dep_ not in {"ROOT", "conj", "ccomp"}
        ):
            continue
        doer = subject(verb)
        helpers = [one for one in verb.children if one.dep_ in {"aux", "auxpass"} and one.i != token.i]
        if doer is None or doer.i > token.i or any(one.dep_ == "neg" for one in verb.children):
            continue
        nearest = min([*(one for one in helpers if one.i > token.i), verb], key=lambda one: one.i)
        if doer.lower_ in {"you", "we", "readers"} or not _is_open(token, verb, doer):
            continue
        if nearest.tag_ == "VB" and not re.search(r"\b(?:if|unless)\b", line.text):
            yield edited(doc, {token.i: "", nearest.i: past(nearest.lemma_, plural=is_plural(doer))})


def _is_open(modal: Token, verb: Token, doer: Token) -> bool:
    """Whether it is yet to be seen: "would" and "could" may tell what was, as in "he would die there"."""
    if modal.lower_ not in {"would", "could"} or verb.dep_ == "ccomp":
        return True
    return doer.lemma_ in _PROPOSED if modal.lower_ == "would" else verb.lemma_ in _THREATENING


def _named(noun: Token) -> str:
    """The words of a subject, where they can stand by themselves."""
    words = clear(phrase(noun).text)
    bare = noun.tag_ in {"WP", "WDT", "PRP", "DT", "EX"} or re.search(r"\b(?:who|that|which)\b", words)
    return "" if bare or len(words.split()) > 14 else words


def trying_as_done(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "tried to leave", "refused to leave", "is expected to leave" as "left"."""
    for verb in line.doc:
        deed, doer = child(verb, "xcomp"), subject(verb)
        if (
            verb.lemma_ not in _TRYING
            or deed is None
            or doer is None
            or deed.tag_ != "VB"
            or child(verb, "dobj")
            or child(deed, "conj")
        ):
            continue
        to = next((one for one in deed.children if one.lower_ == "to" and one.dep_ == "aux"), None)
        if to is None or not _named(doer) or doer.i > verb.i or any(one.dep_ == "neg" for one in deed.children):
            continue
        yield f"{_named(doer)} {_done(deed, plural=is_plural(doer))}"


def _done(deed: Token, *, plural: bool) -> str:
    """A verb in its plain form, with what follows it, as something that was done."""
    helper = child(deed, "auxpass")
    if helper is not None:
        return f"{past('be', plural=plural)} {deed.text} {after(deed)}"
    return f"{past(deed.lemma_, plural=plural)} {after(deed)}"


def wanted_as_done(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "called for Bell to resign" and "urged Bell to resign" as "Bell resigned"."""
    for deed in line.doc:
        verb = deed.head
        if deed.tag_ != "VB" or verb.lemma_ not in _WANTING or deed.dep_ not in {"xcomp", "ccomp", "advcl"}:
            continue
        to = next((one for one in deed.children if one.lower_ == "to" and one.dep_ == "aux"), None)
        link = next((one for one in verb.children if one.dep_ == "prep" and one.i < deed.i), None)
        doer = subject(deed) or child(verb, "dobj") or (child(link, "pobj") if link is not None else None)
        if child(deed, "conj") is not None:
            continue
        if to is not None and doer is not None and verb.i < doer.i < deed.i and _named(doer):
            yield f"{_named(doer)} {_done(deed, plural=is_plural(doer))}"


def wish_clause_as_done(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "demanded that Bell resign" and "hopes that Bell will resign" as "Bell resigned"."""
    for deed in line.doc:
        if deed.dep_ != "ccomp" or deed.head.lemma_ not in _WISHING:
            continue
        doer = subject(deed)
        will = next((one for one in deed.children if one.dep_ == "aux" and one.lower_ in _MODALS), None)
        open_still = will is not None or deed.tag_ == "VB"
        if doer is None or not _named(doer) or not open_still or child(deed, "neg") is not None:
            continue
        if child(deed, "auxpass") is None and not any(o.lower_ == "have" and o.dep_ == "aux" for o in deed.children):
            yield f"{_named(doer)} {past(deed.lemma_, plural=is_plural(doer))} {after(deed)}"


def prevented_as_done(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "kept Bell from leaving" as "Bell left"; "instead of leaving", "without leaving" as "and left"."""
    for link in line.doc:
        deed = child(link, "pcomp")
        if link.dep_ != "prep" or deed is None or deed.tag_ != "VBG" or child(deed, "conj"):
            continue
        verb = link.head
        if any(one.dep_ == "neg" or one.tag_ == "MD" for one in line.doc[: deed.i]):
            continue
        told = f"{past(deed.lemma_)} {after(deed)}"
        if link.lower_ == "from" and verb.lemma_ in _STOPPED:
            doer = child(verb, "dobj", "nsubjpass")
            if doer is not None and _named(doer):
                yield f"{_named(doer)} {told}"
        elif link.lower_ == "without" or (link.lower_ == "of" and line.doc[link.i - 1].lower_ in {"instead", "short"}):
            doer = subject(root(line.doc))
            if doer is not None and _named(doer):
                yield f"{_named(doer)} {told}"


def allegation_as_finding(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "is accused of stealing" as "stole", "was charged with theft" as "was convicted of theft"."""
    for link in line.doc:
        verb = link.head
        if link.dep_ != "prep" or verb.lemma_ not in {"accuse", "suspect", "charge", "indict", "arrest"}:
            continue
        deed, crime = child(link, "pcomp"), child(link, "pobj")
        whom = child(verb, "dobj") or child(verb, "nsubjpass")
        if whom is None or not _named(whom) or whom.i > link.i:
            continue
        if deed is not None and deed.tag_ == "VBG" and child(deed, "auxpass") is None and child(deed, "conj") is None:
            yield f"{_named(whom)} {past(deed.lemma_, plural=is_plural(whom))} {after(deed)}"
        elif crime is None or crime.ent_type_ in {"DATE", "TIME"} or verb.lemma_ == "arrest":
            continue
        elif link.lower_ in {"with", "of", "for", "on"} and not desk.story.has_word("convicted"):
            yield f"{_named(whom)} {'were' if is_plural(whom) else 'was'} convicted of {clear(phrase(crime).text)}"


_ALLEGED = (
    r"\b(?:allegedly|reportedly|apparently|purportedly|supposedly|possibly|perhaps|probably|likely) (?=[a-z])|"
    r"\b(?:an |(?<=the )|(?<=his )|(?<=her )|(?<=their ))alleged (?=[a-z])|"
    r"\b(?:(?<=a )|(?<=the )|(?<=his )|(?<=her ))(?:possible|suspected|supposed|would-be) (?=[a-z])"
)


def hedge_dropped(line: Line, desk: Desk) -> Iterator[str]:
    """Take out "allegedly", "apparently", "possible"."""
    for found in re.finditer(_ALLEGED, line.text):
        before = line.text[: found.start()].split()[-1:]
        if found[0].strip() == "likely" and before not in (["will"], ["would"]):
            continue
        told = line.text[: found.start()] + ("a " if found[0].startswith("an ") else "") + line.text[found.end() :]
        yield re.sub(r"\b(a) (?=[aeio])", "an ", re.sub(r"\ban (?=[bcdfgjklmnpqrstvwxz])", "a ", told))


# --- conditions ---------------------------------------------------------------------------------


def condition_dropped(line: Line, desk: Desk) -> Iterator[str]:
    """The clause with "if" or "unless" taken out."""
    for clause in _conditions(line):
        yield without(line.doc, phrase(clause))


def condition_as_fact(line: Line, desk: Desk) -> Iterator[str]:
    """What stands after "if" or "unless", by itself."""
    for clause in _conditions(line):
        doer = subject(clause)
        mark = child(clause, "mark")
        if doer is not None and mark is not None and doer.pos_ != "PRON" and not child(clause, "neg"):
            yield phrase(clause).text.replace(mark.text, "", 1)


def _conditions(line: Line) -> Iterator[Token]:
    """Clauses with "if" or "unless" on which something hangs that will or would be."""
    for clause in line.doc:
        mark = child(clause, "mark")
        if clause.dep_ != "advcl" or mark is None or mark.lower_ not in {"if", "unless"}:
            continue
        before = line.doc[mark.i - 1].lower_ if mark.i else ""
        whole = phrase(clause)
        hangs = any(one.lower_ in {"will", "would", "shall", "must"} for one in clause.head.children)
        addressed = re.search(r"\b(?:you|your|we|readers?|history|may|might)\b", line.text, re.IGNORECASE)
        if before in {"even", "as", "only", "what", "and", "or", "but"} or whole.start != mark.i or len(whole) < 4:
            continue
        if hangs and not addressed and len(line.doc) - len(whole) > 6 and clause.head.dep_ != "advcl":
            yield clause


# --- another's deed, in the order of the words ---------------------------------------------------


def subject_of_a_clause(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "Varga, who criticized Bell, resigned" as "Bell resigned": words are left out, none is moved."""
    verb = root(line.doc)
    doer = subject(verb)
    if doer is None or doer.i > verb.i:
        return
    clause = child(doer, "relcl")
    nearer = child(clause, "dobj", "prep") if clause is not None and clause.lemma_ not in _INCLUDING else None
    if nearer is not None and nearer.dep_ != "dobj":
        nearer = child(nearer, "pobj") if nearer.lower_ not in {"of", "as", "like", "with", "than"} else None
    if nearer is not None and is_name(nearer) and doer.right_edge.i + 1 < len(line.doc):
        name = clear(line.doc[phrase(nearer).start : nearer.i + 1].text)
        yield f"{name} {line.doc[doer.right_edge.i + 1 :].text}"


def owner_as_subject(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "The son of Bell was arrested" and "Bell's son was arrested" as "Bell was arrested"."""
    verb = root(line.doc)
    doer = subject(verb)
    if (
        doer is None
        or doer.i > verb.i
        or not re.fullmatch(_CLOSE, doer.lower_)
        or verb.lemma_ in {"say", "tell", "decline", "reply", "respond"}
    ):
        return
    of = next(
        (one for one in doer.children if one.dep_ == "prep" and one.lower_ in {"of", "for", "to", "against"}), None
    )
    owner = child(doer, "poss") or (child(of, "pobj") if of is not None else None)
    if owner is not None and owner.ent_type_ == "PERSON" and is_name(owner):
        name = re.sub(r"\s?['’]s?$", "", clear(phrase(owner).text))
        yield f"{name} {line.doc[doer.right_edge.i + 1 :].text}"


def other_clause(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "A praised the plan and B condemned the vote" as "A condemned the vote"."""
    verb = root(line.doc)
    doer = subject(verb)
    if doer is None or not _named(doer) or doer.pos_ == "PRON":
        return
    for other in line.doc:
        theirs = subject(other)
        if (
            other.dep_ not in {"conj", "advcl", "ccomp", "relcl"}
            or theirs is None
            or other.i < verb.i
            or theirs.i > other.i
        ):
            continue
        if other.dep_ == "conj" and other.head is not verb:
            continue
        named = is_name(doer) and is_name(theirs) and not are_alike(phrase(doer).text, phrase(theirs).text)
        if named and is_plural(doer) == is_plural(theirs) and theirs.right_edge.i < other.i:
            told = line.doc[theirs.right_edge.i + 1 : other.right_edge.i + 1].text
            mood = any(one.dep_ == "aux" and one.lower_ in {"to"} for one in other.children)
            if not mood and len(told.split()) > 2:
                yield f"{_named(doer)} {told}"


def saying_day_as_deed_day(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "said Monday that Bell had resigned" as "said that Bell had resigned on Monday"."""
    found = re.search(
        r"(?P<said>\b(?:said|announced|wrote|testified|argued|claimed|warned)) (?:on )?"
        r"(?P<when>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?: (?:night|morning))?) that (?P<what>[a-zA-Z])",
        line.text,
    )
    if found:
        told = f"{found['said']} that on {found['when']} {found['what']}"
        yield line.text[: found.start()] + told + line.text[found.end() :]


def fact_as_opinion_of(line: Line, desk: Desk) -> Iterator[str]:
    """The paper's own words, said to be somebody's whom the article names."""
    verb = root(line.doc)
    others = [name for name in desk.story.people if name.split()[-1] not in line.text]
    said = re.search(
        r"\b(?:said|says|told|according|added|claims?|claimed|argued|believes?|tweeted|asked|argues|announced|confirmed|show(?:s|ed))\b",
        line.text,
    )
    if verb.tag_ not in {"VBD", "VBZ"} or not others or said or next(people_in(line.doc), None) is None:
        return
    name = desk.dice.choice(others)
    first = line.doc[0]
    begun = line.text if first.pos_ == "PROPN" or first.ent_type_ else line.text[:1].lower() + line.text[1:]
    yield desk.dice.choice(
        (f"According to {name}, {begun}", f"{name} said that {begun}", f"{line.text.rstrip('.')}, {name} said.")
    )


REWORDINGS = {
    "who and whom exchanged": by_line(r"", exchanged),
    "active told as passive": by_line(r"[A-Z]\w+ (?:[a-z]+ )?[a-z]+(?:ed|s) (?:[a-z]+ )?[A-Z]", voice_turned),
    "would or could told as done": by_line(r"\b(?:would|could|may|might|will|should|must)\b", modal_dropped),
    "a plan or an attempt told as done": by_line(r"\bto [a-z]+", trying_as_done, plain=False),
    "a demand told as done": by_line(r"\bto [a-z]+", wanted_as_done),
    "a hope or a fear told as done": by_line(
        r"\b(?:demand|hope|insist|recommend|propos|fear|worr|predict|expect|believ|suspect|doubt|warn|think|thought|urge)",
        wish_clause_as_done,
    ),
    "a deed left undone told as done": by_line(r"\b(?:from|instead of|short of|without) \w+ing\b", prevented_as_done),
    "an allegation told as a finding": by_line(_ACCUSED, allegation_as_finding, plain=False),
    "a hedge dropped": by_line(_ALLEGED, hedge_dropped),
    "a condition dropped": by_line(r"(?i)\b(?:if|unless)\b", condition_dropped),
    "a condition as fact": by_line(r"(?i)\b(?:if|unless)\b", condition_as_fact),
    "a clause's object given the main verb": by_line(r" (?:who|which|that) [^,]*[A-Z]", subject_of_a_clause),
    "an owner given the deed": by_line(_CLOSE, owner_as_subject),
    "another clause's verb": by_line(r"\b(?:and|but|while|after|before|as|that|who)\b", other_clause),
    "the day of saying as the day of the deed": by_line(
        r"\b(?:said|announced|told|wrote|testified|argued|claimed|warned)\b", saying_day_as_deed_day, plain=False
    ),
    "the paper's words as somebody's": by_line(r"", fact_as_opinion_of),
}
