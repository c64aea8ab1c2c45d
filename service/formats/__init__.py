"""Files that come from anywhere → the fields of articles: Markdown, web pages, PDF, DOCX and feeds.

Each format has one module with one function, `read(data) -> list[Extract]`, which raises
ArticleRejected with the reason and its kind. None of them is called in the service's own process: a file
can be made to take all the time or memory there is, or to crash its parser. `process.Readers` runs them in
`child`, within bounds.
"""

from __future__ import annotations

from dataclasses import dataclass

SUFFIXES = {
    ".md": "markdown",
    ".markdown": "markdown",
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
_MOST_SHOWN = 60  # characters of a value that is ignored: a date has 35 at most


@dataclass(frozen=True, slots=True)
class Extract:
    """What a file says of one article: `fields` as `service.articles` takes them, and `warnings` for the
    person who ingests."""

    fields: dict[str, object]
    warnings: tuple[str, ...] = ()


def date_ignored(name: str, value: str) -> str:
    """The warning that what a file declares as a date, under this name, is none that can be used."""
    shown = value if len(value) <= _MOST_SHOWN else f"{value[:_MOST_SHOWN]}…"
    return f"its {name} {shown!r} is no usable date and is ignored"
