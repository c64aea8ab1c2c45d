from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import sentences
from service.sentences import split_sentences


def texts(text: str, kind: str | None = None) -> list[str]:
    return [text[s.start : s.end] for s in split_sentences(text) if kind in (None, s.kind)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Dana itu mencapai Rp 16,83 triliun pada Januari.",
        "Pesawat itu dirancang Prof. Dr. B.J. Habibie di Bandung.",
        "Laba PT. Telkom Tbk. naik tahun ini.",
        "Undang-Undang No. 5 Tahun 2020 mulai berlaku.",
        "Acara mulai pukul 12.00 WIB di Jakarta.",
        "Suku bunga ditahan oleh U.S. Fed kemarin.",
        '"Kami siap. Semua sudah diuji," kata Menteri Perhubungan.',
        "The talks began at 5 p.m. Monday in St. Paul.",
        "Mr. J. R. Smith paid $3.5 million (about Rp. 50 billion. No tax) for it.",
        "Ia lahir di Jl. Melati No. 3 pada 1 Jan. 1950.",
        "“Ini penting. Sangat penting,” ujarnya.",
        "Mengapa? tanya mereka.",
    ],
)
def test_stays_whole(sentence: str) -> None:
    text = f"Kalimat pertama selesai. {sentence} Kalimat terakhir juga."
    assert texts(text) == ["Kalimat pertama selesai.", sentence, "Kalimat terakhir juga."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He lives in the U.S. The economy grew.", ["He lives in the U.S.", "The economy grew."]),
        ("Benar? Tidak! Mungkin…", ["Benar?", "Tidak!", "Mungkin…"]),
        ('Ia berkata, "Selesai." Lalu ia pergi.', ['Ia berkata, "Selesai."', "Lalu ia pergi."]),
        ("Harga naik 5. Kemudian turun.", ["Harga naik 5.", "Kemudian turun."]),
        ("これは一つ。あれは二つ。", ["これは一つ。", "あれは二つ。"]),
        ("No. Not at all.", ["No.", "Not at all."]),
    ],
)
def test_boundaries(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_headings_and_asides_stand_alone() -> None:
    text = (
        "Oleh: Redaksi Contoh\n## Awal mula\nCerita dimulai di sini.\nBaca juga: Cerita lain\n"
        "Babak baru\nCerita berlanjut.\n(abc/def)"
    )
    assert texts(text, "sentence") == ["Cerita dimulai di sini.", "Cerita berlanjut."]
    assert texts(text, "heading") == ["## Awal mula", "Babak baru"]
    assert texts(text, "aside") == ["Oleh: Redaksi Contoh", "Baca juga: Cerita lain", "(abc/def)"]


def test_hard_wrapped_lines_are_one_sentence() -> None:
    text = (
        "Baris ini cukup panjang untuk dipotong oleh sebuah penyunting teks lama\n"
        "lalu berlanjut di baris kedua.\nKalimat baru."
    )
    assert len(texts(text)) == 2


ANYTHING = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
        st.sampled_from(list(".!?\"'()“” \n\r\t\u00a0\u0301\u200d😀אبA.a1Dr")),
    ),
    max_size=300,
)


@given(ANYTHING)
def test_slices_cover_everything_once(text: str) -> None:
    end = 0
    for sentence in split_sentences(text):
        piece = text[sentence.start : sentence.end]
        assert piece
        assert piece == piece.strip()
        assert not text[end : sentence.start].strip()
        end = sentence.end
    assert not text[end:].strip()


def test_text_without_end_marks_is_cut_between_words() -> None:
    text = "kata " * 2_000
    pieces = texts(text)
    assert max(map(len, pieces)) <= 2_000
    assert " ".join(pieces) == text.strip()


@pytest.mark.parametrize(
    "line",
    [
        "Kalimat ini pendek. " * 50_000,
        '"Ab cd." Kemudian ia pergi. ' * 20_000,
        "“Ya.” Ia (b) pergi. " * 20_000,
        "Kata " + "." * 200_000 + "x",
        "Kata " + '."' * 100_000 + "x",
        "“" * 100_000 + "”" * 100_000,
        "Oleh " + "A" * 200_000 + "!",
        "Oleh " + "A, " * 100_000 + "!",
        "By" + " " * 200_000 + "x",
        "Pilihan editor" + " " * 200_000 + "x",
        "(" * 200_000 + "!",
    ],
    ids=lambda line: line[:20],
)
def test_a_long_line_costs_no_more_than_its_length(line: str) -> None:
    began = time.process_time()
    split_sentences(line)
    assert time.process_time() - began < 20  # well under a second; quadratic, they took minutes to years


# The plain forms of what is written so that it costs no more than the length of the text.
PLAIN_TERMINATOR = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？]+[」』”]*")
PLAIN_BYLINE = re.compile(r"^(?:[Oo]leh|OLEH|[Bb]y|BY)\s*:?\s+(?:[A-Z][\w.'’-]*[\s,]*){1,6}$")
PLAIN_CHOICE = re.compile(r"pilihan\s+(?:editor|redaksi)\s*:?\s*$", re.IGNORECASE)


