"""The recipes, each on a small set that the test makes, to the end: seconds, not quality."""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from tokenizers import Tokenizer
from transformers import BertForQuestionAnswering, BertModel

from eval.answerers import read_corpus
from eval.judges import ModelJudge, measure_judge, read_judgements
from service.embeddings import load_embedder
from service.errors import ModelUnavailable
from service.library import Library
from service.reading import ANSWER_SIGNALS, SpanReader, read_calibration
from service.support import WINDOW_TOKENS, SupportModel, runs
from service.values import lacks_value
from tests.conftest import BRIDGE, CORPUS, LIGHTHOUSE, MARKET
from training import calibration, claims, embedder, examples, judge, reader, words
from training.claims import (
    Claim,
    Label,
    answer_claims,
    edited_claims,
    lead_claims,
    parallel_claims,
    scattered,
    summary_claims,
)
from training.crossing import crossing_places, with_answers
from training.data import (
    CROSSING,
    CROSSING_BACK,
    News,
    Parallel,
    ReadingRow,
    is_held_out,
    read_parallel,
    read_reading,
)
from training.edits import EDITS, Source, reword
from training.examples import Example, near_misses, parallel_spans, recurring_spans
from training.loop import DEVICE, Schedule, train
from training.negatives import by_vectors, read_wrong
from training.pairs import written_passage_rows
from training.vocabulary import SPECIAL, extend_model, extend_tokenizer, read_texts, source_tokenizer
from training.weights import read_embedder, read_encoder, read_judge, read_reader
from training.written import (
    FOLDER,
    articles_of,
    read_written_claims,
    read_written_questions,
    written_argument,
)


def write(folder: Path, name: str, rows: Sequence[Mapping[str, object]]) -> None:
    file = folder / f"{name}.jsonl.gz"
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)


