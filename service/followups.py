"""A question that leans on the ones before it → a question that can be searched alone.

"Umur berapa dia waktu itu?" after "Siapa yang menemukan Pluto?" and its answer becomes "Umur berapa Clyde
Tombaugh waktu itu? (menemukan Pluto)": a pronoun gives way to the name that it stands for, "What about X?"
becomes the last question with X in it, and the last topic is carried over in brackets. Rules in the open
rather than a model: what was carried can be read off `searched`, and words too many cost a search little.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.language import detect_language
from service.periods import relative_phrases, without_relative
from service.questions import understand
from service.terms import STOPWORDS, fold, tokens

_OPENING = re.compile(
    r"\W*(?:(?:lalu|terus|trus|kemudian|nah|dan|oke|ok|and|so|then|but|tapi)\b[\s,]*)+", re.IGNORECASE
)
_WHAT_ABOUT = re.compile(
    r"\W*(?:(?:lalu|terus|dan|and|so|tapi|but)[\s,]+)?"
    r"(?:(?:bagaimana|gimana)(?: (?:dengan|kalau|soal))?|kalau|(?:what|how) about)\s+(?P<rest>[^?]+?)\W*",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(?:ia|dia|beliau|he|she|him|her)\b", re.IGNORECASE)
_POSSESSIVE = re.compile(r"\b(?:his|her|its|their)(?=\s+\w)", re.IGNORECASE)
_ITS = re.compile(r"\bits\s+(\w+)", re.IGNORECASE)
_PLURAL = re.compile(
    r"\b(?:mereka(?: ber(?:dua|tiga))?|keduanya|ketiganya|(?:(?:the two|both|all) of )?(?:them|they))\b",
    re.IGNORECASE,
)
_THING = re.compile(r"\b[Ii]t\b")  # not IT, information technology
_SUFFIX = re.compile(r"\b([^\W\d_]{3,}?)nya\b", re.IGNORECASE)
_NO_SUFFIX = frozenset(
    """ha biasa umum misal akhir sebenar pu ta karena apa berapa kira rupa tampak agak semesti seharus setidak
    selanjut sebelum sesudah sebaik sepenuh sesungguh khusus mulanya awal ba sela satu berta nyo ada kali
    terjadi""".split()
)
_WHO = re.compile(r"\b(?:siapa(?:kah)?|who|whom)\b", re.IGNORECASE)
_OF_THINGS = frozenset(
    """anggaran biaya harga isi kapasitas kecepatan kedalaman ketinggian lebar letak lokasi luas panjang
    pembangunan peresmian suhu tarif tiket volume area budget capacity construction cost depth height length
    location price speed temperature width""".split()
)
"""What things have and people have not, so that it is not the answer to "who" that has them."""
_POINTING = re.compile(
    r"\b(?:(?<!apa )(?<!apakah )(?<!siapa )(?<!siapakah )itu|itu(?=\W*$)|tersebut|tadi"
    r"|di ?sana|di ?situ|that|this|those|these|there|then|ones?|the (?:two|three)|both"
    r"|(?:yang|the) (?:pertama|kedua|ketiga|first|second|third)"
    r"|(?:setelah|sebelum)(?:nya)?(?=\W*$))\b",
    re.IGNORECASE,
)
_WORD = r"(?:(?:[A-Z]\.)+(?!\w)|[A-Z][\w’'.-]*\w|[A-Z])"
_NAME = re.compile(rf"\b{_WORD}(?:\s+(?:(?:of|the|van|de|bin|binti|al)\s+)?(?:{_WORD}|\d+))*")
_CAPITALISED_ANYWAY = STOPWORDS | frozenset(
    {"lalu", "dan", "and", "kalau", "bagaimana", "menurut", "sejak", "lebih"}
)
_WEEKDAYS = frozenset(
    """senin selasa rabu kamis jumat sabtu minggu monday tuesday wednesday thursday friday saturday
    sunday""".split()
)
_CALENDAR = _WEEKDAYS | frozenset(
    """januari februari maret april mei juni juli agustus september oktober november desember january february
    march may june july august october december""".split()
)
_MONTH = "|".join(sorted(_CALENDAR - {"mei", "may"} - _WEEKDAYS)) + "|(?-i:Mei|May)"
_DATE = re.compile(
    rf"\b(?:(?P<month>(?:\d{{1,2}}\s+)?(?:{_MONTH})(?:\s+\d{{1,2}}\b,?)?)(?:\s+(?P<its_year>\d{{4}}))?"
    r"|(?P<year>(?:1[5-9]|20)\d\d))\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:the|a|an)\s+", re.IGNORECASE)
_FEW_WORDS = 3
_TOPIC_WORDS = 10
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question and its answer."""

    question: str
    answer: str


