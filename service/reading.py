"""Question + candidates → evidence: which sentences answer, and whether any does.

A `SpanModel` gives every span of every passage its log-odds to be the answer. A sentence is worth the
log-odds of its spans, weighed together with what search thought of its passage and with signals that
can be read off its words (`service.signals`). The confidence is a logistic regression over what came out
best, fitted from question to answer by training/calibration.py and stored beside the model.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import islice, takewhile
from pathlib import Path
from typing import Protocol

from service.context import needs_context
from service.errors import ModelUnavailable
from service.extraction import BundledSpanModel, ReadText, SpanModel, SpanScores, TransformersSpanModel
from service.language import LANGUAGES
from service.models import READER
from service.periods import asks_latest, without_now
from service.qualifiers import says_otherwise
from service.questions import Question, understand
from service.records import Candidate, Evidence, Passage, Reading, Sentence
from service.signals import SIGNALS, Reference, alike, missing_shares, references
from service.terms import stem
from service.updates import FIGURES, could_supersede, first_published, moment, supersedes

CALIBRATION = "calibration.json"
_CONTEXT_SENTENCES = 2
_CONTINUES_SHARE = 0.1
_BESIDE_SHARE = 1 / 3
"""How likely a sentence beside the best one has to be, against that one, to be quoted with it. Of held-out
questions one in eight gets a longer quotation by it, and .02 to .05 more get what answers them."""
_SAME_SENTENCE = 0.8
_SEVERAL_SHARE = 0.08
_NEW_WORDS_BONUS = 0.6
_LEAST_LOG_ODDS = -15.0
_UNFITTED = 0.5
_RIVAL_LOGIT, _RIVAL_LOGIT_OF_LATEST = 3.0, 6.0
"""How far behind the best sentence one may be that answers as well; the farther one is for a question that
asks for the latest name, of which more is unlike than of two figures. (What says the same but for the figure
does so however far behind it is.) Set by hand for the weights of the shipped choice: to be looked at when
those are fitted anew."""
_AT_ONCE = 2
_SURE, _HOPELESS, _LEAST_READ = 0.5, 0.05, 4
"""Confidences at which no more candidates are read: a high one at once, a low one after four of them. On
6,131 held-out questions 5.3 of 8 are read (4.0 where the answer is right); 19 right answers are lost, 3 won.
"""

CHOICE_SIGNALS = (
    *SIGNALS,
    "log_odds",  # of the sentence's spans, a tenth of it
    "passage_log_odds",  # of the whole passage's, a tenth of it
)
ANSWER_SIGNALS = (
    *CHOICE_SIGNALS,
    "share",  # the shares of the sentences that were chosen
    "margin",  # the best sentence's share, over the best one of another article
    "logit",  # the best sentence's, before it is shared out, a tenth of it
    "most_log_odds",  # the highest of all sentences, a tenth of it
    "missing_names",  # share of the question's names that its passage and title lack
    "missing_words",
    "words",  # log of the number of content words asked for
    "among",  # log of the number of passages that were searched
)
_AMONG = (1_000, 100_000)
"""The fewest and the most passages that it was fitted on."""


Check = Callable[[], None]
"""Is called between two steps of the work for a question, and raises Abandoned where nobody waits for the
answer any more."""


def carry_on() -> None:
    """The check of a question whose asker cannot leave."""


class Reader(Protocol):
    """What the chain needs of a reader."""

    name: str
    fingerprint: str
    """Names the weights of its model."""
    candidates: int
    """How many candidates it wants to see."""

    def read(
        self, question: str, candidates: Sequence[Candidate], limit: int, check: Check = carry_on
    ) -> Reading:
        """At most `limit` pieces of evidence, best first, none quoting the same sentence. Raises what `check`
        raises, which is called as often as the reader can stop."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted for the questions of one language.

    `choice` (for `CHOICE_SIGNALS`) is a conditional logit over the sentences of a question, `answer` (for
    `ANSWER_SIGNALS`, and a bias last) a logistic regression, `crossing` that of answers from a passage in
    another language, where shared words tell nothing.
    """

    choice: tuple[float, ...]
    answer: tuple[float, ...]
    crossing: tuple[float, ...]
    threshold: float

    def confidence(self, signals: Sequence[float], crosses: bool) -> float:
        """The probability, in [0, 1], that an answer with these `ANSWER_SIGNALS` is right."""
        weights = self.crossing if crosses else self.answer
        return _logistic(_dot(signals, weights[:-1]) + weights[-1])


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence that may answer, with its `CHOICE_SIGNALS`.

    Shares of one question add up to 1: the conditional logit's probability that this sentence, of all
    that were found, answers (McFadden 1974). `answer` is the likeliest span in it, in the article.
    """

    reference: Reference
    signals: tuple[float, ...]
    answer: tuple[int, int] | None
    logit: float = 0.0
    share: float = 0.0


