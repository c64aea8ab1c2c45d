"""Do the quotations that a sentence cites support it, and does it mislead without what stood around it?

A verbatim sentence is supported by construction; what can still go wrong with it is its context: it opens
with a pronoun or a connective whose antecedent was not quoted with it, or hangs on an attribution to
somebody whom only a pronoun names (`service.context.needs_context`). Such a sentence is *torn*. Any other
sentence is judged against its quotations together (claim-level faithfulness as in Ragas, Es et al. 2024,
with a judge that is measured itself). "Could not be judged" is counted apart, never as right or wrong.

A sentence of either sort is *superseded* where it gives what the question set says was said before and no
longer holds (`gives_superseded`): its quotation supports it, and it misleads all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eval.judges import Judge
from eval.measures.correctness import fact_recall, has_values, holds
from service.context import needs_context
from service.sentences import split_sentences

Verdict = Literal["supported", "unsupported", "torn", "superseded", "unjudged"]


@dataclass(frozen=True, slots=True)
class JudgedSentence:
    """A sentence of an answer with what was made of it."""

    text: str
    verbatim: bool
    verdict: Verdict


def judge_sentence(
    text: str, quotations: Sequence[str], before: str | None, judge: Judge, superseded: bool = False
) -> JudgedSentence:
    """The verdict on one sentence. `before` is the sentence of the answer that stands before it and is
    quoted from the same place, None where there is none; `superseded` whether it gives an older figure as the
    answer (`gives_superseded`), which is worse than any support is good."""
    verbatim = any(_quotes_whole(text, quotation) for quotation in quotations)
    if superseded:
        return JudgedSentence(text, verbatim, "superseded")
    if verbatim:
        torn = before is None and needs_context(text)
        return JudgedSentence(text, True, "torn" if torn else "supported")
    score = judge.support(text, " ".join(quotations)) if quotations else 0.0
    if score is None:
        return JudgedSentence(text, False, "unjudged")
    return JudgedSentence(text, False, "supported" if score >= judge.supported_from else "unsupported")


def gives_superseded(
    text: str, beside: str, superseded: Sequence[str], facts: Sequence[Sequence[str]]
) -> bool:
    """Whether a sentence gives an older figure as the answer: it says one of those that its citations lead to
    (`superseded`), and what the answer says on the same citations (`beside`, itself included) lacks one of
    the facts. "Revised from 271 to 602" gives both, and is no older figure."""
    return any(_says(text, old) for old in superseded) and fact_recall(beside, facts) < 1


def _says(text: str, old: str) -> bool:
    """In its words, or with all of its numbers and dates in others."""
    return holds(text, old) or has_values(text, old)


def _quotes_whole(text: str, quotation: str) -> bool:
    """Whether it is one or more whole sentences of the quotation: a part of one can say the opposite."""
    sentences = split_sentences(quotation)
    start = quotation.find(text)
    return bool(text) and (
        text == quotation
        or (start in {s.start for s in sentences} and start + len(text) in {s.end for s in sentences})
    )


def faithfulness(sentences: Sequence[JudgedSentence]) -> float:
    """The share of judged sentences that are supported, in [0, 1]; NaN where none could be judged."""
    judged = [s for s in sentences if s.verdict != "unjudged"]
    return sum(s.verdict == "supported" for s in judged) / len(judged) if judged else float("nan")


def is_faithful(sentences: Sequence[JudgedSentence]) -> bool | None:
    """Whether every sentence of an answer is supported; None where one could not be judged and none is
    wrong."""
    if any(s.verdict in ("unsupported", "torn", "superseded") for s in sentences):
        return False
    return None if any(s.verdict == "unjudged" for s in sentences) else True
