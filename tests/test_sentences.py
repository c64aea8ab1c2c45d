from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sentences import asides, boundaries, split_sentences


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


@pytest.mark.parametrize(
    ("opening", "kind"),
    [("Baca juga: ", "aside"), ("Read also: ", "aside"), ("## ", "heading"), ("", "sentence")],
)
def test_no_piece_of_a_text_without_end_marks_is_long(opening: str, kind: str) -> None:
    text = f"{opening}{'kata panjang ' * 400}"
    assert "".join(texts(text, kind)).replace(" ", "") == text.replace(" ", "")
    assert [len(piece) > 1_000 for piece in texts(text)] == [True, True, True]
    assert all(len(piece) <= 2_000 for piece in texts(text))


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
        st.sampled_from(list(".,!?\"'()“” \n\r\t\u00a0\u0301\u200d😀אبA.a1Dr")),
    ),
    max_size=300,
)


SCRAPED = st.lists(
    st.sampled_from(
        'Ia pulang.|"Ya."|,|,,| |\n|Baca juga:|Judul Lain|[Gambas:Video]|loading...|(abc)|-|#A|Budi S.E.|a'
        "|Penulis: Sari|AP|2.|SCROLL TO CONTINUE WITH CONTENT".split("|")
    ),
    max_size=20,
).map("".join)


@given(st.one_of(ANYTHING, SCRAPED))
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
        "Ia pulang.,Setelah itu ia tidur. " * 15_000,
        "Ia pulang." + "," * 1_000_000 + "x",
        "Ia pulang." + " ," * 500_000 + "X",
        "." + " " * 1_000_000 + "x",
        ".," * 500_000,
        "Ia pulang.,Baca juga:,Judul Lain" + " " * 1_000_000 + "x",
        "Baca juga:,A.,B" * 20_000,
        "Ia pulang.,Baca juga: " + "Kota, Desa" * 100_000,
        "[Gambas:" * 120_000,
        "ADVERTISEMENT " * 70_000,
        "Ia pulang. [Gambas:Video] " * 20_000,
        "#a" * 500_000 + "!x",
        "Contact A" * 110_000,
        "More" + " " * 1_000_000 + "x",
        "(" + "a" * 1_000_000,
        "AP " + "a " * 500_000,
        "Ia pulang.,Budi" + " " * 1_000_000 + "!",
        "Trouble:" + "A " * 500_000,
        "newsletter " * 90_000,
        "Judul Lain Kota Besar\n" * 45_000,
        "_ " * 500_000,
    ],
    ids=lambda line: line[:20],
)
def test_a_long_line_costs_no_more_than_its_length(line: str) -> None:
    began = time.process_time()
    split_sentences(line)
    assert time.process_time() - began < 20  # a second or two; quadratic, they took minutes to years


# The plain forms of what is written so that it costs no more than the length of the text.
PLAIN_TERMINATOR = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？]+[」』”]*")
PLAIN_BYLINE = re.compile(r"^(?:[Oo]leh|OLEH|[Bb]y|BY)\s*:?\s+(?:[A-Z][\w.'’-]*[\s,]*){1,6}$")
PLAIN_CHOICE = re.compile(r"pilihan\s+(?:editor|redaksi)\s*:?\s*$", re.IGNORECASE)


@given(st.text(st.sampled_from(list('.!?…"”)] \n\taA。」')), max_size=30))
def test_end_marks_are_those_of_the_plain_form(text: str) -> None:
    found = [m.span() for m in boundaries.END_MARKS.finditer(text)]
    assert found == [m.span() for m in PLAIN_TERMINATOR.finditer(text)]


@given(st.sampled_from(["Oleh", "By", "BY"]), st.text(st.sampled_from(list(" \t:,.ABb-’!")), max_size=14))
def test_bylines_are_those_of_the_plain_form(opening: str, rest: str) -> None:
    line = opening + rest
    assert bool(asides._BYLINE.match(line)) == bool(PLAIN_BYLINE.match(line))


@given(st.text(st.sampled_from(list(" \t:x")), max_size=10))
def test_headings_of_promotion_are_those_of_the_plain_form(rest: str) -> None:
    line = f"Pilihan editor{rest}"
    assert bool(asides.opening_end(line, 0, len(line))) == bool(PLAIN_CHOICE.match(line))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted)), st.integers(-1, 32))
def test_joined_spans_hold_what_any_of_them_holds(spans: list[list[int]], at: int) -> None:
    pairs = [(first, last) for first, last in spans]
    assert boundaries.Spans(pairs).hold(at) == any(first < at <= last for first, last in pairs)


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


