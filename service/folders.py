"""What is in a folder of articles, and which of its files rest: nobody is writing them.

A file rests when the file system says the same of it in two looks 0.3 s apart, or when its last change lies
well back; and, where the system can tell, when nobody has it open for writing.
"""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import IO

from service.articles import folder_files

SETTLE_S = 0.3
_LONG_AGO_NS = 10_000_000_000  # further apart than the clocks of this machine and a file server should be
_TICK_NS, _COARSE_TICK_NS = 100_000_000, 2_100_000_000
_LEASE_NEEDS_SERVER = ("nfs", "cifs", "smb")  # which refuse one wherever the server has given them none
_LINE_SUFFIXES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the file system says of a file. Any write changes `ctime_ns`, which no program can set back."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

    def __str__(self) -> str:
        return f"{self.size} {self.mtime_ns} {self.ctime_ns} {self.inode}"

    def vouches(self, at_ns: int) -> bool:
        """Whether a write after `at_ns` is sure to change the stamp: not in the same tick of a file
        system's clock, which is up to two seconds where times are whole milliseconds or seconds."""
        coarse = self.ctime_ns % 1_000_000 == 0
        return at_ns - self.ctime_ns > (_COARSE_TICK_NS if coarse else _TICK_NS)


@dataclass(slots=True)
class Survey:
    """What is in a folder. `files` are by name, in order; `waiting` are names of files that still change;
    `gone` are the known ones that are no longer there; `unreadable` holds (place, reason); `passed_over`
    counts files of other kinds by suffix.

    While anything there is in motion or cannot be read nothing counts as gone: a file that is being
    renamed can be missing from a listing under both names.
    """

    files: dict[str, tuple[Path, Stamp]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    gone: list[str] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)


def survey(folder: Path, known: Mapping[str, str], patience_s: float, stop: threading.Event) -> Survey:
    """Looks at a folder until what is new or changed rests, at least once, at most for `patience_s` and a
    look more. `known` has the stamps of the files known already.

    Raises OSError where the folder itself is not there or cannot be read.
    """
    deadline = time.monotonic() + patience_s
    found = _look(folder)
    settled = not _doubtful(found, known)
    while not settled:
        stop.wait(SETTLE_S)
        before, found = found, _look(folder)
        settled = found.files == before.files
        if settled or stop.is_set() or time.monotonic() >= deadline:
            found.waiting = {
                name
                for name, (_, stamp) in found.files.items()
                if before.files.get(name, (None, None))[1] != stamp and known.get(name) != str(stamp)
            }
            break
    if settled and not found.unreadable:
        found.gone = [name for name in known if name not in found.files]
    return found


def _look(folder: Path) -> Survey:
    with os.scandir(folder):  # a walk passes over a top folder that cannot be read
        pass
    found = Survey()
    for file, name in folder_files(folder, found.passed_over):
        try:
            if isinstance(name, OSError):
                raise name
            status = file.stat()
            if stat.S_ISREG(status.st_mode):
                found.files[shown(name)] = file, Stamp.of(status)
        except FileNotFoundError:
            if file.is_symlink():
                found.unreadable.append((shown(file), "a link to nowhere"))
        except OSError as error:
            found.unreadable.append((shown(file), f"cannot be read: {error.strerror or error}"))
    return found


def _doubtful(found: Survey, known: Mapping[str, str]) -> bool:
    """Whether one look is not enough to go by."""
    now_ns = time.time_ns()
    return any(name not in found.files for name in known) or any(
        known.get(name) != str(stamp) and now_ns - max(stamp.ctime_ns, stamp.mtime_ns) < _LONG_AGO_NS
        for name, (_, stamp) in found.files.items()
    )


def is_being_written(opened: IO[bytes], file: Path) -> bool:
    """Whether somebody has a file open for writing and may add to it, however long they pause.

    A JSON-lines file that is kept open counts as whole when it ends with a line. Known on Linux, of files
    that this process owns (or with CAP_LEASE) on this machine's own file systems; False elsewhere, where only
    its rest can be seen.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    # The kernel gives a read lease on a file only where nobody has it open for writing. Somebody who opens it
    # before the lease is given back a moment later sends us a signal: one that is ignored by default.
    descriptor = opened.fileno()
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        if file_system(os.fstat(descriptor).st_dev).startswith(_LEASE_NEEDS_SERVER):
            return False
        return not (has_lines(file) and _ends_with_a_line(opened))
    except OSError:
        return False  # not ours, or a file system without leases
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def has_changed(file: Path, since: Stamp) -> bool:
    """Whether a file was written or replaced since, or cannot be looked at any more. New permissions or links
    are no change."""
    now = _stamp(file)
    return now is None or replace(now, ctime_ns=since.ctime_ns) != since


def has_grown(file: Path, since: Stamp) -> bool:
    """Whether a file that has changed is the same one, and no shorter: as one that is appended to."""
    now = _stamp(file)
    return now is not None and now.inode == since.inode and now.size >= since.size


def _stamp(file: Path) -> Stamp | None:
    """What a file is now; None where it cannot be looked at."""
    try:
        return Stamp.of(file.stat())
    except OSError:
        return None


def has_lines(file: Path) -> bool:
    """Whether a file is one of JSON lines, each of which is whole by itself."""
    return file.suffix.lower() in _LINE_SUFFIXES


@lru_cache(maxsize=64)
def file_system(device: int) -> str:
    """The kind of a mounted file system, such as "ext4", from its device number; empty where unknown."""
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    found = [line.partition(" - ")[2].split(" ")[0] for line in mounts if line.split(" ")[2] == number]
    return found[-1] if found else ""


def _ends_with_a_line(opened: IO[bytes]) -> bool:
    if opened.seek(0, os.SEEK_END) == 0:
        return False
    opened.seek(-1, os.SEEK_END)
    last = opened.read(1)
    opened.seek(0)
    return last == b"\n"


def is_another(file: Path, other: Path) -> bool:
    """Whether `file` is there, and is not `other` by another path. One that cannot be looked at is there."""
    try:
        there = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    try:
        return not os.path.samestat(there, other.stat())
    except OSError:  # it went meanwhile
        return True


def is_empty(folder: Path) -> bool:
    """Whether a folder is there, can be read and holds nothing."""
    try:
        return next(folder.iterdir(), None) is None
    except OSError:
        return False


def shown(path: Path | str) -> str:
    """A path as text that can be stored and sent, whatever bytes are in it."""
    return str(path).encode("utf-8", "backslashreplace").decode()
