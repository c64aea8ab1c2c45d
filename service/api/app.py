"""The application: routes, guards and error handling around one `ServiceState`."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline

from service import __version__
from service.api import examples
from service.api.guards import READING, BodyLimit, KeyGuard, is_guarded, load_key
from service.api.page import add_page
from service.api.problems import InternalErrors, Problem, described, handle_errors
from service.api.queries import check_query
from service.api.routes import articles, ask, citations, index, uploads
from service.api.state import ServiceState
from service.embeddings import Embedder
from service.metrics import RequestMetrics
from service.reading import Reader
from service.settings import Settings
from service.telemetry import RequestLog

_DESCRIPTION = (
    "Answers questions about news articles, in Indonesian and English, and backs every sentence with a "
    "verbatim quotation that can be checked."
)


def create_app(
    settings: Settings,
    url: str | None = None,
    embedder: Embedder | None = None,
    on_failure: Callable[[], None] | None = None,
    stop: threading.Event | None = None,
    reader: Reader | None = None,
) -> FastAPI:
    """The app for these settings, reached at `url`.

    `embedder` and `reader` replace the configured ones; `on_failure` is called where the library cannot be
    opened; `stop` may be set while requests are still in flight, and ends what would take long.
    Raises ConfigurationError where a key is needed and missing.
    """
    key = load_key(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        state = app.state.service = ServiceState(settings, url, embedder, stop, reader)
        state.start(on_failure)
        yield
        await anyio.to_thread.run_sync(state.close)

    # The documentation page's scripts come from a package: nothing is fetched from a CDN.
    app = FastAPIOffline(
        title="Kutipan", version=__version__, description=_DESCRIPTION, lifespan=lifespan, redoc_url=None
    )
    for module in (ask, articles, uploads, citations, index):
        app.include_router(module.router, dependencies=[Depends(check_query)], responses=described(422))
    add_page(app)

    handle_errors(app)
    app.add_middleware(InternalErrors)
    app.add_middleware(
        BodyLimit,
        max_article_bytes=settings.max_article_bytes,
        max_upload_bytes=settings.max_upload_bytes,
    )
    app.add_middleware(KeyGuard, key=key, host=settings.host)
    app.add_middleware(RequestMetrics)
    app.add_middleware(RequestLog)
    _complete_openapi(app, key is not None)
    return app


def _refusals(*without_key: int) -> dict[str, object]:
    """What the guard answers with: 401 where there is a key, the others where there is none."""
    return {str(status): problem for status, problem in described(401, *without_key).items()}


def _complete_openapi(app: FastAPI, needs_key: bool) -> None:
    """Adds what FastAPI doesn't know: problems, who asks for the key, and responses with the nulls that it
    leaves out."""
    made = app.openapi

    def openapi() -> dict[str, object]:
        schema = made()
        schemas = schema["components"]["schemas"]
        if "Problem" not in schemas:
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(problem.pop("$defs", {}))
            schemas["Problem"] = problem
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            for name, example in examples.RESPONSES.items():
                schemas[name]["examples"] = [example]
            if needs_key:
                schema["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
                schema["security"] = [{"key": []}]
            for path, methods in schema["paths"].items():
                for method, operation in methods.items():
                    if is_guarded(path):
                        reading = method.upper() in READING
                        operation["responses"] |= _refusals(421) if reading else _refusals(403, 421)
                    elif needs_key:
                        operation["security"] = []
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
