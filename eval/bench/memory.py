"""Peak memory of a tree of processes, as the kernel keeps it (Linux)."""

from __future__ import annotations

import threading
from collections import defaultdict
from pathlib import Path

_PROC = Path("/proc")
_PERIOD_S = 0.1


def tree(pid: int) -> list[int]:
    """A process and all its descendants that live now, itself first; empty where it has ended."""
    children: dict[int, list[int]] = defaultdict(list)
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (fields := _status(int(folder.name))):
            children[int(fields["PPid"])].append(int(folder.name))
    if not _status(pid):
        return []
    found = [pid]
    for parent in found:  # grows while it is walked
        found.extend(children[parent])
    return found


def high_water_bytes(pids: list[int]) -> int:
    """The sum of the largest resident sets (VmHWM) that these processes have had; 0 for those that ended."""
    return sum(1024 * int(_status(pid).get("VmHWM", "0 kB").split()[0]) for pid in pids)


def _status(pid: int) -> dict[str, str]:
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


class PeakMemory:
    """Watches a tree until it is stopped. `peak_bytes` is the largest sum, at any one look, of what the
    processes that lived then had had at most: never less than the true peak but for processes shorter than
    the tenth of a second between two looks, and more where their peaks fell apart.

    `children_only` leaves the root out: it is only the client.
    """

    def __init__(self, pid: int, children_only: bool = False) -> None:
        self._pid = pid
        self._skipped = 1 if children_only else 0
        self._stop = threading.Event()
        self.peak_bytes = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Takes in what there is now."""
        self.peak_bytes = max(self.peak_bytes, high_water_bytes(tree(self._pid)[self._skipped :]))

    def stop(self) -> int:
        """Looks for the last time, before the processes end; the peak."""
        self._stop.set()
        self._thread.join()
        self.look()
        return self.peak_bytes

    def _run(self) -> None:
        while not self._stop.wait(_PERIOD_S):
            self.look()
