"""Where a command does its work: in this process, or through the server that owns the data folder.

Both give the same values, so that a command need not know which it talks to.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from functools import partial
from typing import Any, Protocol

import httpx

from service.api.guards import read_key
from service.api.schemas import (
    AskIn,
    AskOut,
    CompactedOut,
    HoldersOut,
    IndexOut,
    SearchIn,
    SearchOut,
    SourcesOut,
    SourcesRecordedOut,
)
from service.api.views import answer_view, index_view, search_view
from service.articles import FIELDS
from service.catalog import Holder, SourceFile, SourcesRecorded, Stored
from service.embeddings import load_embedder
from service.errors import ConfigurationError, DataFolderInUse, IndexBroken, InvalidRequest, ServerUnreachable
from service.ingest import Refused
from service.library import Library, catalog_file, is_owned, open_library
from service.reading import load_reader
from service.records import Article
from service.settings import Settings

_TIMEOUT_S = 600.0
_POLL_S = 0.2
_PATIENCE_S = 60.0  # the indexer tries again by itself, at last every 30 s


class Backend(Protocol):
    """What the commands need."""

    def add(self, articles: Sequence[Article]) -> Sequence[Stored | Refused]:
        """One outcome for each article, in order."""

    def sources(self, folder: str) -> dict[str, SourceFile]: ...

    def holders(self, folder: str, article_ids: Sequence[str]) -> list[Holder]: ...

    def record_sources(
        self, folder: str, files: Sequence[SourceFile], gone: Sequence[str] = (), prune: bool = False
    ) -> SourcesRecorded: ...

    def ask(self, body: AskIn) -> AskOut: ...

    def search(self, body: SearchIn) -> SearchOut: ...

    def index(self) -> IndexOut: ...

    def verify(self) -> list[str]: ...

    def rebuild(self) -> IndexOut: ...

    def compact(self) -> CompactedOut: ...


class LocalBackend:
    """Works on a library that this process has opened."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def add(self, articles: Sequence[Article]) -> Sequence[Stored | Refused]:
        return self._library.ingest.add(articles)

    def sources(self, folder: str) -> dict[str, SourceFile]:
        return self._library.ingest.sources(folder)

    def holders(self, folder: str, article_ids: Sequence[str]) -> list[Holder]:
        return self._library.ingest.holders(folder, article_ids)

    def record_sources(
        self, folder: str, files: Sequence[SourceFile], gone: Sequence[str] = (), prune: bool = False
    ) -> SourcesRecorded:
        return self._library.ingest.record_sources(folder, files, gone, prune)

    def ask(self, body: AskIn) -> AskOut:
        turns = [turn.record() for turn in body.history]
        engine = self._library.engine(body.filters.record(), body.evidence_limit, turns, body.now)
        answer = engine.ask(body.question)
        return answer_view(answer, body.mode, body.include_passages)

    def search(self, body: SearchIn) -> SearchOut:
        return search_view(self._library.searcher.search(body.query, body.filters.record(), body.limit))

    def index(self) -> IndexOut:
        return index_view(self._library)

    def verify(self) -> list[str]:
        return self._library.indexer.verify()

    def rebuild(self) -> IndexOut:
        self._library.indexer.rebuild()
        return index_view(self._library)

    def compact(self) -> CompactedOut:
        return CompactedOut.model_validate(asdict(self._library.indexer.compact()))


