"""Does the search bring the passages that answer?

A passage brings a gold group where it holds at least half of the characters of one of its quotations; it may
bring several, and what an earlier passage brought is not brought again. Recall@k is the share of gold groups
that the first k passages bring (subtopic recall; Zhai, Cohen and Lafferty 2003). The others are TREC's,
computed by ir_measures (MacAvaney et al. 2022), with the number of groups that a passage brings as its
grade: the reciprocal rank of the first passage that brings one, and nDCG@10, in whose ideal order every
group that was not found stands for a passage of its own. A question for which nothing was found counts as
0.
"""

from __future__ import annotations

from collections.abc import Sequence

import ir_measures
from ir_measures import RR, nDCG

from eval.measures.citations import Span, is_covered

CUTOFFS = (1, 5, 20)
_TREC = {"MRR": RR, "nDCG@10": nDCG @ 10}
_QUERY = "q"


def groups_brought(passages: Sequence[Span], gold: Sequence[tuple[int, Span]]) -> list[set[int]]:
    """The gold groups that each passage brings and none before it did, in the passages' order."""
    brought: list[set[int]] = []
    for passage in passages:
        here = {group for group, span in gold if is_covered([passage], span)}
        brought.append(here.difference(*brought))
    return brought


def retrieval_scores(passages: Sequence[Span], gold: Sequence[tuple[int, Span]]) -> dict[str, float]:
    """Each measure of one question by its name, in [0, 1], of passages best first. Raises ValueError for no
    gold: a question without an answer has nothing to find."""
    groups = {group for group, _ in gold}
    if not groups:
        raise ValueError("no gold quotation to find")
    brought = groups_brought(passages, gold)
    values = {f"recall@{k}": len(set().union(*brought[:k])) / len(groups) for k in CUTOFFS}
    missed = len(groups) - sum(map(len, brought))
    grades = [*map(len, brought), *[1] * missed]
    judged = [ir_measures.Qrel(_QUERY, str(rank), grade) for rank, grade in enumerate(grades)]
    ranked = [ir_measures.ScoredDoc(_QUERY, str(rank), -float(rank)) for rank in range(len(brought))]
    found = {m.measure: m.value for m in ir_measures.iter_calc(list(_TREC.values()), judged, ranked)}
    return values | {name: float(found.get(measure, 0.0)) for name, measure in _TREC.items()}
