"""Who is who over articles: one person under one key, two people apart, and what the user decides stays decided."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import article, embedder, open_with, without_seals
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import InputError, NotFoundError
from rag.offices import agree, office
from rag.people import NO_ALIASES, Aliases, Voice, grouped, is_named, key_of, surname
from rag.retrieve import Retriever
from rag.service import Pullquote
from rag.types import Filters, QuoteSearch
from rag.voices import Decision

# --- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("speaker", "key"),
    [
        ("Ilse Varga", "ilse varga"),
        ("Ilse M. Varga", "ilse varga"),
        ("Mayor Ilse Varga", "ilse varga"),
        ("Ilse Várga", "ilse varga"),
        ("Bo Carr Jr.", "bo carr jr"),
        ("the White House", "white house"),
        ("U.N.", "un"),
    ],
)
def test_titles_middle_initials_and_accents_make_no_other_person(speaker: str, key: str) -> None:
    assert key_of(speaker) == key


def test_a_suffix_is_no_surname_and_makes_another_person() -> None:
    assert surname("Bo Carr Jr.") == surname("Bo Carr") == "carr"
    assert key_of("Bo Carr Jr.") != key_of("Bo Carr")


@pytest.mark.parametrize("speaker", ["The mayor", "officials", "A spokesman for the port", "Foreign Minister"])
def test_descriptions_are_no_names(speaker: str) -> None:
    assert not is_named(speaker)


# --- offices ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Orrisport Mayor Ilse Varga objected.", "Orrisport Mayor"),
        ("Ilse Varga, the mayor of Orrisport, objected.", "mayor of Orrisport"),
        ("“No,” said foreign minister Ilse Varga.", "foreign minister"),
        ("“No,” said Ms Ilse Varga.", ""),
        ("Ilse Varga, on the other hand, objected.", ""),
        ("Ilse Vargason, the mayor of Orrisport, objected. Ilse Varga did not.", ""),
        ("In came the Mayor. Ilse Varga objected.", ""),
    ],
)
def test_an_office_is_what_stands_beside_the_name(text: str, expected: str) -> None:
    assert office(text, "Ilse Varga") == expected


def test_offices_agree_where_they_share_a_telling_word_or_one_is_unknown() -> None:
    assert agree("mayor of Orrisport", "Orrisport Mayor")
    assert agree("", "baker")
    assert not agree("the chief of police", "a baker of bread")


# --- grouping ---------------------------------------------------------------------------------


def people(*voices: tuple[str, str, str], aliases: Aliases = NO_ALIASES) -> dict[str, str]:
    """Article to person, of voices as (article, speaker, office)."""
    return {article_id: person for (article_id, _), person in grouped([Voice(*v) for v in voices], aliases).items()}


def test_a_surname_alone_is_the_one_person_who_has_it() -> None:
    found = people(("a", "Ilse Varga", "mayor"), ("b", "Varga", ""), ("c", "I. Varga", ""))
    assert set(found.values()) == {"ilse varga"}


def test_two_given_names_are_two_people_and_a_bare_surname_beside_them_stays_apart() -> None:
    found = people(("a", "Ilse Varga", ""), ("b", "Tom Varga", ""), ("c", "Varga", ""), ("d", "Varga", ""))
    assert len(set(found.values())) == 4


def test_an_office_tells_which_of_two_people_a_surname_means() -> None:
    found = people(
        ("a", "Ilse Varga", "mayor of Orrisport"), ("b", "Tom Varga", "police chief"), ("c", "Varga", "Mayor")
    )
    assert found["c"] == "ilse varga"


def test_an_initial_tells_which_of_two_people_is_meant() -> None:
    assert people(("a", "Ilse Varga", ""), ("b", "Tom Varga", ""), ("c", "T. Varga", ""))["c"] == "tom varga"


def test_an_office_that_contradicts_keeps_a_surname_apart() -> None:
    found = people(("a", "Ilse Varga", "mayor of Orrisport"), ("b", "Varga", "goalkeeper and team captain"))
    assert found["b"] != "ilse varga"


def test_surnames_alone_are_one_unless_their_offices_contradict() -> None:
    assert len(set(people(("a", "Varga", ""), ("b", "Varga", "mayor")).values())) == 1
    assert len(set(people(("a", "Varga", "team captain"), ("b", "Varga", "mayor"), ("c", "Varga", "")).values())) == 3


def test_a_bare_surname_is_whoever_nearly_everybody_means_by_it() -> None:
    voices = [(str(n), "Ilse Varga", "") for n in range(40)]
    assert people(*voices, ("x", "Tom Varga", ""), ("y", "Varga", ""))["y"] == "ilse varga"
    assert people(*voices[:10], ("x", "Tom Varga", ""), ("y", "Varga", ""))["y"] not in {"ilse varga", "tom varga"}


def test_whoever_has_no_name_is_kept_to_the_article() -> None:
    assert len(set(people(("a", "The mayor", ""), ("b", "The mayor", "")).values())) == 2


def test_what_the_user_decided_goes_before_all_rules_and_the_rest_follows_it() -> None:
    aliases = Aliases({("", "Tom Varga"): "ilse varga"})
    voices = (("a", "Ilse Varga", ""), ("b", "Tom Varga", ""), ("c", "Varga", ""))
    assert set(people(*voices, aliases=aliases).values()) == {"ilse varga"}
    in_one = Aliases({("a", "Varga"): "tom varga"})
    assert people(("a", "Varga", ""), ("b", "Varga", ""), aliases=in_one)["a"] == "tom varga"


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["Varga", "Ilse Varga", "T. Varga", "Tom Varga"])))
)
def test_the_order_in_which_articles_came_decides_nothing(pairs: list[tuple[str, str]]) -> None:
    voices = [Voice(*pair) for pair in pairs]
    assert grouped(voices) == grouped(voices[::-1])
    assert grouped(voices).keys() == {voice[:2] for voice in voices}


# --- in the library ---------------------------------------------------------------------------

MAYOR = "Ilse Varga, the mayor of Orrisport, objected to the quay. “We will not have it here,” Varga said."
LATER = "“The quay is a mistake for the town,” Varga said on Monday."
OTHER = "“The keeper had no chance with it,” Tom Varga, the coach, said."


@pytest.fixture
def pullquote(home: Path) -> Iterator[Pullquote]:
    with open_with(home) as opened:
        yield opened
        assert opened.doctor()["library"]["faults"] == []


def take_in(pullquote: Pullquote, **texts: str) -> None:
    pullquote.ingest_articles([article(text, external_id=name) for name, text in texts.items()])


def keys(pullquote: Pullquote) -> dict[str, int]:
    return {person.key: person.quotations for person in pullquote.people()}


def said_by(pullquote: Pullquote, person: str) -> list[str]:
    return sorted(q.citation.quote for q in pullquote.quotes(QuoteSearch(people=(person,))).found)


def test_mentions_in_several_articles_are_one_person_with_office_and_counts(pullquote: Pullquote) -> None:
    take_in(pullquote, mayor=MAYOR, later=LATER)
    (varga,) = pullquote.people()
    assert (varga.name, varga.office, varga.articles) == ("Ilse Varga", "mayor of Orrisport", 2)
    assert set(varga.names) == {"Ilse Varga", "Varga"}
    assert "“The quay is a mistake for the town,”" in said_by(pullquote, varga.key)


def test_a_second_person_of_the_surname_parts_what_was_one(pullquote: Pullquote) -> None:
    take_in(pullquote, mayor=MAYOR, later=LATER)
    take_in(pullquote, other=OTHER)
    assert len(pullquote.people()) == 3
    pullquote.remove("other")
    assert list(keys(pullquote)) == ["ilse varga"]


def test_a_merge_holds_for_what_comes_in_later_and_through_reingest_and_restart(home: Path) -> None:
    with open_with(home) as pullquote:
        take_in(pullquote, mayor=MAYOR, other=OTHER)
        pullquote.merge("Tom Varga", "Ilse Varga")
        assert list(keys(pullquote)) == ["ilse varga"]
    with open_with(home) as pullquote:
        take_in(pullquote, other=OTHER + " He left.", more="Tom Varga said that the grass was wet and long.")
        assert list(keys(pullquote)) == ["ilse varga"]
        pullquote.rebuild()
        assert list(keys(pullquote)) == ["ilse varga"]
        assert pullquote.reset("Ilse Varga") == 1
        assert set(keys(pullquote)) == {"ilse varga", "tom varga"}


def test_whoever_is_merged_goes_by_the_name_of_the_other(pullquote: Pullquote) -> None:
    take_in(pullquote, mayor=MAYOR, other=OTHER, more="Tom Varga said that the grass was wet and long.")
    assert pullquote.merge("Tom Varga", "Ilse Varga").name == "Ilse Varga"
    assert len(pullquote.decisions("Ilse Varga")) == 1


def test_a_split_holds_through_removal_and_return(pullquote: Pullquote) -> None:
    take_in(pullquote, mayor=MAYOR, later=LATER)
    daughter = pullquote.split("Ilse Varga", ["later"], "Nora Varga")
    assert (daughter.name, daughter.articles) == ("Nora Varga", 1)
    assert said_by(pullquote, daughter.key) == ["“The quay is a mistake for the town,”"]
    pullquote.remove("later")
    assert list(keys(pullquote)) == ["ilse varga"]
    take_in(pullquote, later=LATER)
    assert set(keys(pullquote)) == {"ilse varga", "nora varga"}


def test_a_split_under_the_same_name_is_another_person(pullquote: Pullquote) -> None:
    take_in(pullquote, mayor=MAYOR, later=LATER)
    second = pullquote.split("Ilse Varga", ["later"], "Ilse Varga")
    assert second.key != "ilse varga"
    assert second.articles == 1


def test_merging_and_splitting_the_unknown_is_one_clear_error(pullquote: Pullquote) -> None:
    take_in(pullquote, mayor=MAYOR, other=OTHER)
    with pytest.raises(NotFoundError, match="Nobody speaks as 'Bo Carr'"):
        pullquote.merge("Bo Carr", "Ilse Varga")
    with pytest.raises(NotFoundError, match="It may be ilse varga, tom varga"):
        pullquote.merge("Varga", "Ilse Varga")
    with pytest.raises(NotFoundError, match="says nothing in these articles"):
        pullquote.split("Ilse Varga", ["other"], "Nora Varga")


def test_a_question_with_a_given_name_means_that_person(pullquote: Pullquote) -> None:
    take_in(pullquote, mayor=MAYOR, other=OTHER)
    answer = pullquote.ask("What did Tom Varga say?")
    assert answer.citations and {citation.speaker for citation in answer.citations} == {"Tom Varga"}


def test_a_question_with_a_given_name_that_has_an_apostrophe_means_that_person(pullquote: Pullquote) -> None:
    angelo = "“The harbour will be dug out by spring, whatever it costs,” D’Angelo Varga, the coach, said."
    take_in(pullquote, mayor=MAYOR, other=OTHER, angelo=angelo)
    retriever = Retriever(pullquote.library, pullquote.index, embedder().question)
    found = retriever.passages("What did D'Angelo Varga say?", 5, Filters())
    assert found.people == {"dangelo varga"}


def test_a_filter_by_one_name_finds_what_is_said_under_the_others(pullquote: Pullquote) -> None:
    take_in(pullquote, mayor=MAYOR, later=LATER)
    found = pullquote.quotes(QuoteSearch(filters=Filters(speakers=("Ilse",)))).found
    assert {q.citation.excerpt.article.external_id for q in found} == {"mayor", "later"}


# --- apostrophes and accents ------------------------------------------------------------------


@pytest.mark.parametrize("speaker", ["Ilse O’Hara", "Ilse O'Hara", "Ilse M. O‘Hara"])
def test_an_apostrophe_parts_no_name(speaker: str) -> None:
    assert (key_of(speaker), surname(speaker)) == ("ilse ohara", "ohara")
    assert key_of(speaker) != key_of("Ilse Hara")


def test_a_surname_with_an_apostrophe_joins_its_full_name_and_no_other() -> None:
    found = people(("a", "Dinesh D’Souza", ""), ("b", "D'Souza", ""))
    assert set(found.values()) == {"dinesh dsouza"}
    assert surname("O’Brien") != surname("Olga Brien")


IRISH = "Ilse O’Brien, the mayor of Orrisport, objected. “We will not have it here at all,” O’Brien said."
PLAIN = "Ilse Brien said that the grass was wet and long. “The keeper had no chance with it,” Ilse Brien said."
GERMAN = "“The quay is a mistake for the town,” Jörg Müller, the coach, said."


@pytest.mark.parametrize("asked", ["O'Brien", "o’brien", "ilse OBRIEN", "Muller", "Müller", "jorg müller"])
def test_a_speaker_is_found_whatever_the_apostrophe_and_the_accents(pullquote: Pullquote, asked: str) -> None:
    take_in(pullquote, irish=IRISH, plain=PLAIN, german=GERMAN)
    (key,) = pullquote.library.voices.named([asked])
    assert key == ("ilse obrien" if "brien" in asked.lower() else "jorg muller")
    assert pullquote.find_people(asked) == [key]
    assert said_by(pullquote, key) == sorted(
        q.citation.quote for q in pullquote.quotes(QuoteSearch(filters=Filters(speakers=(asked,)))).found
    )


def test_marks_alone_find_nobody(pullquote: Pullquote) -> None:
    take_in(pullquote, irish=IRISH)
    assert pullquote.library.voices.named(["’", "…"]) == pullquote.find_people("’") == []


def test_a_library_that_took_apostrophes_for_ends_of_words_keeps_what_the_user_decided(home: Path) -> None:
    with open_with(home) as pullquote:
        take_in(pullquote, irish=IRISH, plain=PLAIN, other=OTHER)
        pullquote.merge("Tom Varga", "Ilse O’Brien")
        with pullquote.library.database.write() as connection:  # as schema 4 had it
            connection.execute("UPDATE voices SET surname = 'brien', person = 'ilse brien' WHERE speaker LIKE '%rien'")
            connection.execute("UPDATE aliases SET person = 'ilse brien'")
            connection.execute("UPDATE people SET person = 'ilse brien'")
            without_seals(connection, 4)
    with open_with(home) as pullquote:
        assert set(keys(pullquote)) == {"ilse obrien", "ilse brien"}
        assert set(pullquote.person("ilse obrien").names) == {"Ilse O’Brien", "Tom Varga"}
        assert pullquote.reset("Ilse O'Brien") == 1
        assert set(keys(pullquote)) == {"ilse obrien", "ilse brien", "tom varga"}


# --- decisions --------------------------------------------------------------------------------

BELL = "“The harbour will be dug out by spring, whatever it costs,” {} said."
MARY = "“Nobody has asked the people who live on the quay,” Mary Bell said."


def bells(**names: str) -> dict[str, str]:
    return {article_id: f"It is story {article_id}. {BELL.format(name)}" for article_id, name in names.items()}


def test_a_split_of_one_article_moves_no_other(pullquote: Pullquote) -> None:
    take_in(pullquote, **bells(x1="Bell", x2="Bell", x3="Bell"))
    assert pullquote.split("Bell", ["x1"], "Tom Varga").articles == 1
    assert keys(pullquote) == {"bell": 2, "tom varga": 1}


def test_a_full_name_that_is_split_off_in_one_article_vouches_for_no_bare_surname() -> None:
    in_one = Aliases({("a", "John Bell"): "john bell 2"})
    found = people(("a", "John Bell", ""), ("b", "John Bell", ""), ("c", "Bell", ""), aliases=in_one)
    assert found == {"a": "john bell 2", "b": "john bell", "c": "john bell"}


def test_two_splits_under_the_same_name_are_two_people(pullquote: Pullquote) -> None:
    take_in(pullquote, **bells(j1="John Bell", j2="John Bell", j3="John Bell"))
    one, two = (pullquote.split("john bell", [article_id], "John Bell").key for article_id in ("j1", "j2"))
    assert keys(pullquote) == {"john bell": 1, one: 1, two: 1}
    pullquote.remove("j1")
    assert pullquote.split("john bell", ["j3"], "John Bell").key not in {one, two}


def test_a_split_renames_nobody_and_a_name_goes_with_the_last_decision(pullquote: Pullquote) -> None:
    take_in(pullquote, mary=MARY, **bells(j1="John Bell", j2="John Bell"))
    assert pullquote.split("John Bell", ["j1"], "MARY Bell").name == "Mary Bell"
    assert pullquote.reset("mary bell") == 1
    assert pullquote.split("John Bell", ["j1"], "Bo Carr").name == "Bo Carr"
    assert pullquote.reset("Bo Carr") == 1
    assert {person.name for person in pullquote.people()} == {"Mary Bell", "John Bell"}
    assert pullquote.library.database.read().execute("SELECT count(*) FROM people").fetchone()[0] == 0


def test_a_merge_holds_for_other_spellings_to_come(pullquote: Pullquote) -> None:
    take_in(pullquote, **bells(a="Jack Bell", b="John Bell"))
    pullquote.merge("John Bell", "Jack Bell")
    take_in(pullquote, **bells(c="John Q. Bell"))
    assert keys(pullquote) == {"jack bell": 3}
    pullquote.reset("Jack Bell")
    assert keys(pullquote) == {"jack bell": 1, "john bell": 2}


def test_a_merge_of_what_was_split_off_leaves_the_other_spellings_where_they_are(pullquote: Pullquote) -> None:
    take_in(pullquote, **bells(a="Jack Bell", b="John Bell", c="John Q. Bell"))
    pullquote.merge(pullquote.split("John Bell", ["c"], "John Bell").key, "Jack Bell")
    assert keys(pullquote) == {"jack bell": 2, "john bell": 1}


def test_a_split_holds_for_its_spelling_alone() -> None:
    in_one = Aliases({("a", "John Bell"): "bo carr"})
    assert people(("b", "John Q. Bell", ""), aliases=in_one) == {"b": "john bell"}


@pytest.mark.parametrize("name", ["", "  "])
def test_a_split_under_no_name_is_refused(pullquote: Pullquote, name: str) -> None:
    take_in(pullquote, mayor=MAYOR)
    with pytest.raises(InputError, match="needs a name"):
        pullquote.split("Ilse Varga", ["mayor"], name)
    assert keys(pullquote) == {"ilse varga": 1}


@pytest.mark.parametrize("asked", ["Ilse Varga", "ilse varga", "VARGA"])
def test_a_decision_that_waits_is_listed_and_can_be_taken_back(pullquote: Pullquote, asked: str) -> None:
    take_in(pullquote, mayor=MAYOR, other=OTHER)
    pullquote.merge("Tom Varga", "Ilse Varga")
    assert [decision.waits for decision in pullquote.all_decisions()] == [False]
    pullquote.remove("mayor")
    pullquote.remove("other")
    assert pullquote.all_decisions() == [Decision("Tom Varga", "", "ilse varga", "Ilse Varga", waits=True)]
    assert pullquote.reset(asked) == 1
    take_in(pullquote, mayor=MAYOR, other=OTHER)
    assert set(keys(pullquote)) == {"ilse varga", "tom varga"}
    with pytest.raises(NotFoundError):
        pullquote.reset("Bo Carr")
