"""`kutipan serve` as a process of its own, for benchmarks and tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import httpx

KUTIPAN = (sys.executable, "-m", "service.cli")
# What tells libraries to be quiet (CI does), left out so that a run is what a user would see.
_QUIET = {"CI", "ORT_DISABLE_TELEMETRY", "ANONYMIZED_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK"}
_POLL_S = 0.05


@dataclass(slots=True)
class Server:
    """A running `kutipan serve`: its address, process and the log lines read so far."""

    url: str
    process: subprocess.Popen[str]
    log: list[dict[str, object]]

    def wait_ready(self, timeout_s: float = 120.0) -> None:
        """Returns when `/readyz` does. Raises TimeoutError."""
        deadline = time.monotonic() + timeout_s
        with httpx.Client(base_url=self.url, timeout=timeout_s) as client:
            while client.get("/readyz").status_code != httpx.codes.OK:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{self.url} is not ready after {timeout_s:g} s: {self.log[-1:]}")
                time.sleep(_POLL_S)

    def stop(self) -> int:
        """Sends SIGTERM and returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def environment(**variables: object) -> dict[str, str]:
    """This process's environment with no `KUTIPAN_` variable but those given."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("KUTIPAN_") and k not in _QUIET}
    return kept | {k: str(v) for k, v in variables.items()}


@contextmanager
def serving(**variables: object) -> Iterator[Server]:
    """A server with these settings, on a free port of loopback; stopped at the end if it still runs.

    It listens when the block begins and may not be ready yet. Raises RuntimeError where it doesn't start.
    """
    process = subprocess.Popen(
        [*KUTIPAN, "serve"],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(KUTIPAN_PORT=0, KUTIPAN_LOG_FORMAT="json", **variables),
    )
    assert process.stderr is not None
    log: list[dict[str, object]] = []
    for line in process.stderr:
        log.append(json.loads(line))
        if log[-1]["event"] == "service.listening":
            break
    else:
        raise RuntimeError(f"the server ended with status {process.wait()} before it listened: {log}")

    def drain(lines: IO[str]) -> None:
        log.extend(json.loads(line) for line in lines)

    reader = threading.Thread(target=drain, args=(process.stderr,))
    reader.start()
    try:
        yield Server(str(log[-1].get("url")), process, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join()
        process.stderr.close()
