"""Errors → `application/problem+json` (RFC 9457): the one place that knows their status codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import errors
from service.metrics import PROBLEM
from service.telemetry import current_request_id, get_logger

log = get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
KINDS = {400: "malformed_body", 404: "unknown_route", 405: "wrong_method", 413: "body_too_large"}
_OURS = "Value error, "  # how pydantic introduces what a check of ours says
_INTERNAL = "an internal error; the log has it under this request id"

_CLIENT_GONE = 499  # nginx's number for it: nobody gets the response, and it is no failure of ours
_PHRASES = {_CLIENT_GONE: "Client Closed Request"}

STATUSES: dict[type[errors.ServiceError], int] = {
    errors.ArticleRejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ArticleNotFound: HTTPStatus.NOT_FOUND,
    errors.VersionNotFound: HTTPStatus.NOT_FOUND,
    errors.VersionPurged: HTTPStatus.GONE,
    errors.NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.IndexBroken: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.IndexRefuses: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.IndexUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ModelUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StorageFailed: HTTPStatus.INSUFFICIENT_STORAGE,
    errors.Abandoned: _CLIENT_GONE,
}


class FieldProblem(BaseModel):
    """One thing that is wrong with a request."""

    field: str = Field(description="Path of the field, with dots")
    message: str


class Problem(BaseModel):
    """An error as RFC 9457 describes it."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no article 'x'"])
    request_id: str = Field(examples=["6f1c0d8e"])
    errors: list[FieldProblem] | None = None


class ProblemResponse(JSONResponse):
    """The response for an error; `kind` says which, in one of few words."""

    media_type = MEDIA_TYPE

    def __init__(self, body: Problem, kind: str, headers: dict[str, str]) -> None:
        self.kind = kind
        super().__init__(body.model_dump(exclude_none=True), body.status, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[PROBLEM] = self.kind
        await super().__call__(scope, receive, send)


def problem(status: int, detail: str, kind: str, fields: list[FieldProblem] | None = None) -> ProblemResponse:
    """The response for an error."""
    body = Problem(
        type="about:blank",
        title=_PHRASES.get(status) or HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        request_id=current_request_id(),
        errors=fields,
    )
    headers = {"www-authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = "2"
    return ProblemResponse(body, kind, headers)


def problem_for(error: Exception) -> ProblemResponse:
    """The response for an error; those that are not our own, and unforeseen ones, are internal."""
    if isinstance(error, ClientDisconnect):
        error = errors.Abandoned("the client went before all of its request was here")
    status = next((s for kind, s in STATUSES.items() if isinstance(error, kind)), None)
    if status is None:
        log.error("request.failed", exc_info=error)
        return problem(500, _INTERNAL, "internal_error")
    return problem(status, str(error), kind_of(type(error)))


def kind_of(error: type[Exception]) -> str:
    """The name of an error, for counting."""
    return _CAPITAL.sub("_", error.__name__).lower()


def described(*statuses: int) -> dict[int | str, dict[str, object]]:
    """The OpenAPI entries of the problems that a route can answer with."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


class InternalErrors:
    """ASGI middleware: what nobody foresaw becomes a problem like any other.

    A handler for Exception would run outside all other middleware, and so without the request's id.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            await problem_for(error)(scope, receive, send)


def _field_problem(found: Mapping[str, Any]) -> FieldProblem:
    if found["type"] == "json_invalid":  # its place is a number of characters
        message = f"is not JSON: {found['ctx']['error']}, after {found['loc'][-1]} characters"
        return FieldProblem(field="body", message=message)
    field = ".".join(str(part) for part in found["loc"] if part != "body") or "body"
    if field == "body" and isinstance(found.get("input"), bytes):  # it was read as JSON only if declared so
        return FieldProblem(field=field, message="send it with content-type: application/json")
    return FieldProblem(field=field, message=found["msg"].removeprefix(_OURS))


def _why_unreadable(cause: BaseException | None) -> str | None:
    """What is wrong with a body whose reading ended in this error; None where it doesn't tell."""
    match cause:
        case UnicodeDecodeError():
            return f"the body is not UTF-8, after {cause.start} bytes"
        case RecursionError():
            return "the body is not JSON: nested too deeply"
        case ValueError():  # of Python's; beyond its first part it tells how to lift the limit
            return f"the body cannot be read: {str(cause).partition(';')[0]}"
    return None


def handle_errors(app: FastAPI) -> None:
    """Registers the handlers."""

    @app.exception_handler(errors.ServiceError)
    async def own(_: Request, error: errors.ServiceError) -> JSONResponse:
        return problem_for(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        fields = [_field_problem(found) for found in error.errors()]
        detail = "; ".join(f"{f.field}: {f.message}" for f in fields)
        return problem(422, detail, "invalid_request", fields)

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        cause = error.__cause__
        if isinstance(cause, ClientDisconnect):  # FastAPI takes an upload that ends early for a bad one
            return problem_for(cause)
        detail = _why_unreadable(cause) or str(error.detail)
        response = problem(error.status_code, detail, KINDS.get(error.status_code, "other"))
        response.headers.update(error.headers or {})
        return response
