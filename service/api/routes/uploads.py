"""Articles: files of any supported format."""

from __future__ import annotations

from typing import Annotated

import anyio
from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BeforeValidator

from service.api.ndjson import NDJSON, ResultLines
from service.api.problems import described
from service.api.routes.articles import Wait, wait_indexed
from service.api.state import ServiceState, State
from service.api.views import stored_view
from service.articles import SUPPORTED, ArticleFailed, ArticleRead, Origin, read_streams
from service.articles.fields import MAX_CHARS, MAX_TAGS
from service.catalog import Stored
from service.errors import InvalidRequest
from service.ingest import BATCH_ARTICLES, batches
from service.library import Library

router = APIRouter(prefix="/v1/articles", tags=["articles"])

_FIELDS = ("files", "source", "tags", "language", "published")


def _check_files(sent: list[object]) -> list[object]:
    if any(isinstance(part, str) for part in sent):
        raise ValueError("send the part with a file name, as `curl -F files=@FILE` does")
    return sent


Files = Annotated[
    list[UploadFile],
    BeforeValidator(_check_files),
    File(description=f"each part with a file name, by whose end it is read: {SUPPORTED} (.gz)"),
]


@router.post(
    "/upload",
    responses={
        200: {
            "content": {
                NDJSON: {
                    "example": '{"file":"laporan.pdf","id":"laporan.pdf","version":"…","changed":true,'
                    '"created":true,"state":"pending","passages":3}\n'
                    '{"file":"berita.rss","entry":2,"error":"its text is empty"}\n'
                }
            },
            "description": "One line for each article and for each file that holds none, in order",
        },
        **described(400, 413, 503, 507),
    },
    openapi_extra={
        "requestBody": {
            "content": {
                "multipart/form-data": {
                    "example": {"files": ["Jembatan Contoh dibuka pada 3 Maret 2024."], "source": "Contoh"}
                }
            }
        }
    },
)
async def upload_articles(
    request: Request,
    state: State,
    files: Files,
    source: Annotated[str | None, Form(max_length=MAX_CHARS["source"], description="of all articles")] = None,
    tags: Annotated[
        list[str] | None, Form(max_length=MAX_TAGS, description="of all articles; repeat it")
    ] = None,
    language: Annotated[str | None, Form(description="of all articles; ISO 639-1 code")] = None,
    published: Annotated[str | None, Form(description="of all articles; ISO 8601 date")] = None,
    wait: Wait = None,
) -> StreamingResponse:
    """Takes files in any supported format. A bad file fails alone.

    An article's id is its own (front matter, JSON, the id of a feed's entry, else its link). A JSON line or
    an entry without one gets one made from its URL, else from title and text; every other file's id is its
    name, without folders. A field of the form holds for all articles, whatever the files say.
    """
    unknown = sorted(set(await request.form()) - set(_FIELDS))
    if unknown:
        raise InvalidRequest(f"unknown field {unknown[0]!r}")
    named = {"source": source, "tags": tags, "language": language, "published": published}
    given: dict[str, object] = {name: value for name, value in named.items() if value}
    taken = await anyio.to_thread.run_sync(_take_in, state, files, given)
    if wait == "indexed":
        await wait_indexed(state.library, [done.id for _, done in taken if done is not None])
    return await anyio.to_thread.run_sync(_told, state.library, taken)


def _take_in(
    state: ServiceState, files: list[UploadFile], given: dict[str, object]
) -> list[tuple[dict[str, object], Stored | None]]:
    """What is told of each result of the files, and what was stored of it."""
    library = state.library
    taken: list[tuple[dict[str, object], Stored | None]] = []
    opened = ((file_name(upload.filename), upload.file) for upload in files)
    results = read_streams(opened, state.settings.max_article_bytes, state.readers, given)
    for batch in batches(results, BATCH_ARTICLES):
        added = library.ingest.add([r.article for r in batch if not isinstance(r, ArticleFailed)])
        state.metrics.count_received("upload", added)
        stored = iter(added)
        for result in batch:
            line = _place(result.origin)
            if isinstance(result, ArticleFailed):
                state.metrics.count_refused("upload", result.kind)
                taken.append((line | {"error": result.reason}, None))
            else:
                taken.append((line | _warned(result), next(stored)))
    return taken


def _told(library: Library, taken: list[tuple[dict[str, object], Stored | None]]) -> StreamingResponse:
    with ResultLines() as lines:
        for line, done in taken:
            view = {} if done is None else stored_view(done, library.catalog.is_indexed(done.id)).model_dump()
            lines.write(line | view)
        return lines.response()


def file_name(sent: str | None) -> str:
    """The name of a file as it was sent, without the folders of whatever system it comes from."""
    name = (sent or "").replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in name if c.isprintable()).strip()


def _place(origin: Origin) -> dict[str, object]:
    numbers = {"line": origin.line, "entry": origin.entry}
    return {"file": str(origin.file)} | {name: n for name, n in numbers.items() if n is not None}


def _warned(result: ArticleRead) -> dict[str, object]:
    return {"warnings": list(result.warnings)} if result.warnings else {}
