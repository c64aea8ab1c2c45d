"""The eval: the same bytes twice, a gate that closes, bad answerers that are caught, faults with names."""

from __future__ import annotations

import gzip
import json
import math
import re
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata

from eval.answerers import ServiceAnswerer, open_remote, read_corpus
from eval.benchmarks.judge import labelled_pairs, measure
from eval.command import Plan, check_options, check_set, run_eval, run_self_test, without_questions
from eval.comparison import BASELINE, called, check, compare, make_baseline, read_baseline, values_of
from eval.judges import Judge, ModelJudge, ValueJudge, balanced_accuracy, measure_judge, read_judgements
from eval.language_judge import PROMPT, VERSION, LanguageModelJudge, load_llm, reply_key
from eval.measures.faithfulness import judge_sentence
from eval.question_set import CHOSEN_BY, EvalQuestion, Gold, Superseded, read_questions
from eval.report import render
from eval.run import ask_all, describe, identify, read_run
from eval.scores import HEADLINE, SCORES, score
from eval.self_test import TRAPS, Oracle, Quoted, Torn, WrongCitation, self_test
from eval.summary import POOLED, slices, summarise
from service.api.schemas import AskOut, PassageOut, QuotationOut
from service.backend import LocalBackend
from service.errors import ConfigurationError, InvalidRequest, ModelUnavailable
from service.extraction import BundledSpanModel
from service.library import Library
from service.models import JUDGE
from service.records import Article
from service.settings import Settings
from service.support import SupportModel
from tests.conftest import BRIDGE, CORPUS, LIGHTHOUSE, MARKET, kutipan

TEXTS = {a.id: a for a in (BRIDGE, MARKET, LIGHTHOUSE)}
OPENED = "Jembatan Kahayan Baru dibuka oleh Gubernur Sari Wulandari pada 3 Maret 2024."
KEPT = "Martha Quill kept the Selby lighthouse for 41 years."


def question(
    name: str,
    text: str,
    language: Literal["id", "en"],
    answers: tuple[tuple[str, ...], ...],
    gold: tuple[Gold, ...],
) -> EvalQuestion:
    kind = "what" if gold else "near_miss"
    return EvalQuestion(name, text, language, kind, "dev", bool(gold), answers, gold, "")


WHEN = question(
    "q-1", "Kapan Jembatan Kahayan Baru dibuka?", "id", (("3 Maret 2024",),), (Gold("jembatan", OPENED),)
)
YEARS = question(
    "q-2",
    "How long did Martha Quill keep the lighthouse?",
    "en",
    (("41 years",),),
    (Gold("lighthouse", KEPT),),
)
NOBODY = question("q-3", "Siapa yang menjual Pasar Lama?", "id", (), ())
QUESTIONS = [WHEN, YEARS, NOBODY]
MANY = [replace(q, id=f"{q.id}.{i}") for q in QUESTIONS for i in range(5)]
"""As many as tell a loss from chance."""


class Silent:
    """A service whose search finds nothing and that refuses everything."""

    def search(self, searched: str, day: str | None = None) -> Sequence[PassageOut]:
        return ()

    def ask(self, question: EvalQuestion) -> AskOut:
        return Oracle(TEXTS, self).refusal(question)


class Gullible:
    """A judge that believes everything."""

    name = "gullible"
    supported_from = 0.5

    def support(self, sentence: str, quotation: str) -> float | None:
        return 1.0


class Undecided:
    """A judge that cannot tell."""

    name = "undecided"
    supported_from = 0.5

    def support(self, sentence: str, quotation: str) -> float | None:
        return None


