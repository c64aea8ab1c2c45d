"""BM25 of single terms, kept from one question to the next while the catalog does not change.

BM25 of several terms is the sum of theirs (Robertson and Zaragoza 2009, section 3). To score every passage
that has one of a question's terms takes FTS5 a microsecond each. In a large index most of them have no term
but a frequent one, and the frequent terms come in many questions.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

KEPT = 3_000_000
"""Scores, of 16 bytes."""
WORTH = 100
"""Passages that a term must be in to be kept: others are read in no time, and there are many."""
SETTLED_S, SETTLED_SEARCHES = 1.0, 16
"""For how long, and how many searches, the keywords have not changed before anything is kept. To read terms
one by one takes half as long again as one query of all: where articles come in as often as questions, it
would not pay."""

Scored = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Keys of passages, each once, and their scores; both of shape (passages,)."""
_ROW = np.dtype([("key", np.int64), ("score", np.float64)])


class TermScores:
    """At most `kept` scores, of the terms that were asked for last and that at least `worth` passages have.
    Safe to use from many threads."""

    def __init__(
        self,
        kept: int = KEPT,
        worth: int = WORTH,
        settled_s: float = SETTLED_S,
        settled_searches: int = SETTLED_SEARCHES,
    ) -> None:
        self._kept, self._worth = kept, worth
        self._settled_s, self._settled_searches = settled_s, settled_searches
        self._lock = threading.Lock()
        self._scores: OrderedDict[str, Scored] = OrderedDict()
        self._size = 0
        self._change, self._since, self._searches = -1, 0.0, 0

    def is_settled(self, change: int) -> bool:
        """To be asked once before a search: whether the number of changes to the keywords has been the same
        for long enough, since a search first came with it, that scores are kept."""
        with self._lock:
            if change > self._change:
                self._scores.clear()
                self._size = 0
                self._change, self._since, self._searches = change, time.monotonic(), 0
            self._searches += 1
            return (
                change == self._change
                and self._searches > self._settled_searches
                and time.monotonic() - self._since >= self._settled_s
            )

    def best(
        self,
        terms: Sequence[str],
        limit: int,
        change: int,
        read: Callable[[str], Iterable[tuple[int, float]]],
        among: NDArray[np.int64] | None = None,
    ) -> list[tuple[int, float]]:
        """(key, score) of at most `limit` passages that have one of the terms, of those `among` where that is
        given; best first, ties in key order. `read` gives the scores of a term that is not kept."""
        found = [self._of(term, change, read) for term in terms]
        keys, places = np.unique(np.concatenate([keys for keys, _ in found]), return_inverse=True)
        # In the order of the terms, as FTS5 adds them: the sums are the same to the last bit.
        total = np.bincount(places, np.concatenate([scores for _, scores in found]))
        if among is not None:
            admitted = np.isin(keys, among)
            keys, total = keys[admitted], total[admitted]
        if len(keys) > limit:
            best = total >= np.partition(total, -limit)[-limit]
            keys, total = keys[best], total[best]
        order = np.lexsort((keys, -total))[:limit]
        return list(zip(keys[order].tolist(), total[order].tolist(), strict=True))

    def _of(self, term: str, change: int, read: Callable[[str], Iterable[tuple[int, float]]]) -> Scored:
        with self._lock:
            if change == self._change and term in self._scores:
                self._scores.move_to_end(term)
                return self._scores[term]
        rows = np.fromiter(read(term), dtype=_ROW)
        scored = (rows["key"].copy(), rows["score"].copy())
        with self._lock:
            if change == self._change and term not in self._scores and self._worth <= len(rows) <= self._kept:
                self._scores[term] = scored
                self._size += len(rows)
                while self._size > self._kept:
                    self._size -= len(self._scores.popitem(last=False)[1][0])
        return scored
