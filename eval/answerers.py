"""Who answers the questions: the service, in this process or over HTTP, through its one read path.

An answerer gives back what `/v1/ask` would (`AskOut`), so that the scores cannot tell who it was;
`eval.self_test` has answerers that are known to be bad.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import httpx

from eval.manifest import NAME, read_manifest
from eval.question_set import EvalQuestion
from service.api.schemas import AskIn, AskOut, PassageOut, SearchIn
from service.articles import ArticleRead, read_paths
from service.backend import Backend, LocalBackend, RemoteBackend
from service.embeddings import load_embedder
from service.errors import InvalidRequest
from service.formats.process import Bounds, Readers
from service.ingest import Refused
from service.library import open_library
from service.reading import load_reader
from service.records import Article
from service.settings import Settings, load_settings

SEARCHED = 20
"""Passages that retrieval is judged by."""
ASKED_ON = "2026-11-25"
"""The day on which a question is asked that names none, so that a run doesn't depend on its own."""


class Answerer(Protocol):
    """What the eval needs."""

    def ask(self, question: EvalQuestion) -> AskOut: ...

    def search(self, searched: str) -> Sequence[PassageOut]:
        """The best SEARCHED passages for a question as it was searched (`AskOut.searched`), best first."""


@dataclass(frozen=True, slots=True)
class ServiceAnswerer:
    """The service, asked with each question's earlier turns and on its day."""

    backend: Backend
    mode: str = "auto"

    def ask(self, question: EvalQuestion) -> AskOut:
        body = {
            "question": question.question,
            "mode": self.mode,
            "history": [asdict(turn) for turn in question.history],
            "now": question.now or ASKED_ON,
        }
        return self.backend.ask(AskIn.model_validate(body))

    def search(self, searched: str) -> Sequence[PassageOut]:
        return self.backend.search(SearchIn(query=searched, limit=SEARCHED)).passages


def read_corpus(folder: Path) -> dict[str, Article]:
    """The articles by id, read within the bounds that the settings give. Raises InvalidRequest where one
    cannot be read, or where the folder has a manifest and isn't what it says."""
    settings = load_settings()
    articles: dict[str, Article] = {}
    with Readers(Bounds(*settings.reading)) as readers:
        for result in read_paths([folder], settings.max_article_bytes, readers):
            if not isinstance(result, ArticleRead):
                raise InvalidRequest(f"{result.origin.file}: {result.reason}")
            articles[result.article.id] = result.article
    wanted = read_manifest(folder) if (folder / NAME).exists() else None
    complaints = wanted and _differences({a.id: a.version for a in articles.values()}, wanted)
    if complaints:
        raise InvalidRequest(f"{folder} isn't what its manifest says: {complaints}")
    return articles


@contextmanager
def open_local(articles: Mapping[str, Article], settings: Settings) -> Iterator[Backend]:
    """An index of these articles alone, of its own, in a temporary folder."""
    embedder = load_embedder(settings.embedding_model, settings.threads)
    reader = partial(load_reader, settings.reader_model, settings.threads, settings.min_confidence)
    with (
        tempfile.TemporaryDirectory(prefix="kutipan-eval-") as folder,
        open_library(Path(folder), embedder, reader) as library,
    ):
        for outcome in library.ingest.add(list(articles.values())):
            if isinstance(outcome, Refused):
                raise InvalidRequest(f"{outcome.id} was refused: {outcome.reason}")
        library.indexer.drain()
        yield LocalBackend(library)


@contextmanager
def open_remote(url: str, key: str | None, articles: Mapping[str, Article]) -> Iterator[Backend]:
    """A running service. Raises InvalidRequest where it doesn't have exactly these articles."""
    complaints = _differences(_served(url, key), {a.id: a.version for a in articles.values()})
    if complaints:
        raise InvalidRequest(f"{url} has other articles than the question set is about: {complaints}")
    backend = RemoteBackend(url, key)
    try:
        yield backend
    finally:
        backend.close()


def _served(url: str, key: str | None) -> dict[str, str]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    found: dict[str, str] = {}
    cursor: str | None = None
    with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
        while True:
            query = {"limit": 100} | ({"cursor": cursor} if cursor else {})
            try:
                page: dict[str, Any] = client.get("/v1/articles", params=query).raise_for_status().json()
            except httpx.HTTPError as error:
                raise InvalidRequest(f"the articles of {url} cannot be listed: {error}") from None
            found |= {article["id"]: article["version"] for article in page["articles"]}
            cursor = page["next_cursor"]
            if cursor is None:
                return found


def _differences(given: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    """What two sets of article versions differ in, in words; empty where they don't."""
    parts = (
        ("missing", sorted(wanted.keys() - given.keys())),
        ("surplus", sorted(given.keys() - wanted.keys())),
        ("different", sorted(i for i in given.keys() & wanted.keys() if given[i] != wanted[i])),
    )
    return "; ".join(
        f"{len(ids)} {what} ({', '.join(ids[:3])}{', …' if len(ids) > 3 else ''})"
        for what, ids in parts
        if ids
    )
