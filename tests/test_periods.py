from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.periods import understand_time, without_now

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
        ("Berapa inflasi pada 2019-2021?", "2019-01-01/2021-12-31", None),
        ("Berapa inflasi sejak 2019?", "2019-01-01/2026-03-04", None),
        ("What was inflation since 2019?", "2019-01-01/2026-03-04", None),
        ("Berapa inflasi sejak tahun 2019 hingga 2022?", "2019-01-01/2022-12-31", None),
        ("Berapa emisi sejak 2030?", "2030-01-01/2030-12-31", None),
        ("Berapa kasus sejak bulan lalu?", "2026-02-01/2026-03-04", ("2026-02-01", "2026-03-04")),
        ("How many cases since yesterday?", "2026-03-03/2026-03-04", ("2026-03-03", "2026-03-04")),
        ("gempa sebelas hari lalu", "2026-02-21", ("2026-02-21", "2026-02-22")),
        ("Gempa dua belas hari lalu", "2026-02-20", ("2026-02-20", "2026-02-21")),
        ("gempa dua puluh lima hari terakhir", "2026-02-07/2026-03-04", ("2026-02-07", "2026-03-04")),
        ("What happened thirty-one days ago?", "2026-02-01", ("2026-02-01", "2026-02-02")),
        ("quakes in the past twenty-five days", "2026-02-07/2026-03-04", ("2026-02-07", "2026-03-04")),
        ("What was decided a week ago?", "2026-02-23/2026-03-01", ("2026-02-23", "2026-03-03")),
        ("What happened over the last week?", "2026-02-23/2026-03-04", ("2026-02-23", "2026-03-04")),
        ("What happened this past month?", "2026-02-01/2026-03-04", ("2026-02-01", "2026-03-04")),
        ("What happened the day before yesterday?", "2026-03-02", ("2026-03-02", "2026-03-03")),
        ("Apa yang terjadi lusa kemarin?", "2026-03-02", ("2026-03-02", "2026-03-03")),
        ("Apa yang terjadi kemarin lusa?", "2026-03-02", ("2026-03-02", "2026-03-03")),
        ("Siapa yang menang Senin lalu?", "2026-03-02", ("2026-03-02", "2026-03-03")),
        ("Siapa yang menang Rabu lalu?", "2026-02-25", ("2026-02-25", "2026-02-26")),
        ("gempa 2 minggu kemarin", "2026-02-16/2026-03-04", ("2026-02-16", "2026-03-04")),
        ("gempa 3 hari kemarin", "2026-03-01/2026-03-04", ("2026-03-01", "2026-03-04")),
        ("gempa hari kemarin", "2026-03-03", ("2026-03-03", "2026-03-04")),
        ("Senin lalu lalu lintas macet", "2026-03-02", ("2026-03-02", "2026-03-03")),
        # A number before them that belongs to another word.
        ("rapat pukul sepuluh hari ini", "2026-03-04", None),
        ("rapat pukul dua belas hari ini", "2026-03-04", None),
        ("siapa juara dua bulan ini", "2026-03-01/2026-03-04", ("2026-03-01", "2026-03-04")),
        ("tahap 2 3 bulan lalu", "2025-12-01/2025-12-31", ("2025-12-01", "2026-01-07")),
        ("Who won last Sunday?", "2026-03-01", ("2026-03-01", "2026-03-02")),
        ("Where is the virus kept today?", "2026-03-04", None),
        ("Gempa Sabtu malam kemarin", "2026-02-28", ("2026-02-28", "2026-03-01")),
        ("Gempa Minggu malam lalu", "2026-03-01", ("2026-03-01", "2026-03-02")),
        ("Berapa harga emas kemarin?", "2026-03-03", ("2026-03-03", "2026-03-04")),
        ("Apa yang terjadi di Jakarta kemarin?", "2026-03-03", ("2026-03-03", "2026-03-04")),
        ("Berapa skor laga Piala AFF kemarin?", "2026-03-03", ("2026-03-03", "2026-03-04")),
        (
            "Siapa yang menang sejak Pilpres, dan apa kata KPU kemarin?",
            "2026-03-03",
            ("2026-03-03", "2026-03-04"),
        ),
        ("Yesterday, what happened?", "2026-03-03", ("2026-03-03", "2026-03-04")),
        ("Apa berita Kemarin?", "2026-03-03", ("2026-03-03", "2026-03-04")),
        # Of what it is compared with, or follows, one may read up to now.
        (
            "Berapa naiknya beras dibanding minggu lalu?",
            "2026-02-23/2026-03-01",
            ("2026-02-23", "2026-03-04"),
        ),
        ("Berapa naiknya beras dari minggu lalu?", "2026-02-23/2026-03-01", ("2026-02-23", "2026-03-04")),
        ("Is rice dearer than last week?", "2026-02-23/2026-03-01", ("2026-02-23", "2026-03-04")),
        ("How is rice compared with last week?", "2026-02-23/2026-03-01", ("2026-02-23", "2026-03-04")),
        ("Apa kabar Palu setelah gempa minggu lalu?", "2026-02-23/2026-03-01", ("2026-02-23", "2026-03-04")),
        ("Apa berita dari minggu lalu?", "2026-02-23/2026-03-01", ("2026-02-23", "2026-03-03")),
        # Three weeks ago, or of Galaxy 3 last week.
        ("Berapa harga Galaxy 3 minggu lalu?", "2026-02-09/2026-03-01", ("2026-02-09", "2026-03-03")),
        ("Berapa harga iPhone 17 bulan lalu?", "2024-10-01/2026-02-28", ("2024-10-01", "2026-03-04")),
        ("Harga beras 3 minggu lalu", "2026-02-09/2026-02-15", ("2026-02-09", "2026-02-17")),
        ("Apa kata Prabowo 3 hari lalu?", "2026-03-01", ("2026-03-01", "2026-03-02")),
        ("Berapa penumpang Terminal 3 minggu lalu?", "2026-02-23/2026-03-01", ("2026-02-23", "2026-03-03")),
        ("Berapa harga iPhone 17 bulan ini?", "2026-03-01/2026-03-04", ("2026-03-01", "2026-03-04")),
        ("rapat pukul 10 hari ini", "2026-03-04", None),
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
        "Kota apa yang berdiri 2000 tahun lalu?",
        "Candi apa yang dibangun 1.500 tahun lalu?",
        "Apa yang terjadi beberapa bulan lalu?",
        "Siapa presiden seribu tahun lalu?",
        "Siapa presiden tiga setengah tahun lalu?",
        "Siapa presiden setengah tahun lalu?",
        "Siapa presiden 1,5 tahun lalu?",
        "Siapa presiden dua atau tiga tahun lalu?",
        "Siapa presiden dua-tiga tahun lalu?",
        "Siapa presiden 2–3 tahun lalu?",
        "Apa yang punah 66 jt tahun lalu?",
        "Perang bertahun-tahun lalu",
        "Gempa berbulan-bulan lalu",
        "Berapa tahun lalu tsunami Aceh terjadi?",
        "Berapa hari lalu gempa terjadi?",
        "Sudah berapa hari yang lalu banjir Aceh?",
        "How many years ago was the tsunami?",
        "What happened half a year ago?",
        "What happened a few years ago?",
        "What happened in past years?",
        "Berapa inflasi beberapa tahun terakhir?",
        "Berapa hujan dalam 5 tahun ini?",
        "Berapa hujan tiga tahun ini?",
        "gempa beberapa hari kemarin",
        "mulai Senin lalu lintas di Sudirman dialihkan",
        "Juara Liga 2 2-3 tahun lalu",
        "What was decided on the last day of the summit?",
        "Which events does USA Today report?",
        # The last one.
        "Siapa pemenang Pilpres kemarin?",
        "Siapa juara umum SEA Games yang kemarin?",
        "Di mana Piala Dunia Qatar kemarin?",
        "hasil pemilu kemarin",
        "Berapa korban mudik Lebaran 2025 kemarin?",
        "Berapa inflasi bulan Februari kemarin?",
        "Gempa 1 Maret kemarin",
        "Gempa Minggu (1/3) kemarin",
        # So many, or the number is a name's.
        "Rupiah 3 bulan ini berapa?",
        "gempa 2 minggu ini",
        "Berapa hujan 5 tahun ini?",
        "Berapa harga iPhone 15 tahun lalu?",
        "Berapa tarif PPh 21 tahun lalu?",
        # Titles.
        "Who wrote the song Yesterday by the Beatles?",
        "Siapa penulis novel Kemarin Ada Hari Esok?",
        "Siapa penyanyi lagu “Kemarin”?",
    ],
)
def test_what_is_told_in_other_numbers_bounds_nothing(question: str) -> None:
    timing = understand_time(question, NOW)
    assert (timing.text, timing.periods, timing.published, timing.latest) == (question, (), None, None)


