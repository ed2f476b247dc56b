"""The cache: lost or damaged, it is made again from the library, and answers go on meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from helpers import ROOT, WordVectors, article, assert_exact, embedder, made, open_with

from rag import Pullquote, index
from rag.chroma import open_client
from rag.errors import IndexDamagedError
from rag.index import COLLECTION, Hit, Index
from rag.types import Filters, Fingerprint

MADE = made(40)
QUESTIONS = ["Who says that the harbour is not ours?", "Ada Bell on the tramway", "the quarry of part 3", "orchard"]


def ids_in(pullquote: Pullquote) -> set[int]:
    """What Chroma itself holds."""
    return {int(i) for i in pullquote.index._ready().get(include=[])["ids"]}


def exact_hits(pullquote: Pullquote, question: str, limit: int = 10) -> list[Hit]:
    return pullquote.index._exact.search(embedder().question(question), limit, None)


def hits(pullquote: Pullquote, question: str, limit: int = 10, filters: Filters = Filters()) -> list[Hit]:  # noqa: B008
    within = pullquote.library.selected(filters) if filters else None
    return pullquote.index.search(embedder().question(question), limit, filters, within)


def assert_same_ranking(one: list[Hit], other: list[Hit]) -> None:
    """The same cosines in the same order; equal ones may change places."""
    assert [hit.cosine for hit in one] == pytest.approx([hit.cosine for hit in other], abs=1e-4)
    last = min(hit.cosine for hit in other) + 1e-4
    assert {h.passage for h in one if h.cosine > last} == {h.passage for h in other if h.cosine > last}


def assert_true_cosines(pullquote: Pullquote, question: str) -> None:
    """Among many passages Chroma's graph may miss one; each that it finds is as near as it says."""
    exact = {hit.passage: hit.cosine for hit in exact_hits(pullquote, question, 100_000)}
    found = hits(pullquote, question)
    assert len(found) == 10
    assert [hit.cosine for hit in found] == pytest.approx([exact[hit.passage] for hit in found], abs=1e-4)


@pytest.fixture
def filled(home: Path) -> Path:
    """A home with forty articles in it, closed."""
    with open_with(home) as opened:
        opened.ingest_articles(MADE)
    return home


@pytest.fixture
def opened(filled: Path) -> Iterator[Pullquote]:
    with open_with(filled) as pullquote:
        pullquote.index.wait()
        yield pullquote


# --- in good health ---------------------------------------------------------------------------


def test_the_index_is_ready_without_a_word_where_all_is_well(opened: Pullquote) -> None:
    assert (opened.index.state, opened.index.notices) == ("ready", [])
    assert opened.doctor()["ok"] and opened.doctor()["mended"] == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_chroma_and_exact_search_agree(opened: Pullquote, question: str) -> None:
    found = hits(opened, question)
    assert len(found) == 10
    assert_same_ranking(found, exact_hits(opened, question))


def test_an_empty_index_finds_nothing(pullquote: Pullquote) -> None:
    assert hits(pullquote, "anything") == []
    assert pullquote.doctor()["ok"]


@pytest.mark.parametrize("few", [0, 10_000])  # by Chroma's own filter, and by exact search
@pytest.mark.parametrize(
    "filters",
    [
        Filters(publishers=("COURIER",)),
        Filters(articles=("made-3", "made-4")),
        Filters(speakers=("Bell",)),
        Filters(since=date(2026, 1, 10), until=date(2026, 1, 12)),
        Filters(until=date(2026, 1, 3)),
        Filters(publishers=("Gazette",), since=date(2026, 1, 20)),
        Filters(publishers=("Nobody’s",)),
    ],
)
def test_filters_hold_either_way_of_searching(
    opened: Pullquote, filters: Filters, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "FEW", few)
    allowed = set(opened.library.passage_ids_of(opened.library.selected(filters)))
    found = {hit.passage for hit in hits(opened, "harbour", 1_000, filters)}
    assert found == allowed
    assert opened.index.state == "ready"


# --- following the library --------------------------------------------------------------------


def test_the_index_follows_what_comes_and_what_goes(opened: Pullquote) -> None:
    opened.ingest_articles([article("Wholly new words about a zeppelin.", external_id="new")])
    assert ids_in(opened) == set(opened.library.passage_ids())
    assert opened.search("zeppelin", 1)[0].quote.startswith("Wholly new")
    opened.ingest_articles([article("Corrected: it was a submarine.", external_id="new")])
    assert ids_in(opened) == set(opened.library.passage_ids())
    assert opened.search("submarine", 1)[0].quote.startswith("Corrected")
    opened.remove("new")
    assert ids_in(opened) == set(opened.library.passage_ids())
    assert opened.doctor()["ok"]


def test_an_index_that_fell_behind_catches_up_at_the_next_start(filled: Path) -> None:
    client = open_client(str(filled / "index"))
    collection = client.get_collection(COLLECTION, embedding_function=None)
    collection.delete(ids=collection.get(include=[])["ids"][:7])
    collection.upsert(ids=["999999"], embeddings=[[0.1] * WordVectors.DIMENSION], metadatas=[{"article": "gone"}])
    client.close()
    words = WordVectors()
    with open_with(filled, words) as opened:
        opened.index.wait()
        assert opened.index.fault() is None
        assert ids_in(opened) == set(opened.library.passage_ids())
    assert words.documents == 0


