"""The source of truth: one SQLite file with articles, versions, passages, keywords, cached vectors
and the vector work that is still to be done.

Every change is one transaction that also queues what the vector index must do about it, so a crash
leaves either all of it or none. All of the catalog's SQL is in this module. Readers have a
connection per thread (WAL: they never wait for a writer); writers share one, behind a lock.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from service.copies import story_bands
from service.errors import ArticleNotFound, ConfigurationError, StorageFailed, VersionNotFound, VersionPurged
from service.passages import embedding_text
from service.records import NO_FILTERS, Article, ArticleInfo, Filters, Passage, Sentence
from service.telemetry import get_logger
from service.term_scores import TermScores
from service.terms import index_terms, query_terms

log = get_logger(__name__)

_FIRST_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE versions (
    article_id TEXT NOT NULL, version TEXT NOT NULL,
    title TEXT, text TEXT, language TEXT NOT NULL, url TEXT, source TEXT, author TEXT, published TEXT,
    tags TEXT NOT NULL DEFAULT '[]', stored_at TEXT NOT NULL, purged_at TEXT,
    PRIMARY KEY (article_id, version)
);
CREATE TABLE articles (
    id TEXT PRIMARY KEY, version TEXT NOT NULL, splitter TEXT NOT NULL, updated_at TEXT NOT NULL,
    FOREIGN KEY (id, version) REFERENCES versions (article_id, version)
);
CREATE TABLE passages (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, article_id TEXT NOT NULL, version TEXT NOT NULL,
    start_char INTEGER NOT NULL, end_char INTEGER NOT NULL,
    window_start INTEGER NOT NULL, window TEXT NOT NULL, sentences TEXT NOT NULL, text_hash BLOB NOT NULL,
    FOREIGN KEY (article_id) REFERENCES articles (id)
);
CREATE INDEX passages_by_article ON passages (article_id);
CREATE INDEX passages_by_text ON passages (text_hash);
CREATE VIRTUAL TABLE keywords USING fts5 (
    title, body, detail = 'none', tokenize = "unicode61 remove_diacritics 0 tokenchars '.'''"
);
CREATE TABLE vectors (
    text_hash BLOB NOT NULL, model TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (text_hash, model)
) WITHOUT ROWID;
CREATE TABLE pending (
    passage_id TEXT PRIMARY KEY, article_id TEXT NOT NULL, operation TEXT NOT NULL
        CHECK (operation IN ('upsert', 'delete'))
) WITHOUT ROWID;
CREATE INDEX pending_by_article ON pending (article_id);
"""
_PAGES = """
CREATE TABLE pages (
    article_id TEXT NOT NULL, version TEXT NOT NULL, starts TEXT NOT NULL, PRIMARY KEY (article_id, version)
) WITHOUT ROWID;
"""
# What filters look for, of current versions: a JSON list of tags has no index.
_FACETS = """
CREATE TABLE facets (
    article_id TEXT NOT NULL, name TEXT NOT NULL CHECK (name IN ('language', 'source', 'published', 'tag')),
    value TEXT NOT NULL, PRIMARY KEY (article_id, name, value)
) WITHOUT ROWID;
CREATE INDEX facets_by_value ON facets (name, value);
INSERT OR IGNORE INTO facets
    SELECT a.id, json_extract(f.value, '$[0]'), json_extract(f.value, '$[1]')
    FROM articles a JOIN versions v ON v.article_id = a.id AND v.version = a.version,
        json_each(json_array(
            json_array('language', v.language), json_array('source', v.source),
            json_array('published', substr(v.published, 1, 10)))) f
    WHERE json_extract(f.value, '$[1]') IS NOT NULL;
INSERT OR IGNORE INTO facets
    SELECT a.id, 'tag', t.value
    FROM articles a JOIN versions v ON v.article_id = a.id AND v.version = a.version, json_each(v.tags) t;
"""
_SOURCES = """
CREATE TABLE source_files (
    folder TEXT NOT NULL, file TEXT NOT NULL, stamp TEXT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (folder, file)
) WITHOUT ROWID;
CREATE TABLE source_articles (
    folder TEXT NOT NULL, file TEXT NOT NULL, article_id TEXT NOT NULL, version TEXT NOT NULL,
    lost INTEGER NOT NULL, PRIMARY KEY (folder, file, article_id)
) WITHOUT ROWID;
CREATE INDEX source_articles_by_article ON source_articles (article_id);
CREATE INDEX source_articles_lost ON source_articles (folder) WHERE lost = 1;
"""
# Articles with the same band may tell the same story (service.copies). Those stored before are banded when
# the catalog is opened.
_STORY_BANDS = """
CREATE TABLE story_bands (
    article_id TEXT NOT NULL, band INTEGER NOT NULL, PRIMARY KEY (article_id, band)
) WITHOUT ROWID;
CREATE INDEX story_bands_by_band ON story_bands (band);
INSERT INTO meta SELECT 'bands_due', '' WHERE EXISTS (SELECT 1 FROM articles);
"""
_PENDING_SINCE = """
ALTER TABLE pending ADD COLUMN queued_at TEXT;
UPDATE pending SET queued_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now');
CREATE INDEX pending_by_age ON pending (queued_at);
"""
# Without positions in the keyword index, bm25() reads and parts each passage that matches (7 times slower at
# 10,000 passages); with a vector in the key's own tree, each takes pages of its own (2.5 times the bytes).
_KEYWORDS_WITH_POSITIONS = """
CREATE VIRTUAL TABLE keywords_anew USING fts5 (
    title, body, tokenize = "unicode61 remove_diacritics 0 tokenchars '.'''"
);
INSERT INTO keywords_anew (rowid, title, body) SELECT rowid, title, body FROM keywords;
DROP TABLE keywords;
ALTER TABLE keywords_anew RENAME TO keywords;
CREATE TABLE vectors_anew (
    text_hash BLOB NOT NULL, model TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (text_hash, model)
);
INSERT INTO vectors_anew SELECT text_hash, model, vector FROM vectors;
DROP TABLE vectors;
ALTER TABLE vectors_anew RENAME TO vectors;
INSERT OR REPLACE INTO meta SELECT 'vacuum_due', '' WHERE EXISTS (SELECT 1 FROM articles);
"""
# Source and tags of articles that were removed were kept, of purged ones too.
_NO_FACETS_LEFT = """
INSERT OR REPLACE INTO meta
    SELECT 'vacuum_due', ''
    WHERE EXISTS (SELECT 1 FROM facets WHERE article_id NOT IN (SELECT id FROM articles));
DELETE FROM facets WHERE article_id NOT IN (SELECT id FROM articles);
"""
MIGRATIONS = (
    _FIRST_SCHEMA, _PAGES, _FACETS, _SOURCES, _STORY_BANDS, _PENDING_SINCE, _KEYWORDS_WITH_POSITIONS,
    _NO_FACETS_LEFT,
)  # fmt: skip
"""The statements that lead from each schema to the next, the first from an empty file. What a release has
written is never edited: a new schema is one more entry."""
SCHEMA_VERSION = len(MIGRATIONS)

