"""Fits the two regressions of the interim reader and chooses its threshold.

    python -m training.rules --datasets FOLDER --work FOLDER

Questions of three train splits (two Indonesian, one English) are asked of an index of all their
paragraphs. The first regression, a conditional logit, learns which of a question's candidate sentences
holds the gold answer; the second, a logistic one, whether the sentence that came out best does (never,
for an unanswerable question). Questions asked of another set's index are added to the
second as examples of another topic. A fifth of the rows, cut by paragraph, is kept out of both fits:
the threshold is the confidence that a given share of its right answers exceeds. Validation splits
are not read. Writes service/models/rules-1.json; seconds to run once the indexes stand.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from eval.benchmarks.reading_sets import Row, open_paragraphs, paragraphs, read_rows
from service.embeddings import load_embedder
from service.library import Library
from service.questions import understand
from service.reading import (
    ANSWER_SIGNALS,
    RULES_FILE,
    SENTENCE_SIGNALS,
    Reference,
    Rules,
    RulesReader,
    references,
)

SETS = ("idk_mrc", "facqa", "squad2_en")
SEED = 20261124
PENALTY = 1e-3


def holds_answer(reference: Reference, row: Row) -> bool:
    """Whether a sentence is in the gold paragraph and covers a gold answer."""
    if not row.answerable or reference.candidate.passage.article_id != row.article_id:
        return False
    sentence = reference.sentence
    return any(sentence.start <= start and start + len(text) <= sentence.end for text, start in row.answers)


def read_references(library: Library, row: Row) -> list[Reference]:
    asked = understand(row.question)
    return references(
        asked, library.searcher.search(row.question, asked.language, limit=RulesReader.candidates)
    )


def fit_choice(signals: list[np.ndarray], chosen: list[np.ndarray]) -> tuple[float, ...]:
    """The conditional logit: one weight a signal, so that the sentences that hold the answer get the
    most of each question's probability. `signals[q]` is (sentences × signals), `chosen[q]` boolean."""
    question = np.repeat(np.arange(len(signals)), [len(s) for s in signals])
    x, y = np.concatenate(signals), np.concatenate(chosen)
    scale = x.std(axis=0) + 1e-9
    x = x / scale

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logits = x @ weights
        highest = np.full(len(signals), -np.inf)
        np.maximum.at(highest, question, logits)
        shifted = np.exp(logits - highest[question])
        every = np.bincount(question, shifted, len(signals))
        right = np.bincount(question, shifted * y, len(signals))
        share_right = shifted * y / right[question]
        gradient = x.T @ (shifted / every[question] - share_right) / len(signals)
        value = float(np.mean(np.log(every) - np.log(right)))
        return value + PENALTY * float(weights @ weights), gradient + 2 * PENALTY * weights

    best = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B")
    return tuple(round(float(w), 4) for w in best.x / scale)


def fit(signals: list[tuple[float, ...]], labels: list[bool]) -> tuple[float, ...]:
    model = LogisticRegression(C=1.0, max_iter=2_000)
    model.fit(np.array(signals), np.array(labels))
    return (*(round(float(w), 4) for w in model.coef_[0]), round(float(model.intercept_[0]), 4))


