"""Markdown, web pages, PDF, DOCX and feeds, each read in the process that reads them for the service."""

from __future__ import annotations

import gzip
import io
import os
import random
import signal
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import OxmlElement
from hypothesis import given
from hypothesis import strategies as st

from service.errors import ArticleRejected
from service.formats import Extract
from service.formats.html import decode
from service.formats.markup import fragment_text
from service.formats.page_text import join_pages
from service.formats.process import Bounds, Readers
from service.formats.tables import Cell, table_blocks
from service.library import FolderLock
from tests import made_files
from tests.conftest import wait_until

MAX = 1_000_000
PDF_START = b"%PDF-1.4\n"


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers() as opened:
        yield opened


@pytest.fixture(scope="module")
def hurried() -> Iterator[Readers]:
    with Readers(Bounds(timeout_s=1.0)) as opened:
        yield opened


@pytest.fixture(scope="module")
def narrow() -> Iterator[Readers]:
    with Readers(Bounds(memory_mb=400)) as opened:
        yield opened


def one(readers: Readers, kind: str, data: bytes) -> Extract:
    (extract,) = readers.read(kind, data, MAX)
    return extract


def text_of(extract: Extract) -> str:
    return str(extract.fields["text"])


def test_a_pdf_becomes_paragraphs_and_keeps_its_pages(readers: Readers) -> None:
    extract = one(readers, "pdf", made_files.pdf(made_files.PDF_PAGES))
    text = text_of(extract)
    assert text.split("\n\n") == [
        "Waduk Sebrang diresmikan oleh Bupati Dewi Lestari pada 4 Mei 2025. Pembangunannya berlangsung "
        "tiga tahun dan melibatkan anak-anak muda dari desa di sekitar waduk itu, kata Dewi pada acara "
        "peresmian.",
        "Biaya dan rencana",
        "Biaya waduk itu mencapai 98 miliar rupiah dan sisanya akan dibayar oleh provinsi pada tahun "
        "berikutnya. Waduk Sebrang menampung 12 juta meter kubik air. Pintu airnya dibuka setiap pagi.",
    ]
    starts = extract.fields["page_starts"]
    assert isinstance(starts, list)
    first, second = starts
    assert first == 0
    assert text[second:].startswith("provinsi pada tahun")
    assert extract.warnings == ()
    fields = {k: extract.fields[k] for k in ("title", "author", "published", "language")}
    assert fields == {
        "title": "Waduk Sebrang", "author": "Rina Putri", "published": "2025-05-04T10:15:00+07:00",
        "language": "id",
    }  # fmt: skip


