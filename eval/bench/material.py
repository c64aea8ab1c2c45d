"""What all systems are given: the same articles, Kutipan's passages of them, and the same questions."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, TypeVar

from eval.bench.protocol import Batch
from eval.benchmarks.reading_sets import read_lines, read_rows
from service.articles import article_from_json
from service.embeddings import Embedder
from service.passages import SPLITTER, embedding_text, split_article

_SEED = 20261124
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """`article_id` is the article whose headline it is; None for a question that people asked."""

    text: str
    article_id: str | None


@dataclass(frozen=True, slots=True)
class Material:
    batches: Sequence[Batch]
    questions: Sequence[Sequence[Question]]
    """Those of each round."""

    @property
    def articles(self) -> int:
        return sum(len(batch.articles) for batch in self.batches)

    @property
    def passages(self) -> int:
        return sum(len(batch.passages) for batch in self.batches)


def read_material(datasets: Path, embedder: Embedder, articles: int, questions: int, rounds: int) -> Material:
    """The first `articles` of `news/detik` in `rounds` batches; half of the questions are FacQA's of valid,
    half headlines of those articles, shuffled alike every time, in `rounds` parts."""
    rows = list(islice(read_lines(datasets / "news" / "detik.jsonl.gz"), articles))
    asked = [Question(row.question, None) for row in read_rows(datasets, "facqa", "valid")]
    headlines = [Question(row["title"], row["id"]) for row in rows if row["title"]]
    chosen = choose(asked, headlines, questions)
    return Material(
        [
            Batch(part, [passage for row in part for passage in passages_of(row, embedder)])
            for part in parts(rows, rounds)
        ],
        parts(chosen, rounds),
    )


def choose(asked: Sequence[T], headlines: Sequence[T], count: int) -> list[T]:
    """`count` questions as far as there are so many, half of them `asked`, shuffled alike every time."""
    draw = random.Random(_SEED)
    chosen = draw.sample(asked, min(count // 2, len(asked)))
    chosen += draw.sample(headlines, min(count - len(chosen), len(headlines)))
    draw.shuffle(chosen)
    return chosen


def passages_of(row: dict[str, Any], embedder: Embedder) -> Iterator[dict[str, str]]:
    """Kutipan's passages of an article, as `Batch` has them."""
    article, _ = article_from_json(json.dumps(row).encode())
    splitter = f"{SPLITTER}/{embedder.fingerprint}"
    for passage in split_article(article, embedder.count_tokens, embedder.max_tokens, splitter):
        text = embedding_text(article.title, passage.text)
        yield {"id": passage.id, "article_id": article.id, "text": text}


def parts(items: Sequence[T], count: int) -> list[Sequence[T]]:
    """`items` in `count` parts, in order, whose lengths differ by one at most."""
    bounds = [len(items) * i // count for i in range(count + 1)]
    return [items[a:b] for a, b in pairwise(bounds)]
