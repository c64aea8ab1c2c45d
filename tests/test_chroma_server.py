"""The vector index on a real Chroma server, which restarts, goes away and loses everything."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from service.doctor import examine
from service.embeddings import HashingEmbedder
from service.errors import IndexUnavailable
from service.library import Library, open_library
from service.settings import Settings
from tests.conftest import ARTICLES, BRIDGE, LIGHTHOUSE, MARKET, running, wait_until

pytestmark = pytest.mark.slow

CHROMA = (sys.executable, "-c", "from chromadb.cli.cli import app; app()", "run")
QUERY = {"query": "Jembatan Kahayan Baru dibuka gubernur"}


class ChromaServer:
    """`chroma run` on a free port of loopback, with its data in a folder."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [*CHROMA, "--path", str(self.folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/v2/heartbeat").is_success
        except httpx.TransportError:
            return False

    def collections(self) -> list[dict[str, str]]:
        return list(httpx.get(f"{self._database}/collections").raise_for_status().json())

    def names(self) -> list[str]:
        return [collection["name"] for collection in self.collections()]

    def remove_one(self, name: str) -> None:
        """Takes one vector out of a collection behind everybody's back."""
        (place,) = (c["id"] for c in self.collections() if c["name"] == name)
        url = f"{self._database}/collections/{place}"
        ids = httpx.post(f"{url}/get", json={"limit": 1, "include": []}).raise_for_status().json()["ids"]
        httpx.post(f"{url}/delete", json={"ids": ids}).raise_for_status()

    @property
    def _database(self) -> str:
        return f"{self.url}/api/v2/tenants/default_tenant/databases/default_database"


class Gateway:
    """Another address of a Chroma server: passes on what comes, and refuses writes while `full`."""

    def __init__(self, url: str, host: str = "127.0.0.1") -> None:
        config = uvicorn.Config(self._app, host=host, port=0, log_config=None, interface="asgi3")
        self._server = uvicorn.Server(config)
        self._behind = url
        self._host = f"[{host}]" if ":" in host else host
        self.full = False

    def __enter__(self) -> Gateway:
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        wait_until(lambda: self._server.started)
        self.url = f"http://{self._host}:{self._server.servers[0].sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        if self.full and request.url.path.endswith(("/upsert", "/delete")):
            told = {"error": "InternalError", "message": "database or disk is full"}
            await JSONResponse(told, 500)(scope, receive, send)
            return
        async with httpx.AsyncClient(base_url=self._behind) as client:
            found = await client.request(
                request.method,
                str(request.url.replace(scheme="", netloc="")),
                content=await request.body(),
                headers={"content-type": "application/json"},
            )
        await Response(found.content, found.status_code, media_type="application/json")(scope, receive, send)


@pytest.fixture
def chroma(tmp_path: Path) -> Iterator[ChromaServer]:
    server = ChromaServer(tmp_path / "chroma")
    server.start()
    yield server
    server.stop()


def put(client: httpx.Client, name: str, text: str, wait: bool = True) -> dict[str, object]:
    query = "?wait=indexed" if wait else ""
    response = client.put(f"/v1/articles/{name}{query}", json={"title": name, "text": text})
    assert response.status_code == httpx.codes.CREATED, response.text
    stored: dict[str, object] = response.json()
    return stored


def found(client: httpx.Client) -> list[tuple[str, float, int | None]]:
    """Article, score and place by vector of each hit."""
    response = client.post("/v1/search", json=QUERY)
    assert response.status_code == httpx.codes.OK, response.text
    return [(p["article_id"], p["score"], p["vector_rank"]) for p in response.json()["passages"]]


