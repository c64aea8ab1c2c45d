"""Elements of a web page, or of what an extractor kept of one → paragraphs of text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree, html

from service.formats.tables import Cell, table_blocks

_HEADINGS = {f"h{n}": "#" * n for n in range(1, 7)}
_PARAGRAPHS = frozenset(
    """p div section article main header blockquote quote pre ul ol dl list dt dd figure figcaption body html
    address aside hr tr td th caption details summary""".split()
)
_ITEMS = frozenset({"li", "item"})
_BREAKS = frozenset({"br", "lb"})
_LEFT_OUT = frozenset("script style noscript template iframe object svg form button select nav".split())
_STRUCK = ("del", "s", "strike")
_POWER = re.compile(r"[-+−–]?(?:\d+(?:[.,]\d+)?|[knx](?:[-+]\d+)?)")
_SPACE = re.compile(r"\s+")
_BREAK = re.compile(r"[ ]*\n[ ]*")
_SEVERAL_BREAKS = re.compile(r"\n{2,}")
_FRAGMENT = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)


def squeeze(text: str) -> str:
    """`text` with every run of white space as one space, and none around."""
    return _SPACE.sub(" ", text).strip()


def fragment_text(markup: str) -> str:
    """The readable text of a piece of HTML, such as a feed has; empty where it has none."""
    if not markup.strip():
        return ""
    tree = html.document_fromstring(
        f"<div>{markup}</div>".encode("utf-8", "replace"), parser=_FRAGMENT, ensure_head_body=True
    )
    write_marks_out(tree)
    return "\n\n".join(markup_blocks(tree))


def write_marks_out(tree: html.HtmlElement) -> None:
    """Changes a page where its text alone would tell another thing: a raised number behind a digit becomes a
    power, 10^6, and what is struck out goes."""
    for struck in list(tree.iter(*_STRUCK)):
        # To drop it would join the texts around it, and lxml writes none with control characters.
        struck.clear(keep_tail=True)
    for raised in tree.iter("sup"):
        before, parent = raised.getprevious(), raised.getparent()
        text = (parent.text if before is None else before.tail) or ""
        if is_power(text, raised.text_content()):
            raised.text = f"^{(raised.text or '').strip()}"


def is_power(before: str, raised: str) -> bool:
    """Whether what is raised behind a text is an exponent, and not a mark of a note or the end of "1st"."""
    return before[-1:].isdigit() and bool(_POWER.fullmatch(raised.strip()))


def markup_blocks(root: etree._Element) -> list[str]:
    """The paragraphs, headings (`## `), list items (`- `) and table rows under an element, in order.

    Knows the elements of HTML and those of trafilatura's own documents.
    """
    writer = _Writer()
    writer.write(root)
    writer.flush()
    return writer.blocks


class _Writer:
    def __init__(self) -> None:
        self.blocks: list[str] = []
        self._pieces: list[str] = []
        self._prefix = ""

    def flush(self) -> None:
        """Ends the paragraph, if one was begun. A single line break stays one; several part paragraphs."""
        text = _BREAK.sub("\n", re.sub(r" {2,}", " ", "".join(self._pieces))).strip()
        self._pieces.clear()
        if not text:
            return
        prefix, self._prefix = self._prefix, ""
        if prefix:
            self.blocks.append(prefix + squeeze(text))
        else:
            self.blocks.extend(_SEVERAL_BREAKS.split(text))

    def write(self, element: etree._Element) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        heading = _HEADINGS.get(element.get("rend", "") if tag == "head" else tag)
        if not tag or tag in _LEFT_OUT or (tag == "head" and heading is None):
            return
        if tag in _BREAKS:
            self._pieces.append("\n")
        elif tag == "table":
            self.flush()
            self.blocks.extend(table_blocks(list(_rows(element))))
        elif heading or tag in _ITEMS or tag in _PARAGRAPHS:
            self.flush()
            self._prefix = f"{heading} " if heading else "- " if tag in _ITEMS else self._prefix
            self._write_content(element)
            self.flush()
            self._prefix = "" if heading or tag in _ITEMS else self._prefix
        else:
            self._write_content(element)

    def _write_content(self, element: etree._Element) -> None:
        self._pieces.append(_SPACE.sub(" ", element.text or ""))
        for child in element:
            self.write(child)
            self._pieces.append(_SPACE.sub(" ", child.tail or ""))


def _rows(table: etree._Element) -> Iterator[list[Cell]]:
    caption = table.find("caption")
    if caption is not None:
        yield [Cell(_cell_text(caption))]
    for row in table.iter("tr", "row"):
        nearest = next(row.iterancestors("table"), None)
        if nearest is not None and nearest is not table:  # a table in a cell is part of the cell
            continue
        cells = [cell for cell in row if cell.tag in ("td", "th", "cell")]
        yield [Cell(_cell_text(cell), cell.tag == "th" or cell.get("role") == "head") for cell in cells]


def _cell_text(cell: etree._Element) -> str:
    return squeeze(" ".join(str(piece) for piece in cell.itertext()))
