"""The state of the index, and health."""

from __future__ import annotations

from dataclasses import asdict

import anyio
from fastapi import APIRouter

from service.api.problems import described
from service.api.schemas import HealthOut, IndexCheckedOut, IndexOut, ReadyOut, SyncOut
from service.api.state import State
from service.api.views import index_view

router = APIRouter()


@router.get("/healthz", response_model=HealthOut, tags=["health"])
async def healthz() -> HealthOut:
    """The process is alive."""
    return HealthOut(status="ok")


@router.get("/readyz", response_model=ReadyOut, tags=["health"], responses=described(503))
async def readyz(state: State) -> ReadyOut:
    """Models are loaded and the index is reconciled: questions can be answered."""
    assert state.library
    return ReadyOut(status="ready")


@router.get("/v1/index", response_model=IndexOut, tags=["index"], responses=described(401, 503))
def index(state: State) -> IndexOut:
    """Counts, pending work, models, disk use, and how far the corpus folder is."""
    sync = state.sync
    return index_view(
        state.library,
        SyncOut(**{**asdict(sync), "folder": str(sync.folder)}) if sync is not None else None,
    )


@router.post(
    "/v1/index/verify", response_model=IndexCheckedOut, tags=["index"], responses=described(401, 503)
)
async def verify(state: State) -> IndexCheckedOut:
    """Compares catalog and vector index, after doing what is pending."""
    return IndexCheckedOut(complaints=await anyio.to_thread.run_sync(state.library.indexer.verify))


@router.post("/v1/index/rebuild", response_model=IndexOut, tags=["index"], responses=described(401, 503))
async def rebuild(state: State) -> IndexOut:
    """Builds the vector index anew beside the old one and switches to it; searches go on meanwhile."""
    await anyio.to_thread.run_sync(state.library.indexer.rebuild)
    return index_view(state.library)
