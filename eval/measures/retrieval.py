"""Does the search bring the passages that answer?

TREC's measures, computed by ir_measures (MacAvaney et al. 2022): recall@k, the reciprocal rank of the first
passage that answers, and nDCG@k with one grade. A passage answers where it holds at least half of the
characters of a gold quotation; a question for which nothing was found counts as 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ir_measures
from ir_measures import RR, R, nDCG

from eval.measures.citations import Span, is_covered

MEASURES = {"recall@1": R @ 1, "recall@5": R @ 5, "recall@20": R @ 20, "MRR": RR, "nDCG@10": nDCG @ 10}


def rank_groups(passages: Sequence[Span], gold: Sequence[tuple[int, Span]]) -> list[str]:
    """What passages, best first, bring: a gold group by its name (`group_name`), or nothing new."""
    ranked: list[str] = []
    for place, passage in enumerate(passages):
        new = {group_name(g) for g, span in gold if is_covered([passage], span)} - set(ranked)
        ranked += sorted(new) or [f"passage {place}"]
    return ranked


def group_name(group: int) -> str:
    return f"group {group}"


def retrieval_scores(
    found: Mapping[str, Sequence[str]], answering: Mapping[str, set[str]]
) -> dict[str, dict[str, float]]:
    """For each measure the value of each question in `answering`, in [0, 1].

    `found` are the names of what was found, best first, `answering` those that answer; both by question id.
    """
    judged = [
        ir_measures.Qrel(question, passage, 1)
        for question, passages in answering.items()
        for passage in passages
    ]
    ranked = [
        ir_measures.ScoredDoc(question, passage, -float(rank))
        for question in answering
        for rank, passage in enumerate(found.get(question, ()))
    ]
    values = {name: dict.fromkeys(answering, 0.0) for name in MEASURES}
    names = {measure: name for name, measure in MEASURES.items()}
    for metric in ir_measures.iter_calc(list(MEASURES.values()), judged, ranked):
        values[names[metric.measure]][metric.query_id] = float(metric.value)
    return values
