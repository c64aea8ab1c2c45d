"""The bundled embedder: Indonesian lands where English does, and questions land by their passages.

    python -m training.embedder --datasets FOLDER --work FOLDER

Starts from all-MiniLM-L6-v2 with the vocabulary of `training.vocabulary`. Two parts, each resumable:

1. `distil`: the vector of an Indonesian sentence is drawn to the one that the unaltered model gives its
   English translation, in squared distance and by contrast with the batch; English sentences keep their own
   vectors (Reimers and Gurevych 2020). Questions and passages, headlines and articles are mixed in.
2. `contrast`: questions, those that people asked and those that `training.examples` makes from news, and
   their passages against the batch and against passages that keywords or the model of part 1 found and that
   are wrong (InfoNCE; Karpukhin et al. 2020), with sentence pairs mixed in so that nothing is unlearnt.

Paragraphs that `training.data.is_held_out` names are not trained on.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import BertModel

from eval.benchmarks.reading_sets import parse_benchmark, read_lines
from training.data import (
    LEAD_CHARS,
    ReadingRow,
    is_held_out,
    read_news,
    read_parallel,
    read_reading,
)
from training.examples import made_examples
from training.export import export_embedder
from training.loop import (
    DEVICE,
    Ids,
    Schedule,
    bucket,
    mixed_precision,
    pad,
    recipe_arguments,
    tokenize,
    train,
)
from training.negatives import Wrong, by_keywords, by_vectors, kept_wrong
from training.vocabulary import extend_model, extend_tokenizer, read_texts, source_model, source_tokenizer

SEED = 20261124
LONGEST_SENTENCE, LONGEST_PASSAGE = 96, 224
SENTENCE_BATCH, PASSAGE_BATCH = 128, 48
SCALE = 20.0
"""Inverse temperature of the contrast."""
ENGLISH_SHARE = 0.3
"""Of a batch of sentence pairs, the part whose English side is held to its old vector."""

SENTENCES = "sentences"
"""The name of a batch of sentence pairs; another name is that of a set of question–passage pairs."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Indices into the sentence pairs, or into the question–passage pairs of the set `name`."""

    name: str
    rows: list[int]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Short texts and the passages they belong with. `passages` are distinct; `own[i]` is the place of
    the passage of `questions[i]`; `wrong[i]` are places of passages that look right and are not."""

    questions: list[Ids]
    passages: list[Ids]
    own: list[int]
    wrong: list[list[int]]


class Embedder(nn.Module):
    """Mean over the tokens, then unit length, as the source model was trained."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        hidden: torch.Tensor = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        return functional.normalize((hidden * weights).sum(1) / weights.sum(1), dim=1)


class Trainer:
    """The losses of both parts, over texts that are tokenized once."""

    def __init__(
        self,
        model: Embedder,
        english: list[Ids],
        indonesian: list[Ids],
        targets: NDArray[np.float16],
        pairs: dict[str, Pairs],
    ) -> None:
        self.model = model
        self._english, self._indonesian, self._targets = english, indonesian, targets
        self.pairs = pairs

    def loss(self, batch: Batch) -> tuple[torch.Tensor, dict[str, float]]:
        loss = self._sentences(batch) if batch.name == SENTENCES else self._pairs(batch)
        return loss, {batch.name: float(loss.detach())}

    def _encode(self, rows: Sequence[Ids]) -> torch.Tensor:
        with mixed_precision():
            vectors: torch.Tensor = self.model(*pad(rows))
        return vectors

    def _sentences(self, batch: Batch) -> torch.Tensor:
        targets = torch.from_numpy(self._targets[batch.rows].astype(np.float32)).to(DEVICE)
        indonesian = self._encode([self._indonesian[i] for i in batch.rows])
        some = max(2, int(ENGLISH_SHARE * len(batch.rows)))
        english = self._encode([self._english[i] for i in batch.rows[:some]])
        labels = torch.arange(len(batch.rows), device=DEVICE)
        contrast = functional.cross_entropy(SCALE * indonesian @ targets.T, labels)
        distance = (indonesian - targets).square().sum(1).mean()
        kept = (english - targets[:some]).square().sum(1).mean()
        return contrast + 2.0 * distance + 2.0 * kept

    def _pairs(self, batch: Batch) -> torch.Tensor:
        pairs = self.pairs[batch.name]
        draw = random.Random(f"{batch.name}{batch.rows}")
        wrong = [draw.choice(pairs.wrong[i]) for i in batch.rows if pairs.wrong[i]]
        places = list(dict.fromkeys([*(pairs.own[i] for i in batch.rows), *wrong]))
        at = {place: k for k, place in enumerate(places)}
        questions = self._encode([pairs.questions[i] for i in batch.rows])
        passages = self._encode([pairs.passages[p] for p in places])
        labels = torch.tensor([at[pairs.own[i]] for i in batch.rows], device=DEVICE)
        scores = SCALE * questions @ passages.T
        forward = functional.cross_entropy(scores, labels)
        # A passage's own questions are several: the other direction takes the first only.
        first: dict[int, int] = {}
        for k, i in enumerate(batch.rows):
            first.setdefault(pairs.own[i], k)
        rows = list(first.values())
        backward = functional.cross_entropy(
            scores[rows][:, labels[rows]].T, torch.arange(len(rows), device=DEVICE)
        )
        return forward + 0.3 * backward


