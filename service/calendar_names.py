"""Months and days of the week in Indonesian and English, folded, with their numbers."""

from __future__ import annotations

MONTH_NAMES = {
    name: number
    for number, names in enumerate(
        (
            "januari january", "februari february", "maret march", "april", "mei may", "juni june",
            "juli july", "agustus august", "september", "oktober october", "november nopember",
            "desember december",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
"""Written out; 1 to 12."""
MONTHS = MONTH_NAMES | {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "agu": 8, "aug": 8, "sep": 9, "sept": 9,
    "okt": 10, "oct": 10, "nov": 11, "des": 12, "dec": 12,
}  # fmt: skip
"""Abbreviations too."""
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "senin monday", "selasa tuesday", "rabu wednesday", "kamis thursday", "jumat jum'at friday",
            "sabtu saturday", "minggu ahad sunday",
        )
    )
    for name in names.split()
}  # fmt: skip
"""0 for Monday, as `datetime.date.weekday` counts. "Minggu" is also a week."""