@given(st.text(st.sampled_from(list('.!?…"”)] \n\taA。」')), max_size=30))
def test_end_marks_are_those_of_the_plain_form(text: str) -> None:
    found = [m.span() for m in sentences._TERMINATOR.finditer(text)]
    assert found == [m.span() for m in PLAIN_TERMINATOR.finditer(text)]


@given(st.sampled_from(["Oleh", "By", "BY"]), st.text(st.sampled_from(list(" \t:,.ABb-’!")), max_size=14))
def test_bylines_are_those_of_the_plain_form(opening: str, rest: str) -> None:
    line = opening + rest
    assert bool(sentences._BYLINE.match(line)) == bool(PLAIN_BYLINE.match(line))


@given(st.text(st.sampled_from(list(" \t:x")), max_size=10))
def test_headings_of_promotion_are_those_of_the_plain_form(rest: str) -> None:
    line = f"Pilihan editor{rest}"
    assert bool(sentences._ASIDE.match(line)) == bool(PLAIN_CHOICE.match(line))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted)), st.integers(-1, 32))
def test_joined_spans_hold_what_any_of_them_holds(spans: list[list[int]], at: int) -> None:
    pairs = [(first, last) for first, last in spans]
    assert sentences._Spans(pairs).hold(at) == any(first < at <= last for first, last in pairs)


@pytest.mark.parametrize(
    ("dateline", "story"),
    [
        ("JAKARTA, KOMPAS.com -", "Harga beras naik di Pasar Induk."),
        ("Jakarta (ANTARA) -", "Menteri Sari Wulandari datang ke Bandung."),
        ("Liputan6.com, Jakarta -", "Harga beras naik."),
        ("Jakarta, 3/3 (ANTARA) -", "Harga beras naik."),
        ("SELBY, March 3 (Reuters) —", "The ferry sails again."),
        ("SURABAYA —", "Wali kota membuka pasar."),
    ],
)
def test_a_quotation_begins_behind_the_dateline(dateline: str, story: str) -> None:
    text = f"{dateline} {story} Ini kalimat kedua."
    parts = [(text[s.start : s.end], s.kind) for s in split_sentences(text)]
    assert parts == [(dateline, "aside"), (story, "sentence"), ("Ini kalimat kedua.", "sentence")]


@pytest.mark.parametrize(
    "text",
    [
        "Jakarta - Bandung kini dapat ditempuh dalam 40 menit.",
        "Jalan tol Jakarta - Surabaya dibuka pada Senin.",
        "Pasangan Budi Santoso (Santoso) - Sari Wulandari menang.",
        "COVID-19 - Sebuah wabah yang mengubah dunia.",
        "Foto itu dibuat oleh Budi pada 1945.",
        '"Baca juga buku itu," kata Sari.',
        "Mengikuti kami bukan perkara mudah, kata pelari itu.",
    ],
)
def test_what_looks_like_an_aside_and_is_none(text: str) -> None:
    assert {s.kind for s in split_sentences(text)} == {"sentence"}


@pytest.mark.parametrize(
    "line",
    [
        "Ikuti saluran WhatsApp kami untuk berita terbaru.",
        "Unduh aplikasi Warta Contoh di ponsel Anda.",
        "Follow us on social media for more stories.",
        "Copyright © Warta Contoh 2025",
        "Photo by Martha Quill",
    ],
)
def test_promotion_and_credits_are_asides(line: str) -> None:
    text = f"Pasar Lama pindah ke Jalan Melati.\n\n{line}\n\nPedagang senang dengan tempat baru."
    assert [s.kind for s in split_sentences(text)] == ["sentence", "aside", "sentence"]


def test_a_paragraph_that_comes_again_is_an_aside() -> None:
    story = "Sebanyak 412 pedagang Pasar Lama ikut pindah ke Jalan Melati."
    kinds = [s.kind for s in split_sentences(f"{story}\n\nKepala pasar senang.\n\n{story}")]
    assert kinds == ["sentence", "sentence", "aside"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Reporter: Budi. " + "Presiden membuka jembatan itu kemarin pagi. " * 5, 5),
        ("Foto: Antara. " + "Gempa itu merusak ratusan rumah di tiga desa. " * 5, 5),
        ("Read more than 100 books a year, the minister told pupils. The programme starts in May.", 2),
        ("Baca juga: " + "Sepuluh Pulau Terindah di Dunia dan Cara ke Sana " * 5, 0),
        ("Dapatkan update berita pilihan setiap hari. Mari bergabung di grup kami. " * 3, 0),
    ],
)
def test_a_label_before_a_whole_story_does_not_silence_it(text: str, told: int) -> None:
    assert [s.kind for s in split_sentences(text)].count("sentence") == told
