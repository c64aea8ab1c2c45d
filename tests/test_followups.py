from __future__ import annotations

import time

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
FLOOD = Turn("Berapa korban banjir Kahayan?", "120 orang.")
MAYOR = Turn("Siapa wali kota Selby?", "Martha Quill.")
VICTIM = Turn("Siapa korban penembakan di Selby?", "Owen Pryce.")
CEO = Turn("Who is the CEO of Selby Motors?", "Martha Quill has been CEO since 2019.")
PRESIDENT = Turn("Siapa presiden Barito?", "Owen Pryce sejak 2017.")
PRICE = Turn("Berapa harga Baritamax?", "12.400.")
QUAKE = Turn("When did the earthquake hit Barito?", "In May.")
HEALTH = Turn("Apa kata WHO soal mpox?", "Martha Quill dari Jenewa memperingatkan penularannya.")


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
        ([INFLATION], "Kalau tahun 2022?", "Berapa inflasi pada Maret 2022?"),
        # "Bagaimana" and "kalau" before a name or a date ask what was asked.
        ([MAYOR], "Bagaimana Barito?", "Siapa wali kota Barito?"),
        ([MAYOR], "Bagaimana kalau Barito?", "Siapa wali kota Barito?"),
        ([MAYOR], "Kalau Barito gimana?", "Siapa wali kota Barito?"),
        ([MAYOR], "Lalu bagaimana dengan Kota Barito?", "Siapa wali Kota Barito?"),
        ([INFLATION], "Bagaimana 2022?", "Berapa inflasi pada Maret 2022?"),
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
        # A how stays a how, and a condition a condition.
        ([FLOOD], "Bagaimana proses evakuasinya?", "Bagaimana proses evakuasi Kahayan? (korban banjir)"),
        ([MAYOR], "Bagaimana dia terpilih?", "Bagaimana Martha Quill terpilih? (wali kota Selby)"),
        ([MAYOR], "Kalau Barito menang?", "Kalau Barito menang? (wali kota Selby)"),
        ([FLOOD], "Kalau begitu, berapa biayanya?", "Berapa biaya Kahayan? (korban banjir)"),
        # The words before the name are said once, and an article is a word, not the end of one.
        ([MAYOR], "Kalau wali kota Barito?", "Siapa wali kota Barito?"),
        ([MAYOR], "Kalau Partai Persatuan Selby?", "Siapa wali kota Partai Persatuan Selby?"),
        ([Turn("Kapan Quill dilantik?", "x")], "Bagaimana dengan ketua KPK?", "Kapan ketua KPK dilantik?"),
        (
            [Turn("Kapan Jepang merdeka?", "x")],
            "Bagaimana dengan Korea Selatan?",
            "Kapan Korea Selatan merdeka?",
        ),
        (
            [Turn("Who is the mayor of Selby?", "Martha Quill.")],
            "What about the mayor of Barito?",
            "Who is the mayor of Barito?",
        ),
        (
            [Turn("When did the mayor of Selby resign?", "x")],
            "What about the Isle of Quill?",
            "When did the mayor of the Isle of Quill resign?",
        ),
        # Too long for the place of a name.
        (
            [FLOOD],
            "Bagaimana dengan kondisi korban gempa di Selby?",
            "Berapa korban banjir Kahayan (kondisi korban gempa di Selby)?",
        ),
        # An organisation in capitals is no pronoun and nobody, but a name.
        ([HEALTH], "Berapa anggarannya?", "Berapa anggaran WHO? (kata soal mpox)"),
        ([HEALTH], "Bagaimana dengan UNICEF?", "Apa kata UNICEF soal mpox?"),
        (
            [Turn("Siapa presiden AS?", "Owen Pryce.")],
            "Kapan dia lahir?",
            "Kapan Owen Pryce lahir? (presiden AS)",
        ),
        ([MAYOR], "Apa tugas ITU dan WHO di Barito?", "Apa tugas ITU dan WHO di Barito?"),
        # Points at what was said, beside names of its own.
        ([BRIDGE], "Who leads the second one?", "Who leads the second one? (Kahayan Bridge open)"),
        ([BRIDGE], "Did that cause panic in Selby?", "Did that cause panic in Selby? (Kahayan Bridge open)"),
        ([BRIDGE], "Who lived there before Quill?", "Who lived there before Quill? (Kahayan Bridge open)"),
        (
            [BRIDGE],
            "Was this confirmed by the Selby police?",
            "Was this confirmed by the Selby police? (Kahayan Bridge open)",
        ),
        (
            [MAYOR],
            "Kapan Pryce bertemu dengannya?",
            "Kapan Pryce bertemu dengan Martha Quill? (wali kota Selby)",
        ),
        (
            [TWINS],
            "When did Pryce meet her?",
            "When did Pryce meet Martha Quill? (founded Selby Observatory)",
        ),
        ([TWINS], "Did Barito buy it?", "Did Barito buy Selby Observatory? (founded)"),
        ([TWINS], "Was Barito its head?", "Was Barito Selby Observatory's head? (founded)"),
        (
            [TWINS],
            "Where in Barito was she born?",
            "Where in Barito was Martha Quill born? (founded Selby Observatory)",
        ),
        ([TWINS], "Who gave her the medal?", "Who gave Martha Quill the medal? (founded Selby Observatory)"),
        # Complete in itself: the turns before are no business of it.
        ([RESCUE], "Kapan Pasar Lama pindah ke Jalan Melati?", "Kapan Pasar Lama pindah ke Jalan Melati?"),
        ([], "Umur berapa dia waktu itu?", "Umur berapa dia waktu itu?"),
    ],
)
def test_a_question_made_self_contained(turns: list[Turn], question: str, complete: str) -> None:
    assert stand_alone(question, turns) == complete