def parts(text: str) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], s.kind) for s in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Pasar pindah pagi tadi.,Pedagang senang.", ["Pasar pindah pagi tadi.", "Pedagang senang."]),
        ('Pasar pindah. ,"Kami siap," kata Sari.', ["Pasar pindah.", '"Kami siap," kata Sari.']),
        (
            '"Kami siap.",Sari pun pulang!,,,12 pedagang ikut.',
            ['"Kami siap."', "Sari pun pulang!", "12 pedagang ikut."],
        ),
        (", - Pasar pindah.,Pedagang senang., ", ["Pasar pindah.", "Pedagang senang."]),
        ("-,Pasar pindah. , Pedagang senang. ,", ["Pasar pindah.", "Pedagang senang."]),
        ("Pasar pindah.,Ini baru.,  Sari senang.", ["Pasar pindah.", "Ini baru.", "Sari senang."]),
        ("Pasar pindah.,Ia dkk., Sari, ikut.", ["Pasar pindah.", "Ia dkk., Sari, ikut."]),
        ("Pasar pindah.,3. Toko, Sari ikut.", ["Pasar pindah.", "3. Toko, Sari ikut."]),
    ],
)
def test_paragraphs_joined_by_commas_are_taken_apart(text: str, sentences: list[str]) -> None:
    assert texts(text, "sentence") == sentences
    assert all(not set(aside) - set(", -") for aside in texts(text, "aside"))


@pytest.mark.parametrize(
    "text",
    [
        "Budi Santoso, S.E.,M.M. membuka pasar itu.",
        "Sari Wulandari, M.Kom.,M.T. dan Budi ikut.",
        "Pabrik itu milik Contoh Co.,Ltd. sejak lama.",
        "The firm, Example Inc., The Hague said, is small.",
        "It begins at 5 p.m., Monday at the latest.",
        "Harganya Rp5.,000 saja.",
        'Ia bertanya "Siapa?," lalu pergi.',
        '"Kami siap.," kata Sari.',
        "Menurut dr.,Budi, pasar itu sehat.",
        "Toko Melati dkk.,yang baru, ikut pindah.",
        "Pada Senin (9/9/2019),Sari menjelaskan rencana itu.",
    ],
)
def test_commas_that_join_no_paragraphs(text: str) -> None:
    assert parts(text) == [(text, "sentence")]


@pytest.mark.parametrize(
    ("aside", "join"),
    [
        ("Baca juga: Judul Berita Lain", ","),
        ("Baca Juga:", ",,"),
        ("Lihat juga: Judul, Berita Lain", ","),
        ("Baca: Judul Berita Lain", ",,"),
        ("Penulis: Sari Wulandari", ",,"),
        ("Artikel ini telah tayang di wartacontoh.com", ",,"),
    ],
)
def test_an_aside_between_joined_paragraphs_ends_at_the_comma(aside: str, join: str) -> None:
    text = f"Pasar pindah pagi tadi.,{aside}{join}Setelah itu, pedagang pulang.,Mereka senang."
    kept = [part for part in parts(text) if part[0].strip(", ")]
    assert kept == [
        ("Pasar pindah pagi tadi.", "sentence"),
        (aside, "aside"),
        ("Setelah itu, pedagang pulang.", "sentence"),
        ("Mereka senang.", "sentence"),
    ]


@pytest.mark.parametrize(
    "aside",
    [
        "[Gambas:Video Warta]",
        "[Gambas:Instagram]",
        "SCROLL TO CONTINUE WITH CONTENT",
        "ADVERTISEMENT SCROLL TO CONTINUE WITH CONTENT",
        "(abc)",
        "(abc/def)",
        "Baca juga: Judul Berita Lain.",
    ],
)
def test_an_aside_in_running_text(aside: str) -> None:
    text = f"Pasar pindah pagi tadi. {aside} Pedagang senang."
    if aside.startswith("("):
        text = text.removesuffix(" Pedagang senang.")
    assert texts(text, "aside") == [aside]
    assert "Pasar pindah pagi tadi." in texts(text, "sentence")


@pytest.mark.parametrize(
    "text",
    [
        "Menteri [Video Warta] mengatakan itu.",
        "Pasar pindah. (Pedagang senang dan pembeli juga.)",
        "Pasar pindah (abc).",
        "Baca jugalah buku itu.",
        "Pasar pindah. (Dec. 6, 1986)",
        "Pasar pindah. (Benar, saya tahu.)",
        "Kami berkata: 'Pasar harus tetap. #TetapDiSini'.",
    ],
)
def test_what_stands_inside_a_sentence_is_left(text: str) -> None:
    assert texts(text, "aside") == []


@pytest.mark.parametrize(
    "ending", ["(abc)", "(abc),,,loading...", "Sari Wulandari ,", "WARTA", "#TetapSehat with WARTA"]
)
def test_what_ends_a_joined_text(ending: str) -> None:
    text = f"Pasar pindah pagi tadi.,Pedagang senang. ,{ending}"
    assert texts(text, "sentence") == ["Pasar pindah pagi tadi.", "Pedagang senang."]


