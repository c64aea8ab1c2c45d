"""The training loop that the recipes share: learning rates, mixed precision, checkpoints, the log.

A recipe gives a list of batches, made beforehand from a seed, and a function from a batch to its loss. A
run that was stopped goes on from its last checkpoint and takes the same batches that it would have taken.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn

from eval.benchmarks.reading_sets import benchmark_arguments
from service.passages import CountTokens

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
_CHECKPOINT_S = 240.0
_LOG_STEPS = 50
_CLIP = 1.0
_SORTED = 4_000
"""Rows of an epoch's random order that are sorted by length, to make batches of like ones."""
_ROUNDED = 16
"""The width of a batch of pairs is a multiple of it: there are few shapes, for each of which kernels are
made."""

Ids = list[int]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Learning rates: the word embeddings have one of their own, since most pieces come seldom.

    Both rise over the first `warmup` share of the steps and fall in a line to a hundredth.
    """

    embeddings: float = 1e-3
    layers: float = 1e-4
    warmup: float = 0.05
    weight_decay: float = 0.01

    def factor(self, step: int, steps: int) -> float:
        rising = max(1, int(self.warmup * steps))
        if step < rising:
            return (step + 1) / rising
        return max(0.01, (steps - step) / max(1, steps - rising))


def recipe_arguments(doc: str | None, model: str | None = None) -> argparse.ArgumentParser:
    """The options that every recipe has, beside those of the benchmarks; where it makes a `model`, its
    folder."""
    parser = benchmark_arguments(doc)
    if model:
        parser.add_argument("--output", type=Path, help=f"folder of the model; {model} in WORK by default")
    parser.add_argument(
        "--licensed-only", action="store_true", help="without the sets whose licence nobody states"
    )
    return parser


def tokenize(tokenizer: Tokenizer, texts: Sequence[str], longest: int, special: bool = True) -> list[Ids]:
    """Token ids of each text, with its special tokens if those are wanted, at most `longest` of them."""
    tokenizer.enable_truncation(longest)
    found: list[Ids] = []
    for i in range(0, len(texts), 2_000):
        found += [
            e.ids for e in tokenizer.encode_batch(list(texts[i : i + 2_000]), add_special_tokens=special)
        ]
    tokenizer.no_truncation()
    return found


def token_counter(tokenizer: Tokenizer) -> CountTokens:
    """Counts the tokens of a text without special ones."""
    tokenizer.no_truncation()
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def pad(rows: Sequence[Ids], width: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and mask, (rows × width), padded with zeros; as wide as the longest row by default."""
    shape = (len(rows), width or max(map(len, rows)))
    ids, mask = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return ids.to(DEVICE), mask.to(DEVICE)