@pytest.mark.parametrize(
    "question",
    [
        "Bagaimana kondisi korban gempa di Barito?",
        "Bagaimana cara kerja Jembatan Barito?",
        "Kalau harga minyak dunia naik, apa dampaknya?",
        "Kalau harga minyak dunia naik apa dampaknya?",
        "Lalu lintas Barito macet di mana?",
        "Apa yang terjadi di Barito tadi malam?",
        "Are there any casualties in the Barito flood?",
        "Is there a tsunami warning in Barito?",
        "How many trawlers are there in Barito?",
        "Which articles say that inflation fell in Japan?",
        "How long is the spear that belonged to Owen Pryce?",
        "How many floods hit Barito this year?",
        "What do people call Barito these days?",
        "How many of those injured in Barito survived?",
        "How much does one Barito ferry cost?",
        "Who was the second mayor of Barito?",
        "Why did the two Barito companies merge?",
        "How long did it take to build the Barito Bridge?",
        "Is it true that Barito banned plastic?",
        # What stands for a name of the question itself.
        "What did Owen Pryce find when he opened the Barito quarry?",
        "Siapa asisten Owen Pryce ketika ia bekerja di Barito?",
        "Siapa istri Owen Pryce dan berapa anaknya?",
        "Kapan Menara Barito itu dibangun?",
        "Kapan Quill lahir dan siapa istrinya?",
        "Kapan Quill lahir? Siapa istrinya?",
        "When was Quill born and who was his wife?",
        "Berapa korban banjir di Barito dan apa penyebabnya?",
        "Apa itu Partai Barito dan siapa menterinya?",
        "Siapa Owen Pryce dan istrinya?",
        "Berapa pelanggan Barito Net yang internetnya mati?",
        "Siapa presiden Barito yang pertama?",
        "Siapa yang pertama menyeberangi Sungai Barito?",
        "Berapa inflasi Barito menurut BPS?",
    ],
)
def test_a_question_that_is_complete_takes_nothing_over(question: str) -> None:
    assert stand_alone(question, [BRIDGE]) == question
    assert stand_alone(question, [MAYOR]) == question


