"""A text → its paragraphs, with hard-wrapped lines joined; headings and asides stand alone."""

from __future__ import annotations

from service.records import SentenceKind
from service.sentences.asides import is_aside
from service.sentences.boundaries import BULLET, ENDS_LINE
from service.sentences.headings import is_heading, is_last_headline, is_markdown_heading
from service.sentences.lines import text_parts

Paragraph = tuple[int, int, SentenceKind]
"""First and last character, and what it is: one or more sentences, a heading or an aside."""

_SHORTEST_REPEATED_CHARS = 40
_WRAP_CHARS = 60


def text_paragraphs(text: str) -> list[Paragraph]:
    parts = text_parts(text)
    paragraphs: list[Paragraph] = []
    seen: set[str] = set()
    for i, (start, end, aside) in enumerate(parts):
        if aside:
            paragraphs.append((start, end, "aside"))
            continue
        line = text[start:end]
        folded = line.casefold()
        repeated = len(line) >= _SHORTEST_REPEATED_CHARS and folded in seen
        seen.add(folded)
        before = paragraphs[-1][2] if paragraphs else None
        joined = i > 0 and parts[i - 1][2] and text[start - 1] in ", "
        if repeated or is_aside(line):
            paragraphs.append((start, end, "aside"))
        elif (
            is_markdown_heading(line)
            or (not joined and is_heading(text, parts, i, before))
            or (
                not joined
                and i + 1 == len(parts)
                and is_last_headline(line, _last_story(text, paragraphs), below_heading=before != "sentence")
            )
        ):
            paragraphs.append((start, end, "heading"))
        elif before == "sentence" and _continues(text, parts[i - 1][0], parts[i - 1][1], start):
            paragraphs[-1] = (paragraphs[-1][0], end, "sentence")
        else:
            paragraphs.append((start, end, "sentence"))
    return paragraphs


def _last_story(text: str, paragraphs: list[Paragraph]) -> str:
    """The last paragraph that is neither a heading nor an aside; empty where there is none."""
    story = next((p for p in reversed(paragraphs) if p[2] == "sentence"), None)
    return text[story[0] : story[1]] if story else ""


def _continues(text: str, start_before: int, end_before: int, start: int) -> bool:
    """Whether the line at `start` goes on with a sentence that the line before broke off."""
    gap = text[end_before:start]
    if gap.count("\n") > 1 or "\u2029" in gap or gap.count("\r") > max(1, gap.count("\n")):
        return False
    before = text[start_before:end_before]
    if ENDS_LINE.search(before) or BULLET.match(text[start : start + 12]):
        # A wrapped paragraph may break exactly after a sentence; either way a boundary is right.
        return False
    return text[start].islower() or before.endswith(",") or len(before) >= _WRAP_CHARS
