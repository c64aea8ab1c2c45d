"""What `kutipan eval` does: corpus and questions in, a run and its report out."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from eval.answerers import MODE, ServiceAnswerer, open_local, open_remote, read_corpus
from eval.comparison import GATED, called, check, compare, differing, read_baseline, unfit, values_of
from eval.judges import Judge, ModelJudge
from eval.question_set import CHOSEN_BY, QUESTIONS, EvalQuestion, Split, read_questions, splits_in
from eval.report import REPORT, render
from eval.run import ask_all, describe, identify, read_run, write_run
from eval.self_test import ANSWERERS, Caught, self_test
from service.backend import Backend
from service.errors import InvalidRequest
from service.records import Article
from service.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of the command. `baseline` is the file of the gate that the run must pass, where it
    must."""

    split: Split
    mode: str
    corpus: Path
    questions: Path = QUESTIONS
    url: str | None = None
    key: str | None = None
    out: Path = Path("eval-run")
    against: Path | None = None
    baseline: Path | None = None
    show_questions: bool = False
    judge_llm: str | None = None
    judge_cache: Path = Path("judge-cache.jsonl")

    def changed(self, *names: str) -> list[str]:
        """Those of these options that are others than by default, as they are typed."""
        defaults = {f.name: f.default for f in fields(self)}
        return [f"--{n.replace('_', '-')}" for n in names if getattr(self, n) != defaults[n]]

    @property
    def is_own(self) -> bool:
        """Whether the questions are the project's own."""
        return self.questions.resolve() == QUESTIONS.resolve()


Progress = Callable[[str, int], Callable[[], None]]
"""Told of a step and its size; gives what to call after each part of it."""


def read_set(plan: Plan, split: Split) -> tuple[dict[str, Article], list[EvalQuestion]]:
    """The articles, and the questions of a split, checked against them. Raises InvalidRequest, naming it, for
    what cannot be read or doesn't fit together."""
    articles = read_corpus(plan.corpus)
    try:
        return articles, read_questions(split, plan.questions, {a.id: a.text for a in articles.values()})
    except (ValueError, OSError) as error:
        raise InvalidRequest(f"the question set in {plan.questions} cannot be used: {error}") from None


def check_set(plan: Plan) -> tuple[int, int]:
    """How many articles there are, and how many questions on them, of every split that the folder has;
    without an index, for nothing is asked. Raises InvalidRequest as `read_set` does, for an id in two splits,
    and for options that it has no use for."""
    _refuse_unused("--check", plan.changed("url", "out", "against", "show_questions", "judge_llm"))
    splits = splits_in(plan.questions) or [plan.split]
    sets = [read_set(plan, split) for split in splits]
    ids = Counter(question.id for _, questions in sets for question in questions)
    if twice := [i for i, times in ids.items() if times > 1]:
        raise InvalidRequest(f"in more than one split of {plan.questions}: {', '.join(twice)}")
    return len(sets[0][0]), ids.total()


def opened(
    plan: Plan, settings: Settings, articles: Mapping[str, Article]
) -> AbstractContextManager[Backend]:
    """The service that has the articles: the one at the plan's URL, or one of its own."""
    return open_remote(plan.url, plan.key, articles) if plan.url else open_local(articles, settings)


def load_judge(plan: Plan) -> Judge:
    """The bundled judge, or the language model that the plan names."""
    if plan.judge_llm is None:
        return ModelJudge()
    from eval.language_judge import LanguageModelJudge, load_llm

    return LanguageModelJudge(load_llm(plan.judge_llm), plan.judge_cache)


@dataclass(frozen=True, slots=True)
class Finished:
    """A run, and what keeps it from passing the gate: nothing where it passes, or wasn't to."""

    run: dict[str, Any]
    complaints: list[str]


