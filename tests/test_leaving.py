"""Clients that leave while a server works for them, each with a connection of its own that it closes."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import numpy as np
import pytest

from service.extraction import ReadText, SpanScores
from service.reading import SpanReader
from service.settings import Settings
from tests.conftest import running, wait_until
from tests.test_metrics import value

CANDIDATES = 24
_PAIR_S = 0.2
SOON_S = 7 * _PAIR_S
"""The pair that is being read is ended; the rest is for a busy machine. All pairs would take ten more."""


class SlowModel:
    """Takes its time for each call, and notes how many passages were read for which question."""

    name = fingerprint = "slow"
    folder: Path | None = None

    def __init__(self) -> None:
        self.read: dict[str, int] = {}
        self.held = threading.Event()  # no call ends before it is set
        self.held.set()

    def score(self, question: str, passages: Sequence[ReadText]) -> list[SpanScores]:
        self.read[question] = self.read.get(question, 0) + len(passages)
        time.sleep(_PAIR_S)
        self.held.wait()
        one = np.zeros(1, dtype=np.float32)
        return [SpanScores(np.array([[0, len(p.text)]]), one, one, 0.0) for p in passages]


class PatientReader(SpanReader):
    """Wants to see all there is."""

    candidates = CANDIDATES


@pytest.fixture
def model() -> SlowModel:
    return SlowModel()


@pytest.fixture
def server(tmp_path: Path, model: SlowModel) -> Iterator[httpx.Client]:
    """A server with one place for model work, which takes seconds for a question."""
    settings = Settings(data_dir=tmp_path / "data", threads=1)
    with running(settings, reader=PatientReader(model, None)) as client:
        for i in range(CANDIDATES):
            text = f"Jembatan {i} dibuka oleh wali kota {chr(97 + i) * 5} pada hari ke-{i * 7}."
            body = {"title": f"Jembatan nomor {i}", "text": text, "language": "id"}
            assert client.put(f"/v1/articles/{i}?wait=indexed", json=body).status_code == 201
        yield client
        model.held.set()


def request(server: httpx.Client, path: str, body: dict[str, object]) -> http.client.HTTPConnection:
    """A connection on which a request was sent and nothing is read."""
    connection = http.client.HTTPConnection(server.base_url.host, server.base_url.port)
    send(connection, path, body)
    return connection


def send(connection: http.client.HTTPConnection, path: str, body: dict[str, object]) -> None:
    connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})


def running_now(server: httpx.Client) -> float:
    return value(server, "kutipan_model_work_running")


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_ends_the_reading(server: httpx.Client, model: SlowModel, stream: bool) -> None:
    question = "Siapa yang membuka jembatan?"
    connection = request(server, "/v1/ask", {"question": question, "stream": stream})
    wait_until(lambda: model.read.get(question, 0) >= 4)
    assert running_now(server) == 1
    connection.close()
    left = time.monotonic()
    wait_until(lambda: running_now(server) == 0)
    assert time.monotonic() - left < SOON_S
    assert model.read[question] <= 8
    time.sleep(2 * _PAIR_S)
    assert model.read[question] <= 8, "nobody reads on"
    if stream:
        assert value(server, "kutipan_streams_total", ending="left") == 1
        assert value(server, "kutipan_streams_total", ending="failed") == 0
    else:
        labels = {"method": "POST", "route": "/v1/ask", "status": "499"}
        assert value(server, "kutipan_http_requests_total", **labels) == 1
        assert value(server, "kutipan_http_problems_total", status="499", kind="abandoned") == 1
    assert value(server, "kutipan_http_problems_total", status="500", kind="internal_error") == 0


@pytest.mark.parametrize("path", ["/v1/articles/import", "/v1/articles/upload"])
def test_a_client_that_leaves_while_it_sends_is_no_failure(server: httpx.Client, path: str) -> None:
    connection = http.client.HTTPConnection(server.base_url.host, server.base_url.port)
    connection.putrequest("POST", path)
    connection.putheader("content-length", "1000000")
    connection.putheader("content-type", "multipart/form-data; boundary=x")
    connection.endheaders(
        b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.txt"\r\n\r\nBerita'
    )
    # This one, and the one that asks.
    wait_until(lambda: value(server, "kutipan_http_requests_in_flight") == 2)
    connection.close()
    wait_until(lambda: value(server, "kutipan_http_problems_total", status="499", kind="abandoned") == 1)
    assert value(server, "kutipan_http_problems_total", status="500", kind="internal_error") == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/ask", {"question": "Kapan jembatan dibuka?"}),
        ("/v1/ask", {"question": "Kapan jembatan dibuka?", "stream": True}),
        ("/v1/search", {"query": "jembatan"}),
    ],
)
def test_a_client_that_leaves_leaves_the_queue(
    server: httpx.Client, model: SlowModel, path: str, body: dict[str, object]
) -> None:
    first = "Siapa yang membuka jembatan?"
    model.held.clear()
    busy = request(server, "/v1/ask", {"question": first})
    wait_until(lambda: model.read.get(first, 0) == 2)
    waiting = request(server, path, body)
    wait_until(lambda: value(server, "kutipan_model_work_waiting") == 1)
    waiting.close()
    wait_until(lambda: value(server, "kutipan_model_work_waiting") == 0)
    assert running_now(server) == 1, "the first is at work still"
    model.held.set()
    busy.close()
    wait_until(lambda: running_now(server) == 0)
    assert set(model.read) == {first}


def test_a_client_that_stays_has_its_answer(server: httpx.Client, model: SlowModel) -> None:
    question = "Siapa yang membuka jembatan?"
    connection = request(server, "/v1/ask", {"question": question})
    answer = json.load(connection.getresponse())
    assert answer["searched"] == question
    assert model.read[question] == CANDIDATES
    # The connection can be used again: what was listened on for its end has taken nothing from it.
    send(connection, "/v1/search", {"query": "jembatan"})
    assert connection.getresponse().status == 200
    connection.close()
