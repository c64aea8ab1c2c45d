"""What is counted and timed, for Prometheus. docs/operations.md lists it; a test holds it to this module.

Every label has few values, all of them of our own making: no client can make a new series.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.catalog import Stored
from service.errors import Refusal
from service.records import Answer
from service.telemetry import Observer, Stage

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_ELSEWHERE = "other"
PROBLEM = "kutipan.problem"
"""Where in an ASGI scope the kind of the problem is that answers a request."""

Readings = Callable[[], dict[str, float]]
Way = Literal["http", "import", "upload", "folder"]
"""How an article came: alone over HTTP, as a line of an import, in a file sent, from the corpus folder."""
Ending = Literal["done", "left", "failed"]
_ANSWER_STAGES: tuple[Stage, ...] = ("rewrite", "retrieve", "read", "answer", "total")


class Metrics(Observer):
    """The metrics of one service, in a registry of its own. `readings` gives the present value of each of
    `GAUGES`; those that it lacks (nothing is open yet) are left out."""

    def __init__(self, readings: Readings) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Present(readings))
        self._answers = self._counter(
            "answers", "Questions answered or not found.", "status", "reason", "language"
        )
        self._streams = self._counter("streams", "Streamed answers, by how they ended.", "ending")
        self._received = self._counter("articles_received", "Articles taken in.", "way", "outcome")
        self._refused = self._counter("articles_refused", "Articles not taken in.", "way", "kind")
        self._embedded = self._counter("embedded_passages", "Passages that vectors were made for.")
        self._indexed = self._counter("indexed_passages", "Vectors written or removed.", "operation")
        self._problems = self._counter("http_problems", "Requests answered with a problem.", "status", "kind")
        self._requests = self._counter("http_requests", "Requests finished.", "method", "route", "status")
        self._request_seconds = self._histogram("http_request_seconds", "Time of HTTP requests.", "route")
        self._stages = self._histogram("stage_seconds", "Time of each stage.", "stage")
        self.in_flight = Gauge(
            "kutipan_http_requests_in_flight", "HTTP requests that are being handled.",
            registry=self.registry,
        )  # fmt: skip
        # What has not happened yet is 0 rather than missing: only so does the first time show as an increase.
        for way in get_args(Way):
            for outcome in ("created", "updated", "unchanged"):
                self._received.labels(way, outcome)
            for kind in get_args(Refusal):
                self._refused.labels(way, kind)
        for ending in get_args(Ending):
            self._streams.labels(ending)
        for stage in get_args(Stage):
            self._stages.labels(stage)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"kutipan_{name}", meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, *labels: str) -> Histogram:
        return Histogram(f"kutipan_{name}", meaning, labels, registry=self.registry, buckets=_BUCKETS_S)

    def count_answer(self, answer: Answer) -> None:
        """Counts an answer, and times its stages."""
        self._answers.labels(answer.status, answer.reason or "none", answer.language).inc()
        for stage in _ANSWER_STAGES:
            if stage in answer.timing_ms:
                self.timed(stage, answer.timing_ms[stage] / 1000)

    def count_stream(self, ending: Ending) -> None:
        """Counts a streamed answer: sent whole, left by its client, or failed."""
        self._streams.labels(ending).inc()

    def count_received(self, way: Way, stored: Iterable[Stored]) -> None:
        """Counts articles that were read and are in the catalog, new, changed or as they were."""
        for one in stored:
            outcome = "unchanged" if not one.changed else "created" if one.created else "updated"
            self._received.labels(way, outcome).inc()

    def count_refused(self, way: Way, kind: Refusal) -> None:
        """Counts an article that was not taken in."""
        self._refused.labels(way, kind).inc()

    def count_problem(self, status: int, kind: str) -> None:
        """Counts an error that a client was told of."""
        self._problems.labels(str(status), kind).inc()

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def timed(self, stage: Stage, seconds: float) -> None:
        self._stages.labels(stage).observe(seconds)

    def embedded(self, passages: int) -> None:
        self._embedded.inc(passages)

    def indexed(self, operation: str, passages: int) -> None:
        self._indexed.labels(operation).inc(passages)

    def text(self) -> bytes:
        """All of them in Prometheus's text format."""
        return generate_latest(self.registry)


GAUGES = {
    "kutipan_articles": "Articles that are searched.",
    "kutipan_passages": "Passages that are searched.",
    "kutipan_pending_passages": "Passages whose vectors are still to be written or removed.",
    "kutipan_pending_oldest_seconds": "How long the oldest of them has been waiting; 0 where there is none.",
    "kutipan_indexing_failed": "1 while the last attempt to index failed, else 0.",
    "kutipan_model_work_running": "Stages of questions that a thread is working on.",
    "kutipan_model_work_waiting": "Stages of questions that wait for a free core.",
    "kutipan_file_reads_waiting": "Files that wait for a process to read them.",
    "kutipan_catalog_bytes": "Size of the catalog on disk.",
    "kutipan_vectors_bytes": "Size of the vector index on disk.",
    "kutipan_corpus_failed_files": "Files of the corpus folder that could not be taken in.",
    "kutipan_corpus_waiting_files": "Files of it that are being written, counted up to twenty.",
    "kutipan_corpus_last_success_timestamp_seconds": "When the corpus folder was last looked through.",
    "kutipan_ready": "1 when questions can be answered, else 0.",
}


class _Present:
    """Reads the gauges when they are asked for."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        for name, value in self._readings().items():
            yield GaugeMetricFamily(name, GAUGES[name], value=value)

    def describe(self) -> Iterator[Metric]:
        for name, meaning in GAUGES.items():
            yield GaugeMetricFamily(name, meaning)


_METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS".split())


class RequestMetrics:
    """ASGI middleware: counts and times requests by the template of their route, so that no caller can make
    a new series by asking for a new path; and the problems they are answered with. The metrics are those of
    the app's `state.service`; before that is there, nothing is counted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        service = getattr(scope["app"].state, "service", None)
        if scope["type"] != "http" or service is None:
            await self._app(scope, receive, send)
            return
        metrics: Metrics = service.metrics
        began, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with metrics.in_flight.track_inprogress():
            try:
                await self._app(scope, receive, noted)
            finally:
                route = getattr(scope.get("route"), "path", _ELSEWHERE)
                known = route != _ELSEWHERE and scope["method"] in _METHODS
                method = scope["method"] if known else _ELSEWHERE
                metrics.count_request(method, route, status, time.perf_counter() - began)
                if PROBLEM in scope:
                    metrics.count_problem(status, scope[PROBLEM])
