"""Clients that leave before they have their answer.

Whoever notices that a client has gone (`while_there`, or Starlette where a response is streamed) cancels what
is done for it. What waits for a worker then leaves the queue at once; a worker that is busy asks with
`check_client` between two steps. A step that has begun is ended: its thread cannot be stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import anyio
from fastapi import Request

from service.errors import Abandoned

T = TypeVar("T")
_GONE = "the client has gone"


def check_client() -> None:
    """Raises Abandoned in a worker whose client has gone."""
    try:
        anyio.from_thread.check_cancelled()
    except asyncio.CancelledError:
        raise Abandoned(_GONE) from None


async def while_there(request: Request, work: Awaitable[T]) -> T:
    """What `work` gives. Raises Abandoned where the client left first, once no worker is at it any more.

    For requests whose body was read: what comes from the client then can only be that it has gone.
    """
    with anyio.CancelScope() as waiting:
        watch = asyncio.create_task(_cancel_at_departure(request, waiting))
        try:
            return await work
        finally:
            watch.cancel()
    raise Abandoned(_GONE)


async def _cancel_at_departure(request: Request, waiting: anyio.CancelScope) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    waiting.cancel()
