from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from service.library import Library
from service.records import NO_FILTERS, Article, Filters
from service.retrieval import Pool, Searcher, fuse
from tests.conftest import BRIDGE, LIGHTHOUSE, MARKET


def pool(cosines: list[float], keyword_scores: list[float]) -> Pool:
    ids = tuple("abcdef"[: len(cosines)])
    none = np.zeros(len(ids), dtype=np.bool_)
    return Pool(ids, np.array(cosines), np.array(keyword_scores), none, {}, {}, len(ids))


def test_fusion_by_hand() -> None:
    scores = fuse(pool([0.2, 0.6, 0.4], [10.0, 0.0, 5.0]), 0.25)
    assert scores == pytest.approx([0.75, 0.25, 0.25 * 0.5 + 0.75 * 0.5])


def test_a_passage_without_a_vector_is_not_lost() -> None:
    scores = fuse(pool([np.nan, 0.6, 0.4], [10.0, 0.0, 5.0]), 0.5)
    assert scores == pytest.approx([1.0, 0.5, 0.25])
    assert fuse(pool([np.nan, np.nan], [3.0, 3.0]), 0.5) == pytest.approx([1.0, 1.0])


def test_one_search_alone_still_ranks() -> None:
    assert fuse(pool([0.3, 0.3], [0.0, 0.0]), 0.5) == pytest.approx([0.5, 0.5])
    assert fuse(pool([], []), 0.5).size == 0


def test_a_foreign_passage_is_judged_by_its_vector_alone() -> None:
    mixed = replace(pool([0.2, 0.6, 0.4], [10.0, 0.0, 5.0]), foreign=np.array([False, True, True]))
    assert fuse(mixed, 0.25, 0.8) == pytest.approx([0.75, 0.8, 0.4])


def test_a_pool_knows_the_languages(bilingual: Library) -> None:
    found = bilingual.searcher.pool("Siapa yang membangun mercusuar Selby?", NO_FILTERS, 10)
    passages = bilingual.catalog.get_passages(found.passage_ids)
    languages = [passages[p][1].language for p in found.passage_ids]
    assert set(languages) == {"id", "en"}
    assert list(found.foreign) == [language == "en" for language in languages]


def test_an_answer_in_the_other_language_is_found(bilingual: Library) -> None:
    for question, article in (
        ("Berapa lama penjaga mercusuar itu bekerja?", LIGHTHOUSE),
        ("How many traders moved to the new market?", MARKET),
    ):
        assert bilingual.searcher.search(question)[0].passage.article_id == article.id


def test_ties_are_in_the_order_of_ids() -> None:
    tied = pool([0.1, 0.1, 0.1], [1.0, 1.0, 1.0])
    assert tied.order(fuse(tied, 0.5)) == [0, 1, 2]


def test_candidates_say_where_they_come_from(bilingual: Library) -> None:
    best, *rest = bilingual.searcher.search("Who built the Selby lighthouse?")
    assert best.passage.article_id == LIGHTHOUSE.id
    assert (best.vector_rank, best.keyword_rank, best.score) == (1, 1, 1.0)
    assert best.vector_score is not None
    assert 0.3 < best.vector_score <= 1.0
    assert [c.score for c in rest] == sorted((c.score for c in rest), reverse=True)
    assert len(bilingual.searcher.search("lighthouse", limit=1)) == 1


def test_candidates_say_among_how_many_they_were_found(bilingual: Library) -> None:
    english, every = Filters(language="en"), bilingual.catalog.counts().passages
    allowed = bilingual.catalog.allowed(english)
    assert 0 < len(allowed.keys) < every
    broad = Searcher(bilingual.catalog, bilingual.embedder, bilingual.indexer, broad=0)
    for searcher, filters, among in (
        (bilingual.searcher, Filters(), every),
        (bilingual.searcher, english, len(allowed.keys)),
        (broad, english, len(allowed.keys)),
    ):
        found = searcher.search("Selby lighthouse", filters)
        assert found
        assert {c.among for c in found} == {among}


