"""The retrieval chain as LlamaIndex components, and the only read path of the service.

    QuestionRewriter        question → the self-contained question that is searched
    ArticleRetriever        question → nodes, one a passage
    EvidencePostprocessor   nodes → those that hold evidence, with the sentences marked
    CitedSynthesizer        marked nodes → Response whose metadata["answer"] is an `Answer`
    QuotationQueryEngine    the four composed

Each can be taken alone into another LlamaIndex program. None of them resolves LlamaIndex's global
defaults, so nothing here ever reaches for a hosted model.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.callbacks import CallbackManager
from llama_index.core.indices.prompt_helper import ChatPromptHelper, PromptHelper
from llama_index.core.indices.query.query_transform.base import BaseQueryTransform
from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import BaseSynthesizer
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, QueryType, TextNode

from service.answering import extractive_answer
from service.catalog import Catalog
from service.errors import InvalidRequest
from service.followups import Turn
from service.language import detect_language
from service.reading import Check, Reader, carry_on
from service.records import (
    NO_FILTERS,
    Answer,
    ArticleInfo,
    Candidate,
    Copy,
    Evidence,
    Filters,
    Passage,
    Reading,
    Sentence,
)
from service.retrieval import Searcher
from service.rewriting import Rewriter, Rewritten

_CANDIDATE, _READING = "kutipan_candidate", "kutipan_reading"
_SHOWN = ("article_id", "title", "url", "source", "published", "language")


@dataclass
class RewrittenQuery(QueryBundle):
    """A query together with what was understood of the question."""

    rewritten: Rewritten | None = None


class QuestionRewriter(BaseQueryTransform):
    """Makes a question self-contained: asked after `turns` (oldest first) on the day `now`, today where
    it is None."""

    def __init__(self, rewriter: Rewriter, turns: Sequence[Turn] = (), now: date | None = None) -> None:
        self._rewriter = rewriter
        self._turns = tuple(turns)
        self._now = now

    def _run(self, query_bundle: QueryBundle, metadata: dict[str, Any]) -> QueryBundle:
        now = self._now or datetime.now(UTC).astimezone().date()
        rewritten = self._rewriter.rewrite(query_bundle.query_str, self._turns, now)
        return RewrittenQuery(rewritten.text, rewritten=rewritten)

    def _get_prompts(self) -> dict[str, Any]:
        return {}

    def _update_prompts(self, prompts: dict[str, Any]) -> None:
        """There are no prompts: the rules are in `service.rewriting`."""


class ArticleRetriever(BaseRetriever):
    """Fused search over the articles, those of the time that a rewritten query asks about. Node ids are
    passage ids; metadata names the article, its version, the passage's offsets and its first page."""

    def __init__(self, searcher: Searcher, filters: Filters = NO_FILTERS, limit: int = 12) -> None:
        self._searcher = searcher
        self._filters = filters
        self._limit = limit
        super().__init__(callback_manager=CallbackManager([]))

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        filters = narrowed(self._filters, query_bundle)
        candidates = self._searcher.search(query_bundle.query_str, filters, self._limit)
        return [candidate_node(candidate) for candidate in candidates]


class EvidencePostprocessor(BaseNodePostprocessor):
    """Keeps the nodes that hold evidence, best first, and marks the sentences that answer.

    Where no node holds any, none is left; where there is some, every node carries the reading's
    confidence and threshold, for the synthesizer to decide by. The reading ends early where `check` raises.
    """

    limit: int = 6
    _reader: Reader = PrivateAttr()
    _check: Check = PrivateAttr()

    def __init__(self, reader: Reader, limit: int = 6, check: Check = carry_on) -> None:
        super().__init__(limit=limit)
        self._reader = reader
        self._check = check

    @classmethod
    def class_name(cls) -> str:
        return "EvidencePostprocessor"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if query_bundle is None:
            raise InvalidRequest("evidence can only be found for a question")
        candidates = [node_candidate(node) for node in nodes]
        reading = self._reader.read(query_bundle.query_str, candidates, self.limit, self._check)
        return [evidence_node(evidence, reading) for evidence in reading.evidence]


