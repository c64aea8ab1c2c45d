"""When a question is about: "minggu lalu", "pada 2019", "latest", relative to the day it is asked on.

A relative day, week or month bounds when an article that answers was published; a relative year is said in
figures, because articles on it are written later too ("inflasi tahun lalu" is found as "inflasi tahun 2025");
a date in figures is left to search, which finds it as a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from service.values import read_numbers

Unit = Literal["day", "week", "month", "year"]

_UNITS: dict[str, Unit] = {
    "hari": "day", "day": "day", "days": "day", "minggu": "week", "pekan": "week", "week": "week",
    "weeks": "week", "bulan": "month", "month": "month", "months": "month", "tahun": "year", "year": "year",
    "years": "year",
}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_COUNT = (
    r"\d{1,3}|se|satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh"
    r"|one|two|three|four|five|six|seven|eight|nine|ten"
)
_RELATIVE = re.compile(
    r"\b(?:(?P<day>hari ini|today|kemarin lusa|kemarin|yesterday|semalam|tadi malam|last night)"
    rf"|(?P<this>{_UNIT})\s+ini|this\s+(?P<this_en>{_UNIT})"
    rf"|(?<![\d.,])(?P<count>{_COUNT})\s*(?P<ago>{_UNIT})\s+(?:yang\s+)?(?:lalu|silam|ago)"
    rf"|(?P<last>{_UNIT})\s+(?:yang\s+)?(?:lalu|kemarin)|last\s+(?P<last_en>{_UNIT})"
    rf"|(?P<span>{_COUNT})\s*(?P<span_unit>{_UNIT})\s+(?:belakangan|terakhir)"
    rf"|(?:past|last)\s+(?P<span_en>{_COUNT})\s+(?P<span_unit_en>{_UNIT}))\b",
    re.IGNORECASE,
)
_OTHER_COUNT = re.compile(
    r"(?:\d[.,]?|\b(?:belas|puluh|ratus|ribu|juta|miliar|triliun|puluhan|belasan|ratusan|ribuan|jutaan|miliaran"
    r"|beberapa|sekian|hundred|thousand|million|billion|few|several|many))[\s-]*$",
    re.IGNORECASE,
)
"""Before a phrase: the number of units is another one than the phrase says, or not told."""
_LATEST = re.compile(
    r"\b(?:terbaru|terkini|terakhir|paling baru|saat ini|sekarang|kini|sejauh ini|sampai sekarang"
    r"|latest|newest|most recent(?:ly)?|current(?:ly)?|now|so far|up to date)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"\b(?:pada|di|dalam|sejak|in|during|since)\s+(?:tahun\s+|the year\s+)?((?:1[5-9]|20)\d{2})\b",
    re.IGNORECASE,
)
_NEWS = re.compile(r"\b(?:berita|kabar|terjadi|peristiwa|news|headlines?|happen\w*|events?)\b", re.IGNORECASE)
_TODAY = frozenset({"hari ini", "today"})
_DAYS_AGO = {"hari ini": 0, "today": 0, "kemarin lusa": 2}
# A story of one day, week or month is often printed when it is over.
_PRINTED_LATER = {"day": timedelta(days=1), "week": timedelta(days=2), "month": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Period:
    """A phrase of a question and the days that it means, both inclusive (ISO 8601)."""

    phrase: str
    first: str
    last: str

    @property
    def meaning(self) -> str:
        return self.first if self.first == self.last else f"{self.first}/{self.last}"


@dataclass(frozen=True, slots=True)
class Timing:
    """What a question says about time.

    `text` is the question with relative years in figures. `published` bounds the publication, with a day
    to a week beyond the period for stories that are printed when it is over; None where nothing does.
    `periods` are what was understood, in text order. `latest` is the phrase that asks for the newest.
    """

    text: str
    periods: tuple[Period, ...] = ()
    published: tuple[str, str] | None = None
    latest: str | None = None


def understand_time(question: str, now: date) -> Timing:
    """What the question says about time, asked on the day `now`."""
    periods: list[Period] = []
    published: tuple[str, str] | None = None
    text, at = "", 0
    for match in relative_phrases(question):
        first, last, unit = _days(match, now)
        periods.append(Period(match.group(), first.isoformat(), last.isoformat()))
        text += question[at : match.start()]
        at = match.end()
        if unit == "year":
            word = "tahun " if _is_indonesian(match.group()) else ""
            years = str(first.year) if first.year == last.year else f"{first.year}-{last.year}"
            text += f"{word}{years}"
        elif match.group().casefold() in _TODAY and not _NEWS.search(question):
            text += match.group()  # "today" is no more than "now" there
        else:
            text += match.group()
            printed = min(last + _PRINTED_LATER[unit], now)
            earliest, last_printed = published or (first.isoformat(), printed.isoformat())
            published = min(earliest, first.isoformat()), max(last_printed, printed.isoformat())
    text += question[at:]
    periods += [Period(m.group(), f"{m[1]}-01-01", f"{m[1]}-12-31") for m in _YEAR.finditer(question)]
    latest = _latest(question)
    return Timing(text, tuple(periods), published, latest.group() if latest else None)


def asks_latest(question: str) -> bool:
    """Whether the newest is asked for."""
    return _latest(question) is not None


def relative_phrases(question: str) -> list[re.Match[str]]:
    """What is said relative to today, in text order. "66 juta tahun lalu", "beberapa hari lalu" and "the last
    day of the trial" are not."""
    return [match for match in _RELATIVE.finditer(question) if not _means_otherwise(match)]


