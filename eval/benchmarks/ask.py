"""How well, and how fast, the running service answers the questions of public sets.

    python -m eval.benchmarks.ask --datasets FOLDER --work FOLDER

Every paragraph of a set's train and valid splits is an article. A server is started on that index without
a threshold, and every question of the valid split is asked over HTTP, one after the other, and then some
of another set's. Prints a Markdown table with 95 % intervals: the share of answerable questions of which a
cited quotation holds the gold answer (anywhere, and in the gold paragraph at its place; the cross-lingual
set has no answers, there it is the share that cite the gold paragraph), the share of those right answers
whose confidence reaches the shipped threshold, the share of unanswerable questions (near misses made by
people) and of those on another topic whose confidence does not; the expected calibration error of the
confidence; the milliseconds of `/v1/ask` seen by the client. Below it, for each language of the
questions, the calibration error over all sets. Each citation is compared with the article's text and sent
to `/v1/citations/verify`; one that fails ends the run with an error.

With `--passages N` all sets are asked of one index: the paragraphs of their valid splits, and of their train
splits and of news as many as make N. No topic is another one there.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from eval.benchmarks.reading_sets import (
    NEWS,
    Row,
    benchmark_arguments,
    news_passages,
    open_paragraphs,
    paragraphs,
    parse_benchmark,
    read_rows,
)
from eval.intervals import mean_interval
from eval.measures.abstention import calibration_error
from eval.server import serving
from service.embeddings import load_embedder
from service.models import READER
from service.reading import CALIBRATION, read_calibration
from service.records import Article

SETS = ("idk_mrc", "facqa", "squad2_en", "crosslingual")
_OTHER_TOPIC = 200
_SEED = 20261124
_CLAIMED = ("article_id", "version", "start", "end", "quote")


@dataclass(slots=True)
class Outcomes:
    """One value a question, 1 or 0, and what the answers were like."""

    holds_gold: list[float] = field(default_factory=list)
    at_its_place: list[float] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    refused_other: list[float] = field(default_factory=list)
    language: list[str] = field(default_factory=list)
    confidence: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    quote_chars: list[float] = field(default_factory=list)
    citations: int = 0

    def add(self, row: Row, answer: dict[str, Any], threshold: float) -> None:
        """Takes in the answer to one of the set's own questions."""
        refused = answer["confidence"] < threshold
        self.citations += len(answer["citations"])
        self.quote_chars += [len(c["quote"]) for c in answer["citations"]]
        right = row.answerable and any(holds_gold(c, row, False) for c in answer["citations"])
        if row.answerable:
            self.holds_gold.append(right)
            self.at_its_place.append(any(holds_gold(c, row, True) for c in answer["citations"]))
            if right:
                self.kept.append(not refused)
        else:
            self.refused.append(refused)
        self.language.append(answer["language"])
        self.confidence.append(answer["confidence"])
        self.right.append(right)


def holds_gold(citation: dict[str, Any], row: Row, at_its_place: bool) -> bool:
    """Whether a quotation has a gold answer, or has it where the set says that it stands. Where the set
    doesn't tell the answer, whether the quotation is from the gold paragraph."""
    if not row.answers:
        return bool(citation["article_id"] == row.article_id)
    if at_its_place:
        return citation["article_id"] == row.article_id and any(
            citation["start"] <= start and start + len(text) <= citation["end"] for text, start in row.answers
        )
    return any(text.casefold() in citation["quote"].casefold() for text, _ in row.answers)


def articles_of(datasets: Path, names: Sequence[str], passages: int | None = None) -> list[Article]:
    """The paragraphs of the sets' splits, those of valid first; with `passages`, as many as that, and where
    they are fewer, news beside them. Raises ValueError where those of valid alone are more, or all with the
    news are fewer."""
    valid = paragraphs([row for name in names for row in read_rows(datasets, name, "valid")])
    asked = {article.id for article in valid}
    train = paragraphs([row for name in names for row in read_rows(datasets, name, "train", optional=True)])
    others = [article for article in train if article.id not in asked]
    if passages is None:
        return [*valid, *others]
    if passages < len(valid):
        raise ValueError(f"{passages} passages are fewer than the {len(valid)} that are asked about")
    draw = random.Random(_SEED)
    found = [*valid, *draw.sample(others, min(len(others), passages - len(valid)))]
    if len(found) < passages:
        news = news_passages(datasets, *NEWS)
        if len(found) + len(news) < passages:
            raise ValueError(f"there are {len(found) + len(news)} passages, fewer than {passages}")
        found += draw.sample(news, passages - len(found))
    return found


def measure(datasets: Path, work: Path, name: str) -> Outcomes:
    """Asks a set of an index of its own, and some questions of a set on other topics where that is there."""
    other = "squad2_en" if name in ("idk_mrc", "facqa") else "facqa"
    foreign = read_rows(datasets, other, "valid", optional=True) if other != name else []
    strangers = random.Random(_SEED).sample(foreign, min(_OTHER_TOPIC, len(foreign)))
    articles = articles_of(datasets, [name])
    index(work / name, articles)
    return measure_rows(work / name, articles, read_rows(datasets, name, "valid"), strangers)


