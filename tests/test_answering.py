from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from service.answering import extractive_answer
from service.catalog import Catalog
from service.citations import Claimed, runs, verify_citation
from service.library import Library
from service.records import Answer, Candidate, Evidence, Reading
from tests.conftest import BRIDGE, MARKET


def candidate(library: Library, article_id: str) -> Candidate:
    found = library.searcher.search("jembatan pasar")
    return next(c for c in found if c.passage.article_id == article_id)


def evidence(library: Library, article_id: str, *places: int) -> Evidence:
    """Evidence made of the story's sentences at these places."""
    one = candidate(library, article_id)
    story = [s for s in one.passage.sentences if s.kind == "sentence"]
    return Evidence(one, tuple(story[i] for i in places), 0.9)


def answer(library: Library, *found: Evidence, confidence: float = 0.9) -> Answer:
    return extractive_answer("Apa?", "id", Reading(found, confidence, 0.5, False), library.catalog)


def test_neighbouring_sentences_share_a_citation(library: Library) -> None:
    made = answer(library, evidence(library, BRIDGE.id, 0, 1))
    (citation,) = made.citations
    assert citation.quote == (
        "Jembatan Kahayan Baru dibuka oleh Gubernur Sari Wulandari pada 3 Maret 2024. "
        "Jembatan itu panjangnya 240 meter."
    )
    assert [s.citations for s in made.sentences] == [(1,), (1,)]


def test_no_quotation_runs_over_an_aside(library: Library) -> None:
    found = evidence(library, BRIDGE.id, 2, 3)
    assert [len(run) for run in runs(found)] == [1, 1]
    made = answer(library, found)
    assert len(made.citations) == 2
    assert "Baca juga" not in made.answer
    assert all("Baca juga" not in c.quote for c in made.citations)


def test_a_full_stop_is_no_short_answer(library: Library) -> None:
    found = evidence(library, BRIDGE.id, 0)
    start, end = found.sentences[0].start, found.sentences[0].end
    assert answer(library, replace(found, answer=(end - 5, end - 1))).short_answer == "2024"
    assert answer(library, replace(found, answer=(end - 1, end))).short_answer is None
    assert answer(library, replace(found, answer=(start, end))).short_answer is not None


def test_a_sentence_is_said_once(library: Library) -> None:
    made = answer(library, evidence(library, BRIDGE.id, 0), evidence(library, BRIDGE.id, 0, 1))
    assert [s.text for s in made.sentences] == [
        "Jembatan Kahayan Baru dibuka oleh Gubernur Sari Wulandari pada 3 Maret 2024.",
        "Jembatan itu panjangnya 240 meter.",
    ]


def test_an_answer_from_two_articles(library: Library) -> None:
    made = answer(library, evidence(library, BRIDGE.id, 0), evidence(library, MARKET.id, 0))
    assert [c.article_id for c in made.citations] == [BRIDGE.id, MARKET.id]
    assert [c.marker for c in made.citations] == [1, 2]
    for sentence in made.sentences:
        assert made.answer[sentence.start : sentence.end] == sentence.text
        (marker,) = sentence.citations
        assert made.answer[sentence.end :].startswith(f" [{marker}]")


def test_below_the_threshold_nothing_is_said(library: Library) -> None:
    made = answer(library, evidence(library, BRIDGE.id, 0), confidence=0.4)
    assert (made.status, made.reason, made.answer) == ("not_found", "low_confidence", "")
    assert made.confidence == 0.4
    assert answer(library).reason == "no_evidence"


def test_a_quotation_that_was_purged_meanwhile_is_left_out(library: Library) -> None:
    bridge, market = evidence(library, BRIDGE.id, 0), evidence(library, MARKET.id, 0)
    library.ingest.delete(BRIDGE.id, purge=True)
    made = answer(library, bridge, market)
    assert [c.article_id for c in made.citations] == [MARKET.id]
    assert answer(library, bridge).reason == "no_evidence"


@given(start=st.integers(-5, 400), end=st.integers(-5, 400), extra=st.text(max_size=2))
def test_only_the_exact_text_at_the_exact_place_is_valid(
    catalog_of_bridge: Catalog, start: int, end: int, extra: str
) -> None:
    text = BRIDGE.text
    inside = 0 <= start < end <= len(text)
    quote = text[max(start, 0) : max(end, 0)] + extra
    verdict = verify_citation(catalog_of_bridge, Claimed(BRIDGE.id, BRIDGE.version, start, end, quote))
    assert verdict.valid == (inside and not extra)
    assert verdict.reason == (None if verdict.valid else "text_differs" if inside else "out_of_range")
