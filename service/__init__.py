"""Kutipan: questions about news articles, answered with verifiable quotations."""

import os
from importlib.metadata import PackageNotFoundError, version

# Nothing here reports to anybody. ONNX Runtime's switch must be set before it is imported: its calls to
# disable telemetry come after it has written a device id and sent its first event.
os.environ.update(
    ORT_DISABLE_TELEMETRY="1", ANONYMIZED_TELEMETRY="False", HF_HUB_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1"
)

try:
    __version__ = version("kutipan")
except PackageNotFoundError:  # running from a source tree that is not installed
    __version__ = "0.0.0"
