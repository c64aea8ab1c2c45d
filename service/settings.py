"""Every setting, read once from the environment (`KUTIPAN_*`) and handed down.

docs/configuration.md lists them; a test holds it to this class.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import ConfigurationError


class Settings(BaseSettings):
    """One frozen value; options of the command line win over the environment."""

    model_config = SettingsConfigDict(
        env_prefix="KUTIPAN_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on. Any but loopback needs a key.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    data_dir: Path = Field(Path("data"), description="Folder of the catalog and the vector index.")
    chroma_url: str | None = Field(
        None,
        pattern=r"^https?://[^/@\s]+/?$",
        description="Chroma server (http://host:port) for the vector index, instead of the data folder.",
    )
    corpus_dir: Path | None = Field(
        None, description="Folder of articles that `serve` takes in, in the background."
    )
    watch: bool = Field(True, description="Whether `serve` also takes in what changes there while it runs.")
    prune: bool = Field(
        False, description="Whether `serve` removes articles that came from there and whose file is gone."
    )
    api_key_file: Path | None = Field(
        None,
        description="File that holds the API key: one line of at least 16 visible ASCII characters, without "
        "white space. Where it is set, all of /v1 and /metrics ask for it.",
    )
    create_api_key: bool = Field(
        False,
        description="Make a key in the key file (mode 0600) where there is none yet. Without "
        "KUTIPAN_API_KEY_FILE `serve` does not start.",
    )
    max_article_mb: float = Field(
        10.0,
        gt=0,
        allow_inf_nan=False,
        description="Largest article, file, or line of a JSON-lines file, in megabytes (10^6 bytes).",
    )
    max_upload_mb: float = Field(
        100.0,
        gt=0,
        allow_inf_nan=False,
        description="Largest upload of one or several files, in megabytes (10^6 bytes).",
    )
    max_unpacked_mb: int = Field(
        1000, gt=0, description="Megabytes (10^6 bytes) that one `.jsonl.gz` may unpack to."
    )
    read_timeout_s: float = Field(
        30.0,
        gt=0,
        allow_inf_nan=False,
        description="Seconds that reading one file may take, plain text and JSON lines apart.",
    )
    read_memory_mb: int = Field(
        1000,
        ge=300,
        description="Memory that reading one such file may take, in megabytes; held on Linux only.",
    )
    embedding_model: str | None = Field(
        None,
        description="A sentence-transformers model (path, or hub name where there is a hub) "
        "instead of the bundled embedder. The index is rebuilt for it.",
    )
    reader_model: str | None = Field(
        None,
        description="A question-answering model that transformers loads (path, or hub name where there "
        "is a hub) instead of the bundled reader. Answers aren't calibrated unless a calibration.json lies "
        "beside it.",
    )
    min_confidence: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Confidence below which a question is answered `not_found`; by default the threshold "
        "that was fitted with the reader, for each language.",
    )
    threads: int = Field(0, ge=0, description="Threads for the models; 0 takes one for each CPU core.")
    shutdown_s: int = Field(
        30, ge=1, description="Seconds that requests in flight get to finish after SIGTERM."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        "auto",
        description="`json`: logs as JSON lines; `text`: as text; `auto`: text on a terminal, else JSON.",
    )

    @property
    def reading(self) -> tuple[float, int, int]:
        """What reading one file may take: the fields of `service.formats.process.Bounds`."""
        return self.read_timeout_s, self.read_memory_mb, self.max_unpacked_mb

    @property
    def max_article_bytes(self) -> int:
        return int(self.max_article_mb * 1_000_000)

    @property
    def max_upload_bytes(self) -> int:
        return int(self.max_upload_mb * 1_000_000)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`. Unknown names count as reachable."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment, with `overrides` (those that aren't None) on top.

    Raises ConfigurationError, naming each variable that cannot be understood.
    """
    from pydantic import ValidationError

    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        complaints = "; ".join(
            f"KUTIPAN_{'_'.join(str(part) for part in e['loc']).upper()}: {e['msg']}" for e in error.errors()
        )
        raise ConfigurationError(complaints) from None
