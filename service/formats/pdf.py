"""PDF: the text layer of each page, as paragraphs, with the place where each page begins.

Tables are not recognised: their cells stay lines of text, as the file has them.
"""

from __future__ import annotations

import io
import logging
import re
from datetime import datetime

from pypdf import PdfReader
from pypdf.errors import FileNotDecryptedError, PyPdfError

from service.errors import ArticleRejected
from service.formats import Extract, date_ignored
from service.formats.languages import language_code
from service.formats.page_text import join_pages

_TAIL_BYTES = 4_096
# What programs write into the title when nobody gave one.
_NO_TITLE = re.compile(r"(?i)^(?:untitled|microsoft word\b.*|.*\.(?:docx?|pdf|indd|qxd|odt|rtf|xlsx?))$")
_MOST_NAMED = 10
_MOST_PAGES = 5_000


def read(data: bytes) -> list[Extract]:
    """The one article of a file; its `page_starts` are where each page begins in its text.

    Raises ArticleRejected for a file that is encrypted, cut off or broken, and for one without text.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it complains of, it also mends
    if b"%PDF-" not in data[:1_024]:
        raise ArticleRejected("it is no PDF", "unreadable")
    if b"%%EOF" not in data.rstrip(b"\0\r\n\t ")[-_TAIL_BYTES:]:
        raise ArticleRejected("it is cut off: the end of the PDF is missing", "unreadable")
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ArticleRejected("it is encrypted: without its password it can't be read", "unreadable")
        count = len(reader.pages)
        if count > _MOST_PAGES:
            raise ArticleRejected(f"it has {count} pages, more than {_MOST_PAGES}", "over_bounds")
        text, starts = join_pages([page.extract_text() for page in reader.pages])
        fields, warnings = _about(reader)
    except FileNotDecryptedError:
        raise ArticleRejected(
            "it is encrypted: without its password it can't be read", "unreadable"
        ) from None
    except PyPdfError as error:
        raise ArticleRejected(f"it is a broken PDF: {error}", "unreadable") from None
    if not any(c.isalnum() for c in text):
        pages = "its one page is" if count == 1 else f"its {count} pages are"
        raise ArticleRejected(
            f"it has no text: {pages} an image or empty. A scanned PDF needs text recognition (OCR) first",
            "unreadable",
        )
    empty = [i for i, (a, b) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True), 1) if a == b]
    if empty:
        warnings = (*warnings, f"no text on {_pages(empty)}")
    return [Extract(fields | {"text": text, "page_starts": starts}, warnings)]


def _about(reader: PdfReader) -> tuple[dict[str, object], tuple[str, ...]]:
    """What the file says of itself, without a title that is none; and a warning where its date cannot be
    understood."""
    about = reader.metadata
    title = str(about.title or "").replace("\0", "").strip() if about else ""
    created: datetime | None = None
    warnings: tuple[str, ...] = ()
    if about:
        try:
            created = about.creation_date
        except ValueError:
            warnings = (date_ignored("CreationDate", str(about.creation_date_raw)),)
    language = reader.root_object.get("/Lang")
    fields: dict[str, object] = {
        "title": None if _NO_TITLE.match(title) else title or None,
        "author": (str(about.author or "").replace("\0", "").strip() or None) if about else None,
        "published": created.isoformat() if created else None,
        "language": language_code(str(language)) if language else None,
    }
    return fields, warnings


def _pages(numbers: list[int]) -> str:
    named = ", ".join(map(str, numbers[:_MOST_NAMED]))
    more = f" and {len(numbers) - _MOST_NAMED} more" if len(numbers) > _MOST_NAMED else ""
    return f"page {named}" if len(numbers) == 1 else f"pages {named}{more}"
