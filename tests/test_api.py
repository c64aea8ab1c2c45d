"""The HTTP contract, through a real server and a real client."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.api import examples
from service.api.app import create_app
from service.extraction import BundledSpanModel
from service.records import Answer
from service.settings import Settings
from tests.conftest import ARTICLES, BRIDGE, LIGHTHOUSE, MARKET, running

QUESTION = "Kapan Jembatan Kahayan Baru dibuka?"
PROBLEM = "application/problem+json"


def assert_problem(response: httpx.Response, status: int, *words: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    body = response.json()
    assert body["status"] == status
    assert body["title"]
    assert body["request_id"] == response.headers["x-request-id"]
    for word in words:
        assert word in body["detail"]


def test_an_answer_is_made_of_exact_quotations(client: httpx.Client) -> None:
    body = client.post("/v1/ask", json={"question": QUESTION}).json()
    assert body["status"] == "answered"
    assert body["reason"] is None
    assert (body["language"], body["mode"], body["fallback"]) == ("id", "extractive", None)
    assert body["searched"] == QUESTION
    assert body["short_answer"] == "3 Maret 2024"
    assert body["calibrated"] is True
    assert 0 <= body["confidence"] <= 1
    assert body["models"] == {"embedder": "hashing", "reader": "reader-1", "judge": None, "llm": None}
    assert set(body["timing_ms"]) == {"rewrite", "retrieve", "read", "answer", "total"}
    assert body["passages"] is None
    (citation,) = body["citations"]
    assert BRIDGE.text[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["version"] == BRIDGE.version
    assert (citation["title"], citation["url"]) == (BRIDGE.title, BRIDGE.url)
    assert (citation["source"], citation["published"]) == (BRIDGE.source, BRIDGE.published)
    for sentence in body["sentences"]:
        assert body["answer"][sentence["start"] : sentence["end"]] == sentence["text"]
        assert sentence["citations"] == [1]
        assert sentence["support"] == 1.0
    assert body["answer"].endswith(" [1]")
    checked = client.post(
        "/v1/citations/verify",
        json={"citations": [{k: citation[k] for k in ("article_id", "version", "start", "end", "quote")}]},
    )
    assert checked.json() == {"citations": [{"valid": True, "reason": None}]}


def test_what_is_not_in_the_articles(client: httpx.Client) -> None:
    body = client.post("/v1/ask", json={"question": "Siapa penemu mesin uap?"}).json()
    assert body["status"] == "not_found"
    assert body["reason"] in ("no_evidence", "low_confidence")
    assert body["calibrated"] is True
    assert body["answer"] == ""
    assert body["sentences"] == body["citations"] == []
    assert body["short_answer"] is None


def test_passages_on_request(client: httpx.Client) -> None:
    body = client.post("/v1/ask", json={"question": QUESTION, "include_passages": True}).json()
    best = body["passages"][0]
    assert best["article_id"] == BRIDGE.id
    assert BRIDGE.text[best["start"] : best["end"]] == best["text"]
    assert best["keyword_rank"] == 1
    assert best["keyword_score"] > 0
    assert [p["score"] for p in body["passages"]] == sorted(
        (p["score"] for p in body["passages"]), reverse=True
    )


def test_a_mode_that_is_not_there_falls_back_and_says_so(client: httpx.Client) -> None:
    body = client.post("/v1/ask", json={"question": QUESTION, "mode": "generative"}).json()
    assert body["mode"] == "extractive"
    assert body["fallback"] == "no language model is configured"


@pytest.mark.parametrize(
    ("filters", "articles"),
    [
        ({"language": "en"}, {LIGHTHOUSE.id}),
        ({"source": ["Warta"]}, {MARKET.id}),
        ({"article_ids": [BRIDGE.id]}, {BRIDGE.id}),
        ({"tags": ["sea", "pasar"]}, {LIGHTHOUSE.id, MARKET.id}),
        ({"published_from": "2024-01-01"}, {BRIDGE.id}),
        ({"published_to": "2022-12-31"}, {LIGHTHOUSE.id}),
        ({"language": "id", "published_from": "2030-01-01"}, set()),
        ({"article_ids": [], "source": [], "tags": []}, {BRIDGE.id, MARKET.id, LIGHTHOUSE.id}),
    ],
)
def test_filters_are_exact(client: httpx.Client, filters: dict[str, Any], articles: set[str]) -> None:
    body = {"query": "jembatan pasar lighthouse", "filters": filters, "limit": 100}
    found = client.post("/v1/search", json=body).json()["passages"]
    assert {p["article_id"] for p in found} == articles
    answer = client.post("/v1/ask", json={"question": QUESTION, "filters": filters}).json()
    assert {c["article_id"] for c in answer["citations"]} <= articles


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/ask", {}, "question"),
        ("/v1/ask", {"question": ""}, "question"),
        ("/v1/ask", {"question": "?!"}, "question"),
        ("/v1/ask", {"question": "a" * 2001}, "question"),
        ("/v1/ask", {"question": "apa \ud800"}, "question"),
        ("/v1/ask", {"question": QUESTION, "surprise": 1}, "surprise"),
        ("/v1/ask", {"question": QUESTION, "filters": {"lang": "id"}}, "filters.lang"),
        ("/v1/ask", {"question": QUESTION, "filters": {"language": "Indonesian"}}, "filters.language"),
        (
            "/v1/ask",
            {"question": QUESTION, "filters": {"published_from": "kemarin"}},
            "filters.published_from",
        ),
        (
            "/v1/ask",
            {"question": QUESTION, "filters": {"published_from": "2024-02-01", "published_to": "2024-01-01"}},
            "filters",
        ),
        (
            "/v1/ask",
            {"question": QUESTION, "filters": {"published_from": "20240101"}},
            "filters.published_from",
        ),
        ("/v1/ask", {"question": QUESTION, "now": 1700000000}, "now"),
        ("/v1/ask", {"question": QUESTION, "evidence_limit": 21}, "evidence_limit"),
        ("/v1/ask", {"question": QUESTION, "mode": "magic"}, "mode"),
        ("/v1/ask", {"question": QUESTION, "history": [{"question": "a"}]}, "history.0.answer"),
        ("/v1/ask", {"question": QUESTION, "history": [{"question": "a", "answer": "b"}] * 11}, "history"),
        ("/v1/ask", {"question": QUESTION, "now": "hari ini"}, "now"),
        ("/v1/ask", {"question": QUESTION, "stream": "perhaps"}, "stream"),
        ("/v1/ask", {"question": QUESTION, "stream": "yes"}, "stream"),
        ("/v1/ask", {"question": QUESTION, "include_passages": 1}, "include_passages"),
        ("/v1/ask", {"question": QUESTION, "evidence_limit": True}, "evidence_limit"),
        ("/v1/search", {"query": "a", "limit": 0}, "limit"),
        ("/v1/search", {"query": "a", "limit": "3"}, "limit"),
        ("/v1/search", {"query": "a", "limit": True}, "limit"),
        ("/v1/citations/verify", {"citations": []}, "citations"),
    ],
)
def test_a_bad_request_names_the_field(
    client: httpx.Client, path: str, body: dict[str, Any], field: str
) -> None:
    response = client.post(
        path, content=json.dumps(body).encode(), headers={"content-type": "application/json"}
    )
    assert_problem(response, 422)
    assert field in {e["field"] for e in response.json()["errors"]}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", f"/v1/articles/{BRIDGE.id}?purg=true"),
        ("POST", "/v1/articles/upload?source=Kompas"),
        ("POST", "/v1/articles/import?wiat=indexed"),
        ("PUT", "/v1/articles/x?wait=indexed&wiat=indexed"),
        ("GET", f"/v1/articles/{BRIDGE.id}?article_id=x"),
        ("GET", f"/v1/articles/{BRIDGE.id}?verion=x"),
        ("GET", "/v1/articles?tags=x"),
        ("POST", "/v1/search?limit=1"),
        ("GET", "/v1/index?x"),
    ],
)
def test_a_query_parameter_that_a_route_does_not_have_is_refused(
    client: httpx.Client, method: str, path: str
) -> None:
    body = {"title": "T", "text": "a"} if method == "PUT" else {"query": "a"} if "search" in path else None
    response = client.request(method, path, json=body)
    unknown = path.rpartition("?")[2].rpartition("&")[2].partition("=")[0]
    assert_problem(response, 422, f"query.{unknown}: is no parameter of this route; it takes")
    assert [e["field"] for e in response.json()["errors"]] == [f"query.{unknown}"]
    assert client.get("/v1/articles", params={"limit": 9}).json()["articles"][0]["id"] == BRIDGE.id


def test_a_whole_number_may_be_written_with_a_point(client: httpx.Client) -> None:
    response = client.post("/v1/search", json={"query": QUESTION, "limit": 1.0})
    assert len(response.json()["passages"]) == 1
    assert_problem(client.post("/v1/search", json={"query": QUESTION, "limit": 1.5}), 422)


def test_a_probe_of_health_may_add_a_parameter(client: httpx.Client) -> None:
    assert client.get("/readyz?verbose").status_code == 200


@pytest.mark.parametrize("day", ["9000-01-01", "0024-01-01", "2026-13-01", "2026-02-30", "2026-1-1"])
def test_what_is_no_day_is_told_with_the_range(client: httpx.Client, day: str) -> None:
    says = "published_from: is not a day such as 2026-01-31, of the years 1000 to 8999"
    asked = client.post("/v1/ask", json={"question": QUESTION, "filters": {"published_from": day}})
    assert_problem(asked, 422)
    listed = client.get("/v1/articles", params={"published_from": day})
    assert_problem(listed, 422)
    assert (asked.json()["detail"], listed.json()["detail"]) == (f"filters.{says}", f"query.{says}")


def test_the_list_refuses_a_period_that_ends_before_it_begins(client: httpx.Client) -> None:
    period = {"published_from": "2024-03-04", "published_to": "2024-03-04"}
    assert [a["id"] for a in client.get("/v1/articles", params=period).json()["articles"]] == [BRIDGE.id]
    reversed_ = client.get("/v1/articles", params=period | {"published_to": "2024-03-03"})
    assert_problem(reversed_, 422, "published_from is after published_to")


@pytest.mark.parametrize(
    ("question", "said"), [("", "at least 1 character"), ("a" * 2001, "at most 2000 characters")]
)
def test_the_length_of_a_question_is_told_in_characters(
    client: httpx.Client, question: str, said: str
) -> None:
    assert said in client.post("/v1/ask", json={"question": question}).json()["detail"]


def test_a_question_that_leans_on_another(client: httpx.Client) -> None:
    body = {
        "question": "Berapa panjangnya?",
        "history": [{"question": QUESTION, "answer": "Pada 3 Maret 2024."}],
    }
    answer = client.post("/v1/ask", json=body).json()
    assert answer["searched"] == "Berapa panjang Jembatan Kahayan Baru? (dibuka)"
    assert [u["kind"] for u in answer["understood"]] == ["history"]
    assert "240 meter" in answer["answer"]


def test_a_question_typed_in_haste(client: httpx.Client) -> None:
    answer = client.post("/v1/ask", json={"question": "kpn jembatan kahayan baru dibuka sih"}).json()
    assert answer["understood"] == [{"kind": "colloquial", "text": "kpn", "meaning": "kapan"}]
    assert answer["short_answer"] == "3 Maret 2024"


def test_time_is_relative_to_the_day(client: httpx.Client) -> None:
    body = {"question": "Jembatan apa yang dibuka kemarin?", "now": "2024-03-05"}
    answer = client.post("/v1/ask", json=body).json()
    assert {"kind": "period", "text": "kemarin", "meaning": "2024-03-04"} in answer["understood"]
    assert {c["article_id"] for c in answer["citations"]} <= {BRIDGE.id}
    weeks_later = client.post("/v1/ask", json=body | {"now": "2024-04-05", "include_passages": True}).json()
    assert (weeks_later["status"], weeks_later["passages"]) == ("not_found", [])


def test_what_was_published_later_is_not_known_yet(client: httpx.Client) -> None:
    before = client.post(
        "/v1/ask", json={"question": QUESTION, "now": "2024-03-03", "include_passages": True}
    )
    assert BRIDGE.id not in {p["article_id"] for p in before.json()["passages"]}


def test_broken_json_and_unknown_routes(client: httpx.Client) -> None:
    json_type = {"content-type": "application/json"}
    broken = client.post("/v1/ask", content=b'{"question": "Apa"', headers=json_type)
    assert_problem(broken, 422, "body: is not JSON: ")
    assert "after 18 characters" in broken.json()["detail"]
    assert_problem(client.get("/v1/nothing"), 404)
    for body, reason in (
        (b'{"question": "\xff"}', "not UTF-8, after 14 bytes"),
        (b"[" * 100_000, "not JSON: nested too deeply"),
        (b'{"evidence_limit": ' + b"1" * 5_000 + b"}", "value has 5000 digits"),
    ):
        response = client.post("/v1/ask", content=body, headers=json_type)
        assert_problem(response, 400, reason)
        assert "set_int_max" not in response.json()["detail"]
    for kind in ({}, {"content-type": "application/x-www-form-urlencoded"}):
        undeclared = client.post("/v1/search", content=b'{"query": "x"}', headers=kind)
        assert_problem(undeclared, 422, "body: send it with content-type: application/json")
    utf8 = {"content-type": "application/json; charset=utf-8"}
    assert client.post("/v1/search", content=b'{"query": "x"}', headers=utf8).status_code == 200
    not_allowed = client.get("/v1/ask")
    assert_problem(not_allowed, 405)
    assert not_allowed.headers["allow"] == "POST"
    assert_problem(client.put("/v1/articles/", json={"title": "T", "text": "a"}), 422, "id")


def test_put_is_idempotent_and_replaces(client: httpx.Client) -> None:
    path, body = "/v1/articles/berita/satu", {"title": "Judul", "text": "Pasar Baru buka pada Mei 2020."}
    first = client.put(path, json=body)
    again = client.put(path, json=body)
    changed = client.put(f"{path}?wait=indexed", json={**body, "text": "Pasar Baru tutup pada Juni 2021."})
    assert [r.status_code for r in (first, again, changed)] == [201, 200, 200]
    assert [r.json()["changed"] for r in (first, again, changed)] == [True, False, True]
    assert first.json()["version"] == again.json()["version"] != changed.json()["version"]
    assert changed.json()["state"] == "indexed"
    assert client.get(path).json()["text"] == "Pasar Baru tutup pada Juni 2021."
    old = client.get(path, params={"version": first.json()["version"]}).json()
    assert (old["text"], old["current"]) == ("Pasar Baru buka pada Mei 2020.", False)
    answer = client.post("/v1/ask", json={"question": "Kapan Pasar Baru tutup?"}).json()
    assert answer["short_answer"] == "Juni 2021"


def test_a_payload_is_stored_code_point_for_code_point(client: httpx.Client) -> None:
    text = "Baris\r\nsatu\u00a0👩‍👩‍👧 e\u0301 ‏שלום\u202e terbalik.  Spasi ganda.\t"
    client.put("/v1/articles/unik", json={"title": "Unik", "text": text})
    assert client.get("/v1/articles/unik").json()["text"] == text


def test_an_id_is_made_from_the_url_or_the_content(client: httpx.Client) -> None:
    body = {"title": "Satu", "text": "Isi berita.", "url": "https://example.org/x"}
    by_url = client.post("/v1/articles", json=body).json()
    replaced = client.post("/v1/articles", json={**body, "text": "Isi baru."}).json()
    by_content = client.post("/v1/articles", json={"title": "Dua", "text": "Isi lain."}).json()
    assert by_url["id"] == replaced["id"]
    assert replaced["created"] is False
    assert by_content["id"] not in (by_url["id"], "")
    for unreachable in ("..", ".", "a/../b"):  # clients take such parts of an address away
        assert_problem(
            client.post("/v1/articles", json={**body, "id": unreachable}), 422, "an id has no part"
        )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"title": "T"}, "text"),
        ({"title": "T", "text": " "}, "empty"),
        ({"title": "T", "text": "a", "published": "kemarin"}, "published"),
        ({"title": "T", "text": "a", "language": "Bahasa"}, "language"),
        ({"title": "T", "text": "a", "id": "other"}, "path"),
        ({"title": "T", "text": "a", "colour": "red"}, "colour"),
        ({"title": "T", "text": "kata " * 11_000}, "larger than 0.05 MB"),
    ],
)
def test_a_bad_article_is_refused(client: httpx.Client, body: dict[str, Any], words: str) -> None:
    before = client.get("/v1/index").json()["articles"]
    assert_problem(client.put("/v1/articles/x", json=body), 422, words)
    assert client.get("/v1/index").json()["articles"] == before


def test_a_body_beyond_all_bounds_is_refused_before_it_is_read(client: httpx.Client) -> None:
    assert_problem(client.put("/v1/articles/x", content=b"x" * 600_000), 413)

    def endless() -> Iterator[bytes]:
        for _ in range(600):
            yield b"x" * 1000

    assert_problem(client.put("/v1/articles/x", content=endless()), 413)


def test_import_answers_line_by_line(client: httpx.Client) -> None:
    lines = [
        b'{"id": "i1", "title": "T", "text": "Berita pertama."}',
        b"not json",
        b"",
        b'{"id": "i2", "text": "Tanpa judul."}',
        b'{"id": "i3", "title": "T", "text": "a", "extra": 1}',
        b'{"id": "i4", "title": "T", "text": "' + b"kata " * 11_000 + b'"}',
        b'{"id": "i5", "title": "T", "text": "' + "Café".encode("latin-1") + b'"}',
        b'{"id": "i1", "title": "T", "text": "Berita pertama, lagi."}',
        b'{"id": ' + b"1" * 5_000 + b', "text": "a"}',
        b'{"id": "i1", "title": "T", "text": "Berita pertama."}',
        b'{"id": "i5", "text": "Berita bebas.", "license": "CC0-1.0"}',
        b'{"id": "i6", "title": "T", "text": "' + b"kata " * 45_000 + b'"}',
    ]
    response = client.post("/v1/articles/import", content=b"\n".join(lines))
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/x-ndjson"
    results = [json.loads(line) for line in response.text.splitlines()]
    assert [(r["line"], r["id"]) for r in results] == [
        (1, "i1"), (2, None), (4, "i2"), (5, "i3"), (6, "i4"), (7, None), (8, "i1"), (9, None), (10, "i1"),
        (11, "i5"), (12, None),
    ]  # fmt: skip
    reasons = {r["line"]: r["error"] for r in results if "error" in r}
    for line, reason in {
        2: "not JSON",
        5: "'extra'",
        6: "larger than 0.05 MB",
        7: "not UTF-8",
        9: "not JSON",
        12: "longer",
    }.items():
        assert reason in reasons[line]
    assert client.get("/v1/articles/i1").json()["text"] == "Berita pertama."


def test_an_import_can_wait_until_its_articles_are_found(client: httpx.Client) -> None:
    lines = [json.dumps({"text": f"Berita nomor {number}."}) for number in range(40)]
    lines[7] = "not json"
    sent = "\n".join(lines).encode()
    response = client.post("/v1/articles/import", params={"wait": "indexed"}, content=sent)
    results = [json.loads(line) for line in response.text.splitlines()]
    assert [r["line"] for r in results] == [*range(1, 41)]
    assert [r.get("state") for r in results] == [*["indexed"] * 7, None, *["indexed"] * 32]
    assert client.get("/v1/index").json()["pending"] == 0
    assert_problem(client.post("/v1/articles/import", params={"wait": "yes"}, content=sent), 422, "wait")


def test_what_is_read_can_be_put_back(client: httpx.Client) -> None:
    path = f"/v1/articles/{BRIDGE.id}"
    read = client.get(path).json()
    assert_problem(client.put(path, json=read), 422, "version", "current")
    back = client.put(path, json={k: v for k, v in read.items() if k not in ("version", "current")})
    assert back.json()["changed"] is False


def test_list_pages_through_everything_once(client: httpx.Client) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = client.get("/v1/articles", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [a["id"] for a in page["articles"]]
        assert all("text" not in a for a in page["articles"])
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(a.id for a in ARTICLES)
    found = client.get("/v1/articles", params={"language": "id", "tag": ["pasar"]}).json()
    assert [a["id"] for a in found["articles"]] == [MARKET.id]
    assert_problem(client.get("/v1/articles", params={"cursor": "%%%"}), 422, "cursor")
    assert_problem(client.get("/v1/articles", params={"tags": "x"}), 422, "tags")


def claim(**changed: Any) -> dict[str, Any]:
    quote = BRIDGE.text[:8]
    return {
        "article_id": BRIDGE.id, "version": BRIDGE.version, "start": 0, "end": 8, "quote": quote, **changed,
    }  # fmt: skip


def test_delete_purge_and_what_verification_says_of_it(client: httpx.Client) -> None:
    def verify() -> list[str | None]:
        body = {
            "citations": [
                claim(),
                claim(quote="Jembatan!"[:8] + "?"),
                claim(start=5, end=5, quote=""),
                claim(end=10**12),
                claim(version="0" * 64),
                claim(article_id="tidak ada"),
            ]
        }
        verdicts = client.post("/v1/citations/verify", json=body).json()["citations"]
        assert all(v["valid"] == (v["reason"] is None) for v in verdicts)
        return [v["reason"] for v in verdicts]

    known = ["text_differs", "out_of_range", "out_of_range", "unknown_version", "unknown_article"]
    assert verify() == [None, *known]
    path = f"/v1/articles/{BRIDGE.id}"
    assert client.delete(path).json() == {"id": BRIDGE.id, "purged": False}
    assert_problem(client.get(path), 404)
    assert_problem(client.delete(path), 404)
    assert client.get(path, params={"version": BRIDGE.version}).json()["text"] == BRIDGE.text
    assert verify() == [None, *known], "an old citation can still be checked"
    found = client.post("/v1/search", json={"query": "Jembatan Kahayan"}).json()["passages"]
    assert BRIDGE.id not in {p["article_id"] for p in found}
    assert client.delete(path, params={"purge": True}).json()["purged"] is True
    assert_problem(client.get(path, params={"version": BRIDGE.version}), 410, "purged")
    assert verify()[:4] == ["purged"] * 4


def test_index_state(client: httpx.Client) -> None:
    body = client.get("/v1/index").json()
    assert (body["articles"], body["passages"], body["pending"]) == (3, 3, 0)
    assert body["models"]["embedder"] == {
        "name": "hashing", "fingerprint": "hashing-64-64", "dimension": 64, "max_tokens": 64,
    }  # fmt: skip
    assert body["models"]["reader"] == {
        "name": "reader-1", "fingerprint": BundledSpanModel().fingerprint,
    }  # fmt: skip
    assert set(body["disk_bytes"]) == {"catalog", "vectors"}
    assert client.post("/v1/index/verify").json() == {"complaints": []}
    assert client.post("/v1/index/rebuild").json()["passages"] == 3
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    for path in ("/healthz", "/readyz"):
        assert (client.head(path).status_code, client.head(path).content) == (200, b"")


def test_request_ids(client: httpx.Client) -> None:
    assert client.get("/healthz", headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    made = client.get("/healthz", headers={"x-request-id": "no spaces, please"}).headers["x-request-id"]
    assert made not in ("", "no spaces, please")


def test_the_same_question_gets_the_same_answer_alone_and_under_load(client: httpx.Client) -> None:
    questions = [QUESTION, "Who built the lighthouse?", "Berapa pedagang yang pindah?"] * 8

    def ask(question: str) -> dict[str, Any]:
        body: dict[str, Any] = client.post(
            "/v1/ask", json={"question": question, "include_passages": True}
        ).json()
        return {k: v for k, v in body.items() if k not in ("id", "timing_ms")}

    alone = [ask(question) for question in questions[:3]] * 8
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, questions)) == alone


def test_every_example_of_the_documentation_is_accepted(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    sent = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), (method, path)
            for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                reference = content["schema"].get("$ref", "").rpartition("/")[2]
                schema = document["components"]["schemas"][reference] if reference else content
                examples = schema.get("examples") or [content.get("example") or schema["example"]]
                for example in examples:
                    sending: dict[str, Any] = {"headers": {"content-type": kind}}
                    if kind == "multipart/form-data":  # the client writes the header, with its boundary
                        files = [("files", ("contoh.txt", text)) for text in example.pop("files")]
                        sending = {"files": files, "data": example}
                    else:
                        body = example if isinstance(example, str) else json.dumps(example)
                        sending["content"] = body.encode()
                    response = client.request(
                        method.upper(), path.replace("{article_id}", "contoh"), **sending
                    )
                    assert response.status_code in operation["responses"] or response.is_success, (
                        response.text
                    )
                    assert response.is_success, (method, path, response.text)
                    sent += 1
    assert sent >= 6
    for path, methods in document["paths"].items():
        refusals = {"401", "421"} if path.startswith(("/v1", "/metrics")) else set()
        for method, operation in methods.items():
            refused = refusals | ({"403"} if refusals and method != "get" else set())
            assert refused | {"422"} <= set(operation["responses"]), (method, path)
            assert {"401", "403", "421"} & set(operation["responses"]) == refused
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                assert "400" in operation["responses"], (method, path)
    problems = {
        content
        for methods in document["paths"].values()
        for operation in methods.values()
        for status, response in operation["responses"].items()
        if status >= "400"
        for content in response["content"]
    }
    assert problems == {PROBLEM}


VARIES = {"timing_ms", "models", "confidence", "passage_id", "score", "vector_score", "keyword_score"}


def lasting(value: Any) -> Any:
    """What of a response doesn't depend on models and time."""
    if isinstance(value, list):
        return [lasting(part) for part in value]
    if isinstance(value, dict):
        return {name: lasting(part) for name, part in value.items() if name not in VARIES}
    return value


