from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from service.doctor import CHECKS, State, examine
from service.embeddings import HashingEmbedder
from service.library import Library, catalog_file, is_owned, open_library
from service.settings import Settings
from tests.conftest import kutipan, running


def states(settings: Settings, **environment: str) -> dict[str, State]:
    """The worst state of each subject."""
    order: tuple[State, ...] = ("ok", "warning", "problem")
    worst: dict[str, State] = {}
    for finding in examine(settings, environment):
        worst[finding.subject] = max(worst.get(finding.subject, "ok"), finding.state, key=order.index)
    return worst


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", port=0)


def test_nothing_is_wrong_with_a_new_installation(settings: Settings) -> None:
    assert states(settings) == dict.fromkeys(CHECKS, "ok")
    assert not settings.data_dir.exists(), "looking changes nothing"


def test_nothing_is_wrong_beside_a_server(settings: Settings, library: Library) -> None:
    found = {f.subject: f for f in examine(settings.model_copy(update={"data_dir": library.folder}), {})}
    assert {f.state for f in found.values()} == {"ok"}
    assert "3 articles" in found["catalog"].says


def test_an_owner_that_was_killed_owns_nothing(settings: Settings) -> None:
    left = {"pid": 4_000_000, "command": "kutipan serve", "url": "http://127.0.0.1:9"}
    settings.data_dir.mkdir()
    (settings.data_dir / "owner.lock").write_text(json.dumps(left))
    found = {f.subject: f for f in examine(settings, {})}
    assert found["owner"].says == "no process owns the data folder"
    with open_library(settings.data_dir, HashingEmbedder()):  # looking keeps nobody out
        assert is_owned(settings.data_dir)
    assert not is_owned(settings.data_dir)


def test_what_is_wrong_is_told_alone(settings: Settings, tmp_path: Path) -> None:
    settings.data_dir.mkdir()
    catalog_file(settings.data_dir).write_bytes(b"not at all" * 1000)
    key = tmp_path / "key"
    key.write_text("k" * 32)
    key.chmod(0o644)
    wrong = settings.model_copy(
        update={
            "api_key_file": key,
            "corpus_dir": tmp_path / "nowhere",
            "reader_model": str(tmp_path / "no-model"),
        }
    )
    assert states(wrong, KUTIPAN_PROT="80", KUTIPAN_PORT="80") == {
        "python": "ok",
        "settings": "warning",
        "data folder": "ok",
        "owner": "ok",
        "catalog": "problem",
        "vector index": "ok",
        "models": "problem",
        "API key": "warning",
        "port": "ok",
        "corpus folder": "problem",
    }


def test_a_port_that_another_program_has(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = settings.model_copy(update={"port": other.getsockname()[1]})
        assert states(taken)["port"] == "problem"


def test_an_address_that_others_reach_needs_a_key(settings: Settings) -> None:
    assert states(settings.model_copy(update={"host": "0.0.0.0"}))["API key"] == "problem"


def test_the_command(settings: Settings) -> None:
    with running(settings) as client:
        client.put("/v1/articles/a?wait=indexed", json={"title": "T", "text": "Isi berita."})
        done = kutipan("doctor", "--json", KUTIPAN_DATA_DIR=settings.data_dir, KUTIPAN_PORT=0)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {f["subject"] for f in json.loads(done.stdout)} == set(CHECKS)
    broken = kutipan("doctor", KUTIPAN_DATA_DIR="/proc/nowhere", KUTIPAN_PORT=0)
    assert broken.returncode == 1
    assert "problem" in broken.stdout
