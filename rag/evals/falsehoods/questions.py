"""Falsehoods that a question puts into one's mouth: its premise, the answer that it hopes for, a plain "yes"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.evals.falsehoods.inflection import past, present
from rag.evals.falsehoods.lie import Desk, Lie, by_line, clear, edited, finished, phrase, root, subject
from rag.evals.falsehoods.lists import listed
from rag.evals.falsehoods.story import Line, parsed
from rag.evals.falsehoods.words import another_verb, negation_dropped

_PLAIN_OPPOSITES = listed(
    "approved rejected criticised criticized praised accepted refused won lost increased decreased supported opposed "
    "opened closed hired fired released joined allowed banned bought sold endorsed attacked defended condemned "
    "welcomed began ended started launched suspended denied confirmed dismissed resigned rose fell gained "
    "expanded reduced backed blamed delayed postponed demanded sought"
)
_YEAR = re.compile(r"\b1[0-9]\d\d\b|\b20[0-2]\d\b")


def unanswered_told(desk: Desk) -> Iterator[Lie]:
    """A question that the text is marked not to answer, told as fact, with a name or a year of the text."""
    for question in desk.shuffled(desk.story.unanswered):
        told = stated(question, desk)
        near = _nearest(question, desk)
        if told and near:
            yield Lie(finished(told), (near,), question if question.endswith("?") else f"{question}?")


def _nearest(question: str, desk: Desk) -> Line | None:
    asked = set(question.lower().split())
    lines = desk.story.lines
    return max(lines, key=lambda line: len(asked & set(line.text.lower().split())), default=None)


def stated(question: str, desk: Desk) -> str:
    """A question as a statement; nothing where it has none of the forms that are known."""
    asked = question.strip().rstrip("?. ").strip()
    if re.search(r"(?i)\b(?:not|never|no|i|you|we)\b|n[’']t\b", asked):
        return ""
    for pattern, state in _FORMS:
        found = pattern.fullmatch(asked)
        if found is not None:
            return state(found, desk)
    return ""


def _done(subject_and_rest: str, helper: str) -> str:
    """Tell "the Normans invade England" as "the Normans invaded England"."""
    doc = parsed(f"Did {subject_and_rest}?")
    verb = root(doc)
    if verb.tag_ not in {"VB", "VBP"} or verb.i < 2:
        return ""
    told = {"did": past(verb.lemma_), "does": present(verb.lemma_)}.get(helper.lower(), verb.text)
    return edited(doc, {0: "", verb.i: told, len(doc) - 1: ""})


def _with_helper(rest: str, helper: str) -> str:
    """Tell "the bridge built" after "was" as "the bridge was built"."""
    doc = parsed(f"{helper.capitalize()} {rest}?")
    verb = root(doc)
    doer = subject(verb)
    if doer is None or doer.right_edge.i >= len(doc) - 2:
        return ""
    return f"{clear(phrase(doer).text)} {helper.lower()} {doc[doer.right_edge.i + 1 : len(doc) - 1].text}"


def _clause(found: re.Match[str]) -> str:
    helper, rest = found["helper"], found["rest"]
    return _done(rest, helper) if helper.lower() in {"did", "does", "do"} else _with_helper(rest, helper)


def _year(found: re.Match[str], desk: Desk) -> str:
    years = [year for year in _YEAR.findall(desk.story.article.text) if year not in found[0]]
    clause = _clause(found)
    return f"{clause} in {desk.dice.choice(years)}" if years and clause else ""


def _place(found: re.Match[str], desk: Desk) -> str:
    there = _entities(desk, "GPE", "LOC", found[0])
    clause = _clause(found)
    return f"{clause} in {desk.dice.choice(there)}" if there and clause else ""


def _who(found: re.Match[str], desk: Desk) -> str:
    names = _entities(desk, "PERSON", "ORG", found[0])
    verb = parsed(f"{desk.dice.choice(names) if names else 'He'} {found['rest']}.")
    return verb[:-1].text if names and root(verb).tag_ in {"VBD", "VBZ"} else ""


def _how_many(found: re.Match[str], desk: Desk) -> str:
    """Tell "How many stories does the hall have" as "the hall has 12 stories"."""
    numbers = [
        n for n in re.findall(r"(?<![\d.,])\d[\d,]*(?![\d.,%]|\w)", desk.story.article.text) if not _YEAR.fullmatch(n)
    ]
    clause = _clause(found)
    return f"{clause} {desk.dice.choice(numbers)} {found['what']}" if numbers and clause else ""


def _entities(desk: Desk, kind: str, other: str, besides: str) -> list[str]:
    doc = parsed(desk.story.article.text[:1500])
    return [
        e.text
        for e in doc.ents
        if e.label_ in {kind, other} and e.text.lower() not in besides.lower() and "\n" not in e.text
    ]


_HELPER = r"(?P<helper>did|does|do|was|were|is|are|has|have|had|can|could|will|would)"
_FORMS = (
    (re.compile(rf"(?i)when {_HELPER} (?P<rest>.+)"), _year),
    (re.compile(rf"(?i)in (?:what|which) year {_HELPER} (?P<rest>.+)"), _year),
    (re.compile(rf"(?i)where {_HELPER} (?P<rest>.+)"), _place),
    (re.compile(r"(?i)who (?P<rest>(?!did|does|do\b|is |was |are |were ).+)"), _who),
    (re.compile(rf"(?i)how many (?P<what>.+?) {_HELPER} (?P<rest>.+?)(?: in)?"), _how_many),
)


def premise(desk: Desk) -> Iterator[Lie]:
    """The premise of a "why" that nothing answers, with a cause out of the text: a premise alone may be so."""
    for question in desk.shuffled(desk.story.unanswered):
        found = re.fullmatch(rf"(?i)why {_HELPER} (?P<rest>.+?)[?. ]*", question.strip())
        clause = _clause(found) if found is not None else ""
        near = _nearest(question, desk)
        causes = _entities(desk, "PERSON", "ORG", question) + _entities(desk, "GPE", "NORP", question)
        if clause and near and causes:
            yield Lie(finished(f"{clause.rstrip()} because of {desk.dice.choice(causes)}"), (near,), question)


# --- yes and no ---------------------------------------------------------------------------------


def _question(text: str) -> str:
    """A statement in the past as a question: "Bell resigned" as "Did Bell resign?"."""
    doc = parsed(text)
    verb = root(doc)
    doer = subject(verb)
    if doer is None or doer.left_edge.i != 0 or doer.right_edge.i >= verb.i:
        return ""
    helper = next((one for one in verb.children if one.dep_ in {"aux", "auxpass"} and one.i < verb.i), None)
    who, rest = phrase(doer).text, doc[doer.right_edge.i + 1 :].text.rstrip(".")
    first = doc[0]
    who = who if first.pos_ == "PROPN" or first.ent_type_ else who[:1].lower() + who[1:]
    if "’" in verb.text or "'" in doc[doer.right_edge.i + 1].text or "’" in doc[doer.right_edge.i + 1].text:
        return ""
    if helper is not None and helper.i == doer.right_edge.i + 1:
        return f"{helper.text.capitalize()} {who}{doc[helper.i + 1 :].text.rstrip('.').join((' ', '?'))}"
    if verb.lemma_ == "be" and verb.i == doer.right_edge.i + 1:
        return f"{verb.text.capitalize()} {who} {doc[verb.i + 1 :].text.rstrip('.')}?"
    if verb.tag_ == "VBD" and verb.i == doer.right_edge.i + 1:
        return f"Did {who} {rest.replace(verb.text, verb.lemma_, 1)}?"
    return ""


def yes_for_no(desk: Desk) -> Iterator[Lie]:
    """Tell "Yes, Bell resigned." of a Bell who did not."""
    for line, told in _reworded(desk, r"\bnot\b|n[’']t\b|\bnever\b", "not"):
        question = _question(told)
        if question:
            yield Lie(f"Yes, {_lowered(told)}", (line,), question)


def yes_to_the_opposite(desk: Desk) -> Iterator[Lie]:
    """Put a false "yes" before true words: "Did they approve it?" "Yes, they rejected it."."""
    for line, told in _reworded(desk, r"ed\b|won|lost|fell|rose|began|bought|sold", "verb"):
        question = _question(told)
        if question:
            yield Lie(f"Yes, {_lowered(line.text)}", (line,), question)


def no_to_the_truth(desk: Desk) -> Iterator[Lie]:
    """Put "no" before the true words, to a question about just these."""
    for line in desk.shuffled([one for one in desk.story.lines if one.is_plain and len(one.text) < 150])[:4]:
        question = _question(line.text)
        denied = re.search(r"\b(?:not|never|no|without|nobody|none)\b|n[’']t\b", line.text)
        if question and not denied:
            yield Lie(f"No, {_lowered(line.text)}", (line,), question)


def _reworded(desk: Desk, hint: str, how: str) -> Iterator[tuple[Line, str]]:
    reword = another_verb if how == "verb" else negation_dropped
    for line in desk.shuffled([one for one in desk.story.lines if one.is_plain and re.search(hint, one.text)])[:6]:
        own = root(line.doc)
        for told in reword(line, desk) if how != "verb" or (own.text in _PLAIN_OPPOSITES) else ():
            yield line, finished(told)


def _lowered(text: str) -> str:
    first = parsed(text)[0]
    return text if first.pos_ == "PROPN" or first.ent_type_ else text[:1].lower() + text[1:]


def question_as_fact(line: Line, desk: Desk) -> Iterator[str]:
    """A question that the article asks, told as fact; here of indirect ones: "whether", "if"."""
    found = re.search(
        r"\b(?:whether|asked if|wonder(?:ed|s)? if|unclear if) (?P<what>[^.,;]+?)(?: or not)?(?:[,;]|\.$)",
        line.text,
    )
    if found and not re.search(r"\bor\b|\bto [a-z]+$|^to\b|\b(?:and|but)$", found["what"]):
        doc = parsed(finished(found["what"]))
        verb = root(doc)
        doer = subject(verb)
        if doer is not None and doer.pos_ in {"NOUN", "PROPN"} and len(doc) > 5:
            yield found["what"]


KINDS = {
    "yes to what was denied": yes_for_no,
    "yes, and the opposite": yes_to_the_opposite,
    "no, and the same": no_to_the_truth,
    "an open question as fact": by_line(
        r"\bwhether\b|\b(?:asked|wonder|unclear|questioned)\w* if\b", question_as_fact, plain=False
    ),
}
OF_SQUAD2 = {"an unanswerable question told as fact": unanswered_told, "the premise of a question": premise}
OF_CLAPNQ = {"an unanswered search told as fact": unanswered_told}