def test_a_page_without_text_is_named(readers: Readers) -> None:
    pages = [["Halaman pertama berisi satu kalimat."], [], ["Halaman ketiga juga."], []]
    extract = one(readers, "pdf", made_files.pdf(pages))
    assert extract.warnings == ("no text on pages 2, 4",)
    text = text_of(extract)
    third = text.index("Halaman ketiga")
    assert extract.fields["page_starts"] == [0, third, third, len(text)]


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_an_encrypted_pdf_that_anybody_may_read(readers: Readers, algorithm: str) -> None:
    assert "Waduk Sebrang" in text_of(one(readers, "pdf", made_files.encrypted_pdf("", algorithm)))


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("pdf", made_files.pdf([[], []]), "has no text: its 2 pages are an image or empty"),
        ("pdf", made_files.encrypted_pdf("rahasia"), "encrypted"),
        ("pdf", made_files.pdf(made_files.PDF_PAGES)[:700], "cut off"),
        ("pdf", PDF_START + b"rubbish\n%%EOF", "broken PDF"),
        ("pdf", b"not at all", "no PDF"),
        ("pdf", made_files.pdf([["x"]], kids=b"2 0 R"), "broken PDF"),
        (
            "docx",
            bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600,
            "encrypted document, or one of the old .doc",
        ),
        ("docx", made_files.docx()[:20_000], "broken DOCX"),
        ("docx", made_files.docx_with(b"<w:sdt>", 10_000), "broken DOCX"),
        ("html", b"", "nothing in it"),
        ("html", gzip.compress(made_files.PAGE.encode()), "a binary file, not text"),
        ("html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"teks " * 200, "a binary file, not text"),
        ("html", b"SQLite format 3\0" + b"Berita yang disimpan. " * 200, "a binary file, not text"),
        ("html", random.Random(1).randbytes(3_000), "a binary file, not text"),
        ("html", b"<html><body><nav>Beranda</nav></body></html>", "no text that looks like an article"),
        ("html", b"<table>" + b"<tr><td rowspan=9999>x" * 5000, "too many spanning cells"),
        ("feed", made_files.LAUGHS.encode(), "declares XML entities"),
        ("feed", made_files.RSS.encode()[:-60], "cut off"),
        ("feed", b"<html><body>Halaman</body></html>", "no RSS or Atom feed"),
        ("feed", b"<rss version='2.0'><channel><title>T</title></channel></rss>", "no entries"),
    ],
)
def test_what_cannot_be_read_says_why(readers: Readers, kind: str, data: bytes, reason: str) -> None:
    with pytest.raises(ArticleRejected, match=reason):
        readers.read(kind, data, MAX)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("pdf", made_files.pdf([["x"]], made_files.packed(b"BT (x) Tj ET ", 1_000_000))),
        ("pdf", made_files.pdf([["x"]], made_files.packed(b"(x) Tj ", 10_000_000))),
        ("html", b"<p>Kalimat yang panjang sekali.</p>" * 100_000),
    ],
    ids=["many texts", "Flate bomb", "long page"],
)
def test_a_slow_file_fails_alone(hurried: Readers, kind: str, data: bytes) -> None:
    with pytest.raises(ArticleRejected, match="takes more than 1 s to read"):
        hurried.read(kind, data, 10**9)
    assert "Waduk" in text_of(one(hurried, "pdf", made_files.pdf(made_files.PDF_PAGES)))


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("docx", made_files.docx_with(b"<w:p><w:r><w:t>a</w:t></w:r></w:p>", 2_000_000), "more than 400 MB"),
        ("docx", made_files.docx_with(b"<w:p/>", 40_000_000), "unpacks to 241 MB"),
        (
            "pdf",
            made_files.pdf([["x"]], zlib.compress(b"BT (" + b"a" * 60_000_000 + b") Tj ET", 9)),
            "400 MB",
        ),
        # A cell of 50,000 elements that spans a hundred rows is copied into each of them.
        (
            "html",
            b"<table><tr><td rowspan=100>" + b"<i>a</i>" * 50_000 + b"</tr>" + b"<tr><td>b</tr>" * 100,
            r"more than 400 MB of memory to read \(KUTIPAN_READ_MEMORY_MB\)",
        ),
    ],
    ids=["large text", "zip bomb", "PDF with one long string", "page with a spanning cell"],
)
def test_a_bomb_fails_alone(narrow: Readers, kind: str, data: bytes, reason: str) -> None:
    assert len(data) < 1_000_000
    with pytest.raises(ArticleRejected, match=reason):
        narrow.read(kind, data, 10**9)
    assert "Waduk" in text_of(one(narrow, "pdf", made_files.pdf(made_files.PDF_PAGES)))


def test_deeply_nested_pages_end(readers: Readers) -> None:
    for tag in (b"<div>", b"<b>", b"<table><tr><td>", b"<ul><li>"):
        try:
            readers.read("html", b"<html><body>" + tag * 50_000 + b"kata dan kata", MAX)
        except ArticleRejected as error:
            assert str(error)  # noqa: PT017 - either outcome is right, as long as there is one
    assert one(readers, "html", made_files.PAGE.encode())


def test_a_text_longer_than_an_article_may_be(readers: Readers) -> None:
    with pytest.raises(ArticleRejected, match=r"longer than 0\.0001 million"):
        readers.read("pdf", made_files.pdf(made_files.PDF_PAGES), 100)


def test_a_saved_page_without_what_stands_around_the_article(readers: Readers) -> None:
    extract = one(readers, "html", made_files.PAGE.encode())
    text = text_of(extract)
    assert text.split("\n\n")[1:] == [
        "## Harga sewa",
        "Sewa perahu untuk pelancong ditetapkan pemerintah kota.",
        "Sewa perahu",
        "Perahu: Kelotok; Waktu: Pagi; Sewa: 150 ribu rupiah.",
        "Perahu: Kelotok; Waktu: Sore; Sewa: 90 ribu rupiah.",
        "- Pasar buka pukul lima pagi.",
        "- Pasar tutup pukul sembilan.",
    ]
    assert "kuki" not in text
    assert "Hak cipta" not in text
    fields = {k: v for k, v in extract.fields.items() if k != "text"}
    assert fields == {
        "title": "Pasar Terapung dibuka lagi", "author": "Rina Putri", "source": "Warta Contoh",
        "url": "https://example.org/pasar-terapung", "published": "2025-06-07T10:00:00+07:00",
        "language": "id",
    }  # fmt: skip


