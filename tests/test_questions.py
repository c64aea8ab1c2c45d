from __future__ import annotations

import pytest

from service.questions import understand


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Siapa pemimpin seri Qwen?", "person"),
        ("Who founded Moonshot AI?", "person"),
        ("Kapan jembatan dibuka?", "time"),
        ("Tahun berapa ia lahir?", "time"),
        ("In which year was it built?", "time"),
        ("Berapa panjang jalur itu?", "quantity"),
        ("How many people died?", "quantity"),
        ("Di mana rapat digelar?", "place"),
        ("Which country won?", "place"),
        ("Mengapa harga naik?", "reason"),
        ("Why did prices rise?", "reason"),
        ("Bagaimana batik dibuat?", "manner"),
        ("Apa nama ibu kotanya?", "thing"),
        ("Apa kata WHO tentang cacar monyet?", "thing"),
        ("WHO FOUNDED MOONSHOT AI?", "person"),
        ("WHO is the president?", "person"),
        # The first word that asks, of those that don't stand in a clause.
        ("How old was Messi when he won the World Cup?", "quantity"),
        ("When the plane crashed, how many people were on board?", "quantity"),
        ("Who was president when the war began?", "person"),
        ("When the war began, what did he do?", "thing"),
        ("Which song did she play when she won?", "thing"),
        ("Who knows where the gold is?", "person"),
        ("What did the man who lent the money ask?", "thing"),
        ("According to those who survived, how many died?", "quantity"),
        ("Mengapa jumlah korban naik?", "reason"),
        ("Di mana jumlah korban terbanyak?", "place"),
        ("Siapa yang mengumumkan jumlah korban?", "person"),
        ("Satwa apa yang jumlahnya menyusut?", "thing"),
        ("Bagaimana polisi menentukan siapa yang bersalah?", "manner"),
        # Where no other word asks, what stands in a clause does.
        ("Do you know when the war began, and who won?", "time"),
        ("Final euro when", "time"),
        ("What is the name of the woman who gave the address?", "person"),
        ("What is the name of the city where he was born?", "place"),
        ("Jumlah korban gempa Cianjur", "quantity"),
        ("Apa jumlah korban gempa Cianjur?", "quantity"),
        ("Apa nama asli komikus itu?", "person"),
        # Questions whose question word comes late.
        ("Jembatan itu dibangun kapan?", "time"),
        ("Gempa Palu terjadi tahun berapa?", "time"),
        ("Kota di mana Einstein lahir berpenduduk berapa?", "quantity"),
        ("The man who built it was born when?", "time"),
    ],
)
def test_kinds(question: str, kind: str) -> None:
    assert understand(question).kind == kind


@pytest.mark.parametrize(
    ("question", "explains"),
    [("Mengapa jumlah korban naik?", True), ("Why did she cry when she won?", True), ("When is it?", False)],
)
def test_what_explains(question: str, explains: bool) -> None:
    assert understand(question).explains is explains


def test_what_is_badly_hurt_is_not_weighed() -> None:
    for question in ("Berapa rumah yang rusak berat?", "Berapa yang luka berat?"):
        assert understand(question).unit is None


@pytest.mark.parametrize(
    ("question", "beside", "elsewhere"),
    [
        ("Berapa tinggi menara Selby?", "61 meter", "2,9 persen"),
        ("Berapa tinggi inflasi Indonesia?", "2,92 persen", "61 meter"),
        ("Seberapa tinggi angka inflasi?", "2,92 persen", "61 meter"),
        ("How high is the unemployment rate?", "4.1 %", "61 metres"),
        ("Berapa tinggi bunga bangkai?", "61 meter", "2,9 persen"),
        ("Berapa tinggi UMP Jakarta?", "5,4 juta rupiah", "61 meter"),
        ("Berapa harga perdana saham itu?", "Rp338", "338 lembar"),
        ("Berapa berat patung itu?", "12 ton", "Rp338"),
    ],
)
def test_the_unit_asked_for(question: str, beside: str, elsewhere: str) -> None:
    unit = understand(question).unit
    assert unit
    assert unit.search(beside)
    assert not unit.search(elsewhere)


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Bandingkan saham Zhipu dan MiniMax", True),
        ("Apa saja motif batik?", True),
        ("What are the motifs of batik?", True),
        ("Apa motif batik yang tertua?", False),
        ("Who is the president?", False),
    ],
)
def test_questions_for_several_statements(question: str, several: bool) -> None:
    assert understand(question).wants_several is several


def test_names_are_what_a_near_miss_changes() -> None:
    asked = understand("Berapa dana yang dihimpun Zhipu pada 2026?")
    assert asked.names == {"zhipu", "2026"}
    assert asked.words == ("dana", "dihimpun", "zhipu", "2026")
    assert asked.language == "id"


@pytest.mark.parametrize(
    ("question", "fits", "fits_not"),
    [
        ("Berapa panjang jalurnya?", "142,3 kilometer", "601 kursi"),
        ("Berapa rupiah dana yang dihimpun?", "Rp 16,83 triliun", "36 persen"),
        ("How many percent did it gain?", "36 percent", "5 days"),
        ("How old is the temple?", "1,200 years", "9 terraces"),
        ("Berapa orang yang meninggal?", "36.417 jiwa", "30 meter"),
    ],
)
def test_units(question: str, fits: str, fits_not: str) -> None:
    unit = understand(question).unit
    assert unit is not None
    assert unit.search(fits)
    assert not unit.search(fits_not)


def test_what_is_counted() -> None:
    assert understand("Berapa pedagang yang pindah?").counted == "pedagang"
    assert understand("How many terraces does it have?").counted == "terraces"
    assert understand("Berapa yang pindah?").counted is None
    assert understand("Siapa pedagang itu?").counted is None
