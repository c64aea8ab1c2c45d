"""Kutipan: questions about news articles, answered with verifiable quotations."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("kutipan")
except PackageNotFoundError:  # running from a source tree that is not installed
    __version__ = "0.0.0"
