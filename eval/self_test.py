"""The eval can fail: answerers that are known to be bad go through the same scores, and each must be caught
by the score that is there to catch it.

The measure of good is `Oracle`, which answers with the gold quotations and refuses the rest. A bad answerer
does one thing wrong. It is caught where its score lies significantly below the oracle's on the same questions
(95 % interval of the paired differences, or of a share, below 0) and at most at the limit named here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from eval.answerers import Answerer, day_of
from eval.comparison import compare
from eval.intervals import NAN
from eval.judges import Judge
from eval.measures.correctness import fact_recall
from eval.question_set import EvalQuestion
from eval.run import ask_all
from eval.scores import HEADLINE
from service.api.schemas import AskOut, CitationOut, ModelsOut, PassageOut, SentenceOut
from service.context import needs_context
from service.records import Article
from service.sentences import split_sentences

_SEED = 20261125
_DENIAL = {"id": "Tidak benar bahwa ", "en": "It is not true that "}
_INVENTED = {
    "id": "Menurut Darwis Pangestu, 4.711 orang menyetujuinya.",
    "en": "According to Harold Finch, 4,711 people agreed with it.",
}
_STRANGER = "Darwis Pangestu"
_NAME = re.compile(r"(?<=\w )[A-Z][\w-]+(?: [A-Z][\w-]+)*")
_DIGIT = re.compile(r"\d")
_MODELS = ModelsOut(embedder=None, reader=None, judge=None, llm=None)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence to say, and the quotation to cite for it: the article's text at `start`, as `quote` says."""

    text: str
    article_id: str
    start: int
    quote: str


@dataclass(frozen=True)
class Oracle:
    """Answers from the gold quotations, refuses what has none."""

    articles: Mapping[str, Article]
    service: Answerer

    def search(self, searched: str, day: str | None = None) -> Sequence[PassageOut]:
        return self.service.search(searched, day)

    def ask(self, question: EvalQuestion) -> AskOut:
        said = self.say(question, self.quoted(question))
        return self.answer(question, said) if said else self.refusal(question)

    def say(self, question: EvalQuestion, quoted: list[Quoted]) -> list[Quoted]:
        """What is made of the right quotations; the bad answerers have their own ideas."""
        return quoted

    def quoted(self, question: EvalQuestion) -> list[Quoted]:
        """The first gold quotation of each group."""
        groups: dict[int, Quoted] = {}
        for gold in question.gold:
            start = self.articles[gold.article_id].text.index(gold.quote)
            groups.setdefault(gold.group, Quoted(gold.quote, gold.article_id, start, gold.quote))
        return list(groups.values())

    def answer(self, question: EvalQuestion, said: Sequence[Quoted], confidence: float = 0.95) -> AskOut:
        parts, sentences, citations, length = [], [], [], 0
        for marker, quoted in enumerate(said, 1):
            article = self.articles[quoted.article_id]
            sentences.append(
                SentenceOut(
                    text=quoted.text,
                    start=length,
                    end=length + len(quoted.text),
                    citations=[marker],
                    support=1.0,
                )
            )
            citations.append(
                CitationOut(
                    marker=marker, article_id=article.id, version=article.version, passage_id="",
                    title=article.title, url=article.url, source=article.source,
                    published=article.published, language=article.language, quote=quoted.quote,
                    start=quoted.start, end=quoted.start + len(quoted.quote),
                )
            )  # fmt: skip
            parts.append(f"{quoted.text} [{marker}]")
            length += len(parts[-1]) + 1
        return self._response(question, "answered", confidence).model_copy(
            update={"answer": " ".join(parts), "sentences": sentences, "citations": citations}
        )

    def refusal(self, question: EvalQuestion, confidence: float = 0.05) -> AskOut:
        return self._response(question, "not_found", confidence)

    def _response(self, question: EvalQuestion, status: str, confidence: float) -> AskOut:
        return AskOut.model_validate(
            {
                "id": question.id, "status": status, "language": question.language, "mode": "extractive",
                "reason": None if status == "answered" else "low_confidence", "fallback": None,
                "searched": question.question, "understood": [], "answer": "", "short_answer": None,
                "confidence": confidence, "calibrated": False, "sentences": [], "citations": [],
                "passages": None, "models": _MODELS, "timing_ms": {},
            }
        )  # fmt: skip

    @cached_property
    def sentences(self) -> list[Quoted]:
        """Every sentence of the corpus, by article and place."""
        return [
            Quoted(a.text[s.start : s.end], a.id, s.start, a.text[s.start : s.end])
            for a in self.articles.values()
            for s in split_sentences(a.text)
            if s.kind == "sentence"
        ]

    def draw(self, question: EvalQuestion) -> random.Random:
        return random.Random(f"{_SEED} {question.id}")


