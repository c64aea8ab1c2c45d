"""Files made for the tests: the least that makes a PDF, a DOCX, a saved web page and feeds."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime

from docx import Document
from docx.oxml import parse_xml
from pypdf import PdfWriter

PDF_PAGES = (
    (
        "WARTA CONTOH 2025",
        "Waduk Sebrang diresmikan oleh Bupati Dewi Lestari pada 4 Mei 2025. Pem-",
        "bangunannya berlangsung tiga tahun dan melibatkan anak-",
        "anak muda dari desa di sekitar waduk itu, kata Dewi pada acara",
        "peresmian.",
        "Biaya dan rencana",
        "Biaya waduk itu mencapai 98 miliar rupiah dan sisanya akan dibayar oleh",
        "Halaman 1",
    ),
    (
        "WARTA CONTOH 2025",
        "provinsi pada tahun berikutnya. Waduk Sebrang menampung 12 juta meter kubik air.",
        "Pintu airnya dibuka setiap pagi.",
        "Halaman 2",
    ),
)
PAGE = """<!DOCTYPE html><html lang="id-ID"><head><meta charset="utf-8">
<title>Pasar Terapung dibuka lagi - Warta Contoh</title>
<link rel="canonical" href="https://example.org/pasar-terapung">
<meta name="author" content="Rina Putri"><meta property="og:site_name" content="Warta Contoh">
<meta property="article:published_time" content="2025-06-07T10:00:00+07:00"></head><body>
<div class="cookie-banner"><p>Situs ini memakai kuki. Apakah Anda setuju?</p></div>
<nav><ul><li><a href="/">Beranda</a></li><li><a href="/olahraga">Olahraga</a></li></ul></nav>
<article><h1>Pasar Terapung dibuka lagi</h1>
<p>Pasar Terapung Lok Baru dibuka lagi oleh Wali Kota Hasan Basri pada 7 Juni 2025.
Sebanyak 85 pedagang menjajakan dagangan dari perahu masing-masing.</p>
<h2>Harga sewa</h2><p>Sewa perahu untuk pelancong ditetapkan pemerintah kota.</p>
<table><caption>Sewa perahu</caption>
<tr><th>Perahu</th><th>Waktu</th><th>Sewa</th></tr>
<tr><td rowspan="2">Kelotok</td><td>Pagi</td><td>150 ribu rupiah</td></tr>
<tr><td>Sore</td><td>90 ribu rupiah</td></tr></table>
<ul><li>Pasar buka pukul lima pagi.</li><li>Pasar tutup pukul sembilan.</li></ul></article>
<footer><p>Hak cipta 2025 Warta Contoh. Semua hak dilindungi.</p></footer></body></html>"""
RSS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Warta Contoh</title><link>https://example.org</link><language>id-ID</language>
<item><title>Harga &amp;amp; beras</title><guid isPermaLink="false">warta-1</guid>
<link>https://example.org/beras</link><pubDate>Sat, 07 Jun 2025 23:30:00 +0700</pubDate>
<category>ekonomi</category><description>Ringkasan.</description>
<content:encoded><![CDATA[<p>Harga beras turun menjadi 12 ribu rupiah.</p><p>Petani <b>khawatir</b>.</p>]]>
</content:encoded></item>
<item><title>Tanpa isi</title><guid>warta-2</guid></item></channel></rss>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<title>Example Wire</title><id>urn:example:feed</id><updated>2025-06-08T00:00:00Z</updated>
<entry><id>urn:example:1</id><title type="html">Ferry &lt;i&gt;returns&lt;/i&gt;</title>
<link href="https://example.org/ferry"/><published>2025-06-08T09:15:00+01:00</published>
<updated>2025-06-09T09:15:00+01:00</updated><author><name>Ann Vale</name></author>
<content type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml"><p>The Selby ferry sails again.</p></div></content>
</entry></feed>"""
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    + "]><rss version='2.0'><channel><title>&a9;</title><item><description>&a9;</description></item>"
    "</channel></rss>"
)


def pdf(pages: Sequence[Sequence[str]], stream: bytes | None = None, kids: bytes | None = None) -> bytes:
    """A PDF with these lines on its pages. `stream` replaces what draws each page (packed with Flate), `kids`
    the list of pages."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R /Lang (id-ID) >>", b"", b""]
    objects[2] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    names = []
    for lines in pages:
        shown = b" ".join(b"(%s) Tj T*" % line.encode("latin-1") for line in lines)
        drawn = b"BT /F1 11 Tf 14 TL 72 760 Td %s ET" % shown
        content = stream or packed(drawn, 1)
        names.append(b"%d 0 R" % (len(objects) + 1))
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % (len(objects) + 2),
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(content), content),
        ]
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids or b" ".join(names))
    objects.append(
        b"<< /Title (Waduk Sebrang) /Author (Rina Putri) /CreationDate (D:20250504101500+07'00') >>"
    )
    made, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    return made + (
        b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
        + b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (count, len(objects))
        + b"startxref\n%d\n%%%%EOF\n" % len(made)
    )


def packed(text: bytes, times: int) -> bytes:
    """`text` so many times, as a stream packed with Flate."""
    return zlib.compress(text * times, 9)


def encrypted_pdf(password: str, algorithm: str = "RC4-128") -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf(PDF_PAGES)))
    writer.encrypt(password, owner_password="pemilik", algorithm=algorithm)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def docx() -> bytes:
    """A document with a title, a heading, a list, two tables, one insertion and one deletion."""
    document = Document()
    about = document.core_properties
    about.title, about.author, about.language = "Jalur Kereta Utara", "Budi Santoso", "id-ID"
    about.created = datetime(2025, 7, 1, 9, 30, tzinfo=UTC)
    document.add_heading("Jalur Kereta Utara", 0)
    document.add_paragraph("Jalur Kereta Utara selesai pada Agustus 2025 setelah lima tahun.")
    table = document.add_table(rows=3, cols=3)
    rows = (("Stasiun", "Kota", "Peron"), ("Melati", "Kuala Baru", "6"), ("Kenanga", "", "4"))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 1).merge(table.cell(2, 1))
    document.add_heading("Penumpang", 1)
    changed = document.add_paragraph("Kereta pertama membawa ")
    namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    for markup in (
        "<w:del {}><w:r><w:delText>300</w:delText></w:r></w:del>",
        "<w:ins {}><w:r><w:t>412 penumpang.</w:t></w:r></w:ins>",
    ):
        changed._p.append(parse_xml(markup.format(namespace)))
    document.add_paragraph("Kereta berangkat setiap jam.", style="List Bullet")
    facts = document.add_table(rows=2, cols=2)
    pairs = (("Panjang", "Sekitar empat hari jalan kaki"), ("Pemilik", "Negara"))
    for row, (name, value) in zip(facts.rows, pairs, strict=True):
        row.cells[0].text, row.cells[1].text = name, value
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def docx_with(body: bytes, times: int) -> bytes:
    """A document whose text is `body`, so many times: a bomb, where that is often."""
    with zipfile.ZipFile(io.BytesIO(docx())) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    head, _, rest = parts["word/document.xml"].partition(b"<w:body>")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, part in parts.items():
            if name != "word/document.xml":
                archive.writestr(name, part)
        with archive.open("word/document.xml", "w", force_zip64=True) as opened:
            opened.write(head + b"<w:body>")
            block = body * 10_000
            for _ in range(times // 10_000):
                opened.write(block)
            opened.write(rest[rest.rindex(b"<w:sectPr") :])
    return made.getvalue()
