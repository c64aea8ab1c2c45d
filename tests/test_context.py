from __future__ import annotations

import pytest

from service.context import needs_context


@pytest.mark.parametrize(
    "sentence",
    [
        "Ia lahir di Parepare.",
        "Menurutnya, ekonomi tumbuh 5 persen.",
        "Namun, hasilnya berbeda.",
        "Jembatan itu panjangnya 240 meter.",
        "Kedua angka itu berbeda.",
        "“Kami siap,” katanya.",
        "He denied the report.",
        "The company posted a loss.",
        "However, prices fell.",
        "“We are ready,” she said.",
    ],
)
def test_cannot_stand_alone(sentence: str) -> None:
    assert needs_context(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Zhipu naik 36 persen.",
        "Tahun ini ekonomi tumbuh 5 persen.",
        "Pada tahun ini, ekonomi tumbuh 5 persen.",
        "The Federal Reserve was founded in 1913.",
        "There are twelve districts.",
        "The firm Skidmore, Owings and Merrill designed it.",
        "The report by the panel was long.",
        "Gubernur Sari Wulandari membuka jembatan.",
    ],
)
def test_stands_alone(sentence: str) -> None:
    assert not needs_context(sentence)
