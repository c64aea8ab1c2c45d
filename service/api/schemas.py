"""What goes over the wire. Unknown fields are refused; the examples are sent for real by a test."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    model_validator,
)

from service.api import examples
from service.articles.fields import MAX_CHARS, MAX_PAGES, MAX_TAG_CHARS, MAX_TAGS
from service.followups import Turn
from service.records import Filters

_DAY = re.compile(r"[1-8]\d{3}-\d{2}-\d{2}", re.ASCII)
"""Periods are counted from days, backwards and forwards, and years have four figures."""


def _check_text(value: str) -> str:
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise ValueError("contains U+0000 or half a surrogate pair")
    return value


def _check_words(value: str) -> str:
    if not any(c.isalnum() for c in value):
        raise ValueError("contains no word")
    return value


def _check_day(value: object) -> date:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ValueError("is not a day such as 2026-01-31, of the years 1000 to 8999")


Text = Annotated[str, AfterValidator(_check_text)]
Day = Annotated[date, BeforeValidator(_check_day)]
QuestionText = Annotated[
    str, Field(min_length=1, max_length=2000), AfterValidator(_check_text), AfterValidator(_check_words)
]
"""Lengths come first, so that their errors count characters."""
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$", examples=["id"])]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Strict(BaseModel):
    """A request body: fields that it doesn't know are an error. 3.0 is an integer, as in JSON Schema."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in value.items()}


class Period(Strict):
    """When articles were published."""

    published_from: Day | None = Field(None, description="inclusive")
    published_to: Day | None = Field(None, description="inclusive")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.published_from and self.published_to and self.published_from > self.published_to:
            raise ValueError("published_from is after published_to")
        return self


class FiltersIn(Period):
    """Which articles may be used; every field that is given must hold. An empty list is no filter."""

    language: LanguageCode | None = None
    source: list[Text] = Field(
        default_factory=list, max_length=100, description="one of these; empty for any"
    )
    article_ids: list[Text] = Field(
        default_factory=list, max_length=10_000, description="one of these; empty for any"
    )
    tags: list[Text] = Field(
        default_factory=list, max_length=100, description="at least one of these; empty for any"
    )

    def record(self) -> Filters:
        return Filters(
            language=self.language,
            source=tuple(self.source),
            article_ids=tuple(self.article_ids),
            tags=tuple(self.tags),
            published_from=self.published_from.isoformat() if self.published_from else None,
            published_to=self.published_to.isoformat() if self.published_to else None,
        )


class TurnIn(Strict):
    """An earlier question and the answer that it got."""

    question: QuestionText
    answer: Annotated[str, Field(max_length=20_000), AfterValidator(_check_text)] = Field(
        description="empty where there was none"
    )

    def record(self) -> Turn:
        return Turn(self.question, self.answer)


class AskIn(Strict):
    """A question."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"question": "Berapa dana yang dihimpun Zhipu dan MiniMax?"},
                examples.QUESTION,
                {
                    "question": "Who heads Alibaba's Qwen series?",
                    "filters": {"language": "en", "published_from": "2026-01-01"},
                    "evidence_limit": 3,
                    "include_passages": True,
                },
                {
                    "question": "Di mana ia mengatakannya?",
                    "history": [{"question": "Siapa pemimpin seri Qwen?", "answer": "Justin Lin."}],
                    "now": "2026-01-15",
                },
            ]
        }
    )

    question: QuestionText
    filters: FiltersIn = Field(default_factory=FiltersIn)
    mode: Literal["auto", "extractive", "generative"] = Field(
        "auto", description="generative needs a language model; without one the answer is extractive"
    )
    evidence_limit: StrictInt = Field(
        6,
        ge=1,
        le=20,
        description="most pieces of evidence to answer from; a comparison has one a side at least",
    )
    history: list[TurnIn] = Field(
        default_factory=list, max_length=10, description="earlier turns, oldest first"
    )
    now: Day | None = Field(
        None,
        description='the day on which it is asked: "last week" is relative to it, and what was published '
        "later is not known yet; null for today",
    )
    include_passages: StrictBool = False
    stream: StrictBool = Field(False, description="server-sent events: evidence, sentence, done, error")


class SentenceOut(BaseModel):
    text: str
    start: int = Field(description="offset into `answer`, in Unicode code points")
    end: int
    citations: list[int] = Field(description="markers of its citations")
    support: float = Field(ge=0, le=1, description="1.0 for a verbatim sentence")


class QuotationOut(BaseModel):
    """Verbatim words: the version's text from `start` to `end` is `quote`."""

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
    page: int | None = Field(None, description="of the start of the quotation, from 1; null without pages")


class CitationOut(QuotationOut):
    """A quotation that the answer rests on."""

    marker: int
    passage_id: str
    also_in: list[QuotationOut] = Field(
        default_factory=list, description="the same words in other articles, the earliest first"
    )
    older: list[QuotationOut] = Field(
        default_factory=list,
        description="what earlier articles said of it, which this one supersedes, the latest first",
    )


