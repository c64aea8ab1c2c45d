"""Text → search terms: folded, stemmed words and numbers that compare across notations."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import Stemmer

from service.values import read_numbers

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*", re.UNICODE)
_ALGORITHMS = {"id": "indonesian", "en": "english"}
_LARGE, _TOO_LARGE = 10_000, 10**18
_SMALL = 10
"""Numbers below it are in words in most articles, and in digits a term that tells little."""
_BEGINNING = 5
"""Letters of a word that make it the same: its endings differ."""
_SCALES = (10**12, 10**9, 10**6, 10**3)
_local = threading.local()

STOPWORDS = frozenset(
    """yang di ke dari dan atau pada untuk dengan dalam adalah ialah merupakan itu ini oleh sebagai telah
    sudah akan juga tidak bukan ada para karena bagi tersebut saja pun lah kah nya maupun serta secara
    antara hingga sampai atas bahwa agar bisa dapat siapa siapakah apa apakah kapan kapankah dimana
    dimanakah mana manakah berapa berapakah mengapa kenapa bagaimana bagaimanakah sebutkan jelaskan the
    a an of in on at to for from by with and or is are was were be been being it its this that these
    those as has have had do does did not no what who whom whose which when where why how many much can
    could will would may might shall should there their his her they he she into about than then also
    any""".split()
)
"""Words that carry no topic, in both languages, before stemming. Dropped from questions only."""


def fold(text: str) -> str:
    """`text` in lower case without diacritics and compatibility forms; its length may change."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def tokens(text: str) -> list[str]:
    """Folded words and numbers, in order. "16,83" and "16.83" are the same token."""
    return [
        t.replace(",", ".").replace("’", "'") if t[0].isdigit() else t.replace("’", "'")
        for t in _TOKEN.findall(fold(text))
    ]


def content_beginnings(text: str) -> list[str]:
    """The first letters of the words that tell something, in order: near to stems, in either language."""
    return [word[:_BEGINNING] for word in tokens(text) if word not in STOPWORDS]


@lru_cache(maxsize=200_000)
def stem(token: str, language: str) -> str:
    """The Snowball stem of a folded token; a language without a stemmer leaves it as it is."""
    algorithm = _ALGORITHMS.get(language)
    if algorithm is None or token[0].isdigit():
        return token
    stemmers = getattr(_local, "stemmers", None)
    if stemmers is None:  # a Stemmer object is not safe to share between threads
        stemmers = _local.stemmers = {}
    if algorithm not in stemmers:
        stemmers[algorithm] = Stemmer.Stemmer(algorithm)
    return str(stemmers[algorithm].stemWord(token))


def index_terms(text: str, language: str) -> list[str]:
    """The terms under which a text of this language is found, repeated as they occur."""
    return [stem(t, language) for t in tokens(text)]


def query_terms(question: str) -> list[str]:
    """The distinct terms to look for, in order of first appearance, in every language's stem.

    Stopwords are left out unless nothing else is there.
    """
    words = tokens(question)
    content = [w for w in words if w not in STOPWORDS] or words
    found: dict[str, None] = {}
    for word in content:
        for language in _ALGORITHMS:
            found[stem(word, language)] = None
    return list(found | dict.fromkeys(_number_terms(question)))


def _number_terms(question: str) -> list[str]:
    """The other ways to write the numbers of a question: "300 ribu" as "300.000", and back; "dua puluh" as
    "20"."""
    found = []
    for number in read_numbers(question):
        worded = question[number.span[0]].isalpha()
        for value in sorted(number.values):
            if worded and value.denominator == 1 and _SMALL <= value < _LARGE:
                found.append(str(value))
            if value.denominator == 1 and _LARGE <= value < _TOO_LARGE:
                whole = int(value)
                found += [f"{whole:,}".replace(",", "."), str(whole)]
                scale = next(s for s in _SCALES if whole >= s)
                scaled = f"{whole / scale:.2f}".rstrip("0").rstrip(".")
                found.append(scaled)
    return found
