"""The page of quotations: who says what, found by meaning, words and topic, narrowed by speaker, outlet and day."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlsplit

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from rag import cite
from rag.errors import ArticleDamagedError, NotFoundError
from rag.export import as_csv, as_jsonl
from rag.people import is_named
from rag.service import Pullquote
from rag.statements import Version
from rag.types import EXPORTED, Person, Quotes, QuoteSearch
from rag.ui import identity, intake
from rag.ui.components import chips, profile, quotelist, speakers, timeline
from rag.ui.components import loosen as loosening
from rag.ui.components.assets import asset
from rag.ui.lookup import EARLIEST, LATEST, LONGEST, NOBODY, Lookup

MEANING, WORDS = "By meaning", "By words"
ANY_OUTLET = "All outlets"
KINDS = {"": "All speech", "direct": "Direct", "reported": "Reported"}
ORDERS = {"": "Newest first", "oldest": "Oldest first"}

_TEXT, _BY, _OUTLET, _KIND, _SINCE, _UNTIL, _ORDER = (
    f"quotes_{name}" for name in ("text", "by", "outlet", "kind", "since", "until", "order")
)
_SOUGHT, _DIALOG, _KEPT = "quotes_sought", "quotes_dialog", "quotes_kept"
_NARROW = 160
"""Pixels of a filter: two beside each other on a phone, four on a desk."""

_AT_ONCE, _LOOKED_AT = 100, 5_000
"""Speakers that are read from the library at once, and at most, to list the foremost."""

T = TypeVar("T")


class Look(NamedTuple):
    """What the page is drawn from."""

    lookup: Lookup
    search: QuoteSearch
    found: Quotes
    people: Mapping[str, Person]
    """Whoever says what is found, and is chosen."""
    anybody: QuoteSearch
    """The search, whoever speaks."""

    @property
    def chosen(self) -> str:
        """The key of the person whose words are listed; empty where it is everybody or nobody."""
        return self.search.people[0] if self.search.people else ""


def page(service: Pullquote, origin: str, library: StreamlitPage) -> None:
    st.set_page_config(page_title="Quotes · Pullquote")
    if not service.counts().articles:
        intake.offer(service, library)
        return
    st.html(f"<style>{asset('quotes.css')}</style><h1>Quotes</h1>")
    identity.report()
    lookup = Lookup.read(st.query_params.to_dict())
    _ask_for(service, lookup)
    look = _look(service, lookup)
    lookup = look.lookup
    unknown = "not given" if lookup.speaker == NOBODY else lookup.speaker
    chips.chips(_topics(service, look), "" if look.chosen else unknown, lookup, _go(chips.KEY))
    aside, main = st.columns([3, 8], gap="medium")
    with aside:
        speakers.speakers(_speakers(service, look), look.chosen or lookup.speaker, lookup, _go(speakers.KEY), _seek)
    with main:
        _results(service, look, origin)


def _results(service: Pullquote, look: Look, origin: str) -> None:
    lookup = look.lookup
    if person := look.people.get(look.chosen):
        _profile(service, person, lookup)
    if not look.found.total:
        loosening.loosen(_ways_out(service, lookup), Lookup().link, _go(loosening.KEY))
        return
    timeline.timeline(look.found.days, lookup, _go(timeline.KEY))
    with st.container(horizontal=True, vertical_alignment="center", key="quotes-head"):
        st.html(f"<h2>{headline(look.found, look.search)}</h2>", width="stretch")
        if not lookup.about:
            st.selectbox(
                "Sort by",
                list(ORDERS),
                key=_ORDER,
                format_func=ORDERS.__getitem__,
                on_change=_take,
                label_visibility="collapsed",
                width=_NARROW - 20,
            )
        _downloads(service, look.search, origin)
    versions = _versions(service, look)
    quotelist.quotelist(look.found, lookup, look.people, versions, origin, _go(quotelist.KEY))


def headline(found: Quotes, search: QuoteSearch) -> str:
    """How many there are, as far as the search went."""
    many = "1 quotation" if found.total == 1 else f"{found.total:,} quotations"
    if search.about:
        return f"The {found.total:,} nearest quotations" if found.capped else f"{many}, nearest first"
    return f"At least {many}" if found.capped else many


# --- what is looked for -----------------------------------------------------------------------


def _ask_for(service: Pullquote, lookup: Lookup) -> None:
    """The fields of the search. The address fills them, and they write it."""
    _fill(lookup)
    with st.container(horizontal=True, vertical_alignment="bottom", key="quotes-search"):
        st.text_input(
            "Search quotations",
            key=_TEXT,
            placeholder="What is it about?" if st.session_state[_BY] == MEANING else 'Words, or "words side by side"',
            icon=":material/search:",
            max_chars=LONGEST,
            on_change=_take,
            width="stretch",
        )
        st.segmented_control(
            "How to search", [MEANING, WORDS], key=_BY, required=True, on_change=_take, label_visibility="collapsed"
        )
    outlets = service.publishers()
    if lookup.outlet and lookup.outlet not in outlets:
        outlets.append(lookup.outlet)
    with st.container(horizontal=True):
        st.selectbox("Outlet", [ANY_OUTLET, *outlets], key=_OUTLET, on_change=_take, width=_NARROW)
        st.selectbox("Speech", list(KINDS), key=_KIND, format_func=KINDS.__getitem__, on_change=_take, width=_NARROW)
        for label, key in (("From", _SINCE), ("To", _UNTIL)):
            st.date_input(label, key=key, min_value=EARLIEST, max_value=LATEST, on_change=_take, width=_NARROW)


def _fill(lookup: Lookup) -> None:
    """Put what the address says into the fields."""
    if lookup.about or lookup.words:
        st.session_state[_BY] = MEANING if lookup.about else WORDS
    state: dict[str, Any] = {
        _TEXT: lookup.about or lookup.words,
        _BY: st.session_state.get(_BY) or MEANING,
        _OUTLET: lookup.outlet or ANY_OUTLET,
        _KIND: lookup.kind,
        _SINCE: date.fromisoformat(lookup.since) if lookup.since else None,
        _UNTIL: date.fromisoformat(lookup.until) if lookup.until else None,
        _ORDER: lookup.order,
    }
    for key, value in state.items():
        st.session_state[key] = value


def _take() -> None:
    """Put what the fields say into the address."""
    state = st.session_state
    text, meaning = (state[_TEXT] or "").strip(), state[_BY] != WORDS
    since, until = state[_SINCE], state[_UNTIL]
    lookup = Lookup.read(st.query_params.to_dict()).but(
        about=text if meaning else "",
        words="" if meaning else text,
        outlet="" if state[_OUTLET] == ANY_OUTLET else state[_OUTLET],
        kind=state[_KIND],
        since=since.isoformat() if since else "",
        until=until.isoformat() if until else "",
        order=state.get(_ORDER, ""),
    )
    st.query_params.from_dict(lookup.address())


def _go(component: str) -> Callable[[], None]:
    """Follows a link that was clicked in `component`."""

    def follow() -> None:
        link = str(st.session_state[component]["go"])
        st.query_params.from_dict(Lookup.read(dict(parse_qsl(urlsplit(link).query))).address())

    return follow


def _seek() -> None:
    st.session_state[_SOUGHT] = str(st.session_state[speakers.KEY]["find"])


# --- what is found ----------------------------------------------------------------------------


def _look(service: Pullquote, lookup: Lookup) -> Look:
    search = lookup.search(service)
    anybody = replace(search, people=(), filters=replace(search.filters, speakers=()))
    start = (lookup.page_number - 1) * quotelist.A_PAGE
    found = _kept(service, "found", (search, start), lambda: service.quotes(search, quotelist.A_PAGE, start))
    if found.total and not found.found:  # an old address, of a page that is no more
        return _look(service, replace(lookup, page=""))
    keys = {*search.people, *(quoted.person for quoted in found.found)}
    return Look(lookup, search, found, service.known_people(sorted(keys)), anybody)


def _speakers(service: Pullquote, look: Look) -> speakers.Speakers:
    """Those who say most of what fits, or those whose name is looked for; and whoever is chosen."""
    counts = _kept(service, "counts", look.anybody, lambda: service.speaking(look.anybody))
    sought = str(st.session_state.get(_SOUGHT, ""))

    def choose() -> list[Person]:
        keys = set(service.find_people(sought)) & set(counts) if sought else set(counts) - {""}
        return _foremost(service, sorted(keys, key=lambda key: (-counts[key], key)), named=not sought)

    shown = list(_kept(service, "speakers", (look.anybody, sought), choose))
    if not sought and (chosen := look.people.get(look.chosen)) and chosen not in shown:
        shown = [chosen, *shown[: speakers.SHOWN - 1]]
    return speakers.Speakers(
        shown=[(person, counts.get(person.key, 0)) for person in shown],
        more=not sought and len(counts) - ("" in counts) > len(shown),
        nobody=counts.get("", 0),
        sought=sought,
    )


def _foremost(service: Pullquote, keys: Sequence[str], *, named: bool) -> list[Person]:
    """The first of `keys` as people, or the first who have a name: as many as are listed."""
    found: list[Person] = []
    for start in range(0, min(len(keys), _LOOKED_AT), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        people = service.known_people(some)
        found += [people[key] for key in some if key in people and (not named or is_named(people[key].name))]
        if len(found) >= speakers.SHOWN:
            break
    return found[: speakers.SHOWN]


def _topics(service: Pullquote, look: Look) -> list[Any]:
    search = replace(look.search, topic="")
    return _kept(service, "topics", search, lambda: service.topics(search, 10))


def _versions(service: Pullquote, look: Look) -> list[Version]:
    """The versions of the quotation that the address names, if it is on the page."""
    wanted = look.lookup.versions
    if wanted not in {quoted.citation.id for quoted in look.found.found}:
        return []
    try:
        return _kept(service, "versions", wanted, lambda: service.versions(wanted))
    except (NotFoundError, ArticleDamagedError):
        return []


def _kept(service: Pullquote, name: str, key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives, made anew only for another `key` or when the library has changed."""
    stamp = (service.stamp(), key)
    kept: dict[str, tuple[Any, T]] = st.session_state.setdefault(_KEPT, {})
    if name not in kept or kept[name][0] != stamp:
        kept[name] = (stamp, make())
    return kept[name][1]


