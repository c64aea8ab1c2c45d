"""Signals that a sentence answers a question, read off its words.

They are what `reading.RulesReader` weighs: how much of the question a sentence covers, whether it has
something of the kind that is asked for and where, and what search thought of its passage.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from service.questions import Question
from service.records import Candidate, Sentence
from service.spans import Span, answer_spans
from service.terms import STOPWORDS, stem, tokens
from service.values import COMPARED

SIGNALS = (
    "covered",  # weighted share of the question's words in the sentence
    "covered_with_context",  # ... or in the sentence before it, or the title
    "covered_by_passage",  # ... or anywhere in its passage
    "names_covered",  # share of the question's names and numbers in the sentence
    "bigrams",  # share of the question's neighbouring words that are neighbours here
    "about",  # weighted share of the question's words in the title or the passage's first sentence
    "no_time",  # asked when, and it has no time that the question doesn't have
    "no_quantity",  # asked how many, and it has no quantity
    "no_name",  # asked who or where, and it has no name
    "near",  # how near a span of the kind asked for is to the question's words
    "unit",  # it has a number with the unit, or of the things, that the question asks for
    "no_unit",  # the question asks for a unit, and it has none
    "cause",  # asked why, and it has a word such as "karena"
    "defines",  # "X adalah ..." for a question what or who X is
    "other_words",  # share of the sentence's content words that the question lacks
    "length",  # log of the number of words
    "lead",  # how near the beginning of the article
    "fused",  # the passage's fused score
    "cosine",  # the passage's cosine
    "keyword",  # the passage's BM25, for each word of the question
)

_COPULA = re.compile(r"\b(?:adalah|ialah|merupakan|yaitu|yakni|is|are|was|were)\b")
_CAUSE = re.compile(
    r"\b(?:karena|sebab|disebabkan|akibat|lantaran|agar|supaya|demi|because|since|due to|caused|reasons?"
    r"|so that)\b",
    re.IGNORECASE,
)
_MONEY_OR_SHARE = re.compile(r"[$€£¥%]|\b(?:rp|usd|rupiah|persen|percent)", re.IGNORECASE)
_MORE = (
    "higher taller longer deeper wider larger bigger greater heavier older faster lower"
    " shorter smaller lighter younger slower narrower cheaper"
).replace(" ", "|")
_DIFFERENCE = re.compile(
    rf"\s+(?:[^\W\d_]+\s+)?(?:{_MORE}|lebih (?!dekat|jauh)(?:{COMPARED}))\b", re.IGNORECASE
)
_DIFFERENCE_BEFORE = re.compile(
    rf"\blebih (?:{COMPARED})\s+(?:(?:sekitar|hampir|sebesar)\s+)?\Z", re.IGNORECASE
)
"""Beside a number that tells how much more something is than another: "320 metres higher"."""
_ASKS_DIFFERENCE = re.compile(
    rf"\b(?:{_MORE}|than|differ\w*|lebih|daripada|selisih\w*|beda\w*)\b", re.IGNORECASE
)
_LEAD_CHARS = 300.0
_REACH_CHARS = 80
_REACH_WORDS = 8
_LEAST_TOLD = 6
"""Shorter sentences are alike by chance and may mean different things."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A sentence that might answer.

    `signals` go with `SIGNALS`; `words` are its stems; `answer` is the span, in the article, that
    may be the short answer.
    """

    candidate: Candidate
    rank: int
    sentence: Sentence
    signals: tuple[float, ...]
    words: frozenset[str]
    answer: Span | None

    @property
    def text(self) -> str:
        return self.candidate.passage.slice(self.sentence.start, self.sentence.end)

    @property
    def language(self) -> str:
        return self.candidate.article.language


def references(asked: Question, candidates: Sequence[Candidate]) -> list[Reference]:
    """Every sentence of the candidates that may be quoted, each once, in the candidates' order. One that
    stands word for word in a candidate before is that one again, whichever article it is in."""
    weights = _weights(asked, candidates)
    found: dict[tuple[str, str, int], Reference] = {}
    told: set[tuple[str, ...]] = set()
    for rank, candidate in enumerate(candidates):
        passage = candidate.passage
        sentences = [s for s in passage.sentences if s.kind == "sentence"]
        reader = _PassageSignals(asked, candidate, sentences, weights)
        for i, sentence in enumerate(sentences):
            key = (passage.article_id, passage.version, sentence.start)
            # What ends before the passage is here only as context.
            if sentence.end > passage.start and key not in found:
                words = _stem_list(passage.slice(sentence.start, sentence.end), candidate.article.language)
                if len(words) >= _LEAST_TOLD and words in told:
                    continue
                told.add(words)
                before = sentences[i - 1] if i else None
                reference = reader.reference(rank, sentence, before)
                if reference is not None:
                    found[key] = reference
    return list(found.values())


def alike(one: Reference, other: Reference, share: float) -> bool:
    """Whether two sentences have at least this share of the shorter one's words in common."""
    return len(one.words & other.words) >= share * min(len(one.words), len(other.words))


