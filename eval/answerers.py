"""Who answers the questions: the service, in this process or over HTTP, through its one read path.

An answerer gives back what `/v1/ask` would (`AskOut`), so that the scores cannot tell who it was;
`eval.self_test` has answerers that are known to be bad.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Protocol

import httpx
from pydantic import ValidationError

from eval.manifest import NAME, read_manifest
from eval.question_set import EvalQuestion
from service.api.schemas import ArticlesOut, AskIn, AskOut, FiltersIn, PassageOut, SearchIn
from service.articles import ArticleRead, read_paths
from service.backend import Backend, LocalBackend, RemoteBackend
from service.embeddings import load_embedder
from service.errors import InvalidRequest
from service.formats.process import Bounds, Readers
from service.ingest import Refused
from service.library import open_library
from service.periods import understand_time
from service.reading import load_reader
from service.records import Article
from service.settings import Settings, load_settings

SEARCHED = 20
"""Passages that retrieval is judged by."""
MODE = "auto"
"""In which questions are asked unless somebody chooses."""
_ASKED_ON = "2026-11-25"
"""The day on which a question is asked that names none, so that a run doesn't depend on its own."""


def day_of(question: EvalQuestion) -> str:
    """The day on which a question is asked (ISO)."""
    return question.now or _ASKED_ON


class Answerer(Protocol):
    """What the eval needs."""

    def ask(self, question: EvalQuestion) -> AskOut: ...

    def search(self, searched: str, day: str | None = None) -> Sequence[PassageOut]:
        """The best SEARCHED passages for a question as it was searched (`AskOut.searched`), best first; asked
        on a day (ISO) as far as a search can be told so."""


@dataclass(frozen=True, slots=True)
class ServiceAnswerer:
    """The service, asked with each question's earlier turns and on its day.

    An answer on a day knows nothing that was published later, nor, where it is asked about last week, what
    wasn't published then. A search can be told of both only by the time of publication, which drops articles
    without a date; an answer drops them for a period, but not for the day. So a search is told the period,
    and the day where the articles are `all_dated`.
    """

    backend: Backend
    mode: str = MODE
    all_dated: bool = False

    def ask(self, question: EvalQuestion) -> AskOut:
        body = {
            "question": question.question,
            "mode": self.mode,
            "history": [asdict(turn) for turn in question.history],
            "now": day_of(question),
        }
        return self.backend.ask(AskIn.model_validate(body))

    def search(self, searched: str, day: str | None = None) -> Sequence[PassageOut]:
        period = understand_time(searched, date.fromisoformat(day)).published if day else None
        first, last = period or (None, day if self.all_dated else None)
        filters = FiltersIn.model_validate({"published_from": first, "published_to": last})
        return self.backend.search(SearchIn(query=searched, filters=filters, limit=SEARCHED)).passages


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
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
            while True:
                query = {"limit": 100} | ({"cursor": cursor} if cursor else {})
                listed = client.get("/v1/articles", params=query).raise_for_status()
                page = ArticlesOut.model_validate_json(listed.content)
                found |= {article.id: article.version for article in page.articles}
                cursor = page.next_cursor
                if cursor is None:
                    return found
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise InvalidRequest(f"the articles of {url} cannot be listed: {error}") from None
    except ValidationError:
        raise InvalidRequest(f"{url} answers something else than a list of articles") from None


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
