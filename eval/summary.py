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
        lambda outcomes: area_under_risk([o for o in outcomes if o.answered]),
    ),
    "calibration error": (
        "mean distance of confidence and share right over the answers (ECE); lower is better",
        lambda outcomes: calibration_error(
            [o.confidence for o in outcomes if o.answered], [o.right for o in outcomes if o.answered]
        ),
    ),
}
_LABELS: dict[str, Callable[[Scored], str]] = {
    "language": lambda s: s.question.language,
    "pair": lambda s: s.pair,
    "kind": lambda s: s.question.kind,
}
LOWER_IS_BETTER = frozenset({"area under risk", "calibration error"})


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
        value = statistic_interval(outcomes, statistic)
        if value.mean == value.mean:
            found[name] = Score(value, len(outcomes), 0)
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
