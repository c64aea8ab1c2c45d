"""A sentence and quotations → the probability that the quotations support the sentence.

The judge (`training.judge` makes it) reads the sentence and a window of the quotations in one pass. Where
they are too long for one window it reads two: the run of sentences that shares most with the sentence, and
those sentences, wherever they stand, that together have most of its words. The better one counts, and of a
text of several sentences the worst of them. (To read every window and count the best, as SummaC does, Laban
et al. 2022, lets a false sentence find one that suits it.) Numbers, dates and units are compared as values
beside it (`service.values`), over all quotations together, and the model reads the sentence's numbers in the
quotations' notation. A logistic regression, stored with the model, weighs the two. What words alone
deny is not supported, whatever they say: a name that no quotation has, a figure with another unit, a word in
place of one that excludes it (`service.opposites`).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from pathlib import Path
from typing import TypeVar

import numpy as np

from service.errors import ModelUnavailable
from service.language import detect_language
from service.models.graph import Graph
from service.names import lacks_name
from service.opposites import says_opposite
from service.sentences import split_sentences
from service.values import changes_unit, in_notation_of, lacks_value

T = TypeVar("T")

NAME = "judge-1"
GRAPH = "support.onnx"
CALIBRATION = "support.json"
MAX_SENTENCE_TOKENS = 96
"""A longer sentence is read in parts, the worst of which counts."""
WINDOW_TOKENS = 150
"""Of a quotation."""


class SupportModel:
    """The judge in the folder of a reader, whose word embeddings it shares. Raises ModelUnavailable where it
    is missing or damaged. `threshold` is the support from which a sentence counts as supported."""

    def __init__(self, folder: Path, calibrated: bool = True) -> None:
        self._graph = Graph(folder, GRAPH)
        self.fingerprint = f"{NAME}-{self._graph.fingerprint.rpartition('-')[2]}"
        self.threshold = 0.5
        self._weights, self._bias = np.array([1.0, 0.0]), 0.0
        if calibrated:
            try:
                stored = json.loads((folder / CALIBRATION).read_text(encoding="utf-8"))
                self._weights = np.array(stored["weights"], dtype=float)
                self._bias, self.threshold = float(stored["bias"]), float(stored["threshold"])
            except (OSError, ValueError, KeyError) as error:
                raise ModelUnavailable(
                    f"the calibration of the judge in {folder} cannot be read: {error}"
                ) from error

    def support(self, sentence: str, quotations: Sequence[str]) -> float:
        """In [0, 1]; 1 for a sentence that a quotation has word for word, 0 without quotations, and for one
        that they deny by a word."""
        if not quotations:
            return 0.0
        if any(_has_sentences(quotation, sentence) for quotation in quotations):
            return 1.0
        if denies(" \n".join(quotations), sentence):
            return 0.0
        odds = float(self._weights @ np.array(self.signals(sentence, quotations))) + self._bias
        return float(1 / (1 + np.exp(-odds)))

    def signals(self, sentence: str, quotations: Sequence[str]) -> tuple[float, float]:
        """The model's log-odds of support, and 1 where a number or date of the sentence is in no
        quotation."""
        opening, closing = self._graph.tokenizer.encode("").ids
        together = " \n".join(quotations)
        pieces = list(self._pieces(together))
        windows = list(runs(pieces))
        crosses = detect_language(sentence) != detect_language(together)
        log_odds = float("inf")
        values = float(lacks_value(together, sentence))
        # The model reads digits: it takes one value in two notations for two.
        sentence = in_notation_of(together, sentence)
        for part in [sentence[s.start : s.end] for s in split_sentences(sentence)] or [sentence]:
            for ids in _equal_parts(self._tokens(part), MAX_SENTENCE_TOKENS):
                # Across the languages shared words don't tell which part it is about.
                read = windows if crosses else _about(ids, pieces, windows)
                said = [opening, *ids, closing]
                log_odds = min(log_odds, max(self._log_odds(said, [*window, closing]) for window in read))
        return log_odds, values

    def _log_odds(self, said: Sequence[int], window: Sequence[int]) -> float:
        scores = self._graph.run_pair(said, window)["support_logits"]
        return float(scores[0] - np.logaddexp(scores[1], scores[2]))

    def _pieces(self, quotation: str) -> Iterator[list[int]]:
        """Token ids of each sentence; one that is too long for a window is cut into pieces."""
        for sentence in split_sentences(quotation):
            ids = self._tokens(quotation[sentence.start : sentence.end])
            for i in range(0, len(ids), WINDOW_TOKENS):
                yield ids[i : i + WINDOW_TOKENS]

    def _tokens(self, text: str) -> list[int]:
        ids: list[int] = self._graph.tokenizer.encode(text, add_special_tokens=False).ids
        return ids


def _has_sentences(quotation: str, text: str) -> bool:
    """Whether a text is one or more whole sentences of a quotation, word for word."""
    wanted = text.strip()
    if wanted == quotation.strip():
        return True
    sentences = split_sentences(quotation) if wanted and wanted in quotation else ()
    places = [quotation.find(wanted, s.start, s.start + len(wanted)) for s in sentences]
    ends = {s.end for s in sentences}
    return any(at >= 0 and at + len(wanted) in ends for at in places)


def _equal_parts(ids: Sequence[int], most: int) -> Iterator[Sequence[int]]:
    """The ids in as few parts as have at most `most` of them, about as long as one another."""
    parts = max(1, math.ceil(len(ids) / most))
    for i in range(parts):
        yield ids[i * len(ids) // parts : (i + 1) * len(ids) // parts]


def denies(text: str, wanted: str) -> bool:
    """Whether words alone tell that `text` does not support `wanted`: a figure that it has with another unit,
    and where both are in one language a name that it lacks, or a word in place of one that excludes it. (In
    another language a name may be another: the Java Sea.)"""
    if changes_unit(text, wanted):
        return True
    same = detect_language(text) == detect_language(wanted)
    return same and (lacks_name(text, wanted) or says_opposite(text, wanted))


def runs(pieces: Sequence[list[int]]) -> Iterator[list[int]]:
    """Windows of pieces that stand together, each beginning with the last piece of the one before."""
    run: list[list[int]] = []
    for piece in pieces:
        if run and len(_joined(run)) + len(piece) > WINDOW_TOKENS:
            yield _joined(run)
            run = run[-1:] if len(run[-1]) + len(piece) <= WINDOW_TOKENS else []
        run.append(piece)
    yield _joined(run)


def _about(
    said: Sequence[int], pieces: Sequence[list[int]], windows: Sequence[list[int]]
) -> Sequence[list[int]]:
    """What to read for a sentence: the window that shares most with it, and the pieces, in their order, that
    together have most of its tokens, each token weighed by its inverse document frequency."""
    if len(windows) == 1:
        return windows
    tokens = [set(piece) & set(said) for piece in pieces]
    frequency = Counter(token for some in tokens for token in some)

    def weight(some: Set[int]) -> float:
        return sum(math.log(len(pieces) / frequency[token]) for token in some)

    best = max(windows, key=lambda window: weight(set(window) & set(said)))
    gathered = gather(tokens, [len(piece) for piece in pieces], WINDOW_TOKENS, set(said), weight)
    return [best, _joined([pieces[i] for i in gathered])] if gathered else [best]


def gather(
    having: Sequence[Set[T]],
    sizes: Sequence[int],
    room: int,
    wanted: Set[T],
    weight: Callable[[Set[T]], float] = len,
) -> list[int]:
    """Places, in order, of the sets that together have most of what is wanted and whose sizes fit in `room`:
    one after the other, each time the one that adds most to those before it."""
    chosen: list[int] = []
    left = set(wanted)
    while True:
        fitting = [i for i in range(len(having)) if i not in chosen and sizes[i] <= room]
        best = max(fitting, key=lambda i: weight(having[i] & left), default=None)
        if best is None or not weight(having[best] & left):
            return sorted(chosen)
        chosen.append(best)
        left -= having[best]
        room -= sizes[best]


def _joined(run: Sequence[list[int]]) -> list[int]:
    return [token for piece in run for token in piece]
