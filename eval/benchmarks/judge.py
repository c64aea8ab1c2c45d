"""How often the judge of support is right, on pairs that people labelled.

    python -m eval.benchmarks.judge --datasets FOLDER [--model FOLDER] [--most PAIRS]

IndoNLI valid (a hypothesis is supported where the premise entails it), every domain of SummEdits (a summary
with or without one small false edit), the pairs that the project ships, and the sentences of people's
summaries of Indonesian news: supported by their article, and not by the other article that shares most words
with it, nor by the fifth of those. Prints a Markdown table of the baseline and of the trained judge in the
folder named: balanced accuracy over the pairs that could be judged, with a 95 % interval, the shares right of
the supported and of the others, how many could not be judged, and the milliseconds a pair takes.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from eval.benchmarks.reading_sets import (
    benchmark_arguments,
    parse_benchmark,
    read_domain,
    read_lines,
    summary_domains,
)
from eval.intervals import Estimate, shown, statistic_interval
from eval.judges import Judge, ModelJudge, ValueJudge, balanced_accuracy, read_judgements, shares_right
from service.sentences import split_sentences
from service.terms import STOPWORDS, tokens

Pair = tuple[str, str, bool]
"""Sentence, quotation, and whether it is supported."""
ANOTHER_STORY = 5
"""The most similar other article often tells the same story; the fifth is on the topic, and seldom does."""
_TIMED = 200
_SEED = 20261128


def labelled_pairs(datasets: Path) -> Iterator[tuple[str, list[Pair]]]:
    """Each set by its name."""
    shipped = [(p.sentence, p.quotation, p.supported) for p in read_judgements()]
    yield "shipped with the project", shipped
    rows = read_lines(datasets / "nli" / "indonli.valid.jsonl.gz")
    yield "IndoNLI valid", [(r["hypothesis"], r["premise"], r["label"] == "entailment") for r in rows]
    for domain in summary_domains(datasets):
        yield f"SummEdits {domain}", domain_pairs(datasets, domain)
    yield "summaries of detik", summary_pairs(datasets)
    yield "summaries of detik, another story", summary_pairs(datasets, ANOTHER_STORY)


def domain_pairs(datasets: Path, domain: str) -> list[Pair]:
    """The summaries of a domain of SummEdits with their documents."""
    return [(r["claim"], r["document"], r["supported"]) for r in read_domain(datasets, domain)]


def summary_pairs(datasets: Path, rank: int = 1) -> list[Pair]:
    """Each sentence of a summary with its article, and with the other one that shares most words with it, or
    the second of those, or whichever `rank` says."""
    articles = {
        r["id"]: f"{r['title']}.\n{r['text']}" for r in read_lines(datasets / "news" / "detik.jsonl.gz")
    }
    words = {key: set(tokens(text)) - STOPWORDS for key, text in articles.items()}
    uses = Counter(word for some in words.values() for word in some)

    def shared(one: str, other: str) -> float:
        return sum(math.log(len(words) / uses[word]) for word in words[one] & words[other])

    pairs: list[Pair] = []
    for row in read_lines(datasets / "faithfulness" / "detik_summaries.jsonl.gz"):
        own, summary = row["article_id"], row["summary"]
        others = sorted((key for key in articles if key != own), key=lambda key: (-shared(own, key), key))
        other = others[min(rank, len(others)) - 1]
        for s in split_sentences(summary):
            pairs += [(summary[s.start : s.end], articles[key], key == own) for key in (own, other)]
    return pairs


def judged(judge: Judge, pairs: Sequence[Pair]) -> list[tuple[bool, bool]]:
    """Supported, and found to be, of each pair that could be judged."""
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda pair: (pair[2], judge.support(pair[0], pair[1])), pairs))
    return [(label, support >= judge.supported_from) for label, support in found if support is not None]


def measure(judge: Judge, pairs: Sequence[Pair]) -> tuple[Estimate, int, tuple[float, float]]:
    """Balanced accuracy, how many pairs could not be judged, and the shares right of the supported and of
    the rest."""
    outcomes = judged(judge, pairs)
    estimate = statistic_interval(outcomes, balanced_accuracy)
    return estimate, len(pairs) - len(outcomes), shares_right(outcomes)


def milliseconds(judge: Judge, pairs: Sequence[Pair]) -> float:
    """Of a pair, one after another."""
    began = time.perf_counter()
    for sentence, quotation, _ in pairs:
        judge.support(sentence, quotation)
    return (time.perf_counter() - began) * 1_000 / len(pairs)


def main() -> None:
    parser = benchmark_arguments(__doc__, work=False)
    parser.add_argument("--model", type=Path, help="folder of a trained judge")
    parser.add_argument("--most", type=int, help="pairs of each set, drawn by a seed; all unless told")
    given = parse_benchmark(parser)
    judges: list[Judge] = [ValueJudge(), *([ModelJudge(given.model)] if given.model else [])]
    sys.stdout.write(
        "| judge | pairs | number | balanced accuracy (95 %) | supported / not, right | not judged | ms |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    for name, pairs in labelled_pairs(given.datasets):
        if given.most and len(pairs) > given.most:
            pairs = random.Random(_SEED).sample(pairs, given.most)
        for judge in judges:
            estimate, unjudged, (yes, no) = measure(judge, pairs)
            each = milliseconds(judge, pairs[:: max(1, len(pairs) // _TIMED)])
            sys.stdout.write(
                f"| {judge.name} | {name} | {len(pairs)} | {estimate} | {shown(yes)} / {shown(no)}"
                f" | {unjudged} | {each:.1f} |\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main()
