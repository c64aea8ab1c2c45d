"""The bench's side of a driver: a process that is told what to do, one order after the other."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from eval.bench.environments import Peer
from eval.bench.memory import PeakMemory
from eval.bench.protocol import NotMeasured, Reply
from eval.server import environment

PROJECT = Path(__file__).parent.parent.parent
ORDER_S = 600.0
_END_S = 60.0
_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
}


class DriverFailed(Exception):
    """A driver ended, took too long, or its system failed; the message says what it said last."""


class Driver:
    """A running driver, whose process writes what it says to the file `log`. `spawned` is when that was asked
    for, by `time.perf_counter`."""

    def __init__(self, peer: Peer, python: str, store: Path, log: Path) -> None:
        self._peer = peer
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self.spawned = time.perf_counter()
        with log.open("a", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                [python, "-X", "faulthandler", "-m", peer.driver, str(store)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment(PYTHONPATH=PROJECT, **_OFFLINE),
                start_new_session=True,
            )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._memory: PeakMemory | None = None
        self._ended = ""

    def ask(self, do: str, timeout_s: float = ORDER_S, **details: Any) -> Reply:
        """The reply to one order. Raises NotMeasured, and DriverFailed; a driver that took too long is ended,
        and fails from then on."""
        assert self._process.stdin is not None
        if self._ended:
            raise DriverFailed(self._ended)
        try:
            self._process.stdin.write(json.dumps({"do": do, **details}) + "\n")
            self._process.stdin.flush()
            line = self._lines.get(timeout=timeout_s)
        except (BrokenPipeError, queue.Empty) as error:
            late = isinstance(error, queue.Empty)
            raise self._lost(do, f"no reply within {timeout_s:.0f} s" if late else "it ended") from None
        if not line:
            raise self._lost(do, "it ended")
        reply: Reply = json.loads(line)
        if "unmeasured" in reply:
            raise NotMeasured(reply["unmeasured"])
        if "error" in reply:
            raise DriverFailed(f"{do}: {reply['error']}")
        return reply

    def open(self) -> Reply:
        """Opens the system and watches its memory from then on."""
        reply = self.ask("open")
        self._memory = PeakMemory(self._process.pid, children_only=reply["server"])
        return reply

    def close(self) -> int:
        """Closes the store and ends the process; the peak of its memory in bytes, 0 where it had ended."""
        if self._ended:
            return 0
        peak = self._memory.stop() if self._memory else 0
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._end()
        return peak

    def kill(self) -> None:
        """Ends it and everything that it started, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._end()

    def _end(self) -> None:
        if self._memory is not None:
            self._memory.stop()
            self._memory = None
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def _lost(self, do: str, why: str) -> DriverFailed:
        self.kill()
        self._ended = f"{do}: {why}; {self._last_words()}"
        return DriverFailed(self._ended)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it said nothing"
