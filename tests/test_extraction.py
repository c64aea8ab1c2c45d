from __future__ import annotations

import itertools
import math
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import ModelUnavailable
from service.extraction import LONGEST_ANSWER, BundledSpanModel, ReadText, SpanScores, TransformersSpanModel

PASSAGES = [
    ReadText(f"Judul {i}" if i % 3 else "", f"Menara {name} selesai pada {1900 + i}. {'Ramai. ' * (i % 7)}")
    for i, name in enumerate(["Alfa", "Beta", "Gamma", "the Tower", "Rp 16,83 triliun"] * 7)
]
QUESTION = "Kapan Menara Alfa selesai?"


@pytest.fixture(scope="module")
def model() -> BundledSpanModel:
    return BundledSpanModel()


def by_hand(
    words: int, first: list[float], last: list[float], low: int, high: int
) -> dict[tuple[int, int], float]:
    """Every span of words `low` to `high` with its log-odds against a null score of 1."""
    return {
        (i, j): first[i] + last[j] - 1.0
        for i, j in itertools.product(range(low, high), repeat=2)
        if i <= j < i + LONGEST_ANSWER and j < words
    }


@given(st.integers(1, 40), st.randoms(use_true_random=False))
def test_spans_are_scored_as_by_hand(words: int, draw: random.Random) -> None:
    first = [draw.uniform(-5, 5) for _ in range(words)]
    last = [draw.uniform(-5, 5) for _ in range(words)]
    # Words of three characters with a space between them.
    offsets = np.array([[4 * i, 4 * i + 3] for i in range(words)])
    scores = SpanScores(offsets, np.array(first, np.float32), np.array(last, np.float32), 1.0)
    low = draw.randrange(words)
    high = draw.randint(low, words)
    start, end = 4 * low, 4 * high - 1 if high > low else 4 * low
    spans = by_hand(words, first, last, low, high)
    if not spans:
        assert scores.log_odds(start, end) == -math.inf
        assert scores.best(start, end) is None
        return
    assert scores.log_odds(start, end) == pytest.approx(
        math.log(sum(math.exp(v) for v in spans.values())), abs=1e-4
    )
    best = scores.best(start, end)
    assert best is not None
    # Two spans may be equal in single precision.
    assert spans[best[0] // 4, (best[1] - 3) // 4] == pytest.approx(max(spans.values()), abs=1e-5)


def test_a_passage_without_a_word_has_no_span() -> None:
    scores = SpanScores(np.empty((0, 2), np.int64), np.empty(0, np.float32), np.empty(0, np.float32), 0.0)
    assert scores.log_odds(0, 10) == -math.inf
    assert scores.best(0, 10) is None


@pytest.mark.parametrize("batch", [1, 7, 32])
def test_a_score_does_not_depend_on_its_company(model: BundledSpanModel, batch: int) -> None:
    alone = [next(iter(model.score(QUESTION, [passage]))).log_odds(0, 200) for passage in PASSAGES]
    shuffled = list(range(len(PASSAGES)))
    random.Random(batch).shuffle(shuffled)
    for i in range(0, len(shuffled), batch):
        some = shuffled[i : i + batch]
        found = [s.log_odds(0, 200) for s in model.score(QUESTION, [PASSAGES[j] for j in some])]
        assert found == [alone[j] for j in some]


def test_a_score_does_not_depend_on_load(model: BundledSpanModel) -> None:
    with ThreadPoolExecutor(8) as pool:
        rounds = list(
            pool.map(lambda _: [s.log_odds(0, 200) for s in model.score(QUESTION, PASSAGES)], range(8))
        )
    assert all(one == rounds[0] for one in rounds)


def test_the_passage_that_answers_is_told_from_the_one_that_does_not(model: BundledSpanModel) -> None:
    right = "Menara Alfa selesai dibangun pada 12 Mei 1931 setelah empat tahun."
    wrong = "Menara Alfa ramai dikunjungi warga yang ingin melihat kota dari atas."
    answering, other = model.score(QUESTION, [ReadText("", right), ReadText("", wrong)])
    assert answering.log_odds(0, len(right)) > 0 > other.log_odds(0, len(wrong))
    span = answering.best(0, len(right))
    assert span is not None
    assert "1931" in right[slice(*span)]


def test_long_texts_are_cut_at_the_limit(model: BundledSpanModel) -> None:
    (scores,) = model.score("siapa " * 500, [ReadText("judul " * 500, "kata " * 3_000)])
    assert math.isfinite(scores.log_odds(0, 500))
    assert scores.log_odds(14_000, 15_000) == -math.inf


def test_a_users_own_question_answering_model(tmp_path: Path) -> None:
    """A small BertForQuestionAnswering with random weights, as transformers saves one."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering, BertTokenizer

    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "menara",
        "alfa",
        "selesai",
        "kapan",
        "judul",
        "1931",
    ]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    BertTokenizer(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    BertForQuestionAnswering(config).save_pretrained(tmp_path)
    own = TransformersSpanModel(str(tmp_path))
    assert own.name == tmp_path.name
    assert own.fingerprint.startswith("hf-")
    assert own.fingerprint == TransformersSpanModel(str(tmp_path)).fingerprint
    other = tmp_path / "other"
    shutil.copytree(tmp_path, other)
    BertForQuestionAnswering(config).save_pretrained(other)  # other weights, drawn now
    assert own.fingerprint != TransformersSpanModel(str(other)).fingerprint
    text = "menara alfa selesai 1931"
    titled, plain = own.score("kapan selesai", [ReadText("judul", text), ReadText("", text)])
    for scores in (titled, plain):
        assert math.isfinite(scores.log_odds(0, len(text)))
        span = scores.best(0, len(text))
        assert span is not None
        assert 0 <= span[0] < span[1] <= len(text)


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        TransformersSpanModel(str(tmp_path / "nothing"))
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        BundledSpanModel(folder=tmp_path)
