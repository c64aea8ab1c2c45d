"""Structured logs, each line with the id of the request it belongs to, and what stages tell of themselves."""

from __future__ import annotations

import logging
import re
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID_HEADER = "x-request-id"
_ACCEPTED_ID = re.compile(r"[\w.:-]{1,64}")
_QUIET = ("/healthz", "/readyz")
_SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A structured logger over the standard library's logger of that name.

    It does not depend on structlog's global configuration, whose default prints to standard output: in
    somebody else's program our lines go wherever their logging sends them.
    """
    logger: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return logger


log = get_logger(__name__)

Stage = Literal[
    "wait", "rewrite", "retrieve", "embed", "filters", "vectors", "keywords", "read", "answer", "total",
    "read_file", "split", "store", "embed_passages", "index",
]  # fmt: skip


class Observer:
    """Whom the stages tell what they did. This one takes no notice; `service.metrics` does."""

    def timed(self, stage: Stage, seconds: float) -> None:
        """A stage was gone through, well or not."""

    def embedded(self, passages: int) -> None:
        """Vectors were made for so many passages."""

    def indexed(self, operation: str, passages: int) -> None:
        """So many vectors were written ("upsert") or removed ("delete")."""

    @contextmanager
    def timing(self, stage: Stage) -> Iterator[None]:
        """Times its block."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.timed(stage, time.perf_counter() - began)


def configure_logging(log_format: str) -> None:
    """Sends all logs, the libraries' too, to standard error: "json" lines, "text", or "auto", which
    is text on a terminal and JSON elsewhere."""
    text = log_format == "text" or (log_format == "auto" and sys.stderr.isatty())
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if text
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("service").setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)  # RequestLog says more


def current_request_id() -> str:
    """The id of the request being handled; "-" outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", "-"))


class RequestLog:
    """ASGI middleware: gives every request an id (its own `X-Request-ID`, where that is a sane one),
    returns it in the response, and logs method, path, status and milliseconds when it is done."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(REQUEST_ID_HEADER.encode(), b"").decode("latin-1")
        request_id = given if _ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", []), (REQUEST_ID_HEADER.encode(), request_id.encode())]
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            if scope["path"] not in _QUIET:
                log.info(
                    "request",
                    method=scope["method"], path=scope["path"], status=status,
                    ms=round(1000 * (time.perf_counter() - began), 1),
                )  # fmt: skip
