"""Fits how the reader chooses among sentences, its confidence and its threshold, for each language.

    python -m training.calibration --datasets FOLDER --work FOLDER --model FOLDER

Questions of train rows that no model was trained on (`training.data.is_held_out`) are asked, from question
to answer, of two indexes: one of 1,000 passages and one of 100,000, most of which are news; and with them
questions on news that were written for this (`training.written`), whose articles stand in both. A
conditional logit learns which of a question's sentences holds the gold answer, a logistic regression whether
what is quoted in the end says it (never, for an unanswerable question). Questions asked of everything but the
paragraphs of their own set are the examples of another topic; questions whose paragraph stands in the other
language only, those of an answer across the languages, which has a regression of its own. What is printed
comes from five folds, cut by paragraph: each question is judged by weights that were fitted without its fold.
The threshold is the confidence that a given share of the right answers exceeds.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from eval.benchmarks.reading_sets import (
    benchmark_arguments,
    open_paragraphs,
    paragraph_id,
    parse_benchmark,
)
from eval.measures.abstention import calibration_error
from service.embeddings import load_embedder
from service.extraction import BundledSpanModel
from service.language import LANGUAGES
from service.library import Library
from service.questions import Question, understand
from service.reading import (
    ANSWER_SIGNALS,
    CALIBRATION,
    CHOICE_SIGNALS,
    Calibration,
    Scored,
    SpanReader,
    answer_signals,
    crosses,
    quoted,
)
from service.records import Article, Filters
from training.crossing import find_words, with_answers
from training.data import CROSSING, CROSSING_BACK, ReadingRow, is_held_out, read_reading
from training.fusion import SIZES, make_indexes
from training.written import FOLDER, WrittenQuestion, articles_of, read_written_questions, written_argument

SETS = ("idk_mrc", "facqa", "squad2_en")
TOPICS = (("idk_mrc", "tydiqa_id"), ("facqa",), ("squad2_en", CROSSING, CROSSING_BACK))
"""Sets that have the same paragraphs, or translations of them."""
SEED = 20261124
FOLDS = 5
PENALTY = 1e-3
INVERSE_PENALTY = 0.1
"""Of the logistic regression, on signals in standard deviations; the bias has none."""
FALLS = frozenset(("missing_names", "missing_words", "words", "among"))
"""Signals that may only lower the confidence. Each goes with others, so that a free fit gave them the other
sign: words that no passage has, and a longer question, made an answer surer. By folds it costs nothing. (To
hold the others to their signs too costs .01 of the English AUROC.) Among more passages it is likelier that
another one looks right."""
_OTHER_TOPIC_SHARE = 0.2
_CONSTANT = 1e-6

Signals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the sentences that were found for it; `own` where its paragraph was indexed."""

    kind: str
    size: int
    row: ReadingRow
    asked: Question
    found: list[Scored]
    own: bool

    @property
    def fold(self) -> int:
        return int(paragraph_id(self.row.group), 16) % FOLDS

    def holds_answer(self, scored: Scored) -> bool:
        """Whether a sentence is in the gold paragraph and covers a gold answer."""
        row, sentence = self.row, scored.reference.sentence
        return (
            self.own
            and scored.reference.candidate.passage.article_id == paragraph_id(row.context)
            and any(
                sentence.start <= start and start + len(text) <= sentence.end for text, start in row.answers
            )
        )

    def is_right(self, quoted: Sequence[Scored]) -> bool:
        """Whether a quotation of these sentences has a gold answer: at its place, or in the same words
        elsewhere, since news tells things more than once."""
        return any(map(self.holds_answer, quoted)) or (
            self.own
            and any(
                find_words(scored.reference.text.casefold(), text.casefold())
                for scored in quoted
                for text, _ in self.row.answers
            )
        )


def written_rows(questions: Sequence[WrittenQuestion]) -> list[ReadingRow]:
    """The written questions as rows, the sentences that answer as the answers."""
    return [
        ReadingRow(
            source="written",
            question=asked.question,
            question_language=asked.language,
            context=asked.article.text,
            language=asked.article.language,
            answers=tuple((asked.article.text[start:end], start) for start, end in asked.evidence),
            answerable=asked.answerable,
            group=asked.article.text,
        )
        for asked in questions
    ]


