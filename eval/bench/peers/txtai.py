"""txtai, hybrid: vectors (Faiss), keywords (BM25) and content in SQLite, fed with Kutipan's passages."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path

from txtai import Embeddings

from eval.bench.protocol import HITS, Batch, System, drive
from eval.benchmarks.minilm import PACKAGE, minilm_folder


class Txtai(System):
    """An index that is saved after every batch, for without that nothing is durable."""

    packages = ("txtai", "faiss-cpu", "transformers", "torch", PACKAGE)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        # Its threads share one SQLite cursor: without a lock four at once fail ("Recursive use of cursors not
        # allowed"), sixteen can crash the process.
        self._lock = threading.Lock()
        self._index = Embeddings()

    def open(self) -> None:
        self._index = Embeddings(path=minilm_folder(), content=True, hybrid=True)
        if self._index.exists(str(self.folder)):
            self._index.load(str(self.folder))

    def texts(self, batch: Batch) -> list[str]:
        return [passage["text"] for passage in batch.passages]

    def embed(self, texts: Sequence[str]) -> None:
        self._index.batchtransform(list(texts), "data")

    def add(self, batch: Batch) -> None:
        self._index.upsert(
            (json.dumps([passage["article_id"], passage["id"]]), passage["text"])
            for passage in batch.passages
        )
        self._index.save(str(self.folder))

    def count(self) -> int:
        return int(self._index.count())

    def search(self, question: str) -> list[str]:
        with self._lock:
            hits = self._index.search(question, HITS)
        return [str(json.loads(hit["id"])[0]) for hit in hits]

    def close(self) -> None:
        self._index.close()


if __name__ == "__main__":
    drive(Txtai)
