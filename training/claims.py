"""What the judge is trained on: sentences, quotations, and whether the one supports the other.

A `Claim` is a sentence and a quotation with a label of natural-language inference. Besides the rows of the
sets that people labelled (`nli_claims`):

- `edited_claims`: sentences of news against themselves or the words around them: reworded (supported), with
one
  edit of `training.edits`, or against another part of their article (not supported);
- `parallel_claims`: the same across the languages, on the sentence's translation;
- `answer_claims`: a question and its answer as a claim about the paragraph, and with a wrong answer of the
same kind;
- `title_claims`: a headline against the beginning of its article, and of another on the same topic.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from eval.benchmarks.reading_sets import read_domain
from service.questions import AnswerKind
from service.sentences import split_sentences
from service.spans import answer_spans
from service.terms import STOPWORDS, tokens
from training.data import LEAD_CHARS, News, Parallel, ReadingRow, is_held_out, read_nli
from training.edits import EDITS, Source, names_of, reword

Label = Literal["entailment", "neutral", "contradiction", "unsupported"]
"""Supported is entailment alone; "unsupported" is one of the other two, nobody said which."""

REWORDED = "reworded"
"""The kind of a supported claim in other words."""
TRANSLATED = "translation"
"""The kind of a claim that its quotation supports in the other language."""
_SHORTEST, _LONGEST = 40, 300
"""Characters of a sentence that is edited."""
_EDITED_SHARE = 0.75
_ELSEWHERE_SHARE = 0.3
_REWORDED_SHARE = 0.7
_ALONE_SHARE = 0.4
_NEIGHBOURS = 2


@dataclass(frozen=True, slots=True)
class Claim:
    """`kind` says how it was made; of an edit it is the edit's key in EDITS."""

    kind: str
    sentence: str
    quotation: str
    label: Label
    language: str
    """The sentence's."""
    crosses: bool = False
    """Whether the quotation is in the other language."""

    @property
    def supported(self) -> bool:
        return self.label == "entailment"


def nli_claims(datasets: Path, licensed_only: bool, held_out: bool) -> list[Claim]:
    """The rows of the sets, those with a held-out premise or the others."""
    return [
        Claim(row.source, row.hypothesis, row.premise, row.label, row.language)
        for row in read_nli(datasets, licensed_only)
        if is_held_out(row.premise) == held_out
    ]


def edited_claims(
    articles: Iterable[News], each: int, draw: random.Random, without: Collection[str] = ()
) -> Iterator[Claim]:
    """Up to `each` sentences of each article, each supported once, and up to twice not. `without` names edits
    that aren't made."""
    read = [(article, _sentences(article.text)) for article in articles]
    names = {
        language: [
            n for article, some in read if article.language == language for s in some for n in names_of(s)
        ]
        for language in ("id", "en")
    }
    made: Counter[str] = Counter()
    for article, sentences in read:
        if not names[article.language]:
            continue
        source = Source(article.language, names[article.language], draw)
        usable = [i for i, s in enumerate(sentences) if _SHORTEST <= len(s) <= _LONGEST]
        for i in draw.sample(usable, min(each, len(usable))):
            quotation = _around(sentences, i, draw)
            said = reword(sentences[i], source) if draw.random() < _REWORDED_SHARE else sentences[i]
            yield Claim(REWORDED, said, quotation, "entailment", article.language)
            if draw.random() < _EDITED_SHARE and (edited := _edit(said, source, made, without)):
                yield Claim(edited[0], edited[1], quotation, "unsupported", article.language)
            if draw.random() < _ELSEWHERE_SHARE and (other := _elsewhere(sentences, i, draw)):
                yield Claim("elsewhere", said, other, "neutral", article.language)


