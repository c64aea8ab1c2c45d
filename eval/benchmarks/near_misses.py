"""What a question typed otherwise costs: misspelt names, chat spellings, numbers and names in another form.

    python -m eval.benchmarks.near_misses [--show]

Every answerable dev question of the project is asked of an index of `corpus/` as it stands and, for each kind
of near miss that applies to it, changed in one place (seeded by the question, so that a run can be repeated).
Prints a Markdown table: the questions changed, recall@5 and the share answered with every fact of both
wordings, and the paired differences with 95 % intervals. The last row has no questions: numbers of the corpus
that have a scale or decimals are searched alone, as they are written and in the other language's notation,
and recall@5 is whether a passage with that number is among the first five. With `--show`, the changed
questions that lost their answer or a passage are printed too.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from eval.answerers import ServiceAnswerer, open_local, read_corpus
from eval.intervals import difference_interval, mean_interval
from eval.judges import ValueJudge
from eval.question_set import CHOSEN_BY, QUESTIONS, EvalQuestion, read_questions
from eval.scores import score
from service.language import detect_language
from service.records import Article
from service.settings import Settings
from service.terms import STOPWORDS, fold
from service.values import Number, read_numbers

SEED = 20261129
RECALL, RIGHT = "recall@5", "right"
_MEASURES = (RECALL, RIGHT)
_HEAD = (
    "| near miss | questions | recall@5, clean → changed | difference (95 %) | right, clean → changed "
    "| difference (95 %) |"
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NAME_LETTERS = 5
_NUMBERS = 120
_SEARCHED = 5
# As people type them, whether the service knows them or not.
_CHAT = {
    word: chat
    for chat, word in (
        pair.split(":")
        for pair in (
            "yg:yang brp:berapa gmn:bagaimana knp:mengapa knp:kenapa sapa:siapa kpn:kapan dmn:dimana "
            "dgn:dengan utk:untuk dlm:dalam dr:dari pd:pada smp:sampai stlh:setelah sblm:sebelum "
            "sjk:sejak tgl:tanggal thn:tahun mnrt:menurut jml:jumlah prtama:pertama org:orang "
            "aja:saja lbh:lebih gak:tidak bs:bisa bnyk:banyak adlh:adalah olh:oleh dn:dan wkt:waktu "
            "jd:jadi jg:juga ttg:tentang krn:karena sdh:sudah blm:belum msh:masih tsb:tersebut "
            "slh:salah bkn:bukan dpt:dapat tlh:telah pny:punya"
        ).split()
    )
}
_TENS_ID = "nol satu dua tiga empat lima enam tujuh delapan sembilan".split()
_ONES_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS_EN = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = {"ribu": "thousand", "juta": "million", "miliar": "billion", "triliun": "trillion"}
_SCALES |= {english: indonesian for indonesian, english in _SCALES.items()}
_WHOLE = re.compile(r"(?<![\w.,-])\d{1,3}(?![\w.,]*\d)(?![\w%])")
_SCALED = re.compile(rf"\b(\d+(?:[.,]\d+)?) ({'|'.join(_SCALES)})\b|\b(\d+[.,]\d{{1,2}})\b(?![.,]?\d)")
_BRACKETED = re.compile(r"((?:[\w’'-]+ ){1,8})\(([A-Z]{2,7})\)")

Draw = random.Random
Change = Callable[[EvalQuestion, Draw], str]
"""The question's text changed; the same where the kind doesn't apply."""


def mistype(word: str, at: int, draw: Draw) -> str:
    """The word with one letter swapped with its neighbour, left out, doubled or replaced, at a place."""
    letter, rest = word[at], word[at + 1 :]
    other = draw.choice([c for c in _LETTERS if c != letter.lower()])
    other = other.upper() if letter.isupper() else other
    swapped = f"{rest[:1]}{letter}{rest[1:]}"
    if letter.isupper():
        swapped = f"{rest[:1].upper()}{letter.lower()}{rest[1:]}"
    ways = [way for way in (swapped, rest, letter + letter.lower() + rest, other + rest) if way != word[at:]]
    mistyped = word[:at] + draw.choice(ways)
    return mistyped[:1].upper() + mistyped[1:] if word[0].isupper() else mistyped


def names_in(question: str) -> list[re.Match[str]]:
    """The capitalised words that are names: of five letters and more, the first one only before another."""
    words = list(re.finditer(r"[^\W\d_]+", question))
    return [
        word
        for word, following in zip(words, [*words[1:], None], strict=True)
        if word.group()[0].isupper()
        and not word.group().isupper()
        and len(word.group()) >= _NAME_LETTERS
        and fold(word.group()) not in STOPWORDS
        and (word.start() > 0 or (following is not None and following.group()[0].isupper()))
    ]


def name_mistyped(question: str, draw: Draw) -> str:
    names = names_in(question)
    if not names:
        return question
    name = draw.choice(names)
    changed = mistype(name.group(), draw.randrange(1, len(name.group()) - 1), draw)
    return question[: name.start()] + changed + question[name.end() :]


def name_mistyped_at_first_letter(question: str, draw: Draw) -> str:
    names = names_in(question)
    if not names:
        return question
    name = draw.choice(names)
    word = name.group()
    # A doubled first letter leaves the first letter as it is.
    changed = next(c for c in iter(lambda: mistype(word, 0, draw), "") if fold(c[0]) != fold(word[0]))
    return question[: name.start()] + changed + question[name.end() :]


def plain(question: str) -> str:
    """Lower case without diacritics and without punctuation, but for what stands inside a word or number."""
    return " ".join(re.sub(r"(?!(?<=\w)[.,'’-](?=\w))[^\w\s%$€]", " ", fold(question)).split())


def in_chat(question: str) -> str:
    """An Indonesian question with its function words in chat spelling, every one that is there."""
    joined = re.sub(r"\bdi mana\b", "dmn", question, flags=re.IGNORECASE)
    return re.sub(r"[^\W\d_]+", lambda m: _CHAT.get(m.group().lower(), m.group()), joined)


def capital(changed: str, question: str) -> str:
    """The changed question as a telephone's keyboard begins it; the question itself where it is the same."""
    return question if changed == question else changed[:1].upper() + changed[1:]


