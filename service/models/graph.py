"""A bundled model's folder → its graph on ONNX Runtime, and its tokenizer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions
from tokenizers import Tokenizer

from service.errors import ModelUnavailable

_SLOW = ["SkipLayerNormFusion"]
"""What ONNX Runtime would do to a graph and what costs time: with addition and normalisation fused, a pass
over 200 tokens takes a tenth longer."""


class Graph:
    """A graph, `model.onnx` unless named, and the tokenizer `tokenizer.json` of a folder, one thread to each
    run. Raises ModelUnavailable where they are missing or damaged.

    `fingerprint` is the folder's name and the beginning of the graph's SHA-256.
    """

    def __init__(self, folder: Path, name: str = "model.onnx") -> None:
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            # By its path: the judge's graph has its word embeddings in another file beside it.
            graph = (folder / name).read_bytes()
            self._session = InferenceSession(
                folder / name, options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOW
            )
            self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # onnxruntime's own errors share no base class
            raise ModelUnavailable(f"the model in {folder} cannot be loaded: {error}") from error
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.fingerprint = f"{folder.name}-{hashlib.sha256(graph).hexdigest()[:16]}"

    def token_ids(self, text: str, longest: int) -> list[int]:
        """The ids of a text with its special tokens, cut to at most `longest`."""
        ids: list[int] = self.tokenizer.encode(text).ids
        return ids if len(ids) <= longest else [*ids[: longest - 1], ids[-1]]

    def run_pair(self, first: Sequence[int], second: Sequence[int]) -> Mapping[str, NDArray[np.float32]]:
        """Every output for two texts in one pass; special tokens are part of them."""
        tokens = len(first) + len(second)
        return self.run(
            input_ids=[*first, *second],
            attention_mask=[1] * tokens,
            token_type_ids=[0] * len(first) + [1] * len(second),
        )

    def run(self, **inputs: Sequence[int]) -> Mapping[str, NDArray[np.float32]]:
        """Every output for one text, by name; each input is a row of integers, one a token."""
        names = [output.name for output in self._session.get_outputs()]
        rows = {name: np.array([values], dtype=np.int64) for name, values in inputs.items()}
        return dict(zip(names, (found[0] for found in self._session.run(names, rows)), strict=True))
