"""What a filter costs: searches of made-up passages, filtered at several selectivities and unfiltered.

    python -m eval.benchmarks.filters [--passages 50000] [--work FOLDER]

One run measures all of them in turn, question by question, so that a noisy machine disturbs all alike. What
each finds is compared with an exact search, which asks the catalog of every passage whether it passes and
compares the vectors of those that do.
"""

from __future__ import annotations

import argparse
import heapq
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from service.catalog import Allowed
from service.embeddings import HashingEmbedder, Vectors
from service.library import Library, open_library
from service.records import NO_FILTERS, Article, Filters
from service.retrieval import Searcher

SEED = 20261125
SELECTIVITIES = (0.001, 0.01, 0.1, 0.5, 0.9)
_QUESTIONS = 50
_COMPARED = 10
"""Questions that are searched exactly too, which takes a while."""
_LIMIT = 12
_SYLLABLES = "ba ke ra ni so tu ma li go da pe ji wa nu mi re ha to ku si".split()
_draw = random.Random(SEED)
_WORDS = ["".join(_draw.choices(_SYLLABLES, k=_draw.randint(2, 4))) for _ in range(20_000)]
_FREQUENT = frozenset(_WORDS[:50])


def made_up(count: int) -> list[Article]:
    """Articles of one passage each, out of invented words whose frequencies follow Zipf's law. The tag "s0.1"
    is on one of ten, and so on."""
    draw = random.Random(SEED)
    weights = [1.0 / rank for rank in range(1, len(_WORDS) + 1)]
    articles = []
    for i in range(count):
        text = " ".join(draw.choices(_WORDS, weights, k=60)).capitalize() + "."
        tags = tuple(f"s{share:g}" for share in SELECTIVITIES if draw.random() < share)
        articles.append(Article(f"a{i}", text[:40], text, "id", tags=tags))
    return articles


def fill(library: Library, articles: Sequence[Article]) -> None:
    """Takes the articles in, those that are there already too, and indexes them."""
    for i in range(0, len(articles), 1000):
        library.ingest.add(articles[i : i + 1000])
    library.indexer.drain()


def change(library: Library) -> None:
    """An article comes and goes: what was remembered is forgotten, and what is found the same."""
    library.ingest.add([Article("change", "", "Ada.", "id")])
    library.catalog.delete("change")


class EveryVector:
    """The nearest among all passages of a catalog that pass the filters, by comparing each."""

    def __init__(self, library: Library) -> None:
        found = list(library.catalog.all_vectors(library.embedder.fingerprint))
        self._ids = {key: passage_id for key, passage_id, _ in found}
        self._matrix = np.array([vector for _, _, vector in found])
        self._catalog = library.catalog

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        return self._best(vector, set(self._ids.values()), limit)

    def nearest_of_all(
        self, vector: Vectors, limit: int, among: Allowed | None = None
    ) -> list[tuple[str, float]]:
        keys = self._ids.keys() if among is None else among.members
        return self._best(vector, {self._ids[key] for key in keys}, limit)

    def passing(self, filters: Filters) -> set[int]:
        """The keys of what passes when the catalog is asked of every passage."""
        passing = self._catalog.current_passages(list(self._ids.values()), filters)
        return {key for key, passage_id in self._ids.items() if passage_id in passing}

    def _best(self, vector: Vectors, ids: set[str], limit: int) -> list[tuple[str, float]]:
        cosines = zip(self._ids.values(), (self._matrix @ vector).tolist(), strict=True)
        return heapq.nsmallest(limit, (hit for hit in cosines if hit[0] in ids), key=lambda h: (-h[1], h[0]))


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a filter: median milliseconds of a search when the catalog has just changed, so that what passes is
    looked up, and of the same search again; and the share that was found of what an exact search finds."""

    first_ms: float
    again_ms: float
    found: float


def measure(library: Library, articles: Sequence[Article]) -> dict[str, Cost]:
    """The cost of each filter by its name; "none" is that of no filter."""
    draw = random.Random(SEED + 1)
    questions = []
    for _ in range(_QUESTIONS):
        # The most frequent words are what stopwords are in a real question: nobody searches for them.
        words = [w for w in draw.choice(articles).text.split() if w.strip(".").casefold() not in _FREQUENT]
        questions.append(" ".join(draw.sample(words, min(6, len(words)))))
    searcher = library.searcher
    every = EveryVector(library)
    exact = Searcher(library.catalog, library.embedder, every, broad=10**9)
    filters = {"none": NO_FILTERS} | {f"{s:.1%}": Filters(tags=(f"s{s:g}",)) for s in SELECTIVITIES}
    first: dict[str, list[float]] = {name: [] for name in filters}
    again: dict[str, list[float]] = {name: [] for name in filters}
    found: dict[str, list[float]] = {name: [] for name in filters}
    for wanted in filters.values():
        if every.passing(wanted) != library.catalog.allowed(wanted).members:
            raise AssertionError(f"{wanted} lets other passages through in one list than one by one")
        searcher.search(questions[0], wanted, _LIMIT)  # vectors are read when they are first needed
    for i, question in enumerate(questions):
        for name, wanted in filters.items():
            change(library)
            for times in (first, again):
                began = time.perf_counter()
                hits = searcher.search(question, wanted, _LIMIT)
                times[name].append(1000 * (time.perf_counter() - began))
            if i >= _COMPARED:
                continue
            right = {c.passage.id for c in exact.search(question, wanted, _LIMIT)}
            same = right & {c.passage.id for c in hits}
            found[name].append(len(same) / len(right) if right else float(not hits))
    return {
        name: Cost(float(np.median(first[name])), float(np.median(again[name])), float(np.mean(found[name])))
        for name in filters
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=50_000)
    parser.add_argument("--work", type=Path, help="keeps the index for another run")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as temporary,
        open_library(options.work or Path(temporary), HashingEmbedder(384, max_tokens=256)) as library,
    ):
        articles = made_up(options.passages)
        fill(library, articles)
        costs = measure(library, articles)
        plain = costs["none"].again_ms
        print("| filter lets through | median, ms | of unfiltered | after a change, ms | found of exact |")
        print("|---|---|---|---|---|")
        for name, cost in costs.items():
            times = f"{cost.again_ms:.1f} | {cost.again_ms / plain:.2f} | {cost.first_ms:.1f}"
            print(f"| {name} | {times} | {cost.found:.4f} |")


if __name__ == "__main__":
    main()
