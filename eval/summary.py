"""Scored questions → scores with 95 % intervals, over all and by language, kind and language pair.

A mean is over the questions to which a measure applies; `n` tells how many, `unjudged` how many more could
not be judged. A pooled score (AUROC, …) is of many questions together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from eval.intervals import NAN, Estimate, mean_interval, statistic_interval
from eval.measures.abstention import (
    Outcome,
    area_under_risk,
    calibration_interval,
    confidence_auroc,
    refusal_precision,
)
from eval.scores import SCORES, Scored


@dataclass(frozen=True, slots=True)
class Pooled:
    """A score of many questions together: what it says, its value and interval, which questions it is over,
    and whether it tells anything only `of_both`, questions that have an answer and questions without."""

    text: str
    interval: Callable[[Sequence[Outcome]], Estimate]
    over: Callable[[Outcome], bool] = lambda _: True
    of_both: bool = False


_FEW = 10
"""Questions of fewer of which a bootstrap knows too little."""


def resampled(outcomes: Sequence[Outcome], statistic: Callable[[Sequence[Outcome]], float]) -> Estimate:
    """A statistic with its bootstrap interval; without one of few questions, and where no resample differs
    from another: that one ranks ten of ten right is not certainty."""
    found = statistic_interval(outcomes, statistic)
    told = len(outcomes) >= _FEW and found.low < found.high
    return found if told else Estimate(found.mean, NAN, NAN)


POOLED = {
    "abstention precision": Pooled(
        "share of the refused questions that have no answer",
        refusal_precision,
        lambda outcome: not outcome.answered,
        of_both=True,
    ),
    "abstention AUROC": Pooled(
        "chance that an answerable question is surer than an unanswerable one",
        partial(resampled, statistic=confidence_auroc),
    ),
    "area under risk": Pooled(
        "mean share of wrong answers over all coverages, surest first (AURC); lower is better",
        partial(resampled, statistic=area_under_risk),
        lambda outcome: outcome.answered,
    ),
    "calibration error": Pooled(
        "mean distance of confidence and share right over the answers (ECE); lower is better; of few answers "
        "it is too high, and the interval allows for that",
        calibration_interval,
        lambda outcome: outcome.answered,
    ),
}
_LABELS: dict[str, Callable[[Scored], str]] = {
    "language": lambda s: s.question.language,
    "pair": lambda s: s.pair,
    "kind": lambda s: s.question.kind,
}


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
    both = len({o.answerable for o in outcomes}) > 1
    for name, pooled in POOLED.items():
        if pooled.of_both and not both:
            continue
        some = [o for o in outcomes if pooled.over(o)]
        value = pooled.interval(some)
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