@pytest.mark.parametrize(
    ("turn", "question", "brackets"),
    [
        # What it names acts on what was said before, or on its own: nobody can tell.
        (VICTIM, "Apakah Polri sudah menangkap pelakunya?", "Owen Pryce korban penembakan Selby"),
        (VICTIM, "Apakah KPK menyita rumahnya?", "Owen Pryce korban penembakan Selby"),
        (VICTIM, "Siapa yang ditunjuk PSSI sebagai penggantinya?", "Owen Pryce korban penembakan Selby"),
        (VICTIM, "Apa yang dilakukan Polri setelah penangkapannya?", "Owen Pryce korban penembakan Selby"),
        (MAYOR, "Why did President Trump criticise her decision?", "Martha Quill wali kota Selby"),
        (BRIDGE, "How much did China lend for its construction?", "Kahayan Bridge open"),
        (FLOOD, "Bagaimana Barito membuat mesinnya?", "Kahayan korban banjir"),
        (MAYOR, "When did Owen Pryce leave his job?", "Martha Quill wali kota Selby"),
        (MAYOR, "How did Owen Pryce prepare for his swim?", "Martha Quill wali kota Selby"),
        (BRIDGE, "In what year did Barito Falls lose its roof?", "Kahayan Bridge open"),
        # Who only speaks, a place and what has an office are not what it is about.
        (FLOOD, "Apa kata BMKG soal penyebabnya?", "Kahayan korban banjir"),
        (FLOOD, "Menurut BMKG, apa penyebabnya?", "Kahayan korban banjir"),
        (MAYOR, "Apa kata Prabowo setelah ia dilantik?", "Martha Quill wali kota Selby"),
        (FLOOD, "Di Barito berapa jumlahnya?", "Kahayan korban banjir"),
        (BRIDGE, "Who was US president when it happened?", "Kahayan Bridge open"),
        (BRIDGE, "Who was transport minister of Indonesia when it opened?", "Kahayan Bridge open"),
        (BRIDGE, "Where was Pryce when it happened?", "Kahayan Bridge open"),
        (MAYOR, "Siapa presiden Amerika saat dia lahir?", "Martha Quill wali kota Selby"),
        # "Kalau X" with a question of its own takes no name's place.
        (FLOOD, "Kalau Barito berapa jumlahnya?", "korban banjir Kahayan"),
        (FLOOD, "Kalau banjir Barito berapa yang tewas?", "korban Kahayan"),
        (BRIDGE, "Kalau Barito kapan dibukanya?", "Kahayan Bridge open"),
        # It doesn't say what they answer to.
        (FLOOD, "Bagaimana respons BNPB?", "korban banjir Kahayan"),
        (FLOOD, "Bagaimana tanggapan Presiden Quill?", "korban banjir Kahayan"),
        (FLOOD, "Apa kata menteri sosial Quill?", "korban banjir Kahayan"),
        (BRIDGE, "How did President Quill react?", "Kahayan Bridge open"),
        (FLOOD, "Gimana kondisi pengungsi sekarang?", "korban banjir Kahayan"),
        # Points at one of several.
        (BRIDGE, "Siapa yang kedua?", "Kahayan Bridge open"),
        (BRIDGE, "Yang ketiga siapa?", "Kahayan Bridge open"),
        (BRIDGE, "Apakah yang kedua lebih besar?", "Kahayan Bridge open"),
        (BRIDGE, "Which Barito player scored three goals that day?", "Kahayan Bridge open"),
        (BRIDGE, "Who was the coach of Barito that night?", "Kahayan Bridge open"),
        (FLOOD, "What caused that flood in the first place?", "korban banjir Kahayan"),
        (BRIDGE, "How tall is the one in Barito?", "Kahayan Bridge open"),
        (BRIDGE, "Is the one in Barito older?", "Kahayan Bridge open"),
    ],
)
def test_what_it_may_be_about_stands_in_brackets_alone(turn: Turn, question: str, brackets: str) -> None:
    assert stand_alone(question, [turn]) == f"{question} ({brackets})"


@pytest.mark.parametrize(
    "question",
    [
        "Mengapa dokter meninggalkan pekerjaannya?",
        "Siapa artis yang menggugat cerai suaminya?",
        "Siapa presiden barito dan berapa umurnya?",
        "Kapan quill membawa anaknya?",
        "Which minister lost his job?",
        "How do parents protect their children from measles?",
    ],
)
def test_a_common_noun_or_a_name_in_lower_case_may_be_whom_it_stands_for(question: str) -> None:
    assert stand_alone(question, [VICTIM]) == f"{question} (Owen Pryce korban penembakan Selby)"