class CitedSynthesizer(BaseSynthesizer):
    """Answers with verified quotations from nodes that `EvidencePostprocessor` marked. Where else their words
    stand is looked up among the articles that pass the filters."""

    def __init__(self, catalog: Catalog, filters: Filters = NO_FILTERS) -> None:
        # Everything that the base class would otherwise take from LlamaIndex's global settings.
        super().__init__(
            llm=MockLLM(),
            callback_manager=CallbackManager([]),
            prompt_helper=PromptHelper(tokenizer=str.split),
            chat_prompt_helper=ChatPromptHelper(tokenizer=str.split),
        )
        self._catalog = catalog
        self._filters = filters

    def synthesize(
        self,
        query: QueryType,
        nodes: list[NodeWithScore],
        additional_source_nodes: Sequence[NodeWithScore] | None = None,
        **response_kwargs: Any,
    ) -> RESPONSE_TYPE:
        question = query if isinstance(query, str) else query.query_str
        filters = narrowed(self._filters, query)
        reading = nodes_reading(nodes)
        answer = extractive_answer(question, detect_language(question), reading, self._catalog, filters)
        return Response(
            response=answer.answer,
            source_nodes=[*nodes, *(additional_source_nodes or ())],
            metadata={"answer": answer},
        )

    async def asynthesize(
        self,
        query: QueryType,
        nodes: list[NodeWithScore],
        additional_source_nodes: Sequence[NodeWithScore] | None = None,
        **response_kwargs: Any,
    ) -> RESPONSE_TYPE:
        return await asyncio.to_thread(
            self.synthesize, query, nodes, additional_source_nodes, **response_kwargs
        )

    def get_response(self, query_str: str, text_chunks: Sequence[str], **response_kwargs: Any) -> str:
        """Raises InvalidRequest: text without offsets cannot be cited; use `synthesize`."""
        raise InvalidRequest("plain text has no offsets to cite; synthesize from nodes instead")

    async def aget_response(self, query_str: str, text_chunks: Sequence[str], **response_kwargs: Any) -> str:
        return self.get_response(query_str, text_chunks, **response_kwargs)

    def _get_prompts(self) -> dict[str, Any]:
        return {}

    def _update_prompts(self, prompts: dict[str, Any]) -> None:
        """There are no prompts: nothing is generated."""