class SpanReader:
    """A reader on an extractive model. Without a calibration it takes the model's own word: the sentence with
    the highest log-odds, their logistic as confidence, one half as threshold. `threshold` in [0, 1] is
    used in place of the one that was fitted; 0 answers whenever anything was found.

    Candidates are read two at a time: all of them or, with a calibration, until the answer is settled."""

    candidates = 8

    def __init__(
        self,
        model: SpanModel,
        calibrations: Mapping[str, Calibration] | None,
        threshold: float | None = None,
    ) -> None:
        self.name = model.name
        self.fingerprint = model.fingerprint
        self.model = model
        self._calibrations = calibrations
        self._threshold = threshold

    def read(
        self, question: str, candidates: Sequence[Candidate], limit: int, check: Check = carry_on
    ) -> Reading:
        asked = understand(question)
        calibration = self._calibrations[asked.language] if self._calibrations else None
        threshold, calibrated = (calibration.threshold, True) if calibration else (_UNFITTED, False)
        if self._threshold is not None:
            threshold = self._threshold
        scored: list[Scored] = []
        for found, unread in self._in_turn(asked, candidates, check=check):
            scored, older = _without_outdated(asked, self.order(asked, found))
            if not scored:
                continue
            chosen = _several(asked, scored, limit) if asked.wants_several else quoted(scored)
            if calibration:
                signals = answer_signals(asked, scored, chosen)
                confidence = calibration.confidence(signals, crosses(asked, scored[0]))
                if _settled(asked, confidence, max(threshold, _SURE), scored, unread):
                    break
            else:
                confidence = _logistic(scored[0].logit)
        if not scored:
            return Reading((), 0.0, threshold, calibrated)
        shares = {(s.reference.candidate.passage.id, s.reference.sentence): s.share for s in scored}
        together = [[one] for one in chosen] if asked.wants_several else [chosen]
        evidence = tuple(
            Evidence(
                candidate=one.reference.candidate,
                sentences=_in_order(
                    *(
                        with_context(one.reference.candidate.passage, s.reference.sentence)
                        for s in (one, *beside)
                    ),
                    continuation(one.reference, shares) if asked.explains else (),
                ),
                score=round(one.share, 6),
                answer=None if asked.wants_several else one.answer,
                older=tuple(
                    Evidence(
                        old.reference.candidate,
                        with_context(old.reference.candidate.passage, old.reference.sentence),
                        0.0,
                        old.answer,
                    )
                    for old in older
                )
                if one is scored[0]
                else (),
            )
            for one, *beside in together
        )
        return Reading(evidence, round(confidence, 4), threshold, calibrated)

    def compare(self, asked: Question, candidates: Sequence[Candidate]) -> list[Scored]:
        """Every sentence of the candidates that may be quoted, with its signals."""
        return next((found for found, _ in self._in_turn(asked, candidates, len(candidates))), [])

    def _in_turn(
        self,
        asked: Question,
        candidates: Sequence[Candidate],
        at_once: int = _AT_ONCE,
        check: Check = carry_on,
    ) -> Iterator[tuple[list[Scored], list[Reference]]]:
        """The sentences of the candidates that were read so far, some candidates more each time, and those of
        the candidates that are unread."""
        # The questions that the models learned from say nothing of the present, and a passage seldom does.
        question = without_now(asked.text)
        told: list[Reference] | None = None
        found: list[Scored] = []
        for begin in range(0, len(candidates), at_once):
            check()
            some = candidates[begin : begin + at_once]
            texts = [ReadText(c.article.title, c.passage.text) for c in some]
            scoring = self.model.score(question, texts)
            if told is None:
                told = references(asked, candidates)  # while the model is at work
            for rank, scores in enumerate(scoring, begin):
                found += _scored([r for r in told if r.rank == rank], scores)
            yield found, [r for r in told if r.rank >= begin + at_once]

    def order(self, asked: Question, found: Sequence[Scored]) -> list[Scored]:
        """The sentences, best first; ties by rank of the passage and place in it."""
        if not found:
            return []
        if self._calibrations:
            weights = self._calibrations[asked.language].choice
            logits = [_dot(one.signals, weights) for one in found]
        else:
            logits = [10.0 * one.signals[CHOICE_SIGNALS.index("log_odds")] for one in found]
        scored = [replace(one, logit=logit) for one, logit in zip(found, logits, strict=True)]
        return sorted(_shared(scored), key=lambda s: (-s.logit, s.reference.rank, s.reference.sentence.start))


