"""Pending vector work → the vector index, their reconciliation, and the building of another index.

The catalog queues work in the same transaction as the change that causes it; the indexer carries it
out and only then takes it off the queue. Every step can be repeated, so a crash between any two of
them costs a repetition and nothing else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from service.catalog import Allowed, Catalog, PendingPassage
from service.embeddings import Embedder
from service.errors import IndexBroken, IndexRefuses, IndexUnavailable, InvalidRequest, NotReady
from service.telemetry import Observer, get_logger
from service.vectors import FlatIndex, IndexClosed, VectorIndex, Vectors, VectorStore

log = get_logger(__name__)
T = TypeVar("T")

_BATCH = 128
_EMBED_BATCH = 16
_CHECKED = 100
_SELF_COSINE = 0.99
_LOST_SHARE = 0.5
"""Of the passages that are checked. A sound graph hides some of many that say nearly the same (of 2,500
copies of one notice a third): search by keywords still finds them, and a rebuild would hide others. So those
that are not found are no fault up to here, and none that has its like among those checked: that leaves 5 to
16 of 100 of such copies. A broken graph, or one of other vectors, finds nearly none."""
_FIRST_RETRY_S, _LAST_RETRY_S = 0.5, 30.0
_LOOK_S = 5.0
"""How often the index is looked at without being told of work; and how soon one that is away."""
_COMPACT_EVERY_S = 3600.0


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What had to be done: passages `missing` from the index and `surplus` in it are only counted here; the
    queue holds them. `rebuilt` gives the reason for a rebuild, which has written those that were missing."""

    missing: int
    surplus: int
    rebuilt: str | None


@dataclass(frozen=True, slots=True)
class Compacted:
    """Bytes of the index on disk."""

    before_bytes: int
    after_bytes: int