# What the text that is embedded is made of.
_EMBEDDED = "p.key, v.title, p.start_char, p.end_char, p.window_start, p.window, p.text_hash"
_SCORE = "-bm25(keywords)"  # FTS5's own sign turned round
_FAR = 2**31
_VACUUM_DUE = "vacuum_due"
_BANDS_DUE = "bands_due"
_MOST_SHARED_BANDS = 4_000
_TIED = 50
_ADMITTED = "admitted"
_REMEMBERED = 8  # lists of allowed passages, of 50 bytes a passage
_VARIABLES = 500  # well under SQLite's limit on bound variables

Operation = Literal["upsert", "delete"]
Vectors = NDArray[np.float32]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stored:
    """The outcome of a write: `changed` is False where the same content was there already."""

    id: str
    version: str
    changed: bool
    created: bool
    passages: int


@dataclass(frozen=True, slots=True)
class PendingPassage:
    """One piece of vector work. `key`, `text` and `text_hash` are None for a delete."""

    passage_id: str
    operation: Operation
    key: int | None = None
    text: str | None = None
    text_hash: bytes | None = None


class Allowed:
    """The passages that some filters admit: their `keys`, shape (passages,), in no order, and the same as a
    set. Not to be changed."""

    def __init__(self, keys: NDArray[np.int64]) -> None:
        self.keys = keys
        self.members = frozenset(keys.tolist())


@dataclass(frozen=True, slots=True)
class KeywordHit:
    """`score` is BM25, positive, higher is better (FTS5's own sign turned round)."""

    passage_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Counts:
    articles: int
    passages: int
    pending: int


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a folder as it was last taken in.

    `name` is its path relative to the folder, `articles` the version of each article it gave. A file with
    the same `stamp` need not be opened, one with the same `digest` not be read. A stamp that can't vouch for
    it is empty, and the digest of one that must be read again is no digest of a file.
    """

    name: str
    stamp: str
    digest: str
    articles: dict[str, str]


@dataclass(frozen=True, slots=True)
class Holder:
    """A file, `name` in `folder`, that gave the current version of an article."""

    article_id: str
    version: str
    folder: str
    name: str


@dataclass(frozen=True, slots=True)
class SourcesRecorded:
    """`removed`: the articles that a prune has taken out of search; `gone`: how many are left of those that
    no file gives any more."""

    removed: tuple[str, ...]
    gone: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """What can be told of a catalog without writing to it."""

    schema: int
    complaints: tuple[str, ...]
    counts: Counts


def schema_version(connection: sqlite3.Connection) -> int:
    """0 of an empty file, and of most databases of other programs. Raises sqlite3.DatabaseError for a file
    that is none."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def inspect_catalog(file: Path) -> Inspection:
    """Looks at a catalog that somebody else may own. One that SQLite cannot read has complaints, and counts
    of nothing."""
    connection = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=30)
    try:
        schema = schema_version(connection)
        found = [row[0] for row in connection.execute("PRAGMA quick_check") if row[0] != "ok"]
        counts = _counts(connection)
    except sqlite3.DatabaseError as error:
        return Inspection(0, (f"{file} is damaged or no catalog: {error}",), Counts(0, 0, 0))
    finally:
        connection.close()
    return Inspection(schema, tuple(found), counts)