def fit_choice(signals: Sequence[Signals], right: Sequence[NDArray[np.bool_]]) -> tuple[float, ...]:
    """The conditional logit: one weight a signal, so that the sentences that hold the answer get the most
    of each question's probability. `signals[q]` is (sentences × signals), `right[q]` boolean."""
    question = np.repeat(np.arange(len(signals)), [len(s) for s in signals])
    x, y = np.concatenate(signals), np.concatenate(right)
    scale = _scale(x)
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
    """The logistic regression, in which no signal of FALLS raises the confidence; its bias comes last. Where
    all examples are alike, or there are none, it knows no more than their share (Laplace's)."""
    if len(set(right)) < 2:
        share = (sum(right) + 1) / (len(right) + 2)
        return (*[0.0] * len(ANSWER_SIGNALS), round(float(np.log(share / (1 - share))), 4))
    x, y = np.array(signals), np.where(right, 1.0, -1.0)
    scale = _scale(x)
    x = np.column_stack([x / scale, np.ones(len(x))])

    def loss(weights: Signals) -> tuple[float, Signals]:
        margins = y * (x @ weights)
        gradient = -x.T @ (y * expit(-margins))
        value = float(np.logaddexp(0.0, -margins).sum() + (weights[:-1] ** 2).sum() / (2 * INVERSE_PENALTY))
        gradient[:-1] += weights[:-1] / INVERSE_PENALTY
        return value, gradient

    bounds = [(None, 0.0 if name in FALLS else None) for name in (*ANSWER_SIGNALS, "bias")]
    best = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds)
    return tuple(round(float(w), 4) for w in best.x / np.append(scale, 1.0))


def _scale(x: Signals) -> Signals:
    """Standard deviations, 1 for a signal that is the same everywhere."""
    deviations: Signals = x.std(axis=0)
    return np.where(deviations > _CONSTANT, deviations, 1.0)