class QuotationQueryEngine(RetrieverQueryEngine):
    """Question → answer with citations. `query` is LlamaIndex's; `ask` gives the `Answer` itself."""

    def __init__(
        self,
        retriever: BaseRetriever,
        response_synthesizer: BaseSynthesizer,
        node_postprocessors: list[BaseNodePostprocessor],
        models: dict[str, str | None] | None = None,
        rewriter: BaseQueryTransform | None = None,
        check: Check = carry_on,
        reader: Reader | None = None,
    ) -> None:
        """Where no evidence is found, no node is left to tell whether the confidence is calibrated: `reader`
        does, where it is given."""
        super().__init__(
            retriever,
            response_synthesizer=response_synthesizer,
            node_postprocessors=node_postprocessors,
            callback_manager=CallbackManager([]),
        )
        self._models = models or {}
        self._rewriter = rewriter
        self._check = check
        self._reader = reader

    @classmethod
    def compose(
        cls,
        rewriter: Rewriter,
        searcher: Searcher,
        reader: Reader,
        catalog: Catalog,
        filters: Filters = NO_FILTERS,
        evidence_limit: int = 6,
        turns: Sequence[Turn] = (),
        now: date | None = None,
        models: dict[str, str | None] | None = None,
        check: Check = carry_on,
    ) -> QuotationQueryEngine:
        """The engine out of this service's own four components. On a day that is given, nothing that was
        published later is known. `check` is called before each search, each reading of some candidates and
        the answer; what it raises ends the work."""
        if now is not None:
            filters = replace(filters, not_after=now.isoformat())
        return cls(
            ArticleRetriever(searcher, filters, reader.candidates),
            CitedSynthesizer(catalog, filters),
            [EvidencePostprocessor(reader, evidence_limit, check)],
            models,
            QuestionRewriter(rewriter, turns, now),
            check,
            reader,
        )

    def ask(self, question: str) -> Answer:
        """The answer, with its candidates, models and the milliseconds of each stage."""
        metadata = self.query(question).metadata
        assert metadata is not None
        answer: Answer = metadata["answer"]
        return answer

    def follow(self, question: str) -> Iterator[Reading | Answer]:
        """What `ask` does, stage by stage: the reading as soon as the evidence is found, then the answer."""
        for stage in self._stages(QueryBundle(question)):
            if isinstance(stage, Reading):
                yield stage
            else:
                assert stage.metadata is not None
                yield stage.metadata["answer"]

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return await asyncio.to_thread(self._query, query_bundle)

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        *_, response = self._stages(query_bundle)
        assert not isinstance(response, Reading)
        return response

    def _stages(self, query_bundle: QueryBundle) -> Iterator[Reading | RESPONSE_TYPE]:
        began = time.perf_counter()
        bundle = self._rewriter.run(query_bundle) if self._rewriter else query_bundle
        rewritten = time.perf_counter()
        known = bundle.rewritten if isinstance(bundle, RewrittenQuery) else None
        bundles = [RewrittenQuery(part, rewritten=known) for part in known.parts] if known else [bundle]
        found = []
        for part in bundles:
            self._check()
            found.append(self._retriever.retrieve(part))
        retrieved = time.perf_counter()
        evidence = [self._apply_node_postprocessors(n, b) for n, b in zip(found, bundles, strict=True)]
        marked = evidence[0] if len(evidence) == 1 else compared(evidence)
        read = time.perf_counter()
        reading = nodes_reading(marked)
        if not marked and self._reader is not None:
            reading = self._reader.read(bundle.query_str, [], 0)
        yield reading
        self._check()
        resumed = time.perf_counter()
        response = self._response_synthesizer.synthesize(bundle, marked)
        done = time.perf_counter()
        assert response.metadata is not None
        nodes = {node.node_id: node for part in found for node in part}.values()
        response.metadata["answer"] = replace(
            response.metadata["answer"],
            calibrated=reading.calibrated,
            candidates=tuple(node_candidate(node) for node in nodes),
            understood=known.understood if known else (),
            models=self._models,
            timing_ms={
                "rewrite": round(1000 * (rewritten - began), 1),
                "retrieve": round(1000 * (retrieved - rewritten), 1),
                "read": round(1000 * (read - retrieved), 1),
                "answer": round(1000 * (done - resumed), 1),
                "total": round(1000 * (done - resumed + read - began), 1),
            },
        )
        yield response


def narrowed(filters: Filters, query: QueryType) -> Filters:
    """The filters, and the time that a rewritten query asks about."""
    known = query.rewritten if isinstance(query, RewrittenQuery) else None
    return known.narrow(filters) if known is not None else filters


def candidate_node(candidate: Candidate) -> NodeWithScore:
    """A LlamaIndex node for a candidate; its text is the passage, exactly."""
    values = asdict(candidate)
    passage = candidate.passage
    metadata = {
        "article_id": passage.article_id,
        "version": passage.version,
        "start": passage.start,
        "end": passage.end,
        **{k: v for k, v in asdict(candidate.article).items() if k != "page_starts"},
        "page": candidate.article.page_at(passage.start),
        _CANDIDATE: values,
    }
    node = TextNode(
        id_=passage.id,
        text=passage.text,
        metadata=metadata,
        excluded_llm_metadata_keys=[k for k in metadata if k not in _SHOWN],
        excluded_embed_metadata_keys=[k for k in metadata if k != "title"],
    )
    return NodeWithScore(node=node, score=candidate.score)