def parallel_claims(
    pairs: Sequence[Parallel], most: int, draw: random.Random, without: Collection[str] = ()
) -> Iterator[Claim]:
    """Of `most` pairs a sentence against its translation, with an edit, and the one beside it."""
    usable = [
        i for i, p in enumerate(pairs) if _SHORTEST <= min(len(p.english), len(p.indonesian)) <= _LONGEST
    ]
    names = {
        "en": [n for i in usable for n in names_of(pairs[i].english)],
        "id": [n for i in usable for n in names_of(pairs[i].indonesian)],
    }
    made: Counter[str] = Counter()
    for i in draw.sample(usable, min(most, len(usable))):
        language = draw.choice(("en", "en", "id"))
        said, quotation = _sides(pairs[i], language)
        source = Source(language, names[language] or [""], draw)
        yield Claim(TRANSLATED, said, quotation, "entailment", language, True)
        if edited := _edit(said, source, made, without):
            yield Claim(edited[0], edited[1], quotation, "unsupported", language, True)
        if draw.random() < _ELSEWHERE_SHARE and i + 1 < len(pairs):
            yield Claim("elsewhere", _sides(pairs[i + 1], language)[0], quotation, "neutral", language, True)


def answer_claims(rows: Iterable[ReadingRow], draw: random.Random) -> Iterator[Claim]:
    """Answerable rows with their answer and with a wrong one, and unanswerable ones with what looks like
    one."""
    for row in rows:
        sentences = [(s.start, s.end) for s in split_sentences(row.context)]
        crosses = row.language != row.question_language
        if row.answerable and row.answers:
            text, start = row.answers[0]
            quotation = _passage(row.context, sentences, start, draw)
            yield Claim(
                "answer", _answered(row, text, draw), quotation, "entailment", row.question_language, crosses
            )
            wrong = _rivals(quotation, text, row)
        elif not row.answerable:
            place = draw.choice(sentences)[0] if sentences else 0
            quotation = _passage(row.context, sentences, place, draw)
            wrong = _rivals(quotation, "", row)
        else:
            continue
        if wrong:
            said = _answered(row, draw.choice(wrong), draw)
            yield Claim("wrong answer", said, quotation, "unsupported", row.question_language, crosses)


def title_claims(articles: Sequence[News], draw: random.Random) -> Iterator[Claim]:
    """Each headline against its article, and against one that shares words with it."""
    words = [frozenset(t for t in tokens(a.title) if t not in STOPWORDS and len(t) > 3) for a in articles]
    having: dict[str, list[int]] = defaultdict(list)
    for i, some in enumerate(words):
        for word in some:
            having[word].append(i)
    for i, article in enumerate(articles):
        if len(article.title) < _SHORTEST or len(article.text) < LEAD_CHARS // 2:
            continue
        yield Claim("title", article.title, article.text[:LEAD_CHARS], "entailment", article.language)
        shared = Counter(
            j
            for word in sorted(words[i])
            for j in draw.sample(having[word], min(30, len(having[word])))
            if j != i
        )
        rivals = [j for j, n in shared.most_common(5) if n >= 2 and len(words[i] - words[j]) >= 2]
        if rivals:
            other = articles[draw.choice(rivals)]
            yield Claim("another title", article.title, other.text[:LEAD_CHARS], "neutral", article.language)


def summary_claims(datasets: Path, domains: Collection[str], longest: int) -> list[Claim]:
    """The sentences of SummEdits' summaries that an edit changed, and those of the summaries before their
    edits, each on the part of its document that shares most words with it, at most `longest` characters."""
    found = []
    for domain in domains:
        before: dict[str, list[str]] = {}
        for row in read_domain(datasets, domain):
            key = row["id"].rsplit("_", 1)[0]
            sentences = _sentences(row["claim"])
            if row["id"].endswith("_og"):
                before[key] = sentences
                changed = sentences
            else:
                changed = [s for s in sentences if s not in before.get(key, [])]
            label: Label = "entailment" if row["supported"] else "unsupported"
            if label == "entailment" or len(changed) == 1:
                found += [
                    Claim(domain, s, closest(s, row["document"], longest), label, "en") for s in changed
                ]
    return found


def closest(sentence: str, document: str, longest: int) -> str:
    """The run of sentences, at most `longest` characters, that has most of the sentence's words."""
    wanted = set(tokens(sentence)) - STOPWORDS
    sentences = _sentences(document) or [document]
    best, most = sentences[0][:longest], -1
    for i in range(len(sentences)):
        run = sentences[i]
        for other in sentences[i + 1 :]:
            if len(run) + len(other) + 1 > longest:
                break
            run = f"{run} {other}"
        if (shared := len(wanted & set(tokens(run[:longest])))) > most:
            best, most = run[:longest], shared
    return best


