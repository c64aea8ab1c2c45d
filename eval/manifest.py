"""`corpus/manifest.json`: what the sample corpus holds, so that a score names the very texts it is for.

    python -m eval.manifest corpus

writes it anew. An entry has `id`, `title`, `language`, `topic` (the first tag), `version` (SHA-256 of the
article as it was read, `Article.version`), `sha256` of the file and `licence`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

import frontmatter
from pydantic import BaseModel

from eval.files import read_object
from service.articles import ArticleRead, read_paths

NAME = "manifest.json"
_LARGEST_BYTES = 10**6


class _Entry(BaseModel):
    """What a run needs of an entry."""

    id: str
    version: str


class _Manifest(BaseModel):
    articles: list[_Entry]


def describe(folder: Path) -> list[dict[str, str]]:
    """One entry for each article of the folder, in id order. Raises ValueError for a file that cannot be
    read."""
    entries = []
    for result in read_paths([folder], _LARGEST_BYTES):
        if not isinstance(result, ArticleRead):
            raise ValueError(f"{result.origin.file}: {result.reason}")
        article, file = result.article, result.origin.file
        content = file.read_bytes()
        entries.append(
            {
                "id": article.id,
                "title": article.title,
                "language": article.language,
                "topic": article.tags[0],
                "version": article.version,
                "sha256": hashlib.sha256(content).hexdigest(),
                "licence": str(frontmatter.loads(content.decode())["license"]),
            }
        )
    return sorted(entries, key=lambda entry: entry["id"])


def read_manifest(folder: Path) -> dict[str, str]:
    """The version of each article by its id, as the folder's manifest has it. Raises InvalidRequest as
    `read_object` does."""
    entries = read_object(folder / NAME, _Manifest, "manifest")["articles"]
    return {entry["id"]: entry["version"] for entry in entries}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    entries = describe(folder)
    text = json.dumps({"articles": entries}, ensure_ascii=False, indent=1) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(entries)} articles in {folder / NAME}\n")


if __name__ == "__main__":
    main()
