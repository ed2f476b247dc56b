"""Who is who in one article: names in full by surname and title, and whom a pronoun means."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter

from rag.reports import LONGEST_SUBJECT, Mention
from rag.speech import speech, split_title
from rag.text import LONGEST_SENTENCE, Span

_OFFICE_WITHIN = 80
"""Characters before a name in which its office stands."""

MEMORY = 12
"""Sentences that name people, back from a pronoun, in which it finds whom it means."""


class Cast:
    """The people of an article, met all at once, and spoken of sentence by sentence (`hear`).

    `masked` is the article with the words in quotation marks blotted out.
    """

    def __init__(self, masked: str) -> None:
        self.masked = masked
        self._in_full: dict[str, list[tuple[int, str]]] = {}
        """By surname, the names in full with where each stands, in order."""
        self._names: dict[str, set[str]] = {}
        """By surname, the different names in full."""
        self._by_first: dict[str, set[str]] = {}
        """By given name, the different names in full."""
        self._places: set[str] = set()
        """Names that stand after "in" or "the": "in El Paso", "the Ember Weekly"."""
        self._with_title: set[str] = set()
        """Names that stand after a title, which only people have: "President Bell"."""
        self._titled: dict[str, list[tuple[int, str]]] = {}
        self._genders: dict[str, str] = {}
        self._spoken_of: list[list[str]] = []
        self._last_end = 0
        """Where the last sentence with anybody in it ends."""
        for match in speech().patterns.name.finditer(masked):
            self._meet(match.group(), match.start())
        for match in speech().patterns.kin.finditer(masked):
            self._genders.setdefault(split_title(match.group(2))[0], speech().kin[match.group(1)])

    def hear(self, sentence: Span, speakers: Sequence[str]) -> None:
        """Note the people a sentence is about: its `speakers`, then those named, a pronoun for whom it means."""
        people = [speaker for speaker in dict.fromkeys(speakers) if self.is_person(speaker)]
        for match in speech().patterns.person.finditer(self.masked, *sentence):
            word = match.group()
            if word.lower() not in speech().pronouns:
                person = self._named(word, match.start())
            else:
                person = "" if people else self._meant(word.lower(), [])
            if person and self.is_person(person) and person not in people:
                people.append(person)
        if people:
            self._spoken_of.append(people)
            self._last_end = sentence.end

    def resolve(self, mention: Mention) -> str:
        """Who is meant, by the fullest name the article gives; empty where it does not say."""
        words = mention.text.split()
        first = words[0].lower()
        if mention.is_pronoun and first in speech().relatives:
            return self._right_before(mention.span.start)
        if mention.is_pronoun:
            return self._meant(first, self._earlier(mention.span.start))
        if words[-1].islower():
            described = first in speech().determiners
            return self._described(words, mention.span.start) if described else " ".join(words)
        return self._named(mention.text, mention.span.start)

    def is_person(self, name: str) -> bool:
        """Whether a name is somebody's, as far as the article and the lists of names tell."""
        words = name.split()
        if speech().organisations.intersection(words):
            return False
        if self._gender(name) or name in self._with_title:
            return True
        return len(words) > 1 and words[-1] in self._in_full and name not in self._places

    # --- inside -------------------------------------------------------------------------------

    def _meet(self, mention: str, position: int) -> None:
        name, title = split_title(mention)
        words = name.split()
        if not words:
            return
        if len(words) > 1:
            self._in_full.setdefault(words[-1], []).append((position, name))
            self._names.setdefault(words[-1], set()).add(name)
            self._by_first.setdefault(words[0], set()).add(name)
            if speech().patterns.before_places.search(self.masked, max(0, position - 10), position):
                self._places.add(name)
        if title:
            self._with_title.add(name)
        for word in speech().titles.intersection(title.replace(".", "").split()):
            self._titled.setdefault(word.lower(), []).append((position, name))
        if (described := self._introduced_as(position, position + len(mention))) and described not in title.lower():
            self._titled.setdefault(described, []).append((position, name))
        telling = (*title.replace(".", "").split()[:1], words[0], *words[-2:-1])
        gender = next((speech().genders[word] for word in telling if word in speech().genders), "")
        if gender:
            self._genders.setdefault(name, gender)

    def _introduced_as(self, start: int, end: int) -> str:
        """The office that stands beside the name at `start`: "Ann Bell, the mayor, said"; "the mayor, Ann Bell"."""
        patterns = speech().patterns
        match = patterns.office_after.match(self.masked, end) or patterns.office_before.search(
            self.masked, max(0, start - _OFFICE_WITHIN), start
        )
        word = match.group(1).split()[-1] if match else ""
        return word if word in speech().persons or word in speech().roles or word.title() in speech().titles else ""

    def _meant(self, pronoun: str, earlier: Sequence[str]) -> str:
        """Whom a pronoun means, of those `earlier` in its sentence and in the sentences before."""
        if pronoun not in speech().genders.values():
            return ""
        for people in (earlier, *reversed(self._spoken_of[-MEMORY:])):
            for person in people:
                if self._gender(person) in {pronoun, ""}:
                    return person
        return ""

    def _described(self, words: Sequence[str], position: int) -> str:
        """Who "the mayor" or "the tycoon" is: whoever is called so here, else who was just spoken of, else itself."""
        known = ""
        if words[0].lower() == speech().definite:
            titled = self._titled.get(words[-1], [])
            known = _last_before(position, titled) or (titled[0][1] if titled else "")
            if not known and words[-1] in speech().persons:
                known = self._just_spoken_of(position, near=words[-1] in speech().offices)
        return known or words[0].capitalize() + " " + " ".join(words[1:])

    def _just_spoken_of(self, position: int, *, near: bool) -> str:
        """Whom the last sentence with anybody in it is about; if `near`, only in the paragraph of `position` and if it
        is about nobody else.
        """
        if not self._spoken_of:
            return ""
        if near and (len(self._spoken_of[-1]) > 1 or "\n" in self.masked[self._last_end : position]):
            return ""
        return self._spoken_of[-1][0]

    def _named(self, mention: str, position: int) -> str:
        name, title = split_title(mention)
        words = name.split()
        if not words:
            titled = self._titled.get(title.split()[-1].lower(), []) if title else []
            return _last_before(position, titled) or title
        if len(words) > 1:
            return name
        in_full = self._in_full.get(words[0], [])
        by_first = self._by_first.get(words[0], ())
        alone = next(iter(by_first)) if len(by_first) == 1 and self._gender(words[0]) else name
        return _last_before(position, in_full) or (in_full[-1][1] if in_full else alone)

    def _right_before(self, position: int) -> str:
        """Whose name ends where a "who" begins, a comma between or not."""
        earliest = max(0, position - LONGEST_SUBJECT)
        names = list(speech().patterns.name.finditer(self.masked, earliest, position))
        if not names or self.masked[names[-1].end() : position].strip(" ,"):
            return ""
        return self._named(names[-1].group(), names[-1].start())

    def _earlier(self, position: int) -> list[str]:
        """The people named earlier in the sentence that holds `position`."""
        earliest = max(0, position - LONGEST_SENTENCE)
        ends = (self.masked.rfind(end, earliest, position) for end in (". ", "\n", "? ", "! "))
        start = max(earliest, *(end + 1 for end in ends))
        names = speech().patterns.name.finditer(self.masked, start, position)
        people = (self._named(match.group(), match.start()) for match in names)
        return [person for person in people if person and self.is_person(person)]

    def _gender(self, person: str) -> str:
        surname = person.split()[-1]
        alone = len(self._names.get(surname, ())) < 2
        return self._genders.get(person) or (self._genders.get(surname, "") if alone else "")


def _last_before(position: int, known: Sequence[tuple[int, str]]) -> str:
    """The last of these names that stands at `position` or before it."""
    before = bisect_right(known, position, key=itemgetter(0))
    return known[before - 1][1] if before else ""