def make_pairs(
    rows: Sequence[tuple[str, str]], wrong: dict[tuple[str, str], list[str]], tokenizer: Tokenizer
) -> Pairs:
    """Pairs of texts, and the wrong passages of each, by place."""
    passages = list(dict.fromkeys([*(p for _, p in rows), *(w for row in rows for w in wrong.get(row, []))]))
    at = {passage: i for i, passage in enumerate(passages)}
    return Pairs(
        questions=tokenize(tokenizer, [q for q, _ in rows], LONGEST_SENTENCE),
        passages=tokenize(tokenizer, passages, LONGEST_PASSAGE),
        own=[at[p] for _, p in rows],
        wrong=[[at[w] for w in wrong.get(row, [])] for row in rows],
    )


def plan(
    sentence_lengths: Sequence[int],
    sentence_epochs: float,
    pairs: dict[str, Pairs],
    epochs: dict[str, float],
    seed: int,
) -> list[Batch]:
    """Every batch of one part, in a random order."""
    draw = random.Random(seed)
    batches: list[Batch] = []
    order = _repeat(len(sentence_lengths), sentence_epochs, draw)
    for rows in bucket(order, lambda i: sentence_lengths[i], SENTENCE_BATCH):
        draw.shuffle(rows)
        batches.append(Batch(SENTENCES, rows))
    for name, some in pairs.items():
        order = _repeat(len(some.questions), epochs.get(name, 0.0), draw)
        lengths = [len(some.passages[place]) for place in some.own]
        by_length = bucket(order, lengths.__getitem__, PASSAGE_BATCH, 8)
        batches += [Batch(name, rows) for rows in by_length]
    draw.shuffle(batches)
    return batches


def _repeat(count: int, epochs: float, draw: random.Random) -> list[int]:
    """Places 0..count-1 in random order, `epochs` times over."""
    order: list[int] = []
    left = round(count * epochs)
    while left > 0:
        once = list(range(count))
        draw.shuffle(once)
        order += once[:left]
        left -= len(once)
    return order


def source_vectors(texts: Sequence[str], file: Path) -> NDArray[np.float16]:
    """The unaltered model's vectors of English texts, kept in `file`."""
    if file.is_file():
        stored: NDArray[np.float16] = np.load(file)
        return stored
    model = Embedder(source_model())
    vectors = encode(model.to(DEVICE).eval(), tokenize(source_tokenizer(), texts, LONGEST_SENTENCE + 32))
    np.save(file, vectors)
    return vectors


def encode(model: Embedder, rows: Sequence[Ids], size: int = 64) -> NDArray[np.float16]:
    """Unit vectors, (rows × 384), in order."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    vectors = np.empty((len(rows), model.encoder.config.hidden_size), dtype=np.float16)
    with torch.inference_mode(), mixed_precision():
        for i in range(0, len(order), size):
            some = order[i : i + size]
            vectors[some] = model(*pad([rows[j] for j in some])).float().cpu().numpy().astype(np.float16)
    return vectors


def reading_pairs(rows: Sequence[ReadingRow]) -> dict[str, list[tuple[str, str]]]:
    """Question and passage of the answerable rows that may be trained on, by set."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        if row.answerable and not is_held_out(row.group):
            found[row.source].append((row.question, row.context))
    return dict(found)


