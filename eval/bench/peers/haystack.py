"""Haystack with Chroma and sentence-transformers, fed with Kutipan's passages."""

from __future__ import annotations

from collections.abc import Sequence

from haystack import Document, Pipeline
from haystack.components.writers import DocumentWriter
from haystack.document_stores.types import DuplicatePolicy
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)
from haystack_integrations.components.retrievers.chroma import ChromaEmbeddingRetriever
from haystack_integrations.document_stores.chroma import ChromaDocumentStore

from eval.bench.protocol import HITS, Batch, System, drive
from eval.benchmarks.minilm import PACKAGE, minilm_folder


class Haystack(System):
    """One pipeline that writes and one that searches, as its documentation has them."""

    packages = (
        "haystack-ai",
        "chroma-haystack",
        "sentence-transformers-haystack",
        "chromadb",
        "sentence-transformers",
        "torch",
        PACKAGE,
    )

    def open(self) -> None:
        store = ChromaDocumentStore(
            collection_name="articles",
            persist_path=str(self.folder),
            client_settings={"anonymized_telemetry": False},
        )
        self._store = store
        self._embedder = SentenceTransformersDocumentEmbedder(model=minilm_folder(), progress_bar=False)
        self._embedder.warm_up()
        self._write = Pipeline()
        self._write.add_component("embedder", self._embedder)
        self._write.add_component("writer", DocumentWriter(store, policy=DuplicatePolicy.OVERWRITE))
        self._write.connect("embedder.documents", "writer.documents")
        self._search = Pipeline()
        self._search.add_component(
            "embedder", SentenceTransformersTextEmbedder(model=minilm_folder(), progress_bar=False)
        )
        self._search.add_component("retriever", ChromaEmbeddingRetriever(store, top_k=HITS))
        self._search.connect("embedder.embedding", "retriever.query_embedding")
        self._search.warm_up()

    def texts(self, batch: Batch) -> list[str]:
        return [passage["text"] for passage in batch.passages]

    def embed(self, texts: Sequence[str]) -> None:
        self._embedder.run([Document(content=text) for text in texts])

    def add(self, batch: Batch) -> None:
        documents = [
            Document(id=p["id"], content=p["text"], meta={"article": p["article_id"]}) for p in batch.passages
        ]
        self._write.run({"embedder": {"documents": documents}})

    def count(self) -> int:
        return int(self._store.count_documents())

    def search(self, question: str) -> list[str]:
        found = self._search.run({"embedder": {"text": question}})
        return [str(document.meta["article"]) for document in found["retriever"]["documents"]]

    def close(self) -> None:
        """Chroma writes as it goes, and ends with the process."""


if __name__ == "__main__":
    drive(Haystack)
