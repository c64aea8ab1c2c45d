"""Spans that can be short answers: quantities, times, names and places, found by their form."""

from __future__ import annotations

import re

from service.calendar_names import MONTHS, WEEKDAYS
from service.questions import AnswerKind
from service.sentences import SENTENCE_OPENERS
from service.terms import STOPWORDS, fold

Span = tuple[int, int]

_NO_NAME = STOPWORDS | SENTENCE_OPENERS

_MONTHS = "|".join(sorted(MONTHS, key=len, reverse=True))
_NUMBER = r"\d+(?:[.,]\d+)*"
_NUMBER_WORDS = (
    "satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|sebelas|belas|puluh|ratus|seratus|ribu|seribu"
    "|juta|miliar|milyar|triliun|setengah|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen"
    "|hundred|thousand|million|billion|trillion|half"
)
_WEEKDAYS = "|".join(WEEKDAYS)
_TIME = re.compile(
    rf"\b(?:(?:{_WEEKDAYS}),?\s+)?(?:\d{{1,2}}\s+(?:(?:dan|and|sampai|hingga|to)\s+\d{{1,2}}\s+)?)?(?:{_MONTHS})\b\.?(?:\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,)?)?(?:\s+\d{{4}}\b)?"
    r"|\b\d{1,2}[/-]\d{1,2}(?:[/-]\d{2,4})?\b|\b(?:1\d|20)\d{2}(?:an|-an|s)?\b(?!\s*(?:orang|km|meter|persen|ton))"
    r"|\b(?:pukul|jam)\s+\d{1,2}[.:]\d{2}(?:\s+WI(?:B|TA|T))?|\b\d{1,2}(?::\d{2})?\s*[ap]\.?m\b\.?"
    rf"|\b(?:{_WEEKDAYS})\b(?:,?\s+\(\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?\))?"
    r"|\babad\s+ke-?\s*\d+|\b\d{1,2}(?:st|nd|rd|th)\s+century\b",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    rf"(?<![\w-])(?:(?:rp|us\$|usd|\$|€|£|¥)\s*\.?\s*|\b){_NUMBER}\b(?:\s*(?:%|persen|percent))?"
    rf"(?:\s+(?:{_NUMBER_WORDS})\b)*|\b(?:{_NUMBER_WORDS})\b(?:[\s-]+(?:{_NUMBER_WORDS})\b)*",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-Z][\w’'-]*\.?(?:\s+(?:(?:of|the|van|de|bin|binti|von|al)\s+)?[A-Z][\w’'-]*\.?)*")
_PLACE_BEFORE = re.compile(
    r"\b(?:di|ke|dari|in|at|from|near|to|kota|provinsi|kabupaten|pulau|negara)\s+$", re.IGNORECASE
)
_QUOTES = " \"'“”‘’«(["
_PERCENT = re.compile(r"%|\bpersen|\bpercent", re.IGNORECASE)
_UNIT_AFTER = re.compile(r"\s+([^\W\d_]+)")


def answer_spans(text: str, kind: AnswerKind) -> list[Span]:
    """Spans of `text` that have the form of an answer of this kind, in text order.

    Reasons, manners and things have no form of their own: names and quantities stand in for things,
    nothing for the other two.
    """
    if kind == "time":
        return [m.span() for m in _TIME.finditer(text)]
    if kind == "quantity":
        return [_with_unit(text, m.span()) for m in _QUANTITY.finditer(text)]
    if kind == "person":
        return _names(text)
    if kind == "place":
        placed = [s for s in _names(text) if _PLACE_BEFORE.search(text, 0, s[0])]
        return placed or _names(text)
    if kind == "thing":
        return sorted({*_names(text), *(m.span() for m in _QUANTITY.finditer(text))})
    return []


def _names(text: str) -> list[Span]:
    found = []
    for match in _NAME.finditer(text):
        start, end = match.span()
        words = match.group().split()
        # A sentence's first word is capitalised whatever it is; inside one, "Yang" is a name.
        opening = not text[:start].strip(_QUOTES)
        while opening and words and fold(words[0]).rstrip(".") in _NO_NAME:
            start += len(words.pop(0))
            while start < end and text[start].isspace():
                start += 1
        if words:
            if text[end - 1] == "." and len(words[-1]) > 3:
                end -= 1
            found.append((start, end))
    return found


def _with_unit(text: str, span: Span) -> Span:
    """A number together with the word that counts: "759 artikel", "36 persen"."""
    unit = _UNIT_AFTER.match(text, span[1])
    if (
        unit
        and unit.group(1).islower()
        and fold(unit.group(1)) not in STOPWORDS
        and not _PERCENT.search(text, *span)
    ):
        return span[0], unit.end()
    return span
