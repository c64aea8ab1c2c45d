"""Markers → exact quotations, and the check that a quotation is what the article says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

from service.catalog import Catalog
from service.copies import find_quotation
from service.errors import ArticleNotFound
from service.records import (
    ArticleInfo,
    Candidate,
    Citation,
    Evidence,
    Filters,
    Quotation,
    Sentence,
)
from service.updates import moment

VerifyReason = Literal["unknown_article", "unknown_version", "purged", "out_of_range", "text_differs"]

_MOST_RELATED = 20
"""Other articles that are looked through for one quotation."""


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
    quoted = _quote(candidate, start, end)
    return Citation(**asdict(quoted), marker=marker, passage_id=candidate.passage.id)


def complete(
    citation: Citation, candidate: Candidate, older: Sequence[Evidence], catalog: Catalog, filters: Filters
) -> Citation:
    """The citation with where else its words stand, in articles that pass the filters, and with the
    quotations of the evidence that it supersedes. What fails its check is left out."""
    superseded = [_quote(one.candidate, run[0].start, run[-1].end) for one in older for run in runs(one)]
    return replace(
        citation,
        also_in=_elsewhere(citation, candidate, catalog, filters),
        older=tuple(one for one in superseded if verify_citation(catalog, claim(one)).valid),
    )


def _elsewhere(
    citation: Citation, candidate: Candidate, catalog: Catalog, filters: Filters
) -> tuple[Quotation, ...]:
    others = dict.fromkeys(copy.article_id for copy in candidate.copies)
    others |= dict.fromkeys(catalog.related(citation.article_id, filters, _MOST_RELATED))
    found = []
    for article_id in list(others)[:_MOST_RELATED]:
        try:
            article = catalog.get_article(article_id)
        except ArticleNotFound:  # deleted since it was found
            continue
        if place := find_quotation(citation.quote, article.text):
            quote = article.text[slice(*place)]
            found.append(_quotation(article_id, article.version, article.info, quote, place[0]))
    return tuple(sorted(found, key=lambda q: (q.published is None, moment(q.published or ""), q.article_id)))


def _quote(candidate: Candidate, start: int, end: int) -> Quotation:
    passage = candidate.passage
    quote = passage.slice(start, end)
    return _quotation(passage.article_id, passage.version, candidate.article, quote, start)


def _quotation(article_id: str, version: str, article: ArticleInfo, quote: str, start: int) -> Quotation:
    return Quotation(
        article_id=article_id,
        version=version,
        title=article.title,
        url=article.url,
        source=article.source,
        published=article.published,
        language=article.language,
        quote=quote,
        start=start,
        end=start + len(quote),
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


def claim(quoted: Quotation) -> Claimed:
    return Claimed(quoted.article_id, quoted.version, quoted.start, quoted.end, quoted.quote)


def verify_citation(catalog: Catalog, claimed: Claimed) -> Verdict:
    """Whether the version named has exactly this quotation at exactly this place."""
    state, text = catalog.quotation(claimed.article_id, claimed.version, claimed.start, claimed.end)
    if state is not None:
        return Verdict(False, state)
    return Verdict(True) if text == claimed.quote else Verdict(False, "text_differs")
