"""Scores of terms that are kept: the same as FTS5's in one go, and forgotten with every change."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from service.catalog import Catalog
from service.passages import split_article
from service.records import Article, Filters
from service.term_scores import TermScores

WORDS = ["".join(letters) for letters in itertools.product("bdgkl", "aiou", "mt")]
"""Forty words of letters alone: a number would be a word of its own."""


def made_article(n: int, draw: random.Random) -> Article:
    # The first words come in nearly every article, the last in few.
    words = [WORDS[min(int(draw.expovariate(0.15)), 39)] for _ in range(draw.randint(3, 60))]
    return Article(f"a{n:03}", words[0], " ".join(words) + ".", "id", source=f"s{n % 3}")


def store(catalog: Catalog, *articles: Article) -> None:
    catalog.store([(a, split_article(a, len, 10_000, "s")) for a in articles], "s")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "catalog.sqlite3"


@pytest.fixture
def keeping(file: Path) -> Iterator[Catalog]:
    opened = Catalog(file, TermScores(worth=0, settled_s=0.0, settled_searches=0))
    yield opened
    opened.close()


@pytest.mark.parametrize(("kept", "worth"), [(3_000_000, 0), (200, 0), (0, 0), (3_000_000, 50)])
def test_hits_are_those_of_fts5_in_one_go(file: Path, kept: int, worth: int) -> None:
    draw = random.Random(kept)
    keeping = Catalog(file, TermScores(kept, worth, settled_s=0.0, settled_searches=0))
    plain = Catalog(file, TermScores(settled_s=math.inf))
    articles = [made_article(n, draw) for n in range(150)]
    store(keeping, *articles, *(Article(f"b{a.id}", a.title, a.text, "id") for a in articles[:40]))
    for _ in range(60):
        question = " ".join(draw.sample(WORDS, draw.randint(1, 6)))
        limit = draw.choice((1, 5, 50, 500))
        allowed = keeping.allowed(Filters(source=("s1",))) if draw.random() < 0.5 else None
        one, other = (catalog.search_keywords(question, limit, allowed) for catalog in (keeping, plain))
        assert one == other
    keeping.close()
    plain.close()


def test_a_change_is_seen_at_once(keeping: Catalog) -> None:
    store(keeping, Article("pasar", "Pasar", "Pasar Lama ramai.", "id"))
    assert len(keeping.search_keywords("pasar", 5)) == 1
    store(keeping, Article("lagi", "Pasar", "Pasar Baru sepi.", "id"))
    assert len(keeping.search_keywords("pasar", 5)) == 2
    keeping.delete("pasar")
    assert len(keeping.search_keywords("pasar", 5)) == 1


def test_a_term_is_read_once_while_nothing_changes_and_the_latest_are_kept() -> None:
    read: list[str] = []
    postings = {"a": [(1, 0.5), (2, 0.25)], "b": [(2, 1.0)], "c": [(3, 0.125), (9, 0.5)]}

    def scores_of(term: str) -> list[tuple[int, float]]:
        read.append(term)
        return postings[term]

    scores = TermScores(kept=4, worth=1, settled_s=0.0, settled_searches=0)
    assert scores.is_settled(1)
    assert scores.best(["a", "b"], 5, 1, scores_of) == [(2, 1.25), (1, 0.5)]
    assert scores.best(["b", "a"], 1, 1, scores_of) == [(2, 1.25)]
    assert read == ["a", "b"]
    # Four scores are kept: "c" takes the room of "b", which was asked for before "a".
    assert scores.best(["c"], 5, 1, scores_of, np.array([1, 3, 40])) == [(3, 0.125)]
    assert scores.best(["a", "c"], 2, 1, scores_of) == [(1, 0.5), (9, 0.5)]
    assert read == ["a", "b", "c"]
    assert scores.is_settled(2)
    assert scores.best(["a", "none"], 1, 2, lambda term: scores_of(term) if term in postings else []) == [
        (1, 0.5)
    ]
    assert read == ["a", "b", "c", "a"]


def test_terms_of_few_passages_are_read_each_time() -> None:
    read: list[str] = []

    def scores_of(term: str) -> list[tuple[int, float]]:
        read.append(term)
        return [(1, 1.0)]

    scores = TermScores(worth=2, settled_s=0.0, settled_searches=0)
    assert scores.is_settled(1)
    for _ in range(2):
        assert scores.best(["rare"], 5, 1, scores_of) == [(1, 1.0)]
    assert read == ["rare", "rare"]


def test_nothing_is_kept_before_the_keywords_have_settled() -> None:
    assert not any(TermScores(settled_s=60.0, settled_searches=0).is_settled(1) for _ in range(3))
    scores = TermScores(settled_s=0.0, settled_searches=2)
    assert [scores.is_settled(change) for change in (1, 1, 1, 2, 2, 1, 2)] == [
        False, False, True, False, False, False, True,
    ]  # fmt: skip


def test_writes_that_touch_no_keyword_leave_the_scores(keeping: Catalog) -> None:
    store(keeping, Article("pasar", "Pasar", "Pasar Lama ramai.", "id"))
    keeping.search_keywords("pasar", 5)
    kept = dict(keeping._scores._scores)
    keeping.finish(keeping.next_pending(10))
    keeping.search_keywords("pasar", 5)
    assert kept
    assert kept.items() <= keeping._scores._scores.items()
