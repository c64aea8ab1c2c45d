"""Files that come from anywhere → the fields of articles: web pages, PDF, DOCX and feeds.

Each format has one module with one function, `read(data) -> list[Extract]`, which raises
ArticleRejected with the reason. None of them is called in the service's own process: a file can be
made to take all the time or memory there is, or to crash its parser. `process.Readers` runs them in
`child`, within bounds.
"""

from __future__ import annotations

from dataclasses import dataclass

SUFFIXES = {
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
}
"""The module that reads a file, by the suffix of its name."""


@dataclass(frozen=True, slots=True)
class Extract:
    """What a file says of one article: `fields` as `service.articles` takes them, and `warnings` for the
    person who ingests."""

    fields: dict[str, object]
    warnings: tuple[str, ...] = ()
