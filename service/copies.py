"""Copies: the words of one story in several articles, as wire services spread them.

Passages that a question found are compared by their shingles of three words (Broder 1997): one whose words
nearly all stand in better ranked passages of another article, its figures and names among them, and that
denies nothing else, says nothing new. Whole articles are compared by MinHash in bands (Broder 1997;
Leskovec, Rajaraman and Ullman, chapter 3), which the catalog keeps: it finds the other articles in which a
quotation may stand too. Whether it does is then looked up in their text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from datasketch import MinHash

from service.names import lacks_name
from service.opposites import NEGATION
from service.records import Candidate, Copy, Passage
from service.values import lacks_value

SHINGLE_WORDS = 3
SAME_SHARE = 0.9
"""Share of a passage's shingles that another article must have for it to be a copy."""
LEAST_WORDS = 12
"""Shorter passages are compared with nothing: two of them can be alike by chance."""
_BANDS, _BAND_ROWS = 16, 4
"""Two articles with .8 of their shingles in common share a band in 9,998 of 10,000 cases, with .5 in 64 of
100, with .2 in 3 of 100: 1 - (1 - s⁴)¹⁶."""

_WORD = re.compile(r"\w+")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")

Shingles = set[tuple[str, ...]]


@dataclass(slots=True)
class _Told:
    """What the candidates of one article say, taken together."""

    language: str
    story: str = ""
    shingles: Shingles = field(default_factory=set)
    by_passage: dict[str, Shingles] = field(default_factory=dict)

    def add(self, passage_id: str, story: str, shingles: Shingles) -> None:
        self.by_passage[passage_id] = shingles
        self.shingles |= shingles
        self.story = f"{self.story}\n{story}"

    def covers(self, story: str, shingles: Shingles) -> bool:
        common = len(shingles & self.shingles)
        return 0 < common >= SAME_SHARE * len(shingles) and not (
            _denies_otherwise(shingles, self.shingles)
            or not set(_FIGURE.findall(story)) <= set(_FIGURE.findall(self.story))
            or lacks_value(self.story, story)
            or lacks_name(self.story, story)
        )

    def nearest(self, shingles: Shingles) -> str:
        """The passage that has most of these, the better ranked one of two."""
        return max(self.by_passage, key=lambda passage_id: len(self.by_passage[passage_id] & shingles))


def without_copies(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that say something new, in their order; each with the copies of it that were left out.

    A copy has at least `SAME_SHARE` of its shingles, and all of its figures and names, in better ranked
    candidates of one other article in its language, and denies what that denies: a story that was told again
    with another figure, in digits or words, with another name, or with a "not" more or less is no copy.
    """
    kept: list[Candidate] = []
    copies: dict[str, list[Copy]] = {}
    told: dict[str, _Told] = {}
    for candidate in candidates:
        passage, language = candidate.passage, candidate.article.language
        story = _story(passage)
        words = _shingles(story)
        original = next(
            (one for article_id, one in told.items() if article_id != passage.article_id
             and one.language == language and one.covers(story, words)),
            None,
        )  # fmt: skip
        if original is not None:
            copy = Copy(passage.article_id, passage.version, passage.id, candidate.article)
            copies[original.nearest(words)].append(copy)
            continue
        told.setdefault(passage.article_id, _Told(language)).add(passage.id, story, words)
        copies[passage.id] = []
        kept.append(candidate)
    return [replace(c, copies=tuple(copies[c.passage.id])) if copies[c.passage.id] else c for c in kept]


def story_bands(passages: Sequence[Passage]) -> tuple[int, ...]:
    """Hashes, signed 64-bit, of the bands of an article's MinHash; empty for one of a few words."""
    words = shingles(passages)
    if not words:
        return ()
    sketch = MinHash(_BANDS * _BAND_ROWS, seed=1, scheme="affine64")
    sketch.update_batch(" ".join(shingle).encode() for shingle in sorted(words))
    rows = np.asarray(sketch.hashvalues, dtype=np.uint64).reshape(_BANDS, _BAND_ROWS)
    return tuple(
        int.from_bytes(
            hashlib.blake2b(bytes([band]) + row.tobytes(), digest_size=8).digest(), "big", signed=True
        )
        for band, row in enumerate(rows)
    )


def shingles(passages: Sequence[Passage]) -> Shingles:
    """Every three words in a row of an article's story."""
    return Shingles().union(*(_shingles(_story(passage)) for passage in passages))


def find_quotation(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quotation stands in another text, word for word, white space apart; None where it doesn't."""
    words = r"\s+".join(map(re.escape, quote.split()))
    found = re.search(rf"(?<!\w){words}(?!\w)", text)
    return found.span() if found else None


def _story(passage: Passage) -> str:
    """The sentences of a passage that are part of its story, as far as they are in it."""
    return " ".join(
        passage.slice(max(s.start, passage.start), min(s.end, passage.end))
        for s in passage.sentences
        if s.kind == "sentence" and s.end > passage.start
    )


def _denies_otherwise(some: Shingles, others: Shingles) -> bool:
    """Whether what only the first ones say has a word that denies, or has none where the others have one."""
    fresh = some - others
    denied = {(first, last) for first, middle, last in others if NEGATION.fullmatch(middle)}
    return any(
        any(map(NEGATION.fullmatch, words)) or not denied.isdisjoint((words[:2], words[1:], words[::2]))
        for words in fresh
    )


def _shingles(story: str) -> Shingles:
    words = _WORD.findall(story.casefold())
    if len(words) < LEAST_WORDS:
        return set()
    return set(zip(*(words[i:] for i in range(SHINGLE_WORDS)), strict=False))
