"""The judge: does a quotation support a sentence?

    python -m training.judge --datasets FOLDER --work FOLDER --reader FOLDER

A BertModel that starts from the encoder of the reader in FOLDER, and a linear layer over its [CLS] with the
three classes of natural-language inference: supported is entailment, and a sentence that is known to be not
supported, nobody said why, has the loss -log(1 - p(entailment)). The word embeddings stay the reader's, so
that the two share one table on disk and in memory; the layers are its own. `training.claims` makes what it is
trained on, in three parts, each resumable: `claims`, the most; `summaries`, sentences of SummEdits; and
`leads`, those, first sentences of news and sentences that were written for this. Then `fit` weighs its
log-odds with the comparison of values (`service.support`) on rows whose premise or article was held out, and
finds the threshold.
"""

from __future__ import annotations

import copy
import json
import random
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import BertModel

from eval.benchmarks.judge import Pair, domain_pairs, judged
from eval.benchmarks.reading_sets import parse_benchmark
from eval.intervals import statistic_interval
from eval.judges import ModelJudge, balanced_accuracy
from service.support import CALIBRATION, MAX_SENTENCE_TOKENS, SupportModel
from service.values import lacks_value
from training.claims import (
    REWORDED,
    TRANSLATED,
    WRITTEN,
    Claim,
    answer_claims,
    edited_claims,
    lead_claims,
    nli_claims,
    parallel_claims,
    summary_claims,
    title_claims,
    written_claims,
)
from training.data import is_held_out, read_news, read_parallel, read_reading
from training.edits import EDITS
from training.export import export_judge
from training.loop import (
    DEVICE,
    Ids,
    Schedule,
    batches_by_length,
    mixed_precision,
    pad_pairs,
    recipe_arguments,
    train,
)
from training.weights import read_encoder, read_judge
from training.written import FOLDER, read_written_claims, written_argument

SEED = 20261126
LONGEST = 224
BATCH_TOKENS = 5_000
CLASSES = ("entailment", "neutral", "contradiction")
UNSUPPORTED = len(CLASSES)
"""The class of a claim that is not supported, nobody said why."""
DOMAINS = ("ectsum", "podcast", "qmsumm", "sales_call", "sales_email", "samsum", "scitldr")
SENTENCES_EACH = {"detik": 12, "realtimeqa_articles": 2, "click_id": 1}
"""Sentences of an article that are edited, by set."""
ARTICLES = 6_000
"""At most, of each set."""
TITLED = 1_500
"""Articles of each set whose headlines are taken: their quotations are long, and dear."""
PAIRS = 14_000
QUESTIONS = 8_000
SUMMARY_CHARS = 600
LEADS = {"click_id": 20_000, "realtimeqa_articles": 3_000}
"""Articles whose first sentences are taken, by set. None of detik's: `eval.benchmarks.judge` asks of those
whether they support their summaries."""
REPEATED = {"summaries": 2.0, "leads": 0.8}
"""Claims of the first part among those of a later one, for each of its own."""
_WRONG_ALIKE = {"speaker": "name", "quantifier": "scope", "modality": "certainty"}
"""Edits, and what the written claims' kind of the same mistake is called; the others have one name."""
_CALIBRATION_EACH = 250
"""Of each kind of claim, supported and not."""
_WITHHELD_EACH = 300
"""Claims of a kind that was left out, and as many reworded ones."""


@dataclass(frozen=True, slots=True)
class Tokenized:
    """A claim in tokens; `inside` is the place of the quotation's first."""

    ids: Ids
    inside: int
    label: int


