"""The values that move through the service. Frozen, without I/O.

Offsets are always Unicode code points into `Article.text`, half-open: `text[start:end]`.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

SentenceKind = Literal["sentence", "heading", "aside"]
"""`aside` is text that is no part of the story: "Baca juga", bylines, photo credits."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it was read. `text` is never altered after reading.

    `published` is an ISO 8601 date or date-time, `language` an ISO 639-1 code ("id", "en"). `page_starts` are
    the offsets at which its pages begin, in order; empty where it has none.
    """

    id: str
    title: str
    text: str
    language: str
    url: str | None = None
    source: str | None = None
    author: str | None = None
    published: str | None = None
    tags: tuple[str, ...] = ()
    page_starts: tuple[int, ...] = ()

    @property
    def version(self) -> str:
        """SHA-256 (64 hex digits) of everything but the id: same content, same version."""
        content: list[object] = [
            self.title,
            self.text,
            self.language,
            self.url,
            self.source,
            self.author,
            self.published,
            list(self.tags),
        ]
        if self.page_starts:  # an article without pages keeps the version that it had before there were any
            content.append(list(self.page_starts))
        encoded = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        return hashlib.sha256(encoded).hexdigest()

    @property
    def info(self) -> ArticleInfo:
        return ArticleInfo(self.title, self.url, self.source, self.published, self.language, self.page_starts)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, heading or aside: `article.text[start:end]`, trimmed of white space."""

    start: int
    end: int
    kind: SentenceKind = "sentence"


@dataclass(frozen=True, slots=True)
class Passage:
    """What is searched: `article.text[start:end] == text`, exactly.

    `sentences` are those that overlap the passage, and up to three before it (asides not counted), in text
    order.
    `window` is `article.text[window_start:window_start + len(window)]` and covers all of them, so
    that a whole sentence and the one before it can be quoted without reading the article again.
    """

    id: str
    article_id: str
    version: str
    start: int
    end: int
    text: str
    sentences: tuple[Sentence, ...]
    window_start: int
    window: str

    def slice(self, start: int, end: int) -> str:
        """`article.text[start:end]` for a range inside the window."""
        return self.window[start - self.window_start : end - self.window_start]


@dataclass(frozen=True, slots=True)
class ArticleInfo:
    """What a reader of a citation is shown about its article."""

    title: str
    url: str | None
    source: str | None
    published: str | None
    language: str
    page_starts: tuple[int, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """The number, from 1, of the page that holds a character of the text; None where there is none."""
        return bisect_right(self.page_starts, offset) or None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may be used. Empty fields admit everything; the filled ones must all hold.

    `source`, `article_ids`: the article has one of them. `tags`: it has at least one of them.
    `published_from`, `published_to`: ISO dates, inclusive, compared with the date as published;
    an article without a date passes neither. `not_after`: an ISO date after which nothing was published yet;
    an article without a date passes.
    """

    language: str | None = None
    source: tuple[str, ...] = ()
    article_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    published_from: str | None = None
    published_to: str | None = None
    not_after: str | None = None

    def __bool__(self) -> bool:
        return self != NO_FILTERS


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Understood:
    """A part of a question that was taken for something other than what it says.

    `kind` is "history" (the whole question, made self-contained), "comparison" (the whole question; `meaning`
    is one of those that it was taken apart into), "colloquial", "spelling", "abbreviation", "period"
    (`meaning` is a day or an interval of days, ISO 8601) or "latest" (`meaning` is the day asked on).
    """

    kind: Literal["history", "comparison", "colloquial", "spelling", "abbreviation", "period", "latest"]
    text: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A passage of another article that says what a candidate says, in its words."""

    article_id: str
    version: str
    passage_id: str
    article: ArticleInfo


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that search proposes for a question.

    `score` is the fused score in [0, 1], higher is better, comparable within one question only.
    `vector_score` is the cosine in [-1, 1]; `keyword_score` is BM25, at least 0. A rank counts from
    1 and is None where that search did not return the passage. `copies` were found too and left out.
    `among` is how many passages were searched; 0 is unknown.
    """

    passage: Passage
    article: ArticleInfo
    score: float
    vector_score: float | None = None
    vector_rank: int | None = None
    keyword_score: float | None = None
    keyword_rank: int | None = None
    copies: tuple[Copy, ...] = ()
    among: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quotation that a reader points at.

    `sentences` belong to one article, in text order: beside the one that answers those that are needed to
    understand it, go on with the answer, or may as well be it. `answer` is the span of the short answer,
    where there is one, inside the one that answers. `score` orders evidence of one question (higher is
    better).
    `older` are statements of earlier articles that this one supersedes, the latest first.
    """

    candidate: Candidate
    sentences: tuple[Sentence, ...]
    score: float
    answer: tuple[int, int] | None = None
    older: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of a question and its candidates.

    `evidence` is what the answer should be made of, best first; empty where nothing can be quoted.
    `confidence` in [0, 1] is the probability that it answers the question; below `threshold` the
    reader advises against answering. `calibrated` tells whether the number was fitted end to end.
    """

    evidence: tuple[Evidence, ...]
    confidence: float
    threshold: float
    calibrated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """Verbatim words: `article.text[start:end] == quote` in the version named.

    `page` is the number, from 1, of the page where it starts; None for an article without pages.
    """

    article_id: str
    version: str
    title: str
    url: str | None
    source: str | None
    published: str | None
    language: str
    quote: str
    start: int
    end: int
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation(Quotation):
    """A quotation that an answer rests on.

    `also_in`: the same words in other articles, the earliest first. `older`: what earlier articles gave for
    it, and what this one supersedes, the latest first.
    """

    marker: int
    passage_id: str
    also_in: tuple[Quotation, ...] = ()
    older: tuple[Quotation, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """One sentence of an answer: `answer[start:end] == text`, supported in [0, 1]."""

    text: str
    start: int
    end: int
    citations: tuple[int, ...]
    support: float


Status = Literal["answered", "not_found"]
Reason = Literal["no_evidence", "low_confidence", "unsupported"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of a question. `answer` is empty where `status` is `not_found`."""

    status: Status
    reason: Reason | None
    language: str
    mode: Literal["extractive", "generative"]
    searched: str
    answer: str
    short_answer: str | None
    confidence: float
    calibrated: bool
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    understood: tuple[Understood, ...] = ()
    models: dict[str, str | None] = field(default_factory=dict)
    timing_ms: dict[str, float] = field(default_factory=dict)
