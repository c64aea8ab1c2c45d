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
            "Mana yang lebih murah, Kereta Kahayan atau Kereta Barito?",
            ("Berapa harga Kereta Kahayan?", "Berapa harga Kereta Barito?"),
        ),
        (
            "Bandingkan panjang MRT fase 2A dengan Kahayan",
            ("Bandingkan panjang MRT fase 2A", "Bandingkan panjang Kahayan"),
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
        # A date takes the place of a date alone; the thing stays.
        (
            "Berapa penumpang Kahayan dibandingkan 2024?",
            ("Berapa penumpang Kahayan?", "Berapa penumpang Kahayan 2024?"),
        ),
        (
            "Berapa laba Barito dibandingkan dengan tahun 2024?",
            ("Berapa laba Barito?", "Berapa laba Barito tahun 2024?"),
        ),
        (
            "Berapa laba Barito 2023 dibandingkan 2024?",
            ("Berapa laba Barito 2023?", "Berapa laba Barito 2024?"),
        ),
        (
            "Berapa laba Barito 2025 dibandingkan kuartal I 2024?",
            ("Berapa laba Barito 2025?", "Berapa laba Barito kuartal I 2024?"),
        ),
        (
            "Berapa laba Barito dibandingkan Kahayan?",
            ("Berapa laba Barito?", "Berapa laba Kahayan?"),
        ),
        (
            "Berapa penduduk Barito pada 2020 dibandingkan Kahayan?",
            ("Berapa penduduk Barito pada 2020?", "Berapa penduduk Kahayan pada 2020?"),
        ),
        # What one date lacks the other has.
        (
            "Bandingkan inflasi Januari dan Februari 2024",
            ("Bandingkan inflasi Januari 2024", "Bandingkan inflasi Februari 2024"),
        ),
        (
            "Bandingkan inflasi Januari 2023 dan Februari 2024",
            ("Bandingkan inflasi Januari 2023", "Bandingkan inflasi Februari 2024"),
        ),
        (
            "Bandingkan inflasi Maret 2023 dan 2024",
            ("Bandingkan inflasi Maret 2023", "Bandingkan inflasi Maret 2024"),
        ),
        (
            "Bandingkan curah hujan 3 dan 4 Maret 2024",
            ("Bandingkan curah hujan 3 Maret 2024", "Bandingkan curah hujan 4 Maret 2024"),
        ),
        (
            "Bandingkan ekspor Kahayan dan Barito 2024",
            ("Bandingkan ekspor Kahayan 2024", "Bandingkan ekspor Barito 2024"),
        ),
        ("Bandingkan misi Apollo 11 dan 12", ("Bandingkan misi Apollo 11", "Bandingkan misi Apollo 12")),
        # Two sides, where something compares them.
        (
            "Berapa selisih harga Pertamax vs Pertalite?",
            ("Berapa selisih harga Pertamax?", "Berapa selisih harga Pertalite?"),
        ),
        (
            "Which has higher inflation, Japan vs Korea?",
            ("Which has higher inflation, Japan?", "Which has higher inflation, Korea?"),
        ),
        # Or where both have the measure that is asked for, or are years.
        (
            "Berapa penduduk Jakarta vs Surabaya?",
            ("Berapa penduduk Jakarta?", "Berapa penduduk Surabaya?"),
        ),
        ("Harga emas Antam vs UBS", ("Harga emas Antam", "Harga emas UBS")),
        ("Berapa inflasi 2023 vs 2022?", ("Berapa inflasi 2023?", "Berapa inflasi 2022?")),
        ("Berapa kasus DBD 2023 vs 2022?", ("Berapa kasus DBD 2023?", "Berapa kasus DBD 2022?")),
        ("How old is Quill vs Pryce?", ("How old is Quill?", "How old is Pryce?")),
        (
            "What is the population of Japan vs Korea?",
            ("What is the population of Japan?", "What is the population of Korea?"),
        ),
        # The capital of the first word is no name's.
        ("Harga iPhone 15 vs iPhone 16", ("Harga iPhone 15", "Harga iPhone 16")),
        ("UMR Jakarta vs. Bekasi", ("UMR Jakarta", "UMR Bekasi")),
        ("Bandingkan Kahayan dan Barito", ("Bandingkan Kahayan", "Bandingkan Barito")),
        ("Apa beda iPhone vs Galaxy?", ("Apa beda iPhone?", "Apa beda Galaxy?")),
        # A measure in capitals is asked of both.
        ("Bandingkan PDB Indonesia dan Malaysia", ("Bandingkan PDB Indonesia", "Bandingkan PDB Malaysia")),
        ("Bandingkan UMK Bogor dan UMK Depok", ("Bandingkan UMK Bogor", "Bandingkan UMK Depok")),
        ("Bandingkan UMP Banten 2024 dan 2025", ("Bandingkan UMP Banten 2024", "Bandingkan UMP Banten 2025")),
        ("Berapa IPM Papua dibandingkan Aceh?", ("Berapa IPM Papua?", "Berapa IPM Aceh?")),
        (
            "Perbandingan UMR Jakarta dan Bekasi 2025",
            ("Perbandingan UMR Jakarta 2025", "Perbandingan UMR Bekasi 2025"),
        ),
        (
            "Compare the GDP of Indonesia and Malaysia",
            ("Compare the GDP of Indonesia", "Compare the GDP of Malaysia"),
        ),
        ("Bandingkan FC Selby dan Kahayan", ("Bandingkan FC Selby", "Bandingkan Kahayan")),
        # A comma before them makes no third.
        (
            "Mana yang lebih ramai di Jawa, Kahayan atau Barito?",
            ("Mana yang lebih ramai di Jawa, Kahayan?", "Mana yang lebih ramai di Jawa, Barito?"),
        ),
        (
            "Menurut BPS, mana yang lebih ramai, Kahayan atau Barito?",
            ("Menurut BPS, mana yang lebih ramai, Kahayan?", "Menurut BPS, mana yang lebih ramai, Barito?"),
        ),
        (
            "Which city in Java, Kahayan or Barito, is bigger?",
            ("Which city in Java, Kahayan, is bigger?", "Which city in Java, Barito, is bigger?"),
        ),
        (
            "Bandingkan penduduk Kahayan, 2010 dan 2020",
            ("Bandingkan penduduk Kahayan, 2010", "Bandingkan penduduk Kahayan, 2020"),
        ),
        ("Who was born first, Quill or Pryce?", ("When was Quill born?", "When was Pryce born?")),
        (
            "Berapa perbedaan waktu tempuh Kahayan dan Barito?",
            ("Berapa perbedaan waktu tempuh Kahayan?", "Berapa perbedaan waktu tempuh Barito?"),
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
        # One match, one case.
        "Kapan jadwal timnas Indonesia vs Jepang?",
        "Di mana Persib vs Persija digelar?",
        "Siapa pencetak gol Indonesia vs Malaysia?",
        "What happened in the Apple vs Epic case?",
        "Who scored first in Indonesia vs. Malaysia?",
        "Berapa harga tiket Indonesia vs Jepang?",
        "What was the cost of the Apple vs Epic case?",
        "Berapa usia pemain tertua di laga Indonesia vs Jepang?",
        "Berapa selisih gol dalam laga Indonesia vs Jepang?",
        "Who had more shots in the Indonesia vs Japan match?",
        # Three.
        "Mana yang lebih besar, Jawa, Sumatra atau Papua?",
        "Which is bigger, Java, Sumatra or Borneo?",
        "Which is longer, the Nile, the Amazon or the Congo?",
        "Bandingkan penduduk Jawa, Sumatra dan Papua",
        "Mana yang lebih sehat, kopi, teh atau susu?",
        # There is one first, and one of what is between them.
        "Who was the first president, Sukarno or Suharto?",
        "Which was the first country to recognise Palestine, Ireland or Spain?",
        "Berapa perbedaan waktu Jakarta dan London?",
        "Apakah ada perbedaan pendapat antara Luhut dan Prabowo?",
        "What is the time difference between Jakarta and London?",
        "What did Trump and Xi differ on?",
        # No date, but a figure beside a name.
        "Bandingkan gol Quill pada usia 30 dan Pryce",
    ],
)
def test_other_questions_stay_whole(question: str) -> None:
    assert decompose(question) == (question,)
