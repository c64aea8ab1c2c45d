"""Question + filters → candidates: vectors and keywords, fused.

Both searches give their best `DEPTH` passages. A passage that only one of them found gets its cosine
from the cached vectors and a keyword score of nothing; each score is brought to [0, 1] by the least
and greatest of the pool, and the two are added. Keywords say nothing about a passage in another language
than the question's, so such a passage is judged by its vector alone, and one whose vector is still being
made by its keywords (docs/retrieval.md has the measurements behind it).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from service.catalog import Allowed, Catalog, KeywordHit
from service.copies import without_copies
from service.embeddings import Embedder, Vectors
from service.language import detect_language
from service.records import NO_FILTERS, Candidate, Filters
from service.telemetry import Observer

DEPTH = 50
VECTOR_WEIGHT = 0.6
FOREIGN_WEIGHT = 0.9
"""What the vector score of a passage in another language counts, of 1."""
BROAD = 6_000
"""Filters that admit more passages are broad."""
_OVERFETCH = 4
_DEEPER, _DEEPEST = 4, 800
"""Where a pool holds too little but copies, the next one is so many times as deep, and none deeper."""

Scores = NDArray[np.float64]
Embedded = Callable[[], Vectors]


@dataclass(frozen=True, slots=True)
class Pool:
    """What the two searches found for one question, in passage id order.

    `cosines` (in [-1, 1], NaN where there is no vector yet), `keyword_scores` (BM25, 0 where the
    keyword search did not return the passage) and `foreign` (it is in another language than the question)
    go with `passage_ids`. Ranks count from 1. `among` is how many passages there were to be found: those
    that pass the filters, or all, where so many pass that they were not counted.
    """

    passage_ids: tuple[str, ...]
    cosines: Scores
    keyword_scores: Scores
    foreign: NDArray[np.bool_]
    vector_ranks: dict[str, int]
    keyword_ranks: dict[str, int]
    among: int

    def order(self, scores: Scores) -> list[int]:
        """Places in the pool by `scores`, best first, ties in passage id order."""
        return sorted(range(len(self.passage_ids)), key=lambda i: (-scores[i], i))


class Nearest(Protocol):
    """What the searcher needs of a vector index."""

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """(passage id, cosine in [-1, 1]) of the nearest, best first; ties in id order."""

    def nearest_of_all(
        self, vector: Vectors, limit: int, among: Allowed | None = None
    ) -> list[tuple[str, float]]:
        """The same, but none is missed, of all or of those `among`."""


class Searcher:
    """Searches one catalog and its vector index. Safe to use from many threads.

    Words are looked for in a thread of their own: SQLite and the embedder both let others run meanwhile.
    Filters that admit more than `broad` passages find the same in another way.
    """

    def __init__(
        self,
        catalog: Catalog,
        embedder: Embedder,
        index: Nearest,
        observer: Observer | None = None,
        broad: int = BROAD,
    ) -> None:
        self._catalog = catalog
        self._embedder = embedder
        self._index = index
        self._observer = observer or Observer()
        self._broad = broad
        self._aside = ThreadPoolExecutor(thread_name_prefix="keywords")

    def close(self) -> None:
        self._aside.shutdown()

    def search(self, question: str, filters: Filters = NO_FILTERS, limit: int = 20) -> list[Candidate]:
        """At most `limit` candidates, best first, ties in passage id order; all pass the filters.

        Copies of a better one are left out and named in its `copies`. Empty where nothing is similar in any
        way.
        """
        embedded = self._embedded(question)
        depth = max(DEPTH, limit)
        while True:
            pool = self._pool(question, embedded, filters, depth)
            scores = fuse(pool)
            best = pool.order(scores)
            # Twice as many as asked for will do, unless many are copies, or out of the catalog since.
            found = without_copies(self._candidates(pool, scores, best[: 2 * limit], filters))
            if len(found) < limit and len(best) > 2 * limit:
                found = without_copies(self._candidates(pool, scores, best, filters))
            if len(found) >= limit or len(best) < depth or depth >= _DEEPEST:
                return found[:limit]
            depth *= _DEEPER

    def _candidates(
        self, pool: Pool, scores: Scores, places: Sequence[int], filters: Filters
    ) -> list[Candidate]:
        """The passages at these places of the pool, as far as they are still current."""
        found = self._catalog.get_passages([pool.passage_ids[i] for i in places], filters)
        candidates = []
        for i in places:
            passage_id = pool.passage_ids[i]
            if passage_id not in found:
                continue
            cosine, keyword_rank = pool.cosines[i], pool.keyword_ranks.get(passage_id)
            candidates.append(
                Candidate(
                    *found[passage_id],
                    score=round(float(scores[i]), 6),
                    vector_score=None if np.isnan(cosine) else round(float(cosine), 6),
                    vector_rank=pool.vector_ranks.get(passage_id),
                    keyword_score=None if keyword_rank is None else round(float(pool.keyword_scores[i]), 6),
                    keyword_rank=keyword_rank,
                    among=pool.among,
                )
            )
        return candidates

    def pool(self, question: str, filters: Filters, depth: int) -> Pool:
        """The best `depth` passages of either search, before they are fused."""
        return self._pool(question, self._embedded(question), filters, depth)

    def _embedded(self, question: str) -> Embedded:
        """The question's vector, made when it is first asked for."""

        @cache
        def embed() -> Vectors:
            with self._observer.timing("embed"):
                return self._embedder.embed_question(question)

        return embed

    def _pool(self, question: str, embedded: Embedded, filters: Filters, depth: int) -> Pool:
        by_vector, by_keyword, allowed = self._best(question, embedded, filters, depth)
        keyword_scores = {hit.passage_id: hit.score for hit in by_keyword}
        cosines = dict(by_vector)
        unscored = [passage_id for passage_id in keyword_scores if passage_id not in cosines]
        for passage_id, cached in self._catalog.get_vectors(unscored, self._embedder.fingerprint).items():
            cosines[passage_id] = float(cached @ embedded())
        ids = tuple(sorted(cosines.keys() | keyword_scores.keys()))
        languages, language = self._catalog.get_languages(ids), detect_language(question)
        return Pool(
            passage_ids=ids,
            cosines=np.array([cosines.get(p, np.nan) for p in ids]),
            keyword_scores=np.array([keyword_scores.get(p, 0.0) for p in ids]),
            foreign=np.array([languages.get(p, language) != language for p in ids], dtype=np.bool_),
            vector_ranks={passage_id: rank for rank, (passage_id, _) in enumerate(by_vector, 1)},
            keyword_ranks={hit.passage_id: rank for rank, hit in enumerate(by_keyword, 1)},
            among=self._catalog.passage_total() if allowed is None else len(allowed.keys),
        )

    def _best(
        self, question: str, embedded: Embedded, filters: Filters, depth: int
    ) -> tuple[list[tuple[str, float]], list[KeywordHit], Allowed | None]:
        """The best `depth` that pass the filters, of either search, and what passes, where it was looked up.

        Filters that admit little are looked up first. To look up what others admit would take longer than
        both searches: there the best of all are asked whether they pass, and if too few do it is looked up
        all the same.
        """
        if not filters:
            return *self._both(lambda: self._nearest(embedded(), depth), question, depth), None
        with self._observer.timing("filters"):
            allowed = self._catalog.allowed_at_most(filters, self._broad)
        if allowed is None:
            asked = _OVERFETCH * depth
            near, words = self._both(lambda: self._compared(embedded(), asked), question, asked)
            ids = {passage_id for passage_id, _ in near} | {hit.passage_id for hit in words}
            with self._observer.timing("filters"):
                passing = self._catalog.current_passages(sorted(ids), filters)
            by_vector = [hit for hit in near if hit[0] in passing]
            by_keyword = [hit for hit in words if hit.passage_id in passing]
            if len(by_vector) >= depth and (len(by_keyword) >= depth or len(words) < asked):
                return by_vector[:depth], by_keyword[:depth], None
            with self._observer.timing("filters"):
                allowed = self._catalog.allowed(filters)
        near_allowed = self._both(
            lambda: self._compared(embedded(), depth, allowed), question, depth, allowed
        )
        return *near_allowed, allowed

    def _compared(self, vector: Vectors, limit: int, among: Allowed | None = None) -> list[tuple[str, float]]:
        with self._observer.timing("vectors"):
            return self._index.nearest_of_all(vector, limit, among)

    def _both(
        self,
        near: Callable[[], list[tuple[str, float]]],
        question: str,
        limit: int,
        among: Allowed | None = None,
    ) -> tuple[list[tuple[str, float]], list[KeywordHit]]:
        """What `near` returns, and the words' best `limit`, looked for meanwhile."""

        def work() -> list[KeywordHit]:
            with self._observer.timing("keywords"):
                return self._catalog.search_keywords(question, limit, among)

        words = self._aside.submit(work)
        try:
            return near(), words.result()
        finally:
            words.cancel()  # where the vectors failed

    def _nearest(self, vector: Vectors, depth: int) -> list[tuple[str, float]]:
        """The nearest current passages: the graph is asked for more where some of its hits are no longer
        current."""
        asked = depth
        with self._observer.timing("vectors"):
            while True:
                hits = self._index.nearest(vector, asked)
                current = self._catalog.current_passages([passage_id for passage_id, _ in hits])
                kept = [hit for hit in hits if hit[0] in current]
                if len(kept) >= depth or len(hits) < asked:
                    return kept[:depth]
                asked *= 2


def fuse(pool: Pool, vector_weight: float = VECTOR_WEIGHT, foreign_weight: float = FOREIGN_WEIGHT) -> Scores:
    """Fused scores in [0, 1] of a pool: the weighted sum of its two min–max-scaled scores (CombSUM
    with min–max normalisation, Fox and Shaw 1994; weighted as in Bruch et al. 2023), for a foreign
    passage `foreign_weight` times its vector score, for one that has no vector yet its keyword score."""
    by_vector, by_keyword = _min_max(pool.cosines), _min_max(pool.keyword_scores)
    both = vector_weight * by_vector + (1.0 - vector_weight) * by_keyword
    judged = np.where(pool.foreign, foreign_weight * by_vector, both)
    return np.where(np.isnan(pool.cosines), by_keyword, judged)


def _min_max(values: Scores) -> Scores:
    """Values brought to [0, 1]; a NaN becomes 0. Equal values become 1, or 0 where they are all 0."""
    known = values[~np.isnan(values)]
    if not known.size:
        return np.zeros_like(values)
    low, high = known.min(), known.max()
    scaled = (values != 0.0).astype(np.float64) if high == low else (values - low) / (high - low)
    return np.where(np.isnan(values), 0.0, scaled)