def _next_digit(digit: re.Match[str]) -> str:
    return str((int(digit.group()) + 1) % 10)


class WrongNumber(Oracle):
    """Says another number than the quotation."""

    def say(self, question: EvalQuestion, quoted: list[Quoted]) -> list[Quoted]:
        said = [
            Quoted(_DIGIT.sub(_next_digit, q.text), q.article_id, q.start, q.quote)
            for q in quoted
            if _DIGIT.search(q.text)
        ]
        return said if len(said) == len(quoted) else []


class SwappedName(Oracle):
    """Says the name of somebody else."""

    def say(self, question: EvalQuestion, quoted: list[Quoted]) -> list[Quoted]:
        said = [Quoted(_NAME.sub(_STRANGER, q.text, 1), q.article_id, q.start, q.quote) for q in quoted]
        return said if all(_NAME.search(q.text) for q in quoted) else []


class Negated(Oracle):
    """Says the opposite."""

    def say(self, question: EvalQuestion, quoted: list[Quoted]) -> list[Quoted]:
        return [
            Quoted(
                _DENIAL[self.articles[q.article_id].language] + q.text[0].lower() + q.text[1:],
                q.article_id, q.start, q.quote,
            )
            for q in quoted
        ]  # fmt: skip


class WrongCitation(Oracle):
    """Says the right sentence and cites another place."""

    def say(self, question: EvalQuestion, quoted: list[Quoted]) -> list[Quoted]:
        draw = self.draw(question)
        others = [draw.choice(self.sentences) for _ in quoted]
        return [Quoted(q.text, o.article_id, o.start, o.quote) for q, o in zip(quoted, others, strict=True)]


class ShiftedOffsets(Oracle):
    """Cites one character to the right of what it quotes."""

    def say(self, question: EvalQuestion, quoted: list[Quoted]) -> list[Quoted]:
        return [Quoted(q.text, q.article_id, q.start + 1, q.quote) for q in quoted]


class Invented(Oracle):
    """Adds a sentence that nobody wrote, on the last quotation's citation."""

    def say(self, question: EvalQuestion, quoted: list[Quoted]) -> list[Quoted]:
        last = quoted[-1:] if question.answerable else []
        said = _INVENTED[question.language]
        return [*quoted, *(Quoted(said, q.article_id, q.start, q.quote) for q in last)]


class Torn(Oracle):
    """Quotes, exactly, a sentence that needs the one before it."""

    def say(self, question: EvalQuestion, quoted: list[Quoted]) -> list[Quoted]:
        torn = [s for s in self.sentences if needs_context(s.text)]
        return [self.draw(question).choice(torn)] if quoted else []


class OlderFigure(Oracle):
    """Quotes, exactly, the sentence with the figure that a later one replaces, and without the later one."""

    def say(self, question: EvalQuestion, quoted: list[Quoted]) -> list[Quoted]:
        older = (self.sentence_of(old.article_id, old.quote) for old in question.superseded)
        return [s for s in older if fact_recall(s.text, question.answers) < 1][:1]

    def sentence_of(self, article_id: str, quote: str) -> Quoted:
        """The sentence of an article in which a text begins."""
        start = self.articles[article_id].text.index(quote)
        return next(
            s
            for s in self.sentences
            if s.article_id == article_id and s.start <= start < s.start + len(s.text)
        )


class WholeArticle(Oracle):
    """Quotes the whole article, where the answer is sure to be."""

    def say(self, question: EvalQuestion, quoted: list[Quoted]) -> list[Quoted]:
        texts = {q.article_id: self.articles[q.article_id].text for q in quoted}
        return [Quoted(text, article_id, 0, text) for article_id, text in texts.items()]


class AlwaysAnswers(Oracle):
    """Answers what cannot be answered, with some sentence, as sure as ever."""

    def say(self, question: EvalQuestion, quoted: list[Quoted]) -> list[Quoted]:
        return quoted or [self.draw(question).choice(self.sentences)]


