"""Does a quotation support a sentence? The transparent baseline, and a trained model.

The model is the service's (`service.support`). The baseline compares what anyone can check: numbers
and dates as values (`service.values`), names, negation, and the content words that are left. It can tell
that a sentence is not supported; where it finds nothing wrong the score is the share of the sentence's
content words that the quotation has.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from eval.intervals import NAN
from service.language import detect_language
from service.models import JUDGE
from service.names import lacks_name
from service.opposites import NEGATION
from service.support import SupportModel
from service.terms import STOPWORDS, fold, stem, tokens
from service.values import lacks_value

JUDGEMENTS = Path(__file__).parent / "judgements.jsonl"


class Judge(Protocol):
    """What the eval needs of a judge."""

    name: str
    supported_from: float
    """Support from which a sentence counts as supported."""

    def support(self, sentence: str, quotation: str) -> float | None:
        """Support in [0, 1], 1 for what the quotation surely says; None where it cannot tell."""


class ModelJudge:
    """The trained judge in a folder, the bundled one unless told; it can always tell."""

    def __init__(self, folder: Path = JUDGE) -> None:
        self._model = SupportModel(folder)
        self.name = self._model.fingerprint
        self.supported_from = self._model.threshold

    def support(self, sentence: str, quotation: str) -> float | None:
        return self._model.support(sentence, [quotation])


class ValueJudge:
    """The baseline."""

    name = "values-1"
    supported_from = 0.6

    def support(self, sentence: str, quotation: str) -> float | None:
        if fold(sentence).strip() == fold(quotation).strip():
            return 1.0
        if lacks_value(quotation, sentence) or lacks_name(quotation, sentence):
            return 0.0
        if bool(NEGATION.search(sentence)) != bool(NEGATION.search(quotation)):
            return 0.0
        language = detect_language(quotation)
        if detect_language(sentence) != language:
            return None  # words of two languages cannot be compared
        wanted = {stem(t, language) for t in tokens(sentence) if t not in STOPWORDS}
        given = {stem(t, language) for t in tokens(quotation)}
        return len(wanted & given) / len(wanted) if wanted else None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A pair that people labelled: does the quotation support the sentence?"""

    id: str
    sentence: str
    quotation: str
    article_id: str
    language: str
    supported: bool
    kind: str


def read_judgements(path: Path = JUDGEMENTS) -> list[Judgement]:
    """The labelled pairs that the project ships, in file order."""
    return [Judgement(**json.loads(line)) for line in path.read_text(encoding="utf-8").strip().split("\n")]


def balanced_accuracy(outcomes: Sequence[tuple[bool, bool]]) -> float:
    """The mean of the share right among the supported and among the rest, of (supported, found to be) pairs;
    NaN where one is missing."""
    return sum(shares_right(outcomes)) / 2


def shares_right(outcomes: Sequence[tuple[bool, bool]]) -> tuple[float, float]:
    """The share right among the supported and among the rest, of (supported, found to be) pairs; NaN for
    none."""

    def share(label: bool) -> float:
        right = [found == label for wanted, found in outcomes if wanted == label]
        return sum(right) / len(right) if right else NAN

    return share(True), share(False)


def measure_judge(judge: Judge, pairs: Sequence[Judgement] | None = None) -> dict[str, Any]:
    """How right a judge is on labelled pairs (those that the project ships, unless told): balanced accuracy
    over the pairs that it judges, how many it could not judge, and the share it judged right by kind."""
    pairs = read_judgements() if pairs is None else pairs
    outcomes: list[tuple[bool, bool]] = []
    kinds: dict[str, list[bool]] = {}
    for pair in pairs:
        support = judge.support(pair.sentence, pair.quotation)
        if support is None:
            continue
        outcomes.append((pair.supported, support >= judge.supported_from))
        kinds.setdefault(pair.kind, []).append(outcomes[-1][0] == outcomes[-1][1])
    return {
        "pairs": len(pairs),
        "unjudged": len(pairs) - len(outcomes),
        "balanced accuracy": balanced_accuracy(outcomes),
        "kinds": {kind: {"right": sum(v) / len(v), "n": len(v)} for kind, v in sorted(kinds.items())},
    }
