"""What the routes share: the open library, and whether it can be used yet."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from typing import Annotated, TypeVar

import anyio
from fastapi import Depends, Request

from service.api.corpus import Corpus, CorpusStatus
from service.embeddings import Embedder, load_embedder
from service.errors import IndexUnavailable, NotReady
from service.formats.process import Bounds, Readers
from service.library import Library, open_library
from service.metrics import Metrics
from service.reading import Reader, load_reader
from service.settings import Settings
from service.telemetry import get_logger

log = get_logger(__name__)
_READERS = 2
_FIRST_QUESTION = "Siapa yang bertanya?"
T = TypeVar("T")


class ServiceState:
    """Opens the library in a thread, so that the server answers `/healthz` meanwhile."""

    def __init__(
        self,
        settings: Settings,
        url: str | None = None,
        embedder: Embedder | None = None,
        stop: threading.Event | None = None,
        reader: Reader | None = None,
    ) -> None:
        self.settings = settings
        self._url = url
        self._embedder = embedder
        self._reader = reader
        self._library: Library | None = None
        self._failure: BaseException | None = None
        self._open = ExitStack()
        self._threads: list[threading.Thread] = []
        self._closing = stop or threading.Event()
        self.metrics = Metrics(self.readings)
        self._corpus: Corpus | None = None
        # As many as keep two cores busy: a file that takes its whole time doesn't hold up all others.
        self.readers = Readers(Bounds(*settings.reading), at_most=_READERS, observer=self.metrics)
        # Model work for one question keeps a core busy; more at once would only make all wait longer.
        self.workers = anyio.CapacityLimiter(settings.threads or os.cpu_count() or 1)

    def start(self, on_failure: Callable[[], None] | None = None) -> None:
        """Begins to open the library. `on_failure` is called where that fails."""
        self._run(partial(self._open_library, on_failure), "library")

    def readings(self) -> dict[str, float]:
        """The present values of `service.metrics.GAUGES`; of those that can be told so far."""
        library = self._library
        if library is None:
            return {"kutipan_ready": 0.0}
        counts, disk, work = library.catalog.counts(), library.disk_bytes(), self.workers.statistics()
        found = {
            "kutipan_ready": library.indexer.available,
            "kutipan_articles": counts.articles,
            "kutipan_passages": counts.passages,
            "kutipan_pending_passages": counts.pending,
            "kutipan_pending_oldest_seconds": library.catalog.pending_age_s(),
            "kutipan_indexing_failed": library.indexer.last_error is not None,
            "kutipan_model_work_running": work.borrowed_tokens,
            "kutipan_model_work_waiting": work.tasks_waiting,
            "kutipan_file_reads_waiting": self.readers.waiting,
            **{f"kutipan_{part}_bytes": size for part, size in disk.items()},
        }
        if self.corpus is not None:
            found["kutipan_corpus_failed_files"] = self.corpus.failed
            found["kutipan_corpus_waiting_files"] = len(self.corpus.waiting)
            if self.corpus.last_look is not None:
                found["kutipan_corpus_last_success_timestamp_seconds"] = self.corpus.last_look.timestamp()
        return {name: float(value) for name, value in found.items()}

    @property
    def library(self) -> Library:
        """The open library. Raises NotReady before it is open and reconciled."""
        if self._library is None:
            if self._failure is not None:
                raise NotReady(f"the service could not start: {self._failure}")
            raise NotReady("models are loading and the index is being reconciled; ask again shortly")
        return self._library

    @property
    def corpus(self) -> CorpusStatus | None:
        """How far the corpus folder is; None where there is none."""
        return self._corpus.status if self._corpus is not None else None

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
            library = self._open.enter_context(
                open_library(
                    self.settings.data_dir, embedder, self._load_reader, self.metrics,
                    self.settings.chroma_url, self._closing,
                )
            )  # fmt: skip
            library.lock.describe(self._url)
            with suppress(IndexUnavailable):  # writes are taken in, and `/readyz` says it until it is back
                library.engine().ask(_FIRST_QUESTION)  # what loads at first use loads before we say ready
            self._library = library
        except Exception as error:
            if self._closing.is_set():  # stopped while it started
                return
            self._failure = error
            log.error("service.start_failed", error=str(error))
            if on_failure is not None:
                on_failure()
            return
        counts = library.catalog.counts()
        log.info("service.ready", articles=counts.articles, passages=counts.passages, pending=counts.pending)
        if self.settings.corpus_dir is not None:
            self._corpus = Corpus(library, self.settings, self.readers, self._closing, self.metrics)
            self._run(self._corpus.run, "corpus")

    def _load_reader(self) -> Reader:
        if self._reader is not None:
            return self._reader
        settings = self.settings
        return load_reader(settings.reader_model, settings.threads, settings.min_confidence)

    async def compute(self, work: Callable[[], T]) -> T:
        """Runs model work in a thread, no more of it at once than there are cores. Cancelled while it waits
        for its turn, it is never begun; later, it ends when `work` does (see `leaving`)."""
        asked = time.perf_counter()

        def begin() -> T:
            self.metrics.timed("wait", time.perf_counter() - asked)
            return work()

        return await anyio.to_thread.run_sync(begin, limiter=self.workers)


def get_state(request: Request) -> ServiceState:
    state: ServiceState = request.app.state.service
    return state


State = Annotated[ServiceState, Depends(get_state)]