class RemoteBackend:
    """Works through the HTTP API of the process that owns the data folder."""

    def __init__(self, url: str, key: str | None) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=_TIMEOUT_S, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def add(self, articles: Sequence[Article]) -> Sequence[Stored | Refused]:
        lines = "".join(
            json.dumps(
                {k: getattr(article, k) for k in FIELDS if getattr(article, k) is not None},
                ensure_ascii=False,
            )
            + "\n"
            for article in articles
        )
        response = self._send("POST", "/v1/articles/import", content=lines.encode())
        outcomes = [json.loads(line) for line in response.text.splitlines()]
        return [
            Refused(article.id, outcome["error"])
            if "error" in outcome
            else Stored(**{f.name: outcome[f.name] for f in fields(Stored)})
            for article, outcome in zip(articles, outcomes, strict=True)
        ]

    def sources(self, folder: str) -> dict[str, SourceFile]:
        response = self._send("GET", "/v1/index/sources", params={"folder": folder})
        files = SourcesOut.model_validate_json(response.content).files
        return {file.name: SourceFile(**file.model_dump()) for file in files}

    def holders(self, folder: str, article_ids: Sequence[str]) -> list[Holder]:
        body = {"folder": folder, "article_ids": list(article_ids)}
        found = HoldersOut.model_validate(self._json("POST", "/v1/index/sources/holders", body))
        return [Holder(**holder.model_dump()) for holder in found.holders]

    def record_sources(
        self, folder: str, files: Sequence[SourceFile], gone: Sequence[str] = (), prune: bool = False
    ) -> SourcesRecorded:
        body = {"folder": folder, "files": [asdict(f) for f in files], "gone": list(gone), "prune": prune}
        recorded = SourcesRecordedOut.model_validate(self._json("POST", "/v1/index/sources", body))
        return SourcesRecorded(tuple(recorded.removed), recorded.gone)

    def ask(self, body: AskIn) -> AskOut:
        return AskOut.model_validate(self._json("POST", "/v1/ask", body.model_dump(mode="json")))

    def search(self, body: SearchIn) -> SearchOut:
        return SearchOut.model_validate(self._json("POST", "/v1/search", body.model_dump(mode="json")))

    def index(self) -> IndexOut:
        return IndexOut.model_validate(self._json("GET", "/v1/index"))

    def verify(self) -> list[str]:
        return list(self._json("POST", "/v1/index/verify")["complaints"])

    def rebuild(self) -> IndexOut:
        return IndexOut.model_validate(self._json("POST", "/v1/index/rebuild"))

    def compact(self) -> CompactedOut:
        return CompactedOut.model_validate(self._json("POST", "/v1/index/compact"))

    def _json(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        content = None if body is None else json.dumps(body).encode()
        response = self._send(method, path, content=content, headers={"content-type": "application/json"})
        parsed: dict[str, Any] = response.json()
        return parsed

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = self._client.request(method, path, **options)
        except httpx.HTTPError as error:
            raise ServerUnreachable(f"{self._client.base_url} does not answer: {error}") from None
        if response.is_error:
            detail = (
                response.json().get("detail") if "json" in response.headers.get("content-type", "") else None
            )
            raise InvalidRequest(f"{self._client.base_url} refused: {detail or response.status_code}")
        return response


def wait_indexed(backend: Backend, progress: Callable[[int], None], patience_s: float = _PATIENCE_S) -> None:
    """Returns when nothing is pending; `progress` is told how much still is.

    Raises IndexBroken where the indexer keeps failing, and gets nothing done, for a minute.
    """
    least, moved_s = None, time.monotonic()
    while (state := backend.index()).pending:
        progress(state.pending)
        if state.last_error is None or least is None or state.pending < least:
            least, moved_s = state.pending, time.monotonic()
        elif time.monotonic() - moved_s > patience_s:
            raise IndexBroken(f"indexing failed: {state.last_error}")
        time.sleep(_POLL_S)


@contextmanager
def open_backend(settings: Settings, make: bool = False) -> Iterator[Backend]:
    """The data folder of the settings: opened here, or through its owner where a server has it.

    Raises DataFolderInUse where the owner serves no API, ConfigurationError for an unusable key file and,
    unless `make`, for a folder that holds nothing yet: its name may be mistyped.
    """
    if not (make or catalog_file(settings.data_dir).exists() or is_owned(settings.data_dir)):
        raise ConfigurationError(
            f"the data folder {settings.data_dir} holds no articles; `kutipan ingest` puts some there"
        )
    try:
        embedder = load_embedder(settings.embedding_model, settings.threads)
        reader = partial(load_reader, settings.reader_model, settings.threads, settings.min_confidence)
        opened = open_library(settings.data_dir, embedder, reader, chroma_url=settings.chroma_url)
        library = opened.__enter__()
    except DataFolderInUse as error:
        url = error.owner.get("url")
        if not isinstance(url, str):
            raise
        key = read_key(settings.api_key_file) if settings.api_key_file else None
        remote = RemoteBackend(url, key)
        try:
            yield remote
        finally:
            remote.close()
        return
    try:
        yield LocalBackend(library)
    finally:
        opened.__exit__(None, None, None)
