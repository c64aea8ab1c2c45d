"""The bundled reader: one pass over a question and a passage says where the answer is, and whether.

    python -m training.reader --datasets FOLDER --work FOLDER --embedder FOLDER

A BertForQuestionAnswering that starts from the encoder in FOLDER/encoder, that of the embedder or of
`training.words`, or with `--go-on READER` from a reader: a score for each token to be the first of the answer
and one to be the last. The two scores of [CLS] are the score of "no answer here" (Devlin et al. 2019, section
4.3). The log-odds that a passage answers are

    z = logsumexp over spans (first + last)  -  (first + last of [CLS])

and train three losses: whether the passage answers (binary cross-entropy of z, which makes
passages and questions comparable), where (cross-entropy of the first and the last token) and which
of the passages that were found for one question (softmax of their z; shared normalisation, Clark and Gardner
2018). Three parts, each resumable: `spans`, on questions that are made from news by program; `questions`, on
those that people asked of paragraphs, with wrong passages and near misses; and `written`, on questions that
were written for this, on news (`training.written`), among some of the second part's.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import BertForQuestionAnswering

from eval.benchmarks.reading_sets import parse_benchmark
from service.embeddings import load_embedder
from training.crossing import Place, crossing_places
from training.data import CROSSING, CROSSING_BACK, ReadingRow, read_trained
from training.examples import (
    Example,
    from_rows,
    made_examples,
    near_misses,
    written_examples,
    wrong_passages,
)
from training.export import copy_judge, export_reader
from training.loop import (
    DEVICE,
    Ids,
    Schedule,
    bucket,
    mixed_precision,
    pad_pairs,
    recipe_arguments,
    token_counter,
    train,
)
from training.negatives import read_wrong
from training.vocabulary import SPECIAL
from training.weights import read_encoder, read_reader
from training.written import FOLDER, read_written_questions, written_argument

SEED = 20261125
LONGEST = 288
LONGEST_QUESTION = 64
LONGEST_ANSWER = 30
"""Tokens of an answer span."""
BATCH_TOKENS = 6_000
DROPPED_WORDS = 0.06
"""Share of the tokens that [MASK] stands for in training: the cheap kind of dropout."""
NO_ANSWER = -1
LONGEST_WRITTEN = 352
"""Tokens of a question, title and passage as the service has them."""
OTHERS_SHARE = 0.24
"""Of the second part's questions, among those of the third in each of its epochs, lest they be forgotten."""
CROSSING_TIMES = 2
SPANS_EACH = {"detik": 6, "realtimeqa_articles": 2, "click_id": 1}
"""Recurring spans of an article, by set."""
MASK = SPECIAL.index("[MASK]")


@dataclass(frozen=True, slots=True)
class Tokenized:
    """An example in tokens. `first`, `last` are places of the answer's tokens, NO_ANSWER where unknown; with
    `within`, the answer is somewhere between them. `inside` is the place of the passage's first token, the
    last one of which is before the final [SEP]."""

    ids: Ids
    inside: int
    first: int
    last: int
    within: bool
    answerable: bool
    group: str

    @property
    def starts(self) -> tuple[int, int]:
        """The first and the last token that the answer may begin at."""
        return self.first, self.last if self.within else self.first

    @property
    def ends(self) -> tuple[int, int]:
        return self.first if self.within else self.last, self.last


