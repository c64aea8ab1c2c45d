"""How much vectors should weigh beside keywords in the fused search, on rows that no model was trained on.

    python -m training.fusion --datasets FOLDER --work FOLDER

Answerable held-out questions (`training.data.is_held_out`), the cross-lingual ones too, are searched for in
two indexes, one of 1,000 passages and one of 100,000, most of which are news. Prints recall@5 and MRR by
weight; the weights shipped (VECTOR_WEIGHT and FOREIGN_WEIGHT of `service.retrieval`) are chosen by this
table and by no validation row.
"""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import numpy as np

from eval.benchmarks.reading_sets import (
    benchmark_arguments,
    news_passages,
    open_paragraphs,
    paragraph_id,
    parse_benchmark,
)
from eval.benchmarks.search import KEYWORDS, VECTORS, alone, place
from service.embeddings import load_embedder
from service.library import Library
from service.records import NO_FILTERS, Article
from service.retrieval import DEPTH, fuse
from training.data import ReadingRow, is_held_out, read_reading

SETS = ("idk_mrc", "facqa", "squad2_en", "crosslingual")
INDEXED = (*SETS, "tydiqa_id")
SEED = 20261124
FOREIGN_WEIGHTS = (0.7, 0.8, 0.85, 0.9, 0.95, 1.0)
SIZES = (1_000, 100_000)
WEIGHTS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def make_indexes(datasets: Path, sizes: tuple[int, int]) -> dict[int, list[Article]]:
    """The articles of the small and of the large index. Both have the held-out rows' paragraphs; translations
    of paragraphs are in neither, since they would answer their questions too."""
    draw = random.Random(SEED)
    articles: dict[str, Article] = {}
    held: set[str] = set()
    for split in ("train", "valid"):
        for row in read_reading(datasets, split=split):
            if row.source in INDEXED:
                key = paragraph_id(row.context)
                articles.setdefault(key, Article(key, "", row.context, row.language, source=row.source))
                if split == "train" and is_held_out(row.group):
                    held.add(key)
    rest = [key for key in articles if key not in held]
    small = [*sorted(held), *draw.sample(rest, min(len(rest), max(0, sizes[0] - len(held))))]
    news = news_passages(datasets, "detik", "realtimeqa_articles", "click_id")
    more = draw.sample(news, min(len(news), max(0, sizes[1] - len(articles))))
    return {sizes[0]: [articles[key] for key in small], sizes[1]: [*articles.values(), *more]}


def search(library: Library, row: ReadingRow) -> dict[str, int | None]:
    """The place of the row's paragraph, by method."""
    pool = library.searcher.pool(row.question, NO_FILTERS, DEPTH)
    scores = {VECTORS: alone(pool.vector_ranks, pool), KEYWORDS: alone(pool.keyword_ranks, pool)}
    for weight in WEIGHTS:
        scores[f"{weight:g}"] = fuse(pool, weight)
    for weight in FOREIGN_WEIGHTS:
        scores[f"{weight:g} foreign"] = fuse(pool, foreign_weight=weight)
    article = paragraph_id(row.context)
    return {method: place(library, pool, values, article) for method, values in scores.items()}


def main() -> None:
    parser = benchmark_arguments(__doc__)
    parser.add_argument("--sizes", type=int, nargs=2, default=SIZES, help="passages of the two indexes")
    given = parse_benchmark(parser)
    rows = [
        row
        for row in read_reading(given.datasets)
        if row.answerable and row.source in SETS and is_held_out(row.group)
    ]
    for size, articles in make_indexes(given.datasets, tuple(given.sizes)).items():
        with open_paragraphs(given.work / str(size), articles, load_embedder(None)) as library:
            places: dict[str, dict[str, list[int | None]]] = defaultdict(lambda: defaultdict(list))
            for row in rows:
                for method, found in search(library, row).items():
                    places[row.source][method].append(found)
        for name, methods in places.items():
            print(f"\n{size} passages, {name}")
            for method, all_found in methods.items():
                five = np.mean([p is not None and p <= 5 for p in all_found])
                mrr = np.mean([0.0 if p is None else 1.0 / p for p in all_found])
                print(f"  {method:24} {five:.3f} {mrr:.3f}  ({len(all_found)})", flush=True)


if __name__ == "__main__":
    main()