def load_reader(model: str | None, threads: int = 0, threshold: float | None = None) -> SpanReader:
    """The bundled reader, or the one that `KUTIPAN_READER_MODEL` names, with the calibration beside it.

    Raises ModelUnavailable where a file is missing or damaged.
    """
    if model is None:
        return SpanReader(_bundled_model(threads), read_calibration(READER / CALIBRATION), threshold)
    own = TransformersSpanModel(model, threads)
    beside = own.folder / CALIBRATION if own.folder else None
    calibration = read_calibration(beside) if beside and beside.is_file() else None
    return SpanReader(own, calibration, threshold)


def load_bundled_reader() -> SpanReader:
    """The reader of this release, as it was fitted."""
    return load_reader(None)


@cache
def _bundled_model(threads: int) -> BundledSpanModel:
    """One for a process, whatever it opens."""
    return BundledSpanModel(threads)


def read_calibration(file: Path) -> dict[str, Calibration]:
    """The calibration of each language. Raises ModelUnavailable where the file is missing or damaged."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        return {
            language: Calibration(
                choice=tuple(float(stored[language]["choice"][name]) for name in CHOICE_SIGNALS),
                answer=tuple(float(stored[language]["answer"][name]) for name in (*ANSWER_SIGNALS, "bias")),
                crossing=tuple(
                    float(stored[language]["crossing"][name]) for name in (*ANSWER_SIGNALS, "bias")
                ),
                threshold=float(stored[language]["threshold"]),
            )
            for language in LANGUAGES
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{file} cannot be read: {error!r}") from error


def answer_signals(asked: Question, scored: Sequence[Scored], chosen: Sequence[Scored]) -> tuple[float, ...]:
    """The signals in the order of `ANSWER_SIGNALS`, for an answer of the chosen sentences."""
    best = scored[0]
    candidate = best.reference.candidate
    article = candidate.passage.article_id
    other = next((s.share for s in scored if s.reference.candidate.passage.article_id != article), 0.0)
    at = CHOICE_SIGNALS.index("log_odds")
    return (
        *best.signals,
        sum(one.share for one in chosen),
        best.share - other,
        best.logit / 10.0,
        max(one.signals[at] for one in scored),
        *missing_shares(asked, candidate),
        math.log1p(len(asked.words)) / 3.0,
        math.log10(min(max(candidate.among, _AMONG[0]), _AMONG[1])),
    )


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span, grown to the ends of its words and numbers: a model that reads pieces of words may stop
    within one, or at a mark in "43.053.732"."""
    while step := _word_before(text, start):
        start -= step
    backwards = text[::-1]
    while step := _word_before(backwards, len(text) - end):
        end += step
    return start, end


def _word_before(text: str, at: int) -> int:
    """How many characters before a place belong to the word or number that goes on there."""
    if not 0 < at < len(text) or not _in_word(text[at]):
        return 0
    if _in_word(text[at - 1]):
        return 1
    marked = at > 1 and text[at - 1] in ".," and text[at].isdigit() and text[at - 2].isdigit()
    return 2 if marked else 0


def _in_word(char: str) -> bool:
    """Whether a character is of a word: a letter, a digit, or a mark on one, such as a decomposed accent."""
    return char.isalnum() or unicodedata.category(char).startswith("M")


def crosses(asked: Question, scored: Scored) -> bool:
    """Whether the sentence is in another language than the question."""
    return scored.reference.candidate.article.language != asked.language


def with_context(passage: Passage, sentence: Sentence) -> tuple[Sentence, ...]:
    """The sentence, after those before it that it cannot be understood without (at most two)."""
    story = [s for s in passage.sentences if s.kind == "sentence"]
    at = first = story.index(sentence)
    while (
        first > 0
        and at - first < _CONTEXT_SENTENCES
        and needs_context(passage.slice(story[first].start, story[first].end))
    ):
        first -= 1
    return tuple(story[first : at + 1])


def continuation(reference: Reference, shares: Mapping[tuple[str, Sentence], float]) -> tuple[Sentence, ...]:
    """The sentences after it (at most two) that go on with what it says: they cannot be understood alone, or
    answer too."""
    passage = reference.candidate.passage
    story = [s for s in passage.sentences if s.kind == "sentence"]
    at = story.index(reference.sentence)
    least = _CONTINUES_SHARE * shares[passage.id, reference.sentence]
    going_on = takewhile(
        lambda s: needs_context(passage.slice(s.start, s.end)) or shares.get((passage.id, s), 0.0) >= least,
        story[at + 1 : at + 1 + _CONTEXT_SENTENCES],
    )
    return tuple(going_on)


def quoted(scored: Sequence[Scored]) -> list[Scored]:
    """The best sentence, and the likelier one of those beside it where that may well be the one that answers.
    Beside it is what no heading or aside parts from it."""
    best = scored[0]
    passage = best.reference.candidate.passage
    at = passage.sentences.index(best.reference.sentence)
    beside = passage.sentences[max(0, at - 1) : at + 2]
    as_well = (
        s
        for s in scored[1:]
        if s.share >= _BESIDE_SHARE * best.share
        and s.reference.candidate.passage.article_id == passage.article_id
        and s.reference.sentence in beside
    )
    return [best, *islice(as_well, 1)]


