"""What is wrong with an installation, in plain words.

Every check stands alone: what fails or cannot even be looked at is one finding, and the others go on.
Nothing is changed, and a server that owns the data folder isn't disturbed. Where there is none, the folder is
owned while its vector index is open: one that starts in this second is told so.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from service.api.guards import load_key
from service.articles import folder_files
from service.catalog import SCHEMA_VERSION, inspect_catalog
from service.embeddings import load_embedder
from service.errors import ConfigurationError, DataFolderInUse, IndexUnavailable
from service.library import FolderLock, catalog_file, is_owned, read_owner, vector_store
from service.reading import load_reader
from service.settings import Settings
from service.vectors import VectorStore

State = Literal["ok", "warning", "problem"]

_LOW_DISK_BYTES, _NO_DISK_BYTES = 2_000_000_000, 200_000_000
_OLDEST_PYTHON = (3, 11)
_OWNER_TIMEOUT_S = 5.0
_NOT_SETTINGS = frozenset({"KUTIPAN_DATASETS"})  # of the benchmarks


Said = Iterator[tuple[State, str]]
Check = Callable[[Settings, Mapping[str, str]], Said]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found about `subject`, and what to do about it."""

    subject: str
    state: State
    says: str


def examine(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """The findings of every check, in order."""
    for subject, check in CHECKS.items():
        try:
            for state, says in check(settings, environment):
                yield Finding(subject, state, says)
        except Exception as error:  # whatever it is, it is what the person wants to know
            yield Finding(subject, "problem", f"it cannot be looked at: {type(error).__name__}: {error}")


def _python(_: Settings, __: Mapping[str, str]) -> Said:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < _OLDEST_PYTHON:
        yield "problem", f"Python {found} is too old; 3.11 or newer is needed"
    else:
        yield "ok", f"Python {found}"


def _settings(_: Settings, environment: Mapping[str, str]) -> Said:
    known = {f"KUTIPAN_{name.upper()}" for name in Settings.model_fields} | _NOT_SETTINGS
    unknown = sorted(name for name in environment if name.startswith("KUTIPAN_") and name not in known)
    for name in unknown:
        yield "warning", f"{name} is no setting and does nothing; docs/configuration.md has them all"
    if not unknown:
        yield "ok", "every KUTIPAN_ variable is a setting"


def _data_folder(settings: Settings, _: Mapping[str, str]) -> Said:
    folder = settings.data_dir
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        yield "problem", f"{nearest} is not a folder that may be written to; set KUTIPAN_DATA_DIR to one"
        return
    free = shutil.disk_usage(nearest).free
    amount = f"{free / 1e9:.1f} GB free"
    if free < _NO_DISK_BYTES:
        yield "problem", f"{amount} for {folder}: writes will fail soon; make room"
    elif free < _LOW_DISK_BYTES:
        yield "warning", f"{amount} for {folder}: a rebuild of the index needs room for a second one"
    else:
        yield "ok", f"{folder}, {amount}"


def _owner(settings: Settings, _: Mapping[str, str]) -> Said:
    owner = read_owner(settings.data_dir)
    if not owner or not is_owned(settings.data_dir):
        yield "ok", "no process owns the data folder"
        return
    who = f"process {owner.get('pid')} ({owner.get('command')})"
    url = owner.get("url")
    if not isinstance(url, str):
        yield "ok", f"{who} owns the data folder and serves nothing"
        return
    try:
        response = _ask_ready(url)
    except httpx.HTTPError as error:
        yield "problem", f"{who} owns the data folder, and {url} does not answer: {error}"
        return
    if response.status_code == httpx.codes.OK:
        yield "ok", f"{who} serves it on {url}"
    else:
        yield "warning", f"{who} is not ready on {url}: {response.json().get('detail', response.status_code)}"


def _ask_ready(url: str) -> httpx.Response:
    return httpx.get(f"{url}/readyz", timeout=_OWNER_TIMEOUT_S, trust_env=False)


def _catalog(settings: Settings, _: Mapping[str, str]) -> Said:
    file = catalog_file(settings.data_dir)
    if not file.exists():
        yield "ok", "there is none yet: nothing was taken in"
        return
    found = inspect_catalog(file)
    for complaint in found.complaints:
        yield "problem", f"{complaint}; restore a backup (docs/operations.md)"
    if found.schema > SCHEMA_VERSION:
        yield "problem", f"a newer release wrote it (schema {found.schema}, here {SCHEMA_VERSION}); upgrade"
    elif not found.complaints:
        yield (
            "ok",
            f"{found.counts.articles} articles, {found.counts.passages} passages; SQLite finds it whole",
        )
    if found.counts.pending:
        yield (
            "warning",
            f"{found.counts.pending} passages wait for their vectors; a running server works on them",
        )


def _vectors(settings: Settings, _: Mapping[str, str]) -> Said:
    folder = settings.data_dir
    with closing(vector_store(folder, settings.chroma_url)) as store:
        size, name = store.disk_bytes(), store.current()
        where = (
            f"on the Chroma server at {store.where}"
            if size is None
            else f"{store.where}, {size / 1e6:.1f} MB"
        )
        try:
            store.ping()
            if name is None:
                yield from _no_index(folder, where)
                return
            try:
                # Held for as long as the index is open here: Chroma loses what a second process writes.
                lock = FolderLock(folder)
            except DataFolderInUse as error:
                yield from _index_in_use(store, name, where, error.owner)
                return
            try:
                fault = _index_fault(settings, store, name)
            finally:
                lock.release()
        except IndexUnavailable as error:
            yield "problem", f"{error}; start it, or set KUTIPAN_CHROMA_URL to another"
            return
    yield ("ok", f"{where}; it can be searched") if fault is None else ("warning", fault)


def _no_index(folder: Path, where: str) -> Said:
    file = catalog_file(folder)
    passages = inspect_catalog(file).counts.passages if file.exists() else 0
    if passages:
        yield "warning", f"there is none for {passages} passages; the next start makes it from the catalog"
    else:
        yield "ok", f"there is none yet; it will be {where}"


def _index_in_use(store: VectorStore, name: str, where: str, owner: Mapping[str, object]) -> Said:
    """What can be told of an index while another process owns the folder."""
    if store.kind == "server":
        complaint = store.complaint(name)
        if complaint is not None:
            yield "warning", f"{complaint}; a running server fills it from the catalog"
        else:
            yield "ok", where
        return
    url = owner.get("url")
    try:
        ready = isinstance(url, str) and _ask_ready(url).status_code == httpx.codes.OK
    except httpx.HTTPError:  # the check of the owner tells of it
        ready = False
    if ready:
        yield "ok", f"{where}; the server that has it open can search it"
    else:
        yield "ok", f"{where}; not looked at, because process {owner.get('pid', '?')} has it open"


def _index_fault(settings: Settings, store: VectorStore, name: str) -> str | None:
    """What is wrong with the index of a folder that nobody else owns, None where nothing is."""
    complaint = store.complaint(name)
    if complaint is not None:
        return f"{complaint}; the next start makes it again from the catalog"
    embedder = load_embedder(settings.embedding_model, settings.threads)
    catalog = inspect_catalog(catalog_file(settings.data_dir))
    with closing(store.open(name)) as index:
        if not index.matches(embedder.fingerprint, embedder.dimension):
            return (
                f"it was made for another embedder than {embedder.name}; the next start makes it again and "
                "embeds every passage, unless KUTIPAN_EMBEDDING_MODEL names the embedder that it had"
            )
        found = index.count()
    # Pending work is no fault: each piece of it may be a passage that is missing, or one too many.
    if not catalog.complaints and abs(found - catalog.counts.passages) > catalog.counts.pending:
        return (
            f"it has {found} vectors for {catalog.counts.passages} passages; the next start does what is "
            "missing"
        )
    return None


def _models(settings: Settings, _: Mapping[str, str]) -> Said:
    embedder = load_embedder(settings.embedding_model, settings.threads)
    vector = embedder.embed_question("Apa kabar?")
    yield "ok", f"embedder {embedder.name}, {len(vector)} dimensions ({embedder.fingerprint})"
    reader = load_reader(settings.reader_model, settings.threads, settings.min_confidence)
    yield "ok", f"reader {reader.name} ({reader.fingerprint})"


def _key(settings: Settings, _: Mapping[str, str]) -> Said:
    file = settings.api_key_file
    if file is not None and not file.exists():  # here `load_key` would make it
        folder = next(parent for parent in file.absolute().parents if parent.exists())
        if settings.create_api_key and os.access(folder, os.W_OK | os.X_OK):
            yield "ok", f"{file} will be made at the next start"
        elif settings.create_api_key:
            yield "problem", f"{file} cannot be made: {folder} cannot be written to"
        else:
            yield "problem", f"{file} is missing; KUTIPAN_CREATE_API_KEY=true makes it"
        return
    try:
        load_key(settings)
    except ConfigurationError as error:
        yield "problem", str(error)
        return
    if file is None:
        yield "ok", f"none is needed on {settings.host}"
    elif file.stat().st_mode & 0o077:
        yield "warning", f"others on this machine can read {file}; chmod 600 it"
    else:
        yield "ok", str(file)


def _port(settings: Settings, _: Mapping[str, str]) -> Said:
    where = f"{settings.host}:{settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((settings.host, settings.port))
        except OSError as error:
            if str(read_owner(settings.data_dir).get("url", "")).endswith(f":{settings.port}"):
                yield "ok", f"{where} is served from this data folder"
            else:
                yield (
                    "problem",
                    f"{where} cannot be listened on: {error.strerror}; set KUTIPAN_PORT to another",
                )
            return
    yield "ok", f"{where} is free"


def _corpus(settings: Settings, _: Mapping[str, str]) -> Said:
    folder = settings.corpus_dir
    if folder is None:
        yield "ok", "no corpus folder is set"
    elif not folder.is_dir():
        yield "problem", f"there is no folder {folder}; set KUTIPAN_CORPUS_DIR to one"
    else:
        files = list(folder_files(folder))
        for path, name in files:
            if isinstance(name, OSError):
                yield "warning", f"{path} cannot be read: {name.strerror}"
        readable = sum(1 for _, name in files if isinstance(name, str))
        state: State = "ok" if readable else "warning"
        yield state, f"{Path(folder)}, {readable} files that can hold articles"


CHECKS: dict[str, Check] = {
    "python": _python,
    "settings": _settings,
    "data folder": _data_folder,
    "owner": _owner,
    "catalog": _catalog,
    "vector index": _vectors,
    "models": _models,
    "API key": _key,
    "port": _port,
    "corpus folder": _corpus,
}
"""Each check by what it looks at."""