class NeverAnswers(Oracle):
    """Refuses everything."""

    def say(self, question: EvalQuestion, quoted: list[Quoted]) -> list[Quoted]:
        return []


class FirstPassage(Oracle):
    """Answers with the first sentence of the first passage that search brings, whatever was asked."""

    def ask(self, question: EvalQuestion) -> AskOut:
        for passage in self.search(question.question, day_of(question)):
            text = self.articles[passage.article_id].text
            for s in split_sentences(text):
                if s.kind == "sentence" and passage.start <= s.start and s.end <= passage.end:
                    said = text[s.start : s.end]
                    return self.answer(question, [Quoted(said, passage.article_id, s.start, said)])
        return self.refusal(question)


@dataclass(frozen=True, slots=True)
class Trap:
    """A bad answerer, the score that must catch it, and the most that it may reach there."""

    answerer: type[Oracle]
    measure: str
    limit: float


TRAPS = (
    Trap(WrongNumber, "faithfulness", 0.1),
    Trap(SwappedName, "faithfulness", 0.1),
    Trap(Negated, "faithfulness", 0.2),
    Trap(WrongCitation, "faithfulness", 0.1),
    Trap(WrongCitation, "citation precision", 0.1),
    Trap(ShiftedOffsets, "exact", 0.1),
    Trap(Invented, "faithful", 0.1),
    Trap(Torn, "faithfulness", 0.1),
    Trap(Torn, "right", 0.2),
    Trap(OlderFigure, "faithfulness", 0.0),
    Trap(WholeArticle, "citation precision", 0.3),
    Trap(AlwaysAnswers, "refused", 0.0),
    Trap(NeverAnswers, "answered", 0.0),
    Trap(FirstPassage, HEADLINE, 0.5),
    Trap(FirstPassage, "refused", 0.1),
)

ANSWERERS = 1 + len({trap.answerer for trap in TRAPS})
"""How many answerers a self-test asks, the oracle among them."""


@dataclass(frozen=True, slots=True)
class Caught:
    """How a trap went: the means of the oracle and of the bad answerer on the `n` questions that both have
    the measure for. `caught` is None where there are none: a question set need not have what a bad answerer
    spoils."""

    name: str
    measure: str
    good: float
    bad: float
    limit: float
    n: int
    caught: bool | None


def self_test(
    questions: Sequence[EvalQuestion],
    articles: Mapping[str, Article],
    service: Answerer,
    judge: Judge,
    progress: Callable[[], None] = lambda: None,
) -> list[Caught]:
    """Every trap, in the order of TRAPS; `progress` is called after each question of each answerer."""
    searched = Searched(service)

    def values(answerer: type[Oracle]) -> dict[str, dict[str, float]]:
        scored = ask_all(questions, answerer(articles, searched), articles, judge, progress).scored
        return {s.question.id: {k: v for k, v in s.values.items() if v is not None} for s in scored}

    good = values(Oracle)
    bad = {answerer: values(answerer) for answerer in dict.fromkeys(trap.answerer for trap in TRAPS)}
    found = []
    for trap in TRAPS:
        name, measure, given = trap.answerer.__name__, trap.measure, bad[trap.answerer]
        both = [
            (good[i][measure], v[measure]) for i, v in given.items() if measure in v and measure in good[i]
        ]
        if not both:
            found.append(Caught(name, measure, NAN, NAN, trap.limit, 0, None))
            continue
        means = [sum(values) / len(both) for values in zip(*both, strict=True)]
        caught = compare(given, good, (measure,))[0].is_worse and means[1] <= trap.limit
        found.append(Caught(name, measure, means[0], means[1], trap.limit, len(both), caught))
    return found


@dataclass
class Searched:
    """The service, which is searched once for each question and not asked."""

    service: Answerer
    _found: dict[tuple[str, str | None], Sequence[PassageOut]] = field(default_factory=dict)

    def search(self, searched: str, day: str | None = None) -> Sequence[PassageOut]:
        if (searched, day) not in self._found:
            self._found[searched, day] = self.service.search(searched, day)
        return self._found[searched, day]

    def ask(self, question: EvalQuestion) -> AskOut:
        return self.service.ask(question)
