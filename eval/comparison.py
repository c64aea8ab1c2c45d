"""Two runs, question by question, and the gate that a run must pass.

`eval/baseline.json` keeps the values of a run on `dev` and a floor for each gated score; `check` has the
rules.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, FiniteFloat

from eval.files import read_object
from eval.intervals import Estimate, difference_interval, shown
from eval.scores import HEADLINE
from service.errors import InvalidRequest

BASELINE = Path(__file__).parent / "baseline.json"
GATED = (
    HEADLINE, "right", "answered", "refused", "faithfulness", "exact", "citation recall",
    "citation precision", "recall@5", "MRR",
)  # fmt: skip
_MARGIN = 0.05
"""How far below the baseline a floor is put when it is written."""
_HELD = ("split", "mode", "judge", "min_confidence")
"""Settings that a run and its baseline have in common."""


class _Baseline(BaseModel):
    """What a baseline must have."""

    model_config = ConfigDict(strict=True)

    questions: str
    corpus: str
    settings: dict[str, Any]
    floors: dict[str, FiniteFloat]
    values: dict[str, dict[str, FiniteFloat]]


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


def differing(run: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """What keeps two runs from being compared: "question set" or "corpus", where it isn't the same."""
    return [
        what for key, what in (("questions", "question set"), ("corpus", "corpus")) if run[key] != other[key]
    ]


def unfit(run: Mapping[str, Any], baseline: Mapping[str, Any]) -> list[str]:
    """Why a run cannot be held against a baseline (rule 1 of `check`); known before the first question."""
    found = [
        f"the {what} has changed since the baseline was written; write it anew and say why"
        for what in differing(run, baseline)
    ]
    return found + [
        f"the {name} is {ours}, and the baseline's {theirs}"
        for name, ours, theirs in settings_differing(run, baseline)
        if name in _HELD
    ]


def settings_differing(run: Mapping[str, Any], other: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The settings that differ, each by its name with how it is in the one and in the other. What one of the
    two doesn't tell isn't compared, as the threshold of a service at a URL."""
    ours, theirs = run["settings"], other["settings"]
    return [
        (name, _told(ours[name]), _told(theirs[name]))
        for name in ours
        if name in theirs and ours[name] != theirs[name]
    ]


def called(path: Path, run: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """What a report calls the run in `path`, the `other` one: by its settings too, where they differ."""
    parts = [f"{name} {theirs}, here {ours}" for name, ours, theirs in settings_differing(run, other)]
    return f"{path} ({'; '.join(parts)})" if parts else str(path)


def _told(setting: object) -> str:
    return "the reader's own" if setting is None else str(setting)


def check(run: Mapping[str, Any], baseline: Mapping[str, Any]) -> list[str]:
    """What keeps a run from passing the gate, one sentence each; empty where it passes. All of the rules:

    1. It is of the questions, articles, split, mode, judge and threshold that the baseline is of; else
       nothing else is looked at.
    2. Each gated score is there, and at least its floor.
    3. None fell by more than chance: the 95 % interval of the paired differences to the baseline isn't
       below 0. The questions that got worse are named.
    4. Nothing that the baseline judged "could not be judged", and so fell out of the means.
    """
    if why := unfit(run, baseline):
        return why
    found = []
    for name, floor in baseline["floors"].items():
        mean = run["scores"]["all"].get(name, {}).get("mean")
        if mean is None or mean < floor:
            told = "missing" if mean is None else shown(mean)
            found.append(f"{name} is {told}, below its floor of {floor:.3f}")
    found += [
        f"{d.measure} fell by {-d.estimate.mean:.3f} [{-d.estimate.high:.3f}, {-d.estimate.low:.3f}]: "
        + ", ".join(d.worse)
        for d in compare(values_of(run), baseline["values"], GATED)
        if d.is_worse
    ]
    for name in GATED:
        ids = [
            row["id"]
            for row in run["rows"]
            if name in row["unjudged"] and name in baseline["values"].get(row["id"], {})
        ]
        if ids:
            found.append(f"{name} could not be judged, and was before: {', '.join(ids)}")
    return found


def read_baseline(path: Path = BASELINE) -> dict[str, Any]:
    """The baseline in a file. Raises InvalidRequest, naming it, for one that cannot be read or lacks a
    floor."""
    content = read_object(path, _Baseline, "baseline")
    lacking = [name for name in GATED if name not in content["floors"]]
    if lacking:
        raise InvalidRequest(f"{path} has no floor for {', '.join(lacking)}")
    return content


def write_baseline(run: Mapping[str, Any], path: Path = BASELINE) -> None:
    text = json.dumps(make_baseline(run), ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8")