def dated_page(*dates: str, more: str = "") -> bytes:
    meta = '<meta property="article:published_time" content="{}">'.format
    told = "".join(map(meta, dates)) + more
    return made_files.PAGE.replace(meta("2025-06-07T10:00:00+07:00"), told).encode()


def in_body(more: str) -> bytes:
    return dated_page().replace(b"</body>", more.encode() + b"</body>")


def json_ld(told: str) -> str:
    return f'<script type="application/ld+json">{told}</script>'


STORY = '{"@type":"NewsArticle","datePublished":"2019-05-05"}'
STORIES = f'{{"@type":"ItemList","itemListElement":[{STORY}]}}'
DATED = '"datePublished":"2025-06-07"}}'


def docx_made(created: str) -> bytes:
    document = Document(io.BytesIO(made_files.docx()))
    document.core_properties._element.created.text = created
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("kind", "data", "published", "warnings"),
    [
        ("html", dated_page("kemarin"), None, ["its published 'kemarin' is no usable date and is ignored"]),
        (
            "html",
            dated_page("", "x" * 99),
            None,
            [f"its published '{'x' * 60}…' is no usable date and is ignored"],
        ),
        (
            "html",
            dated_page("2025-13-45"),
            None,
            ["its published '2025-13-45' is no usable date and is ignored"],
        ),
        ("html", dated_page("kemarin", "2025-06-07T10:00+07:00"), "2025-06-07T10:00:00+07:00", []),
        ("html", dated_page(), None, []),
        ("html", dated_page("June 7, 2025"), "2025-06-07", []),
        ("html", dated_page(more='<meta property="article:modified_time" content="2025-06-09">'), None, []),
        ("html", in_body("<header>Rabu, 30 Juli 2025</header>"), None, []),
        (
            "html",
            in_body('<aside>Berita terkait <time datetime="2019-03-05">5 Maret</time></aside>'),
            None,
            [],
        ),
        ("html", in_body('<div>Berita terkait <time datetime="2019-03-05">5 Maret</time></div>'), None, []),
        (
            "html",
            in_body('<time itemprop="datePublished" datetime="2025-06-07">7 Juni</time>'),
            "2025-06-07",
            [],
        ),
        (
            "html",
            dated_page("kemarin", more='<meta name="date" content="2024-05-06">'),
            "2024-05-06",
            ["its published 'kemarin' is no usable date and is ignored"],
        ),
        (
            "pdf",
            made_files.pdf(made_files.PDF_PAGES).replace(b"D:20250504101500+07'00'", b"kemarin".ljust(23)),
            None,
            ["its CreationDate 'kemarin                ' is no usable date and is ignored"],
        ),
        ("docx", docx_made("kemarin"), None, ["its created 'kemarin' is no usable date and is ignored"]),
        (
            "feed",
            made_files.ATOM.replace("2025-06-08T09:15:00+01:00", "kemarin").encode(),
            "2025-06-09T09:15:00+01:00",
            ["its published 'kemarin' is no usable date and is ignored"],
        ),
    ],
)
def test_a_date_that_is_none_is_left_out_with_a_warning(
    readers: Readers, kind: str, data: bytes, published: str | None, warnings: list[str]
) -> None:
    extract = one(readers, kind, data)
    assert extract.fields["published"] == published
    assert list(extract.warnings) == warnings


@pytest.mark.parametrize(
    ("shown", "published"),
    [
        ('<div class="detail__date">Sabtu, 7 Jun 2025 10:00 WIB</div>', "2025-06-07"),
        ('<abbr class="published" title="2025-06-07">7 Juni 2025</abbr>', "2025-06-07"),
        ('<time class="reading-time">3 menit</time><time datetime="2025-06-07">7 Juni</time>', "2025-06-07"),
        (
            '<time class="updated" itemprop="dateModified" datetime="2025-06-09">9 Juni</time>'
            '<time itemprop="datePublished" datetime="2025-06-07">7 Juni</time>',
            "2025-06-07",
        ),
        ('<span class="update-info">Diperbarui 9 Juni 2025</span>', None),
        ('<article><h2>Berita terkait</h2><time datetime="2019-03-05">5 Maret</time></article>', None),
        ('<div class="content-update">Pada 3 Maret 2015 pasar itu terbakar.</div>', None),
        ('<time datetime="2025-06-07T10:00:00+07:00">7 Juni</time>', "2025-06-07T10:00:00+07:00"),
        ('<a href="/a"><time class="published" datetime="2025-06-07">7 Juni</time></a>', "2025-06-07"),
        ('<figure><figcaption>Foto: <time datetime="2019-03-05">5 Maret</time></figcaption></figure>', None),
        ('<div class="date">Diperbarui: 9 Juni 2025</div>', None),
        ('<div class="date">Last updated: <time datetime="2025-06-09">June 9</time></div>', None),
        ('<span>Diperbarui</span> <time datetime="2025-06-09">9 Juni</time>', None),
        ('<span class="date">Terbit 7 Juni 2025, diperbarui 9 Juni 2025</span>', "2025-06-07"),
        ('<h2>Revisi aturan pasar</h2><time datetime="2025-06-07">7 Juni</time>', "2025-06-07"),
        ('<div>News Update</div><time datetime="2025-06-07">7 Juni</time>', "2025-06-07"),
        ('<b>Revisi UU TNI Disahkan</b><time datetime="2025-06-07">7 Juni</time>', "2025-06-07"),
        ('<div>Foto: AFP/Getty Images</div><time datetime="2025-06-07">7 Juni</time>', "2025-06-07"),
        ('<div class="date">Diperbarui Senin, 9 Juni 2025</div>', None),
    ],
)
def test_a_date_that_the_article_itself_shows(readers: Readers, shown: str, published: str | None) -> None:
    page = dated_page().replace(b"<h1>", f"{shown}<h1>".encode(), 1)
    assert one(readers, "html", page).fields["published"] == published


