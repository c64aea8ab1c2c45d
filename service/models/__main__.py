"""`python -m service.models` makes the bundled embedder's files ready; nothing where they are."""

from service.models.minilm import ensure_minilm

if __name__ == "__main__":
    print(f"bundled embedder ready in {ensure_minilm()}")
