"""Do the citations lead to what answers, and are they what the articles say?

A gold group is *covered* where a citation overlaps one of its quotations in at least half of the quotation's
characters. Recall is the share of gold groups that are covered, precision the share of the cited characters
that are gold, so that quoting more than answers costs (after citation recall and precision of ALCE, Gao et
al. 2023, with quotations in the place of judged support). Exactness is the share of citations whose
quotation is, code point for code point, the text at its offsets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_COVERED = 0.5


@dataclass(frozen=True, slots=True)
class Span:
    """A range of an article's text, half-open, in code points."""

    article_id: str
    start: int
    end: int

    def overlap(self, other: Span) -> int:
        """How many code points two ranges share."""
        if self.article_id != other.article_id:
            return 0
        return max(0, min(self.end, other.end) - max(self.start, other.start))


def citation_recall(cited: Sequence[Span], gold: Sequence[tuple[int, Span]]) -> float:
    """In [0, 1]; `gold` are quotations with their group. Raises ValueError for no gold."""
    if not gold:
        raise ValueError("no gold quotation to cite")
    groups: dict[int, list[Span]] = defaultdict(list)
    for group, span in gold:
        groups[group].append(span)
    return sum(any(is_covered(cited, span) for span in spans) for spans in groups.values()) / len(groups)


def citation_precision(cited: Sequence[Span], gold: Sequence[tuple[int, Span]]) -> float:
    """In [0, 1]; NaN for no citation."""
    if not cited:
        return float("nan")
    length = sum(one.end - one.start for one in cited)
    return sum(_gold_characters(one, [s for _, s in gold]) for one in cited) / length if length else 0.0


def _gold_characters(cited: Span, gold: Sequence[Span]) -> int:
    """How many code points of a citation are in any of the gold quotations."""
    found, reached = 0, cited.start
    for span in sorted(gold, key=lambda s: s.start):
        left = Span(cited.article_id, reached, cited.end)
        if overlap := left.overlap(span):
            found += overlap
            reached = min(span.end, cited.end)
    return found


def exactness(cited: Sequence[tuple[Span, str]], texts: Mapping[str, str]) -> float:
    """The share of (range, quotation) that are the article's text at the range; NaN for none. An article
    that isn't in `texts` has no such text."""
    if not cited:
        return float("nan")
    return sum(texts.get(span.article_id, "")[span.start : span.end] == quote for span, quote in cited) / len(
        cited
    )


def is_covered(cited: Sequence[Span], span: Span) -> bool:
    """Whether one of the ranges holds at least half of a gold quotation."""
    return any(span.overlap(one) >= _COVERED * (span.end - span.start) for one in cited)
