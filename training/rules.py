"""Fits the regressions of the interim reader and chooses its thresholds, for each language.

    python -m training.rules --datasets FOLDER --work FOLDER

Questions of three train splits (two Indonesian, one English) are asked of an index of all their set's
paragraphs, and again of a random few of those, because a user's collection may be small. Two
conditional logits learn which of a question's sentences holds the gold answer: one over the signals of its
words, which makes the shortlist, and one over the shortlist with the embedder's similarity beside
them. A logistic regression learns whether the sentence that came out best does (never, for an
unanswerable question); questions asked of another set's index are its examples of another topic. A fifth of
the rows, cut by paragraph, is kept out of every fit: the threshold is the confidence that a given share
of its right answers exceeds. Validation splits are indexed and not asked. Writes
service/models/rules-1.json.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from eval.benchmarks.reading_sets import (
    Row,
    benchmark_arguments,
    open_paragraphs,
    paragraphs,
    parse_benchmark,
    read_rows,
)
from service.embeddings import Embedder, Vectors, load_embedder
from service.language import LANGUAGES
from service.library import Library
from service.questions import Question, understand
from service.reading import (
    ANSWER_SIGNALS,
    CHOICE_SIGNALS,
    RULES_FILE,
    Rules,
    RulesReader,
    answer_signals,
    shortlist,
)
from service.records import NO_FILTERS, Filters
from service.signals import SIGNALS, Reference, references

SETS = ("idk_mrc", "facqa", "squad2_en")
SEED = 20261124
SMALL_INDEX = 40
PENALTY = 1e-3

Signals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the sentences that were found for it; `own` where its paragraph was indexed."""

    kind: str
    row: Row
    asked: Question
    found: list[Reference]
    own: bool

    @property
    def kept_out(self) -> bool:
        return int(self.row.article_id, 16) % 5 == 0

    def holds_answer(self, reference: Reference) -> bool:
        """Whether a sentence is in the gold paragraph and covers a gold answer."""
        row, sentence = self.row, reference.sentence
        return (
            self.own
            and row.answerable
            and reference.candidate.passage.article_id == row.article_id
            and any(
                sentence.start <= start and start + len(text) <= sentence.end for text, start in row.answers
            )
        )


class RememberingEmbedder:
    """An embedder that embeds each text once: the same sentences come up for many questions."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self._vectors: dict[str, Vectors] = {}
        self.name, self.fingerprint = inner.name, inner.fingerprint
        self.dimension, self.max_tokens = inner.dimension, inner.max_tokens

    def count_tokens(self, text: str) -> int:
        return self._inner.count_tokens(text)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        self._vectors.update(zip(new, self._inner.embed_passages(new), strict=True))
        return np.stack([self._vectors[text] for text in texts])

    def embed_question(self, text: str) -> Vectors:
        return self._inner.embed_question(text)


def read_examples(
    library: Library, kind: str, rows: Sequence[Row], own: bool, draw: random.Random, articles: Sequence[str]
) -> list[Example]:
    """Each row asked of the whole index, and of a small part of it that has its paragraph."""
    examples = []
    for row in rows:
        few = {*draw.sample(articles, min(SMALL_INDEX, len(articles))), *([row.article_id] if own else [])}
        for filters in (NO_FILTERS, Filters(article_ids=tuple(sorted(few)))):
            asked = understand(row.question)
            candidates = library.searcher.search(row.question, filters, RulesReader.candidates)
            examples.append(Example(kind, row, asked, references(asked, candidates), own))
    return examples


def fit_choice(signals: Sequence[Signals], right: Sequence[NDArray[np.bool_]]) -> tuple[float, ...]:
    """The conditional logit: one weight a signal, so that the sentences that hold the answer get the most
    of each question's probability. `signals[q]` is (sentences × signals), `right[q]` boolean."""
    question = np.repeat(np.arange(len(signals)), [len(s) for s in signals])
    x, y = np.concatenate(signals), np.concatenate(right)
    scale = x.std(axis=0) + 1e-9
    x = x / scale

    def loss(weights: Signals) -> tuple[float, Signals]:
        logits = x @ weights
        highest = np.full(len(signals), -np.inf)
        np.maximum.at(highest, question, logits)
        shifted = np.exp(logits - highest[question])
        every = np.bincount(question, shifted, len(signals))
        hit = np.bincount(question, shifted * y, len(signals))
        gradient = x.T @ (shifted / every[question] - shifted * y / hit[question]) / len(signals)
        value = float(np.mean(np.log(every) - np.log(hit)))
        return value + PENALTY * float(weights @ weights), gradient + 2 * PENALTY * weights

    best = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B")
    return tuple(round(float(w), 4) for w in best.x / scale)


