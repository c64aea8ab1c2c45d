from __future__ import annotations

from pathlib import Path

import pytest

from service.errors import ConfigurationError
from service.settings import Settings, is_loopback, load_settings


def test_options_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUTIPAN_PORT", "9000")
    monkeypatch.setenv("KUTIPAN_DATA_DIR", "elsewhere")
    settings = load_settings(port=9001, host=None)
    assert (settings.port, settings.host, settings.data_dir) == (9001, "127.0.0.1", Path("elsewhere"))


def test_every_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUTIPAN_PORT", "many")
    monkeypatch.setenv("KUTIPAN_MAX_ARTICLE_MB", "-1")
    with pytest.raises(ConfigurationError, match=r"KUTIPAN_PORT: .*; KUTIPAN_MAX_ARTICLE_MB: "):
        load_settings()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.org", ""])
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)


def test_every_setting_is_documented_as_it_is() -> None:
    document = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text()
    rows = [line for line in document.splitlines() if line.startswith("| `KUTIPAN_")]
    expected = []
    for name, field in Settings.model_fields.items():
        default = "–" if field.default is None else f"`{field.default}`"
        expected.append(f"| `KUTIPAN_{name.upper()}` | {default} | {field.description} |")
    assert rows == expected
