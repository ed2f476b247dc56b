"""The cache: Chroma over the library's vectors. Lost or damaged, it is made again from the library.

Its states, and what a search does meanwhile:

    opening ──> ready                Chroma answers
       └──> rebuilding ──> ready     exact search over the library's vectors answers
                 └──> failed         so it does, until a rebuild succeeds
"""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.chroma import open_client
from rag.errors import IndexDamagedError
from rag.library import Library
from rag.types import Filters, Fingerprint

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

log = logging.getLogger(__name__)

SCHEMA = 1
COLLECTION = "passages"
PROBE_SECONDS = 60.0
PATIENCE = 2.0
"""Seconds that a search waits for the index to open; a folder that is being probed may take longer."""

FOLLOWED = 64
"""Passages that Chroma takes in at once while others search: it lets no other thread run meanwhile (25 ms for 64, 140
for 256), and for fewer it takes longer in all."""

FEW = 4_000
"""Passages up to which a filtered search is exact: quicker than a filtered walk through Chroma's
graph, which also loses recall when the filter lets little through."""

_ROOT = Path(__file__).resolve().parents[1]
"""Where `rag` lies. The probe starts there: a folder of articles may hold a module of any name."""

State = Literal["opening", "ready", "rebuilding", "failed"]


class Hit(NamedTuple):
    """A passage and the cosine of its vector to the question's."""

    passage: int
    cosine: float


