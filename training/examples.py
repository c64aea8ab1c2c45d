"""What the reader is trained on, made from the rows of the sets and from news.

An `Example` is a question, a passage and the spans that answer, or none. Besides the rows as they are:

- `wrong_passages`: passages that search finds for the question and that don't answer it;
- `near_misses`: a name, number or date of the question is changed for another of its kind, or it
  is changed in the passage, so that the passage no longer answers;
- `recurring_spans`: a sentence of an article with a name, number or date taken out asks for it, and another
  part of the article that has it answers (recurring span selection; Ram et al. 2021);
- `parallel_spans`: the same across the languages, with a sentence and the translation beside its neighbours;
- `written_examples`: questions on news that were written for this (`training.written`), with the passage that
  answers and those that are most like the question and don't.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from service.language import LANGUAGES
from service.passages import CountTokens, split_article
from service.questions import AnswerKind
from service.records import Article, Passage
from service.sentences import split_sentences
from service.spans import answer_spans
from service.terms import STOPWORDS, stem, tokens
from training.crossing import Place, find_words
from training.data import News, Parallel, ReadingRow, read_news, read_parallel
from training.written import WrittenClaim, WrittenQuestion, articles_of

PASSAGE_CHARS = 900
PASSAGE_TOKENS = 254
"""As long as the service's passages, their titles beside them."""
_WRONG_WRITTEN = 2
_LONGEST_SPAN = 60
_WINDOW_SENTENCES = 5
_NEIGHBOURS = 2
_TRIES = 6
_PARALLEL_SHARE = 0.35

Spans = tuple[tuple[int, int], ...]

_ASKED: dict[tuple[str, AnswerKind], tuple[str, ...]] = {
    ("id", "time"): ("kapan", "tanggal berapa", "tahun berapa"),
    ("id", "quantity"): ("berapa", "berapakah", "berapa banyak"),
    ("id", "person"): ("siapa", "siapakah", "apa", "apakah nama yang"),
    ("en", "time"): ("when", "what date", "what year"),
    ("en", "quantity"): ("how many", "how much", "what number"),
    ("en", "person"): ("who", "what", "which"),
}
_TYPED: tuple[AnswerKind, ...] = ("time", "quantity", "person")


@dataclass(frozen=True, slots=True)
class Example:
    """`spans` are (start, end) in `passage`; with `within`, the answer is somewhere in the first one. Where
    `answerable` and there are none, the passage answers and nobody said where. `group` names the question:
    the passages of one group compete."""

    kind: str
    question: str
    passage: str
    spans: Spans
    answerable: bool
    group: str
    title: str = ""
    within: bool = False


def made_examples(
    datasets: Path, licensed_only: bool, each: Mapping[str, int], draw: random.Random
) -> list[Example]:
    """Parallel spans, and up to `each[name]` recurring spans of each article of the news sets named."""
    examples = list(parallel_spans(read_parallel(datasets, licensed_only), draw, _PARALLEL_SHARE))
    if not licensed_only:
        for name, most in each.items():
            examples += recurring_spans(read_news(datasets, name), draw, most)
    return examples


def from_rows(rows: Iterable[ReadingRow], places: Mapping[ReadingRow, Place]) -> list[Example]:
    """Each row as it is; one that has a place, with that as its span."""
    found = []
    for row in rows:
        spans: Spans = tuple((start, start + len(text)) for text, start in row.answers)
        place = places.get(row)
        if place:
            spans = ((place.start, place.end),)
        group = f"{row.question}\0{row.context}"
        within = place is not None and place.within
        found.append(
            Example(row.source, row.question, row.context, spans, row.answerable, group, within=within)
        )
    return found


def written_examples(
    questions: Sequence[WrittenQuestion], count_tokens: CountTokens, longest: int, draw: random.Random
) -> Iterator[Example]:
    """Each question with the passages of its article that answer, and `_WRONG_WRITTEN` others, of whichever
    article, that have most of the question's words and not its short answer. The span is the short answer,
    else the whole sentence, unless that has more than `longest` tokens."""
    split = passages_of(questions, count_tokens)
    passages = [
        (
            article,
            passage,
            passage.text.casefold(),
            _stems(article.title, article.language) | _stems(passage.text, article.language),
        )
        for article in articles_of(questions)
        for passage in split[article.id]
    ]
    for n, asked in enumerate(questions):
        group = f"written {n}"
        answer = asked.article.text[slice(*asked.answer)].casefold() if asked.answer else None
        wanted = {language: _stems(asked.question, language) for language in LANGUAGES}
        others: list[tuple[int, float, Article, Passage]] = []
        for article, passage, folded, words in passages:
            evidence = within(passage, asked.evidence) if article.id == asked.article.id else []
            if evidence:
                text, start = passage.text, passage.start
                told = [asked.answer] if asked.answer and _inside(asked.answer, evidence) else evidence
                spans = tuple(
                    (a - start, b - start)
                    for a, b in told
                    if count_tokens(text[a - start : b - start]) <= longest
                )
                yield Example("written", asked.question, text, spans, True, group, article.title)
            elif answer is None or answer not in folded:
                alike = len(words & wanted[article.language])
                others.append((alike, draw.random(), article, passage))
        for *_, article, passage in sorted(others, key=lambda o: (-o[0], o[1]))[:_WRONG_WRITTEN]:
            yield Example("written wrong", asked.question, passage.text, (), False, group, article.title)


