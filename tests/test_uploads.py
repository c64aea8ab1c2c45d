"""Files sent to the service, and questions about them."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from eval.server import serving
from service.settings import Settings
from tests import made_files
from tests.conftest import kutipan, running
from tests.test_api import assert_problem

URL = "/v1/articles/upload"
REPORT = made_files.pdf(made_files.PDF_PAGES)
Sent = tuple[str, tuple[str, bytes]]


def files(*named: tuple[str, bytes | str]) -> list[Sent]:
    return [("files", (name, data.encode() if isinstance(data, str) else data)) for name, data in named]


def upload(client: httpx.Client, sent: list[Sent], **form: object) -> list[dict[str, Any]]:
    response = client.post(f"{URL}?wait=indexed", files=sent, data=form)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


def ask(client: httpx.Client, question: str) -> dict[str, Any]:
    """The one citation of the answer to a question, checked with the service."""
    body = client.post("/v1/ask", json={"question": question, "evidence_limit": 1}).json()
    assert body["status"] == "answered", body
    citation: dict[str, Any] = body["citations"][-1]
    claimed = {k: citation[k] for k in ("article_id", "version", "start", "end", "quote")}
    checked = client.post("/v1/citations/verify", json={"citations": [claimed]}).json()
    assert checked == {"citations": [{"valid": True, "reason": None}]}
    return citation


def test_packed_json_lines_are_taken_in(settings: Settings) -> None:
    packed = gzip.compress(b'{"id": "a", "text": "Pasar Terapung dibuka lagi."}\n')
    with running(settings) as client:
        good, cut, other = upload(
            client, files(("a.jsonl.gz", packed), ("b.jsonl.gz", packed[:-9]), ("c.jsonl.gz", "{}"))
        )
    assert (good["id"], good["state"]) == ("a", "indexed")
    assert "broken gzip data" in cut["error"]
    assert "broken gzip data" in other["error"]


@pytest.mark.slow
def test_a_pdf_a_web_page_and_a_docx_are_asked_about(tmp_path: Path) -> None:
    with (
        serving(KUTIPAN_DATA_DIR=tmp_path) as service,
        httpx.Client(base_url=service.url, timeout=60) as client,
    ):
        service.wait_ready()
        lines = upload(
            client,
            files(("waduk.pdf", REPORT), ("pasar.html", made_files.PAGE), ("kereta.docx", made_files.docx())),
        )
        assert [(line["file"], line["id"], line["state"]) for line in lines] == [
            (name, name, "indexed") for name in ("waduk.pdf", "pasar.html", "kereta.docx")
        ]
        first = ask(client, "Kapan Waduk Sebrang diresmikan?")
        assert (first["article_id"], first["page"]) == ("waduk.pdf", 1)
        assert first["quote"].startswith("Waduk Sebrang diresmikan oleh Bupati Dewi Lestari pada 4 Mei 2025.")
        second = ask(client, "Berapa meter kubik air yang ditampung Waduk Sebrang?")
        assert (second["quote"], second["page"]) == ("Waduk Sebrang menampung 12 juta meter kubik air.", 2)
        row = ask(client, "Berapa sewa kelotok sore?")
        assert row["quote"].endswith("Perahu: Kelotok; Waktu: Sore; Sewa: 90 ribu rupiah.")
        assert (row["article_id"], row["page"]) == ("pasar.html", None)
        assert (row["url"], row["source"]) == ("https://example.org/pasar-terapung", "Warta Contoh")
        document = ask(client, "Kapan Jalur Kereta Utara selesai?")
        assert document["quote"] == "Jalur Kereta Utara selesai pada Agustus 2025 setelah lima tahun."
        assert document["published"] == "2025-07-01T09:30:00+00:00"

        stored = client.get("/v1/articles/waduk.pdf").json()
        assert stored["text"][stored["page_starts"][1] :].startswith("provinsi pada tahun")
        found = client.post("/v1/search", json={"query": "Waduk Sebrang", "limit": 1}).json()["passages"]
        assert (found[0]["article_id"], found[0]["page"]) == ("waduk.pdf", 1)

        # The command line reads them itself, and sends what it read, pages too.
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "waduk.pdf").write_bytes(REPORT)
        (tmp_path / "in" / "warta.rss").write_text(made_files.RSS)
        done = kutipan("ingest", tmp_path / "in", KUTIPAN_DATA_DIR=tmp_path)
        assert done.stdout.startswith("1 new, 0 changed, 1 unchanged, 1 failed"), done.stderr
        assert "warta.rss, entry 2: its text is empty" in done.stderr
        shown = kutipan(
            "ask", "Berapa meter kubik air yang ditampung Waduk Sebrang?", KUTIPAN_DATA_DIR=tmp_path
        )
        assert "waduk.pdf, page 2, characters" in shown.stdout
        assert service.stop() == 0


def test_a_bad_file_fails_alone_and_the_form_holds_for_all(client: httpx.Client) -> None:
    lines = upload(
        client,
        files(
            ("C:\\Users\\a\\satu.txt", "Isi berkas yang pertama."),
            ("../../etc/dua.md", "---\nid: milik-sendiri\nsource: Lain\n---\nIsi berkas yang kedua.\n"),
            ("rusak.pdf", REPORT[:400]),
            ("tabel.xlsx", b"PK"),
            ("baris.jsonl", '{"id": "b1", "text": "Satu baris."}\nnot json\n'),
            ("warta.rss", made_files.RSS),
            ("satu.txt", "Nama yang sama."),
            ("panjang.txt", "kata " * 20_000),
            ("kembar.md", "---\nid: b1\n---\nId yang sama.\n"),
        ),
        source="Arsip", tags=["a", "b"], language="id", published="2024-05-06",
    )  # fmt: skip
    outcomes = [(line["file"], line.get("line"), line.get("entry"), line.get("id")) for line in lines]
    assert outcomes == [
        ("satu.txt", None, None, "satu.txt"),
        ("dua.md", None, None, "milik-sendiri"),
        ("rusak.pdf", None, None, None),
        ("tabel.xlsx", None, None, None),
        ("baris.jsonl", 1, None, "b1"),
        ("baris.jsonl", 2, None, None),
        ("warta.rss", None, 1, "warta-1"),
        ("warta.rss", None, 2, None),
        ("satu.txt", None, None, None),
        ("panjang.txt", None, None, None),
        ("kembar.md", None, None, None),
    ]
    errors = [line["error"] for line in lines if "error" in line]
    reasons = (
        "cut off", "not a supported kind", "not JSON", "empty", "same name", "larger than 0.05 MB",
        "already that of",
    )  # fmt: skip
    for error, words in zip(errors, reasons, strict=True):
        assert words in error
    for article_id in ("satu.txt", "milik-sendiri", "b1", "warta-1"):
        article = client.get(f"/v1/articles/{article_id}").json()
        assert (article["source"], article["tags"]) == ("Arsip", ["a", "b"])
        assert (article["language"], article["published"]) == ("id", "2024-05-06")
    again = upload(client, files(("satu.txt", "Isi berkas yang pertama.")), source="Arsip", tags=["a", "b"],
                   language="id", published="2024-05-06")  # fmt: skip
    assert [(line["changed"], line["created"]) for line in again] == [(False, False)]


def test_warnings_of_a_file_are_told(client: httpx.Client) -> None:
    (line,) = upload(client, files(("dua.pdf", made_files.pdf([["Satu kalimat saja."], []]))))
    assert line["warnings"] == ["no text on page 2"]


def test_what_is_no_upload(client: httpx.Client) -> None:
    assert_problem(client.post(URL, json={"files": []}), 422, "files")
    assert_problem(
        client.post(URL, files=files(("a.txt", "Isi.")), data={"judul": "x"}), 422, "unknown field 'judul'"
    )
    unnamed = client.post(URL, files=[("files", (None, b"Isi."))])
    assert_problem(unnamed, 422, "files: send the part with a file name")
    broken = client.post(URL, content=b"--x\r\n", headers={"content-type": "multipart/form-data"})
    assert_problem(broken, 400, "boundary")
    (line,) = upload(client, files(("a.txt", "Isi.")), language="Indonesian")
    assert "ISO 639" in line["error"]


def test_an_upload_is_bounded(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, max_upload_mb=0.1, read_timeout_s=1)
    with running(settings) as client:
        large = client.post(URL, files=files(("a.txt", b"kata " * 40_000)))
        assert_problem(large, 413, "larger than 0.1 MB", "KUTIPAN_MAX_UPLOAD_MB")
        began = time.monotonic()
        bomb = made_files.pdf([["x"]], stream=made_files.packed(b"(x) Tj ", 5_000_000))
        lines = upload(client, files(("bom.pdf", bomb), ("baik.pdf", REPORT)))
        assert time.monotonic() - began < 10
        assert lines[0] == {
            "file": "bom.pdf",
            "error": "it takes more than 1 s to read (KUTIPAN_READ_TIMEOUT_S)",
        }
        assert lines[1]["id"] == "baik.pdf"
