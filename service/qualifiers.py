"""What a question says of the thing it asks for, and a sentence says otherwise: the first of them or the
present one, the most or the least.

"Gubernur pertama" is no answer to who is governor now, nor the largest province one to which is the smallest.
A model that reads by what the words are about takes the two for the same. Words of either language count in
both.
"""

from __future__ import annotations

import re

from service.periods import asks_latest
from service.questions import Question
from service.terms import fold

_EXTREMES = (
    ("tinggi", "rendah", "highest tallest", "lowest shortest"),
    ("besar", "kecil", "largest biggest greatest", "smallest"),
    ("banyak", "sedikit", "most", "fewest least"),
    ("panjang", "pendek", "longest", "shortest"),
    ("luas", "sempit", "widest", "narrowest"),
    ("tua", "muda", "oldest", "youngest"),
    ("mahal", "murah", "costliest", "cheapest"),
    ("jauh", "dekat", "farthest furthest", "nearest closest"),
    ("cepat", "lambat", "fastest quickest", "slowest"),
    ("berat", "ringan", "heaviest", "lightest"),
    ("kaya", "miskin", "richest wealthiest", "poorest"),
    ("dalam", "dangkal", "deepest", "shallowest"),
    ("kuat", "lemah", "strongest", "weakest"),
    ("baik", "buruk", "best", "worst"),
)
"""Each two ends of one scale: an Indonesian word and its English superlatives."""
_REACH = r"(?:\W+\w+)?\W+"
"""At most one word between a qualifier and what it is said of: "gubernur yang pertama"."""
_FIRST = r"(?:pertama(?! kali)|perdana(?! menteri)|first(?! time))"
_PRESENT = r"(?:saat ini|sekarang|petahana|current|present|incumbent|terakhir)"
_FORMER = r"(?:mantan|bekas|eks|former|ex)"
_SUCCEEDS = re.compile(r"\b(?:(?:meng)?ganti\w*|penerus\w*|replac\w*|succe\w*|took over)\b")


def _end(indonesian: str, english: str) -> str:
    """A pattern of one end of a scale."""
    return rf"(?:ter{indonesian.removeprefix('r')}|paling {indonesian}|{english.replace(' ', '|')})"


_ENDS = tuple(
    pair
    for most, least, greatest, smallest in _EXTREMES
    for pair in ((_end(most, greatest), _end(least, smallest)), (_end(least, smallest), _end(most, greatest)))
)
"""Each end with the other one."""

_PAST = re.compile(r"\b(?:was|were|did|had|dulu|dahulu|pernah|saat itu|waktu itu|ketika|kala)\b")
_HEDGED = re.compile(
    r"\b(?:second|third|fourth|kedua|ketiga|keempat|one of|among|salah satu|once|pernah|sempat|until|hingga"
    r"|sampai|not|bukan|tidak|was|were|had)\b"
)
"""What has such a word is, or was, not itself the most."""


def asks_extreme(asked: Question) -> re.Pattern[str] | None:
    """The words of the end of a scale that is asked for ("gedung tertinggi", "the tallest building"), in both
    languages; None where none is, or that of an earlier time."""
    question = fold(asked.text)
    if _PAST.search(question):
        return None
    ends = (re.compile(rf"\b{end}\b") for end, _ in _ENDS)
    return next((end for end in ends if end.search(question)), None)


def is_extreme(end: re.Pattern[str], text: str) -> bool:
    """Whether a sentence says that something is at that end, and not that it was, or comes next to it."""
    return bool(end.search(fold(text))) and not _HEDGED.search(fold(text))


def says_otherwise(asked: Question, text: str) -> bool:
    """Whether a sentence tells of the other end of what the question asks for: of its words the sentence says
    what excludes it ("provinsi terkecil" of "provinsi mana yang terbesar?"), and nowhere the same."""
    question, sentence = fold(asked.text), fold(text)
    words = "|".join(rf"{re.escape(word.removesuffix('nya'))}(?:nya|e?s)?" for word in asked.words)
    asks_first = re.search(rf"\b{_FIRST}\b", question)
    if asks_latest(asked.text) and not asks_first:
        if _is_said(_FIRST, words, sentence) and not re.search(rf"\b{_PRESENT}\b", sentence):
            return True
        once = re.search(rf"\b{_FORMER}[ -](?:{words})\b", sentence)
        return once is not None and not _SUCCEEDS.search(sentence)
    if asks_first and _is_said(_PRESENT, words, sentence) and not re.search(rf"\b{_FIRST}\b", sentence):
        return True
    return any(
        re.search(rf"\b{wanted}\b", question)
        and not re.search(rf"\b{other}\b", question)
        and _is_said(other, words, sentence)
        and not re.search(rf"\b{wanted}\b", sentence)
        for wanted, other in _ENDS
    )


def _is_said(qualifier: str, words: str, sentence: str) -> bool:
    """Whether a qualifier stands before or behind one of the words."""
    return bool(
        re.search(rf"\b(?:{words}){_REACH}{qualifier}\b|\b{qualifier}{_REACH}(?:{words})\b", sentence)
    )
