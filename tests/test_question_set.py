"""The question set is what its schema says, and its quotations stand in the corpus."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from eval.manifest import NAME, describe, read_manifest
from eval.question_set import ANSWERABLE, DIALOGUES, UNANSWERABLE, EvalQuestion, read_questions
from service.errors import InvalidRequest
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
        places = [(gold.article_id, gold.quote) for gold in question.gold]
        for article_id, quote in places + [(old.article_id, old.quote) for old in question.superseded]:
            assert articles[article_id][1].count(quote) == 1, (question.id, quote)


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


GOOD = {
    "id": "x-1", "question": "Berapa orang meninggal?", "language": "id", "kind": "quantity", "split": "dev",
    "answerable": True, "answers": [["602 orang"]], "gold": [{"article_id": "a", "quote": "602 orang"}],
    "notes": "",
}  # fmt: skip
TEXTS = {"a": "Semula 271 orang, kini 602 orang.", "b": "Pada Rabu 271 orang meninggal."}


def write_lines(folder: Path, *lines: dict[str, Any] | str) -> Path:
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / "dev.jsonl").write_text("\n".join(texts) + "\n")
    return folder


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"language": "fr"}, "language: input should be 'id' or 'en'"),
        ({"split": "train"}, "split: input should be 'dev' or 'test'"),
        ({"split": "test"}, "x-2: split is test, in dev.jsonl"),
        ({"kind": "whom"}, "x-2: kind whom is none of who,"),
        ({"kind": "near_miss"}, "x-2: kind near_miss is none of who,"),
        ({"surprise": 1}, "surprise: unknown field"),
        ({"gold": [{"article": "a", "quote": "602 orang"}]}, "gold.0.article: unknown field"),
        ({"answerable": "yes"}, "answerable: input should be a valid boolean"),
        ({"notes": None}, "notes: input should be a valid string"),
        ({"id": "x-1"}, "x-1: line 1 has this id"),
        ({"now": "yesterday"}, "x-2: now is no day (YYYY-MM-DD): 'yesterday'"),
        ({"answers": []}, "x-2: answers and gold go with an answerable question only"),
        ({"answers": [[]]}, "x-2: a fact has no wording"),
        ({"gold": [{"article_id": "c", "quote": "602 orang"}]}, "x-2: there is no article c"),
        ({"gold": [{"article_id": "a", "quote": "603 orang"}]}, "x-2: 0 times in a, not once: '603 orang'"),
        ({"superseded": [{"article_id": "a", "quote": "orang"}]}, "x-2: 2 times in a, not once: 'orang'"),
        ({"superseded": [{"article_id": "a", "quote": "kini 602 orang"}]}, "x-2: what is superseded holds"),
        (
            {"answerable": False, "kind": "near_miss", "answers": [], "gold": [],
             "superseded": [{"article_id": "b", "quote": "271 orang"}]},
            "x-2: superseded goes with an answerable question only",
        ),
    ],
)  # fmt: skip
def test_a_faulty_line_is_named(tmp_path: Path, changed: dict[str, Any], fault: str) -> None:
    folder = write_lines(tmp_path, GOOD, GOOD | {"id": "x-2"} | changed)
    with pytest.raises(ValueError, match=re.escape(f"dev.jsonl, line 2: {fault}")):
        read_questions("dev", folder, TEXTS)


def test_every_faulty_line_is_named_at_once(tmp_path: Path) -> None:
    folder = write_lines(tmp_path, "{", GOOD, "", GOOD | {"id": "x-2", "language": "fr"})
    with pytest.raises(ValueError, match=r"line 1: .*JSON.*line 3: .*JSON.*line 4: language"):
        read_questions("dev", folder)
    write_lines(tmp_path)
    with pytest.raises(ValueError, match=r"dev\.jsonl has no questions"):
        read_questions("dev", folder)


def test_a_sound_line_is_read(tmp_path: Path) -> None:
    old = {"superseded": [{"article_id": "b", "quote": "271 orang"}]}
    (question,) = read_questions("dev", write_lines(tmp_path, GOOD | old), TEXTS)
    assert (question.id, question.gold[0].group, question.superseded[0].article_id) == ("x-1", 1, "b")


def test_what_is_superseded_stands_in_the_corpus_and_is_older_where_articles_differ(
    questions: list[EvalQuestion],
) -> None:
    read = {r.article.id: r.article for r in read_corpus()}
    annotated = [q for q in questions if q.superseded]
    assert len(annotated) >= 10
    for question in annotated:
        gold = {g.article_id for g in question.gold}
        newest = max(read[i].published or "" for i in gold)
        for old in question.superseded:
            assert old.article_id in gold or (read[old.article_id].published or "") < newest, question.id


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('{"articles": [', "is no manifest: Invalid JSON: EOF while parsing a list at line 1 column 14"),
        ('{"articles": [{"id": "a"}]}', "is no manifest: articles.0.version: Field required"),
        ("[]", "is no manifest: Input should be"),
        ("{}", "is no manifest: articles: Field required"),
    ],
)
def test_a_broken_manifest_is_named(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / NAME).write_text(content)
    with pytest.raises(InvalidRequest, match=re.escape(f"{tmp_path / NAME} {fault}")):
        read_manifest(tmp_path)


def test_the_manifest_is_the_corpus() -> None:
    entries = json.loads((CORPUS / NAME).read_text(encoding="utf-8"))["articles"]
    assert entries == describe(CORPUS)
    assert {entry["licence"] for entry in entries} == {"CC0-1.0"}
    languages = Counter(entry["language"] for entry in entries)
    assert languages["id"] >= 40
    assert languages["en"] >= 20


def test_the_dialogues_fit_the_corpus(articles: dict[str, tuple[str, str]]) -> None:
    texts = {article_id: text for article_id, (_, text) in articles.items()}
    dialogues = read_questions("dev", DIALOGUES, texts)
    assert len(dialogues) == 20
    assert all(d.history and d.kind == "follow_up" for d in dialogues)
    assert len({gold.article_id for d in dialogues for gold in d.gold}) >= 15
