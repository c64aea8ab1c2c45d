"""Which lines are headings: short, without an end mark, between finished text and something that begins anew;
and the titles of other stories that stand where a text ends."""

from __future__ import annotations

import re

from service.records import SentenceKind
from service.sentences.boundaries import BULLET, ENDS_LINE, ENDS_SENTENCE
from service.sentences.lines import Part

_MARKDOWN_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_HEADING_WORDS, _HEADING_CHARS = 14, 100
_HEADLINE_WORDS = 5
_TITLE_WORD_LETTERS = 4
_TITLE_SHARE, _TITLE_SHARE_BELOW_HEADING = 0.8, 0.6
_MOST_COMMAS = 2
# What a title has seldom and an address or the line of a list has often.
_ADDRESS = re.compile(
    r"\b(?:jalan|jl|jln|nomor|no|kecamatan|kelurahan|kabupaten|rt|rw|telp|telepon|street|road|avenue|suite|phone)\b"
    r"|\d{5}|@|https?:|www\.|;|\d\s*:",
    re.IGNORECASE,
)


def is_markdown_heading(line: str) -> bool:
    return bool(_MARKDOWN_HEADING.match(line))


def is_heading(text: str, parts: list[Part], i: int, before: SentenceKind | None) -> bool:
    """A short line without an end mark, between finished text and something that begins anew."""
    start, end, _ = parts[i]
    line = text[start:end]
    if i + 1 == len(parts) or not _has_heading_form(line):
        return False
    following = text[parts[i + 1][0]]
    if following.islower() or line[0].islower():
        return False
    if before != "sentence":
        return True
    start_before, end_before, _ = parts[i - 1]
    return bool(ENDS_LINE.search(text[start_before:end_before])) or "\n\n" in text[end_before:start]


def is_last_headline(line: str, story: str, *, below_heading: bool) -> bool:
    """Whether the last line of a text is the title of another story: in title case, behind a story that is
    finished. The last of a list that the story announces is none, nor a signature or an address.

    `story` is the last paragraph of the story.
    """
    words = line.split()
    if not _has_heading_form(line) or len(words) < _HEADLINE_WORDS or line.count(",") > _MOST_COMMAS:
        return False
    if _ADDRESS.search(line) or not ENDS_SENTENCE.search(story):
        return False
    long = [w for w in (w.strip("\"'“”‘’()[]:,") for w in words) if len(w) >= _TITLE_WORD_LETTERS]
    titled = sum(w[0].isupper() or w[0].isdigit() for w in long)
    share = _TITLE_SHARE_BELOW_HEADING if below_heading else _TITLE_SHARE
    return len(long) >= _TITLE_WORD_LETTERS and titled >= share * len(long)


def _has_heading_form(line: str) -> bool:
    if len(line) > _HEADING_CHARS or line.endswith((",", "-", "–")):
        return False
    return not ENDS_LINE.search(line) and not BULLET.match(line) and len(line.split()) <= _HEADING_WORDS
