"""A text → its lines, those that were scraped from several paragraphs taken apart.

Such a text has its paragraphs joined by commas, `kata dia.,Setelah itu`, often with a link to another story
between two of them, `,Baca juga:,Judul Lain,`. A line is also cut around what was set between two
sentences, "[Gambas:Video]".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.sentences.asides import opening_end
from service.sentences.boundaries import CLOSERS, NOT_SPACE, stop_ends_sentence, text_behind, word_before

Part = tuple[int, int, bool]
"""First and last character of a line or a part of one, and whether it is an aside by its place: the commas
that join two paragraphs, what opens as an aside between two joins, what stands between two sentences."""

_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_JOIN = re.compile(r"(?<=[.!?…\"'”’»)\]])\s*+,[\s,]*+")
_ASIDE_END = re.compile(r"(?<![\s,])\s*+,[\s,]*+(?=[A-Z\"“(#])")
# What was left of a linked dateline where such a text begins: ", - Harga beras", "-,Harga beras".
_REMNANT = re.compile(r"[\s,]*+(?:[-–—](?![-–—\d])[\s,]*+)?")
_DEGREE = re.compile(r"[A-Z][A-Za-z]{0,3}\.")
_AUTHOR = re.compile(r"(?:[A-Z]{4,}+|(?:[A-Z][\w.'’-]*+\s++(?:\|\s++)?+){1,6}+(?:[A-Z][\w.'’-]*+)?)[\s,]*+$")
_CLOSERS_READ = 4
_FULL_WORD_CHARS = 4
_INSET = re.compile(
    r"\[(?i:gambas|video|foto|baca\s+juga|lihat\s+juga|simak\s+juga)\b[^\[\]\n]{0,200}+\]"
    r"|\b(?:ADVERTISEMENT\s{1,3})?SCROLL\sTO\s(?:CONTINUE|RESUME)\s(?:WITH\s)?(?:CONTENT|READING)\b"
)
_INSET_BEFORE = re.compile(r"[.!?…][\"'”’»)\]]{0,3}[\s,]{0,4}$")


def text_parts(text: str) -> list[Part]:
    """The lines and parts of lines, in order and trimmed."""
    parts: list[Part] = []
    for found in _LINE.finditer(text):
        line = found.group()
        for start, end, aside in _line_parts(line, first=not parts):
            left, right = trim(line, start, end)
            if left < right:
                parts.append((found.start() + left, found.start() + right, aside))
    return parts


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _line_parts(line: str, *, first: bool) -> Iterator[Part]:
    """The parts of a line, not trimmed. The first of a text may begin with what is left of a dateline."""
    joins: list[tuple[int, int]] = []
    for found in _JOIN.finditer(line):
        if _is_join(line, found.start(), found.end(), bool(joins)):
            joins.append(found.span())
    if not joins:
        yield from _around_insets(line, 0, len(line))
        return
    start = 0
    if first and (remnant := _REMNANT.match(line)):
        start = remnant.end()
        yield 0, start, True
    for at, after in [*joins, (len(line), len(line))]:
        while (opened := opening_end(line, start, at)) and (end := _aside_end(line, opened, at)):
            yield start, end[0], True
            yield *end, True
            start = end[1]
        if at == len(line) and _AUTHOR.match(line, start):
            yield start, at, True
        else:
            yield from _around_insets(line, start, at)
        yield at, after, True
        start = after


def _is_join(line: str, at: int, after: int, joined: bool) -> bool:
    """Whether the commas and spaces `line[at:after]` stand between two paragraphs: behind the end of a
    sentence, and unlike a comma in prose, with a space before, without one behind, or doubled.

    `joined` says that the line has another join, before this one: then a full stop is enough
    unless the word before it is short, as abbreviations are.
    """
    mark = at
    while at - mark < _CLOSERS_READ and line[mark - 1] in CLOSERS and mark > 1:
        mark -= 1
    mark -= 1
    if line[mark] not in ".!?…":
        return False
    gap = line[at:after]
    unlike_prose = gap[0].isspace() or ",," in gap
    if after == len(line):
        return joined or unlike_prose
    rest = text_behind(line, after)
    if not _opens_paragraph(rest):
        return False
    plain = line[mark] != "." or mark + 1 < at
    if not (unlike_prose or gap[-1] == ","):
        full = plain or len(word_before(line, mark)) >= _FULL_WORD_CHARS
        if not (joined and full):
            return False
    if plain:
        return True
    if _DEGREE.match(rest) and "." in word_before(line, mark):
        return False
    if rest[0].isdigit() and line[mark - 1 : mark].isdigit():
        return False
    return stop_ends_sentence(line, mark, rest)


def _opens_paragraph(rest: str) -> bool:
    if rest[0] in "\"“'‘":
        # `selesai.,"Kami` begins anew, `selesai.," kata` closes.
        return len(rest) > 1 and (rest[1].isalnum() or rest[1] in "(“‘")
    return rest[0].isupper() or rest[0].isdigit() or rest[0] in "(#" or rest.startswith("loading")


def _aside_end(line: str, start: int, end: int) -> tuple[int, int] | None:
    """The commas that end the aside which opens before `start`, in a line joined by commas."""
    for found in _ASIDE_END.finditer(line, start, end):
        gap = found.group()
        if gap[0].isspace() or gap[-1] == "," or ",," in gap:
            return found.span()
    return None


def _around_insets(line: str, start: int, end: int) -> Iterator[Part]:
    """A part of a line, cut around what stands in it between two sentences: "[Gambas:Video]"."""
    if line.find("[", start, end) >= 0 or line.find("SCROLL", start, end) >= 0:
        for found in _INSET.finditer(line, start, end):
            at, after = found.span()
            following = NOT_SPACE.search(line, after, end)
            if following and line[following.start()].islower():
                continue
            if line[start:at].isspace() or at == start or _INSET_BEFORE.search(line, max(start, at - 8), at):
                yield start, at, False
                yield at, after, True
                start = after
    yield start, end, False
