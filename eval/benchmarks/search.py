"""How well search finds the right paragraph, by way of searching and fusing.

    python -m eval.benchmarks.search --datasets FOLDER --work FOLDER

Every paragraph of a set's train and valid splits is an article; each answerable question of its valid
split is searched for once, and its pool is ordered by vectors alone, keywords alone, reciprocal rank
fusion (Cormack et al. 2009, k = 60) and min–max fusion with several weights, the shipped one
among them. `--embedder` searches with another one that `training.embedder` made. all-MiniLM-L6-v2, the usual
default, is beside it, with vectors alone and with reciprocal ranks. Prints Markdown tables: recall@k is the
share of questions whose paragraph is among the first k, MRR the mean of one over its place (0 where it is not
in the pool).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from eval.benchmarks.reading_sets import (
    benchmark_arguments,
    open_paragraphs,
    paragraphs,
    parse_benchmark,
    read_rows,
)
from eval.benchmarks.usual import USUAL, load_usual_embedder
from eval.intervals import difference_interval, mean_interval
from service.embeddings import BundledEmbedder, Embedder
from service.library import Library
from service.models import EMBEDDER
from service.records import NO_FILTERS
from service.retrieval import DEPTH, Pool, Scores, fuse

SETS = ("idk_mrc", "facqa", "squad2_en", "crosslingual")
WEIGHTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
_RRF_K = 60
SHIPPED, KEYWORDS, VECTORS = "fused, as shipped", "keywords alone", "vectors alone"
RANKS = "reciprocal ranks"


def reciprocal_ranks(pool: Pool) -> Scores:
    """Reciprocal rank fusion of the two searches, equally weighted."""
    return np.array(
        [
            sum(
                1.0 / (_RRF_K + ranks[passage_id])
                for ranks in (pool.vector_ranks, pool.keyword_ranks)
                if passage_id in ranks
            )
            for passage_id in pool.passage_ids
        ]
    )


def alone(ranks: dict[str, int], pool: Pool) -> Scores:
    """The order of one search; what it did not find has no place in it (minus infinity)."""
    return np.array([-ranks[p] if p in ranks else -np.inf for p in pool.passage_ids])


def methods() -> dict[str, Callable[[Pool], Scores]]:
    found: dict[str, Callable[[Pool], Scores]] = {
        VECTORS: lambda pool: alone(pool.vector_ranks, pool),
        KEYWORDS: lambda pool: alone(pool.keyword_ranks, pool),
        RANKS: reciprocal_ranks,
    }
    for weight in WEIGHTS:
        found[f"min–max, {weight:g} vectors"] = partial(fuse, vector_weight=weight)
    found[SHIPPED] = fuse
    return found


def place(library: Library, pool: Pool, scores: Scores, article_id: str) -> int | None:
    """The place, from 1, of the first passage of an article among the articles found."""
    passages = library.catalog.get_passages(pool.passage_ids)
    seen: set[str] = set()
    for i in pool.order(scores):
        if np.isneginf(scores[i]):
            return None
        article = passages[pool.passage_ids[i]][0].article_id
        seen.add(article)
        if article == article_id:
            return len(seen)
    return None


def measure(datasets: Path, work: Path, name: str, embedder: Embedder) -> None:
    """Prints the table of one set."""
    valid = read_rows(datasets, name, "valid")
    articles = paragraphs([*read_rows(datasets, name, "train", optional=True), *valid])
    questions = list(dict.fromkeys((r.question, r.article_id) for r in valid if r.answerable))
    places: dict[str, list[int | None]] = {}
    with open_paragraphs(work / name, articles, embedder) as library:
        for question, article_id in questions:
            pool = library.searcher.pool(question, NO_FILTERS, DEPTH)
            for method, score in methods().items():
                places.setdefault(method, []).append(place(library, pool, score(pool), article_id))
    with open_paragraphs(work / f"{name}-usual", articles, load_usual_embedder()) as library:
        for question, article_id in questions:
            pool = library.searcher.pool(question, NO_FILTERS, DEPTH)
            usual = {f"{USUAL}, {key}": methods()[key] for key in (VECTORS, RANKS)}
            for method, score in usual.items():
                places.setdefault(method, []).append(place(library, pool, score(pool), article_id))

    def recall(method: str, k: int) -> list[float]:
        return [float(p is not None and p <= k) for p in places[method]]

    def reciprocal(method: str) -> list[float]:
        return [0.0 if p is None else 1.0 / p for p in places[method]]

    out = [f"\n{name}: {len(questions)} questions, {len(articles)} paragraphs\n"]
    out.append("| search | recall@1 | recall@5 (95 %) | recall@20 | MRR (95 %) |\n|---|---|---|---|---|")
    for method in places:
        one, twenty = (np.mean(recall(method, k)) for k in (1, 20))
        five, mrr = mean_interval(recall(method, 5)), mean_interval(reciprocal(method))
        out.append(f"| {method} | {one:.3f} | {five} | {twenty:.3f} | {mrr} |")
    for other in (KEYWORDS, VECTORS):
        five = difference_interval(recall(SHIPPED, 5), recall(other, 5))
        mrr = difference_interval(reciprocal(SHIPPED), reciprocal(other))
        out.append(f"| shipped minus {other} | | {five} | | {mrr} |")
    sys.stdout.write("\n".join(out) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = benchmark_arguments(__doc__)
    parser.add_argument("--sets", nargs="+", default=SETS, help="names of sets, of your own too")
    parser.add_argument(
        "--embedder",
        type=Path,
        default=EMBEDDER,
        help="folder of an embedder like the bundled one, in its place; needs a WORK of its own",
    )
    given = parse_benchmark(parser)
    embedder = BundledEmbedder(folder=given.embedder)
    for name in given.sets:
        measure(given.datasets, given.work, name, embedder)


if __name__ == "__main__":
    main()