class JudgeModel(nn.Module):
    """Logits of CLASSES, (claims × 3)."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.encoder.embeddings.word_embeddings.weight.requires_grad = False
        self.classes = nn.Linear(encoder.config.hidden_size, len(CLASSES))

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        found = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        )
        logits: torch.Tensor = self.classes(found.last_hidden_state[:, 0])
        return logits


class JudgeTrainer:
    def __init__(self, model: JudgeModel, rows: Sequence[Tokenized]) -> None:
        self.model = model
        self._rows = rows

    def loss(self, batch: list[int]) -> tuple[torch.Tensor, dict[str, float]]:
        rows = [self._rows[i] for i in batch]
        given = pad_pairs([row.ids for row in rows], [row.inside for row in rows])
        with mixed_precision():
            logits = self.model(*given)
        scores = functional.log_softmax(logits.float(), dim=1)
        # A fourth column: neutral or contradiction, whichever.
        scores = torch.cat([scores, scores[:, 1:].logsumexp(1, keepdim=True)], dim=1)
        labels = torch.tensor([row.label for row in rows], device=DEVICE)
        loss = functional.nll_loss(scores, labels)
        right = ((scores[:, 0] > scores[:, UNSUPPORTED]) == (labels == 0)).float().mean()
        return loss, {"loss": float(loss.detach()), "right": float(right)}


def make_tokenized(tokenizer: Tokenizer, claims: Sequence[Claim]) -> list[Tokenized]:
    """The claims as the service reads them: the sentence, then the quotation, cut to LONGEST tokens."""
    tokenizer.no_truncation()
    opening, closing = tokenizer.encode("").ids
    found = []
    for i in range(0, len(claims), 2_000):
        some = claims[i : i + 2_000]
        sentences = tokenizer.encode_batch([c.sentence for c in some], add_special_tokens=False)
        quotations = tokenizer.encode_batch([c.quotation for c in some], add_special_tokens=False)
        for claim, sentence, quotation in zip(some, sentences, quotations, strict=True):
            said = [opening, *sentence.ids[:MAX_SENTENCE_TOKENS], closing]
            label = UNSUPPORTED if claim.label == "unsupported" else CLASSES.index(claim.label)
            ids = [*said, *quotation.ids[: LONGEST - len(said) - 1], closing]
            found.append(Tokenized(ids, len(said), label))
    return found


def training_claims(
    datasets: Path, licensed_only: bool, draw: random.Random, held_out: bool, without: Collection[str] = ()
) -> list[Claim]:
    """The first part's claims; or held-out ones like them, and held-out first sentences of news."""
    claims = nli_claims(datasets, licensed_only, held_out)
    if not held_out:
        # The only Indonesian ones that people wrote, once more.
        claims += [c for c in claims if c.language == "id"]
    if not licensed_only:
        for name, each in SENTENCES_EACH.items():
            articles = [a for a in read_news(datasets, name) if is_held_out(a.text) == held_out][:ARTICLES]
            claims += edited_claims(articles, each, draw, without)
            claims += title_claims(articles[:TITLED], draw)
    pairs = read_parallel(datasets, licensed_only)
    # A tenth at the end is held out: neighbours are of one document.
    cut = len(pairs) * 9 // 10
    pairs = pairs[cut:] if held_out else pairs[:cut]
    claims += parallel_claims(pairs, min(PAIRS, len(pairs)), draw, without)
    if held_out and not licensed_only:
        # Without edits, which would count among those of any sentence of news.
        claims += news_leads(datasets, True, EDITS)
    rows = [r for r in read_reading(datasets, licensed_only) if is_held_out(r.group) == held_out]
    rows = [r for r in rows if r.source in ("idk_mrc", "tydiqa_id", "facqa", "squad2_en")]
    rows = draw.sample(rows, min(QUESTIONS, len(rows)))
    return [*claims, *answer_claims(rows, draw)]


def news_leads(datasets: Path, held_out: bool, without: Collection[str] = ()) -> list[Claim]:
    """The first sentences of news on what follows them, of held-out articles or of the others."""
    draw = random.Random(SEED)
    found: list[Claim] = []
    for name, most in LEADS.items():
        articles = [a for a in read_news(datasets, name) if is_held_out(a.text) == held_out]
        chosen = draw.sample(articles, min(most, len(articles)))
        found += lead_claims(chosen, SUMMARY_CHARS, draw, without)
    return found


