"""Question + candidates → evidence: which sentences answer, and whether any does.

`Reader` is the interface. `RulesReader` stands in until a trained reader lands: signals that can be
read off the words (`service.signals`) and the embedder's similarity, weighed by regressions
(training/rules.py fits them). Its confidence is not calibrated end to end, and says so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from service.context import needs_context
from service.embeddings import Embedder
from service.errors import ModelUnavailable
from service.language import LANGUAGES
from service.questions import Question, understand
from service.records import Candidate, Evidence, Reading, Sentence
from service.signals import SIGNALS, Reference, alike, missing_shares, references
from service.terms import stem

RULES_FILE = Path(__file__).parent / "models" / "rules-1.json"
_SHORTLIST = 16
_CONTEXT_SENTENCES = 2
_SAME_SENTENCE = 0.8
_SEVERAL_SHARE = 0.08
_NEW_WORDS_BONUS = 0.6

CHOICE_SIGNALS = (
    *SIGNALS,
    "similar",  # cosine of the question and the sentence alone
)
ANSWER_SIGNALS = (
    *CHOICE_SIGNALS,
    "score",  # the score of the sentences that were chosen
    "margin",  # the best sentence's, over the best one of another article
    "logit",  # the best sentence's, before it is shared out, a tenth of it
    "missing_names",  # share of the question's names that its passage and title lack
    "missing_words",
    "words",  # log of the number of content words asked for
)


class Reader(Protocol):
    """What the chain needs of a reader."""

    name: str
    candidates: int
    """How many candidates it wants to see."""

    def read(self, question: str, candidates: Sequence[Candidate], limit: int) -> Reading:
        """At most `limit` pieces of evidence, best first, none quoting the same sentence."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Weights for the questions of one language.

    `shortlist` (for `SIGNALS`) and `choice` (for `CHOICE_SIGNALS`) are conditional logits over the
    sentences of a question, `answer` (for `ANSWER_SIGNALS`, and a bias last) is a logistic regression.
    """

    shortlist: tuple[float, ...]
    choice: tuple[float, ...]
    answer: tuple[float, ...]
    threshold: float


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence of the shortlist.

    `signals` go with `CHOICE_SIGNALS`. Scores of one question add up to 1: the conditional logit's
    probability that this sentence, of all that were found, answers (McFadden 1974).
    """

    reference: Reference
    signals: tuple[float, ...]
    logit: float
    score: float


class RulesReader:
    """The interim reader."""

    name = "rules-1"
    candidates = 12

    def __init__(self, rules: Mapping[str, Rules], embedder: Embedder) -> None:
        self._rules = rules
        self._embedder = embedder

    def read(self, question: str, candidates: Sequence[Candidate], limit: int) -> Reading:
        asked = understand(question)
        rules = self._rules[asked.language]
        scored = self.order(asked, references(asked, candidates))
        if not scored:
            return Reading((), 0.0, rules.threshold, calibrated=False)
        chosen = _several(asked, scored, limit) if asked.wants_several else scored[:1]
        signals = answer_signals(asked, scored, chosen)
        confidence = _logistic(_dot(signals, rules.answer[:-1]) + rules.answer[-1])
        evidence = tuple(
            Evidence(
                candidate=one.reference.candidate,
                sentences=with_context(one.reference),
                score=round(one.score, 6),
                answer=None if asked.wants_several else one.reference.answer,
            )
            for one in chosen
        )
        return Reading(evidence, round(confidence, 4), rules.threshold, calibrated=False)

    def order(self, asked: Question, found: Sequence[Reference]) -> list[Scored]:
        """The shortlist, best first; ties by rank of the passage and place in it."""
        if not found:
            return []
        rules = self._rules[asked.language]
        signals = self.compare(asked, shortlist(found, rules.shortlist))
        logits = [_dot(values, rules.choice) for _, values in signals]
        highest = max(logits)
        total = sum(math.exp(x - highest) for x in logits)
        scored = [
            Scored(reference, values, logit, math.exp(logit - highest) / total)
            for (reference, values), logit in zip(signals, logits, strict=True)
        ]
        return sorted(scored, key=lambda s: (-s.score, s.reference.rank, s.reference.sentence.start))

    def compare(
        self, asked: Question, found: Sequence[Reference]
    ) -> list[tuple[Reference, tuple[float, ...]]]:
        """Each sentence with its `CHOICE_SIGNALS`: those it has, and its similarity to the question."""
        question = self._embedder.embed_question(asked.text)
        vectors = self._embedder.embed_passages([reference.text for reference in found])
        return [
            (reference, (*reference.signals, float(vector @ question)))
            for reference, vector in zip(found, vectors, strict=True)
        ]


def load_reader(embedder: Embedder, file: Path = RULES_FILE) -> Reader:
    """The reader of this release. Raises ModelUnavailable where its file is missing or damaged."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        rules = {
            language: Rules(
                shortlist=tuple(stored[language]["shortlist"][name] for name in SIGNALS),
                choice=tuple(stored[language]["choice"][name] for name in CHOICE_SIGNALS),
                answer=tuple(stored[language]["answer"][name] for name in (*ANSWER_SIGNALS, "bias")),
                threshold=float(stored[language]["threshold"]),
            )
            for language in LANGUAGES
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{file} cannot be read: {error!r}") from error
    return RulesReader(rules, embedder)


def shortlist(found: Sequence[Reference], weights: Sequence[float]) -> list[Reference]:
    """The sentences that are worth comparing with the question one by one."""
    return sorted(found, key=lambda r: (-_dot(r.signals, weights), r.rank, r.sentence.start))[:_SHORTLIST]


def answer_signals(asked: Question, scored: Sequence[Scored], chosen: Sequence[Scored]) -> tuple[float, ...]:
    """The signals in the order of `ANSWER_SIGNALS`, for an answer of the chosen sentences."""
    best = scored[0]
    article = best.reference.candidate.passage.article_id
    other = next((s.score for s in scored if s.reference.candidate.passage.article_id != article), 0.0)
    return (
        *best.signals,
        sum(one.score for one in chosen),
        best.score - other,
        best.logit / 10.0,
        *missing_shares(asked, best.reference.candidate),
        math.log1p(len(asked.words)) / 3.0,
    )


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


def _several(asked: Question, scored: Sequence[Scored], limit: int) -> list[Scored]:
    """The best sentence, then those that add most, from wherever they come.

    A sentence adds its own score, and more where it has words or names of the question that those
    already chosen lack, which is what makes both sides of a comparison appear.
    """
    chosen = [scored[0]]
    rest = [s for s in scored[1:] if s.score >= _SEVERAL_SHARE * scored[0].score]
    names = asked.names or frozenset(asked.words)
    while len(chosen) < limit:
        rest = [
            s
            for s in rest
            if s not in chosen and not any(alike(s.reference, c.reference, _SAME_SENTENCE) for c in chosen)
        ]
        if not rest:
            break
        lacking = {w for w in names if not any(_has(c.reference, w) for c in chosen)}
        gains = [
            s.score * (1.0 + _NEW_WORDS_BONUS * sum(_has(s.reference, w) for w in lacking)) for s in rest
        ]
        chosen.append(rest[gains.index(max(gains))])
    return chosen


def _has(reference: Reference, word: str) -> bool:
    return stem(word, reference.language) in reference.words


def _dot(values: Sequence[float], weights: Sequence[float]) -> float:
    return sum(v * w for v, w in zip(values, weights, strict=True))


def _logistic(total: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))
