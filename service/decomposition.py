"""A question that compares two things → one question for each of them.

"Mana yang lebih panjang, jalur Whoosh atau jalur MRT Jakarta?" is two questions whose answers stand in two
articles. Nothing is computed from them: the answer quotes both, and who reads it compares.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from service.calendar_names import MONTH_NAMES
from service.questions import understand

_COMPARATIVE = (
    r"lebih|(?:mem)?bandingkan|perbandingan|perbedaan|persamaan|beda(?:nya)?|berbeda|selisih"
    r"|compare|comparison|differences?|differ|more|less|fewer|earlier|later|sooner|newer|older|younger|longer"
    r"|shorter|taller|higher|lower|deeper|wider|bigger|larger|smaller|greater|heavier|lighter|faster|slower"
    r"|richer|poorer|cheaper|warmer|colder|stronger|closer|better|worse"
)
_COMPARES = re.compile(
    rf"\b(?:{_COMPARATIVE}|manakah|mana yang|paling|duluan|antara|which|who|between|first|before)\b",
    re.IGNORECASE,
)
_VERSUS = re.compile(r"\b(?:versus|vs)\b", re.IGNORECASE)
_NAME = r"(?:\b[a-z]?[A-Z][\w’'.-]*|\d+(?:[.,]\d+)*(?:[A-Z]\b)?)"
_THINGS = rf"{_NAME}(?:\s+(?:(?:of|the|van|de|bin|di)\s+)?(?:{_NAME}|fase|phase))*"
_THING = re.compile(_THINGS)
_YEAR = r"(?:1[5-9]|20)\d\d"
_MEASURED = (
    r"harga|biaya|tarif|penduduk|populasi|inflasi|gaji|upah|um[rpk]|luas|umur|usia|panjang|tinggi"
    r"|ketinggian|lebar|berat|kecepatan|kapasitas|jarak|suhu|kurs|pdr?b|ipm|apb[dn]|hdi|pertumbuhan"
    r"|pengangguran|kemiskinan|laba|pendapatan|kekayaan|utang|ekspor|impor|anggaran|produksi|penjualan"
    r"|how (?:old|tall|long|big|large|high|deep|wide|heavy|fast|expensive|rich)|populations?|prices?|costs?"
    r"|inflation|salar(?:y|ies)|wages?|area|age|length|height|weight|speed|capacity|distance|temperature"
    r"|gdp|growth|unemployment|revenue|profit|debt|exports?|imports?|budget|sales"
)
# "X vs Y" is one match or one case, unless something else compares, a measure of both is asked or both are
# years; and even then beside "laga" or "skor".
_CONTRASTS = re.compile(
    rf"\b(?:{_COMPARATIVE})\b|\b(?:{_MEASURED})(?:nya)?\b.*\b(?:versus|vs)\b"
    rf"|\b{_YEAR}\s+(?:versus|vs)\b\.?\s+(?:(?:tahun|in)\s+)?{_YEAR}\b",
    re.IGNORECASE | re.DOTALL,
)
_MATCH = r"(?i:\b(?:laga|pertandingan|duel|derbi|derby|final|skor|match|game|fight|score)\b)"
_ONE_MATCH = re.compile(
    rf"(?:{_MATCH}\s+(?:[a-z]+\s+)?|\b(?i:tiket|tickets? (?:for|to)|timnas)\s+){_THINGS}\s+(?i:versus|vs)\b"
    rf"|\b(?i:versus|vs)\.?\s+{_THINGS}\s+(?:{_MATCH}|(?i:case|trial|lawsuit)\b)"
)
# It has its capital from opening the question: "Harga iPhone 15".
_OPENING = re.compile(rf"\W*(?:{_COMPARATIVE}|{_MEASURED}|berapa)\s+", re.IGNORECASE)
# In capitals it looks like part of the name that it is asked of: "PDB Indonesia", "the GDP of Malaysia".
_MEASURE = re.compile(rf"(?P<measure>{_MEASURED})\s+(?:of\s+)?", re.IGNORECASE)
# Of the first there is one, and what lies between two has no halves.
_OF_ONE = re.compile(
    rf"\A(?!.*\b(?:{_COMPARATIVE})\b)[^,]*\bthe first\b"
    r"|\b(?:perbedaan|beda(?:nya)?|selisih)\s+(?:(?:zona\s+)?(?:waktu|jam)\s+(?:antara|di|(?-i:[A-Z]))"
    r"|(?:pendapat|pandangan|paham)\b)|\btime\s+(?:zone\s+)?differences?\b"
    r"|\bdifferences?\s+(?:of|in)\s+(?:time|opinion)\b|\bdiffer(?:s|ed)?\s+(?:on|over|about)\b",
    re.IGNORECASE | re.DOTALL,
)
_ASKS_WHICH = re.compile(r"\b(?:mana(?:kah)?|siapa(?:kah)?|which|who|what)\b", re.IGNORECASE)
_ASIDE = re.compile(r"\s*(?:menurut|pada|di|dalam|untuk|according|in|on|at|for|as)\b", re.IGNORECASE)
_CONJUNCTION = re.compile(
    r"\s+(?:(?P<against>dibanding(?:kan)?(?:\s+dengan)?|than)|(?P<choice>atau|or)|dan|and|versus|vs\.?|dengan)\s+",
    re.IGNORECASE,
)
_CHOICE = re.compile(r"\b(?:atau|or|versus|vs)\b", re.IGNORECASE)
_MONTH = f"(?:{'|'.join(name.capitalize() for name in MONTH_NAMES)})"
_DATED = re.compile(
    rf"(?:(?P<name>.+?)\s+)??(?:(?P<part>(?:\d{{1,2}}\s+)?{_MONTH})(?:\s+(?P<its_year>{_YEAR}))?"
    rf"|(?:(?P<quarter>Q[1-4]|I{{1,3}}|IV)\s+)?(?P<year>{_YEAR}))",
    re.DOTALL,
)
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_BEFORE_DATE = frozenset("pada di dalam in on the".split())
_OF_DATE = _BEFORE_DATE | frozenset(
    "tahun bulan tanggal kuartal triwulan semester year month quarter".split()
)
_LAST_CHOICE = re.compile(r"(?P<asked>.*,\s*)(?P<one>[^,]+?)\s+(?:or|atau)\s+(?P<other>[^,?]+)(?P<end>\??)")
# "Mana yang lebih panjang, X atau Y?" → "Berapa panjang X?": nobody writes of one thing that it is longer.
_MEASURES = {
    "panjang": "panjang", "tinggi": "tinggi", "luas": "luas", "berat": "berat", "tua": "usia",
    "muda": "usia", "cepat": "kecepatan", "padat": "kepadatan penduduk", "lama": "lama", "jauh": "jarak",
    "dalam": "kedalaman", "murah": "harga", "mahal": "harga", "cheaper": "expensive",
    "longer": "long", "taller": "tall", "higher": "high", "bigger": "big",
    "larger": "large", "older": "old", "younger": "old", "heavier": "heavy", "faster": "fast",
    "deeper": "deep", "wider": "wide",
}  # fmt: skip
_TWO = r"(?P<rest>[^,]*),\s*(?P<one>[^,]+?)\s+(?:atau|or)\s+(?P<other>[^,?]+?)\s*\??"
_INDONESIAN = re.compile(
    r"(?:(?:mana|manakah|siapa)(?: yang)? lebih (?P<adjective>\w+)|lebih (?P<first>\w+) mana)" + _TWO,
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"(?:which|who|what)(?: one)? (?P<be>is|was|are|were) "
    rf"(?:(?P<adjective>{'|'.join(_MEASURES)})|(?P<done>\w+) first){_TWO}",
    re.IGNORECASE,
)
_SOONER = frozenset(["dulu", "dahulu", "awal", "duluan"])
_MOST_BETWEEN = 24
"""Characters between the conjunction and the second thing: "or *against* Ke Jie"."""


class _Thing(NamedTuple):
    """What is compared, and the date that it ends in: "Telkom", "Maret", "2024"; "" for what it lacks."""

    name: str
    part: str
    year: str

    @property
    def date(self) -> str:
        return " ".join(filter(None, (self.part, self.year)))

    def __str__(self) -> str:
        return " ".join(filter(None, self))


def decompose(question: str) -> tuple[str, ...]:
    """Two questions, each about one of the things compared; the question alone where it compares none or
    three, or where what it compares cannot be told apart."""
    asked = understand(question)
    compares = _COMPARES.search(question)
    if not (asked.compares or (compares and _CHOICE.search(question))) or _OF_ONE.search(question):
        return (question,)
    if _VERSUS.search(question) and (not _CONTRASTS.search(question) or _ONE_MATCH.search(question)):
        return (question,)
    if plain := _asked_plainly(question):
        return plain
    for conjunction in _CONJUNCTION.finditer(question):
        before, after = question[: conjunction.start()], question[conjunction.end() :]
        one = _last_thing(before)
        other = _THING.search(after)
        if one is None or other is None or other.start() > _MOST_BETWEEN:
            continue
        if len(before) - one.end() > 0 or one.group() == other.group():
            continue
        if _is_listed(before[: one.start()], one.group(), bool(conjunction["choice"])):
            return (question,)
        if sides := _sides(conjunction, one, other):
            rest = after[other.end() :]
            return sides[0] + rest, sides[1] + rest
    choice = _LAST_CHOICE.fullmatch(question)
    if choice and not _is_listed(choice["asked"], choice["one"], choice=True):
        asked_of, end = choice["asked"], choice["end"]
        return f"{asked_of}{choice['one']}{end}", f"{asked_of}{choice['other']}{end}"
    return (question,)


def _asked_plainly(question: str) -> tuple[str, str] | None:
    """The measure or the time of each thing, where it is by these that they are compared."""
    if compared := _INDONESIAN.fullmatch(question):
        adjective = (compared["adjective"] or compared["first"]).casefold()
        if adjective in _SOONER:
            return (
                f"Kapan {compared['one']}{compared['rest']}?",
                f"Kapan {compared['other']}{compared['rest']}?",
            )
        if measure := _MEASURES.get(adjective):
            one, other = (f"Berapa {measure} {compared[n]}{compared['rest']}?" for n in ("one", "other"))
            return one, other
    if compared := _ENGLISH.fullmatch(question):
        be, done = compared["be"].lower(), compared["done"]
        if done:
            one, other = (f"When {be} {compared[n]} {done}{compared['rest']}?" for n in ("one", "other"))
        else:
            measure = _MEASURES[compared["adjective"].casefold()]
            one, other = (f"How {measure} {be} {compared[n]}{compared['rest']}?" for n in ("one", "other"))
        return one, other
    return None


def _is_listed(head: str, one: str, choice: bool) -> bool:
    """Whether a third thing stands at the end of `head`, before the two: "Jawa, Sumatra atau Papua". In a
    `choice` a comma also parts the question from the two: "Mana yang lebih padat di Jawa, Bandung atau …"."""
    *others, item, gap = ["", *re.split("[,:]", head)]
    if not others or gap.strip().casefold() not in ("", "the") or _ASIDE.match(item):
        return False
    if choice and len(others) > 1 and not _COMPARES.search(item):
        return True
    thing = _last_thing(f" {item}")
    if thing is None or thing.end() <= len(item.rstrip()) or (choice and _ASKS_WHICH.search(item)):
        return False
    return bool(_read(thing.group()).name) == bool(_read(one).name)  # not "penduduk Jakarta, 2010 dan 2020"


def _sides(conjunction: re.Match[str], one: re.Match[str], other: re.Match[str]) -> tuple[str, str] | None:
    """The question up to its one thing, and with the other in its place; a date that only one of them has is
    the other's too. None where one is a name and the other a date or a figure."""
    before, start = one.string[: one.end()], one.start()
    measure = _MEASURE.match(before, start)
    if measure and measure["measure"].isupper() and not _MEASURE.match(other.group()):
        start = measure.end() if _read(before[measure.end() :]).name else start
    head, ours, theirs = before[:start], _read(before[start:]), _read(other.group())
    if _FIGURE.fullmatch(ours.name) and not theirs.name and theirs.part[:1].isdigit():
        ours = _Thing("", f"{ours.name} {theirs.part.split()[-1]}", "")  # "3 dan 4 Maret"
    if theirs.date and not theirs.name:
        if ours.date:
            return _redated(head, ours, theirs, other.string[: other.start()].split())
        # "Penumpang Whoosh dibandingkan 2024": it is the same thing at another time.
        return (before, f"{before} {other.string[: other.end()]}") if conjunction["against"] else None
    if _FIGURE.fullmatch(theirs.name):
        kept = re.fullmatch(rf"(.*?){_FIGURE.pattern}", ours.name)  # "Apollo 11 dan 12"
        return (before, f"{head}{kept[1]}{theirs.name}") if kept else None
    if not ours.name:
        return _renamed(head, ours, theirs)
    if _FIGURE.fullmatch(ours.name):
        return None
    first, second = before, f"{head}{other.group()}"
    if theirs.year and not ours.date and not conjunction["choice"]:
        first += f" {theirs.date}"
    if ours.year and not theirs.date and conjunction["against"]:
        second += f" {ours.date}"
    return first, second