def passages_of(
    written: Sequence[WrittenQuestion | WrittenClaim], count_tokens: CountTokens
) -> dict[str, list[Passage]]:
    """The passages of each article that was written about, by its id, as long as the service's."""
    return {
        article.id: split_article(article, count_tokens, PASSAGE_TOKENS, "training")
        for article in articles_of(written)
    }


def within(passage: Passage, places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of an article's places that are wholly in a passage of it."""
    return [place for place in places if _inside(place, [(passage.start, passage.end)])]


def wrong_passages(
    examples: Sequence[Example], wrong: dict[tuple[str, str], list[str]], each: int, draw: random.Random
) -> list[Example]:
    """For each answerable example, up to `each` of the passages that were found for its question."""
    found = []
    for example in examples:
        passages = wrong.get((example.question, example.passage), [])
        found += [
            replace(example, kind="wrong passage", passage=passage, spans=(), answerable=False)
            for passage in draw.sample(passages, min(each, len(passages)))
        ]
    return found


def near_misses(examples: Sequence[Example], draw: random.Random) -> list[Example]:
    """For each answerable example whose question has a name, number or date: that one changed."""
    by_kind: dict[AnswerKind, list[str]] = defaultdict(list)
    for example in examples:
        for kind, _, text in _typed_spans(example.question):
            by_kind[kind].append(text)
    found = []
    for example in examples:
        typed = _typed_spans(example.question)
        if not example.answerable or not typed:
            continue
        kind, (start, end), text = draw.choice(typed)
        other = _another(text, by_kind[kind], example.passage, draw)
        if other is None:
            continue
        if text in example.passage and not _covered(example, text) and draw.random() < 0.5:
            passage = example.passage.replace(text, other)
            found.append(
                replace(example, kind="near miss in the passage", passage=passage, spans=(), answerable=False)
            )
        else:
            question = example.question[:start] + other + example.question[end:]
            found.append(replace(example, kind="near miss", question=question, spans=(), answerable=False))
    return found


def recurring_spans(articles: Iterable[News], draw: random.Random, each: int) -> Iterator[Example]:
    """Up to `each` questions of each article, and for half as many a part of it that doesn't answer."""
    for n, article in enumerate(articles):
        text = article.text[:6_000]
        sentences = [
            text[s.start : s.end]
            for s in split_sentences(text)
            if s.kind == "sentence" and s.end - s.start < 400
        ]
        where: dict[str, list[int]] = defaultdict(list)
        kinds: dict[str, AnswerKind] = {}
        for i, sentence in enumerate(sentences):
            for kind, _, span in _typed_spans(sentence):
                if not where[span] or where[span][-1] != i:
                    where[span].append(i)
                kinds[span] = kind
        again = [span for span, places in where.items() if 2 <= len(places) <= 6]
        for k, span in enumerate(draw.sample(again, min(each, len(again)))):
            asks, answers = draw.sample(where[span], 2)
            question = _ask(sentences[asks], span, kinds[span], article.language, draw)
            passage = _window(sentences, answers, asks, draw)
            group = f"{n} {k}"
            title = article.title if draw.random() < 0.5 and span not in article.title else ""
            yield Example("recurring span", question, passage, find_words(passage, span), True, group, title)
            elsewhere = [i for i in range(len(sentences)) if all(abs(i - w) > 2 for w in where[span])]
            if elsewhere and draw.random() < 0.5:
                other = _window(sentences, draw.choice(elsewhere), asks, draw)
                if span not in other:
                    yield Example("recurring span elsewhere", question, other, (), False, group, title)


def parallel_spans(pairs: Sequence[Parallel], draw: random.Random, share: float) -> Iterator[Example]:
    """For a share of the pairs with a number or name spelt alike in both: asked for in one language, in a
    passage of the other, which half the time lacks the sentence."""
    for i, pair in enumerate(pairs):
        if draw.random() > share or not 40 <= len(pair.english) <= 400:
            continue
        alike = [
            (kind, span)
            for kind, _, whole in _typed_spans(pair.english)
            for span in dict.fromkeys((whole, _without_unit(whole)))
            if len(find_words(pair.indonesian, span)) == 1 and len(find_words(pair.english, span)) == 1
        ]
        if not alike:
            continue
        kind, span = draw.choice(alike)
        to_indonesian = draw.random() < 0.7
        around = [j for j in range(i - _NEIGHBOURS, i + _NEIGHBOURS + 1) if 0 <= j < len(pairs)]
        answerable = draw.random() < 0.6
        if not answerable:
            around.remove(i)
        side = [pairs[j].indonesian if to_indonesian else pairs[j].english for j in around]
        passage = ". ".join(s[:300] if j != i else s for s, j in zip(side, around, strict=True))
        spans = find_words(passage, span)
        if bool(spans) != answerable:
            continue
        asked, language = (pair.english, "en") if to_indonesian else (pair.indonesian, "id")
        yield Example(
            "parallel span",
            _ask(asked, span, kind, language, draw),
            passage,
            spans,
            answerable,
            f"parallel {i}",
        )


def _inside(span: tuple[int, int], spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)


def _stems(text: str, language: str) -> frozenset[str]:
    return frozenset(stem(word, language) for word in tokens(text) if word not in STOPWORDS)


def _typed_spans(text: str) -> list[tuple[AnswerKind, tuple[int, int], str]]:
    """Dates, then quantities and names that aren't part of a date, each with its kind."""
    found: list[tuple[AnswerKind, tuple[int, int], str]] = []
    for kind in _TYPED:
        for start, end in answer_spans(text, kind):
            taken = any(start < b and a < end for _, (a, b), _ in found)
            if not taken and 2 <= end - start <= _LONGEST_SPAN and not _asks(text[start:end]):
                found.append((kind, (start, end), text[start:end]))
    return found


def _without_unit(span: str) -> str:
    """The number alone of "759 articles": the unit is another word in the other language."""
    number = re.match(r"\d+(?:[.,]\d+)*", span)
    return number.group() if number else span


def _asks(span: str) -> bool:
    return span.casefold().split()[0] in _ASKING


_ASKING = frozenset(
    "apa apakah siapa siapakah berapa berapakah kapan kapankah dimana dimanakah mana di bagaimana"
    " bagaimanakah mengapa kenapa what who whom whose which when where why how in on at the is are was were"
    " did does do of for".split()
)


def _another(text: str, pool: Sequence[str], passage: str, draw: random.Random) -> str | None:
    """Another value of the same kind that the passage hasn't got; numbers are sometimes altered by hand."""
    digits = re.search(r"\d+", text)
    if digits and draw.random() < 0.5:
        number = int(digits.group())
        changed = str(max(1, number + draw.choice((-10, -3, -2, -1, 1, 2, 3, 10))))
        if changed != digits.group() and changed not in passage:
            return text[: digits.start()] + changed + text[digits.end() :]
    for _ in range(_TRIES):
        other = draw.choice(pool)
        if other.casefold() != text.casefold() and other.casefold() not in passage.casefold():
            return other
    return None


def _covered(example: Example, text: str) -> bool:
    """Whether the text is part of an answer."""
    return any(text in example.passage[a:b] or example.passage[a:b] in text for a, b in example.spans)


def _ask(sentence: str, span: str, kind: AnswerKind, language: str, draw: random.Random) -> str:
    """The sentence with a question word for the span, in its place or in front."""
    word = draw.choice(_ASKED[(language, kind)])
    start = sentence.index(span)
    before, after = sentence[:start], sentence[start + len(span) :]
    asked = f"{before}{word}{after}" if draw.random() < 0.5 else f"{word} {before}{after}"
    words = asked.split()
    if len(words) > 14 and draw.random() < 0.6:
        # A question is shorter than a sentence: some words around the asked for are enough.
        at = min(len(before.split()), len(words) - 1)
        first = max(0, at - draw.randint(4, 9))
        words = ([word] if word not in words[first : at + 9] else []) + words[first : at + draw.randint(4, 9)]
    return " ".join(words).rstrip(" .,;:") + "?"


def _window(sentences: Sequence[str], at: int, without: int, draw: random.Random) -> str:
    """Sentences around one, without another, at most PASSAGE_CHARS."""
    first = max(0, at - draw.randint(0, _WINDOW_SENTENCES - 1))
    chosen = [s for i, s in enumerate(sentences[first : first + _WINDOW_SENTENCES], first) if i != without]
    text = " ".join(chosen)
    while len(text) > PASSAGE_CHARS and len(chosen) > 1:
        # Away from the sentence that matters.
        chosen.pop(-1 if chosen[0] == sentences[at] else 0)
        text = " ".join(chosen)
    return text
