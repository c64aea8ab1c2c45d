"""Records → what goes over the wire; the command line shows the same."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import asdict

from service.api.corpus import CorpusStatus
from service.api.schemas import (
    AskOut,
    EmbedderOut,
    EvidenceEvent,
    EvidenceOut,
    IndexModelsOut,
    IndexOut,
    PassageHead,
    PassageOut,
    ReaderOut,
    SearchOut,
    SentenceEvent,
    StoredOut,
    SyncOut,
    VectorsOut,
)
from service.catalog import Stored
from service.citations import runs
from service.library import Library
from service.records import Answer, ArticleInfo, Candidate, Reading


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


def evidence_view(reading: Reading) -> EvidenceEvent:
    return EvidenceEvent(
        confidence=reading.confidence,
        calibrated=reading.calibrated,
        evidence=[
            EvidenceOut(
                article_id=passage.article_id,
                version=passage.version,
                passage_id=passage.id,
                title=evidence.candidate.article.title,
                quote=passage.slice(run[0].start, run[-1].end),
                start=run[0].start,
                end=run[-1].end,
                score=evidence.score,
            )
            for evidence in reading.evidence
            for passage in [evidence.candidate.passage]
            for run in runs(evidence)
        ],
    )


def sentence_events(answer: Answer) -> Iterator[SentenceEvent]:
    """One event a sentence, each citation in the first that has its marker."""
    told: set[int] = set()
    for sentence in answer.sentences:
        fresh = [c for c in answer.citations if c.marker in sentence.citations and c.marker not in told]
        told.update(sentence.citations)
        yield SentenceEvent.model_validate(
            {"sentence": asdict(sentence), "citations": [asdict(c) for c in fresh]}
        )


def search_view(candidates: list[Candidate]) -> SearchOut:
    return SearchOut(passages=[passage_view(candidate) for candidate in candidates])


def passage_view(candidate: Candidate) -> PassageOut:
    passage = candidate.passage
    return PassageOut(
        article_id=passage.article_id,
        version=passage.version,
        passage_id=passage.id,
        **_about(candidate.article),
        text=passage.text,
        start=passage.start,
        end=passage.end,
        page=candidate.article.page_at(passage.start),
        score=candidate.score,
        vector_score=candidate.vector_score,
        vector_rank=candidate.vector_rank,
        keyword_score=candidate.keyword_score,
        keyword_rank=candidate.keyword_rank,
        also_in=[
            PassageHead(
                article_id=copy.article_id,
                version=copy.version,
                passage_id=copy.passage_id,
                **_about(copy.article),
            )
            for copy in candidate.copies
        ],
    )


def _about(article: ArticleInfo) -> dict[str, str | None]:
    return {k: v for k, v in asdict(article).items() if k != "page_starts"}


def stored_view(stored: Stored, indexed: bool) -> StoredOut:
    return StoredOut(
        id=stored.id,
        version=stored.version,
        changed=stored.changed,
        created=stored.created,
        state="indexed" if indexed else "pending",
        passages=stored.passages,
    )


def index_view(library: Library, corpus: CorpusStatus | None = None) -> IndexOut:
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
            reader=ReaderOut(name=library.reader.name, fingerprint=library.reader.fingerprint),
        ),
        vectors=VectorsOut(
            store=library.indexer.store.kind,
            where=library.indexer.store.where,
            available=library.indexer.available,
        ),
        disk_bytes=library.disk_bytes(),
        corpus=SyncOut.model_validate(asdict(corpus)) if corpus is not None else None,
        last_error=library.indexer.last_error,
    )
