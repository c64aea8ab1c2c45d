"""The splitter: a text's paragraphs → its sentences, headings and asides."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from service.records import Sentence
from service.sentences.asides import dateline_end, is_note
from service.sentences.boundaries import BULLET, sentence_ends
from service.sentences.lines import trim
from service.sentences.paragraphs import text_paragraphs

_LONGEST_CHARS = 2_000


def split_sentences(text: str) -> list[Sentence]:
    """The sentences, headings and asides of `text`, in order.

    They don't overlap, are trimmed, and together cover every character that isn't white space.
    An empty or blank text has none.
    """
    found: list[Sentence] = []
    for start, end, kind in text_paragraphs(text):
        if kind == "sentence":
            found.extend(_split_paragraph(text[start:end], start))
        else:
            for left, right in _pieces(text[start:end], [0, end - start]):
                found.append(Sentence(start + left, start + right, kind))
    return found


def _split_paragraph(paragraph: str, start: int) -> Iterator[Sentence]:
    """The sentences of a paragraph that begins at `start`; its dateline is an aside."""
    dateline = dateline_end(paragraph)
    if dateline:
        yield Sentence(start, start + len(paragraph[:dateline].rstrip()), "aside")
    enumerator = BULLET.match(paragraph)
    ends = sentence_ends(paragraph, enumerator.end() if enumerator else dateline)
    for left, right in _pieces(paragraph, [dateline, *ends, len(paragraph)]):
        aside = is_note(paragraph[left:right])
        yield Sentence(start + left, start + right, "aside" if aside else "sentence")


def _pieces(paragraph: str, cuts: list[int]) -> Iterator[tuple[int, int]]:
    """What stands between neighbouring cuts, trimmed. Text without end marks (a log, a table) is cut between
    words at the latest after so many characters that no quotation is longer."""
    for left, right in pairwise(cuts):
        while right - left > _LONGEST_CHARS:
            space = paragraph.rfind(" ", left + 1, left + _LONGEST_CHARS)
            end = space if space > left else left + _LONGEST_CHARS
            yield from _trimmed(paragraph, left, end)
            left = end
        yield from _trimmed(paragraph, left, right)


def _trimmed(paragraph: str, left: int, right: int) -> Iterator[tuple[int, int]]:
    left, right = trim(paragraph, left, right)
    if left < right:
        yield left, right
