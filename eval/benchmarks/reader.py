"""How well the reader reads, given the right passage.

    python -m eval.benchmarks.reader --datasets FOLDER

Every question of a set's valid split is read with its own paragraph and nothing else. Prints a Markdown
table: whether the sentence that the reader points at holds the gold answer (answerable questions on
paragraphs of several sentences), exact match and F1 over all questions, unanswerable ones included, as
SQuAD 2.0 defines them (Rajpurkar et al. 2018; an answer is withheld where its log-odds are negative), and
the AUROC of answerable against not, of the model's log-odds and of the reader's confidence; 95 % intervals.
"""

from __future__ import annotations

import argparse
import os
import re
import string
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.benchmarks.reading_sets import DATASETS_VARIABLE, Row, parse_benchmark, read_rows
from eval.intervals import mean_interval
from service.passages import split_article
from service.questions import understand
from service.reading import SpanReader, load_reader
from service.records import Article, ArticleInfo, Candidate

SETS = ("idk_mrc", "facqa", "squad2_en")
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """Lower case, without punctuation, English articles and surplus spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(given: str, golds: Sequence[str]) -> float:
    return max(float(normalise(given) == normalise(gold)) for gold in golds)


def f1(given: str, golds: Sequence[str]) -> float:
    """The best F1 of words in common; an empty answer is right only where the gold one is empty."""
    return max(_f1(normalise(given).split(), normalise(gold).split()) for gold in golds)


def _f1(given: list[str], gold: list[str]) -> float:
    if not given or not gold:
        return float(given == gold)
    common = sum((Counter(given) & Counter(gold)).values())
    return 2.0 * common / (len(given) + len(gold))


def auroc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """The chance that a right one scores above a wrong one, ties half (Mann and Whitney 1947)."""
    scores = np.concatenate([right, wrong])
    order = scores.argsort(kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    for value in np.unique(scores[order][1:][np.diff(scores[order]) == 0]):
        ranks[scores == value] = ranks[scores == value].mean()
    n, m = len(right), len(wrong)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def candidate(row: Row) -> Candidate:
    """The row's paragraph as search would give it, in one passage."""
    article = Article(row.article_id, "", row.context, row.language)
    (passage,) = split_article(article, len, 10**6, "benchmark")
    return Candidate(passage, ArticleInfo("", None, None, None, row.language), 1.0)


def measure(rows: Sequence[Row], reader: SpanReader) -> dict[str, list[float]]:
    """One value a question for each column."""
    found: dict[str, list[float]] = {"sentence": [], "exact": [], "f1": [], "z": [], "confidence": []}
    for row in rows:
        proposed = candidate(row)
        text = row.context
        asked = understand(row.question)
        scored = reader.order(asked, reader.compare(asked, [proposed]))
        reading = reader.read(row.question, [proposed], 1)
        best = scored[0] if scored else None
        log_odds = 10 * best.signals[-1] if best else -np.inf
        if best and row.answerable and len(scored) > 1:
            sentence = best.reference.sentence
            holds = any(sentence.start <= a and a + len(t) <= sentence.end for t, a in row.answers)
            found["sentence"].append(float(holds))
        given = text[slice(*best.answer)] if best and best.answer and log_odds > 0 else ""
        golds = [t for t, _ in row.answers] or [""]
        found["exact"].append(exact_match(given, golds))
        found["f1"].append(f1(given, golds))
        found["z"].append(log_odds)
        found["confidence"].append(reading.confidence)
    return found


def row_of(name: str, rows: Sequence[Row], found: dict[str, list[float]]) -> str:
    answerable = np.array([row.answerable for row in rows])
    cells = [name, f"{answerable.sum()} / {(~answerable).sum()}"]
    cells += [str(mean_interval(found[key])) for key in ("sentence", "exact", "f1")]
    for key in ("z", "confidence"):
        values = np.array(found[key])
        both = answerable.any() and not answerable.all()
        cells.append(f"{auroc(values[answerable], values[~answerable]):.3f}" if both else "–")
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--datasets", type=Path, default=os.environ.get(DATASETS_VARIABLE))
    parser.add_argument("--reader", help="a model of your own instead of the bundled one")
    parser.add_argument("--sets", nargs="+", default=SETS, help="names of sets, of your own too")
    given = parse_benchmark(parser)
    reader = load_reader(given.reader)
    assert isinstance(reader, SpanReader)
    sys.stdout.write(
        "| set | answerable / not | right sentence | exact match | F1 | AUROC, log-odds | confidence |\n"
        f"{'|---' * 7}|\n"
    )
    for name in given.sets:
        rows = read_rows(given.datasets, name, "valid")
        sys.stdout.write(row_of(name, rows, measure(rows, reader)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