class Catalog:
    """One open catalog. Safe to use from many threads.

    Raises ConfigurationError where the file was written by a newer schema or is no catalog.
    """

    def __init__(self, file: Path, scores: TermScores | None = None) -> None:
        self._file = file
        self._scores = scores or TermScores()
        self._local = threading.local()
        self._opened: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._opened_lock = threading.Lock()
        self._write_lock = threading.RLock()
        self._searched_changes, self._searched_touched = 0, False
        self._looked_up: OrderedDict[Filters, tuple[int, int, Allowed | None]] = OrderedDict()
        self._looked_up_lock = threading.Lock()
        try:
            self._writer = self._connect()
            self._prepare()
            if self.get_meta(_VACUUM_DUE) is not None:
                self._overwrite_purged()
            if self.get_meta(_BANDS_DUE) is not None:
                self._band_stories()
        except StorageFailed as error:
            self.close()
            raise ConfigurationError(str(error)) from None
        except sqlite3.DatabaseError as error:
            self.close()
            full = isinstance(error, sqlite3.OperationalError) and _is_of_storage(error)
            wrong = "cannot be written" if full else "is not a usable catalog"
            raise ConfigurationError(f"{file} {wrong}: {error}") from None

    def _prepare(self) -> None:
        found = schema_version(self._writer)
        if found > SCHEMA_VERSION:
            raise ConfigurationError(
                f"{self._file} has schema {found}, newer than {SCHEMA_VERSION} that this release knows"
            )
        if not found and self._writer.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
            raise ConfigurationError(f"{self._file} is a database of another program")
        if found < SCHEMA_VERSION:
            with self._transaction() as db:
                for migration in MIGRATIONS[found:]:
                    for statement in migration.split(";\n"):
                        if statement.strip():
                            db.execute(statement)
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._file, isolation_level=None, check_same_thread=False, timeout=30, cached_statements=256
        )
        with self._opened_lock:
            # Threads come and go with the load; what a finished one had open is of no use to anybody.
            for thread, left in [pair for pair in self._opened if not pair[0].is_alive()]:
                if left is not getattr(self, "_writer", None):
                    left.close()
                    self._opened.remove((thread, left))
            self._opened.append((threading.current_thread(), connection))
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: an acknowledged write survives power loss too, not only a killed process.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    @property
    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
            local = self._local
            connection.create_function(_ADMITTED, 1, lambda key: key in local.members)
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            self._searched_touched = False
            try:
                yield self._writer
                self._writer.execute("COMMIT")
                # Only now: who read before it, read what was before.
                self._searched_changes += self._searched_touched
            except BaseException as error:
                if self._writer.in_transaction:  # SQLite has rolled back by itself where the disk is full
                    self._writer.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError) and _is_of_storage(error):
                    raise StorageFailed(
                        f"{self._file} cannot be written: {error}; nothing of this was stored"
                    ) from None
                raise

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """Reads that see one state of the catalog."""
        connection = self._reader
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    def close(self) -> None:
        with self._write_lock, self._opened_lock:
            for _, connection in self._opened:
                connection.close()
            self._opened.clear()

    # Meta

    def get_meta(self, key: str) -> str | None:
        row = self._reader.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    # Writing

    def is_current(self, article: Article, splitter: str) -> bool:
        """Whether exactly this content, cut by this splitter, is already the current version."""
        row = self._reader.execute(
            "SELECT 1 FROM articles WHERE id = ? AND version = ? AND splitter = ?",
            (article.id, article.version, splitter),
        ).fetchone()
        return row is not None

    def store(self, articles: Sequence[tuple[Article, Sequence[Passage]]], splitter: str) -> list[Stored]:
        """Makes each article the current version of its id; one transaction for all of them.

        Durable when it returns. The same content again changes nothing.
        """
        with self._transaction() as db:
            return [self._store_one(db, article, passages, splitter) for article, passages in articles]

    def _store_one(
        self, db: sqlite3.Connection, article: Article, passages: Sequence[Passage], splitter: str
    ) -> Stored:
        version, now = article.version, _now()
        current = db.execute("SELECT version, splitter FROM articles WHERE id = ?", (article.id,)).fetchone()
        if current == (version, splitter):
            return Stored(article.id, version, False, False, len(passages))
        db.execute(
            "INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)"
            if self._is_purged(db, article.id, version)
            else "INSERT OR IGNORE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            (
                article.id, version, article.title, article.text, article.language, article.url,
                article.source, article.author, article.published,
                json.dumps(article.tags, ensure_ascii=False), now,
            ),
        )  # fmt: skip
        if article.page_starts:
            db.execute(
                "INSERT OR REPLACE INTO pages VALUES (?, ?, ?)",
                (article.id, version, json.dumps(article.page_starts, separators=(",", ":"))),
            )
        hashes: list[bytes] = []
        if current is None:
            db.execute("INSERT INTO articles VALUES (?, ?, ?, ?)", (article.id, version, splitter, now))
        else:
            hashes = self._remove_passages(db, article.id)
            db.execute(
                "UPDATE articles SET version = ?, splitter = ?, updated_at = ? WHERE id = ?",
                (version, splitter, now, article.id),
            )
        self._store_facets(db, article)
        title_terms = " ".join(index_terms(article.title, article.language))
        self._searched_touched = True
        for passage in passages:
            spans = [[s.start, s.end, s.kind] for s in passage.sentences]
            key = db.execute(
                "INSERT INTO passages (id, article_id, version, start_char, end_char, window_start,"
                " window, sentences, text_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    passage.id, article.id, version, passage.start, passage.end, passage.window_start,
                    passage.window, json.dumps(spans, separators=(",", ":")),
                    _text_hash(embedding_text(article.title, passage.text)),
                ),
            ).lastrowid  # fmt: skip
            body_terms = " ".join(index_terms(passage.text, article.language))
            db.execute(
                "INSERT INTO keywords (rowid, title, body) VALUES (?, ?, ?)", (key, title_terms, body_terms)
            )
            self._queue(db, passage.id, article.id, "upsert")
        self._store_bands(db, article.id, passages)
        self._forget_vectors(db, hashes)
        return Stored(article.id, version, True, current is None, len(passages))

    @staticmethod
    def _store_facets(db: sqlite3.Connection, article: Article) -> None:
        db.execute("DELETE FROM facets WHERE article_id = ?", (article.id,))
        values = [("language", article.language), *(("tag", tag) for tag in article.tags)]
        if article.source is not None:
            values.append(("source", article.source))
        if article.published is not None:
            values.append(("published", article.published[:10]))
        db.executemany("INSERT INTO facets VALUES (?, ?, ?)", [(article.id, *value) for value in values])

    @staticmethod
    def _store_bands(db: sqlite3.Connection, article_id: str, passages: Sequence[Passage]) -> None:
        bands = story_bands(passages)
        db.executemany("INSERT OR IGNORE INTO story_bands VALUES (?, ?)", [(article_id, b) for b in bands])

    def _band_stories(self) -> None:
        with self._transaction() as db:
            for (article_id,) in db.execute("SELECT id FROM articles ORDER BY id").fetchall():
                ids = [
                    r[0] for r in db.execute("SELECT id FROM passages WHERE article_id = ?", (article_id,))
                ]
                found = self.get_passages(ids)
                self._store_bands(db, article_id, [passage for passage, _ in found.values()])
            db.execute("DELETE FROM meta WHERE key = ?", (_BANDS_DUE,))

    @staticmethod
    def _is_purged(db: sqlite3.Connection, article_id: str, version: str) -> bool:
        return (
            db.execute(
                "SELECT 1 FROM versions WHERE article_id = ? AND version = ? AND purged_at IS NOT NULL",
                (article_id, version),
            ).fetchone()
            is not None
        )

    def _remove_passages(self, db: sqlite3.Connection, article_id: str) -> list[bytes]:
        """Removes an article's passages from search; returns the hashes of what was embedded."""
        rows = db.execute(
            "SELECT key, id, text_hash FROM passages WHERE article_id = ?", (article_id,)
        ).fetchall()
        self._searched_touched = True
        for key, passage_id, _ in rows:
            db.execute("DELETE FROM keywords WHERE rowid = ?", (key,))
            self._queue(db, passage_id, article_id, "delete")
        db.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))
        db.execute("DELETE FROM story_bands WHERE article_id = ?", (article_id,))
        return [row[2] for row in rows]

    @staticmethod
    def _queue(db: sqlite3.Connection, passage_id: str, article_id: str, operation: Operation) -> None:
        # What replaces work that is still queued has been due since then.
        db.execute(
            "INSERT INTO pending (passage_id, article_id, operation, queued_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (passage_id) DO UPDATE SET"
            " article_id = excluded.article_id, operation = excluded.operation",
            (passage_id, article_id, operation, _moment()),
        )

    def delete(self, article_id: str, purge: bool = False) -> None:
        """Takes an article out of search; with `purge`, removes every version's text and vectors.

        A version that is kept can still be read and verified; a purged one only says that it was
        there. Raises ArticleNotFound where there is nothing (left) to delete or purge.
        """
        with self._transaction() as db:
            exists = db.execute("SELECT 1 FROM articles WHERE id = ?", (article_id,)).fetchone()
            kept = db.execute(
                "SELECT 1 FROM versions WHERE article_id = ? AND purged_at IS NULL", (article_id,)
            ).fetchone()
            if not exists and not (purge and kept):
                raise ArticleNotFound(f"there is no article {article_id!r}")
            hashes = self._remove_article(db, article_id)
            if purge:
                db.execute(
                    "UPDATE versions SET title = NULL, text = NULL, url = NULL, source = NULL, author = NULL,"
                    " tags = '[]', purged_at = ? WHERE article_id = ? AND purged_at IS NULL",
                    (_now(), article_id),
                )
                db.execute("DELETE FROM pages WHERE article_id = ?", (article_id,))
                db.execute("INSERT OR REPLACE INTO meta VALUES (?, '')", (_VACUUM_DUE,))
            self._forget_vectors(db, hashes)
        if purge:
            self._overwrite_purged()

    def _remove_article(self, db: sqlite3.Connection, article_id: str) -> list[bytes]:
        hashes = self._remove_passages(db, article_id)
        db.execute("DELETE FROM facets WHERE article_id = ?", (article_id,))
        db.execute("DELETE FROM articles WHERE id = ?", (article_id,))
        return hashes

    def _overwrite_purged(self) -> None:
        """Deleted pages and the write-ahead log hold a purged text until they are overwritten. What cannot be
        done now is done with the next purge, or at the next start."""
        with self._write_lock:
            try:
                self._writer.execute("INSERT INTO keywords (keywords) VALUES ('optimize')")
                self._writer.execute("VACUUM")
                (busy, *_) = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError as error:  # no room for a second file, say; the text is removed
                log.warning("catalog.not_overwritten", reason=str(error))
                return
            if busy:  # somebody reads what was there before, a backup for one
                log.warning("catalog.not_overwritten", reason="the write-ahead log is being read")
                return
            self._writer.execute("DELETE FROM meta WHERE key = ?", (_VACUUM_DUE,))

    @staticmethod
    def _forget_vectors(db: sqlite3.Connection, hashes: Iterable[bytes]) -> None:
        for text_hash in hashes:
            db.execute(
                "DELETE FROM vectors WHERE text_hash = ?"
                " AND NOT EXISTS (SELECT 1 FROM passages WHERE text_hash = vectors.text_hash)",
                (text_hash,),
            )

    def outdated(self, splitter: str) -> list[str]:
        """Ids of the articles that another splitter cut, in order."""
        rows = self._reader.execute("SELECT id FROM articles WHERE splitter <> ? ORDER BY id", (splitter,))
        return [row[0] for row in rows]

    # Where articles came from

    def sources(self, folder: str) -> dict[str, SourceFile]:
        """The files of a folder as they were last taken in, by name; those that are gone left out."""
        with self._snapshot() as db:
            rows = db.execute(
                "SELECT file, stamp, digest FROM source_files WHERE folder = ? ORDER BY file", (folder,)
            ).fetchall()
            files = {name: SourceFile(name, stamp, digest, {}) for name, stamp, digest in rows}
            for file, article_id, version in db.execute(
                "SELECT file, article_id, version FROM source_articles WHERE folder = ? AND lost = 0",
                (folder,),
            ):
                files[file].articles[article_id] = version
        return files

    def holders(self, folder: str, article_ids: Sequence[str]) -> list[Holder]:
        """The files of other folders that gave these articles as they are now; of an article that `folder`
        gave as well, none."""
        found: list[Holder] = []
        for some in _batches(article_ids):
            rows = self._reader.execute(
                "SELECT s.article_id, s.version, s.folder, s.file FROM source_articles s"
                " JOIN articles a ON a.id = s.article_id AND a.version = s.version"
                f" WHERE s.article_id IN ({_marks(some)}) AND s.folder <> ? AND s.lost = 0 AND NOT EXISTS"
                " (SELECT 1 FROM source_articles o"
                " WHERE o.article_id = s.article_id AND o.version = s.version AND o.folder = ?"
                " AND o.lost = 0)"
                " ORDER BY s.article_id, s.folder, s.file",
                (*some, folder, folder),
            )
            found += [Holder(*row) for row in rows]
        return found

    def record_sources(
        self, folder: str, files: Sequence[SourceFile], gone: Sequence[str] = (), prune: bool = False
    ) -> SourcesRecorded:
        """Notes what files of a folder gave, and which are gone.

        With `prune`, also removes the articles that came from the folder and that no file gives any more as
        they are, whichever call noted that; not those that were replaced since by other means. One
        transaction.
        """
        removed: list[str] = []
        with self._transaction() as db:
            for name in (*gone, *(file.name for file in files)):
                db.execute(
                    "UPDATE source_articles SET lost = 1 WHERE folder = ? AND file = ?", (folder, name)
                )
            for name in gone:
                db.execute("DELETE FROM source_files WHERE folder = ? AND file = ?", (folder, name))
            for file in files:
                db.execute(
                    "INSERT OR REPLACE INTO source_files VALUES (?, ?, ?, ?)",
                    (folder, file.name, file.stamp, file.digest),
                )
                db.executemany(
                    "INSERT OR REPLACE INTO source_articles VALUES (?, ?, ?, ?, 0)",
                    [
                        (folder, file.name, article_id, version)
                        for article_id, version in file.articles.items()
                    ],
                )
            orphans = [
                row[0]
                for row in db.execute(
                    "SELECT DISTINCT a.id FROM source_articles s"
                    " JOIN articles a ON a.id = s.article_id AND a.version = s.version"
                    " WHERE s.folder = ? AND s.lost = 1 AND NOT EXISTS"
                    " (SELECT 1 FROM source_articles o"
                    " WHERE o.article_id = s.article_id AND o.version = s.version AND o.lost = 0)"
                    " ORDER BY a.id",
                    (folder,),
                )
            ]
            if prune:
                for article_id in orphans:
                    self._forget_vectors(db, self._remove_article(db, article_id))
                db.execute("DELETE FROM source_articles WHERE folder = ? AND lost = 1", (folder,))
                removed, orphans = orphans, []
        return SourcesRecorded(tuple(removed), len(orphans))

    # Reading articles

    def get_article(self, article_id: str, version: str | None = None) -> Article:
        """An article in its current version, or in the one named.

        Raises ArticleNotFound, VersionNotFound or VersionPurged.
        """
        with self._snapshot() as db:
            if version is None:
                row = db.execute("SELECT version FROM articles WHERE id = ?", (article_id,)).fetchone()
                if row is None:
                    raise ArticleNotFound(f"there is no article {article_id!r}")
                version = row[0]
            row = db.execute(
                "SELECT title, text, language, url, source, author, published, tags, starts, purged_at"
                " FROM versions LEFT JOIN pages USING (article_id, version)"
                " WHERE article_id = ? AND version = ?",
                (article_id, version),
            ).fetchone()
            if row is None:
                known = db.execute("SELECT 1 FROM versions WHERE article_id = ?", (article_id,)).fetchone()
                if known is None:
                    raise ArticleNotFound(f"there is no article {article_id!r}")
                raise VersionNotFound(f"article {article_id!r} has no version {version}")
        if row[9] is not None:
            raise VersionPurged(f"version {version} of article {article_id!r} was purged on {row[9]}")
        return _article(article_id, *row[:9])

    def current_version(self, article_id: str) -> str | None:
        """The version that is searched; None for an article that was deleted or never there."""
        row = self._reader.execute("SELECT version FROM articles WHERE id = ?", (article_id,)).fetchone()
        return row[0] if row else None

    def quotation(
        self, article_id: str, version: str, start: int, end: int
    ) -> tuple[Literal["unknown_article", "unknown_version", "purged", "out_of_range"] | None, str]:
        """(None, `text[start:end]`) of a version, or (why there is none, "")."""
        row = self._reader.execute(
            "SELECT substr(text, ?, ?), length(text), purged_at FROM versions"
            " WHERE article_id = ? AND version = ?",
            # Clamped to what SQLite's integers hold; the range is checked against the length below.
            (min(start, _FAR) + 1, max(0, min(end, _FAR) - min(start, _FAR)), article_id, version),
        ).fetchone()
        if row is None:
            known = self._reader.execute("SELECT 1 FROM versions WHERE article_id = ?", (article_id,))
            return ("unknown_version" if known.fetchone() else "unknown_article"), ""
        text, length, purged_at = row
        if purged_at is not None:
            return "purged", ""
        if not 0 <= start < end <= length:
            return "out_of_range", ""
        return None, text

    def list_articles(self, filters: Filters, after: str | None, limit: int) -> list[tuple[Article, str]]:
        """(article without its text and pages, its version), in id order, after the id `after`."""
        where, values = _filter_sql(filters)
        rows = self._reader.execute(
            "SELECT a.id, v.title, '', v.language, v.url, v.source, v.author, v.published, v.tags, v.version"
            " FROM articles a JOIN versions v ON v.article_id = a.id AND v.version = a.version"
            f" WHERE {where} AND a.id > ? ORDER BY a.id LIMIT ?",
            (*values, after or "", limit),
        )
        return [(_article(*row[:9]), row[9]) for row in rows]

    def counts(self) -> Counts:
        with self._snapshot() as db:
            return _counts(db)

    def passage_total(self) -> int:
        """How many current passages there are. (To count 100,000 takes a millisecond.)"""
        return int(self._reader.execute("SELECT count(*) FROM passages").fetchone()[0])

    def passage_count(self, article_id: str) -> int:
        row = self._reader.execute("SELECT count(*) FROM passages WHERE article_id = ?", (article_id,))
        return int(row.fetchone()[0])

    def is_indexed(self, article_id: str) -> bool:
        """Whether no vector work of this article is left."""
        row = self._reader.execute("SELECT 1 FROM pending WHERE article_id = ? LIMIT 1", (article_id,))
        return row.fetchone() is None

    # Searching

    def search_keywords(self, question: str, limit: int, allowed: Allowed | None = None) -> list[KeywordHit]:
        """Current passages that share a term with the question, of those `allowed` where that is given; best
        first, ties in passage id order, and beyond `_TIED` of them in the order in which they were stored."""
        terms = [term for term in query_terms(question) if _is_one_token(term)]
        if not terms:
            return []
        change = self._searched_changes
        with self._snapshot() as db:
            if self._scores.is_settled(change):
                among = None if allowed is None else allowed.keys
                best = self._scores.best(terms, limit + _TIED, change, self._scores_of, among)
            else:
                best = self._best_of(terms, limit + _TIED, allowed)
            # Ids are looked up for the best alone: that of every match would take as long as scoring it.
            ids = dict(
                db.execute(
                    "SELECT key, id FROM passages WHERE key IN (SELECT value FROM json_each(?))",
                    (json.dumps([key for key, _ in best]),),
                ).fetchall()
            )
        hits = [KeywordHit(ids[key], score) for key, score in best if key in ids]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage_id))[:limit]

    def _best_of(self, terms: Sequence[str], limit: int, allowed: Allowed | None) -> list[tuple[int, float]]:
        """(key, score) of the best passages that have one of the terms, ties in key order; what
        `TermScores.best` gives, in one go."""
        # A function is asked before a match is scored, which a join would take longer than; and a list of
        # keys in SQL is looked through by FTS5 once for each key.
        admitted = "TRUE"
        if allowed is not None:
            self._local.members = allowed.members
            admitted = f"{_ADMITTED}(keywords.rowid)"
        return self._reader.execute(
            f"SELECT keywords.rowid, {_SCORE} AS score FROM keywords WHERE keywords MATCH ? AND {admitted}"
            " ORDER BY score DESC, keywords.rowid LIMIT ?",
            (_any(terms), limit),
        ).fetchall()

    def _scores_of(self, term: str) -> Iterator[tuple[int, float]]:
        return self._reader.execute(
            f"SELECT keywords.rowid, {_SCORE} FROM keywords WHERE keywords MATCH ?", (_quoted(term),)
        )

    def has_term(self, term: str) -> bool:
        """Whether a current passage or its title has this term (a stem, folded)."""
        if not _is_one_token(term):
            return False
        row = self._reader.execute("SELECT 1 FROM keywords WHERE keywords MATCH ? LIMIT 1", (_quoted(term),))
        return row.fetchone() is not None

    def terms_beginning(self, letters: str) -> list[str]:
        """The terms of all current passages that begin with these letters, in order."""
        connection = self._reader
        connection.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab('main', 'keywords', 'row')"
        )
        rows = connection.execute(
            "SELECT term FROM temp.vocabulary WHERE term >= ? AND term < ?", (letters, f"{letters}\U0010ffff")
        )
        return [row[0] for row in rows]

    def with_term(self, terms: Sequence[str], limit: int = 50) -> dict[int, str]:
        """Texts of the current passages that have one of the terms, by a number of the passage's; those where
        the terms weigh most (BM25), at most `limit`."""
        known = [term for term in terms if _is_one_token(term)]
        if not known:
            return {}
        rows = self._reader.execute(
            "SELECT p.key, substr(p.window, p.start_char - p.window_start + 1, p.end_char - p.start_char)"
            " FROM keywords JOIN passages p ON p.key = keywords.rowid"
            f" WHERE keywords MATCH ? ORDER BY {_SCORE} DESC, p.id LIMIT ?",
            (_any(known), limit),
        )
        return dict(rows.fetchall())

    def allowed(self, filters: Filters) -> Allowed:
        """The current passages that pass the filters; remembered until an article comes or goes."""
        found = self.allowed_at_most(filters, _FAR)
        assert found is not None
        return found

    def allowed_at_most(self, filters: Filters, most: int) -> Allowed | None:
        """The same, or None where they are more than `most` and are not remembered."""
        change = self._searched_changes
        with self._looked_up_lock:
            at, asked, found = self._looked_up.get(filters, (-1, 0, None))
            if at == change and (found is not None or most <= asked):
                self._looked_up.move_to_end(filters)
                return found
        found = self._read_allowed(filters, most)
        with self._looked_up_lock:
            self._looked_up[filters] = change, most, found
            self._looked_up.move_to_end(filters)
            while len(self._looked_up) > _REMEMBERED:
                self._looked_up.popitem(last=False)
        return found

    def _read_allowed(self, filters: Filters, most: int) -> Allowed | None:
        where, values = _facet_sql(filters)
        # One string for all of them: a row each takes three times as long.
        keys, count = self._reader.execute(
            f"SELECT group_concat(key), count(*) FROM (SELECT p.key FROM passages p WHERE {where} LIMIT ?)",
            (*values, most + 1),
        ).fetchone()
        return None if count > most else Allowed(np.fromstring(keys or "", dtype=np.int64, sep=","))

    def current_passages(self, passage_ids: Sequence[str], filters: Filters = NO_FILTERS) -> set[str]:
        """Those of `passage_ids` that are current and pass the filters."""
        return {row[0] for row in self._passage_rows("p.id", passage_ids, filters)}

    def get_passages(
        self, passage_ids: Sequence[str], filters: Filters = NO_FILTERS
    ) -> dict[str, tuple[Passage, ArticleInfo]]:
        """The current ones among `passage_ids` that pass the filters. Others are left out."""
        columns = (
            "p.id, p.article_id, p.version, p.start_char, p.end_char, p.sentences, p.window_start, p.window,"
            " v.title, v.url, v.source, v.published, v.language,"
            " (SELECT starts FROM pages g WHERE g.article_id = v.article_id AND g.version = v.version)"
        )
        return {
            row[0]: (_passage(*row[:8]), _info(*row[8:]))
            for row in self._passage_rows(columns, passage_ids, filters)
        }

    def related(self, article_id: str, filters: Filters, limit: int) -> list[str]:
        """Ids of other current articles that may tell the same story and pass the filters, those that share
        most bands first, ties in id order."""
        where, values = _filter_sql(filters)
        rows = self._reader.execute(
            "SELECT s.article_id FROM ("
            " SELECT other.article_id FROM story_bands own JOIN story_bands other ON other.band = own.band"
            " WHERE own.article_id = ? AND other.article_id <> own.article_id LIMIT ?) s"
            " JOIN articles a ON a.id = s.article_id"
            " JOIN versions v ON v.article_id = a.id AND v.version = a.version"
            f" WHERE {where} GROUP BY s.article_id ORDER BY count(*) DESC, s.article_id LIMIT ?",
            (article_id, _MOST_SHARED_BANDS, *values, limit),
        )
        return [row[0] for row in rows]

    def get_languages(self, passage_ids: Sequence[str]) -> dict[str, str]:
        """The language of the article of each current passage among `passage_ids`."""
        return dict(self._passage_rows("p.id, v.language", passage_ids, NO_FILTERS))

    def _passage_rows(
        self, columns: str, passage_ids: Sequence[str], filters: Filters
    ) -> Iterator[tuple[Any, ...]]:
        where, values = _filter_sql(filters)
        for ids in _batches(passage_ids):
            yield from self._reader.execute(
                f"SELECT {columns} FROM passages p"
                " JOIN articles a ON a.id = p.article_id AND a.version = p.version"
                " JOIN versions v ON v.article_id = a.id AND v.version = a.version"
                f" WHERE p.id IN ({_marks(ids)}) AND {where}",
                (*ids, *values),
            )

    def get_vectors(self, passage_ids: Sequence[str], model: str) -> dict[str, Vectors]:
        """The cached unit vector of each current passage that has one for this model."""
        found: dict[str, Vectors] = {}
        for ids in _batches(passage_ids):
            rows = self._reader.execute(
                "SELECT p.id, e.vector FROM passages p JOIN vectors e ON e.text_hash = p.text_hash"
                f" WHERE e.model = ? AND p.id IN ({_marks(ids)})",
                (model, *ids),
            )
            found.update((row[0], np.frombuffer(row[1], dtype=np.float32)) for row in rows)
        return found

    def all_vectors(self, model: str) -> Iterator[tuple[int, str, Vectors]]:
        """(key, passage id, unit vector) of each current passage that has one for this model."""
        with self._snapshot() as db:
            ids = dict(db.execute("SELECT key, id FROM passages"))
            rows = db.execute(
                "SELECT p.key, e.vector FROM vectors e JOIN passages p ON p.text_hash = e.text_hash"
                " WHERE e.model = ?",
                (model,),
            )
            for key, vector in rows:
                yield key, ids[key], np.frombuffer(vector, dtype=np.float32)

    # Vector work

    def next_pending(self, limit: int) -> list[PendingPassage]:
        """Some of the vector work, in passage id order. An upsert of a passage that is gone is not
        listed: its delete replaced it."""
        rows = self._reader.execute(
            f"SELECT q.passage_id, q.operation, {_EMBEDDED} FROM pending q"
            " LEFT JOIN passages p ON p.id = q.passage_id"
            " LEFT JOIN versions v ON v.article_id = p.article_id AND v.version = p.version"
            " ORDER BY q.passage_id LIMIT ?",
            (limit,),
        )
        return [_pending(*row) for row in rows]

    def passages_after(self, passage_id: str, limit: int) -> list[PendingPassage]:
        """The next current passages in id order, as work that would index them."""
        rows = self._reader.execute(
            f"SELECT p.id, 'upsert', {_EMBEDDED} FROM passages p"
            " JOIN versions v ON v.article_id = p.article_id AND v.version = p.version"
            " WHERE p.id > ? ORDER BY p.id LIMIT ?",
            (passage_id, limit),
        )
        return [_pending(*row) for row in rows]

    def passages_to_index(self, passage_ids: Sequence[str]) -> list[PendingPassage]:
        """The current ones among `passage_ids`, as work that would index them."""
        columns = f"p.id, 'upsert', {_EMBEDDED}"
        return [_pending(*row) for row in self._passage_rows(columns, passage_ids, NO_FILTERS)]

    def pending_age_s(self) -> float:
        """How long the oldest vector work has been waiting, in seconds; 0 where there is none."""
        (oldest,) = self._reader.execute("SELECT min(queued_at) FROM pending").fetchone()
        if oldest is None:
            return 0.0
        return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(oldest)).total_seconds())

    def cached_vectors(self, hashes: Sequence[bytes], model: str) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        for some in _batches(hashes):
            rows = self._reader.execute(
                f"SELECT text_hash, vector FROM vectors WHERE model = ? AND text_hash IN ({_marks(some)})",
                (model, *some),
            )
            found.update((row[0], np.frombuffer(row[1], dtype=np.float32)) for row in rows)
        return found

    def cache_vectors(self, vectors: dict[bytes, Vectors], model: str) -> None:
        with self._transaction() as db:
            db.executemany(
                # Only for texts that are still there: a purge meanwhile must stay one.
                "INSERT OR REPLACE INTO vectors SELECT :hash, :model, :vector"
                " WHERE EXISTS (SELECT 1 FROM passages WHERE text_hash = :hash)",
                [
                    {"hash": h, "model": model, "vector": np.asarray(v, dtype=np.float32).tobytes()}
                    for h, v in vectors.items()
                ],
            )

    def finish(self, work: Sequence[PendingPassage]) -> None:
        """Takes finished work off the queue, unless the passage was queued anew for the other."""
        with self._transaction() as db:
            db.executemany(
                "DELETE FROM pending WHERE passage_id = ? AND operation = ?",
                [(w.passage_id, w.operation) for w in work],
            )

    def difference(self, indexed: set[str]) -> tuple[set[str], set[str]]:
        """Passages that an index holding `indexed` lacks, and those it has too many. What is still
        queued is neither."""
        with self._snapshot() as db:
            current = {row[0] for row in db.execute("SELECT id FROM passages")}
            queued = {row[0] for row in db.execute("SELECT passage_id FROM pending")}
        return current - indexed - queued, indexed - current - queued

    def queue_difference(self, indexed: set[str]) -> tuple[int, int]:
        """Queues what makes an index that holds `indexed` equal to the current passages.

        Returns how many passages were missing from the index, and how many too many in it.
        """
        with self._transaction() as db:
            missing, surplus = self.difference(indexed)
            for passage_id in sorted(missing):
                db.execute(
                    "INSERT OR REPLACE INTO pending (passage_id, article_id, operation, queued_at)"
                    " SELECT id, article_id, 'upsert', ? FROM passages WHERE id = ?",
                    (_moment(), passage_id),
                )
            for passage_id in sorted(surplus):
                self._queue(db, passage_id, "", "delete")
        return len(missing), len(surplus)

    def sample_vectors(self, model: str, count: int) -> dict[str, Vectors]:
        """The cached vectors of the first `count` current passages in id order."""
        rows = self._reader.execute("SELECT id FROM passages ORDER BY id LIMIT ?", (count,))
        return self.get_vectors([row[0] for row in rows], model)

    def forget_other_models(self, model: str) -> None:
        """Drops cached vectors of other models: they belong to no collection any more."""
        with self._transaction() as db:
            db.execute("DELETE FROM vectors WHERE model <> ?", (model,))

    def altered_versions(self) -> list[str]:
        """A complaint for each version whose text, fields and pages are not those that its name, their
        SHA-256, stands for."""
        rows = self._reader.execute("SELECT article_id, version FROM versions WHERE purged_at IS NULL")
        return [
            f"version {version} of article {article_id!r} was altered"
            for article_id, version in rows.fetchall()
            if self.get_article(article_id, version).version != version
        ]

    def integrity(self) -> list[str]:
        """What SQLite's own checks complain about; empty where all is well."""
        connection = self._reader
        complaints = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        complaints += [f"foreign key: {row}" for row in connection.execute("PRAGMA foreign_key_check")]
        missing = connection.execute(
            "SELECT count(*) FROM passages WHERE key NOT IN (SELECT rowid FROM keywords)"
        ).fetchone()[0]
        if missing:
            complaints.append(f"{missing} passages have no keywords")
        return complaints


