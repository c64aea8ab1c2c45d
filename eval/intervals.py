"""95 % confidence intervals. One value, or none, has no interval: its ends are NaN.

Means have a formula that doesn't look at what the values are. That of values in [0, 1] is Wilson's (1927) of
a share, which the mean stands for: shares spread most, so that of other values it is too wide rather than too
narrow. That of paired differences is Agresti and Min's (2005), generalised from shares to values in [0, 1].
A bootstrap would find nearly no spread where nearly all values are alike, and for few losses none of chance;
statistics that are no means have one (percentile method, Efron and Tibshirani 1993), seeded: the same values
give the same interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

SEED = 20261124
_LEVEL = 0.95
_Z = NormalDist().inv_cdf((1 + _LEVEL) / 2)
RESAMPLES = 500
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
    """The mean of one value in [0, 1] a question: Wilson's interval of a share of that size. Values of this
    mean vary most where all are 0 or 1, so that it holds the mean of others at least as often."""
    if len(values) < 2:
        return Estimate(values[0] if values else NAN, NAN, NAN)
    n, mean = len(values), float(np.mean(values))
    centre = (mean + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * np.sqrt(mean * (1 - mean) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return Estimate(mean, max(0.0, float(centre - half)), min(1.0, float(centre + half)))


def difference_interval(ours: Sequence[float], theirs: Sequence[float]) -> Estimate:
    """The mean of the paired differences, ours minus theirs, question by question, of values in [0, 1].

    Agresti and Min add half a question to each of the four pairs of outcomes of 0 and 1. That makes two
    questions more, whose differences have the sum 0 and the sum of squares 1, which can be added to
    differences of any size. Raises ValueError where the two don't have the same questions.
    """
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    if len(differences) < 2:
        return Estimate(differences[0] if differences else NAN, NAN, NAN)
    n, total, squares = len(differences) + 2, sum(differences), sum(d * d for d in differences) + 1
    centre, half = total / n, _Z * (squares - total**2 / n) ** 0.5 / n
    return Estimate(total / len(differences), max(-1.0, centre - half), min(1.0, centre + half))


def resample(rows: Sequence[T], statistic: Callable[[Sequence[T]], float]) -> NDArray[np.float64]:
    """A statistic of RESAMPLES draws of as many rows, with replacement; NaN where a draw has none."""
    draw = np.random.default_rng(SEED)
    picks = draw.integers(len(rows), size=(RESAMPLES, len(rows)))
    return np.array([statistic([rows[i] for i in pick]) for pick in picks])


def statistic_interval(rows: Sequence[T], statistic: Callable[[Sequence[T]], float]) -> Estimate:
    """A statistic of all rows together, resampled by row; resamples where it is NaN don't count."""
    value = statistic(rows)
    if len(rows) < 2 or value != value:
        return Estimate(value, NAN, NAN)
    return Estimate(value, *tails(resample(rows, statistic)))
