from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalog import Catalog, Stored
from service.embeddings import HashingEmbedder
from service.errors import ArticleNotFound, ConfigurationError, VersionNotFound, VersionPurged
from service.passages import split_article
from service.records import NO_FILTERS, Article, Filters
from tests.conftest import ARTICLES, BRIDGE, LIGHTHOUSE, MARKET

EMBEDDER = HashingEmbedder()


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite3")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def filtered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """The three articles, and one that says nothing about itself."""
    opened = Catalog(tmp_path_factory.mktemp("filtered") / "catalog.sqlite3")
    store(opened, *ARTICLES, Article("plain", "Polos", "Tanpa tanggal dan sumber.", "id"))
    yield opened
    opened.close()


def store(catalog: Catalog, *articles: Article, splitter: str = "s") -> list[Stored]:
    return catalog.store(
        [(a, split_article(a, EMBEDDER.count_tokens, EMBEDDER.max_tokens, splitter)) for a in articles],
        splitter,
    )


def allowed(catalog: Catalog, filters: Filters) -> set[str]:
    """Ids of the passages whose keys pass the filters."""
    ids = dict(catalog._reader.execute("SELECT key, id FROM passages"))
    return {ids[key] for key in catalog.allowed(filters).members}


def found(catalog: Catalog, question: str, filters: Filters | None = None) -> list[str]:
    hits = catalog.search_keywords(question, 50, None if filters is None else catalog.allowed(filters))
    passages = catalog.get_passages([h.passage_id for h in hits])
    return [passages[h.passage_id][0].article_id for h in hits]


def test_same_content_changes_nothing(catalog: Catalog) -> None:
    (first,) = store(catalog, BRIDGE)
    work = catalog.next_pending(100)
    catalog.finish(work)
    (second,) = store(catalog, BRIDGE)
    assert (first.created, first.changed) == (True, True)
    assert (second.created, second.changed) == (False, False)
    assert second.version == first.version == BRIDGE.version
    assert catalog.next_pending(100) == []


def test_a_new_version_replaces_passages_and_keywords_and_keeps_the_old_text(catalog: Catalog) -> None:
    store(catalog, BRIDGE)
    changed = replace(BRIDGE, text="Terowongan Sebangau ditutup.")
    (stored,) = store(catalog, changed)
    assert (stored.created, stored.changed) == (False, True)
    assert catalog.get_article(BRIDGE.id) == changed
    assert catalog.get_article(BRIDGE.id, BRIDGE.version) == BRIDGE
    assert found(catalog, "gubernur") == []
    assert found(catalog, "terowongan") == [BRIDGE.id]


def test_going_back_to_an_old_version(catalog: Catalog) -> None:
    store(catalog, BRIDGE)
    store(catalog, replace(BRIDGE, text="Lain sekali."))
    store(catalog, BRIDGE)
    assert catalog.current_version(BRIDGE.id) == BRIDGE.version
    assert found(catalog, "gubernur") == [BRIDGE.id]


def test_two_articles_of_the_same_content_are_two(catalog: Catalog) -> None:
    store(catalog, BRIDGE, replace(BRIDGE, id="salinan"))
    assert sorted(found(catalog, "gubernur")) == ["jembatan", "salinan"]


def test_a_word_in_a_script_that_sqlite_does_not_know_is_no_error(catalog: Catalog) -> None:
    adlam = "\U0001e900\U0001e923\U0001e924"
    assert catalog.search_keywords(f"{adlam} jembatan", 5) == catalog.search_keywords("jembatan", 5)
    assert catalog.search_keywords(adlam, 5) == []


def test_keywords_find_each_language_by_its_own_stems(catalog: Catalog) -> None:
    store(catalog, *ARTICLES)
    assert found(catalog, "membuka jembatan")[0] == BRIDGE.id
    assert found(catalog, "who builds lighthouses")[0] == LIGHTHOUSE.id
    assert found(catalog, "16.83") == [BRIDGE.id]
    assert found(catalog, "zzz") == []
    assert found(catalog, 'a"b OR NEAR( *') == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), {"jembatan", "pasar", "lighthouse"}),
        (Filters(language="en"), {"lighthouse"}),
        (Filters(source=("Warta", "Example")), {"pasar", "lighthouse"}),
        (Filters(article_ids=("jembatan", "tidak ada")), {"jembatan"}),
        (Filters(tags=("pasar", "sea")), {"pasar", "lighthouse"}),
        (Filters(published_from="2023-05-20"), {"jembatan", "pasar"}),
        (Filters(published_to="2023-05-20"), {"pasar", "lighthouse"}),
        (Filters(published_from="2023-05-20", published_to="2023-05-20"), {"pasar"}),
        (Filters(language="id", source=("Example",)), set()),
    ],
)
def test_filters(catalog: Catalog, filters: Filters, expected: set[str]) -> None:
    store(catalog, *ARTICLES)
    assert {a.id for a, _ in catalog.list_articles(filters, None, 100)} == expected
    everything = catalog.get_passages(sorted(allowed(catalog, filters)))
    assert {p.article_id for p, _ in everything.values()} == expected
    assert set(found(catalog, "jembatan pasar lighthouse", filters)) == expected


def test_an_article_without_a_date_passes_no_date_filter(catalog: Catalog) -> None:
    store(catalog, replace(MARKET, published=None))
    assert catalog.list_articles(Filters(published_from="0001-01-01"), None, 9) == []


def test_delete_keeps_versions_and_purge_does_not(catalog: Catalog) -> None:
    store(catalog, BRIDGE)
    catalog.delete(BRIDGE.id)
    with pytest.raises(ArticleNotFound):
        catalog.get_article(BRIDGE.id)
    assert catalog.get_article(BRIDGE.id, BRIDGE.version) == BRIDGE
    assert catalog.quotation(BRIDGE.id, BRIDGE.version, 0, 8) == (None, "Jembatan")
    with pytest.raises(ArticleNotFound):
        catalog.delete(BRIDGE.id)
    catalog.delete(BRIDGE.id, purge=True)
    with pytest.raises(VersionPurged):
        catalog.get_article(BRIDGE.id, BRIDGE.version)
    assert catalog.quotation(BRIDGE.id, BRIDGE.version, 0, 8) == ("purged", "")
    with pytest.raises(ArticleNotFound):
        catalog.delete(BRIDGE.id, purge=True)


def test_purged_text_is_nowhere_in_the_file(catalog: Catalog, tmp_path: Path) -> None:
    secret = replace(
        BRIDGE, text="Kata sandi rahasianya zqxjwv.", source="Sumber zqxjwv", tags=("zqxjwv tersangka",)
    )
    store(catalog, secret, MARKET)
    catalog.delete(BRIDGE.id, purge=True)
    data = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"zqxjwv" not in data
    assert b"Melati" in data


def test_a_purge_that_could_not_overwrite_is_finished_at_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "catalog.sqlite3"

    def left() -> bool:
        return any(b"zqxjwv" in path.read_bytes() for path in tmp_path.iterdir())

    catalog = Catalog(file)
    store(catalog, replace(BRIDGE, text="Kata sandi rahasianya zqxjwv."), MARKET)
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM versions").fetchone()  # a backup, say
        catalog._writer.execute("PRAGMA busy_timeout = 100")
        catalog.delete(BRIDGE.id, purge=True)
        with pytest.raises(ArticleNotFound):
            catalog.get_article(BRIDGE.id)
        assert left()
        catalog._writer.execute("PRAGMA busy_timeout = 30000")
    catalog.close()
    with closing(Catalog(file)):
        assert not left()


def test_an_article_purged_can_come_back(catalog: Catalog) -> None:
    store(catalog, BRIDGE)
    catalog.delete(BRIDGE.id, purge=True)
    store(catalog, BRIDGE)
    assert catalog.get_article(BRIDGE.id) == BRIDGE


def test_unknown_versions(catalog: Catalog) -> None:
    store(catalog, BRIDGE)
    with pytest.raises(VersionNotFound):
        catalog.get_article(BRIDGE.id, "0" * 64)
    with pytest.raises(ArticleNotFound):
        catalog.get_article("tidak ada", "0" * 64)


def test_pages_of_articles(catalog: Catalog) -> None:
    store(catalog, *(replace(MARKET, id=f"a{i:02}") for i in range(7)))
    first = catalog.list_articles(Filters(), None, 4)
    rest = catalog.list_articles(Filters(), first[-1][0].id, 4)
    assert [a.id for a, _ in first + rest] == [f"a{i:02}" for i in range(7)]


def test_vectors_are_cached_only_for_texts_that_are_there(catalog: Catalog) -> None:
    store(catalog, BRIDGE)
    (work,) = catalog.next_pending(10)
    assert work.text_hash is not None
    vector = np.ones(4, dtype=np.float32)
    catalog.cache_vectors({work.text_hash: vector, b"gone": vector}, "m")
    assert set(catalog.cached_vectors([work.text_hash, b"gone"], "m")) == {work.text_hash}
    assert catalog.cached_vectors([work.text_hash], "other") == {}
    store(catalog, replace(BRIDGE, text="Lain."))
    assert catalog.cached_vectors([work.text_hash], "m") == {}


def test_work_queued_anew_is_not_finished_by_the_old(catalog: Catalog) -> None:
    store(catalog, BRIDGE)
    work = catalog.next_pending(10)
    catalog.delete(BRIDGE.id)
    catalog.finish(work)
    (left,) = catalog.next_pending(10)
    assert left.operation == "delete"


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "c")
    catalog._writer.execute("PRAGMA user_version = 99")
    catalog.close()
    with pytest.raises(ConfigurationError, match="schema 99"):
        Catalog(tmp_path / "c")


def test_a_file_that_is_no_catalog_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(b"not a database at all" * 100)
    with pytest.raises(ConfigurationError, match="not a usable catalog"):
        Catalog(tmp_path / "c")
    with sqlite3.connect(tmp_path / "d") as opened:
        opened.execute("CREATE TABLE notes (text)")
    opened.close()
    with pytest.raises(ConfigurationError, match="another program"):
        Catalog(tmp_path / "d")


def test_integrity(catalog: Catalog) -> None:
    store(catalog, *ARTICLES)
    assert catalog.integrity() == []


def test_connections_of_finished_threads_are_closed(catalog: Catalog) -> None:
    for _ in range(20):
        thread = threading.Thread(target=catalog.counts)
        thread.start()
        thread.join()
    assert len(catalog._opened) <= 3


def test_pages_are_kept_for_each_version_until_they_are_purged(catalog: Catalog) -> None:
    paged = replace(BRIDGE, page_starts=(0, 80))
    store(catalog, paged)
    store(catalog, replace(BRIDGE, text="Terowongan ditutup."))
    assert catalog.get_article(BRIDGE.id, paged.version) == paged
    assert catalog.get_article(BRIDGE.id).page_starts == ()
    store(catalog, paged)
    hit, *_ = catalog.search_keywords("gubernur", 5)
    _, info = catalog.get_passages([hit.passage_id])[hit.passage_id]
    assert [info.page_at(offset) for offset in (0, 79, 80, 300)] == [1, 1, 2, 2]
    catalog.delete(BRIDGE.id, purge=True)
    assert catalog._reader.execute("SELECT count(*) FROM pages").fetchone() == (0,)
    store(catalog, paged)
    assert catalog.get_article(BRIDGE.id) == paged


@given(
    st.builds(
        Filters,
        language=st.sampled_from([None, "id", "en"]),
        source=st.sampled_from([(), ("Contoh",), ("Contoh", "Warta"), ("none",)]),
        article_ids=st.sampled_from([(), (BRIDGE.id,), (BRIDGE.id, LIGHTHOUSE.id)]),
        tags=st.sampled_from([(), ("sea",), ("prasarana", "pasar")]),
        published_from=st.sampled_from([None, "2023-05-20", "2024-01-01"]),
        published_to=st.sampled_from([None, "2023-05-20", "2024-03-04"]),
        not_after=st.sampled_from([None, "2022-06-03", "2024-01-01"]),
    )
)
def test_what_filters_admit_is_the_same_either_way(filtered: Catalog, filters: Filters) -> None:
    every = allowed(filtered, NO_FILTERS)
    assert len(every) >= 4
    assert allowed(filtered, filters) == filtered.current_passages(sorted(every), filters)


def test_what_passes_is_remembered_until_something_changes(catalog: Catalog) -> None:
    store(catalog, *ARTICLES)
    filters = Filters(language="id")
    assert catalog.allowed_at_most(filters, 1) is None
    first = catalog.allowed(filters)
    assert catalog.allowed(Filters(language="id")) is first
    assert catalog.allowed_at_most(filters, 1) is first
    store(catalog, BRIDGE)  # changes nothing that could be found
    assert catalog.allowed(filters).members == first.members
    catalog.delete(BRIDGE.id)
    assert catalog.allowed(filters).members < first.members


def test_the_filters_asked_for_last_are_remembered(catalog: Catalog) -> None:
    store(catalog, *ARTICLES)
    first, second, *others = [
        (filters, catalog.allowed(filters)) for n in range(8) for filters in [Filters(source=(str(n),))]
    ]
    assert catalog.allowed(first[0]) is first[1]
    catalog.allowed(Filters(language="id"))
    assert catalog.allowed(first[0]) is first[1]
    assert catalog.allowed(others[0][0]) is others[0][1]
    assert catalog.allowed(second[0]) is not second[1]


def test_filters_follow_a_new_version(catalog: Catalog) -> None:
    for tag in ("old", "new"):
        store(catalog, replace(BRIDGE, tags=(tag,)))
    assert allowed(catalog, Filters(tags=("old",))) == set()
    assert allowed(catalog, Filters(tags=("new",)))
    catalog.delete(BRIDGE.id)
    assert allowed(catalog, Filters(tags=("new",))) == set()
