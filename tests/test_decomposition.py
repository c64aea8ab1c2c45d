from __future__ import annotations

import pytest

from service.decomposition import decompose


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Mana yang lebih panjang, Jembatan Kahayan atau Jembatan Barito?",
            ("Berapa panjang Jembatan Kahayan?", "Berapa panjang Jembatan Barito?"),
        ),
        (
            "Mana yang lebih dulu jadi taman nasional, Kahayan atau Gunung Barito?",
            ("Kapan Kahayan jadi taman nasional?", "Kapan Gunung Barito jadi taman nasional?"),
        ),
        (
            "Which was launched first, the Selby Ferry or the Owen Pryce?",
            ("When was the Selby Ferry launched?", "When was the Owen Pryce launched?"),
        ),
        (
            "Which is older, the lighthouse or the mill?",
            ("How old is the lighthouse?", "How old is the mill?"),
        ),
        (
            "Which opened first, the Kahayan Bridge or the Selby Tunnel?",
            ("Which opened first, the Kahayan Bridge?", "Which opened first, the Selby Tunnel?"),
        ),
        (
            "Bandingkan jumlah pedagang pada 2010 dan 2020",
            ("Bandingkan jumlah pedagang pada 2010", "Bandingkan jumlah pedagang pada 2020"),
        ),
        (
            "Who serves longer, the mayor or the keeper of the light?",
            ("Who serves longer, the mayor?", "Who serves longer, the keeper of the light?"),
        ),
    ],
)
def test_a_comparison_is_taken_apart(question: str, parts: tuple[str, str]) -> None:
    assert decompose(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "Siapa yang memimpin Jawa Barat dan Jawa Timur?",
        "Kapan Budi dan Sari menikah?",
        "Apakah benar atau salah?",
        "Who founded the Selby Observatory?",
        "Mana yang lebih panjang?",
        "Apakah server Google atau Microsoft yang diretas?",
        "Berapa orang ditangkap pada November atau Desember 2025?",
        "Berapa skor Indonesia vs Malaysia?",
    ],
)
def test_other_questions_stay_whole(question: str) -> None:
    assert decompose(question) == (question,)