def run_eval(plan: Plan, settings: Settings, progress: Progress) -> Finished:
    """Runs it and writes `run.json`, `times.json` and `report.html` into `plan.out`. Everything that it is
    going to need is read and checked before the first question is asked."""
    articles, questions = read_set(plan, plan.split)
    against = read_run(plan.against) if plan.against else None
    baseline = read_baseline(plan.baseline) if plan.baseline else None
    judge = load_judge(plan)
    asked_how: dict[str, Any] = {"split": plan.split, "mode": plan.mode, "judge": judge.name}
    if plan.url is None:  # a service doesn't tell its threshold
        asked_how["min_confidence"] = settings.min_confidence
    of = {**identify(questions, articles), "settings": asked_how}
    if against and (changed := differing(of, against)):
        raise InvalidRequest(f"{plan.against} is of another {' and another '.join(changed)}")
    if baseline and (why := unfit(of, baseline)):
        raise InvalidRequest("; ".join(why))
    _make_folder(plan.out)
    with opened(plan, settings, articles) as backend:
        models = backend.index().models
        step = progress(f"asking {plan.split}", len(questions))
        asked = ask_all(questions, answerer_of(plan, backend, articles), articles, judge, step)
    described = {
        **asked_how,
        "embedder": f"{models.embedder.name} ({models.embedder.fingerprint})",
        "reader": f"{models.reader.name} ({models.reader.fingerprint})",
    }
    run = describe(asked.scored, articles, judge, described)
    show = plan.show_questions or plan.split == CHOSEN_BY
    differences = compare(values_of(run), values_of(against), GATED) if against else []
    name = called(plan.against, run, against) if plan.against and against else None
    page = render(run, asked.times, differences, name, show)
    write_run(plan.out, run if show else without_questions(run), asked.times)
    (plan.out / REPORT).write_text(page, encoding="utf-8")
    return Finished(run, check(run, baseline) if baseline else [])


def answerer_of(plan: Plan, backend: Backend, articles: Mapping[str, Article]) -> ServiceAnswerer:
    return ServiceAnswerer(backend, plan.mode, all(article.published for article in articles.values()))


def _make_folder(out: Path) -> None:
    """Makes the folder of a run. Raises InvalidRequest where nothing could be written there."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=out).close()
    except OSError as error:
        raise InvalidRequest(f"a run cannot be written into {out}: {error}") from None


def without_questions(run: dict[str, Any]) -> dict[str, Any]:
    """A run whose rows have their values and nothing that could be read and learned from."""
    kept = (
        "id", "language", "kind", "pair", "answerable", "status", "mode", "fallback", "confidence", "values",
        "unjudged",
    )  # fmt: skip
    return run | {"rows": [{key: row[key] for key in kept} for row in run["rows"]]}


def run_self_test(plan: Plan, settings: Settings, progress: Progress) -> list[Caught]:
    """Every bad answerer over the questions of the split. The project's own have something for each of them
    to spoil: one that has nothing to test is missed there. Raises InvalidRequest as `read_set` does, and for
    options that it has no use for."""
    _refuse_unused("--self-test", plan.changed("out", "against", "show_questions"))
    articles, questions = read_set(plan, plan.split)
    judge = load_judge(plan)
    with opened(plan, settings, articles) as backend:
        step = progress("known-bad answers", len(questions) * ANSWERERS)
        found = self_test(questions, articles, answerer_of(plan, backend, articles), judge, step)
    return [replace(one, caught=bool(one.caught)) for one in found] if plan.is_own else found


def check_options(plan: Plan, baseline: bool) -> None:
    """Raises InvalidRequest for an option that needs another one, and for a `baseline`, one to pass or one to
    write, of anything but the project's own dev questions. One to write is of the service as it is by
    default, too."""
    if plan.key is not None and plan.url is None:
        raise InvalidRequest("--key-file is for the service at --url, and there is none")
    if not baseline:
        return
    if plan.split != CHOSEN_BY or not plan.is_own:
        raise InvalidRequest(f"the baseline is of the project's own {CHOSEN_BY} questions, and of no others")
    if plan.baseline is None:
        others = plan.changed("url", "judge_llm") + ["--mode"] * (plan.mode != MODE)
        if load_settings().min_confidence is not None:
            others.append("KUTIPAN_MIN_CONFIDENCE")
        if others:
            raise InvalidRequest(f"no baseline is written from a run with {', '.join(others)}")


def _refuse_unused(what: str, options: list[str]) -> None:
    if options:
        raise InvalidRequest(f"{what} has no use for {', '.join(options)}")
