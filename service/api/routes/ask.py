"""Questions and searches."""

from __future__ import annotations

from fastapi import APIRouter

from service.api.problems import described
from service.api.schemas import AskIn, AskOut, SearchIn, SearchOut
from service.api.state import State
from service.api.views import answer_view, search_view

router = APIRouter(tags=["ask"])


@router.post("/v1/ask", response_model=AskOut, responses=described(401, 413, 422, 503))
async def ask(body: AskIn, state: State) -> AskOut:
    """Answers a question with verified quotations, or says that the articles don't hold the answer."""
    engine = state.library.engine(body.filters.record(), body.evidence_limit)
    answer = await state.compute(lambda: engine.ask(body.question))
    return answer_view(answer, body.mode, body.include_passages)


@router.post("/v1/search", response_model=SearchOut, responses=described(401, 413, 422, 503))
async def search(body: SearchIn, state: State) -> SearchOut:
    """The passages most related to a query, best first."""
    searcher, filters = state.library.searcher, body.filters.record()
    found = await state.compute(lambda: searcher.search(body.query, filters, body.limit))
    return search_view(found)
