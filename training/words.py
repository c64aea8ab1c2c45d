"""Masked language modelling: an encoder learns which words go together, before it learns to read.

    python -m training.words --datasets FOLDER --work FOLDER --model FOLDER

The bundled models come from an English encoder that met Indonesian in whole sentences and questions: their
vectors are right, and the words in them have little meaning of their own. Here the encoder of the reader in
MODEL goes on: 15 % of the words are masked and told from what stands around them (Devlin et al. 2019, section
3.1), all pieces of a word together (whole word masking; Cui et al. 2019). A text never stands alone: news is
beside its headline, a paragraph beside a question on it, a sentence beside its translation (Lample and
Conneau 2019), so that what is masked in one is often told by the other. The word embeddings are not trained,
and score the masked words too.

WORK gets what `training.reader --embedder WORK` starts from: the encoder, its vocabulary, and wrong passages
for the questions, found by keywords and by the bundled embedder.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import BertModel

from eval.benchmarks.reading_sets import NEWS, parse_benchmark
from service.embeddings import BundledEmbedder
from training.data import read_news, read_parallel, read_trained
from training.loop import (
    DEVICE,
    Ids,
    Schedule,
    batches_by_length,
    mixed_precision,
    pad_pairs,
    recipe_arguments,
    tokenize,
    train,
)
from training.negatives import by_keywords, by_vectors, kept_wrong
from training.vocabulary import SPECIAL
from training.weights import read_encoder

SEED = 20261129
LONGEST = 112
"""Tokens of a pair: attention takes a third of a step at twice as many."""
BATCH_TOKENS = 8_064
MASKED = 0.15
REPLACED = (0.8, 0.1)
"""Shares of the masked tokens that [MASK] stands for, and another token; the rest stay as they are."""
ARTICLE_TOKENS = 1_000
TRANSLATIONS = 60_000
_LONGEST_SAID = 28
_SHORTEST_PART = 40
_MASK = SPECIAL.index("[MASK]")

Pair = tuple[Ids, int]
"""Token ids of two texts, and the place where the second begins."""


class MaskedLanguageModel(nn.Module):
    """Scores of every token to be what stands at a place, (places × vocabulary)."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        size = encoder.config.hidden_size
        self.encoder = encoder
        self.dense = nn.Linear(size, size)
        self.norm = nn.LayerNorm(size)
        self.bias = nn.Parameter(torch.zeros(encoder.config.vocab_size))
        encoder.embeddings.word_embeddings.requires_grad_(False)

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, kind: torch.Tensor, places: torch.Tensor
    ) -> torch.Tensor:
        states = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=kind).last_hidden_state
        found = self.norm(functional.gelu(self.dense(states[places])))
        scores: torch.Tensor = found @ self.encoder.embeddings.word_embeddings.weight.T + self.bias
        return scores


class WordsTrainer:
    def __init__(self, model: MaskedLanguageModel, rows: Sequence[Pair], tokenizer: Tokenizer) -> None:
        self.model = model
        self._rows = rows
        pieces = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
        self._continues = torch.tensor([piece.startswith("##") for piece, _ in pieces], device=DEVICE)

    def loss(self, batch: list[int]) -> tuple[torch.Tensor, dict[str, float]]:
        rows = [self._rows[i] for i in batch]
        ids, mask, kind = pad_pairs([ids for ids, _ in rows], [at for _, at in rows])
        masked = self.choose(ids)
        with mixed_precision():
            scores = self.model(self.replace(ids, masked), mask, kind, masked)
        wanted = ids[masked]
        loss = functional.cross_entropy(scores.float(), wanted)
        right = (scores.argmax(1) == wanted).float().mean()
        return loss, {"loss": float(loss.detach()), "right": float(right)}

    def choose(self, ids: torch.Tensor) -> torch.Tensor:
        """Which tokens to mask, at random: all pieces of a word or none, and no special token."""
        word = (~self._continues[ids]).long().cumsum(1).clamp(max=ids.shape[1] - 1)
        drawn = torch.rand(ids.shape, device=DEVICE) < MASKED
        return drawn.gather(1, word) & (ids >= len(SPECIAL))

    def replace(self, ids: torch.Tensor, masked: torch.Tensor) -> torch.Tensor:
        """What the model sees: [MASK] for most of the masked tokens, others or themselves for the rest."""
        by_mask, by_other = REPLACED
        chance = torch.rand(ids.shape, device=DEVICE)
        other = torch.randint(len(SPECIAL), len(self._continues), ids.shape, device=DEVICE)
        seen = ids.masked_fill(masked & (chance < by_mask), _MASK)
        return torch.where(masked & (chance > 1 - by_other), other, seen)


