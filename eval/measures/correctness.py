"""Does the answer hold the facts that a right answer holds?

A fact has several acceptable wordings. One is held where its words stand in the answer in order (after the
normalisation of SQuAD: case, punctuation, English articles; Rajpurkar et al. 2016), or where its numbers and
dates are all among the answer's, compared as values (`service.values`), and its other words are there too,
units and scales aside. A number is one word with its marks and its sign: "3,5 persen" holds no "5 persen". A
mark within a word parts it or doesn't: "Alibaba's" holds "Alibaba", and "B.J. Habibie" "BJ Habibie". `f1` is
SQuAD's overlap of words with the best wording.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from service.values import lacks_value, read_dates, read_numbers

_ARTICLES = re.compile(r"(?:\b(?:a|an|the|The|THE)|\A\W*An?)\b(?=\s+\W*\w)")
"""Those of a word that follows: "vitamin A" and "Serie A" end with none."""
_WITHIN_WORD = re.compile(r"(?<=[^\W\d_])['’‘ʼ.](?=[^\W\d_])")
_MINUS = "\N{MINUS SIGN}"
_OPENS = r"(?<![^\s(\[“\"‘'])(?<!\d )"
_SIGN = re.compile(rf"{_OPENS}(?:minus |[-{_MINUS}])(?=\d)")
"""Behind nothing: "3-5", "5%-6%" and "10 -15" are ranges."""
_WORD = re.compile(rf"(?:{_OPENS}{_MINUS}(?=\d))?[^\W_]+(?:(?<=\d)[.,:](?=\d)[^\W_]+)*")
_MARKS = str.maketrans(",:", "..")
_VALUE_WORDS = frozenset(
    """rp us usd idr persen percent ratus ribu juta miliar milyar triliun hundred thousand million billion
    trillion dolar dollar dollars rupiah as orang jiwa people persons meter metres meters metre km kilometer
    kilometers kilometres kilogram kg ton tonnes tons hektare hektar hectares tahun years year hari days bulan
    months jam hours sekitar about around kira nearly almost hampir dari than sejak
    since pada in on sebanyak abad century""".split()
)


def normalise(text: str) -> str:
    """Lower case, without diacritics, English articles, surplus spaces and punctuation, but for the sign of a
    number and the marks in it, which are all a point: "3,5" and "3.5", "19:30" and "19.30" are the same."""
    folded = unicodedata.normalize("NFKD", _ARTICLES.sub(" ", text).casefold())
    kept = " ".join("".join(c for c in folded if not unicodedata.combining(c)).split())
    return " ".join(_WORD.findall(_SIGN.sub(_MINUS, kept))).translate(_MARKS)


def holds(answer: str, wording: str) -> bool:
    """Whether an answer has a fact in this wording."""
    joined = (_WITHIN_WORD.sub("", text) for text in (answer, wording))
    return _stands_in(answer, wording) or _stands_in(*joined) or _same_values(answer, wording)


def has_values(text: str, wanted: str) -> bool:
    """Whether there are numbers or dates in `wanted`, and all of them in the text, in any notation."""
    told = read_numbers(wanted) or read_dates(wanted)
    return bool(told) and not lacks_value(text, wanted) and not _turns_sign(text, wanted)


def fact_recall(answer: str, facts: Sequence[Sequence[str]]) -> float:
    """The share of facts that the answer holds, in [0, 1]; each fact is given by its wordings. Raises
    ValueError for no facts: what has no right answer has no recall."""
    if not facts:
        raise ValueError("no facts to look for")
    return sum(any(holds(answer, wording) for wording in wordings) for wordings in facts) / len(facts)


def f1(answer: str, wordings: Sequence[str]) -> float:
    """The best F1 of words in common with a wording, in [0, 1]."""
    return max(_f1(normalise(answer).split(), normalise(wording).split()) for wording in wordings)


def _f1(given: list[str], wanted: list[str]) -> float:
    if not given or not wanted:
        return float(given == wanted)
    common = sum((Counter(given) & Counter(wanted)).values())
    return 2.0 * common / (len(given) + len(wanted))


def _stands_in(answer: str, wording: str) -> bool:
    wanted = normalise(wording)
    return bool(wanted) and f" {wanted} " in f" {normalise(answer)} "


def _turns_sign(text: str, wanted: str) -> bool:
    """Whether a number of `wanted` is in the text below zero alone, or above it alone: `service.values` knows
    no sign."""
    here = set(normalise(text).split())
    asked = {word for word in normalise(wanted).split() if word.removeprefix(_MINUS)[0].isdigit()}
    other = {word.removeprefix(_MINUS) if word[0] == _MINUS else _MINUS + word for word in asked - here}
    return bool(other & here)


def _same_values(answer: str, wording: str) -> bool:
    if not has_values(answer, wording):
        return False
    words = {w for w in normalise(wording).split() if not any(c.isdigit() for c in w)} - _VALUE_WORDS
    here = set(normalise(answer).split())
    return all(w in here or _is_value_word(w) for w in words)


def _is_value_word(word: str) -> bool:
    """A month or a number in words is part of the value, not beside it."""
    return bool(read_dates(f"1 {word}")) or bool(read_numbers(word))
