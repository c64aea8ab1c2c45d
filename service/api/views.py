"""Records → what goes over the wire; the command line shows the same."""

from __future__ import annotations

import uuid
from dataclasses import asdict

from service.api.schemas import (
    AskOut,
    EmbedderOut,
    IndexModelsOut,
    IndexOut,
    PassageOut,
    ReaderOut,
    SearchOut,
    StoredOut,
    SyncOut,
)
from service.catalog import Stored
from service.library import Library
from service.records import Answer, Candidate


def answer_view(answer: Answer, mode: str, include_passages: bool) -> AskOut:
    """The response to a question that asked for `mode`."""
    return AskOut.model_validate(
        {
            **asdict(answer),
            "id": uuid.uuid4().hex,
            "fallback": "no language model is configured" if mode == "generative" else None,
            "passages": [passage_view(c) for c in answer.candidates] if include_passages else None,
        }
    )


def search_view(candidates: list[Candidate]) -> SearchOut:
    return SearchOut(passages=[passage_view(candidate) for candidate in candidates])


def passage_view(candidate: Candidate) -> PassageOut:
    passage = candidate.passage
    about = asdict(candidate.article)
    del about["page_starts"]
    return PassageOut(
        article_id=passage.article_id,
        version=passage.version,
        passage_id=passage.id,
        **about,
        text=passage.text,
        start=passage.start,
        end=passage.end,
        page=candidate.article.page_at(passage.start),
        score=candidate.score,
        vector_score=candidate.vector_score,
        vector_rank=candidate.vector_rank,
        keyword_score=candidate.keyword_score,
        keyword_rank=candidate.keyword_rank,
    )


def stored_view(stored: Stored, indexed: bool) -> StoredOut:
    return StoredOut(
        id=stored.id,
        version=stored.version,
        changed=stored.changed,
        created=stored.created,
        state="indexed" if indexed else "pending",
        passages=stored.passages,
    )


def index_view(library: Library, corpus: SyncOut | None = None) -> IndexOut:
    embedder = library.embedder
    counts = library.catalog.counts()
    return IndexOut(
        articles=counts.articles,
        passages=counts.passages,
        pending=counts.pending,
        models=IndexModelsOut(
            embedder=EmbedderOut(
                name=embedder.name,
                fingerprint=embedder.fingerprint,
                dimension=embedder.dimension,
                max_tokens=embedder.max_tokens,
            ),
            reader=ReaderOut(name=library.reader.name),
        ),
        disk_bytes=library.disk_bytes(),
        corpus=corpus,
        last_error=library.indexer.last_error,
    )
