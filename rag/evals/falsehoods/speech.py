"""Falsehoods about speech: a claim told as fact, words given to another, over what people marked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.evals.falsehoods.lie import Desk, Lie, by_line, clear, is_name, is_plural, root, subject
from rag.evals.falsehoods.story import Line, Report, Story, are_alike, parsed

_FACTIVE = re.compile(
    r"(?i)\b(?:know|reali[sz]|learn|discover|found|find|show|reveal|confirm|prove|announc|acknowledg|admit|remember|notic|recogni[sz]|report|see|saw|note|point|learn)"
)
_DENYING = re.compile(
    r"(?i)\b(?:den(?:y|ied|ies|ying)|dismiss\w*|reject\w*|disput\w*|refut\w*|question\w*|ask\w*|wonder\w*|doubt\w*)\b"
)
_NOT = re.compile(r"(?i)\b(?:not|never|no|nobody|few|hardly|without)\b|n[’']t\b")
_SAYING = re.compile(
    r"(?i)\b(?:said|says?|saying|claim\w*|argu\w+|believ\w+|thinks?|thought|insist\w*|contend\w*|suggest\w*|alleg\w+|warn\w*|"
    r"predict\w*|hop(?:e|es|ed)|fear\w*|maintain\w*|assert\w*|told|tells|boast\w*|charg\w+|complain\w*|suspect\w*|wrote|"
    r"added|tweeted|declared|called)\b"
)
_OWN = re.compile(r"(?i)(?:he|she|they|it|his|her|their|what|who|how|why|where|when|which|or|and|but|to|if|whether)\b")
_NOBODY = re.compile(
    r"(?:He|She|They|It|We|I|You|Others|Some|Many|Polls|One|Most|This|That|These|Those|Americans|Footage|Who|Both|All|Other|Officials|Critics|Experts)\b"
)
_FIRST_PERSON = re.compile(r"\b(?:I|we|We|our|Our|my|My|me|us|you|You|your|Your|this|that|these)\b")
_NAME = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Dr|Sen|Gov|Rep|President|Secretary|Senator)\.? )?[A-Z][\w’'-]+(?: [A-Z][\w.’'-]+){0,2}"
)
_OTHER_CUES = {
    "denied": "admitted", "denies": "admits", "claimed": "proved", "claims": "proves", "alleged": "found",
    "suggested": "promised", "suggests": "proves", "hopes": "knows", "hoped": "knew", "believes": "knows",
    "believed": "knew", "thinks": "knows", "fears": "hopes", "argued": "proved", "argues": "proves",
    "warned": "promised", "warns": "promises", "predicted": "guaranteed", "asked": "said", "doubted": "knew",
    "disputed": "confirmed", "rejected": "accepted", "speculated": "found", "acknowledged": "denied",
    "admitted": "denied", "insisted": "conceded", "agreed": "disagreed", "promised": "refused", "proposed": "ordered",
    "confirmed": "denied", "rumored": "confirmed", "considered": "decided",
}  # fmt: skip


def _told_of(desk: Desk) -> Iterator[tuple[Report, Line]]:
    """What is marked as said, each in the one sentence where it stands, in any order."""
    for report in desk.shuffled(desk.story.reports):
        line = desk.story.line_at(report.content)
        if line is not None and report.source in line.text and report.cue in line.text:
            yield report, line


def _words(report: Report, line: Line) -> str:
    text = line.text[report.content.start - line.span.start : report.content.end - line.span.start]
    return re.sub(r"^(?:that|how|than)\b\s*", "", clear(text))


def claim_as_fact(desk: Desk) -> Iterator[Lie]:
    """Tell "X said that P" as "P": of indirect speech whose verb does not say that P is so."""
    for report, line in _told_of(desk):
        words = _words(report, line)
        says = _SAYING.search(report.cue) and not any(p.search(report.cue) for p in (_FACTIVE, _NOT, _DENYING))
        if report.kind == "indirect" and says and _can_stand(words):
            yield Lie(_ended(words), (line,))


def quotation_as_fact(desk: Desk) -> Iterator[Lie]:
    """“P,” said X as P, without the marks."""
    for report, line in _told_of(desk):
        words = re.sub(r"[“”\"]", "", _words(report, line)).strip(" ,")
        if report.kind != "indirect" and _SAYING.search(report.cue) and _can_stand(words):
            yield Lie(_ended(words), (line,))


def denial_as_fact(desk: Desk) -> Iterator[Lie]:
    """Tell "X denied that P" and "X asked whether P" as "P"."""
    for report, line in _told_of(desk):
        words = re.sub(r"^(?:whether|if)\b\s*", "", _words(report, line))
        denies = _DENYING.search(report.cue) or re.match(r"(?:whether|if)\b", _words(report, line))
        if report.kind == "indirect" and denies and not _NOT.search(report.cue) and _can_stand(words):
            yield Lie(_ended(words), (line,))


def _ended(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.,!')}."


def _can_stand(words: str) -> bool:
    """Whether the words are a whole clause that is nobody's own: a subject, a verb, no "I" or "you"."""
    if (
        _OWN.match(words)
        or "''" in words
        or _FIRST_PERSON.search(words)
        or words.endswith("?")
        or "whether" in words
        or len(words.split()) < 5
        or re.search(r"[“”\"]", words)
    ):
        return False
    doc = parsed(_ended(words))
    verb = root(doc)
    doer = subject(verb)
    finite = verb.tag_ in {"VBD", "VBZ", "VBP"} or any(one.tag_ in {"MD", "VBD", "VBZ", "VBP"} for one in verb.children)
    return (
        doer is not None
        and doer.left_edge.i == 0
        and doer.i < verb.i
        and finite
        and doer.dep_ in {"nsubj", "nsubjpass"}
    )


