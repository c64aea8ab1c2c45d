from __future__ import annotations

import os
import re
import shutil
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from service.backup import back_up, restore
from service.embeddings import HashingEmbedder, Vectors
from service.errors import ConfigurationError
from service.library import Library, catalog_file, open_library
from service.records import NO_FILTERS
from service.settings import Settings
from tests.conftest import ARTICLES, BRIDGE, MARKET, kutipan, running

QUESTION = "Kapan Jembatan Kahayan Baru dibuka?"


class CountingEmbedder(HashingEmbedder):
    """Counts the passages that it embeds."""

    embedded = 0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        return super().embed_passages(texts)


def saved(library: Library, file: Path) -> Path:
    back_up(catalog_file(library.folder), file)
    return file


def test_the_same_question_gets_the_same_answer(library: Library, tmp_path: Path) -> None:
    library.ingest.add([replace(MARKET, text="Pasar Lama sudah tutup.")])  # an older version is kept too
    library.indexer.drain()
    asked = library.engine().ask(QUESTION)
    counts = back_up(catalog_file(library.folder), tmp_path / "saved")
    assert counts == library.catalog.counts()
    folder = tmp_path / "restored"
    folder.mkdir()
    assert restore(tmp_path / "saved", catalog_file(folder)) == counts
    embedder = CountingEmbedder()
    with open_library(folder, embedder) as again:
        again.indexer.drain()
        answer = again.engine().ask(QUESTION)
        assert again.catalog.get_article(MARKET.id, MARKET.version) == MARKET
    assert embedder.embedded == 0, "the vectors are in the backup"
    assert replace(answer, timing_ms={}) == replace(asked, timing_ms={})


def test_an_empty_catalog_is_none(tmp_path: Path) -> None:
    catalog_file(tmp_path).touch()
    with pytest.raises(ConfigurationError, match="has no catalog in it"):
        back_up(catalog_file(tmp_path), tmp_path / "saved")
    assert not (tmp_path / "saved").exists()


def test_a_backup_while_others_write(library: Library, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            library.ingest.add([replace(BRIDGE, id=f"new-{number}"), replace(MARKET, text=f"Isi {number}.")])

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for i in range(5):
            counts = back_up(catalog_file(library.folder), tmp_path / f"saved-{i}")
            assert counts.articles >= len(ARTICLES)
            assert (
                counts.articles
                == sqlite3.connect(tmp_path / f"saved-{i}")
                .execute("SELECT count(*) FROM articles")
                .fetchone()[0]
            )
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("damage", ["text", "page", "cut", "other", "empty", "foreign", "newer"])
def test_what_is_damaged_is_refused_and_nothing_is_lost(
    library: Library, tmp_path: Path, damage: str
) -> None:
    file = saved(library, tmp_path / "saved")
    if damage == "text":
        with sqlite3.connect(file) as opened:
            opened.execute("UPDATE versions SET text = replace(text, '240', '250')")
        opened.close()
    elif damage == "page":
        content = bytearray(file.read_bytes())
        content[len(content) // 2 : len(content) // 2 + 4000] = b"\xff" * 4000
        file.write_bytes(content)
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:5000])
    elif damage == "other":
        file.write_text("not at all")
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "foreign":
        file.unlink()
        with sqlite3.connect(file) as opened:
            opened.execute("CREATE TABLE notes (text)")
        opened.close()
    else:
        with sqlite3.connect(file) as opened:
            opened.execute("PRAGMA user_version = 1000")
        opened.close()
    folder = tmp_path / "old"
    shutil.copytree(library.folder, folder)
    before = sorted(folder.rglob("*"))
    with pytest.raises(ConfigurationError, match=re.escape(f"{file} ")):
        restore(file, catalog_file(folder), replace=True)
    assert sorted(folder.rglob("*")) == before
    with open_library(folder, HashingEmbedder()) as kept:
        assert kept.engine().ask(QUESTION).status == "answered"


def test_only_an_earlier_backup_is_replaced(library: Library, tmp_path: Path) -> None:
    catalog = catalog_file(library.folder)
    (tmp_path / "story.md").write_text("Isi berita.")
    (tmp_path / "hard").hardlink_to(catalog)
    (tmp_path / "soft").symlink_to(catalog)
    others = [catalog, tmp_path / "hard", tmp_path / "soft", tmp_path / "story.md", tmp_path]
    others += [library.folder / name for name in ("catalog.sqlite3-wal", "owner.lock", "vectors/current")]
    before = catalog.stat().st_ino
    for other in others:
        with pytest.raises(ConfigurationError, match=r"needs a name of its own|is no backup"):
            back_up(catalog, other)
    assert (tmp_path / "story.md").read_text() == "Isi berita."
    assert catalog.stat().st_ino == before
    library.ingest.add([replace(BRIDGE, id="after")])
    assert library.catalog.get_article("after").text == BRIDGE.text
    # An empty file, an earlier backup, and one by a link, which stays a link.
    (tmp_path / "empty").touch()
    for file in (tmp_path / "empty", tmp_path / "empty", tmp_path / "elsewhere"):
        (tmp_path / "elsewhere").unlink(missing_ok=True)
        (tmp_path / "elsewhere").symlink_to(tmp_path / "empty")
        assert back_up(catalog, file).articles == len(ARTICLES) + 1
    assert (tmp_path / "elsewhere").is_symlink()


