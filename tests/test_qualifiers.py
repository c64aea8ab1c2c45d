"""A sentence of the first is none of the present one, one of the most none of the least."""

from __future__ import annotations

import pytest

from service.library import Library
from service.qualifiers import asks_extreme, is_extreme, says_otherwise
from service.questions import understand
from service.records import Article


@pytest.mark.parametrize(
    ("question", "text", "otherwise"),
    [
        ("Siapa gubernur bank sekarang?", "Sjafruddin menjadi gubernur pertama bank itu.", True),
        ("Siapa kepala otorita saat ini?", "Kepala Otorita yang pertama, Bambang, dilantik kemarin.", True),
        ("Who is the current governor?", "Ann Lee was the first woman governor of the bank.", True),
        ("Who is the governor now?", "Bob Roy, a former governor of the bank, wrote a book.", True),
        ("Siapa gubernur bank sekarang?", "Ann Lee was the first gubernur of the bank.", True),
        ("Siapa gubernur bank saat ini?", "Perry pertama kali menjadi gubernur pada 2018.", False),
        ("Siapa gubernur bank saat ini?", "Perry menggantikan mantan gubernur Agus Martowardojo.", False),
        ("Siapa gubernur saat ini?", "Gubernur saat ini, Ani, adalah gubernur perempuan pertama.", False),
        ("Siapa presiden Indonesia saat ini?", "Presiden Ani membuka jalan tol pertama Indonesia.", False),
        ("Siapa gubernur Bank Uji sekarang?", "Sjafruddin ialah gubernur Bank Uji yang pertama.", True),
        (
            "Di mana mantan presiden Jokowi tinggal sekarang?",
            "Mantan presiden Jokowi tinggal di Solo.",
            False,
        ),
        ("Siapa presiden terakhir Uni Soviet?", "Mantan presiden terakhir Uni Soviet wafat.", False),
        ("Siapa pelatih Persib saat ini?", "Bojan, mantan pelatih PSM, saat ini melatih Persib.", False),
        ("Berapa kasus cacar saat ini?", "Sejak kasus pertama ditemukan ada 88 kasus cacar.", False),
        ("Berapa inflasi saat ini?", "Inflasi pada semester pertama 2,1 persen.", False),
        ("Siapa gubernur pertama dan gubernur saat ini?", "Gubernur saat ini ialah Perry.", False),
        ("Siapa pencetak gol pertama?", "Gol pembuka dicetak Egy, gol terakhir dicetak Witan.", False),
        ("Kota mana yang korbannya paling banyak?", "Paling sedikit 313 korban tewas di Padang.", False),
        ("Kereta apa yang paling cepat?", "Whoosh cepat, tetapi kereta itu terlambat kemarin.", False),
        ("Siapa gubernur bank?", "Sjafruddin menjadi gubernur pertama bank itu.", False),
        ("Siapa gubernur pertama?", "Gubernur saat ini ialah Perry Warjiyo.", True),
        ("Siapa gubernur pertama?", "Gubernur kota dan desa ialah Perry Warjiyo.", False),
        ("Siapa perdana menteri sekarang?", "Perdana Menteri Anwar Ibrahim menyambutnya.", False),
        ("Provinsi mana yang penduduknya paling sedikit?", "Jumlah penduduk terbanyak di Jabar.", True),
        ("Provinsi mana yang penduduknya paling sedikit?", "Hujan terbanyak turun di Bogor.", False),
        ("Provinsi mana yang penduduknya paling sedikit?", "Provinsi terbanyak adalah Jawa Barat.", True),
        ("Provinsi mana yang paling luas?", "Provinsi tersempit adalah DKI Jakarta.", True),
        ("Provinsi mana yang paling luas?", "Provinsi terluas Papua, yang tersempit Jakarta.", False),
        ("Provinsi mana yang terluas?", "Provinsi termuda adalah Papua Barat Daya.", False),
        ("What is the lowest tower?", "The highest tower of the city is in the north.", True),
        ("Menara apa yang terendah?", "The highest menara of the city is in the north.", True),
        ("What are the highest and the lowest towers?", "The highest tower is in the north.", False),
        ("Which city has the most people?", "At least 40 people live in the city.", False),
        ("Which city has the fewest people?", "Most people live in the city of Bandung.", True),
    ],
)
def test_what_is_said_otherwise(question: str, text: str, otherwise: bool) -> None:
    assert says_otherwise(understand(question), text) is otherwise


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("Danau Toba adalah danau terbesar di Sumatra.", True),
        ("Danau Ranau adalah danau terbesar di Sumatra setelah Danau Toba.", False),
        ("The lake will be the largest in Sumatra.", False),
        ("Danau itu akan menjadi yang terbesar di Sumatra.", False),
        ("Danau itu salah satu yang terbesar di Sumatra.", False),
        ("Danau itu dalam sekali.", False),
    ],
)
def test_what_is_the_most_of_all_and_today(text: str, most: bool) -> None:
    end = asks_extreme(understand("Danau apa yang terbesar di Sumatra?"))
    assert end is not None
    assert is_extreme(end, text) is most
    assert asks_extreme(understand("Danau apa yang dulu terbesar?")) is None


def test_who_was_first_is_not_told_where_the_present_one_is_asked_for(bilingual: Library) -> None:
    text = (
        "Sutan Alamsyah menjadi ketua pertama Koperasi Kahayan. "
        "Dewi Lestari terpilih memimpin koperasi itu sejak Maret 2023. Koperasi itu menjual rotan."
    )
    bilingual.ingest.add([Article("koperasi", "Koperasi Kahayan", text, "id", published="2024-01-01")])
    bilingual.indexer.drain()
    for question, name in (
        ("Siapa ketua Koperasi Kahayan saat ini?", "Dewi Lestari"),
        ("Siapa ketua pertama Koperasi Kahayan?", "Sutan Alamsyah"),
    ):
        (best,) = bilingual.reader.read(question, bilingual.searcher.search(question), 1).evidence
        assert best.answer is not None
        assert best.candidate.passage.slice(*best.answer) == name
