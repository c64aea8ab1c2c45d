"""The command line, each command in a process of its own."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from eval.server import serving
from service import __version__
from service.articles import FIELDS
from tests.conftest import ARTICLES, BRIDGE, kutipan

pytestmark = pytest.mark.slow

QUESTION = "Kapan Jembatan Kahayan Baru dibuka?"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "articles.jsonl.gz"
    rows = [{k: getattr(article, k) for k in FIELDS} for article in ARTICLES]
    file.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in rows).encode()))
    return file


def test_ingest_ask_and_search_without_a_server(tmp_path: Path, source: Path) -> None:
    data = tmp_path / "data"
    first = kutipan("ingest", source, KUTIPAN_DATA_DIR=data)
    assert first.returncode == 0, first.stderr
    assert first.stdout == "3 new, 0 changed, 0 unchanged, 0 failed; 3 passages indexed\n"
    again = kutipan("ingest", source, "--json", KUTIPAN_DATA_DIR=data)
    report = json.loads(again.stdout)
    assert (report["created"], report["updated"], report["unchanged"], report["failed"]) == (0, 0, 3, [])

    shown = kutipan("ask", QUESTION, "--data-dir", data).stdout
    assert shown.splitlines()[0] == "3 Maret 2024"
    for part in (BRIDGE.title, str(BRIDGE.url), str(BRIDGE.published), "confidence"):
        assert part in shown
    answer = json.loads(kutipan("ask", QUESTION, "--json", "--data-dir", data).stdout)
    (citation,) = answer["citations"]
    assert BRIDGE.text[citation["start"] : citation["end"]] == citation["quote"]
    not_there = kutipan("ask", "Siapa penemu mesin uap?", "--data-dir", data)
    assert "Not in the articles" in not_there.stdout
    assert not_there.returncode == 0, "an answer, not a failure"
    filtered = kutipan("ask", QUESTION, "--language", "en", "--json", "--data-dir", data)
    assert BRIDGE.id not in {c["article_id"] for c in json.loads(filtered.stdout)["citations"]}

    found = json.loads(kutipan("search", "pasar", "--limit", 2, "--json", "--data-dir", data).stdout)
    assert len(found["passages"]) == 2
    assert "1. " in kutipan("search", "pasar", "--data-dir", data).stdout

    status = kutipan("index", "status", "--data-dir", data).stdout
    assert "articles" in status
    assert kutipan("index", "verify", "--data-dir", data).stdout == "catalog and vector index agree\n"
    assert kutipan("index", "rebuild", "--data-dir", data).stdout == "rebuilt: 3 passages\n"


def test_an_article_gives_the_terminal_no_commands(tmp_path: Path) -> None:
    line = {
        "id": "a",
        "title": "\x1b]0;owned\x07\x1b[2JJembatan",
        "text": "Jembatan \x9bKahayan dibuka 3 Maret.",
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(line))
    settings = {"KUTIPAN_DATA_DIR": tmp_path / "data"}
    assert kutipan("ingest", tmp_path / "a.jsonl", **settings).returncode == 0
    shown = kutipan("search", "jembatan", **settings).stdout + kutipan("ask", QUESTION, **settings).stdout
    assert "�[2JJembatan" in shown
    assert not {"\x1b", "\x07", "\x9b"} & set(shown)


def test_what_fails_is_named_and_the_rest_goes_in(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.txt").write_text("Berita yang baik.")
    (tmp_path / "in" / "odd.md").write_text("---\ncolour: red\n---\nBerita dengan kolom asing.\n")
    (tmp_path / "in" / "bad [x].txt").write_bytes(b"\xff\xfe\x00")
    result = kutipan("ingest", tmp_path / "in", tmp_path / "missing", KUTIPAN_DATA_DIR=tmp_path / "data")
    assert result.returncode == 1
    assert result.stdout.startswith("2 new, 0 changed, 0 unchanged, 2 failed")
    complaints = result.stderr
    assert "bad [x].txt: it is UTF-16, not UTF-8" in complaints
    assert "missing: no such file or folder" in complaints
    assert "unknown field 'colour'" in complaints


def test_commands_go_through_the_server_that_owns_the_folder(tmp_path: Path, source: Path) -> None:
    data = tmp_path / "data"
    with serving(KUTIPAN_DATA_DIR=data, KUTIPAN_MAX_ARTICLE_MB="0.001") as service:
        service.wait_ready()
        assert kutipan("ingest", source, KUTIPAN_DATA_DIR=data).stdout.startswith("3 new")
        assert "3 Maret 2024" in kutipan("ask", QUESTION, KUTIPAN_DATA_DIR=data).stdout
        assert kutipan("search", "pasar", KUTIPAN_DATA_DIR=data).returncode == 0
        assert json.loads(kutipan("index", "status", "--json", KUTIPAN_DATA_DIR=data).stdout)["articles"] == 3
        assert kutipan("index", "verify", KUTIPAN_DATA_DIR=data).returncode == 0
        assert kutipan("index", "rebuild", KUTIPAN_DATA_DIR=data).returncode == 0
        compacted = kutipan("index", "compact", KUTIPAN_DATA_DIR=data)
        assert re.fullmatch(r"\d+\.\d MB → \d+\.\d MB\n", compacted.stdout), compacted
        # What only the server refuses is reported like any other failure, and the rest goes in.
        (tmp_path / "two.jsonl").write_text(
            json.dumps({"id": "long", "text": "kata " * 500}) + '\n{"id": "short", "text": "Pendek."}\n'
        )
        mixed = kutipan("ingest", tmp_path / "two.jsonl", KUTIPAN_DATA_DIR=data)
        assert mixed.returncode == 1
        assert mixed.stdout.startswith("1 new, 0 changed, 0 unchanged, 1 failed")
        assert "long: larger than 0.001 MB" in mixed.stderr.replace("\n", " ")
        second = kutipan("serve", KUTIPAN_DATA_DIR=data, KUTIPAN_PORT="0", KUTIPAN_LOG_FORMAT="json")
        assert second.returncode == 1
        assert f"is in use by process {service.process.pid}" in second.stderr


def test_wrong_usage(tmp_path: Path) -> None:
    for arguments in (["ask"], ["ask", ""], ["ask", QUESTION, "--limit", "99"], ["nonsense"]):
        result = kutipan(*arguments, KUTIPAN_DATA_DIR=tmp_path)
        assert result.returncode == 2, arguments
        assert "Traceback" not in result.stderr
    bad_date = kutipan("search", "x", "--from", "kemarin", KUTIPAN_DATA_DIR=tmp_path)
    assert bad_date.returncode == 2
    assert "published_from" in bad_date.stderr
    no_month = kutipan("search", "x", "--from", "2026-13-01", KUTIPAN_DATA_DIR=tmp_path)
    says = "error filters.published_from: is not a day such as 2026-01-31, of the years 1000 to 8999"
    assert (no_month.returncode, " ".join(no_month.stderr.split())) == (2, says)
    version = kutipan("--version", KUTIPAN_DATA_DIR=tmp_path)
    assert (version.returncode, version.stdout) == (0, f"kutipan {__version__}\n")


def test_a_mistyped_data_folder_is_told_and_not_made(tmp_path: Path) -> None:
    for arguments in (["ask", QUESTION], ["search", "jembatan"], ["index", "status"], ["index", "verify"]):
        result = kutipan(*arguments, "--data-dir", tmp_path / "typo")
        assert result.returncode == 1, arguments
        assert f"{tmp_path / 'typo'} holds no articles" in result.stderr
    assert not (tmp_path / "typo").exists()


def test_an_owner_that_does_not_serve_is_named(tmp_path: Path) -> None:
    from service.library import FolderLock

    lock = FolderLock(tmp_path)
    result = kutipan("index", "status", KUTIPAN_DATA_DIR=tmp_path)
    lock.release()
    assert result.returncode == 1
    assert "is in use by process" in result.stderr


def test_an_empty_path_is_no_folder(tmp_path: Path) -> None:
    refused = kutipan("ingest", "", KUTIPAN_DATA_DIR=tmp_path / "data")
    assert refused.returncode == 2
    assert "an empty path" in refused.stderr
    absent = kutipan("ingest", tmp_path / "missing", "--prune", KUTIPAN_DATA_DIR=tmp_path / "data")
    assert absent.returncode == 1
    assert "no such file or folder" in absent.stderr