@pytest.mark.parametrize(
    "shown",
    [
        '<ul class="terkait"><li><a href="/b">Banjir</a> <span class="date">5 Maret 2019</span></li></ul>',
        '<div id="comments"><time datetime="2019-03-05">March 5</time> <p>Well done.</p></div>',
    ],
)
def test_a_date_behind_the_text_is_of_something_else(readers: Readers, shown: str) -> None:
    page = dated_page().replace(b"</article>", f"{shown}</article>".encode(), 1)
    assert one(readers, "html", page).fields["published"] is None


@pytest.mark.parametrize(
    ("declared", "published"),
    [
        ('<meta name="Last-Modified" content="2025-06-09">', None),
        ('<meta http-equiv="last-modified" content="2025-06-09">', None),
        ('<meta property="og:image" content="https://example.org/2019/03/05/a.jpg">', None),
        ('<meta itemprop="copyrightYear" content="2019">', None),
        (json_ld('{"@type":"NewsArticle","dateModified":"2025-06-09"}'), None),
        (
            json_ld(
                '{"@type":"ItemList","itemListElement":[{"@type":"ListItem","datePublished":"2019-03-05"}]}'
            )
            + json_ld('{"@type":"NewsArticle","datePublished":"2025-06-07T10:00:00+07:00"}'),
            "2025-06-07T10:00:00+07:00",
        ),
        (json_ld(STORIES) + json_ld('{"@type":["NewsArticle"],"datePublished":"2025-06-07"}'), "2025-06-07"),
        (json_ld(STORIES), None),
        (json_ld('{"@type":"Event","datePublished":"2025-06-07"}'), None),
        (json_ld('{"@type":"Review","datePublished":"2025-06-07"}'), "2025-06-07"),
        (json_ld('{"@type":"NewsArticle","datePublished":"2025-06-07\\u0000"}'), "2025-06-07"),
        (json_ld('{"@type":"WebPage","mainEntity":{"@type":"NewsArticle",' + DATED), "2025-06-07"),
        (json_ld('{"@type":"WebPage","datePublished":"2025-06-07"}'), "2025-06-07"),
        (
            json_ld(
                '{"@graph":[{"@type":"WebSite","datePublished":"2010-01-01"},{"@type":"WebPage",'
                '"datePublished":"2011-01-01"},{"@type":"BlogPosting","datePublished":"2025-06-07"}]}'
            ),
            "2025-06-07",
        ),
        *(
            (
                json_ld(
                    f'{{"@type":"NewsArticle","{part}":[{STORY}],"datePublished":"2025-06-07T00:00:00Z"}}'
                ),
                "2025-06-07",
            )
            for part in ("hasPart", "comment")
        ),
        (
            json_ld('{"@type":"NewsArticle",,"datePublished":"2025-06-07T10:00:00Z"'),
            "2025-06-07T10:00:00+00:00",
        ),
        (
            '<meta name="date" content="2025-06-09"><link rel="canonical" href="https://a.id/2019/01/02/a">'
            '<meta property="article:published_time" content="2025-06-07T10:00:00Z">',
            "2025-06-07T10:00:00+00:00",
        ),
    ],
)
def test_a_date_that_the_metadata_tells(readers: Readers, declared: str, published: str | None) -> None:
    assert one(readers, "html", dated_page(more=declared)).fields["published"] == published


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (
            "“Kami siap,” kata Rina – dua kali.".encode() + b" \xe2\x80",
            "“Kami siap,” kata Rina – dua kali. �",
        ),
        (b"Kami siap \xe2\x80 lagi", "Kami siap � lagi"),
        ("Kami “siap".encode() + b" \xe9", "Kami “siap �"),
        ("“Kami siap,” kata José".encode("cp1252"), "“Kami siap,” kata José"),
    ],
)
def test_a_broken_character_is_one_character(sent: bytes, read: str) -> None:
    for charset in (b"utf-8", b"utf8"):
        page = b'<meta charset="' + charset + b'"><p>' + sent + b"</p>"
        assert decode(page).endswith(f"<p>{read}</p>")


