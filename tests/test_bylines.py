"""Bylines: who wrote an article, name by name, and what a name is sorted by."""

from __future__ import annotations

import pytest

from rag.bylines import Name, names, people


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Ann Bell, Bo Carr and Cy Dunn", ["Ann Bell", "Bo Carr", "Cy Dunn"]),
        ("Ann Bell, Bo Carr, and Cy Dunn", ["Ann Bell", "Bo Carr", "Cy Dunn"]),
        ("Mallory, Eve; Brown, Bob", ["Eve Mallory", "Bob Brown"]),
        ("Mallory, Eve; and Brown, Bob, Jr.;", ["Eve Mallory", "Bob Brown Jr."]),
        ("Brown, Sr., Bob; Eve Mallory; Reuters", ["Bob Brown Sr.", "Eve Mallory", "Reuters"]),
        ("Jane O'Neil and Bob Smith, Jr.", ["Jane O'Neil", "Bob Smith Jr."]),
        ("Bob Smith, III, Ann Bell", ["Bob Smith III", "Ann Bell"]),
        ("jane o'neil and bob smith, jr.", ["jane o'neil", "bob smith jr."]),
        ("By Ann Bell and Reuters", ["Ann Bell", "Reuters"]),
        ("Reuters", ["Reuters"]),
        ("", []),
        (" , ; ,", []),
    ],
)
def test_an_author_line_is_divided_into_names(author: str, expected: list[str]) -> None:
    assert people(author) == expected


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Jane O'Neil", Name("O'Neil", "Jane")),
        ("J. R. R. Tolkien", Name("Tolkien", "J. R. R.")),
        ("Jane van Dyke", Name("Dyke", "Jane", "van")),
        ("María de la Cruz", Name("Cruz", "María", "de la")),
        ("Mohammed bin Salman", Name("Salman", "Mohammed", "bin")),
        ("Robert De Niro", Name("De Niro", "Robert")),
        ("Van Morrison", Name("Morrison", "Van")),
        ("Ian St. John", Name("St. John", "Ian")),
        ("Bob Smith, Jr.", Name("Smith", "Bob", suffix="Jr.")),
        ("Bob Smith III", Name("Smith", "Bob", suffix="III")),
        ("García Márquez, Gabriel;", Name("García Márquez", "Gabriel")),
        ("van Dyke, Jane, Sr.;", Name("Dyke", "Jane", "van", "Sr.")),
    ],
)
def test_a_persons_name_has_parts(author: str, expected: Name) -> None:
    assert names(author) == [expected]


@pytest.mark.parametrize(
    "author",
    ["Madonna", "Reuters", "Associated Press", "The Canadian Press", "Agence France-Presse", "Xinhua News Agency",
     "Gazette staff", "Staff", "From our correspondent", "O'Neil & Söhne", "jane@gazette.example", "our own man",
     "Jane Bell (Reuters)", "Channel 4"],
)  # fmt: skip
def test_who_is_no_person_of_two_names_stays_whole(author: str) -> None:
    assert names(author) == [Name(author)]


def test_an_outlet_that_is_its_own_author_stays_whole() -> None:
    assert names("harbour watch and Ann Bell", "Harbour Watch") == [Name("harbour watch"), Name("Bell", "Ann")]
    assert names("Harbour Watch", "") == [Name("Watch", "Harbour")]
