"""The bundled embedder: Indonesian lands where English does, and questions land by their passages.

    python -m training.embedder --datasets FOLDER --work FOLDER

Starts from all-MiniLM-L6-v2 with the vocabulary of `training.vocabulary`. Three parts, each resumable:

1. `distil`: the vector of an Indonesian sentence is drawn to the one that the unaltered model gives its
   English translation, in squared distance and by contrast with the batch; English sentences keep their own
   vectors (Reimers and Gurevych 2020). Questions and passages, headlines and articles are mixed in.
2. `contrast`: questions, those that people asked and those that `training.examples` makes from news, and
   their passages against the batch and against passages that keywords or the model of part 1 found and that
   are wrong (InfoNCE; Karpukhin et al. 2020), with sentence pairs mixed in so that nothing is unlearnt.
3. `written`: the same with questions and claims that were written for this, on articles that are easily taken
   for one another (`training.written`), in other words or in the other language than the passage; among some
   of part 2's pairs.

Wrong passages are found by keywords, and by the model as it is before a part. `--go-on FOLDER` runs the third
part alone, from the embedder in FOLDER. Paragraphs that `training.data.is_held_out` names, and articles that
are held out, are not trained on.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import BertModel

from eval.benchmarks.reading_sets import parse_benchmark
from training.data import ReadingRow, read_parallel, read_trained
from training.examples import PASSAGE_TOKENS
from training.export import export_embedder
from training.loop import (
    DEVICE,
    Ids,
    Schedule,
    bucket,
    mixed_precision,
    pad,
    recipe_arguments,
    token_counter,
    tokenize,
    train,
)
from training.negatives import Vectors, Wrong, by_keywords, by_vectors, kept_wrong
from training.pairs import (
    CLAIMS,
    WRITTEN,
    TextPairs,
    news_pairs,
    reading_pairs,
    span_pairs,
    written_passage_rows,
)
from training.vocabulary import extend_model, extend_tokenizer, read_texts, source_model, source_tokenizer
from training.weights import read_embedder
from training.written import FOLDER, read_written_claims, read_written_questions, written_argument

SEED = 20261124
LONGEST_SENTENCE = 96
LONGEST_PASSAGE = PASSAGE_TOKENS + 2
"""A passage of the service with its special tokens."""
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
    """The losses of all parts, over texts that are tokenized once."""

    def __init__(
        self,
        model: Embedder,
        english: list[Ids],
        indonesian: list[Ids],
        targets: NDArray[np.float16],
    ) -> None:
        self.model = model
        self._english, self._indonesian, self._targets = english, indonesian, targets
        self.pairs: dict[str, Pairs] = {}

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
    sentence_lengths: Sequence[int], pairs: dict[str, Pairs], epochs: dict[str, float], seed: int
) -> list[Batch]:
    """Every batch of one part, in a random order. `epochs` are by the name of a batch."""
    draw = random.Random(seed)
    batches: list[Batch] = []
    order = _repeat(len(sentence_lengths), epochs[SENTENCES], draw)
    for rows in bucket(order, lambda i: sentence_lengths[i], SENTENCE_BATCH):
        draw.shuffle(rows)
        batches.append(Batch(SENTENCES, rows))
    for name, some in pairs.items():
        order = _repeat(len(some.questions), epochs[name], draw)
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


def run(
    datasets: Path,
    work: Path,
    output: Path,
    licensed_only: bool,
    scale: float,
    written: Path = FOLDER,
    go_on: Path | None = None,
) -> None:
    """Trains the embedder, or only its third part where it is to `go_on` from the one in a folder. `scale` is
    a share of all epochs."""
    work.mkdir(parents=True, exist_ok=True)
    draw = random.Random(SEED)
    # Before anything is trained, for a fault in a line ends the run.
    asked = read_written_questions(written, held_out=False)
    said = read_written_claims(written, held_out=False)
    rows = read_trained(datasets, licensed_only)
    tokenizer_file = work / "tokenizer.json"
    if go_on:
        shutil.copyfile(go_on / "tokenizer.json", tokenizer_file)
    elif not tokenizer_file.is_file():
        extend_tokenizer(*read_texts(datasets, licensed_only)).save(str(tokenizer_file))
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    print(f"vocabulary: {tokenizer.get_vocab_size()} pieces", flush=True)

    parallel = read_parallel(datasets, licensed_only)
    began = time.monotonic()
    targets = source_vectors([p.english for p in parallel], work / "targets.npy")
    print(f"{len(parallel)} sentence pairs, targets in {time.monotonic() - began:.0f} s", flush=True)
    english = tokenize(tokenizer, [p.english for p in parallel], LONGEST_SENTENCE)
    indonesian = tokenize(tokenizer, [p.indonesian for p in parallel], LONGEST_SENTENCE)
    model = Embedder(read_embedder(go_on) if go_on else extend_model(tokenizer)).to(DEVICE)
    trainer = Trainer(model, english, indonesian, targets)

    def train_part(
        name: str, pairs: TextPairs, wrong: Wrong, epochs: dict[str, float], schedule: Schedule, seed: int
    ) -> None:
        """`epochs` of each set of pairs, and of the sentences."""
        trainer.pairs = {kind: make_pairs(some, wrong, tokenizer) for kind, some in pairs.items()}
        scaled = {kind: scale * part for kind, part in epochs.items()}
        batches = plan([len(ids) for ids in indonesian], trainer.pairs, scaled, seed)
        train(model, batches, trainer.loss, schedule, work, name)

    def encoded(longest: int) -> Callable[[list[str]], Vectors]:
        return lambda texts: encode(model, tokenize(tokenizer, texts, longest))

    def mine(rows: Sequence[ReadingRow], file: Path) -> Wrong:
        return kept_wrong(file, lambda: by_vectors(rows, encoded(LONGEST_PASSAGE), encoded(LONGEST_SENTENCE)))

    reading = reading_pairs(rows)
    news = {} if licensed_only else news_pairs(datasets, draw)
    keywords = kept_wrong(work / "keywords.json", lambda: by_keywords(rows, work / "keywords"))
    if not go_on:
        epochs = {**dict.fromkeys(reading, 1.0), **dict.fromkeys(news, 0.5), SENTENCES: 1.0}
        train_part("distil", {**reading, **news}, keywords, epochs, Schedule(), SEED)
    vectors = mine(rows, work / "vectors.json")
    wrong = {row: [*keywords.get(row, []), *vectors.get(row, [])] for row in keywords.keys() | vectors.keys()}
    if not go_on:
        spans, elsewhere = span_pairs(datasets, licensed_only, draw)
        epochs = {
            **dict.fromkeys(reading, 2.0),
            **dict.fromkeys(news, 0.3),
            **dict.fromkeys(spans, 0.4),
            "facqa": 4.0,
            SENTENCES: 0.2,
        }
        schedule = Schedule(embeddings=5e-4, layers=7e-5)
        train_part("contrast", {**reading, **news, **spans}, wrong | elsewhere, epochs, schedule, SEED + 1)
    own = written_passage_rows(asked, said, token_counter(tokenizer))
    alike = mine(own, work / "written.json")
    epochs = {
        **dict.fromkeys(reading, 0.12),
        **dict.fromkeys(news, 0.03),
        WRITTEN: 1.0,
        CLAIMS: 0.1,
        SENTENCES: 0.05,
    }
    schedule = Schedule(embeddings=3e-4, layers=7e-5)
    train_part(
        "written", {**reading, **news, **reading_pairs(own)}, wrong | alike, epochs, schedule, SEED + 2
    )
    model.encoder.save_pretrained(work / "encoder")
    export_embedder(model, model.encoder.config.to_dict(), tokenizer, output)


def main() -> None:
    parser = recipe_arguments(__doc__, "embedder-1")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the epochs")
    parser.add_argument(
        "--go-on",
        type=Path,
        metavar="FOLDER",
        help="the third part alone, from the embedder in FOLDER; needs a new WORK",
    )
    written_argument(parser, "questions", "claims")
    given = parse_benchmark(parser)
    torch.manual_seed(SEED)
    run(
        given.datasets, given.work, given.output or given.work / "embedder-1", given.licensed_only,
        given.scale, given.written, given.go_on,
    )  # fmt: skip


if __name__ == "__main__":
    main()