def claims_on_news(written: Path, held_out: bool, without: Collection[str] = ()) -> list[Claim]:
    """Claims that were written for this, but for those that are wrong in the way of an edit in `without`."""
    left_out = {_WRONG_ALIKE.get(kind, kind) for kind in without}
    chosen = [claim for claim in read_written_claims(written, held_out) if claim.kind not in left_out]
    return list(written_claims(chosen, SUMMARY_CHARS, random.Random(SEED)))


def fit(model: SupportModel, claims: Sequence[Claim]) -> dict[str, object]:
    """How the log-odds and the comparison of values are weighed, and the threshold at which as many supported
    as unsupported sentences are judged right; each kind of claim counts alike."""
    read = [model.signals(c.sentence, [c.quotation]) for c in claims]
    features = np.array(read)
    labels = np.array([c.supported for c in claims])
    groups: dict[tuple[str, bool], int] = defaultdict(int)
    for c in claims:
        groups[_weighed(c)] += 1
    weights = np.array([1 / groups[_weighed(c)] for c in claims])
    weights *= len(weights) / weights.sum()
    fitted = LogisticRegression(C=10.0, max_iter=1_000).fit(features, labels, sample_weight=weights)
    confidences = fitted.predict_proba(features)[:, 1]
    candidates = np.quantile(confidences, np.linspace(0.05, 0.95, 181))

    def balanced(threshold: float) -> float:
        found = confidences >= threshold
        return float(
            np.average(found[labels], weights=weights[labels])
            + np.average(~found[~labels], weights=weights[~labels])
        )

    threshold = float(max(candidates, key=balanced))
    print(
        f"held-out claims: {len(claims)}, balanced accuracy {balanced(threshold) / 2:.3f} at {threshold:.2f}"
    )
    return {
        "weights": [round(float(w), 4) for w in fitted.coef_[0]],
        "bias": round(float(fitted.intercept_[0]), 4),
        "threshold": round(threshold, 4),
    }


def _weighed(claim: Claim) -> tuple[str, bool]:
    """The groups that count alike: sets, and edits of both languages and across them."""
    return f"{claim.language} {claim.crosses}", claim.supported


def run(
    datasets: Path,
    work: Path,
    output: Path,
    reader: Path,
    licensed_only: bool,
    epochs: tuple[float, float, float],
    without: Collection[str] = (),
    in_turn: bool = False,
    go_on: bool = False,
    written: Path = FOLDER,
) -> None:
    """Trains the judge, from the reader's encoder or, where it is to `go_on`, from the judge beside it. With
    `in_turn` the second and third part are taken once for each domain of SummEdits, without that domain, and
    the judge is measured on it."""
    draw = random.Random(SEED)
    torch.manual_seed(SEED)
    tokenizer = Tokenizer.from_file(str(reader / "tokenizer.json"))
    model = JudgeModel(read_encoder(reader)).to(DEVICE)
    if go_on:
        model.load_state_dict(read_judge(reader))
    # Before anything is trained, for a fault in a line ends the run.
    written_held, news = (claims_on_news(written, held_out, without) for held_out in (True, False))
    claims = training_claims(datasets, licensed_only, draw, False, without)
    train_part(model, tokenizer, claims, epochs[0], 1.5e-4, work, "claims")
    held = [*training_claims(datasets, licensed_only, draw, True, without), *written_held]
    further = any(epochs[1:]) and not licensed_only
    edited = summary_claims(datasets, DOMAINS, SUMMARY_CHARS) if further else []
    leads = news_leads(datasets, False, without) if further and epochs[2] else []
    leads += news if epochs[2] else []
    found: list[tuple[str, bool, bool]] = []
    for left_out in DOMAINS if in_turn else ():
        other = copy.deepcopy(model)
        folder = work / f"without {left_out}"
        chosen = [claim for claim in edited if claim.kind != left_out]
        train_on(other, tokenizer, claims, chosen, leads, epochs[1:], folder)
        finish(other, reader, folder, held)
        found += [(left_out, *pair) for pair in judged(ModelJudge(folder), summaries(datasets, left_out))]
        print(
            f"  withheld {left_out}: {mean_over_domains([f for f in found if f[0] == left_out])}", flush=True
        )
    if in_turn:
        print(f"  withheld in turn, mean: {statistic_interval(found, mean_over_domains)}")
        return
    train_on(model, tokenizer, claims, edited, leads, epochs[1:], work)
    judge = finish(model, reader, output, held)
    if without:
        measure_withheld(judge, datasets, without)


