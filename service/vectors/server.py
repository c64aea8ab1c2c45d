"""Indexes on a Chroma server, which several installations may share.

An index is a collection named `kutipan-INSTALLATION-…`; the installation's id is in the data folder, and only
its own collections are ever looked at. Chroma's HTTP client has no time limit of its own, so a server that
hangs would hang us; it is given one here.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import chromadb
import httpx
from chromadb.api import ClientAPI
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import NotFoundError

from service.errors import IndexRefuses, IndexUnavailable
from service.vectors.index import VectorIndex, create_collection, query_itself, widen
from service.vectors.stores import NameFile

_PING_TIMEOUT_S = 3.0
_TIMEOUT = httpx.Timeout(30.0, connect=3.0)
_LISTED = 100


class ServerStore:
    """The indexes of the installation in `folder`, on the Chroma server at `url` (http://host:port)."""

    kind: Literal["server"] = "server"

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url.rstrip("/")
        self._installation = NameFile(folder / "installation")
        self._current = NameFile(folder / "chroma-collection")
        self._connecting = threading.Lock()
        self._connected: ClientAPI | None = None

    @property
    def where(self) -> str:
        return self._url

    def current(self) -> str | None:
        return self._current.read()

    def ping(self) -> None:
        """Raises IndexUnavailable where no Chroma server answers there."""
        ping(self._url)

    def complaint(self, name: str) -> str | None:
        with asking(self._url):
            try:
                query_itself(self._client().get_collection(name, embedding_function=None))
            except NotFoundError:
                return f"{self._url} has no collection {name}"
        return None

    def open(self, name: str) -> VectorIndex:
        with asking(self._url):
            client = self._client()
            collection = client.get_collection(name, embedding_function=None)
            widen(collection)
            return _ServerIndex(self._url, name, client, collection)

    def create(self, fingerprint: str, dimension: int) -> VectorIndex:
        name = f"{self._prefix()}{uuid.uuid4().hex[:12]}"
        with asking(self._url):
            client = self._client()
            collection = create_collection(client, name, fingerprint, dimension)
            return _ServerIndex(self._url, name, client, collection)

    def switch(self, name: str) -> None:
        self._current.write(name)

    def remove_others(self, *keep: str) -> None:
        prefix = self._prefix()
        with asking(self._url):
            client = self._client()
            names: list[str] = []
            while page := client.list_collections(limit=_LISTED, offset=len(names)):
                names += [collection.name for collection in page]
            for name in names:
                if name.startswith(prefix) and name not in keep:
                    client.delete_collection(name)

    def disk_bytes(self) -> None:
        """None: the server doesn't say."""

    def wasted_bytes(self, name: str, rows: int, dimension: int) -> None:
        """None: a second collection makes the server's folder larger, for it keeps the files of the first
        (2,000 vectors of 384 dimensions: 1.9 MB each time, `chroma vacuum` or not)."""

    def _prefix(self) -> str:
        installation = self._installation.read()
        if installation is None:
            installation = uuid.uuid4().hex[:16]
            self._installation.write(installation)
        return f"kutipan-{installation}-"

    def close(self) -> None:
        with self._connecting:
            if self._connected is not None:
                # `close` alone leaves the connections of the client, and of another that it has made, open.
                client: Any = self._connected
                sessions = [made._server._session for made in (client, client._admin_client)]
                client.close()
                for session in sessions:
                    session.close()
                self._connected = None

    def _client(self) -> ClientAPI:
        """The client, one for as long as the store is open: Chroma keeps something of each for ever."""
        with self._connecting:
            if self._connected is None:
                # Chroma's client asks the server when it is made, and waits for it without end.
                ping(self._url)
                client = chromadb.HttpClient(
                    # The whole address: of host and port alone Chroma makes a wrong one where the host is
                    # an IPv6 address, or its name begins with "http".
                    host=self._url,
                    ssl=self._url.startswith("https:"),
                    settings=ChromaSettings(anonymized_telemetry=False),
                )
                client._server._session.timeout = _TIMEOUT  # type: ignore[attr-defined]
                self._connected = client
            return self._connected


class _ServerIndex(VectorIndex):
    """A collection of a server; every method raises IndexUnavailable where that fails, one that writes
    IndexRefuses where the server answers with an error."""

    def __init__(self, url: str, name: str, client: ClientAPI, collection: Collection) -> None:
        self._url = url
        super().__init__(name, client, collection)

    def check(self) -> None:
        ping(self._url)
        super().check()

    def _let_go(self) -> None:
        """Nothing: the client is the store's."""

    @contextmanager
    def _used(self) -> Iterator[None]:
        with super()._used(), asking(self._url):
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with super()._used(), asking(self._url, IndexRefuses):
            yield


def ping(url: str) -> None:
    """Raises IndexUnavailable where no Chroma server answers at `url` within three seconds."""
    with asking(url):
        httpx.get(f"{url}/api/v2/heartbeat", timeout=_PING_TIMEOUT_S).raise_for_status()


@contextmanager
def asking(url: str, failed: type[IndexUnavailable] = IndexUnavailable) -> Iterator[None]:
    """Turns whatever goes wrong in its block into IndexUnavailable, an error that the server tells into
    `failed`.

    Chroma's client raises its own errors, httpx's, ValueError and, for a response that isn't Chroma's, a bare
    Exception: no narrower class covers a server that fails.
    """
    try:
        yield
    except IndexUnavailable:
        raise
    except httpx.TransportError as error:
        raise IndexUnavailable(
            f"the Chroma server at {url} does not answer: {error or type(error).__name__}"
        ) from error
    except NotFoundError as error:
        raise IndexUnavailable(f"the Chroma server at {url} has lost the vector index: {error}") from error
    except Exception as error:
        raise failed(f"the Chroma server at {url} failed: {type(error).__name__}: {error}") from error