def make_pairs(datasets: Path, tokenizer: Tokenizer, licensed_only: bool, draw: random.Random) -> list[Pair]:
    """Headlines beside parts of their articles, a question beside parts of its paragraph (none that is held
    out), and sentences beside their translation, either first; at most LONGEST tokens each."""
    asked: dict[str, list[str]] = {}
    for row in read_trained(datasets, licensed_only):
        asked.setdefault(row.context, []).append(row.question)
    articles = [] if licensed_only else read_news(datasets, *NEWS)
    said = [article.title for article in articles] + [draw.choice(some) for some in asked.values()]
    texts = [article.text for article in articles] + list(asked)
    found = [
        (first, part)
        for first, whole in zip(
            tokenize(tokenizer, said, _LONGEST_SAID, special=False),
            tokenize(tokenizer, texts, ARTICLE_TOKENS, special=False),
            strict=True,
        )
        for part in _parts(whole, LONGEST - 3 - len(first))
    ]
    parallel = read_parallel(datasets, licensed_only)
    chosen = draw.sample(parallel, min(TRANSLATIONS, len(parallel)))
    sides = [(pair.english, pair.indonesian)[:: draw.choice((1, -1))] for pair in chosen]
    one, other = (
        tokenize(tokenizer, [side[k] for side in sides], (LONGEST - 3) // 2, special=False) for k in (0, 1)
    )
    opening, closing = tokenizer.encode("").ids
    return [
        ([opening, *first, closing, *second, closing], len(first) + 2)
        for first, second in [*found, *zip(one, other, strict=True)]
    ]


def _parts(text: Ids, longest: int) -> list[Ids]:
    starts = [i for i in range(0, len(text), longest) if i == 0 or len(text) - i >= _SHORTEST_PART]
    return [text[i : i + longest] for i in starts]


def run(datasets: Path, work: Path, start: Path, licensed_only: bool, epochs: float) -> None:
    work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    tokenizer = Tokenizer.from_file(str(start / "tokenizer.json"))
    encoder = read_encoder(start)
    # Without fused attention short texts take two thirds of the time on a CPU.
    encoder.set_attn_implementation("eager")
    model = MaskedLanguageModel(encoder).to(DEVICE)
    pairs = make_pairs(datasets, tokenizer, licensed_only, random.Random(SEED))
    lengths = [len(ids) for ids, _ in pairs]
    print(f"words: {len(pairs)} pairs, {sum(lengths)} tokens", flush=True)
    batches = batches_by_length(lengths, BATCH_TOKENS, epochs, SEED)
    loss = WordsTrainer(model, pairs, tokenizer).loss
    train(model, batches, loss, Schedule(layers=4e-4), work, "words")
    encoder.save_pretrained(work / "encoder")
    shutil.copyfile(start / "tokenizer.json", work / "tokenizer.json")
    rows = read_trained(datasets, licensed_only)
    kept_wrong(work / "keywords.json", lambda: by_keywords(rows, work / "keywords"))
    encode = BundledEmbedder().embed_passages
    kept_wrong(work / "vectors.json", lambda: by_vectors(rows, encode, encode))


def main() -> None:
    parser = recipe_arguments(__doc__)
    parser.add_argument(
        "--model", type=Path, required=True, help="folder of the reader whose encoder goes on"
    )
    parser.add_argument("--epochs", type=float, default=1.0)
    given = parse_benchmark(parser)
    run(given.datasets, given.work, given.model, given.licensed_only, given.epochs)


if __name__ == "__main__":
    main()
