"""Files and payloads → articles.

Markdown with front matter, plain text, and JSON lines (also gzipped). Every format has one reader;
`read_paths` walks files and folders and gives, for each article, either the article or the reason
why it cannot be taken in, so that one bad file never stops the others.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import stat
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, cast

import frontmatter
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from service.errors import ArticleRejected
from service.language import detect_language
from service.records import Article

FIELDS = ("id", "title", "text", "url", "source", "author", "published", "language", "tags")
_SILENT_FIELDS = frozenset({"license"})  # belongs to the file, not to what is answered
_MARKDOWN = frozenset({".md", ".markdown"})
_TEXT = frozenset({".txt", ".text"})
_LINES = frozenset({".jsonl", ".ndjson"})
MAX_ID_CHARS = 512
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_CALENDAR_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TITLE_CHARS = 120


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article was read: a file, and the line of a JSON-lines file."""

    file: Path
    line: int | None = None

    def __str__(self) -> str:
        return str(self.file) if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class ArticleRead:
    """An article, and where it came from. `warnings` are for the person who ingests."""

    origin: Origin
    article: Article
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleFailed:
    """Something that is no article, and why."""

    origin: Origin
    reason: str


ArticleResult = ArticleRead | ArticleFailed


def read_paths(paths: Sequence[Path], max_bytes: int) -> Iterator[ArticleResult]:
    """Articles of files and folders, in the order given, folders in name order.

    In a folder, files of other kinds and hidden ones are passed over; named directly they fail. An
    article's id is its own, else its path relative to the folder that was named (a file named
    directly: its name). `max_bytes` bounds a file, or one line of a JSON-lines file. An id that
    occurs twice fails the second time, naming both places.
    """
    seen: dict[str, Origin] = {}
    for file, name in _files(paths):
        results: Iterator[ArticleResult]
        if isinstance(name, OSError):
            absent = isinstance(name, FileNotFoundError)
            reason = "no such file or folder" if absent else f"cannot be read: {name.strerror}"
            results = iter([ArticleFailed(Origin(file), reason)])
        else:
            results = _read_file(file, name, max_bytes)
        for result in results:
            if isinstance(result, ArticleRead):
                first = seen.setdefault(result.article.id, result.origin)
                if first != result.origin:
                    reason = f"its id {result.article.id!r} is already that of {first}"
                    result = ArticleFailed(result.origin, reason)
            yield result


def count_files(paths: Sequence[Path]) -> int:
    """How many files `read_paths` will open, for a progress bar."""
    return sum(1 for _ in _files(paths))


def article_from_fields(
    fields: dict[str, object], fallback_id: str | None = None
) -> tuple[Article, tuple[str, ...]]:
    """An article from the fields of `FIELDS`, and warnings about others.

    A missing id is `fallback_id`, else made from the URL, else from the content; a missing title is
    the text's first words; a missing language is detected. Raises ArticleRejected, naming the field.
    """
    known = {k: v for k, v in fields.items() if k in FIELDS}
    warnings = tuple(
        f"unknown field {k!r} is ignored" for k in fields if k not in FIELDS and k not in _SILENT_FIELDS
    )
    text = known.get("text")
    if not isinstance(text, str):
        raise ArticleRejected("it has no text" if text is None else "its text is not a string")
    if not any(c.isalnum() for c in text):
        raise ArticleRejected("its text is empty" if not text.strip() else "its text has no word")
    strings = {name: _string(known, name) for name in ("title", "url", "source", "author", "language")}
    tags = _tags(known.get("tags"))
    for value in (text, *strings.values(), *tags):
        _check_characters(value)
    title = strings["title"] or _first_words(text)
    language = (strings["language"] or detect_language(f"{title}\n{text}")).lower()
    if not _LANGUAGE.fullmatch(language):
        raise ArticleRejected(f"its language {language!r} is not an ISO 639 code such as 'id'")
    identifier = known.get("id")
    if isinstance(identifier, int) and not isinstance(identifier, bool):
        identifier = str(identifier)
    if identifier is None or identifier == "":
        identifier = fallback_id or _made_id(strings["url"], title, text)
    if not isinstance(identifier, str):
        raise ArticleRejected("its id is not a string")
    article = Article(
        id=check_id(identifier),
        title=title,
        text=text,
        language=language,
        url=strings["url"],
        source=strings["source"],
        author=strings["author"],
        published=_published(known.get("published")),
        tags=tags,
    )
    return article, warnings


