"""The state of the index, and health."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import anyio
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from service.api.problems import described
from service.api.schemas import (
    CompactedOut,
    HealthOut,
    HolderOut,
    HoldersIn,
    HoldersOut,
    IndexCheckedOut,
    IndexOut,
    ReadyOut,
    SourceFileIO,
    SourcesIn,
    SourcesOut,
    SourcesRecordedOut,
)
from service.api.state import ServiceState, State
from service.api.views import index_view
from service.catalog import SourceFile

router = APIRouter()


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", response_model=HealthOut, tags=["health"])
async def healthz() -> HealthOut:
    """The process is alive."""
    return HealthOut(status="ok")


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", response_model=ReadyOut, tags=["health"], responses=described(503))
def readyz(state: State) -> ReadyOut:
    """Models are loaded, and the index is reconciled and can be searched: questions can be answered."""
    state.library.indexer.check()
    return ReadyOut(status="ready")


@router.get("/metrics", response_class=PlainTextResponse, tags=["health"])
def metrics(request: Request) -> Response:
    """Counts and times for Prometheus; docs/operations.md says what each means."""
    state: ServiceState = request.app.state.service
    return Response(state.metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/index", response_model=IndexOut, tags=["index"], responses=described(503))
def index(state: State) -> IndexOut:
    """Counts, pending work, models, disk use, and how far the corpus folder is."""
    return index_view(state.library, state.corpus)


@router.post("/v1/index/verify", response_model=IndexCheckedOut, tags=["index"], responses=described(503))
async def verify(state: State) -> IndexCheckedOut:
    """Compares catalog and vector index, after doing what is pending."""
    return IndexCheckedOut(complaints=await anyio.to_thread.run_sync(state.library.indexer.verify))


@router.post("/v1/index/rebuild", response_model=IndexOut, tags=["index"], responses=described(503))
async def rebuild(state: State) -> IndexOut:
    """Builds the vector index anew beside the old one and switches to it; searches go on meanwhile."""

    def work() -> IndexOut:
        state.library.indexer.rebuild()
        return index_view(state.library, state.corpus)

    return await anyio.to_thread.run_sync(work)


@router.post("/v1/index/compact", response_model=CompactedOut, tags=["index"], responses=described(503))
async def compact(state: State) -> CompactedOut:
    """Builds the vector index anew in a folder of its own, which gives back the disk space of vectors that
    were removed; searches go on meanwhile. Refused where a Chroma server has the index."""
    done = await anyio.to_thread.run_sync(state.library.indexer.compact)
    return CompactedOut.model_validate(asdict(done))


@router.get("/v1/index/sources", response_model=SourcesOut, tags=["index"], responses=described(503))
def sources(state: State, folder: Annotated[str, Query(min_length=1)]) -> SourcesOut:
    """The files of a folder as they were last taken in. Only a name here: the server does not open it."""
    files = state.library.ingest.sources(folder).values()
    return SourcesOut(files=[SourceFileIO(**asdict(file)) for file in files])


@router.post(
    "/v1/index/sources/holders",
    response_model=HoldersOut,
    tags=["index"],
    responses=described(400, 413, 503),
)
def holders(body: HoldersIn, state: State) -> HoldersOut:
    """The files of other folders that gave these articles as they are now, so that a program doesn't replace
    what is another folder's; of an article that the folder gave as well, none."""
    found = state.library.ingest.holders(body.folder, body.article_ids)
    return HoldersOut(holders=[HolderOut(**asdict(holder)) for holder in found])


@router.post(
    "/v1/index/sources",
    response_model=SourcesRecordedOut,
    tags=["index"],
    responses=described(400, 413, 503, 507),
)
def record_sources(body: SourcesIn, state: State) -> SourcesRecordedOut:
    """Notes where articles came from, for a program that keeps them equal to a folder of its own: after
    writing them, it says which file gave which, and which files are gone."""
    files = [SourceFile(**file.model_dump()) for file in body.files]
    recorded = state.library.ingest.record_sources(body.folder, files, body.gone, body.prune)
    return SourcesRecordedOut(removed=list(recorded.removed), gone=recorded.gone)
