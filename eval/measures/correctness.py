"""Does the answer hold the facts that a right answer holds?

A fact has several acceptable wordings. One is held where its words stand in the answer in order (after the
normalisation of SQuAD: case, punctuation, English articles; Rajpurkar et al. 2016), or where its numbers and
dates are all among the answer's, compared as values (`service.values`), and its other words are there too,
units and scales aside. `f1` is SQuAD's overlap of words with the best wording.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from service.values import Number, read_dates, read_numbers

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_VALUE_WORDS = frozenset(
    """rp us usd idr persen percent ratus ribu juta miliar milyar triliun hundred thousand million billion
    trillion dolar dollar dollars rupiah as orang jiwa people persons meter metres meters metre km kilometer
    kilometers kilometres kilogram kg ton tonnes tons hektare hektar hectares tahun years year hari days bulan
    months jam hours sekitar about around kira nearly almost hampir lebih dari more than over under sejak
    since pada in on sebanyak abad century""".split()
)


def normalise(text: str) -> str:
    """Lower case, without punctuation, diacritics, English articles and surplus spaces."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c if c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    return " ".join(_ARTICLES.sub(" ", kept).split())


def holds(answer: str, wording: str) -> bool:
    """Whether an answer has a fact in this wording."""
    given, wanted = normalise(answer), normalise(wording)
    if wanted and f" {wanted} " in f" {given} ":
        return True
    return _same_values(answer, wording)


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


def _same_values(answer: str, wording: str) -> bool:
    numbers, dates = read_numbers(wording), read_dates(wording)
    if not numbers and not dates:
        return False
    found_numbers, found_dates = read_numbers(answer), read_dates(answer)
    if not all(any(n.agrees(found) for found in found_numbers) for n in numbers):
        return False
    if not all(any(d.agrees(found) and _as_full(d, found) for found in found_dates) for d in dates):
        return False
    words = {w for w in normalise(wording).split() if not any(c.isdigit() for c in w)} - _VALUE_WORDS
    here = set(normalise(answer).split())
    return all(w in here or _is_value_word(w) for w in words)


def _as_full(wanted: object, found: object) -> bool:
    """Whether the date found tells all that the wanted one tells."""
    return all(
        getattr(wanted, part) is None or getattr(found, part) is not None for part in ("year", "month", "day")
    )


def _is_value_word(word: str) -> bool:
    """A month or a number in words is part of the value, not beside it."""
    return bool(read_dates(f"1 {word}")) or bool(_numbers(word))


def _numbers(word: str) -> list[Number]:
    return read_numbers(word)
