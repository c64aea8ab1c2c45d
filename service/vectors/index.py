"""One collection of unit vectors, wherever it is kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.models.Collection import Collection
from numpy.typing import NDArray

from service.errors import IndexUnavailable

Vectors = NDArray[np.float32]
WRITE_BATCH = 128
EF_SEARCH = 600
"""How many neighbours a search of the graph keeps in sight. Of the ten best of 100,000 real passages it finds
.995 with 600 and .969 with 200, in 5.6 and 2.9 ms (docs/retrieval.md)."""
_PAUSE_S = 0.002
_READ_BATCH = 5_000


class IndexClosed(IndexUnavailable):
    """This index was closed, because another has taken its place or the service ends."""


class VectorIndex:
    """Unit vectors under passage ids, compared by cosine. Safe to use from many threads.

    `name` is what its store knows it by. Every method raises IndexClosed after `close`.
    """

    def __init__(self, name: str, client: ClientAPI, collection: Collection) -> None:
        self.name = name
        self._client = client
        self._collection = collection
        self._largest_batch = client.get_max_batch_size()
        self._idle = threading.Condition()
        self._users = 0
        self._closed = False

    def matches(self, fingerprint: str, dimension: int) -> bool:
        """Whether the index was made for this embedder."""
        metadata = self._collection.metadata or {}
        return metadata.get("fingerprint") == fingerprint and metadata.get("dimension") == dimension

    def upsert(self, passage_ids: Sequence[str], vectors: Vectors) -> None:
        """Adds or replaces vectors, in small batches with a pause between, so that searches in
        other threads go on (a batch of 2,000 stalls them for about a second)."""
        size = min(WRITE_BATCH, self._largest_batch)
        for i in range(0, len(passage_ids), size):
            # No metadata: filters are the catalog's, and a stale copy of a title can't be shown.
            with self._writing():
                self._collection.upsert(ids=list(passage_ids[i : i + size]), embeddings=vectors[i : i + size])
            time.sleep(_PAUSE_S)

    def delete(self, passage_ids: Sequence[str]) -> None:
        """Removes vectors; ids that aren't there are no error."""
        size = min(WRITE_BATCH, self._largest_batch)
        for i in range(0, len(passage_ids), size):
            with self._writing():
                self._collection.delete(ids=list(passage_ids[i : i + size]))
            time.sleep(_PAUSE_S)

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """(passage id, cosine in [-1, 1]) of the nearest, best first; ties in id order."""
        with self._used():
            # Chroma gives what there is where that is less; to ask for its count takes as long as a search.
            found = self._collection.query(
                query_embeddings=vector[np.newaxis, :], n_results=limit, include=["distances"]
            )
        distances = found["distances"]
        assert distances is not None
        hits = [
            (passage_id, 1.0 - float(distance))
            for passage_id, distance in zip(found["ids"][0], distances[0], strict=True)
        ]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))

    def count(self) -> int:
        with self._used():
            return int(self._collection.count())

    def ids(self) -> set[str]:
        """Every id in the index."""
        found: set[str] = set()
        size = min(_READ_BATCH, self._largest_batch)
        for offset in range(0, self.count(), size):
            with self._used():
                found.update(self._collection.get(include=[], limit=size, offset=offset)["ids"])
        return found

    def check(self) -> None:
        """Raises IndexUnavailable where the index cannot be searched now."""
        self.count()

    def close(self) -> None:
        """Lets searches in flight finish, and then lets go of the index. Closing again does nothing."""
        with self._idle:
            if self._closed:
                return
            self._closed = True
            self._idle.wait_for(lambda: not self._users)
        self._let_go()

    def _let_go(self) -> None:
        self._client.close()  # type: ignore[attr-defined]  # the class that is returned has it

    @contextmanager
    def _used(self) -> Iterator[None]:
        """Keeps the index open for the length of its block."""
        with self._idle:
            if self._closed:
                raise IndexClosed(f"the vector index {self.name} was closed")
            self._users += 1
        try:
            yield
        finally:
            with self._idle:
                self._users -= 1
                self._idle.notify_all()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """The same, for a block that writes."""
        with self._used():
            yield


def create_collection(client: ClientAPI, name: str, fingerprint: str, dimension: int) -> Collection:
    """A new, empty collection; the embedder's `fingerprint` and `dimension` are kept beside it."""
    return client.create_collection(
        name,
        embedding_function=None,
        metadata={"fingerprint": fingerprint, "dimension": dimension},
        configuration={"hnsw": {"space": "cosine", "ef_search": EF_SEARCH, "ef_construction": 200}},
    )


def widen(collection: Collection) -> bool:
    """Gives a collection of an earlier release `EF_SEARCH`. Returns whether it had another; then the new one
    holds from when the collection is next read from disk."""
    if collection.configuration_json["hnsw"]["ef_search"] == EF_SEARCH:
        return False
    collection.modify(configuration={"hnsw": {"ef_search": EF_SEARCH}})
    return True


def query_itself(collection: Collection) -> None:
    """Searches for a vector that is stored, where there is one: that reads what a search reads."""
    stored = collection.get(limit=1, include=["embeddings"])
    if stored["ids"]:
        assert stored["embeddings"] is not None
        vector = np.asarray(stored["embeddings"][0], dtype=np.float32)
        collection.query(query_embeddings=vector[np.newaxis, :], n_results=1)
