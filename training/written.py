"""Articles, questions and claims that were written for the models, in `training/written`.

The public sets ask of encyclopaedia paragraphs, mostly in the words of the sentence that answers, and have
no headlines; what they say of news is edited by program. What is asked of news is other: why and how, in
other words or in the other language, and of one of two events that are alike; and a summary says in its own
words what stands in several sentences. So a language model that had seen neither the service nor the eval's
articles was asked for invented articles that are easily taken for one another, for questions on them, of
which nothing answers some two in five, and for sentences that they support or, by one detail, do not.
training/written/README.md has what it was asked for, and the files' form: news of one's own in that form
takes their place with `--written`. Held-out articles are for calibration alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from eval.benchmarks.reading_sets import paragraph_id
from service.records import Article

FOLDER = Path(__file__).parent / "written"

_FIELDS = {
    "articles": frozenset(("id", "held_out", "language", "title", "published", "text")),
    "questions": frozenset(("article_id", "question", "language", "kind", "evidence", "answer")),
    "claims": frozenset(("article_id", "claim", "language", "kind", "supported", "evidence")),
}

Places = tuple[tuple[int, int], ...]
"""(start, end) of sentences in an article's text."""


@dataclass(frozen=True, slots=True)
class WrittenQuestion:
    """A question on an article. `evidence` are the sentences that answer, none where nothing does, and
    `answer` the (start, end) of the short answer in one of them, where there is one."""

    article: Article
    question: str
    language: str
    kind: str
    evidence: Places
    answer: tuple[int, int] | None

    @property
    def answerable(self) -> bool:
        return bool(self.evidence)


@dataclass(frozen=True, slots=True)
class WrittenClaim:
    """A sentence about an article, and whether that supports it. `evidence` are the sentences that it says
    in other words, or pretends to."""

    article: Article
    sentence: str
    language: str
    kind: str
    supported: bool
    evidence: Places


def written_argument(parser: argparse.ArgumentParser, *read: Literal["questions", "claims"]) -> None:
    """The option of the recipes that read what was written. A folder without what they `read` ends the
    program, saying so."""

    def folder(given: str) -> Path:
        for name in ("articles", *read):
            if not (file := Path(given) / f"{name}.jsonl").is_file():
                raise argparse.ArgumentTypeError(f"there is no {file}")
        return Path(given)

    parser.add_argument(
        "--written",
        type=folder,
        default=FOLDER,
        help="folder in the form of training/written, in its place; needs a new WORK",
    )


def read_written_questions(folder: Path, held_out: bool) -> list[WrittenQuestion]:
    """The questions on articles that are held out, or on the others, in the file's order. Raises ValueError,
    with the line, where that is no such row, or what is said to stand in an article doesn't."""
    return [
        WrittenQuestion(
            article,
            row["question"],
            row["language"],
            row["kind"],
            evidence,
            _answer(article.text, evidence, row["answer"]),
        )
        for row, article, evidence in _read(folder, "questions", held_out)
    ]


def read_written_claims(folder: Path, held_out: bool) -> list[WrittenClaim]:
    """The claims, as `read_written_questions` reads the questions."""
    return [
        WrittenClaim(article, row["claim"], row["language"], row["kind"], row["supported"], evidence)
        for row, article, evidence in _read(folder, "claims", held_out)
    ]


def articles_of(written: Sequence[WrittenQuestion | WrittenClaim]) -> list[Article]:
    """Each once, in order."""
    return list({one.article.id: one.article for one in written}.values())


def _read(folder: Path, name: str, held_out: bool) -> Iterator[tuple[dict[str, Any], Article, Places]]:
    articles = {row["id"]: (row["held_out"], _article(row)) for _, row in _lines(folder / "articles.jsonl")}
    file = folder / f"{name}.jsonl"
    for number, row in _lines(file):
        if row["article_id"] not in articles:
            raise ValueError(f"{file}, line {number}: no article {row['article_id']!r}")
        its_held_out, article = articles[row["article_id"]]
        if its_held_out != held_out:
            continue
        text = article.text
        if missing := [quotation for quotation in row["evidence"] if quotation not in text]:
            raise ValueError(f"{file}, line {number}: {missing[0]!r} is not in its article")
        if row.get("answer") and not any(row["answer"] in quotation for quotation in row["evidence"]):
            raise ValueError(f"{file}, line {number}: {row['answer']!r} is in no sentence that answers")
        starts = [(text.index(quotation), len(quotation)) for quotation in row["evidence"]]
        yield row, article, tuple((start, start + length) for start, length in starts)


def _article(row: dict[str, Any]) -> Article:
    text = row["text"]
    return Article(paragraph_id(text), row["title"], text, row["language"], published=row["published"])


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ValueError(f"{file}, line {number}: {error}") from error
            if missing := _FIELDS[file.stem] - row.keys():
                raise ValueError(f"{file}, line {number}: no {', '.join(sorted(missing))}")
            yield number, row


def _answer(text: str, evidence: Places, answer: str | None) -> tuple[int, int] | None:
    if answer is None:
        return None
    at = next(at for start, end in evidence if (at := text.find(answer, start, end)) >= 0)
    return at, at + len(answer)
