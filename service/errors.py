"""Every error that this service raises on purpose.

    ServiceError
    ├── ConfigurationError       a setting is missing or contradicts another
    ├── ModelUnavailable         a model's files are missing, altered or unloadable
    ├── DataFolderInUse          another process owns the data folder
    ├── StorageFailed            the catalog cannot be written: the disk is full, say
    ├── NotReady                 models are loading or the index is being reconciled
    ├── IndexBroken              the vector index failed its check even after a rebuild
    ├── IndexUnavailable         the vector index cannot be reached, for now
    │   └── IndexRefuses         it can be searched, and does not take what is written
    ├── ArticleRejected          an article or file that cannot be taken in, with the reason
    ├── InvalidRequest           a request that is well formed and still makes no sense
    ├── ArticleNotFound          no article has this id
    ├── VersionNotFound          the article never had this version
    ├── VersionPurged            the version's text was removed on request
    ├── Abandoned                nobody waits for the answer any more
    └── ServerUnreachable        the owner of the data folder does not answer (command line only)

"The articles don't hold the answer" is an answer, not an error. `service.api.problems` is the one
place that turns these into HTTP responses; the command line prints the message.
"""

from __future__ import annotations

from typing import Literal

Refusal = Literal["too_large", "unsupported", "unreadable", "over_bounds", "empty", "repeated", "invalid"]
"""Why an article was not taken in. `unreadable`: damaged, encrypted or not what its name says; `over_bounds`:
reading takes more time or memory than it may; `repeated`: another has its id or name; `invalid`: a field."""


class ServiceError(Exception):
    """Base of the tree. `str(error)` is one sentence that a user can act on."""


class ConfigurationError(ServiceError):
    """A setting is missing or contradicts another."""


class ModelUnavailable(ServiceError):
    """A model's files are missing, altered or unloadable."""


class DataFolderInUse(ServiceError):
    """Another process owns the data folder.

    `owner` holds what that process wrote about itself: `pid`, `command`, and `url` where it serves.
    """

    def __init__(self, folder: str, owner: dict[str, object]) -> None:
        self.owner = owner
        where = f", serving {owner['url']}" if owner.get("url") else ""
        super().__init__(
            f"{folder} is in use by process {owner.get('pid', '?')} "
            f"({owner.get('command', 'unknown command')}{where})"
        )


class StorageFailed(ServiceError):
    """The catalog cannot be written: its disk is full, fails or can only be read. Nothing of this
    write was stored; what was stored before stays."""


class NotReady(ServiceError):
    """Models are loading or the index is being reconciled; ask again shortly."""


class IndexBroken(ServiceError):
    """The vector index failed its check even after it was rebuilt from the catalog."""


class IndexUnavailable(ServiceError):
    """The vector index cannot be reached: its Chroma server is away, or is being filled again. What is
    written meanwhile is durable and becomes searchable when it is back."""


class IndexRefuses(IndexUnavailable):
    """The Chroma server answers, and does not take what is written: its disk is full, say. Searches go on;
    what is written is durable and is tried again."""


class ArticleRejected(ServiceError):
    """An article or file that cannot be taken in; the message is the reason, `kind` one of a few for
    counting."""

    def __init__(self, reason: str, kind: Refusal = "invalid") -> None:
        self.kind: Refusal = kind
        super().__init__(reason)


class InvalidRequest(ServiceError):
    """A request that is well formed and still makes no sense."""


class ArticleNotFound(ServiceError):
    """No article has this id."""


class VersionNotFound(ServiceError):
    """The article exists or existed, but never in this version."""


class VersionPurged(ServiceError):
    """The version existed; its text was removed on request."""


class Abandoned(ServiceError):
    """Nobody waits for the answer any more: its client has gone. Logs and metrics alone get to know."""


class ServerUnreachable(ServiceError):
    """The process that owns the data folder does not answer over HTTP."""