def run_of(
    answerer: Oracle | Silent, judge: Judge | None = None, questions: Sequence[EvalQuestion] = QUESTIONS
) -> dict[str, Any]:
    judge = judge or ValueJudge()
    settings = {
        "split": "dev", "mode": "auto", "judge": judge.name, "min_confidence": None, "embedder": "none",
        "reader": "none",
    }  # fmt: skip
    return describe(ask_all(questions, answerer, TEXTS, judge).scored, TEXTS, judge, settings)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A folder of the three articles and one of three questions about them."""
    corpus, questions = tmp_path / "articles", tmp_path / "questions"
    corpus.mkdir()
    questions.mkdir()
    for article in TEXTS.values():
        head = f"---\nid: {article.id}\ntitle: {article.title}\nlanguage: {article.language}\n---\n"
        (corpus / f"{article.id}.md").write_text(head + article.text)
    lines = [
        {
            "id": q.id, "question": q.question, "language": q.language, "kind": q.kind, "split": q.split,
            "answerable": q.answerable, "answers": q.answers, "notes": "",
            "gold": [{"article_id": g.article_id, "quote": g.quote} for g in q.gold],
        }
        for q in QUESTIONS
    ]  # fmt: skip
    (questions / "dev.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return corpus, questions


@pytest.mark.slow
def test_two_runs_give_the_same_bytes_but_for_the_times(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    corpus, questions = folders
    options = ("--corpus", corpus, "--questions", questions)
    for name in ("one", "two"):
        done = kutipan("eval", *options, "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "one/run.json").read_bytes() == (tmp_path / "two/run.json").read_bytes()
    pages = [(tmp_path / name / "report.html").read_text() for name in ("one", "two")]
    timeless = [re.sub(r"<!-- times -->.*<!-- end of times -->", "", page, flags=re.DOTALL) for page in pages]
    assert timeless[0] == timeless[1]
    assert all("Latency" not in page for page in timeless)
    run = read_run(tmp_path / "one")
    scores = run["scores"]["all"]
    assert scores["exact"]["mean"] == 1.0
    assert scores["recall@5"]["mean"] == 1.0
    # The models are named with their weights.
    reader, judge = BundledSpanModel().fingerprint, SupportModel(JUDGE).fingerprint
    assert (run["settings"]["reader"], run["judge"]["name"]) == (f"reader-1 ({reader})", judge)
    assert (run["settings"]["judge"], run["settings"]["min_confidence"]) == (judge, None)


@pytest.mark.slow
def test_the_self_test_catches_every_bad_answerer() -> None:
    done = kutipan("eval", "--self-test", "--corpus", CORPUS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("caught") == len(TRAPS) + 1  # and the column's head
    assert "missed" not in done.stdout


def test_a_judge_that_believes_everything_fails_the_self_test() -> None:
    found = self_test(MANY, TEXTS, Silent(), Gullible())
    missed = {f"{trap.name}: {trap.measure}" for trap in found if not trap.caught}
    assert missed >= {"WrongNumber: faithfulness", "Negated: faithfulness", "Invented: faithful"}
    # What needs no judge is caught all the same.
    assert not missed & {"ShiftedOffsets: exact", "NeverAnswers: answered", "AlwaysAnswers: refused"}


def test_right_and_supported_by_hand() -> None:
    oracle = Oracle(TEXTS, Silent())
    right = score(WHEN, oracle.ask(WHEN), (), TEXTS, ValueJudge())
    assert right.values[HEADLINE] == right.values["right"] == right.values["exact"] == 1.0
    assert right.values["citation recall"] == right.values["citation precision"] == 1.0
    assert right.values["recall@5"] == right.values["MRR"] == 0.0  # nothing was found, and it counts
    assert right.pair == "id→id"
    refused = score(WHEN, oracle.refusal(WHEN), (), TEXTS, ValueJudge())
    assert refused.values[HEADLINE] == refused.values["answered"] == 0.0
    assert refused.values["exact"] is None
    good = score(NOBODY, oracle.ask(NOBODY), (), TEXTS, ValueJudge())
    assert good.values[HEADLINE] == good.values["refused"] == 1.0
    torn = score(WHEN, Torn(TEXTS, Silent()).ask(WHEN), (), TEXTS, ValueJudge())
    assert torn.sentences[0].verdict == "torn"
    assert torn.values["exact"] == 1.0
    assert torn.values["faithful"] == torn.values[HEADLINE] == 0.0


EARLY = replace(
    BRIDGE, id="awal", text="BNPB mencatat 271 orang meninggal akibat gempa Cianjur.", published="2022-11-23"
)
LATE = replace(
    BRIDGE,
    id="akhir",
    text="Korban meninggal gempa Cianjur adalah 602 orang. Semula BNPB mencatat 271 orang meninggal. "
    "Ia baru dikubur kemarin.",
    published="2023-11-22",
)
QUAKE = {a.id: a for a in (EARLY, LATE)}
NOW_602, BEFORE_271 = LATE.text.split(". ")[0] + ".", EARLY.text
DEAD = replace(
    question("q-4", "Berapa korban meninggal?", "id", (("602 orang",),), (Gold("akhir", NOW_602),)),
    superseded=(Superseded("awal", "271 orang"), Superseded("akhir", "271 orang")),
)


def verdicts(said: Sequence[Quoted], one: EvalQuestion = DEAD) -> list[str]:
    answer = Oracle(QUAKE, Silent()).answer(one, said)
    return [s.verdict for s in score(one, answer, (), QUAKE, ValueJudge()).sentences]


def test_an_older_figure_given_as_the_answer_is_not_faithful() -> None:
    newer, older = Quoted(NOW_602, "akhir", 0, NOW_602), Quoted(BEFORE_271, "awal", 0, BEFORE_271)
    assert verdicts([newer]) == ["supported"]
    assert verdicts([older]) == ["superseded"]
    assert verdicts([newer, older]) == ["supported", "superseded"]  # two answers, one of them out of date
    assert verdicts([older], replace(DEAD, superseded=())) == ["supported"]
    # Both figures on one citation tell the story; the later article's older figure alone doesn't.
    then = "Semula BNPB mencatat 271 orang meninggal."
    whole = [Quoted(text, "akhir", 0, LATE.text) for text in (NOW_602, then)]
    answer = Oracle(QUAKE, Silent()).answer(DEAD, whole)
    for sentence in answer.sentences:
        sentence.citations = [1]
    assert [s.verdict for s in score(DEAD, answer, (), QUAKE, ValueJudge()).sentences] == ["supported"] * 2
    assert verdicts([Quoted(then, "akhir", LATE.text.index(then), then)]) == ["superseded"]
    scored = score(DEAD, Oracle(QUAKE, Silent()).answer(DEAD, [newer, older]), (), QUAKE, ValueJudge())
    assert (scored.values["right"], scored.values["faithfulness"], scored.values[HEADLINE]) == (1.0, 0.5, 0.0)


def test_an_older_figure_shown_as_older_misleads_nobody() -> None:
    oracle = Oracle(QUAKE, Silent())
    answer = oracle.ask(DEAD)
    before = oracle.answer(DEAD, [Quoted(BEFORE_271, "awal", 0, BEFORE_271)]).citations[0]
    answer.citations[0].older = [QuotationOut.model_validate(before.model_dump())]
    scored = score(DEAD, answer, (), QUAKE, ValueJudge())
    assert [s.verdict for s in scored.sentences] == ["supported"]
    assert scored.values[HEADLINE] == 1.0


def test_the_self_test_sees_the_older_figure() -> None:
    asked = [replace(DEAD, id=f"q-{i}") for i in range(5)]
    (trap,) = [t for t in self_test(asked, QUAKE, Silent(), ValueJudge()) if t.name == "OlderFigure"]
    assert (trap.measure, trap.good, trap.bad, trap.n, trap.caught) == ("faithfulness", 1.0, 0.0, 5, True)
    blind = [replace(q, superseded=()) for q in asked]
    (trap,) = [t for t in self_test(blind, QUAKE, Silent(), ValueJudge()) if t.name == "OlderFigure"]
    assert (trap.n, trap.caught) == (0, None)  # nothing to test


def test_a_part_of_a_sentence_is_no_quotation() -> None:
    quotation = "Polisi membantah bahwa Budi mencuri uang negara."
    clipped = judge_sentence("Budi mencuri uang negara.", [quotation], None, ValueJudge())
    assert (clipped.verbatim, clipped.verdict) == (False, "unsupported")
    assert judge_sentence(quotation, [f"Begitulah. {quotation}"], None, ValueJudge()).verbatim


def test_an_answer_that_says_more_than_its_sentences_is_not_supported() -> None:
    honest = Oracle(TEXTS, Silent()).ask(WHEN)
    more = honest.model_copy(update={"answer": honest.answer + " Gubernur lalu mundur."})
    empty = honest.model_copy(update={"sentences": [], "citations": []})
    for answer in (more, empty):
        scored = score(WHEN, answer, (), TEXTS, ValueJudge())
        assert (scored.values["right"], scored.values["faithful"], scored.values[HEADLINE]) == (1.0, 0.0, 0.0)


def test_options_that_contradict_are_refused(folders: tuple[Path, Path]) -> None:
    corpus, questions = folders
    options = ("eval", "--corpus", corpus, "--questions", questions)
    assert kutipan(*options, "--gate", "--self-test").returncode == 2
    for wrong in (("--write-baseline",), ("--gate",), ("--against", questions / "dev.jsonl")):
        refused = kutipan(*options, *wrong)
        assert refused.returncode == 1, wrong
        assert refused.stderr.lstrip().startswith("error"), refused.stderr


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"mode": "extractive"}, "--mode"),
        ({"url": "http://127.0.0.1:1"}, "--url"),
        ({"judge_llm": "a:b"}, "--judge-llm"),
    ],
)
def test_a_baseline_is_written_of_the_service_as_it_is(changed: dict[str, Any], named: str) -> None:
    plan = Plan(CHOSEN_BY, "auto", CORPUS)
    check_options(plan, baseline=True)
    with pytest.raises(InvalidRequest, match=f"written from a run with {named}$"):
        check_options(replace(plan, **changed), baseline=True)
    check_options(replace(plan, **changed, baseline=BASELINE), baseline=True)  # to pass it is another matter


def test_a_baseline_is_not_written_with_another_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUTIPAN_MIN_CONFIDENCE", "0")
    with pytest.raises(InvalidRequest, match="KUTIPAN_MIN_CONFIDENCE"):
        check_options(Plan(CHOSEN_BY, "auto", CORPUS), baseline=True)


def test_no_option_is_dropped_in_silence(folders: tuple[Path, Path]) -> None:
    corpus, questions = folders
    plan = Plan(CHOSEN_BY, "auto", corpus, questions)
    with pytest.raises(InvalidRequest, match="--key-file is for the service at --url"):
        check_options(replace(plan, key="k" * 16), baseline=False)
    changes: tuple[dict[str, Any], ...] = (
        {"out": questions}, {"against": questions}, {"show_questions": True},
    )  # fmt: skip
    for changed in changes:
        option = f"--{next(iter(changed)).replace('_', '-')}"
        with pytest.raises(InvalidRequest, match=f"--check has no use for {option}"):
            check_set(replace(plan, **changed))
        with pytest.raises(InvalidRequest, match=f"--self-test has no use for {option}"):
            run_self_test(replace(plan, **changed), Settings(), never)


def test_what_could_not_be_judged_is_neither_right_nor_wrong() -> None:
    answered = WrongCitation(TEXTS, Silent()).ask(WHEN)
    scored = score(WHEN, answered, (), TEXTS, Undecided())
    assert scored.values[HEADLINE] is None
    assert scored.unjudged == {HEADLINE, "faithfulness", "faithful"}
    summary = summarise([scored])
    assert (summary["faithful"].n, summary["faithful"].unjudged) == (0, 1)
    assert summary["right"].n == 1


def test_every_score_is_told_and_every_slice_is_there() -> None:
    scored = ask_all(QUESTIONS, Oracle(TEXTS, Silent()), TEXTS, ValueJudge()).scored
    assert set(summarise(scored)) == set(SCORES) | set(POOLED)
    assert set(slices(scored)) == {
        "all", "language id", "language en", "pair id→id", "pair en→en", "pair id→none", "kind what",
        "kind near_miss",
    }  # fmt: skip


def test_the_gate_passes_its_own_baseline_and_names_what_got_worse() -> None:
    good = run_of(Oracle(TEXTS, Silent()), questions=MANY)
    baseline = make_baseline(good)
    assert check(good, baseline) == []
    complaints = check(run_of(Silent(), questions=MANY), baseline)
    assert any(c.startswith("answered is 0.000, below its floor of 0.950") for c in complaints)
    (fell,) = [c for c in complaints if c.startswith("answered fell by 1.000 [")]
    assert fell.endswith(": " + ", ".join(f"q-{q}.{i}" for q in (1, 2) for i in range(5)))
    assert any(c.startswith("exact is missing") for c in complaints)


def test_the_gate_has_all_of_its_rules() -> None:
    good = run_of(Oracle(TEXTS, Silent()))
    baseline = make_baseline(good)
    for changed, complaint in (
        ({"mode": "generative"}, "the mode is generative, and the baseline's auto"),
        ({"judge": "judge-2"}, "the judge is judge-2, and the baseline's values-1"),
        ({"min_confidence": 0.3}, "the min_confidence is 0.3, and the baseline's the reader's own"),
    ):
        assert check(good | {"settings": good["settings"] | changed}, baseline) == [complaint]
    assert check(good | {"settings": good["settings"] | {"reader": "reader-2"}}, baseline) == []
    # A service at a URL doesn't tell its threshold.
    untold = {name: value for name, value in good["settings"].items() if name != "min_confidence"}
    assert check(good | {"settings": untold}, baseline) == []
    undecided = run_of(WrongCitation(TEXTS, Silent()), Undecided()) | {"settings": good["settings"]}
    assert any(
        c == "faithfulness could not be judged, and was before: q-1, q-2" for c in check(undecided, baseline)
    )


def never(name: str, size: int) -> Callable[[], None]:
    raise AssertionError("a question was asked")


def test_what_a_run_is_held_against_is_read_before_anything_is_asked(
    tmp_path: Path, folders: tuple[Path, Path]
) -> None:
    corpus, questions = folders
    plan = Plan("dev", "auto", corpus, questions, out=tmp_path / "run")
    run = run_of(Oracle(TEXTS, Silent()))
    ours = run | identify(read_questions("dev", questions), read_corpus(corpus))
    file = tmp_path / "other.json"
    nothing = Settings(embedding_model="no such model")  # an index couldn't be made

    def refusal(content: str, *, against: Path | None = None, baseline: Path | None = None) -> str:
        file.write_text(content)
        with pytest.raises(InvalidRequest) as caught:
            run_eval(replace(plan, against=against, baseline=baseline), nothing, never)
        return str(caught.value)

    assert refusal("{", against=file).startswith(f"{file} is no run of this version: Invalid JSON")
    assert refusal("[]", against=file) == f"{file} is no run of this version: Input should be an object"
    assert "schema: Input should be 2" in refusal('{"schema": 1}', against=file)
    bare = json.dumps(ours | {"rows": [{"id": "q-1"}]})
    assert refusal(bare, against=file).endswith("rows.0.values: Field required")
    assert refusal(json.dumps(run), against=file) == f"{file} is of another corpus"
    neither = json.dumps(run | {"questions": "0"})
    assert refusal(neither, against=file) == f"{file} is of another question set and another corpus"
    assert refusal("", baseline=file).startswith(f"{file} is no baseline: Invalid JSON")
    assert "questions: Field required" in refusal('{"floors": {}}', baseline=file)
    for name, value, fault in (
        ("floors", [], "floors: Input should be an object"),
        ("floors", {"exact": float("nan")}, "floors.exact: Input should be a finite number"),
        ("floors", {"exact": True}, "floors.exact: Input should be a valid number"),
        ("settings", "dev", "settings: Input should be an object"),
        ("values", {"q-1": 1.0}, "values.q-1: Input should be an object"),
    ):
        broken = json.dumps(make_baseline(ours) | {name: value})
        assert refusal(broken, baseline=file) == f"{file} is no baseline: {fault}"
    lacking = make_baseline(ours)
    del lacking["floors"]["exact"]
    assert refusal(json.dumps(lacking), baseline=file) == f"{file} has no floor for exact"
    strange = make_baseline(run)
    assert "the corpus has changed since the baseline" in refusal(json.dumps(strange), baseline=file)
    assert "cannot be read" in refusal("", against=tmp_path / "nowhere")
    assert "the judge is" in refusal(json.dumps(make_baseline(ours)), baseline=file)
    # What fits goes on, as far as the model that isn't there.
    fitting = make_baseline(ours | {"settings": ours["settings"] | {"judge": ModelJudge().name}})
    file.write_text(json.dumps(fitting))
    with pytest.raises(ModelUnavailable):
        run_eval(replace(plan, baseline=file), nothing, never)
    # And so does the place that the run is written to.
    with pytest.raises(InvalidRequest, match=r"a run cannot be written into .*other\.json"):
        run_eval(replace(plan, out=file), nothing, never)


def test_the_gate_wants_the_questions_it_was_written_for() -> None:
    good = run_of(Oracle(TEXTS, Silent()))
    assert "question set has changed" in check(good, make_baseline(good | {"questions": "0"}))[0]


def test_the_committed_baseline_is_of_the_committed_questions() -> None:
    baseline = read_baseline()
    assert set(baseline["values"]) == {q.id for q in read_questions("dev")}
    assert baseline["floors"]["exact"] == 1.0
    assert baseline["floors"][HEADLINE] > 0


def test_a_comparison_is_of_the_questions_that_both_have() -> None:
    old = {"a": {"right": 1.0}, "b": {"right": 0.0}, "c": {"right": 0.0}}
    new = {"a": {"right": 0.0}, "b": {"right": 1.0}, "d": {"right": 1.0}}
    (found,) = compare(new, old, ("right", "f1"))
    assert (found.n, found.worse, found.better, found.estimate.mean) == (2, ("a",), ("b",), 0.0)
    assert not found.is_worse


def test_a_report_says_what_it_is_against() -> None:
    run = run_of(Oracle(TEXTS, Silent()))
    assert called(Path("before"), run, run) == "before"
    other = run | {"settings": run["settings"] | {"mode": "extractive", "min_confidence": 0.0}}
    assert called(Path("before"), run, other) == (
        "before (mode extractive, here auto; min_confidence 0.0, here the reader's own)"
    )
    del other["settings"]["min_confidence"]
    assert called(Path("before"), run, other) == "before (mode extractive, here auto)"


def test_the_report_needs_nothing_else_and_hides_the_test_split() -> None:
    run = run_of(WrongCitation(TEXTS, Silent()))
    page = render(run, {"q-1": {"total": 12.0}})
    assert WHEN.question in page
    assert not re.search(r"(?:src|href)=|https?://|<script", page)
    hidden = render(run, {"q-1": {"total": 12.0}}, show_questions=False)
    assert all(q.question not in hidden for q in QUESTIONS)
    assert OPENED not in hidden


def test_a_report_says_in_which_mode_and_why_not_in_the_one_asked_for() -> None:
    class Fallen(Oracle):
        def ask(self, question: EvalQuestion) -> AskOut:
            return super().ask(question).model_copy(update={"fallback": "no language model is configured"})

    run = run_of(Fallen(TEXTS, Silent()))
    assert {(row["mode"], row["fallback"]) for row in run["rows"]} == {
        ("extractive", "no language model is configured")
    }
    page = render(run, {"q-1": {"total": 1.0}})
    assert "extractive: 3 questions, not in the mode asked for: no language model is configured" in page
    assert without_questions(run)["rows"][0]["fallback"] == "no language model is configured"
    assert "extractive: 3 questions<" in render(run_of(Oracle(TEXTS, Silent())), {"q-1": {"total": 1.0}})


def test_the_chart_and_the_calibration_error_are_of_the_same_bins() -> None:
    run = run_of(Oracle(TEXTS, Silent()))
    bins = run["calibration"]
    by_hand = sum(b["n"] * abs(b["confidence"] - b["right"]) for b in bins) / sum(b["n"] for b in bins)
    assert run["scores"]["all"]["calibration error"]["mean"] == pytest.approx(by_hand)


def test_one_question_has_a_score_and_no_interval() -> None:
    scored = ask_all([WHEN], Oracle(TEXTS, Silent()), TEXTS, ValueJudge()).scored
    settings = {"split": "dev", "mode": "auto", "embedder": "none", "reader": "none"}
    run = describe(scored, TEXTS, ValueJudge(), settings)
    assert "abstention precision" not in run["scores"]["all"]
    assert all(score["low"] is None and score["high"] is None for score in run["scores"]["all"].values())
    page = render(run, {"q-1": {"total": 1.0}}, compare(values_of(run), values_of(run), ("right",)), "itself")
    assert "nan" not in re.sub(r"[a-z]*nan[a-z]+|[a-z]+nan[a-z]*", "", page.lower())
    assert "<small>– · n 1</small>" in page
    assert "<td>– … –</td>" in page


def test_a_report_escapes_what_articles_say() -> None:
    run = run_of(Oracle(TEXTS, Silent()))
    run["rows"][2] |= {"question": "<img src=x onerror=alert(1)>", "values": {}}
    assert "<img" not in render(run, {"q-1": {"total": 1.0}})


@pytest.mark.slow
def test_the_test_split_is_written_without_its_questions(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    corpus, questions = folders
    (questions / "test.jsonl").write_text((questions / "dev.jsonl").read_text().replace('"dev"', '"test"'))
    options = (
        "eval",
        "--split",
        "test",
        "--corpus",
        corpus,
        "--questions",
        questions,
        "--out",
        tmp_path / "run",
    )
    assert kutipan(*options).returncode == 0
    written = (tmp_path / "run/run.json").read_text() + (tmp_path / "run/report.html").read_text()
    assert all(q.question not in written for q in QUESTIONS)
    assert OPENED not in written
    assert kutipan(*options, "--show-questions").returncode == 0
    assert WHEN.question in (tmp_path / "run/run.json").read_text()


def test_a_running_service_is_asked_when_it_has_the_articles(
    client: httpx.Client, tmp_path: Path, folders: tuple[Path, Path]
) -> None:
    corpus, questions = folders
    options = ("eval", "--corpus", corpus, "--questions", questions, "--url", client.base_url)
    other = kutipan(*options, "--out", tmp_path / "run")
    assert other.returncode == 1  # the server's articles have a source and a date
    assert "3 different" in other.stderr
    lines = "".join(json.dumps(article_fields(a)) + "\n" for a in TEXTS.values())
    (corpus / "all.jsonl").write_text(lines)
    for name in TEXTS:
        (corpus / f"{name}.md").unlink()
    done = kutipan(*options, "--out", tmp_path / "run", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["all"]["exact"]["mean"] == 1.0


@pytest.mark.parametrize("url", ["http://[::1", "127.0.0.1:1", ""])
def test_what_is_no_url_is_named(url: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be listed"), open_remote(url, None, {}):
        pass


@pytest.mark.parametrize(
    "told", [b"<html>", b"[]", b'{"articles": {}}', b'{"articles": [{"id": "a"}], "next_cursor": null}']
)
def test_a_server_that_is_no_service_is_named(told: bytes) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.handle_request).start()
        url = f"http://127.0.0.1:{server.server_port}"
        with pytest.raises(InvalidRequest, match=f"{url} answers something else"), open_remote(url, None, {}):
            pass


def test_a_search_is_told_the_day_and_the_period(library: Library) -> None:
    def found(searched: str, day: str | None, all_dated: bool = True) -> set[str]:
        answerer = ServiceAnswerer(LocalBackend(library), all_dated=all_dated)
        return {passage.article_id for passage in answerer.search(searched, day)}

    everything = {"jembatan", "pasar", "lighthouse"}
    assert found("Siapa yang membuka jembatan?", None) == everything
    assert found("Siapa yang membuka jembatan?", "2024-03-04") == everything
    assert found("Siapa yang membuka jembatan?", "2024-03-03") == {"pasar", "lighthouse"}
    assert found("Siapa yang membuka jembatan?", "2024-03-03", all_dated=False) == everything
    for all_dated in (True, False):
        assert found("Apa yang dibuka minggu lalu?", "2024-03-12", all_dated) == {"jembatan"}
        assert found("What opened last week?", "2024-03-12", all_dated) == {"jembatan"}


def article_fields(article: Article) -> dict[str, Any]:
    names = ("id", "title", "text", "url", "source", "published", "language", "tags")
    return {name: getattr(article, name) for name in names if getattr(article, name)}


def test_a_sound_question_set_is_said_to_be_and_a_faulty_one_is_told_why(folders: tuple[Path, Path]) -> None:
    corpus, questions = folders
    options = ("eval", "--check", "--corpus", corpus, "--questions", questions)
    # Without an index, for which there would have to be a model.
    sound = kutipan(*options, KUTIPAN_EMBEDDING_MODEL="no such model")
    assert sound.stdout == "3 questions on 3 articles are sound\n", sound.stderr
    file = questions / "dev.jsonl"
    file.write_text(file.read_text().replace("3 Maret 2024.", "4 Maret 2024.", 1))
    failed = kutipan(*options)
    assert failed.returncode == 1
    assert "dev.jsonl, line 1: q-1: 0 times in jembatan, not once" in " ".join(failed.stderr.split())


def test_a_check_is_of_both_splits(folders: tuple[Path, Path]) -> None:
    corpus, questions = folders
    plan = Plan(CHOSEN_BY, "auto", corpus, questions)
    test = (questions / "dev.jsonl").read_text().replace('"dev"', '"test"')
    (questions / "test.jsonl").write_text(test.replace('"q-', '"t-'))
    assert check_set(plan) == (3, 6)
    (questions / "test.jsonl").write_text(test)
    with pytest.raises(InvalidRequest, match=r"in more than one split of .*: q-1, q-2, q-3"):
        check_set(plan)
    (corpus / "manifest.json").write_text("{")
    with pytest.raises(InvalidRequest, match=r"manifest\.json is no manifest"):
        check_set(plan)


def test_nothing_is_chosen_by_the_test_split() -> None:
    assert CHOSEN_BY == "dev"
    with pytest.raises(InvalidRequest, match="own dev questions"):
        check_options(Plan("test", "auto", CORPUS), baseline=True)
    own = Plan(CHOSEN_BY, "auto", CORPUS)
    check_options(replace(own, questions=own.questions / ".." / own.questions.name), baseline=True)
    # The service and the recipes of its models know nothing of the question set.
    root = CORPUS.parent
    opens = re.compile(r"eval[./]question|read_questions|[\"'/]test\.jsonl")
    files = [*(root / "service").rglob("*.py"), *(root / "training").rglob("*.py")]
    assert len(files) > 50
    knowing = {str(file.relative_to(root)) for file in files if opens.search(file.read_text())}
    assert knowing == {"service/cli.py"}  # which hands the folder's name to the eval
    # Within the eval, only a run that was asked for it reads it.
    named = re.compile(r"""["']test["']""")
    naming = {file.name for file in (root / "eval").glob("*.py") if named.search(file.read_text())}
    assert naming == {"question_set.py"}


def test_the_gold_quotations_hold_the_answers_that_the_set_asks_for() -> None:
    articles = read_corpus(CORPUS)
    oracle = Oracle(articles, Silent())
    for split in ("dev", "test"):
        for one in read_questions(split):
            if one.answerable:
                scored = score(one, oracle.ask(one), (), articles, ValueJudge())
                assert scored.values["right"] == 1.0, one.id


def test_the_labelled_pairs_are_quotations_and_in_balance() -> None:
    articles = read_corpus(CORPUS)
    pairs = read_judgements()
    assert len({p.id for p in pairs}) == len(pairs) >= 120
    assert sum(p.supported for p in pairs) == len(pairs) / 2
    assert sum(p.language == "id" for p in pairs) == len(pairs) / 2
    for pair in pairs:
        assert pair.quotation in articles[pair.article_id].text, pair.id
        assert pair.sentence not in pair.quotation, pair.id


def test_a_judge_is_measured_by_hand() -> None:
    pairs = read_judgements()
    believing = measure_judge(Gullible(), pairs)
    assert believing["balanced accuracy"] == 0.5
    assert believing["kinds"]["number"] == {"right": 0.0, "n": 10}
    assert measure_judge(Undecided(), pairs)["unjudged"] == len(pairs)
    assert measure_judge(ValueJudge())["kinds"]["number"]["right"] >= 0.7


def test_balanced_accuracy_by_hand() -> None:
    # Two of three supported ones found, one of two others: (2/3 + 1/2) / 2.
    outcomes = [(True, True), (True, True), (True, False), (False, False), (False, True)]
    assert balanced_accuracy(outcomes) == pytest.approx(7 / 12)
    assert math.isnan(balanced_accuracy(outcomes[:3]))


def test_the_judge_is_measured_on_the_sets_that_are_there(tmp_path: Path) -> None:
    premise = "Kota itu punya 40 pasar."
    rows: dict[str, list[dict[str, object]]] = {
        "nli/indonli.valid": [
            {"premise": premise, "hypothesis": premise, "label": "entailment"},
            {"premise": premise, "hypothesis": "Kota itu punya 50 pasar.", "label": "neutral"},
        ],
        "faithfulness/summedits_small": [
            {"document": "The town has 40 markets.", "claim": "The town has 41 markets.", "supported": False}
        ],
        "faithfulness/detik_summaries": [{"article_id": "a", "summary": premise}],
        "news/detik": [
            {"id": "a", "title": "Pasar", "text": premise},
            {"id": "b", "title": "Pasar", "text": "Kota itu punya 50 pasar."},
            {"id": "c", "title": "Cuaca", "text": "Hujan turun."},
        ],
    }
    for name, lines in rows.items():
        file = tmp_path / f"{name}.jsonl.gz"
        file.parent.mkdir(exist_ok=True)
        with gzip.open(file, "wt") as out:
            out.writelines(json.dumps(line) + "\n" for line in lines)
    found = dict(labelled_pairs(tmp_path))
    summaries = ["summaries of detik", "summaries of detik, another story"]
    assert list(found)[1:] == ["IndoNLI valid", "SummEdits small", *summaries]
    assert [quotation for _, quotation, supported in found[summaries[1]] if not supported] == [
        "Cuaca.\nHujan turun."
    ]
    assert [
        (quotation.split("\n")[1], supported) for _, quotation, supported in found["summaries of detik"]
    ] == [
        (premise, True),
        ("Kota itu punya 50 pasar.", False),
    ]
    estimate, unjudged, _ = measure(ValueJudge(), found["IndoNLI valid"])
    assert (estimate.mean, unjudged) == (1.0, 0)


class ScriptedLLM(CustomLLM):
    """Replies what it was told to, in turn; an error when it has nothing left."""

    replies: list[str]

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="scripted")

    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        return CompletionResponse(text=self.replies.pop(0))

    def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponseGen:
        raise NotImplementedError