def _sides(pair: Parallel, language: str) -> tuple[str, str]:
    return (pair.english, pair.indonesian) if language == "en" else (pair.indonesian, pair.english)


def _sentences(text: str) -> list[str]:
    return [text[s.start : s.end] for s in split_sentences(text) if s.kind == "sentence"]


def _edit(said: str, source: Source, made: Counter[str], without: Collection[str]) -> tuple[str, str] | None:
    """An edit that applies, the rarest so far first, so that each kind gets its share."""
    for kind in sorted((k for k in EDITS if k not in without), key=lambda k: (made[k], source.draw.random())):
        edited = EDITS[kind](said, source)
        if edited and edited.casefold() != said.casefold():
            made[kind] += 1
            return kind, edited
    return None


def _around(sentences: Sequence[str], i: int, draw: random.Random) -> str:
    """The sentence alone, or with some that stand beside it."""
    if draw.random() < _ALONE_SHARE:
        return sentences[i]
    first, last = i - draw.randint(0, _NEIGHBOURS), i + draw.randint(0, _NEIGHBOURS)
    return " ".join(s for j, s in enumerate(sentences) if first <= j <= last and (j == i or len(s) < 400))


def _elsewhere(sentences: Sequence[str], i: int, draw: random.Random) -> str | None:
    places = [j for j in range(len(sentences)) if abs(j - i) > 2 * _NEIGHBOURS]
    return _around(sentences, draw.choice(places), draw) if places else None


def _passage(context: str, sentences: Sequence[tuple[int, int]], place: int, draw: random.Random) -> str:
    """The sentence that covers a character, with some that stand beside it."""
    at = next((k for k, (_, end) in enumerate(sentences) if end > place), None)
    if at is None:
        return context[:LEAD_CHARS]
    first = max(0, at - draw.randint(0, _NEIGHBOURS))
    last = min(len(sentences) - 1, at + draw.randint(0, _NEIGHBOURS))
    return context[sentences[first][0] : sentences[last][1]][: 2 * LEAD_CHARS]


_ASKS_FOR: tuple[tuple[str, AnswerKind], ...] = (
    (r"\b(?:kapan(?:kah)?|(?:pada )?(?:tahun|tanggal) berapa(?:kah)?|when|what year)\b", "time"),
    (r"\b(?:berapa(?:kah)?(?: banyak)?|how many|how much)\b", "quantity"),
    (r"\b(?:siapa(?:kah)?|who)\b", "person"),
    (r"(?<=\bdi )mana(?:kah)?\b|\bdi ?mana(?:kah)?\b|\bwhere\b", "place"),
    (r"\b(?:apa(?:kah)?|what|which)\b", "thing"),
)


def _answered(row: ReadingRow, answer: str, draw: random.Random) -> str:
    """The question with the answer in place of its question word, or behind it."""
    question = row.question.rstrip(" ?")
    for asks, _ in _ASKS_FOR:
        if (found := re.search(asks, question, re.IGNORECASE)) and draw.random() < 0.6:
            said = question[: found.start()] + answer + question[found.end() :]
            return said[:1].upper() + said[1:] + "."
    return f"{question}? {answer}."


def _rivals(quotation: str, answer: str, row: ReadingRow) -> list[str]:
    """Spans of the quotation of the kind that is asked for, none of which overlaps the answer's words."""
    asked: Iterator[AnswerKind] = (k for asks, k in _ASKS_FOR if re.search(asks, row.question, re.IGNORECASE))
    kind: AnswerKind = next(asked, "thing")
    taken = answer.casefold()
    spans = (quotation[a:b] for a, b in answer_spans(quotation, kind) if b - a <= 60)
    return [
        span
        for span in spans
        if span.casefold() not in taken
        and (not taken or taken not in span.casefold())
        and span.casefold() not in row.question.casefold()
        and not any(
            span.casefold() in text.casefold() or text.casefold() in span.casefold()
            for text, _ in row.answers
        )
    ]
