"""When a question is about: "minggu lalu", "pada 2019", "latest", relative to the day it is asked on.

A relative day, week or month bounds when an article that answers was published; a relative year is said in
figures, because articles on it are written later too ("inflasi tahun lalu" is found as "inflasi tahun 2025");
a date in figures is left to search, which finds it as a word. A phrase whose number of units can't be told
("beberapa bulan lalu", "berapa tahun lalu") means nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from service.calendar_names import WEEKDAYS
from service.values import NUMBER_WORDS, read_numbers

Unit = Literal["day", "week", "month", "year"]

_UNITS: dict[str, Unit] = {
    "hari": "day", "day": "day", "days": "day", "minggu": "week", "pekan": "week", "week": "week",
    "weeks": "week", "bulan": "month", "month": "month", "months": "month", "tahun": "year", "year": "year",
    "years": "year",
}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_ONE_UNIT = "day|week|month|year"
_UNTOLD = (
    "berapa|berapakah|beberapa|sekian|setengah|separuh|seperempat|sepertiga|belasan|puluhan|ratusan|ribuan|jutaan"
    "|miliaran|half|several|few|many|couple|some|dozens|hundreds|thousands|millions|billions"
)
"""In place of a number, or beside one: how many can't be told."""
_QUANTITY = rf"(?:\d++(?:[.,]\d++)*+|(?:{'|'.join(sorted(NUMBER_WORDS))}|{_UNTOLD})\b)"
_A = rf"an?(?=\s+(?:{_UNIT}|hundred|thousand|few|couple|dozen)\b)"
_JOINT = r"[\s–-]++(?:(?:dan|and|atau|or|hingga|sampai|to|of)\s++)?"
_COUNT = rf"(?:se|(?<![\w.,–-])(?:{_QUANTITY}|{_A})(?:{_JOINT}(?:{_QUANTITY}|{_A})){{0,9}}+\s*+)"
"""How many units: all the numbers and words for them that stand before the unit, ten at most, for they are
read anew from each of them."""
_WEEKDAYS = {name: number for name, number in WEEKDAYS.items() if name != "minggu"}
""""Minggu lalu" is last week."""
_WEEKDAY = "|".join(_WEEKDAYS)
_AGO = r"(?:yang\s+)?(?:lalu(?![\s-]+(?:lintas|lalang)\b)|silam)"  # "lalu lintas" is traffic
_RELATIVE = re.compile(
    r"\b(?:(?P<day>hari ini|today|kemarin lusa|lusa kemarin|kemarin dulu|kemarin|semalam|tadi malam"
    r"|(?:the )?day before yesterday|yesterday|last night)"
    rf"|(?P<this>{_UNIT})\s+ini|this\s+(?P<this_en>{_UNIT})"
    rf"|(?P<count>{_COUNT})(?P<ago>{_UNIT})\s+(?:{_AGO}|ago)"
    rf"|(?<![–-])(?P<last>{_UNIT})\s+(?:{_AGO}|(?:yang\s+)?kemarin)"
    rf"|(?P<the>the\s+)?last\s+(?P<last_en>{_ONE_UNIT})"
    rf"|(?P<weekday>{_WEEKDAY})\s+(?:{_AGO}|(?:yang\s+)?kemarin)|last\s+(?P<weekday_en>{_WEEKDAY})"
    rf"|(?P<span>{_COUNT})(?P<span_unit>{_UNIT})\s+(?:belakangan|terakhir|(?:yang\s+)?kemarin)"
    rf"|(?:(?:the|this)\s+)?past\s+(?P<past_en>{_ONE_UNIT})"
    rf"|(?:the\s+)?(?:past|last)\s+(?P<span_en>{_COUNT})(?P<span_unit_en>{_UNIT}))\b",
    re.IGNORECASE,
)
_LONGEST = 999
"""Units: of more the number is round, so that no day or year is meant."""
_COUNTED = re.compile(
    r"\b(?:(?:(?:dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|sebelas|belas|puluh|beberapa|sekian)"
    r"\s++)++|(?:dalam|selama)\s++\d{1,3}\s++)$",
    re.IGNORECASE,
)
"""Before "tahun ini" and "hari kemarin": these are so many, and not this one."""
_NUMBERED = re.compile(
    r"\b(?:ke[\s–-]*+|ke(?:satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan)\s++"
    r"|(?:kuartal|triwulan|caturwulan|semester|tahap|fase|gelombang|jilid|seri|liga|kelas|peringkat|nomor|pasal"
    r"|ayat|quarter|phase|stage|season|league|number)\s++|(?:\brp\.?|\$)\s*+(?:[\d.,]++\s*+)?)$",
    re.IGNORECASE,
)
"""What a number belongs to that stands behind it: "gaji ke-13 tahun lalu" is the 13th of last year."""
_RANKED = re.compile(r"\b(?:pukul|jam|juara)\s++$", re.IGNORECASE)
"""Before a number and "ini", also: "juara tiga tahun ini" is third this year, but "juara tiga tahun lalu" may
have won three years ago."""
_ANOTHER_NUMBER = re.compile(r"\d++\s++(?=\d)")
_SINCE = re.compile(r"\b(?:sejak|semenjak|since)\s++$", re.IGNORECASE)
_UP_TO_NOW = re.compile(r"\b(?:over|in|during|within|throughout|for)\s++$", re.IGNORECASE)
"""Before "the last year": the one that ends today."""
_LATEST = re.compile(
    r"\b(?:terbaru|terkini|terakhir|paling baru|saat ini|sekarang|kini|sejauh ini|sampai sekarang"
    r"|latest|newest|most recent(?:ly)?|current(?:ly)?|now|so far|up to date)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"\b(?:pada|di|dalam|in|during|(?P<since>sejak|semenjak|since))\s+(?:tahun\s+|the year\s+)?"
    r"(?P<first>(?:1[5-9]|20)\d{2})\b"
    r"(?:\s*+(?:[–-]|(?:hingga|sampai|to|until)\b)\s*+(?:tahun\s+)?(?P<last>(?:1[5-9]|20)\d{2})\b)?",
    re.IGNORECASE,
)
_NEWS = re.compile(r"\b(?:berita|kabar|terjadi|peristiwa|news|headlines?|happen\w*|events?)\b", re.IGNORECASE)
_DAYS_OF_A_WEEK = 7
_TODAY = frozenset({"hari ini", "today"})
_DAYS_AGO = {"hari ini": 0, "today": 0} | dict.fromkeys(
    ("kemarin lusa", "lusa kemarin", "kemarin dulu", "day before yesterday", "the day before yesterday"), 2
)
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
        years = str(first.year) if first.year == last.year else f"{first.year}-{last.year}"
        if _SINCE.search(question[: match.start()]):
            last = now
        periods.append(Period(match.group(), first.isoformat(), last.isoformat()))
        text += question[at : match.start()]
        at = match.end()
        if unit == "year":
            word = "tahun " if _is_indonesian(match.group()) else ""
            text += f"{word}{years}"
        elif match.group().casefold() in _TODAY and not _NEWS.search(question):
            text += match.group()  # "today" is no more than "now" there
        else:
            text += match.group()
            printed = min(last + _PRINTED_LATER[unit], now)
            earliest, last_printed = published or (first.isoformat(), printed.isoformat())
            published = min(earliest, first.isoformat()), max(last_printed, printed.isoformat())
    text += question[at:]
    periods += [_years(match, now) for match in _YEAR.finditer(question)]
    latest = _latest(question)
    return Timing(text, tuple(periods), published, latest.group() if latest else None)


