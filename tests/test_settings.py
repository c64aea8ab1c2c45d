from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

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
    monkeypatch.setenv("KUTIPAN_MAX_UPLOAD_MB", "inf")
    told = r"KUTIPAN_PORT: .*; KUTIPAN_MAX_ARTICLE_MB: .*; KUTIPAN_MAX_UPLOAD_MB: "
    with pytest.raises(ConfigurationError, match=told):
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


ROOT = Path(__file__).parent.parent
_HOST_SIDE = {"KUTIPAN_ARTICLES"}  # compose reads it, to find the folder; the service never sees it


def composed(name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return parsed


@pytest.mark.parametrize("name", ["compose.yaml", "compose.chroma.yaml", "Dockerfile"])
def test_every_variable_of_the_container_files_is_a_setting(name: str) -> None:
    named = set(re.findall(r"KUTIPAN_[A-Z_]+", (ROOT / name).read_text()))
    assert named - _HOST_SIDE <= {f"KUTIPAN_{field.upper()}" for field in Settings.model_fields}


@pytest.mark.parametrize("name", ["compose.yaml", "compose.chroma.yaml"])
def test_the_compose_files_agree_with_the_image(name: str) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    environment = dict(re.findall(r"(KUTIPAN_\w+)=(\S+)", dockerfile))
    (port,) = re.findall(r"^EXPOSE (\d+)$", dockerfile, re.MULTILINE)
    (volume,) = re.findall(r"^VOLUME (\S+)$", dockerfile, re.MULTILINE)
    assert (environment["KUTIPAN_PORT"], environment["KUTIPAN_DATA_DIR"]) == (port, volume)
    assert "os.environ['KUTIPAN_PORT']" in dockerfile.partition("HEALTHCHECK")[2]

    parsed = composed(name)
    service = parsed["services"]["kutipan"]
    assert service["ports"] == [f"127.0.0.1:{port}:{port}"], "nobody else gets in by default"
    mounted = dict(entry.removesuffix(":ro").rsplit(":", 1)[::-1] for entry in service["volumes"])
    assert set(mounted) == {volume, environment["KUTIPAN_CORPUS_DIR"]}
    named = {e.split(":")[0] for s in parsed["services"].values() for e in s["volumes"] if e[0] != "$"}
    assert named == set(parsed["volumes"])
    # The image's own check and command hold.
    assert not {"healthcheck", "command", "entrypoint"} & set(service)
    assert not {"KUTIPAN_PORT", "KUTIPAN_DATA_DIR"} & set(service.get("environment", {}))
    assert int(service["stop_grace_period"].removesuffix("s")) > Settings.model_fields["shutdown_s"].default


def test_the_chroma_shape_names_its_server() -> None:
    services = composed("compose.chroma.yaml")["services"]
    server = services["chroma"]
    command = dict(zip(server["command"][2::2], server["command"][3::2], strict=True))
    url = services["kutipan"]["environment"]["KUTIPAN_CHROMA_URL"]
    assert url == f"http://chroma:{command['--port']}"
    assert load_settings(chroma_url=url).chroma_url == url
    assert services["kutipan"]["depends_on"] == ["chroma"]
    assert server["image"] == services["kutipan"]["image"], "its version is the client's"
    assert "ports" not in server, "Chroma asks for no key"
    assert [entry.split(":")[1] for entry in server["volumes"]] == [command["--path"]]
    assert f"127.0.0.1:{command['--port']}/api/v2/heartbeat" in server["healthcheck"]["test"][-1]
    assert "KUTIPAN_CHROMA_URL" not in str(composed("compose.yaml"))
