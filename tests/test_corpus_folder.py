"""Real files changing under a running server, and under `kutipan ingest --watch`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from eval.server import KUTIPAN, environment, serving
from service.cli import app
from service.settings import Settings
from tests.conftest import kutipan, running, wait_until

pytestmark = pytest.mark.slow

BOUND_S = 2.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "corpus"
    made.mkdir()
    (made / "a.md").write_text("Awal berita.")
    return made


def corpus(client: httpx.Client) -> dict[str, Any]:
    status = client.get("/v1/index").json()["corpus"]
    return status or {"state": "running"}


def done(client: httpx.Client) -> None:
    wait_until(lambda: corpus(client)["state"] == "done")


def finds(client: httpx.Client, query: str, article_id: str) -> bool:
    """Whether a search finds the query's words in an article."""
    passages = client.post("/v1/search", json={"query": query, "limit": 5}).json()["passages"]
    return any(p["article_id"] == article_id and query in p["text"] for p in passages)


def seconds_until(holds: Callable[[], bool]) -> float:
    began = time.perf_counter()
    wait_until(holds, timeout_s=20)
    return time.perf_counter() - began


def test_a_change_is_searchable_within_two_seconds_of_the_end_of_writing(
    tmp_path: Path, folder: Path
) -> None:
    with (
        serving(
            KUTIPAN_DATA_DIR=tmp_path / "data", KUTIPAN_CORPUS_DIR=folder, KUTIPAN_PRUNE="true"
        ) as service,
        httpx.Client(base_url=service.url, timeout=30) as client,
    ):
        service.wait_ready()
        done(client)
        took: dict[str, float] = {}
        (folder / "baru.md").write_text("Gajah terbang mendarat di Sampit.")
        took["new"] = seconds_until(lambda: finds(client, "Gajah terbang", "baru.md"))
        (folder / "baru.md").write_text("Kuda laut mendarat di Sampit.")
        took["changed"] = seconds_until(lambda: finds(client, "Kuda laut", "baru.md"))
        with (folder / "umpan.jsonl").open("w") as feed:
            for i in range(3):
                feed.write(json.dumps({"id": f"umpan-{i}", "text": f"Badak nomor {i} menyeberang."}) + "\n")
                feed.flush()
                time.sleep(0.1)
        took["lines"] = seconds_until(lambda: finds(client, "Badak nomor 2", "umpan-2"))
        (folder / ".salinan.x7Gh2k").write_text("Kambing hitam ditemukan di Kuala Kapuas.")  # as rsync does
        (folder / ".salinan.x7Gh2k").rename(folder / "salinan.md")
        took["copied"] = seconds_until(lambda: finds(client, "Kambing hitam", "salinan.md"))
        (folder / "salinan.md").unlink()
        took["removed"] = seconds_until(lambda: not finds(client, "Kambing hitam", "salinan.md"))
        with (folder / "separuh.md").open("w") as slow:  # written in parts, with pauses longer than the rest
            for part in ("Rusa bertanduk ", "emas terlihat ", "di Pulang Pisau."):
                slow.write(part)
                slow.flush()
                time.sleep(0.6)
                assert not finds(client, "Rusa bertanduk", "separuh.md")
        took["slow"] = seconds_until(lambda: finds(client, "emas terlihat di Pulang Pisau", "separuh.md"))
        assert max(took.values()) < BOUND_S, took
        status = corpus(client)
        assert (status["watching"], status["failed"], status["removed"]) == (True, 0, 1)
        assert status["passes"] >= 6
        assert service.stop() == 0


def test_killed_in_the_middle_it_goes_on_where_it_was(tmp_path: Path, folder: Path) -> None:
    for i in range(500):
        (folder / f"{i}.md").write_text(f"Peristiwa nomor {i} terjadi di kota {i % 7}.")
    settings = {"KUTIPAN_DATA_DIR": tmp_path / "data", "KUTIPAN_CORPUS_DIR": folder}

    def articles(client: httpx.Client) -> int:
        return int(client.get("/v1/index").json()["articles"])

    with serving(**settings) as service, httpx.Client(base_url=service.url, timeout=30) as client:
        service.wait_ready()
        wait_until(lambda: articles(client) > 50)
        service.process.kill()
    with serving(**settings) as service, httpx.Client(base_url=service.url, timeout=30) as client:
        service.wait_ready()
        before = articles(client)
        assert 50 < before < 501
        wait_until(lambda: articles(client) > before)
        began = time.perf_counter()
        assert service.stop() == 0
        assert time.perf_counter() - began < 5, "a pass over thousands of files is left where it is"
    shown = json.loads(kutipan("ingest", folder, "--json", KUTIPAN_DATA_DIR=tmp_path / "data").stdout)
    assert shown["created"] < 501 - before
    assert shown["created"] + shown["unchanged"] == 501
    assert shown["failed"] == []


