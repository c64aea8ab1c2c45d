"""A folder of articles → the catalog, again and again: what is new or changed goes in, what is unchanged is
not even opened, and what is gone is removed where that is asked for.

The catalog remembers what each file gave (`SourceFile`), so that any later process can go on from there.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from watchfiles import Change, watch

from service.articles import READING, ArticleFailed, ArticleResult, Origin, first_of_each_id, is_feed
from service.catalog import Holder, SourceFile, SourcesRecorded, Stored
from service.folders import (
    Stamp,
    Survey,
    has_changed,
    has_grown,
    has_lines,
    is_another,
    is_being_written,
    is_empty,
    shown,
    survey,
)
from service.ingest import BATCH_ARTICLES, IngestReport, Refused
from service.records import Article
from service.telemetry import get_logger

log = get_logger(__name__)

_PATIENCE_S = 5.0
_WATCH_PATIENCE_S = 0.9  # of the two seconds in which a change is to be found
_DEBOUNCE_MS, _STEP_MS = 200, 50
_TICK_MS = 250
_RECHECK_S = 0.3
_RESCAN_S = 30.0  # for what is not told: links to other places, network folders, an overflow of the watcher
_POLL_S = 1.0
_FAULTY = "faulty "
"""Before the digest of a file in which something failed: the same bytes are read again, at the next start."""

ReadFile = Callable[[Path, str], Iterator[ArticleResult]]


class SourceStore(Protocol):
    """Who takes articles in and remembers where they came from."""

    def add(self, articles: Sequence[Article]) -> Sequence[Stored | Refused]: ...

    def sources(self, folder: str) -> dict[str, SourceFile]: ...

    def holders(self, folder: str, article_ids: Sequence[str]) -> list[Holder]: ...

    def record_sources(
        self, folder: str, files: Sequence[SourceFile], gone: Sequence[str] = (), prune: bool = False
    ) -> SourcesRecorded: ...


@dataclass(slots=True)
class SyncReport(IngestReport):
    """What became of one pass, or of several.

    `files` are in the folder, `handled` how many of them the pass is done with, `opened` how many it had to
    open; `removed` counts articles, `gone` those that no file gives any more and that are still there.
    `waiting` names files that are being written; `kept` says why nothing was removed where it should have
    been; `passed_over` counts files of other kinds by suffix; `missing`: the folder is not there or cannot be
    read; `stopped`: the pass ended before its end.
    """

    files: int = 0
    handled: int = 0
    opened: int = 0
    removed: int = 0
    gone: int = 0
    waiting: list[str] = field(default_factory=list)
    kept: str | None = None
    passed_over: dict[str, int] = field(default_factory=dict)
    missing: bool = False
    stopped: bool = False

    def include(self, later: SyncReport) -> None:
        """Makes this a report of several passes: adds up what was done, and takes the rest from the last."""
        self.created += later.created
        self.updated += later.updated
        self.passages += later.passages
        self.opened += later.opened
        self.removed += later.removed
        self.warned += later.warned
        for name in (
            "files",
            "handled",
            "unchanged",
            "gone",
            "failed",
            "waiting",
            "kept",
            "passed_over",
            "missing",
            "stopped",
        ):
            setattr(self, name, getattr(later, name))


Progress = Callable[[SyncReport], None]


@dataclass(slots=True)
class _Reading:
    """A file being read: what it gives, and what is wrong with it."""

    name: str
    stamp: Stamp
    began_ns: int
    digest: str
    articles: dict[str, str] = field(default_factory=dict)
    failed: list[tuple[str, str]] = field(default_factory=list)
    changed: bool = False  # while it was read
    repeat: bool = False  # what is wrong depends on another file
    elsewhere: set[str] = field(default_factory=set)  # ids that another file has
    kept_out: str | None = None  # the version of its article, where another folder's file has the id


_Taken = tuple[_Reading, Article, Origin]


class FolderSync:
    """Keeps what came from one folder equal to it. The folder is known by its absolute path as given: a link
    that comes to point elsewhere is still the same folder.

    `read` gives the articles of a file, from its place and name. With `prune`, articles whose file, or line
    of a file, is gone are removed; without, they stay until a pass that prunes. `reread` opens every file;
    `refused` is told of each article that is not taken in. An article whose id is its file's name fails where
    another folder's file has that name; `take_over` opens every file, once, to take their places.
    """

    def __init__(
        self,
        folder: Path,
        store: SourceStore,
        read: ReadFile,
        prune: bool = False,
        reread: bool = False,
        patience_s: float = _PATIENCE_S,
        refused: Callable[[ArticleFailed], None] | None = None,
        take_over: bool = False,
    ) -> None:
        self.folder = folder
        self.patience_s = patience_s
        self._key = shown(os.path.abspath(folder))  # noqa: PTH100  (Path.absolute keeps "..")
        self._store = store
        self._read = read
        self._prune = prune
        self._reread = reread or take_over
        self._refused = refused
        self._take_over = take_over
        self._failures: dict[str, _Reading] = {}

    def run(
        self,
        report: SyncReport | None = None,
        seen: dict[str, Origin] | None = None,
        stop: threading.Event | None = None,
        progress: Progress | None = None,
    ) -> SyncReport:
        """One pass over the folder, added to `report`. `seen` has ids that are taken, and learns those found
        here; `progress` is called after every file; `stop` ends the pass within a batch of articles.

        A file that cannot be read fails, and its articles stay. Nothing is removed while the folder is
        missing, empty or in motion, or while something in it cannot be read.
        """
        report = report if report is not None else SyncReport()
        seen = seen if seen is not None else {}
        stop = stop or threading.Event()
        known = self._store.sources(self._key)
        stamps = {name: file.stamp for name, file in known.items()}
        stamps.update((name, str(failed.stamp)) for name, failed in self._failures.items() if name in known)
        try:
            found = survey(self.folder, stamps, self.patience_s, stop)
        except OSError as error:
            report.missing = True
            absent = isinstance(error, FileNotFoundError)
            reason = "no such file or folder" if absent else f"cannot be read: {error.strerror or error}"
            report.failed.append((shown(self.folder), reason))
            report.kept = f"nothing was removed from {shown(self.folder)}: {reason}" if self._prune else None
            return report
        report.files += len(found.files)
        report.failed += found.unreadable
        for suffix, count in found.passed_over.items():
            report.passed_over[shown(suffix)] = report.passed_over.get(shown(suffix), 0) + count
        self._failures = {name: failed for name, failed in self._failures.items() if name in found.files}
        changed = self._pass_over_unchanged(found, known, report, seen)
        report.handled += len(found.files) - len(changed)
        if progress is not None:
            progress(report)
        self._take_in(found, changed, known, report, seen, stop, progress)
        report.waiting += sorted(found.waiting)
        if stop.is_set():
            report.stopped = True
        else:
            self._forget_gone(found, known, report)
            self._reread = self._take_over = False  # once is enough where the folder is followed
        return report

    def _pass_over_unchanged(
        self, found: Survey, known: dict[str, SourceFile], report: SyncReport, seen: dict[str, Origin]
    ) -> list[str]:
        """Names of the files that must be opened. Counts the others, and notes which ids they hold."""
        changed = []
        kept_out = self._kept_out(
            [
                (name, failed.kept_out, found.files[name][0])
                for name, failed in self._failures.items()
                if failed.kept_out is not None
            ]
        )
        for name, (file, stamp) in found.files.items():
            before, failed = known.get(name), self._failures.get(name)
            if name in found.waiting:
                pass  # what it gave before stays until it has been read
            elif failed is not None and failed.stamp == stamp and (not failed.repeat or name in kept_out):
                report.failed += failed.failed
            elif self._reread or before is None or before.stamp != str(stamp):
                changed.append(name)
                continue
            _keep(before, file, report, seen)
        return changed

    def _take_in(
        self,
        found: Survey,
        changed: list[str],
        known: dict[str, SourceFile],
        report: SyncReport,
        seen: dict[str, Origin],
        stop: threading.Event,
        progress: Progress | None,
    ) -> None:
        batch: list[_Taken] = []
        whole: list[_Reading] = []

        def flush() -> None:
            self._store_batch(batch, report)
            self._record(whole, known, report)
            batch.clear()
            whole.clear()

        for name in changed:
            file, stamp = found.files[name]
            began_ns = time.time_ns()
            report.handled += 1
            try:
                with file.open("rb") as opened:
                    if is_being_written(opened, file):
                        found.waiting.add(name)
                        _keep(known.get(name), file, report, seen)
                        continue
                    hashed = Stamp.of(os.fstat(opened.fileno()))
                    content = hashlib.file_digest(opened, "sha256").hexdigest()
            except OSError as error:
                if file.exists():  # else it went meanwhile, and the next pass sees it gone
                    found.unreadable.append((shown(file), f"cannot be read: {error.strerror or error}"))
                    report.failed.append(found.unreadable[-1])
                else:
                    found.waiting.add(name)
                _keep(known.get(name), file, report, seen)
                continue
            report.opened += 1
            reading = _Reading(name, stamp, began_ns, f"{READING} {content}")
            before = known.get(name)
            if before is not None and before.digest == reading.digest and not self._reread:
                reading.articles.update(before.articles)
                _keep(before, file, report, seen)
            else:
                given: dict[str, str] = {}  # by an earlier reading of the same bytes
                if before is not None and before.digest.endswith(f" {content}") and not self._reread:
                    given = before.articles
                for result in first_of_each_id(self._read(file, name), seen):
                    if stop.is_set():
                        return
                    if isinstance(result, ArticleFailed):
                        self._fail(reading, result)
                        continue
                    report.warned += [(shown(str(result.origin)), warning) for warning in result.warnings]
                    article = result.article
                    if given.get(article.id) == article.version:
                        # Not stored again: by other means it may have been replaced or purged since.
                        reading.articles[article.id] = article.version
                        report.unchanged += 1
                        continue
                    batch.append((reading, article, result.origin))
                    if len(batch) == BATCH_ARTICLES:
                        flush()
                if has_changed(file, hashed):
                    # Nobody can tell which of its bytes were read, nor what it gives no more.
                    reading.changed = True
                    if not (has_lines(file) and has_grown(file, hashed)):
                        found.waiting.add(name)
                        reading.failed.clear()
                    if not has_lines(file):
                        batch[:] = [taken for taken in batch if taken[0] is not reading]
            whole.append(reading)
            if len(whole) >= BATCH_ARTICLES:
                flush()
            if progress is not None:
                progress(report)
            if stop.is_set():
                return
        flush()

    def _store_batch(self, batch: list[_Taken], report: SyncReport) -> None:
        if not batch:
            return
        free = batch if self._take_over else self._without_kept_out(batch)
        outcomes = self._store.add([article for _, article, _ in free])
        for (reading, _, origin), outcome in zip(free, outcomes, strict=True):
            if isinstance(outcome, Refused):
                reading.failed.append((shown(str(origin)), outcome.reason))
            else:
                reading.articles[outcome.id] = outcome.version
                report.add(outcome)

    def _without_kept_out(self, batch: list[_Taken]) -> list[_Taken]:
        """Those that another folder's file doesn't keep out; the others fail."""
        # An id that an article gives itself means the same article wherever it stands; a name does not.
        named = [(r.name, a.version, o.file) for r, a, o in batch if a.id == r.name.strip()]
        kept_out = self._kept_out(named)
        free = []
        for reading, article, origin in batch:
            other = kept_out.get(reading.name) if article.id == reading.name.strip() else None
            if other is None:
                free.append((reading, article, origin))
                continue
            reading.kept_out = article.version
            reason = (
                f"its id {article.id!r} is already that of {shown(other)}, of another folder; give one of "
                "them an id of its own, or let this one take its place with `kutipan ingest --take-over`"
            )
            self._fail(reading, ArticleFailed(origin, reason, True, "repeated", article.id))
        return free

    def _kept_out(self, named: Sequence[tuple[str, str, Path]]) -> dict[str, Path]:
        """Of (name, version, file), by name, the other folder's file that is there and has given another
        version under that id. A folder that is empty may be a disk that is not mounted: its files are taken
        to be there."""
        if not named:
            return {}
        holders: dict[str, list[Holder]] = {}
        for holder in self._store.holders(self._key, [name.strip() for name, _, _ in named]):
            holders.setdefault(holder.article_id, []).append(holder)
        found = {}
        for name, version, file in named:
            for holder in holders.get(name.strip(), ()):
                other = Path(holder.folder) / holder.name
                if holder.version != version and (is_another(other, file) or is_empty(Path(holder.folder))):
                    found[name] = other
                    break
        return found

    def _fail(self, reading: _Reading, failed: ArticleFailed) -> None:
        reading.failed.append((shown(str(failed.origin)), failed.reason))
        reading.repeat |= failed.repeated
        if failed.repeated and failed.article_id is not None:
            reading.elsewhere.add(failed.article_id)
        if self._refused is not None:
            self._refused(failed)

    def _record(self, whole: list[_Reading], known: dict[str, SourceFile], report: SyncReport) -> None:
        files = []
        for reading in whole:
            report.failed += reading.failed
            noted = known.get(reading.name)
            before = noted.articles if noted else {}
            if reading.changed:
                # It is read again when it rests, and may then have the bytes again that were read before.
                digest = noted.digest.removeprefix(_FAULTY) if noted else ""
                files.append(SourceFile(reading.name, "", _FAULTY + digest, {**before, **reading.articles}))
            elif reading.failed:
                # What is wrong may be mended by a setting or a release: the next start reads it again. Until
                # it reads well, nobody can tell what it no longer gives, but for what another file gives.
                self._failures[reading.name] = reading
                kept = {i: version for i, version in before.items() if i not in reading.elsewhere}
                articles = {**kept, **reading.articles}
                files.append(SourceFile(reading.name, "", _FAULTY + reading.digest, articles))
            else:
                self._failures.pop(reading.name, None)
                stamp = str(reading.stamp) if reading.stamp.vouches(reading.began_ns) else ""
                # What a feed no longer lists is old, not withdrawn.
                articles = {**before, **reading.articles} if is_feed(reading.name) else reading.articles
                files.append(SourceFile(reading.name, stamp, reading.digest, articles))
        if files:
            self._store.record_sources(self._key, files)

    def _forget_gone(self, found: Survey, known: dict[str, SourceFile], report: SyncReport) -> None:
        gone = [] if found.unreadable or found.waiting else found.gone
        reason = None
        if not found.files:
            gone, reason = [], "it holds no article any more"
        elif found.unreadable:
            reason = f"{found.unreadable[0][0]}: {found.unreadable[0][1]}"
        elif found.waiting:
            reason = f"{min(found.waiting)} is being written"
        if gone or known:
            recorded = self._store.record_sources(self._key, [], gone, self._prune and reason is None)
            report.removed += len(recorded.removed)
            report.gone += recorded.gone
        if self._prune and reason is not None and known:
            report.kept = f"nothing was removed from {shown(self.folder)}: {reason}"


def _keep(before: SourceFile | None, file: Path, report: SyncReport, seen: dict[str, Origin]) -> None:
    """Counts what a file gave before as unchanged, and holds its ids for it."""
    if before is not None:
        report.unchanged += len(before.articles)
        for article_id in before.articles:
            seen.setdefault(article_id, Origin(file))


def follow(
    sync: FolderSync, stop: threading.Event, progress: Progress | None = None
) -> Iterator[SyncReport | None]:
    """Passes over a folder now and whenever it changes, until `stop`: the report of each, and None at least
    every second in between.

    Many changes at once cost one pass. A folder that is missing is waited for. What `sync.run` raises ends
    the generator.
    """
    sync.patience_s = _WATCH_PATIENCE_S
    while not stop.is_set():
        identity = _identity(sync.folder)
        due_s = 0.0
        for changed in _ticks(sync.folder, identity is not None, stop):
            if changed or time.monotonic() >= due_s:
                report = sync.run(stop=stop, progress=progress)
                due_s = time.monotonic() + (_RECHECK_S if report.waiting else _RESCAN_S)
                yield report
            else:
                yield None
            if stop.is_set() or _identity(sync.folder) != identity:
                break  # gone, come back, or a link to another place: what is watched is something else now


def _ticks(folder: Path, there: bool, stop: threading.Event) -> Iterator[bool]:
    """Whether something in a folder has changed, at least every second; always, where it can't be watched."""
    if there:
        try:
            # Not with ignore_permission_denied: it swallows every other error too, and then tells of nothing.
            for changes in watch(
                folder, watch_filter=partial(_concerns, folder), debounce=_DEBOUNCE_MS, step=_STEP_MS,
                rust_timeout=_TICK_MS, yield_on_timeout=True, stop_event=stop,
            ):  # fmt: skip
                yield bool(changes)
        except (OSError, RuntimeError) as error:
            log.warning("sync.polling", folder=shown(folder), reason=str(error))
        else:
            return
    while not stop.is_set():
        yield there
        stop.wait(_POLL_S)


def _concerns(folder: Path, _: Change, path: str) -> bool:
    """Whether a change is none of hidden files, such as those of version control and editors."""
    try:
        parts = Path(path).relative_to(folder.absolute()).parts
    except ValueError:  # told by another name of the folder
        return True
    return not any(part.startswith(".") for part in parts)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