def other_speaker(desk: Desk) -> Iterator[Lie]:
    """Somebody else who speaks in the article, put where the speaker stands."""
    names = [r.source for r in desk.story.reports if _is_somebody(r.source) and not _is_common(r.source, desk.story)]
    for report, line in _told_of(desk):
        others = sorted({name for name in names if not are_alike(name, line.text)})
        if report.source in names and others and line.text.count(report.source) == 1 and _is_no_alias(report.source):
            others = [o for o in others if _is_no_alias(o) and not _side_by_side(o, report.source, desk.story)]
            if others:
                yield Lie(line.text.replace(report.source, desk.dice.choice(others)), (line,))


def other_speakers_question(desk: Desk) -> Iterator[Lie]:
    """As above, as the answer to a question about the other, who never said so."""
    for lie in other_speaker(desk):
        line = lie.made_from[0]
        new = next((r.source for r in desk.story.reports if r.source in lie.text and r.source not in line.text), "")
        report = next((r for r, where in _told_of(desk) if where is line and r.source not in lie.text), None)
        if new and report is not None:
            words = re.sub(r"[,.]*([”\"]?)$", r"\1", _words(report, line))
            if report.kind == "direct" and re.match(r"[“\"]", words):
                marks = words if words.endswith(("”", '"')) else f"{words}”"
                yield Lie(f"{new} said: {marks}.", (line,), f"What did {new} say?")
            elif report.kind == "indirect" and _can_stand(words):
                yield Lie(f"{new} said that {_lowered(words)}.", (line,), f"What did {new} say?")


def _lowered(words: str) -> str:
    doc = parsed(_ended(words))
    return words if doc[0].pos_ == "PROPN" or doc[0].ent_type_ else words[:1].lower() + words[1:]


def _is_somebody(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and not _NOBODY.match(name)


def _is_common(name: str, story: Story) -> bool:
    """Whether it is a word that the article also writes small: "Woman", "Novel"."""
    return re.search(rf"\b{re.escape(name.lower())}\b", story.article.text) is not None


def _side_by_side(name: str, other: str, story: Story) -> bool:
    """Whether two names may be the first and the last of one person."""
    a, b = re.escape(name), re.escape(other)
    return re.search(rf"\b(?:{a} (?:\w+\.? )?{b}|{b} (?:\w+\.? )?{a})\b", story.article.text) is not None


def _is_no_alias(name: str) -> bool:
    """Whether it is a name that a person would have, not a house or an office that speaks for one."""
    return not re.search(r"(?i)\b(?:campaign|white house|president|post|times|news|the|house|committee|party)\b", name)


def another_cue(desk: Desk) -> Iterator[Lie]:
    """Tell "claimed" as "proved", "denied" as "admitted"."""
    for report, line in _told_of(desk):
        cue = report.cue.split()[-1].lower() if report.cue.split() else ""
        other = _OTHER_CUES.get(report.cue.lower(), "")
        if other and cue and line.text.count(f" {report.cue} ") == 1 and not desk.story.has_word(other):
            yield Lie(line.text.replace(f" {report.cue} ", f" {other} "), (line,))


def speaker_did_it(desk: Desk) -> Iterator[Lie]:
    """“He stole it,” said X as “X stole it”: the one who says it given the deed."""
    for report, line in _told_of(desk):
        words = re.sub(r"[“”\"]", "", _words(report, line)).strip(" ,.")
        if not _is_somebody(report.source) or not _can_stand(words) or not _SAYING.search(report.cue):
            continue
        doc = parsed(_ended(words))
        doer = subject(root(doc))
        if (
            doer is None
            or not is_name(doer)
            or is_plural(doer)
            or are_alike(doc[: doer.right_edge.i + 1].text, report.source)
        ):
            continue
        told = doc[doer.right_edge.i + 1 :].text
        if doer.left_edge.i == 0 and len(told.split()) > 3:
            yield Lie(f"{report.source} {told}", (line,))


def narration_in_marks(line: Line, desk: Desk) -> Iterator[str]:
    """The paper's own sentence put in quotation marks, as somebody's words."""
    others = [name for name in desk.story.people if not are_alike(name, line.text)]
    if others and not re.search(r"\b(?:said|says|told|according to|added)\b", line.text):
        yield f"“{line.text.rstrip('.')},” said {desk.dice.choice(others)}."


KINDS = {
    "a claim as fact": claim_as_fact,
    "a quotation as fact": quotation_as_fact,
    "something denied or asked, as fact": denial_as_fact,
    "another speaker": other_speaker,
    "another speaker, asked about": other_speakers_question,
    "another verb of saying": another_cue,
    "the speaker given what is told of another": speaker_did_it,
    "the paper's words in quotation marks": by_line(r"", narration_in_marks),
}
