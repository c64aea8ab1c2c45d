"""Question + candidates → evidence: which sentences answer, and whether any does.

`Reader` is the interface. `RulesReader` stands in until a trained reader lands: signals that can be
read off the words, weighed by two regressions (training/rules.py fits them). Its confidence
is not calibrated end to end, and says so.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from service.context import needs_context
from service.errors import ModelUnavailable
from service.questions import Question, understand
from service.records import Candidate, Evidence, Reading, Sentence
from service.spans import Span, answer_spans
from service.terms import STOPWORDS, stem, tokens

RULES_FILE = Path(__file__).parent / "models" / "rules-1.json"
_CONTEXT_SENTENCES = 2
_COPULA = re.compile(r"\b(?:adalah|ialah|merupakan|yaitu|yakni|is|are|was|were)\b")
_SAME_SENTENCE = 0.8
_SEVERAL_SHARE = 0.08
_NEW_WORDS_BONUS = 0.6


class Reader(Protocol):
    """What the chain needs of a reader."""

    name: str
    candidates: int
    """How many candidates it wants to see."""

    def read(self, question: str, candidates: Sequence[Candidate], limit: int) -> Reading:
        """At most `limit` pieces of evidence, best first, none quoting the same sentence."""


SENTENCE_SIGNALS = (
    "covered",  # weighted share of the question's words in the sentence
    "covered_with_context",  # ... or in the sentence before it, or the title
    "names_covered",  # share of the question's names and numbers in the sentence
    "kind_present",  # it has a span of the kind asked for
    "kind_near",  # ... and how near that is to the question's words
    "bigrams",  # share of the question's neighbouring words that are neighbours here
    "about",  # weighted share of the question's words in the title or the passage's first sentence
    "defines",  # "X adalah ..." for a question what or who X is
    "other_words",  # share of the sentence's content words that the question lacks
    "length",  # log of the number of words
    "fused",  # the passage's fused score
    "cosine",  # the passage's cosine
    "keyword",  # the passage's BM25, for each word of the question
)
ANSWER_SIGNALS = (
    *SENTENCE_SIGNALS,
    "score",  # the best sentence's score
    "margin",  # ... over the best sentence of another article
    "logit",  # ... before it is shared out among the sentences, a tenth of it
    "missing_names",  # share of the question's names that its passage and title lack
    "missing_words",
    "indonesian",
    "words",  # log of the number of content words asked for
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A sentence that might answer, with its signals in the order of `SENTENCE_SIGNALS`."""

    candidate: Candidate
    rank: int
    sentence: Sentence
    signals: tuple[float, ...]
    words: frozenset[str]
    answer: Span | None

    def logit(self, weights: Sequence[float]) -> float:
        return sum(s * w for s, w in zip(self.signals, weights, strict=True))


@dataclass(frozen=True, slots=True)
class Rules:
    """Weights of the conditional logit over sentences, and of the logistic regression over answers
    (with its bias last)."""

    sentence: tuple[float, ...]
    answer: tuple[float, ...]
    threshold: float


class RulesReader:
    """The interim reader."""

    name = "rules-1"
    candidates = 12

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def read(self, question: str, candidates: Sequence[Candidate], limit: int) -> Reading:
        asked = understand(question)
        scored = self.order(references(asked, candidates))
        if not scored:
            return Reading((), 0.0, self._rules.threshold, calibrated=False)
        confidence = _logistic(self.signals(asked, scored), self._rules.answer)
        chosen = _several(asked, scored, limit) if asked.wants_several else scored[:1]
        evidence = tuple(
            Evidence(
                candidate=reference.candidate,
                sentences=with_context(reference),
                score=round(score, 6),
                answer=None if asked.wants_several else reference.answer,
            )
            for score, reference in chosen
        )
        return Reading(evidence, round(confidence, 4), self._rules.threshold, calibrated=False)

    def order(self, found: Sequence[Reference]) -> list[tuple[float, Reference]]:
        """(score in [0, 1], sentence), best first; ties by rank of the passage and place in it.

        Scores add up to 1: the conditional logit's probability that this sentence, of all that were
        found, holds the answer (McFadden 1974).
        """
        if not found:
            return []
        logits = [reference.logit(self._rules.sentence) for reference in found]
        highest = max(logits)
        total = sum(math.exp(x - highest) for x in logits)
        scored = [(math.exp(x - highest) / total, r) for x, r in zip(logits, found, strict=True)]
        return sorted(scored, key=lambda s: (-s[0], s[1].rank, s[1].sentence.start))

    def signals(self, asked: Question, scored: Sequence[tuple[float, Reference]]) -> tuple[float, ...]:
        """The signals in the order of `ANSWER_SIGNALS`, for the best of the scored sentences."""
        score, best = scored[0]
        article = best.candidate.passage.article_id
        other = next((s for s, r in scored if r.candidate.passage.article_id != article), 0.0)
        language = best.candidate.article.language
        around = _stems(best.candidate.passage.text, language) | _stems(
            best.candidate.article.title, language
        )
        wanted = {w: stem(w, language) for w in asked.words}
        return (
            *best.signals,
            score,
            score - other,
            best.logit(self._rules.sentence) / 10.0,
            1.0 - _names_share(asked, wanted, around),
            sum(1 for s in wanted.values() if s not in around) / max(len(wanted), 1),
            1.0 if asked.language == "id" else 0.0,
            math.log1p(len(wanted)) / 3.0,
        )


