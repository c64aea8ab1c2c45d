"""A trained model → the folder that the service loads: an int8 ONNX graph, tokenizer and configuration.

Weights are int8 with one scale a channel; activations are quantised at run time over one text, since the
service gives every text a forward pass of its own.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from torch import nn
from transformers import BertForQuestionAnswering, PreTrainedModel

from service.support import CALIBRATION

GRAPH = "model.onnx"
SUPPORT_GRAPH = "support.onnx"
SUPPORT_OUTPUT = "support_logits"
_OPSET = 17


class Spans(nn.Module):
    """Scores of each token to be the first and the last of the answer."""

    def __init__(self, model: BertForQuestionAnswering) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        out = self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return out.start_logits, out.end_logits


def export_embedder(model: nn.Module, config: dict[str, object], tokenizer: Tokenizer, folder: Path) -> None:
    """`model` takes ids and mask, (texts × tokens), and gives unit vectors, (texts × dimension)."""
    _export(model, ("input_ids", "attention_mask"), ("vector",), folder)
    _describe(config, tokenizer, folder)


def export_reader(model: BertForQuestionAnswering, tokenizer: Tokenizer, folder: Path) -> None:
    names = ("input_ids", "attention_mask", "token_type_ids")
    _export(Spans(model), names, ("start_logits", "end_logits"), folder)
    _describe(model.config.to_dict(), tokenizer, folder)


def export_judge(model: nn.Module, reader: Path, folder: Path) -> None:
    """`model` takes ids, mask and segments, (pairs × tokens), and gives logits, (pairs × 3). Its word
    embeddings are those of the reader's graph, of which `folder` gets a copy unless it is the reader's
    own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (GRAPH, "tokenizer.json", "config.json"):
        if not (folder / name).exists():
            shutil.copyfile(reader / name, folder / name)
    with tempfile.TemporaryDirectory() as made:
        names = ("input_ids", "attention_mask", "token_type_ids")
        _export(model, names, (SUPPORT_OUTPUT,), Path(made))
        graph = onnx.load(str(Path(made) / GRAPH))
    _share_words(graph, folder / GRAPH)
    onnx.save(graph, str(folder / SUPPORT_GRAPH))


def copy_judge(judge: Path, folder: Path) -> None:
    """Copies the judge in `judge` beside a reader that has the same word embeddings, in another folder."""
    graph = onnx.load(str(judge / SUPPORT_GRAPH))
    _share_words(graph, folder / GRAPH)
    onnx.save(graph, str(folder / SUPPORT_GRAPH))
    shutil.copyfile(judge / CALIBRATION, folder / CALIBRATION)


def _words(model: onnx.ModelProto) -> dict[str, onnx.TensorProto]:
    """The word embeddings of a graph by the end of their name: table (8 bits), scale and zero point."""
    parted = [(one.name.rpartition("word_embeddings"), one) for one in model.graph.initializer]
    return {part: one for (_, words, part), one in parted if words}


def _share_words(model: onnx.ModelProto, other: Path) -> None:
    """Takes the word embeddings from the file of another graph: external data in the middle of it."""
    whole = other.read_bytes()
    theirs = _words(onnx.load(str(other)))
    for part, one in _words(model).items():
        name = one.name
        one.CopyFrom(theirs[part])
        one.name = name
        if part.endswith("_quantized"):
            place = {"location": other.name, "offset": whole.index(one.raw_data), "length": len(one.raw_data)}
            one.ClearField("raw_data")
            one.data_location = onnx.TensorProto.EXTERNAL
            for key, value in place.items():
                one.external_data.add(key=key, value=str(value))


def _export(model: nn.Module, inputs: tuple[str, ...], outputs: tuple[str, ...], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for part in model.modules():
        if isinstance(part, PreTrainedModel):
            # Fused attention is for training: the graph stays as it was.
            part.set_attn_implementation("eager")
    example = tuple(torch.ones(1, 12, dtype=torch.long) for _ in inputs)
    axes = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecation of the exporter that needs no further package
        torch.onnx.export(
            model.float().cpu().eval(),
            example,
            str(folder / "float.onnx"),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=dict.fromkeys(inputs, axes)
            | {n: {0: "texts"} if n in ("vector", SUPPORT_OUTPUT) else axes for n in outputs},
            opset_version=_OPSET,
            dynamo=False,
        )
        quantize_dynamic(
            str(folder / "float.onnx"), str(folder / GRAPH), weight_type=QuantType.QInt8, per_channel=True
        )
    (folder / "float.onnx").unlink()


def _describe(config: dict[str, object], tokenizer: Tokenizer, folder: Path) -> None:
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    kept = {k: v for k, v in config.items() if not k.startswith("_")}
    (folder / "config.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