def train(datasets: Path, work: Path, questions: int, keep: float) -> dict[str, object]:
    """The fitted rules, with what was measured on the rows kept out."""
    embedder = load_embedder(None)
    draw = random.Random(SEED)
    rows = {name: read_rows(datasets, name, "train") for name in SETS}
    libraries: list[tuple[str, list[Row], list[list[Reference]]]] = []
    foreign: list[tuple[Row, list[Reference]]] = []
    for i, name in enumerate(SETS):
        chosen = draw.sample(rows[name], min(questions, len(rows[name])))
        strangers = draw.sample(rows[SETS[i - 1]], questions // 6)
        articles = paragraphs([*rows[name], *read_rows(datasets, name, "valid")])
        stand_in = RulesReader(Rules((0.0,) * len(SENTENCE_SIGNALS), (0.0,) * (len(ANSWER_SIGNALS) + 1), 0.0))
        with open_paragraphs(work / name, articles, embedder, stand_in) as library:
            libraries.append((name, chosen, [read_references(library, row) for row in chosen]))
            foreign += [(row, read_references(library, row)) for row in strangers]
        print(f"{name}: {len(chosen)} questions over {len(articles)} paragraphs", flush=True)

    def kept_out(row: Row) -> bool:
        return int(row.article_id, 16) % 5 == 0

    signals: list[np.ndarray] = []
    chosen_ones: list[np.ndarray] = []
    for _, chosen, read in libraries:
        for row, found in zip(chosen, read, strict=True):
            if row.answerable and not kept_out(row) and any(holds_answer(r, row) for r in found):
                signals.append(np.array([r.signals for r in found]))
                chosen_ones.append(np.array([holds_answer(r, row) for r in found]))
    sentence = fit_choice(signals, chosen_ones)
    print(f"conditional logit: {len(signals)} questions, {sum(map(len, signals))} sentences")

    reader = RulesReader(Rules(sentence, (0.0,) * (len(ANSWER_SIGNALS) + 1), 0.0))

    def outcome(row: Row, found: list[Reference], own: bool) -> tuple[tuple[float, ...], bool] | None:
        ordered = reader.order(found)
        if not ordered:
            return None
        return reader.signals(understand(row.question), ordered), own and holds_answer(ordered[0][1], row)

    fitted: list[tuple[tuple[float, ...], bool]] = []
    held: list[tuple[str, tuple[float, ...], bool]] = []
    groups = [(n, r, f, True) for n, c, read in libraries for r, f in zip(c, read, strict=True)]
    groups += [("other topic", r, f, False) for r, f in foreign]
    for name, row, found, own in groups:
        if (result := outcome(row, found, own)) is None:
            continue
        if kept_out(row):
            kind = name if row.answerable or not own else f"{name} unanswerable"
            held.append((kind, *result))
        else:
            fitted.append(result)
    answer = fit([s for s, _ in fitted], [label for _, label in fitted])
    weights = np.array(answer)
    confidence = {
        kind: [
            (float(1 / (1 + np.exp(-(np.array(s) @ weights[:-1] + weights[-1])))), label)
            for k, s, label in held
            if k == kind
        ]
        for kind in dict.fromkeys(k for k, _, _ in held)
    }
    everything = [pair for pairs in confidence.values() for pair in pairs]
    right = sorted(c for c, label in everything if label)
    threshold = round(right[int((1 - keep) * len(right))], 4)
    auroc = roc_auc_score([label for _, label in everything], [c for c, _ in everything])
    print(f"kept out: {len(everything)} questions, AUROC of confidence {auroc:.3f}, threshold {threshold}")
    for kind, pairs in confidence.items():
        shown = np.mean([c >= threshold for c, _ in pairs])
        correct = np.mean([label for _, label in pairs])
        print(f"  {kind}: {len(pairs)} questions, best sentence right {correct:.3f}, answered {shown:.3f}")
    return {
        "sentence": dict(zip(SENTENCE_SIGNALS, sentence, strict=True)),
        "answer": dict(zip((*ANSWER_SIGNALS, "bias"), answer, strict=True)),
        "threshold": threshold,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--datasets", type=Path, default=os.environ.get("KUTIPAN_DATASETS"))
    parser.add_argument("--work", type=Path, required=True, help="folder for the indexes, kept between runs")
    parser.add_argument("--questions", type=int, default=1_500, help="questions of each set")
    parser.add_argument("--keep", type=float, default=0.88, help="share of right answers above the threshold")
    parser.add_argument("--output", type=Path, default=RULES_FILE)
    given = parser.parse_args()
    if given.datasets is None:
        parser.exit(0, "no data sets: name their folder with --datasets or KUTIPAN_DATASETS; nothing done\n")
    rules = train(Path(given.datasets), given.work, given.questions, given.keep)
    given.output.write_text(json.dumps(rules, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {given.output}")


if __name__ == "__main__":
    main()
