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

import service
from service.embeddings import HashingEmbedder
from service.library import Library, open_library
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
    """Does a write to an existing library, and dies with SIGKILL when it gets to `kill_before`.

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

    with open_library(folder, HashingEmbedder()) as library:
        library.indexer.close()
        library.indexer.reconcile()  # open again, without the thread that drains
        sys.settrace(trace)
        WRITES[write](library, lambda: to_parent.send("acknowledged"))
        sys.settrace(None)
    to_parent.send(list(reached))