@pytest.mark.parametrize(
    ("question", "complete"),
    [
        ("Umurnya berapa?", "Umur Martha Quill berapa?"),
        ("Siapa nama lengkap istrinya?", "Siapa nama lengkap istri Martha Quill?"),
        ("Siapa yang membunuh istrinya?", "Siapa yang membunuh istri Martha Quill?"),
        ("Kenapa polisi menangkapnya?", "Kenapa polisi menangkap Martha Quill?"),
        ("What is her job?", "What is Martha Quill's job?"),
        ("What is the name of her husband?", "What is the name of Martha Quill's husband?"),
        ("What happened when she died?", "What happened when Martha Quill died?"),
        # -nya is no linker before an adverb, a preposition or a verb.
        ("Siapa suaminya sekarang?", "Siapa suami Martha Quill sekarang?"),
        ("Berapa gajinya tahun lalu?", "Berapa gaji Martha Quill tahun lalu?"),
        ("Apa tanggapannya soal BBM?", "Apa tanggapan Martha Quill soal BBM?"),
        ("Apa alasannya menolak usulan?", "Apa alasan Martha Quill menolak usulan?"),
    ],
)
def test_no_noun_stands_in_the_way_of_a_name(question: str, complete: str) -> None:
    assert stand_alone(question, [MAYOR]) == f"{complete} (wali kota Selby)"


@pytest.mark.parametrize(
    ("earlier", "question", "complete"),
    [
        # An office, a measure, a year and an owner's thing stay.
        ("Berapa UMP DKI Barito 2026?", "Kalau Jawa Barat?", "Berapa UMP Jawa Barat 2026?"),
        ("Berapa UMP DKI Barito 2026?", "Kalau Jawa Barat 2025?", "Berapa UMP Jawa Barat 2025?"),
        ("Berapa PDB Indonesia?", "Bagaimana dengan Malaysia?", "Berapa PDB Malaysia?"),
        ("Berapa UMP?", "Kalau Barito?", "Berapa UMP (Barito)?"),
        ("Siapa Gubernur Jawa Barat?", "Kalau Jawa Tengah?", "Siapa Gubernur Jawa Tengah?"),
        ("Siapa Gubernur Jawa Barat?", "Kalau Wali Kota Barito?", "Siapa Wali Kota Barito?"),
        (
            "Siapa Menteri Keuangan Indonesia?",
            "Kalau Malaysia?",
            "Siapa Menteri Keuangan Indonesia (Malaysia)?",
        ),
        ("Who is the CEO of Nvidia?", "What about AMD?", "Who is the CEO of AMD?"),
        ("Who is the CEO of Nvidia?", "What about the CEO of AMD?", "Who is the CEO of AMD?"),
        ("Who is the President of France?", "What about Germany?", "Who is the President of Germany?"),
        ("What is Indonesia's GDP?", "What about Malaysia?", "What is Malaysia's GDP?"),
        ("When did the Bank of Barito open?", "What about Selby?", "When did the Bank of Selby open?"),
        # The whole name where there is none.
        ("When did the Bank of Barito open?", "What about the Selby Fund?", "When did the Selby Fund open?"),
        ("Berapa penduduk DKI Barito?", "Kalau Jawa Barat?", "Berapa penduduk Jawa Barat?"),
        ("Berapa penduduk DKI Barito?", "Terus Jawa Barat?", "Berapa penduduk Jawa Barat?"),
        ("Berapa penduduk DKI Barito?", "Lalu Bogor?", "Berapa penduduk Bogor?"),
        ("Berapa penduduk DKI Barito?", "Dan Bogor?", "Berapa penduduk Bogor?"),
        ("Berapa Baritamax sekarang?", "Kalau Selbylite?", "Berapa Selbylite sekarang?"),
        # A time is nobody's name, with a capital or without.
        ("Berapa harga Baritamax?", "Tahun lalu?", "Berapa harga Baritamax (tahun lalu)?"),
        ("Berapa harga Baritamax?", "kemarin?", "Berapa harga Baritamax (kemarin)?"),
        ("Who won the Barito League?", "Last year?", "Who won the Barito League (last year)?"),
    ],
)
def test_what_takes_a_name_s_place(earlier: str, question: str, complete: str) -> None:
    assert stand_alone(question, [Turn(earlier, "x")]) == complete


