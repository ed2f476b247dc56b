"""Sentences to trees: which word is whose subject, object, modifier. spaCy's small English model, on the processor.

It was measured here at 2 to 5 milliseconds a sentence, .5 s to import and .3 s to load. What is parsed is kept: the
same evidence is looked at for each sentence that cites it.
"""

from __future__ import annotations

import tempfile
import threading
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag import models
from rag.errors import ModelError
from rag.settings import Settings

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

KEPT = 4_096
"""Parsed texts that are kept; a sentence takes some ten kilobytes."""

_UNUSED = ["senter"]

_lock = threading.RLock()
_opened: dict[Path, Language] = {}
_folder: list[Path] = []


def use(folder: Path) -> None:
    """Read the model from `folder` from now on: the one that the settings of this process name."""
    if _folder != [folder]:
        _folder[:] = [folder]
        parse.cache_clear()


@lru_cache(maxsize=KEPT)
def parse(text: str) -> Doc:
    """The tree of one sentence. Safe to call from several threads; opens the model when it is first needed.

    Raises ModelError where the model is not here and cannot be fetched.
    """
    with _lock:
        return _language()(text)


def _language() -> Language:
    if not _folder:
        _folder.append(Settings().models_folder)
    folder = _folder[0]
    if folder not in _opened:
        _opened[folder] = _open(folder)
    return _opened[folder]


def _open(folder: Path) -> Language:
    model = models.find("parser")
    if not models.is_here(model, folder):
        models.pull(model, folder)
    file = models.checked(model, folder)
    import spacy

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch, zipfile.ZipFile(file) as archive:
        # It is data: unpacked and read, never imported. Its hash was checked just now.
        archive.extractall(scratch)
        config = next(Path(scratch).glob("*/*/config.cfg"), None)
        if config is None:
            raise ModelError(f"{file} holds no parser. Run `pullquote models pull parser`.")
        return spacy.load(config.parent, exclude=_UNUSED)