def reading_rows(
    language: str, context: str, question: str, first: int, count: int
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for i in range(first, first + count):
        text = context.format(i=i, year=1800 + i)
        row = {"context": text, "language": language}
        answers = [{"text": str(1800 + i), "start": text.index(str(1800 + i))}]
        rows.append(row | {"question": question.format(i=i), "answers": answers, "answerable": True})
        rows.append(row | {"question": question.format(i=i + 500), "answers": [], "answerable": False})
    return rows


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every set that a recipe reads, in miniature."""
    folder = tmp_path_factory.mktemp("datasets")
    indonesian = "Kota Nomor{i} ramai. Menara Uji{i} selesai dibangun pada {year}. Warganya senang sekali."
    english = "Town Number{i} is busy. The tower Test{i} was finished in {year}. Its people are very glad."
    asked, asked_english = "Kapan Menara Uji{i} selesai dibangun?", "When was the tower Test{i} finished?"
    for split, first in (("train", 0), ("valid", 100)):
        for name in ("idk_mrc", "tydiqa_id", "facqa", "squad2_id_mt"):
            own = indonesian.replace("Menara", name.title())
            write(folder, f"reading/{name}.{split}", reading_rows("id", own, asked, first, 24))
        write(folder, f"reading/squad2_en.{split}", reading_rows("en", english, asked_english, first, 24))
        write(
            folder,
            f"reading/crosslingual.{split}",
            [
                {
                    "question_id": asked.format(i=i), "context_en": english.format(i=i, year=1800 + i),
                    "context_id": indonesian.format(i=i, year=1800 + i), "answerable": True,
                }
                for i in range(first, first + 24)
            ],
        )  # fmt: skip
    write(
        folder,
        "parallel/en_id",
        [
            {
                "en": f"The governor opened {i} new schools in Bandung in {1900 + i}.",
                "id": f"Gubernur membuka {i} sekolah baru di Bandung pada {1900 + i}.",
                "source": "Tatoeba" if i % 2 else "news",
            }
            for i in range(60)
        ],
    )
    story = "Bupati Rama Wijaya meresmikan pasar di Kota Uji{i}. " * 2 + "Harga beras naik {i} persen. " * 2
    for name, language in (("detik", "id"), ("click_id", "id"), ("realtimeqa_articles", "en")):
        write(
            folder,
            f"news/{name}",
            [
                {
                    "id": f"{name}-{i}", "language": language, "title": f"Pasar Kota Uji{i} diresmikan",
                    "text": " ".join(story.format(i=i + k) for k in range(4)),
                }
                for i in range(20)
            ],
        )  # fmt: skip
    summaries = [{"article_id": f"detik-{i}", "summary": f"Pasar Kota Uji{i} diresmikan."} for i in range(20)]
    write(folder, "faithfulness/detik_summaries", summaries)
    labels = ("entailment", "neutral", "contradiction")
    for name, source, language in (
        ("snli.dev_test", "SNLI dev", "en"),
        ("climate_fever", "Climate-FEVER", "en"),
        ("indonli.train", "IndoNLI", "id"),
    ):
        pairs = [
            {
                "source": source, "language": language, "premise": f"Pasar {i} ramai.",
                "hypothesis": f"Pasar {i} sepi.", "label": labels[i % 3],
            }
            for i in range(24)
        ]  # fmt: skip
        write(folder, f"nli/{name}", pairs)
    for domain in judge.DOMAINS:
        edits = [
            {
                "id": f"{i}_{kind}",
                "document": f"Shop {i} sold {i}0 cakes.",
                "claim": claim,
                "supported": kind == "og",
            }
            for i in range(4)
            for kind, claim in (("og", f"Shop {i} sold {i}0 cakes."), ("0", f"Shop {i} sold {i}1 cakes."))
        ]
        write(folder, f"faithfulness/summedits_{domain}", edits)
    return folder


def write_news(folder: Path) -> Path:
    """Two articles that are alike, with six questions, of which two have no answer, and four claims; and the
    same of two towns that are held out."""
    articles: list[dict[str, object]] = []
    questions: list[dict[str, object]] = []
    claims: list[dict[str, object]] = []
    towns = (("Uji", 12, "Rama"), ("Coba", 15, "Sita"), ("Lama", 18, "Rama"), ("Baru", 21, "Sita"))
    for town, cost, name in towns:
        told = f"Biayanya Rp {cost} miliar, dari kas daerah."
        said = f"“Warga sudah lama menunggu,” kata {name}."
        articles.append(
            {
                "id": town,
                "held_out": cost > 15,
                "language": "id",
                "title": f"Pasar {town} dibuka",
                "published": "2025-03-04",
                "text": f"Pasar {town} dibuka kembali pada Senin. {told} {said}",
            }
        )
        for question, evidence, answer in (
            (f"Berapa ongkos pembukaan Pasar {town}?", [told], f"Rp {cost} miliar"),
            (f"Siapa yang bicara soal Pasar {town}?", [said], None if name == "Sita" else name),
            (f"Berapa ongkos Pasar {town} tahun lalu?", [], None),
        ):
            questions.append(
                {
                    "article_id": town,
                    "question": question,
                    "language": "id",
                    "kind": "other",
                    "evidence": evidence,
                    "answer": answer,
                }
            )
        for claim, language, supported in (
            (f"Kas daerah menanggung Rp {cost} miliar.", "id", True),
            (f"The province paid Rp {cost} billion.", "en", False),
        ):
            claims.append(
                {
                    "article_id": town,
                    "claim": claim,
                    "language": language,
                    "kind": "paraphrase",
                    "supported": supported,
                    "evidence": [told],
                }
            )
    folder.mkdir(exist_ok=True)
    write_lines(folder / "articles.jsonl", articles)
    write_lines(folder / "questions.jsonl", questions)
    write_lines(folder / "claims.jsonl", claims)
    return folder


def write_lines(file: Path, rows: Sequence[Mapping[str, object]]) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In place of what was written for the models."""
    return write_news(tmp_path_factory.mktemp("news"))


@pytest.fixture(scope="module")
def trained(datasets: Path, news: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which both models were trained, a fraction of an epoch each."""
    work = tmp_path_factory.mktemp("trained")
    torch.manual_seed(1)
    embedder.run(datasets, work, work / "embedder-1", licensed_only=False, scale=0.6, written=news)
    reader.run(
        datasets, work / "reading", work / "reader-1", work, licensed_only=False, epochs=(0.1, 0.2, 0.0)
    )
    return work


def run_graph(folder: Path, text: str, passage: str | None = None) -> dict[str, NDArray[np.float32]]:
    """Every output of an exported graph for one text, or a question and its passage."""
    encoded = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text, passage)
    session = InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    given = {
        "input_ids": encoded.ids, "attention_mask": encoded.attention_mask, "token_type_ids": encoded.type_ids
    }  # fmt: skip
    named = {i.name: np.array([given[i.name]], dtype=np.int64) for i in session.get_inputs()}
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, named), strict=True))


def test_held_out_paragraphs_take_their_translations_with_them(datasets: Path) -> None:
    rows = read_reading(datasets)
    held = {row.group for row in rows if is_held_out(row.group)}
    assert 0 < len(held) < len({row.group for row in rows}) / 2
    crossing = [row for row in rows if row.source == CROSSING_BACK]
    assert crossing
    english = {row.context for row in rows if row.source == "squad2_en"}
    assert all(row.group in english and row.language == "id" for row in crossing)


def _row(source: str, question: str, context: str, answer: str | None, group: str) -> ReadingRow:
    asked, language = {
        "squad2_en": ("en", "en"),
        "squad2_id_mt": ("id", "id"),
        CROSSING: ("id", "en"),
        CROSSING_BACK: ("en", "id"),
    }[source]
    named = answer is not None and source not in (CROSSING, CROSSING_BACK)
    answers = ((answer, context.index(answer)),) if named and answer else ()
    return ReadingRow(source, question, asked, context, language, answers, answer is not None, group)


def test_the_place_of_an_answer_across_the_languages() -> None:
    english = (
        "The bridge over the Siak was opened in 1977. A German company had designed the arches. It is 350"
        " metres long."
    )
    indonesian = (
        "Jembatan di atas Siak dibuka tahun 1977. Perusahaan Jerman merancang lengkungnya. Panjangnya 350"
        " meter."
    )
    asked = {
        "When was the bridge opened?": ("squad2_en", "1977"),
        "Who designed the arches of the bridge?": ("squad2_en", "A German company"),
        "Who paid for the bridge?": ("squad2_en", None),
        "Siapa yang merancang lengkung jembatan itu?": ("squad2_id_mt", "Perusahaan Jerman"),
        "Siapa yang membayar jembatan itu?": ("squad2_id_mt", None),
        "Berapa meter panjangnya?": ("squad2_id_mt", "350"),
        "Apa yang dilakukan kantor asing?": ("squad2_id_mt", "merancang lengkungnya"),
    }
    own = [
        _row(source, question, english if source == "squad2_en" else indonesian, answer, english)
        for question, (source, answer) in asked.items()
    ]
    crossing = [
        _row(CROSSING, row.question, english, "known" if row.answerable else None, english)
        if row.language == "id"
        else _row(CROSSING_BACK, row.question, indonesian, "known" if row.answerable else None, english)
        for row in own
    ]
    embedder = load_embedder(None)
    places = crossing_places([*own, *crossing], embedder)
    told = {
        row.question: (row.context[place.start : place.end], place.within) for row, place in places.items()
    }
    assert told == {
        # By its twin, whose answer is spelt otherwise.
        "Siapa yang merancang lengkung jembatan itu?": ("A German company", False),
        "Who designed the arches of the bridge?": ("Perusahaan Jerman", False),
        # Nobody asked the same of the translation; the number is the same there.
        "When was the bridge opened?": ("1977", False),
        "Berapa meter panjangnya?": ("350", False),
        # Neither: the second sentence of both.
        "Apa yang dilakukan kantor asing?": ("A German company had designed the arches.", True),
    }
    answered = [row for row in with_answers([*own, *crossing], embedder) if row in crossing or row.answers]
    assert {
        row.question: row.answers[0][0] for row in answered if row.source == CROSSING and row.answers
    } == {question: text for question, (text, _) in told.items() if asked[question][0] == "squad2_id_mt"}
    # Another number of sentences: nothing says where, and the row is left out.
    longer = f"{english} It is painted green."
    moved = [replace(row, context=longer) if row.language == "en" else row for row in [*own, *crossing]]
    assert "Apa yang dilakukan kantor asing?" not in {
        row.question for row in crossing_places(moved, embedder)
    }
    kept = with_answers(moved, embedder)
    assert [row.source for row in kept if row.question == "Apa yang dilakukan kantor asing?"] == [
        "squad2_id_mt"
    ]


def test_an_answer_that_is_somewhere_in_a_sentence_is_as_likely_as_all_its_tokens() -> None:
    scores = torch.randn(2, 7, generator=torch.Generator().manual_seed(1))
    told = [reader.Tokenized([0] * 7, 2, 3, 5, within, True, "") for within in (True, False)]
    assert [t.starts for t in told] == [(3, 5), (3, 3)]
    assert [t.ends for t in told] == [(3, 5), (5, 5)]
    shares = scores.softmax(1)
    expected = -(shares[0, 3:6].sum().log() + shares[1, 3].log()) / 2
    assert torch.allclose(reader.nll_within(scores, [t.starts for t in told]), expected)


def test_sets_without_a_licence_are_left_out(datasets: Path) -> None:
    assert {row.source for row in read_reading(datasets, licensed_only=True)} == {"facqa", "squad2_en"}
    assert len(read_parallel(datasets, licensed_only=True)) == 30 < len(read_parallel(datasets))


def test_the_vocabulary_spells_indonesian_in_fewer_pieces_and_starts_where_it_was(datasets: Path) -> None:
    tokenizer = extend_tokenizer(*read_texts(datasets, licensed_only=False), least_uses=1)
    assert [tokenizer.token_to_id(t) for t in ("[PAD]", "[UNK]", "[CLS]", "[SEP]")] == [0, 1, 2, 3]
    word = "diresmikan"
    old = source_tokenizer().encode(word, add_special_tokens=False)
    (new,) = tokenizer.encode(word, add_special_tokens=False).ids
    assert len(old.ids) > 1
    from training.vocabulary import source_model

    vectors = source_model().embeddings.word_embeddings.weight
    assert torch.allclose(
        extend_model(tokenizer).embeddings.word_embeddings.weight[new], vectors[old.ids].mean(0), atol=1e-6
    )


def test_recurring_spans_are_where_they_are_said_to_be() -> None:
    text = " ".join(
        f"Wali Kota Sari Wulandari membuka taman nomor {i} pada 3 Maret 2024. Warga datang sejak pagi hari."
        for i in range(6)
    )
    made = list(recurring_spans([News("Taman dibuka", text, "id")], random.Random(1), 4))
    right = [e for e in made if e.answerable]
    assert right
    for example in right:
        spans = {example.passage[a:b] for a, b in example.spans}
        assert len(spans) == 1
        assert spans.pop() not in example.question
    assert all(not e.spans for e in made if not e.answerable)


def test_parallel_spans_ask_across_the_languages() -> None:
    pairs = [
        Parallel(
            f"The ministry of health counted {i}{i} villages.",
            f"Kementerian kesehatan menghitung {i}{i} desa.",
        )
        for i in range(1, 9)
    ]
    made = list(parallel_spans(pairs, random.Random(1), 1.0))
    assert {e.answerable for e in made} == {True, False}
    for example in made:
        assert ("menghitung" in example.passage) != ("menghitung" in example.question)
        assert all(example.passage[a:b].isdigit() for a, b in example.spans)


def test_written_questions_are_asked_of_what_answers_and_of_what_is_like_it(tmp_path: Path) -> None:
    asked = read_written_questions(write_news(tmp_path), False)
    assert {"Pasar Lama dibuka", "Pasar Baru dibuka"} == {
        a.title for a in articles_of(read_written_questions(tmp_path, True))
    }
    assert [q.answerable for q in asked] == [True, True, False] * 2
    made = list(examples.written_examples(asked, lambda text: len(text.split()), 30, random.Random(1)))
    by_group = [[e for e in made if e.group == f"written {n}"] for n in range(len(asked))]
    for question, some in zip(asked, by_group, strict=True):
        assert [e.answerable for e in some].count(True) == question.answerable
        assert {e.question for e in some} == {question.question}
    spans = [[e.passage[slice(*e.spans[0])] for e in some if e.answerable] for some in by_group]
    told = "“Warga sudah lama menunggu,” kata Sita."
    assert spans == [["Rp 12 miliar"], ["Rama"], [], ["Rp 15 miliar"], [told], []]
    # Of the two that nothing answers here, the like one comes first.
    assert [e.title for e in by_group[2]] == ["Pasar Uji dibuka", "Pasar Coba dibuka"]


def test_what_was_written_is_embedded_with_the_passages_that_it_is_on(tmp_path: Path) -> None:
    write_news(tmp_path)
    asked, said = read_written_questions(tmp_path, False), read_written_claims(tmp_path, False)
    rows = written_passage_rows(asked, said, lambda text: len(text.split()))
    assert [(row.source, row.question) for row in rows] == [
        *[("written", q.question) for q in asked if q.answerable],
        *[("claims", claim.sentence) for claim in said if claim.supported],
    ]
    assert rows[0].context.startswith("Pasar Uji dibuka\nPasar Uji dibuka kembali pada Senin.")
    assert [row.context[start:].startswith(text) for row in rows for text, start in row.answers] == [True] * 3
    assert rows[0].answers[0][0] == "Rp 12 miliar"


def test_wrong_passages_are_the_nearest_that_have_no_answer() -> None:
    def row(question: str, context: str, answer: str, group: str) -> ReadingRow:
        answers = ((answer, context.index(answer)),)
        return ReadingRow("facqa", question, "id", context, "id", answers, True, group)

    rows = [
        row("Berapa ongkos pasar?", "Ongkosnya Rp 12 miliar.", "Rp 12 miliar", "a"),
        row("Berapa ongkos taman?", "Taman itu Rp 15 miliar.", "Rp 15 miliar", "b"),
        row("Berapa ongkos jalan?", "Jalan Rp 18 miliar, pasar Rp 12 miliar.", "Rp 18 miliar", "c"),
        row("Apa yang Rp 18 miliar?", "Rp 18 miliar untuk jalan.", "jalan", "c"),
    ]
    place = {one.context: i for i, one in enumerate(rows)}
    asked = {one.question: i for i, one in enumerate(rows)}

    def passages(texts: list[str]) -> NDArray[np.float32]:
        return np.eye(4, dtype=np.float32)[[place[text] for text in texts]]

    def questions(texts: list[str]) -> NDArray[np.float32]:
        nearest = np.array([[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 1, 0], [3, 2, 0, 1]], dtype=np.float32)
        return nearest[[asked[text] for text in texts]]

    wrong = by_vectors(rows, passages, questions)
    found = [[place[context] for context in wrong[one.question, one.context]] for one in rows]
    # Nearest first; neither what has the short answer, nor another row's passage of the same group.
    assert found == [[3, 1], [2, 3, 0], [1, 0], [0, 1]]


def test_written_claims_are_on_their_evidence_alone_and_among_other_sentences(tmp_path: Path) -> None:
    made = list(claims.written_claims(read_written_claims(write_news(tmp_path), False), 80, random.Random(1)))
    told, opening = "Biayanya Rp 12 miliar, dari kas daerah.", "Pasar Uji dibuka kembali pada Senin."
    said = "“Warga sudah lama menunggu,” kata Rama."
    assert [(c.label, c.language, c.crosses) for c in made] == [
        *[("entailment", "id", False)] * 2,
        ("neutral", "id", False),
        *[("unsupported", "en", True)] * 2,
    ] * 2
    assert made[0].quotation == told
    assert made[1].quotation in (f"{opening} {told}", f"{told} {said}")
    assert "Rp 15 miliar" in made[2].quotation  # of the other article, whose cost is another one
    assert all(len(claim.quotation) <= 80 for claim in made)


def test_a_supported_claim_whose_figure_is_worked_out_is_no_claim_to_fit_on() -> None:
    def claim(sentence: str, kind: str = "written paraphrase", label: Label = "entailment") -> Claim:
        return Claim(kind, sentence, "Biayanya Rp 12 miliar, semula Rp 10 miliar.", label, "id")

    assert judge.works_out(claim("Biayanya naik Rp 2 miliar."))
    assert not judge.works_out(claim("Biayanya Rp 12 miliar."))
    assert not judge.works_out(claim("Biayanya naik Rp 3 miliar.", label="unsupported"))
    assert not judge.works_out(claim("Biayanya naik Rp 2 miliar.", kind="title"))


def test_a_folder_without_what_was_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    written_argument(parser, "questions", "claims")
    assert parser.parse_args([]).written == FOLDER
    assert parser.parse_args(["--written", str(write_news(tmp_path))]).written == tmp_path
    (tmp_path / "claims.jsonl").unlink()
    with pytest.raises(SystemExit):
        parser.parse_args(["--written", str(tmp_path)])
    assert f"there is no {tmp_path / 'claims.jsonl'}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("was", "is_", "told"),
    [
        ("Biayanya", "Ongkosnya", "is not in its article"),
        ('Rp 12 miliar"}', 'Rp 13 miliar"}', "in no sentence that answers"),
        ('"article_id": "Uji"', '"article_id": "Lain"', "no article 'Lain'"),
        ('"kind"', '"sort"', "no kind"),
        ('{"article_id"', "{article_id", "Expecting property name"),
    ],
)
def test_a_written_question_that_is_not_told_so_is_named_with_its_line(
    tmp_path: Path, was: str, is_: str, told: str
) -> None:
    file = write_news(tmp_path) / "questions.jsonl"
    changed = file.read_text(encoding="utf-8").replace(was, is_)
    file.write_text(changed, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"questions\.jsonl, line 1: .*{told}"):
        read_written_questions(tmp_path, False)


def test_what_was_written_for_training_is_whole_and_apart_from_calibration_and_eval() -> None:
    articles: list[set[str]] = []
    for held_out in (False, True):
        asked, said = read_written_questions(FOLDER, held_out), read_written_claims(FOLDER, held_out)
        articles.append({article.id for article in articles_of([*asked, *said])})
        assert len({q.question for q in asked}) == len(asked)
        assert len({claim.sentence for claim in said}) == len(said)
        assert {q.language for q in asked} == {claim.language for claim in said} == {"id", "en"}
        assert 0.35 < sum(not q.answerable for q in asked) / len(asked) < 0.45
        assert 0.45 < sum(claim.supported for claim in said) / len(said) < 0.55
    assert not articles[0] & articles[1]
    titles = {
        article.title
        for held_out in (False, True)
        for read in (read_written_questions, read_written_claims)
        for article in articles_of(read(FOLDER, held_out))
    }
    assert not titles & {article.title for article in read_corpus(CORPUS).values()}


def test_a_near_miss_changes_one_thing() -> None:
    rows = [
        Example(
            "x",
            f"Siapa yang membuka Jembatan Kahayan{i}?",
            f"Jembatan Kahayan{i} dibuka Sari.",
            ((27, 31),),
            True,
            "",
        )
        for i in range(5)
    ]
    made = near_misses(rows, random.Random(1))
    assert made
    originals = {(row.question, row.passage) for row in rows}
    for example in made:
        assert not example.answerable
        assert (example.question, example.passage) not in originals


NEWS = News(
    "Gubernur membuka jembatan baru di Palangka Raya",
    " ".join(
        f"Gubernur Sari Wulandari mengatakan akan membuka {i}0 jembatan baru pada 3 Maret 20{i} karena "
        "sungai itu lebar. "
        f"Menurut Budi Santoso, semua warga kota menyeberang {i} kilometer lebih jauh sebelum itu."
        for i in range(11, 19)
    ),
    "id",
)


def test_an_edit_changes_what_is_said_and_a_rewording_does_not_touch_its_values() -> None:
    source = Source("id", ["Rama Wijaya", "Dewi Lestari"], random.Random(1))
    sentence = NEWS.text[: NEWS.text.index(". ") + 1]
    for kind in ("number", "date", "name", "speaker", "negation", "cause", "modality"):
        edited = EDITS[kind](sentence, source)
        assert edited not in (None, sentence), kind
    assert lacks_value(sentence, EDITS["number"](sentence, source) or "")
    assert EDITS["unit"]("Jaraknya 5 kilometer.", source) != EDITS["quantifier"](
        "Jaraknya 5 kilometer.", source
    )
    assert EDITS["quantifier"]("Jaraknya 5 kilometer.", source) is None
    for _ in range(30):
        assert not lacks_value(sentence, reword(sentence, source))


def test_edits_that_are_left_out_are_not_made() -> None:
    kinds = {c.kind for c in edited_claims([NEWS] * 5, 10, random.Random(1))}
    assert {"reworded", "elsewhere", "number", "cause"} <= kinds
    fewer = {c.kind for c in edited_claims([NEWS] * 5, 10, random.Random(1), without=("number", "cause"))}
    assert not fewer & {"number", "cause"}
    assert "date" in fewer


def test_claims_across_the_languages_are_against_the_translation() -> None:
    pairs = [
        Parallel(
            f"The ministry of health will count {i}{i} villages this year.",
            f"Kementerian kesehatan akan menghitung {i}{i} desa tahun ini.",
        )
        for i in range(1, 9)
    ]
    made = list(parallel_claims(pairs, 8, random.Random(1)))
    assert {c.supported for c in made} == {True, False}
    assert all(c.crosses and ("ministry" in c.sentence) != ("ministry" in c.quotation) for c in made)


def test_a_wrong_answer_is_another_of_the_same_kind() -> None:
    context = "Menara Uji selesai dibangun pada 1931. Kebakaran terjadi pada 1945."
    row = ReadingRow(
        "x", "Kapan Menara Uji selesai dibangun?", "id", context, "id", (("1931", 33),), True, ""
    )
    made = [c for seed in range(20) for c in answer_claims([row], random.Random(seed))]
    assert any(c.supported for c in made)
    assert all(("1931" in c.sentence) == c.supported for c in made)
    assert all("1945" in c.sentence for c in made if not c.supported)


def test_only_the_sentence_that_an_edit_changed_is_taken(datasets: Path) -> None:
    made = summary_claims(datasets, ["samsum"], 600)
    assert len(made) == 8
    assert {c.sentence for c in made if not c.supported} == {f"Shop {i} sold {i}1 cakes." for i in range(4)}


def test_an_article_supports_its_first_sentence_and_another_does_not() -> None:
    places = {"Solo": "Hartati", "Bogor": "Wibowo", "Medan": "Siregar", "Padang": "Yulianti"}
    articles = [
        News(
            f"Pasar baru di kota {place} dibuka oleh {mayor}",
            f"Wali kota {place} membuka pasar baru dengan {n}0 kios pada hari Senin. Hujan turun sejak pagi. "
            f"Warga datang dari desa. Pasar baru di {place} punya {n}0 kios. Wali kota membuka pasar itu "
            "Senin. Jalan di depannya macet. Pedagang menata barang. Lampu menyala sampai malam.",
            "id",
        )
        for n, (place, mayor) in enumerate(places.items(), 2)
    ]
    made = list(lead_claims(articles, 160, random.Random(1)))
    kinds = {c.kind for c in made}
    assert {c.kind for c in made if c.supported} == {"lead"}
    assert "another lead" in kinds
    assert kinds & EDITS.keys()
    assert len([c for c in made if c.supported]) == len(articles)
    for claim in made:
        assert len(claim.quotation) <= 160
        own = next(place for place in places if place in claim.quotation)
        assert (own in claim.sentence) == (claim.kind != "another lead") or claim.kind == "name"
    assert not {c.kind for c in lead_claims(articles, 160, random.Random(1), EDITS)} & EDITS.keys()


def test_a_first_sentence_is_left_out_where_it_may_be_wrong_to_take_it() -> None:
    said = "Wali kota Solo membuka pasar baru dengan 20 kios pada hari Senin."
    rest = (
        "Hujan turun sejak pagi. Warga datang dari desa. Pasar baru di Solo punya 20 kios. Wali kota membuka "
        "pasar itu Senin. Jalan di depannya macet. Pedagang menata barang."
    )

    titles = ("Pasar baru dibuka di Solo oleh wali kota", "Wali kota dan pasar baru, warga antre panjang")

    def kinds(*texts: str) -> list[str]:
        news = [News(title, text, "id") for title, text in zip(titles, texts, strict=False)]
        return [c.kind for c in lead_claims(news, 160, random.Random(1), EDITS)]

    assert kinds(f"{said} {rest}") == ["lead"]
    # What the quotation does not say.
    assert kinds(f"{said} {rest.replace('punya 20', 'punya 25')}") == []
    # What a page begins with; what lost words when it was read.
    assert kinds(f"{said} {rest}", f"{said} {rest}") == []
    assert kinds(f"{said.replace('Wali kota Solo', ',')} {rest}") == []
    assert kinds(f"{said.replace('kota Solo', 'kota Solo ,')} {rest}") == []
    assert kinds(f"{said.replace('kota Solo', 'kota,Solo')} {rest}") == []
    # Too short to tell it again.
    assert kinds(f"{said} {rest.replace(' Jalan di depannya macet.', '')}") == ["lead"]
    assert kinds(f"{said} {rest.partition(' Jalan')[0]}") == []
    # Another article does not support it, but where it tells the same story.
    other = f"Pagi itu ramai sekali di pasar yang lama. {rest}"
    assert kinds(f"{said} {rest}", other) == ["lead"]
    assert kinds(f"{said} {rest}", other.replace("Solo", "Tegal")) == ["lead", "another lead"]


def test_sentences_that_together_have_the_words_are_scattered() -> None:
    text = "Pasar baru dibuka. Hujan turun. Warga antre di jalan. Wali kota datang. Sungai meluap."
    assert scattered("Wali kota membuka pasar baru", text, 60) == "Pasar baru dibuka. Wali kota datang."
    assert scattered("Gempa", text, 10) == "Pasar baru"


def test_a_window_leaves_out_the_sentence_that_asks() -> None:
    sentences = [f"Kalimat {i}." for i in range(9)]
    for at in range(9):
        for without in range(9):
            if at != without:
                window = examples._window(sentences, at, without, random.Random(at))
                assert sentences[at] in window
                assert sentences[without] not in window


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """Three steps and then the rest give what all steps give in one run."""

    def run(folder: Path, stop: int | None) -> torch.Tensor:
        torch.manual_seed(1)
        model = torch.nn.Linear(2, 1)
        taken = []

        def loss(batch: float) -> tuple[torch.Tensor, dict[str, float]]:
            taken.append(batch)
            if stop is not None and len(taken) > stop:
                raise KeyboardInterrupt
            return (model(torch.tensor([batch, 1.0])) - 1.0).square().mean(), {}

        batches = [float(i) for i in range(8)]
        train(model, batches, loss, Schedule(), folder, "part", checkpoint_s=0.0)
        return model.weight.detach()

    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
    whole = run(tmp_path / "whole", None)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "stopped", 3)
    assert torch.equal(run(tmp_path / "stopped", None), whole)


@pytest.mark.slow
def test_the_trained_models_load_and_score(trained: Path) -> None:
    texts = ["Kapan menara selesai?", "When was the tower finished?"]
    vectors = [run_graph(trained / "embedder-1", text=text)["vector"][0] for text in texts]
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
    scores = run_graph(trained / "reader-1", text="Kapan selesai?", passage="Selesai pada 1931.")
    assert set(scores) == {"start_logits", "end_logits"}
    assert all(np.isfinite(one).all() for one in scores.values())
    for part in ("distil", "contrast", "written"):
        curve = [json.loads(line) for line in (trained / f"{part}.log.jsonl").read_text().splitlines()]
        assert curve[-1]["step"] == curve[-1]["of"]


@pytest.mark.slow
def test_no_wrong_passage_is_one_that_is_held_out(datasets: Path, trained: Path) -> None:
    held = {row.context for row in read_reading(datasets) if is_held_out(row.group)}
    assert held
    for name in ("keywords", "vectors", "written"):
        wrong = read_wrong(trained / f"{name}.json")
        read = {passage for pair, passages in wrong.items() for passage in (pair[1], *passages)}
        assert read
        assert not read & held
        # Two of the four articles that were written.
        assert not any("Pasar Lama" in passage or "Pasar Baru" in passage for passage in read)


@pytest.mark.slow
def test_an_embedder_goes_on_with_what_was_written(
    datasets: Path, trained: Path, news: Path, tmp_path: Path
) -> None:
    start = trained / "embedder-1"
    run = partial(embedder.run, datasets, licensed_only=False, go_on=start, written=news)
    # Nothing more to learn: the embedder that comes back is the one that was there.
    run(tmp_path / "none", tmp_path / "same", scale=0.0)
    before, after = (read_embedder(folder).state_dict() for folder in (start, tmp_path / "same"))
    for name, value in before.items():
        exact = name.endswith(".bias") or "LayerNorm" in name
        assert torch.allclose(after[name], value, rtol=0, atol=0.0 if exact else 1e-3)
    run(tmp_path / "more", tmp_path / "made", scale=20.0)
    curve = [json.loads(line) for line in (tmp_path / "more" / "written.log.jsonl").read_text().splitlines()]
    assert {"written", "claims", "facqa"} < curve[-1].keys()
    assert not (tmp_path / "more" / "distil.log.jsonl").exists()
    for name in ("tokenizer.json", "encoder", "keywords.json", "vectors.json"):
        assert (tmp_path / "more" / name).exists()  # what the reader starts from
    learnt = read_embedder(tmp_path / "made").state_dict()
    assert not torch.equal(learnt["embeddings.LayerNorm.bias"], before["embeddings.LayerNorm.bias"])


@pytest.mark.slow
def test_whole_words_are_masked_and_nothing_that_is_held_out_is_read(datasets: Path, trained: Path) -> None:
    start = trained / "reader-1"
    tokenizer = Tokenizer.from_file(str(start / "tokenizer.json"))
    pairs = words.make_pairs(datasets, tokenizer, False, random.Random(1))
    separator = tokenizer.token_to_id("[SEP]")
    texts = set()
    for tokens, second in pairs:
        assert len(tokens) <= words.LONGEST
        assert tokens[second - 1] == tokens[-1] == separator
        texts |= {tokenizer.decode(tokens[:second]), tokenizer.decode(tokens[second:])}

    def known(held_out: bool) -> set[str]:
        rows = [row for row in read_reading(datasets) if is_held_out(row.group) == held_out]
        return {tokenizer.decode(tokenizer.encode(row.context).ids) for row in rows}

    assert known(True)
    assert known(False) <= texts
    assert not known(True) & texts

    trainer = words.WordsTrainer(words.MaskedLanguageModel(read_encoder(start)), pairs, tokenizer)
    continuing = {one for piece, one in tokenizer.get_vocab().items() if piece.startswith("##")}
    row = max((tokens for tokens, _ in pairs), key=lambda tokens: sum(one in continuing for one in tokens))
    ids = torch.tensor([row] * 400, device=DEVICE)
    torch.manual_seed(1)
    masked = trainer.choose(ids)
    special = ids < len(SPECIAL)
    assert not masked[special].any()
    assert 0.1 < float(masked[~special].float().mean()) < 0.2
    continues = [one in continuing for one in row]
    assert any(continues)
    for k in range(1, len(row)):
        alike = torch.equal(masked[:, k], masked[:, k - 1])
        assert alike if continues[k] else not alike or bool((special[:, k] & special[:, k - 1]).all())
    seen = trainer.replace(ids, masked)
    assert torch.equal(seen[~masked], ids[~masked])
    by_mask = float((seen[masked] == SPECIAL.index("[MASK]")).float().mean())
    kept = float((seen[masked] == ids[masked]).float().mean())
    assert 0.75 < by_mask < 0.85
    assert 0.07 < kept < 0.13


@pytest.mark.slow
def test_a_reader_goes_on_from_masked_words_and_keeps_its_judge(
    datasets: Path,
    trained: Path,
    news: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    start = trained / "reader-1"
    words.run(datasets, tmp_path, start, licensed_only=False, epochs=0.5)
    curve = [json.loads(line) for line in (tmp_path / "words.log.jsonl").read_text().splitlines()]
    assert curve[-1]["step"] == curve[-1]["of"]
    beside = tmp_path / "judge"
    judge.run(datasets, tmp_path / "judging", beside, start, False, (0.1, 0.0, 0.0), written=news)
    made = tmp_path / "reader-1"
    # Nothing more to learn: the reader has the encoder that was learnt, and no other word embeddings.
    reader.run(datasets, tmp_path, made, tmp_path, licensed_only=False, epochs=(0.0, 0.0, 0.0), judge=beside)
    learnt = BertModel.from_pretrained(tmp_path / "encoder", local_files_only=True).state_dict()
    before, after = (read_encoder(folder).state_dict() for folder in (start, made))
    for name, value in before.items():
        if "word_embeddings" in name:
            assert torch.allclose(after[name], value, rtol=1e-6, atol=0.0)
        elif name.endswith(".bias") or "LayerNorm" in name:
            assert torch.equal(after[name], learnt[name])
            assert not torch.equal(after[name], value)
    texts = ("Pasar 3 ramai.", ["Pasar 3 ramai sejak pagi."])
    assert SupportModel(made).signals(*texts) == pytest.approx(SupportModel(beside).signals(*texts))
    reader.run(datasets, tmp_path, made, tmp_path, False, (0.1, 0.1, 0.5), judge=beside, written=news)
    table = "embeddings.word_embeddings.weight"
    assert "written: 12 examples" in capsys.readouterr().out
    assert torch.allclose(read_encoder(made).state_dict()[table], before[table], rtol=1e-6, atol=0.0)
    assert SupportModel(made).signals(*texts) == pytest.approx(SupportModel(beside).signals(*texts))
    for embedder_folder, output in ((trained, tmp_path / "other"), (tmp_path, beside)):
        with pytest.raises(ValueError, match="judge"):
            reader.run(datasets, tmp_path, output, embedder_folder, False, (0.0, 0.0, 0.0), judge=beside)
    assert not (tmp_path / "other").exists()


@pytest.mark.slow
def test_a_reader_goes_on_from_a_reader(datasets: Path, trained: Path, tmp_path: Path) -> None:
    start = trained / "reader-1"
    # Nothing more to learn: the reader that comes back is the one that was there, not the embedder's encoder.
    reader.run(datasets, tmp_path, tmp_path / "same", trained, False, (0.0, 0.0, 0.0), go_on=start)
    before, after = (read_reader(folder).state_dict() for folder in (start, tmp_path / "same"))
    encoder = BertModel.from_pretrained(trained / "encoder", local_files_only=True).state_dict()
    for name, value in before.items():
        exact = name.endswith(".bias") or "LayerNorm" in name
        assert torch.allclose(after[name], value, rtol=0, atol=0.0 if exact else 1e-3)
        if exact and name.startswith("bert."):
            assert not torch.equal(encoder[name.removeprefix("bert.")], value)


@pytest.mark.slow
def test_a_reader_keeps_a_share_of_what_it_was(datasets: Path, trained: Path, tmp_path: Path) -> None:
    start, states = trained / "reader-1", {}
    for kept in (0.0, 0.75):
        torch.manual_seed(1)
        made = tmp_path / f"{kept}"
        reader.run(datasets, made, made / "r", trained, False, (0.0, 0.2, 0.0), go_on=start, kept=kept)
        states[kept] = BertForQuestionAnswering.from_pretrained(made / "model", local_files_only=True)
    before = read_reader(start).state_dict()
    learned, mean = (states[kept].state_dict() for kept in (0.0, 0.75))
    assert any(not torch.equal(learned[name], value) for name, value in before.items())
    for name, value in before.items():
        assert torch.allclose(mean[name], 0.75 * value + 0.25 * learned[name], rtol=0, atol=1e-6)


@pytest.mark.slow
def test_the_trained_judge_shares_the_vocabulary_of_its_reader(
    datasets: Path,
    trained: Path,
    news: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(1)
    start = trained / "reader-1"
    run = partial(judge.run, datasets, licensed_only=False, written=news)
    little, nothing = (0.2, 0.2, 0.2), (0.0, 0.0, 0.0)
    run(tmp_path, tmp_path / "made", start, epochs=little, without=("number",))
    told = capsys.readouterr().out
    assert "  withheld number: " in told
    assert re.search(r"^leads: \d+, \d+ tokens$", told, re.MULTILINE)
    assert "  lead: " in told
    assert "  written paraphrase across: " in told
    assert "  number: " not in told
    # Nothing more to learn: the judge that comes back is the one that was there, not its reader's encoder.
    run(tmp_path / "on", tmp_path / "again", tmp_path / "made", epochs=nothing, go_on=True)
    before, after = (read_judge(tmp_path / name) for name in ("made", "again"))
    untrained = judge.JudgeModel(read_encoder(start)).state_dict()
    assert before.keys() == after.keys() == untrained.keys()
    for name, value in before.items():
        # What isn't int8 comes back to the last bit.
        exact = name.endswith(".bias") or "LayerNorm" in name
        assert torch.allclose(after[name], value, rtol=0, atol=0.0 if exact else 1e-4)
        assert not exact or not torch.equal(untrained[name], value)
    capsys.readouterr()
    monkeypatch.setattr(judge, "DOMAINS", ("podcast", "samsum"))
    run(tmp_path, tmp_path / "made", start, epochs=little, without=("number",), in_turn=True)
    told = capsys.readouterr().out
    assert "claims: 1 of 1 steps were done before" in re.sub(r"\d+", "1", told)
    withheld = {word.rstrip(":") for word in re.findall(r"  withheld (\S+)", told)}
    assert withheld == {"podcast", "samsum", "in"}
    made = tmp_path / "made"
    graph = onnx.load(str(made / "support.onnx"), load_external_data=False).graph
    outside = {one.name: one.external_data for one in graph.initializer if one.external_data}
    assert [name.rpartition("word_embeddings")[2] for name in outside] == [".weight_quantized"]
    assert {"location": "model.onnx"}.items() <= {e.key: e.value for d in outside.values() for e in d}.items()
    model = SupportModel(made)
    quotation = "Jembatan itu panjangnya 640 meter. Biayanya Rp 1,2 triliun."
    assert 0 < model.threshold < 1
    assert model.support(quotation, ["Hujan turun.", quotation]) == 1.0
    assert model.support(quotation, []) == 0.0
    for sentence, given in (("Pasar 3 sepi.", "Pasar 3 ramai."), ("", quotation), ("Pasar ramai.", "")):
        assert 0 <= model.support(sentence, [given]) <= 1
    # A value may stand in any of the quotations; windows are of whole sentences and cover a long text.
    said = "Jembatan itu panjangnya 640 meter."
    assert model.signals(said, ["Jembatan itu panjang."])[1] == 1.0
    assert model.signals(said, ["Jembatan itu panjang.", quotation])[1] == 0.0
    one, two = model.signals(said, [quotation])[0], model.signals("Warga ramai.", [quotation])[0]
    assert model.signals(f"{said} Warga ramai.", [quotation])[0] == min(one, two)
    windows = list(runs(list(model._pieces("Hujan turun di kota itu. " * 100))))
    assert len(windows) > 1
    assert all(len(window) <= WINDOW_TOKENS for window in windows)
    judged = measure_judge(ModelJudge(made), read_judgements()[:6])
    assert judged["unjudged"] == 0
    asked = ("--datasets", datasets, "--work", tmp_path, "--reader", made, "--written", news, "--measure")
    command = (sys.executable, "-m", "training.judge", *map(str, asked))
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert re.search(r"  reworded: \d+ right \d\.\d{3}\n", told)
    assert "  edits in one language: " in told
    (made / "support.json").write_text("{}")
    with pytest.raises(ModelUnavailable, match="calibration of the judge"):
        SupportModel(made)
    own = made / "support.onnx"
    own.unlink()
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        SupportModel(made)


@pytest.mark.slow
def test_a_finished_recipe_is_not_run_again(datasets: Path, news: Path, trained: Path) -> None:
    before = (trained / "embedder-1" / "model.onnx").read_bytes()
    began = time.monotonic()
    embedder.run(datasets, trained, trained / "again", licensed_only=False, scale=0.6, written=news)
    assert time.monotonic() - began < 60
    assert (trained / "again" / "model.onnx").read_bytes() == before


def test_what_is_missing_makes_no_answer_surer() -> None:
    draw = np.random.default_rng(1)
    signals = draw.normal(size=(400, len(ANSWER_SIGNALS)))
    missing, share = ANSWER_SIGNALS.index("missing_words"), ANSWER_SIGNALS.index("share")
    right = signals[:, missing] + signals[:, share] + draw.normal(size=400) > 0.5
    weights = calibration.fit_answer([tuple(row) for row in signals], list(right))
    assert weights[missing] == 0.0
    assert weights[share] > 0.5
    assert weights[-1] < 0
    falling = calibration.fit_answer([tuple(row) for row in signals], list(~right))
    assert falling[missing] < -0.5


class Always(random.Random):
    """Draws 0.0 each time."""

    def random(self) -> float:
        return 0.0


def test_another_topic_is_asked_of_what_cannot_answer(bilingual: Library) -> None:
    """An Indonesian question on an English paragraph is not asked of that paragraph as of another topic."""
    articles = [
        replace(LIGHTHOUSE, source="squad2_en"),
        replace(BRIDGE, source="facqa"),
        replace(MARKET, source="news"),
    ]
    bilingual.ingest.add(articles)
    bilingual.indexer.drain()
    assert isinstance(bilingual.reader, SpanReader)
    everything = {article.id for article in articles}
    for source, others in ((CROSSING, {BRIDGE.id, MARKET.id}), ("facqa", {LIGHTHOUSE.id, MARKET.id})):
        row = ReadingRow(source, "Siapa membangun mercusuar?", "id", LIGHTHOUSE.text, "en", (), False, "")
        asked, other = calibration.ask(bilingual, 3, articles, [row], bilingual.reader, Always())
        assert (asked.own, other.own, other.kind) == (True, False, "another topic")
        for example, expected in ((asked, everything), (other, others)):
            assert {s.reference.candidate.passage.article_id for s in example.found} == expected


@pytest.mark.slow
def test_the_calibration(datasets: Path, trained: Path, news: Path, tmp_path: Path) -> None:
    calibration.run(datasets, tmp_path, trained / "reader-1", keep=0.9, sizes=(60, 100), written=news)
    fitted = read_calibration(trained / "reader-1" / "calibration.json")
    assert set(fitted) == {"id", "en"}
    assert all(0 < one.threshold < 1 for one in fitted.values())
