from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from service.embeddings import HashingEmbedder
from service.errors import DataFolderInUse
from service.library import FolderLock, Library, open_library, read_owner
from service.records import NO_FILTERS, Article
from service.vectors.index import EF_SEARCH
from tests.conftest import ARTICLES, BRIDGE, MARKET, wait_until

_INDEX_LEAF = 0x0A
"""First byte of a page at the end of an index's tree, in SQLite's file format."""


class CountingEmbedder(HashingEmbedder):
    """The hashing embedder, counting what it embeds; it can be made to fail."""

    embedded = 0
    fail_after: int | None = None

    def embed_passages(self, texts):  # type: ignore[no-untyped-def]
        self.embedded += len(texts)
        if self.fail_after is not None and self.embedded > self.fail_after:
            raise RuntimeError("out of memory")
        return super().embed_passages(texts)


def agrees(library: Library) -> None:
    """Catalog and index hold the same, and every article is found by its own words."""
    assert library.indexer.verify() == []
    for article, _ in library.catalog.list_articles(NO_FILTERS, None, 100):
        text = library.catalog.get_article(article.id).text
        top = library.searcher.search(text[:100])
        assert article.id in {c.passage.article_id for c in top}


def test_a_new_library_agrees(library: Library) -> None:
    agrees(library)


def test_articles_are_searched_in_their_current_version_only(library: Library) -> None:
    library.ingest.add([replace(BRIDGE, text="Terowongan Sebangau ditutup selamanya.")])
    before = library.searcher.search("Jembatan Kahayan gubernur")
    assert all(c.passage.version != BRIDGE.version for c in before)
    library.indexer.drain()
    agrees(library)
    library.ingest.delete(BRIDGE.id)
    assert all(c.passage.article_id != BRIDGE.id for c in library.searcher.search("terowongan"))
    library.indexer.drain()
    agrees(library)


