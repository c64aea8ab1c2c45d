"""Markers → exact quotations, and the check that a quotation is what the article says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.catalog import Catalog
from service.records import Candidate, Citation, Evidence, Sentence

VerifyReason = Literal["unknown_article", "unknown_version", "purged", "out_of_range", "text_differs"]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A quotation that somebody claims."""

    article_id: str
    version: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is None exactly where the quotation is valid."""

    valid: bool
    reason: VerifyReason | None = None


def cite(marker: int, candidate: Candidate, start: int, end: int) -> Citation:
    """The citation of `article.text[start:end]` for a range inside the candidate's window."""
    passage, article = candidate.passage, candidate.article
    return Citation(
        marker=marker,
        article_id=passage.article_id,
        version=passage.version,
        passage_id=passage.id,
        title=article.title,
        url=article.url,
        source=article.source,
        published=article.published,
        language=article.language,
        quote=passage.slice(start, end),
        start=start,
        end=end,
        page=article.page_at(start),
    )


def runs(evidence: Evidence) -> list[tuple[Sentence, ...]]:
    """The sentences of a piece of evidence, grouped where only white space stands between them.

    What stands between two groups (a heading, "Baca juga") must not get into a quotation.
    """
    passage = evidence.candidate.passage
    groups: list[list[Sentence]] = []
    for sentence in evidence.sentences:
        if groups and not passage.slice(groups[-1][-1].end, sentence.start).strip():
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
    return [tuple(group) for group in groups]


def verify_citation(catalog: Catalog, claimed: Claimed) -> Verdict:
    """Whether the version named has exactly this quotation at exactly this place."""
    state, text = catalog.quotation(claimed.article_id, claimed.version, claimed.start, claimed.end)
    if state is not None:
        return Verdict(False, state)
    return Verdict(True) if text == claimed.quote else Verdict(False, "text_differs")
