"""Checking quotations."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter

from service.api.problems import described
from service.api.schemas import VerdictOut, VerifyIn, VerifyOut
from service.api.state import State
from service.citations import Claimed, verify_citation

router = APIRouter(prefix="/v1/citations", tags=["citations"])


@router.post("/verify", response_model=VerifyOut, responses=described(400, 413, 503))
def verify(body: VerifyIn, state: State) -> VerifyOut:
    """Whether each quotation stands exactly where it claims to, in the version it names."""
    catalog = state.library.catalog
    verdicts = [verify_citation(catalog, Claimed(**claimed.model_dump())) for claimed in body.citations]
    return VerifyOut(citations=[VerdictOut(**asdict(verdict)) for verdict in verdicts])
