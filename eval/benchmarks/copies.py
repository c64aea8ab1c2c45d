"""How often news is told twice, and how well that is seen.

    python -m eval.benchmarks.copies --datasets FOLDER

Every two articles of a set that share a band of `service.copies` are compared by their shingles of three
words. Prints a Markdown table: articles, milliseconds that an article's bands take, pairs that share a band,
how many of them have at least .8, .5 to .8 and less than .2 of their shingles in common (Jaccard), and the
share of articles that are in a pair of at least .5.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from itertools import combinations, islice
from pathlib import Path

from eval.benchmarks.reading_sets import NEWS, benchmark_arguments, parse_benchmark, read_lines
from service.copies import shingles, story_bands
from service.passages import split_article
from service.records import Article, Passage

_HEAD = "| set | articles | ms an article | pairs | .8 and more | .5 to .8 | under .2 | articles told twice |"
_COMMON_BAND = 50
"""A band of more articles is an opening or a footer that a site puts everywhere."""


def pairs_sharing_a_band(bands: list[tuple[int, ...]]) -> set[tuple[int, int]]:
    """Places of articles that share a band, each pair once, the lower place first."""
    having: dict[int, list[int]] = defaultdict(list)
    for place, some in enumerate(bands):
        for band in some:
            having[band].append(place)
    return {
        pair for places in having.values() if len(places) <= _COMMON_BAND for pair in combinations(places, 2)
    }


def measure(name: str, articles: list[list[Passage]]) -> str:
    """A row of the table."""
    began = time.perf_counter()
    bands = [story_bands(passages) for passages in articles]
    each_ms = 1000 * (time.perf_counter() - began) / max(len(articles), 1)
    alike = {}
    for one, other in pairs_sharing_a_band(bands):
        ours, theirs = shingles(articles[one]), shingles(articles[other])
        alike[one, other] = len(ours & theirs) / len(ours | theirs)
    twice = {place for pair, share in alike.items() if share >= 0.5 for place in pair}
    counts = [
        sum(share >= 0.8 for share in alike.values()),
        sum(0.5 <= share < 0.8 for share in alike.values()),
        sum(share < 0.2 for share in alike.values()),
    ]
    cells = [name, len(articles), f"{each_ms:.1f}", len(alike), *counts]
    return f"| {' | '.join(map(str, cells))} | {len(twice) / max(len(articles), 1):.3f} |"


def read_passages(datasets: Path, name: str, most: int) -> list[list[Passage]]:
    found = []
    for place, row in enumerate(islice(read_lines(datasets / "news" / f"{name}.jsonl.gz"), most)):
        article = Article(str(place), row["title"], row["text"], row["language"])
        found.append(split_article(article, len, 10**6, "benchmark"))
    return found


def main() -> None:
    parser = benchmark_arguments(__doc__, work=False)
    parser.add_argument("--articles", type=int, default=6_000, help="of each set, at most")
    given = parse_benchmark(parser)
    sys.stdout.write(f"{_HEAD}\n{'|---' * 8}|\n")
    for name in NEWS:
        sys.stdout.write(measure(name, read_passages(given.datasets, name, given.articles)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
