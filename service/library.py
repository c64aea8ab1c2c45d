"""One data folder, opened: the lock, catalog, indexer and both sides, composed in one place.

with open_library(Path("data"), load_embedder(None)) as library:
    library.ingest.add([article])
    answer = library.engine().ask("Siapa ...?")
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING

from service.catalog import Catalog
from service.embeddings import Embedder
from service.errors import ConfigurationError, DataFolderInUse, IndexUnavailable
from service.followups import Turn
from service.indexer import Indexer
from service.ingest import Ingest
from service.reading import Check, Reader, carry_on, load_bundled_reader
from service.records import NO_FILTERS, Filters
from service.retrieval import Searcher
from service.rewriting import Rewriter
from service.telemetry import Observer, get_logger
from service.vectors import EmbeddedStore, ServerStore, VectorStore

if TYPE_CHECKING:
    from service.chain import QuotationQueryEngine

log = get_logger(__name__)

LoadReader = Callable[[], Reader]

_LOCK, _CATALOG, _VECTORS = "owner.lock", "catalog.sqlite3", "vectors"
_LOOK_S = 0.1
"""`is_owned` holds the lock for an instant, which must not keep an owner out."""


def catalog_file(folder: Path) -> Path:
    """Where the catalog of a data folder is."""
    return folder / _CATALOG


def vector_store(folder: Path, chroma_url: str | None) -> VectorStore:
    """Where the vector index of a data folder is: on a Chroma server, or in the folder."""
    return ServerStore(chroma_url, folder) if chroma_url else EmbeddedStore(folder / _VECTORS)


class FolderLock:
    """Sole ownership of a data folder, released by the kernel when the process ends, however."""

    def __init__(self, folder: Path) -> None:
        """Raises DataFolderInUse, naming the owner, and ConfigurationError for an unusable folder."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = (folder / _LOCK).open("a+", encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"the data folder {folder} cannot be used: {error.strerror}") from None
        if not (self._take() or self._take(after_s=_LOOK_S)):
            owner = read_owner(folder)
            self._file.close()
            raise DataFolderInUse(str(folder), owner)
        self.describe()

    def _take(self, after_s: float = 0.0) -> bool:
        time.sleep(after_s)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def describe(self, url: str | None = None) -> None:
        """Writes who owns the folder, and where it serves, for others to read."""
        owner = {"pid": os.getpid(), "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200]}
        self._file.seek(0)
        self._file.truncate()
        json.dump(owner | ({"url": url} if url else {}), self._file)
        self._file.flush()

    def release(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.close()


def is_owned(folder: Path) -> bool:
    """Whether a process owns the folder. One that was killed left its description, and no lock."""
    try:
        with (folder / _LOCK).open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    return False


def read_owner(folder: Path) -> dict[str, object]:
    """What the owner of a folder wrote about itself; empty where it wrote nothing (yet)."""
    try:
        owner = json.loads((folder / _LOCK).read_text(encoding="utf-8") or "{}")
    except (OSError, json.JSONDecodeError):
        return {}
    return owner if isinstance(owner, dict) else {}


class Library:
    """An open data folder. `open_library` makes one."""

    def __init__(
        self,
        folder: Path,
        lock: FolderLock,
        embedder: Embedder,
        reader: LoadReader,
        observer: Observer | None = None,
        chroma_url: str | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self.folder = folder
        self.lock = lock
        self.embedder = embedder
        self._load_reader = reader
        self.catalog = Catalog(catalog_file(folder))
        self.indexer = Indexer(self.catalog, embedder, vector_store(folder, chroma_url), observer, stop)
        self.ingest = Ingest(self.catalog, embedder, self.indexer, observer)
        self.rewriter = Rewriter(self.catalog, embedder)
        self.searcher = Searcher(self.catalog, embedder, self.indexer, observer=observer)

    @cached_property
    def reader(self) -> Reader:
        """Loaded when it is first asked for: taking articles in needs none."""
        return self._load_reader()

    def reconcile(self) -> None:
        """Cuts outdated articles anew and makes the vector index follow the catalog; where its server is
        away, the indexer does that when it is back."""
        resplit = self.ingest.resplit()
        try:
            done = self.indexer.reconcile()
        except IndexUnavailable:
            return
        log.info(
            "library.reconciled",
            resplit=resplit, missing=done.missing, surplus=done.surplus, rebuilt=done.rebuilt,
        )  # fmt: skip

    def engine(
        self,
        filters: Filters = NO_FILTERS,
        evidence_limit: int = 6,
        turns: Sequence[Turn] = (),
        now: date | None = None,
        check: Check = carry_on,
    ) -> QuotationQueryEngine:
        """The query engine over this folder, for one question's filters, earlier turns and day; `check` ends
        its work where nobody waits for it any more."""
        # Here, because a process that takes articles in or searches needs no LlamaIndex.
        from service.chain import QuotationQueryEngine

        return QuotationQueryEngine.compose(
            self.rewriter, self.searcher, self.reader, self.catalog, filters, evidence_limit, turns, now,
            models={"embedder": self.embedder.name, "reader": self.reader.name, "judge": None, "llm": None},
            check=check,
        )  # fmt: skip

    def disk_bytes(self) -> dict[str, int]:
        """What is on this machine's disk: the catalog and, where no server has them, the vectors."""
        catalog = sum(f.stat().st_size for f in self.folder.glob(f"{_CATALOG}*"))
        vectors = self.indexer.store.disk_bytes()
        return {"catalog": catalog} | ({} if vectors is None else {"vectors": vectors})

    def close(self) -> None:
        self.searcher.close()
        self.indexer.close()
        self.catalog.close()
        self.lock.release()


@contextmanager
def open_library(
    folder: Path,
    embedder: Embedder,
    reader: LoadReader = load_bundled_reader,
    observer: Observer | None = None,
    chroma_url: str | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Library]:
    """Owns `folder`, reconciles it and indexes in the background, until the end of the block; the stages tell
    `observer` what they do. The vector index is in the folder, or on the Chroma server at `chroma_url`; where
    that is away, questions raise IndexUnavailable until it is back. `stop`, once set, ends a rebuild early.

    Raises DataFolderInUse where another process owns it.
    """
    lock = FolderLock(folder)
    library: Library | None = None
    try:
        library = Library(folder, lock, embedder, reader, observer, chroma_url, stop)
        library.reconcile()
        library.indexer.start()
        yield library
    finally:
        if library is None:
            lock.release()
        else:
            library.close()
