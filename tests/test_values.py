from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.values import Date, read_dates, read_numbers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rp 16,83 triliun", "16.83 trillion rupiah"),
        ("1.234 orang", "1,234 people"),
        ("tiga puluh dua ribu orang", "32.000 jiwa"),
        ("thirty-two thousand people", "32,000 persons"),
        ("dua ribu lima ratus", "2,500"),
        ("15 persen", "15%"),
        ("US$6,07 miliar", "6.07 billion dollars"),
        ("1.234.567,8 km", "1,234,567.8 kilometres"),
        ("setinggi 3.805 meter", "3,805 m"),
    ],
)
def test_one_value_in_two_notations(one: str, other: str) -> None:
    (first,), (second,) = read_numbers(one), read_numbers(other)
    assert first.agrees(second)
    assert second.agrees(first)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("16,83 triliun", "16,83 miliar"),
        ("412 pedagang", "413 pedagang"),
        ("15 persen", "15 kilometer"),
        ("Rp 5 juta", "5 million dollars"),
        ("12,5", "125"),
    ],
)
def test_different_values(one: str, other: str) -> None:
    (first,), (second,) = read_numbers(one), read_numbers(other)
    assert not first.agrees(second)


@pytest.mark.parametrize(
    "text", ["3 Maret 2024", "March 3, 2024", "3 March 2024", "the 3rd of March 2024", "2024-03-03"]
)
def test_one_date_in_many_notations(text: str) -> None:
    assert read_dates(text) == [Date(2024, 3, 3)]
    assert read_numbers(text) == []


def test_dates_agree_as_far_as_they_tell() -> None:
    assert Date(2024, 3, None).agrees(Date(2024, 3, 3))
    assert Date(None, 3, 3).agrees(Date(2024, 3, 3))
    assert not Date(2024, 3, 4).agrees(Date(2024, 3, 3))
    assert not Date(2024, None, None).agrees(Date(None, 3, None)), "nothing that both tell"


@given(st.integers(0, 10**9))
def test_grouped_integers_are_read_in_both_languages(value: int) -> None:
    english = f"{value:,}"
    for text in (english, english.replace(",", "."), str(value)):
        (number,) = read_numbers(text)
        assert Fraction(value) in number.values
