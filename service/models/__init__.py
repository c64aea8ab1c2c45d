"""The bundled models, each a folder with its card: an embedder and a reader, Indonesian and English."""

from pathlib import Path

EMBEDDER = Path(__file__).parent / "embedder-1"
READER = Path(__file__).parent / "reader-1"
