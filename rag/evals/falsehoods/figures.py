"""Falsehoods by another figure, day, place or name, most of them out of the same article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from rag.evals.falsehoods.lie import Desk, by_line, edited, is_name, phrase, root, subject
from rag.evals.falsehoods.lists import listed
from rag.evals.falsehoods.story import Line, are_alike, people_in, words_of

_FIGURE = re.compile(
    r"(?<![\w.,$£€])(?P<sign>[$£€]?)(?P<digits>\d+(?:,\d{3})*(?:\.\d+)?)"
    r"(?P<unit> ?%| percent| per cent| (?:m|b|tr)illion|)(?![\w/:.-]*\d|-|\w)"
)
_END = r"\$?[\d.,]*\d(?: percent| million| billion|%)?|[A-Z]\w+"
_FROM_TO = re.compile(rf"\b([Ff])rom ({_END}) to ({_END})(?=[ ,.])")
_YEAR = re.compile(r"(?<=\b(?:in|by) )(?:19|20)\d\d\b|(?<=since )(?:19|20)\d\d\b")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_WEEKDAY = re.compile(rf"\b(?:{'|'.join(_DAYS)})\b(?! [Nn]ight)")
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b(?= \d|,|\.| of)")
_TIME = re.compile(
    rf"(?i)\b(?:{'|'.join(_DAYS)}|{'|'.join(_MONTHS)}|today|yesterday|tomorrow|tonight|week|month|year|years|now|"
    r"currently|morning|evening|\d{4}|recently|day|days|ago|since|until)\b"
)
_COUNTRIES = listed(
    "Afghanistan Argentina Australia Austria Belgium Brazil Canada Chile China Colombia Cuba Denmark Egypt Finland "
    "France Germany Greece Hungary India Indonesia Iran Iraq Ireland Israel Italy Japan Jordan Kenya Kuwait Lebanon "
    "Libya Malaysia Mexico Nigeria Norway Pakistan Philippines Poland Portugal Qatar Russia Rwanda Singapore Somalia "
    "Spain Sudan Sweden Switzerland Syria Taiwan Thailand Turkey Uganda Ukraine Venezuela Vietnam Yemen"
)
_STATES = listed(
    "Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Hawaii Idaho Illinois Indiana "
    "Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri Montana "
    "Nebraska Nevada New_Hampshire New_Jersey New_Mexico North_Carolina North_Dakota Ohio Oklahoma Oregon "
    "Pennsylvania Rhode_Island South_Carolina South_Dakota Tennessee Texas Utah Vermont Wisconsin Wyoming"
)
_PLACES = tuple(tuple(sorted(name.replace("_", " ") for name in names)) for names in (_COUNTRIES, _STATES))
_IN_PLACE = tuple(re.compile(rf"(?<=\b(?:in|to) )(?:{'|'.join(names)})\b(?!,? [A-Z]|’|')") for names in _PLACES)


def _others(line: Line, desk: Desk, found: re.Match[str]) -> list[str]:
    """Figures of the same sort in other sentences of the story, and none that this one has."""
    sort = (found["sign"], found["unit"].strip())
    return [
        other["digits"]
        for another in desk.story.lines
        if another.n != line.n
        for other in _FIGURE.finditer(another.text)
        if (other["sign"], other["unit"].strip()) == sort and other["digits"] not in line.text
    ]


def another_figure_of_the_article(line: Line, desk: Desk) -> Iterator[str]:
    """A figure for another of the same sort: an amount for an amount, a share for a share."""
    for found in _FIGURE.finditer(line.text):
        others = [] if _is_year(found["digits"]) else [o for o in _others(line, desk, found) if not _is_year(o)]
        if others:
            yield line.text[: found.start("digits")] + desk.dice.choice(others) + line.text[found.end("digits") :]


def another_figure(line: Line, desk: Desk) -> Iterator[str]:
    """A figure for one near it, which the article does not have."""
    for found in _FIGURE.finditer(line.text):
        digits = found["digits"]
        place = desk.dice.randrange(len(digits))
        if digits[place].isdigit():
            told = (
                digits[:place] + str((int(digits[place]) + desk.dice.randrange(1, 9)) % 10 or 1) + digits[place + 1 :]
            )
            if told != digits and not desk.story.has_word(told):
                yield line.text[: found.start("digits")] + told + line.text[found.end("digits") :]


def figures_exchanged(line: Line, desk: Desk) -> Iterator[str]:
    """Two figures of a sentence each in the other's place, where they are not the ends of a range."""
    found = [one for one in _FIGURE.finditer(line.text) if not _is_year(one["digits"])]
    for first, second in pairwise(found):
        between = line.text[first.end() : second.start()]
        alike = (first["sign"], first["unit"].strip()) == (second["sign"], second["unit"].strip())
        if alike and first["digits"] != second["digits"] and len(between.split()) > 2:
            a, b = first.span("digits"), second.span("digits")
            text = line.text
            yield text[: a[0]] + second["digits"] + text[a[1] : b[0]] + first["digits"] + text[b[1] :]