def test_two_periods_bound_together() -> None:
    timing = understand_time("Bandingkan kasus minggu ini dan minggu lalu", NOW)
    assert [period.meaning for period in timing.periods] == ["2026-03-02/2026-03-04", "2026-02-23/2026-03-01"]
    assert timing.published == ("2026-02-23", "2026-03-04")


@pytest.mark.parametrize(
    ("question", "published"),
    [
        ("Berapa harga emas hari ini dibanding minggu lalu?", ("2026-02-23", "2026-03-04")),
        ("Bandingkan harga emas hari ini dan minggu lalu", ("2026-02-23", "2026-03-04")),
        ("Bagaimana korban gempa minggu lalu sekarang?", ("2026-02-23", "2026-03-04")),
        ("What is the latest on last week's quake?", ("2026-02-23", "2026-03-04")),
        ("Siapa yang terakhir menang minggu lalu?", ("2026-02-23", "2026-03-03")),
    ],
)
def test_what_is_asked_of_now_may_be_printed_now(question: str, published: tuple[str, str]) -> None:
    assert understand_time(question, NOW).published == published


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Berapa inflasi tahun lalu?", "Berapa inflasi tahun 2025?"),
        ("What was inflation last year?", "What was inflation 2025?"),
        ("Siapa presiden lima tahun lalu?", "Siapa presiden tahun 2021?"),
        ("Siapa presiden sebelas tahun lalu?", "Siapa presiden tahun 2015?"),
        ("Siapa presiden dua puluh tahun lalu?", "Siapa presiden tahun 2006?"),
        ("Siapa raja seratus tahun lalu?", "Siapa raja tahun 1926?"),
        ("Who was president twenty-five years ago?", "Who was president 2001?"),
        ("Who was king a hundred years ago?", "Who was king 1926?"),
        ("ekspor tahun ini", "ekspor tahun 2026"),
        ("ekspor sejak tahun lalu", "ekspor sejak tahun 2025"),
        ("ekspor berapa tahun ini?", "ekspor berapa tahun 2026?"),
        ("How did exports grow over the last year?", "How did exports grow over 2025-2026?"),
        ("exports in the past year", "exports in 2025-2026"),
        # A number that belongs to what is before it.
        ("Berapa gaji ke-13 tahun lalu?", "Berapa gaji ke-13 tahun 2025?"),
        ("Berapa gaji ke 13 tahun lalu?", "Berapa gaji ke 13 tahun 2025?"),
        ("Berapa gaji ketiga belas tahun lalu?", "Berapa gaji ketiga belas tahun 2025?"),
        ("Berapa kasus COVID-19 tahun lalu?", "Berapa kasus COVID-19 tahun 2025?"),
        ("Di mana KTT G20 tahun lalu?", "Di mana KTT G20 tahun 2025?"),
        ("Berapa ekspor kuartal 2 tahun lalu?", "Berapa ekspor kuartal 2 tahun 2025?"),
        ("Juara Liga 2 2 tahun lalu", "Juara Liga 2 tahun 2024"),
        ("Ujian kelas dua belas tahun lalu", "Ujian kelas dua belas tahun 2025"),
        ("Juara Liga 2 tahun lalu", "Juara Liga 2 tahun 2025"),
        ("siapa juara tiga tahun ini", "siapa juara tiga tahun 2026"),
        ("siapa juara dua tahun lalu", "siapa juara tahun 2024"),
        ("ekspor 2 tahun kemarin", "ekspor tahun 2024-2026"),
        ("Ke mana laba Rp5 miliar tahun lalu?", "Ke mana laba Rp5 miliar tahun 2025?"),
        ("Siapa juara Formula 1 tahun lalu?", "Siapa juara Formula 1 tahun 2025?"),
        ("Siapa juara Divisi 1 tahun lalu?", "Siapa juara Divisi 1 tahun 2025?"),
        ("Berapa kasus COVID 19 tahun lalu?", "Berapa kasus COVID 19 tahun 2025?"),
        ("Apa yang terjadi di KM 50 tahun lalu?", "Apa yang terjadi di KM 50 tahun 2025?"),
        ("Gempa Aceh 20 tahun lalu", "Gempa Aceh tahun 2006"),
        ("Siapa presiden Indonesia 20 tahun lalu?", "Siapa presiden Indonesia tahun 2006?"),
        ("Berapa harga BBM 10 tahun lalu?", "Berapa harga BBM tahun 2016?"),
        ("Berapa gaji ke-13 tahun ini?", "Berapa gaji ke-13 tahun 2026?"),
        ("Berapa harga iPhone 17 tahun ini?", "Berapa harga iPhone 17 tahun 2026?"),
        ("Siapa juara Liga 2 tahun ini?", "Siapa juara Liga 2 tahun 2026?"),
        ("Apa yang terjadi 50 tahun lalu hari ini?", "Apa yang terjadi tahun 1976 hari ini?"),
        ("Apa yang terjadi hari ini 50 tahun lalu?", "Apa yang terjadi hari ini tahun 1976?"),
        ("What happened one year ago today?", "What happened 2025 today?"),
    ],
)
def test_a_relative_year_is_said_in_figures(question: str, text: str) -> None:
    timing = understand_time(question, NOW)
    assert (timing.text, timing.published) == (text, None)


