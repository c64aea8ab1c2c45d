"""all-MiniLM-L6-v2, the embedder that most pipelines take by default, to compare with."""

from __future__ import annotations

from eval.benchmarks.minilm import minilm_folder
from service.embeddings import SentenceTransformerEmbedder

USUAL = "all-MiniLM-L6-v2"


def load_usual_embedder() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(minilm_folder())