def test_a_long_line_that_opens_as_an_aside_is_not_silenced() -> None:
    story = "Sebanyak 412 pedagang Pasar Lama ikut pindah ke Jalan Melati pada hari itu juga. "
    text = "Baca juga: Judul Berita Lain. " + story * 6
    assert texts(text, "aside") == ["Baca juga: Judul Berita Lain."]


@pytest.mark.parametrize(
    "line",
    [
        "Baca: Judul Berita Lain",
        "Saksikan Live Warta Pagi :",
        "Artikel ini ditulis oleh Sari, peserta magang.",
        "*) Tulisan ini merupakan opini pribadi penulis.",
        "Sumber: Badan Contoh Nasional",
        "Contributing: Martha Quill, The Example Press",
        "From wire reports",
        "— Martha Quill and John Doe contributed to this report.",
        "Follow Martha Quill on Twitter: @marthaq",
        "Contact Martha Quill at mquill@example.com.",
        "Reach her at mquill@example.com.",
        "Email: mquill@example.com",
        "This story has been updated with additional reaction.",
        "Correction: An earlier version of this story named the wrong town.",
        "Editor's note: A previous version of this story gave the wrong date.",
        "Read the full review here.",
        "Click here to see more photos.",
        "Sign up here: our newsletter comes every morning",
        "Get the Example's weekly newsletter in your inbox every Tuesday.",
        "The old ferry at its pier. Martha Quill/Getty Images",
        "More:Ferry sails again after ten years",
        "Trouble at sea:Ferry operator says it needs a new engine",
        "AP ferries: https://example.com/ferries",
        "Martha Quill/AP The old ferry leaves its pier.",
        "mquill@example.com",
        "— Martha Quill",
        "___",
    ],
)
def test_notes_of_the_paper_are_asides(line: str) -> None:
    text = f"The ferry sails again.\n\n{line}\n\nIt was built in Selby."
    assert [s.kind for s in split_sentences(text)] == ["sentence", "aside", "sentence"]


@pytest.mark.parametrize(
    "text",
    [
        "Follow the money, she told the court.",
        "Contact with the ferry was lost on Monday.",
        "Reach and speed were the limits of the old ferry.",
        "Call 119 if you see smoke, the mayor said.",
        "More than 40 people were on board.",
        "The correction of the figures took a year.",
        "An earlier version of this engine failed in 2010.",
        "This story was told to every child in Selby.",
        "Two million people subscribe to its newsletter.",
        "“Sign up for our newsletter,” he said.",
        "The mayor sued Getty Images over the picture.",
        "She contributed to this report by Selby's council with her own figures.",
        "Read what he wrote there, she said.",
        "Result:The ferry sails",
        "Sumber air itu kering sejak Juli.",
        "Penulis itu pulang ke Bandung.",
        "Gabung dengan partai itu bukan pilihannya, kata Sari.",
    ],
)
def test_what_sounds_like_a_note_and_is_none(text: str) -> None:
    assert split_sentences(f"{text}\n\nIt was built in Selby.")[0].kind != "aside"


@pytest.mark.parametrize(
    "ending",
    [
        "Jadwal Kapal Malam Ini dari Pelabuhan Melati",
        "Berita terpopuler\nJadwal Kapal Malam Ini dari Melati\nHarga Beras Naik Lagi di Pasar Lama",
        "Harga Beras Naik Lagi di Pasar Lama\nTiga Cara Memilih Beras yang Baik",
    ],
)
def test_titles_behind_a_finished_story_are_headings(ending: str) -> None:
    text = f"Kapal itu berlayar lagi.\n\n{ending}"
    assert texts(text, "sentence") == ["Kapal itu berlayar lagi."]


@pytest.mark.parametrize(
    "last",
    [
        "Kapal itu akan berlayar lagi pada Senin pagi",
        "Budi Santoso",
        "Jalan Melati Nomor 5, Kecamatan Sukamaju, Kota Contoh",
        "Senin 3: Rapat Besar Kepala Pasar Kota Contoh",
        "Pemain: Budi Santoso, Sari Wulandari, Andi Pratama, Rina Melati",
        "- Jadwal Kapal Malam Ini dari Pelabuhan Melati",
        "Jadwal Kapal Malam Ini dari Pelabuhan Melati.",
    ],
)
def test_other_last_lines_stay(last: str) -> None:
    assert texts(f"Kapal itu berlayar lagi.\n\n{last}", "sentence")[-1] == last


def test_the_last_of_an_announced_list_stays() -> None:
    text = (
        "Tiga film yang menang adalah:\nAnak Kapal dari Pelabuhan Melati\nMalam Panjang di Kota Lama Contoh"
    )
    assert texts(text, "sentence")[-1] == "Malam Panjang di Kota Lama Contoh"
