"""How fast the bundled embedder is beside all-MiniLM-L6-v2, a model of its size, on torch.

    python -m eval.benchmarks.embedders --datasets FOLDER

Embeds the same passages of `news/detik` and the same questions with each backend, in turn, three rounds, and
prints a Markdown table of the medians: passages a second and milliseconds a question.
"""

from __future__ import annotations

import argparse
import gzip
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from eval.benchmarks.minilm import minilm_folder
from eval.benchmarks.reading_sets import DATASETS_VARIABLE
from service.articles import article_from_json
from service.embeddings import BundledEmbedder
from service.passages import embedding_text, split_article

_PASSAGES, _QUESTIONS, _ROUNDS, _BATCH, _MAX_TOKENS = 256, 50, 3, 32, 256

Embed = Callable[[list[str]], object]


def read_texts(datasets: Path, embedder: BundledEmbedder) -> tuple[list[str], list[str]]:
    """The first passages of the news articles as they are embedded, and their titles as questions."""
    texts: list[str] = []
    titles: list[str] = []
    with gzip.open(datasets / "news" / "detik.jsonl.gz") as lines:
        for line in lines:
            article, _ = article_from_json(line)
            titles.append(article.title)
            passages = split_article(article, embedder.count_tokens, embedder.max_tokens, "benchmark")
            texts += [embedding_text(article.title, passage.text) for passage in passages]
            if len(texts) >= _PASSAGES and len(titles) >= _QUESTIONS:
                break
    return texts[:_PASSAGES], titles[:_QUESTIONS]


def backends(ours: BundledEmbedder) -> dict[str, tuple[Embed, Embed]]:
    """For each backend what embeds many passages, and what embeds one question."""
    folder = minilm_folder()
    found: dict[str, tuple[Embed, Embed]] = {
        "bundled: ONNX int8, one text a pass": (ours.embed_passages, lambda q: ours.embed_question(q[0]))
    }
    for name, kind in (("torch float32", torch.float32), ("torch bfloat16", torch.bfloat16)):
        model = SentenceTransformer(folder, device="cpu", model_kwargs={"dtype": kind})
        model.max_seq_length = _MAX_TOKENS

        def embed(texts: list[str], model: SentenceTransformer = model) -> object:
            return model.encode(texts, batch_size=_BATCH, convert_to_numpy=False)

        found[f"sentence-transformers, {name}, batches of {_BATCH}"] = (embed, embed)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--datasets", type=Path, default=os.environ.get(DATASETS_VARIABLE))
    given = parser.parse_args()
    if given.datasets is None:
        parser.exit(0, f"no data sets: give --datasets or {DATASETS_VARIABLE}; skipped\n")
    ours = BundledEmbedder()
    passages, questions = read_texts(Path(given.datasets), ours)
    compared = backends(ours)
    rates: dict[str, list[float]] = {name: [] for name in compared}
    waits: dict[str, list[float]] = {name: [] for name in compared}
    for _ in range(_ROUNDS):
        for name, (embed_many, embed_one) in compared.items():
            began = time.perf_counter()
            embed_many(passages)
            rates[name].append(len(passages) / (time.perf_counter() - began))
            for question in questions:
                began = time.perf_counter()
                embed_one([question])
                waits[name].append(1000 * (time.perf_counter() - began))
    tokens = statistics.mean(min(ours.count_tokens(text), _MAX_TOKENS) for text in passages)
    sys.stdout.write(
        f"{len(passages)} passages of {tokens:.0f} tokens, {os.cpu_count()} cores, "
        f"torch {torch.__version__}\n\n"
        "| backend | passages a second | ms a question |\n|---|---|---|\n"
    )
    for name in compared:
        rate, wait = statistics.median(rates[name]), statistics.median(waits[name])
        sys.stdout.write(f"| {name} | {rate:.1f} | {wait:.1f} |\n")


if __name__ == "__main__":
    main()
