"""A question that compares two things → one question for each of them.

"Mana yang lebih panjang, jalur Whoosh atau jalur MRT Jakarta?" is two questions whose answers stand in two
articles. Nothing is computed from them: the answer quotes both, and who reads it compares.
"""

from __future__ import annotations

import re

from service.questions import understand

_COMPARES = re.compile(
    r"\b(?:lebih|manakah|mana yang|paling|duluan|bandingkan|perbandingan|perbedaan|beda(?:nya)?|selisih"
    r"|antara|which|who|compare|comparison|difference|between|more|less|fewer|first|earlier|later|sooner|before"
    r"|newer|older|younger|longer|shorter|taller|higher|lower|deeper|wider|bigger|larger|smaller|greater|heavier"
    r"|lighter|faster|slower|richer|poorer|cheaper|warmer|colder|stronger|closer)\b",
    re.IGNORECASE,
)
_RESULT = re.compile(r"\b(?:skor|hasil|pertandingan|laga|score|result|match|game)\b", re.IGNORECASE)
"""A game has one result: its two sides are not compared."""
_CONJUNCTION = re.compile(
    r"\s+(?:atau|dan|or|and|versus|vs\.?|dengan|dibanding(?:kan)?|than)\s+", re.IGNORECASE
)
_CHOICE = re.compile(r"\b(?:atau|or|versus|vs)\b", re.IGNORECASE)
_NAME = r"(?:[A-Z][\w’'.-]*|\d+(?:[.,]\d+)*)"
_THING = re.compile(rf"{_NAME}(?:\s+(?:(?:of|the|van|de|bin|di)\s+)?(?:{_NAME}|fase|phase))*")
_LAST_CHOICE = re.compile(r"(?P<asked>.*,\s*)(?P<one>[^,]+?)\s+(?:or|atau)\s+(?P<other>[^,?]+)(?P<end>\??)")
# "Mana yang lebih panjang, X atau Y?" → "Berapa panjang X?": nobody writes of one thing that it is longer.
_MEASURES = {
    "panjang": "panjang", "tinggi": "tinggi", "luas": "luas", "berat": "berat", "tua": "usia",
    "muda": "usia", "cepat": "kecepatan", "padat": "kepadatan penduduk", "lama": "lama", "jauh": "jarak",
    "dalam": "kedalaman", "longer": "long", "taller": "tall", "higher": "high", "bigger": "big",
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


def decompose(question: str) -> tuple[str, ...]:
    """Two questions, each about one of the things compared; the question alone where it compares none, or
    where what it compares cannot be told apart."""
    asked = understand(question)
    compares = _COMPARES.search(question)
    if not (asked.compares or (compares and _CHOICE.search(question))):
        return (question,)
    if _RESULT.search(question) and not compares:
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
        rest = after[other.end() :]
        return before + rest, before[: one.start()] + other.group() + rest
    if choice := _LAST_CHOICE.fullmatch(question):
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


def _last_thing(text: str) -> re.Match[str] | None:
    """The last name or number; a capital that only opens the question is none."""
    found = [m for m in _THING.finditer(text) if m.start() > 0]
    return found[-1] if found else None
