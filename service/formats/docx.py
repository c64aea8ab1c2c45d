"""DOCX: headings, paragraphs, lists and tables in the order of the document.

Headers, footers, notes, comments and text that was struck out are left out. A raised number behind a
digit is a power, as in pages (`markup.is_power`).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime

from docx import Document
from docx.document import Document as DocumentObject
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from lxml import etree

from service.errors import ArticleRejected
from service.formats import Extract, date_ignored
from service.formats.languages import language_code
from service.formats.markup import is_power, squeeze
from service.formats.tables import Cell, table_blocks

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_MOST_UNPACKED_BYTES = 200_000_000
_HEADING = re.compile(r"heading (\d)$", re.IGNORECASE)
_DEFAULT_AUTHOR = "python-docx"  # what that library writes where nobody said
_TEXT, _TAB, _BREAKS = qn("w:t"), qn("w:tab"), (qn("w:br"), qn("w:cr"))
_HYPHEN = qn("w:noBreakHyphen")
_RUN, _PROPERTIES = qn("w:r"), qn("w:rPr")
_STRUCK = (qn("w:strike"), qn("w:dstrike"))
_OFF = frozenset({"0", "false", "off"})
_LEFT_OUT = frozenset(
    qn(name) for name in ("w:del", "w:moveFrom", "w:instrText", "w:footnoteReference", "w:pPr", "w:rPr")
) | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}


def read(data: bytes) -> list[Extract]:
    """The one article of a document. Raises ArticleRejected for an encrypted, broken or oversized one."""
    if data.startswith(_OLE):
        raise ArticleRejected("it is an encrypted document, or one of the old .doc kind", "unreadable")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > _MOST_UNPACKED_BYTES:
            raise ArticleRejected(
                f"it unpacks to {unpacked / 1e6:.0f} MB, more than {_MOST_UNPACKED_BYTES / 1e6:.0f} MB",
                "over_bounds",
            )
        document = Document(io.BytesIO(data))
        heading, blocks = _title_and_blocks(document)
        fields, warnings = _about(document)
    except (zipfile.BadZipFile, PackageNotFoundError) as error:
        raise ArticleRejected(f"it is a broken DOCX: {error}", "unreadable") from None
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from None
        raise ArticleRejected(f"it is a broken DOCX: {error}", "unreadable") from None
    except (KeyError, ValueError, AttributeError) as error:
        raise ArticleRejected(f"it is a broken DOCX: {error or type(error).__name__}", "unreadable") from None
    title = fields["title"] or heading
    if blocks and heading and title != heading:
        blocks.insert(0, f"# {heading}")
    return [Extract(fields | {"title": title, "text": "\n\n".join(blocks)}, warnings)]


def _about(document: DocumentObject) -> tuple[dict[str, object], tuple[str, ...]]:
    """What the document says of itself, and a warning where its date cannot be understood."""
    about = document.core_properties
    template = about.author == _DEFAULT_AUTHOR
    created: datetime | None = None if template else about.created
    # The library says nothing of a date that it cannot read.
    told = None if template or created else about._element.findtext(qn("dcterms:created"))
    fields: dict[str, object] = {
        "title": squeeze(about.title or "") or None,
        "author": None if template else squeeze(about.author or "") or None,
        "published": created.isoformat() if created else None,
        "language": language_code(about.language),
    }
    return fields, (date_ignored("created", told),) if told else ()


def _title_and_blocks(document: DocumentObject) -> tuple[str | None, list[str]]:
    """The title that the document opens with, if it does, and its blocks."""
    styles = {style.style_id: (style.name or "") for style in document.styles}
    title: str | None = None
    blocks: list[str] = []
    for element in _content(document.element.body):
        if element.tag == qn("w:tbl"):
            blocks.extend(table_blocks(list(_rows(element))))
            continue
        text = squeeze(_text(element))
        if not text:
            continue
        name = styles.get(_value(element, "w:pStyle") or "", "")
        level = _HEADING.match(name)
        if name == "Title" and title is None and not blocks:
            title = text
        elif level or name == "Title":
            blocks.append(f"{'#' * min(6, int(level.group(1))) if level else '#'} {text}")
        elif name.startswith("List") or element.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None:
            blocks.append(f"- {text}")
        else:
            blocks.append(text)
    return title, blocks


def _content(parent: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs and tables in order, those inside content controls and insertions too."""
    for child in parent:
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            yield from _content(child)


def _value(paragraph: etree._Element, name: str) -> str | None:
    found = paragraph.find(f"{qn('w:pPr')}/{qn(name)}")
    return None if found is None else found.get(qn("w:val"))


def _text(element: etree._Element) -> str:
    text = ""
    for piece, raised in _pieces(element):
        text += f"^{piece.strip()}" if raised and is_power(text, piece) else piece
    return text


def _pieces(element: etree._Element) -> Iterator[tuple[str, bool]]:
    """The text in order, and whether it is raised."""
    if element.tag == _TEXT:
        yield element.text or "", False
    elif element.tag == _TAB or element.tag in _BREAKS:
        yield " ", False
    elif element.tag == _HYPHEN:
        yield "-", False
    elif element.tag != _RUN or not _is_struck(element):
        pieces = (p for child in element if child.tag not in _LEFT_OUT for p in _pieces(child))
        if element.tag == _RUN and _is_raised(element):
            yield "".join(text for text, _ in pieces), True
        else:
            yield from pieces


def _is_struck(run: etree._Element) -> bool:
    marks = [run.find(f"{_PROPERTIES}/{name}") for name in _STRUCK]
    return any(mark is not None and mark.get(qn("w:val")) not in _OFF for mark in marks)


def _is_raised(run: etree._Element) -> bool:
    place = run.find(f"{_PROPERTIES}/{qn('w:vertAlign')}")
    return place is not None and place.get(qn("w:val")) == "superscript"


def _rows(table: etree._Element) -> Iterator[list[Cell]]:
    above: dict[int, str] = {}  # a cell that goes on below says its piece in each row
    for row in table.iter(qn("w:tr")):
        if next(row.iterancestors(qn("w:tbl"))) is not table:
            continue
        head = row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        cells: list[Cell] = []
        for cell in row.iter(qn("w:tc")):
            if next(cell.iterancestors(qn("w:tr"))) is not row:
                continue
            merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            text = squeeze(" ".join(_text(paragraph) for paragraph in cell.iter(qn("w:p"))))
            if merged is not None and merged.get(qn("w:val")) != "restart":
                text = text or above.get(len(cells), "")
            above[len(cells)] = text
            cells.append(Cell(text, head))
            span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
            width = span.get(qn("w:val"), "1") if span is not None else "1"
            cells.extend([Cell("", head)] * (min(int(width), 100) - 1))
        yield cells
