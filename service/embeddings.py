"""Texts → unit vectors.

Every embedder here gives a text the same vector alone and in any company, because each text has a
forward pass of its own. `fingerprint` names all that decides a vector; vectors with different
fingerprints are never compared.
"""

from __future__ import annotations

import copy
import hashlib
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from service.errors import ModelUnavailable
from service.models import EMBEDDER
from service.models.fingerprint import weights_digest
from service.models.graph import Graph

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

Vectors = NDArray[np.float32]
_SPECIAL_TOKENS = 2
_MAX_TOKENS = 256
_COUNT_CHARS_PER_TOKEN = 4.0


class Embedder(Protocol):
    """What the service needs of an embedding model."""

    name: str
    """What the model is called in answers and logs."""
    fingerprint: str
    """Identifies weights, limit and code path; the key of the embedding cache."""
    dimension: int
    max_tokens: int
    """Tokens of one text that are read, special tokens not counted."""

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` without special ones, by the model's own tokenizer."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, (texts × dimension), in order."""

    def embed_question(self, text: str) -> Vectors:
        """The unit vector of a question, float32, (dimension)."""


class BundledEmbedder:
    """The embedder of this release: int8, on ONNX Runtime without torch.

    `folder` has `model.onnx`, which takes one text and gives its unit vector, and `tokenizer.json`. Texts
    run side by side in `threads` threads, one text and one thread to each forward pass
    (docs/retrieval.md has the speed of this beside torch in batches).
    """

    def __init__(self, threads: int = 0, folder: Path = EMBEDDER) -> None:
        self._graph = Graph(folder)
        self._pool = ThreadPoolExecutor(threads or os.cpu_count() or 1, thread_name_prefix="embed")
        self.name = folder.name
        self.fingerprint = self._graph.fingerprint
        self.max_tokens = _MAX_TOKENS - _SPECIAL_TOKENS
        self.dimension = len(self.embed_question("dimension"))

    def count_tokens(self, text: str) -> int:
        return len(self._graph.tokenizer.encode(text, add_special_tokens=False).ids)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return np.stack(list(self._pool.map(self.embed_question, texts)))

    def embed_question(self, text: str) -> Vectors:
        ids = self._graph.token_ids(text, _MAX_TOKENS)
        return self._graph.run(input_ids=ids, attention_mask=[1] * len(ids))["vector"]


class SentenceTransformerEmbedder:
    """Any model that sentence-transformers loads: a folder, or a hub name where there is a hub."""

    def __init__(self, model: str, threads: int = 0) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import torch
        from sentence_transformers import SentenceTransformer

        if threads:
            torch.set_num_threads(threads)
        try:
            self._model = SentenceTransformer(model, device="cpu")
        except Exception as error:  # the library raises whatever its parts raise
            raise ModelUnavailable(f"KUTIPAN_EMBEDDING_MODEL {model!r} cannot be loaded: {error}") from error
        # Of its own: encoding changes the tokenizer's truncation and padding while it runs.
        self._counter = copy.deepcopy(self._model.tokenizer)
        self.name = Path(model).name or model
        self.dimension = int(self._model.encode(["dimension"]).shape[1])
        self.max_tokens = int(self._model.max_seq_length or 512) - _SPECIAL_TOKENS
        self.fingerprint = f"st-{weights_digest(self._model)}-{self.max_tokens}"
        self._lock = threading.Lock()

    def count_tokens(self, text: str) -> int:
        return len(self._counter.encode(text, add_special_tokens=False, verbose=False))

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._lock:
            # One text a batch: padding changes the last bits of a vector.
            vectors = self._model.encode_document(
                list(texts), batch_size=1, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)

    def embed_question(self, text: str) -> Vectors:
        with self._lock:
            vector = self._model.encode_query(text, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vector, dtype=np.float32)


class LlamaIndexEmbedder:
    """Any LlamaIndex embedding. LlamaIndex doesn't tell a model's tokenizer or limit: tokens are
    counted as four characters each, and `max_tokens` is the caller's word."""

    def __init__(self, model: BaseEmbedding, max_tokens: int = 256) -> None:
        self._model = model
        self.name = model.model_name
        self.max_tokens = max_tokens
        self.dimension = len(model.get_query_embedding("dimension"))
        self.fingerprint = (
            f"llama-index-{model.class_name()}-{model.model_name}-{self.dimension}-{max_tokens}"
        )

    def count_tokens(self, text: str) -> int:
        return int(np.ceil(len(text) / _COUNT_CHARS_PER_TOKEN))

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = [_unit(self._model.get_text_embedding(text)) for text in texts]
        return np.stack(vectors) if vectors else np.empty((0, self.dimension), dtype=np.float32)

    def embed_question(self, text: str) -> Vectors:
        return _unit(self._model.get_query_embedding(text))


class HashingEmbedder:
    """A fake for tests: words hashed into a vector, no model, deterministic, fast."""

    def __init__(self, dimension: int = 64, max_tokens: int = 64, name: str = "hashing") -> None:
        self.name = name
        self.dimension = dimension
        self.max_tokens = max_tokens
        self.fingerprint = f"{name}-{dimension}-{max_tokens}"

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = [self.embed_question(text) for text in texts]
        return np.stack(vectors) if vectors else np.empty((0, self.dimension), dtype=np.float32)

    def embed_question(self, text: str) -> Vectors:
        vector = np.zeros(self.dimension, dtype=np.float32)
        for word in text.casefold().split():
            digest = hashlib.blake2b(word.strip(".,:;!?\"'()").encode(), digest_size=8).digest()
            vector[int.from_bytes(digest[:4]) % self.dimension] += 1 if digest[4] & 1 else -1
        return _unit(vector)


def load_embedder(model: str | None, threads: int = 0) -> Embedder:
    """The bundled embedder, or the one that `KUTIPAN_EMBEDDING_MODEL` names."""
    return SentenceTransformerEmbedder(model, threads) if model else BundledEmbedder(threads)


def _unit(vector: object) -> Vectors:
    array = np.asarray(vector, dtype=np.float32)
    length = float(np.linalg.norm(array))
    if length == 0.0:
        array = np.full_like(array, 1.0)
        length = float(np.linalg.norm(array))
    return array / np.float32(length)