class PassageHead(BaseModel):
    """A passage without its text."""

    article_id: str
    version: str
    passage_id: str
    title: str
    url: str | None
    source: str | None
    published: str | None
    language: str


class PassageOut(PassageHead):
    """A passage that search found; scores of one question compare, those of two don't."""

    text: str
    start: int
    end: int
    page: int | None = Field(description="where it starts, from 1; null without pages")
    score: float = Field(description="fused score in [0, 1], higher is better")
    vector_score: float | None = Field(description="cosine, -1 to 1")
    vector_rank: int | None
    keyword_score: float | None = Field(description="BM25")
    keyword_rank: int | None
    also_in: list[PassageHead] = Field(description="copies of it that were found too and left out")


class ModelsOut(BaseModel):
    embedder: str | None
    reader: str | None
    judge: str | None
    llm: str | None


class UnderstoodOut(BaseModel):
    kind: Literal["history", "comparison", "colloquial", "spelling", "abbreviation", "period", "latest"]
    text: str = Field(description="as it was asked")
    meaning: str = Field(
        description="as it was searched; of a period its day, or its first and last day with a slash between"
    )


class EvidenceOut(BaseModel):
    """A quotation that answers, before it is put into the answer."""

    article_id: str
    version: str
    passage_id: str
    title: str
    quote: str
    start: int
    end: int
    score: float = Field(description="of one question they compare; higher is better")


class EvidenceEvent(BaseModel):
    """What the event `evidence` carries, before it is known whether there is an answer."""

    confidence: float = Field(ge=0, le=1)
    calibrated: bool
    evidence: list[EvidenceOut] = Field(description="best first")


class SentenceEvent(BaseModel):
    """What the event `sentence` carries: a verified sentence, and those of its citations that are new."""

    sentence: SentenceOut
    citations: list[CitationOut]


class AskOut(BaseModel):
    """The answer, or `not_found` with a reason."""

    id: str
    status: Literal["answered", "not_found"]
    reason: Literal["no_evidence", "low_confidence", "unsupported"] | None
    language: str
    mode: Literal["extractive", "generative"]
    fallback: str | None = Field(description="why the mode isn't the one asked for")
    searched: str = Field(description="the question as it was searched: self-contained, spelt out")
    understood: list[UnderstoodOut] = Field(
        description="parts of the question that were taken for something other than what they say"
    )
    answer: str
    short_answer: str | None
    confidence: float = Field(ge=0, le=1, description="probability that the answer is right")
    calibrated: bool = Field(description="whether `confidence` was calibrated from question to answer")
    sentences: list[SentenceOut]
    citations: list[CitationOut]
    passages: list[PassageOut] | None
    models: ModelsOut
    timing_ms: dict[str, float]


class SearchIn(Strict):
    """A search."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.QUERY]})

    query: QuestionText
    filters: FiltersIn = Field(default_factory=FiltersIn)
    limit: StrictInt = Field(10, ge=1, le=100)


class SearchOut(BaseModel):
    passages: list[PassageOut] = Field(description="best first")


class ArticleIn(Strict):
    """An article. Its text is stored code point for code point."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ARTICLE]})

    id: str | None = Field(None, description="made from the URL, else from the content, where missing")
    title: str = Field(min_length=1, max_length=MAX_CHARS["title"])
    text: str
    url: str | None = Field(None, max_length=MAX_CHARS["url"])
    source: str | None = Field(None, max_length=MAX_CHARS["source"])
    author: str | None = Field(None, max_length=MAX_CHARS["author"])
    published: str | None = Field(None, description="ISO 8601 date or date-time")
    language: str | None = Field(None, description="ISO 639-1 code; detected where missing")
    tags: list[Annotated[str, Field(max_length=MAX_TAG_CHARS)]] = Field(
        default_factory=list, max_length=MAX_TAGS
    )
    page_starts: list[StrictInt] = Field(
        default_factory=list, max_length=MAX_PAGES, description="offsets into `text` at which its pages begin"
    )


class StoredOut(BaseModel):
    """The outcome of a write, which is durable."""

    id: str
    version: str
    changed: bool = Field(description="false where the same content was there already")
    created: bool = Field(description="true where there was no article of this id")
    state: Literal["pending", "indexed"]
    passages: int


class ArticleHead(BaseModel):
    """An article without its text."""

    id: str
    version: str
    title: str
    url: str | None
    source: str | None
    author: str | None
    published: str | None
    language: str
    tags: list[str]


class ArticleOut(ArticleHead):
    text: str
    page_starts: list[int] = Field(description="offsets at which its pages begin; empty without pages")
    current: bool = Field(description="whether this is the version that is searched")


class ArticlesOut(BaseModel):
    articles: list[ArticleHead]
    next_cursor: str | None = Field(description="send as `cursor` for more; null at the end")


class DeletedOut(BaseModel):
    id: str
    purged: bool


