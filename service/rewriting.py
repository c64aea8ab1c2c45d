"""Question + earlier turns + the day → the question as it is searched, and what was understood.

Chat spellings are written out, the turns before are carried over, unknown words and abbreviations are spelt
as the articles spell them, times are understood relative to the day, and a comparison is taken apart. Every
step is told in `understood`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from service.catalog import Catalog
from service.decomposition import decompose
from service.embeddings import Embedder
from service.followups import Turn, stand_alone
from service.periods import Timing, understand_time
from service.records import Filters, Understood
from service.spelling import Speller, write_out


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A self-contained question, and what of it was understood otherwise than it says, in the order of the
    steps. `parts` are the questions that it is taken apart into, itself where it is one; `published`
    bounds (inclusive, ISO) the publication of what may answer it."""

    text: str
    parts: tuple[str, ...]
    understood: tuple[Understood, ...] = ()
    published: tuple[str, str] | None = None

    def narrow(self, filters: Filters) -> Filters:
        """The filters, narrowed to the time that was asked about."""
        if self.published is None:
            return filters
        first, last = self.published
        return replace(
            filters,
            published_from=max(first, filters.published_from or first),
            published_to=min(last, filters.published_to or last),
        )


class Rewriter:
    """Rewrites questions for one catalog. Safe to use from many threads."""

    def __init__(self, catalog: Catalog, embedder: Embedder) -> None:
        # A word that is one piece of a bilingual vocabulary is no mistake, whether an article has it or not.
        self._speller = Speller(catalog, lambda word: embedder.count_tokens(word) <= 1)

    def rewrite(self, question: str, turns: Sequence[Turn], now: date) -> Rewritten:
        """The question that is searched, asked after `turns` (oldest first) on the day `now`."""
        written = write_out(question)
        understood = list(written.understood)
        text = stand_alone(written.text, [Turn(write_out(t.question).text, t.answer) for t in turns])
        if text != written.text:
            understood.append(Understood("history", question, text))
        for step in (self._speller.correct, self._speller.name):
            spelled = step(text)
            text = spelled.text
            understood += spelled.understood
        timing = understand_time(text, now)
        understood += _times(timing, now)
        parts = decompose(timing.text)
        if len(parts) > 1:
            understood += [Understood("comparison", timing.text, part) for part in parts]
        return Rewritten(timing.text, parts, tuple(understood), timing.published)


def _times(timing: Timing, now: date) -> list[Understood]:
    found = [Understood("period", period.phrase, period.meaning) for period in timing.periods]
    return found + ([Understood("latest", timing.latest, now.isoformat())] if timing.latest else [])