def _counts(db: sqlite3.Connection) -> Counts:
    articles, passages, pending = (
        db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("articles", "passages", "pending")
    )
    return Counts(articles, passages, pending)


def _pending(
    passage_id: str,
    operation: str,
    key: int,
    title: str,
    start: int,
    end: int,
    window_start: int,
    window: str | None,  # like the others from `key` on, None where the passage is gone
    text_hash: bytes,
) -> PendingPassage:
    if operation == "delete" or window is None:
        return PendingPassage(passage_id, "delete")
    text = embedding_text(title, window[start - window_start : end - window_start])
    return PendingPassage(passage_id, "upsert", key, text, text_hash)


def _article(
    article_id: str,
    title: str,
    text: str,
    language: str,
    url: str | None,
    source: str | None,
    author: str | None,
    published: str | None,
    tags: str,
    page_starts: str | None = None,
) -> Article:
    return Article(
        article_id, title, text, language, url, source, author, published, tuple(json.loads(tags)),
        _page_starts(page_starts),
    )  # fmt: skip


def _info(
    title: str, url: str | None, source: str | None, published: str | None, language: str, starts: str | None
) -> ArticleInfo:
    return ArticleInfo(title, url, source, published, language, _page_starts(starts))


def _page_starts(stored: str | None) -> tuple[int, ...]:
    return () if stored is None else tuple(json.loads(stored))