def metric(client: httpx.Client, name: str) -> float | None:
    value = re.search(rf"^{name} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(value[1]) if value else None


def test_a_service_outlives_its_server(chroma: ChromaServer, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", chroma_url=chroma.url)
    with running(settings) as client:
        for article in ARTICLES:
            put(client, article.id, article.text)
        before = found(client)
        assert before[0][0] == BRIDGE.id
        assert {place for _, _, place in before} == {1, 2, 3}
        answer = client.post("/v1/ask", json={"question": "Kapan Jembatan Kahayan Baru dibuka?"}).json()
        assert "3 Maret 2024" in answer["answer"]
        state = client.get("/v1/index").json()
        assert state["vectors"] == {"store": "server", "where": chroma.url, "available": True}
        assert set(state["disk_bytes"]) == {"catalog"}
        assert metric(client, "kutipan_vectors_bytes") is None
        assert not (settings.data_dir / "vectors").exists()

        first = chroma.names()
        assert client.post("/v1/index/rebuild").status_code == httpx.codes.OK
        (second,) = chroma.names()
        assert second not in first
        assert client.post("/v1/index/verify").json() == {"complaints": []}
        assert found(client) == before
        refused = client.post("/v1/index/compact")
        assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert "stop that server" in refused.json()["detail"]

        chroma.stop()
        for away in (client.post("/v1/search", json=QUERY), client.get("/readyz")):
            assert away.status_code == httpx.codes.SERVICE_UNAVAILABLE
            assert away.headers["content-type"] == "application/problem+json"
            assert f"the Chroma server at {chroma.url}" in away.json()["detail"]
        assert put(client, "terowongan", "Terowongan Sebangau ditutup.", wait=False)["state"] == "pending"
        wait_until(lambda: client.get("/v1/index").json()["last_error"] is not None)
        state = client.get("/v1/index").json()
        assert (state["articles"], state["pending"]) == (4, 1)
        assert not state["vectors"]["available"]
        assert "IndexUnavailable" in state["last_error"]
        assert metric(client, "kutipan_ready") == 0
        assert metric(client, "kutipan_indexing_failed") == 1

        chroma.start()
        wait_until(lambda: client.get("/v1/index").json()["pending"] == 0)
        wait_until(lambda: client.get("/readyz").is_success)
        assert {"terowongan", BRIDGE.id} <= {article for article, _, _ in found(client)}
        assert chroma.names() == [second]
        client.delete("/v1/articles/terowongan")
        embedded = metric(client, "kutipan_embedded_passages_total")

        chroma.stop()
        shutil.rmtree(chroma.folder)
        chroma.start()
        wait_until(lambda: client.get("/readyz").is_success and chroma.names() != [])
        wait_until(lambda: client.get("/v1/index").json()["pending"] == 0)
        assert client.post("/v1/index/verify").json() == {"complaints": []}
        assert found(client) == before
        assert metric(client, "kutipan_embedded_passages_total") == embedded, "nothing is embedded again"
        assert metric(client, "kutipan_ready") == 1


def test_a_server_that_takes_no_more_is_searched_still(chroma: ChromaServer, tmp_path: Path) -> None:
    with Gateway(chroma.url) as gateway:
        settings = Settings(data_dir=tmp_path / "data", chroma_url=gateway.url)
        with running(settings) as client:
            for article in ARTICLES:
                put(client, article.id, article.text)
            before = found(client)
            gateway.full = True
            put(client, "terowongan", "Terowongan Sebangau ditutup.", wait=False)
            wait_until(lambda: client.get("/v1/index").json()["last_error"] is not None)
            state = client.get("/v1/index").json()
            assert "database or disk is full" in state["last_error"]
            assert (state["pending"], state["vectors"]["available"]) == (1, True)
            for _ in range(3):
                assert client.get("/readyz").is_success
                # By its words alone: it has no vector yet.
                assert [hit for hit in found(client) if hit[0] != "terowongan"] == before
            refused = client.post("/v1/index/rebuild")
            assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
            assert "database or disk is full" in refused.json()["detail"]
            assert client.get("/readyz").is_success

            gateway.full = False
            wait_until(lambda: client.get("/v1/index").json()["pending"] == 0)
            assert client.post("/v1/index/verify").json() == {"complaints": []}


def test_a_server_at_an_ipv6_address(chroma: ChromaServer, tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"this machine has no IPv6: {error}")
    with (
        Gateway(chroma.url, "::1") as gateway,
        open_library(tmp_path, HashingEmbedder(), chroma_url=gateway.url) as library,
    ):
        library.ingest.add([BRIDGE])
        wait_until(lambda: library.catalog.is_indexed(BRIDGE.id), 30)
        assert library.searcher.search("Jembatan Kahayan")[0].vector_rank == 1


def test_two_installations_share_a_server(chroma: ChromaServer, tmp_path: Path) -> None:
    def ours(library: Library) -> set[str]:
        return {c.passage.article_id for c in library.searcher.search("pasar lighthouse", limit=20)}

    with (
        open_library(tmp_path / "a", HashingEmbedder(), chroma_url=chroma.url) as a,
        open_library(tmp_path / "b", HashingEmbedder(), chroma_url=chroma.url) as b,
    ):
        a.ingest.add([BRIDGE, MARKET])
        b.ingest.add([LIGHTHOUSE])
        for library in (a, b):
            library.indexer.drain()
            library.indexer.rebuild()
            assert library.indexer.verify() == []
        names = {a.indexer.index.name, b.indexer.index.name}
        assert set(chroma.names()) == names
    with (
        open_library(tmp_path / "a", HashingEmbedder(), chroma_url=chroma.url) as a,
        open_library(tmp_path / "b", HashingEmbedder(), chroma_url=chroma.url) as b,
    ):
        assert {a.indexer.index.name, b.indexer.index.name} == names
        assert (ours(a), ours(b)) == ({BRIDGE.id, MARKET.id}, {LIGHTHOUSE.id})

        # A server that was restored from an older copy of its data lacks a passage and says nothing.
        chroma.remove_one(a.indexer.index.name)
        assert a.indexer.index.count() == a.catalog.counts().passages - 1
        a.indexer.notify()
        wait_until(lambda: a.indexer.index.count() == a.catalog.counts().passages)


def test_a_server_may_come_later(tmp_path: Path) -> None:
    chroma = ChromaServer(tmp_path / "chroma")
    settings = Settings(data_dir=tmp_path / "data", chroma_url=chroma.url, port=0)

    def doctor() -> tuple[str, str]:
        (finding,) = (f for f in examine(settings, {}) if f.subject == "vector index")
        return finding.state, finding.says

    with open_library(settings.data_dir, HashingEmbedder(), chroma_url=chroma.url) as library:
        library.ingest.add(ARTICLES)
        with pytest.raises(IndexUnavailable, match=f"the Chroma server at {chroma.url} does not answer"):
            library.searcher.search("jembatan")
        assert doctor()[0] == "problem"
        assert "does not answer" in doctor()[1]
        chroma.start()
        try:
            wait_until(lambda: library.catalog.is_indexed(BRIDGE.id), 30)
            assert library.searcher.search("Jembatan Kahayan")[0].passage.article_id == BRIDGE.id
            assert doctor() == ("ok", f"on the Chroma server at {chroma.url}")
        finally:
            chroma.stop()
