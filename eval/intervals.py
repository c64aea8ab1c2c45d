"""Bootstrap confidence intervals (percentile method, Efron and Tibshirani 1993), seeded: the same
values give the same interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

_RESAMPLES = 2_000
_SEED = 20261124
_LEVEL = 0.95
_POOLED_RESAMPLES = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval; NaN for no values."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def mean_interval(values: Sequence[float]) -> Estimate:
    """The mean of one value a question."""
    if not values:
        return Estimate(float("nan"), float("nan"), float("nan"))
    sample = np.asarray(values, dtype=np.float64)
    draw = np.random.default_rng(_SEED)
    means = np.array([draw.choice(sample, len(sample)).mean() for _ in range(_RESAMPLES)])
    tail = 100 * (1 - _LEVEL) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return Estimate(float(sample.mean()), float(low), float(high))


def difference_interval(ours: Sequence[float], theirs: Sequence[float]) -> Estimate:
    """The mean of the paired differences, ours minus theirs, question by question.

    Raises ValueError where the two don't have the same questions.
    """
    return mean_interval([a - b for a, b in zip(ours, theirs, strict=True)])


def statistic_interval(rows: Sequence[T], statistic: Callable[[Sequence[T]], float]) -> Estimate:
    """A statistic of all rows together, resampled by row; resamples where it is NaN don't count."""
    value = statistic(rows)
    if value != value:
        return Estimate(value, value, value)
    draw = np.random.default_rng(_SEED)
    picks = draw.integers(len(rows), size=(_POOLED_RESAMPLES, len(rows)))
    found = np.array([statistic([rows[i] for i in pick]) for pick in picks])
    tail = 100 * (1 - _LEVEL) / 2
    low, high = np.nanpercentile(found, [tail, 100 - tail])
    return Estimate(value, float(low), float(high))
