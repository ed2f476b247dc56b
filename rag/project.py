"""Where the files beside the package are: in a checkout at its top, in an installed wheel inside it."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def project_path(name: str) -> Path:
    """The path of `app.py`, `prompts`, `samples` or `.streamlit`, whichever way Pullquote was installed."""
    bundled = _PACKAGE / "bundled" / name
    return bundled if bundled.exists() else _PACKAGE.parent / name
