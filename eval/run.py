"""A run of the eval: questions → answers → scores → what is written.

`RUN/run.json` has no times and is the same, byte for byte, for the same questions, articles, models and
versions on one machine; `RUN/times.json` has the milliseconds.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from eval.answerers import Answerer, day_of
from eval.files import read_object
from eval.judges import Judge, ValueJudge, measure_judge
from eval.measures.abstention import calibration_bins, risk_coverage
from eval.question_set import EvalQuestion
from eval.scores import Scored, score
from eval.summary import Score, slices, summarise
from service.records import Article

_Schema = Literal[2]
SCHEMA: _Schema = 2
RUN, TIMES = "run.json", "times.json"
_LIBRARIES = ("kutipan", "chromadb", "llama-index-core", "numpy", "onnxruntime", "PyStemmer", "tokenizers")
_DIGITS = 6


class _Row(BaseModel):
    """What a question of a run must have to be compared with."""

    model_config = ConfigDict(strict=True)

    id: str
    values: dict[str, FiniteFloat]


class _Run(BaseModel):
    """What a run must have to be compared with."""

    model_config = ConfigDict(strict=True)

    written_as: _Schema = Field(alias="schema")
    corpus: str
    questions: str
    settings: dict[str, Any]
    rows: list[_Row]


@dataclass(frozen=True, slots=True)
class Asked:
    """The scored questions of a run, and the milliseconds of each stage by question."""

    scored: list[Scored]
    times: dict[str, dict[str, float]]


def ask_all(
    questions: Sequence[EvalQuestion],
    answerer: Answerer,
    articles: Mapping[str, Article],
    judge: Judge,
    progress: Callable[[], None] = lambda: None,
) -> Asked:
    """Asks every question, one after the other; `progress` is called after each."""
    asked = Asked([], {})
    for question in questions:
        response = answerer.ask(question)
        found = answerer.search(response.searched, day_of(question))
        asked.scored.append(score(question, response, found, articles, judge))
        asked.times[question.id] = dict(response.timing_ms)
        progress()
    return asked


def describe(
    scored: Sequence[Scored], articles: Mapping[str, Article], judge: Judge, settings: dict[str, Any]
) -> dict[str, Any]:
    """What `run.json` holds. NaN is null; numbers are rounded to six digits."""
    content = {
        "schema": SCHEMA,
        "settings": settings,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
        **identify([s.question for s in scored], articles),
        "judge": {**_judge(judge), "baseline": _judge(ValueJudge())},
        "scores": {
            name: {measure: _score(value) for measure, value in summarise(part).items()}
            for name, part in slices(scored).items()
        },
        "risk_coverage": _risk_coverage(scored),
        "calibration": _calibration(scored),
        "rows": [_row(s) for s in scored],
    }
    return _rounded(content)  # type: ignore[no-any-return]


def _judge(judge: Judge) -> dict[str, Any]:
    return {"name": judge.name, "measured": measure_judge(judge)}


def identify(questions: Sequence[EvalQuestion], articles: Mapping[str, Article]) -> dict[str, str]:
    """Which questions and articles a run is of: two runs can be compared where both agree."""
    return {
        "corpus": _digest(sorted(f"{a.id} {a.version}" for a in articles.values())),
        "questions": _digest([json.dumps(asdict(q), sort_keys=True) for q in questions]),
    }


def write_run(folder: Path, content: dict[str, Any], times: dict[str, dict[str, float]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in ((RUN, content), (TIMES, times)):
        text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=False, allow_nan=False) + "\n"
        (folder / name).write_text(text, encoding="utf-8")


def read_run(path: Path) -> dict[str, Any]:
    """A run's content, from its folder or its file. Raises InvalidRequest for what isn't one of this
    schema."""
    return read_object(path / RUN if path.is_dir() else path, _Run, "run of this version")


def _score(score: Score) -> dict[str, float | int]:
    return {
        "mean": score.estimate.mean,
        "low": score.estimate.low,
        "high": score.estimate.high,
        "n": score.n,
        "unjudged": score.unjudged,
    }


def _row(scored: Scored) -> dict[str, Any]:
    question, response = scored.question, scored.response
    return {
        "id": question.id,
        "question": question.question,
        "language": question.language,
        "kind": question.kind,
        "pair": scored.pair,
        "answerable": question.answerable,
        "answers": [list(wordings) for wordings in question.answers],
        "gold": [asdict(gold) for gold in question.gold],
        "notes": question.notes,
        "status": response.status,
        "reason": response.reason,
        "mode": response.mode,
        "fallback": response.fallback,
        "answer": response.answer,
        "short_answer": response.short_answer,
        "confidence": response.confidence,
        "sentences": [asdict(sentence) for sentence in scored.sentences],
        "citations": [
            {"article_id": c.article_id, "quote": c.quote, "start": c.start, "end": c.end}
            for c in response.citations
        ],
        "values": {name: value for name, value in scored.values.items() if value is not None},
        "unjudged": sorted(scored.unjudged),
    }


def _risk_coverage(scored: Sequence[Scored]) -> list[tuple[float, float]]:
    """Points (coverage of all questions, risk) over the answers, surest first."""
    outcomes = [s.outcome for s in scored if s.response.status == "answered"]
    coverage, risk = risk_coverage(outcomes)
    share = len(outcomes) / len(scored)
    return [(float(c) * share, float(r)) for c, r in zip(coverage, risk, strict=True)]


def _calibration(scored: Sequence[Scored]) -> list[dict[str, float]]:
    """The bins that the calibration error of all answers is computed from."""
    answers = [s.outcome for s in scored if s.outcome.answered]
    return [asdict(b) for b in calibration_bins([o.confidence for o in answers], [o.right for o in answers])]


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return None if value != value else round(value, _DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value