def load_reader() -> Reader:
    """The reader of this release. Raises ModelUnavailable where its file is missing or damaged."""
    try:
        stored = json.loads(RULES_FILE.read_text(encoding="utf-8"))
        rules = Rules(
            sentence=tuple(stored["sentence"][name] for name in SENTENCE_SIGNALS),
            answer=tuple(stored["answer"][name] for name in (*ANSWER_SIGNALS, "bias")),
            threshold=float(stored["threshold"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{RULES_FILE} cannot be read: {error!r}") from error
    return RulesReader(rules)


def references(asked: Question, candidates: Sequence[Candidate]) -> list[Reference]:
    """Every sentence of the candidates that may be quoted, each once, with its signals."""
    weights = _weights(asked, candidates)
    found: dict[tuple[str, str, int], Reference] = {}
    for rank, candidate in enumerate(candidates):
        passage = candidate.passage
        language = candidate.article.language
        wanted = {w: stem(w, language) for w in asked.words}
        title = _stems(candidate.article.title, language)
        sentences = [s for s in passage.sentences if s.kind == "sentence"]
        opening = title
        inside = [s for s in sentences if s.end > passage.start]
        if inside:
            opening |= _stems(passage.slice(inside[0].start, inside[0].end), language)
        about = _coverage(wanted, opening, weights)
        keyword = (candidate.keyword_score or 0.0) / max(len(wanted), 1) / 5.0
        for i, sentence in enumerate(sentences):
            if sentence.end <= passage.start:
                continue  # here only as context
            key = (passage.article_id, passage.version, sentence.start)
            text = passage.slice(sentence.start, sentence.end)
            words = _stem_list(text, language)
            if key in found or not words:
                continue
            here = frozenset(words)
            before = sentences[i - 1] if i else None
            context = here | title
            if before is not None:
                context |= _stems(passage.slice(before.start, before.end), language)
            spans = [
                s for s in answer_spans(text, asked.kind) if not _asked_for(text[slice(*s)], wanted, language)
            ]
            answer, near = _nearest_span(text, spans, set(wanted.values()), language)
            signals = (
                _coverage(wanted, here, weights),
                _coverage(wanted, context, weights),
                _names_share(asked, wanted, here),
                1.0 if spans or asked.kind in ("reason", "manner") else 0.0,
                near,
                _bigram_share(asked, wanted, words),
                about,
                1.0 if asked.defines and _defines(text, words, wanted) else 0.0,
                _other_share(here, wanted),
                math.log1p(len(words)) / 4.0,
                candidate.score,
                candidate.vector_score or 0.0,
                keyword,
            )
            span = (sentence.start + answer[0], sentence.start + answer[1]) if answer else None
            found[key] = Reference(candidate, rank, sentence, signals, here, span)
    return list(found.values())


def with_context(reference: Reference) -> tuple[Sentence, ...]:
    """The sentence, after those before it that it cannot be understood without (at most two)."""
    passage = reference.candidate.passage
    story = [s for s in passage.sentences if s.kind == "sentence"]
    at = first = story.index(reference.sentence)
    while (
        first > 0
        and at - first < _CONTEXT_SENTENCES
        and needs_context(passage.slice(story[first].start, story[first].end))
    ):
        first -= 1
    return tuple(story[first : at + 1])


def _several(
    asked: Question, scored: Sequence[tuple[float, Reference]], limit: int
) -> list[tuple[float, Reference]]:
    """The best sentence, then those that add most, from wherever they come.

    A sentence adds its own score, and more where it has words or names of the question that those
    already chosen lack, which is what makes both sides of a comparison appear.
    """
    chosen = [scored[0]]
    rest = [s for s in scored[1:] if s[0] >= _SEVERAL_SHARE * scored[0][0]]
    names = asked.names or frozenset(asked.words)
    while rest and len(chosen) < limit:
        language_words = {
            w for w in names if any(stem(w, r.candidate.article.language) in r.words for _, r in chosen)
        }

        def gain(item: tuple[float, Reference], seen: set[str] = language_words) -> float:
            score, reference = item
            fresh = [
                w for w in names - seen if stem(w, reference.candidate.article.language) in reference.words
            ]
            return score * (1.0 + _NEW_WORDS_BONUS * len(fresh))

        rest = [s for s in rest if not any(_alike(s[1], c[1]) for c in chosen)]
        if not rest:
            break
        best = max(rest, key=gain)
        chosen.append(best)
        rest.remove(best)
    return chosen


def _alike(one: Reference, other: Reference) -> bool:
    """Whether two sentences say nearly the same, word for word."""
    return len(one.words & other.words) >= _SAME_SENTENCE * min(len(one.words), len(other.words))


def _defines(text: str, words: Sequence[str], wanted: dict[str, str]) -> bool:
    """Whether it opens with a word of the question and goes on with a copula."""
    return bool(set(words[:6]) & set(wanted.values())) and _COPULA.search(text, 0, 160) is not None


def _weights(asked: Question, candidates: Sequence[Candidate]) -> dict[str, float]:
    """How telling each of the question's words is: the rarer among the candidates, the more."""
    seen: Counter[str] = Counter()
    for candidate in candidates:
        stems = _stems(candidate.passage.text, candidate.article.language)
        seen.update(w for w in asked.words if stem(w, candidate.article.language) in stems)
    return {w: math.log(1.0 + (len(candidates) + 1.0) / (seen[w] + 0.5)) for w in asked.words}


def _coverage(wanted: dict[str, str], here: frozenset[str], weights: dict[str, float]) -> float:
    total = sum(weights[w] for w in wanted)
    return sum(weights[w] for w, s in wanted.items() if s in here) / total if total else 0.0


def _names_share(asked: Question, wanted: dict[str, str], here: frozenset[str]) -> float:
    names = [s for w, s in wanted.items() if w in asked.names]
    return sum(1 for s in names if s in here) / len(names) if names else 1.0


def _bigram_share(asked: Question, wanted: dict[str, str], words: Sequence[str]) -> float:
    asked_pairs = {(wanted[a], wanted[b]) for a, b in pairwise(asked.words)}
    content = [w for w in words if w not in STOPWORDS]
    pairs = set(pairwise(content))
    return len(asked_pairs & pairs) / len(asked_pairs) if asked_pairs else 0.0


def _other_share(here: frozenset[str], wanted: dict[str, str]) -> float:
    asked = set(wanted.values())
    return sum(1 for w in here if w not in STOPWORDS and w not in asked) / max(len(here), 1)


def _asked_for(span: str, wanted: dict[str, str], language: str) -> bool:
    """Whether a span only repeats the question."""
    stems = _stems(span, language)
    return bool(stems) and stems <= set(wanted.values())


def _nearest_span(
    text: str, spans: Sequence[Span], wanted: set[str], language: str
) -> tuple[Span | None, float]:
    """The span with most of the question's words around it, and how near they are, in [0, 1]."""
    best: Span | None = None
    nearest = 0.0
    for start, end in spans:
        near = 0.0
        for words in (
            _stem_list(text[max(0, start - 80) : start], language)[::-1],
            _stem_list(text[end : end + 80], language),
        ):
            near += sum(1.0 / (1 + i) for i, w in enumerate(words[:8]) if w in wanted)
        if best is None or near > nearest:
            best, nearest = (start, end), near
    return best, min(1.0, nearest / 2.0)


def _logistic(signals: Sequence[float], weights: Sequence[float]) -> float:
    total = weights[-1] + sum(s * w for s, w in zip(signals, weights[:-1], strict=True))
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


@lru_cache(maxsize=20_000)
def _stem_list(text: str, language: str) -> tuple[str, ...]:
    return tuple(stem(t, language) for t in tokens(text))


def _stems(text: str, language: str) -> frozenset[str]:
    return frozenset(_stem_list(text, language))