def _is_year(digits: str) -> bool:
    return re.fullmatch(r"(?:1[89]|20)\d\d", digits) is not None


def another_year(line: Line, desk: Desk) -> Iterator[str]:
    years = set(re.findall(r"\b(?:19|20)\d\d\b", desk.story.article.text))
    for found in _YEAR.finditer(line.text):
        others = sorted(years - set(re.findall(r"\d{4}", line.text)))
        other = desk.dice.choice(others) if others else str(int(found[0]) - desk.dice.randrange(1, 6))
        yield line.text[: found.start()] + other + line.text[found.end() :]


def another_day(line: Line, desk: Desk) -> Iterator[str]:
    """Another day of the week, or another month, than the sentence has."""
    for pattern, names in ((_WEEKDAY, _DAYS), (_MONTH, _MONTHS)):
        for found in pattern.finditer(line.text):
            other = desk.dice.choice([name for name in names if name not in line.text])
            yield line.text[: found.start()] + other + line.text[found.end() :]


def day_of_publication(line: Line, desk: Desk) -> Iterator[str]:
    """The day on which the article came out, given to something of which it says no day."""
    published = desk.story.article.published[:10]
    verb = root(line.doc)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", published) or _TIME.search(line.text) or verb.tag_ != "VBD":
        return
    doer = subject(verb)
    if doer is None or doer.i > verb.i or verb.lemma_ in {"be", "say", "have"} or len(line.doc) > 28:
        return
    day = date.fromisoformat(published)
    written = desk.dice.choice(
        (f"{day.day} {_MONTHS[day.month - 1]} {day.year}", f"{_MONTHS[day.month - 1]} {day.day}, {day.year}")
    )
    ended = line.text.rstrip(".")
    yield desk.dice.choice((f"{ended} on {written}.", f"On {written}, {_begun(line)}"))


def _begun(line: Line) -> str:
    first = line.doc[0]
    keeps = first.pos_ == "PROPN" or first.ent_type_ or first.text == "I"
    return line.text if keeps else line.text[:1].lower() + line.text[1:]


def another_place(line: Line, desk: Desk) -> Iterator[str]:
    """A country for another country of the article, a state for another state: neither lies in the other."""
    for names, pattern in zip(_PLACES, _IN_PLACE, strict=True):
        there = sorted(name for name in names if name not in line.text and desk.story.has_word(name))
        for found in pattern.finditer(line.text):
            other = desk.dice.choice(there or [name for name in names if name not in line.text])
            yield line.text[: found.start()] + other + line.text[found.end() :]


def another_person(line: Line, desk: Desk) -> Iterator[str]:
    """Somebody else of the article in somebody's place, by full name or by surname as before."""
    for entity in line.doc.ents:
        name = next(people_in(entity.as_doc()), "") if entity.label_ == "PERSON" else ""
        known = [one for one in desk.story.people if name and are_alike(one, name)]
        others = [one for one in desk.story.people if words_of(one).isdisjoint(words_of(line.text))]
        if len(known) != 1 or not others or entity.root.dep_ not in {"nsubj", "nsubjpass", "dobj", "pobj"}:
            continue
        other = desk.dice.choice(others)
        told = other if " " in name else other.split()[-1]
        yield line.text.replace(name, told, 1)