def asks_latest(question: str) -> bool:
    """Whether the newest is asked for."""
    return _latest(question) is not None


def relative_phrases(question: str) -> list[re.Match[str]]:
    """What is said relative to today, in text order. "66 juta tahun lalu", "beberapa hari lalu" and "the last
    day of the trial" are not."""
    found = (_without_number(match) for match in _RELATIVE.finditer(question))
    return [match for match in found if match is not None and not _means_otherwise(match)]


def without_relative(question: str) -> str:
    """The question with spaces in place of these phrases; offsets stay."""
    for match in relative_phrases(question):
        question = f"{question[: match.start()]}{' ' * len(match.group())}{question[match.end() :]}"
    return question


def _latest(question: str) -> re.Match[str] | None:
    return _LATEST.search(_RELATIVE.sub(lambda match: " " * len(match.group()), question))


def _without_number(match: re.Match[str]) -> re.Match[str] | None:
    """A phrase without a number that belongs to what is before it: behind "Liga", "tahun lalu" of "2 tahun
    lalu", and "2 tahun lalu" of "2 2 tahun lalu". None where nothing is left."""
    counted = "count" if match["count"] is not None else "span"
    if match[counted] is None or not _NUMBERED.search(match.string[: match.start()]):
        return match
    number = _ANOTHER_NUMBER.match(match[counted])
    unit = match.start("ago" if counted == "count" else "span_unit")
    return _RELATIVE.match(match.string, match.start() + number.end() if number else unit)