def fit(examples: Sequence[Example], reader: BundledSpanModel) -> Calibration:
    """Both, without a threshold."""
    answerable = [e for e in examples if any(map(e.holds_answer, e.found))]
    choice = fit_choice(
        [np.array([s.signals for s in e.found]) for e in answerable],
        [np.array([e.holds_answer(s) for s in e.found]) for e in answerable],
    )
    outcomes = [o for e in examples if (o := outcome(e, choice, reader))]
    answer, crossing = (
        fit_answer([o.signals for o in some], [o.right for o in some])
        for some in ([o for o in outcomes if o.crosses is crosses] for crosses in (False, True))
    )
    return Calibration(choice, answer, crossing, 0.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer's signals, whether it is in another language than the question, and whether it is right."""

    signals: tuple[float, ...]
    crosses: bool
    right: bool


def outcome(example: Example, choice: tuple[float, ...], model: BundledSpanModel) -> Outcome | None:
    """What comes of the sentence that comes out best; None where there is none."""
    calibration = dict.fromkeys(LANGUAGES, Calibration(choice, (), (), 0.0))
    scored = SpanReader(model, calibration).order(example.asked, example.found)
    if not scored:
        return None
    chosen = quoted(scored)
    return Outcome(
        answer_signals(example.asked, scored, chosen),
        crosses(example.asked, scored[0]),
        example.is_right(chosen),
    )


def ask(
    library: Library,
    size: int,
    articles: Sequence[Article],
    rows: Sequence[ReadingRow],
    reader: SpanReader,
    draw: random.Random,
) -> list[Example]:
    """Each row asked of the index of these articles; some of them of what is in it on other topics only."""
    sources = sorted({article.source for article in articles if article.source})
    examples = []
    for row in rows:
        asked = understand(row.question)
        kinds = [(row.source if row.answerable else f"{row.source} near miss", Filters(), True)]
        if row.source != "written" and draw.random() < _OTHER_TOPIC_SHARE:
            same = next(names for names in TOPICS if row.source in names)
            others = tuple(name for name in sources if name not in same)
            kinds.append(("another topic", Filters(source=others), False))
        for kind, filters, own in kinds:
            candidates = library.searcher.search(row.question, filters, SpanReader.candidates)
            examples.append(Example(kind, size, row, asked, reader.compare(asked, candidates), own))
    return examples


def fit_language(
    language: str, examples: Sequence[Example], model: BundledSpanModel, keep: float
) -> Calibration:
    """The calibration of one language, with what the folds say of it."""
    judged: list[tuple[Example, float, bool]] = []
    for fold in range(FOLDS):
        fitted = fit([e for e in examples if e.fold != fold], model)
        judged += [
            (e, fitted.confidence(o.signals, o.crosses), o.right)
            for e in examples
            if e.fold == fold and (o := outcome(e, fitted.choice, model))
        ]
    confidences = np.array([c for _, c, _ in judged])
    right = np.array([r for _, _, r in judged])
    for share in (0.75, 0.8, 0.85, 0.9, 0.95):
        above = confidences >= np.quantile(confidences[right], 1 - share)
        none = np.array([not e.row.answerable and e.own for e, _, _ in judged])
        print(f"  {share:.0%} of right answers kept: {above[none].mean():.3f} of near misses answered")
    threshold = round(float(np.quantile(confidences[right], 1 - keep)), 4)
    auroc = roc_auc_score(right, confidences)
    print(f"\n{language}: {len(judged)} questions, AUROC {auroc:.3f}, threshold {threshold}")
    for size in sorted({e.size for e, _, _ in judged}):
        of_size = np.array([e.size == size for e, _, _ in judged])
        error = calibration_error(confidences[of_size], right[of_size])
        print(f"  {size} passages: expected calibration error {error:.3f}")
        for kind in sorted({e.kind for e, _, _ in judged}):
            some = np.array([e.size == size and e.kind == kind for e, _, _ in judged])
            if some.any():
                answered = confidences[some] >= threshold
                print(
                    f"    {kind}: {some.sum()} right {right[some].mean():.3f} answered {answered.mean():.3f}"
                )
    whole = fit(examples, model)
    return replace(whole, threshold=threshold)


def run(
    datasets: Path,
    work: Path,
    folder: Path,
    keep: float,
    sizes: tuple[int, int] = SIZES,
    written: Path = FOLDER,
) -> None:
    """Writes calibration.json into the folder of the reader."""
    embedder = load_embedder(None)
    held = [row for row in read_reading(datasets) if is_held_out(row.group)]
    by_source = defaultdict(list)
    for row in with_answers(held, embedder):
        by_source[row.source].append(row)
    asked = read_written_questions(written, held_out=True)
    rows = [row for name in (*SETS, CROSSING) for row in by_source[name]] + written_rows(asked)
    model = BundledSpanModel(folder=folder)
    draw = random.Random(SEED)
    examples: list[Example] = []
    for size, articles in make_indexes(datasets, sizes).items():
        with open_paragraphs(work / str(size), [*articles, *articles_of(asked)], embedder) as library:
            print(f"{size}: {library.catalog.counts()}", flush=True)
            examples += ask(library, size, articles, rows, SpanReader(model, None), draw)
    # Indonesian translations stand in no index that has what they translate: it would answer too.
    back = by_source[CROSSING_BACK]
    translated = {
        r.context: Article(paragraph_id(r.context), "", r.context, "id", source=r.source) for r in back
    }
    articles = [a for a in make_indexes(datasets, sizes)[sizes[0]] if a.source != "squad2_en"]
    articles += translated.values()
    with open_paragraphs(work / "back", articles, embedder) as library:
        examples += ask(library, sizes[0], articles, back, SpanReader(model, None), draw)
    stored = {}
    for language in LANGUAGES:
        own = [e for e in examples if e.asked.language == language]
        fitted = fit_language(language, own, model, keep)
        stored[language] = {
            "choice": dict(zip(CHOICE_SIGNALS, fitted.choice, strict=True)),
            "answer": dict(zip((*ANSWER_SIGNALS, "bias"), fitted.answer, strict=True)),
            "crossing": dict(zip((*ANSWER_SIGNALS, "bias"), fitted.crossing, strict=True)),
            "threshold": fitted.threshold,
        }
    output = folder / CALIBRATION
    output.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {output}")


def main() -> None:
    parser = benchmark_arguments(__doc__)
    parser.add_argument(
        "--model", type=Path, required=True, help="folder of the reader; gets calibration.json"
    )
    parser.add_argument("--keep", type=float, default=0.85, help="share of right answers above the threshold")
    written_argument(parser, "questions")
    given = parse_benchmark(parser)
    run(given.datasets, given.work, given.model, given.keep, written=given.written)


if __name__ == "__main__":
    main()
