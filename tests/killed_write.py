"""Writes that kill their own process before a chosen step. test_crash.py runs them in children.

A step is a line that makes something durable or hands it on: it touches SQLite, Chroma or the queue.
A tracer finds it; nothing in the service knows of it.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

import service
from service.articles import read_paths
from service.embeddings import HashingEmbedder
from service.ingest import take_in
from service.library import FolderLock, Library, open_library
from service.reading import load_bundled_reader
from service.vectors import EmbeddedStore
from tests.conftest import BRIDGE

CHANGED = replace(BRIDGE, text="Terowongan Sebangau ditutup selamanya pada Juli 2025.")

Step = tuple[str, int]
Acknowledge = Callable[[], None]
_SERVICE = Path(service.__file__).parent
_FILES = frozenset(
    str(path)
    for path in (
        *(_SERVICE / f"{m}.py" for m in ("catalog", "indexer", "ingest")),
        *_SERVICE.glob("vectors/*.py"),
    )
)
_DURABLE = re.compile(
    r"\.execute|executemany|\.upsert\(|\.delete\(|\.finish\(|cache_vectors\(|_queue\(|set_meta\("
    r"|create_collection|\.create\(|\.switch\(|\.write\(|\.replace\(|remove_others|rmtree|unlink"
)


def replace_article(library: Library, acknowledge: Acknowledge) -> None:
    library.ingest.add([CHANGED])
    acknowledge()
    library.indexer.drain()


def delete_article(library: Library, acknowledge: Acknowledge) -> None:
    library.ingest.delete(BRIDGE.id)
    acknowledge()
    library.indexer.drain()


def purge_article(library: Library, acknowledge: Acknowledge) -> None:
    library.ingest.delete(BRIDGE.id, purge=True)
    acknowledge()
    library.indexer.drain()


def compact_index(library: Library, acknowledge: Acknowledge) -> None:
    acknowledge()
    library.indexer.compact()


WRITES = {
    "replace": replace_article,
    "delete": delete_article,
    "purge": purge_article,
    "compact": compact_index,
}


def run_write(folder: Path, write: str, kill_before: Step | None, to_parent: Connection) -> None:
    """Does a write to a library that is in order, and dies with SIGKILL when it gets to `kill_before`.

    Sends "acknowledged" when the write is, and at the end the steps it went through, in order of
    first appearance.
    """
    durable = {
        (file, number)
        for file in _FILES
        for number, line in enumerate(Path(file).read_text().splitlines(), start=1)
        if _DURABLE.search(line)
    }
    reached: dict[Step, None] = {}

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        file = frame.f_code.co_filename
        if file not in _FILES:
            return None

        def trace_line(inner: FrameType, event: str, argument: Any) -> Any:
            step = (file, inner.f_lineno)
            if event == "line" and step in durable:
                if step == kill_before:
                    os.kill(os.getpid(), signal.SIGKILL)
                reached[step] = None
            return trace_line

        return trace_line

    # Opened without the thread that drains, so that what is killed is the write itself, and without another
    # look at an index that nobody has touched yet.
    library = Library(folder, FolderLock(folder), HashingEmbedder(), load_bundled_reader)
    with patch.object(EmbeddedStore, "complaint", return_value=None):
        library.reconcile()
    sys.settrace(trace)
    WRITES[write](library, lambda: to_parent.send("acknowledged"))
    sys.settrace(None)
    library.close()
    to_parent.send(list(reached))


def take_in_file(data: Path, source: Path, to_parent: Connection) -> None:
    """Sends "open" when the library is, then takes in the articles of a file."""
    with open_library(data, HashingEmbedder()) as library:
        to_parent.send("open")
        take_in(read_paths([source], 10**7), library.ingest.add)
        library.indexer.drain()