def test_a_hyphen_that_does_not_break_stays(readers: Readers) -> None:
    document = Document()
    document.add_paragraph("Anak").runs[0]._element.append(OxmlElement("w:noBreakHyphen"))
    document.paragraphs[0].add_run("anak bermain di Asia.")
    made = io.BytesIO()
    document.save(made)
    assert one(readers, "docx", made.getvalue()).fields["text"] == "Anak-anak bermain di Asia."


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Satu <b>tebal</b>.<br>Dua.<!-- more -->", "Satu tebal. Dua."),
        ("<!--more-->\n\n<figure><img src='a'><figcaption>Pasar</figcaption></figure>", "Pasar"),
        ("Teks <script>alert('x')</script> lanjut.", "Teks lanjut."),
        ("Ada 10<sup>6</sup> orang, 3 < 4.", "Ada 10^6 orang, 3 < 4."),
        ("The 1<sup>st</sup> of <del>10</del> 8 tickets.", "The 1st of 8 tickets."),
        ("+++\nSekali lagi\n+++\nIsi.", "+++ Sekali lagi +++ Isi."),
    ],
)
def test_html_in_markdown_is_the_text_that_it_shows(readers: Readers, written: str, text: str) -> None:
    assert one(readers, "markdown", written.encode()).fields["text"] == text


@pytest.mark.parametrize(
    ("matter", "title", "text"),
    [
        ("title: Judul depan", "Judul depan", "# Gempa Mamuju\n\nIsi."),
        ("title: Gempa Mamuju", "Gempa Mamuju", "Isi."),
        ("title:", "Gempa Mamuju", "Isi."),
        ("title: ''", "Gempa Mamuju", "Isi."),
        ("source: Warta", "Gempa Mamuju", "Isi."),
    ],
)
def test_a_title_beside_the_top_heading(readers: Readers, matter: str, title: str, text: str) -> None:
    fields = one(readers, "markdown", f"---\n{matter}\n---\n# Gempa Mamuju\n\nIsi.".encode()).fields
    assert (fields["title"], fields["text"]) == (title, text)


def test_toml_front_matter(readers: Readers) -> None:
    fields = one(readers, "markdown", b"+++\ntitle = 1984\npublished = 2025-06-07\n+++\nIsi.").fields
    assert fields == {"title": "1984", "published": "2025-06-07", "text": "Isi."}
    with pytest.raises(ArticleRejected, match="not TOML"):
        one(readers, "markdown", b"+++\ntitle = Harga naik\n+++\nIsi.")


@pytest.mark.parametrize(("before", "line"), [("", 3), ("\n\n", 5)])
def test_the_line_of_a_fault_in_front_matter(readers: Readers, before: str, line: int) -> None:
    with pytest.raises(ArticleRejected, match=f"not YAML in line {line}$"):
        one(readers, "markdown", f"{before}---\nid: x\ntitle: Harga: naik\n---\nIsi.".encode())


def test_each_entry_of_a_feed_has_its_own_warnings(readers: Readers) -> None:
    feed = made_files.RSS.replace("Sat, 07 Jun 2025 23:30:00 +0700", "kemarin")
    feed = feed.replace("<guid>warta-2</guid>", "<guid>warta-2</guid><pubDate>besok</pubDate>")
    first, second = readers.read("feed", feed.encode(), MAX)
    assert first.warnings == ("its published 'kemarin' is no usable date and is ignored",)
    assert second.warnings == ("its published 'besok' is no usable date and is ignored",)
    assert first.fields["published"] is second.fields["published"] is None


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", ""), ("utf-8", "iso-8859-1"), ("cp1252", "iso-8859-1"), ("cp1252", "no-such"),
        ("utf-16", ""), ("utf-16-le", ""), ("utf-8-sig", ""), ("iso-8859-15", "ISO-8859-15"),
    ],
)  # fmt: skip
def test_encodings(readers: Readers, encoding: str, declared: str) -> None:
    sentence = "Café Müller “Zuid” ditutup." if "15" not in encoding else "Café Müller ditutup, harganya 5 €."
    meta = f'<meta charset="{declared}">' if declared else ""
    page = f"<html><head>{meta}</head><body><article><p>{sentence}</p></article></body></html>"
    assert text_of(one(readers, "html", page.encode(encoding))) == sentence


