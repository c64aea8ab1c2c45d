"""The key file: what the server refuses, its clients and the doctor refuse in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from service.api.app import create_app
from service.api.guards import load_key, read_key
from service.backend import open_backend
from service.doctor import CHECKS
from service.errors import ConfigurationError
from service.library import FolderLock
from service.settings import Settings
from tests.conftest import kutipan, running

NOBODY = "http://127.0.0.1:9"
KEY = "!kunci-rahasia-0123456789~"
UNUSABLE = {
    "two lines": f"{KEY}\n{KEY}\n".encode(),
    "space": b"kunci rahasia 0123456789",
    "tab": b"kunci\trahasia-0123456789",
    "control": b"kunci-rahasia-\x00123456789",
    "delete": b"kunci-rahasia-\x7f123456789",
    "other script": "kunci-rahasiä-0123456789".encode(),
    "byte order mark": f"\ufeff{KEY}".encode(),
    "binary": bytes(range(128, 256)),
    "short": b"kunci",
    "empty": b"",
    "blank": b" \n",
}


@pytest.fixture(params=UNUSABLE)
def unusable(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.write_bytes(UNUSABLE[request.param])
    file.chmod(0o600)
    return file


def refusal(settings: Settings) -> str:
    """Why a server does not start with the settings."""
    with pytest.raises(ConfigurationError) as refused:
        create_app(settings)
    return str(refused.value)


def findings(settings: Settings) -> list[tuple[str, str]]:
    return list(CHECKS["API key"](settings, {}))


@contextmanager
def served(folder: Path) -> Iterator[None]:
    """A data folder whose owner says that it serves."""
    lock = FolderLock(folder)
    lock.describe(NOBODY)
    try:
        yield
    finally:
        lock.release()


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_key_is_one_line(tmp_path: Path, end: str) -> None:
    file = tmp_path / "key"
    file.write_bytes(f"{KEY}{end}".encode())
    assert read_key(file) == KEY
    with running(Settings(data_dir=tmp_path / "data", api_key_file=file)) as client:
        assert client.get("/v1/index").status_code == httpx.codes.UNAUTHORIZED
        right = {"authorization": f"Bearer {read_key(file)}"}
        assert client.get("/v1/index", headers=right).status_code == httpx.codes.OK
        document = client.get("/openapi.json").json()
        open_ = {p for p, ms in document["paths"].items() for m in ms.values() if m.get("security") == []}
        assert (document["security"], open_) == ([{"key": []}], {"/healthz", "/readyz"})


def test_an_unusable_key_is_refused_alike_and_never_shown(unusable: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", api_key_file=unusable)
    says = refusal(settings)
    assert str(unusable) in says
    assert "API key" in says
    assert not any(part in says for part in ("kunci", "rahasi", "0123", "1234"))
    assert findings(settings) == [("problem", says)]


def test_a_client_refuses_it_before_anything_is_sent(unusable: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", api_key_file=unusable)
    with served(settings.data_dir), pytest.raises(ConfigurationError) as refused, open_backend(settings):
        pass
    assert str(refused.value) == refusal(settings)


def test_a_folder_holds_no_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", api_key_file=tmp_path)
    assert refusal(settings) == f"the API key file {tmp_path} cannot be read: Is a directory"
    assert findings(settings) == [("problem", refusal(settings))]


def test_a_key_file_that_is_missing_is_said_to_be(tmp_path: Path) -> None:
    file = tmp_path / "nokey"
    settings = Settings(data_dir=tmp_path / "data", api_key_file=file)
    assert refusal(settings) == f"the API key file {file} cannot be read: No such file or directory"
    assert findings(settings) == [("problem", f"{file} is missing; KUTIPAN_CREATE_API_KEY=true makes it")]
    making = settings.model_copy(update={"create_api_key": True})
    assert findings(making) == [("ok", f"{file} will be made at the next start")]
    assert not file.exists(), "looking changes nothing"
    key = load_key(making)
    assert key == read_key(file)
    assert findings(making) == [("ok", str(file))]


def test_a_key_to_be_made_in_no_file_is_refused(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", create_api_key=True)
    assert "KUTIPAN_API_KEY_FILE" in refusal(settings)
    assert findings(settings) == [("problem", refusal(settings))]


def test_the_command_line_names_the_key_file(tmp_path: Path) -> None:
    bad = tmp_path / "key"
    bad.write_bytes(f"{KEY}\n{KEY}\n".encode())
    binary = tmp_path / "binary"
    binary.write_bytes(bytes(range(128, 256)))
    with served(tmp_path / "data"):
        for file in (bad, binary, tmp_path / "nokey"):
            status = kutipan("index", "status", KUTIPAN_DATA_DIR=tmp_path / "data", KUTIPAN_API_KEY_FILE=file)
            scored = kutipan("eval", "--url", NOBODY, "--key-file", file)
            for done in (status, scored):
                assert done.returncode == 1
                assert done.stderr.startswith(f"error the API key file {file} ")
                assert len(done.stderr.splitlines()) == 1
                assert KEY not in done.stdout + done.stderr
