"""The lines of printed pages → one text of whole paragraphs, and where each page begins in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

_EDGE_LINES = 3
_EDGE_CHARS = 120
_NUMBER_DIGITS = 5
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff]")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_SPACES = re.compile(r"[ \t\u00a0]+")
_ENDS_SENTENCE = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
_BULLET = re.compile(r"(?:[-*•–—·▪]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+")
_BROKEN_WORD = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)*)[-\u2010]$")
_BROKEN_RANGE = re.compile(r"\d[-–]$")
_FULL_LINE = 0.75


def join_pages(pages: Sequence[str]) -> tuple[str, list[int]]:
    """(text, offset of each page's first character), from the text of each page, in lines.

    Lines become paragraphs and words broken at a line's end are mended. Lines that repeat on most
    pages (headers, footers, page numbers) are left out. Pages are parted by a blank line, unless a sentence
    runs on from one to the next. A page without text begins where the next one does.
    """
    lines = _without_repeated([[_cleaned(line) for line in page.splitlines()] for page in pages])
    words = Counter(w.lower() for page in lines for line in page for w in _WORD.findall(_unbroken(line)))
    text = ""
    starts: list[int] = []
    for page in lines:
        paragraphs = _paragraphs(page, words)
        if text and paragraphs:
            text += _between(text, paragraphs[0])
            if broken := _BROKEN_WORD.search(text):
                text = text[: broken.start()] + _mended(broken.group(1), paragraphs[0], words)
        starts.append(len(text))
        text += "\n\n".join(paragraphs)
    # Where the pages after it are empty too, a page begins at the end.
    return text, _moved_to_next(starts, [bool(page) for page in lines], len(text))


def _cleaned(line: str) -> str:
    return _SPACES.sub(" ", _CONTROL.sub("", line).translate(_LIGATURES)).strip()


def _moved_to_next(starts: list[int], filled: Sequence[bool], end: int) -> list[int]:
    moved, following = list(starts), end
    for i in range(len(starts) - 1, -1, -1):
        if not filled[i]:
            moved[i] = following
        following = moved[i]
    return moved


def _unbroken(line: str) -> str:
    return _BROKEN_WORD.sub("", line)


def _without_repeated(pages: list[list[str]]) -> list[list[str]]:
    """The lines of each page, blank ones left out, without those at its edges that most pages have."""
    pages = [[line for line in page if line] for page in pages]
    filled = sum(map(bool, pages))
    seen: Counter[str] = Counter()
    keys: list[dict[int, set[str]]] = []
    for number, page in enumerate(pages):
        last = len(page) - 1
        at_edges = {
            i: set(_line_keys(page[i], number, filled, outermost=i in (0, last)))
            for i in range(len(page))
            if i < _EDGE_LINES or i > last - _EDGE_LINES
        }
        keys.append(at_edges)
        seen.update({key for found in at_edges.values() for key in found})
    often = {key for key, count in seen.items() if count >= 2 and count * 2 > filled}
    return [
        [line for i, line in enumerate(page) if not (i in at_edges and at_edges[i] & often)]
        for page, at_edges in zip(pages, keys, strict=True)
    ]


def _line_keys(line: str, page: int, filled: int, outermost: bool) -> Iterator[str]:
    """What a line has in common with the same line on another page: its words, or its words with the page's
    number, which grows with the pages; the number alone, where it opens or ends the page's first or last
    line."""
    if len(line) > _EDGE_CHARS:
        return
    yield line
    for found in _NUMBER.finditer(line):
        alone = found.start() == 0 or found.end() == len(line)
        # On two pages, two numbers in a row are too easily a coincidence.
        if len(found.group()) > _NUMBER_DIGITS or not (alone or filled > 2):
            continue
        offset = int(found.group()) - page
        yield f"{line[: found.start()]}\0{offset}\0{line[found.end() :]}"
        if alone and outermost and filled > 2:
            yield f"\0{offset}"


def _paragraphs(lines: list[str], words: Counter[str]) -> list[str]:
    """Lines joined where one goes on in the next."""
    widths = sorted(map(len, lines))
    full = widths[int(len(widths) * 0.9)] * _FULL_LINE if widths else 0
    paragraphs: list[str] = []
    last = ""
    for line in lines:
        broken = _BROKEN_WORD.search(paragraphs[-1]) if paragraphs else None
        if broken and line[0].isalpha():
            paragraphs[-1] = paragraphs[-1][: broken.start()] + _mended(broken.group(1), line, words) + line
        elif _BROKEN_RANGE.search(last) and line[0].isdigit():
            paragraphs[-1] += line
        elif paragraphs and _goes_on(last, line, full):
            paragraphs[-1] += f" {line}"
        else:
            paragraphs.append(line)
        last = line
    return [paragraph.replace("\u00ad", "") for paragraph in paragraphs]


def _goes_on(line: str, following: str, full: float) -> bool:
    if _BULLET.match(following):
        return False
    if following[0].islower():
        return not _ENDS_SENTENCE.search(line) or len(line) >= full
    return len(line) >= full


def _between(text: str, following: str) -> str:
    """What stands between two pages."""
    if _BROKEN_WORD.search(text) and following[0].isalpha():
        return ""
    return " " if following[0].islower() and not _ENDS_SENTENCE.search(text) else "\n\n"


def _mended(left: str, line: str, words: Counter[str]) -> str:
    """How a word that was broken at a line's end begins: with the hyphen where it belongs to the word.

    Decided by how the rest of the text writes it; else "anak-|anak" and "Asia-|Pasifik" keep it and
    "perkem-|bangan" doesn't.
    """
    found = _WORD.match(line)
    right = found.group() if found else ""
    whole, parted = f"{left}{right}".lower(), f"{left}-{right}".lower()
    if words[whole] != words[parted]:
        return left if words[whole] > words[parted] else f"{left}-"
    stem = left.rpartition("-")[2].lower()
    doubled = any(right.lower().startswith(stem[i:]) for i in range(max(0, len(stem) - 2)))
    return f"{left}-" if doubled or right[:1].isupper() else left
