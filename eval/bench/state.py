"""What has been measured, kept in one JSON file after every turn, so that a run that was ended goes on."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Turn = dict[str, Any]


@dataclass(slots=True)
class Record:
    """What is known of one system.

    `turns` are the results of each measure, a turn a round; `missing` says why there is none (any more) of a
    measure; `done` says in which sitting each phase was finished; `failed` why nothing can be measured.
    """

    title: str
    versions: dict[str, str] = field(default_factory=dict)
    turns: dict[str, list[Turn]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)
    failed: str | None = None
    passages: int | None = None
    disk_bytes: int | None = None

    def forget(self, phase: str) -> None:
        """Drops what a phase that was not finished had left."""
        self.done.pop(phase, None)
        for kept in (self.turns, self.missing):
            for measure in [m for m in kept if m.partition(":")[0] == phase]:
                del kept[measure]


class State:
    """The file of one run. A measure is called PHASE:NAME."""

    def __init__(self, file: Path, settings: dict[str, Any]) -> None:
        """Goes on with what the file holds where it was measured with the same settings, else begins anew."""
        self._file = file
        self.settings = settings
        self.sittings: list[dict[str, Any]] = []
        self.cut: dict[str, str] = {}
        self.systems: dict[str, Record] = {}
        if file.exists():
            held = json.loads(file.read_text())
            if held["settings"] == settings:
                self.sittings, self.cut = held["sittings"], held["cut"]
                self.systems = {name: Record(**fields) for name, fields in held["systems"].items()}
        self.resumed = bool(self.systems)

    def sit_down(self) -> None:
        """Begins a sitting: what is measured from here on was measured together."""
        self.sittings.append(
            {"began": datetime.now(UTC).isoformat(timespec="seconds"), **machine(), "seconds": 0.0}
        )

    def system(self, name: str, title: str) -> Record:
        return self.systems.setdefault(name, Record(title))

    def save(self) -> None:
        write_json(self._file, self.as_json())

    def as_json(self) -> dict[str, Any]:
        return {
            "settings": self.settings,
            "sittings": self.sittings,
            "cut": self.cut,
            "systems": {
                name: {key: getattr(record, key) for key in Record.__slots__}
                for name, record in self.systems.items()
            },
        }


def write_json(file: Path, content: object) -> None:
    """Writes the file, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(".new")
    written.write_text(json.dumps(content, indent=1))
    written.replace(file)


def machine() -> dict[str, Any]:
    """Cores, processor, memory in bytes, and the load average of the last minute: how busy it was before."""
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = named[0].partition(":")[2].strip() if named else ""
    return {
        "cores": os.cpu_count(),
        "processor": model or platform.processor(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "load_average": round(os.getloadavg()[0], 2),
    }
