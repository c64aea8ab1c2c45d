"""What the embedder is trained on: short texts, each with a passage that it belongs with.

Questions and the paragraphs that answer them, headlines and summaries with a part of their article, questions
that `training.examples` makes from news, and questions and claims that were written for this.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from eval.benchmarks.reading_sets import NEWS, read_lines
from service.passages import CountTokens, embedding_text
from training.data import LEAD_CHARS, ReadingRow, read_news
from training.examples import made_examples, passages_of, within
from training.negatives import Wrong
from training.written import WrittenClaim, WrittenQuestion

WRITTEN, CLAIMS = "written", "claims"
"""The sources of `written_passage_rows`."""

TextPairs = dict[str, list[tuple[str, str]]]
"""A short text and its passage, by set."""


def reading_pairs(rows: Sequence[ReadingRow]) -> TextPairs:
    """Question and passage of the answerable rows, by set."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        if row.answerable:
            found[row.source].append((row.question, row.context))
    return dict(found)


def written_passage_rows(
    questions: Sequence[WrittenQuestion], claims: Sequence[WrittenClaim], count_tokens: CountTokens
) -> list[ReadingRow]:
    """Questions that are answered, and supported claims, each on every passage that has a sentence of its
    evidence, as the service embeds it. An article is a group."""
    passages = passages_of([*questions, *claims], count_tokens)

    def rows(
        source: str, text: str, one: WrittenQuestion | WrittenClaim, answer: tuple[int, int] | None
    ) -> list[ReadingRow]:
        found = []
        for passage in passages[one.article.id]:
            if not within(passage, one.evidence):
                continue
            context = embedding_text(one.article.title, passage.text)
            held = answer if answer and within(passage, [answer]) else None
            moved = len(context) - len(passage.text) - passage.start
            found.append(
                ReadingRow(
                    source=source,
                    question=text,
                    question_language=one.language,
                    context=context,
                    language=one.article.language,
                    answers=((one.article.text[slice(*held)], held[0] + moved),) if held else (),
                    answerable=True,
                    group=one.article.id,
                )
            )
        return found

    asked = [row for q in questions for row in rows(WRITTEN, q.question, q, q.answer)]
    return [*asked, *(row for c in claims if c.supported for row in rows(CLAIMS, c.sentence, c, None))]


def news_pairs(datasets: Path, draw: random.Random) -> TextPairs:
    """Headline and a part of its article, summary and a part of its article, by language."""
    found: dict[str, list[tuple[str, str]]] = {"headlines id": [], "headlines en": []}
    for article in read_news(datasets, *NEWS):
        starts = [
            0,
            *(i + 2 for i in range(200, min(len(article.text), 3_000)) if article.text[i : i + 2] == ". "),
        ]
        start = draw.choice(starts[: 1 + len(starts) // 2])
        passage = article.text[start : start + LEAD_CHARS]
        if len(article.title) > 20 and len(passage) > 200:
            found[f"headlines {article.language}"].append((article.title, passage))
    texts = {row["id"]: row["text"] for row in read_lines(datasets / "news" / "detik.jsonl.gz")}
    found["headlines id"] += [
        (row["summary"], texts[row["article_id"]][:LEAD_CHARS])
        for row in read_lines(datasets / "faithfulness" / "detik_summaries.jsonl.gz")
    ]
    return found


def span_pairs(datasets: Path, licensed_only: bool, draw: random.Random) -> tuple[TextPairs, Wrong]:
    """Questions that are made by program, each with its passage (`training.examples`), and for some of them a
    part of the same article that doesn't answer."""
    each = {"detik": 4, "realtimeqa_articles": 1, "click_id": 1}
    made = made_examples(datasets, licensed_only, each, draw)
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    elsewhere: Wrong = {}
    at: dict[tuple[str, str], tuple[str, str]] = {}
    for example in made:
        if example.answerable:
            pair = (example.question, example.passage)
            found[f"{example.kind}s"].append(pair)
            at[(example.group, example.question)] = pair
    for example in made:
        if not example.answerable and (example.group, example.question) in at:
            elsewhere.setdefault(at[(example.group, example.question)], []).append(example.passage)
    return dict(found), elsewhere