def make_tokenized(
    tokenizer: Tokenizer, examples: Sequence[Example], longest: int = LONGEST
) -> list[Tokenized]:
    """Those whose answer is within the first `longest` tokens of question, title and passage."""
    found = []
    tokenizer.no_truncation()
    separator: int = tokenizer.get_vocab()["[SEP]"]
    for i in range(0, len(examples), 2_000):
        some = examples[i : i + 2_000]
        questions = tokenizer.encode_batch([e.question for e in some])
        passages = tokenizer.encode_batch([_titled(e) for e in some], add_special_tokens=False)
        for example, question, passage in zip(some, questions, passages, strict=True):
            asked = question.ids[: LONGEST_QUESTION - 1]
            if asked[-1] != separator:
                asked = [*asked, separator]
            kept = min(len(passage.ids), longest - len(asked) - 1)
            first = last = NO_ANSWER
            if example.spans:
                moved = len(example.title) + 1 if example.title else 0
                places = [(a + moved, b + moved) for a, b in example.spans]
                at = next(
                    (
                        (x, y)
                        for a, b in places
                        if (x := _token_at(passage.offsets, a)) is not None
                        and (y := _token_at(passage.offsets, b - 1)) is not None
                        and y < kept
                    ),
                    None,
                )
                if at is None:
                    continue
                first, last = at[0] + len(asked), at[1] + len(asked)
            ids = [*asked, *passage.ids[:kept], separator]
            within, answerable, group = example.within, example.answerable, example.group
            found.append(Tokenized(ids, len(asked), first, last, within, answerable, group))
    return found


def _titled(example: Example) -> str:
    return f"{example.title}\n{example.passage}" if example.title else example.passage


def _token_at(offsets: Sequence[tuple[int, int]], char: int) -> int | None:
    """The token that covers a character."""
    token = bisect_right(offsets, char, key=lambda span: span[1])
    return token if token < len(offsets) and offsets[token][0] <= char else None


class ReaderTrainer:
    def __init__(self, model: BertForQuestionAnswering, rows: Sequence[Tokenized]) -> None:
        self.model = model
        self._rows = rows

    def loss(self, batch: list[int]) -> tuple[torch.Tensor, dict[str, float]]:
        rows = [self._rows[i] for i in batch]
        start, end, inside = scores(self.model, rows, DROPPED_WORDS)
        z = log_odds(start, end, inside)
        answerable = torch.tensor([row.answerable for row in rows], device=DEVICE)
        whether = functional.binary_cross_entropy_with_logits(z, answerable.float())
        located = [k for k, row in enumerate(rows) if row.first != NO_ANSWER]
        where = z.new_zeros(())
        if located:
            masked = inside[located]
            told = [rows[k] for k in located]
            where = 0.5 * (
                nll_within(start[located].masked_fill(~masked, -1e4), [r.starts for r in told])
                + nll_within(end[located].masked_fill(~masked, -1e4), [r.ends for r in told])
            )
        groups: dict[str, list[int]] = defaultdict(list)
        for k, row in enumerate(rows):
            groups[row.group].append(k)
        which = [
            functional.cross_entropy(z[ks][None], answerable[ks].int().argmax()[None])
            for ks in groups.values()
            if len(ks) > 1 and sum(rows[k].answerable for k in ks) == 1
        ]
        among = torch.stack(which).mean() if which else z.new_zeros(())
        right = ((z > 0) == answerable).float().mean()
        loss = whether + where + 0.5 * among
        return loss, {
            "whether": float(whether.detach()),
            "where": float(where.detach()),
            "which": float(among.detach()),
            "right": float(right),
        }