def index(folder: Path, articles: Sequence[Article]) -> None:
    """Indexes the articles in the folder; what is there already is kept."""
    with open_paragraphs(folder, articles, load_embedder(None)):
        pass


def measure_rows(
    folder: Path, articles: Sequence[Article], rows: Sequence[Row], strangers: Sequence[Row] = ()
) -> Outcomes:
    """Asks a set's rows, and some of another's, of a server over the folder that has the articles."""
    texts = {article.id: article.text for article in articles}
    thresholds = {key: one.threshold for key, one in read_calibration(READER / CALIBRATION).items()}
    outcomes = Outcomes()
    with serving(KUTIPAN_DATA_DIR=folder, KUTIPAN_MIN_CONFIDENCE=0) as server:
        server.wait_ready()
        with httpx.Client(base_url=server.url, timeout=60) as client:
            for row in rows:
                began = time.perf_counter()
                response = client.post("/v1/ask", json={"question": row.question})
                outcomes.milliseconds.append(1000 * (time.perf_counter() - began))
                answer = response.raise_for_status().json()
                check_citations(client, answer["citations"], texts)
                outcomes.add(row, answer, thresholds[answer["language"]])
            for row in strangers:
                answer = client.post("/v1/ask", json={"question": row.question}).raise_for_status().json()
                outcomes.refused_other.append(answer["confidence"] < thresholds[answer["language"]])
    return outcomes


def check_citations(client: httpx.Client, citations: list[dict[str, Any]], texts: dict[str, str]) -> None:
    """Raises ValueError for a quotation that is not what its article says."""
    if not citations:
        return
    claimed = [{key: citation[key] for key in _CLAIMED} for citation in citations]
    verdicts = client.post("/v1/citations/verify", json={"citations": claimed}).raise_for_status().json()
    for citation, verdict in zip(citations, verdicts["citations"], strict=True):
        exact = texts[citation["article_id"]][citation["start"] : citation["end"]] == citation["quote"]
        if not exact or not verdict["valid"]:
            raise ValueError(f"not a quotation: {citation}, {verdict}")


def row_of(name: str, outcomes: Outcomes) -> str:
    p50, p95 = np.percentile(outcomes.milliseconds, [50, 95])
    cells = [
        name,
        f"{len(outcomes.holds_gold)} / {len(outcomes.refused)}",
        *(
            "–" if not values else str(mean_interval(values))
            for values in (
                outcomes.holds_gold,
                outcomes.at_its_place,
                outcomes.kept,
                outcomes.refused,
                outcomes.refused_other,
            )
        ),
        f"{calibration_error(outcomes.confidence, outcomes.right):.3f}",
        f"{np.mean(outcomes.quote_chars):.0f}",
        f"{outcomes.citations}",
        f"{p50:.0f} / {p95:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def errors_by_language(found: Sequence[Outcomes]) -> dict[str, tuple[int, float]]:
    """The number of questions in each language and their calibration error, over all sets."""
    asked = [one for o in found for one in zip(o.language, o.confidence, o.right, strict=True)]
    errors = {}
    for language in sorted({language for language, _, _ in asked}):
        confidence = [c for asked_in, c, _ in asked if asked_in == language]
        right = [r for asked_in, _, r in asked if asked_in == language]
        errors[language] = (len(right), calibration_error(confidence, right))
    return errors


def main() -> None:
    parser = benchmark_arguments(__doc__)
    parser.add_argument("--sets", nargs="+", default=SETS, help="names of sets, of your own too")
    parser.add_argument("--passages", type=int, help="of one index for all sets; each has its own by default")
    given = parse_benchmark(parser)
    together: list[Article] = []
    if given.passages is not None:
        try:
            together = articles_of(given.datasets, given.sets, given.passages)
        except (FileNotFoundError, ValueError) as why:
            parser.error(str(why))
        one = given.work / "-".join((str(given.passages), *given.sets))
        index(one, together)
    sys.stdout.write(
        "| set | answerable / not | gold in a quotation | ... at its place | right ones kept "
        "| near misses refused | other topic refused | calibration error | characters a quotation "
        "| citations, all exact | p50 / p95, ms |\n"
        f"{'|---' * 11}|\n"
    )
    found = []
    for name in given.sets:
        if together:
            rows = read_rows(given.datasets, name, "valid")
            outcomes = measure_rows(one, together, rows)
        else:
            outcomes = measure(given.datasets, given.work, name)
        found.append(outcomes)
        sys.stdout.write(row_of(name, outcomes) + "\n")
        sys.stdout.flush()
    sys.stdout.write("\n")
    for language, (questions, error) in errors_by_language(found).items():
        sys.stdout.write(f"{language}: {questions} questions, calibration error {error:.3f}\n")


if __name__ == "__main__":
    main()
