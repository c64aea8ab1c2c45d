"""Pending vector work → the vector index, and the reconciliation of the two at start.

The catalog queues work in the same transaction as the change that causes it; the indexer carries it
out and only then takes it off the queue. Every step can be repeated, so a crash between any two of
them costs a repetition and nothing else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from service.catalog import Catalog, PendingPassage
from service.embeddings import Embedder
from service.errors import IndexBroken
from service.telemetry import Observer, get_logger
from service.vectors import VectorIndex, collection_name, discard, folder_bytes, probe

log = get_logger(__name__)

_BATCH = 128
_EMBED_BATCH = 16
_CHECKED = 20
_SELF_COSINE = 0.99
_FIRST_RETRY_S, _LAST_RETRY_S = 0.5, 30.0
_COLLECTION = "collection"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What had to be done at start: passages `missing` from the index and `surplus` in it are only
    counted here; the queue holds them. `rebuilt` gives the reason for a rebuild."""

    missing: int
    surplus: int
    rebuilt: str | None


class Indexer:
    """Keeps the vector index of one data folder equal to its catalog."""

    def __init__(
        self, catalog: Catalog, embedder: Embedder, folder: Path, observer: Observer | None = None
    ) -> None:
        self._catalog = catalog
        self._observer = observer or Observer()
        self._embedder = embedder
        self._folder = folder
        self._index: VectorIndex | None = None
        self._drain_lock = threading.RLock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._drained = threading.Condition()
        self._thread: threading.Thread | None = None
        self.last_error: str | None = None

    @property
    def index(self) -> VectorIndex:
        """The index that searches use. Raises IndexBroken before the first `reconcile`."""
        if self._index is None:
            raise IndexBroken("the vector index has not been opened yet")
        return self._index

    @property
    def disk_bytes(self) -> int:
        return folder_bytes(self._folder)

    def reconcile(self) -> Reconciled:
        """Opens the index and makes it follow the catalog again, rebuilding it where it is missing,
        broken or another embedder's. Raises IndexBroken where even the rebuilt one fails."""
        name = self._catalog.get_meta(_COLLECTION)
        reason: str | None
        if name is None:
            reason = None if self._catalog.counts().passages == 0 else "the catalog names no vector index"
            if reason is None:
                name = collection_name(self._embedder.fingerprint, 1)
                self._index = self._open(name)
                self._catalog.set_meta(_COLLECTION, name)
        else:
            reason = probe(self._folder, name)
            if reason is not None:
                discard(self._folder)
            else:
                index = self._open(name)
                if index.matches(self._embedder.fingerprint, self._embedder.dimension):
                    self._index = index
                else:
                    reason = f"it was made for another embedder than {self._embedder.fingerprint}"
        if reason is not None:
            log.warning("index.rebuild", reason=reason)
            return Reconciled(*self.rebuild(), rebuilt=reason)
        self.index.drop_others()
        missing, surplus = self._catalog.queue_difference(self.index.ids())
        return Reconciled(missing, surplus, None)

    def rebuild(self) -> tuple[int, int]:
        """Builds a new index beside the old one from the catalog, verifies it and switches to it.

        Vectors come from the cache; what isn't there is embedded. Returns (missing, surplus) as they
        stood against what an interrupted rebuild had left.
        """
        with self._drain_lock:
            old = self._catalog.get_meta(_COLLECTION)
            generation = int(old.rsplit("-", 1)[1]) + 1 if old else 1
            index = self._open(collection_name(self._embedder.fingerprint, generation))
            difference = self._catalog.queue_difference(index.ids())
            try:
                while self._drain_some(index):
                    pass
                self._verify(index)
            except BaseException:
                if self._index is not None:  # it stays, and lacks what only the new one was given
                    self._catalog.queue_difference(self._index.ids())
                raise
            self._catalog.set_meta(_COLLECTION, index.name)
            # The one before may still be searched at this moment; it goes with the next rebuild or start.
            before = self._index.name if self._index is not None else None
            self._index = index
            index.drop_others(keep=before)
            self._catalog.forget_other_models(self._embedder.fingerprint)
        log.info("index.rebuilt", collection=index.name, passages=index.count())
        return difference

    def verify(self) -> list[str]:
        """Compares the index with the catalog, all ids and a sample of vectors; complaints, none
        where they agree. Work that is still queued is no complaint."""
        with self._drain_lock:
            while self._drain_some(self.index):
                pass
            complaints = self._catalog.integrity()
            try:
                self._verify(self.index)
            except IndexBroken as error:
                complaints.append(str(error))
        return complaints

    def drain(self) -> int:
        """Does all pending work now, in this thread. Returns how much there was."""
        done = 0
        with self._drain_lock:
            while count := self._drain_some(self.index):
                done += count
        return done

    def start(self) -> None:
        """Drains the queue in a thread of its own from now on."""
        self._stop.clear()
        self._wake.set()
        self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)
        self._thread.start()

    def notify(self) -> None:
        """Tells the thread that there is work."""
        self._wake.set()

    def wait(self, article_id: str, timeout_s: float) -> bool:
        """Waits until an article can be found; False where that took longer than `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        with self._drained:
            while not self._catalog.is_indexed(article_id):
                left = deadline - time.monotonic()
                if left <= 0 or self._stop.is_set():
                    return False
                self._drained.wait(min(left, 0.5))
        return True

    def close(self) -> None:
        """Ends the thread after the batch it is at, and closes the index."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._index is not None:
            self._index.close()
            self._index = None

    def _open(self, name: str) -> VectorIndex:
        return VectorIndex(self._folder, name, self._embedder.fingerprint, self._embedder.dimension)

    def _run(self) -> None:
        retry_s = _FIRST_RETRY_S
        while not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            try:
                while not self._stop.is_set():
                    with self._drain_lock:
                        if not self._drain_some(self.index):
                            break
                self.last_error, retry_s = None, _FIRST_RETRY_S
            except Exception as error:  # whatever it is, the queue keeps the work for the next try
                self.last_error = f"{type(error).__name__}: {error}"
                log.error("index.failed", error=self.last_error, retry_s=retry_s)
                self._stop.wait(retry_s)
                retry_s = min(2 * retry_s, _LAST_RETRY_S)
                self._wake.set()

    def _drain_some(self, index: VectorIndex) -> int:
        work = self._catalog.next_pending(_BATCH)
        if not work:
            return 0
        upserts = [w for w in work if w.operation == "upsert"]
        if upserts:
            vectors = self._vectors(upserts)
            with self._observer.timing("index"):
                index.upsert([w.passage_id for w in upserts], vectors)
            self._observer.indexed("upsert", len(upserts))
        deletes = [w.passage_id for w in work if w.operation == "delete"]
        if deletes:
            with self._observer.timing("index"):
                index.delete(deletes)
            self._observer.indexed("delete", len(deletes))
        self._catalog.finish(work)
        with self._drained:
            self._drained.notify_all()
        return len(work)

    def _vectors(self, work: Sequence[PendingPassage]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        texts = {w.text_hash: w.text for w in work if w.text_hash is not None and w.text is not None}
        vectors = self._catalog.cached_vectors(list(texts), self._embedder.fingerprint)
        missing = [h for h in texts if h not in vectors]
        for i in range(0, len(missing), _EMBED_BATCH):
            some = missing[i : i + _EMBED_BATCH]
            with self._observer.timing("embed_passages"):
                fresh = dict(zip(some, self._embedder.embed_passages([texts[h] for h in some]), strict=True))
            self._observer.embedded(len(fresh))
            self._catalog.cache_vectors(fresh, self._embedder.fingerprint)
            vectors.update(fresh)
        return np.stack([vectors[w.text_hash] for w in work if w.text_hash is not None])

    def _verify(self, index: VectorIndex) -> None:
        missing, surplus = self._catalog.difference(index.ids())
        if missing or surplus:
            raise IndexBroken(
                f"the vector index lacks {len(missing)} passages and has {len(surplus)} too many"
            )
        sample = self._catalog.sample_vectors(self._embedder.fingerprint, _CHECKED)
        for passage_id, vector in sample.items():
            nearest = index.nearest(vector, 1)
            if not nearest or nearest[0][1] < _SELF_COSINE:
                raise IndexBroken(f"the vector index does not find passage {passage_id} by its own vector")
