"""Streamed answers, through a real server and a real client."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.api.routes.ask import answer_events
from service.api.schemas import AskIn
from service.api.state import ServiceState
from service.api.views import evidence_view
from service.passages import split_article
from service.records import Answer, Article, ArticleInfo, Candidate, Evidence, Reading
from service.settings import Settings
from tests.conftest import BRIDGE

QUESTION = "Kapan Jembatan Kahayan Baru dibuka?"


def events(client: httpx.Client, body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    with client.stream("POST", "/v1/ask", json=body | {"stream": True}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        text = "".join(response.iter_text())
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n", 1)
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


@pytest.mark.parametrize(
    "question", [QUESTION, "Sebutkan siapa saja yang memimpin Pasar Lama dan Jembatan Kahayan"]
)
def test_events_add_up_to_the_unstreamed_answer(client: httpx.Client, question: str) -> None:
    body = {"question": question, "include_passages": True}
    streamed = events(client, body)
    whole = client.post("/v1/ask", json=body).json()
    names = [name for name, _ in streamed]
    assert names == ["evidence", *["sentence"] * len(whole["sentences"]), "done"]
    done = streamed[-1][1]
    assert {k: v for k, v in done.items() if k not in ("id", "timing_ms")} == {
        k: v for k, v in whole.items() if k not in ("id", "timing_ms")
    }
    told = [event for name, event in streamed if name == "sentence"]
    assert [event["sentence"] for event in told] == whole["sentences"]
    assert [c for event in told for c in event["citations"]] == whole["citations"]
    evidence = streamed[0][1]
    assert evidence["confidence"] == whole["confidence"]
    for quoted in evidence["evidence"]:
        if quoted["article_id"] == BRIDGE.id:
            assert BRIDGE.text[quoted["start"] : quoted["end"]] == quoted["quote"]


def test_evidence_quotes_nothing_that_stands_between_its_sentences() -> None:
    told = "Sungai meluap ke jalan dan menutup jembatan.", "Hal itu disebabkan hujan lebat di hulu."
    text = f"{told[0]}\n\nBaca juga: Harga beras naik\n\n{told[1]}"
    (passage,) = split_article(Article("banjir", "Banjir", text, "id"), len, 10**6, "s")
    sentences = tuple(s for s in passage.sentences if s.kind == "sentence")
    evidence = Evidence(
        Candidate(passage, ArticleInfo("Banjir", None, None, None, "id"), 1.0), sentences, 1.0
    )
    quoted = evidence_view(Reading((evidence,), 0.5, 0.2, True)).evidence
    assert [(one.quote, text[one.start : one.end]) for one in quoted] == [(one, one) for one in told]


def test_what_is_not_in_the_articles_has_no_sentence(client: httpx.Client) -> None:
    streamed = events(client, {"question": "Siapa penemu vaksin cacar air di Peru?"})
    assert [name for name, _ in streamed] == ["evidence", "done"]
    assert streamed[-1][1]["status"] == "not_found"


def test_a_bad_request_is_a_problem_and_no_stream(client: httpx.Client) -> None:
    response = client.post("/v1/ask", json={"question": "", "stream": True})
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")


def test_a_client_that_leaves_ends_the_work(tmp_path: Path) -> None:
    """The stage that runs when it leaves is the last; what comes after is never computed."""
    begun: list[str] = []

    def stages() -> Iterator[Reading | Answer]:
        begun.append("evidence")
        yield Reading((), 0.5, 0.5, True)
        begun.append("answer")
        raise AssertionError("nobody wants this any more")

    async def leave() -> None:
        state = ServiceState(Settings(data_dir=tmp_path), None, None)
        opened = answer_events(state, stages(), AskIn(question=QUESTION, stream=True))
        assert (await anext(opened)).startswith(b"event: evidence\n")
        await opened.aclose()

    asyncio.run(leave())
    assert begun == ["evidence"]


def test_a_failure_after_the_first_event_is_an_error_event(tmp_path: Path) -> None:
    def stages() -> Iterator[Reading | Answer]:
        yield Reading((), 0.5, 0.5, True)
        raise RuntimeError("the disk is gone")

    async def collect() -> list[bytes]:
        state = ServiceState(Settings(data_dir=tmp_path), None, None)
        return [e async for e in answer_events(state, stages(), AskIn(question=QUESTION, stream=True))]

    _, last = asyncio.run(collect())
    assert last.startswith(b"event: error\n")
    assert b'"status":500' in last
    assert b"disk" not in last


def test_leaving_clients_leave_a_working_server(client: httpx.Client) -> None:
    def leave() -> None:
        with client.stream("POST", "/v1/ask", json={"question": QUESTION, "stream": True}) as response:
            next(response.iter_bytes())

    threads = [threading.Thread(target=leave) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.post("/v1/ask", json={"question": QUESTION}).json()["status"] == "answered"
