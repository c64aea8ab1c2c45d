"""What is counted and timed, for Prometheus. docs/operations.md lists it; a test holds it to this module."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.records import Answer

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ELSEWHERE = "other"

Readings = Callable[[], dict[str, float]]


class Metrics:
    """The metrics of one service, in a registry of its own. `readings` gives the present value of each of
    `GAUGES`; those that it lacks (nothing is open yet) are left out."""

    def __init__(self, readings: Readings) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Present(readings))
        self._answers = Counter(
            "kutipan_answers", "Questions answered or not found.", ["status", "reason", "language"],
            registry=self.registry,
        )  # fmt: skip
        self._stages = Histogram(
            "kutipan_stage_seconds", "Time of each stage of an answer.", ["stage"],
            registry=self.registry, buckets=_BUCKETS_S,
        )  # fmt: skip
        self.requests = Counter(
            "kutipan_http_requests", "HTTP requests that were finished.", ["method", "route", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.request_seconds = Histogram(
            "kutipan_http_request_seconds", "Time of HTTP requests.", ["route"],
            registry=self.registry, buckets=_BUCKETS_S,
        )  # fmt: skip
        self.in_flight = Gauge(
            "kutipan_http_requests_in_flight", "HTTP requests that are being handled.",
            registry=self.registry,
        )  # fmt: skip

    def count_answer(self, answer: Answer) -> None:
        """Counts an answer, and times its stages."""
        self._answers.labels(answer.status, answer.reason or "none", answer.language).inc()
        for stage, milliseconds in answer.timing_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)

    def text(self) -> bytes:
        """All of them in Prometheus's text format."""
        return generate_latest(self.registry)


GAUGES = {
    "kutipan_articles": "Articles that are searched.",
    "kutipan_passages": "Passages that are searched.",
    "kutipan_pending_passages": "Passages whose vectors are still to be written or removed.",
    "kutipan_indexing_failed": "1 while the last attempt to index failed, else 0.",
    "kutipan_catalog_bytes": "Size of the catalog on disk.",
    "kutipan_vectors_bytes": "Size of the vector index on disk.",
    "kutipan_corpus_failed_files": "Files of the corpus folder that could not be taken in.",
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


class RequestMetrics:
    """ASGI middleware: counts and times requests by the template of their route, so that no caller can make
    a new series by asking for a new path. The metrics are those of the app's `state.service`; before that is
    there, nothing is counted."""

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
                known = scope["method"] if route != _ELSEWHERE else _ELSEWHERE
                metrics.requests.labels(known, route, str(status)).inc()
                metrics.request_seconds.labels(route).observe(time.perf_counter() - began)
