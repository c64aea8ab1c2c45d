"""An index that shrinks again: on request, by itself, and never at the price of the old one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import chromadb
import httpx
import numpy as np
import pytest

from eval.server import serving
from service.embeddings import BundledEmbedder, HashingEmbedder
from service.errors import NotReady
from service.library import Library, open_library
from service.records import Article
from service.settings import Settings
from tests.conftest import ARTICLES, running, wait_until
from tests.test_indexer import CountingEmbedder, agrees

pytestmark = pytest.mark.slow

QUESTIONS = ("Jembatan Kahayan gubernur", "pedagang pasar", "lighthouse keeper", "biaya miliar")


def results(library: Library) -> list[list[tuple[str, float, int | None]]]:
    found = [library.searcher.search(question) for question in QUESTIONS]
    return [[(c.passage.id, c.score, c.vector_rank) for c in hits] for hits in found]


def churn(library: Library, rows: int) -> None:
    """Writes vectors of passages that are gone again at once."""
    index, dimension = library.indexer.index, library.embedder.dimension
    vectors = np.random.default_rng(7).standard_normal((rows, dimension)).astype(np.float32)
    names = [f"{i:064x}" for i in range(rows)]
    index.upsert(names, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    index.delete(names)


def vectors_bytes(library: Library) -> int:
    return library.disk_bytes()["vectors"]


def folders(library: Library) -> set[str]:
    return {path.name for path in (library.folder / "vectors").iterdir()} - {"current"}


def test_compact_gives_space_back_and_changes_no_result(library: Library) -> None:
    fresh, before = vectors_bytes(library), results(library)
    churn(library, 1500)
    bloated = vectors_bytes(library)
    assert bloated > 2 * fresh
    done = library.indexer.compact()
    assert (done.before_bytes, done.after_bytes) == (bloated, vectors_bytes(library))
    assert done.after_bytes <= 1.1 * fresh
    assert results(library) == before
    agrees(library)


def test_rebuilds_do_not_grow_the_folder(library: Library) -> None:
    library.indexer.rebuild()
    once = vectors_bytes(library)
    for _ in range(3):
        library.indexer.rebuild()
    assert vectors_bytes(library) <= once
    assert folders(library) == {library.indexer.index.name}


def test_it_compacts_by_itself_where_that_pays(tmp_path: Path) -> None:
    embedder = CountingEmbedder(1024)
    with open_library(tmp_path, embedder) as library:
        library.ingest.add(ARTICLES)
        library.indexer.drain()
        name, before, embedded = library.indexer.index.name, results(library), embedder.embedded
        library.indexer.notify()
        churn(library, 1500)
        bloated = vectors_bytes(library)
        library.indexer.notify()
        wait_until(lambda: library.indexer.index.name != name and len(folders(library)) == 1)
        assert vectors_bytes(library) < bloated / 2
        assert results(library) == before
        assert embedder.embedded == embedded
        agrees(library)


def test_an_earlier_release_s_folder_is_filled_anew_without_embedding(tmp_path: Path) -> None:
    with open_library(tmp_path, HashingEmbedder()) as library:
        library.ingest.add(ARTICLES)
        library.indexer.drain()
        before = results(library)
        library.indexer.store.remove_others()
        (tmp_path / "vectors" / "current").unlink()
        library.catalog.set_meta("collection", "passages-hashing-64-64-1")
    client = chromadb.PersistentClient(path=str(tmp_path / "vectors"))
    client.create_collection("passages-hashing-64-64-1", embedding_function=None)
    client.close()  # type: ignore[attr-defined]
    embedder = CountingEmbedder()
    with open_library(tmp_path, embedder) as library:
        assert results(library) == before
        assert folders(library) == {library.indexer.index.name}
        agrees(library)
    assert embedder.embedded == 0


def test_a_search_in_flight_survives_the_switch(library: Library) -> None:
    done = threading.Event()
    failed: list[Exception] = []

    def ask() -> None:
        while not done.is_set():
            try:
                assert library.searcher.search("Jembatan Kahayan")
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        library.indexer.rebuild()
    done.set()
    for thread in threads:
        thread.join()
    assert failed == []


def many(articles: int) -> list[Article]:
    texts = [f"Peristiwa ke-{i} di kota {i * 7}." for i in range(articles)]
    return [Article(f"n{i}", f"Judul {i}", text, "id") for i, text in enumerate(texts)]


def test_writes_become_searchable_while_it_compacts_and_a_stop_ends_it(tmp_path: Path) -> None:
    stop = threading.Event()
    outcome: list[BaseException] = []

    def compact(library: Library) -> None:
        try:
            library.indexer.compact()
        except NotReady as error:
            outcome.append(error)

    with open_library(tmp_path, HashingEmbedder(512), stop=stop) as library:
        library.ingest.add(many(2500))
        library.indexer.drain()
        name = library.indexer.index.name
        thread = threading.Thread(target=compact, args=(library,))
        thread.start()
        wait_until(lambda: len(folders(library)) == 2)
        library.ingest.add(ARTICLES)
        wait_until(lambda: library.catalog.is_indexed(ARTICLES[0].id), 30)
        assert folders(library) > {name}, "it still compacts"
        stop.set()
        thread.join(10)
        assert not thread.is_alive()
        assert [str(error) for error in outcome] == [
            "the service is stopping; the vector index stays as it was"
        ]
        assert folders(library) == {name} == {library.indexer.index.name}
        library.indexer.drain()
        assert library.catalog.difference(library.indexer.index.ids()) == (set(), set())


def test_sigterm_ends_a_compaction(tmp_path: Path, bundled: BundledEmbedder) -> None:
    with open_library(tmp_path, bundled) as library:
        library.indexer.close()
        library.indexer.reconcile()  # open, and no thread that drains
        library.ingest.add(many(1200))
        work = library.catalog.next_pending(10_000)
        # Making real ones would take a minute.
        vectors = np.random.default_rng(7).standard_normal((len(work), bundled.dimension)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        cached = {w.text_hash: v for w, v in zip(work, vectors, strict=True) if w.text_hash is not None}
        library.catalog.cache_vectors(cached, bundled.fingerprint)
        library.indexer.drain()
        name = library.indexer.index.name
    with (
        serving(KUTIPAN_DATA_DIR=tmp_path) as service,
        httpx.Client(base_url=service.url, timeout=60) as client,
        ThreadPoolExecutor() as pool,
    ):
        service.wait_ready()
        response = pool.submit(client.post, "/v1/index/compact")
        wait_until(lambda: len(list((tmp_path / "vectors").glob("index-*"))) == 2)
        assert service.stop() == 0
        assert response.result().status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert "the service is stopping" in response.result().json()["detail"]
    assert [path.name for path in (tmp_path / "vectors").glob("index-*")] == [name]


def test_over_http(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    with running(settings) as client:
        client.put("/v1/articles/a?wait=indexed", json={"title": "Kabar", "text": "Kabar pertama."})
        done = client.post("/v1/index/compact")
        assert done.status_code == httpx.codes.OK, done.text
        assert done.json()["after_bytes"] <= done.json()["before_bytes"]
        assert client.post("/v1/index/verify").json() == {"complaints": []}