def wrong_antecedent(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "He" as somebody whom the article names once, and not near."""
    first = line.doc[0]
    if first.text not in {"He", "She"} or first.dep_ not in {"nsubj", "nsubjpass"}:
        return
    start = desk.story.sentences[max(0, line.n - 4)].start
    near = words_of(desk.story.article.text[start : line.span.end])
    far = [
        name
        for name in desk.story.people
        if words_of(name).isdisjoint(near) and desk.story.article.text.count(name.split()[-1]) == 1
    ]
    if far:
        yield edited(line.doc, {0: desk.dice.choice(far)})


def office_of_another(line: Line, desk: Desk) -> Iterator[str]:
    """What somebody is said to be, said of somebody else of the article."""
    for token in line.doc:
        named = token.head
        if token.dep_ != "appos" or named.ent_type_ != "PERSON" or token.pos_ != "NOUN" or token.i < named.i:
            continue
        office = phrase(token).text.strip(" ,")
        others = [name for name in desk.story.people if not are_alike(name, line.text)]
        if others and len(office.split()) < 15 and not re.search(r"\b(?:who|whose|that|\d+)\b", office):
            yield f"{desk.dice.choice(others)} is {office}."


def from_and_to(line: Line, desk: Desk) -> Iterator[str]:
    """Turn "from A to B" round."""
    found = _FROM_TO.search(line.text)
    ranged = found and re.search(
        r"(?i)(?:rang\w+|anywhere|ages?|everything|vary\w*)(?: \w+)?\s*$", line.text[: found.start()]
    )
    if found and not ranged and found[2] != found[3] and not _is_year(found[2]):
        yield f"{line.text[: found.start()]}{found[1]}rom {found[3]} to {found[2]}{line.text[found.end() :]}"


def names_put_for_names(line: Line, desk: Desk) -> Iterator[str]:
    """An organisation for another one of the article, as subject or agent."""
    taken = [token for token in line.doc if token.ent_type_ == "ORG" and token.dep_ in {"nsubj", "nsubjpass"}]
    for token in taken:
        name = next((e.text for e in line.doc.ents if e.start <= token.i < e.end), "")
        others = [
            e.text.removeprefix("the ")
            for another in desk.story.lines[:12]
            for e in another.doc.ents
            if e.label_ == "ORG" and " " in e.text and not are_alike(e.text, line.text) and is_name(e.root)
        ]
        others = [
            o
            for o in others
            if re.fullmatch(r"[A-Z][\w&.-]+(?: (?:of|for|the|and|[A-Z][\w&.-]+))*", o) and not _is_initials(o, name)
        ]
        if others and name.count(" "):
            yield line.text.replace(name.removeprefix("the "), desk.dice.choice(others), 1)


def _is_initials(name: str, other: str) -> bool:
    """Whether one of two names may be the other's initials."""
    letters = ["".join(re.findall(r"\b[A-Z]", one)) for one in (name, other)]
    return letters[0] == letters[1] or name in letters or other in letters


REWORDINGS = {
    "another figure of the article": by_line(r"\d", another_figure_of_the_article),
    "another figure": by_line(r"\d", another_figure),
    "two figures exchanged": by_line(r"\d.*\d", figures_exchanged),
    "another year": by_line(_YEAR.pattern, another_year),
    "another day": by_line(f"{_WEEKDAY.pattern}|{_MONTH.pattern}", another_day),
    "the day of publication as the day of the event": by_line(r"", day_of_publication),
    "another place": by_line("|".join(p.pattern for p in _IN_PLACE), another_place),
    "another person": by_line(r"", another_person, plain=False),
    "another organisation": by_line(r"^(?:The )?[A-Z]\w+(?: [A-Z]\w+)+ [a-z]", names_put_for_names),
    "a pronoun told as a stranger": by_line(r"^(?:He|She) ", wrong_antecedent),
    "an office given to another": by_line(r", [^,]+,", office_of_another, plain=False),
    "from and to exchanged": by_line(r"\b[Ff]rom .{1,30} to ", from_and_to),
}
