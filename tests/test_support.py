"""The bundled judge: what it tells apart, in both languages and across them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from eval.judges import ModelJudge, measure_judge
from service.models import JUDGE
from service.names import lacks_name
from service.sentences import split_sentences
from service.support import WINDOW_TOKENS, SupportModel, denies

BRIDGE = (
    "Jembatan Kahayan Baru dibuka oleh Gubernur Sri Hartati pada 3 Maret 2024. Panjangnya 640 meter dan "
    "biayanya Rp 1,2 triliun. Warga Desa Pahandut tidak lagi menyeberang dengan perahu."
)
LIGHTHOUSE = (
    "The Selby lighthouse was built in 1882 after a storm sank four ships. Keeper Martha Quill said that the "
    "lamp may be replaced next year. All visitors must leave before dark."
)


@pytest.fixture(scope="module")
def judge() -> SupportModel:
    return SupportModel(JUDGE)


@pytest.mark.parametrize(
    ("quotation", "supported", "not_supported"),
    [
        # A number, a unit, a date, a name.
        (BRIDGE, "Jembatan itu panjangnya 640 meter.", "Jembatan itu panjangnya 460 meter."),
        (BRIDGE, "Biayanya 1,2 triliun rupiah.", "Biayanya 1,2 miliar rupiah."),
        (BRIDGE, "Jembatan itu dibuka pada Maret 2024.", "Jembatan itu dibuka pada Mei 2024."),
        (BRIDGE, "Yang membukanya Sri Hartati.", "Yang membukanya Budi Santoso."),
        (LIGHTHOUSE, "The lighthouse was built in 1882.", "The lighthouse was built in 1928."),
        (LIGHTHOUSE, "A storm sank four ships.", "A storm sank forty ships."),
        # A denial.
        (BRIDGE, "Warga Pahandut tidak lagi naik perahu.", "Warga Pahandut masih menyeberang dengan perahu."),
        # Across the languages.
        (BRIDGE, "The bridge was opened on 3 March 2024.", "The bridge was opened on 3 March 2014."),
        (BRIDGE, "The bridge is 640 metres long.", "The bridge is 640 kilometres long."),
        (LIGHTHOUSE, "Mercusuar Selby dibangun pada 1882.", "Mercusuar Selby dibangun pada 1982."),
    ],
)
def test_a_true_sentence_has_more_support(
    judge: SupportModel, quotation: str, supported: str, not_supported: str
) -> None:
    assert judge.support(supported, [quotation]) > judge.support(not_supported, [quotation])


def test_what_a_quotation_has_word_for_word_is_supported(judge: SupportModel) -> None:
    assert judge.support(BRIDGE, [LIGHTHOUSE, BRIDGE]) == 1.0
    assert judge.support("Jembatan itu panjangnya 640 meter.", []) == 0.0


def test_an_abbreviation_is_there_where_its_words_are() -> None:
    told = "Direksi menjanjikan tidak ada pemutusan hubungan kerja, dan Otoritas Jasa Keuangan setuju."
    assert not lacks_name(told, "Menurut direksi, PHK tidak akan terjadi.")
    assert lacks_name("AS menyerang Iran.", "Serangan itu dilancarkan oleh Arab Saudi kepada Iran.")
    assert not lacks_name("AS menyerang Iran.", "Serangan itu dilancarkan oleh Amerika Serikat kepada Iran.")
    assert not lacks_name(told, "Rencana itu disetujui oleh OJK.")
    assert lacks_name(told, "Rencana itu disetujui oleh BPK.")
    assert not lacks_name(told, "Rencana itu disetujui OJK-nya.")
    budget = "Anggaran Pendapatan dan Belanja Daerah naik, kata the Department of Justice."
    assert not lacks_name(budget, "Yang naik adalah APBD, kata DOJ.")
    # Initials tell of an abbreviation only, and only in a row and in one sentence.
    assert lacks_name(told, "Rencana itu disetujui oleh Ojk.")
    assert lacks_name(told, "Rencana itu disetujui oleh DPK.")
    assert lacks_name("Pak Haji hadir. Kepala desa pulang.", "Menurut warga, PHK tidak akan terjadi.")
    assert lacks_name("Warga marah karena kapal pengangkut kotak karam.", "Warga marah kepada KPK.")
    bill = "DPR membahas Rancangan Undang-Undang Pelayaran Rakyat."
    assert not lacks_name(bill, "Yang dibahas DPR adalah RUU Pelayaran.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tersangka diperiksa KPK.", "Ia diperiksa Komisi Pemberantasan Korupsi kemarin."),
        ("Pajak naik, kata Menkeu Sri Mulyani.", "Kata Menteri Keuangan Sri Mulyani, pajak akan naik."),
        ("Pajak naik, kata Menteri Keuangan Sri Mulyani.", "Kata Menkeu Sri Mulyani, pajak akan naik."),
        ("Mendagri Tito hadir di sana.", "Yang hadir adalah Menteri Dalam Negeri Tito itu."),
        ("Presiden Jokowi datang ke sana.", "Yang datang ke sana adalah Joko Widodo."),
        ("Presiden Joko Widodo datang ke sana.", "Yang datang ke sana adalah Jokowi."),
        ("Warga Sulawesi Selatan mengungsi.", "Yang mengungsi adalah warga Sulsel itu."),
        ("Tentara AS pergi dari sana.", "Tentara Amerika Serikat sudah pergi."),
        ("Barang dari China naik.", "Harga barang dari Tiongkok sudah naik."),
        ("The UK left the talks.", "The talks were left by Britain in the end."),
        ("The EU agreed to it.", "It was agreed to by the European Union."),
        ("Rapat digelar Senin (4/3).", "Rapat itu digelar pada awal Maret."),
        ("Panen Juni hingga Agustus 2023 bagus.", "Panen pada Juni-Agustus 2023 bagus."),
        ("Timnas U23 menang atas tamunya.", "Yang menang adalah timnas U-23 itu."),
        ("Three US soldiers were killed in Jordan.", "Three people were killed in Jordan."),
    ],
)
def test_another_name_of_the_same_thing_is_not_denied(text: str, said: str) -> None:
    assert not denies(text, said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tersangka diperiksa KPK.", "Ia diperiksa oleh Badan Pemeriksa yang lain."),
        (
            "Pajak naik, kata Menkeu Sri Mulyani.",
            "Kata Menteri Kesehatan Sri Mulyani, pajak akan segera naik.",
        ),
        ("Warga Sulawesi Selatan mengungsi.", "Yang mengungsi adalah warga Sulbar itu."),
        ("Rapat digelar Senin (4/3).", "Rapat itu digelar pada awal Mei."),
        ("Timnas U23 menang atas tamunya.", "Yang menang adalah timnas U-20 itu."),
        ("The UK left the talks.", "The talks were left by France in the end."),
    ],
)
def test_another_name_is_denied(text: str, said: str) -> None:
    assert denies(text, said)


def test_the_worst_sentence_of_several_counts(judge: SupportModel) -> None:
    true, false = "Jembatan itu panjangnya 640 meter.", "Jembatan itu runtuh pada hari pertama."
    both = judge.support(f"{true} {false}", [BRIDGE])
    assert both == pytest.approx(judge.support(false, [BRIDGE]))
    assert both < judge.support(true, [BRIDGE])


def test_a_sentence_among_others_is_there_word_for_word(judge: SupportModel) -> None:
    told = f"{LIGHTHOUSE} {BRIDGE}"
    sentences = [told[s.start : s.end] for s in split_sentences(told)]
    assert len(sentences) > 3
    assert {judge.support(sentence, [told]) for sentence in sentences} == {1.0}
    assert judge.support(" ".join(sentences[1:3]), [told]) == 1.0
    # Part of a sentence may say something else.
    assert judge.support("the lighthouse was built.", ["Nobody says that the lighthouse was built."]) < 1.0


def test_a_long_sentence_is_read_to_its_end(judge: SupportModel) -> None:
    told = (
        "Jembatan Kahayan Baru yang panjangnya 640 meter dan menelan biaya Rp 1,2 triliun dari anggaran"
        " provinsi serta pinjaman bank daerah, dengan dua lajur di setiap arah, jalur sepeda, trotoar bagi"
        " pejalan kaki, lampu tenaga surya di kedua sisinya dan dua anjungan pandang di tengah sungai, dibuka"
        " oleh Gubernur Sri Hartati pada 3 Maret 2024 di hadapan ribuan warga Pahandut yang sudah berkumpul"
        " di tepi sungai sejak pagi hari"
    )
    true = judge.support(
        f"{told} bersama keluarga mereka.", [f"{told} bersama keluarga mereka, kata panitia."]
    )
    false = judge.support(
        f"{told}, tetapi ditutup lagi sesudah runtuh karena gempa bumi dan perbuatan kontraktor yang curang.",
        [f"{told} bersama keluarga mereka, kata panitia."],
    )
    assert true >= judge.threshold > false


def test_a_long_text_is_read_to_its_end(judge: SupportModel) -> None:
    filler = "Pasar Lama pindah ke Jalan Melati pada Mei 2023 bersama 412 pedagang. "
    long = filler * 40 + BRIDGE
    said = "Jembatan Kahayan Baru dibuka oleh Sri Hartati."
    assert judge.support(said, [long]) >= judge.threshold > judge.support(said, [filler * 40])


def test_what_stands_in_two_places_of_a_long_text_is_read_together(judge: SupportModel) -> None:
    weather = "Hujan turun di kota itu sejak pagi dan sungai meluap ke jalan. " * 40
    text = f"Jembatan Kahayan Baru dibuka pada 3 Maret 2024. {weather}Gubernur Sri Hartati yang membukanya."
    true = judge.support("Sri Hartati membuka Jembatan Kahayan Baru.", [text])
    assert true > judge.support("Sri Hartati menutup Jembatan Kahayan Baru.", [text])
    assert true > judge.support("Sri Hartati membuka Jembatan Kahayan Baru.", [weather])


def test_two_windows_of_a_long_text_are_read(judge: SupportModel, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    score = SupportModel._log_odds

    def counted(model: SupportModel, said: Sequence[int], window: Sequence[int]) -> float:
        read.append(window)
        assert len(window) <= WINDOW_TOKENS + 1
        return score(model, said, window)

    monkeypatch.setattr(SupportModel, "_log_odds", counted)
    text = f"{BRIDGE} " + "Hujan turun di kota itu sejak pagi. " * 200
    judge.support("Panjang Jembatan Kahayan Baru 640 meter.", [text])
    assert len(read) == 2
    # An English sentence shares too little with an Indonesian text to tell where it belongs.
    judge.support("The new bridge is long.", [text])
    assert len(read) > 4


def test_support_does_not_depend_on_load(judge: SupportModel) -> None:
    said = "Jembatan Kahayan Baru dibuka oleh Sri Hartati."
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: judge.support(said, [BRIDGE, LIGHTHOUSE]), range(24)))
    assert len(found) == 1


def test_it_is_better_than_chance_on_the_labelled_pairs() -> None:
    measured = measure_judge(ModelJudge())
    assert measured["unjudged"] == 0
    assert measured["balanced accuracy"] > 0.6