@pytest.mark.parametrize(
    "part",
    [
        "1 ",
        "a dozen ",
        "dua ",
        "tahun lalu ",
        "dua hari ini ",
        "sejak ",
        "the last year ",
        "1-",
        " ",
        "(",
        "kemarin ",
        "Piala A ",
        "dibanding a ",
        "aA",
        "iPhone 15 bulan lalu ",
    ],
)
def test_the_time_it_takes_grows_with_the_length(part: str) -> None:
    start = time.process_time()
    understand_time((part * 2_000)[:2_000], NOW)
    assert time.process_time() - start < 0.5


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


@pytest.mark.parametrize("now", [date.min, date.max])
@pytest.mark.parametrize(
    "question",
    ["Apa berita kemarin?", "Apa berita bulan ini?", "gempa minggu lalu", "gempa bulan lalu", "Senin lalu",
     "ekspor 2 tahun terakhir", "What happened today?", "999 years ago"],
)  # fmt: skip
def test_the_calendar_has_ends(now: date, question: str) -> None:
    (period,) = understand_time(question, now).periods
    assert period.first <= period.last <= now.isoformat()


@pytest.mark.parametrize(
    ("question", "without"),
    [
        ("Siapa gubernur BI sekarang?", "Siapa gubernur BI?"),
        ("Saat ini, siapa gubernur BI?", "siapa gubernur BI?"),
        ("Who is the current governor?", "Who is the governor?"),
        ("What is the price of rice right now?", "What is the price of rice?"),
        ("How large is the current account deficit?", "How large is the current account deficit?"),
        ("Berapa korban sampai sekarang?", "Berapa korban sampai sekarang?"),
        ("Who directed Apocalypse Now?", "Who directed Apocalypse Now?"),
        ("Which ocean current warms Europe?", "Which ocean current warms Europe?"),
        ("Siapa penyair masa kini?", "Siapa penyair masa kini?"),
        ("How many deaths as of now?", "How many deaths as of now?"),
        ("Sekarang?", "Sekarang?"),
    ],
)
def test_the_present_is_left_out(question: str, without: str) -> None:
    assert without_now(question) == without
