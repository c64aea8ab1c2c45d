"""A catalog that the first schema's release wrote is opened by this one."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest

from service.catalog import MIGRATIONS, SCHEMA_VERSION, Catalog
from service.embeddings import HashingEmbedder
from service.errors import ConfigurationError
from service.library import catalog_file, open_library
from service.records import Filters

# Fingerprints of what has been released; a schema that changes gets a new entry at the end instead.
WRITTEN = (
    "f2d3f21789a05f65",
    "b5c3a70431ac6d23",
    "8d9c8bbf67e0b30f",
    "0b011247c72a019d",
    "0817c1e49d8f2594",
    "5e4dc1a2ba05a8b0",
    "5117726cbf4b0760",
    "6286bdc5a498833c",
)
# What the first release wrote for one article of two sentences, an older version of it and a purged article.
FIRST_ROWS = """
INSERT INTO meta VALUES ('collection', 'passages-hashing-64-64-1');
INSERT INTO versions VALUES ('jembatan', '52fc4a6bdf1b8b9f4f8c2ba8fbb94a2f1c63cd91f0a4a1b6cb3a5c2f0c6e2d10',
    'Jembatan lama', 'Jembatan lama ditutup.', 'id', NULL, NULL, NULL, NULL, '[]',
    '2026-01-01T00:00:00+00:00', NULL);
INSERT INTO versions VALUES ('jembatan', '0d5a4f1f6c5b0b0a9c7e8d2b3a4f5e6d7c8b9a0f1e2d3c4b5a69788796a5b4c3',
    'Jembatan baru', 'Jembatan Kahayan dibuka pada Maret. Panjangnya 240 meter.', 'id',
    'https://example.org/jembatan', 'Contoh', 'Sari', '2024-03-04T08:00', '["prasarana", "jembatan"]',
    '2026-01-02T00:00:00+00:00', NULL);
INSERT INTO versions VALUES ('gone', 'aaaa', NULL, NULL, 'id', NULL, NULL, NULL, NULL, '[]',
    '2026-01-01T00:00:00+00:00', '2026-01-03T00:00:00+00:00');
INSERT INTO articles VALUES ('jembatan', '0d5a4f1f6c5b0b0a9c7e8d2b3a4f5e6d7c8b9a0f1e2d3c4b5a69788796a5b4c3',
    'sentences-1/hashing-64-64', '2026-01-02T00:00:00+00:00');
INSERT INTO passages VALUES (1, 'p1', 'jembatan',
    '0d5a4f1f6c5b0b0a9c7e8d2b3a4f5e6d7c8b9a0f1e2d3c4b5a69788796a5b4c3', 0, 57, 0,
    'Jembatan Kahayan dibuka pada Maret. Panjangnya 240 meter.', '[[0,35,"sentence"],[36,57,"sentence"]]',
    x'00');
INSERT INTO keywords (rowid, title, body)
    VALUES (1, 'jembatan baru', 'jembatan kahayan buka pada maret panjang 240 meter');
INSERT INTO pending VALUES ('p1', 'jembatan', 'upsert');
PRAGMA user_version = 1;
"""


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A data folder with such a catalog."""
    opened = sqlite3.connect(catalog_file(tmp_path))
    opened.executescript(MIGRATIONS[0])
    opened.executescript(FIRST_ROWS)
    opened.close()
    return tmp_path


def test_what_was_released_stays_as_it_was() -> None:
    assert len(WRITTEN) == SCHEMA_VERSION
    assert tuple(hashlib.sha256(m.encode()).hexdigest()[:16] for m in MIGRATIONS) == WRITTEN


def test_everything_can_be_read_and_found(first: Path) -> None:
    catalog = Catalog(catalog_file(first))
    article = catalog.get_article("jembatan")
    assert (article.title, article.author, article.page_starts) == ("Jembatan baru", "Sari", ())
    old = catalog.get_article("jembatan", "52fc4a6bdf1b8b9f4f8c2ba8fbb94a2f1c63cd91f0a4a1b6cb3a5c2f0c6e2d10")
    assert old.text == "Jembatan lama ditutup."
    (hit,) = catalog.search_keywords("Kapan Jembatan Kahayan dibuka?", 5)
    assert hit.passage_id == "p1"
    for filters in (
        Filters(tags=("jembatan",)),
        Filters(source=("Contoh",), language="id"),
        Filters(published_from="2024-03-04", published_to="2024-03-04"),
    ):
        assert catalog.search_keywords("Kahayan", 5, catalog.allowed(filters))[0].passage_id == "p1"
    assert not catalog.allowed(Filters(tags=("pasar",))).members
    assert catalog.sources("/corpus") == {}
    assert catalog.integrity() == []
    catalog.close()
    with sqlite3.connect(catalog_file(first)) as opened:
        assert opened.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    opened.close()


def test_filters_of_what_was_removed_are_overwritten(first: Path) -> None:
    with sqlite3.connect(catalog_file(first)) as opened:
        for migration in MIGRATIONS[1:7]:
            opened.executescript(migration)
        opened.execute("INSERT INTO facets VALUES ('gone', 'tag', 'zqxjwv tersangka')")
        opened.execute("DELETE FROM meta WHERE key = 'vacuum_due'")
        opened.execute("PRAGMA user_version = 7")
    opened.close()
    catalog = Catalog(catalog_file(first))
    assert catalog.allowed(Filters(tags=("jembatan",))).members
    assert not any(b"zqxjwv" in file.read_bytes() for file in first.iterdir())
    catalog.close()


def test_it_is_cut_and_indexed_anew_and_answers(first: Path) -> None:
    with open_library(first, HashingEmbedder()) as library:
        library.indexer.drain()
        assert library.indexer.verify() == []
        answer = library.engine().ask("Kapan Jembatan Kahayan dibuka?")
    assert answer.answer.startswith("Jembatan Kahayan dibuka pada Maret.")


def test_a_migration_is_done_whole_or_not_at_all(first: Path) -> None:
    with sqlite3.connect(catalog_file(first)) as opened:
        opened.execute("CREATE TABLE facets (in_the_way TEXT)")
    opened.close()
    with pytest.raises(ConfigurationError, match="not a usable catalog"):
        Catalog(catalog_file(first))
    with sqlite3.connect(catalog_file(first)) as opened:
        assert opened.execute("PRAGMA user_version").fetchone() == (1,)
        assert opened.execute("SELECT 1 FROM sqlite_master WHERE name = 'pages'").fetchone() is None
    opened.close()