def without_relative(question: str) -> str:
    """The question with spaces in place of these phrases; offsets stay."""
    for match in relative_phrases(question):
        question = f"{question[: match.start()]}{' ' * len(match.group())}{question[match.end() :]}"
    return question


def _latest(question: str) -> re.Match[str] | None:
    return _LATEST.search(without_relative(question))


def _means_otherwise(match: re.Match[str]) -> bool:
    before, after = match.string[: match.start()], match.string[match.end() :]
    if match["day"] is not None:
        return match.group() == "Today" and bool(re.search(r"\b[A-Z]\w*\s$", before))  # a newspaper
    if match["this"] is not None or match["this_en"] is not None:
        return False
    if match["last_en"] is not None and re.match(r"\s+of\b", after):
        return True
    return bool(_OTHER_COUNT.search(before))


def _days(match: re.Match[str], now: date) -> tuple[date, date, Unit]:
    """The first and last day, and the unit, of a relative phrase."""
    found = match.groupdict()
    if found["day"]:
        day = now - timedelta(days=_DAYS_AGO.get(found["day"].casefold(), 1))
        return day, day, "day"
    if name := found["this"] or found["this_en"]:
        unit = _UNITS[name.casefold()]
        return _start(now, unit), now, unit
    if name := found["last"] or found["last_en"]:
        return _past(now, 1, _UNITS[name.casefold()])
    if found["ago"]:
        return _past(now, _count(found["count"]), _UNITS[found["ago"].casefold()])
    unit = _UNITS[(found["span_unit"] or found["span_unit_en"]).casefold()]
    count = _count(found["span"] or found["span_en"])
    first, _, _ = _past(now, count, unit)
    return first, now, unit


def _past(now: date, count: int, unit: Unit) -> tuple[date, date, Unit]:
    """The whole day, week, month or year that lies `count` of them before that of `now`."""
    start = _start(now, unit)
    if unit in ("day", "week"):
        length = timedelta(days=1 if unit == "day" else 7)
        start -= count * length
        return start, start + length - timedelta(days=1), unit
    months = 12 * start.year + start.month - 1 - count * (12 if unit == "year" else 1)
    start = date(max(months // 12, 1), months % 12 + 1, 1)
    following = date(
        start.year + (unit == "year" or start.month == 12), 1 if unit == "year" else start.month % 12 + 1, 1
    )
    return start, following - timedelta(days=1), unit


def _start(day: date, unit: Unit) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1 if unit != "day" else day.day, month=1 if unit == "year" else day.month)


def _count(word: str) -> int:
    if word.casefold() == "se":
        return 1
    return int(min(read_numbers(word)[0].values))


def _is_indonesian(phrase: str) -> bool:
    return "tahun" in phrase.casefold()
