"""The errors a person can act on. Each message names the input and the next step.

PullquoteError
├── SettingsError        a setting is missing or contradicts another
├── SourceError          one file, record or folder could not be read; the rest goes on
├── ModelError           a model file is missing, incomplete or not what was promised
│   └── DamagedError     it is not the file that its hash names: to be fetched again
├── ChatError            a language model does not answer, or not to its end
├── PromptError          a template is missing or was given the wrong variables
├── InputError           what was given cannot be used: an empty name
├── NotFoundError        an id that names nothing here
└── LibraryError         the store as a whole
    ├── LockedError      another process owns this home
    ├── MismatchError    built with another model, dimension or schema than asked for
    ├── ArticleDamagedError    one article is not as it was stored; the others are
    └── IndexDamagedError    the vector index cannot be trusted; the library still can
"""


class PullquoteError(Exception):
    """The root: everything that Pullquote raises on purpose."""


class SettingsError(PullquoteError):
    """A setting is missing or contradicts another."""


class SourceError(PullquoteError):
    """One source could not be read. `source` is what the user named, `reason` why and what to do."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class ModelError(PullquoteError):
    """A model file is missing, incomplete or not what was promised."""


class DamagedError(ModelError):
    """A known model's file is missing, or is not the one that its hash names. Fetching it again mends it."""


class ChatError(PullquoteError):
    """A language model does not answer, or not to its end."""


class PromptError(PullquoteError):
    """A template is missing, or was rendered without one of its variables."""


class InputError(PullquoteError):
    """What was given cannot be used, whatever is in the library."""


class NotFoundError(PullquoteError):
    """An id that names nothing in this library."""


class LibraryError(PullquoteError):
    """The store as a whole cannot be used as asked."""


class LockedError(LibraryError):
    """Another process owns this home."""


class MismatchError(LibraryError):
    """The store was built with another model, dimension or schema than the settings ask for."""


class ArticleDamagedError(LibraryError):
    """An article is not as it was stored, so that nothing is quoted from it. Ingesting its source again mends it."""


class IndexDamagedError(LibraryError):
    """The vector index cannot be trusted. The library can, and the index is rebuilt from it."""
