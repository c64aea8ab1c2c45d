"""A server over an index of one size: how long it takes to start, search and answer, and its memory."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from eval.bench.growth import TENTH
from eval.bench.memory import PeakMemory
from eval.bench.protocol import HITS, under_load
from eval.server import Server, serving
from service.catalog import Catalog
from service.library import catalog_file
from service.vectors import folder_bytes

CONDITIONS = ("quiet", "ingest")
ASKED = ("search", "search, filtered", "answer", "answer, filtered")
CLIENTS = 16
_LEAST = 10
"""Questions that are asked in any case, however little time is left."""
_FED, _MOST_PENDING = 16, 128
_POLL_S = 0.05


def measure_size(
    index: Path,
    run: Path,
    questions: Sequence[str],
    earlier: Sequence[str],
    spare: Sequence[dict[str, Any]],
    seconds: float,
    starts: int = 3,
) -> dict[str, Any]:
    """Everything about one size, over a copy of `index` in the folder `run`, which is removed.

    `earlier` are other questions, searched for before the rest is measured: a server keeps what it has read
    for frequent words. `spare` are articles to take in meanwhile that it doesn't hold; each of the two
    conditions takes `seconds` at most, the load besides them a quarter of that for searches, a quarter for
    answers.
    """
    catalog = Catalog(catalog_file(index))
    counts = catalog.counts()
    catalog.close()
    total, vectors = folder_bytes(index), folder_bytes(index / "vectors")
    found: dict[str, Any] = {
        "passages": counts.passages,
        "articles": counts.articles,
        "disk_bytes": {"catalog": total - vectors, "vectors": vectors},
        "starts": [],
    }
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(index, run)
    try:
        for number in range(starts):
            with _started(run, questions[0]) as (server, started):
                found["starts"].append(started)
                if number < starts - 1:
                    server.stop()
                else:  # killed after that: its folder goes, and what was fed last may take long to index
                    found |= _served(server, questions, earlier, spare, seconds)
    finally:
        shutil.rmtree(run, ignore_errors=True)
    return found


@contextmanager
def _started(folder: Path, question: str) -> Iterator[tuple[Server, dict[str, float]]]:
    """A server, and the seconds from its process to `/readyz` and to its first answer."""
    began = time.perf_counter()
    with serving(KUTIPAN_DATA_DIR=folder) as server:
        server.wait_ready()
        ready = time.perf_counter() - began
        with httpx.Client(base_url=server.url, timeout=60) as client:
            _ask(client, "answer", question)
        yield server, {"ready": ready, "answered": time.perf_counter() - began}


def _served(
    server: Server,
    questions: Sequence[str],
    earlier: Sequence[str],
    spare: Sequence[dict[str, Any]],
    seconds: float,
) -> dict[str, Any]:
    found: dict[str, Any] = {"memory_bytes": {}}
    memory = PeakMemory(server.process.pid)
    with httpx.Client(base_url=server.url, timeout=60) as client:
        found["earlier_ms"] = [_ask_timed(client, "search", question)[1] for question in earlier]
    found["quiet"] = _conditions(server.url, questions, seconds)
    found["load"] = {kind: _loaded(server.url, kind, questions, seconds / 4) for kind in ("search", "answer")}
    found["memory_bytes"]["quiet"] = memory.stop()
    memory = PeakMemory(server.process.pid)
    with Feeder(server.url, spare) as feeder:
        found["ingest"] = _conditions(server.url, questions, seconds)
    found["fed"] = {"passages": feeder.passages, "seconds": feeder.seconds}
    found["memory_bytes"]["ingest"] = memory.stop()
    return found


def _conditions(url: str, questions: Sequence[str], seconds: float) -> dict[str, Any]:
    """Milliseconds of each of `ASKED`, all four in turn, and how many were answered. Each has a part of the
    questions of its own: one that was asked in another way before would find its words kept."""
    times: dict[str, list[float]] = {name: [] for name in ASKED}
    answered, until = 0, time.perf_counter() + seconds
    with httpx.Client(base_url=url, timeout=60) as client:
        for name in ASKED:
            _ask(client, name, questions[0])
        for number in range(max(_LEAST, len(questions) // len(ASKED))):
            if number >= _LEAST and time.perf_counter() > until:
                break
            for name in ASKED[number % len(ASKED) :] + ASKED[: number % len(ASKED)]:
                place = number + ASKED.index(name) * len(questions) // len(ASKED)
                reply, took = _ask_timed(client, name, questions[place % len(questions)])
                times[name].append(took)
                answered += name == "answer" and reply["status"] == "answered"
    return {"ms": times, "answered": answered}


def _ask_timed(client: httpx.Client, name: str, question: str) -> tuple[dict[str, Any], float]:
    """The reply and the milliseconds that it took."""
    began = time.perf_counter()
    reply = _ask(client, name, question)
    return reply, round(1000 * (time.perf_counter() - began), 3)


def _ask(client: httpx.Client, name: str, question: str) -> dict[str, Any]:
    filters = {"filters": {"tags": [TENTH]}} if name.endswith("filtered") else {}
    if name.startswith("search"):
        response = client.post("/v1/search", json={"query": question, "limit": HITS, **filters})
    else:
        response = client.post("/v1/ask", json={"question": question, **filters})
    reply: dict[str, Any] = response.raise_for_status().json()
    return reply


def _loaded(url: str, kind: str, questions: Sequence[str], seconds: float) -> dict[str, Any]:
    local = threading.local()

    def ask(question: str) -> None:
        if not hasattr(local, "client"):
            local.client = clients.enter_context(httpx.Client(base_url=url, timeout=120))
        _ask(local.client, kind, question)

    with contextlib.ExitStack() as clients:
        return under_load(ask, questions, CLIENTS, seconds)


class Feeder:
    """Keeps a server's indexer busy for the length of a block: imports `articles`, some at a time, the next
    when few passages are pending. `passages` were indexed in `seconds`."""

    def __init__(self, url: str, articles: Sequence[dict[str, Any]]) -> None:
        self._url = url
        self._articles = articles
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._failure: Exception | None = None
        self.passages = 0
        self.seconds = 0.0

    def __enter__(self) -> Feeder:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops feeding. Raises what the feeding met."""
        self._stop.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._feed()
        except Exception as error:
            self._failure = error

    def _feed(self) -> None:
        began = time.perf_counter()
        with httpx.Client(base_url=self._url, timeout=120) as client:
            first = self._indexed(client)
            for start in itertools.count(0, _FED):
                batch = self._articles[start : start + _FED]
                if not batch and not self._stop.is_set():
                    raise ValueError("there are no more articles to take in meanwhile")
                if self._stop.is_set():
                    break
                body = "\n".join(json.dumps(row) for row in batch)
                client.post("/v1/articles/import", content=body).raise_for_status()
                while not self._stop.is_set() and self._pending(client) > _MOST_PENDING:
                    time.sleep(_POLL_S)
            self.seconds = time.perf_counter() - began
            self.passages = self._indexed(client) - first

    def _pending(self, client: httpx.Client) -> int:
        return int(client.get("/v1/index").raise_for_status().json()["pending"])

    def _indexed(self, client: httpx.Client) -> int:
        index = client.get("/v1/index").raise_for_status().json()
        return int(index["passages"] - index["pending"])
