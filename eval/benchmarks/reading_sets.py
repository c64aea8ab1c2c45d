"""Question sets in SQuAD-like form: rows, and their paragraphs as articles.

A row has `context`, `question`, `language`, `answers` (text and start) and `answerable`. A set is
two gzipped JSON-lines files, NAME.train.jsonl.gz and NAME.valid.jsonl.gz.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from service.embeddings import Embedder
from service.ingest import BATCH_ARTICLES, batches
from service.library import Library, open_library
from service.reading import Reader
from service.records import Article


@dataclass(frozen=True, slots=True)
class Row:
    """One question. `answers` are (text, start) in `context`; empty where it is unanswerable."""

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


def read_rows(folder: Path, name: str, split: str) -> list[Row]:
    """The rows of one split, in file order."""
    with gzip.open(folder / "reading" / f"{name}.{split}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Row(
            question=row["question"],
            context=row["context"],
            language=row["language"],
            answers=tuple((a["text"], a["start"]) for a in row["answers"]),
            answerable=row["answerable"],
        )
        for row in rows
    ]


def paragraphs(rows: Iterable[Row]) -> list[Article]:
    """Each distinct paragraph as an article without a title, in order of first appearance."""
    languages = {row.context: row.language for row in rows}
    return [Article(paragraph_id(text), "", text, language) for text, language in languages.items()]


def open_paragraphs(
    work: Path, articles: Sequence[Article], embedder: Embedder, reader: Reader | None = None
) -> AbstractContextManager[Library]:
    """A library of these articles in the folder `work`, indexed; what is there already is kept."""
    with open_library(work, embedder, reader) as library:
        for batch in batches(articles, BATCH_ARTICLES):
            library.ingest.add(batch)
        library.indexer.drain()
    return open_library(work, embedder, reader)