def test_unchanged_articles_cost_nothing(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    with open_library(tmp_path, embedder) as library:
        library.ingest.add(ARTICLES)
        library.indexer.drain()
        once = embedder.embedded
        outcomes = library.ingest.add(ARTICLES)
        library.indexer.drain()
    assert not any(o.changed for o in outcomes)
    assert embedder.embedded == once > 0


@pytest.mark.parametrize("damage", ["missing", "empty", "garbage", "other"])
def test_a_missing_or_broken_index_is_rebuilt_without_embedding(tmp_path: Path, damage: str) -> None:
    with open_library(tmp_path, HashingEmbedder()) as library:
        library.ingest.add(ARTICLES)
        library.indexer.drain()
    vectors = tmp_path / "vectors"
    if damage in ("missing", "empty"):
        shutil.rmtree(vectors)
    if damage == "empty":
        vectors.mkdir()
    if damage == "garbage":
        for file in vectors.rglob("*"):
            if file.is_file():
                file.write_bytes(b"garbage" * 500)
    if damage == "other":
        next(vectors.glob("*/chroma.sqlite3")).write_bytes(b"")
    embedder = CountingEmbedder()
    with open_library(tmp_path, embedder) as library:
        agrees(library)
    assert embedder.embedded == 0


def test_an_index_with_one_damaged_page_is_rebuilt(tmp_path: Path) -> None:
    texts = [f"Peristiwa ke-{i} di kota {i * 7}." for i in range(400)]
    with open_library(tmp_path, HashingEmbedder()) as library:
        library.ingest.add([Article(f"n{i}", f"Judul {i}", text, "id") for i, text in enumerate(texts)])
        library.indexer.drain()
        index = library.indexer.index
        ids, name = index.ids(), index.name
    file = tmp_path / "vectors" / name / "chroma.sqlite3"
    with sqlite3.connect(file) as database:
        # Chroma lists ids from an index of its table: the last one's page is damaged.
        database.execute("pragma wal_checkpoint(truncate)")
        last, segment = database.execute(
            "select embedding_id, segment_id from embeddings order by embedding_id desc limit 1"
        ).fetchone()
    content = bytearray(file.read_bytes())
    damaged = 0
    for page in range(0, len(content), 4096):
        whole = content[page : page + 4096]
        if whole[0] == _INDEX_LEAF and last.encode() in whole and segment.encode() in whole:
            content[page : page + 8] = b"\xff" * 8
            damaged += 1
    assert damaged
    file.write_bytes(content)
    embedder = CountingEmbedder()
    with open_library(tmp_path, embedder) as library:
        assert library.indexer.index.name != name
        assert library.indexer.index.ids() == ids
        assert library.indexer.verify() == []
    assert embedder.embedded == 0


def test_another_embedder_gets_an_index_of_its_own(tmp_path: Path) -> None:
    with open_library(tmp_path, HashingEmbedder(64)) as library:
        library.ingest.add(ARTICLES)
        library.indexer.drain()
        first = library.indexer.index.name
    with open_library(tmp_path, HashingEmbedder(32, max_tokens=20, name="other")) as library:
        library.indexer.drain()
        assert library.indexer.index.name != first
        assert library.catalog.counts().passages > len(ARTICLES)
        agrees(library)


@pytest.mark.filterwarnings("ignore:legacy embedding function config")
def test_an_index_of_an_earlier_release_is_searched_as_widely_as_a_new_one(tmp_path: Path) -> None:
    def ef_search(library: Library) -> int:
        return int(library.indexer.index._collection.configuration_json["hnsw"]["ef_search"])

    with open_library(tmp_path, HashingEmbedder()) as library:
        assert ef_search(library) == EF_SEARCH
        library.ingest.add(ARTICLES)
        library.indexer.drain()
        library.indexer.index._collection.modify(configuration={"hnsw": {"ef_search": 200}})
    with open_library(tmp_path, HashingEmbedder()) as library:
        assert ef_search(library) == EF_SEARCH
        agrees(library)


def test_surplus_and_missing_vectors_are_reconciled(tmp_path: Path) -> None:
    embedder = HashingEmbedder()
    with open_library(tmp_path, embedder) as library:
        library.ingest.add(ARTICLES)
        library.indexer.drain()
        index = library.indexer.index
        index.upsert(["stranger"], embedder.embed_passages(["x"]))
        index.delete([min(index.ids() - {"stranger"})])
    with open_library(tmp_path, embedder) as library:
        library.indexer.drain()
        agrees(library)


def test_rebuild_while_open(library: Library) -> None:
    before = library.indexer.index.name
    library.indexer.rebuild()
    assert library.indexer.index.name != before
    agrees(library)


def test_what_is_pending_at_the_end_is_indexed_after_the_next_start(tmp_path: Path) -> None:
    with open_library(tmp_path, HashingEmbedder()) as library:
        library.indexer.close()
        library.indexer.reconcile()  # open, and no thread that drains
        library.ingest.add(ARTICLES)
        assert library.catalog.counts().pending > 0
    with open_library(tmp_path, HashingEmbedder()) as library:
        wait_until(lambda: library.catalog.is_indexed(BRIDGE.id), 30)
        wait_until(lambda: library.catalog.is_indexed(MARKET.id), 30)


def test_one_owner(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    lock.describe("http://127.0.0.1:8000")
    with pytest.raises(DataFolderInUse, match=r"process \d+ .*8000"):
        FolderLock(tmp_path)
    lock.release()
    assert read_owner(tmp_path) == {}
    FolderLock(tmp_path).release()


def test_vectors_do_not_mix_articles_of_equal_text(tmp_path: Path) -> None:
    twin = Article("kembar", BRIDGE.title, BRIDGE.text, "id")
    with open_library(tmp_path, HashingEmbedder()) as library:
        library.ingest.add([BRIDGE, twin])
        library.indexer.drain()
        library.ingest.delete(BRIDGE.id)
        library.indexer.drain()
        agrees(library)
        assert {c.passage.article_id for c in library.searcher.search("Jembatan Kahayan")} == {"kembar"}


def test_a_failed_rebuild_loses_no_work(tmp_path: Path) -> None:
    """What a rebuild drained into the index that failed is queued again for the one that stays."""
    # Wide enough that no two articles share a vector: more than sixteen equal ones hide from HNSW.
    embedder = CountingEmbedder(4096)
    with open_library(tmp_path, embedder) as library:
        library.ingest.add(ARTICLES)
        library.indexer.drain()
        library.indexer.close()
        library.indexer.reconcile()  # open, and no thread that drains
        live = library.indexer.index
        texts = [f"Peristiwa ke-{i} di kota {i * 7}." for i in range(200)]
        many = [Article(f"n{i}", f"Judul {i}", text, "id") for i, text in enumerate(texts)]
        library.ingest.add(many)
        embedder.fail_after = embedder.embedded + 140
        with pytest.raises(RuntimeError, match="out of memory"):
            library.indexer.rebuild()
        assert library.indexer.index is live
        embedder.fail_after = None
        library.indexer.drain()
        agrees(library)


def test_an_index_of_other_vectors_is_complained_of(library: Library) -> None:
    index = library.indexer.index
    ids = sorted(index.ids())
    strangers = np.random.default_rng(1).standard_normal((len(ids), HashingEmbedder().dimension))
    index.upsert(ids, (strangers / np.linalg.norm(strangers, axis=1, keepdims=True)).astype(np.float32))
    (complaint,) = library.indexer.verify()
    assert f"of {len(ids)} passages by their own vectors" in complaint
    library.indexer.rebuild()
    agrees(library)


def test_thousands_of_one_notice_keep_no_rebuild_from_its_end(tmp_path: Path) -> None:
    notice = "Artikel ini hanya untuk pelanggan. Masuk untuk membaca lebih lanjut."
    with open_library(tmp_path, HashingEmbedder()) as library:
        library.ingest.add([Article(f"n{i}", f"Notis {i}", f"{notice} {i}", "id") for i in range(2_500)])
        library.ingest.add(ARTICLES)
        library.indexer.drain()
        before = library.indexer.index.name
        library.indexer.rebuild()
        assert library.indexer.index.name != before
        assert library.indexer.verify() == []
        assert library.searcher.search("Jembatan Kahayan Baru")[0].passage.article_id == BRIDGE.id
