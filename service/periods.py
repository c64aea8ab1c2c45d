"""When a question is about: "minggu lalu", "pada 2019", "latest", relative to the day it is asked on.

A relative day, week or month bounds when an article that answers was published; a relative year is said in
figures, because articles on it are written later too ("inflasi tahun lalu" is found as "inflasi tahun 2025");
a date in figures is left to search, which finds it as a word. A phrase whose number of units can't be told
("beberapa bulan lalu", "berapa tahun lalu", "5 tahun ini") means nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from service.calendar_names import MONTH_NAMES, WEEKDAYS
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
_WEEKDAY = "|".join(name for name in WEEKDAYS if name != "minggu")
""""Minggu lalu" is last week, but "Minggu malam lalu" a Sunday."""
_PART_OF_DAY = r"\s+(?:pagi|siang|sore|petang|malam|dini hari)"
_AGO = r"(?:yang\s+)?(?:lalu(?![\s-]+(?:lintas|lalang)\b)|silam)"  # "lalu lintas" is traffic
_RELATIVE = re.compile(
    r"\b(?:(?P<day>hari ini|today|kemarin lusa|lusa kemarin|kemarin dulu|kemarin|semalam|tadi malam"
    r"|(?:the )?day before yesterday|yesterday|last night)"
    rf"|(?P<this>{_UNIT})\s+ini|this\s+(?P<this_en>{_UNIT})"
    rf"|(?P<count>{_COUNT})(?P<ago>{_UNIT})\s+(?:{_AGO}|ago)"
    rf"|(?<![–-])(?P<last>{_UNIT})\s+(?:{_AGO}|(?:yang\s+)?kemarin)"
    rf"|(?P<the>the\s+)?last\s+(?P<last_en>{_ONE_UNIT})"
    rf"|(?P<weekday>{_WEEKDAY}|minggu(?={_PART_OF_DAY}))(?:{_PART_OF_DAY})?\s+(?:{_AGO}|(?:yang\s+)?kemarin)"
    rf"|last\s+(?P<weekday_en>{_WEEKDAY})"
    rf"|(?P<span>{_COUNT})(?P<span_unit>{_UNIT})\s+(?:belakangan|terakhir|(?:yang\s+)?kemarin)"
    rf"|(?:(?:the|this)\s+)?past\s+(?P<past_en>{_ONE_UNIT})"
    rf"|(?:the\s+)?(?:past|last)\s+(?P<span_en>{_COUNT})(?P<span_unit_en>{_UNIT}))\b",
    re.IGNORECASE,
)
_LONGEST = 999
"""Units: of more the number is round, so that no day or year is meant."""
_COUNTED = re.compile(
    r"\b(?:(?:(?:dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|sebelas|belas|puluh|beberapa|sekian)"
    r"\s++)++|(?:dalam|selama)\s++\d{1,3}\s++|(?<![\w.,:/–-])(?!1\s)\d{1,3}\s++)$",
    re.IGNORECASE,
)
"""Before "tahun ini" and "hari kemarin": these are so many, and not this one. One of them is this one."""
_NUMBERED = re.compile(
    r"\b(?:ke[\s–-]*+|ke(?:satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan)\s++"
    r"|(?:kuartal|triwulan|caturwulan|semester|tahap|fase|gelombang|jilid|seri|liga|kelas|peringkat|nomor|pasal"
    r"|ayat|divisi|covid|formula|(?-i:Terminal|KM)|quarter|phase|stage|season|league|division|number)\s++"
    r"|(?:\brp\.?|\$)\s*+(?:[\d.,]++\s*+)?)$",
    re.IGNORECASE,
)
"""What a number belongs to that stands behind it: "gaji ke-13 tahun lalu" is the 13th of last year."""
_RANKED = re.compile(r"\b(?:pukul|jam|juara)\s++$", re.IGNORECASE)
"""Before a number and "ini", also: "juara tiga tahun ini" is third this year, but "juara tiga tahun lalu" may
have won three years ago."""
_LOOSE_YEARS = re.compile(r"\d+\s+tahun\s+(?!terakhir|belakangan)", re.IGNORECASE)
_LOOSE_UNITS = re.compile(r"\d+\s+(?:minggu|pekan|bulan)\b", re.IGNORECASE)
"""What "lalu" follows with and without a number, which may then belong to the name before it."""
_MIXED_CASE = re.compile(r"\b(?=\w{0,20}[a-z])\w{1,20}[A-Z]\w{0,20}\s++$")
"""As a product is written: "iPhone", "PPh"."""
_NAME_BEFORE = re.compile(rf"[^\W_][,)]?\s++[A-Z][\w-]*+\s++$|{_MIXED_CASE.pattern}")
_ANOTHER_NUMBER = re.compile(r"\d++\s++(?=\d)")
_YEAR_OF = r"(?:1[5-9]|20)\d{2}"
_LAST_ONE = re.compile(
    r"(?P<session>\b(?i:laga|pertandingan|debat|sidang|rapat)\s++(?:[a-z]++\s++)?)?"
    rf"(?:\b(?i:{'|'.join(MONTH_NAMES)})(?:\s++{_YEAR_OF})?|\b{_YEAR_OF}|\d/\d{{1,2}}(?:/\d++)?\)?"
    r"|\b(?i:tanggal|tgl)\s++\d{1,2}"
    r"|\b(?i:pemilu|pileg|pil(?:pres|kada|gub|bup|wali|kades)|lebaran|idul\s*+(?:fitri|adha)|ramadh?an|puasa"
    r"|natal|imlek|nyepi|waisak|tahun\s++baru|olimpiade|games|pon|piala(?:\s++\w++)?|musim(?:\s++haji)?"
    rf"|semester|kuartal|triwulan|periode|pandemi)(?:\s++(?:di\s++)?[A-Z][\w-]*+|\s++{_YEAR_OF}){{0,3}}+)"
    r"\s++(?i:yang\s++)?$"
)
"""Before "kemarin": a date, or what comes back after months or years, of which it is the last one. A match or
a session in it can well be yesterday's."""
_SINCE = re.compile(r"\b(?:sejak|semenjak|since)\s++$", re.IGNORECASE)
_BASELINE = re.compile(
    r"\b(?:(?:dibanding(?:kan)?|ketimbang|daripada|terhadap|than|compared|versus|vs|setelah|sesudah|usai"
    r"|pasca\w*+|after|sejak|semenjak|since)\b\W++(?:[\w’'-]++\s++){0,4}+"
    r"|(?<!berita )(?<!kabar )(?<!news )(?:dari|from)\s++)$",
    re.IGNORECASE,
)
"""Before a time that what is asked is compared with, or follows: it may be printed up to now."""
_UP_TO_NOW = re.compile(r"\b(?:over|in|during|within|throughout|for)\s++$", re.IGNORECASE)
"""Before "the last year": the one that ends today."""
_LATEST = re.compile(
    r"\b(?:terbaru|terkini|terakhir|paling baru|saat ini|sekarang|kini|sejauh ini|sampai sekarang"
    r"|latest|newest|most recent(?:ly)?|current(?:ly)?|now|so far|up to date)\b",
    re.IGNORECASE,
)
_NOT_BEFORE_NOW = "masa zaman era dan dulu sampai hingga sejak pada and of until till to than by for up"
_NOW = re.compile(
    "".join(rf"(?<!\b{word})" for word in _NOT_BEFORE_NOW.split())
    + r"[ ,]{1,3}(?:saat ini|sekarang(?: ini)?|kini|right now|now)(?=\W*\Z)"
    r"|\A\W*(?i:saat ini|sekarang)\b[ ,]{1,3}"
    r"|(?<=\bthe )current (?!accounts?\b|in\b|of\b|through\b|is\b|was\b|and\b)(?=[a-z])"
)
"""What says so and can be left out: at the end, at the beginning, and before a noun."""
_YEAR = re.compile(
    r"\b(?:pada|di|dalam|in|during|(?P<since>sejak|semenjak|since))\s+(?:tahun\s+|the year\s+)?"
    rf"(?P<first>{_YEAR_OF})\b"
    rf"(?:\s*+(?:[–-]|(?:hingga|sampai|to|until)\b)\s*+(?:tahun\s+)?(?P<last>{_YEAR_OF})\b)?",
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
    to a week beyond the period for stories that are printed when it is over, and up to today where what is
    asked comes after it; None where nothing does.
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
        before = question[: match.start()]
        if _SINCE.search(before):
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
            printed = now if _BASELINE.search(before) else last + min(_PRINTED_LATER[unit], now - last)
            earliest, last_printed = published or (first.isoformat(), printed.isoformat())
            published = min(earliest, first.isoformat()), max(last_printed, printed.isoformat())
    text += question[at:]
    periods += [_years(match, now) for match in _YEAR.finditer(question)]
    found = _latest(question)
    latest = found.group() if found else None
    of_now = latest is not None and latest.casefold() != "terakhir"  # the last of last week is of last week
    if published and (of_now or any(period.phrase.casefold() in _TODAY for period in periods)):
        published = published[0], now.isoformat()
    return Timing(text, tuple(periods), published, latest)


def asks_latest(question: str) -> bool:
    """Whether the newest is asked for."""
    return _latest(question) is not None


def without_now(question: str) -> str:
    """The question without what says that it is about the present; itself where nothing else is left."""
    left = _NOW.sub("", question)
    return left if re.search(r"\w", left) else question


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
    if match["day"] is not None and _is_no_day(match.group(), before, after):
        return True
    counted = match["count"] or match["span"] or match["span_en"]
    if counted is not None:
        # Is "iPhone 15 tahun lalu" the fifteenth of last year, or one of 15 years ago?
        in_doubt = _LOOSE_YEARS.match(match.group()) and _MIXED_CASE.search(before)
        return bool(in_doubt) or _count(counted) == 0
    if (match["last_en"] or match["weekday_en"]) is not None and re.match(r"\s+of\b", after):
        return True
    if (match["this"] or match["last"] or match["day"]) is None:
        return False
    counted_before = _COUNTED.search(before)
    if counted_before is None:
        return False
    before = before[: counted_before.start()]
    return not (_NUMBERED.search(before) or _RANKED.search(before) or _MIXED_CASE.search(before))


def _is_no_day(phrase: str, before: str, after: str) -> bool:
    """Whether "hari ini" and "today" are that day of another year, "kemarin" is the last one of what is
    before it, or the phrase is a title."""
    if phrase.casefold() in _TODAY:
        ago = _RELATIVE.match(after.lstrip())  # "today fifty years ago"
        if (ago and ago["count"]) or re.search(r"\b(?:lalu|silam|ago)\s$", before, re.IGNORECASE):
            return True
    elif phrase.casefold() == "kemarin" and (last_one := _LAST_ONE.search(before)):
        return last_one["session"] is None
    previous = (before.rsplit(maxsplit=1) or [""])[-1]
    if phrase[0].islower() or _NEWS.fullmatch(previous):
        return False
    within = before.endswith(('"', "“", "‘", "'")) or previous[-1:].isalnum()
    return within and (not previous[0].isupper() or phrase == "Today")  # "the song Yesterday", "USA Today"


def _days(match: re.Match[str], now: date) -> tuple[date, date, Unit]:
    """The first and last day, and the unit, of a relative phrase. One that counts tells how many."""
    found = match.groupdict()
    if found["day"]:
        day = _earlier(now, _DAYS_AGO.get(found["day"].casefold(), 1))
        return day, day, "day"
    if name := found["weekday"] or found["weekday_en"]:
        day = _earlier(now, (now.weekday() - WEEKDAYS[name.casefold()] - 1) % _DAYS_OF_A_WEEK + 1)
        return day, day, "day"
    if name := found["this"] or found["this_en"]:
        unit = _UNITS[name.casefold()]
        return _start(now, unit), now, unit
    up_to_now = bool(found["the"] and _UP_TO_NOW.search(match.string[: match.start()]))
    if (name := found["last"] or found["last_en"]) and not up_to_now:
        return _past(now, 1, _UNITS[name.casefold()])
    if found["ago"]:
        first, last, unit = _past(now, _count(found["count"]), _UNITS[found["ago"].casefold()])
        if _LOOSE_UNITS.match(match.group()) and _NAME_BEFORE.search(match.string[: match.start()]):
            _, last, _ = _past(now, 1, unit)  # "Galaxy 3 minggu lalu" may be last week
        return first, last, unit
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
        length = 1 if unit == "day" else _DAYS_OF_A_WEEK
        return _earlier(start, count * length), _earlier(start, (count - 1) * length + 1), unit
    length = 12 if unit == "year" else 1
    first, following = (_start_of_month(start, n * length) for n in (count, count - 1))
    return first, _earlier(following, 1), unit


def _earlier(day: date, days: int) -> date:
    """The day that lies so many days before, or the first there is."""
    return date.fromordinal(max(day.toordinal() - days, 1))


def _start_of_month(day: date, months: int) -> date:
    """The first day of the month that lies so many months before, or the first there is."""
    month = 12 * day.year + day.month - 1 - months
    return date(month // 12, month % 12 + 1, 1) if month >= 12 else date.min


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
