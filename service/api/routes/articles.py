"""Articles: write, import, list, read, delete."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Literal

import anyio
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from service.api.ndjson import NDJSON, ResultLines
from service.api.problems import described
from service.api.schemas import (
    ArticleHead,
    ArticleIn,
    ArticleOut,
    ArticlesOut,
    DeletedOut,
    LanguageCode,
    Period,
    StoredOut,
)
from service.api.state import ServiceState, State
from service.api.views import stored_view
from service.articles import FIELDS, SILENT_FIELDS, article_from_fields, check_id, json_object
from service.catalog import Stored
from service.errors import ArticleRejected, InvalidRequest
from service.ingest import BATCH_ARTICLES
from service.library import Library
from service.records import Article, Filters
from service.settings import Settings

router = APIRouter(prefix="/v1/articles", tags=["articles"])

WAIT_S, _POLL_S = 60.0, 0.02
_MOST_LINE_BYTES, _FIELDS_BYTES = 2, 100_000
"""A line of JSON may be so many times as long as the text in it (a line break or quotation mark takes two
characters), and the other fields have room."""
Line = tuple[int, bytes | None]
"""Its number, from 1, and what is on it."""
Imported = tuple[int, Stored | dict[str, object]]
"""The number of a line and what was stored of it, or why nothing was."""
Wait = Annotated[Literal["indexed"] | None, Query(description="answer when the article can be found")]


@router.post(
    "",
    response_model=StoredOut,
    status_code=201,
    responses={200: {"model": StoredOut}, **described(400, 413, 503, 507)},
)
async def add_article(body: ArticleIn, state: State, response: Response, wait: Wait = None) -> StoredOut:
    """Creates or replaces one article, durable when answered; 201 where it is new, else 200."""
    return await _write(body, None, state, response, wait)


@router.post(
    "/import",
    responses={
        200: {
            "content": {
                NDJSON: {
                    "example": '{"line":1,"id":"a","version":"…","changed":true,"created":true,'
                    '"state":"pending","passages":3}\n'
                    '{"line":2,"id":null,"error":"not JSON: Expecting value at character 1"}\n'
                }
            },
            "description": "One line for each line sent but blank ones, in order, with its number from 1",
        },
        **described(503, 507),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                NDJSON: {
                    "schema": {"type": "string"},
                    "example": '{"id": "contoh-1", "title": "Contoh", "text": "Ini sebuah contoh."}\n',
                }
            },
        }
    },
)
async def import_articles(request: Request, state: State, wait: Wait = None) -> StreamingResponse:
    """Takes NDJSON, one article a line. A bad line fails alone; blank lines are passed over."""
    longest = _MOST_LINE_BYTES * state.settings.max_article_bytes + _FIELDS_BYTES
    waiting = wait == "indexed"
    with ResultLines() as results:
        async for batch in _line_batches(request, longest):
            taken = await anyio.to_thread.run_sync(_import_batch, state, batch)
            if waiting:  # where a batch isn't found in time, those after it would not be either
                ids = [outcome.id for _, outcome in taken if isinstance(outcome, Stored)]
                waiting = await wait_indexed(state.library, ids)
            await anyio.to_thread.run_sync(_write_results, state.library, taken, results)
        return results.response()


class ArticlesQuery(Period):
    """What the list may be asked for."""

    limit: int = Field(100, ge=1, le=1000)
    cursor: str | None = None
    language: LanguageCode | None = None
    source: list[str] = Field(default_factory=list)
    tag: list[str] = Field(default_factory=list)


@router.get("", response_model=ArticlesOut, responses=described(503))
def list_articles(state: State, asked: Annotated[ArticlesQuery, Query()]) -> ArticlesOut:
    """Current articles in id order, without their text."""
    filters = Filters(
        language=asked.language,
        source=tuple(asked.source),
        tags=tuple(asked.tag),
        published_from=asked.published_from.isoformat() if asked.published_from else None,
        published_to=asked.published_to.isoformat() if asked.published_to else None,
    )
    found = state.library.catalog.list_articles(filters, _decode_cursor(asked.cursor), asked.limit + 1)
    heads = [ArticleHead(**_head(article, version)) for article, version in found[: asked.limit]]
    return ArticlesOut(
        articles=heads, next_cursor=_encode_cursor(heads[-1].id) if len(found) > asked.limit else None
    )


@router.get("/{article_id:path}", response_model=ArticleOut, responses=described(404, 410, 503))
def get_article(article_id: str, state: State, version: str | None = None) -> ArticleOut:
    """An article in its current version, or in any version it had that was not purged."""
    catalog = state.library.catalog
    article = catalog.get_article(article_id, version)
    head = _head(article, article.version if version is None else version)
    return ArticleOut(
        **head,
        text=article.text,
        page_starts=list(article.page_starts),
        current=catalog.current_version(article_id) == head["version"],
    )


@router.put(
    "/{article_id:path}",
    response_model=StoredOut,
    responses={201: {"model": StoredOut}, **described(400, 413, 503, 507)},
)
async def put_article(
    article_id: str, body: ArticleIn, state: State, response: Response, wait: Wait = None
) -> StoredOut:
    """Creates or replaces an article; the same content again changes nothing and costs nothing."""
    check_id(article_id)
    if body.id is not None and body.id != article_id:
        raise InvalidRequest(f"the id in the body, {body.id!r}, is not the one in the path")
    return await _write(body, article_id, state, response, wait)


@router.delete("/{article_id:path}", response_model=DeletedOut, responses=described(404, 503, 507))
def delete_article(article_id: str, state: State, purge: bool = False) -> DeletedOut:
    """Takes an article out of search. Its versions can still be read and verified, unless `purge`
    removes their text, keywords and vectors too."""
    state.library.ingest.delete(article_id, purge)
    return DeletedOut(id=article_id, purged=purge)


async def _write(
    body: ArticleIn, article_id: str | None, state: ServiceState, response: Response, wait: str | None
) -> StoredOut:
    library = state.library
    fields = body.model_dump(exclude_none=True)
    if article_id is not None:
        fields["id"] = article_id

    def work() -> tuple[Stored, bool]:
        article, _ = article_from_fields(fields)
        check_size(article, state.settings)
        (stored,) = library.ingest.add([article])
        return stored, library.catalog.is_indexed(stored.id)

    try:
        stored, indexed = await anyio.to_thread.run_sync(work)
    except ArticleRejected as error:
        state.metrics.count_refused("http", error.kind)
        raise
    if wait == "indexed" and not indexed:
        indexed = await wait_indexed(library, [stored.id])
    state.metrics.count_received("http", [stored])
    response.status_code = 201 if stored.created else 200
    return stored_view(stored, indexed)


async def wait_indexed(library: Library, article_ids: Sequence[str]) -> bool:
    """Waits until articles can be found; False where WAIT_S passed first. No thread waits, for reads need
    them."""
    deadline = time.monotonic() + WAIT_S
    for article_id in article_ids:
        while not await anyio.to_thread.run_sync(library.catalog.is_indexed, article_id):
            if time.monotonic() >= deadline:
                return False
            await anyio.sleep(_POLL_S)
    return True


def check_size(article: Article, settings: Settings) -> None:
    """Raises ArticleRejected for an article that is too large."""
    if len(article.text.encode()) > settings.max_article_bytes:
        raise ArticleRejected(
            f"larger than {settings.max_article_mb:g} MB (KUTIPAN_MAX_ARTICLE_MB)", "too_large"
        )


async def _lines(request: Request, max_bytes: int) -> AsyncIterator[Line]:
    """The lines of a body without the blank ones; None for one longer than `max_bytes`."""
    buffer = bytearray()
    number, overlong = 0, False
    async for chunk in request.stream():
        *whole, rest = (bytes(buffer) + chunk).split(b"\n")
        for line in whole:
            number += 1
            if overlong or len(line) > max_bytes:
                yield number, None
            elif line.strip():
                yield number, line
            overlong = False
        buffer = bytearray(rest)
        if len(buffer) > max_bytes:
            overlong, buffer = True, bytearray()
    if overlong:
        yield number + 1, None
    elif buffer.strip():
        yield number + 1, bytes(buffer)


async def _line_batches(request: Request, max_bytes: int) -> AsyncIterator[list[Line]]:
    """The lines of a body, so many at a time as are stored together; the last batch may be empty."""
    batch: list[Line] = []
    async for line in _lines(request, max_bytes):
        batch.append(line)
        if len(batch) == BATCH_ARTICLES:
            yield batch
            batch = []
    yield batch


def _import_batch(state: ServiceState, batch: list[Line]) -> list[Imported]:
    """What became of each line, in order."""
    accepted: list[Article] = []
    outcomes: list[tuple[int, dict[str, object] | None]] = []
    for number, line in batch:
        identifier: object = None
        try:
            if line is None:
                raise ArticleRejected(
                    "the line is longer than an article may be (KUTIPAN_MAX_ARTICLE_MB)", "too_large"
                )
            fields = json_object(line)
            identifier = fields["id"] if isinstance(fields.get("id"), str | int) else None
            unknown = sorted(fields.keys() - FIELDS - SILENT_FIELDS)
            if unknown:
                raise ArticleRejected(f"unknown field {unknown[0]!r}")
            article, _ = article_from_fields(fields)
            check_size(article, state.settings)
            accepted.append(article)
            outcomes.append((number, None))
        except ArticleRejected as error:
            state.metrics.count_refused("import", error.kind)
            outcomes.append((number, {"id": identifier, "error": str(error)}))
    added = state.library.ingest.add(accepted)
    state.metrics.count_received("import", added)
    stored = iter(added)
    return [(number, next(stored) if refused is None else refused) for number, refused in outcomes]


def _write_results(library: Library, taken: list[Imported], results: ResultLines) -> None:
    for number, outcome in taken:
        if isinstance(outcome, Stored):
            outcome = stored_view(outcome, library.catalog.is_indexed(outcome.id)).model_dump()
        results.write({"line": number} | outcome)


def _head(article: Article, version: str) -> dict[str, object]:
    return {
        "id": article.id,
        "version": version,
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "author": article.author,
        "published": article.published,
        "language": article.language,
        "tags": list(article.tags),
    }


def _encode_cursor(article_id: str) -> str:
    return base64.urlsafe_b64encode(article_id.encode()).decode()


def _decode_cursor(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    try:
        return base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise InvalidRequest("this cursor was not made by this service") from None
