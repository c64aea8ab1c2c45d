"""Query parameters: those that a route doesn't have are refused, as unknown fields of a body are."""

from __future__ import annotations

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Path
from fastapi.routing import APIRoute

from service.api.guards import is_guarded


def check_query(request: Request) -> None:
    """Raises RequestValidationError for what the route of a request doesn't declare: mistyped, `?purge=true`
    would only take an article out of search. Probes of health may add what they like."""
    if not request.query_params or not is_guarded(request.url.path):
        return
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    declared = {p.alias for p in get_flat_params(route.dependant) if not isinstance(p.field_info, Path)}
    unknown = [name for name in request.query_params if name not in declared]
    if unknown:
        what = f"it takes {', '.join(sorted(declared))}" if declared else "it takes none"
        raise RequestValidationError(
            [
                {
                    "type": "extra_forbidden",
                    "loc": ("query", name),
                    "msg": f"is no parameter of this route; {what}",
                }
                for name in unknown
            ]
        )