def check_id(identifier: str) -> str:
    """`identifier` itself. Raises ArticleRejected where it can't be an id."""
    if not 1 <= len(identifier) <= MAX_ID_CHARS or identifier != identifier.strip():
        raise ArticleRejected(f"an id has 1 to {MAX_ID_CHARS} characters and no white space around")
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in identifier):
        raise ArticleRejected("an id has no control characters")
    return identifier


def article_from_json(line: bytes, fallback_id: str | None = None) -> tuple[Article, tuple[str, ...]]:
    """An article from one JSON object. Raises ArticleRejected with the reason."""
    return article_from_fields(json_object(line), fallback_id)


def json_object(line: bytes) -> dict[str, object]:
    """The JSON object on a line. Raises ArticleRejected where there is none."""
    try:
        fields = json.loads(_decode(line), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ArticleRejected(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except ValueError as error:  # an integer of more digits than Python converts
        raise ArticleRejected(f"not JSON: {error}") from None
    except RecursionError:
        raise ArticleRejected("not an article: JSON nested too deeply") from None
    if not isinstance(fields, dict):
        raise ArticleRejected("not a JSON object")
    return fields


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, str | OSError]]:
    """Each file with its name, a fallback id; in its place the error, where there is nothing to read."""
    for path in paths:
        try:
            if stat.S_ISDIR(path.stat().st_mode):
                yield from _folder_files(path)
            else:
                yield path, path.name
        except OSError as error:
            yield path, error


def _folder_files(folder: Path) -> Iterator[tuple[Path, str | OSError]]:
    """The files in a folder and its subfolders, hidden ones left out, by path; a subfolder that cannot be
    read with the error."""
    found: dict[Path, str | OSError] = {}

    def unreadable(error: OSError) -> None:
        found[Path(error.filename)] = error

    for parent, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(parent, name)
            if name.startswith(".") or not _kind(file):
                continue
            try:
                if stat.S_ISREG(file.stat().st_mode):
                    found[file] = file.relative_to(folder).as_posix()
            except OSError as error:  # a link to nowhere
                found[file] = error
    yield from sorted(found.items())


def _kind(file: Path) -> str | None:
    suffixes = [s.lower() for s in file.suffixes[-2:]]
    packed = bool(suffixes) and suffixes[-1] == ".gz"
    suffix = (suffixes[0] if len(suffixes) == 2 else "") if packed else (suffixes[-1] if suffixes else "")
    if suffix in _LINES:
        return "lines"
    if packed:
        return None
    return "markdown" if suffix in _MARKDOWN else "text" if suffix in _TEXT else None


def _read_file(file: Path, name: str, max_bytes: int) -> Iterator[ArticleResult]:
    kind = _kind(file)
    try:
        if kind == "lines":
            yield from _read_lines(file, max_bytes)
        elif kind is None:
            yield ArticleFailed(
                Origin(file), "not a supported kind: .md, .markdown, .txt, .text, .jsonl, .ndjson (also .gz)"
            )
        else:
            with file.open("rb") as opened:
                data = opened.read(max_bytes + 1)
            if len(data) > max_bytes:
                raise ArticleRejected(_too_large(max_bytes))
            text = _decode(data)
            fields: dict[str, object] = _markdown_fields(text) if kind == "markdown" else {"text": text}
            article, warnings = article_from_fields(fields, fallback_id=name)
            yield ArticleRead(Origin(file), article, warnings)
    except ArticleRejected as error:
        yield ArticleFailed(Origin(file), str(error))
    except OSError as error:
        yield ArticleFailed(Origin(file), f"cannot be read: {error.strerror or error}")


