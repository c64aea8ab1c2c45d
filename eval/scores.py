"""One question and its answer → what each measure makes of them.

A value is in [0, 1] (f1, recall, shares) or 0 or 1; None where a measure doesn't apply (no gold quotation, no
answer to judge) or could not be judged, which `unjudged` tells apart. `SCORES` has what each one means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.judges import Judge
from eval.measures.abstention import Outcome
from eval.measures.citations import Span, citation_precision, citation_recall, exactness, is_covered
from eval.measures.correctness import f1, fact_recall
from eval.measures.faithfulness import (
    JudgedSentence,
    faithfulness,
    gives_superseded,
    is_faithful,
    judge_sentence,
)
from eval.measures.retrieval import retrieval_scores
from eval.question_set import EvalQuestion
from service.api.schemas import AskOut, PassageOut
from service.records import Article

SCORES = {
    "right and supported": "every fact, all sentences supported, all citations exact; else rightly refused",
    "right": "answerable questions: answered with every fact",
    "right in short": "answerable questions of one fact: the short answer holds it",
    "fact recall": "answerable questions: share of the facts that the answer holds (RAGChecker)",
    "f1": "answerable questions of one fact: words shared with the short answer, else the answer (SQuAD)",
    "answered": "answerable questions: answered at all",
    "faithfulness": "answers: share of their sentences that are supported and don't mislead (Ragas)",
    "faithful": "answers: every sentence is supported",
    "exact": "answers: share of citations that are the article's text, code point for code point",
    "citation recall": "answers to answerable questions: share of gold groups that are cited (ALCE)",
    "citation precision": "answers to answerable questions: share of the cited text that is gold (ALCE)",
    "refused": "unanswerable questions: refused (abstention recall)",
    "recall@1": "answerable questions: share of gold groups in the first passage (subtopic recall)",
    "recall@5": "… in the first five passages",
    "recall@20": "… in the first twenty",
    "MRR": "answerable questions: reciprocal rank of the first passage that answers (TREC)",
    "nDCG@10": "answerable questions: discounted gain of the first ten passages (TREC)",
}
HEADLINE = "right and supported"
_MARKER = re.compile(r"\s\[\d+\]")


@dataclass(frozen=True, slots=True)
class Scored:
    """A question, its answer, the verdict on each sentence, and the values by the names of SCORES."""

    question: EvalQuestion
    response: AskOut
    pair: str
    sentences: tuple[JudgedSentence, ...]
    values: dict[str, float | None]
    unjudged: frozenset[str]

    @property
    def outcome(self) -> Outcome:
        """For the measures of abstention."""
        return Outcome(
            answerable=self.question.answerable,
            answered=self.response.status == "answered",
            right=self.values["right"] == 1.0,
            confidence=self.response.confidence,
        )


def score(
    question: EvalQuestion,
    response: AskOut,
    found: Sequence[PassageOut],
    articles: Mapping[str, Article],
    judge: Judge,
) -> Scored:
    """Every measure of one question. `articles` are those of the corpus, by id."""
    texts = {i: article.text for i, article in articles.items()}
    gold = [(g.group, _place(g.article_id, g.quote, texts)) for g in question.gold]
    cited = [Span(c.article_id, c.start, c.end) for c in response.citations]
    answered = response.status == "answered"
    old = [(s.quote, _place(s.article_id, s.quote, texts)) for s in question.superseded]
    sentences = _judged(response, question, old, judge)
    values: dict[str, float | None] = dict.fromkeys(SCORES)
    unjudged: set[str] = set()
    faithful: bool | None = True
    if answered:
        faithful = is_faithful(sentences) if _is_all_told(response) else False
        quoted = [(span, c.quote) for span, c in zip(cited, response.citations, strict=True)]
        values["exact"] = exactness(quoted, texts) if quoted else 0.0
        values["faithfulness"] = _known(faithfulness(sentences))
        values["faithful"] = None if faithful is None else float(faithful)
        unjudged |= {name for name in ("faithfulness", "faithful") if values[name] is None}
    if question.answerable:
        text = _MARKER.sub("", response.answer)
        recall = fact_recall(text, question.answers)
        values |= {
            "answered": float(answered),
            "fact recall": recall,
            "right": float(answered and recall == 1.0),
        }
        if len(question.answers) == 1:
            values["right in short"] = fact_recall(response.short_answer or "", question.answers)
            values["f1"] = f1(response.short_answer or text, question.answers[0])
        if answered:
            values["citation recall"] = citation_recall(cited, gold)
            values["citation precision"] = _known(citation_precision(cited, gold))
        values |= retrieval_scores([Span(p.article_id, p.start, p.end) for p in found], gold)
        if values["right"] == 1.0 and faithful is None:
            unjudged.add(HEADLINE)
        else:
            values[HEADLINE] = float(values["right"] == 1.0 and faithful is True and values["exact"] == 1.0)
    else:
        values["refused"] = values[HEADLINE] = float(not answered)
    languages = sorted({articles[g.article_id].language for g in question.gold})
    pair = f"{question.language}→{'+'.join(languages) or 'none'}"
    return Scored(question, response, pair, sentences, values, frozenset(unjudged))


def _judged(
    response: AskOut, question: EvalQuestion, old: Sequence[tuple[str, Span]], judge: Judge
) -> tuple[JudgedSentence, ...]:
    """The verdict on each sentence. What stands before one in the same quotation is its context. What the
    response shows as `older` is no sentence of its answer, and misleads nobody."""
    quotes = {c.marker: c.quote for c in response.citations}
    places = {c.marker: Span(c.article_id, c.start, c.end) for c in response.citations}
    verdicts: list[JudgedSentence] = []
    for i, sentence in enumerate(response.sentences):
        quotations = [quotes[m] for m in sentence.citations if m in quotes]
        before = response.sentences[i - 1] if i else None
        joined = before is not None and set(before.citations) & set(sentence.citations)
        context = before.text if before is not None and joined else None
        cited = [places[m] for m in sentence.citations if m in places]
        reached = [quote for quote, place in old if is_covered(cited, place)]
        beside = " ".join(s.text for s in response.sentences if set(s.citations) & set(sentence.citations))
        superseded = gives_superseded(sentence.text, beside, reached, question.answers)
        verdicts.append(judge_sentence(sentence.text, quotations, context, judge, superseded))
    return tuple(verdicts)


def _is_all_told(response: AskOut) -> bool:
    """Whether the answer is its sentences and their markers, and nothing else that nobody would judge."""
    rest, end = "", 0
    for sentence in response.sentences:
        if response.answer[sentence.start : sentence.end] != sentence.text or sentence.start < end:
            return False
        rest += response.answer[end : sentence.start]
        end = sentence.end
    rest += response.answer[end:]
    return bool(response.sentences) and not _MARKER.sub("", f" {rest}").strip()


def _place(article_id: str, quote: str, texts: Mapping[str, str]) -> Span:
    start = texts[article_id].index(quote)
    return Span(article_id, start, start + len(quote))


def _known(value: float) -> float | None:
    return None if value != value else value
