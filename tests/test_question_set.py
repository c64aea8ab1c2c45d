"""The question set is what its schema says, and its quotations stand in the corpus."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from eval.manifest import NAME, describe
from eval.question_set import ANSWERABLE, DIALOGUES, UNANSWERABLE, EvalQuestion, read_questions, validate
from service.language import detect_language
from tests.conftest import CORPUS, read_corpus


@pytest.fixture(scope="module")
def questions() -> list[EvalQuestion]:
    return [*read_questions("dev"), *read_questions("test")]


@pytest.fixture(scope="module")
def articles() -> dict[str, tuple[str, str]]:
    """Language and text by id."""
    read = read_corpus()
    return {result.article.id: (result.article.language, result.article.text) for result in read}


def test_sizes_splits_and_languages(questions: list[EvalQuestion]) -> None:
    assert len(questions) >= 360
    assert len({q.id for q in questions}) == len(questions)
    languages = Counter(q.language for q in questions)
    assert languages["id"] == languages["en"]
    assert sum(not q.answerable for q in questions) >= 110
    assert {q.split for q in read_questions("dev")} == {"dev"}
    assert sum(q.split == "test" for q in questions) / len(questions) == pytest.approx(0.4, abs=0.01)
    for kind in (*ANSWERABLE, *UNANSWERABLE):
        for language in ("id", "en"):
            assert sum(q.kind == kind and q.language == language for q in questions) >= 5, (kind, language)


def test_every_quotation_stands_once_in_its_article(
    questions: list[EvalQuestion], articles: dict[str, tuple[str, str]]
) -> None:
    for question in questions:
        for gold in question.gold:
            assert articles[gold.article_id][1].count(gold.quote) == 1, (question.id, gold.quote)


def test_a_question_has_what_its_kind_needs(
    questions: list[EvalQuestion], articles: dict[str, tuple[str, str]]
) -> None:
    for question in questions:
        assert question.answerable == (question.kind in ANSWERABLE), question.id
        assert question.answerable or question.kind in UNANSWERABLE, question.id
        assert bool(question.answers) == bool(question.gold) == question.answerable, question.id
        assert all(wordings and all(wordings) for wordings in question.answers), question.id
        assert bool(question.history) == (question.kind == "follow_up"), question.id
        if question.kind == "crosslingual":
            assert {articles[g.article_id][0] for g in question.gold} != {question.language}, question.id


def test_questions_are_in_their_language(questions: list[EvalQuestion]) -> None:
    told = sum(detect_language(q.question) == q.language for q in questions) / len(questions)
    assert told > 0.95


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "dev.jsonl").write_text('{"id": "x", "answers": [], "gold": [], "surprise": 1}\n')
    with pytest.raises(ValueError, match=r"dev\.jsonl, line 1: .*surprise"):
        read_questions("dev", tmp_path)


def test_the_manifest_is_the_corpus() -> None:
    entries = json.loads((CORPUS / NAME).read_text(encoding="utf-8"))["articles"]
    assert entries == describe(CORPUS)
    assert {entry["licence"] for entry in entries} == {"CC0-1.0"}
    languages = Counter(entry["language"] for entry in entries)
    assert languages["id"] >= 40
    assert languages["en"] >= 20


def test_the_dialogues_fit_the_corpus(articles: dict[str, tuple[str, str]]) -> None:
    dialogues = read_questions("dev", DIALOGUES)
    validate(dialogues, {article_id: text for article_id, (_, text) in articles.items()})
    assert len(dialogues) == 20
    assert all(d.history and d.kind == "follow_up" for d in dialogues)
    assert len({gold.article_id for d in dialogues for gold in d.gold}) >= 15
