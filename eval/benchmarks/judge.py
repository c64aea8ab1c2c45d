"""How often the judge of support is right, on pairs that people labelled.

    python -m eval.benchmarks.judge --datasets FOLDER

IndoNLI valid (a hypothesis is supported where the premise entails it), every domain of SummEdits (a summary
with or without one small false edit), and the pairs that the project ships. Prints a Markdown table: balanced
accuracy over the pairs that could be judged, with a 95 % interval, and how many could not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.benchmarks.reading_sets import benchmark_arguments, parse_benchmark, read_lines
from eval.intervals import Estimate, statistic_interval
from eval.judges import SUPPORTED_FROM, Judge, ValueJudge, balanced_accuracy, read_judgements

Pair = tuple[str, str, bool]
"""Sentence, quotation, and whether it is supported."""


def labelled_pairs(datasets: Path) -> Iterator[tuple[str, list[Pair]]]:
    """Each set by its name."""
    shipped = [(p.sentence, p.quotation, p.supported) for p in read_judgements()]
    yield "shipped with the project", shipped
    rows = read_lines(datasets / "nli" / "indonli.valid.jsonl.gz")
    yield "IndoNLI valid", [(r["hypothesis"], r["premise"], r["label"] == "entailment") for r in rows]
    for file in sorted((datasets / "faithfulness").glob("summedits_*.jsonl.gz")):
        rows = read_lines(file)
        yield f"SummEdits {file.name[10:-9]}", [(r["claim"], r["document"], r["supported"]) for r in rows]


def judged(judge: Judge, pairs: Sequence[Pair]) -> list[tuple[bool, bool]]:
    """Supported, and found to be, of each pair that could be judged."""
    found = [(label, judge.support(sentence, quotation)) for sentence, quotation, label in pairs]
    return [(label, support >= SUPPORTED_FROM) for label, support in found if support is not None]


def measure(judge: Judge, pairs: Sequence[Pair]) -> tuple[Estimate, int]:
    """Balanced accuracy and how many pairs could not be judged."""
    outcomes = judged(judge, pairs)
    return statistic_interval(outcomes, balanced_accuracy), len(pairs) - len(outcomes)


def main() -> None:
    given = parse_benchmark(benchmark_arguments(__doc__, work=False))
    sys.stdout.write("| pairs | number | balanced accuracy (95 %) | not judged |\n|---|---|---|---|\n")
    for name, pairs in labelled_pairs(given.datasets):
        estimate, unjudged = measure(ValueJudge(), pairs)
        sys.stdout.write(f"| {name} | {len(pairs)} | {estimate} | {unjudged} |\n")


if __name__ == "__main__":
    main()