def train_on(
    model: JudgeModel,
    tokenizer: Tokenizer,
    claims: Sequence[Claim],
    edited: Sequence[Claim],
    leads: Sequence[Claim],
    epochs: tuple[float, float],
    work: Path,
) -> None:
    """The second part, sentences of SummEdits, and the third, those, first sentences of news and what was
    written; both among claims of the first."""
    for part, chosen, some in (("summaries", edited, epochs[0]), ("leads", [*edited, *leads], epochs[1])):
        train_part(model, tokenizer, _among(claims, chosen, part), some, 5e-5, work, part)


def _among(claims: Sequence[Claim], chosen: Sequence[Claim], part: str) -> list[Claim]:
    again = round(REPEATED[part] * len(chosen))
    return [*chosen, *random.Random(SEED).sample(claims, min(len(claims), again))]


def train_part(
    model: JudgeModel,
    tokenizer: Tokenizer,
    claims: Sequence[Claim],
    epochs: float,
    rate: float,
    work: Path,
    part: str,
) -> None:
    """Trains on the claims for a part of the recipe; without any, or at 0 epochs, it does nothing."""
    if not epochs or not claims:
        return
    work.mkdir(parents=True, exist_ok=True)
    rows = make_tokenized(tokenizer, claims)
    print(f"{part}: {len(rows)}, {sum(len(r.ids) for r in rows)} tokens", flush=True)
    batches = batches_by_length([len(row.ids) for row in rows], BATCH_TOKENS, epochs, SEED)
    train(model, batches, JudgeTrainer(model, rows).loss, Schedule(layers=rate), work, part)


def finish(model: JudgeModel, reader: Path, output: Path, held: Sequence[Claim]) -> SupportModel:
    """Exports the judge, fits its calibration on held-out claims and prints how it does on them."""
    export_judge(model, reader, output)
    fitted_on = calibration_claims([claim for claim in held if not works_out(claim)])
    found = fit(SupportModel(output, calibrated=False), fitted_on)
    (output / CALIBRATION).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    judge = SupportModel(output)
    measure_held_out(judge, calibration_claims(held))
    return judge


def works_out(claim: Claim) -> bool:
    """Whether it was written as supported and has a figure that its quotation does not tell, but that can be
    worked out, or is there in words: a fit on such claims learns that a wrong figure says nothing."""
    written = claim.supported and claim.kind.startswith(WRITTEN)
    return written and lacks_value(claim.quotation, claim.sentence)


def calibration_claims(held: Sequence[Claim]) -> list[Claim]:
    """Up to `_CALIBRATION_EACH` of each kind of claim, supported and not, drawn by a seed."""
    by_set: dict[tuple[str, bool], list[Claim]] = defaultdict(list)
    for claim in held:
        by_set[claim.kind, claim.supported].append(claim)
    draw = random.Random(SEED)
    return [c for some in by_set.values() for c in draw.sample(some, min(len(some), _CALIBRATION_EACH))]


def measure_held_out(judge: SupportModel, claims: Sequence[Claim]) -> None:
    """Prints the share right of each kind of claim, within a language and across, and the balanced accuracy
    of sentences of news: edited, and reworded or translated."""
    outcomes: dict[tuple[str, bool], list[tuple[bool, bool]]] = defaultdict(list)
    for claim in claims:
        outcomes[claim.kind, claim.crosses].append(outcome(judge, claim))
    for (kind, crosses), some in sorted(outcomes.items()):
        right = sum(a == b for a, b in some) / len(some)
        print(f"  {kind}{' across' if crosses else ''}: {len(some)} right {right:.3f}")
    for crosses, supported in ((False, REWORDED), (True, TRANSLATED)):
        edited = [o for kind in EDITS for o in outcomes.get((kind, crosses), [])]
        if edited:
            right = sum(a == b for a, b in edited) / len(edited)
            both = statistic_interval([*edited, *outcomes[supported, crosses]], balanced_accuracy)
            where = "across" if crosses else "in one language"
            print(f"  edits {where}: {len(edited)} right {right:.3f}, balanced accuracy {both}")
    print(f"  all: {statistic_interval([o for some in outcomes.values() for o in some], balanced_accuracy)}")