def _in_order(*some: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Sentences of one text, each once, as they stand in it."""
    return tuple(sorted({s for sentences in some for s in sentences}, key=lambda s: s.start))


def _shared(scored: Sequence[Scored]) -> list[Scored]:
    """The sentences with their shares, from their logits."""
    highest = max(one.logit for one in scored)
    weights = [math.exp(one.logit - highest) for one in scored]
    total = sum(weights)
    return [replace(one, share=weight / total) for one, weight in zip(scored, weights, strict=True)]


def _scored(told: Sequence[Reference], scores: SpanScores) -> list[Scored]:
    """The sentences of one candidate, with the model's scores of its spans."""
    found = []
    for reference in told:
        passage = reference.candidate.passage
        start, end = (p - passage.start for p in (reference.sentence.start, reference.sentence.end))
        best = scores.best(max(start, 0), end)
        if best:
            best = whole_words(passage.text, *best)
        of_passage = _tenth(scores.log_odds(0, len(passage.text)))
        signals = (*reference.signals, _tenth(scores.log_odds(max(start, 0), end)), of_passage)
        answer = (passage.start + best[0], passage.start + best[1]) if best else None
        found.append(Scored(reference, signals, answer))
    return found


def _settled(
    asked: Question, confidence: float, sure: float, scored: Sequence[Scored], unread: Sequence[Reference]
) -> bool:
    """Whether what is unread would change the answer with next to no probability: one statement is asked for,
    and it was found, or nothing near it in the best candidates; and nothing unread may be news of it, or what
    was known before."""
    if asked.wants_several:
        return False
    if confidence < _HOPELESS:
        # What has most of the question's words may stand behind passages of the other language.
        best_by_words = any(one.candidate.keyword_rank == 1 for one in unread)
        return len({s.reference.rank for s in scored}) >= _LEAST_READ and not best_by_words
    best = scored[0].reference
    return confidence >= sure and not any(
        could_supersede(asked, one, best) or could_supersede(asked, best, one) for one in unread
    )


def _without_outdated(asked: Question, scored: Sequence[Scored]) -> tuple[list[Scored], list[Scored]]:
    """The sentences with the newest figure first, where newer articles give other figures for what the best
    sentence says; and apart from them those that it supersedes, the latest first. Sentences that say
    otherwise of what is asked for are left out, unless there is no other."""
    fitting = [s for s in scored if not says_otherwise(asked, s.reference.text)]
    if fitting and len(fitting) < len(scored):
        scored = _shared(fitting)
    if not scored or asked.wants_several:
        return list(scored), []

    def beats(one: Scored, other: Scored) -> bool:
        return supersedes(asked, one.reference, one.answer, other.reference, other.answer)

    of_latest = asks_latest(asked.text) and asked.kind not in FIGURES
    behind = _RIVAL_LOGIT_OF_LATEST if of_latest else _RIVAL_LOGIT
    best = scored[0]
    rivals = [
        s
        for s in scored
        if s.logit >= best.logit - behind or alike(s.reference, best.reference, _SAME_SENTENCE)
    ]
    newer = [s for s in rivals if beats(s, best)]
    newest = max(newer, key=_published, default=best)
    outdated = [s for s in rivals if beats(newest, s)]
    if not outdated:
        return list(scored), []
    rest = [newest, *(s for s in scored if s is not newest and s not in outdated)]
    told: dict[str, Scored] = {}
    for one in sorted(outdated, key=_published, reverse=True):
        told.setdefault(one.reference.candidate.passage.article_id, one)
    return _shared(rest), list(told.values())


def _published(scored: Scored) -> datetime:
    return moment(first_published(scored.reference.candidate))


def _tenth(log_odds: float) -> float:
    return max(log_odds, _LEAST_LOG_ODDS) / 10.0


def _several(asked: Question, scored: Sequence[Scored], limit: int) -> list[Scored]:
    """The best sentence, then those that add most, from wherever they come.

    A sentence adds its own share, and more where it has words or names of the question that those
    already chosen lack, which is what makes both sides of a comparison appear.
    """
    chosen = [scored[0]]
    rest = [s for s in scored[1:] if s.share >= _SEVERAL_SHARE * scored[0].share]
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
            s.share * (1.0 + _NEW_WORDS_BONUS * sum(_has(s.reference, w) for w in lacking)) for s in rest
        ]
        chosen.append(rest[gains.index(max(gains))])
    return chosen


def _has(reference: Reference, word: str) -> bool:
    return stem(word, reference.language) in reference.words


def _dot(values: Sequence[float], weights: Sequence[float]) -> float:
    return sum(v * w for v, w in zip(values, weights, strict=True))


def _logistic(total: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))
