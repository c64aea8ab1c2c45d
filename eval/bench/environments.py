"""The systems under measurement, each in a virtual environment of its own."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
_TORCH = "torch=="
_TIMEOUT_S = 1800


class EnvironmentFailed(Exception):
    """A system's environment can't be built; the message has the last words of what failed."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A system: its `name` in files and options, `title` in tables, the module of its driver, its
    requirements file (None: it runs in Kutipan's own environment), and whose store it opens where it makes
    none."""

    name: str
    title: str
    module: str
    requirements: Path | None = None
    store_of: str | None = None

    @property
    def driver(self) -> str:
        return f"eval.bench.peers.{self.module}"


BASELINE = "llama-index-passages"
PLAIN = "llama-index"
KUTIPAN = "kutipan"
SERVER = "kutipan-http"
SYSTEMS = (
    Peer(PLAIN, "LlamaIndex, plain", "llama_index", PEERS / "llama-index.txt"),
    Peer(BASELINE, "LlamaIndex, our passages", "llama_index_passages", PEERS / "llama-index.txt"),
    Peer("txtai", "txtai, hybrid", "txtai", PEERS / "txtai.txt"),
    Peer("haystack", "Haystack, Chroma", "haystack", PEERS / "haystack.txt"),
    Peer(KUTIPAN, "Kutipan, library", "kutipan"),
    Peer(SERVER, "Kutipan, server", "kutipan_http", store_of=KUTIPAN),
)


def environment_python(peer: Peer, folder: Path, pip_options: Sequence[str] = ()) -> str:
    """The interpreter of a system's environment below `folder`, which is built where its requirements have
    changed since. Raises EnvironmentFailed."""
    if peer.requirements is None:
        return sys.executable
    place = folder / peer.requirements.stem
    python, stamp = place / "bin" / "python", place / "built-from"
    wanted = hashlib.sha256(peer.requirements.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return str(python)
    try:
        venv.create(place, clear=True, with_pip=True)
        # torch alone first: what follows must not choose another build of it.
        torch = [line for line in peer.requirements.read_text().splitlines() if line.startswith(_TORCH)]
        for what in (torch, ["-r", str(peer.requirements)]):
            if what:
                _install(python, [*pip_options, *what])
    except (OSError, subprocess.SubprocessError) as error:
        raise EnvironmentFailed(_last_words(error)) from error
    stamp.write_text(wanted)
    return str(python)


def _install(python: Path, what: Sequence[str]) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_TIMEOUT_S)


def _last_words(error: Exception) -> str:
    said = getattr(error, "stderr", None)
    lines = said.strip().splitlines() if isinstance(said, str) else []
    return lines[-1] if lines else f"{type(error).__name__}: {error}"
