"""What the models are trained on: the public sets, read into pairs, and what is kept out of them.

The folder of the data sets is described in its own README. Paragraphs of the train splits whose group
`is_held_out` are never trained on: calibration and thresholds are fitted on their questions. A group is a
paragraph and its translation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from eval.benchmarks.reading_sets import read_lines

HELD_OUT_SHARE = 8
"""One group in this many is kept out."""
LICENSED_READING = ("facqa", "squad2_en")
READING = ("idk_mrc", "tydiqa_id", "facqa", "squad2_id_mt", "squad2_en")
LICENSED_PARALLEL = ("Tatoeba", "TICO-19", "NusaX")
LICENSED_NLI = ("indonli.train",)
NLI = ("indonli.train", "snli.dev_test", "climate_fever")
CROSSING, CROSSING_BACK = "crosslingual", "crosslingual back"
"""Sources of cross-lingual rows: Indonesian questions on English paragraphs, and the other way round."""
LEAD_CHARS = 700


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A question on a paragraph. `answers` are (text, start) in `context`; none where it has no answer.

    `language` is the paragraph's; `question_language` the question's. A cross-lingual row says only that
    there is an answer: it is answerable and has none. `training.crossing` tells where it is.
    """

    source: str
    question: str
    question_language: str
    context: str
    language: str
    answers: tuple[tuple[str, int], ...]
    answerable: bool
    group: str


@dataclass(frozen=True, slots=True)
class Parallel:
    """One sentence in both languages."""

    english: str
    indonesian: str


@dataclass(frozen=True, slots=True)
class Inference:
    """A premise and a hypothesis with what people said of them."""

    source: str
    premise: str
    hypothesis: str
    label: Literal["entailment", "neutral", "contradiction"]
    language: str


@dataclass(frozen=True, slots=True)
class News:
    """A news article."""

    title: str
    text: str
    language: str


def is_held_out(group: str) -> bool:
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % HELD_OUT_SHARE == 0


def read_reading(
    datasets: Path, licensed_only: bool = False, split: str = "train", crosslingual: bool = True
) -> list[ReadingRow]:
    """The reading rows, each once, held-out groups included.

    A question that IDK-MRC took over from TyDiQA is read from IDK-MRC. With `crosslingual`, also
    Indonesian questions on English paragraphs and English questions on Indonesian translations.
    """
    translations = _translations(datasets)
    english_of = {indonesian: english for english, indonesian in translations.items()}
    rows: dict[tuple[str, str], ReadingRow] = {}
    for name in LICENSED_READING if licensed_only else READING:
        for fields in read_lines(datasets / "reading" / f"{name}.{split}.jsonl.gz"):
            context = fields["context"]
            rows.setdefault(
                (fields["question"].strip(), context),
                ReadingRow(
                    source=name,
                    question=fields["question"].strip(),
                    question_language=fields["language"],
                    context=context,
                    language=fields["language"],
                    answers=tuple((a["text"], a["start"]) for a in fields["answers"]),
                    answerable=fields["answerable"],
                    group=english_of.get(context, context),
                ),
            )
    if crosslingual and not licensed_only:
        crossing = [*_crossing(datasets, split), *_crossing_back(rows.values(), translations)]
        for row in crossing:
            rows.setdefault((row.question, row.context), row)
    return list(rows.values())


def read_trained(datasets: Path, licensed_only: bool = False) -> list[ReadingRow]:
    """The reading rows that a model may be trained on: those of no held-out group."""
    return [row for row in read_reading(datasets, licensed_only) if not is_held_out(row.group)]


def read_parallel(datasets: Path, licensed_only: bool = False) -> list[Parallel]:
    rows = read_lines(datasets / "parallel" / "en_id.jsonl.gz")
    return [
        Parallel(row["en"], row["id"])
        for row in rows
        if not licensed_only or row["source"] in LICENSED_PARALLEL
    ]


def read_nli(datasets: Path, licensed_only: bool = False) -> list[Inference]:
    """The rows of the inference sets, without IndoNLI's validation rows."""
    return [
        Inference(row["source"], row["premise"], row["hypothesis"], row["label"], row["language"])
        for name in (LICENSED_NLI if licensed_only else NLI)
        for row in read_lines(datasets / "nli" / f"{name}.jsonl.gz")
    ]


def read_news(datasets: Path, *names: str) -> list[News]:
    """Articles of the sets named: "detik", "click_id", "realtimeqa_articles"."""
    return [
        News(row["title"], row["text"], row["language"])
        for name in names
        for row in read_lines(datasets / "news" / f"{name}.jsonl.gz")
    ]


def _crossing(datasets: Path, split: str) -> list[ReadingRow]:
    """Indonesian questions on English paragraphs."""
    return [
        ReadingRow(
            CROSSING,
            fields["question_id"].strip(),
            "id",
            fields["context_en"],
            "en",
            (),
            fields["answerable"],
            fields["context_en"],
        )
        for fields in read_lines(datasets / "reading" / f"crosslingual.{split}.jsonl.gz")
    ]


def _crossing_back(rows: Iterable[ReadingRow], translations: dict[str, str]) -> list[ReadingRow]:
    """English questions on the Indonesian translation of their paragraph."""
    return [
        ReadingRow(
            CROSSING_BACK,
            row.question,
            "en",
            translations[row.context],
            "id",
            (),
            row.answerable,
            row.context,
        )
        for row in rows
        if row.source == "squad2_en" and row.context in translations
    ]


@cache
def _translations(datasets: Path) -> dict[str, str]:
    """English paragraph → its Indonesian translation."""
    return {
        fields["context_en"]: fields["context_id"]
        for split in ("train", "valid")
        for fields in read_lines(datasets / "reading" / f"crosslingual.{split}.jsonl.gz")
    }
