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
from pydantic import BaseModel, ValidationError

from service.articles import ArticleRead, read_paths
from service.errors import InvalidRequest

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
    """The version of each article by its id, as the folder's manifest has it. Raises InvalidRequest, naming
    the file and the place, for one that cannot be read."""
    file = folder / NAME
    try:
        return {e.id: e.version for e in _Manifest.model_validate_json(file.read_bytes()).articles}
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error}") from None
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}".removeprefix(": ") for e in error.errors()]
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
        raise InvalidRequest(f"{file} is no manifest: {'; '.join(faults[:3])}{more}") from None


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