def scripted() -> ScriptedLLM:
    return ScriptedLLM(replies=["SUPPORTED", " unsupported.", "UNSURE", "Yes, it is supported"])


@pytest.mark.parametrize(
    ("reply", "support"),
    [
        ("**SUPPORTED**", 1.0),
        ("SUPPORTED\n\nbecause the quotation says so", 1.0),
        ("\n`Unsupported`.\nKarena angkanya lain.", 0.0),
        ("UNSURE\nSUPPORTED", None),
        ("NOT SUPPORTED", None),
        ("SUPPORTED in part", None),
        ("", None),
    ],
)
def test_a_reply_is_the_word_of_its_first_line(tmp_path: Path, reply: str, support: float | None) -> None:
    judge = LanguageModelJudge(ScriptedLLM(replies=[reply]), tmp_path / "cache.jsonl")
    assert judge.support("a", "q") == support


def test_a_cache_needs_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no folder .*missing to keep the judgements in"):
        LanguageModelJudge(scripted(), tmp_path / "missing" / "cache.jsonl")


def test_a_language_model_is_found_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "our_llm.py").write_text("from tests.test_eval import scripted as make\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", list(sys.path))
    assert load_llm("our_llm:make").metadata.model_name == "scripted"


def test_a_language_model_judges_once_and_its_cache_afterwards(tmp_path: Path) -> None:
    claims = ["a", "b", "c", "d"]
    llm, cache = scripted(), tmp_path / "cache.jsonl"
    first = LanguageModelJudge(llm, cache)
    assert [first.support(claim, "q") for claim in claims] == [1.0, 0.0, None, None]
    assert first.name == "llm scripted v1"
    again = LanguageModelJudge(ScriptedLLM(replies=[]), cache)  # would fail if it were asked
    assert [again.support(claim, "q") for claim in claims] == [1.0, 0.0, None, None]


