"""Files and folders → articles, or the reason for each that cannot be taken in."""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from service.articles.fields import article_from_fields, json_object
from service.errors import ArticleRejected, Refusal
from service.formats import SUFFIXES, Extract
from service.formats.process import Readers
from service.formats.utf8 import decode
from service.records import Article

_TEXT = frozenset({".txt", ".text"})
_LINES = frozenset({".jsonl", ".ndjson"})
_SKIPPED_BYTES = 1_000_000  # of a line that is too long, at once
_MOST_LISTED, _MOST_FAILED = 1_000, 100_000  # of one file: reasons are kept, logged and sent
_MOST_WARNED = 100  # names of unknown fields, of one file
_PAGES, _BESIDE_PAGE = (".html", ".htm"), "_files"
_PASSED_OVER = (".", "~$")  # hidden files, rsync's and vim's among them; Word's locks
READING = "reading-6"
"""Names how files become articles. A folder's file that is opened is read again where it has changed."""
SUPPORTED = (
    ".md, .markdown, .txt, .text, .html, .htm, .xhtml, .pdf, .docx, .rss, .atom, .xml, .jsonl, .ndjson"
)
"""The suffixes of the files that can be read; the last two also with .gz."""
_UNSUPPORTED = f"not a supported kind: {SUPPORTED} (the last two also .gz)"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article was read: a file, and the line of a JSON-lines file or the entry of a feed, from 1."""

    file: Path
    line: int | None = None
    entry: int | None = None

    def __str__(self) -> str:
        if self.entry is not None:
            return f"{self.file}, entry {self.entry}"
        return str(self.file) if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class ArticleRead:
    """An article, and where it came from. `warnings` are for the person who ingests."""

    origin: Origin
    article: Article
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleFailed:
    """Something that is no article, and why; `kind` says it for counting. `repeated`: for its `article_id`,
    which one of another file has."""

    origin: Origin
    reason: str
    repeated: bool = False
    kind: Refusal = "unreadable"
    article_id: str | None = None


ArticleResult = ArticleRead | ArticleFailed


def read_paths(
    paths: Sequence[Path], max_bytes: int, readers: Readers | None = None
) -> Iterator[ArticleResult]:
    """Articles of files and folders, in the order given, folders in name order.

    In a folder, files of other kinds and hidden ones are passed over; named directly they fail. An
    article's id is its own, else its path relative to the folder that was named (a file named
    directly: its name; an entry of a feed: what the feed calls it). `max_bytes` bounds a file, or one line
    of a JSON-lines file; `readers` read what is not JSON lines or plain text, one process with the usual
    bounds where they are missing. An id that occurs twice fails the second time, naming both places.
    """
    if readers is None:
        with Readers() as own:
            yield from read_paths(paths, max_bytes, own)
        return
    seen: dict[str, Origin] = {}
    for file, name in _files(paths):
        results: Iterator[ArticleResult]
        if isinstance(name, OSError):
            absent = isinstance(name, FileNotFoundError)
            reason = "no such file or folder" if absent else f"cannot be read: {name.strerror}"
            results = iter([ArticleFailed(Origin(file), reason)])
        else:
            results = read_file(file, name, max_bytes, readers)
        yield from first_of_each_id(results, seen)


def read_streams(
    files: Iterable[tuple[str, IO[bytes]]],
    max_bytes: int,
    readers: Readers,
    given: Mapping[str, object] | None = None,
) -> Iterator[ArticleResult]:
    """Articles of opened files, each with its name, whose suffix says what it is; as `read_paths` does.

    The fields that are `given` hold for all articles, whatever the files say.
    """
    seen: dict[str, Origin] = {}
    names: set[str] = set()
    for name, opened in files:
        if name in names:
            yield ArticleFailed(Origin(Path(name)), "another file has the same name", kind="repeated")
            continue
        names.add(name)
        results = _read_opened(opened, Path(name), name, max_bytes, readers, given or {})
        yield from first_of_each_id(results, seen)


def count_files(paths: Sequence[Path]) -> int:
    """How many files `read_paths` will open, for a progress bar."""
    return sum(1 for _ in _files(paths))


def is_feed(name: str) -> bool:
    """Whether a file of this name is read as a feed, which lists the newest of its articles only."""
    return _kind(Path(name)) == "feed"


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, str | OSError]]:
    """Each file with its name, a fallback id; in its place the error, where there is nothing to read."""
    for path in paths:
        try:
            if stat.S_ISDIR(path.stat().st_mode):
                yield from folder_files(path)
            else:
                yield path, path.name
        except OSError as error:
            yield path, error


def folder_files(
    folder: Path, passed_over: Counter[str] | None = None
) -> Iterator[tuple[Path, str | OSError]]:
    """The files in a folder and its subfolders, those that links lead to too, by path, each with its name; a
    subfolder that cannot be read, and a link to nowhere, with the error. Hidden files, what editors and
    copying programs leave while they work, and the folders that browsers save beside a page (its frames,
    scripts and pictures) are left out. So are files of other kinds, which `passed_over` counts by suffix.
    """
    found: dict[Path, str | OSError] = {}

    def unreadable(error: OSError) -> None:
        found[Path(error.filename)] = error

    for parent, names in _walk(folder, unreadable):
        below = parent.relative_to(folder)
        for name in names:
            file = parent / name
            if name.startswith(_PASSED_OVER):
                continue
            try:
                # What a link to nowhere led to may have been a folder of articles, whatever its name.
                is_file = stat.S_ISREG(file.stat().st_mode) if _kind(file) or file.is_symlink() else False
            except OSError as error:
                found[file] = error
                continue
            if is_file and _kind(file):
                found[file] = name if not below.parts else f"{below.as_posix()}/{name}"
            elif not _kind(file) and passed_over is not None:
                passed_over[file.suffix.lower()] += 1
    yield from sorted(found.items(), key=lambda item: item[0].parts)


def _walk(folder: Path, unreadable: Callable[[OSError], None]) -> Iterator[tuple[Path, list[str]]]:
    """Each folder once, by whatever paths it is reached, with the names of what is no folder in it; those
    that links lead to come after all others."""
    seen: set[tuple[int, int]] = set()
    tops = [folder]
    while tops:
        links: list[Path] = []
        for top in tops:
            for parent, folders, names in os.walk(top, onerror=unreadable):
                try:
                    status = os.stat(parent)  # noqa: PTH116  (a Path for each folder is slow)
                except OSError as error:  # it went meanwhile
                    unreadable(error)
                    folders.clear()
                    continue
                if (status.st_dev, status.st_ino) in seen:
                    folders.clear()
                    continue
                seen.add((status.st_dev, status.st_ino))
                files = {name.lower() for name in names}
                folders[:] = [n for n in folders if not n.startswith(".") and not _is_beside_page(n, files)]
                links += [link for n in folders if (link := Path(parent, n)).is_symlink()]
                yield Path(parent), names
        tops = sorted(links)


def _is_beside_page(folder: str, files: set[str]) -> bool:
    """Whether a browser saved this folder with a page: `NAME_files` beside `NAME.html`, in any case."""
    name = folder.lower()
    return name.endswith(_BESIDE_PAGE) and any(name.removesuffix(_BESIDE_PAGE) + p in files for p in _PAGES)


def _kind(file: Path) -> str | None:
    """ "lines", "text", or the module of `service.formats`; None for what cannot be read."""
    suffixes = [s.lower() for s in file.suffixes[-2:]]
    packed = bool(suffixes) and suffixes[-1] == ".gz"
    suffix = (suffixes[0] if len(suffixes) == 2 else "") if packed else (suffixes[-1] if suffixes else "")
    if suffix in _LINES:
        return "lines"
    if packed:
        return None
    return "text" if suffix in _TEXT else SUFFIXES.get(suffix)


def first_of_each_id(results: Iterator[ArticleResult], seen: dict[str, Origin]) -> Iterator[ArticleResult]:
    """The `results` of one file as they come, but an article whose id is in `seen` from another place fails,
    naming both places; `seen` learns the ids of the others.

    Of a file with very many failures 1,000 are told, and the last says how many more there are. After 100,000
    of them it is read no further.
    """
    failures = 0
    last: ArticleFailed | None = None  # of those that are not told
    repeated = False
    for result in _unless_repeated(results, seen):
        if isinstance(result, ArticleRead):
            yield result
            continue
        failures += 1
        if failures <= _MOST_LISTED:
            yield result
            continue
        last = result
        repeated |= result.repeated
        if failures == _MOST_FAILED:
            break
    if last is None:
        return
    more = failures - _MOST_LISTED
    if more == 1:  # it is itself no longer than what would be said of it
        yield last
    elif failures < _MOST_FAILED:
        reason = f"{more} more of its lines or entries are not taken in, the last because {last.reason}"
        yield ArticleFailed(Origin(last.origin.file), reason, repeated, last.kind)
    else:
        reason = f"{failures} of its lines or entries are not taken in: read no further than {last.origin}"
        yield ArticleFailed(Origin(last.origin.file), reason, repeated, "over_bounds")


def _unless_repeated(results: Iterator[ArticleResult], seen: dict[str, Origin]) -> Iterator[ArticleResult]:
    for result in results:
        if isinstance(result, ArticleRead):
            first = seen.setdefault(result.article.id, result.origin)
            if first != result.origin:
                reason = f"its id {result.article.id!r} is already that of {first}"
                elsewhere = first.file != result.origin.file
                yield ArticleFailed(result.origin, reason, elsewhere, "repeated", result.article.id)
                continue
        yield result


def read_file(file: Path, name: str, max_bytes: int, readers: Readers) -> Iterator[ArticleResult]:
    """The articles of one file, `name` being the id of one that has none; see `read_paths`."""
    try:
        # Not opened before it is known to be of use: opening a device or a pipe has effects.
        if _kind(file) is None:
            yield ArticleFailed(Origin(file), _UNSUPPORTED, kind="unsupported")
            return
        with file.open("rb") as opened:
            yield from _read_opened(opened, file, name, max_bytes, readers, {})
    except OSError as error:
        yield ArticleFailed(Origin(file), f"cannot be read: {error.strerror or error}")


def _read_opened(
    opened: IO[bytes],
    file: Path,
    name: str,
    max_bytes: int,
    readers: Readers,
    given: Mapping[str, object],
) -> Iterator[ArticleResult]:
    kind = _kind(file)
    try:
        if kind is None:
            raise ArticleRejected(_UNSUPPORTED, "unsupported")
        if kind == "lines":
            yield from _read_lines(opened, file, max_bytes, readers.bounds.unpacked_mb, given)
            return
        data = opened.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise ArticleRejected(_too_large(max_bytes), "too_large")
        if kind == "text":
            extracts = [Extract({"text": decode(data)})]
        else:
            extracts = readers.read(kind, data, max_bytes)
        for number, extract in enumerate(extracts, 1):
            origin = Origin(file, entry=number if kind == "feed" else None)
            fallback_id = None if kind == "feed" else name.strip()  # no id has white space around
            try:
                article, warnings = article_from_fields({**extract.fields, **given}, fallback_id)
            except ArticleRejected as error:
                yield ArticleFailed(origin, str(error), kind=error.kind)
                continue
            yield ArticleRead(origin, article, (*extract.warnings, *warnings))
    except ArticleRejected as error:
        yield ArticleFailed(Origin(file), str(error), kind=error.kind)
    except OSError:
        raise
    except Exception as error:  # whatever a parser raises: one file must not keep the others out
        yield ArticleFailed(Origin(file), f"it cannot be understood: {type(error).__name__}: {error}")


def _read_lines(
    stored: IO[bytes], file: Path, max_bytes: int, unpacked_mb: int, given: Mapping[str, object]
) -> Iterator[ArticleResult]:
    warned: set[str] = set()
    count = number = 0
    with _unpacked(file, stored) as opened:
        try:
            for line in _lines(opened, max_bytes, unpacked_mb if opened is not stored else None):
                number += 1
                origin = Origin(file, number)
                if line is None:
                    count += 1
                    yield ArticleFailed(origin, _too_large(max_bytes), kind="too_large")
                    continue
                if not line.strip():
                    continue
                count += 1
                try:
                    article, warnings = article_from_fields({**json_object(line), **given})
                except ArticleRejected as error:
                    yield ArticleFailed(origin, str(error), kind=error.kind)
                    continue
                fresh = tuple(w for w in warnings if w not in warned)[: _MOST_WARNED - len(warned)]
                warned.update(fresh)
                yield ArticleRead(origin, article, fresh)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ArticleRejected(f"broken gzip data after line {number}: {error}", "unreadable") from None
    if not count:
        raise ArticleRejected("the file is empty", "empty")


def _lines(opened: IO[bytes], max_bytes: int, unpacked_mb: int | None) -> Iterator[bytes | None]:
    """Each line, None for one that is too long. Raises ArticleRejected where they are more than they may."""
    left = None if unpacked_mb is None else unpacked_mb * 1_000_000

    def take(size: int) -> bytes:
        nonlocal left
        taken = opened.readline(size)
        if left is not None:
            left -= len(taken)
            if left < 0:
                reason = f"it unpacks to more than {unpacked_mb} MB (KUTIPAN_MAX_UNPACKED_MB)"
                raise ArticleRejected(f"{reason}; what stands before is taken in", "over_bounds")
        return taken

    while line := take(max_bytes + 1):
        if len(line) <= max_bytes:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = take(max(max_bytes, _SKIPPED_BYTES))
        yield None


def _unpacked(file: Path, stored: IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    packed = file.suffix.lower() == ".gz"
    # Told no mode it takes the file's, and an upload is kept in a file that can also be written.
    return cast(IO[bytes], gzip.GzipFile(fileobj=stored, mode="rb")) if packed else nullcontext(stored)


def _too_large(max_bytes: int) -> str:
    return f"larger than {max_bytes / 1e6:g} MB (KUTIPAN_MAX_ARTICLE_MB)"
