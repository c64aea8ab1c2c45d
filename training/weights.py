"""The weights of a bundled embedder, reader or judge as a model that can be trained on.

The graph is int8; what comes back are its weights times their scales, which is as near to the model before
its export as anybody can get who has only the project. Attention is the quickest that torch has.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn
from transformers import BertConfig, BertForQuestionAnswering, BertModel

from training.export import GRAPH, SUPPORT_GRAPH

_Model = TypeVar("_Model", bound=nn.Module)

_BUFFERS = ("position_ids", "token_type_ids")
"""Parts of a model's state that are no weights, and not in its graph."""


def read_encoder(folder: Path) -> BertModel:
    """The encoder of the reader in `folder`."""
    return _filled(BertModel(_config(folder), add_pooling_layer=False), folder, "model.bert.")


def read_embedder(folder: Path) -> BertModel:
    """The encoder of the embedder in `folder`."""
    return _filled(BertModel(_config(folder), add_pooling_layer=False), folder, "encoder.")


def read_reader(folder: Path) -> BertForQuestionAnswering:
    """The reader in `folder`, heads and all."""
    return _filled(BertForQuestionAnswering(_config(folder)), folder, "model.")


def read_judge(folder: Path) -> dict[str, torch.Tensor]:
    """The state of the judge in `folder`, float32, by the names of `training.judge.JudgeModel`."""
    stored = _weights(onnx.load(str(folder / SUPPORT_GRAPH)).graph)
    return {name: torch.from_numpy(value.copy()) for name, value in stored.items()}


def _config(folder: Path) -> BertConfig:
    config = BertConfig(**json.loads((folder / "config.json").read_text(encoding="utf-8")))
    config._attn_implementation = "sdpa"
    return config


def _filled(model: _Model, folder: Path, prefix: str) -> _Model:
    """The model, not in training, with the weights of the graph in `folder` whose names begin with `prefix`,
    float32. Raises KeyError where one is missing."""
    stored = _weights(onnx.load(str(folder / GRAPH)).graph)
    state = {
        name: torch.from_numpy(stored[prefix + name].copy())
        for name in model.state_dict()
        if not name.endswith(_BUFFERS)
    }
    model.load_state_dict(state, strict=False)
    return model.eval()


def _weights(graph: onnx.GraphProto) -> dict[str, NDArray[np.float32]]:
    """By the names of torch: those of tables and biases are kept in the graph, those of matrices in its
    nodes'."""
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    found = {}
    for name, value in stored.items():
        if name.endswith("_quantized"):
            plain = name.removesuffix("_quantized")
            whole = value.astype(np.float32) - stored[f"{plain}_zero_point"].astype(np.float32)
            stored_as = whole * stored[f"{plain}_scale"]
            if plain.endswith(".weight"):
                found[plain] = stored_as
            else:
                found[_owner(graph, name)] = np.ascontiguousarray(stored_as.T)
        elif name.endswith((".weight", ".bias")):
            found[name] = value
    return found


def _owner(graph: onnx.GraphProto, weight: str) -> str:
    """`model.bert.encoder.layer.0.attention.self.query.weight` of
    `/model/bert/encoder/…/query/MatMul_quant`."""
    node = next(node for node in graph.node if weight in node.input)
    place: str = node.name.lstrip("/").rsplit("/", 1)[0]
    return place.replace("/", ".") + ".weight"
