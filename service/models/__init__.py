"""The bundled models with their cards, Indonesian and English: an embedder, a reader, and a judge. The judge
is in the reader's folder, for the two share their word embeddings."""

from pathlib import Path

EMBEDDER = Path(__file__).parent / "embedder-1"
READER = Path(__file__).parent / "reader-1"
JUDGE = READER
