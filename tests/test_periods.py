from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.periods import understand_time

NOW = date(2026, 3, 4)  # a Wednesday


@pytest.mark.parametrize(
    ("question", "meaning", "published"),
    [
        ("Apa yang terjadi kemarin?", "2026-03-03", ("2026-03-03", "2026-03-04")),
        ("What happened yesterday?", "2026-03-03", ("2026-03-03", "2026-03-04")),
        ("Berita hari ini", "2026-03-04", ("2026-03-04", "2026-03-04")),
        ("Siapa yang menang minggu lalu?", "2026-02-23/2026-03-01", ("2026-02-23", "2026-03-03")),
        ("What was decided last week?", "2026-02-23/2026-03-01", ("2026-02-23", "2026-03-03")),
        ("Apa yang diputuskan bulan lalu?", "2026-02-01/2026-02-28", ("2026-02-01", "2026-03-04")),
        ("gempa 3 hari terakhir", "2026-03-01/2026-03-04", ("2026-03-01", "2026-03-04")),
        ("quakes in the past two weeks", "2026-02-16/2026-03-04", ("2026-02-16", "2026-03-04")),
        ("dua bulan lalu siapa yang dilantik?", "2026-01-01/2026-01-31", ("2026-01-01", "2026-02-07")),
        ("Berapa inflasi pada 2019?", "2019-01-01/2019-12-31", None),
        ("Where is the virus kept today?", "2026-03-04", None),
    ],
)
def test_relative_to_the_day(question: str, meaning: str, published: tuple[str, str] | None) -> None:
    timing = understand_time(question, NOW)
    assert [period.meaning for period in timing.periods] == [meaning]
    assert timing.published == published
    assert timing.text == question


@pytest.mark.parametrize(
    "question",
    [
        "Hewan apa yang punah 66 juta tahun lalu?",
        "Siapa presiden dua puluh tahun lalu?",
        "Kota apa yang berdiri 2000 tahun lalu?",
        "Candi apa yang dibangun 1.500 tahun lalu?",
        "Apa yang terjadi beberapa bulan lalu?",
        "Gempa dua belas hari lalu",
        "What was decided on the last day of the summit?",
        "Which events does USA Today report?",
    ],
)
def test_what_is_told_in_other_numbers_bounds_nothing(question: str) -> None:
    timing = understand_time(question, NOW)
    assert (timing.text, timing.periods, timing.published) == (question, (), None)


def test_two_periods_bound_together() -> None:
    timing = understand_time("Bandingkan kasus minggu ini dan minggu lalu", NOW)
    assert [period.meaning for period in timing.periods] == ["2026-03-02/2026-03-04", "2026-02-23/2026-03-01"]
    assert timing.published == ("2026-02-23", "2026-03-04")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Berapa inflasi tahun lalu?", "Berapa inflasi tahun 2025?"),
        ("What was inflation last year?", "What was inflation 2025?"),
        ("Siapa presiden lima tahun lalu?", "Siapa presiden tahun 2021?"),
        ("ekspor tahun ini", "ekspor tahun 2026"),
    ],
)
def test_a_relative_year_is_said_in_figures(question: str, text: str) -> None:
    timing = understand_time(question, NOW)
    assert (timing.text, timing.published) == (text, None)


@pytest.mark.parametrize("question", ["data terbaru", "the latest figure", "siapa juara yang terakhir?"])
def test_the_newest(question: str) -> None:
    assert understand_time(question, NOW).latest is not None


def test_the_last_days_are_not_the_latest() -> None:
    assert understand_time("gempa 3 hari terakhir", NOW).latest is None


@given(
    st.dates(min_value=date(1900, 1, 1)),
    st.sampled_from(["bulan lalu", "last year", "2 minggu lalu", "999 years ago"]),
)
def test_any_day_has_a_past(now: date, phrase: str) -> None:
    (period,) = understand_time(f"apa {phrase}", now).periods
    assert period.first <= period.last < now.isoformat()
