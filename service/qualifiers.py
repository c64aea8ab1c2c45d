"""What a question says of the thing it asks for, and a sentence says otherwise: the first of them or the
present one, the most or the least.

"Gubernur pertama" is no answer to who is governor now, nor the largest province one to which is the smallest.
A model that reads by what the words are about takes the two for the same. Words of either language count in
both.
"""

from __future__ import annotations

import re
from functools import lru_cache

from service.periods import asks_latest
from service.questions import Question
from service.terms import fold, tokens

_EXTREMES = (
    ("tinggi", "rendah", "highest tallest", "lowest shortest"),
    ("besar", "kecil", "largest biggest greatest", "smallest"),
    ("banyak", "sedikit", "most", "fewest least"),
    ("panjang", "pendek", "longest", "shortest"),
    ("luas", "sempit", "widest", "narrowest"),
    ("tua", "muda", "oldest eldest sulung", "youngest bungsu"),
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
_REACH = r"(?:\W+\w+){0,2}?(?:\W+yang)?\W+"
"""At most two words, and "yang", between a qualifier and what it is said of: "gubernur Bank Uji pertama"."""
_PERIODS = "pekan minggu hari bulan tahun kuartal triwulan semester babak tahap kasus gol gelar"
_FIRST = (
    "(?:" + "".join(rf"(?<!{word} )" for word in _PERIODS.split()) + r"pertama(?! kali)|perdana(?! menteri)"
    r"|first(?! time| quarter| half| week| day| month| year| round| case|[^.]* since))"
)
"""Not of a period or a case: "kuartal pertama" is of no office."""
_PRESENT = r"(?:saat ini|sekarang|petahana|current|present|incumbent)"
_LATEST = (
    rf"(?:{_PRESENT}|kini|currently|now|terbaru|terkini|terakhir|paling baru|latest|newest"
    r"|most recent(?:ly)?)"
)
_FORMER = r"(?:mantan|bekas|eks|former|ex)"
_SUCCEEDS = r"(?:(?:meng)?ganti\w*|(?:meng)?geser\w*|penerus\w*|replac\w*|succe\w*|took over)"


def _end(indonesian: str, english: str) -> str:
    """A pattern of one end of a scale."""
    # "Terlambat" is late, not the slowest.
    of_one_word = "" if indonesian == "lambat" else rf"ter{indonesian.removeprefix('r')}|"
    return (
        rf"(?:{of_one_word}paling {indonesian}(?!\W+(?:rp\W*)?\d)"
        rf"|(?<!at )(?<!not )(?:{english.replace(' ', '|')}))"
    )


_SCALES = [(_end(most, greatest), _end(least, smallest)) for most, least, greatest, smallest in _EXTREMES]
_ENDS = tuple(pair for one, other in _SCALES for pair in ((one, other), (other, one)))
"""Each end with the other one."""
_PAST = re.compile(r"\b(?:was|were|did|had|dulu|dahulu|pernah|saat itu|waktu itu|ketika|kala)\b")
_HEDGED = re.compile(
    r"\b(?:second|third|fourth|kedua|ketiga|keempat|one of|among|salah satu|once|pernah|sempat|until|hingga"
    r"|sampai|not|bukan|tidak|was|were|had|setelah|sesudah|after|behind|akan|bakal|rencana\w*|will|would|planned"
    r"|di luar|selain|outside|except|excluding|(?:tahun|bulan|pekan) ini|this (?:year|month|week)"
    r"|sepanjang)\b"
)
"""What has such a word is the most of less, or was, will be or comes next."""


@lru_cache(maxsize=256)
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
    excluding = _excluding(asked)
    sentence = fold(text) if excluding else ""
    return any(said.search(sentence) and not saved.search(sentence) for said, saved in excluding)


@lru_cache(maxsize=256)
def _excluding(asked: Question) -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    """What excludes a sentence of the question's words, and what in it saves it; kept, for every sentence
    that is compared is asked about."""
    question = fold(asked.text)
    names = asked.names - set(tokens(asked.text)[:1])  # a capital that opens the question says nothing
    said_of = [word for word in asked.words if word not in names] or asked.words
    words = "|".join(rf"{re.escape(word.removesuffix('nya'))}(?:nya|e?s)?" for word in said_of)

    def asks(qualifier: str) -> bool:
        return re.search(rf"\b{qualifier}\b", question) is not None

    pairs = [(other, wanted) for wanted, other in _ENDS if asks(wanted) and not asks(other)]
    found = []
    latest = asks_latest(asked.text)
    if asked.kind == "person" and asks(_FIRST) is not latest:
        pairs.append((_FIRST, _LATEST) if latest else (_PRESENT, _FIRST))
    if latest and not asks(_FORMER) and not asks("terakhir"):
        found.append((rf"\b{_FORMER}[ -](?:{words})\b", rf"(?:{_SUCCEEDS}|{_LATEST})"))
    found += [
        (rf"\b(?:{words}){_REACH}{other}\b|\b{other}{_REACH}(?:{words})\b", wanted) for other, wanted in pairs
    ]
    return [(re.compile(said), re.compile(rf"\b{saved}\b")) for said, saved in found]