def missing_shares(asked: Question, candidate: Candidate) -> tuple[float, float]:
    """Shares of the question's names and of its words that a passage and its title lack."""
    language = candidate.article.language
    wanted = {w: stem(w, language) for w in asked.words}
    around = _stems(candidate.passage.text, language) | _stems(candidate.article.title, language)
    words = sum(1 for s in wanted.values() if s not in around) / max(len(wanted), 1)
    return 1.0 - _names_share(asked, wanted, around), words


class _PassageSignals:
    """What the signals of one passage's sentences have in common."""

    def __init__(
        self, asked: Question, candidate: Candidate, sentences: Sequence[Sentence], weights: dict[str, float]
    ) -> None:
        self._asked = asked
        self._candidate = candidate
        self._weights = weights
        self._language = candidate.article.language
        passage = candidate.passage
        self._wanted = {w: stem(w, self._language) for w in asked.words}
        self._title = _stems(candidate.article.title, self._language)
        opening = next((s for s in sentences if s.end > passage.start), None)
        first = self._stems_of(opening) if opening else frozenset()
        self._about = self._coverage(self._title | first)
        self._by_passage = self._coverage(self._title | _stems(passage.text, self._language))

    def reference(self, rank: int, sentence: Sentence, before: Sentence | None) -> Reference | None:
        """The sentence with its signals; None where it has no word."""
        asked, candidate = self._asked, self._candidate
        text = candidate.passage.slice(sentence.start, sentence.end)
        words = _stem_list(text, self._language)
        if not words:
            return None
        here = frozenset(words)
        context = here | self._title | (self._stems_of(before) if before else frozenset())
        stems = set(self._wanted.values())
        spans = [
            s for s in answer_spans(text, asked.kind) if not _stems(text[slice(*s)], self._language) <= stems
        ]
        fitting = [s for s in spans if self._unit_fits(text, s)] if asked.unit or asked.counted else []
        answer, near = _nearest_span(text, fitting or spans, stems, self._language)
        keyword = (candidate.keyword_score or 0.0) / max(len(self._wanted), 1) / 5.0
        signals = (
            self._coverage(here),
            self._coverage(context),
            self._by_passage,
            _names_share(asked, self._wanted, here),
            _bigram_share(asked, self._wanted, words),
            self._about,
            1.0 if asked.kind == "time" and not spans else 0.0,
            1.0 if asked.kind == "quantity" and not spans else 0.0,
            1.0 if asked.kind in ("person", "place") and not spans else 0.0,
            near,
            1.0 if fitting else 0.0,
            1.0 if asked.unit is not None and not fitting else 0.0,
            1.0 if asked.kind == "reason" and _CAUSE.search(text) else 0.0,
            1.0 if asked.defines and self._defines(text, words) else 0.0,
            sum(1 for w in here if w not in STOPWORDS and w not in stems) / max(len(here), 1),
            math.log1p(len(words)) / 4.0,
            1.0 / (1.0 + sentence.start / _LEAD_CHARS),
            candidate.score,
            candidate.vector_score or 0.0,
            keyword,
        )
        span = (sentence.start + answer[0], sentence.start + answer[1]) if answer else None
        return Reference(candidate, rank, sentence, signals, here, span)

    def _stems_of(self, sentence: Sentence) -> frozenset[str]:
        return _stems(self._candidate.passage.slice(sentence.start, sentence.end), self._language)

    def _coverage(self, here: frozenset[str]) -> float:
        total = sum(self._weights[w] for w in self._wanted)
        return sum(self._weights[w] for w, s in self._wanted.items() if s in here) / total if total else 0.0

    def _unit_fits(self, text: str, span: Span) -> bool:
        """Whether the number at `span` has the unit asked for beside it, or counts the right things."""
        around = text[max(0, span[0] - 4) : span[1] + 16]
        differs = _DIFFERENCE.match(text, span[1]) or _DIFFERENCE_BEFORE.search(text, 0, span[0])
        if differs and not _ASKS_DIFFERENCE.search(self._asked.text):
            return False
        if self._asked.unit is not None and self._asked.unit.search(around):
            return True
        counted = self._asked.counted
        if counted is None or _MONEY_OR_SHARE.search(text[slice(*span)]):
            return False
        return stem(counted, self._language) in _stems(around, self._language)

    def _defines(self, text: str, words: Sequence[str]) -> bool:
        """Whether it opens with a word of the question and goes on with a copula."""
        return bool(set(words[:6]) & set(self._wanted.values())) and bool(_COPULA.search(text, 0, 160))


