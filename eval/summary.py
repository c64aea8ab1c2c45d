"""Scored questions → scores with 95 % intervals, over all and by language, kind and language pair.

A mean is over the questions to which a measure applies; `n` tells how many, `unjudged` how many more could
not be judged. A pooled score (precision of the refusals, AUROC, …) is computed anew in every resample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.intervals import Estimate, mean_interval, statistic_interval
from eval.measures.abstention import (
    Outcome,
    area_under_risk,
    auroc,
    calibration_error,
    refusal_precision,
)
from eval.scores import SCORES, Scored

POOLED: dict[str, tuple[str, Callable[[Sequence[Outcome]], float]]] = {
    "abstention precision": ("share of the refused questions that have no answer", refusal_precision),
    "abstention AUROC": (
        "chance that an answerable question is surer than an unanswerable one",
        lambda outcomes: auroc([o.confidence for o in outcomes], [o.answerable for o in outcomes]),
    ),
    "area under risk": (
        "mean share of wrong answers over all coverages, surest first (AURC); lower is better",
        area_under_risk,
    ),
    "calibration error": (
        "mean distance of confidence and share right over the answers (ECE); lower is better",
        lambda answers: calibration_error([o.confidence for o in answers], [o.right for o in answers]),
    ),
}
_LABELS: dict[str, Callable[[Scored], str]] = {
    "language": lambda s: s.question.language,
    "pair": lambda s: s.pair,
    "kind": lambda s: s.question.kind,
}
_OVER: dict[str, Callable[[Outcome], bool]] = {
    "abstention precision": lambda o: not o.answered,
    "area under risk": lambda o: o.answered,
    "calibration error": lambda o: o.answered,
}
"""Which questions a pooled score is over, where not all."""


@dataclass(frozen=True, slots=True)
class Score:
    """A score with its interval, the questions it is over, and those that could not be judged."""

    estimate: Estimate
    n: int
    unjudged: int


def summarise(scored: Sequence[Scored]) -> dict[str, Score]:
    """Every measure that applies to at least one of the questions."""
    found: dict[str, Score] = {}
    for name in SCORES:
        values = [v for s in scored if (v := s.values[name]) is not None]
        unjudged = sum(name in s.unjudged for s in scored)
        if values or unjudged:
            found[name] = Score(mean_interval(values), len(values), unjudged)
    outcomes = [s.outcome for s in scored]
    for name, (_, statistic) in POOLED.items():
        some = [o for o in outcomes if name not in _OVER or _OVER[name](o)]
        value = statistic_interval(some, statistic)
        if value.mean == value.mean:
            found[name] = Score(value, len(some), 0)
    return found


def slices(scored: Sequence[Scored]) -> dict[str, list[Scored]]:
    """All, then by language, by language pair and by kind, in the order of their first question."""
    parts: dict[str, list[Scored]] = {"all": list(scored)}
    for name, label in _LABELS.items():
        groups: dict[str, list[Scored]] = {}
        for one in scored:
            groups.setdefault(f"{name} {label(one)}", []).append(one)
        parts |= groups
    return parts