def test_doctor_names_an_index_that_does_not_hold_what_the_library_does(opened: Pullquote) -> None:
    some = [str(i) for i in sorted(ids_in(opened))[:3]]
    opened.index._ready().delete(ids=some)
    found = opened.doctor()
    assert not found["ok"]
    assert found["index"]["fault"] == "it lacks 3 passages and holds 0 that are gone"
    opened.rebuild()
    assert opened.doctor()["ok"]


def test_a_rebuild_changes_no_answer_and_embeds_nothing(filled: Path) -> None:
    words = WordVectors()
    with open_with(filled, words) as opened:
        before = [hits(opened, question) for question in QUESTIONS]
        assert opened.rebuild() == opened.counts()
        for question, earlier in zip(QUESTIONS, before, strict=True):
            assert_same_ranking(hits(opened, question), earlier)
        assert opened.doctor()["ok"]
    assert words.documents == 0


# --- damage -----------------------------------------------------------------------------------


def _delete(home: Path) -> None:
    shutil.rmtree(home / "index")


def _overwrite_sqlite(home: Path) -> None:
    (home / "index" / "chroma.sqlite3").write_bytes(b"garbage" * 10_000)


def _truncate_sqlite(home: Path) -> None:
    os.truncate(home / "index" / "chroma.sqlite3", 5_000)


def _empty_folder(home: Path) -> None:
    _delete(home)
    (home / "index").mkdir()


def _other_model(home: Path) -> None:
    manifest = json.loads((home / "index.json").read_text())
    (home / "index.json").write_text(json.dumps(manifest | {"model": "another"}))


def _file_in_its_place(home: Path) -> None:
    _delete(home)
    (home / "index").write_text("not a folder")


def _other_collection(home: Path) -> None:
    client = open_client(str(home / "index"))
    client.delete_collection(COLLECTION)
    client.close()


DAMAGES = [
    _delete, _overwrite_sqlite, _truncate_sqlite, _empty_folder, _other_model, _file_in_its_place, _other_collection,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__.strip("_"))
def test_a_damaged_index_is_rebuilt_without_embedding_and_answers_go_on(
    filled: Path, damage: Callable[[Path], None]
) -> None:
    damage(filled)
    words = WordVectors()
    with open_with(filled, words) as opened:
        for _ in range(3):  # while it is rebuilt or after, as it happens
            answer = opened.ask("Who says that the harbour is not ours to sell?")
            assert answer.evidence
            for citation in answer.evidence:
                assert_exact(citation.excerpt)
        opened.index.wait()
        (notice,) = opened.index.notices
        assert "The search index was rebuilt from the library" in notice and "Nothing was lost" in notice
        assert opened.doctor()["ok"] and opened.doctor()["mended"] == [notice]
        for question in QUESTIONS:
            assert_same_ranking(hits(opened, question), exact_hits(opened, question))
    assert words.documents == 0
    with open_with(filled) as again:
        again.index.wait()
        assert again.index.notices == []