class ClaimedCitation(Strict):
    article_id: Text
    version: Sha256
    start: StrictInt = Field(ge=0)
    end: StrictInt = Field(ge=0)
    quote: Text


class VerifyIn(Strict):
    """Quotations to check."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "citations": [
                        {
                            "article_id": "pasar-ai-zhipu-minimax",
                            "version": "0" * 64,
                            "start": 0,
                            "end": 5,
                            "quote": "Zhipu",
                        }
                    ]
                }
            ]
        }
    )

    citations: list[ClaimedCitation] = Field(min_length=1, max_length=1000)


class VerdictOut(BaseModel):
    valid: bool
    reason: Literal["unknown_article", "unknown_version", "purged", "out_of_range", "text_differs"] | None


class VerifyOut(BaseModel):
    citations: list[VerdictOut] = Field(description="in the order they were sent")


class FailureOut(BaseModel):
    origin: str = Field(description="a file, and the line where it has several articles")
    reason: str


class SyncOut(BaseModel):
    """How far the corpus folder has been taken in."""

    folder: str
    state: Literal["running", "done", "failed"] = Field(
        description="done: all of it can be found; failed: see `error`, it is tried again"
    )
    watching: bool = Field(description="whether changes are taken in while the server runs")
    files: int = Field(description="in the folder")
    articles: int = Field(description="in those files, as far as they have been read")
    failed: int = Field(description="files, lines or entries that could not be taken in")
    failures: list[FailureOut] = Field(description="the first twenty of them")
    waiting: list[str] = Field(description="the first twenty files that are being written")
    removed: int = Field(description="articles removed since the server started, as their file is gone")
    gone: int = Field(description="articles whose file is gone, and which stay")
    passes: int = Field(description="passes since the server started that found something to do")
    last_pass: datetime | None = Field(description="when the last of them ended")
    last_look: datetime | None = Field(
        description="when the folder was last looked through to its end, with or without something to do"
    )
    error: str | None


class SourceFileIO(Strict):
    """A file of a folder as it was last taken in; see `service.catalog.SourceFile`."""

    name: Text
    stamp: Text
    digest: Text
    articles: dict[Text, Sha256] = Field(description="version of each article that it gave")


class SourcesOut(BaseModel):
    files: list[SourceFileIO]


class HoldersIn(Strict):
    """Articles that a program is about to write from a folder of its own."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"folder": "/srv/articles", "article_ids": ["index.md"]}]},
    )

    folder: Text
    article_ids: list[Text] = Field(max_length=1_000)


class HolderOut(BaseModel):
    """A file, `name` in `folder`, that gave the current version of an article."""

    article_id: str
    version: str
    folder: str
    name: str


class HoldersOut(BaseModel):
    holders: list[HolderOut]


class SourcesIn(Strict):
    """What files of a folder gave, and which files are gone."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "folder": "/srv/articles",
                    "files": [
                        {"name": "a.md", "stamp": "12 1 1 1", "digest": "", "articles": {"a.md": "0" * 64}}
                    ],
                    "gone": ["b.md"],
                    "prune": False,
                }
            ]
        },
    )

    folder: Text
    files: list[SourceFileIO] = Field(default_factory=list)
    gone: list[Text] = Field(default_factory=list)
    prune: StrictBool = Field(
        False, description="also remove the articles from this folder that no file gives any more"
    )


class SourcesRecordedOut(BaseModel):
    removed: list[str] = Field(description="ids of the articles that were removed")
    gone: int = Field(description="articles that no file gives any more, and that stay")


class EmbedderOut(BaseModel):
    name: str
    fingerprint: str
    dimension: int
    max_tokens: int


class ReaderOut(BaseModel):
    name: str
    fingerprint: str = Field(description="of the weights of its model, without its calibration")


class IndexModelsOut(BaseModel):
    embedder: EmbedderOut
    reader: ReaderOut


class VectorsOut(BaseModel):
    store: Literal["embedded", "server"] = Field(description="in the data folder, or on a Chroma server")
    where: str = Field(description="its folder or URL", examples=["data/vectors"])
    available: bool = Field(description="whether it could be searched when it was last used or looked at")


class IndexOut(BaseModel):
    articles: int
    passages: int
    pending: int = Field(description="passages whose vectors are still to be indexed or removed")
    models: IndexModelsOut
    vectors: VectorsOut
    disk_bytes: dict[str, int] = Field(description="`catalog` and, in the data folder only, `vectors`")
    corpus: SyncOut | None = Field(description="null where no corpus folder is set")
    last_error: str | None = Field(description="why the indexer is retrying, if it is")


class CompactedOut(BaseModel):
    before_bytes: int = Field(description="of the vector index on disk", examples=[15_689_400])
    after_bytes: int = Field(examples=[4_596_608])


class IndexCheckedOut(BaseModel):
    complaints: list[str] = Field(description="empty where catalog and vector index agree")


class HealthOut(BaseModel):
    status: Literal["ok"]


class ReadyOut(BaseModel):
    status: Literal["ready"]
