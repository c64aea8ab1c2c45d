"""What Chroma's graph misses of an index of real articles, against comparing every vector.

    python -m eval.benchmarks.graph --datasets FOLDER --data FOLDER

`--data` is a data folder that no service has open, of the configured embedder. The questions are FacQA's and
SQuAD's of valid, half and half. Nothing is taken in or cut anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from eval.bench.material import choose
from eval.benchmarks.reading_sets import benchmark_arguments, parse_benchmark, read_rows
from service.catalog import Catalog
from service.embeddings import Vectors, load_embedder
from service.indexer import Indexer
from service.library import FolderLock, catalog_file, vector_store
from service.settings import Settings

DEPTHS = (1, 10, 50)
_QUESTIONS = 300

Hits = list[tuple[str, float]]


def shares(vectors: list[Vectors], graph: Callable[[Vectors], Hits], exact: Callable[[Vectors], Hits]) -> str:
    """The row of a table: the share that the graph finds of the exact best of each depth, and the median
    milliseconds of both."""
    found: dict[int, list[float]] = {depth: [] for depth in DEPTHS}
    ms: list[tuple[float, float]] = []
    for vector in vectors:
        began = time.perf_counter()
        by_graph = [passage_id for passage_id, _ in graph(vector)]
        middle = time.perf_counter()
        every = [passage_id for passage_id, _ in exact(vector)]
        ms.append((1000 * (middle - began), 1000 * (time.perf_counter() - middle)))
        for depth in DEPTHS:
            found[depth].append(len(set(every[:depth]) & set(by_graph[:depth])) / len(every[:depth]))
    by_graph_ms, exact_ms = np.median(np.array(ms), axis=0)
    cells = [f"{np.mean(found[depth]):.4f}" for depth in DEPTHS]
    return f"| {' | '.join(cells)} | {by_graph_ms:.1f} | {exact_ms:.1f} |"


def main() -> None:
    parser = benchmark_arguments(__doc__, work=False)
    parser.add_argument("--data", type=Path, required=True)
    given = parse_benchmark(parser)
    settings = Settings()
    embedder = load_embedder(settings.embedding_model, settings.threads)
    asked = [[row.question for row in read_rows(given.datasets, n, "valid")] for n in ("facqa", "squad2_en")]
    questions = choose(asked[0], asked[1], _QUESTIONS)
    lock, catalog = FolderLock(given.data), Catalog(catalog_file(given.data))
    indexer = Indexer(catalog, embedder, vector_store(given.data, None))
    try:
        indexer.reconcile()
        vectors = [embedder.embed_question(question) for question in questions]
        indexer.nearest_of_all(vectors[0], 1)  # vectors are read when they are first needed
        passages = catalog.counts().passages
        row = shares(
            vectors,
            lambda vector: indexer.nearest(vector, DEPTHS[-1]),
            lambda vector: indexer.nearest_of_all(vector, DEPTHS[-1]),
        )
    finally:
        indexer.close()
        catalog.close()
        lock.release()
    print(f"{passages} passages, {len(questions)} questions\n")
    print(f"| {' | '.join(f'found of the best {d}' for d in DEPTHS)} | graph, ms | all compared, ms |")
    print(f"|{'---|' * (len(DEPTHS) + 2)}")
    print(row)


if __name__ == "__main__":
    main()
