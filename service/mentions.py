"""Text → the names, dates and abbreviations that it mentions, as a question or a news answer writes them.

A name is a row of capitalised words; what is capitalised for another reason, because it opens the question or
is a date or an office, is told apart as far as rules go.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.calendar_names import MONTH_NAMES, WEEKDAYS
from service.periods import relative_phrases, without_relative
from service.terms import STOPWORDS, fold, tokens

_WORD = r"(?:(?:[A-Z]\.)+(?!\w)|[A-Z][\w’'.-]*\w|[A-Z])"
NAME = re.compile(rf"\b{_WORD}(?:\s+(?:(?:of|the|van|de|bin|binti|al)\s+)?(?:{_WORD}|\d+))*")
QUESTION_WORD = (
    r"(?:(?:apa|siapa|kapan|mana|berapa|mengapa|kenapa|bagaimana)(?:kah)?|gimana|seberapa|dimana(?:kah)?)"
)
STATEMENT = "kata|tanggapan|respons?|reaksi|komentar|pendapat|sikap|pernyataan|penjelasan"
# Before a speaker's name: "menteri keuangan".
TITLE = r"(?:(?!(?:soal|tentang|mengenai|terhadap|atas|pada|di|dari|untuk)\b)(?-i:[a-z]+)\s+){0,2}"
# Offices that what they are held in may follow, unlike "Raja": "Gubernur Bali", "Mayor of London".
OFFICES = (
    "(?:wa)?pres(?:iden)?|menteri|gubernur|bupati|wali ?kota|ketua|kepala|direktur|dirut|ceo|panglima|kapolri"
    "|pelatih|dubes|duta besar|president|minister|governor|mayor|chair(?:man|woman)?|director|coach"
    "|ambassador"
)
_OFFICE = re.compile(
    rf"(?:(?:wakil|mantan|former|vice|deputy|(?P<prime>perdana|prime))\s+)?(?:{OFFICES})\b"
    r"(?:\s+(?:umum|utama|jenderal|agung)\b)?\s*",
    re.IGNORECASE,
)
_MINISTER = re.compile(r"\b(?:menteri|minister)\b", re.IGNORECASE)
_CAPITALISED_ANYWAY = STOPWORDS | frozenset(
    {"lalu", "dan", "and", "kalau", "bagaimana", "menurut", "sejak", "lebih"}
)
_CALENDAR = WEEKDAYS.keys() | MONTH_NAMES.keys()
_DATE_UNITS = frozenset("tanggal bulan tahun month year".split())
_MONTH = "|".join(sorted(MONTH_NAMES.keys() - {"mei", "may"})) + "|(?-i:Mei|May)"
DATE = re.compile(
    rf"\b(?:(?P<month>(?:\d{{1,2}}\s+)?(?:{_MONTH})(?:\s+\d{{1,2}}\b,?)?)(?:\s+(?P<its_year>\d{{4}}))?"
    r"|(?P<year>(?:1[5-9]|20)\d\d))\b",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(r"\b(?!APA\b|MANA\b)[A-Z]{2,4}\b")  # a longer word may be in capitals for stress
_LONGEST_NAME = 80
_LONGEST_TIME = 40


def find_names(text: str) -> list[str]:
    """Capitalised names in text order, each once; a date ("18 Februari 1930") is none. A lone capital at the
    beginning counts for little: it comes last, and not at all in a question that has others."""
    found: dict[str, None] = {}
    opening: list[str] = []
    shouted = text.isupper()
    for match in NAME.finditer(text):
        words = name_words(match, shouted)
        name = " ".join(words)
        if name and len(name) <= _LONGEST_NAME and name not in found and not is_date(tokens(name)):
            if _at_opening(match) and len(words) == 1:
                opening.append(name)
            else:
                found[name] = None
    return list(found) or opening


def name_words(match: re.Match[str], shouted: bool) -> list[str]:
    """The words of a name, less what is capitalised anyway."""
    words = match.group().split()
    while (
        words and fold(words[0]).strip(".'’-") in _CAPITALISED_ANYWAY and not abbreviates(words[0], shouted)
    ):
        words.pop(0)
    return words


def _at_opening(match: re.Match[str]) -> bool:
    return not match.string[: match.start()].strip(" \"'“‘")


def opens(match: re.Match[str]) -> bool:
    """Whether it is one word that may have its capital from opening the question."""
    return _at_opening(match) and " " not in match.group()


def split_office(name: str) -> tuple[str, str]:
    """The office that a name opens with, and where it is: "CEO of " and "Nvidia", "Ketua " and "KPK".
    One is empty for other names, the other where it can't be told: a minister's field comes before."""
    office = _OFFICE.match(name)
    if not office:
        return "", name
    of = name.rfind(" of ")
    if of < 0 and not office["prime"] and _MINISTER.search(office.group()):
        return name, ""
    end = of + len(" of ") if of >= 0 else office.end()
    return name[:end], name[end:]


def other_words(text: str) -> list[str]:
    """Content words that are no names and no dates."""
    words = [word for word in tokens(NAME.sub(" ", text)) if word not in STOPWORDS]
    return [word for word in words if word not in _DATE_UNITS and not is_date([word])]


def find_times(text: str) -> list[re.Match[str]]:
    """Dates, and times that are told relative to today."""
    relative = relative_phrases(text)
    return [*relative, *DATE.finditer(without_relative(text))]


def is_time(text: str) -> bool:
    """Whether it says when and nothing else."""
    bare = text.strip(" ?.!")
    if len(bare) > _LONGEST_TIME:
        return False
    words = [word for word in tokens(bare) if word not in STOPWORDS] or tokens(bare)
    return is_date(words) or any(m.group() == bare for m in relative_phrases(bare))


def is_date(words: Sequence[str]) -> bool:
    """Whether folded words are months, days of the week and figures alone, or "tahun" with them."""
    told = [word for word in words if word not in _DATE_UNITS]
    return bool(told) and all(word in _CALENDAR or word.isdigit() for word in told)


def abbreviates(word: str, shouted: bool) -> bool:
    """Whether the capitals say that it is no word ("WHO", "AS"); they don't where all is `shouted`."""
    return not shouted and bool(_ABBREVIATION.fullmatch(word))


def without_abbreviations(text: str) -> str:
    """The text with X for the letters of its abbreviations, for they are no pronouns; offsets stay."""
    return text if text.isupper() else _ABBREVIATION.sub(lambda m: "X" * len(m.group()), text)
