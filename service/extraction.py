"""Question + passage → the log-odds of every span to be the answer, by an extractive model.

The model has two scores for each token, to be the first and to be the last of the answer; those of the
opening token say "no answer here" (Devlin et al. 2019, section 4.3). A passage has a forward pass of its
own, so its scores do not depend on what else is read.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from service.errors import ModelUnavailable
from service.models import READER
from service.models.fingerprint import weights_digest
from service.models.graph import Graph

LONGEST_ANSWER = 30
"""Tokens of an answer span."""
MAX_QUESTION_TOKENS = 64
MAX_TITLE_TOKENS = 48
MAX_TOKENS = 512

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ReadText:
    """What is read for one passage: its article's title, and its text."""

    title: str
    text: str


class SpanScores:
    """The spans of one passage, scored.

    `offsets` are the characters of each token in the passage's text, (tokens × 2), in order. `first`
    and `last` are the model's scores of each token, `none` its score of "no answer here".
    """

    def __init__(self, offsets: NDArray[np.int64], first: Floats, last: Floats, none: float) -> None:
        self._offsets = offsets
        tokens = len(first)
        width = max(min(LONGEST_ANSWER, tokens), 1)
        ends = np.full((tokens + width, 1), -np.inf, dtype=np.float32)
        ends[:tokens, 0] = last
        windows = np.lib.stride_tricks.sliding_window_view(ends[:, 0], width)[:tokens]
        # spans[i, w]: log-odds of the span from token i to token i + w.
        self._spans: Floats = (first[:, None] + windows - none).astype(np.float32)

    def log_odds(self, start: int, end: int) -> float:
        """Log-odds that a span inside the passage's characters `start:end` answers the question;
        minus infinity where there is no token."""
        inside = self._inside(start, end)
        if not inside.size:
            return float("-inf")
        highest = float(inside.max())
        return highest + float(np.log(np.exp(inside - highest).sum())) if np.isfinite(highest) else highest

    def best(self, start: int, end: int) -> tuple[int, int] | None:
        """The likeliest span inside, in characters of the passage; the first of equals."""
        inside = self._inside(start, end)
        if not inside.size:
            return None
        i, w = np.unravel_index(int(inside.argmax()), inside.shape)
        first = self._first_token(start) + int(i)
        return int(self._offsets[first, 0]), int(self._offsets[first + int(w), 1])

    def _inside(self, start: int, end: int) -> Floats:
        """The scores of spans of tokens that lie inside; minus infinity for those that go beyond."""
        low, high = self._first_token(start), int(np.searchsorted(self._offsets[:, 1], end, side="right"))
        inside = self._spans[low:high]
        beyond = np.add.outer(np.arange(len(inside)), np.arange(self._spans.shape[1])) >= len(inside)
        return np.where(beyond, np.float32(-np.inf), inside)

    def _first_token(self, start: int) -> int:
        return int(np.searchsorted(self._offsets[:, 0], start, side="left"))


class SpanModel(Protocol):
    """What a reader needs of an extractive model."""

    name: str
    """What the model is called in answers and logs."""
    fingerprint: str
    """Names the weights."""
    folder: Path | None
    """Where its calibration is looked for; None for a model that came from a hub."""

    def score(self, question: str, passages: Sequence[ReadText]) -> Iterable[SpanScores]:
        """The scored spans of each passage, in order; the model may still be at work on them."""


class BundledSpanModel:
    """The extractive model of this release: int8, on ONNX Runtime without torch. Passages are read side by
    side in `threads` threads."""

    def __init__(self, threads: int = 0, folder: Path = READER) -> None:
        self._graph = Graph(folder)
        self._pool = ThreadPoolExecutor(threads or os.cpu_count() or 1, thread_name_prefix="read")
        self.name = folder.name
        self.folder: Path | None = folder
        self.fingerprint = self._graph.fingerprint

    def score(self, question: str, passages: Sequence[ReadText]) -> Iterable[SpanScores]:
        asked = self._tokens(question).ids[:MAX_QUESTION_TOKENS]
        return self._pool.map(lambda passage: self._score(asked, passage), passages)

    def _score(self, asked: list[int], passage: ReadText) -> SpanScores:
        opening, closing = self._graph.tokenizer.encode("").ids
        title = self._tokens(passage.title).ids[:MAX_TITLE_TOKENS]
        text = self._tokens(passage.text)
        before = 2 + len(asked) + len(title)
        kept = min(len(text.ids), MAX_TOKENS - before - 1)
        scores = self._graph.run_pair([opening, *asked, closing], [*title, *text.ids[:kept], closing])
        first, last = scores["start_logits"], scores["end_logits"]
        return SpanScores(
            np.array(text.offsets[:kept], dtype=np.int64).reshape(-1, 2),
            first[before : before + kept],
            last[before : before + kept],
            float(first[0] + last[0]),
        )

    def _tokens(self, text: str) -> Encoding:
        return self._graph.tokenizer.encode(text, add_special_tokens=False)


class TransformersSpanModel:
    """Any model that transformers loads for question answering and that was trained with questions
    without answers: a folder, or a hub name where there is a hub."""

    def __init__(self, model: str, threads: int = 0) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import torch
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        if threads:
            torch.set_num_threads(threads)
        try:
            self._model = AutoModelForQuestionAnswering.from_pretrained(model).eval()
            self._tokenizer = AutoTokenizer.from_pretrained(model, use_fast=True)
        except Exception as error:  # the library raises whatever its parts raise
            raise ModelUnavailable(f"KUTIPAN_READER_MODEL {model!r} cannot be loaded: {error}") from error
        self.name = Path(model).name or model
        self.fingerprint = f"hf-{weights_digest(self._model)}"
        self.folder = Path(model) if Path(model).is_dir() else None
        self._longest = min(MAX_TOKENS, int(self._model.config.max_position_embeddings) - 2)
        self._lock = threading.Lock()

    def score(self, question: str, passages: Sequence[ReadText]) -> list[SpanScores]:
        with self._lock:
            return [self._score(question, passage) for passage in passages]

    def _score(self, question: str, passage: ReadText) -> SpanScores:
        import torch

        moved = len(passage.title) + 1 if passage.title else 0
        encoded = self._tokenizer(
            question,
            f"{passage.title}\n{passage.text}" if passage.title else passage.text,
            truncation="only_second",
            max_length=self._longest,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = encoded.pop("offset_mapping")[0].numpy() - moved
        inside = np.array([part == 1 for part in encoded.sequence_ids(0)]) & (offsets[:, 0] >= 0)
        with torch.inference_mode():
            scored = self._model(**encoded)
        first, last = scored.start_logits[0].float().numpy(), scored.end_logits[0].float().numpy()
        return SpanScores(offsets[inside], first[inside], last[inside], float(first[0] + last[0]))
