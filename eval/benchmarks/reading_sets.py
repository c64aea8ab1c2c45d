"""Question sets in SQuAD-like form: rows, and their paragraphs as articles.

A set is one or two gzipped JSON-lines files, NAME.valid.jsonl.gz with the questions and, where there are more
paragraphs to search among, NAME.train.jsonl.gz, in the folder `reading` of the data sets. A row has
`context`, `question`, `language`, `answers` (text and start) and `answerable`; one of the cross-lingual set
has an Indonesian `question_id`, an English `context_en` and no answers, so it can be searched for and not
answered.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.embeddings import Embedder
from service.ingest import BATCH_ARTICLES, batches
from service.library import Library, open_library
from service.records import Article

DATASETS_VARIABLE = "KUTIPAN_DATASETS"
NEWS = ("detik", "click_id", "realtimeqa_articles")
"""The sets of news articles, in the folder `news`."""
_SUMMARIES = "summedits_{}.jsonl.gz"
_NEWS_PASSAGE_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """One question. `answers` are (text, start) in `context`; empty where it is unanswerable.

    `language` is the context's.
    """

    question: str
    context: str
    language: str
    answers: tuple[tuple[str, int], ...]
    answerable: bool

    @property
    def article_id(self) -> str:
        return paragraph_id(self.context)


def paragraph_id(context: str) -> str:
    return hashlib.sha256(context.encode()).hexdigest()[:20]


def read_rows(folder: Path, name: str, split: str, optional: bool = False) -> list[Row]:
    """The rows of one split ("train" or "valid"), in file order; none where `optional` and no file."""
    file = folder / "reading" / f"{name}.{split}.jsonl.gz"
    return [] if optional and not file.is_file() else [_row(fields) for fields in read_lines(file)]


def read_lines(file: Path) -> Iterator[dict[str, Any]]:
    """The objects of a gzipped JSON-lines file, in order."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def summary_domains(folder: Path) -> list[str]:
    """The domains of SummEdits that are there, in order."""
    files = sorted((folder / "faithfulness").glob(_SUMMARIES.format("*")))
    before, after = _SUMMARIES.split("{}")
    return [file.name.removeprefix(before).removesuffix(after) for file in files]


def read_domain(folder: Path, domain: str) -> Iterator[dict[str, Any]]:
    """The rows of one domain of SummEdits, in file order."""
    return read_lines(folder / "faithfulness" / _SUMMARIES.format(domain))


def paragraphs(rows: Iterable[Row]) -> list[Article]:
    """Each distinct paragraph as an article without a title, in order of first appearance."""
    languages = {row.context: row.language for row in rows}
    return [Article(paragraph_id(text), "", text, language) for text, language in languages.items()]


def news_passages(folder: Path, *names: str) -> list[Article]:
    """Pieces of a thousand characters of the sets' articles, each as an article, to hide paragraphs among."""
    news = [row for name in names for row in read_lines(folder / "news" / f"{name}.jsonl.gz")]
    return [
        Article(f"news-{i}-{start}", row["title"], text, row["language"], source="news")
        for i, row in enumerate(news)
        for start in range(0, len(row["text"]), _NEWS_PASSAGE_CHARS)
        if (text := row["text"][start : start + _NEWS_PASSAGE_CHARS]).strip()
    ]


@contextmanager
def open_paragraphs(work: Path, articles: Sequence[Article], embedder: Embedder) -> Iterator[Library]:
    """A library of these articles in the folder `work`, indexed; what is there already is kept."""
    with open_library(work, embedder) as library:
        for batch in batches(articles, BATCH_ARTICLES):
            library.ingest.add(batch)
        library.indexer.drain()
        yield library


def benchmark_arguments(doc: str | None, work: bool = True) -> argparse.ArgumentParser:
    """The options that every benchmark has; `work` for those that keep something between runs."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--datasets", type=Path, default=os.environ.get(DATASETS_VARIABLE), help="folder of the data sets"
    )
    if work:
        parser.add_argument(
            "--work", type=Path, required=True, help="folder for the indexes, kept between runs"
        )
    return parser


def parse_benchmark(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The options as given. Ends the program, saying so, where there are no data sets."""
    given = parser.parse_args()
    if given.datasets is None or not given.datasets.is_dir():
        parser.exit(0, f"no data sets: name their folder with --datasets or {DATASETS_VARIABLE}; skipped\n")
    return given


def _row(fields: dict[str, Any]) -> Row:
    if "question_id" in fields:
        return Row(fields["question_id"], fields["context_en"], "en", (), fields["answerable"])
    return Row(
        question=fields["question"],
        context=fields["context"],
        language=fields["language"],
        answers=tuple((a["text"], a["start"]) for a in fields["answers"]),
        answerable=fields["answerable"],
    )
