"""RSS and Atom files: an article for each entry that has text."""

from __future__ import annotations

import io
import re
from typing import Any

import feedparser

from service.errors import ArticleRejected
from service.formats import Extract, date_ignored
from service.formats.dates import iso_date
from service.formats.languages import language_code
from service.formats.markup import fragment_text, squeeze

_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_END = re.compile(rb"</(?:[\w-]+:)?(?:rss|feed|RDF)\s*>", re.IGNORECASE)
_END_BYTES = 4_096
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_MARKUP = re.compile(r"<[a-zA-Z!/][^>]*>|&(?:#\d+|#x[\da-fA-F]+|[a-zA-Z]+);")


def read(data: bytes) -> list[Extract]:
    """One article an entry, in the feed's order: the longest of its contents and summary, as text.

    An entry without text has an empty one. Raises ArticleRejected for what is no feed, is cut off or declares
    entities, and for a feed without entries.
    """
    plain = data.replace(b"\0", b"")  # UTF-16, near enough to find a word in
    if _ENTITY.search(plain):
        raise ArticleRejected(
            "it declares XML entities, which a feed has no use for and a bomb has", "over_bounds"
        )
    # A stream: the library would take a string for an address and fetch it.
    feed = feedparser.parse(io.BytesIO(data), resolve_relative_uris=False)
    if not feed.version:
        raise ArticleRejected("it is no RSS or Atom feed", "unreadable")
    if not _END.search(plain[-_END_BYTES:]):
        raise ArticleRejected("it is cut off: the end of the feed is missing", "unreadable")
    if not feed.entries:
        raise ArticleRejected("the feed has no entries", "unreadable")
    language = language_code(feed.feed.get("language"))
    source = squeeze(feed.feed.get("title", "")) or None
    warnings = ("not well-formed XML; read as far as it can be understood",) if feed.bozo else ()
    first, *others = (_entry(entry, source, language) for entry in feed.entries)
    return [Extract(first.fields, (*warnings, *first.warnings)), *others]


def _entry(entry: Any, source: str | None, language: str | None) -> Extract:
    contents = [*entry.get("content", ())]
    if "summary_detail" in entry:
        contents.append(entry.summary_detail)
    texts = [_text(part) for part in contents]
    link = entry.get("link")
    tags = [squeeze(tag.get("term") or "") for tag in entry.get("tags", ())]
    published, warnings = _published(entry)
    fields: dict[str, object] = {
        "id": squeeze(entry.get("id") or link or "") or None,
        "title": squeeze(fragment_text(entry.get("title", ""))) or None,
        "text": max(texts, key=len, default=""),
        "url": link if link and link.startswith(("http://", "https://")) else None,
        "source": source,
        "author": squeeze(entry.get("author", "")) or None,
        "published": published,
        "language": language_code(contents[0].get("language") if contents else None) or language,
        "tags": [tag for tag in tags if tag],
    }
    return Extract(fields, warnings)


def _text(content: Any) -> str:
    value = content.get("value") or ""
    if content.get("type") in _HTML or _MARKUP.search(value):
        return fragment_text(value)
    return "\n\n".join(filter(None, (squeeze(part) for part in re.split(r"\n\s*\n", value))))


def _published(entry: Any) -> tuple[str | None, tuple[str, ...]]:
    """When it was published, else updated, with the offset that the feed has; and warnings of what stands
    there and is no date."""
    warnings: list[str] = []
    for name in ("published", "updated"):
        # Where one is missing, get() would give the other.
        if name not in entry or not (value := entry[name]):
            continue
        # The library takes whatever it can make a date of: it reads 1709651700 as a day of 2017.
        if found := iso_date(value):
            return found, tuple(warnings)
        warnings.append(date_ignored(name, value))
    return None, tuple(warnings)
