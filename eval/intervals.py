"""95 % confidence intervals. One value, or none, has no interval: its ends are NaN.

That of a share is Wilson's (1927), and that of the difference of two shares on the same questions Agresti and
Min's (2005): where nearly all values are alike, resampling them finds nearly no spread, and for few losses
none of chance. Of all else it is the bootstrap's (percentile method, Efron and Tibshirani 1993), seeded: the
same values give the same interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

SEED = 20261124
_RESAMPLES = 2_000
_LEVEL = 0.95
_Z = NormalDist().inv_cdf((1 + _LEVEL) / 2)
POOLED_RESAMPLES = 500
T = TypeVar("T")
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval; the mean is NaN for no values, the ends for fewer than two."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{shown(self.mean)} [{shown(self.low)}, {shown(self.high)}]"


def shown(value: float | None, digits: int = 3, sign: str = "") -> str:
    """A number as people are shown it; "–" where there is none, which is not 0. `sign` is "+" for
    differences."""
    return "–" if value is None or value != value else f"{value:{sign}.{digits}f}"


def tails(found: NDArray[np.float64]) -> tuple[float, float]:
    """The ends between which 95 % of resampled values lie; values that are NaN don't count."""
    tail = 100 * (1 - _LEVEL) / 2
    low, high = np.nanpercentile(found, [tail, 100 - tail])
    return float(low), float(high)


def mean_interval(values: Sequence[float]) -> Estimate:
    """The mean of one value a question; a share where all are 0 or 1."""
    if len(values) < 2 or not set(values) <= {0.0, 1.0}:
        return _resampled(values)
    n, share = len(values), float(np.mean(values))
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return Estimate(share, max(0.0, float(centre - half)), min(1.0, float(centre + half)))


def difference_interval(ours: Sequence[float], theirs: Sequence[float]) -> Estimate:
    """The mean of the paired differences, ours minus theirs, question by question.

    Raises ValueError where the two don't have the same questions.
    """
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    if len(differences) < 2 or not {*ours, *theirs} <= {0.0, 1.0}:
        return _resampled(differences)
    # Half a question is added to each of the four pairs of outcomes.
    n, won, lost = len(differences) + 2, differences.count(1.0) + 0.5, differences.count(-1.0) + 0.5
    centre = (won - lost) / n
    half = _Z * np.sqrt(won + lost - (won - lost) ** 2 / n) / n
    return Estimate(
        float(np.mean(differences)), max(-1.0, float(centre - half)), min(1.0, float(centre + half))
    )


def _resampled(values: Sequence[float]) -> Estimate:
    if len(values) < 2:
        return Estimate(values[0] if values else NAN, NAN, NAN)
    sample = np.asarray(values, dtype=np.float64)
    draw = np.random.default_rng(SEED)
    means = np.array([draw.choice(sample, len(sample)).mean() for _ in range(_RESAMPLES)])
    return Estimate(float(sample.mean()), *tails(means))


def resample(rows: Sequence[T], statistic: Callable[[Sequence[T]], float]) -> NDArray[np.float64]:
    """A statistic of POOLED_RESAMPLES draws of as many rows, with replacement; NaN where a draw has none."""
    draw = np.random.default_rng(SEED)
    picks = draw.integers(len(rows), size=(POOLED_RESAMPLES, len(rows)))
    return np.array([statistic([rows[i] for i in pick]) for pick in picks])


def statistic_interval(rows: Sequence[T], statistic: Callable[[Sequence[T]], float]) -> Estimate:
    """A statistic of all rows together, resampled by row; resamples where it is NaN don't count."""
    value = statistic(rows)
    if len(rows) < 2 or value != value:
        return Estimate(value, NAN, NAN)
    return Estimate(value, *tails(resample(rows, statistic)))