def _means_otherwise(match: re.Match[str]) -> bool:
    before, after = match.string[: match.start()], match.string[match.end() :]
    if match["day"] is not None and match.group().casefold() != "hari ini":
        return match.group() == "Today" and bool(re.search(r"\b[A-Z]\w*\s$", before))  # a newspaper
    counted = match["count"] or match["span"] or match["span_en"]
    if counted is not None:
        return _count(counted) == 0
    if (match["last_en"] or match["weekday_en"]) is not None and re.match(r"\s+of\b", after):
        return True
    if (match["this"] or match["last"] or match["day"]) is None:
        return False
    counted_before = _COUNTED.search(before)
    if counted_before is None:
        return False
    before = before[: counted_before.start()]
    return not (_NUMBERED.search(before) or _RANKED.search(before))


def _days(match: re.Match[str], now: date) -> tuple[date, date, Unit]:
    """The first and last day, and the unit, of a relative phrase. One that counts tells how many."""
    found = match.groupdict()
    if found["day"]:
        day = now - timedelta(days=_DAYS_AGO.get(found["day"].casefold(), 1))
        return day, day, "day"
    if name := found["weekday"] or found["weekday_en"]:
        day = now - timedelta(days=(now.weekday() - _WEEKDAYS[name.casefold()] - 1) % _DAYS_OF_A_WEEK + 1)
        return day, day, "day"
    if name := found["this"] or found["this_en"]:
        unit = _UNITS[name.casefold()]
        return _start(now, unit), now, unit
    up_to_now = bool(found["the"] and _UP_TO_NOW.search(match.string[: match.start()]))
    if (name := found["last"] or found["last_en"]) and not up_to_now:
        return _past(now, 1, _UNITS[name.casefold()])
    if found["ago"]:
        return _past(now, _count(found["count"]), _UNITS[found["ago"].casefold()])
    name = found["span_unit"] or found["span_unit_en"] or found["past_en"] or found["last_en"]
    unit = _UNITS[name.casefold()]
    first, _, _ = _past(now, _count(found["span"] or found["span_en"] or "se"), unit)
    return first, now, unit


def _years(match: re.Match[str], now: date) -> Period:
    """The years that are told in figures; those since one of them end today."""
    first, last = int(match["first"]), int(match["last"] or match["first"])
    open_end = match["since"] and not match["last"] and first <= now.year
    end = now if open_end else date(max(first, last), 12, 31)
    return Period(match.group(), date(first, 1, 1).isoformat(), end.isoformat())


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


def _count(words: str) -> int:
    """How many units that is, 0 where it can't be told, or isn't whole or small."""
    words = words.casefold().strip()
    if words in ("se", "a", "an"):
        return 1
    if re.search(rf"\b(?:{_UNTOLD})\b", words):
        return 0
    numbers = read_numbers(re.sub(r"^an?\s+", "" if "dozen" in words else "one ", words))
    values = [value for number in numbers for value in number.values]
    if len(values) != 1 or values[0].denominator != 1 or not 0 < values[0] <= _LONGEST:
        return 0
    return int(values[0])


def _is_indonesian(phrase: str) -> bool:
    return "tahun" in phrase.casefold()