def pad_pairs(rows: Sequence[Ids], seconds: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Token ids and mask, (rows × the longest, rounded up), and segments: 1 from a row's place in `seconds`,
    where its second text begins, to its end."""
    ids, mask = pad(rows, _rounded(max(map(len, rows))))
    places = torch.arange(ids.shape[1], device=DEVICE)
    return ids, mask, mask * (places >= torch.tensor(seconds, device=DEVICE)[:, None])


def _rounded(tokens: int) -> int:
    return -(-tokens // _ROUNDED) * _ROUNDED


def batches_by_length(lengths: Sequence[int], tokens: int, epochs: float, seed: int) -> list[list[int]]:
    """Batches of rows of similar length, of about `tokens` tokens, in a random order. Part of an epoch takes
    part of the rows."""
    draw = random.Random(seed)
    batches: list[list[int]] = []
    while epochs > 0:
        order = list(range(len(lengths)))
        draw.shuffle(order)
        order = order[: round(min(epochs, 1.0) * len(order))]
        epochs -= 1.0
        for i in range(0, len(order), _SORTED):
            some: list[int] = []
            for k in sorted(order[i : i + _SORTED], key=lengths.__getitem__):
                if some and (len(some) + 1) * _rounded(lengths[k]) > tokens:
                    batches.append(some)
                    some = []
                some.append(k)
            batches.append(some)
    draw.shuffle(batches)
    return batches


def mixed_precision() -> torch.autocast:
    """bfloat16 where there are units for matrices of it. Without them (AVX-512 alone) a step of the reader
    took 2.2 s in bfloat16 and 1.2 s in float32."""
    units = DEVICE == "cuda" or torch.cpu.get_capabilities().get("amx_bf16", False)
    return torch.autocast(DEVICE, dtype=torch.bfloat16, enabled=units)


def train(
    model: nn.Module,
    batches: Sequence[Any],
    loss_of: Callable[[Any], tuple[torch.Tensor, dict[str, float]]],
    schedule: Schedule,
    folder: Path,
    name: str,
    checkpoint_s: float = _CHECKPOINT_S,
) -> None:
    """Takes every batch once, in order. `loss_of` gives the loss and figures for the log.

    Writes `name`.log.jsonl (the curve) and `name`.checkpoint into `folder`; the checkpoint stays, so
    that a finished part of a recipe isn't done again. One is written every `checkpoint_s` seconds.
    """
    optimizer = _optimizer(model, schedule)
    checkpoint = folder / f"{name}.checkpoint"
    first = _resume(model, optimizer, checkpoint)
    if first:
        print(f"{name}: {first} of {len(batches)} steps were done before", flush=True)
    sums: dict[str, list[float]] = {}
    saved = began = time.monotonic()
    model.train()
    for step in range(first, len(batches)):
        for group in optimizer.param_groups:
            group["lr"] = group["highest"] * schedule.factor(step, len(batches))
        torch.manual_seed(step)
        loss, figures = loss_of(batches[step])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), _CLIP)
        optimizer.step()
        for key, value in figures.items():
            sums.setdefault(key, []).append(value)
        if (step + 1) % _LOG_STEPS == 0 or step + 1 == len(batches):
            seconds = time.monotonic() - began
            means = {key: round(sum(v) / len(v), 4) for key, v in sorted(sums.items())}
            line = json.dumps({"step": step + 1, "of": len(batches), "seconds": round(seconds), **means})
            with (folder / f"{name}.log.jsonl").open("a", encoding="utf-8") as log:
                log.write(line + "\n")
            print(name, line, flush=True)
            sums.clear()
        if time.monotonic() - saved > checkpoint_s or step + 1 == len(batches):
            _save(model, optimizer, step + 1, checkpoint)
            saved = time.monotonic()
    model.eval()


def bucket(
    order: Iterable[int], length: Callable[[int], int], size: int, together: int = 50
) -> list[list[int]]:
    """Batches of `size` of similar length: each `together` batches' worth of `order` is sorted by length."""
    order = list(order)
    found = []
    for i in range(0, len(order), size * together):
        chunk = sorted(order[i : i + size * together], key=length)
        found += [chunk[j : j + size] for j in range(0, len(chunk), size)]
    return [batch for batch in found if len(batch) > 1]


def _optimizer(model: nn.Module, schedule: Schedule) -> torch.optim.Optimizer:
    embeddings: list[nn.Parameter] = []
    layers: list[nn.Parameter] = []
    for key, parameter in model.named_parameters():
        (embeddings if "word_embeddings" in key else layers).append(parameter)
    groups = [
        {"params": embeddings, "highest": schedule.embeddings, "weight_decay": 0.0},
        {"params": layers, "highest": schedule.layers, "weight_decay": schedule.weight_decay},
    ]
    return torch.optim.AdamW([g for g in groups if g["params"]], lr=schedule.layers, fused=True)


def _resume(model: nn.Module, optimizer: torch.optim.Optimizer, checkpoint: Path) -> int:
    if not checkpoint.is_file():
        return 0
    state = torch.load(checkpoint, map_location=DEVICE, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])


def _save(model: nn.Module, optimizer: torch.optim.Optimizer, step: int, checkpoint: Path) -> None:
    whole = checkpoint.with_suffix(".part")
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, whole)
    whole.replace(checkpoint)
