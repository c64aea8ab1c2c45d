"""The chain, used by a program that knows only LlamaIndex."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llama_index.core import Settings as LlamaIndexSettings
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.base.response.schema import Response
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from service.chain import (
    ArticleRetriever,
    CitedSynthesizer,
    EvidencePostprocessor,
    QuotationQueryEngine,
    candidate_node,
    node_candidate,
)
from service.embeddings import LlamaIndexEmbedder
from service.errors import Abandoned, InvalidRequest
from service.extraction import BundledSpanModel
from service.library import Library, open_library
from service.reading import SpanReader
from service.records import Answer, Filters
from tests.conftest import ARTICLES, BRIDGE, LIGHTHOUSE

QUESTION = "Kapan Jembatan Kahayan Baru dibuka?"


class LetterEmbedding(BaseEmbedding):
    """Somebody's own LlamaIndex embedding: how often each letter occurs."""

    model_name: str = "letters"

    def _get_text_embedding(self, text: str) -> list[float]:
        return [float(text.lower().count(chr(97 + i))) for i in range(26)]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


@pytest.fixture
def lettered(tmp_path: Path) -> Iterator[Library]:
    """A library whose embedder is a LlamaIndex one."""
    with open_library(tmp_path / "data", LlamaIndexEmbedder(LetterEmbedding())) as library:
        library.ingest.add(ARTICLES)
        library.indexer.drain()
        yield library


def answer_of(response: Any) -> Answer:
    assert isinstance(response, Response)
    assert response.metadata is not None
    answer: Answer = response.metadata["answer"]
    return answer


def test_a_query_engine_of_our_parts_in_their_program(lettered: Library) -> None:
    engine = RetrieverQueryEngine(
        retriever=ArticleRetriever(lettered.searcher),
        node_postprocessors=[EvidencePostprocessor(lettered.reader)],
        response_synthesizer=CitedSynthesizer(lettered.catalog),
    )
    response = engine.query(QUESTION)
    answer = answer_of(response)
    assert answer.short_answer == "3 Maret 2024"
    assert str(response) == answer.answer
    (citation,) = answer.citations
    assert BRIDGE.text[citation.start : citation.end] == citation.quote
    node = response.source_nodes[0].node
    assert (node.metadata["article_id"], node.metadata["version"]) == (BRIDGE.id, BRIDGE.version)
    assert BRIDGE.text[node.metadata["start"] : node.metadata["end"]] == node.get_content()
    assert answer_of(asyncio.run(engine.aquery(QUESTION))).answer == answer.answer


def test_the_composed_engine_says_the_same(lettered: Library) -> None:
    engine: QuotationQueryEngine = lettered.engine()
    answer = engine.ask(QUESTION)
    assert answer_of(engine.query(QUESTION)).answer == answer.answer
    assert answer.models["embedder"] == "letters"
    assert answer.candidates[0].passage.article_id == BRIDGE.id
    assert set(answer.timing_ms) == {"rewrite", "retrieve", "read", "answer", "total"}
    assert answer_of(engine.query("Siapa penemu mesin uap?")).status == "not_found"


@pytest.mark.parametrize("question", [QUESTION, "When did the bridge open?"])
def test_where_nothing_is_found_the_reader_still_says_whether_it_is_calibrated(
    lettered: Library, question: str
) -> None:
    nowhere = Filters(source=("Tidak ada",))
    reading, answer = lettered.engine(nowhere).follow(question)
    assert isinstance(answer, Answer)
    assert (answer.reason, answer.confidence) == ("no_evidence", 0.0)
    assert reading.calibrated is answer.calibrated is True
    lettered.reader = SpanReader(BundledSpanModel(), None)
    assert lettered.engine(nowhere).ask(question).calibrated is False


def test_their_postprocessor_between_our_parts(lettered: Library) -> None:
    engine = RetrieverQueryEngine(
        retriever=ArticleRetriever(lettered.searcher, limit=5),
        node_postprocessors=[
            SimilarityPostprocessor(similarity_cutoff=0.01),
            EvidencePostprocessor(lettered.reader),
        ],
        response_synthesizer=CitedSynthesizer(lettered.catalog),
    )
    assert answer_of(engine.query("Who built the lighthouse?")).citations[0].article_id == LIGHTHOUSE.id


def test_a_wrapping_retriever(lettered: Library) -> None:
    inner = ArticleRetriever(lettered.searcher, Filters(language="en"))

    class Reversed(BaseRetriever):
        def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            return inner.retrieve(query_bundle)[::-1]

    nodes = Reversed().retrieve("lighthouse")
    assert {n.node.metadata["language"] for n in nodes} == {"en"}


def test_a_check_ends_the_work_before_each_stage(lettered: Library) -> None:
    def checks_made(allowed: int) -> int:
        made = 0

        def check() -> None:
            nonlocal made
            made += 1
            if made > allowed:
                raise Abandoned("nobody waits")

        try:
            lettered.engine(check=check).ask(QUESTION)
        except Abandoned:
            assert made == allowed + 1, "it goes no further"
        return made

    in_all = checks_made(100)
    assert in_all >= 3, "before the search, the first candidates and the answer"
    assert [checks_made(allowed) for allowed in range(in_all)] == [*range(1, in_all + 1)]


def test_nothing_resolves_a_hosted_model(lettered: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """LlamaIndex's globals would load OpenAI, which isn't installed; the chain never asks them."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    lettered.engine().query(QUESTION)
    assert LlamaIndexSettings._llm is None
    assert LlamaIndexSettings._embed_model is None
    with pytest.raises(ImportError):
        _ = LlamaIndexSettings.llm


def test_nodes_and_candidates_are_two_forms_of_one_thing(lettered: Library) -> None:
    candidates = lettered.searcher.search(QUESTION)
    assert [node_candidate(candidate_node(c)) for c in candidates] == candidates
    stored = candidate_node(candidates[0]).node.to_json()
    restored = NodeWithScore(node=TextNode.from_json(stored), score=1.0)
    assert node_candidate(restored) == candidates[0]


def test_foreign_nodes_are_refused_with_the_reason(lettered: Library) -> None:
    foreign = [NodeWithScore(node=TextNode(text="Dari tempat lain."), score=1.0)]
    with pytest.raises(InvalidRequest, match="no offsets to cite"):
        EvidencePostprocessor(lettered.reader).postprocess_nodes(foreign, query_str=QUESTION)
    unmarked = ArticleRetriever(lettered.searcher).retrieve(QUESTION)
    with pytest.raises(InvalidRequest, match="no evidence marked"):
        CitedSynthesizer(lettered.catalog).synthesize(QUESTION, unmarked)
    with pytest.raises(InvalidRequest, match="for a question"):
        EvidencePostprocessor(lettered.reader).postprocess_nodes(unmarked)
    with pytest.raises(InvalidRequest, match="no offsets"):
        CitedSynthesizer(lettered.catalog).get_response(QUESTION, ["text"])
