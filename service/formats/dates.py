"""Dates as programs write them, in feeds and in the metadata of pages → ISO 8601."""

from __future__ import annotations

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime

_ZONES = {"wib": "+0700", "wita": "+0800", "wit": "+0900"} | dict.fromkeys(("utc", "gmt", "z"), "+0000")
_ZONE = re.compile(
    r"(:\d{2}(?:\.\d{1,9})?)\s*+(?:(wib|wita|wit|utc|gmt|z)|(?:GMT|UTC)?\s*+([+-])(\d{1,2}):?(\d{2})?)$",
    re.IGNORECASE,
)
_MOST_CHARS = 100
_NO_YEAR = re.compile(r"(?<!\S)(?<!:\d\d )0\d{3}(?:\d{4})?(?!\d)")
"""A year before 1000: a program wrote the first moment that it knows, for none."""


def iso_date(declared: str) -> str | None:
    """A date of ISO 8601 or RFC 822 as ISO 8601: to the second, with its offset, where it has an hour and a
    zone, else the day alone. None for what is neither."""
    if len(declared) > _MOST_CHARS:
        return None
    text = _ZONE.sub(_offset_behind, declared.strip())
    if _NO_YEAR.search(text):
        return None
    for read in (date.fromisoformat, datetime.fromisoformat, parsedate_to_datetime, _day_in_words):
        try:
            return read(text).isoformat()
        except (ValueError, OverflowError):
            continue
    return None


def _offset_behind(found: re.Match[str]) -> str:
    hour, zone, sign, hours, minutes = found.groups()
    return hour + (_ZONES[zone.lower()] if zone else f"{sign}{hours:0>2}{minutes or '00'}")


def _day_in_words(text: str) -> date:
    return parsedate_to_datetime(f"{text} 00:00").date()
