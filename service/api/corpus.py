"""The corpus folder of a server: taken in at start and, where it is watched, whenever it changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from service.articles import ArticleFailed, read_file
from service.catalog import Stored
from service.errors import Refusal
from service.formats.process import Readers
from service.ingest import Ingest
from service.library import Library
from service.metrics import Metrics
from service.records import Article
from service.settings import Settings
from service.sync import FolderSync, SyncReport, follow
from service.telemetry import get_logger

log = get_logger(__name__)
_LISTED = 20
_POLL_S = 0.2
_RETRY_S = 5.0


@dataclass(frozen=True, slots=True)
class CorpusStatus:
    """How far the folder has been taken in; the fields are those of `SyncOut`."""

    folder: str
    watching: bool
    state: Literal["running", "done", "failed"] = "running"
    files: int = 0
    articles: int = 0
    failed: int = 0
    failures: tuple[dict[str, str], ...] = ()
    waiting: tuple[str, ...] = ()
    removed: int = 0
    gone: int = 0
    passes: int = 0
    last_pass: datetime | None = None
    last_look: datetime | None = None
    error: str | None = None


class _CountedIngest:
    """The write side of a library, with what it takes in counted."""

    def __init__(self, ingest: Ingest, metrics: Metrics) -> None:
        self._metrics = metrics
        self._ingest = ingest
        self.sources = ingest.sources
        self.holders = ingest.holders
        self.record_sources = ingest.record_sources

    def add(self, articles: Sequence[Article]) -> list[Stored]:
        stored = self._ingest.add(articles)
        self._metrics.count_received("folder", stored)
        return stored


class Corpus:
    """Keeps a library equal to the corpus folder of the settings, in whichever thread calls `run`."""

    def __init__(
        self,
        library: Library,
        settings: Settings,
        readers: Readers,
        stop: threading.Event,
        metrics: Metrics,
    ) -> None:
        assert settings.corpus_dir is not None
        self._library = library
        self._metrics = metrics
        self._stop = stop
        self._watching = settings.watch
        read = partial(read_file, max_bytes=settings.max_article_bytes, readers=readers)
        store = _CountedIngest(library.ingest, metrics)
        self._sync = FolderSync(settings.corpus_dir, store, read, settings.prune, refused=self._note_refused)
        self._refusals: dict[str, Refusal] = {}
        self._untold: SyncReport | None = None  # what to say when all of it can be found
        self._kept: str | None = None
        self._begun = False
        self._complained: set[tuple[str, str]] = set()
        self.status = CorpusStatus(str(settings.corpus_dir), settings.watch)

    def run(self) -> None:
        """Returns when the folder has been taken in or, where it is watched, when `stop` is set."""
        while not self._stop.is_set():
            try:
                for report in self._passes():
                    if report is not None:
                        self._note_pass(report)
                    self._note_indexed()
                return
            except Exception as error:  # whatever it is, the folder is still there to be tried again
                self.status = replace(self.status, state="failed", error=f"{type(error).__name__}: {error}")
                log.error("corpus.failed", folder=self.status.folder, error=self.status.error)
                self._stop.wait(_RETRY_S)

    def _passes(self) -> Iterator[SyncReport | None]:
        if self._watching:
            yield from follow(self._sync, self._stop, self._note_progress)
            return
        report = self._sync.run(stop=self._stop, progress=self._note_progress)
        while report.waiting and not self._stop.wait(_RETRY_S):
            yield report
            report = self._sync.run(stop=self._stop, progress=self._note_progress)
        yield report
        while self.status.state == "running" and not self._stop.wait(_POLL_S):
            yield None

    def _note_progress(self, report: SyncReport) -> None:
        if report.opened:
            self.status = self._counted(report, "running")

    def _note_refused(self, failed: ArticleFailed) -> None:
        self._refusals[failed.reason] = failed.kind

    def _note_pass(self, report: SyncReport) -> None:
        if report.stopped:
            return
        worked = bool(report.opened or report.removed)
        for failure in set(report.failed) - self._complained:
            log.warning("corpus.article_failed", origin=failure[0], reason=failure[1])
            self._metrics.count_refused("folder", self._refusals.get(failure[1], "unreadable"))
        self._refusals.clear()
        self._complained = set(report.failed)
        if report.kept is not None and report.kept != self._kept:
            log.warning("corpus.kept", reason=report.kept)
        self._kept = report.kept
        if worked:
            log.info("corpus.pass", opened=report.opened, removed=report.removed)
        if (worked or not self._begun) and not report.missing:
            self._untold, self._begun = report, True
        state: Literal["running", "done", "failed"] = "running" if self._untold is not None else "done"
        # What waits for its writer may do so for any time; what was there before can be found meanwhile.
        self.status = replace(
            self._counted(report, "failed" if report.missing else state),
            removed=self.status.removed + report.removed,
            gone=report.gone,
            passes=self.status.passes + worked,
            last_pass=datetime.now(UTC) if worked else self.status.last_pass,
            last_look=self.status.last_look if report.missing else datetime.now(UTC),
            error=f"{report.failed[0][0]}: {report.failed[0][1]}" if report.missing else None,
        )

    def _note_indexed(self) -> None:
        report = self._untold
        if report is None or self.status.state == "failed" or self._library.catalog.counts().pending:
            return
        self._untold = None
        self.status = replace(self.status, state="done")
        log.info(
            "corpus.done",
            folder=self.status.folder, created=report.created, updated=report.updated,
            unchanged=report.unchanged, removed=report.removed, failed=len(report.failed),
        )  # fmt: skip

    def _counted(self, report: SyncReport, state: Literal["running", "done", "failed"]) -> CorpusStatus:
        return replace(
            self.status,
            state=state,
            files=report.files,
            articles=report.created + report.updated + report.unchanged,
            failed=len(report.failed),
            failures=tuple({"origin": o, "reason": r} for o, r in report.failed[:_LISTED]),
            waiting=tuple(report.waiting[:_LISTED]),
        )