def _passage(
    passage_id: str,
    article_id: str,
    version: str,
    start: int,
    end: int,
    sentences: str,
    window_start: int,
    window: str,
) -> Passage:
    return Passage(
        id=passage_id,
        article_id=article_id,
        version=version,
        start=start,
        end=end,
        text=window[start - window_start : end - window_start],
        sentences=tuple(Sentence(*span) for span in json.loads(sentences)),
        window_start=window_start,
        window=window,
    )


def _is_one_token(term: str) -> bool:
    """Whether SQLite's tokenizer takes a term for one token. It knows the letters of Unicode 6.1 and cuts at
    newer ones, and a keyword index without positions refuses the phrase that comes out."""
    known = unicodedata.ucd_3_2_0
    return all(c in ".'" or known.category(c)[0] in "LN" for c in term)


def _quoted(term: str) -> str:
    """A term as a string of FTS5's query language."""
    return '"{}"'.format(term.replace('"', '""'))


def _any(terms: Sequence[str]) -> str:
    """The FTS5 query for passages that have one of the terms."""
    return " OR ".join(map(_quoted, terms))


def _facet_sql(filters: Filters) -> tuple[str, list[object]]:
    """The same condition as `_filter_sql`, over passages `p`, in a form that needs nothing but indexes."""
    conditions: list[str] = []
    values: list[object] = []

    def admit(name: str, condition: str, *wanted: object) -> None:
        conditions.append(
            f"p.article_id IN (SELECT article_id FROM facets WHERE name = '{name}' AND {condition})"
        )
        values.extend(wanted)

    if filters.article_ids:
        conditions.append("p.article_id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(filters.article_ids))
    if filters.tags:
        admit("tag", f"value IN ({_marks(filters.tags)})", *filters.tags)
    if filters.source:
        admit("source", f"value IN ({_marks(filters.source)})", *filters.source)
    if filters.published_from is not None or filters.published_to is not None:
        first, last = filters.published_from or "", filters.published_to or "9999-12-31"
        admit("published", "value BETWEEN ? AND ?", first, last)
    if filters.language is not None:
        admit("language", "value = ?", filters.language)
    if filters.not_after is not None:
        conditions.append(
            "p.article_id NOT IN (SELECT article_id FROM facets WHERE name = 'published' AND value > ?)"
        )
        values.append(filters.not_after)
    return " AND ".join(conditions) or "TRUE", values


def _filter_sql(filters: Filters) -> tuple[str, list[object]]:
    """A condition over articles `a` and versions `v`, and its values."""
    conditions: list[str] = []
    values: list[object] = []
    if filters.language is not None:
        conditions.append("v.language = ?")
        values.append(filters.language)
    for column, wanted in (("v.source", filters.source), ("a.id", filters.article_ids)):
        if wanted:
            conditions.append(f"{column} IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(wanted))
    if filters.tags:
        marks = _marks(filters.tags)
        conditions.append(
            "EXISTS (SELECT 1 FROM facets f"
            f" WHERE f.article_id = a.id AND f.name = 'tag' AND f.value IN ({marks}))"
        )
        values.extend(filters.tags)
    if filters.published_from is not None:
        conditions.append("substr(v.published, 1, 10) >= ?")
        values.append(filters.published_from)
    if filters.published_to is not None:
        conditions.append("substr(v.published, 1, 10) <= ?")
        values.append(filters.published_to)
    if filters.not_after is not None:
        conditions.append("(v.published IS NULL OR substr(v.published, 1, 10) <= ?)")
        values.append(filters.not_after)
    return " AND ".join(conditions) or "TRUE", values


def _is_of_storage(error: sqlite3.OperationalError) -> bool:
    primary = error.sqlite_errorcode & 0xFF  # the rest says more of the same
    return primary in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for i in range(0, len(items), _VARIABLES):
        yield items[i : i + _VARIABLES]


def _marks(items: Sequence[object]) -> str:
    return ",".join("?" * len(items))


def _text_hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