def fit_answer(signals: Sequence[tuple[float, ...]], right: Sequence[bool]) -> tuple[float, ...]:
    """The logistic regression; its bias comes last."""
    model = LogisticRegression(C=1.0, max_iter=5_000)
    model.fit(np.array(signals), np.array(right))
    return (*(round(float(w), 4) for w in model.coef_[0]), round(float(model.intercept_[0]), 4))


def fit_language(language: str, examples: Sequence[Example], embedder: Embedder, keep: float) -> Rules:
    """The rules for the questions of one language, with what the rows kept out say of them."""
    answerable = [e for e in examples if not e.kept_out and any(map(e.holds_answer, e.found))]
    first = fit_choice(
        [np.array([r.signals for r in e.found]) for e in answerable],
        [np.array([e.holds_answer(r) for r in e.found]) for e in answerable],
    )
    comparer = RulesReader({}, embedder)
    short = [(e, comparer.compare(e.asked, shortlist(e.found, first))) for e in answerable]
    short = [(e, compared) for e, compared in short if any(e.holds_answer(r) for r, _ in compared)]
    choice = fit_choice(
        [np.array([values for _, values in compared]) for _, compared in short],
        [np.array([e.holds_answer(r) for r, _ in compared]) for e, compared in short],
    )
    print(
        f"{language}: choice fitted on {len(answerable)} questions, {len(short)} with the answer shortlisted"
    )
    reader = RulesReader({language: Rules(first, choice, (), 0.0)}, embedder)
    outcomes = []
    for example in examples:
        scored = reader.order(example.asked, example.found)
        if scored:
            right = example.holds_answer(scored[0].reference)
            outcomes.append((example, answer_signals(example.asked, scored, scored[:1]), right))
    fitted = [(values, right) for e, values, right in outcomes if not e.kept_out]
    answer = fit_answer([values for values, _ in fitted], [right for _, right in fitted])
    weights = np.array(answer)
    held = [
        (e.kind, float(1 / (1 + np.exp(-(np.array(values) @ weights[:-1] + weights[-1])))), right)
        for e, values, right in outcomes
        if e.kept_out
    ]
    ranked = sorted(confidence for _, confidence, right in held if right)
    threshold = round(ranked[int((1 - keep) * len(ranked))], 4)
    auroc = roc_auc_score([right for _, _, right in held], [confidence for _, confidence, _ in held])
    print(f"  kept out: {len(held)} questions, AUROC of confidence {auroc:.3f}, threshold {threshold}")
    for kind in sorted({kind for kind, _, _ in held}):
        of_kind = [(confidence, right) for k, confidence, right in held if k == kind]
        share_right = np.mean([right for _, right in of_kind])
        answered = np.mean([confidence >= threshold for confidence, _ in of_kind])
        print(f"  {kind}: {len(of_kind)}, best sentence right {share_right:.3f}, answered {answered:.3f}")
    return Rules(first, choice, answer, threshold)


def train(datasets: Path, work: Path, questions: int, keep: float) -> dict[str, Rules]:
    """The fitted rules of each language."""
    embedder = RememberingEmbedder(load_embedder(None))
    draw = random.Random(SEED)
    rows = {name: read_rows(datasets, name, "train") for name in SETS}
    examples: list[Example] = []
    for i, name in enumerate(SETS):
        articles = paragraphs([*rows[name], *read_rows(datasets, name, "valid")])
        ids = [article.id for article in articles]
        chosen = draw.sample(rows[name], min(questions, len(rows[name])))
        strangers = draw.sample(rows[SETS[i - 1]], questions // 6)
        with open_paragraphs(work / name, articles, embedder) as library:
            for answerable, kind in ((True, name), (False, f"{name} unanswerable")):
                some = [row for row in chosen if row.answerable == answerable]
                examples += read_examples(library, kind, some, True, draw, ids)
            examples += read_examples(library, "another topic", strangers, False, draw, ids)
        print(f"{name}: {len(chosen)} questions over {len(articles)} paragraphs", flush=True)
    return {
        language: fit_language(
            language, [e for e in examples if e.asked.language == language], embedder, keep
        )
        for language in LANGUAGES
    }


def main() -> None:
    parser = benchmark_arguments(__doc__)
    parser.add_argument("--questions", type=int, default=2_000, help="questions of each set")
    parser.add_argument("--keep", type=float, default=0.88, help="share of right answers above the threshold")
    parser.add_argument("--output", type=Path, default=RULES_FILE)
    given = parse_benchmark(parser)
    rules = train(given.datasets, given.work, given.questions, given.keep)
    stored = {
        language: {
            "shortlist": dict(zip(SIGNALS, fitted.shortlist, strict=True)),
            "choice": dict(zip(CHOICE_SIGNALS, fitted.choice, strict=True)),
            "answer": dict(zip((*ANSWER_SIGNALS, "bias"), fitted.answer, strict=True)),
            "threshold": fitted.threshold,
        }
        for language, fitted in rules.items()
    }
    given.output.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {given.output}")


if __name__ == "__main__":
    main()
