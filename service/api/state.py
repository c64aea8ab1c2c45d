"""What the routes share: the open library, and whether it can be used yet."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import anyio
from fastapi import Depends, Request

from service.articles import ArticleFailed, ArticleResult, count_files, read_paths
from service.embeddings import Embedder, load_embedder
from service.errors import NotReady
from service.formats.process import Bounds, Readers
from service.ingest import take_in
from service.library import Library, open_library
from service.reading import load_reader
from service.settings import Settings
from service.telemetry import get_logger

log = get_logger(__name__)
_POLL_S = 0.2
_READERS = 2
_FIRST_QUESTION = "Siapa yang bertanya?"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sync:
    """How far the corpus folder has been taken in: `done` when all of it can be found. `files` is
    what there is to read."""

    folder: Path
    state: Literal["running", "done", "failed"] = "running"
    files: int = 0
    articles: int = 0
    failed: int = 0
    error: str | None = None


class ServiceState:
    """Opens the library in a thread, so that the server answers `/healthz` meanwhile."""

    def __init__(self, settings: Settings, url: str | None = None, embedder: Embedder | None = None) -> None:
        self.settings = settings
        self._url = url
        self._embedder = embedder
        self._library: Library | None = None
        self._failure: BaseException | None = None
        self._open = ExitStack()
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self.sync: Sync | None = None
        # As many as keep two cores busy: a file that takes its whole time doesn't hold up all others.
        self.readers = Readers(Bounds(settings.read_timeout_s, settings.read_memory_mb), at_most=_READERS)
        # Model work for one question keeps a core busy; more at once would only make all wait longer.
        self.workers = anyio.CapacityLimiter(settings.threads or os.cpu_count() or 1)

    def start(self, on_failure: Callable[[], None] | None = None) -> None:
        """Begins to open the library. `on_failure` is called where that fails."""
        self._run(partial(self._open_library, on_failure), "library")

    @property
    def library(self) -> Library:
        """The open library. Raises NotReady before it is open and reconciled."""
        if self._library is None:
            if self._failure is not None:
                raise NotReady(f"the service could not start: {self._failure}")
            raise NotReady("models are loading and the index is being reconciled; ask again shortly")
        return self._library

    def close(self) -> None:
        self._closing.set()
        for thread in self._threads:
            thread.join()
        self.readers.close()
        self._library = None
        self._open.close()

    def _run(self, work: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _open_library(self, on_failure: Callable[[], None] | None) -> None:
        try:
            embedder = self._embedder or load_embedder(self.settings.embedding_model, self.settings.threads)
            reader = partial(
                load_reader, self.settings.reader_model, self.settings.threads, self.settings.min_confidence
            )
            library = self._open.enter_context(open_library(self.settings.data_dir, embedder, reader))
            library.lock.describe(self._url)
            library.engine().ask(_FIRST_QUESTION)  # what loads at first use loads before we say ready
            self._library = library
        except Exception as error:
            self._failure = error
            log.error("service.start_failed", error=str(error))
            if on_failure is not None:
                on_failure()
            return
        counts = library.catalog.counts()
        log.info("service.ready", articles=counts.articles, passages=counts.passages, pending=counts.pending)
        if self.settings.corpus_dir is not None:
            self._run(partial(self._take_in_corpus, library, self.settings.corpus_dir), "corpus")

    def _take_in_corpus(self, library: Library, folder: Path) -> None:
        self.sync = Sync(folder)
        try:
            self.sync = replace(self.sync, files=count_files([folder]))
            results = read_paths([folder], self.settings.max_article_bytes, self.readers)
            report = take_in(results, library.ingest.add, self._note)
            while library.catalog.counts().pending:
                if self._closing.wait(_POLL_S):
                    raise _Closing
        except _Closing:
            return
        except Exception as error:
            self.sync = replace(self.sync, state="failed", error=f"{type(error).__name__}: {error}")
            log.error("corpus.failed", folder=str(folder), error=self.sync.error)
            return
        for origin, reason in report.failed:
            log.warning("corpus.article_failed", origin=origin, reason=reason)
        self.sync = replace(self.sync, state="done")
        log.info(
            "corpus.done",
            folder=str(folder), created=report.created, updated=report.updated,
            unchanged=report.unchanged, failed=len(report.failed),
        )  # fmt: skip

    def _note(self, result: ArticleResult) -> None:
        if self._closing.is_set():
            raise _Closing
        assert self.sync is not None
        if isinstance(result, ArticleFailed):
            self.sync = replace(self.sync, failed=self.sync.failed + 1)
        else:
            self.sync = replace(self.sync, articles=self.sync.articles + 1)

    async def compute(self, work: Callable[[], T]) -> T:
        """Runs model work in a thread, no more of it at once than there are cores."""
        return await anyio.to_thread.run_sync(work, limiter=self.workers)


class _Closing(Exception):
    """The server is stopping; what is left of the corpus folder is taken in at the next start."""


def get_state(request: Request) -> ServiceState:
    state: ServiceState = request.app.state.service
    return state


State = Annotated[ServiceState, Depends(get_state)]
