"""What a place for vector indexes can do, and the file that says which of them is searched."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal, Protocol

from service.vectors.index import VectorIndex

_NAME = re.compile(r"[0-9a-z-]{1,100}")


class VectorStore(Protocol):
    """Where the indexes of one data folder are: the one that is searched and, for a while, another that is
    being built to take its place.

    A store that is not in this process raises IndexUnavailable from every method that asks it.
    """

    @property
    def kind(self) -> Literal["embedded", "server"]: ...

    @property
    def where(self) -> str:
        """Its folder or URL."""

    def ping(self) -> None:
        """Raises IndexUnavailable where the store cannot be reached."""

    def current(self) -> str | None:
        """The name of the index that is searched; None where there is none yet."""

    def complaint(self, name: str) -> str | None:
        """What is wrong with an index, None where it can be searched."""

    def open(self, name: str) -> VectorIndex:
        """An index that has no complaint."""

    def create(self, fingerprint: str, dimension: int) -> VectorIndex:
        """A new, empty index beside the others, for this embedder."""

    def switch(self, name: str) -> None:
        """Makes this the index that is searched. Durable when it returns; a crash leaves the old or the new
        one."""

    def remove_others(self, *keep: str) -> None:
        """Removes every index but these, and whatever else a crash has left."""

    def disk_bytes(self) -> int | None:
        """What all of it takes on disk; None where that can't be told."""

    def close(self) -> None:
        """Lets go of connections; the next method makes them again."""

    def wasted_bytes(self, name: str, rows: int, dimension: int) -> int | None:
        """What building an index of so many rows anew would give back, where that is worth the work; None
        where it isn't, or can't be told."""


class NameFile:
    """A small file with one name in it, replaced atomically."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> str | None:
        """The name; None where there is no file, or something else in it."""
        try:
            name = self._file.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            return None
        return name if _NAME.fullmatch(name) else None

    def write(self, name: str) -> None:
        """Durable when it returns."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_name(f"{self._file.name}.new")
        with new.open("w", encoding="utf-8") as opened:
            opened.write(f"{name}\n")
            opened.flush()
            os.fsync(opened.fileno())
        new.replace(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
