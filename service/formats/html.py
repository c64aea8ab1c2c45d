"""Web pages: trafilatura tells the article from what stands around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from copy import deepcopy
from datetime import date, datetime, time
from urllib.parse import urlsplit

import htmldate
import trafilatura
from charset_normalizer import from_bytes
from lxml import etree, html

from service.errors import ArticleRejected
from service.formats import Extract, date_ignored
from service.formats.languages import language_code
from service.formats.markup import markup_blocks, squeeze
from service.formats.utf8 import BINARY

_DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE
)
_UTF_8 = ("utf-8", "utf8")
_CUT = re.compile(rb"(?:[\xe0-\xef][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{1,2})(?![\x80-\xbf])")
"""The beginning of a character of UTF-8 without its end, which no other text has by chance."""
_DATES = "//meta[@property='article:published_time' or @itemprop='datePublished']/@content"
_METADATA = "//meta | //link[@rel='canonical'] | //script[@type='application/ld+json']"
_OTHER_DATES = re.compile(r"modif|updat|revis|image|copyright|expir", re.IGNORECASE)
"""In the names of metadata and of elements that are no date of publication."""
_ARTICLE_TYPE = re.compile(r"\"@type\"\s*:\s*(?:\[[^\]]*)?\"\w*(?:Article|BlogPosting)\"")
_BODIES = ("//article[.//h1]", "//main[.//h1]", "//article", "//main")
_MARKED = """.//*[(self::time or self::abbr or @class or @id) and not(ancestor::aside or ancestor::nav
    or ancestor::footer)]"""
_DATE_NAMES = frozenset("date published publish publishdate posted tanggal".split())
_LONGEST_MARKED, _MOST_MARKED = 100, 8  # characters of its text; elements that are tried
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DECLARATION_BYTES = 4_096
# What gzip, PNG, JPEG, GIF, ZIP, PDF, Office's and SQLite's files begin with, some of which hold much text.
_BINARY_STARTS = (
    b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0",
    b"SQLite format 3\0",
)  # fmt: skip
# Characters of no text. NUL and ESC are of some: of UTF-16 without a mark, and of ISO-2022.
_NOISE = re.compile("[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_NOISE_SHARE = 0.05  # packed and random bytes have a tenth, a page some that its program let slip
_MOST_SPANNED = 100
_MOST_CELLS_COPIED = 20_000


def read(data: bytes) -> list[Extract]:
    """The one article of a page. Tables become sentences; navigation, comments and notices are left out.

    Raises ArticleRejected for a binary file, and where the page has no text of an article.
    """
    text = decode(data)
    if data.startswith(_BINARY_STARTS) or len(_NOISE.findall(text)) > _NOISE_SHARE * len(text):
        raise ArticleRejected(BINARY, "unreadable")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        tree = html.document_fromstring(_CONTROL.sub("", text).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        raise ArticleRejected("it is no web page: there is nothing in it", "unreadable") from None
    language = _language(tree)
    dates = [text.strip() for text in tree.xpath(_DATES)]
    day = _day(tree)
    _repeat_spanning_cells(tree)
    found = trafilatura.bare_extraction(
        tree,
        include_comments=False,
        with_metadata=True,
        date_extraction_params={"extensive_search": False, "original_date": True},  # which is not used
    )
    if found is None or not isinstance(found, trafilatura.settings.Document) or found.body is None:
        raise ArticleRejected("it has no text that looks like an article", "unreadable")
    title = squeeze(found.title) if found.title else None
    blocks = markup_blocks(found.body)
    if blocks and title and blocks[0].lstrip("# ") == title:
        del blocks[0]
    if not blocks:
        raise ArticleRejected("it has no text that looks like an article", "unreadable")
    published = _published(day, _hours(dates))
    fields: dict[str, object] = {
        "title": title,
        "text": "\n\n".join(blocks),
        "author": found.author,
        "url": _web_address(found.url),
        "source": found.sitename or found.hostname,
        "published": published,
        "language": language,
    }
    return [Extract(fields, _warnings(dates, published))]


def decode(data: bytes) -> str:
    """A page's text: in the encoding of its byte order mark, UTF-8 where it is that, but for a few broken
    characters, the one that it declares, else the likeliest."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass  # then it is what it declares
    declared = _DECLARED.search(data[:_DECLARATION_BYTES])
    name = declared.group(1).decode("ascii").lower() if declared else ""
    # A character cut in two, or a stray byte of another program, is one character, not another encoding.
    text = data.decode("utf-8", "replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    sound = sum(not c.isascii() for c in text) - broken + len(_CUT.findall(data))
    if sound >= broken if name in _UTF_8 else sound > 2 * broken:
        return text
    # Browsers read these names as Windows-1252, and pages are written for browsers.
    name = "cp1252" if name in ("iso-8859-1", "latin1", "ascii", "us-ascii", *_UTF_8) else name
    if name:
        with suppress(LookupError):
            return data.decode(name, "replace")
    return _likeliest(data)


def _likeliest(data: bytes) -> str:
    best = from_bytes(data).best()
    return data.decode("cp1252", "replace") if best is None else str(best)


def _language(tree: html.HtmlElement) -> str | None:
    declared = [
        tree.get("lang"),
        tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang"),
        *tree.xpath("//meta[@property='og:locale']/@content"),
    ]
    return next((code for code in map(language_code, declared) if code), None)


def _web_address(url: str | None) -> str | None:
    return url if url and urlsplit(url).scheme in ("http", "https") else None


def _day(tree: html.HtmlElement) -> str | None:
    """The day that a page declares for its article: in its metadata, or in an element that is marked as a
    date. One in the text, of the last change or beside a related story would be an invented fact."""
    metadata = [element for element in tree.xpath(_METADATA) if _is_of_publication(element)]
    metadata.sort(key=lambda element: not _ARTICLE_TYPE.search(element.text or ""))
    declared = tree.xpath("//*[@itemprop='datePublished'] | //time[@pubdate]")
    body = next((found[0] for path in _BODIES if (found := tree.xpath(path))), None)
    marked = [] if body is None else [e for e in body.xpath(_MARKED) if _is_marked(e, body)]
    for elements in (metadata, *([element] for element in [*declared, *marked][:_MOST_MARKED])):
        page = html.document_fromstring("<html><head></head><body></body></html>")
        for element in elements:
            (page.body if elements is not metadata else page.head).append(_alone(element))
        if day := htmldate.find_date(page, extensive_search=False, original_date=True):
            return str(day)
    return None


def _is_of_publication(element: html.HtmlElement) -> bool:
    if element.tag == "script":
        return '"datePublished"' in (element.text or "")
    names = (element.get(key, "") for key in ("property", "name", "itemprop", "http-equiv"))
    return not _OTHER_DATES.search(" ".join(names))


def _is_marked(element: html.HtmlElement, body: html.HtmlElement) -> bool:
    """Whether an element of the article, and of none within it, is one for a date."""
    named = f"{element.get('class', '')} {element.get('id', '')} {element.get('itemprop', '')}"
    if _OTHER_DATES.search(named) or next(element.iterancestors("article", "main"), None) is not body:
        return False
    is_date = element.tag == "time" or not _DATE_NAMES.isdisjoint(re.split(r"[\s_-]+", named.lower()))
    return is_date and len(element.text_content()) <= _LONGEST_MARKED


def _alone(element: html.HtmlElement) -> html.HtmlElement:
    copied = deepcopy(element)
    copied.tail = None
    return copied


def _hours(dates: Sequence[str]) -> list[datetime]:
    """When the page says that it was published, to the hour."""
    found = []
    for text in dates:
        try:
            found.append(datetime.fromisoformat(text))
        except ValueError:  # what it declares is no moment: the article has the day that was found, or none
            continue
    return found


def _published(value: str | None, hours: Sequence[datetime]) -> str | None:
    """The day that was found, to the hour where the page declares one of that day."""
    try:
        day = date.fromisoformat(value[:10]) if value else None
    except ValueError:
        return None
    if day is None:
        return None
    return next((hour for hour in hours if hour.date() == day and hour.time() != time.min), day).isoformat()


def _warnings(dates: Sequence[str], published: str | None) -> tuple[str, ...]:
    """A warning where the page declares a date that is not the article's, which has another or none."""
    told = next(filter(None, dates), None)
    # htmldate reads dates in words too, and does not say where it found one: the year tells.
    if told is None or (published and any(published[2:4] in text for text in dates)):
        return ()
    return (date_ignored("published", told),)


def _repeat_spanning_cells(tree: html.HtmlElement) -> None:
    """A cell that spans rows says its piece in each of them, so that each row is a whole sentence."""
    copied = 0
    for table in tree.iter("table"):
        rows = [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]
        for i, row in enumerate(rows):
            for column, cell in enumerate(list(row)):
                span = cell.get("rowspan", "") if cell.tag in ("td", "th") else ""
                if not (span.isascii() and span.isdigit()):
                    continue
                del cell.attrib["rowspan"]
                for below in rows[i + 1 : i + min(int(span[:4]), _MOST_SPANNED)]:
                    copied += 1
                    if copied > _MOST_CELLS_COPIED:
                        raise ArticleRejected("its tables have too many spanning cells", "over_bounds")
                    again = deepcopy(cell)
                    again.tail = None
                    below.insert(column, again)
