"""Turns → figures: rates, percentiles, and how many times better one system is than another.

A ratio is above 1 where the system is the better one: quicker, smaller, more a second. Intervals are 95 %
bootstrap: over the questions that both were asked where there are any, else over the rounds that both had,
resampled together, so that what slowed a round down slowed both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from eval.bench.state import Record, Turn
from eval.intervals import Estimate, statistic_interval

LEAST_ROUNDS = 3
_MEGABYTE = 1_000_000


def rate(turns: Sequence[Turn]) -> float:
    """Done a second, over all rounds."""
    return float(sum(turn["done"] for turn in turns) / sum(turn["seconds"] for turn in turns))


def percentile(turns: Sequence[Turn], which: float) -> float:
    """Milliseconds, over the questions of all rounds; `which` in [0, 100]."""
    return float(np.percentile([ms for turn in turns for ms in turn["ms"]], which))


def rate_ratio(ours: Sequence[Turn], theirs: Sequence[Turn]) -> Estimate:
    """Ours over theirs; without an interval where they had fewer than `LEAST_ROUNDS` together."""
    rows = list(_paired(ours, theirs))

    def statistic(some: Sequence[tuple[Turn, Turn]]) -> float:
        return rate([a for a, _ in some]) / rate([b for _, b in some])

    if len(rows) < LEAST_ROUNDS:
        return Estimate(statistic(rows), math.nan, math.nan)
    return statistic_interval(rows, statistic)


def percentile_ratio(ours: Sequence[Turn], theirs: Sequence[Turn], which: float) -> Estimate:
    """Theirs over ours."""
    rows = [pair for a, b in _paired(ours, theirs) for pair in zip(a["ms"], b["ms"], strict=True)]

    def statistic(some: Sequence[tuple[float, float]]) -> float:
        own, other = np.percentile(np.asarray(some), which, axis=0)
        return float(other / own)

    return statistic_interval(rows, statistic)


def peak_memory(record: Record, phases: Sequence[str]) -> float | None:
    """The largest of these phases' peaks, in megabytes (10^6 bytes); None where none was measured."""
    peaks = [turn["bytes"] for phase in phases for turn in record.turns.get(f"{phase}:memory", [])]
    return max(peaks) / _MEGABYTE if peaks else None


def disk(record: Record) -> float | None:
    """Megabytes (10^6 bytes) of the closed store."""
    return None if record.disk_bytes is None else record.disk_bytes / _MEGABYTE


def times_better(measure: str, ours: Record, theirs: Record) -> Estimate | None:
    """How many times better, by a name of `COMPARED`; None where one of the two was not measured."""
    kind, source, detail = COMPARED[measure]
    if kind == "size":
        own = disk(ours) if source == "disk" else peak_memory(ours, detail.split())
        other = disk(theirs) if source == "disk" else peak_memory(theirs, detail.split())
        return Estimate(other / own, math.nan, math.nan) if own and other else None
    a, b = ours.turns.get(source, []), theirs.turns.get(source, [])
    if not list(_paired(a, b)):
        return None
    return rate_ratio(a, b) if kind == "rate" else percentile_ratio(a, b, float(detail))


COMPARED = {
    "passages embedded a second": ("rate", "ingest:embed", ""),
    "articles a second, to durable": ("rate", "ingest:add", ""),
    "search p50": ("percentile", "ask:search", "50"),
    "search p95": ("percentile", "ask:search", "95"),
    "searches a second, 1 client": ("rate", "load:search 1", ""),
    "searches a second, 4 clients": ("rate", "load:search 4", ""),
    "searches a second, 16 clients": ("rate", "load:search 16", ""),
    "start to first search": ("rate", "start:ready", ""),
    "peak memory, taking in": ("size", "memory", "ingest"),
    "peak memory, searching": ("size", "memory", "ask load"),
    "bytes on disk": ("size", "disk", ""),
}


def _paired(ours: Sequence[Turn], theirs: Sequence[Turn]) -> Sequence[tuple[Turn, Turn]]:
    """The turns of the rounds that both had."""
    other = {turn["round"]: turn for turn in theirs}
    return [(turn, other[turn["round"]]) for turn in ours if turn["round"] in other]
