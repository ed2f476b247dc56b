"""Who is who, as the user decides it: dialogs to merge two people, to split one, and to take that back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rag import cite
from rag.errors import NotFoundError
from rag.service import Pullquote
from rag.types import Article, Filters, Person, QuoteSearch
from rag.ui.components.notice import notice
from rag.ui.lookup import Lookup
from rag.words import stopwords, words

OFFERED = 500
"""People and articles that a dialog lets choose from."""

_TOLD = "identity_told"


def report() -> None:
    """What was decided last, once."""
    if told := st.session_state.pop(_TOLD, ""):
        notice("success", [told], key="decided")


@st.dialog("Merge with somebody")
def merge(service: Pullquote, person: Person, lookup: Lookup) -> None:
    st.text(
        f"If {person.name} is somebody who is listed under another name too, choose that name. All the words go there, "
        "also those of articles to come. You can undo it."
    )
    others = {other.key: other for other in _likeliest(service, person)}
    into = st.selectbox(
        "Listed as",
        list(others),
        index=None,
        placeholder="Choose or type a name",
        format_func=lambda key: _titled(others[key]) if key in others else key,
        accept_new_options=True,
    )
    _refusal()
    with st.container(horizontal=True):
        if st.button("Merge", type="primary", disabled=not into) and into:
            try:
                merged = service.merge(person.key, into)
            except NotFoundError:
                _refuse(f"Nobody is listed as “{into}”. Choose a name from the list.")
            else:
                _done(f"All that {person.name} says is now listed under {merged.name}.", lookup.but(speaker=merged.key))
        if st.button("Cancel"):
            st.rerun()


@st.dialog("Split this speaker")
def split(service: Pullquote, person: Person, lookup: Lookup) -> None:
    st.text(f"If some articles mean somebody else than {person.name}, choose them and say who it is. You can undo it.")
    articles = _articles_of(service, person)
    chosen = st.multiselect(
        "In these articles", list(articles), format_func=lambda key: articles[key], placeholder="Choose articles"
    )
    name = st.text_input("The words there are by", max_chars=200, placeholder="A name").strip()
    _refusal()
    with st.container(horizontal=True):
        if st.button("Split", type="primary"):
            if not chosen or not name:
                _refuse("Choose at least one article, and give a name.")
            else:
                _split_off(service, person, chosen, name, lookup)
        if st.button("Cancel"):
            st.rerun()


@st.dialog("Undo merges and splits?")
def reset(service: Pullquote, person: Person, lookup: Lookup) -> None:
    count = len(service.decisions(person.key))
    st.text(
        f"{'One decision' if count == 1 else f'{count:,} decisions'} of yours put words under {person.name}. Without "
        f"{'it' if count == 1 else 'them'}, speakers are told apart by their names and offices alone."
    )
    with st.container(horizontal=True):
        if st.button("Undo", type="primary"):
            service.reset(person.key)
            left = service.known_people([person.key])
            _done(f"What you decided about {person.name} is undone.", lookup.but(speaker=person.key if left else ""))
        if st.button("Cancel"):
            st.rerun()


def _split_off(service: Pullquote, person: Person, articles: Sequence[str], name: str, lookup: Lookup) -> None:
    try:
        other = service.split(person.key, articles, name)
    except NotFoundError:
        _refuse(f"{person.name} says nothing in these articles any more. Close this and look again.")
        return
    _done(f"These words are now listed under {other.name}.", lookup.but(speaker=other.key))


def _likeliest(service: Pullquote, person: Person) -> list[Person]:
    """Whom somebody may be: those who share a word of the name, then those who are quoted most."""
    alike = {key for word in _telling(person) for key in service.find_people(word)}
    counts = service.speaking(QuoteSearch())
    order = sorted(set(counts) - {"", person.key}, key=lambda key: (key not in alike, -counts[key], key))[:OFFERED]
    people = service.known_people(order)
    return [people[key] for key in order if key in people]


def _telling(person: Person) -> set[str]:
    """The words of somebody's names that may tell who it is."""
    return {word for name in person.names for word in words(name) if len(word) > 1 and word not in stopwords()}


def _titled(person: Person) -> str:
    name = f"{person.name}, {person.office}" if person.office else person.name
    return f"{name} ({person.quotations:,})"


def _articles_of(service: Pullquote, person: Person) -> dict[str, str]:
    """The articles with words of a person, newest first, each with its title and what it calls them."""
    called: dict[str, list[str]] = {}
    for voice in service.voices(person.key):
        called.setdefault(voice.article_id, []).append(voice.speaker)
    ids = list(called)[:OFFERED]
    found: dict[str, Article] = {r.article.id: r.article for r in service.articles(Filters(articles=tuple(ids)))}
    return {key: f"{cite.source(found[key])}, as “{'”, “'.join(called[key])}”" for key in ids if key in found}


def _refuse(reason: str) -> None:
    st.session_state["identity_refused"] = reason
    st.rerun(scope="fragment")


def _refusal() -> None:
    if reason := st.session_state.pop("identity_refused", ""):
        notice("error", [reason], key="identity-refused")


def _done(told: str, lookup: Lookup) -> None:
    st.session_state[_TOLD] = told
    st.query_params.from_dict(lookup.address())
    st.rerun()
