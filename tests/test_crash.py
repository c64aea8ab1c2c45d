"""Kills the process between each two steps of a write, and looks at what is left.

A child process does one write under a tracer that sends it SIGKILL just before the n-th line that
touches SQLite, Chroma or the queue. Nothing in the service knows of it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.embeddings import HashingEmbedder
from service.library import Library, open_library
from service.records import NO_FILTERS
from tests.conftest import ARTICLES, BRIDGE, MARKET

pytestmark = pytest.mark.slow

CHANGED = replace(BRIDGE, text="Terowongan Sebangau ditutup selamanya pada Juli 2025.")
MODULES = ("catalog", "indexer", "ingest", "vectors")
STEP = re.compile(
    r"\.execute|executemany|\.upsert\(|\.delete\(|\.finish\(|cache_vectors\(|_queue\(|set_meta\(|drop_others"
)

CHILD = """
import os, signal, sys
from pathlib import Path
from service.library import open_library
from service.embeddings import HashingEmbedder
from tests import test_crash
folder, write, steps, first = Path(sys.argv[1]), sys.argv[2], eval(sys.argv[3]), int(sys.argv[4])
target = steps[first]
def trace(frame, event, arg):
    name = Path(frame.f_code.co_filename).stem
    if "/service/" not in frame.f_code.co_filename or name not in test_crash.MODULES:
        return None
    def line(frame, event, arg):
        if event == "line" and [name, frame.f_lineno] == target:
            os.kill(os.getpid(), signal.SIGKILL)
        return line
    return line
with open_library(folder, HashingEmbedder()) as library:
    library.indexer.close()
    library.indexer.reconcile()
    sys.settrace(trace)
    print("began", flush=True)
    test_crash.WRITES[write](library)
    sys.settrace(None)
    print("done", flush=True)
"""


def replace_article(library: Library) -> None:
    library.ingest.add([CHANGED])
    print("acknowledged", flush=True)
    library.indexer.drain()


def delete_article(library: Library) -> None:
    library.ingest.delete(BRIDGE.id)
    print("acknowledged", flush=True)
    library.indexer.drain()


def purge_article(library: Library) -> None:
    library.ingest.delete(BRIDGE.id, purge=True)
    print("acknowledged", flush=True)
    library.indexer.drain()


def rebuild_index(library: Library) -> None:
    print("acknowledged", flush=True)
    library.indexer.rebuild()


WRITES = {
    "replace": replace_article,
    "delete": delete_article,
    "purge": purge_article,
    "rebuild": rebuild_index,
}


def steps() -> list[list[object]]:
    """(module, line) of every line that makes something durable or hands it on."""
    found: list[list[object]] = []
    for module in MODULES:
        source = (Path(__file__).parent.parent / "service" / f"{module}.py").read_text().splitlines()
        found += [[module, number] for number, line in enumerate(source, 1) if STEP.search(line)]
    return found


STEPS = steps()


def killed_at(folder: Path, write: str, step: int) -> tuple[bool, bool]:
    """Whether the child was killed (the line was reached), and whether the write was acknowledged."""
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), write, json.dumps(STEPS), str(step)],
        capture_output=True, text=True, timeout=120, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    assert "began" in child.stdout, child.stderr
    if child.returncode == 0:
        return False, True
    assert child.returncode == -signal.SIGKILL, child.stderr
    return True, "acknowledged" in child.stdout


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("pristine") / "data"
    with open_library(folder, HashingEmbedder()) as library:
        library.ingest.add(ARTICLES)
        library.indexer.drain()
    yield folder


@pytest.mark.parametrize("write", WRITES)
def test_nothing_is_lost_doubled_or_mixed(write: str, pristine: Path, tmp_path: Path) -> None:
    killed = 0
    for step in range(len(STEPS)):
        folder = tmp_path / str(step)
        subprocess.run(["cp", "-a", str(pristine), str(folder)], check=True)
        reached, acknowledged = killed_at(folder, write, step)
        if not reached:
            continue
        killed += 1
        with open_library(folder, HashingEmbedder()) as library:
            library.indexer.drain()
            check(library, write, acknowledged, f"{write}, killed before {STEPS[step]}")
    assert killed >= 5, "the tracer saw too few steps to say anything"


def check(library: Library, write: str, acknowledged: bool, where: str) -> None:
    assert library.indexer.verify() == [], where
    assert library.catalog.counts().pending == 0, where
    there = {a.id: v for a, v in library.catalog.list_articles(NO_FILTERS, None, 100)}
    assert there[MARKET.id] == MARKET.version, where
    version = there.get(BRIDGE.id)
    if write == "replace":
        assert version in ({CHANGED.version} if acknowledged else {CHANGED.version, BRIDGE.version}), where
    elif write == "rebuild":
        assert version == BRIDGE.version, where
    elif acknowledged:
        assert version is None, where
    expected = {None: None, BRIDGE.version: BRIDGE.text, CHANGED.version: CHANGED.text}[version]
    hits = library.searcher.search("jembatan gubernur terowongan Sebangau", "id", limit=50)
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
    source = tmp_path / "many.jsonl"
    source.write_text("\n".join(json.dumps(row) for row in rows))
    code = (
        "import sys; from pathlib import Path; from service.library import open_library;"
        "from service.embeddings import HashingEmbedder; from service.ingest import take_in;"
        "from service.articles import read_paths\n"
        "with open_library(Path(sys.argv[1]), HashingEmbedder()) as library:\n"
        "    print('open', flush=True)\n"
        "    take_in(read_paths([Path(sys.argv[2])], 10**7), library.ingest.add)\n"
        "    library.indexer.drain()\n"
    )
    data = tmp_path / "data"
    for delay_s in (0.05, 0.3, 0.8):
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(data), str(source)],
            stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent,
        )  # fmt: skip
        assert child.stdout is not None
        child.stdout.readline()
        try:
            child.wait(delay_s)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
    done = subprocess.run(
        [sys.executable, "-c", code, str(data), str(source)], check=True, cwd=Path(__file__).parent.parent,
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0
    with open_library(data, HashingEmbedder()) as library:
        assert library.indexer.verify() == []
        assert library.catalog.counts().articles == len(rows)