@pytest.mark.parametrize(
    ("turn", "question", "topic"),
    [
        (FLOOD, "Siapa yang bertanggung jawab?", "korban banjir Kahayan"),
        (FLOOD, "Siapa ketua panitia?", "korban banjir Kahayan"),
        (FLOOD, "Apakah ada pengungsi?", "korban banjir Kahayan"),
        (QUAKE, "What was the death toll?", "earthquake hit Barito"),
        (QUAKE, "What is the magnitude?", "earthquake hit Barito"),
        (QUAKE, "Who was killed?", "earthquake hit Barito"),
        # The first word has its capital from opening the question.
        (PRICE, "Sejak kapan?", "harga Baritamax"),
        (PRICE, "Naik atau turun?", "harga Baritamax"),
        (PRICE, "Dibanding tahun lalu?", "harga Baritamax"),
        (PRICE, "Bulan lalu bagaimana?", "harga Baritamax"),
        (PRICE, "Pukul berapa?", "harga Baritamax"),
        (QUAKE, "Tell me more", "earthquake hit Barito"),
        (QUAKE, "Since when?", "earthquake hit Barito"),
        # Among them, not among Kahayan.
        (FLOOD, "Berapa di antaranya anak-anak?", "korban banjir Kahayan"),
        (FLOOD, "Berapa orang di antaranya yang luka berat di kepala?", "korban banjir Kahayan"),
        # Gold is worth buying, and no flood; nor does it rain.
        (QUAKE, "Is it worth buying gold now?", "earthquake hit Barito"),
        (QUAKE, "Is it going to rain this weekend?", "earthquake hit Barito"),
    ],
)
def test_a_short_question_carries_the_topic(turn: Turn, question: str, topic: str) -> None:
    assert stand_alone(question, [turn]) == f"{question} ({topic})"


@pytest.mark.parametrize(
    "question",
    [
        "Apa itu inflasi?",
        "Apa yang dimaksud dengan stunting?",
        "What is inflation?",
        "What are tariffs?",
        "What is the hardness of tesselite?",
        "Siapa yang menemukan penisilin?",
        "siapa owen pryce",
        "Siapa pryce?",
        "Pryce lahir kapan?",
        "Berapa korbannya gempa Cianjur?",
        "Apa dampaknya kenaikan harga BBM bagi petani?",
        "Berapa harganya iPhone 17?",
        "siapa pacarnya pryce",
        "What time is it in Barito?",
        "Is it too late to register to vote?",
    ],
)
def test_a_short_question_with_a_topic_of_its_own_takes_nothing_over(question: str) -> None:
    assert stand_alone(question, [FLOOD]) == question
    assert stand_alone(question, [MAYOR]) == question


@pytest.mark.parametrize(
    ("turn", "question", "complete"),
    [
        (CEO, "Who founded it?", "Who founded Selby Motors? (CEO)"),
        (CEO, "What is its market value?", "What is Selby Motors's market value? (CEO)"),
        (CEO, "How old is she?", "How old is Martha Quill? (CEO Selby Motors)"),
        (CEO, "Is it worth visiting?", "Is Selby Motors worth visiting? (CEO)"),
        (PRESIDENT, "Berapa penduduknya?", "Berapa penduduk Barito? (presiden)"),
        (PRESIDENT, "Apa ibu kotanya?", "Apa ibu kota Barito? (presiden)"),
        (PRESIDENT, "Siapa istrinya?", "Siapa istri Owen Pryce? (presiden Barito)"),
    ],
)
def test_an_office_owns_nothing(turn: Turn, question: str, complete: str) -> None:
    assert stand_alone(question, [turn]) == complete


@pytest.mark.parametrize("noun", ["menterinya", "mesinnya", "medalinya"])
def test_a_noun_in_me_is_no_verb(noun: str) -> None:
    question = f"Apakah Barito mengganti {noun}?"
    assert stand_alone(question, [FLOOD]) == f"{question} (Kahayan korban banjir)"
    assert stand_alone(f"Apa saja {noun}?", [FLOOD]).startswith(f"Apa saja {noun[:-3]} Kahayan?")


@pytest.mark.parametrize("text", ["(", "tahun lalu ", "kalau (", "Kahayan, ", "apa ", "siapa dan "])
def test_ten_long_turns_take_no_longer_than_short_ones(text: str) -> None:
    long = (text * 20_000)[:20_000]
    stand_alone("Siapa dia?", [RESCUE])  # the language model is read once
    began = time.process_time()
    stand_alone("Siapa dia?", [Turn(long, long)] * 10)
    assert time.process_time() - began < 2


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