def test_the_responses_of_the_documentation_are_true(tmp_path: Path) -> None:
    path = f"/v1/articles/{examples.STORED['id']}"
    with running(Settings(data_dir=tmp_path)) as client:
        said = [
            client.post("/v1/articles?wait=indexed", json=examples.ARTICLE),
            client.post("/v1/ask", json=examples.QUESTION),
            client.post("/v1/search", json=examples.QUERY),
            client.get("/v1/articles"),
            client.get(path),
            client.delete(path),
        ]
        document = client.get("/openapi.json").json()
    shown = (
        examples.STORED, examples.ANSWERED, examples.FOUND, examples.LISTED, examples.READ, examples.DELETED,
    )  # fmt: skip
    for response, example in zip(said, shown, strict=True):
        body = response.json()
        assert body.keys() == example.keys()
        assert lasting(body | {"id": example.get("id")}) == lasting(example | {"id": example.get("id")})
        operation = document["paths"][re.sub("(?<=articles/).*", "{article_id}", response.request.url.path)]
        answers = operation[response.request.method.lower()]["responses"][str(response.status_code)]
        name = answers["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert document["components"]["schemas"][name]["examples"] == [example]


def test_the_documentation_page_needs_no_network(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "https://" not in page.text.replace("https://fastapi.tiangolo.com/img/favicon.png", "")


def test_every_field_of_an_answer_goes_over_the_wire(client: httpx.Client) -> None:
    body = client.post("/v1/ask", json={"question": QUESTION}).json()
    renamed = {"candidates": "passages"}
    assert {renamed.get(f.name, f.name) for f in fields(Answer)} | {"id", "fallback"} == set(body)


def test_a_corpus_folder_is_taken_in_at_start(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text("---\nid: a\ntitle: Menara\n---\nMenara Uji selesai pada 1999.\n")
    (corpus / "b.txt").write_bytes(b"\xff")
    with running(Settings(data_dir=tmp_path / "data", corpus_dir=corpus)) as client:
        while (sync := client.get("/v1/index").json()["corpus"]) is None or sync["state"] == "running":
            pass
        assert (sync["state"], sync["files"], sync["articles"], sync["failed"]) == ("done", 2, 1, 1)
        answer = client.post("/v1/ask", json={"question": "Kapan Menara Uji selesai?"}).json()
        assert answer["citations"][0]["quote"] == "Menara Uji selesai pada 1999."


def test_what_nobody_foresaw_is_a_problem_with_the_request_id(settings: Settings) -> None:
    app = create_app(settings)

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/broken", headers={"x-request-id": "mine"})

    response = asyncio.run(get())
    assert_problem(response, 500, "internal error")
    assert response.headers["x-request-id"] == "mine"
    assert "ZeroDivision" not in response.text