def test_the_cache_is_keyed_by_all_that_a_reply_depends_on() -> None:
    asked: tuple[str, int, str, str, str] = ("model", 1, "prompt", "claim", "quotation")
    others = [("model2", *asked[1:]), ("model", 2, *asked[2:]), ("model", 1, "prompt2", *asked[3:])]
    others += [
        (*asked[:3], "claim2", "quotation"),
        (*asked[:4], "quotation2"),
        (*asked[:3], "claimquotation", ""),
    ]
    assert len({reply_key(*parts) for parts in (asked, *others)}) == 7
    assert reply_key(*asked) == reply_key(*asked)


def test_a_damaged_cache_is_named_and_asked_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = tmp_path / "cache.jsonl"
    first = LanguageModelJudge(scripted(), cache)
    assert [first.support(claim, "q") for claim in "abcd"] == [1.0, 0.0, None, None]
    good = cache.read_text().splitlines()
    contrary = json.dumps({"key": reply_key("scripted", VERSION, PROMPT, "b", "q"), "reply": "SUPPORTED"})
    lines = [
        good[0],
        good[1],
        contrary,
        "[]",
        '{"key": "short", "reply": "SUPPORTED"}',
        '{"key": 1}',
        good[2][:-4],
    ]
    cache.write_text("\n".join(lines))  # the last line torn, as a process that was stopped leaves it
    again = LanguageModelJudge(ScriptedLLM(replies=["SUPPORTED", "UNSUPPORTED"]), cache)
    assert [fault.partition(": ")[0] for fault in again.faults] == [
        f"{cache}, line {n}" for n in (3, 4, 5, 6, 7)
    ]
    assert "another reply" in again.faults[0]
    assert "no JSON" in again.faults[-1]
    assert caplog.text.count("eval.judgement_ignored") == 5
    assert [again.support(claim, "q") for claim in "abcd"] == [1.0, 0.0, 1.0, 0.0]
    # What was asked again stands on lines of its own.
    last = LanguageModelJudge(ScriptedLLM(replies=[]), cache)
    assert len(last.faults) == 5
    assert [last.support(claim, "q") for claim in "abcd"] == [1.0, 0.0, 1.0, 0.0]
    with pytest.raises(ConfigurationError, match="cannot be read"):
        LanguageModelJudge(scripted(), tmp_path)


@pytest.mark.parametrize(
    "place", ["tests.nowhere:llm", "tests.test_eval:nothing", "tests.test_eval:run_of", "json"]
)
def test_what_gives_no_language_model_is_named(place: str) -> None:
    with pytest.raises(ConfigurationError, match=place):
        load_llm(place)


def test_a_language_model_is_loaded_by_name() -> None:
    assert load_llm("tests.test_eval:scripted").metadata.model_name == "scripted"