def _redated(head: str, ours: _Thing, theirs: _Thing, lead: list[str]) -> tuple[str, str]:
    """One thing at two dates: "Maret 2023 dan 2024", "Januari dan Februari 2024". What leads to the second,
    as "kuartal" does, is kept."""
    part = theirs.part or ours.part
    lead = [word for word in lead if word not in _BEFORE_DATE]
    if part != theirs.part or (lead and head.split()[-len(lead) :] == lead):
        lead = []
    first = _Thing(ours.name, ours.part, ours.year or theirs.year)
    second = [*lead, part, theirs.year or ours.year]
    return f"{head}{first}", f"{head}{' '.join(filter(None, [ours.name, *second]))}"


def _renamed(head: str, ours: _Thing, theirs: _Thing) -> tuple[str, str] | None:
    """Two things at a date that stands after the first: "Jakarta pada 2020 dibandingkan Bandung"."""
    name = _last_thing(head)
    if name is None or not _OF_DATE.issuperset(head[name.end() :].split()):
        return None
    link = head[name.end() :]
    return f"{head}{ours.date}", f"{head[: name.start()]}{theirs.name}{link}{theirs.date or ours.date}"


def _read(thing: str) -> _Thing:
    dated = _DATED.fullmatch(thing)
    year = (dated["its_year"] or dated["year"] or "") if dated else ""
    if dated is None or (dated["name"] and dated["part"] == "May" and not year):  # Theresa May
        return _Thing(thing, "", "")
    return _Thing(dated["name"] or "", dated["part"] or dated["quarter"] or "", year)


def _last_thing(text: str) -> re.Match[str] | None:
    """The last name or number; a capital that only opens the question is none."""
    opening = _OPENING.match(text)
    found = [m for m in _THING.finditer(text, opening.end() if opening else 0) if m.start() > 0]
    return found[-1] if found else None
