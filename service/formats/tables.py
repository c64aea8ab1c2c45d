"""Tables → sentences that can be quoted: one for each row, with the names of its columns.

| Provinsi   | Penduduk  |        Provinsi: Jawa Barat; Penduduk: 49,9 juta.
| Jawa Barat | 49,9 juta |
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_ENDS = re.compile(r"[.!?…][\"'”’»)\]]*$")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Cell:
    """`head` tells that the file marks it as the name of a column or row."""

    text: str
    head: bool = False


def table_blocks(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """A paragraph for each row, in order; none for an empty table.

    The names of the columns are the first row where the file says so, or where it looks like one. A table
    of two columns without them holds names and values. A row with one cell (a caption, a group of rows,
    a table that is only there for the layout) stands as it is.
    """
    header: list[str] | None = None
    blocks: list[str] = []
    full = [row for row in rows if sum(bool(cell.text) for cell in row) > 1]
    has_header = bool(full) and _is_header(full)
    for row in rows:
        texts = [cell.text for cell in row]
        if sum(map(bool, texts)) <= 1:
            blocks.extend(filter(None, texts))
        elif has_header and header is None:
            header = texts
        else:
            blocks.append(_row_sentence(header, texts))
    if header is not None and len(full) == 1:
        blocks.append("; ".join(filter(None, header)))
    return blocks


def _is_header(rows: Sequence[Sequence[Cell]]) -> bool:
    first, *others = rows
    if all(cell.head for cell in first if cell.text):
        return True
    if any(cell.head for row in rows for cell in row):  # only the names of rows are marked
        return False
    if not others or any(_DIGIT.search(cell.text) for cell in first):
        return False
    # A column of figures below a word has a name. Among words alone, two columns are names and values.
    numbered = any(
        all(len(row) > i and _DIGIT.search(row[i].text) for row in others) for i in range(len(first))
    )
    return numbered or len(first) > 2


def _row_sentence(header: Sequence[str] | None, texts: Sequence[str]) -> str:
    if header is None and len(texts) == 2:
        parts = [f"{texts[0].rstrip(' :')}: {texts[1]}"]
    else:
        names = [*(header or ()), *[""] * len(texts)]
        parts = [
            f"{name.rstrip(' :')}: {text}" if name else text
            for name, text in zip(names, texts, strict=False)
            if text
        ]
    sentence = "; ".join(parts)
    return sentence if _ENDS.search(sentence) else f"{sentence}."
