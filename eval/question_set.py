"""The fixed question set over `corpus/`: its schema, and reading it.

`eval/questions/dev.jsonl` and `test.jsonl` have one JSON object a line:

| field | what |
|---|---|
| `id` | unique; its first part is the group of articles |
| `question`, `language` | as a user asks it, and in which language ("id", "en") |
| `kind` | one of `ANSWERABLE` or `UNANSWERABLE` |
| `split` | "dev" is for looking at and for CI, "test" for reports; nothing is chosen by "test" |
| `answerable` | whether an article of the corpus answers it |
| `answers` | the facts that a right answer holds, each a list of wordings of which one is enough |
| `gold` | quotations that answer: `article_id`, `quote` (exact, once in the article), `group`; of one group any is enough, every group is needed |
| `history` | earlier turns, each `question` and `answer`, of a follow-up |
| `now` | the day on which it is asked (ISO), where the answer depends on it |
| `notes` | what is hard about it |

The questions were written from the articles by writers who had seen neither the code nor an answer.
"""  # noqa: E501

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

QUESTIONS = Path(__file__).parent / "questions"
DIALOGUES = Path(__file__).parent / "dialogues"
"""Twenty follow-ups with their histories, in the same form."""
ANSWERABLE = (
    "who", "when", "where", "quantity", "what", "why", "how", "list", "comparison", "time_dependent",
    "crosslingual", "paraphrase", "colloquial", "follow_up",
)  # fmt: skip
UNANSWERABLE = ("near_miss", "unanswered_topic", "false_premise", "other_topic")

Split = Literal["dev", "test"]


@dataclass(frozen=True, slots=True)
class Gold:
    """A quotation that answers, or answers a part."""

    article_id: str
    quote: str
    group: int = 1


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """One question of the set; the module's docstring has the fields."""

    id: str
    question: str
    language: str
    kind: str
    split: str
    answerable: bool
    answers: tuple[tuple[str, ...], ...]
    gold: tuple[Gold, ...]
    notes: str
    history: tuple[Turn, ...] = field(default=())
    now: str | None = None


def read_questions(split: Split, folder: Path = QUESTIONS) -> list[EvalQuestion]:
    """The questions of one split, in file order. Raises ValueError, naming the line, for one that has
    unknown or missing fields."""
    questions = []
    lines = (folder / f"{split}.jsonl").read_text(encoding="utf-8").strip("\n").split("\n")
    for number, line in enumerate(lines, 1):
        try:
            fields = json.loads(line)
            fields["answers"] = tuple(tuple(wordings) for wordings in fields["answers"])
            fields["gold"] = tuple(Gold(**gold) for gold in fields["gold"])
            fields["history"] = tuple(Turn(**turn) for turn in fields.get("history", ()))
            questions.append(EvalQuestion(**fields))
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{split}.jsonl, line {number}: {error}") from error
    return questions


def validate(questions: Sequence[EvalQuestion], texts: Mapping[str, str]) -> None:
    """Raises ValueError, naming every fault, where questions don't hold together or don't fit the articles,
    whose texts are given by id."""
    ids = Counter(q.id for q in questions)
    faults = [f"{i}: {n} questions have this id" for i, n in ids.items() if n > 1]
    for question in questions:
        kinds = ANSWERABLE if question.answerable else UNANSWERABLE
        if question.kind not in kinds:
            faults.append(f"{question.id}: kind {question.kind} is none of {', '.join(kinds)}")
        if not (bool(question.answers) == bool(question.gold) == question.answerable):
            faults.append(f"{question.id}: answers and gold go with an answerable question only")
        if not all(wordings and all(wordings) for wordings in question.answers):
            faults.append(f"{question.id}: a fact has no wording")
        for gold in question.gold:
            times = texts.get(gold.article_id, "").count(gold.quote)
            if gold.article_id not in texts:
                faults.append(f"{question.id}: there is no article {gold.article_id}")
            elif times != 1:
                faults.append(f"{question.id}: {times} times in {gold.article_id}, not once: {gold.quote!r}")
    if not questions:
        faults.append("there are no questions")
    if faults:
        raise ValueError("; ".join(faults))
