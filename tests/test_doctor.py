from __future__ import annotations

import json
import shutil
import socket
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from service.catalog import Catalog
from service.doctor import CHECKS, Finding, State, examine
from service.embeddings import BundledEmbedder, HashingEmbedder
from service.library import Library, catalog_file, is_owned, open_library
from service.passages import split_article
from service.settings import Settings
from service.vectors import EmbeddedStore
from tests.conftest import ARTICLES, BRIDGE, kutipan, running


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


def vector_index(settings: Settings) -> Finding:
    ((state, says),) = CHECKS["vector index"](settings, {})
    return Finding("vector index", state, says)


@pytest.fixture
def indexed(settings: Settings, bundled: BundledEmbedder) -> Path:
    """The folder of the index of a data folder that nobody has open."""
    with open_library(settings.data_dir, bundled) as library:
        library.ingest.add(ARTICLES)
        library.indexer.drain()
        name = library.indexer.index.name
    return settings.data_dir / "vectors" / name


@pytest.mark.usefixtures("indexed")
def test_an_index_that_is_well(settings: Settings) -> None:
    assert states(settings) == dict.fromkeys(CHECKS, "ok")
    assert "it can be searched" in vector_index(settings).says
    assert not is_owned(settings.data_dir), "it was let go"


@pytest.mark.usefixtures("indexed")
def test_pending_work_is_no_fault_of_the_index(settings: Settings) -> None:
    catalog = Catalog(catalog_file(settings.data_dir))
    catalog.store([(replace(BRIDGE, id="lain"), split_article(BRIDGE, len, 10_000, "s"))], "s")
    assert catalog.counts().pending
    catalog.close()
    assert vector_index(settings).state == "ok"


def test_an_index_that_is_gone(settings: Settings, indexed: Path) -> None:
    shutil.rmtree(indexed)
    found = vector_index(settings)
    assert (found.state, found.says.partition(";")[0]) == ("warning", "its folder is gone")
    shutil.rmtree(indexed.parent)
    found = vector_index(settings)
    assert found.state == "warning"
    assert "there is none for 3 passages" in found.says
    assert not indexed.parent.exists(), "looking changes nothing"


def test_an_index_that_is_damaged(settings: Settings, indexed: Path) -> None:
    (indexed / "chroma.sqlite3").write_bytes(b"not at all" * 1000)
    found = vector_index(settings)
    assert found.state == "warning"
    assert "it does not open" in found.says
    with open_library(settings.data_dir, BundledEmbedder()):  # as it says, the next start makes it again
        pass
    assert vector_index(settings).state == "ok"


def test_a_graph_of_vectors_that_is_damaged(settings: Settings, hashing: HashingEmbedder) -> None:
    """Chroma writes it to files of its own only when there are more than a thousand."""
    store = EmbeddedStore(settings.data_dir / "vectors")
    with closing(store.create(hashing.fingerprint, hashing.dimension)) as index:
        ids = [str(i) for i in range(1_100)]
        index.upsert(ids, np.stack([hashing.embed_question(f"berita {i}") for i in ids]))
        store.switch(index.name)
    (graph,) = settings.data_dir.rglob("data_level0.bin")
    graph.write_bytes(b"not at all" * 1000)
    found = vector_index(settings)
    assert found.state == "warning"
    assert "it does not open" in found.says


def test_an_index_of_another_embedder(settings: Settings) -> None:
    with open_library(settings.data_dir, HashingEmbedder()) as library:
        library.ingest.add(ARTICLES)
        library.indexer.drain()
    found = vector_index(settings)
    assert found.state == "warning"
    assert "made for another embedder" in found.says


def test_an_index_that_lacks_some(settings: Settings, indexed: Path, bundled: BundledEmbedder) -> None:
    store = EmbeddedStore(indexed.parent)
    with closing(store.create(bundled.fingerprint, bundled.dimension)) as empty:
        store.switch(empty.name)
    found = vector_index(settings)
    assert found.state == "warning"
    assert "it has 0 vectors for 3 passages" in found.says


def test_an_index_that_another_process_has_open(settings: Settings, bundled: BundledEmbedder) -> None:
    with running(settings, embedder=bundled) as client:
        with_url = {"pid": 1, "command": "kutipan serve", "url": str(client.base_url)}
        assert "not looked at" in vector_index(settings).says
        (settings.data_dir / "owner.lock").write_text(json.dumps(with_url))
        assert "the server that has it open can search it" in vector_index(settings).says


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