def _ways_out(service: Pullquote, lookup: Lookup) -> list[tuple[str, int, str]]:
    """What to leave out of a search that finds nothing, and what it finds then."""
    named = {
        "about": f"“{lookup.about}”",
        "words": f"“{lookup.words}”",
        "topic": f"the topic “{lookup.topic}”",
        "speaker": "the speaker",
        "outlet": lookup.outlet,
        "kind": f"“{KINDS[lookup.kind]}” speech only",
    }
    less = [(label, lookup.but(**{name: ""})) for name, label in named.items() if getattr(lookup, name)]
    if lookup.since or lookup.until:
        less.append((_dates(lookup), lookup.but(since="", until="")))
    counted = [(label, service.quotes(other.search(service), 1).total, other.link) for label, other in less]
    return [way for way in counted if way[1]]


def _dates(lookup: Lookup) -> str:
    if lookup.since and lookup.until:
        return f"the dates {cite.spelled(lookup.since)} to {cite.spelled(lookup.until)}"
    return (
        f"the dates from {cite.spelled(lookup.since)}" if lookup.since else f"the dates to {cite.spelled(lookup.until)}"
    )


# --- what can be done -------------------------------------------------------------------------


def _profile(service: Pullquote, person: Person, lookup: Lookup) -> None:
    def opening(name: str) -> Callable[[], None]:
        return lambda: st.session_state.update({_DIALOG: name})

    dialogs = {"merge": identity.merge, "split": identity.split, "reset": identity.reset}
    callbacks = {"go": _go(profile.KEY), **{name: opening(name) for name in dialogs}}
    profile.profile(person, len(service.decisions(person.key)), lookup, callbacks)
    if (wanted := st.session_state.pop(_DIALOG, "")) in dialogs:
        dialogs[wanted](service, person, lookup)


def _downloads(service: Pullquote, search: QuoteSearch, origin: str) -> None:
    """The quotations of the search as files, made when they are asked for."""

    def csv() -> bytes:
        return as_csv(service.quotes(search, EXPORTED).found, origin)

    def jsonl() -> bytes:
        return as_jsonl(service.quotes(search, EXPORTED).found, origin).encode()

    for label, suffix, mime, make in (
        ("CSV", "csv", "text/csv", csv),
        ("JSON Lines", "jsonl", "application/x-ndjson", jsonl),
    ):
        st.download_button(
            label,
            make,
            file_name=f"quotations.{suffix}",
            mime=mime,
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
            help=f"Download these quotations as {label}",
        )
