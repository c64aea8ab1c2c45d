"""Where a cross-lingual row's answer stands, which nobody has said.

A cross-lingual row is a question of one language on a paragraph of the other, and says only whether there is
an answer. Its place comes from, whichever is known first:

- its twin: the same question as people asked it in the paragraph's language. The two sets translate the same
  questions and name no pairs, so those of a paragraph are paired by the cosines of the bundled embedder;
- the question's own answer in its own language, where that is spelt alike and stands once in the paragraph;
- the sentence at the same place in the paragraph as the one that answers in its translation, where both have
  as many sentences: then the answer is known to be within it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from service.embeddings import Embedder
from service.sentences import split_sentences
from training.data import CROSSING, CROSSING_BACK, ReadingRow

LEAST_COSINE = 0.5
"""Of twins. Of four pairs read in each tenth of the cosine from .4 on all said the same, of four below one
did not."""


@dataclass(frozen=True, slots=True)
class Place:
    """An answer, (start, end) in the paragraph; with `within`, it is somewhere in there."""

    start: int
    end: int
    within: bool = False


def crossing_places(rows: Sequence[ReadingRow], embedder: Embedder) -> dict[ReadingRow, Place]:
    """The places of the answerable cross-lingual rows among `rows` for which one is known. All rows of a
    paragraph, the cross-lingual ones and the others, must be there."""
    own = [row for row in rows if row.source not in (CROSSING, CROSSING_BACK)]
    known = {(row.question, row.group): row for row in own if row.answerable}
    twins = pair_twins(own, embedder)
    found = {}
    for row in rows:
        if row.source in (CROSSING, CROSSING_BACK) and row.answerable:
            told = known.get((row.question, row.group))
            place = told and (_by_twin(row, told, twins) or _spelt_alike(row, told) or _same_place(row, told))
            if place:
                found[row] = place
    return found


def pair_twins(rows: Sequence[ReadingRow], embedder: Embedder) -> dict[ReadingRow, ReadingRow]:
    """Each row of a paragraph that says the same as one of its translation, with that one, both ways: of the
    pairs of a paragraph the nearest first, none twice, both with an answer or both without."""
    by_group: dict[str, dict[str, list[ReadingRow]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_group[row.group][row.language].append(row)
    twins: dict[ReadingRow, ReadingRow] = {}
    for languages in by_group.values():
        if len(languages) < 2:
            continue
        ours, theirs = languages["id"], languages["en"]
        cosines = _embed(ours, embedder) @ _embed(theirs, embedder).T
        for at in np.argsort(-cosines, axis=None, kind="stable"):
            i, j = divmod(int(at), len(theirs))
            one, other = ours[i], theirs[j]
            free = one not in twins and other not in twins
            if free and cosines[i, j] >= LEAST_COSINE and one.answerable == other.answerable:
                twins[one], twins[other] = other, one
    return twins


def with_answers(rows: Sequence[ReadingRow], embedder: Embedder) -> list[ReadingRow]:
    """The rows, a cross-lingual one with its place as the answer. Answerable ones for which none is known are
    left out."""
    places = crossing_places(rows, embedder)
    found = []
    for row in rows:
        if row.source in (CROSSING, CROSSING_BACK) and row.answerable:
            place = places.get(row)
            if not place:
                continue
            row = replace(row, answers=((row.context[place.start : place.end], place.start),))
        found.append(row)
    return found


def find_words(text: str, words: str) -> tuple[tuple[int, int], ...]:
    """Where words stand in a text, none within a longer word."""
    return tuple(m.span() for m in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text))


def _embed(
    rows: Sequence[ReadingRow], embedder: Embedder
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.stack([np.asarray(embedder.embed_question(row.question), np.float32) for row in rows])


def _by_twin(row: ReadingRow, told: ReadingRow, twins: dict[ReadingRow, ReadingRow]) -> Place | None:
    twin = twins.get(told)
    if twin is None or twin.context != row.context:
        return None
    text, start = twin.answers[0]
    return Place(start, start + len(text))


def _spelt_alike(row: ReadingRow, told: ReadingRow) -> Place | None:
    for text, _ in told.answers:
        places = find_words(row.context, text)
        if len(places) == 1:
            return Place(*places[0])
    return None


def _same_place(row: ReadingRow, told: ReadingRow) -> Place | None:
    own, other = split_sentences(told.context), split_sentences(row.context)
    _, start = told.answers[0]
    at = next((i for i, s in enumerate(own) if s.start <= start < s.end), None)
    if at is None or len(own) != len(other):
        return None
    return Place(other[at].start, other[at].end, within=True)