@pytest.mark.parametrize("stray", ["\0", "\0" * 50, "\x1a", "\x1b$B"])
def test_a_page_with_stray_control_characters_is_text(readers: Readers, stray: str) -> None:
    page = f"<html><body><article><p>Pasar dibuka{stray} lagi oleh wali kota.</p></article></body></html>"
    text = text_of(one(readers, "html", page.encode()))
    assert text == f"Pasar dibuka{stray.strip(chr(0) + chr(26) + chr(27))} lagi oleh wali kota."


def test_a_docx_in_the_order_of_the_document(readers: Readers) -> None:
    extract = one(readers, "docx", made_files.docx())
    assert text_of(extract).split("\n\n") == [
        "Jalur Kereta Utara selesai pada Agustus 2025 setelah lima tahun.",
        "Stasiun: Melati; Kota: Kuala Baru; Peron: 6.",
        "Stasiun: Kenanga; Kota: Kuala Baru; Peron: 4.",
        "# Penumpang",
        "Kereta pertama membawa 412 penumpang.",
        "- Kereta berangkat setiap jam.",
        "Panjang: Sekitar empat hari jalan kaki.",
        "Pemilik: Negara.",
    ]
    fields = {k: v for k, v in extract.fields.items() if k != "text"}
    assert fields == {
        "title": "Jalur Kereta Utara", "author": "Budi Santoso", "published": "2025-07-01T09:30:00+00:00",
        "language": "id",
    }  # fmt: skip


def test_what_a_docx_raises_and_strikes_out(readers: Readers) -> None:
    document = Document()
    paragraph = document.add_paragraph("Sungai itu memuat 10")
    paragraph.add_run("6").font.superscript = True
    paragraph.add_run(" ikan dan ")
    paragraph.add_run("dua ").font.strike = True
    paragraph.add_run("lama ").font.double_strike = True
    paragraph.add_run("tiga").font.strike = False
    paragraph.add_run(" kapal")
    paragraph.add_run("1").font.superscript = True
    made = io.BytesIO()
    document.save(made)
    told = one(readers, "docx", made.getvalue()).fields["text"]
    assert told == "Sungai itu memuat 10^6 ikan dan tiga kapal1"


def test_a_zip_that_is_no_document(readers: Readers) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("a.txt", "teks")
    with pytest.raises(ArticleRejected, match="broken DOCX"):
        readers.read("docx", made.getvalue(), MAX)


def test_rss(readers: Readers) -> None:
    first, second = readers.read("feed", made_files.RSS.encode(), MAX)
    assert first.fields == {
        "id": "warta-1", "title": "Harga & beras", "url": "https://example.org/beras",
        "source": "Warta Contoh", "author": None,
        "text": "Harga beras turun menjadi 12 ribu rupiah.\n\nPetani khawatir.",
        "published": "2025-06-07T23:30:00+07:00", "language": "id", "tags": ["ekonomi"],
    }  # fmt: skip
    assert second.fields["text"] == ""
    assert first.warnings == ()


