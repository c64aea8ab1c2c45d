"""The vector index: Chroma, and the only module that knows it.

An index is disposable: the catalog holds every vector, so whatever is missing, broken or made for
another embedder is rebuilt from there. Only one process may have a folder open (see `library`).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
WRITE_BATCH = 128
_PAUSE_S = 0.002
_PROBE_TIMEOUT_S = 120
_READ_BATCH = 5_000
_PREFIX = "passages-"


class VectorIndex:
    """One collection of unit vectors under passage ids, compared by cosine.

    `name` is the collection's; `fingerprint` and `dimension` are the embedder's, kept beside it.
    """

    def __init__(self, folder: Path, name: str, fingerprint: str, dimension: int) -> None:
        self.name = name
        self._client = _open_client(folder)
        self._collection: Collection = self._client.get_or_create_collection(
            name,
            embedding_function=None,
            metadata={"fingerprint": fingerprint, "dimension": dimension},
            configuration={"hnsw": {"space": "cosine", "ef_search": 200, "ef_construction": 200}},
        )

    def matches(self, fingerprint: str, dimension: int) -> bool:
        """Whether the collection was made for this embedder."""
        metadata = self._collection.metadata or {}
        return metadata.get("fingerprint") == fingerprint and metadata.get("dimension") == dimension

    def upsert(self, passage_ids: Sequence[str], vectors: Vectors) -> None:
        """Adds or replaces vectors, in small batches with a pause between, so that searches in
        other threads go on (a batch of 2,000 stalls them for about a second)."""
        size = min(WRITE_BATCH, self._client.get_max_batch_size())
        for i in range(0, len(passage_ids), size):
            # No metadata: filters are the catalog's, and a stale copy of a title can't be shown.
            self._collection.upsert(ids=list(passage_ids[i : i + size]), embeddings=vectors[i : i + size])
            time.sleep(_PAUSE_S)

    def delete(self, passage_ids: Sequence[str]) -> None:
        """Removes vectors; ids that aren't there are no error."""
        for i in range(0, len(passage_ids), WRITE_BATCH):
            self._collection.delete(ids=list(passage_ids[i : i + WRITE_BATCH]))
            time.sleep(_PAUSE_S)

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """(passage id, cosine in [-1, 1]) of the nearest, best first; ties in id order."""
        limit = min(limit, self.count())
        if not limit:
            return []
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
        return int(self._collection.count())

    def ids(self) -> set[str]:
        """Every id in the collection."""
        found: set[str] = set()
        for offset in range(0, self.count(), _READ_BATCH):
            found.update(self._collection.get(include=[], limit=_READ_BATCH, offset=offset)["ids"])
        return found

    def drop_others(self, keep: str | None = None) -> None:
        """Removes the collections that this one has replaced, but for the one named."""
        for collection in self._client.list_collections():
            if collection.name.startswith(_PREFIX) and collection.name not in (self.name, keep):
                self._client.delete_collection(collection.name)

    def close(self) -> None:
        self._client.close()  # type: ignore[attr-defined]  # the class that is returned has it


def collection_name(fingerprint: str, generation: int) -> str:
    """A name that Chroma accepts, different for every embedder and every rebuild."""
    safe = "".join(c if c.isascii() and c.isalnum() else "-" for c in fingerprint).strip("-")[-40:]
    return f"{_PREFIX}{safe.strip('-')}-{generation}"


def probe(folder: Path, name: str) -> str | None:
    """Opens the collection and searches it, in a process of its own: None where that works, else
    what went wrong. A damaged index can crash the process that opens it."""
    if not folder.exists():
        return "there is no vector index yet"
    command = [sys.executable, "-m", "service.vectors", str(folder), name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PROBE_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return f"the vector index did not answer within {_PROBE_TIMEOUT_S} s"
    if done.returncode == 0:
        return None
    complaint = (done.stderr.strip().splitlines() or ["no message"])[-1]
    return f"the vector index does not open (exit status {done.returncode}): {complaint}"


def discard(folder: Path) -> None:
    """Removes a damaged index folder. Nothing is lost: the catalog holds every vector."""
    if folder.exists():
        shutil.rmtree(folder)


def folder_bytes(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())


def _open_client(folder: Path) -> ClientAPI:
    folder.mkdir(parents=True, exist_ok=True)
    return chromadb.PersistentClient(
        path=str(folder), settings=ChromaSettings(anonymized_telemetry=False, allow_reset=False)
    )


def _probe_here(folder: Path, name: str) -> None:
    collection = _open_client(folder).get_collection(name, embedding_function=None)
    stored = collection.get(limit=1, include=["embeddings"])
    if stored["ids"]:
        assert stored["embeddings"] is not None
        vector = np.asarray(stored["embeddings"][0], dtype=np.float32)
        collection.query(query_embeddings=vector[np.newaxis, :], n_results=1)


if __name__ == "__main__":
    try:
        _probe_here(Path(sys.argv[1]), sys.argv[2])
    except (ChromaError, ValueError) as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
