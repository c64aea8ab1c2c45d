"""The plain LlamaIndex pipeline: VectorStoreIndex over a persistent Chroma, MiniLM, the default splitter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import chromadb
from chromadb.config import Settings
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import BaseNode, MetadataMode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.chroma import ChromaVectorStore

from eval.bench.protocol import HITS, Batch, System, drive
from eval.benchmarks.minilm import PACKAGE, minilm_folder


class LlamaIndex(System):
    """Everything as it is by default, but for the model."""

    packages = (
        "llama-index-core",
        "llama-index-vector-stores-chroma",
        "llama-index-embeddings-huggingface",
        "chromadb",
        "sentence-transformers",
        "torch",
        PACKAGE,
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._splitter = SentenceSplitter()

    def open(self) -> None:
        self._model = HuggingFaceEmbedding(model_name=minilm_folder())
        client = chromadb.PersistentClient(
            path=str(self.folder), settings=Settings(anonymized_telemetry=False)
        )
        self._collection = client.get_or_create_collection("articles")
        store = ChromaVectorStore(chroma_collection=self._collection)
        self._index = VectorStoreIndex.from_vector_store(store, embed_model=self._model)
        self._retriever = self._index.as_retriever(similarity_top_k=HITS)

    def nodes(self, batch: Batch) -> Sequence[BaseNode]:
        """What is stored of a batch."""
        documents = [
            Document(doc_id=a["id"], text=a["text"], metadata={"title": a["title"], "article": a["id"]})
            for a in batch.articles
        ]
        for document in documents:
            document.excluded_embed_metadata_keys = ["article"]
        return self._splitter.get_nodes_from_documents(documents)

    def texts(self, batch: Batch) -> list[str]:
        return [node.get_content(MetadataMode.EMBED) for node in self.nodes(batch)]

    def embed(self, texts: Sequence[str]) -> None:
        self._model.get_text_embedding_batch(list(texts))

    def add(self, batch: Batch) -> None:
        self._index.insert_nodes(self.nodes(batch))

    def count(self) -> int:
        return int(self._collection.count())

    def search(self, question: str) -> list[str]:
        return [str(hit.node.metadata["article"]) for hit in self._retriever.retrieve(question)]

    def close(self) -> None:
        """Chroma writes as it goes, and ends with the process."""


if __name__ == "__main__":
    drive(LlamaIndex)