def test_atom(readers: Readers) -> None:
    (entry,) = readers.read("feed", made_files.ATOM.encode(), MAX)
    assert entry.fields == {
        "id": "urn:example:1", "title": "Ferry returns", "text": "The Selby ferry sails again.",
        "url": "https://example.org/ferry", "source": "Example Wire", "author": "Ann Vale",
        "published": "2025-06-08T09:15:00+01:00", "language": "en", "tags": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "published"),
    [
        ("Tue, 05 Mar 2024 18:15:00 +0700", "2024-03-05T18:15:00+07:00"),
        ("05 Mar 24 18:15 GMT", "2024-03-05T18:15:00+00:00"),
        ("Tue, 05 Mar 2024 18:15:00 WIB", "2024-03-05T18:15:00+07:00"),
        ("Tue, 05 Mar 2024 18:15:00 WITA", "2024-03-05T18:15:00+08:00"),
        ("2024-03-05 18:15:00 WIT", "2024-03-05T18:15:00+09:00"),
        ("Tue, 05 Mar 2024 18:15:00 GMT+7", "2024-03-05T18:15:00+07:00"),
        ("Tue, 05 Mar 2024 18:15:00 GMT-0330", "2024-03-05T18:15:00-03:30"),
        ("Tue, 05 Mar 2024 18:15 +07:00", "2024-03-05T18:15:00+07:00"),
        ("Tue, 05 Mar 2024 00:00:00 GMT", "2024-03-05T00:00:00+00:00"),
        ("Tue, 05 Mar 2024 18:15:00 0700", "2024-03-05T18:15:00+07:00"),
        ("2024-03-05 18:15:00 UTC", "2024-03-05T18:15:00+00:00"),
        ("2024-03-05", "2024-03-05"),
        ("Tue, 05 Mar 2024", "2024-03-05"),
        ("20240305T181500Z", "2024-03-05T18:15:00+00:00"),
        *(
            (told, None)
            for told in (
                "0000-00-00 00:00:00", "Tue, 05 Mar 99999999999 18:15:00 +0700", "1709651700", "2024-03",
                "Mon, 01 Jan 0001 00:00:00 GMT", "0001-01-01T00:00:00Z",
                "2024-03-05T18:15:00 +99", "1:00" + " " * 99_999 + "x",
            )
        ),
    ],
)  # fmt: skip
def test_a_date_of_a_feed(readers: Readers, told: str, published: str | None) -> None:
    feed = made_files.RSS.replace("Sat, 07 Jun 2025 23:30:00 +0700", told)
    first, second = readers.read("feed", feed.encode(), MAX)
    assert first.fields["published"] == published
    assert bool(first.warnings) == (published is None)
    assert second.fields["id"] == "warta-2"


def test_a_feed_that_is_not_well_formed_is_read_with_a_warning(readers: Readers) -> None:
    broken = made_files.RSS.replace("Ringkasan.", "Untung & rugi<br>.")
    first, _ = readers.read("feed", broken.encode(), MAX)
    assert "Harga beras turun" in text_of(first)
    assert first.warnings == ("not well-formed XML; read as far as it can be understood",)


def test_a_feed_that_is_only_an_address_is_not_fetched(readers: Readers) -> None:
    with pytest.raises(ArticleRejected, match="no RSS or Atom feed"):
        readers.read("feed", b"http://127.0.0.1:9/feed.xml", MAX)


def test_markup_in_fragments() -> None:
    assert fragment_text(
        "Satu<br>dua<br><br>tiga <script>x()</script><h3>Judul</h3><ol><li>a<ul><li>b</ul></ol>"
    ) == ("Satu\ndua\n\ntiga\n\n### Judul\n\n- a\n\n- b")
    assert fragment_text("  ") == ""
    assert (
        fragment_text("Dari 3 <del>Rp 10</del>&#11; ke Rp 5, 10<sup>&#28;6</sup>.") == "Dari 3 ke Rp 5, 10^6."
    )


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Ada 10<sup>6</sup> sel, 10<sup>-3</sup> m, 2<sup>n</sup>.", "Ada 10^6 sel, 10^-3 m, 2^n."),
        ("Gas CO<sub>2</sub>, 50 m<sup>2</sup>.", "Gas CO2, 50 m2."),
        ("Ada 10<sup>1,5</sup> dan 10<sup>n+1</sup>.", "Ada 10^1,5 dan 10^n+1."),
        (
            "Kata dia.<sup>1</sup> Lalu<sup>2</sup> pergi pada 2024<sup>[3]</sup>.",
            "Kata dia.1 Lalu2 pergi pada 2024[3].",
        ),
        ("The 1<sup>st</sup> of May.", "The 1st of May."),
        ("Harga <del>Rp 100.000</del> <ins>Rp 80.000</ins>.", "Harga Rp 80.000."),
        ("Was <s>$9</s> $8, <strike>then <b>$7</b></strike> now $6.", "Was $8, now $6."),
    ],
)
def test_raised_and_struck_text(readers: Readers, markup: str, text: str) -> None:
    assert fragment_text(markup) == text
    page = made_files.PAGE.replace("Sewa perahu untuk", f"{markup} Sewa perahu untuk")
    assert f"{text} Sewa perahu untuk" in text_of(one(readers, "html", page.encode()))