def test_vectors_that_were_cut_off_are_never_answered_from(home: Path) -> None:
    with open_with(home) as opened:
        opened.ingest_articles(made(360, sentences=30))
        assert opened.counts().passages > 1_000  # by when Chroma has written its graph
    (vectors,) = (home / "index").rglob("data_level0.bin")
    os.truncate(vectors, vectors.stat().st_size // 3)
    words = WordVectors()
    with open_with(home, words) as opened:
        for question in QUESTIONS:
            assert_same_ranking(hits(opened, question), exact_hits(opened, question))
        opened.index.wait()
        assert "Nothing was lost" in opened.index.notices[0]
        assert opened.doctor()["ok"]
        for question in QUESTIONS:
            assert_true_cosines(opened, question)
    assert words.documents == 0


@pytest.mark.parametrize("content", [None, "{", "null", '{"files": 3}'])
def test_without_a_readable_manifest_a_whole_index_is_looked_at_and_kept(filled: Path, content: str | None) -> None:
    manifest = filled / "index.json"
    manifest.unlink() if content is None else manifest.write_text(content)
    words = WordVectors()
    with open_with(filled, words) as opened:
        opened.index.wait()
        assert opened.index.state == "ready"
        assert_same_ranking(hits(opened, "harbour"), exact_hits(opened, "harbour"))
        assert opened.doctor()["ok"]
    assert words.documents == 0


def test_an_index_of_another_model_is_not_searched(filled: Path) -> None:
    """The library's own check comes first; this is for a folder that was copied in from elsewhere."""
    with open_with(filled) as opened:
        opened.close()
        elsewhere = Index(filled / "index", opened.library, Fingerprint("another", 96))
        elsewhere.wait()
        assert "another model" in elsewhere.notices[0]
        assert elsewhere.state == "ready"
        elsewhere.close()


def test_a_search_that_fails_is_answered_exactly_and_the_index_made_again(filled: Path) -> None:
    with open_with(filled) as opened:
        opened.index.wait()
        opened.index._ready()._client.delete_collection(COLLECTION)  # under its feet
        assert_same_ranking(hits(opened, "harbour"), exact_hits(opened, "harbour"))
        opened.index.wait()
        assert "failed to answer" in opened.index.notices[0]
        assert opened.doctor()["ok"]
        assert_same_ranking(hits(opened, "harbour"), exact_hits(opened, "harbour"))


def test_an_index_that_cannot_be_made_is_said_to_be_so_and_answers_go_on(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(index: Index) -> None:
        raise OSError("No space left on device")

    with open_with(filled) as opened:
        opened.index.wait()
        monkeypatch.setattr(Index, "_make_anew", no_room)
        with pytest.raises(IndexDamagedError, match=r"No space left on device.*pullquote rebuild"):
            opened.rebuild()
        assert opened.index.state == "failed"
        assert opened.doctor()["index"]["fault"] == "it could not be made"
        assert_same_ranking(hits(opened, "harbour"), exact_hits(opened, "harbour"))
        opened.ingest_articles(made(41)[40:])
        assert opened.ask("Who says that the harbour is not ours?").evidence
        monkeypatch.undo()
        opened.rebuild()
        assert opened.doctor()["ok"]


def test_a_link_in_the_place_of_the_index_is_replaced_and_its_target_left_alone(filled: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    (filled / "index").rename(target)
    (target / "chroma.sqlite3").write_bytes(b"garbage" * 100)
    (filled / "index").symlink_to(target)
    with open_with(filled) as opened:
        opened.index.wait()
        assert opened.doctor()["ok"]
    assert (target / "chroma.sqlite3").read_bytes() == b"garbage" * 100


def test_the_probe_runs_no_code_of_the_folder_one_stands_in(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("from pathlib import Path; Path('ran').touch()")
    (filled / "index.json").unlink()
    monkeypatch.chdir(tmp_path)
    with open_with(filled) as opened:
        opened.index.wait()
        assert opened.doctor()["ok"]
    assert not (tmp_path / "ran").exists()


def test_articles_that_come_in_during_a_rebuild_are_in_it(filled: Path) -> None:
    _delete(filled)
    with open_with(filled) as opened:
        opened.ingest_articles([article("Wholly new words about a zeppelin.", external_id="new")])
        opened.remove("made-3")
        opened.index.wait()
        assert opened.doctor()["ok"]
        assert ids_in(opened) == set(opened.library.passage_ids())


def test_memory_that_chroma_may_get_holds_nothing_of_what_this_process_had_there() -> None:
    """Small blocks side by side, filled and let go, are one large free block to whoever asks for memory next."""
    if sys.platform != "linux":
        pytest.skip("how glibc hands out memory")
    told = """
import ctypes, tempfile
from rag.chroma import open_client
with tempfile.TemporaryDirectory() as folder:
    open_client(folder)
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    blocks = [libc.malloc(4_000) for _ in range(400)]
    for block in blocks:
        ctypes.memset(block, ord("s"), 4_000)
    for block in blocks[:-1]:
        libc.free(block)
    print(ctypes.string_at(libc.malloc(160_000), 160_000).count(b"ssss"))
"""
    done = subprocess.run(
        [sys.executable, "-c", told], check=True, capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.stdout.strip() == b"0"


def test_no_notice_is_given_where_there_was_nothing_to_lose(home: Path) -> None:
    open_with(home).close()
    shutil.rmtree(home / "index")
    with open_with(home) as opened:
        opened.index.wait()
        assert opened.index.notices == []


# --- one owner --------------------------------------------------------------------------------


def second_process(home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag", "--home", str(home), "articles"]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def test_a_second_process_is_refused_in_one_clear_line(pullquote: Pullquote, home: Path) -> None:
    pullquote.announce("http://127.0.0.1:8501")
    refused = second_process(home)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr == (
        f"pullquote: {home} is in use by another Pullquote (process {os.getpid()}) at http://127.0.0.1:8501. "
        "Stop it first, or choose another --home.\n"
    )
    assert pullquote.doctor()["ok"]


def test_the_home_is_free_again_once_it_is_closed(home: Path) -> None:
    from rag.errors import LockedError

    first = open_with(home)
    with pytest.raises(LockedError, match="is in use by another Pullquote"):
        open_with(home)
    first.close()
    open_with(home).close()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}'])
def test_a_garbled_note_of_the_owner_changes_nothing(pullquote: Pullquote, home: Path, content: str) -> None:
    from rag.errors import LockedError

    (home / "owner.json").write_text(content)
    with pytest.raises(LockedError, match="is in use by another Pullquote"):
        open_with(home)


def test_a_home_that_cannot_be_made_is_refused_with_what_to_do(tmp_path: Path) -> None:
    from rag.errors import LibraryError

    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(LibraryError, match=r"cannot hold a library.*--home"):
            open_with(home)