def summaries(datasets: Path, domain: str) -> list[Pair]:
    """Up to `_WITHHELD_EACH` of a domain of SummEdits, drawn by a seed."""
    pairs = domain_pairs(datasets, domain)
    return random.Random(SEED).sample(pairs, min(len(pairs), _WITHHELD_EACH))


def mean_over_domains(found: Sequence[tuple[str, bool, bool]]) -> float:
    """The mean of the domains' balanced accuracies."""
    by_domain: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for domain, supported, told in found:
        by_domain[domain].append((supported, told))
    return sum(map(balanced_accuracy, by_domain.values())) / len(by_domain)


def outcome(judge: SupportModel, claim: Claim) -> tuple[bool, bool]:
    """Whether the claim is supported, and whether the judge says so."""
    return claim.supported, judge.support(claim.sentence, [claim.quotation]) >= judge.threshold


def measure_withheld(judge: SupportModel, datasets: Path, kinds: Collection[str]) -> None:
    """Prints how the judge does on kinds of edits that were left out of its training, in held-out Indonesian
    news: each kind against rewordings, which are supported."""
    articles = [
        a for name in SENTENCES_EACH for a in read_news(datasets, name)
        if a.language == "id" and is_held_out(a.text)
    ]  # fmt: skip
    outcomes: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for claim in edited_claims(articles, 1, random.Random(SEED), EDITS.keys() - set(kinds)):
        if claim.kind in (REWORDED, *kinds) and len(outcomes[claim.kind]) < _WITHHELD_EACH:
            outcomes[claim.kind].append(outcome(judge, claim))
    for kind in kinds:
        both = [*outcomes[REWORDED], *outcomes[kind]]
        print(f"  withheld {kind}: {len(outcomes[kind])}, {statistic_interval(both, balanced_accuracy)}")


def main() -> None:
    parser = recipe_arguments(__doc__, "judge-1")
    parser.add_argument("--reader", type=Path, required=True, help="folder of the reader that it starts from")
    parser.add_argument(
        "--epochs",
        type=float,
        nargs=3,
        default=(1.5, 1.0, 1.0),
        help="of the three parts: claims, summaries, leads",
    )
    parser.add_argument(
        "--without", nargs="*", default=(), help="edits that are left out, to measure on them"
    )
    parser.add_argument(
        "--domains-in-turn",
        action="store_true",
        help="the later parts once without each domain of SummEdits, to measure on it",
    )
    parser.add_argument(
        "--go-on",
        action="store_true",
        help="from the judge in the reader's folder, not from its encoder; needs a new WORK",
    )
    parser.add_argument(
        "--measure",
        action="store_true",
        help="only measure the judge in the reader's folder on held-out claims",
    )
    written_argument(parser, "claims")
    given = parse_benchmark(parser)
    if given.measure:
        held = training_claims(given.datasets, given.licensed_only, random.Random(SEED), True)
        held += claims_on_news(given.written, True)
        measure_held_out(SupportModel(given.reader), calibration_claims(held))
        return
    if given.domains_in_turn and given.licensed_only:
        parser.error("--licensed-only leaves out SummEdits, which --domains-in-turn measures on")
    run(
        given.datasets, given.work, given.output or given.work / "judge-1", given.reader, given.licensed_only,
        tuple(given.epochs), given.without, given.domains_in_turn, given.go_on,
        given.written,
    )  # fmt: skip


if __name__ == "__main__":
    main()
