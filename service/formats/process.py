"""Reads files in processes of their own, so that a file that is a bomb fails alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from service.errors import ArticleRejected
from service.formats import Extract
from service.telemetry import Observer

_ROOT = str(Path(__file__).parent.parent.parent)
_START_S = 60.0
_END_S = 5.0
_MOST_FILES = 200  # what a parser leaks doesn't grow up to the bound on memory
# 10,000 Markdown files leave the process at 21 MB, and a new one after every 200 nearly doubles the time that
# a folder of thousands takes.
_NO_LEAK = frozenset({"markdown"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What reading one file may take: seconds by the clock, megabytes (10^6 bytes) of address space, and
    megabytes that a packed JSON-lines file may unpack to, which is read as a stream, outside of `Readers`."""

    timeout_s: float = 30.0
    memory_mb: int = 1_000
    unpacked_mb: int = 1_000


class Readers:
    """A few processes that read files, started at need and kept for the next one. Safe to use from many
    threads: those beyond `at_most` wait, `waiting` of them at present."""

    def __init__(
        self, bounds: Bounds | None = None, at_most: int = 1, observer: Observer | None = None
    ) -> None:
        self.bounds = bounds or Bounds()
        self._observer = observer or Observer()
        self.waiting = 0
        self._free = threading.Semaphore(at_most)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []

    def read(self, kind: str, data: bytes, max_chars: int) -> list[Extract]:
        """What the module `kind` of this package makes of a file.

        `max_chars` bounds the text of each article. Raises ArticleRejected, with the module's reason, or for
        a file that takes more time or memory than the bounds, or crashes what reads it.
        """
        with self._lock:
            self.waiting += 1
        with self._free, self._observer.timing("read_file"):
            with self._lock:
                self.waiting -= 1
                child = self._idle.pop() if self._idle else None
            child = child or _Child(self.bounds)
            try:
                reply = child.ask(kind, data, max_chars)
            except BaseException:
                child.end()
                raise
            if child.counted < _MOST_FILES and reply.get("error", "") is not None:
                with self._lock:
                    self._idle.append(child)
            else:
                child.end()
        if "error" in reply:
            reason: str | None = reply["error"]
            raise ArticleRejected(self._too_much_memory() if reason is None else reason, reply["kind"])
        return [Extract(fields, tuple(warnings)) for fields, warnings in reply["extracts"]]

    def close(self) -> None:
        with self._lock:
            for child in self._idle:
                child.end()
            self._idle.clear()

    def __enter__(self) -> Readers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _too_much_memory(self) -> str:
        return f"it takes more than {self.bounds.memory_mb} MB of memory to read (KUTIPAN_READ_MEMORY_MB)"


class _Child:
    def __init__(self, bounds: Bounds) -> None:
        self.counted = 0  # files whose parser may leak
        self._bounds = bounds
        # The modules that this process has, none of its settings, keys or open files.
        environment = {
            "PYTHONPATH": os.pathsep.join([_ROOT, *filter(None, sys.path)]),
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        }
        command = [sys.executable, "-P", "-m", "service.formats.child"]
        self._process = subprocess.Popen(
            [*command, str(bounds.timeout_s), str(bounds.memory_mb)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip

    def ask(self, kind: str, data: bytes, max_chars: int) -> dict[str, Any]:
        """The child's reply. Raises ArticleRejected where it ended without one."""
        self.counted += kind not in _NO_LEAK
        header = json.dumps({"kind": kind, "size": len(data), "max_chars": max_chars}).encode()
        sent, replies = self._process.stdin, self._process.stdout
        assert sent is not None
        assert replies is not None
        # The child's own alarm is exact; this is for one that never gets as far as setting it.
        backstop = threading.Timer(_START_S + self._bounds.timeout_s, self._process.kill)
        backstop.start()
        try:
            sent.write(header + b"\n")
            sent.write(data)
            sent.flush()
            size = replies.readline()
            encoded = replies.read(int(size)) if size else b""
        except BrokenPipeError:
            size = encoded = b""
        finally:
            backstop.cancel()
        if not size or len(encoded) < int(size):
            raise self._rejected()
        reply: dict[str, Any] = json.loads(encoded)
        return reply

    def _rejected(self) -> ArticleRejected:
        """Why it ended without a reply."""
        status = self._process.wait()
        if -status in (signal.SIGALRM, signal.SIGKILL):
            reason = f"it takes more than {self._bounds.timeout_s:g} s to read (KUTIPAN_READ_TIMEOUT_S)"
            return ArticleRejected(reason, "over_bounds")
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return ArticleRejected(f"it crashes what reads it ({how})", "unreadable")

    def end(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:
                continue  # it had ended before all was sent
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
