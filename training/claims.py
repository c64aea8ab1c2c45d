"""What the judge is trained on: sentences, quotations, and whether the one supports the other.

A `Claim` is a sentence and a quotation with a label of natural-language inference. Besides the rows of the
sets that people labelled (`nli_claims`):

- `edited_claims`: sentences of news against themselves or the words around them: reworded (supported), with
one edit of `training.edits`, or against another part of their article (not supported);
- `parallel_claims`: the same across the languages, on the sentence's translation;
- `answer_claims`: a question and its answer as a claim about the paragraph, and with a wrong answer of the
same kind;
- `lead_claims`: an article's first sentence against what follows it, and against another article;
- `title_claims`: a headline against the beginning of its article, and of another on the same topic;
- `written_claims`: sentences that were written for this (`training.written`), against what they say in other
words, alone and among other sentences of the article, and supported ones against another article.
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
from service.support import denies, gather
from service.terms import STOPWORDS, content_beginnings, tokens
from service.values import lacks_value
from training.data import LEAD_CHARS, News, Parallel, ReadingRow, is_held_out, read_nli
from training.edits import EDITS, Source, names_of, reword
from training.written import WrittenClaim

Label = Literal["entailment", "neutral", "contradiction", "unsupported"]
"""Supported is entailment alone; "unsupported" is one of the other two, nobody said which."""

REWORDED = "reworded"
"""The kind of a supported claim in other words."""
LEAD, ANOTHER_LEAD = "lead", "another lead"
"""The kinds of an article's first sentence on what follows it, and on another article."""
WRITTEN = "written "
"""What the kind of a written claim begins with."""
WRITTEN_ELSEWHERE = f"{WRITTEN}elsewhere"
"""The kind of a written claim on another article."""
TRANSLATED = "translation"
"""The kind of a claim that its quotation supports in the other language."""
_SAME_EVENT = 3
"""Names in common from which on two articles may tell of the same event."""
_SHORTEST, _LONGEST = 40, 300
"""Characters of a sentence that is edited."""
_READ_CHARS, _FEWEST_SENTENCES = 6_000, 6
"""Of an article whose first sentence is taken."""
_LOST_WORD = re.compile(r"^[^A-Z\d\"“‘']|[,;]{2}|[^\W\d],[^\W\d]|\s[,.;]")
_EDITED_LEADS = 0.5
_SHARED_WORDS = 0.6
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
    names = _names(read)
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


def written_claims(claims: Sequence[WrittenClaim], longest: int, draw: random.Random) -> Iterator[Claim]:
    """Each claim on its evidence, and on that among other sentences of its article, in the article's order,
    at most `longest` characters; and a supported one on as much of the article of its language that shares
    most words with it, of those that tell of another event, unless that may support it."""
    articles = {claim.article.id: claim.article for claim in claims}
    words = {key: set(tokens(article.text)) for key, article in articles.items()}
    names = {key: set(names_of(article.text)) for key, article in articles.items()}
    places = {
        key: [(s.start, s.end) for s in split_sentences(article.text) if s.kind == "sentence"]
        for key, article in articles.items()
    }
    for claim in claims:
        text = claim.article.text
        label: Label = "entailment" if claim.supported else "unsupported"
        crosses = claim.language != claim.article.language
        sentences = places[claim.article.id]
        needed = {
            place for place in sentences if any(a < place[1] and place[0] < b for a, b in claim.evidence)
        }
        chosen = set(needed)
        for place in draw.sample(sentences, len(sentences)):
            if sum(end - start + 1 for start, end in chosen | {place}) <= longest:
                chosen.add(place)
        for some in (needed, chosen):
            quotation = " ".join(text[start:end] for start, end in sorted(some))
            yield Claim(WRITTEN + claim.kind, claim.sentence, quotation, label, claim.language, crosses)
        if claim.supported and not crosses:
            own = claim.article.id
            others = [
                key
                for key, article in articles.items()
                if key != own
                and article.language == claim.language
                and len(names[own] & names[key]) < _SAME_EVENT
            ]
            if not others:
                continue
            said = set(tokens(claim.sentence)) - STOPWORDS
            alike = articles[max(others, key=lambda key: len(said & words[key]))]
            quotation = draw.choice((closest, scattered))(claim.sentence, alike.text, longest)
            if not _may_support(quotation, claim.sentence):
                yield Claim(WRITTEN_ELSEWHERE, claim.sentence, quotation, "neutral", claim.language)


