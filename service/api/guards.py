"""Who gets in, and how much they may send: pure ASGI middleware in front of every route."""

from __future__ import annotations

import hmac
import os
import secrets
import tempfile
from collections import deque
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import problem
from service.errors import ConfigurationError
from service.settings import Settings, is_loopback

_MIN_KEY_CHARS = 16
_VISIBLE = range(0x21, 0x7F)  # "!" to "~", of ASCII
_UNLIMITED = frozenset({("POST", "/v1/articles/import")})  # bounded line by line instead
READING = frozenset({"GET", "HEAD", "OPTIONS"})
_UPLOAD = ("POST", "/v1/articles/upload")
_JSON_OVERHEAD = 6.5  # "\u0000" escapes make six bytes of one; and the other fields


def load_key(settings: Settings) -> str | None:
    """The API key that a server asks for, or None where none is needed.

    Makes one (mode 0600) where the settings ask for it and the file isn't there yet. Raises
    ConfigurationError for an address that needs a key without one, for a key to be made in no file, and for
    an unusable file.
    """
    file = settings.api_key_file
    if file is None:
        if is_loopback(settings.host):
            if settings.create_api_key:
                raise ConfigurationError(
                    "KUTIPAN_CREATE_API_KEY=true makes no key without KUTIPAN_API_KEY_FILE: name its file"
                )
            return None
        raise ConfigurationError(
            f"listening on {settings.host} needs an API key: name its file in KUTIPAN_API_KEY_FILE "
            "(KUTIPAN_CREATE_API_KEY=true makes one), or listen on 127.0.0.1"
        )
    if settings.create_api_key and not file.exists():
        _create_key(file)
    return read_key(file)


def read_key(file: Path) -> str:
    """The API key in a file, for a server and its clients alike. Raises ConfigurationError, which names the
    file and never shows the key, for what cannot be read and what no header can carry whole."""
    try:
        key = file.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(f"the API key file {file} cannot be read: {error.strerror}") from None
    if not all(byte in _VISIBLE for byte in key):
        raise ConfigurationError(
            f"the API key file {file} must hold one line of visible ASCII characters, without white space"
        )
    if len(key) < _MIN_KEY_CHARS:
        raise ConfigurationError(f"the API key in {file} is shorter than {_MIN_KEY_CHARS} characters")
    return key.decode("ascii")


def _create_key(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: an empty file left by a crash would stop every later start.
        descriptor, made = tempfile.mkstemp(dir=file.parent, prefix=".key-")  # mode 0600
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(secrets.token_urlsafe(32) + "\n")
        Path(made).replace(file)
    except OSError as error:
        raise ConfigurationError(f"the API key file {file} cannot be made: {error}") from None


def is_guarded(path: str) -> bool:
    """Whether a path is behind `KeyGuard`: all of /v1, and /metrics."""
    return path in ("/v1", "/metrics") or path.startswith("/v1/")


class KeyGuard:
    """Asks for `Authorization: Bearer KEY` on all of /v1 and on /metrics. Without a key (loopback), refuses
    requests for another host name than this machine's, so that no web page can reach in by rebinding one,
    and from a page of another host what is more than reading: a browser sends some of it without asking."""

    def __init__(self, app: ASGIApp, key: str | None, host: str) -> None:
        self._app = app
        self._key = key.encode() if key else None
        self._names = {"localhost", "127.0.0.1", "[::1]", "::1", host.lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_guarded(scope["path"]):
            headers = Headers(scope=scope)
            if self._key is not None:
                kind, _, given = headers.get("authorization", "").partition(" ")
                right = hmac.compare_digest(given.strip().encode("utf-8", "replace"), self._key)
                if not right or kind.lower() != "bearer":
                    message = "send the API key as 'Authorization: Bearer KEY'"
                    await problem(401, message, "wrong_key")(scope, receive, send)
                    return
            elif _host_name(headers.get("host", "")) not in self._names:
                message = "this address answers to localhost only; other host names need an API key"
                await problem(421, message, "wrong_host")(scope, receive, send)
                return
            elif scope["method"] not in READING and not self._is_from_here(headers.get("origin")):
                message = "a web page of another host may not send this; its requests need an API key"
                await problem(403, message, "wrong_origin")(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_from_here(self, origin: str | None) -> bool:
        """Whether a request is of no web page, or of one of this machine."""
        return origin is None or _host_name(origin.partition("://")[2]) in self._names


def _host_name(header: str) -> str:
    host = header.strip().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.rpartition(":")[0] or host


class BodyLimit:
    """Refuses a body larger than the largest article can be, before a route sees any of it; an upload, which
    goes to disk as it comes, where it grows larger than uploads may be."""

    def __init__(self, app: ASGIApp, max_article_bytes: int, max_upload_bytes: int) -> None:
        self._app = app
        self._limit = int(max_article_bytes * _JSON_OVERHEAD) + 100_000
        self._upload_limit = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"], scope["path"]) in _UNLIMITED:
            await self._app(scope, receive, send)
            return
        if (scope["method"], scope["path"]) == _UPLOAD:
            await self._app(scope, self._bounded(receive), send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        messages: deque[Message] = deque()
        received, more = 0, True
        too_much = declared.isdigit() and int(declared) > self._limit
        while more and not too_much:
            message = await receive()
            messages.append(message)
            received += len(message.get("body", b""))
            more, too_much = message.get("more_body", False), received > self._limit
        if too_much:
            reason = f"the body is larger than {self._limit} bytes"
            await problem(413, reason, "body_too_large")(scope, receive, send)
            return

        async def replayed() -> Message:
            return messages.popleft() if messages else await receive()

        await self._app(scope, replayed, send)

    def _bounded(self, receive: Receive) -> Receive:
        received = 0

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._upload_limit:
                raise HTTPException(
                    413, f"the upload is larger than {self._upload_limit / 1e6:g} MB (KUTIPAN_MAX_UPLOAD_MB)"
                )
            return message

        return bounded