class _Antecedent(NamedTuple):
    """What a pronoun may stand for; a `person` where it was the answer to "who"."""

    name: str
    person: bool


def stand_alone(question: str, turns: Sequence[Turn]) -> str:
    """The question, made self-contained by the turns before it (oldest first); itself where it leans on
    none of them."""
    previous = ""
    names: list[_Antecedent] = []
    for turn in turns:
        previous = _complete(turn.question, previous, names)
        names = _antecedents(previous, turn.answer, names)
    return _complete(question, previous, names)


def leans(question: str) -> bool:
    """Whether it has a pronoun, points at something said, opens as a continuation, or names nothing."""
    if _OPENING.match(question) or _WHAT_ABOUT.fullmatch(question):
        return True
    if any(p.search(question) for p in (_PERSON, _POSSESSIVE, _PLURAL, _THING)):
        return True
    if _POINTING.search(question) or _owned(question):
        return True
    asked = understand(question)
    if _is_time(question):
        return True
    return not asked.names and not asked.defines and len(asked.words) <= _FEW_WORDS


def _complete(question: str, previous: str, names: Sequence[_Antecedent]) -> str:
    if not previous or not leans(question):
        return question
    about = _WHAT_ABOUT.fullmatch(question)
    if about and understand(about["rest"]).kind == "thing":
        return _exchanged(previous, about["rest"])
    if _is_time(question):
        return _exchanged(previous, question.strip(" ?"))
    asked = _OPENING.sub("", question, count=1) if _OPENING.match(question) else question
    asked = asked[:1].upper() + asked[1:]
    if names:
        asked = _named(asked, names)
    topic = _topic(previous, asked)
    if not topic and fold(asked) == fold(question):
        return question  # nothing was carried over
    return f"{asked} ({topic})" if topic else asked


def _named(question: str, antecedents: Sequence[_Antecedent]) -> str:
    """The question with its first pronoun giving way to the likeliest name, a plural one to the first two."""
    name, _ = antecedents[0]
    both = (" dan " if detect_language(question) == "id" else " and ").join(n for n, _ in antecedents[:2])
    its = _ITS.search(question)
    for pattern, stands in (
        (_POSSESSIVE, f"{_owner(its[1], antecedents) if its else name}'s"),
        (_PERSON, name),
        (_PLURAL, both),
        (_THING, name),
    ):
        if pattern.search(question):
            return pattern.sub(stands.replace("\\", ""), question, count=1)
    if owned := _owned(question):
        return f"{question[: owned.end(1)]} {_owner(owned[1], antecedents)}{question[owned.end() :]}"
    return question


def _owner(noun: str, antecedents: Sequence[_Antecedent]) -> str:
    """The likeliest owner of what the noun says."""
    of_things = fold(noun) in _OF_THINGS
    return next((a.name for a in antecedents if not (of_things and a.person)), antecedents[0].name)


def _owned(question: str) -> re.Match[str] | None:
    """The first word with the suffix -nya that owns something ("nilainya"); what is owned by a name that
    follows ("runtuhnya Majapahit") is not owned by what was said before."""
    return next(
        (
            m
            for m in _SUFFIX.finditer(question)
            if fold(m[1]) not in _NO_SUFFIX and not re.match(r"\s+[A-Z]", question[m.end() :])
        ),
        None,
    )


