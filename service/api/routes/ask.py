"""Questions and searches."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic import BaseModel

from service.api.leaving import check_client, while_there
from service.api.problems import described, problem_for
from service.api.schemas import AskIn, AskOut, SearchIn, SearchOut
from service.api.state import ServiceState, State
from service.api.views import answer_view, evidence_view, search_view, sentence_events
from service.errors import Abandoned
from service.metrics import Ending
from service.records import Answer, Reading

router = APIRouter(tags=["ask"])

_ANSWERED: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The answer; with `stream` the events `evidence`, a `sentence` for each, then `done` "
        "with the whole answer, or `error` with a problem",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.post("/v1/ask", response_model=AskOut, responses={**described(400, 413, 503), **_ANSWERED})
async def ask(body: AskIn, state: State, request: Request) -> AskOut | StreamingResponse:
    """Answers a question with verified quotations, or says that the articles don't hold the answer."""
    turns = [turn.record() for turn in body.history]
    engine = state.library.engine(
        body.filters.record(), body.evidence_limit, turns, body.now, check=check_client
    )
    if body.stream:
        events = answer_events(state, engine.follow(body.question), body)
        return StreamingResponse(
            events, media_type="text/event-stream", headers={"cache-control": "no-store"}
        )
    answer = await while_there(request, state.compute(lambda: engine.ask(body.question)))
    state.metrics.count_answer(answer)
    return answer_view(answer, body.mode, body.include_passages)


async def answer_events(
    state: ServiceState, stages: Iterator[Reading | Answer], body: AskIn
) -> AsyncGenerator[bytes]:
    """The events of one answer. A client that leaves ends it, in the middle of a stage too."""
    ending: Ending = "left"
    try:
        while (stage := await state.compute(partial(next, stages, None))) is not None:
            if isinstance(stage, Reading):
                yield _event("evidence", evidence_view(stage))
            else:
                state.metrics.count_answer(stage)
                for event in sentence_events(stage):
                    yield _event("sentence", event)
                ending = "done"
                yield _event("done", answer_view(stage, body.mode, body.include_passages))
    except Abandoned:
        pass  # it left while a worker was busy, and nobody is there to be told
    except Exception as error:
        ending = "failed"
        problem = problem_for(error)
        state.metrics.count_problem(problem.status_code, problem.kind)
        yield format_sse_event(event="error", data_str=bytes(problem.body).decode())
    finally:
        state.metrics.count_stream(ending)


def _event(name: str, value: BaseModel) -> bytes:
    return format_sse_event(event=name, data_str=value.model_dump_json())


@router.post("/v1/search", response_model=SearchOut, responses=described(400, 413, 503))
async def search(body: SearchIn, state: State, request: Request) -> SearchOut:
    """The passages most related to a query, best first."""
    searcher, filters = state.library.searcher, body.filters.record()
    work = state.compute(lambda: searcher.search(body.query, filters, body.limit))
    found = await while_there(request, work)
    return search_view(found)