def in_words(number: int, language: str) -> str:
    """A whole number below a thousand in words."""
    if language == "en":
        if number < len(_ONES_EN):
            return _ONES_EN[number]
        if number < 100:
            tens, ones = divmod(number, 10)
            return _TENS_EN[tens] + (f"-{_ONES_EN[ones]}" if ones else "")
        hundreds, rest = divmod(number, 100)
        return f"{_ONES_EN[hundreds]} hundred" + (f" and {in_words(rest, language)}" if rest else "")
    if number < 10:
        return _TENS_ID[number]
    if number < 20:
        return {10: "sepuluh", 11: "sebelas"}.get(number, f"{_TENS_ID[number - 10]} belas")
    size, name = (10, "puluh") if number < 100 else (100, "ratus")
    first, rest = divmod(number, size)
    said = f"{_TENS_ID[first]} {name}" if first > 1 else f"se{name}"
    return said + (f" {in_words(rest, language)}" if rest else "")


def digits_in_words(question: str, language: str) -> str:
    return _WHOLE.sub(lambda match: in_words(int(match.group()), language), question)


def words_in_digits(question: str) -> str:
    for number in reversed(read_numbers(question)):
        start, end = number.span
        (value, *more) = number.values
        if question[start].isalpha() and not more and value.denominator == 1 and value > 1:
            question = f"{question[:start]}{value}{question[end:]}"
    return question


def in_other_notation(text: str) -> str:
    """Numbers with decimals or a scale, from either language's notation to the other's."""

    def other(match: re.Match[str]) -> str:
        digits = (match[1] or match[3]).translate(str.maketrans(",.", ".,"))
        return f"{digits} {_SCALES[match[2]]}" if match[2] else digits

    return _SCALED.sub(other, text)


def abbreviations(texts: Iterable[str]) -> dict[str, str]:
    """The full names that texts give before an abbreviation in brackets, by abbreviation."""
    found: dict[str, str] = {}
    for text in texts:
        for match in _BRACKETED.finditer(text):
            words, short = match[1].split(), match[2]
            full = words[-len(short) :]
            if len(full) == len(short) and "".join(w[0] for w in full).upper() == short:
                found.setdefault(short, " ".join(full))
    return found


def abbreviated(question: str, full_names: Mapping[str, str]) -> str:
    for short, full in full_names.items():
        question = re.sub(rf"\b{re.escape(full)}\b", short, question, flags=re.IGNORECASE)
    return question


def in_full(question: str, full_names: Mapping[str, str]) -> str:
    return re.sub(r"\b[A-Z]{2,7}\b", lambda m: full_names.get(m.group(), m.group()), question)


