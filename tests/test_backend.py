from __future__ import annotations

from functools import partial
from pathlib import Path

import httpx
import pytest

from service.articles import read_file
from service.backend import LocalBackend, RemoteBackend, wait_indexed
from service.embeddings import HashingEmbedder
from service.errors import IndexBroken
from service.formats.process import Readers
from service.library import open_library
from service.settings import Settings
from service.sync import FolderSync
from tests.conftest import ARTICLES, BRIDGE, MARKET, running


class FailingEmbedder(HashingEmbedder):
    """The hashing embedder, out of memory for a number of times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left = times

    def embed_passages(self, texts):  # type: ignore[no-untyped-def]
        self.left -= 1
        if self.left >= 0:
            raise RuntimeError("out of memory")
        return super().embed_passages(texts)


def test_one_error_of_the_indexer_is_waited_out(tmp_path: Path) -> None:
    with open_library(tmp_path, FailingEmbedder(times=2)) as library:
        library.ingest.add(ARTICLES)
        wait_indexed(LocalBackend(library), lambda _: None)
        assert library.catalog.counts().pending == 0


def test_an_indexer_that_keeps_failing_is_an_error(tmp_path: Path) -> None:
    with open_library(tmp_path, FailingEmbedder(times=1000)) as library:
        library.ingest.add(ARTICLES)
        with pytest.raises(IndexBroken, match="out of memory"):
            wait_indexed(LocalBackend(library), lambda _: None, patience_s=1)


def test_a_folder_of_ours_is_kept_through_the_api(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for article in (BRIDGE, MARKET):
        (folder / f"{article.id}.md").write_text(f"---\nid: {article.id}\n---\n{article.text}")
    (folder / "lines.jsonl").write_text('{"id": "a", "text": "Satu."}\n{"id": "b", "text": "Dua."}\n')
    (folder / "long.txt").write_text("kata " * 20_000)
    with running(settings) as client, Readers() as readers:
        backend = RemoteBackend(str(client.base_url), None)
        read = partial(read_file, max_bytes=10**6, readers=readers)
        first = FolderSync(folder, backend, read).run()
        assert (first.created, first.opened) == (4, 4)
        ((origin, reason),) = first.failed  # what only the server refuses
        assert origin == str(folder / "long.txt")
        assert "larger than 0.05 MB" in reason
        (folder / "long.txt").unlink()
        (folder / f"{BRIDGE.id}.md").rename(folder / "renamed.md")
        (folder / f"{MARKET.id}.md").unlink()
        (folder / "lines.jsonl").write_text('{"id": "b", "text": "Dua."}\n')
        kept = FolderSync(folder, backend, read).run()
        assert (kept.opened, kept.unchanged, kept.removed, kept.gone) == (2, 2, 0, 2)
        pruned = FolderSync(folder, backend, read, prune=True).run()
        assert (pruned.opened, pruned.unchanged, pruned.removed, pruned.gone) == (0, 2, 2, 0)
        left = client.get("/v1/articles").json()["articles"]
        assert [article["id"] for article in left] == ["b", BRIDGE.id]
        (folder / "index.md").write_text("Berita satu.")
        FolderSync(folder, backend, read).run()
        other = tmp_path / "other"
        other.mkdir()
        (other / "index.md").write_text("Lain sama sekali.")
        ((_, reason),) = FolderSync(other, backend, read).run().failed
        assert f"is already that of {folder / 'index.md'}" in reason
        assert FolderSync(other, backend, read, take_over=True).run().updated == 1
        backend.close()
        refused = client.post("/v1/index/sources", json={"folder": "x", "files": [], "colour": "red"})
        assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY
