"""What `kutipan eval` does: corpus and questions in, a run and its report out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.answerers import ServiceAnswerer, open_local, open_remote, read_corpus
from eval.comparison import BASELINE, GATED, check, compare, read_baseline, values_of
from eval.judges import Judge, ValueJudge
from eval.question_set import QUESTIONS, EvalQuestion, Split, read_questions, validate
from eval.report import REPORT, render
from eval.run import ask_all, describe, read_run, write_run
from eval.self_test import ANSWERERS, Caught, self_test
from service.backend import Backend
from service.errors import InvalidRequest
from service.records import Article
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of the command."""

    split: Split
    mode: str
    corpus: Path
    questions: Path = QUESTIONS
    url: str | None = None
    key: str | None = None
    out: Path = Path("eval-run")
    against: Path | None = None
    show_questions: bool = False
    judge_llm: str | None = None
    judge_cache: Path = Path("judge-cache.jsonl")


Progress = Callable[[str, int], Callable[[], None]]
"""Told of a step and its size; gives what to call after each part of it."""


@contextmanager
def prepared(
    plan: Plan, settings: Settings
) -> Iterator[tuple[dict[str, Article], list[EvalQuestion], Backend]]:
    """The articles, the questions of the split, checked against them, and the service that has the articles.
    Raises InvalidRequest, naming it, for what doesn't fit together."""
    articles = read_corpus(plan.corpus)
    try:
        questions = read_questions(plan.split, plan.questions)
        validate(questions, {a.id: a.text for a in articles.values()})
    except (ValueError, OSError) as error:
        raise InvalidRequest(f"the question set in {plan.questions} cannot be used: {error}") from None
    opened = open_remote(plan.url, plan.key, articles) if plan.url else open_local(articles, settings)
    with opened as backend:
        yield articles, questions, backend


def load_judge(plan: Plan) -> Judge:
    """The baseline, or the language model that the plan names."""
    if plan.judge_llm is None:
        return ValueJudge()
    from eval.language_judge import LanguageModelJudge, load_llm

    return LanguageModelJudge(load_llm(plan.judge_llm), plan.judge_cache)


def run_eval(plan: Plan, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Runs it, writes `run.json`, `times.json` and `report.html` into `plan.out`, and returns the run."""
    try:
        against = read_run(plan.against) if plan.against else None
    except ValueError as error:
        raise InvalidRequest(f"{plan.against} cannot be compared with: {error}") from None
    judge = load_judge(plan)
    with prepared(plan, settings) as (articles, questions, backend):
        models = backend.index().models
        step = progress(f"asking {plan.split}", len(questions))
        asked = ask_all(questions, ServiceAnswerer(backend, plan.mode), articles, judge, step)
    described = {
        "split": plan.split,
        "mode": plan.mode,
        "embedder": f"{models.embedder.name} ({models.embedder.fingerprint})",
        "reader": models.reader.name,
    }
    run = describe(asked.scored, articles, judge, described)
    show = plan.show_questions or plan.split == "dev"
    if against and (against["questions"], against["corpus"]) != (run["questions"], run["corpus"]):
        raise InvalidRequest(f"{plan.against} is of other questions or articles")
    differences = compare(values_of(run), values_of(against), GATED) if against else []
    name = None if against is None else f"{against['settings']['reader']}, {against['settings']['embedder']}"
    page = render(run, asked.times, differences, name, show)
    written = run if show else without_questions(run)
    write_run(plan.out, written, asked.times)
    (plan.out / REPORT).write_text(page, encoding="utf-8")
    return run


def without_questions(run: dict[str, Any]) -> dict[str, Any]:
    """A run whose rows have their values and nothing that could be read and learned from."""
    kept = ("id", "language", "kind", "pair", "answerable", "status", "confidence", "values", "unjudged")
    return run | {"rows": [{key: row[key] for key in kept} for row in run["rows"]]}


def run_self_test(plan: Plan, settings: Settings, progress: Progress) -> list[Caught]:
    """Every bad answerer over the questions of the split."""
    with prepared(plan, settings) as (articles, questions, backend):
        step = progress("known-bad answers", len(questions) * ANSWERERS)
        return self_test(questions, articles, ServiceAnswerer(backend, plan.mode), load_judge(plan), step)


def check_options(plan: Plan, baseline: bool) -> None:
    """Raises InvalidRequest for a baseline of anything but the project's own dev questions."""
    if baseline and (plan.split != "dev" or plan.questions != QUESTIONS):
        raise InvalidRequest("the baseline is of the project's own dev questions, and of no others")


def gate(run: dict[str, Any], path: Path = BASELINE) -> list[str]:
    """What keeps the run from passing; empty where it passes."""
    return check(run, read_baseline(path))
