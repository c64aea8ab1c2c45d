from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.followups import Turn, leans, stand_alone

RESCUE = Turn(
    "Siapa yang memimpin penyelamatan kapal Bahari Jaya?", "Kapten Ratna Sihombing, pada 2 Mei 2021."
)
BRIDGE = Turn("When did the Kahayan Bridge open?", "It opened on 3 March 2024.")
DATED = Turn("Siapa yang menemukan Pluto?", "Pada 18 Februari 1930, Pluto ditemukan oleh Clyde Tombaugh.")
INFLATION = Turn("Berapa inflasi pada Maret 2024?", "3,05 persen.")
LAST_MONTH = Turn("Berapa inflasi bulan lalu?", "3,05 persen.")
CENSUS = Turn("How many people lived in Selby in 2020?", "12,400.")
TWINS = Turn("Who founded the Selby Observatory?", "Martha Quill and Owen Pryce.")


@pytest.mark.parametrize(
    ("turns", "question", "complete"),
    [
        # A person asked for is the one who was named in the answer.
        (
            [RESCUE],
            "Umur berapa dia waktu itu?",
            "Umur berapa Kapten Ratna Sihombing waktu itu? (memimpin penyelamatan kapal Bahari Jaya)",
        ),
        # Nothing to carry over.
        ([Turn("siapa dia?", "x")], "siapa dia?", "siapa dia?"),
        # But nobody has a capacity or a price.
        (
            [RESCUE],
            "Berapa kapasitasnya?",
            "Berapa kapasitas Bahari Jaya? (memimpin penyelamatan kapal)",
        ),
        ([TWINS], "What was its cost?", "What was Selby Observatory's cost? (founded)"),
        ([TWINS], "What was her height?", "What was Martha Quill's height? (founded Selby Observatory)"),
        # What owns is what the question was about, and "it" too.
        (
            [Turn("Kapan Jembatan Kahayan dibuka?", "Pada Maret.")],
            "Berapa biayanya?",
            "Berapa biaya Jembatan Kahayan? (dibuka)",
        ),
        ([BRIDGE], "How long is it?", "How long is Kahayan Bridge? (open)"),
        ([BRIDGE], "And its length?", "Kahayan Bridge's length? (open)"),
        (
            [TWINS],
            "Where did they meet?",
            "Where did Martha Quill and Owen Pryce meet? (founded Selby Observatory)",
        ),
        # An exchanged name keeps the question.
        ([BRIDGE], "What about the Barito Bridge?", "When did the Barito Bridge open?"),
        (
            [Turn("Berapa penduduk Jawa Barat?", "49 juta.")],
            "Kalau Jawa Timur?",
            "Berapa penduduk Jawa Timur?",
        ),
        # A month is nobody's name, and replaces none.
        ([DATED], "Umur berapa dia waktu itu?", "Umur berapa Clyde Tombaugh waktu itu? (menemukan Pluto)"),
        ([DATED], "Februari 1930?", "Siapa yang menemukan Pluto (Februari 1930)?"),
        ([DATED], "Kalau Maret 1930?", "Siapa yang menemukan Pluto (Maret 1930)?"),
        ([BRIDGE], "What about May 2024?", "When did the Kahayan Bridge open (May 2024)?"),
        # A date takes the place of the one before, or of the part of it that it names.
        ([INFLATION], "Kalau April 2023?", "Berapa inflasi pada April 2023?"),
        ([INFLATION], "Kalau April?", "Berapa inflasi pada April 2024?"),
        ([INFLATION], "2022?", "Berapa inflasi pada Maret 2022?"),
        ([CENSUS], "What about 2010?", "How many people lived in Selby in 2010?"),
        ([CENSUS], "And May 2021?", "How many people lived in Selby in May 2021?"),
        ([INFLATION], "Kalau bulan lalu?", "Berapa inflasi pada bulan lalu?"),
        ([LAST_MONTH], "Kalau Maret 2024?", "Berapa inflasi Maret 2024?"),
        # "Last week" is not carried: it would hide what was published at any other time.
        ([LAST_MONTH], "Siapa yang mengumumkannya?", "Siapa yang mengumumkannya? (inflasi)"),
        # Names are put in the place of pronouns only.
        ([RESCUE], "Berapa pekerja IT di Kota Selby?", "Berapa pekerja IT di Kota Selby?"),
        ([RESCUE], "Kapan runtuhnya Menara Selby?", "Kapan runtuhnya Menara Selby?"),
        (
            [RESCUE],
            "Siapa satu-satunya perempuan di Dewan Selby?",
            "Siapa satu-satunya perempuan di Dewan Selby?",
        ),
        ([RESCUE], "Siapa yang bertanya di Dewan Selby?", "Siapa yang bertanya di Dewan Selby?"),
        ([RESCUE], "Apa itu inflasi?", "Apa itu inflasi?"),
        ([RESCUE], "Apa yang terjadi setelah gempa Selby?", "Apa yang terjadi setelah gempa Selby?"),
        # Complete in itself: the turns before are no business of it.
        ([RESCUE], "Kapan Pasar Lama pindah ke Jalan Melati?", "Kapan Pasar Lama pindah ke Jalan Melati?"),
        ([], "Umur berapa dia waktu itu?", "Umur berapa dia waktu itu?"),
    ],
)
def test_a_question_made_self_contained(turns: list[Turn], question: str, complete: str) -> None:
    assert stand_alone(question, turns) == complete


def test_names_last_over_several_turns() -> None:
    turns = [RESCUE, Turn("Berapa lama ia bertugas?", "Tiga hari.")]
    assert "Ratna Sihombing" in stand_alone("Di mana ia lahir?", turns)


def test_the_newer_topic_wins() -> None:
    turns = [RESCUE, Turn("Kapan Pasar Lama pindah?", "Pada Mei 2023.")]
    complete = stand_alone("Berapa pedagangnya?", turns)
    assert "Pasar Lama" in complete
    assert "Bahari" not in complete


@pytest.mark.parametrize(
    "question", ["Hanya berapa orang di Kota Selby?", "Biasanya kapan Festival Selby dibuka?"]
)
def test_a_word_that_ends_like_a_possessive_is_none(question: str) -> None:
    assert not leans(question)


@given(st.text(max_size=80), st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), max_size=3))
def test_any_text_gives_a_question(question: str, turns: list[tuple[str, str]]) -> None:
    assert isinstance(stand_alone(question, [Turn(*turn) for turn in turns]), str)
