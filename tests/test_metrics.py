from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import get_args

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.api.problems import KINDS, STATUSES, kind_of
from service.embeddings import HashingEmbedder, Vectors
from service.errors import Refusal
from service.metrics import GAUGES, Ending, Metrics, Way
from service.settings import Settings
from service.telemetry import Stage
from tests.conftest import ARTICLES, running, wait_until

DOCUMENT = Path(__file__).parent.parent / "docs" / "operations.md"
SEARCH_STAGES = ("wait", "embed", "vectors", "keywords")


def values(client: httpx.Client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    response = client.get("/metrics")
    assert response.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def value(client: httpx.Client, name: str, **labels: str) -> float:
    return values(client).get((name, frozenset(labels.items())), 0.0)


def test_answers_and_their_stages_are_counted(client: httpx.Client) -> None:
    client.post("/v1/ask", json={"question": "Kapan Jembatan Kahayan Baru dibuka?"})
    client.post("/v1/ask", json={"question": "Kapan Jembatan Kahayan Baru dibuka?", "stream": True})
    client.post("/v1/ask", json={"question": "Siapa penemu vaksin cacar air di Peru?"})
    answered = {"status": "answered", "reason": "none", "language": "id"}
    assert value(client, "kutipan_answers_total", **answered) == 2
    refused = {"status": "not_found", "reason": "low_confidence", "language": "id"}
    assert value(client, "kutipan_answers_total", **refused) == 1
    for stage in ("rewrite", "retrieve", "read", "answer", "total"):
        assert value(client, "kutipan_stage_seconds_count", stage=stage) == 3


def test_the_state_of_the_index(client: httpx.Client) -> None:
    assert value(client, "kutipan_ready") == 1
    assert value(client, "kutipan_articles") == len(ARTICLES)
    assert value(client, "kutipan_pending_passages") == 0
    assert value(client, "kutipan_catalog_bytes") > 1000


def test_no_caller_can_make_a_new_series(client: httpx.Client) -> None:
    for i in range(20):
        client.get(f"/nothing/{i}")
        client.get(f"/v1/articles/unknown-{i}")
    routes = {
        dict(labels).get("route")
        for (name, labels) in values(client)
        if name == "kutipan_http_requests_total"
    }
    assert routes <= {
        "other",
        "/metrics",
        "/readyz",
        "/v1/articles/{article_id}",
        "/v1/articles/{article_id:path}",
    }
    found = [
        v
        for (n, labels), v in values(client).items()
        if n == "kutipan_http_requests_total" and dict(labels)["route"] == "other"
    ]
    assert found == [20.0]


def test_metrics_ask_for_the_key_where_there_is_one(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("k" * 32)
    settings = Settings(data_dir=tmp_path / "data", api_key_file=file)
    with running(settings, {"authorization": "Bearer " + "k" * 32}) as client:
        assert client.get("/metrics").status_code == 200
        assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 401
        assert value(client, "kutipan_http_problems_total", status="401", kind="wrong_key") == 1


class HeldEmbedder(HashingEmbedder):
    """Makes no vector while it is held."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()
        self.free.set()

    def embed_question(self, text: str) -> Vectors:
        assert self.free.wait(30)
        return super().embed_question(text)


@pytest.fixture
def held() -> HeldEmbedder:
    return HeldEmbedder()


@pytest.fixture
def server(tmp_path: Path, held: HeldEmbedder) -> Iterator[httpx.Client]:
    with running(Settings(data_dir=tmp_path / "data", max_article_mb=0.05), embedder=held) as client:
        yield client
        held.free.set()


def test_pending_work_has_an_age(server: httpx.Client, held: HeldEmbedder) -> None:
    assert value(server, "kutipan_pending_oldest_seconds") == 0
    held.free.clear()
    server.put("/v1/articles/a", json={"title": "Satu", "text": "Kabar pertama."})
    wait_until(lambda: value(server, "kutipan_pending_oldest_seconds") > 1)
    server.put("/v1/articles/a", json={"title": "Dua", "text": "Kabar kedua."})
    assert value(server, "kutipan_pending_oldest_seconds") > 1, "what replaces waiting work is as late as it"
    assert value(server, "kutipan_pending_passages") > 0
    held.free.set()
    wait_until(lambda: value(server, "kutipan_pending_passages") == 0)
    assert value(server, "kutipan_pending_oldest_seconds") == 0
    assert value(server, "kutipan_embedded_passages_total") >= 1
    assert value(server, "kutipan_indexed_passages_total", operation="upsert") >= 1


def test_questions_that_wait_for_a_core_are_seen(server: httpx.Client, held: HeldEmbedder) -> None:
    cores = os.cpu_count() or 1
    held.free.clear()
    threads = [
        threading.Thread(target=server.post, args=("/v1/search",), kwargs={"json": {"query": f"kata {i}"}})
        for i in range(cores + 2)
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: value(server, "kutipan_model_work_waiting") == 2)
    assert value(server, "kutipan_model_work_running") == cores
    held.free.set()
    for thread in threads:
        thread.join()
    assert value(server, "kutipan_model_work_waiting") == 0
    assert value(server, "kutipan_stage_seconds_count", stage="wait") == cores + 2


def test_a_client_that_leaves_a_stream_is_counted(server: httpx.Client, held: HeldEmbedder) -> None:
    body = {"question": "Siapa yang datang?", "stream": True}
    held.free.clear()
    with server.stream("POST", "/v1/ask", json=body) as response:
        assert response.status_code == 200
    value(server, "kutipan_ready")  # answered after the server has seen the connection before it close
    held.free.set()
    wait_until(lambda: value(server, "kutipan_streams_total", ending="left") == 1)
    server.post("/v1/ask", json=body)
    assert value(server, "kutipan_streams_total", ending="done") == 1
    assert value(server, "kutipan_streams_total", ending="failed") == 0


def test_articles_are_counted_by_way_and_outcome(server: httpx.Client) -> None:
    def counted(way: str) -> tuple[float, ...]:
        outcomes = ("created", "updated", "unchanged")
        return tuple(value(server, "kutipan_articles_received_total", way=way, outcome=o) for o in outcomes)

    def refused(way: str, kind: str) -> float:
        return value(server, "kutipan_articles_refused_total", way=way, kind=kind)

    assert counted("http") == (0, 0, 0)
    for text in ("Kabar lama.", "Kabar lama.", "Kabar baru."):
        server.put("/v1/articles/a", json={"title": "Kabar", "text": text})
    assert counted("http") == (1, 1, 1)
    server.put("/v1/articles/b", json={"title": "Kosong", "text": " "})
    server.put("/v1/articles/b", json={"title": "Panjang", "text": "kata " * 20_000})
    server.put("/v1/articles/b", json={"title": "Kabar", "text": "Kabar.", "published": "kemarin"})
    assert [refused("http", kind) for kind in ("empty", "too_large", "invalid")] == [1, 1, 1]

    lines = '{"id": "c", "text": "Satu."}\n{"id": "c", "text": "Satu."}\nnot json\n{"x": 1}\n'
    server.post("/v1/articles/import", content=lines.encode())
    assert counted("import") == (1, 0, 1)
    assert [refused("import", kind) for kind in ("unreadable", "invalid")] == [1, 1]

    names = {"d.txt": "Dua.", "e.xlsx": "PK", "f.pdf": "no PDF", "g.txt": "\0", "h.html": "<p>"}
    sent = [("files", (name, data.encode())) for name, data in names.items()]
    server.post("/v1/articles/upload", files=[*sent, ("files", ("d.txt", b"Tiga."))])
    assert counted("upload") == (1, 0, 0)
    assert [refused("upload", kind) for kind in ("unsupported", "unreadable", "repeated")] == [1, 3, 1]
    assert value(server, "kutipan_stage_seconds_count", stage="read_file") == 2
    assert value(server, "kutipan_file_reads_waiting") == 0


def test_the_folder_is_counted_and_its_last_look_known(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.md").write_text("Kabar pertama.")
    (folder / "b.md").write_text("")
    (folder / "c.jsonl").write_text('{"id": "a.md", "text": "Id yang sama."}\n')
    began = time.time()
    with running(Settings(data_dir=tmp_path / "data", corpus_dir=folder)) as client:
        name = "kutipan_corpus_last_success_timestamp_seconds"
        wait_until(lambda: value(client, name) > 0)
        first = value(client, name)
        assert began <= first <= time.time()
        (folder / "a.md").write_text("Kabar yang baru.")
        received = {"way": "folder", "outcome": "updated"}
        wait_until(lambda: value(client, "kutipan_articles_received_total", **received) == 1)
        wait_until(lambda: value(client, name) > first)
        assert value(client, "kutipan_articles_received_total", way="folder", outcome="created") == 1
        for kind in ("empty", "repeated"):
            assert value(client, "kutipan_articles_refused_total", way="folder", kind=kind) == 1
        assert value(client, "kutipan_corpus_failed_files") == 2
        assert value(client, "kutipan_corpus_waiting_files") == 0
        looked = client.get("/v1/index").json()["corpus"]["last_look"]
        assert datetime.fromisoformat(looked).timestamp() >= first


def test_problems_are_counted_by_status_and_kind(server: httpx.Client) -> None:
    server.get("/nothing")
    server.put("/v1/ask")
    server.get("/v1/articles/unknown")
    server.post("/v1/ask", json={"question": ""})
    server.put("/v1/articles/a", json={"title": "a", "text": " "})
    server.post("/v1/search", content=b" " * 1_000_000)
    server.post("/v1/articles/upload", content=b"x", headers={"content-type": "multipart/form-data"})
    server.get("/v1/index", headers={"host": "example.org"})
    server.post("/v1/index/verify", headers={"origin": "https://example.org"})
    found = {
        (dict(labels)["status"], dict(labels)["kind"]): count
        for (name, labels), count in values(server).items()
        if name == "kutipan_http_problems_total"
    }
    assert found.pop(("503", "not_ready"), 0) >= 0  # asked whether it is ready before it was
    assert found == {
        ("404", "unknown_route"): 1,
        ("405", "wrong_method"): 1,
        ("404", "article_not_found"): 1,
        ("422", "invalid_request"): 1,
        ("422", "article_rejected"): 1,
        ("413", "body_too_large"): 1,
        ("400", "malformed_body"): 1,
        ("421", "wrong_host"): 1,
        ("403", "wrong_origin"): 1,
    }


def test_every_part_of_a_search_is_timed(client: httpx.Client) -> None:
    for stage in ("split", "store", "embed_passages", "index"):
        assert value(client, "kutipan_stage_seconds_count", stage=stage) >= 1
    before = {s: value(client, "kutipan_stage_seconds_count", stage=s) for s in SEARCH_STAGES}
    client.post("/v1/search", json={"query": "jembatan"})
    client.post("/v1/ask", json={"question": "Kapan Jembatan Kahayan Baru dibuka?"})
    for stage in SEARCH_STAGES:
        assert value(client, "kutipan_stage_seconds_count", stage=stage) == before[stage] + 2


def test_what_has_not_happened_yet_is_zero(server: httpx.Client) -> None:
    seen = values(server)
    for way in get_args(Way):
        for kind in get_args(Refusal):
            labels = frozenset({"way": way, "kind": kind}.items())
            assert seen["kutipan_articles_refused_total", labels] == 0


def test_the_document_explains_every_label_value() -> None:
    told = set(re.findall(r"`(\w+)`", DOCUMENT.read_text()))
    for known in (Stage, Way, Refusal, Ending):
        assert set(get_args(known)) <= told
    assert {kind_of(error) for error in STATUSES} <= told
    assert set(KINDS.values()) <= told


def test_the_document_has_every_metric_and_no_other() -> None:
    told = set(re.findall(r"`(kutipan_\w+)`", DOCUMENT.read_text()))
    metrics = Metrics(lambda: dict.fromkeys(GAUGES, 0.0))
    counted = {f.name + ("_total" if f.type == "counter" else "") for f in metrics.registry.collect()}
    assert told == counted
