"""Evidence → answer: verbatim sentences with their citations, or "not found" with a reason."""

from __future__ import annotations

from service.catalog import Catalog
from service.citations import cite, claim, complete, runs, verify_citation
from service.records import (
    NO_FILTERS,
    Answer,
    AnswerSentence,
    Citation,
    Evidence,
    Filters,
    Reading,
    Reason,
)

_VERBATIM_SUPPORT = 1.0
_LONGEST_SHORT_ANSWER = 120


def extractive_answer(
    question: str, language: str, reading: Reading, catalog: Catalog, filters: Filters = NO_FILTERS
) -> Answer:
    """An answer made of the reading's sentences, each a verified quotation. `filters` are those that the
    evidence was found with.

    A sentence appears once, and every one has a marker behind it that leads to its citation.
    Sentences that belong together in one article share a citation. A quotation that fails its check
    (its article was purged meanwhile) is left out.
    """
    if not reading.evidence:
        return _not_found(question, language, reading, "no_evidence")
    if reading.confidence < reading.threshold:
        return _not_found(question, language, reading, "low_confidence")
    parts: list[str] = []
    sentences: list[AnswerSentence] = []
    citations: list[Citation] = []
    said: set[tuple[str, str, int]] = set()
    length = 0
    for evidence in reading.evidence:
        passage = evidence.candidate.passage
        for run in runs(evidence):
            fresh = [s for s in run if (passage.article_id, passage.version, s.start) not in said]
            if not fresh:
                continue
            citation = cite(len(citations) + 1, evidence.candidate, fresh[0].start, fresh[-1].end)
            if not verify_citation(catalog, claim(citation)).valid:
                continue
            citations.append(complete(citation, evidence.candidate, evidence.older, catalog, filters))
            for sentence in fresh:
                said.add((passage.article_id, passage.version, sentence.start))
                text = passage.slice(sentence.start, sentence.end)
                start = length + (1 if parts else 0)
                part = f"{text} [{citation.marker}]"
                sentences.append(
                    AnswerSentence(text, start, start + len(text), (citation.marker,), _VERBATIM_SUPPORT)
                )
                parts.append(part)
                length = start + len(part)
    if not citations:
        return _not_found(question, language, reading, "no_evidence")
    return Answer(
        status="answered",
        reason=None,
        language=language,
        mode="extractive",
        searched=question,
        answer=" ".join(parts),
        short_answer=_short_answer(reading.evidence[0], said),
        confidence=reading.confidence,
        calibrated=reading.calibrated,
        sentences=tuple(sentences),
        citations=tuple(citations),
    )


def _short_answer(best: Evidence, said: set[tuple[str, str, int]]) -> str | None:
    """The best evidence's short answer, where the sentence that holds it was quoted."""
    passage = best.candidate.passage
    if best.answer is None:
        return None
    start, end = best.answer
    holders = [s.start for s in best.sentences if s.start <= start and end <= s.end]
    if not any((passage.article_id, passage.version, holder) in said for holder in holders):
        return None
    text = passage.slice(*best.answer)
    # The model points at a full stop where it knows the sentence and no place in it.
    return text if len(text) <= _LONGEST_SHORT_ANSWER and any(c.isalnum() for c in text) else None


def _not_found(question: str, language: str, reading: Reading, reason: Reason) -> Answer:
    return Answer(
        status="not_found",
        reason=reason,
        language=language,
        mode="extractive",
        searched=question,
        answer="",
        short_answer=None,
        confidence=reading.confidence if reason == "low_confidence" else 0.0,
        calibrated=reading.calibrated,
    )