def test_a_word_that_nothing_has_still_gets_the_nearest(bilingual: Library) -> None:
    found = bilingual.searcher.search("beacon keeper")
    assert found[0].passage.article_id == LIGHTHOUSE.id


def test_an_empty_library_finds_nothing(library: Library) -> None:
    for article_id in (BRIDGE.id, MARKET.id, LIGHTHOUSE.id):
        library.ingest.delete(article_id)
    library.indexer.drain()
    assert library.searcher.search("jembatan") == []


@pytest.mark.parametrize("broad", [10_000, 20])
@pytest.mark.parametrize("kept", [2, 7, 300])
def test_a_filtered_search_misses_none(library: Library, kept: int, broad: int) -> None:
    """Few passages that pass are listed, of many the best of all are asked; 1 of 300 is listed either way."""
    numbers = range(300)
    texts = [f"Berita nomor {i} tentang pasar." for i in numbers]
    library.ingest.add(
        [Article(f"n{i}", f"Berita {i}", texts[i], "id", source=f"S{i % kept}") for i in numbers]
    )
    library.indexer.drain()
    filters = Filters(source=("S1",))
    vector = library.embedder.embed_question("berita pasar")
    ids = [row[0] for row in library.catalog._reader.execute("SELECT id FROM passages")]
    cached = library.catalog.get_vectors(ids, library.embedder.fingerprint)
    passing = library.catalog.current_passages(ids, filters)
    expected = sorted(((p, float(v @ vector)) for p, v in cached.items() if p in passing), key=by_cosine)
    found = library.indexer.nearest_of_all(vector, 40, library.catalog.allowed(filters))
    assert found == expected[:40]
    searcher = Searcher(library.catalog, library.embedder, library.indexer, broad=broad)
    pool = searcher.pool("berita pasar", filters, 40)
    words = library.catalog.search_keywords("berita pasar", 40, library.catalog.allowed(filters))
    # Of more equal scores than there are places, either may keep others.
    scores = dict(zip(pool.passage_ids, pool.keyword_scores, strict=True))
    assert [scores[p] for p in pool.keyword_ranks] == [hit.score for hit in words]
    assert pool.keyword_ranks.keys() <= passing
    assert [p for p, _ in sorted(pool.vector_ranks.items(), key=lambda ranked: ranked[1])] == [
        p for p, _ in expected[:40]
    ]


def by_cosine(hit: tuple[str, float]) -> tuple[float, str]:
    return -hit[1], hit[0]


def test_a_filtered_search_follows_every_change(library: Library) -> None:
    filters = Filters(tags=("kota",))

    def titles() -> set[str]:
        return {c.article.title for c in library.searcher.search("jembatan baru di kota", filters, 10)}

    library.ingest.add([Article("a", "Jembatan lama", "Jembatan di kota.", "id", tags=("kota",))])
    library.indexer.drain()
    assert titles() == {"Jembatan lama"}  # from here on vectors are in memory
    library.ingest.add([Article("b", "Jembatan kedua", "Sungai lebar sekali.", "id", tags=("kota",))])
    library.indexer.drain()
    assert titles() == {"Jembatan lama", "Jembatan kedua"}
    library.ingest.add([Article("a", "Jembatan baru", "Jembatan di desa.", "id", tags=("kota",))])
    library.indexer.drain()
    assert titles() == {"Jembatan baru", "Jembatan kedua"}
    library.ingest.delete("b")
    library.ingest.add([Article("c", "Bridge", "A bridge in town.", "en")])
    library.indexer.drain()
    assert titles() == {"Jembatan baru"}
    library.indexer.rebuild()
    assert titles() == {"Jembatan baru"}


def test_what_is_not_indexed_yet_is_found_by_its_words(library: Library) -> None:
    library.indexer.close()
    library.indexer.reconcile()
    library.ingest.add([Article("baru", "Berita baru", "Zebra lepas dari kandang.", "id")])
    (best, *_) = library.searcher.search("zebra lepas")
    assert (best.passage.article_id, best.vector_score, best.vector_rank) == ("baru", None, None)
