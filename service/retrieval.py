"""Question + filters → candidates: vectors and keywords, fused.

Both searches give their best `DEPTH` passages. A passage that only one of them found gets its cosine
from the cached vectors and a keyword score of nothing; each score is brought to [0, 1] by the least
and greatest of the pool, and the two are added with a weight that depends on the question's language
(docs/retrieval.md has the measurements that chose it).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from service.catalog import Catalog
from service.embeddings import Embedder, Vectors
from service.records import NO_FILTERS, Candidate, Filters
from service.vectors import VectorIndex

DEPTH = 50
VECTOR_WEIGHT = {"id": 0.2, "en": 0.5}
_DEFAULT_WEIGHT = 0.35
_EXACT_PASSAGES = 4_000
_OVERFETCH = 4


class Searcher:
    """Searches one catalog and its vector index. Safe to use from many threads."""

    def __init__(
        self,
        catalog: Catalog,
        embedder: Embedder,
        index: Callable[[], VectorIndex],
        vector_weight: dict[str, float] | None = None,
    ) -> None:
        self._catalog = catalog
        self._embedder = embedder
        self._index = index
        self._weights = VECTOR_WEIGHT if vector_weight is None else vector_weight

    def search(
        self, question: str, language: str, filters: Filters = NO_FILTERS, limit: int = 20
    ) -> list[Candidate]:
        """At most `limit` candidates, best first, ties in passage id order; all pass the filters.

        `language` is the question's. Empty where nothing is similar in any way.
        """
        vector = self._embedder.embed_question(question)
        by_vector = self._nearest(vector, filters, max(DEPTH, limit))
        by_keyword = self._catalog.search_keywords(question, filters, max(DEPTH, limit))
        keyword_scores = {hit.passage_id: hit.score for hit in by_keyword}
        cosines = dict(by_vector)
        unscored = [passage_id for passage_id in keyword_scores if passage_id not in cosines]
        for passage_id, cached in self._catalog.get_vectors(unscored, self._embedder.fingerprint).items():
            cosines[passage_id] = float(cached @ vector)
        pool = sorted(cosines.keys() | keyword_scores.keys())
        if not pool:
            return []
        weight = self._weights.get(language, _DEFAULT_WEIGHT)
        cosine_part = _min_max([cosines.get(p) for p in pool])
        keyword_part = _min_max([keyword_scores.get(p, 0.0) for p in pool])
        scores = weight * cosine_part + (1.0 - weight) * keyword_part
        order = sorted(range(len(pool)), key=lambda i: (-scores[i], pool[i]))
        best = {pool[i]: float(scores[i]) for i in order[: 2 * limit]}
        vector_ranks = {passage_id: rank for rank, (passage_id, _) in enumerate(by_vector, 1)}
        keyword_ranks = {hit.passage_id: rank for rank, hit in enumerate(by_keyword, 1)}
        found = self._catalog.get_passages(list(best), filters)
        return [
            Candidate(
                *found[passage_id],
                score=round(score, 6),
                vector_score=round(cosines[passage_id], 6) if passage_id in cosines else None,
                vector_rank=vector_ranks.get(passage_id),
                keyword_score=round(keyword_scores[passage_id], 6) if passage_id in keyword_scores else None,
                keyword_rank=keyword_ranks.get(passage_id),
            )
            for passage_id, score in best.items()
            if passage_id in found
        ][:limit]

    def _nearest(self, vector: Vectors, filters: Filters, depth: int) -> list[tuple[str, float]]:
        """The nearest current passages that pass the filters.

        Few allowed passages are compared one by one; otherwise the index is asked for more and more
        until enough of its hits pass.
        """
        index = self._index()
        if not filters:
            hits = index.nearest(vector, depth)
            current = self._catalog.get_passages([passage_id for passage_id, _ in hits])
            return [hit for hit in hits if hit[0] in current]
        allowed = self._catalog.allowed_passages(filters, _EXACT_PASSAGES)
        if allowed is not None:
            cached = self._catalog.get_vectors(allowed, self._embedder.fingerprint)
            exact = [(passage_id, float(v @ vector)) for passage_id, v in cached.items()]
            return sorted(exact, key=lambda hit: (-hit[1], hit[0]))[:depth]
        asked = depth * _OVERFETCH
        while True:
            hits = index.nearest(vector, asked)
            passing = self._catalog.get_passages([passage_id for passage_id, _ in hits], filters)
            kept = [hit for hit in hits if hit[0] in passing][:depth]
            if len(kept) >= depth or len(hits) < asked:
                return kept
            asked *= _OVERFETCH


def _min_max(values: Sequence[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Values brought to [0, 1]; a None gets 0; equal values get 1."""
    known = [v for v in values if v is not None]
    if not known:
        return np.zeros(len(values))
    low, high = min(known), max(known)
    if high == low:
        return np.array([0.0 if v is None or v == 0.0 else 1.0 for v in values])
    return np.array([0.0 if v is None else (v - low) / (high - low) for v in values])
