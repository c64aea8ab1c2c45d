"""How much of a collection of news articles is marked as no part of the story.

    python -m eval.benchmarks.noise --datasets FOLDER [--show 50]

Prints, for a sample of each news set, the share of characters that are sentences, headings and asides, how
many sentences an article has, and the share of them that hold a join of two paragraphs ("dia.,Setelah"). With
`--show`, so many asides of each set (the most frequent one once, commas alone none) and as many sentences, to
be read by eye.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from eval.benchmarks.reading_sets import NEWS, benchmark_arguments, parse_benchmark
from service.articles import ArticleRead, read_paths
from service.records import Article
from service.sentences import split_sentences

SEED = 20261125
_SAMPLE = 700
_SHOWN_CHARS = 120
_JOINED = re.compile(r"[.!?…][\"”’)]{0,2}\s?,[\s,]*(?=[A-Z\"“])")


def sample(file: Path, draw: random.Random) -> list[Article]:
    """Articles of a file, at most so many, in random order."""
    articles = [r.article for r in read_paths([file], 10**7) if isinstance(r, ArticleRead)]
    return draw.sample(articles, min(_SAMPLE, len(articles)))


def places(articles: list[Article]) -> Iterator[tuple[str, str]]:
    """(kind, text) of each part of the articles, in order."""
    for article in articles:
        for part in split_sentences(article.text):
            yield part.kind, article.text[part.start : part.end]


def main() -> None:
    parser = benchmark_arguments(__doc__, work=False)
    parser.add_argument("--show", type=int, default=0, help="how many places of each kind to print")
    given = parse_benchmark(parser)
    draw = random.Random(SEED)
    shown: list[tuple[str, list[str]]] = []
    print("| set | articles | sentences | headings | asides | sentences an article | joined |")
    print("|---|---|---|---|---|---|---|")
    for name in NEWS:
        articles = sample(given.datasets / "news" / f"{name}.jsonl.gz", draw)
        chars: Counter[str] = Counter()
        marked: set[str] = set()
        sentences: list[str] = []
        for kind, text in places(articles):
            chars[kind] += len(text)
            if kind == "sentence":
                sentences.append(text)
            elif kind == "aside" and any(c.isalnum() for c in text):
                marked.add(text)
        shown += [(f"{name}, marked", sorted(marked)), (f"{name}, not marked", sentences)]
        shares = " | ".join(f"{chars[k] / chars.total():.4f}" for k in ("sentence", "heading", "aside"))
        joined = sum(bool(_JOINED.search(text)) for text in sentences) / len(sentences)
        print(
            f"| {name} | {len(articles)} | {shares} | {len(sentences) / len(articles):.1f} | {joined:.3f} |"
        )
    if given.show:
        for title, texts in shown:
            print(f"\n{title}")
            for text in draw.sample(texts, min(given.show, len(texts))):
                print("  ", text[:_SHOWN_CHARS].replace("\n", " "))


if __name__ == "__main__":
    main()