class Index:
    """Passage vectors, searched by cosine. Opened in the background; one process, many threads.

    `notices` are lines for the user: what was found damaged, and what was done about it.
    """

    def __init__(self, folder: Path, library: Library, fingerprint: Fingerprint) -> None:
        self.folder = folder
        self.library = library
        self.fingerprint = fingerprint
        self.state: State = "opening"
        self.notices: list[str] = []
        self._changing = threading.RLock()
        self._opened = threading.Event()
        self._client: Client | None = None
        self._collection: Collection | None = None
        self._exact = _ExactSearch(library)
        self._worker = threading.Thread(target=self._open, name="pullquote-index", daemon=True)
        self._worker.start()

    # --- searching ----------------------------------------------------------------------------

    def search(
        self, vector: NDArray[np.float32], limit: int, filters: Filters, within: Sequence[str] | None
    ) -> list[Hit]:
        """The `limit` passages nearest to `vector` (unit length), nearest first.

        `within` are the ids of the articles that `filters` let through, None for all.
        """
        self._opened.wait(PATIENCE)
        if within is not None:
            few = self.library.passage_ids_of(within, FEW + 1)
            if len(few) <= FEW:
                return self._exact.search(vector, limit, few)
        if self.state != "ready":
            return self._exact.search(vector, limit, None if within is None else self.library.passage_ids_of(within))
        try:
            return self._ask_chroma(vector, limit, filters, within)
        except Exception as exc:  # whatever Chroma raises, the answer is the same: exact now, rebuild
            self._rebuild_because(f"it failed to answer ({type(exc).__name__}: {exc})")
            return self._exact.search(vector, limit, None if within is None else self.library.passage_ids_of(within))

    def search_among(self, vector: NDArray[np.float32], limit: int, passages: Sequence[int]) -> list[Hit]:
        """The `limit` of `passages` nearest to `vector`, nearest first. Exact."""
        return self._exact.search(vector, limit, passages)

    def _ask_chroma(
        self, vector: NDArray[np.float32], limit: int, filters: Filters, within: Sequence[str] | None
    ) -> list[Hit]:
        collection = self._ready()
        found = collection.query(
            query_embeddings=vector[None, :],
            n_results=limit,
            where=_where(filters, within, self.library) if within is not None else None,
            include=["distances"],
        )
        distances = (found["distances"] or [[]])[0]
        return [Hit(int(i), 1.0 - d) for i, d in zip(found["ids"][0], distances, strict=True)]

    # --- following the library ----------------------------------------------------------------

    def follow(self, added: Sequence[int], dropped: Sequence[int]) -> None:
        """Take in what the library took in, and let go of what it dropped."""
        self._opened.wait()
        with self._changing:
            if self.state != "ready":
                return  # the rebuild reads the library when it ends, and so sees this
            try:
                self._manifest.unlink(missing_ok=True)
                for batch in _batched(added, FOLLOWED):
                    self._upsert(self._ready(), batch)
                self._delete(self._ready(), dropped)
            except Exception as exc:  # see search
                self._rebuild_because(f"it failed to take new passages ({type(exc).__name__}: {exc})")

    def settle(self) -> None:
        """Note that all changes are in, so that the next start need not look for half-made ones."""
        with self._changing:
            if self.state == "ready" and not self._manifest.exists():
                self._manifest.write_text(json.dumps(self._described()), "utf-8")

    def rebuild(self) -> None:
        """Make the index again from the library's vectors, and wait for it. Raises IndexDamagedError."""
        self._opened.wait()
        self._rebuild_because("")
        self.wait()
        if self.state != "ready":
            raise IndexDamagedError(self.notices[-1] if self.notices else f"{self.folder} could not be made.")

    def wait(self) -> None:
        """Until nothing goes on in the background."""
        self._worker.join()

    def close(self) -> None:
        self.wait()
        with self._changing:
            if self._client is not None:
                self._client.close()
                self._client = self._collection = None
            if self.state == "ready":
                self._manifest.write_text(json.dumps(self._described()), "utf-8")

    def fault(self) -> str | None:
        """What is wrong with the index, for `doctor`: it must hold the library's passages, no more, no fewer."""
        self._opened.wait()
        if self.state != "ready":
            return "it could not be made" if self.state == "failed" else "it is being rebuilt"
        with self._changing:
            missing, extra = self._difference(self._ready())
        if missing or extra:
            return f"it lacks {len(missing)} passages and holds {len(extra)} that are gone"
        return None

    # --- opening ------------------------------------------------------------------------------

    @property
    def _manifest(self) -> Path:
        """Describes the folder as it was when it was last known to be whole; absent while it changes."""
        return self.folder.with_suffix(".json")

    def _described(self) -> dict[str, Any]:
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        stats = {str(path.relative_to(self.folder)): path.stat() for path in files}
        return {
            "schema": SCHEMA,
            "model": self.fingerprint.model,
            "dimension": self.fingerprint.dimension,
            "files": {name: [stat.st_size, stat.st_mtime_ns] for name, stat in stats.items()},
        }

    def _open(self) -> None:
        try:
            reason = self._distrust()
            if reason is None:
                try:
                    self._connect()
                    self._reconcile()
                    self.state = "ready"
                    return
                except Exception as exc:  # anything that Chroma raises means the same: not usable
                    reason = f"it does not open ({type(exc).__name__}: {exc})"
            self.state = "rebuilding"
            self._opened.set()
            self._remake(reason)
        except Exception as exc:  # as above, before it was even looked at
            self._give_up(exc)
        finally:
            self._opened.set()

    def _distrust(self) -> str | None:
        """Why the folder as found must not be used; None if it may."""
        if not self.folder.exists():
            return "it was missing"
        described = self._read_manifest()
        if described is None:
            return self._probe()
        now = self._described()
        if any(described.get(field) != now[field] for field in ("schema", "model", "dimension")):
            return "it was made with another model or version"
        return None if described.get("files") == now["files"] else self._probe()

    def _read_manifest(self) -> dict[str, Any] | None:
        try:
            described = json.loads(self._manifest.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return described if isinstance(described, dict) else None

    def _probe(self) -> str | None:
        """Have a child process look at the folder: a damaged one can crash whoever opens it."""
        command = [sys.executable, "-m", "rag.index_probe", str(self.folder.resolve()), COLLECTION]
        try:
            done = subprocess.run(
                command,
                cwd=_ROOT,
                capture_output=True,
                text=True,
                timeout=PROBE_SECONDS,
                stdin=subprocess.DEVNULL,
                check=False,
            )
            fault = json.loads(done.stdout.splitlines()[-1])["fault"]
        except subprocess.TimeoutExpired:
            return f"it did not open within {PROBE_SECONDS:.0f} s"
        except (IndexError, ValueError, KeyError):
            return f"reading it crashed (exit {done.returncode})"
        return f"it is damaged ({fault})" if fault else None

    def _connect(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._client = open_client(str(self.folder))
        self._collection = self._client.get_or_create_collection(
            COLLECTION,
            configuration={"hnsw": {"space": "cosine"}},
            metadata={"model": self.fingerprint.model, "dimension": self.fingerprint.dimension, "schema": SCHEMA},
            embedding_function=None,
        )
        built = self._collection.metadata or {}
        if (built.get("model"), built.get("schema")) != (self.fingerprint.model, SCHEMA):
            raise IndexDamagedError(f"it was made with {built.get('model')}, not {self.fingerprint.model}")

    def _ready(self) -> Collection:
        if self._collection is None:
            raise IndexDamagedError("The index is not open.")
        return self._collection

    # --- rebuilding ---------------------------------------------------------------------------

    def _announce(self, notice: str) -> None:
        self.notices.append(notice)
        log.warning(notice)

    def _rebuild_because(self, reason: str) -> None:
        with self._changing:
            if self.state == "rebuilding":
                return
            self.state = "rebuilding"
            self._worker = threading.Thread(target=self._remake, args=(reason,), name="pullquote-rebuild", daemon=True)
            self._worker.start()

    def _remake(self, reason: str) -> None:
        """Make the index anew, and tell the user why: not where it was asked for, or held nothing before."""
        silent = not reason or not self.library.counts().passages
        try:
            self._make_anew()
        except Exception as exc:  # a full disk, a folder that cannot be written: answers go on all the same
            self._give_up(exc)
            return
        if not silent:
            self._announce(
                f"The search index was rebuilt from the library: {reason}. Nothing was lost; answers went on meanwhile."
            )

    def _give_up(self, error: Exception) -> None:
        log.debug("The index could not be made", exc_info=error)
        self.state = "failed"
        told = f"{type(error).__name__}: {error}"
        self._announce(
            f"The search index in {self.folder} could not be made ({told}). Nothing was lost, and answers go on, exact "
            "and slower. Make room and let it be written, then run `pullquote rebuild`."
        )

    def _make_anew(self) -> None:
        with self._changing:
            if self._client is not None:
                self._client.close()
                self._client = self._collection = None
            self._manifest.unlink(missing_ok=True)
            if self.folder.is_file() or self.folder.is_symlink():
                self.folder.unlink()
            shutil.rmtree(self.folder, ignore_errors=True)
            self._connect()
        collection = self._ready()
        for batch in _batched(self.library.passage_ids(), self._batch_size()):
            self._upsert(collection, batch)
        with self._changing:
            self._reconcile()
            self.state = "ready"
            self.settle()
        self._exact.forget()

    def _reconcile(self) -> None:
        """Make the collection hold just the library's passages."""
        collection = self._ready()
        missing, extra = self._difference(collection)
        if missing or extra:
            self._manifest.unlink(missing_ok=True)
            self._upsert(collection, missing)
            self._delete(collection, extra)

    def _difference(self, collection: Collection) -> tuple[list[int], list[int]]:
        wanted = set(self.library.passage_ids())
        held = {int(i) for i in collection.get(include=[])["ids"]}
        return sorted(wanted - held), sorted(held - wanted)

    def _upsert(self, collection: Collection, ids: Sequence[int]) -> None:
        for batch in _batched(ids, self._batch_size()):
            rows = self.library.index_rows(batch)
            if rows:
                collection.upsert(
                    ids=[str(row["id"]) for row in rows],
                    embeddings=np.frombuffer(b"".join(row["vector"] for row in rows), "<f4").reshape(len(rows), -1),
                    metadatas=[
                        {
                            "article": row["article_id"],
                            "publisher": row["publisher"],
                            "author": row["author"],
                            "day": row["day"],
                        }
                        for row in rows
                    ],
                )

    def _delete(self, collection: Collection, ids: Sequence[int]) -> None:
        for batch in _batched(ids, self._batch_size()):
            collection.delete(ids=[str(i) for i in batch])

    def _batch_size(self) -> int:
        return min(2_000, self._client.get_max_batch_size()) if self._client is not None else 2_000


class _ExactSearch:
    """Cosine against the library's own vectors; all of them are kept in memory once asked for."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._all: tuple[tuple[int, int], NDArray[np.int64], NDArray[np.float32]] | None = None

    def forget(self) -> None:
        self._all = None

    def search(self, vector: NDArray[np.float32], limit: int, only: Sequence[int] | None) -> list[Hit]:
        ids, vectors = self.library.vectors(only) if only is not None else self._everything()
        if not len(ids):
            return []
        cosines = vectors @ vector
        best = np.argsort(-cosines)[:limit]
        return [Hit(int(ids[i]), float(cosines[i])) for i in best]

    def _everything(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """As this thread sees the library now, which may be a moment ago (see `Database.snapshot`)."""
        stamp, held = self.library.passages_stamp(), self._all
        if held is None or held[0] != stamp:
            held = self._all = (stamp, *self.library.vectors())
        return held[1], held[2]


def _where(filters: Filters, within: Sequence[str], library: Library) -> dict[str, Any]:
    """`filters` in Chroma's terms. What the index has no field for goes by article."""
    clauses: list[dict[str, Any]] = []
    if filters.speakers or filters.articles:
        clauses.append({"article": {"$in": list(within)}})
    for field, wanted in (("publisher", filters.publishers), ("author", filters.authors)):
        if wanted:
            clauses.append({field: {"$in": library.names_fitting(field, wanted)}})
    if filters.since:
        clauses.append({"day": {"$gte": int(filters.since.strftime("%Y%m%d"))}})
    if filters.until:
        clauses.append({"day": {"$lte": int(filters.until.strftime("%Y%m%d"))}})
        clauses.append({"day": {"$gte": 1}})
    return clauses[0] if len(clauses) == 1 else {"$and": clauses}


def _batched(ids: Sequence[int], size: int) -> list[Sequence[int]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]
