"""Shared parts: a library of a few made-up articles, and a real server over it."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from eval.server import KUTIPAN, environment
from service.api.app import create_app
from service.articles import ArticleRead, read_paths
from service.catalog import Catalog
from service.embeddings import BundledEmbedder, Embedder, HashingEmbedder
from service.library import Library, open_library
from service.passages import split_article
from service.reading import Reader
from service.records import Article, Candidate, Passage
from service.settings import Settings

# A developer's own settings must not reach the tests.
for variable in [name for name in os.environ if name.startswith("KUTIPAN_")]:
    del os.environ[variable]

BRIDGE = Article(
    id="jembatan",
    title="Jembatan Kahayan Baru dibuka",
    text=(
        "Jembatan Kahayan Baru dibuka oleh Gubernur Sari Wulandari pada 3 Maret 2024. "
        "Jembatan itu panjangnya 240 meter. Biayanya mencapai Rp 16,83 miliar.\n"
        "Baca juga: Pasar Lama pindah\n"
        "Warga menyambut jembatan baru dengan pasar malam di kedua tepi sungai."
    ),
    language="id",
    url="https://example.org/jembatan",
    source="Contoh",
    published="2024-03-04",
    tags=("prasarana", "kalimantan"),
)
MARKET = Article(
    id="pasar",
    title="Pasar Lama pindah",
    text=(
        "Pasar Lama pindah ke Jalan Melati pada Mei 2023. Sebanyak 412 pedagang ikut pindah. "
        "Kepala pasar Budi Santoso mengatakan gedung lama terlalu sempit."
    ),
    language="id",
    source="Warta",
    published="2023-05-20",
    tags=("pasar",),
)
LIGHTHOUSE = Article(
    id="lighthouse",
    title="Lighthouse keeper retires",
    text=(
        "Martha Quill kept the Selby lighthouse for 41 years. She retired on 2 June 2022. "
        "The lighthouse was built in 1874 by the engineer Owen Pryce."
    ),
    language="en",
    source="Example",
    published="2022-06-03",
    tags=("sea",),
)
CORPUS = Path(__file__).parent.parent / "corpus"
ARTICLES = (BRIDGE, MARKET, LIGHTHOUSE)


@pytest.fixture(scope="session")
def bundled() -> BundledEmbedder:
    return BundledEmbedder()


@pytest.fixture
def hashing() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture
def library(tmp_path: Path, hashing: HashingEmbedder) -> Iterator[Library]:
    """The three articles above, indexed with the hashing embedder."""
    with open_library(tmp_path / "data", hashing) as opened:
        opened.ingest.add(ARTICLES)
        opened.indexer.drain()
        yield opened


@pytest.fixture
def bilingual(tmp_path: Path, bundled: BundledEmbedder) -> Iterator[Library]:
    """The same, with the bundled embedder."""
    with open_library(tmp_path / "data", bundled) as opened:
        opened.ingest.add(ARTICLES)
        opened.indexer.drain()
        yield opened


@pytest.fixture(scope="session")
def catalog_of_bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """A catalog that holds the first article; for properties that only read."""
    catalog = Catalog(tmp_path_factory.mktemp("catalog") / "catalog.sqlite3")
    catalog.store([(BRIDGE, split_article(BRIDGE, len, 10_000, "s"))], "s")
    yield catalog
    catalog.close()


def passages(article: Article) -> list[Passage]:
    return split_article(article, len, 10**6, "s")


def candidates(*articles: Article) -> list[Candidate]:
    return [Candidate(passage, a.info, 1.0) for a in articles for passage in passages(a)]


def wait_until(holds: Callable[[], bool], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


@contextmanager
def running(
    settings: Settings,
    headers: dict[str, str] | None = None,
    embedder: Embedder | None = None,
    reader: Reader | None = None,
) -> Iterator[httpx.Client]:
    """The real app behind a real socket, with the hashing embedder or the one given, and a client for it."""
    app = create_app(settings, embedder=embedder or HashingEmbedder(), reader=reader)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
        try:
            wait_until(lambda: client.get("/readyz").status_code == 200)
            yield client
        finally:
            server.should_exit = True
            thread.join()


def kutipan(*arguments: object, **variables: object) -> subprocess.CompletedProcess[str]:
    """Runs the command line to its end, in a process of its own."""
    return subprocess.run(
        [*KUTIPAN, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(**variables),
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", max_article_mb=0.05)


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    """A running server with the three articles in it, searchable."""
    with running(settings) as opened:
        for article in ARTICLES:
            body = {
                k: getattr(article, k) for k in ("title", "text", "url", "source", "published", "language")
            }
            body["tags"] = list(article.tags)
            response = opened.put(f"/v1/articles/{article.id}?wait=indexed", json=body)
            assert response.status_code == 201, response.text
        yield opened


def read_corpus() -> list[ArticleRead]:
    """The sample articles, every one of which can be read."""
    results = list(read_paths([CORPUS], 10**6))
    assert all(isinstance(result, ArticleRead) for result in results), results
    return [result for result in results if isinstance(result, ArticleRead)]
