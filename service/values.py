"""Numbers, dates, times of day and units of a text as values that compare across notations and languages.

"16,83 triliun", "16.83 trillion" and "16.830 miliar" are one number; "3 Maret 2024", "March 3, 2024" and
"(3/3/2024)" one date. Where a notation can be read in two ways ("1.234" is a thousand in Indonesian and a
little over one in English, "6/10" October here and June there) a value has both readings, and two agree where
they share one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from service.calendar_names import MONTHS, WEEKDAYS

_SCALES = {
    "ratus": 100, "hundred": 100, "ribu": 10**3, "thousand": 10**3, "rb": 10**3, "k": 10**3,
    "juta": 10**6, "million": 10**6, "jt": 10**6, "miliar": 10**9, "milyar": 10**9, "billion": 10**9,
    "mn": 10**6, "mln": 10**6, "bn": 10**9, "bln": 10**9, "triliun": 10**12, "trilyun": 10**12,
    "trillion": 10**12, "tn": 10**12,
}  # fmt: skip
_WORDS = {
    "nol": 0, "zero": 0, "satu": 1, "one": 1, "dua": 2, "two": 2, "tiga": 3, "three": 3, "empat": 4,
    "four": 4, "lima": 5, "five": 5, "enam": 6, "six": 6, "tujuh": 7, "seven": 7, "delapan": 8, "eight": 8,
    "sembilan": 9, "nine": 9, "sepuluh": 10, "ten": 10, "sebelas": 11, "eleven": 11, "twelve": 12,
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "seratus": 100, "seribu": 1000, "sejuta": 10**6, "dozen": 12,
}  # fmt: skip
NUMBER_WORDS = (frozenset(_WORDS) | frozenset(_SCALES) | {"puluh", "belas"}) - {"k"}
"""Folded words that a number is written in, or part of it."""
_UNITS = {
    "percent": "%, persen, percent, per cent",
    "basis point": "basis poin, basis point, basis points, bps",
    "point": "poin, points",
    "rupiah": "rp, rupiah, idr",
    "dollar": "$, dolar, dollar, dollars, bucks",
    "us dollar": "us$, usd, dolar as, dolar amerika, us dollar, us dollars",
    "singapore dollar": "s$, sgd, dolar singapura, singapore dollar, singapore dollars",
    "australian dollar": "a$, aud, dolar australia, australian dollar, australian dollars",
    "hong kong dollar": "hk$, hkd, dolar hong kong, hong kong dollar, hong kong dollars",
    "euro": "€, eur, euro, euros",
    "pound": "£, gbp, pound, pounds, poundsterling, pound sterling",
    "ringgit": "rm, myr, ringgit",
    "yuan": "cny, yuan, renminbi",
    "yen": "jpy, yen",
    "metre": "meter, metre, metres, meters",
    "kilometre": "km, kilometer, kilometre, kilometres, kilometers",
    "centimetre": "cm, sentimeter, centimeter, centimetre, centimetres, centimeters",
    "millimetre": "mm, milimeter, millimeter, millimetre, millimetres, millimeters",
    "mile": "mil, mile, miles",
    "foot": "feet",
    "square metre": "m2, m², meter persegi, sq m, square metres, square meters",
    "square kilometre": "km2, km², km persegi, kilometer persegi, sq km, square kilometres, "
    "square kilometers",
    "cubic metre": "m3, m³, meter kubik, cubic metres, cubic meters",
    "acre": "acre, acres",
    "hectare": "ha, hektar, hektare, hectare, hectares",
    "kilogram": "kg, kilogram, kilograms",
    "gram": "gram, grams",
    "tonne": "ton, tonne, tonnes, tons",
    "year": "tahun, year, years",
    "month": "bulan, month, months",
    "week": "minggu, pekan, week, weeks",
    "day": "hari, day, days",
    "hour": "jam, hour, hours",
    "minute": "menit, minute, minutes",
    "second": "detik, second, seconds",
    "litre": "liter, litre, litres, liters",
    "person": "orang, jiwa, people, person, persons",
    "family": "keluarga, kk, family, families, households",
    "village": "desa, village, villages",
}
_SIZES = {
    "kilometre": ("metre", Fraction(1_000)), "centimetre": ("metre", Fraction(1, 100)),
    "millimetre": ("metre", Fraction(1, 1_000)), "mile": ("metre", Fraction("1609.344")),
    "foot": ("metre", Fraction("0.3048")), "acre": ("hectare", Fraction("0.40468564224")),
    "tonne": ("kilogram", Fraction(1_000)), "gram": ("kilogram", Fraction(1, 1_000)),
    "minute": ("second", Fraction(60)), "hour": ("second", Fraction(3_600)),
    "day": ("second", Fraction(86_400)), "week": ("second", Fraction(604_800)),
    "year": ("month", Fraction(12)), "basis point": ("percent", Fraction(1, 100)),
    "square metre": ("hectare", Fraction(1, 10_000)),
    "square kilometre": ("hectare", Fraction(100)), "cubic metre": ("litre", Fraction(1_000)),
}  # fmt: skip
"""Units that are so many of another."""
_COUNTED_KINDS = (
    {"person", "family", "village"},
    {
        "rupiah", "dollar", "us dollar", "singapore dollar", "australian dollar", "hong kong dollar", "euro",
        "pound", "ringgit", "yuan", "yen",
    },
)  # fmt: skip
"""Of which there are millions: "100m people", "5m pounds"; 100m of anything else may be metres."""
_KINDS = (
    *_COUNTED_KINDS,
    {"percent", "point"},
    {"metre", "kilometre", "centimetre", "millimetre", "mile", "foot"},
    {"square metre", "square kilometre", "acre", "hectare"},
    {"kilogram", "gram", "tonne", "pound"},
    {"year", "month", "week", "day", "hour", "minute", "second"},
    {"litre", "cubic metre"},
)
"""Units of which one is easily told for another."""
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split(", ")}
_PHRASES = "|".join(word for word in _UNIT_OF if not word.isalpha() and len(word) > 1 and word[-1] != "$")
_MONEY = r"(?:\b(?:us\$|usd|rp|idr|s\$|sgd|a\$|aud|hk\$|hkd|eur|gbp|rm|myr|cny|jpy)|[$€£])\s*+(?:\.\s*+)?"
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY, _NUMBER_OF_MONTH, _NO_MONTH = r"0?[1-9]|[12]\d|3[01]", r"0?[1-9]|1[0-2]", r"1[3-9]|2\d|3[01]"
_WEEKDAY = "|".join(WEEKDAYS)
_NTH = r"(?:st|nd|rd|th)?"
_MOST_DAYS = 9
"""That are told one by one before the last."""
_SCALE = "|".join(_SCALES)
_COUNTED = "|".join(word for word in _UNIT_OF if word.isalpha())
_COUNT = (
    rf"[.,]\d(?!\d{{3}}\b)|\s*+(?:{_SCALE})\b"
    rf"|\s*+(?:[-\u2013]|to\b)\s*+\d++\s*+(?:%|(?:{_SCALE}|{_COUNTED})\b)"
)
"""Behind a month and a number: it is no day ("Maret 2,5 juta", "March 3 to 5 people")."""
_IN_MONTH = "".join(rf"(?<!\b{word} )" for word in ("pada", "sejak", "selama", "bulan"))
_COUNTS = rf"(?:{_MONTH})\.?\s+\d{{1,2}}\s*+(?:%|(?:{_COUNTED})\b)"
_WITH_YEAR = rf"(?:{_MONTH})\.?\s+\d{{1,2}},?\s+\d{{4}}\b"
_NO_DAY = rf"(?:{_IN_MONTH}(?:(?<!\bin )(?<!\bduring )|(?!{_COUNTS}))|(?={_WITH_YEAR}))"
"""Before a month and a number: "in May 20 people died", "pada Maret 12 warga pindah" tell no day, "in
October 7 attacks" does."""
_DATE = re.compile(
    rf"\b(?:(?<![.,:/-])(?P<first1>\d{{1,2}}{_NTH}(?:,\s++\d{{1,2}}{_NTH}){{0,{_MOST_DAYS - 1}}}),?\s*+"
    r"(?:[-\u2013]|s\.d\.|(?:hingga|sampai(?:\s+dengan)?|s/d|to|(?P<and1>dan|and))\b)\s*+)?"
    rf"(?P<d1>\d{{1,2}}){_NTH}\s+(?:of\s+)?(?P<m1>{_MONTH})\b\.?(?:,?\s+(?P<y1>\d{{4}}))?"
    rf"|\b{_NO_DAY}(?P<m2>{_MONTH})\b\.?\s+(?P<d2>\d{{1,2}}){_NTH}\b(?!{_COUNT})"
    rf"(?:\s*+(?:[-\u2013]|to\b)\s*+(?P<last2>\d{{1,2}}){_NTH}\b)?(?:,?\s+(?P<y2>\d{{4}}))?"
    rf"|\b(?P<m3>{_MONTH})\b\.?,?\s+(?P<y3>\d{{4}})\b"
    r"|\b(?P<y4>\d{4})-(?P<m4>\d{2})-(?P<d4>\d{2})\b"
    rf"|(?<![\d/.-])(?P<d5>{_DAY})(?P<mark>[/.-])(?P<m5>{_NUMBER_OF_MONTH})(?P=mark)(?P<y5>\d{{4}})(?![\d/])"
    rf"|(?<![\d/])(?P<m6>{_NUMBER_OF_MONTH})/(?P<d6>{_NO_MONTH})/(?P<y6>\d{{4}})(?![\d/])"
    rf"|\b(?:{_WEEKDAY})\s*\((?P<d7>{_DAY})/(?P<m7>{_NUMBER_OF_MONTH})(?=\))",
    re.IGNORECASE,
)
_DAYS = re.compile(r"\d++")
_BETWEEN = re.compile(r"\b(?:antara|between)\s$", re.IGNORECASE)
_BETWEEN_CHARS = len("between ")
"""Before two days: with them are meant those between ("antara 5 dan 10 Maret")."""
_CLOCK = re.compile(
    r"(?<![\d.,:])(?:(?P<hour>[01]?\d|2[0-4])[.:](?P<minute>[0-5]\d)(?![.,:]?\d)"
    r"|(?P<full>[01]?\d|2[0-4])(?=\s?[ap]\.?m\b)"
    r"|(?:(?<=pukul )|(?<=jam ))(?P<told>[01]?\d|2[0-4])(?![.,:]?\d))"
    r"(?:\s*+(?P<part>pagi|siang|sore|petang|malam|[ap]\.?m\b))?",
    re.IGNORECASE,
)
_NOON, _HOURS_OF_A_DAY = 12, 24
_LAST_HOUR_OF_MIDDAY, _FIRST_HOUR_OF_EVENING = 4, 5
# No run of white space stands beside another: to try every way to share it out is cubic in its length.
_DIGITS = re.compile(rf"(?P<before>{_MONEY})?(?P<number>(?<!\d)\d++(?:[.,]\d++)*+)", re.IGNORECASE)
_OF_NAME = re.compile(r"(?:(?<!\d)[^\W\d_]|(?<![^\W_])[A-Z][^\W\d_]*-)$")
_OF_NAME_CHARS = 20
"""Before digits that are part of a name: "U23", "G-20", "Covid-19"."""
_LONGEST = 40
"""Characters of a figure; of longer ones the arithmetic takes long, and none is a quantity."""
_WORD = re.compile(rf"(?:{_PHRASES}|and\s+a\s+half)\b|[^\W\d_]+|%", re.IGNORECASE)
_HALF_OF = re.compile(
    rf"\s+(?:an?\s+)?(?=(?:{'|'.join(scale for scale, size in _SCALES.items() if size > 100)})\b)",
    re.IGNORECASE,
)
"""Behind "half" and "a": "half a million" and "a million" are numbers, "setengah jalan" is none."""
_PARTS = {"setengah": Fraction(1, 2), "half": Fraction(1, 2), "a": Fraction(1)}
_SMALL = 10
MONTHS_OF_A_YEAR = 12
_SHORT_SCALE = re.compile(r"\s*([mt])\b", re.IGNORECASE)
_MONEY_SCALES, _RUPIAH_SCALES = {"m": 10**6}, {"m": 10**9, "t": 10**12}
"""Of a currency before the number: "$5M" are millions, "Rp5 M" is miliar and "Rp1,2 T" triliun."""
_ROUNDED = re.compile(
    r"\b(?:(?P<more>(?:tidak|tak) kurang dari|lebih dari|melebihi|di atas|sedikitnya|setidaknya"
    r"|(?:no|not) (?:less|fewer) than|more than|over|at least)"
    r"|(?P<less>(?:tidak|tak)(?: (?:boleh|bisa|dapat|akan)(?: \w+)?)? lebih dari|kurang dari|di bawah"
    r"|paling banyak|(?:no|not) more than|(?:may|must|can|will) not \w+ (?:more than|over)"
    r"|(?:less|fewer) than|under|at most)"
    r"|(?P<least>minimal|minimum|paling sedikit|paling rendah|a minimum of)"
    r"|(?P<most>maksimal|maksimum|paling lama|paling tinggi|up to|a maximum of)"
    r"|(?P<nearly>hampir|nyaris|nearly|almost)"
    r"|(?P<about>sekitar|kira-kira|kurang lebih|lebih kurang|about|around|roughly|approximately|some))"
    r"(?:\s+(?:usia|umur|the age of))?\s*$",
    re.IGNORECASE,
)
_ROUNDED_CHARS = 40
COMPARED = (
    "banyak|sedikit|besar|kecil|tinggi|rendah|mahal|murah|cepat|lambat|lama|baik|buruk|jauh|dekat|panjang|pendek"
    "|kuat|lemah|tua|muda|berat|ringan|luas|sempit|dalam|dangkal"
)
"""What "lebih" makes a comparative of: "lebih tinggi" is higher."""
_AND_MORE = re.compile(
    rf"\s{{1,3}}lebih\b(?!\s+(?:{COMPARED}|dari|daripada|awal|akhir|dulu|dahulu|lanjut)\b)", re.IGNORECASE
)
"""Behind a figure, "1.000 lebih warga", where it isn't the comparative of the next word."""
_NEAR = 50
"""Characters on either side of a figure that may tell what it is of."""
_LONG_WORD, _BEGINNING = re.compile(r"[^\W\d_]{5,}"), 5
_FIRST_WORD, _NTH_BEHIND = re.compile(r"\s+([^\W\d_]+)"), re.compile(r"(?:st|nd|rd|th)\b")
_FOLDED_WORD = re.compile(r"[^\W\d_]+")
_ORDINALS = {
    number: frozenset(words.split())
    for number, words in enumerate(
        (
            "pertama perdana first", "kedua second", "ketiga third", "keempat fourth", "kelima fifth",
            "keenam sixth", "ketujuh seventh", "kedelapan eighth", "kesembilan ninth", "kesepuluh tenth",
        ),
        1,
    )
}  # fmt: skip
Bound = Literal["more", "less"]
_BOUNDS: dict[str, Bound] = {
    "more": "more", "least": "more", "less": "less", "most": "less", "nearly": "less",
}  # fmt: skip
_RANGE = re.compile(
    rf"\s*+(?:[-\u2013]|to|hingga|sampai|s\.d\.|s/d|and|dan)\s*+(?:{_MONEY})?(\d++(?:[.,]\d++)*+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """What a number may be, and its unit where one stands beside it (a key of `_UNITS`). `span` is where it
    stands in the text, its scale ("juta") included, currency and unit left out; `unit_end` where a unit
    right behind it ends, else no place behind the span. `rounded`: between which values, both inclusive, the
    exact one may lie. `bound`: that it lies on that side of the figure ("lebih dari", "hampir")."""

    values: frozenset[Fraction]
    unit: str | None = None
    span: tuple[int, int] = field(default=(0, 0), compare=False)
    unit_end: int = field(default=0, compare=False)
    rounded: tuple[tuple[Fraction, Fraction], ...] = field(default=(), compare=False)
    bound: Bound | None = field(default=None, compare=False)

    def agrees(self, other: Number) -> bool:
        """Whether the two can be the same quantity: a value in common, in units that measure the same."""
        sizes = self._sizes(other)
        return sizes is not None and any(
            v * sizes[0] == w * sizes[1] for v in self.values for w in other.values
        )

    def rounds(self, other: Number) -> bool:
        """Whether the two agree, or this one is the other one rounded."""
        return self.agrees(other) or (self.bound is None and self._reaches(other))

    def is_told_by(self, other: Number) -> bool:
        """Whether this one holds where the other one is told: it rounds it, or is a bound that it is close
        to. Of two bounds the figure and the side must be the same: "di bawah 40 tahun" is another limit than
        "di bawah 35 tahun"."""
        if self.bound and other.bound:
            return self.bound == other.bound and self.agrees(other)
        measured = self.unit is None or other.unit is not None  # a bound is wide: any figure may lie there
        return self.rounds(other) or (measured and self._reaches(other))

    def _reaches(self, other: Number) -> bool:
        """Whether the other one lies where the exact value of this one may."""
        sizes = self._sizes(other)
        return sizes is not None and any(
            low * sizes[0] <= w * sizes[1] <= high * sizes[0]
            for low, high in self.rounded
            for w in other.values
        )

    def measures_like(self, other: Number) -> bool:
        """Whether the two have units of one kind, or one has none."""
        return self._sizes(other) is not None

    def _sizes(self, other: Number) -> tuple[Fraction, Fraction] | None:
        """What brings the two to one unit; None where they measure different things."""
        if self.unit is None or other.unit is None or self.unit == other.unit:
            return Fraction(1), Fraction(1)
        (ours, size), (theirs, other_size) = (
            _SIZES.get(unit, (unit, Fraction(1))) for unit in (self.unit, other.unit)
        )
        if "dollar" in (ours, theirs) and (ours.endswith(" dollar") or theirs.endswith(" dollar")):
            return size, other_size  # of which country isn't told
        return (size, other_size) if ours == theirs else None


Parts = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Date:
    """A date as far as it is told; year, month and day, each None where it isn't."""

    year: int | None
    month: int | None
    day: int | None
    month_first: bool = False
    """Whether the two may be the other way round: "6/10/2025" is June in the United States."""
    earlier: tuple[int, ...] = ()
    """Of several days ("3-5 Maret", "3 dan 5 Maret") those before `day`, which is the last."""

    def agrees(self, other: Date) -> bool:
        """Whether nothing that both tell differs, and something does agree, in some reading of both. One day
        agrees with several that it is among, several with the same ones alone."""
        several = self.earlier and other.earlier
        if several and (self.earlier, self.day) != (other.earlier, other.day):
            return False
        return any(_agree(ours, theirs) for ours in self._readings() for theirs in other._readings())

    def _readings(self) -> Iterator[Parts]:
        for day in (*self.earlier, self.day):
            yield self.year, self.month, day
        if self.month_first:
            yield self.year, self.day, self.month

    def is_told_by(self, other: Date) -> bool:
        """Whether the two agree and the other one tells all that this one does."""
        parts = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        told = all(a is None or b is not None for a, b in parts) and bool(other.earlier or not self.earlier)
        return told and self.agrees(other)


def _agree(ours: Parts, theirs: Parts) -> bool:
    both = [(a, b) for a, b in zip(ours, theirs, strict=True) if a is not None and b is not None]
    return bool(both) and all(a == b for a, b in both)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, in minutes since midnight."""

    minute: int
    by_twelve: bool = False
    """Whether the part of the day isn't told: "pukul 7" is in the morning or in the evening."""

    def agrees(self, other: Clock) -> bool:
        """Whether the two can be the same time."""
        if self.by_twelve or other.by_twelve:
            return (self.minute - other.minute) % (_NOON * 60) == 0
        return self.minute == other.minute


def lacks_value(text: str, wanted: str) -> bool:
    """Whether a number or date of `wanted` is not among those of `text`. A bare year is there where a date of
    that year is, a rounded figure or a bound where the exact one is."""
    numbers, dates = read_numbers(text), read_dates(text)
    numbers += sums(text, numbers)
    years = {Fraction(date.year) for date in dates if date.year is not None}
    return not (
        all(
            any(n.is_told_by(m) for m in numbers) or bool(n.values & years) or _is_worded(text, wanted, n)
            for n in read_numbers(wanted)
        )
        and all(any(d.is_told_by(e) for e in dates) for d in read_dates(wanted))
    )


def changes_unit(text: str, wanted: str) -> bool:
    """Whether a figure of `wanted` is in `text` with another unit or scale alone: "5 kilometres" of 5 metres,
    "2 juta" of 2 miliar. One without a unit and scale that are known tells nothing. A small whole one may as
    well be another figure ("dua orang", "buron 2 tahun"): it counts where the units are of one kind and a
    word near the two is the same, a larger one where either is so."""
    there = [(other, *_figure(text, other), _beside(text, other)) for other in read_numbers(text)]
    for number in read_numbers(wanted):
        if any(number.agrees(other) or number.is_told_by(other) for other, *_ in there):
            continue
        (figure, scale), near = _figure(wanted, number), _beside(wanted, number)
        larger = any(value >= _SMALL or value.denominator > 1 for value in number.values)
        for other, written, other_scale, near_other in there:
            units = number.unit and other.unit and number.unit != other.unit
            scales = scale and other_scale and scale != other_scale
            if (figure == written or number.values & other.values) and (units or scales):
                alike = not units or any({number.unit, other.unit} <= kind for kind in _KINDS)
                if alike + larger + bool(near & near_other) > 1:
                    return True
    return False


def _beside(text: str, number: Number) -> set[str]:
    """The beginnings of the words that stand near a number, its unit left out."""
    start, end = number.span[0], max(number.span[1], number.unit_end)
    near = f"{text[max(0, start - _NEAR) : start]} {text[end : end + _NEAR]}"
    words = (word.casefold() for word in _LONG_WORD.findall(near))
    return {word[:_BEGINNING] for word in words if word not in _UNIT_OF}


def _is_worded(text: str, wanted: str, number: Number) -> bool:
    """Whether the text has an ordinal of `wanted` in a word ("kelima" of "ke-5"), or a one as an article
    ("seorang warga" and "a resident" of "satu warga" and "one resident"); "salah satu" needs none."""
    start, end = number.span
    (value, *others), behind = number.values, _FIRST_WORD.match(wanted, end)
    if others or value.denominator != 1:
        return False
    if wanted[:start].casefold().endswith("ke-") or _NTH_BEHIND.match(wanted, end):
        return any(word in _ORDINALS.get(int(value), ()) for word in _FOLDED_WORD.findall(text.casefold()))
    if value == 1 and wanted[:start].casefold().endswith("salah "):
        return True
    if value != 1 or behind is None:
        return False
    counted = {behind[1], *(word for word, unit in _UNIT_OF.items() if unit == number.unit)}
    one = rf"\b(?:an?\s|se(?:(?:orang|buah|ekor|unit)\s)?)(?:{'|'.join(map(re.escape, counted))})\b"
    return re.search(one, text, re.IGNORECASE) is not None


def _figure(text: str, number: Number) -> tuple[str, str]:
    """A number as it is written, and its scale: "2", "juta"."""
    figure, _, scale = text[slice(*number.span)].casefold().partition(" ")
    return figure, scale


def read_dates(text: str) -> list[Date]:
    """Dates with a month, in text order; a bare year is a number."""
    return [_date(match) for match in _DATE.finditer(text)]


def without_dates(text: str) -> str:
    """The text with spaces in place of its dates; offsets stay."""
    return _DATE.sub(_blank, text)


def read_clocks(text: str) -> list[Clock]:
    """Times of day, in text order: "19.30", "pukul 19:30 WIB", "7:30 p.m.", "pukul 7 malam". For a text that
    tells when: elsewhere "19.30" is a number."""
    found = []
    for match in _CLOCK.finditer(without_dates(text)):
        told = match["hour"] or match["full"] or match["told"]
        hour, part = int(told), (match["part"] or "").casefold().replace(".", "")
        # "07.30" is of a day of 24 hours.
        by_twelve = not part and 0 < hour < _NOON and not told.startswith("0")
        if part in ("am", "pm"):
            hour = hour % _NOON + (_NOON if part == "pm" else 0)
        elif (
            (part == "siang" and hour <= _LAST_HOUR_OF_MIDDAY)
            or (part in ("sore", "petang") and hour < _NOON)
            or (part == "malam" and _FIRST_HOUR_OF_EVENING <= hour <= _NOON)
        ):
            hour += _NOON
        found.append(Clock(hour % _HOURS_OF_A_DAY * 60 + int(match["minute"] or 0), by_twelve))
    return found


def with_rounding(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of a figure with the words beside it that say that it is rounded ("sekitar", "lebih")."""
    before, behind = _ROUNDED.search(text, max(0, start - _ROUNDED_CHARS), start), _AND_MORE.match(text, end)
    return before.start() if before else start, behind.end() if behind else end


def read_numbers(text: str) -> list[Number]:
    """Numbers in digits or words that aren't part of a date, in text order."""
    text = without_dates(text)
    found: list[Number] = []
    for match in _DIGITS.finditer(text):
        before = _UNIT_OF[match["before"].replace(".", "").strip().casefold()] if match["before"] else None
        ahead = text[max(0, match.start() - _OF_NAME_CHARS) : match.start()]
        of_name = before is None and _OF_NAME.search(ahead) and not ahead.casefold().endswith(("ke", "ke-"))
        scale, unit, end, unit_end = _after(text, match.end())
        if (of_name and match["number"].isdigit() and scale == 1) or len(match["number"]) > _LONGEST:
            continue
        if scale == 1 and unit is None and (short := _SHORT_SCALE.match(text, match.end())):
            _, counted, _, counted_end = _after(text, short.end())
            if before or (short[0] == "m" and any(counted in kind for kind in _COUNTED_KINDS)):
                scale = (_RUPIAH_SCALES if before == "rupiah" else _MONEY_SCALES).get(short[1].casefold(), 1)
            if scale > 1:
                unit, end, unit_end = counted, short.end(), counted_end
        scales = {scale}
        if scale == 1 and unit is None and (other := _RANGE.match(text, match.end())):
            # "2 to 3 million": the scale and unit may be those of both.
            shared, unit, *_ = _after(text, other.end())
            scales |= {shared}
        readings = _readings(match.group("number"))
        values = frozenset(v * s for v in readings for s in scales)
        unit = before or unit
        said = _said(text, match.start(), end)
        between = [_between(v, place, said) for v, place in readings.items()]
        rounded = tuple((low * s, high * s) for low, high in between if low < high for s in scales)
        bound = _BOUNDS.get(said or "")
        found.append(Number(values, unit, (match.start("number"), end), unit_end, rounded, bound))
    return sorted([*found, *_worded(text)], key=lambda number: number.span)


def in_notation_of(text: str, sentence: str) -> str:
    """The sentence with each number, and each date in digits, that `text` has in another notation written as
    it is there: "650,000,000" as "650 million", "195 cm" as "1.95 metres". Numbers below ten stay, and bounds
    that `text` doesn't have: behind "lebih dari" the exact figure would be wrong."""
    there = read_numbers(text)
    written: list[tuple[int, int, str]] = []
    for number in read_numbers(sentence):
        start, end = number.span
        if max(number.values) < _SMALL or sentence[start:end] in text or _is_name(sentence, start, end):
            continue
        same = next((other for other in there if number.rounds(other)), None)
        if same is None:
            continue
        alike = number.unit in (None, same.unit) or {number.unit, same.unit} == {"dollar", "us dollar"}
        if alike or same.unit is None:
            written.append((start, end, text[slice(*same.span)]))
        elif number.unit_end > end and same.unit_end > same.span[1]:
            written.append((start, number.unit_end, text[same.span[0] : same.unit_end]))
    dates = [match for match in _DATE.finditer(text) if not _date(match).earlier]
    for match in _DATE.finditer(sentence):
        if _WORD.search(match.group()) or match.group() in text:
            continue
        same_date = next((other for other in dates if _date(match).is_told_by(_date(other))), None)
        if same_date is not None:
            written.append((*match.span(), same_date.group()))
    for start, end, words in sorted(written, reverse=True):
        sentence = f"{sentence[:start]}{words}{sentence[end:]}"
    return sentence


def _is_name(sentence: str, start: int, end: int) -> bool:
    """Whether a number in words is one, with its capital within the sentence or before another: "Kepulauan
    Seribu", "Ten Hag"."""
    within, behind = sentence[:start].rstrip(" \"'“‘("), sentence[end:].lstrip()
    return sentence[start].isupper() and (within[-1:] not in ("", ".", "!", "?", ":") or behind[:1].isupper())


def _date(match: re.Match[str]) -> Date:
    def part(letter: str) -> str | None:
        return next((v for n in "1234567" if (v := match.groupdict().get(f"{letter}{n}"))), None)

    month, day, year = part("m"), part("d"), part("y")
    earlier, _ = _earlier(match)
    if match["last2"] and int(match["d2"]) < int(match["last2"]):
        earlier, day = tuple(range(int(match["d2"]), int(match["last2"]))), match["last2"]
    digits = (match["d5"] or match["d7"]) is not None
    return Date(
        int(year) if year else None,
        None if month is None else int(month) if month.isdigit() else MONTHS[month.casefold()],
        int(day) if day else None,
        month_first=digits and day is not None and int(day) <= MONTHS_OF_A_YEAR and day != month,
        earlier=earlier,
    )


def _earlier(match: re.Match[str]) -> tuple[tuple[int, ...], int]:
    """Of several days before a month those before the last, and where the first of them stands, else where
    the one does: "3, 4 dan 5 Maret" has two, "12 dan 4 Maret" none, as days are told in order."""
    if match["first1"] is None:
        return (), match.start()
    days, start = [int(match["d1"])], match.start("d1")
    for one in reversed(list(_DAYS.finditer(match.string, *match.span("first1")))):
        if int(one[0]) >= days[0]:
            break
        days, start = [int(one[0]), *days], one.start()
    between = match["and1"] is None or _BETWEEN.search(match.string, max(0, start - _BETWEEN_CHARS), start)
    if len(days) > 1 and between:
        days[-2:] = range(days[-2], days[-1] + 1)
    return tuple(days[:-1]), start


def _blank(match: re.Match[str]) -> str:
    """Spaces in place of a date; a number before it that is no day of it stays."""
    _, start = _earlier(match)
    return f"{match.string[match.start() : start]}{' ' * (match.end() - start)}"


def sums(text: str, numbers: list[Number]) -> list[Number]:
    """Each two that make one: 90 months of "7 tahun 6 bulan"."""
    found = []
    for one, other in pairwise(numbers):
        (of, size), (of_other, other_size) = (
            _SIZES.get(number.unit or "", (number.unit, Fraction(1))) for number in (one, other)
        )
        first, *joint = text[one.span[1] : other.span[0]].casefold().split() or [""]
        joined = _UNIT_OF.get(first) == one.unit is not None and joint in ([], ["dan"], ["and"])
        if joined and of == of_other and size > other_size:
            values = frozenset(v * size + w * other_size for v in one.values for w in other.values)
            found.append(Number(values, of))
    return found


def _said(text: str, start: int, end: int) -> str | None:
    """What the words beside a figure say of it, a group of `_ROUNDED`; None where none do."""
    match = _ROUNDED.search(text, max(0, start - _ROUNDED_CHARS), start)
    if match:
        return match.lastgroup
    return "more" if _AND_MORE.match(text, end) else None


def _between(value: Fraction, place: Fraction, said: str | None) -> tuple[Fraction, Fraction]:
    """Between which values the exact one may lie of a figure with its last digit at `place` (0: no rounded
    one) and `said` before it; twice the value where it is exact.

    A decimal may be off by half of its last place, with an "about" before it also a whole figure; at most by
    a twentieth of it. "More than 600" may be any below the next figure with as many digits other than 0, at
    most a fifth more; "less than" the same below it. "At most 600" is a limit: it tells no figure but itself.
    """
    whole = place.denominator == 1
    if not place or (said is None and whole) or said in ("least", "most"):
        return value, value
    place = _last_place(value) if whole else place
    half, most = min(place / 2, value / 20), min(place * Fraction(99, 100), value / 5)
    if said == "more":
        return value, value + most
    if said in ("less", "nearly"):
        return value - (most if said == "less" else half), value
    return value - half, value + half


def _last_place(value: Fraction) -> Fraction:
    """The place of the last digit other than 0 of a whole number; 1 of nothing."""
    place = Fraction(1)
    while value and (value / (place * 10)).denominator == 1:
        place *= 10
    return place


def _readings(digits: str) -> dict[Fraction, Fraction]:
    """The values that "1.234,5" or "1,234" may have, each with the place of its last digit: 0 of a decimal
    that may as well be thousands, for that is no rounded figure."""
    parts = re.split(r"[.,]", digits)
    marks = re.findall(r"[.,]", digits)
    grouped = all(len(part) == 3 for part in parts[1:]) and len(parts[0]) <= 3 and parts[0] != "0"
    found: dict[Fraction, Fraction] = {}
    if grouped and len(set(marks)) == 1:
        found[Fraction("".join(parts))] = Fraction(1)
    if len(marks) == 1 or (len(set(marks)) == 2 and marks.count(marks[-1]) == 1):
        decimal = Fraction("".join(parts[:-1]) + "." + parts[-1])
        found.setdefault(decimal, Fraction(0) if found else Fraction(1, 10 ** len(parts[-1])))
    return found or {Fraction("".join(parts)): Fraction(1)}


def _after(text: str, end: int) -> tuple[int, str | None, int, int]:
    """The scale that the words behind a number make, the unit that follows, and where the scale and the unit
    end: the same place where none follows."""
    scale, reach = 1, end
    for match in _WORD.finditer(text, end, min(len(text), end + 40)):
        if text[reach : match.start()].strip(" \u00a0-"):
            break
        word = match.group().casefold()
        if word in _SCALES:
            scale *= _SCALES[word]
            end = reach = match.end()
        elif reach == end and (more := _AND_MORE.match(text, end)):
            reach = more.end()
        else:
            unit = _UNIT_OF.get(word)
            return scale, unit, end, match.end() if unit and reach == end else end
    return scale, None, end, end


def _worded(text: str) -> list[Number]:
    """Numbers written in words: "tiga puluh dua ribu", "thirty-two thousand", "half a million"."""
    found: list[Number] = []
    total = current = Fraction(0)
    start: int | None = None
    end = reach = 0  # of the number, and of an "and" behind it

    def close(unit: str | None = None) -> None:
        nonlocal total, current, start
        if start is not None:
            value, said = total + current, _said(text, start, end)
            low, high = _between(value, Fraction(value.denominator == 1), said)
            rounded, bound = ((low, high),) if low < high else (), _BOUNDS.get(said or "")
            found.append(Number(frozenset({value}), unit, (start, end), 0, rounded, bound))
        total = current = Fraction(0)
        start = None

    for match in _WORD.finditer(text):
        word = " ".join(match.group().casefold().split())
        if match.start() < reach:  # the "a" of "half a million"
            continue
        if start is not None and text[reach : match.start()].strip(" -"):
            close()
        before = text[max(0, match.start() - 3) : match.start()].casefold()
        if (word, before) in (("one", "no "), ("a", "of ")):  # "a quarter of a million"
            continue
        if word == "dozen" and start is not None:
            current *= 12
        elif word in _WORDS:
            if current and _WORDS[word] >= _last_place(current):  # "dua tiga" are two numbers
                close()
            if word in ("seribu", "sejuta"):  # nothing of them is multiplied by what follows
                total += _WORDS[word]
            else:
                current += _WORDS[word]
        elif start is not None and word == "puluh":
            current = current - current % 10 + (current % 10) * 10
        elif start is not None and word == "belas":
            current += 10
        elif start is not None and word in ("ratus", "hundred"):
            current += (max(current % 1000, Fraction(1)) * 99) if current % 1000 else 100
        elif start is not None and word in _SCALES:
            total += (current or 1) * _SCALES[word]
            current = Fraction(0)
        elif current and word in ("setengah", "and a half"):  # "satu setengah juta"
            current += Fraction(1, 2)
        elif start is None and word in _PARTS and (of := _HALF_OF.match(text, match.end())):
            current = _PARTS[word]
            start, end, reach = match.start(), match.end(), of.end()
            continue
        elif word in ("dan", "and") and (total or current % 100 == 0 < current):
            reach = match.end()
            continue
        elif start is not None:
            _, unit, *_ = _after(text, end)
            close(unit)
            continue
        else:
            continue
        start = match.start() if start is None else start
        end = reach = match.end()
    close()
    return found