def test_the_index_says_how_far_the_folder_is(tmp_path: Path, folder: Path) -> None:
    (folder / "bad.txt").write_bytes(b"\xff\xfe\0")
    with running(Settings(data_dir=tmp_path / "data", corpus_dir=folder)) as client:
        done(client)
        status = corpus(client)
        assert status["failures"] == [
            {"origin": str(folder / "bad.txt"), "reason": "it is UTF-16, not UTF-8"},
        ]
        assert (status["files"], status["articles"], status["failed"], status["passes"]) == (2, 1, 1, 1)
        assert client.post("/v1/index/rebuild").json()["corpus"] == status
        (folder / "a.md").rename(folder / "b.md")
        wait_until(lambda: corpus(client)["passes"] == 2)
        assert (corpus(client)["gone"], corpus(client)["removed"]) == (1, 0), "nobody asked to prune"
        shutil.rmtree(folder)
        wait_until(lambda: corpus(client)["state"] == "failed")
        assert "no such file or folder" in corpus(client)["error"]
        assert client.get("/readyz").status_code == 200
        folder.mkdir()
        (folder / "c.md").write_text("Berita baru.")
        wait_until(lambda: client.get("/v1/articles/c.md").status_code == 200)
        done(client)


def test_without_watching_a_folder_is_taken_in_once(tmp_path: Path, folder: Path) -> None:
    with running(Settings(data_dir=tmp_path / "data", corpus_dir=folder, watch=False)) as client:
        done(client)
        assert corpus(client)["watching"] is False
        (folder / "b.md").write_text("Berita baru.")
        time.sleep(1.5)
        assert client.get("/v1/articles/b.md").status_code == 404


def test_ingest_says_what_is_gone(tmp_path: Path, folder: Path) -> None:
    data = tmp_path / "data"
    (folder / "b.md").write_text("---\nid: tetap\n---\nBerita dua.")
    first = kutipan("ingest", folder, KUTIPAN_DATA_DIR=data)
    assert first.stdout == "2 new, 0 changed, 0 unchanged, 0 failed; 2 passages indexed\n", first.stderr
    (folder / "a.md").unlink()
    (folder / "b.md").rename(folder / "c.md")
    kept = kutipan("ingest", folder, KUTIPAN_DATA_DIR=data)
    assert kept.stdout == (
        "0 new, 0 changed, 1 unchanged, 0 failed; 0 passages indexed; "
        "1 whose file is gone (--prune removes them)\n"
    )


def test_ingest_watches_until_it_is_interrupted(tmp_path: Path, folder: Path) -> None:
    with subprocess.Popen(
        [*KUTIPAN, "ingest", str(folder), "--watch", "--prune", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(KUTIPAN_DATA_DIR=tmp_path / "data"),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            assert json.loads(process.stdout.readline())["created"] == 1
            (folder / "b.md").write_text("Berita dua.")
            assert json.loads(process.stdout.readline())["created"] == 1
            (folder / "a.md").unlink()
            assert json.loads(process.stdout.readline())["removed"] == 1
            process.send_signal(signal.SIGINT)
            total = json.loads(process.stdout.readline())
            assert process.wait(20) == 0, process.stderr.read()
            assert (total["created"], total["removed"], total["unchanged"]) == (2, 1, 1)
            assert "Traceback" not in process.stderr.read()
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)


def test_wrong_usage(tmp_path: Path, folder: Path) -> None:
    file = folder / "a.md"
    for arguments in (
        ["--prune", file],
        ["--watch", file],
        ["--watch", folder, folder],
        ["--watch", tmp_path / "no"],
    ):
        result = CliRunner().invoke(app, ["ingest", *map(str, arguments)])
        assert result.exit_code == 2, arguments