def node_candidate(node: NodeWithScore) -> Candidate:
    """The candidate of a node made by `candidate_node`. Raises InvalidRequest for any other."""
    values = node.node.metadata.get(_CANDIDATE)
    if values is None:
        raise InvalidRequest("this node does not come from an ArticleRetriever: it has no offsets to cite")
    return _candidate(values)


def _candidate(values: dict[str, Any]) -> Candidate:
    passage = dict(values["passage"])
    passage["sentences"] = tuple(Sentence(**s) for s in passage["sentences"])
    copies = tuple(
        Copy(**{**copy, "article": _article_info(copy["article"])}) for copy in values.get("copies", ())
    )
    scores = {k: v for k, v in values.items() if k not in ("passage", "article", "copies")}
    return Candidate(Passage(**passage), _article_info(values["article"]), **scores, copies=copies)


def _article_info(values: dict[str, Any]) -> ArticleInfo:
    return ArticleInfo(**{**values, "page_starts": tuple(values.get("page_starts", ()))})


def evidence_node(evidence: Evidence, reading: Reading) -> NodeWithScore:
    """A candidate's node with the sentences that answer marked in its metadata."""
    marked = candidate_node(evidence.candidate)
    marked.node.metadata[_READING] = {
        **_marks(evidence),
        "older": [{_CANDIDATE: asdict(o.candidate), **_marks(o)} for o in evidence.older],
        "confidence": reading.confidence,
        "threshold": reading.threshold,
        "calibrated": reading.calibrated,
    }
    marked.node.excluded_llm_metadata_keys.append(_READING)
    marked.node.excluded_embed_metadata_keys.append(_READING)
    marked.score = evidence.score
    return marked


def _marks(evidence: Evidence) -> dict[str, Any]:
    return {
        "sentences": [asdict(s) for s in evidence.sentences],
        "answer": evidence.answer,
        "score": evidence.score,
    }


def _evidence(candidate: Candidate, marks: dict[str, Any], older: tuple[Evidence, ...] = ()) -> Evidence:
    sentences = tuple(Sentence(**s) for s in marks["sentences"])
    answer = None if marks["answer"] is None else (marks["answer"][0], marks["answer"][1])
    return Evidence(candidate, sentences, marks["score"], answer, older)


def compared(parts: Sequence[Sequence[NodeWithScore]]) -> list[NodeWithScore]:
    """The best evidence of each part of a comparison, as one reading: no surer than the least sure part, and
    empty where a part has none."""
    readings = [nodes_reading(nodes) for nodes in parts]
    if not all(reading.evidence for reading in readings):
        return []
    whole = Reading(
        evidence=tuple(replace(reading.evidence[0], answer=None) for reading in readings),
        confidence=min(reading.confidence for reading in readings),
        threshold=max(reading.threshold for reading in readings),
        calibrated=all(reading.calibrated for reading in readings),
    )
    return [evidence_node(evidence, whole) for evidence in whole.evidence]


def nodes_reading(nodes: Sequence[NodeWithScore]) -> Reading:
    """The reading that marked these nodes; an empty one for no nodes."""
    evidence: list[Evidence] = []
    confidence, threshold, calibrated = 0.0, 0.0, False
    for node in nodes:
        mark = node.node.metadata.get(_READING)
        if mark is None:
            raise InvalidRequest("this node has no evidence marked; put an EvidencePostprocessor before")
        older = tuple(_evidence(_candidate(one[_CANDIDATE]), one) for one in mark.get("older", ()))
        evidence.append(_evidence(node_candidate(node), mark, older))
        confidence, threshold, calibrated = mark["confidence"], mark["threshold"], mark["calibrated"]
    return Reading(tuple(evidence), confidence, threshold, calibrated)