def scores(
    model: BertForQuestionAnswering, rows: Sequence[Tokenized], dropped: float = 0.0
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """First and last scores, (rows × tokens), and a mask of the passage's tokens."""
    ids, mask, kind = pad_pairs([row.ids for row in rows], [row.inside for row in rows])
    # All of the second text but its closing token, after which there is none.
    inside = (kind * functional.pad(mask[:, 1:], (0, 1))).bool()
    ids[(torch.rand(ids.shape).to(DEVICE) < dropped) & (ids > MASK)] = MASK
    with mixed_precision():
        out = model(input_ids=ids, attention_mask=mask, token_type_ids=kind)
    return out.start_logits.float(), out.end_logits.float(), inside


def log_odds(start: torch.Tensor, end: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
    """z of each row: spans of at most LONGEST_ANSWER tokens inside the passage, against [CLS]."""
    start_inside = start.masked_fill(~inside, -1e4)
    end_inside = end.masked_fill(~inside, -1e4)
    # For each first token, the logsumexp of the last tokens it may have.
    width = min(LONGEST_ANSWER, start.shape[1])
    padded = functional.pad(end_inside, (0, width - 1), value=-1e4)
    ends = padded.unfold(1, width, 1).logsumexp(2)
    return (start_inside + ends).logsumexp(1) - (start[:, 0] + end[:, 0])


def nll_within(scores: torch.Tensor, ranges: Sequence[tuple[int, int]]) -> torch.Tensor:
    """Mean over the rows of -log of the share of softmax(scores), (rows × tokens), that is at the tokens of
    the row's range, its ends included."""
    at = torch.arange(scores.shape[1], device=scores.device)
    low, high = torch.tensor(ranges, device=scores.device).T[:, :, None]
    allowed = (low <= at) & (at <= high)
    return (scores.logsumexp(1) - scores.masked_fill(~allowed, -torch.inf).logsumexp(1)).mean()


def plan(rows: Sequence[Tokenized], epochs: float, seed: int) -> list[list[int]]:
    """Batches of about BATCH_TOKENS tokens that keep the passages of a question together."""
    draw = random.Random(seed)
    groups: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        groups[row.group].append(i)
    together = list(groups.values())
    batches: list[list[int]] = []
    lengths = [max(len(rows[i].ids) for i in members) for members in together]
    left = epochs
    while left > 0:
        order = list(range(len(together)))
        draw.shuffle(order)
        order = order[: round(min(left, 1.0) * len(order))]
        left -= 1.0
        for chunk in bucket(order, lambda g: lengths[g], 256, 1):
            some: list[int] = []
            for g in chunk:
                members = together[g]
                if some and (len(some) + len(members)) * lengths[g] > BATCH_TOKENS:
                    batches.append(some)
                    some = []
                some = [*some, *members]
            if len(some) > 1:
                batches.append(some)
    draw.shuffle(batches)
    return batches


def question_examples(
    rows: Sequence[ReadingRow],
    places: Mapping[ReadingRow, Place],
    wrong: dict[tuple[str, str], list[str]],
    each: int,
    draw: random.Random,
) -> list[Example]:
    """What the second part is trained on: rows of which no group is held out. Those across the languages,
    which are few, stand there CROSSING_TIMES times, each time among other wrong passages and near misses."""
    found = []
    for time in range(CROSSING_TIMES):
        some = [row for row in rows if not time or row.source in (CROSSING, CROSSING_BACK)]
        examples = [replace(e, group=f"{e.group}\0{time}") for e in from_rows(some, places)]
        found += [
            *examples,
            *wrong_passages([e for e in examples if e.answerable], wrong, each, draw),
            *near_misses([e for e in examples if e.answerable and e.spans], draw),
        ]
    return found


def run(
    datasets: Path,
    work: Path,
    output: Path,
    embedder: Path,
    licensed_only: bool,
    epochs: tuple[float, float, float],
    judge: Path | None = None,
    written: Path = FOLDER,
    go_on: Path | None = None,
    kept: float = 0.0,
) -> None:
    """Trains the reader's three parts and exports it. Of the weights of a reader that is to `go_on`, a share
    in [0, 1] may be `kept`: what comes out is the mean of those before and after (Wortsman et al. 2022)."""
    work.mkdir(parents=True, exist_ok=True)
    draw = random.Random(SEED)
    # Before anything is trained, for a fault in a line ends the run.
    asked = read_written_questions(written, held_out=False)
    tokenizer = Tokenizer.from_file(str((go_on or embedder) / "tokenizer.json"))
    model = (
        read_reader(go_on)
        if go_on
        else BertForQuestionAnswering.from_pretrained(
            embedder / "encoder", local_files_only=True, attn_implementation="sdpa"
        )
    )
    model.to(DEVICE)  # type: ignore[arg-type]
    start = {name: value.clone() for name, value in model.state_dict().items()} if kept else {}
    if judge:
        check_words(model, judge, output)
        model.bert.embeddings.word_embeddings.requires_grad_(False)
    examples = made_examples(datasets, licensed_only, SPANS_EACH, draw)
    rows = make_tokenized(tokenizer, examples)
    print(f"spans: {len(rows)} of {len(examples)} examples", flush=True)
    schedule = Schedule(embeddings=3e-4, layers=1.5e-4)
    train(model, plan(rows, epochs[0], SEED), ReaderTrainer(model, rows).loss, schedule, work, "spans")

    reading = read_trained(datasets, licensed_only)
    wrong: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in ("keywords", "vectors"):
        for pair, found in read_wrong(embedder / f"{name}.json").items():
            wrong[pair] += found[:3]
    places = crossing_places(reading, load_embedder(None))
    examples = question_examples(reading, places, wrong, 1, draw)
    rows = make_tokenized(tokenizer, examples)
    print(f"questions: {len(rows)} of {len(examples)} examples", flush=True)
    schedule = Schedule(embeddings=2e-4, layers=1.5e-4)
    train(
        model, plan(rows, epochs[1], SEED + 1), ReaderTrainer(model, rows).loss, schedule, work, "questions"
    )
    if epochs[2]:
        examples = list(written_examples(asked, token_counter(tokenizer), LONGEST_ANSWER, draw))
        own = make_tokenized(tokenizer, examples, LONGEST_WRITTEN)
        print(f"written: {len(own)} examples", flush=True)
        batches = written_batches(own, rows, epochs[2])
        loss = ReaderTrainer(model, [*own, *rows]).loss
        train(model, batches, loss, Schedule(embeddings=1e-4, layers=7e-5), work, "written")
    if kept:
        model.load_state_dict(
            {name: kept * start[name] + (1 - kept) * value for name, value in model.state_dict().items()}
        )
    model.save_pretrained(work / "model")
    if judge:
        check_words(model, judge, output)
    export_reader(model, tokenizer, output)
    if judge:
        copy_judge(judge, output)


def written_batches(
    written: Sequence[Tokenized], others: Sequence[Tokenized], epochs: float
) -> list[list[int]]:
    """Batches of the third part, as places in [*written, *others]: the written ones `epochs` times, each time
    among OTHERS_SHARE of the others."""
    shared = OTHERS_SHARE * epochs
    among = [[len(written) + i for i in batch] for batch in plan(others, shared, SEED + 3)]
    batches = [*plan(written, epochs, SEED + 2), *among]
    random.Random(SEED).shuffle(batches)
    return batches


def check_words(model: BertForQuestionAnswering, judge: Path, output: Path) -> None:
    """Raises ValueError where the model's word embeddings are not the judge's, or where the judge would be
    overwritten."""
    if judge.resolve() == output.resolve():
        raise ValueError(f"{output} has the judge that is to be copied there")
    theirs = read_encoder(judge).embeddings.word_embeddings.weight.to(DEVICE)
    ours = model.bert.embeddings.word_embeddings.weight
    if ours.shape != theirs.shape or not torch.allclose(ours, theirs, rtol=1e-6, atol=0.0):
        raise ValueError(f"the word embeddings are not those of the judge in {judge}")


def main() -> None:
    parser = recipe_arguments(__doc__, "reader-1")
    parser.add_argument(
        "--embedder", type=Path, required=True, help="the work folder of training.embedder or training.words"
    )
    parser.add_argument("--epochs", type=float, nargs=3, default=(0.3, 2.0, 2.5), help="of the three parts")
    parser.add_argument(
        "--judge",
        type=Path,
        help="folder of a judge to share the word embeddings with: they are those of FOLDER, they are not"
        " trained, and it is copied; needs a WORK that was made with it",
    )
    parser.add_argument(
        "--go-on",
        type=Path,
        metavar="FOLDER",
        help="all parts from the reader in FOLDER, not from the encoder in --embedder's; needs a new WORK",
    )
    parser.add_argument(
        "--keep",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="of the weights of the reader in --go-on's, in the mean of those before and after",
    )
    written_argument(parser, "questions")
    given = parse_benchmark(parser)
    if given.keep and not (given.go_on and 0 < given.keep < 1):
        parser.error("--keep is a share of the weights of --go-on's reader")
    torch.manual_seed(SEED)
    output = given.output or given.work / "reader-1"
    run(
        given.datasets, given.work, output, given.embedder, given.licensed_only, tuple(given.epochs),
        given.judge, given.written, given.go_on, given.keep,
    )  # fmt: skip


if __name__ == "__main__":
    main()