@pytest.mark.parametrize(
    ("rows", "blocks"),
    [
        ([["Kota", "Luas"], ["Kuala", "12 km"]], ["Kota: Kuala; Luas: 12 km."]),
        ([["Nama:", "Sari"], ["Jabatan", "Bupati"]], ["Nama: Sari.", "Jabatan: Bupati."]),
        ([["Penduduk", "12"], ["Desa", "3"]], ["Penduduk: 12.", "Desa: 3."]),
        ([["A", "B", "C"], ["satu", "", "tiga!"]], ["A: satu; C: tiga!"]),
        ([["Jawa", "", ""], ["1", "2", "3"]], ["Jawa", "1; 2; 3."]),
        ([["Isi yang ditata dengan tabel."]], ["Isi yang ditata dengan tabel."]),
        ([["Kota", "Luas"]], ["Kota: Luas."]),
        ([[], ["", ""]], []),
    ],
)  # fmt: skip
def test_rows_of_tables(rows: list[list[str]], blocks: list[str]) -> None:
    assert table_blocks([[Cell(text) for text in row] for row in rows]) == blocks


def test_marked_headers_of_tables() -> None:
    columns = [[Cell("Kota", True), Cell("2024", True)], [Cell("Kuala"), Cell("luas")]]
    assert table_blocks(columns) == ["Kota: Kuala; 2024: luas."]
    rows = [[Cell("Lahir", True), Cell("1961")], [Cell("Wafat", True), Cell("2020")]]
    assert table_blocks(rows) == ["Lahir: 1961.", "Wafat: 2020."]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ("Perkem-\nbangan kota itu", "Perkembangan kota itu"),
        ("bersama-\nsama dengan", "bersama-sama dengan"),
        ("kawasan Asia-\nPasifik", "kawasan Asia-Pasifik"),
        ("pro-kontra itu; pro-\nkontra lagi", "pro-kontra itu; pro-kontra lagi"),
        ("antara 2019-\n2020 saja", "antara 2019-2020 saja"),
        ("e\ufb01sien dan\x00 hemat", "efisien dan hemat"),
    ],
)  # fmt: skip
def test_words_broken_at_a_line_end(lines: str, text: str) -> None:
    assert join_pages([lines])[0] == text


def test_only_what_repeats_at_the_edges_of_pages_is_left_out() -> None:
    pages = [
        f"Kabar Kota, edisi {n}\nIsi halaman nomor {w}.\n{n + 6} | 20 Mei 2025" for n, w in enumerate("abcd")
    ]
    assert join_pages(pages)[0] == "\n\n".join(f"Isi halaman nomor {w}." for w in "abcd")
    heads = ["Bab 1 7", "8", "Bab 2 9", "Tahun 2020"]
    numbered = [f"{head}\nIsi halaman nomor {w}." for head, w in zip(heads, "abcd", strict=True)]
    assert join_pages(numbered)[0].split("\n\n") == [
        "Isi halaman nomor a.", "Isi halaman nomor b.", "Isi halaman nomor c.",
        "Tahun 2020", "Isi halaman nomor d.",
    ]  # fmt: skip
    alike = ["Jumlahnya 5 orang.", "Jumlahnya 6 orang."]
    assert join_pages(alike)[0] == "\n\n".join(alike)


@given(st.lists(st.text(alphabet="ab -.\nA1é", max_size=60), max_size=6))
def test_page_starts_are_where_the_pages_begin(pages: list[str]) -> None:
    text, starts = join_pages(pages)
    assert len(starts) == len(pages)
    assert starts == sorted(starts)
    assert all(0 <= start <= len(text) for start in starts)
    assert all(start == len(text) or not text[start].isspace() for start in starts)


READ_AND_DIE = """
import os, sys
from service.formats.process import Bounds, Readers
from tests import made_files
readers = Readers(Bounds(timeout_s=20))
readers.read("pdf", made_files.pdf(made_files.PDF_PAGES), 10**6)
print(readers._idle[0]._process.pid, flush=True)
if sys.argv[1] == "busy":
    readers.read("html", b"<p>Kalimat yang panjang sekali.</p>" * 200_000, 10**9)
sys.stdin.read()
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_no_process_outlives_the_one_it_reads_for(state: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", READ_AND_DIE, state],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert parent.stdout is not None
    assert parent.stdin is not None
    with parent.stdin, parent.stdout:
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        wait_until(lambda: not _is_running(child), timeout_s=5)


def _is_running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc")
def test_the_process_has_none_of_our_files_and_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUTIPAN_SECRET", "rahasia")
    lock = FolderLock(tmp_path)
    try:
        with Readers() as readers:
            readers.read("pdf", made_files.pdf(made_files.PDF_PAGES), MAX)
            process = Path("/proc") / str(readers._idle[0]._process.pid)
            opened = [str(link.readlink()) for link in (process / "fd").iterdir()]
            assert not [name for name in opened if name.startswith(str(tmp_path))]
            assert b"rahasia" not in (process / "environ").read_bytes()
            maps = (process / "maps").read_text()
            assert "torch" not in maps
            assert "onnxruntime" not in maps
    finally:
        lock.release()