def news_pairs(datasets: Path, draw: random.Random) -> dict[str, list[tuple[str, str]]]:
    """Headline and a part of its article, summary and a part of its article, by language."""
    found: dict[str, list[tuple[str, str]]] = {"headlines id": [], "headlines en": []}
    for article in read_news(datasets, "detik", "click_id", "realtimeqa_articles"):
        starts = [
            0,
            *(i + 2 for i in range(200, min(len(article.text), 3_000)) if article.text[i : i + 2] == ". "),
        ]
        start = draw.choice(starts[: 1 + len(starts) // 2])
        passage = article.text[start : start + LEAD_CHARS]
        if len(article.title) > 20 and len(passage) > 200:
            found[f"headlines {article.language}"].append((article.title, passage))
    texts = {row["id"]: row["text"] for row in read_lines(datasets / "news" / "detik.jsonl.gz")}
    found["headlines id"] += [
        (row["summary"], texts[row["article_id"]][:LEAD_CHARS])
        for row in read_lines(datasets / "faithfulness" / "detik_summaries.jsonl.gz")
    ]
    return found


def span_pairs(
    datasets: Path, licensed_only: bool, draw: random.Random
) -> tuple[dict[str, list[tuple[str, str]]], Wrong]:
    """Questions that are made by program, each with its passage (`training.examples`), and for some of them a
    part of the same article that doesn't answer."""
    each = {"detik": 4, "realtimeqa_articles": 1, "click_id": 1}
    made = made_examples(datasets, licensed_only, each, draw)
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    elsewhere: Wrong = {}
    at: dict[tuple[str, str], tuple[str, str]] = {}
    for example in made:
        if example.answerable:
            pair = (example.question, example.passage)
            found[f"{example.kind}s"].append(pair)
            at[(example.group, example.question)] = pair
    for example in made:
        if not example.answerable and (example.group, example.question) in at:
            elsewhere.setdefault(at[(example.group, example.question)], []).append(example.passage)
    return dict(found), elsewhere


def run(datasets: Path, work: Path, output: Path, licensed_only: bool, scale: float) -> None:
    work.mkdir(parents=True, exist_ok=True)
    draw = random.Random(SEED)
    rows = read_reading(datasets, licensed_only)
    tokenizer_file = work / "tokenizer.json"
    if not tokenizer_file.is_file():
        extend_tokenizer(*read_texts(datasets, licensed_only)).save(str(tokenizer_file))
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    print(f"vocabulary: {tokenizer.get_vocab_size()} pieces", flush=True)

    parallel = read_parallel(datasets, licensed_only)
    began = time.monotonic()
    targets = source_vectors([p.english for p in parallel], work / "targets.npy")
    print(f"{len(parallel)} sentence pairs, targets in {time.monotonic() - began:.0f} s", flush=True)
    english = tokenize(tokenizer, [p.english for p in parallel], LONGEST_SENTENCE)
    indonesian = tokenize(tokenizer, [p.indonesian for p in parallel], LONGEST_SENTENCE)

    reading = reading_pairs(rows)
    news = {} if licensed_only else news_pairs(datasets, draw)
    keywords = kept_wrong(work / "keywords.json", lambda: by_keywords(rows, work / "keywords"))
    model = Embedder(extend_model(tokenizer)).to(DEVICE)
    lengths = [len(ids) for ids in indonesian]

    pairs = {name: make_pairs(some, keywords, tokenizer) for name, some in {**reading, **news}.items()}
    trainer = Trainer(model, english, indonesian, targets, pairs)
    epochs = {**dict.fromkeys(reading, 1.0 * scale), **dict.fromkeys(news, 0.5 * scale)}
    batches = plan(lengths, 1.0 * scale, pairs, epochs, SEED)
    train(model, batches, trainer.loss, Schedule(), work, "distil")

    contexts = list(dict.fromkeys(row.context for row in rows if not is_held_out(row.group)))
    vectors = kept_wrong(
        work / "vectors.json",
        lambda: by_vectors(
            rows,
            contexts,
            encode(model, tokenize(tokenizer, contexts, LONGEST_PASSAGE)),
            lambda questions: encode(model, tokenize(tokenizer, questions, LONGEST_SENTENCE)),
        ),
    )
    both = {row: [*keywords.get(row, []), *vectors.get(row, [])] for row in keywords.keys() | vectors.keys()}
    spans, elsewhere = span_pairs(datasets, licensed_only, draw)
    everything = {**reading, **news, **spans}
    trainer.pairs = {name: make_pairs(some, both | elsewhere, tokenizer) for name, some in everything.items()}
    epochs = {
        **dict.fromkeys(reading, 2.0 * scale),
        **dict.fromkeys(news, 0.3 * scale),
        **dict.fromkeys(spans, 0.4 * scale),
        "facqa": 4.0 * scale,
    }
    batches = plan(lengths, 0.2 * scale, trainer.pairs, epochs, SEED + 1)
    train(model, batches, trainer.loss, Schedule(embeddings=5e-4, layers=7e-5), work, "contrast")
    model.encoder.save_pretrained(work / "encoder")
    export_embedder(model, model.encoder.config.to_dict(), tokenizer, output)


def main() -> None:
    parser = recipe_arguments(__doc__, "embedder-1")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the epochs")
    given = parse_benchmark(parser)
    torch.manual_seed(SEED)
    run(
        given.datasets,
        given.work,
        given.output or given.work / "embedder-1",
        given.licensed_only,
        given.scale,
    )


if __name__ == "__main__":
    main()
