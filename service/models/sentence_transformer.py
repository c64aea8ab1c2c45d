"""The bundled embedder for programs that use sentence-transformers:

    SentenceTransformer("service/models/embedder-1", trust_remote_code=True)

gives the vectors that the service gives. The library asks for `trust_remote_code` because `modules.json`
names the class below, which needs this package installed.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from sentence_transformers.base.modules import InputModule

from service.models.graph import Graph

MAX_TOKENS = 256


class GraphModule(InputModule):
    """Texts → unit vectors through the folder's graph, one text a pass."""

    def __init__(self, folder: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._folder = folder
        self._graph = Graph(folder)
        self.tokenizer = self._graph.tokenizer
        self.max_seq_length = MAX_TOKENS

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, Any]:
        """The token ids of each text, unpadded, as lists."""
        texts = [f"{prompt or ''}{text}" for text in inputs]
        return {"token_ids": [self._graph.token_ids(text, MAX_TOKENS) for text in texts]}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        vectors = [
            torch.from_numpy(self._graph.run(input_ids=ids, attention_mask=[1] * len(ids))["vector"])
            for ids in features["token_ids"]
        ]
        return features | {"sentence_embedding": torch.stack(vectors)}

    def get_embedding_dimension(self) -> int:
        return len(self._graph.run(input_ids=[0], attention_mask=[1])["vector"])

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        shutil.copytree(self._folder, output_path, dirs_exist_ok=True)

    @classmethod
    def load(cls, model_name_or_path: str, **_: Any) -> GraphModule:  # type: ignore[override]
        return cls(Path(model_name_or_path))