def _read_lines(file: Path, max_bytes: int) -> Iterator[ArticleResult]:
    warned: set[str] = set()
    count = number = 0
    with file.open("rb") as stored, _unpacked(file, stored) as opened:
        try:
            while line := opened.readline(max_bytes + 1):
                number += 1
                origin = Origin(file, number)
                if len(line) > max_bytes:
                    while line and not line.endswith(b"\n"):
                        line = opened.readline(max_bytes)
                    count += 1
                    yield ArticleFailed(origin, _too_large(max_bytes))
                    continue
                if not line.strip():
                    continue
                count += 1
                try:
                    article, warnings = article_from_json(line)
                except ArticleRejected as error:
                    yield ArticleFailed(origin, str(error))
                    continue
                fresh = tuple(w for w in warnings if w not in warned)
                warned.update(fresh)
                yield ArticleRead(origin, article, fresh)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ArticleRejected(f"broken gzip data after line {number}: {error}") from None
    if not count:
        raise ArticleRejected("the file is empty")


def _unpacked(file: Path, stored: IO[bytes]) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=stored)) if file.suffix.lower() == ".gz" else stored


def _markdown_fields(text: str) -> dict[str, object]:
    try:
        fields, body = frontmatter.parse(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-13-01
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark else ""
        raise ArticleRejected(f"its front matter is not YAML{where}") from None
    plain, heading = _plain_markdown(body)
    fields = {str(k): v for k, v in fields.items()}
    if "text" in fields:
        raise ArticleRejected("its front matter has a field 'text'; the text is what follows it")
    return {"title": heading, **fields, "text": plain}


def _plain_markdown(body: str) -> tuple[str, str | None]:
    """The readable text of a Markdown body, and its top heading where it opens with one.

    Emphasis, links and images lose their marks; headings keep theirs (`## `), so that they can be
    told from sentences; a line break inside a paragraph becomes a space.
    """
    blocks: list[str] = []
    top: str | None = None
    prefix, depth = "", 0
    for token in MarkdownIt("commonmark", {"html": False}).enable("table").parse(body):
        if token.type == "heading_open":
            prefix = token.markup if token.markup.startswith("#") else "#" * int(token.tag[1])
            prefix += " "
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
        elif token.type == "list_item_open":
            prefix = "  " * (depth - 1) + (f"{token.info}{token.markup} " if token.info else "- ")
        elif token.type == "inline":
            content = _inline_text(token)
            if prefix == "# " and not blocks and top is None:
                top = content
            elif content:
                blocks.append(prefix + content)
            prefix = ""
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content.rstrip("\n"))
    return "\n\n".join(blocks), top


def _inline_text(token: Token) -> str:
    parts = []
    for child in token.children or []:
        if child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image":
            continue
        else:
            parts.append(child.content)
    return "".join(parts).strip()


def _decode(data: bytes) -> str:
    if b"\0" in data:
        encoding = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else None
        raise ArticleRejected(f"it is {encoding}, not UTF-8" if encoding else "it is a binary file, not text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArticleRejected(
            f"it is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}"
        ) from None


def _too_large(max_bytes: int) -> str:
    return f"larger than {max_bytes / 1e6:g} MB (KUTIPAN_MAX_ARTICLE_MB)"


def _refuse_constant(name: str) -> object:
    raise ArticleRejected(f"not JSON: {name} is no JSON number")


def _string(fields: dict[str, object], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ArticleRejected(f"its {name} is not a string")
    return value.strip() or None


def _published(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    if not isinstance(value, str):
        raise ArticleRejected("its published is not a date")
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise ArticleRejected(f"its published {value!r} is not an ISO 8601 date") from None
    return value if _CALENDAR_DATE.match(value) else parsed.isoformat()


def _tags(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise ArticleRejected("its tags are not a list of strings")
    return tuple(dict.fromkeys(tag.strip() for tag in value if tag.strip()))


def _check_characters(value: str | None) -> None:
    if value is None:
        return
    if "\0" in value:
        raise ArticleRejected("it contains the character U+0000")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ArticleRejected(f"it contains half a surrogate pair at character {error.start}") from None


def _first_words(text: str) -> str:
    line = next(line for line in text.splitlines() if line.strip()).strip().lstrip("#").strip()
    if len(line) <= _TITLE_CHARS:
        return line
    return line[:_TITLE_CHARS].rsplit(" ", 1)[0] + " …"


def _made_id(url: str | None, title: str, text: str) -> str:
    kind, content = ("url", url) if url else ("text", f"{title}\n{text}")
    return f"{kind}-{hashlib.sha256(str(content).encode()).hexdigest()[:20]}"