def _exchanged(previous: str, rest: str) -> str:
    """The previous question about something else: its one name or date exchanged, or the other appended."""
    earlier = _bare(previous)
    if _is_time(rest) and (dated := _redated(earlier, rest)):
        return dated
    names = _names(earlier)
    if len(names) == 1 and _names(rest):
        before, _, after = earlier.partition(names[0])
        told = _ARTICLE.sub("", rest, count=1) if _ARTICLE.search(before[-4:]) else rest
        return f"{before}{told}{after}"
    return f"{earlier.rstrip(' ?')} ({rest})?"


def _redated(question: str, when: str) -> str | None:
    """The question with its one date, or "last week", exchanged; of a month alone the year stays, of a year
    alone the day and month. None where the question has no date, or several."""
    dates, others = _times(question), _times(when)
    if len(dates) != 1 or len(others) != 1:
        return None
    here, other = dates[0], others[0]
    part: str | int = 0  # the whole: one that is told relative to today has no parts
    if here.re is other.re is _DATE:
        if other["month"] and here["month"] and not other["its_year"]:
            part = "month"
        elif other["year"] and here["its_year"]:
            part = "its_year"
    start, end = here.span(part)
    return f"{question[:start]}{other.group()}{question[end:]}"


def _times(text: str) -> list[re.Match[str]]:
    """Dates, and times that are told relative to today."""
    relative = relative_phrases(text)
    return [*relative, *_DATE.finditer(without_relative(text))]


def _antecedents(question: str, answer: str, before: Sequence[_Antecedent]) -> list[_Antecedent]:
    """What a pronoun in the next question most likely stands for, likeliest first."""
    who = bool(_WHO.search(question))
    asked = [_Antecedent(name, False) for name in _names(_bare(question))]
    fresh = [
        _Antecedent(name, who)
        for name in _names(answer)
        if not any(name in known.name or known.name in name for known in asked)
    ]
    if understand(question).kind == "person":
        return [*fresh, *asked, *before]
    return [*asked, *before, *fresh]


def _topic(previous: str, asked: str) -> str:
    """The previous question's content words that the new one lacks, as they were written. "Last week" is not
    carried, for it would hide whatever was published at another time, nor a date where the new one has its
    own."""
    previous = without_relative(previous)
    if _times(asked):
        previous = _DATE.sub(" ", previous)
    here = set(tokens(asked.replace("'s", "")))
    kept = []
    for word in re.findall(r"[\w’'.-]*\w", previous):
        folded = set(tokens(word))
        if folded and not folded <= (here | STOPWORDS):
            kept.append(word)
            here |= folded
    return " ".join(kept[:_TOPIC_WORDS])


def _bare(question: str) -> str:
    """Without what was carried over in brackets."""
    return re.sub(r"\s*\([^)]*\)$", "", question)


def _is_time(text: str) -> bool:
    """Whether it says when and nothing else."""
    bare = text.strip(" ?.!")
    return _is_date(understand(text).words) or any(m.group() == bare for m in relative_phrases(bare))


def _is_date(words: Sequence[str]) -> bool:
    """Whether folded words are months, days of the week and figures alone."""
    return bool(words) and all(word in _CALENDAR or word.isdigit() for word in words)


def _names(text: str) -> list[str]:
    """Capitalised names in text order, each once; a date ("18 Februari 1930") is none. A lone capital at the
    beginning counts for little: it comes last, and not at all in a question that has others."""
    found: list[str] = []
    opening: list[str] = []
    for match in _NAME.finditer(text):
        words = match.group().split()
        while words and fold(words[0]).strip(".'’-") in _CAPITALISED_ANYWAY:
            words.pop(0)
        name = " ".join(words)
        if name and len(name) <= _LONGEST_NAME and name not in found and not _is_date(tokens(name)):
            lone = not text[: match.start()].strip(" \"'“‘") and len(words) == 1
            (opening if lone else found).append(name)
    return found or opening
