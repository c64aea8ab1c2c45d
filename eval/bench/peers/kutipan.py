"""Kutipan as a library, in one process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from eval.bench.protocol import HITS, Batch, System, drive
from service.articles import article_from_json
from service.embeddings import load_embedder
from service.ingest import BATCH_ARTICLES, batches
from service.library import open_library
from service.passages import embedding_text, split_article


class Kutipan(System):
    """The library with its bundled models; it cuts the articles itself."""

    packages = ("kutipan", "chromadb", "onnxruntime", "tokenizers", "llama-index-core")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._opened = ExitStack()

    def open(self) -> None:
        self._library = self._opened.enter_context(open_library(self.folder, load_embedder(None)))

    def texts(self, batch: Batch) -> list[str]:
        embedder, splitter = self._library.embedder, self._library.ingest.splitter
        articles = [article_from_json(json.dumps(fields).encode())[0] for fields in batch.articles]
        return [
            embedding_text(article.title, passage.text)
            for article in articles
            for passage in split_article(article, embedder.count_tokens, embedder.max_tokens, splitter)
        ]

    def embed(self, texts: Sequence[str]) -> None:
        self._library.embedder.embed_passages(texts)

    def add(self, batch: Batch) -> None:
        articles = (article_from_json(json.dumps(fields).encode())[0] for fields in batch.articles)
        for some in batches(articles, BATCH_ARTICLES):
            self._library.ingest.add(some)
        self._library.indexer.drain()

    def count(self) -> int:
        return self._library.indexer.index.count()

    def search(self, question: str) -> list[str]:
        return [hit.passage.article_id for hit in self._library.searcher.search(question, limit=HITS)]

    def answer(self, question: str) -> str:
        return self._library.engine().ask(question).answer or ""

    def close(self) -> None:
        self._opened.close()


if __name__ == "__main__":
    drive(Kutipan)
