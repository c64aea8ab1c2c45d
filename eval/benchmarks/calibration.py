"""How often the interval of the calibration error holds the truth, on answers whose truth is known.

    python -m eval.benchmarks.calibration

draws answers of confidence 0.3 to 0.95 that are right with a known probability, and prints a Markdown table:
the true calibration error, the mean of the estimates, and the share of 95 % intervals that hold the truth, of
ours and of a bootstrap's plain percentiles.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from eval.intervals import statistic_interval
from eval.measures.abstention import Outcome, calibration_error, calibration_interval, error_of

Floats = NDArray[np.float64]
SHIFTS: dict[str, Callable[[Floats], Floats]] = {
    "calibrated": lambda confidence: confidence,
    "too sure by .05": lambda confidence: confidence - 0.05,
    "too sure by .15": lambda confidence: confidence - 0.15,
    "too steep": lambda confidence: 0.4 * confidence + 0.36,
}
_RUNS = 100
_SEED = 20261126
_LARGE = 200_000
_CLOSE = 0.001
"""How near an end counts as holding it: the truth is itself drawn."""


def measure(
    right_at: Callable[[Floats], Floats], answers: int, runs: int = _RUNS
) -> tuple[float, float, float, float]:
    """The truth, the mean estimate, and how often our interval and the percentiles hold the truth."""
    draw = np.random.default_rng(_SEED)
    many = draw.uniform(0.3, 0.95, _LARGE)
    truth = calibration_error(many.tolist(), right_at(many).tolist())
    estimates, ours, plain = [], 0, 0
    for _ in range(runs):
        confidence = draw.uniform(0.3, 0.95, answers)
        right = draw.random(answers) < right_at(confidence)
        outcomes = [Outcome(True, True, bool(r), float(c)) for c, r in zip(confidence, right, strict=True)]
        found, percentiles = calibration_interval(outcomes), statistic_interval(outcomes, error_of)
        estimates.append(found.mean)
        ours += found.low - _CLOSE <= truth <= found.high + _CLOSE
        plain += percentiles.low - _CLOSE <= truth <= percentiles.high + _CLOSE
    return truth, float(np.mean(estimates)), ours / runs, plain / runs


def main() -> None:
    sys.stdout.write(
        "| confidence | answers | truth | mean estimate | held by ours | by percentiles |\n" + "|---" * 6
    )
    for answers in (135, 60):
        for name, right_at in SHIFTS.items():
            row = " | ".join(f"{value:.3f}" for value in measure(right_at, answers))
            sys.stdout.write(f"|\n| {name} | {answers} | {row} ")
            sys.stdout.flush()
    sys.stdout.write("|\n")


if __name__ == "__main__":
    main()
