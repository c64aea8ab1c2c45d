"""Two runs, question by question, and the gate that a run must pass.

`eval/baseline.json` keeps the values of a run on `dev` and a floor for each gated score. The gate fails where
a score is below its floor, or where the paired differences to the baseline are significantly negative (their
95 % interval is below 0), and names the questions that got worse.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.intervals import Estimate, difference_interval
from eval.scores import HEADLINE

BASELINE = Path(__file__).parent / "baseline.json"
GATED = (
    HEADLINE, "right", "answered", "refused", "faithfulness", "exact", "citation recall",
    "citation precision", "recall@5", "MRR",
)  # fmt: skip
_MARGIN = 0.05
"""How far below the baseline a floor is put when it is written."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A score in two runs on the questions that both have it for: new minus old, and who changed."""

    measure: str
    estimate: Estimate
    n: int
    worse: tuple[str, ...]
    better: tuple[str, ...]

    @property
    def is_worse(self) -> bool:
        """Whether the loss is more than chance."""
        return self.estimate.high < 0

    @property
    def is_better(self) -> bool:
        return self.estimate.low > 0


def values_of(run: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """The values of each question of a run, by its id."""
    return {row["id"]: row["values"] for row in run["rows"]}


def compare(
    new: Mapping[str, Mapping[str, float]], old: Mapping[str, Mapping[str, float]], measures: tuple[str, ...]
) -> list[Difference]:
    """Paired differences of the questions that both runs have, in the order of `measures`."""
    found = []
    for measure in measures:
        ids = [i for i in new if i in old and measure in new[i] and measure in old[i]]
        if not ids:
            continue
        ours, theirs = [new[i][measure] for i in ids], [old[i][measure] for i in ids]
        found.append(
            Difference(
                measure,
                difference_interval(ours, theirs),
                len(ids),
                tuple(i for i, a, b in zip(ids, ours, theirs, strict=True) if a < b),
                tuple(i for i, a, b in zip(ids, ours, theirs, strict=True) if a > b),
            )
        )
    return found


def make_baseline(run: Mapping[str, Any]) -> dict[str, Any]:
    """What `baseline.json` holds of a run. Exactness is a promise: its floor is 1."""
    scores = run["scores"]["all"]
    return {
        "questions": run["questions"],
        "corpus": run["corpus"],
        "settings": run["settings"],
        "floors": {
            name: 1.0 if name == "exact" else round(scores[name]["mean"] - _MARGIN, 3)
            for name in GATED
            if name in scores
        },
        "values": {
            i: {name: values[name] for name in GATED if name in values}
            for i, values in values_of(run).items()
        },
    }


def check(run: Mapping[str, Any], baseline: Mapping[str, Any]) -> list[str]:
    """What keeps a run from passing, one sentence each; empty where it passes."""
    for name, what in (("questions", "question set"), ("corpus", "corpus")):
        if run[name] != baseline[name]:
            return [f"the {what} has changed since the baseline was written; write it anew and say why"]
    found = []
    for name, floor in baseline["floors"].items():
        score = run["scores"]["all"].get(name)
        if score is None or score["mean"] is None or score["mean"] < floor:
            found.append(f"{name} is {_shown(score)}, below its floor of {floor:.3f}")
    found += [
        f"{d.measure} fell by {-d.estimate.mean:.3f} [{-d.estimate.high:.3f}, {-d.estimate.low:.3f}]: "
        + ", ".join(d.worse)
        for d in compare(values_of(run), baseline["values"], GATED)
        if d.is_worse
    ]
    return found


def _shown(score: Mapping[str, float] | None) -> str:
    return "missing" if score is None or score["mean"] is None else f"{score['mean']:.3f}"


def read_baseline(path: Path = BASELINE) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def write_baseline(run: Mapping[str, Any], path: Path = BASELINE) -> None:
    text = json.dumps(make_baseline(run), ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8")
