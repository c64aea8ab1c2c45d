from __future__ import annotations

import re
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from service.metrics import GAUGES, Metrics
from service.settings import Settings
from tests.conftest import ARTICLES, running

DOCUMENT = Path(__file__).parent.parent / "docs" / "operations.md"


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


def test_the_document_has_every_metric_and_no_other() -> None:
    told = set(re.findall(r"`(kutipan_\w+)`", DOCUMENT.read_text()))
    metrics = Metrics(lambda: dict.fromkeys(GAUGES, 0.0))
    counted = {f.name + ("_total" if f.type == "counter" else "") for f in metrics.registry.collect()}
    assert told == counted