@dataclass(slots=True)
class Outcomes:
    """Clean and changed values of each measure, question by question, and what got worse."""

    clean: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in _MEASURES})
    changed: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in _MEASURES})
    worse: list[str] = field(default_factory=list)

    def add(self, typed: str, clean: Mapping[str, float], changed: Mapping[str, float]) -> None:
        for name in clean:
            self.clean[name].append(clean[name])
            self.changed[name].append(changed[name])
        if lost := [name for name in clean if changed[name] < clean[name]]:
            self.worse.append(f"{typed} ({', '.join(lost)})")

    def row(self, kind: str) -> str:
        cells = [kind, str(len(self.clean[RECALL]))]
        for name in _MEASURES:
            clean, changed = self.clean[name], self.changed[name]
            if not clean:
                cells += ["–", "–"]
                continue
            means = (mean_interval(values).mean for values in (clean, changed))
            cells += [" → ".join(f"{m:.3f}" for m in means), str(difference_interval(changed, clean))]
        return f"| {' | '.join(cells)} |"


def ask_changed(
    questions: Sequence[EvalQuestion],
    changes: Mapping[str, Change],
    values: Callable[[EvalQuestion], dict[str, float]],
) -> Iterable[tuple[str, Outcomes]]:
    """(kind, its outcomes), one kind after the other."""
    clean: dict[str, dict[str, float]] = {}
    for kind, change in changes.items():
        outcomes = Outcomes()
        for question in questions:
            typed = change(question, Draw(f"{SEED} {kind} {question.id}"))
            if typed == question.question:
                continue
            if question.id not in clean:
                clean[question.id] = values(question)
            outcomes.add(typed, clean[question.id], values(replace(question, question=typed)))
        yield kind, outcomes


def numbers_of(articles: Mapping[str, Article]) -> list[tuple[str, Number]]:
    """Numbers of the articles that have another notation, as they are written, each once, in random order."""
    found: dict[str, Number] = {}
    for article in articles.values():
        for match in _SCALED.finditer(article.text):
            numbers = read_numbers(match.group())
            if len(numbers) == 1:
                found.setdefault(match.group(), numbers[0])
    return Draw(SEED).sample(sorted(found.items()), min(_NUMBERS, len(found)))


def search_numbers(articles: Mapping[str, Article], search: Callable[[str], Sequence[str]]) -> Outcomes:
    """Each number searched alone, as it is written and in the other notation; `search` gives texts."""
    outcomes = Outcomes()
    for written, number in numbers_of(articles):
        typed = in_other_notation(written)
        hits = []
        for query in (written, typed):
            read = (n for text in search(query) for n in read_numbers(text))
            hits.append({RECALL: float(any(n.agrees(number) for n in read))})
        outcomes.add(f"{written} → {typed}, read as {detect_language(typed)}", hits[0], hits[1])
    return outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="the sample articles")
    parser.add_argument("--show", action="store_true", help="print the changed questions that got worse")
    given = parser.parse_args()
    articles = read_corpus(given.corpus)
    texts = {article.id: article.text for article in articles.values()}
    questions = [q for q in read_questions(CHOSEN_BY, QUESTIONS, texts) if q.answerable]
    full_names = abbreviations(texts.values())

    def chat(question: EvalQuestion) -> str:
        return in_chat(question.question) if question.language == "id" else question.question

    changes: dict[str, Change] = {
        "typo in a name": lambda q, draw: name_mistyped(q.question, draw),
        "typo in a name's first letter": lambda q, draw: name_mistyped_at_first_letter(q.question, draw),
        "lower case, no diacritics or punctuation": lambda q, _: plain(q.question),
        "chat spelling": lambda q, _: chat(q),
        "chat spelling after a capital": lambda q, _: capital(chat(q), q.question),
        "digits → words": lambda q, _: digits_in_words(q.question, q.language),
        "words → digits": lambda q, _: words_in_digits(q.question),
        "full name → abbreviation": lambda q, _: abbreviated(q.question, full_names),
        "abbreviation → full name": lambda q, _: in_full(q.question, full_names),
    }
    with open_local(articles, Settings()) as backend:
        answerer, judge = ServiceAnswerer(backend, "extractive"), ValueJudge()

        def values(question: EvalQuestion) -> dict[str, float]:
            response = answerer.ask(question)
            found = score(question, response, answerer.search(response.searched), articles, judge).values
            return {name: found[name] or 0.0 for name in _MEASURES}

        def search(query: str) -> list[str]:
            return [passage.text for passage in answerer.search(query)[:_SEARCHED]]

        sys.stdout.write(f"{_HEAD}\n{'|---' * 6}|\n")
        shown: list[str] = []
        numbers = ("a number alone, in the other notation", search_numbers(articles, search))
        for kind, outcomes in (*ask_changed(questions, changes, values), numbers):
            sys.stdout.write(outcomes.row(kind) + "\n")
            sys.stdout.flush()
            shown += [f"{kind}: {line}" for line in outcomes.worse]
        if given.show:
            sys.stdout.write("\n" + "\n".join(shown) + "\n")


if __name__ == "__main__":
    main()
