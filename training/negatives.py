"""Passages that look right for a question and are wrong: what search finds and the row does not name."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.benchmarks.reading_sets import open_paragraphs, paragraph_id
from service.embeddings import HashingEmbedder
from service.records import Article
from training.data import ReadingRow

DEPTH = 12
KEPT = 6
_SHORTEST_TELLING = 4

Wrong = dict[tuple[str, str], list[str]]
Vectors = NDArray[np.float16] | NDArray[np.float32]


def by_keywords(rows: Sequence[ReadingRow], work: Path) -> Wrong:
    """For each answerable row, up to KEPT of the rows' passages that its words find, best first. The
    caller leaves out rows of held-out groups."""
    groups = {row.context: row.group for row in rows}
    texts = {paragraph_id(row.context): row for row in rows}
    articles = [Article(key, "", row.context, row.language) for key, row in texts.items()]
    found: Wrong = {}
    # Passages as long as the paragraphs, and no vector that matters.
    with open_paragraphs(work, articles, HashingEmbedder(max_tokens=4_000)) as library:
        for row in rows:
            if row.answerable:
                hits = library.catalog.search_keywords(row.question, DEPTH)
                passages = library.catalog.get_passages([hit.passage_id for hit in hits])
                contexts = [
                    texts[passages[hit.passage_id][0].article_id].context
                    for hit in hits
                    if hit.passage_id in passages
                ]
                found[(row.question, row.context)] = _wrong(row, contexts, groups)
    return found


def by_vectors(
    rows: Sequence[ReadingRow],
    encode_passages: Callable[[list[str]], Vectors],
    encode_questions: Callable[[list[str]], Vectors],
) -> Wrong:
    """The same, by the nearest passages. Both functions take texts and give their unit vectors, (texts ×
    dimension)."""
    asked = [row for row in rows if row.answerable]
    groups = {row.context: row.group for row in rows}
    contexts = list(groups)
    passages = encode_passages(contexts).astype(np.float32)
    questions = encode_questions([row.question for row in asked]).astype(np.float32)
    found: Wrong = {}
    for i in range(0, len(asked), 1_000):
        nearest = np.argsort(-(questions[i : i + 1_000] @ passages.T), axis=1)[:, :DEPTH]
        for row, places in zip(asked[i : i + 1_000], nearest, strict=True):
            found[(row.question, row.context)] = _wrong(row, [contexts[p] for p in places], groups)
    return found


def kept_wrong(file: Path, find: Callable[[], Wrong]) -> Wrong:
    """What `find` finds, kept in `file`: a run that goes on doesn't look again."""
    if not file.is_file():
        found = [[*pair, passages] for pair, passages in find().items()]
        file.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return read_wrong(file)


def read_wrong(file: Path) -> Wrong:
    """What `kept_wrong` kept."""
    return {(q, p): passages for q, p, passages in json.loads(file.read_text(encoding="utf-8"))}


def _wrong(row: ReadingRow, contexts: Sequence[str], groups: dict[str, str]) -> list[str]:
    """Those that aren't the row's own passage or its translation, and don't hold its answer."""
    answers = [a.casefold() for a, _ in row.answers if len(a) >= _SHORTEST_TELLING]
    kept = [
        context
        for context in dict.fromkeys(contexts)
        if groups[context] != row.group and not any(a in context.casefold() for a in answers)
    ]
    return kept[:KEPT]
