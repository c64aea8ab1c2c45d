"""Web pages: trafilatura tells the article from what stands around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from itertools import chain, islice
from urllib.parse import urlsplit

import htmldate
import trafilatura
from charset_normalizer import from_bytes
from lxml import etree, html

from service.errors import ArticleRejected
from service.formats import Extract, date_ignored
from service.formats.dates import iso_date
from service.formats.languages import language_code
from service.formats.markup import markup_blocks, squeeze, write_marks_out
from service.formats.utf8 import BINARY

_DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE
)
_UTF_8 = ("utf-8", "utf8")
_CUT = re.compile(rb"(?:[\xe0-\xef][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{1,2})(?![\x80-\xbf])")
"""The beginning of a character of UTF-8 without its end, which no other text has by chance."""
_TOLD = "//meta[@property='article:published_time' or @name='article:published_time']/@content"
_TOLD_BY_ITEM = "//meta[@itemprop='datePublished']/@content"
_JSON_LD = "//script[@type='application/ld+json']/text()"
_METADATA = "//meta | //link[@rel='canonical']"
_OTHER_DATES = re.compile(
    r"modif|updat|revis|image|copyright|expir|(?:per|pem)ba(?:ha)?ru|mutakhir|diubah", re.IGNORECASE
)
"""In the names of metadata and of elements that are no date of publication."""
_CHANGED = re.compile(
    r"\b(?:(?:last|date|page) +(?:updated?|modified|revised)|(?:updated|modified|revised)(?: +(?:on|at))?"
    r"|di(?:per)?baharui|diperbarui|dimutakhirkan|diubah|(?:pembaruan|pemutakhiran|update|revisi) terakhir)"
    r"(?: +(?:pada|tanggal|on|at))?\W*(?:\w+\W*){0,2}$",
    re.IGNORECASE,
)
"""At the end of what stands before the date of a change, but for a weekday or month. A section "Update" or a
title "Revisi UU TNI" is none."""
_NODE_TYPES = (
    re.compile(r"(?:Article|BlogPosting)\b", re.IGNORECASE),
    re.compile(r"WebPage\b"),
    re.compile(r"\A(?!.*(?:Web|Organization|Person|Object|Comment|List|Event|Article|BlogPosting))"),
)
"""Of nodes with a date, the surest first: articles, the page, and other works ("Review")."""
_ARTICLE_TYPE = re.compile(r"\"@type\"\s*:\s*(?:\[[^\]]*)?\"\w*(?:Article|BlogPosting)\"")
_DATE_PUBLISHED = re.compile(r"\"datePublished\"\s*:\s*\"([^\"]{1,100})\"")
_BODIES = ("//article[.//h1]", "//main[.//h1]", "//article", "//main")
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_BESIDE = frozenset("aside nav footer figure article main script style template".split())
_DATE_NAMES = frozenset("date published publish publishdate posted tanggal".split())
_LONGEST_MARKED, _MOST_TRIED = 100, 8  # characters of its text; dates of each kind
_LONGEST_LABEL = 40
_SHORT_CHARS, _LEAD_CHARS = (
    300,
    500,
)  # of a title, a lead and the names of who wrote: behind them an article shows its date
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
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
    published, warnings = _published(tree)
    write_marks_out(tree)
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
    fields: dict[str, object] = {
        "title": title,
        "text": "\n\n".join(blocks),
        "author": found.author,
        "url": _web_address(found.url),
        "source": found.sitename or found.hostname,
        "published": published,
        "language": language,
    }
    return [Extract(fields, warnings)]


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


def _published(tree: html.HtmlElement) -> tuple[str | None, tuple[str, ...]]:
    """When a page says that its article was published, to the hour where it declares one, and a warning where
    what it declares is no date: in its metadata, or in an element that is marked as a date. One in the text,
    of the last change or beside a related story would be an invented fact."""
    told = [*tree.xpath(_TOLD), *_told_in_json(tree), *tree.xpath(_TOLD_BY_ITEM)]
    told = [text for text in (_NOT_XML.sub("", one).strip() for one in told) if text][:_MOST_TRIED]
    for text in told:
        if day := _day([html.Element("meta", property="article:published_time", content=text)]):
            return _to_the_hour(day, text), ()
    warnings = (date_ignored("published", told[0]),) if told else ()
    if day := _day([element for element in tree.xpath(_METADATA) if _is_of_publication(element)]):
        return day, warnings
    declared = tree.xpath("//*[@itemprop='datePublished'] | //time[@pubdate]")
    body = next((found[0] for path in _BODIES if (found := tree.xpath(path))), None)
    for element in islice(chain(declared, () if body is None else _marked(body)), _MOST_TRIED):
        if day := _day([element]):
            return _to_the_hour(day, element.get("datetime", "")), warnings
    return None, warnings


def _day(elements: Sequence[html.HtmlElement]) -> str | None:
    """The day that these elements alone declare."""
    page = html.document_fromstring("<html><head></head><body></body></html>")
    for element in elements:
        copied = deepcopy(element)
        copied.tail = None
        (page.head if element.tag in ("meta", "link") else page.body).append(copied)
    return htmldate.find_date(page, extensive_search=False, original_date=True)


def _to_the_hour(day: str, declared: str) -> str:
    """The day, to the hour where it is declared with one. Midnight is none: so a day is declared too."""
    moment = iso_date(declared) or ""
    return moment if moment.startswith(f"{day}T") and "T00:00:00" not in moment else day


def _told_in_json(tree: html.HtmlElement) -> list[str]:
    """What JSON-LD tells as the dates of articles, then of the page itself. Their parts (comments, other
    stories) and the entries of lists have dates of their own. Where the JSON is broken, its first date."""
    told: list[tuple[str, str]] = []
    for script in tree.xpath(_JSON_LD):
        try:
            nodes = [json.loads(script, strict=False)]
        except (ValueError, RecursionError):
            kind = "Article" if _ARTICLE_TYPE.search(script) else "WebPage"
            told.extend((kind, found[1]) for found in islice(_DATE_PUBLISHED.finditer(script), 1))
            continue
        for node in nodes:  # which grow
            if isinstance(node, list):
                nodes.extend(node)
            elif isinstance(node, dict):
                if isinstance(text := node.get("datePublished"), str):
                    told.append((str(node.get("@type")), text))
                nodes.extend(node.get(key) for key in ("@graph", "mainEntity"))
    return [text for type_ in _NODE_TYPES for kind, text in told if type_.search(kind)]


def _is_of_publication(element: html.HtmlElement) -> bool:
    names = (element.get(key, "") for key in ("property", "name", "itemprop", "http-equiv"))
    return not _OTHER_DATES.search(" ".join(names))


def _marked(body: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """The elements that are marked as dates where an article shows its own: before the most of its text, not
    beside it, and not behind a label that tells of a change."""
    text = "".join(body.xpath(".//text()[not(parent::script or parent::style)]"))
    left, label = min(_LEAD_CHARS, max(_SHORT_CHARS, len(squeeze(text)) // 2)), ""
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        if event == "start" and element.tag in _BESIDE and element is not body:
            walk.skip_subtree()
            continue
        if event == "start" and _is_marked(element, label):
            yield element
        shown = squeeze((element.text if event == "start" else element.tail) or "")
        if element.tag in _HEADINGS:
            label = ""  # "Revisi UU TNI disahkan"
        label = shown or label
        left -= len(shown)
        if left < 0:
            return


def _is_marked(element: html.HtmlElement, label: str) -> bool:
    """Whether an element is one for a date of publication, by its names, its text and the text before it."""
    names = f"{element.get('class', '')} {element.get('id', '')} {element.get('itemprop', '')}"
    if element.tag != "time" and _DATE_NAMES.isdisjoint(re.split(r"[\s_-]+", names.lower())):
        return False
    text = element.text_content()
    label = label if len(label) <= _LONGEST_LABEL else ""
    opening = re.split(r"\d", text, maxsplit=1)[0]
    if len(text) > _LONGEST_MARKED or _OTHER_DATES.search(names):
        return False
    return not any(_CHANGED.search(told) for told in (label, opening) if len(told) <= _LONGEST_LABEL)


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
