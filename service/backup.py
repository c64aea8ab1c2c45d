"""A data folder's catalog → one file, and back.

The catalog is the source of truth and holds every cached vector, so its copy is the whole backup: the vector
index is made anew from it at the next start, without embedding anything. A backup is a plain SQLite file.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from service.catalog import Catalog, Counts, schema_version
from service.errors import ConfigurationError

_LEFT_BEHIND_S = 24 * 3_600.0  # no copy takes as long


def back_up(catalog: Path, file: Path) -> Counts:
    """Copies the catalog to `file`, as it stands at one moment, while others write to it. An earlier backup,
    or an empty file, is replaced when the copy has been read back and found whole. Returns what the copy
    holds.

    Raises ConfigurationError where there is no catalog, where the copy cannot be made or is damaged, and
    where `file` is something else, the catalog itself among it.
    """
    if not catalog.is_file():
        raise ConfigurationError(f"there is no catalog {catalog} to back up")
    try:
        file = file.resolve()  # a link stays one, and what it leads to is replaced
        _refuse_to_replace(file, catalog)
        with _folder_beside(file, ".kutipan-backup-") as beside:
            copy = beside / "catalog"
            with (
                closing(sqlite3.connect(f"file:{quote(str(catalog))}?mode=ro", uri=True)) as source,
                closing(sqlite3.connect(copy)) as target,
            ):
                source.backup(target)
            counts = _checked(copy, catalog)
            copy.replace(file)
            _make_durable(file.parent)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(f"{catalog} cannot be backed up to {file}: {error}") from None
    return counts


def _refuse_to_replace(file: Path, catalog: Path) -> None:
    """Only an earlier backup may go, or an empty file that isn't the data folder's."""
    folder = catalog.parent.resolve()
    named_so = file.name.startswith(catalog.name) and (file.parent == folder or file.exists())
    if named_so or (file.exists() and file.samefile(catalog)):  # a hard link
        raise ConfigurationError(f"{file} is a catalog or its log: the backup needs a name of its own")
    if not file.exists() or (file.is_file() and not file.stat().st_size and not file.is_relative_to(folder)):
        return
    try:
        if file.is_file() and _has_catalog(file):
            return
    except sqlite3.DatabaseError:
        pass  # no database, so no backup
    raise ConfigurationError(f"{file} is there and is no backup: it is not replaced")


def restore(file: Path, catalog: Path, replace: bool = False) -> Counts:
    """Puts a backup in the place of a catalog. The caller owns the folder. Returns what it holds.

    The backup is copied, brought to this release's schema and read through before anything is replaced;
    whatever fails or ends the process leaves the old catalog. Raises ConfigurationError for a file that is no
    backup, is damaged or of a newer release, and, without `replace`, where there is a catalog already.
    """
    if catalog.exists() and not replace:
        raise ConfigurationError(f"{catalog} exists; with --replace the backup takes its place")
    if not file.is_file():
        raise ConfigurationError(f"there is no file {file}")
    log = file.with_name(f"{file.name}-wal")
    if log.exists() and log.stat().st_size:
        # Without it the newest articles would be missing; with it they may be half there.
        raise ConfigurationError(
            f"{file} is no backup but a catalog that is in use, or whose process was killed: {log.name} "
            "beside it has what is newest. `kutipan backup` makes one file of both"
        )
    try:
        with _folder_beside(catalog, ".kutipan-restore-") as beside:
            copy = beside / "catalog"
            shutil.copyfile(file, copy)
            counts = _checked(copy, file)
            _fold_log(catalog)
            copy.replace(catalog)
            _make_durable(catalog.parent)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be restored: {error}") from None
    return counts


def _checked(copy: Path, named: Path) -> Counts:
    """What a catalog holds, read through. It is one file again afterwards, and on the disk."""
    try:
        if not _has_catalog(copy):  # it would be taken for a new one, and what it replaces would be lost
            raise ConfigurationError(f"{named} has no catalog in it")
        opened = Catalog(copy)
    except sqlite3.DatabaseError as error:
        raise ConfigurationError(f"{named} is damaged or no catalog: {error}") from None
    except ConfigurationError as error:
        raise ConfigurationError(str(error).replace(str(copy), str(named))) from None
    try:
        complaints = opened.integrity() + opened.altered_versions()
        counts = opened.counts()
    except sqlite3.DatabaseError as error:
        raise ConfigurationError(f"{named} is damaged: {error}") from None
    finally:
        opened.close()
    if complaints:
        raise ConfigurationError(f"{named} is damaged: {'; '.join(complaints[:5])}")
    _fold_log(copy)
    with copy.open("rb") as written:
        os.fsync(written.fileno())
    return counts


def _has_catalog(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as opened:
        return schema_version(opened) > 0


def _fold_log(catalog: Path) -> None:
    """Takes the write-ahead log into the file: left beside, it would be applied to whatever replaces it."""
    if not catalog.exists():
        return
    try:
        with closing(sqlite3.connect(catalog)) as opened:
            opened.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise ConfigurationError(f"{catalog} is in use: {error}") from None
        # A damaged catalog is being replaced: its log is of no use either.
        for suffix in ("-wal", "-shm"):
            catalog.with_name(catalog.name + suffix).unlink(missing_ok=True)


@contextmanager
def _folder_beside(file: Path, prefix: str) -> Iterator[Path]:
    """A folder for a copy, on the disk of what the copy is to replace. Those that a process left which was
    killed are removed: each has a whole catalog."""
    for left in file.parent.glob(f"{prefix}*"):
        with suppress(OSError):  # it is another user's, or of a backup that ends just now
            if left.stat().st_mtime < time.time() - _LEFT_BEHIND_S:
                shutil.rmtree(left)
    try:
        made = tempfile.TemporaryDirectory(dir=file.parent, prefix=prefix)
    except OSError as error:  # it names the folder that could not be made
        raise ConfigurationError(f"nothing can be written in {file.parent}: {error.strerror}") from None
    with made as folder:
        yield Path(folder)


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