def test_a_catalog_that_was_not_closed_is_no_backup(library: Library, tmp_path: Path) -> None:
    shutil.copytree(library.folder, tmp_path / "killed")  # its newest articles are in the log beside it
    with pytest.raises(ConfigurationError, match=r"catalog\.sqlite3-wal beside it has what"):
        restore(catalog_file(tmp_path / "killed"), catalog_file(tmp_path / "new"))
    counts = back_up(catalog_file(tmp_path / "killed"), tmp_path / "saved")
    assert counts.articles == len(ARTICLES)
    (tmp_path / "new").mkdir()
    assert restore(tmp_path / "saved", catalog_file(tmp_path / "new")) == counts


@pytest.mark.parametrize("folder", ["none", "file"])
def test_a_folder_that_takes_no_backup_is_named(library: Library, tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ConfigurationError) as refused:
        back_up(catalog_file(library.folder), tmp_path / folder / "saved")
    assert str(refused.value).startswith(f"nothing can be written in {tmp_path / folder}: N")
    assert ".kutipan" not in str(refused.value)


def test_the_catalog_is_named_where_it_is_damaged(library: Library, tmp_path: Path) -> None:
    shutil.copytree(library.folder, tmp_path / "bad")
    for file in (tmp_path / "bad").glob("catalog.sqlite3*"):
        file.write_bytes(b"not a database" * 1000)
    with pytest.raises(ConfigurationError, match=re.escape(f"{catalog_file(tmp_path / 'bad')} cannot be")):
        back_up(catalog_file(tmp_path / "bad"), tmp_path / "saved")
    assert not (tmp_path / "saved").exists()


def test_a_catalog_is_replaced_only_on_request(library: Library, tmp_path: Path) -> None:
    file = saved(library, tmp_path / "saved")
    folder = tmp_path / "other"
    with open_library(folder, HashingEmbedder()) as other:
        other.ingest.add([replace(BRIDGE, id="elsewhere")])
        other.indexer.drain()
    with pytest.raises(ConfigurationError, match="--replace"):
        restore(file, catalog_file(folder))
    restore(file, catalog_file(folder), replace=True)
    with open_library(folder, HashingEmbedder()) as again:
        again.indexer.drain()
        assert again.indexer.verify() == []
        assert {a.id for a, _ in again.catalog.list_articles(NO_FILTERS, None, 10)} == {
            a.id for a in ARTICLES
        }


def test_a_catalog_that_somebody_reads_is_not_replaced(library: Library, tmp_path: Path) -> None:
    file = saved(library, tmp_path / "saved")
    with open_library(tmp_path / "other", HashingEmbedder()) as other:
        other.ingest.add([replace(BRIDGE, id="elsewhere")])
        shutil.copytree(tmp_path / "other", tmp_path / "killed")  # its log has what is newest
    catalog = catalog_file(tmp_path / "killed")
    with closing(sqlite3.connect(catalog)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (1,)
        with pytest.raises(ConfigurationError, match="in use"):
            restore(file, catalog, replace=True)
    with closing(sqlite3.connect(catalog)) as reader:
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (1,)


def test_what_a_killed_backup_left_is_removed_a_day_later(library: Library, tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / f".kutipan-backup-{name}").mkdir()
        (tmp_path / f".kutipan-backup-{name}" / "catalog").write_text("half")
    os.utime(tmp_path / ".kutipan-backup-old", (0, 0))
    saved(library, tmp_path / "saved")
    assert [left.name for left in tmp_path.glob(".kutipan-backup-*")] == [".kutipan-backup-new"]


def test_the_commands_work_beside_a_server(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "saved"
    with running(settings) as client:
        client.put("/v1/articles/a?wait=indexed", json={"title": "T", "text": "Isi berita."})
        made = kutipan("backup", file, KUTIPAN_DATA_DIR=settings.data_dir)
        assert made.returncode == 0, made.stderr
        assert "1 articles" in made.stdout
        refused = kutipan("restore", file, "--replace", KUTIPAN_DATA_DIR=settings.data_dir)
        assert refused.returncode == 1
        assert "in use" in refused.stderr or "owned" in refused.stderr or "pid" in refused.stderr
    put_back = kutipan("restore", file, KUTIPAN_DATA_DIR=tmp_path / "new")
    assert put_back.returncode == 0, put_back.stderr
    missing = kutipan("backup", file, KUTIPAN_DATA_DIR=tmp_path / "nowhere")
    assert missing.returncode == 1
    assert "there is no catalog" in missing.stderr