class Indexer:
    """Keeps the vector index of one data folder equal to its catalog.

    `stop` is set when the process is to end: a rebuild then gives up, and the index stays as it was.
    """

    def __init__(
        self,
        catalog: Catalog,
        embedder: Embedder,
        store: VectorStore,
        observer: Observer | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self._catalog = catalog
        self._observer = observer or Observer()
        self._embedder = embedder
        self.store = store
        self._index: VectorIndex | None = None
        self._flat: FlatIndex | None = None
        self._away: str | None = None
        self._drain_lock = threading.RLock()
        self._build_lock = threading.Lock()
        self._wake = threading.Event()
        self._process_stops = stop or threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._compaction: threading.Thread | None = None
        self._no_compaction_before_s = 0.0
        self.last_error: str | None = None

    @property
    def index(self) -> VectorIndex:
        """The index that searches use. Raises IndexUnavailable while it is away, IndexBroken before the first
        `reconcile`."""
        if self._away is not None:
            raise IndexUnavailable(self._away)
        if self._index is None:
            raise IndexBroken("the vector index has not been opened yet")
        return self._index

    @property
    def available(self) -> bool:
        """Whether the index could be searched when it was last used or looked at."""
        return self._index is not None and self._away is None

    def check(self) -> None:
        """Raises IndexUnavailable where the index cannot be searched now."""
        self._searched(lambda index: index.check())

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """(passage id, cosine in [-1, 1]) of the nearest in the index, best first; ties in id order. Raises
        IndexUnavailable."""
        return self._searched(lambda index: index.nearest(vector, limit))

    def nearest_of_all(
        self, vector: Vectors, limit: int, among: Allowed | None = None
    ) -> list[tuple[str, float]]:
        """The same, but all compared, or all those `among`. Raises IndexUnavailable, like a search of the
        graph."""
        self._searched(lambda index: index)
        return self._in_memory().nearest(vector, limit, None if among is None else among.keys)

    def _in_memory(self) -> FlatIndex:
        """The vectors of the index in memory, read when they are first needed."""
        flat = self._flat
        if flat is None:
            with self._drain_lock:
                if self._flat is None:
                    self._flat = self._read_vectors()
                flat = self._flat
        return flat

    def _read_vectors(self) -> FlatIndex:
        flat = FlatIndex(self._embedder.dimension)
        for key, passage_id, vector in self._catalog.all_vectors(self._embedder.fingerprint):
            flat.put(key, passage_id, vector)
        return flat

    def _searched(self, use: Callable[[VectorIndex], T]) -> T:
        """What `use` gives of the index that is searched; one that cannot be reached is looked after."""
        try:
            return use(self.index)
        except IndexClosed:  # another has taken its place since
            return use(self.index)
        except IndexUnavailable as error:
            self._lose(error)
            raise

    def reconcile(self) -> Reconciled:
        """Opens the index and makes it follow the catalog again, rebuilding it where it is missing,
        broken or another embedder's.

        Raises IndexBroken where even the rebuilt one fails, IndexUnavailable where it cannot be reached; the
        thread that `start` begins then tries again.
        """
        self._stop.clear()
        return self._reconcile()

    def _reconcile(self) -> Reconciled:
        try:
            with self._drain_lock:
                reason = self._reopen()
            if reason is None:
                done = Reconciled(*self._catalog.queue_difference(self._opened.ids()), rebuilt=None)
            else:
                log.warning("index.rebuild", reason=reason)
                if self._away is not None:
                    self._away = f"the vector index is being rebuilt: {reason}"
                done = Reconciled(self.rebuild(), 0, rebuilt=reason)
            self.store.remove_others(self._opened.name)
        except IndexUnavailable as error:
            self._lose(error)
            raise
        self._away = None
        return done

    def _reopen(self) -> str | None:
        """Opens the index that is there, or an empty one for an empty catalog. Returns why there is none."""
        name = self.store.current()
        if name is None:
            if self._catalog.counts().passages:
                return "there is none yet"
            self._use(self.store.create(self._embedder.fingerprint, self._embedder.dimension))
            return None
        reason = self.store.complaint(name)
        if reason is not None:
            return reason
        if self._index is not None and self._index.name == name:
            return None
        index = self.store.open(name)
        if not index.matches(self._embedder.fingerprint, self._embedder.dimension):
            index.close()
            return f"it was made for another embedder than {self._embedder.fingerprint}"
        self._use(index)
        return None

    def _use(self, index: VectorIndex) -> None:
        """Makes `index` the one that is searched, now and at the next start."""
        if self.store.current() != index.name:
            self.store.switch(index.name)
        before, self._index = self._index, index
        if before is not None:
            before.close()

    def rebuild(self) -> int:
        """Builds a new index beside the old one from the catalog, verifies it and switches to it. Searches
        and indexing go on meanwhile. Returns how many passages it holds.

        Vectors come from the cache; what isn't there is embedded. Raises NotReady where the process is to
        end; then, and on every other error, the old index goes on.
        """
        with self._build_lock:
            index = self.store.create(self._embedder.fingerprint, self._embedder.dimension)
            try:
                after = ""
                while work := self._catalog.passages_after(after, _BATCH):
                    self._write(index, work)
                    after = work[-1].passage_id
                with self._drain_lock:
                    self._catch_up(index)
                    self._verify(index)
                    self._use(index)
                    if self._flat is not None:
                        self._flat = self._read_vectors()
            except BaseException:
                index.close()
                self._remove_others()
                raise
            self._remove_others()
            self._catalog.forget_other_models(self._embedder.fingerprint)
        passages = index.count()
        log.info("index.rebuilt", name=index.name, passages=passages)
        return passages

    def _write(self, index: VectorIndex, work: Sequence[PendingPassage]) -> None:
        if self._process_stops.is_set() or self._stop.is_set():
            raise NotReady("the service is stopping; the vector index stays as it was")
        vectors = self._vectors(work)
        with self._observer.timing("index"):
            index.upsert([w.passage_id for w in work], vectors)
        self._observer.indexed("upsert", len(work))

    def _catch_up(self, index: VectorIndex) -> None:
        """Gives a new index what changed while it was built, but for what is queued still."""
        missing, surplus = self._catalog.difference(index.ids())
        late = self._catalog.passages_to_index(sorted(missing))
        for i in range(0, len(late), _BATCH):
            self._write(index, late[i : i + _BATCH])
        index.delete(sorted(surplus))

    def _remove_others(self) -> None:
        """Leaves the index that is searched. What cannot be removed goes at the next start."""
        current = self.store.current()
        try:
            self.store.remove_others(*([] if current is None else [current]))
        except (IndexUnavailable, OSError) as error:
            log.warning("index.left_over", error=str(error))

    def compact(self) -> Compacted:
        """Builds the index anew in a folder of its own, which gives back what dead vectors take.

        Raises InvalidRequest for a Chroma server, which would only grow, and whatever `rebuild` does.
        """
        before = self.store.disk_bytes()
        if before is None:
            raise InvalidRequest(
                f"the vector index is on the Chroma server at {self.store.where}, which keeps the files of "
                "deleted collections; to give their space back, stop that server, empty its folder and start "
                "it again: the index is filled from the catalog, and nothing is embedded again"
            )
        self.rebuild()
        done = Compacted(before, self.store.disk_bytes() or 0)
        log.info("index.compacted", before_bytes=done.before_bytes, after_bytes=done.after_bytes)
        return done

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
        """Drains the queue, and looks after the index, in a thread of its own from now on."""
        self._stop.clear()
        self._wake.set()
        self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)
        self._thread.start()

    def notify(self) -> None:
        """Tells the thread that there is work."""
        self._wake.set()

    def close(self) -> None:
        """Ends the threads after the batch they are at, and closes the index."""
        self._stop.set()
        self._wake.set()
        for thread in (self._thread, self._compaction):
            if thread is not None:
                thread.join()
        self._thread = self._compaction = None
        if self._index is not None:
            self._index.close()
            self._index = None
        self.store.close()

    @property
    def _opened(self) -> VectorIndex:
        """The index, be it away or not."""
        assert self._index is not None
        return self._index

    def _lose(self, error: IndexUnavailable) -> None:
        """Notes that the index is away, so that nothing is searched before it was reconciled."""
        if self._away is None:
            log.warning("index.unavailable", error=str(error))
        self._away = str(error)
        self._wake.set()

    def _run(self) -> None:
        retry_s = _FIRST_RETRY_S
        while not self._stop.is_set():
            self._wake.wait(_LOOK_S)
            self._wake.clear()
            try:
                self._look()
                self.last_error, retry_s = None, _FIRST_RETRY_S
            except Exception as error:  # whatever it is, the queue keeps the work for the next try
                if self._stop.is_set():
                    break
                refused = isinstance(error, IndexRefuses)
                away = error if isinstance(error, IndexUnavailable) and not refused else None
                if away is not None:
                    self._lose(away)
                said = f"{type(error).__name__}: {error}"
                if not (away and said == self.last_error):  # a server that is away is told of once
                    log.error("index.failed", error=said, retry_s=retry_s)
                self.last_error = said
                self._stop.wait(retry_s)
                retry_s = min(2 * retry_s, _LOOK_S if away else _LAST_RETRY_S)
                self._wake.set()

    def _look(self) -> None:
        """Reconciles an index that was away, does what is pending, and compacts where that pays."""
        if self._away is not None or self._index is None:
            self._reconcile()
        self._in_memory()  # so that no search waits for it
        while not self._stop.is_set():
            with self._drain_lock:
                if not self._drain_some(self._opened):
                    break
        if self._stop.is_set():
            return
        with self._drain_lock:
            counts = self._catalog.counts()
            if not counts.pending and self._opened.count() != counts.passages:
                log.warning("index.differs", passages=counts.passages, found=self._opened.count())
                self._catalog.queue_difference(self._opened.ids())
                self._wake.set()
        self._compact_where_it_pays(counts.passages)

    def _compact_where_it_pays(self, passages: int) -> None:
        if time.monotonic() < self._no_compaction_before_s:
            return
        wasted = self.store.wasted_bytes(self._opened.name, passages, self._embedder.dimension)
        if wasted is None:
            return
        self._no_compaction_before_s = time.monotonic() + _COMPACT_EVERY_S
        log.info("index.compact", wasted_bytes=wasted)

        def work() -> None:
            try:
                self.compact()
            except Exception as error:  # the old index goes on, and it is tried again in an hour
                log.warning("index.compact_failed", error=f"{type(error).__name__}: {error}")

        # In a thread of its own: new articles become searchable meanwhile.
        self._compaction = threading.Thread(target=work, name="compaction", daemon=True)
        self._compaction.start()

    def _drain_some(self, index: VectorIndex) -> int:
        work = self._catalog.next_pending(_BATCH)
        if not work:
            return 0
        upserts = [w for w in work if w.operation == "upsert"]
        if upserts:
            vectors = self._vectors(upserts)
            with self._observer.timing("index"):
                index.upsert([w.passage_id for w in upserts], vectors)
                if self._flat is not None:
                    for w, vector in zip(upserts, vectors, strict=True):
                        if w.key is not None:
                            self._flat.put(w.key, w.passage_id, vector)
            self._observer.indexed("upsert", len(upserts))
        deletes = [w.passage_id for w in work if w.operation == "delete"]
        if deletes:
            with self._observer.timing("index"):
                index.delete(deletes)
                if self._flat is not None:
                    self._flat.remove(deletes)
            self._observer.indexed("delete", len(deletes))
        self._catalog.finish(work)
        return len(work)

    def _vectors(self, work: Sequence[PendingPassage]) -> Vectors:
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
        ids = index.ids()
        missing, surplus = self._catalog.difference(ids)
        if missing or surplus:
            raise IndexBroken(
                f"the vector index lacks {len(missing)} passages and has {len(surplus)} too many"
            )
        sample = self._catalog.sample_vectors(self._embedder.fingerprint, _CHECKED)
        checked = sorted(sample.keys() & ids)  # the others are queued
        lost = []
        for passage_id in checked:
            nearest = index.nearest(sample[passage_id], 1)
            if (not nearest or nearest[0][1] < _SELF_COSINE) and not any(
                sample[passage_id] @ sample[other] >= _SELF_COSINE for other in checked if other != passage_id
            ):
                lost.append(passage_id)
        if len(lost) > _LOST_SHARE * len(checked):
            raise IndexBroken(
                f"the vector index does not find {len(lost)} of {len(checked)} passages by their own "
                f"vectors, for one {lost[0]}"
            )
