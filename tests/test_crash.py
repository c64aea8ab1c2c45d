"""Kills the process between each two steps of a write, and looks at what is left."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from service.embeddings import HashingEmbedder
from service.library import Library, open_library
from service.records import NO_FILTERS
from service.vectors import probe
from tests.conftest import ARTICLES, BRIDGE, MARKET
from tests.killed_write import CHANGED, WRITES, Step, run_write, take_in_file

pytestmark = pytest.mark.slow

# Children are forked from a process that has imported everything and opened nothing.
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["tests.killed_write"])


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pristine") / "data"
    with open_library(folder, HashingEmbedder()) as library:
        library.ingest.add(ARTICLES)
        library.indexer.drain()
    return folder


def write_in_child(folder: Path, write: str, kill_before: Step | None) -> tuple[bool, list[Step]]:
    """Whether the write was acknowledged, and the steps of one that was left alone."""
    receiver, sender = CHILDREN.Pipe(duplex=False)
    child = CHILDREN.Process(target=run_write, args=(folder, write, kill_before, sender))
    child.start()
    sender.close()
    messages = []
    while True:
        try:
            messages.append(receiver.recv())
        except EOFError:
            break
    child.join(60)
    assert child.exitcode == (-signal.SIGKILL if kill_before else 0)
    return "acknowledged" in messages, [] if kill_before else messages[-1]


@pytest.fixture
def forked_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is probed in a process of its own as ever, which is forked, not started: everything is
    imported there."""

    def run(command: list[str], timeout: float, **_: object) -> subprocess.CompletedProcess[str]:
        module, folder, collection = command[-3:]
        assert module == probe.__name__
        child = CHILDREN.Process(target=probe.main, args=(Path(folder), collection))
        child.start()
        child.join(timeout)
        if child.exitcode is None:
            child.kill()
            raise subprocess.TimeoutExpired(command, timeout)
        return subprocess.CompletedProcess(command, child.exitcode, "", "")

    monkeypatch.setattr(subprocess, "run", run)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.usefixtures("forked_probe")
def test_nothing_is_lost_doubled_or_mixed(write: str, pristine: Path, tmp_path: Path) -> None:
    shutil.copytree(pristine, tmp_path / "whole")
    _, steps = write_in_child(tmp_path / "whole", write, None)
    assert len(steps) >= 5, "the tracer saw too few steps to say anything"
    for i, step in enumerate(steps):
        folder = tmp_path / str(i)
        shutil.copytree(pristine, folder)
        acknowledged, _ = write_in_child(folder, write, step)
        with open_library(folder, HashingEmbedder()) as library:
            library.indexer.drain()
            check(library, write, acknowledged, f"{write}, killed before {step}")


def check(library: Library, write: str, acknowledged: bool, where: str) -> None:
    assert library.indexer.verify() == [], where
    assert library.catalog.counts().pending == 0, where
    left = {path.name for path in (library.folder / "vectors").iterdir()}
    assert left == {"current", library.indexer.index.name}, where
    there = {a.id: v for a, v in library.catalog.list_articles(NO_FILTERS, None, 100)}
    assert there[MARKET.id] == MARKET.version, where
    version = there.get(BRIDGE.id)
    if write == "replace":
        assert version in ({CHANGED.version} if acknowledged else {CHANGED.version, BRIDGE.version}), where
    elif write == "compact":
        assert version == BRIDGE.version, where
    elif acknowledged:
        assert version is None, where
    expected = {None: None, BRIDGE.version: BRIDGE.text, CHANGED.version: CHANGED.text}[version]
    hits = library.searcher.search("jembatan gubernur terowongan Sebangau", limit=50)
    shown = {c.passage.version for c in hits if c.passage.article_id == BRIDGE.id}
    assert shown == ({version} if version else set()), where
    for candidate in hits:
        if candidate.passage.article_id == BRIDGE.id:
            assert expected is not None
            assert expected[candidate.passage.start : candidate.passage.end] == candidate.passage.text, where


def test_kill_while_many_articles_go_in(tmp_path: Path) -> None:
    """A real ingest, killed at odd moments by the clock; run again, everything is there once."""
    rows = [
        {"id": f"a{i}", "title": f"Berita {i}", "text": f"Peristiwa nomor {i} terjadi di kota {i % 7}. " * 5}
        for i in range(400)
    ]
    source, data = tmp_path / "many.jsonl", tmp_path / "data"
    source.write_text("\n".join(json.dumps(row) for row in rows))
    for delay_s in (0.05, 0.3, 0.8, 120):
        receiver, sender = CHILDREN.Pipe(duplex=False)
        child = CHILDREN.Process(target=take_in_file, args=(data, source, sender))
        child.start()
        sender.close()
        assert receiver.recv() == "open"
        child.join(delay_s)
        child.kill()
        child.join()
    assert child.exitcode == 0
    with open_library(data, HashingEmbedder()) as library:
        assert library.indexer.verify() == []
        assert library.catalog.counts().articles == len(rows)
