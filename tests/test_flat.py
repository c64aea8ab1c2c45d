from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from service.vectors import FlatIndex, flat

DIMENSION = 16


def units(count: int, seed: int = 1) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(size=(count, DIMENSION))
    lengths = np.sqrt(np.sum(drawn**2, axis=1, keepdims=True))
    return np.asarray(drawn / lengths, dtype=np.float32)


def keys(*wanted: int) -> NDArray[np.int64]:
    return np.array(wanted, dtype=np.int64)


def filled(vectors: NDArray[np.float32]) -> FlatIndex:
    index = FlatIndex(DIMENSION)
    for key, vector in enumerate(vectors):
        index.put(key, f"p{key:05}", vector)
    return index


@pytest.mark.parametrize("share", [0.001, 0.05, 0.5, 1.0])
def test_it_finds_what_sorting_all_finds(monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    monkeypatch.setattr(flat, "_BLOCK", 500)  # several blocks, the last one not full
    vectors, (question,) = units(3_210), units(1, seed=2)
    index = filled(vectors)
    wanted = np.flatnonzero(np.random.default_rng(3).random(len(vectors)) < share).astype(np.int64)
    hits = [(f"p{k:05}", float(vectors[k] @ question)) for k in wanted]
    by_hand = sorted(hits, key=lambda hit: (-hit[1], hit[0]))
    assert index.nearest(question, 50, np.random.default_rng(4).permutation(wanted)) == by_hand[:50]


def test_equal_vectors_come_in_id_order_and_unknown_keys_are_passed_over() -> None:
    index = FlatIndex(DIMENSION)
    (vector,) = units(1)
    for key, name in enumerate("dbca"):
        index.put(key, name, vector)
    assert [name for name, _ in index.nearest(vector, 3, keys(3, 0, 1, 99, 10**6, 2))] == ["a", "b", "c"]
    assert index.nearest(vector, 3, keys()) == []


def test_a_key_that_was_given_to_another_passage() -> None:
    first, second = units(2)
    index = FlatIndex(DIMENSION)
    index.put(7, "old", first)
    index.put(7, "new", second)  # the old one's removal may come after
    index.remove(["old", "never there"])
    assert [name for name, _ in index.nearest(first, 5, keys(7))] == ["new"]
    index.put(9, "new", second)  # stored anew, with another key
    assert index.nearest(first, 5, keys(7)) == []
    assert [name for name, _ in index.nearest(first, 5, keys(9))] == ["new"]
    assert len(index) == 1


def test_what_is_removed_gives_its_memory_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flat, "_BLOCK", 64)
    vectors = units(1_000)
    index = filled(vectors)
    index.remove([f"p{k:05}" for k in range(900)])
    assert len(index) == 100
    assert sum(len(block) for block in index._rows._blocks) < 300
    assert len(index.nearest(vectors[0], 1_000, np.arange(1_000))) == 100
    (name, cosine), *_ = index.nearest(vectors[950], 5, np.arange(1_000))
    assert name == "p00950"
    assert cosine == pytest.approx(1.0)
