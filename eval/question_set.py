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
| `superseded` | `article_id` and `quote` (exact, once in the article) of older figures, dates or holders that a later article, or sentence, replaces: who gives one as the answer misleads |
| `history` | earlier turns, each `question` and `answer`, of a follow-up |
| `now` | the day on which it is asked (ISO), where the answer depends on it |
| `notes` | what is hard about it |

The questions were written from the articles by writers who had seen neither the code nor an answer.
"""  # noqa: E501

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

from eval.measures.correctness import fact_recall

QUESTIONS = Path(__file__).parent / "questions"
DIALOGUES = Path(__file__).parent / "dialogues"
"""Twenty follow-ups with their histories, in the same form."""
ANSWERABLE = (
    "who", "when", "where", "quantity", "what", "why", "how", "list", "comparison", "time_dependent",
    "crosslingual", "paraphrase", "colloquial", "follow_up",
)  # fmt: skip
UNANSWERABLE = ("near_miss", "unanswered_topic", "false_premise", "other_topic")

Split = Literal["dev", "test"]
CHOSEN_BY: Split = "dev"
"""The one split that anything may be chosen by: a baseline, a threshold, what to mend next. Of the other a
run writes totals, and texts only when it is told to."""
_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True, config=_STRICT)
class Gold:
    """A quotation that answers, or answers a part."""

    article_id: str
    quote: str
    group: int = 1


@dataclass(frozen=True, slots=True, config=_STRICT)
class Superseded:
    """What was said before, and must not be given as the answer."""

    article_id: str
    quote: str


@dataclass(frozen=True, slots=True, config=_STRICT)
class Turn:
    """An earlier question and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True, config=_STRICT)
class EvalQuestion:
    """One question of the set; the module's docstring has the fields."""

    id: str
    question: str
    language: Literal["id", "en"]
    kind: str
    split: Split
    answerable: bool
    answers: tuple[tuple[str, ...], ...]
    gold: tuple[Gold, ...]
    notes: str
    history: tuple[Turn, ...] = field(default=())
    now: str | None = None
    superseded: tuple[Superseded, ...] = field(default=())


_LINE = TypeAdapter(EvalQuestion)


def read_questions(
    split: Split, folder: Path = QUESTIONS, texts: Mapping[str, str] | None = None
) -> list[EvalQuestion]:
    """The questions of one split, in file order.

    Raises ValueError, naming file, line and every fault, where lines don't have the fields, contradict
    themselves or one another, or, given the texts of the articles by id, quote what isn't there; OSError
    where there is no such file.
    """
    name = f"{split}.jsonl"
    questions: list[EvalQuestion] = []
    faults: list[str] = []
    first: dict[str, int] = {}
    content = (folder / name).read_text(encoding="utf-8").strip("\n")
    if not content:
        raise ValueError(f"{name} has no questions")
    for number, line in enumerate(content.split("\n"), 1):
        here = f"{name}, line {number}"
        try:
            question = _LINE.validate_json(line)
        except ValidationError as error:
            faults += [f"{here}: {_told(fault)}" for fault in error.errors()]
            continue
        questions.append(question)
        found = list(faults_of(question, texts))
        if question.split != split:
            found.append(f"split is {question.split}, in {name}")
        if first.setdefault(question.id, number) != number:
            found.append(f"line {first[question.id]} has this id")
        faults += [f"{here}: {question.id}: {fault}" for fault in found]
    if faults:
        raise ValueError("; ".join(faults))
    return questions


def faults_of(question: EvalQuestion, texts: Mapping[str, str] | None = None) -> Iterator[str]:
    """What doesn't hold together in one question, or doesn't fit the articles, whose texts are given by
    id."""
    kinds = ANSWERABLE if question.answerable else UNANSWERABLE
    if question.kind not in kinds:
        yield f"kind {question.kind} is none of {', '.join(kinds)}"
    if not (bool(question.answers) == bool(question.gold) == question.answerable):
        yield "answers and gold go with an answerable question only"
    if question.superseded and not question.answerable:
        yield "superseded goes with an answerable question only"
    if not all(wordings and all(wordings) for wordings in question.answers):
        yield "a fact has no wording"
    if question.now is not None and not _is_day(question.now):
        yield f"now is no day (YYYY-MM-DD): {question.now!r}"
    for old in question.superseded:
        if question.answers and fact_recall(old.quote, question.answers) == 1:
            yield f"what is superseded holds the answer: {old.quote!r}"
    places = [(gold.article_id, gold.quote) for gold in question.gold]
    places += [(old.article_id, old.quote) for old in question.superseded]
    if texts is None:
        return
    for article_id, quote in places:
        text = texts.get(article_id)
        if text is None:
            yield f"there is no article {article_id}"
        elif (times := text.count(quote) if quote else 0) != 1:
            yield f"{times} times in {article_id}, not once: {quote!r}"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def splits_in(folder: Path) -> list[Split]:
    """The splits that a folder has."""
    return [split for split in get_args(Split) if (folder / f"{split}.jsonl").exists()]


def _told(fault: ErrorDetails) -> str:
    """A fault that pydantic found: the field, then what is wrong with it."""
    place = ".".join(map(str, fault["loc"]))
    unknown = fault["type"] in ("unexpected_keyword_argument", "extra_forbidden")
    message = "unknown field" if unknown else fault["msg"][0].lower() + fault["msg"][1:]
    return f"{place}: {message}" if place else message