def title_claims(articles: Sequence[News], draw: random.Random) -> Iterator[Claim]:
    """Each headline against its article, and against one that shares words with it."""
    headlines = _Headlines([article.title for article in articles])
    for i, article in enumerate(articles):
        if len(article.title) < _SHORTEST or len(article.text) < LEAD_CHARS // 2:
            continue
        yield Claim("title", article.title, article.text[:LEAD_CHARS], "entailment", article.language)
        if rivals := headlines.like(i, draw):
            other = articles[draw.choice(rivals)]
            yield Claim("another title", article.title, other.text[:LEAD_CHARS], "neutral", article.language)


class _Headlines:
    """Which of some headlines share words."""

    def __init__(self, titles: Sequence[str]) -> None:
        self._words = [
            frozenset(t for t in tokens(title) if t not in STOPWORDS and len(t) > 3) for title in titles
        ]
        self._having: dict[str, list[int]] = defaultdict(list)
        for i, some in enumerate(self._words):
            for word in some:
                self._having[word].append(i)

    def like(self, i: int, draw: random.Random) -> list[int]:
        """The places of up to five others that share most words with one, two at least, and lack two."""
        own = self._words[i]
        shared = Counter(
            j
            for word in sorted(own)
            for j in draw.sample(self._having[word], min(30, len(self._having[word])))
            if j != i
        )
        return [j for j, n in shared.most_common(5) if n >= 2 and len(own - self._words[j]) >= 2]


def lead_claims(
    articles: Sequence[News], longest: int, draw: random.Random, without: Collection[str] = ()
) -> Iterator[Claim]:
    """The first sentence of an article, which tells in other words what follows, on at most `longest`
    characters of the rest that may support it: as it is, and half the time with an edit; and on those of up
    to two other articles whose headlines share words with its own, which may not. `without` names edits that
    aren't made."""
    read = [(article, _sentences(article.text[:_READ_CHARS])) for article in articles]
    names = _names(read)
    uses = Counter(some[0] for _, some in read if some)
    headlines = _Headlines([article.title for article in articles])
    rests = [" ".join(some[1:]) if len(some) >= _FEWEST_SENTENCES else "" for _, some in read]
    made: Counter[str] = Counter()
    for i, (article, some) in enumerate(read):
        # What several articles begin with is the page's, not theirs.
        if not rests[i] or not _is_whole(some[0]) or uses[some[0]] > 1:
            continue
        lead, pick = some[0], draw.choice((closest, scattered))
        quotation = pick(lead, rests[i], longest)
        if not _may_support(quotation, lead):
            continue
        yield Claim(LEAD, lead, quotation, "entailment", article.language)
        source = Source(article.language, names[article.language] or [""], draw)
        if draw.random() < _EDITED_LEADS and (edited := _edit(lead, source, made, without)):
            yield Claim(edited[0], edited[1], quotation, "unsupported", article.language)
        others = [j for j in headlines.like(i, draw) if rests[j]]
        for j in draw.sample(others, min(2, len(others))):
            other = pick(lead, rests[j], longest)
            if not _may_support(other, lead):
                yield Claim(ANOTHER_LEAD, lead, other, "neutral", article.language)


def _names(read: Iterable[tuple[News, Sequence[str]]]) -> dict[str, list[str]]:
    """The names in sentences of news, by language."""
    found: dict[str, list[str]] = {"id": [], "en": []}
    for article, sentences in read:
        found[article.language] += [name for sentence in sentences for name in names_of(sentence)]
    return found


def _is_whole(sentence: str) -> bool:
    """Of usual length, and without the traces of words that were lost when the page was read."""
    return _SHORTEST <= len(sentence) <= _LONGEST and not _LOST_WORD.search(sentence)


def _may_support(text: str, sentence: str) -> bool:
    """Whether it has the names, numbers and units of the sentence, and three of five of its words."""
    if denies(text, sentence) or lacks_value(text, sentence):
        return False
    here, words = set(content_beginnings(text)), content_beginnings(sentence)
    return sum(word in here for word in words) >= _SHARED_WORDS * len(words)


def scattered(sentence: str, document: str, longest: int) -> str:
    """The sentences, wherever they stand and at most `longest` characters, that together have most of the
    sentence's words."""
    sentences = _sentences(document) or [document]
    having = [set(tokens(one)) for one in sentences]
    sizes = [len(one) + 1 for one in sentences]
    chosen = gather(having, sizes, longest + 1, set(tokens(sentence)) - STOPWORDS)
    return " ".join(sentences[i] for i in chosen) or sentences[0][:longest]


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