def _weights(asked: Question, candidates: Sequence[Candidate]) -> dict[str, float]:
    """How telling each of the question's words is: the rarer among the candidates, the more."""
    seen: Counter[str] = Counter()
    for candidate in candidates:
        language = candidate.article.language
        stems = _stems(candidate.passage.text, language)
        seen.update(w for w in asked.words if stem(w, language) in stems)
    return {w: math.log(1.0 + (len(candidates) + 1.0) / (seen[w] + 0.5)) for w in asked.words}


def _names_share(asked: Question, wanted: dict[str, str], here: frozenset[str]) -> float:
    names = [s for w, s in wanted.items() if w in asked.names]
    return sum(1 for s in names if s in here) / len(names) if names else 1.0


def _bigram_share(asked: Question, wanted: dict[str, str], words: Sequence[str]) -> float:
    asked_pairs = {(wanted[a], wanted[b]) for a, b in pairwise(asked.words)}
    content = [w for w in words if w not in STOPWORDS]
    return len(asked_pairs & set(pairwise(content))) / len(asked_pairs) if asked_pairs else 0.0


def _nearest_span(
    text: str, spans: Sequence[Span], wanted: set[str], language: str
) -> tuple[Span | None, float]:
    """The span with most of the question's words around it, and how near they are, in [0, 1]."""
    best: Span | None = None
    nearest = 0.0
    for start, end in spans:
        near = 0.0
        for words in (
            _stem_list(text[max(0, start - _REACH_CHARS) : start], language)[::-1],
            _stem_list(text[end : end + _REACH_CHARS], language),
        ):
            near += sum(1.0 / (1 + i) for i, w in enumerate(words[:_REACH_WORDS]) if w in wanted)
        if best is None or near > nearest:
            best, nearest = (start, end), near
    return best, min(1.0, nearest / 2.0)


@lru_cache(maxsize=20_000)
def _stem_list(text: str, language: str) -> tuple[str, ...]:
    return tuple(stem(t, language) for t in tokens(text))


def _stems(text: str, language: str) -> frozenset[str]:
    return frozenset(_stem_list(text, language))
