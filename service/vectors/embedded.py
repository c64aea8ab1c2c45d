"""Indexes in folders that this process has open.

    vectors/current           the name of the index that is searched
    vectors/index-1f3a…/      its folder: one Chroma database with one collection
    vectors/index-9c0b…/      another, while it is being built

Chroma never frees the files of a collection that was deleted (five builds of 2,000 vectors of 384 dimensions
in one folder: 4.6, 9.0, 10.9, 12.8, 14.7 MB), so each index has a folder of its own and goes with it.
Only one process may have a folder open (see `library`).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Literal

import chromadb
from chromadb.api import ClientAPI
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings as ChromaSettings

from service.vectors.index import VectorIndex, create_collection, widen
from service.vectors.stores import NameFile

COLLECTION = "passages"
_CURRENT = "current"
_PROBE_TIMEOUT_S = 120
# A fresh index takes, for each row, its vector and less than 600 bytes (384 dimensions, 2,000 to 6,000 rows:
# 2,120 bytes), and up to 1,000 rows twice, which Chroma has not moved from its log to the index yet.
_ROW_BYTES, _LOGGED_ROWS, _BASE_BYTES = 600, 1_000, 400_000
# Replacing all of 2,000 rows takes a fresh index from 4.6 to 8.5, 11.8 and 15.7 MB: at twice its size about
# half of it is dead. Building it anew takes about a millisecond a row.
_WORTH = 2.0
_WORTH_BYTES = 4_000_000


class EmbeddedStore:
    """The indexes in one folder."""

    kind: Literal["embedded"] = "embedded"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current = NameFile(folder / _CURRENT)

    @property
    def where(self) -> str:
        return str(self._folder)

    def ping(self) -> None:
        """Nothing: it is in this process."""

    def current(self) -> str | None:
        return self._current.read()

    def complaint(self, name: str) -> str | None:
        """Opens the index and searches it, in a process of its own: a damaged one can crash the process that
        opens it."""
        folder = self._folder / name
        if not folder.is_dir():
            return "its folder is gone"
        command = [sys.executable, "-m", "service.vectors.probe", str(folder), COLLECTION]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_PROBE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return f"it did not answer within {_PROBE_TIMEOUT_S} s"
        if done.returncode == 0:
            return None
        said = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return f"it does not open (exit status {done.returncode}): {said}"

    def open(self, name: str) -> VectorIndex:
        client, collection = self._opened(name)
        if widen(collection):
            client.close()  # type: ignore[attr-defined]  # the class that is returned has it
            client, collection = self._opened(name)
        return VectorIndex(name, client, collection)

    def _opened(self, name: str) -> tuple[ClientAPI, Collection]:
        client = open_client(self._folder / name)
        return client, client.get_collection(COLLECTION, embedding_function=None)

    def create(self, fingerprint: str, dimension: int) -> VectorIndex:
        name = f"index-{uuid.uuid4().hex[:12]}"
        client = open_client(self._folder / name)
        return VectorIndex(name, client, create_collection(client, COLLECTION, fingerprint, dimension))

    def switch(self, name: str) -> None:
        self._current.write(name)

    def remove_others(self, *keep: str) -> None:
        """Also what an earlier release had in this folder, where all collections shared one database."""
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            if path.name in (*keep, _CURRENT):
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def disk_bytes(self) -> int:
        return folder_bytes(self._folder)

    def close(self) -> None:
        """Nothing: each index has its own client."""

    def wasted_bytes(self, name: str, rows: int, dimension: int) -> int | None:
        row = 4 * dimension + _ROW_BYTES
        needed = _BASE_BYTES + (rows + min(rows, _LOGGED_ROWS)) * row
        wasted = folder_bytes(self._folder / name) - needed
        return wasted if wasted > max(_WORTH_BYTES, (_WORTH - 1) * needed) else None


def open_client(folder: Path) -> ClientAPI:
    """A client of its own for a folder, made where it isn't there."""
    folder.mkdir(parents=True, exist_ok=True)
    return chromadb.PersistentClient(
        path=str(folder), settings=ChromaSettings(anonymized_telemetry=False, allow_reset=False)
    )


def folder_bytes(folder: Path) -> int:
    """What the files in a folder take, those in folders in it too."""
    size = 0
    for file in folder.rglob("*"):
        try:
            size += file.stat().st_size if file.is_file() else 0
        except FileNotFoundError:  # an old index is being removed
            continue
    return size
