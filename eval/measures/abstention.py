"""Does it answer what can be answered and refuse the rest, and is its confidence a probability?

A question is *answered* or *refused*, an answer *right* or not; an answer to a question that has none is
never right. Precision is of the refusals, as of SQuAD 2.0's "no answer" (Rajpurkar et al. 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.intervals import NAN, RESAMPLES, SEED, Estimate, mean_interval, resample, tails


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: whether it has an answer, whether one was given and was right, and how sure of it."""

    answerable: bool
    answered: bool
    right: bool
    confidence: float


def refusal_precision(outcomes: Sequence[Outcome]) -> Estimate:
    """Of the questions refused, the share that have no answer; NaN where none was refused."""
    return mean_interval([float(not o.answerable) for o in outcomes if not o.answered])


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """The chance that a positive scores above a negative, ties half (Mann and Whitney 1947); NaN where one
    of the two is missing."""
    values, labels = np.asarray(scores, dtype=np.float64), np.asarray(positive, dtype=np.bool_)
    above, below = values[labels], values[~labels]
    if not above.size or not below.size:
        return float("nan")
    order = np.sort(below)
    lower = np.searchsorted(order, above, side="left")
    equal = np.searchsorted(order, above, side="right") - lower
    return float((lower + 0.5 * equal).sum() / (above.size * below.size))


def confidence_auroc(outcomes: Sequence[Outcome]) -> float:
    """`auroc` of the confidence, an answerable question against one that has no answer."""
    return auroc([o.confidence for o in outcomes], [o.answerable for o in outcomes])


def risk_coverage(outcomes: Sequence[Outcome]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coverage and risk as the threshold falls (El-Yaniv and Wiener 2010): of the k surest, coverage is k
    over all, risk the share that are wrong. Questions of equal confidence come in together."""
    confidence = np.array([o.confidence for o in outcomes])
    wrong = np.array([not o.right for o in outcomes], dtype=np.float64)
    order = np.argsort(-confidence, kind="stable")
    taken = np.arange(1, len(order) + 1)
    risk = np.cumsum(wrong[order]) / taken
    last = np.append(np.diff(confidence[order]) != 0, True) if len(order) else np.zeros(0, dtype=np.bool_)
    return taken[last] / max(len(order), 1), risk[last]


def area_under_risk(outcomes: Sequence[Outcome]) -> float:
    """The mean risk over all coverages (AURC; Geifman and El-Yaniv 2019); lower is better."""
    coverage, risk = risk_coverage(outcomes)
    if not coverage.size:
        return float("nan")
    return float(np.sum(np.diff(coverage, prepend=0.0) * risk))


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same confidence: its mean, the share of them that are right, and how many they
    are."""

    confidence: float
    right: float
    n: int


def calibration_bins(confidence: Sequence[float], right: Sequence[float], bins: int = 10) -> list[Bin]:
    """Up to `bins` groups of equal count, the least sure first; answers of one confidence share their
    rightness, so that their order tells nothing. What the chart shows is what `calibration_error` is
    computed from."""
    values, rights = np.asarray(confidence, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if not values.size:
        return []
    _, group = np.unique(values, return_inverse=True)
    rights = (np.bincount(group, rights) / np.bincount(group))[group]
    parts = np.array_split(np.argsort(values, kind="stable"), bins)
    return [Bin(float(values[p].mean()), float(rights[p].mean()), len(p)) for p in parts if len(p)]


def calibration_error(confidence: Sequence[float], right: Sequence[float], bins: int = 10) -> float:
    """Expected calibration error over bins of equal count (Nixon et al. 2019): the mean distance of
    confidence and share of right answers; 0 is best, 1 worst; NaN for no answers. Of few answers it is too
    high (`calibration_interval`)."""
    parts = calibration_bins(confidence, right, bins)
    return sum(b.n * abs(b.confidence - b.right) for b in parts) / len(confidence) if parts else float("nan")


def calibration_interval(outcomes: Sequence[Outcome]) -> Estimate:
    """The calibration error of answers with an interval that allows for its bias.

    In a bin of few answers chance alone puts a distance between confidence and share, never a negative one:
    the estimate is too high (Roelofs et al. 2022), and a resample's is so once more, so that the
    percentiles of a bootstrap lie above the truth. The bias is at least 0 and at most what perfectly
    calibrated answers of these confidences show on average, drawn here (Bröcker and Smith 2007). The
    interval holds with either: its ends are the estimate, less that most, and the estimate, less none, each
    moved by the resamples' spread about their own mean, as in the basic bootstrap (Davison and Hinkley
    1997, section 5.2).
    """
    value = error_of(outcomes)
    if len(outcomes) < 2:
        return Estimate(value, NAN, NAN)
    found = resample(outcomes, error_of)
    low, high = tails(found)
    middle = float(found.mean())
    confidence = [o.confidence for o in outcomes]
    draws = np.random.default_rng(SEED).random((RESAMPLES, len(outcomes))) < np.array(confidence)
    most = float(np.mean([calibration_error(confidence, right.tolist()) for right in draws]))
    return Estimate(value, max(0.0, value - most - (high - middle)), min(1.0, value + (middle - low)))


def error_of(outcomes: Sequence[Outcome]) -> float:
    """`calibration_error` of answers."""
    return calibration_error([o.confidence for o in outcomes], [o.right for o in outcomes])
