"""`python -m service.vectors.probe FOLDER COLLECTION`: whether an index opens and can be searched."""

from __future__ import annotations

import sys
from pathlib import Path

from chromadb.errors import ChromaError

from service.vectors.embedded import open_client
from service.vectors.index import query_itself


def main(folder: Path, name: str) -> None:
    """Ends with exit status 0, or with 1 and the reason on standard error; a damaged index may kill it."""
    try:
        query_itself(open_client(folder).get_collection(name, embedding_function=None))
    except (ChromaError, ValueError) as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
