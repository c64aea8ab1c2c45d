"""A run → one HTML page that needs nothing else: no script, no network, light and dark.

Everything but the section of latencies is the same, byte for byte, for the same run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from eval.comparison import Difference
from eval.intervals import shown
from eval.scores import HEADLINE, SCORES
from eval.summary import POOLED

REPORT = "report.html"
_TEMPLATE = "report.html.j2"
_CARDS = (HEADLINE, "right", "faithfulness", "exact", "refused", "recall@5")
_COLUMNS = (
    HEADLINE, "right", "answered", "faithfulness", "exact", "citation recall", "citation precision",
    "refused", "abstention AUROC", "recall@5", "MRR",
)  # fmt: skip
_WORST = 40
_SIZE = 260
"""Side of a chart, in its own units."""


def render(
    run: Mapping[str, Any],
    times: Mapping[str, Mapping[str, float]],
    differences: Sequence[Difference] = (),
    against: str | None = None,
    show_questions: bool = True,
) -> str:
    """The page. `differences` are to the run that is called `against`. Without `show_questions` no question,
    answer or quotation is on it: the test split is for totals."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "percent": _percent, "interval": _interval, "signed": _signed}
    rows = run["rows"]
    return environment.get_template(_TEMPLATE).render(
        run=run,
        cards=[(name, run["scores"]["all"][name]) for name in _CARDS if name in run["scores"]["all"]],
        columns=_COLUMNS,
        definitions=SCORES | {name: pooled.text for name, pooled in POOLED.items()},
        confusion=_confusion(rows),
        modes=_modes(rows),
        verbatim=_verbatim(rows),
        risk=_path(run["risk_coverage"]),
        calibration=[(_x(b["confidence"]), _y(b["right"]), b) for b in run["calibration"]],
        size=_SIZE,
        latency=_latency(times),
        worst=_worst(rows) if show_questions else [],
        hidden=not show_questions,
        differences=differences,
        against=against,
        questions={row["id"]: row["question"] for row in rows} if show_questions else {},
    )


def _number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}".replace("0.", ".", 1) if value < 1 else "1"


def _interval(score: Mapping[str, float | None], digits: int = 3) -> str:
    """The ends of a score's interval; "–" where it has none, as of a single question."""
    low, high = score["low"], score["high"]
    return "–" if low is None or high is None else f"{_number(low, digits)}–{_number(high, digits)}"


def _signed(value: float) -> str:
    return shown(value, sign="+")


def _percent(value: float | None) -> str:
    return "0" if value is None else f"{100 * value:.1f}"


def _x(value: float) -> float:
    return round(_SIZE * value, 1)


def _y(value: float) -> float:
    return round(_SIZE * (1 - value), 1)


def _path(points: Sequence[Sequence[float]]) -> str:
    """The points of a polyline; y grows downwards."""
    return " ".join(f"{_x(x)},{_y(y)}" for x, y in points)


def _confusion(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Questions by whether they have an answer, and what was done."""
    found = dict.fromkeys(("right", "wrong", "missed", "fooled", "refused"), 0)
    for row in rows:
        answered = row["status"] == "answered"
        if row["answerable"]:
            found["right" if row["values"]["right"] == 1 else "wrong" if answered else "missed"] += 1
        else:
            found["fooled" if answered else "refused"] += 1
    return found


def _modes(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str | None, int]]:
    """How many questions were answered in which mode, with the reason where it isn't the one asked for."""
    return [(*key, n) for key, n in Counter((row["mode"], row["fallback"]) for row in rows).most_common()]


def _verbatim(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Sentences by how they were judged; `verbatim` are exact quotations."""
    sentences = [s for row in rows for s in row["sentences"]]
    found = {"sentences": len(sentences), "verbatim": sum(s["verbatim"] for s in sentences)}
    for verdict in ("supported", "torn", "superseded", "unsupported", "unjudged"):
        found[verdict] = sum(s["verdict"] == verdict for s in sentences)
    return found


def _latency(times: Mapping[str, Mapping[str, float]]) -> list[tuple[str, float, float]]:
    """p50 and p95 in milliseconds of each stage."""
    found = []
    for stage in dict.fromkeys(stage for by_stage in times.values() for stage in by_stage):
        p50, p95 = np.percentile([t[stage] for t in times.values() if stage in t], [50, 95])
        found.append((stage, float(p50), float(p95)))
    return found


def _worst(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The questions that went wrong, those it was surest of first: wrong answers before refusals."""
    failed = [row for row in rows if row["values"].get(HEADLINE) != 1]
    failed.sort(key=lambda row: (row["status"] != "answered", -row["confidence"], row["id"]))
    return failed[:_WORST]
