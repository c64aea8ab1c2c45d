"""`kutipan serve` as a process: starting, stopping, keys, and no network."""

from __future__ import annotations

import json
import resource
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from eval.server import environment, serving
from service.library import catalog_file
from tests.conftest import kutipan, wait_until

pytestmark = pytest.mark.slow

CORPUS = Path(__file__).parent.parent / "corpus"
QUESTION = {"question": "Siapa pemimpin seri Qwen di Alibaba?"}


def test_ready_is_red_until_it_can_answer_and_the_corpus_comes_by_itself(tmp_path: Path) -> None:
    with (
        serving(KUTIPAN_DATA_DIR=tmp_path, KUTIPAN_CORPUS_DIR=CORPUS) as service,
        httpx.Client(base_url=service.url, timeout=30) as client,
    ):
        wait_until(lambda: client.get("/healthz").status_code == 200)
        early = client.get("/readyz")
        assert early.status_code == 503
        assert early.headers["retry-after"]
        assert "loading" in early.json()["detail"]
        assert client.post("/v1/ask", json=QUESTION).status_code == 503
        service.wait_ready()
        wait_until(lambda: client.get("/v1/index").json()["corpus"]["state"] == "done")
        answer = client.post("/v1/ask", json=QUESTION, headers={"x-request-id": "mine"}).json()
        assert "Justin Lin" in answer["answer"]
        assert service.stop() == 0
    events = {line["event"]: line for line in service.log}
    assert events["corpus.done"]["failed"] == 0
    asked = [line for line in service.log if line["event"] == "request" and line["request_id"] == "mine"]
    assert [(line["method"], line["path"], line["status"]) for line in asked] == [("POST", "/v1/ask", 200)]


def test_sigterm_finishes_what_is_in_flight(tmp_path: Path) -> None:
    with serving(KUTIPAN_DATA_DIR=tmp_path) as service, httpx.Client(base_url=service.url) as client:
        service.wait_ready()
        stopping = threading.Event()

        def lines() -> Iterator[bytes]:
            yield b'{"id": "a", "text": "Kalimat pertama."}\n'
            service.process.terminate()
            stopping.set()
            time.sleep(0.5)
            yield b'{"id": "b", "text": "Kalimat kedua."}\n'

        response = client.post("/v1/articles/import", content=lines(), timeout=30)
        assert stopping.is_set()
        assert [json.loads(line)["id"] for line in response.text.splitlines()] == ["a", "b"]
        assert service.process.wait(60) == 0
    state = json.loads(kutipan("index", "status", "--json", KUTIPAN_DATA_DIR=tmp_path).stdout)
    assert state["articles"] == 2


def test_a_full_disk_stores_nothing_and_loses_nothing(tmp_path: Path) -> None:
    with (
        serving(KUTIPAN_DATA_DIR=tmp_path) as service,
        httpx.Client(base_url=service.url, timeout=60) as client,
    ):
        service.wait_ready()
        path, body = "/v1/articles/a?wait=indexed", {"title": "Lama", "text": "Pasar Lama dibuka Senin."}
        assert client.put(path, json=body).status_code == 201
        log_bytes = catalog_file(tmp_path).with_name(f"{catalog_file(tmp_path).name}-wal").stat().st_size
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (log_bytes, resource.RLIM_INFINITY))
        refused = client.put(path, json={"title": "Baru", "text": "Pasar Lama ditutup Selasa."})
        assert refused.status_code == 507
        assert "cannot be written" in refused.json()["detail"]
        assert client.get("/v1/articles/a").json()["title"] == "Lama"
        assert client.post("/v1/search", json={"query": "Pasar Lama"}).json()["passages"]
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, unlimited)
        assert client.put(path, json={**body, "title": "Baru"}).status_code == 200
        assert client.get("/v1/articles/a").json()["title"] == "Baru"


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = kutipan("serve", KUTIPAN_DATA_DIR=tmp_path, KUTIPAN_PORT=port)
    assert refused.returncode == 1
    assert f"cannot listen at 127.0.0.1 port {port}" in refused.stderr


def test_model_work_does_not_hold_up_other_requests(tmp_path: Path) -> None:
    with (
        serving(KUTIPAN_DATA_DIR=tmp_path, KUTIPAN_CORPUS_DIR=CORPUS) as service,
        httpx.Client(base_url=service.url, timeout=60) as client,
    ):
        service.wait_ready()
        wait_until(lambda: client.get("/v1/index").json()["corpus"]["state"] == "done")
        busy = [
            threading.Thread(target=lambda: [client.post("/v1/ask", json=QUESTION) for _ in range(8)])
            for _ in range(8)
        ]
        for thread in busy:
            thread.start()
        slowest_s = 0.0
        while any(thread.is_alive() for thread in busy):
            began = time.perf_counter()
            assert client.get("/healthz").status_code == 200
            slowest_s = max(slowest_s, time.perf_counter() - began)
        # A question takes some 20 ms; sixty-four in a row would hold up a blocked loop for seconds.
        assert slowest_s < 1.0


def test_any_other_address_needs_a_key(tmp_path: Path) -> None:
    refused = kutipan("serve", KUTIPAN_HOST="0.0.0.0", KUTIPAN_PORT=0, KUTIPAN_DATA_DIR=tmp_path / "data")
    assert refused.returncode == 1
    assert "needs an API key" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "data").exists()


def test_a_key_is_made_and_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "api-key"
    settings = {"KUTIPAN_API_KEY_FILE": file, "KUTIPAN_DATA_DIR": tmp_path / "data"}
    with serving(**settings, KUTIPAN_HOST="0.0.0.0", KUTIPAN_CREATE_API_KEY="true") as service:
        key = file.read_text().strip()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert any(line.get("file") == str(file) for line in service.log)
        with httpx.Client(base_url=service.url) as client:
            service.wait_ready()
            for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {key}"}):
                response = client.get("/v1/index", headers=headers)
                assert response.status_code == 401
                assert response.headers["www-authenticate"] == "Bearer"
                assert response.headers["content-type"] == "application/problem+json"
            assert client.get("/v1/index", headers={"authorization": f"Bearer {key}"}).status_code == 200
            schema = client.get("/openapi.json").json()
            assert schema["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
        through = kutipan("index", "status", "--json", **settings)
        assert json.loads(through.stdout)["articles"] == 0, through.stderr
        assert service.stop() == 0
    assert key not in json.dumps(service.log)


def test_a_foreign_host_name_is_refused_without_a_key(tmp_path: Path) -> None:
    with serving(KUTIPAN_DATA_DIR=tmp_path) as service, httpx.Client(base_url=service.url) as client:
        response = client.get("/v1/index", headers={"host": "evil.example"})
        assert response.status_code == 421
        assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 200


def test_a_foreign_page_writes_nothing_without_a_key(tmp_path: Path) -> None:
    line = b'{"id": "a", "text": "Berita palsu."}'
    with serving(KUTIPAN_DATA_DIR=tmp_path) as service, httpx.Client(base_url=service.url) as client:
        service.wait_ready()
        for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example:80"):
            headers = {"origin": origin, "content-type": "text/plain"}
            for path in ("/v1/articles/import", "/v1/index/rebuild", "/v1/articles/upload"):
                response = client.post(path, content=line, headers=headers)
                assert (response.status_code, response.json()["status"]) == (403, 403)
        assert client.get("/v1/index").json()["articles"] == 0
        own = {"origin": f"http://localhost:{httpx.URL(service.url).port}"}
        assert client.post("/v1/articles/import", content=line, headers=own).status_code == 200
        assert client.get("/v1/index").json()["articles"] == 1


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"KUTIPAN_PORT": "many"}, "KUTIPAN_PORT"),
        ({"KUTIPAN_API_KEY_FILE": "/nonexistent/key"}, "cannot be read"),
        ({"KUTIPAN_CREATE_API_KEY": "true"}, "without KUTIPAN_API_KEY_FILE"),
        ({"KUTIPAN_DATA_DIR": "/proc/data"}, "cannot be used"),
        ({"KUTIPAN_EMBEDDING_MODEL": "/nonexistent/model"}, "cannot be loaded"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(tmp_path: Path, variables: dict[str, str], complaint: str) -> None:
    settings = {"KUTIPAN_DATA_DIR": str(tmp_path), "KUTIPAN_LOG_FORMAT": "json", "HF_HUB_OFFLINE": "1"}
    result = kutipan("serve", **{**settings, "KUTIPAN_PORT": "0", **variables})
    assert result.returncode == 1
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr


OFFLINE = """
import fcntl, json, socket, struct, sys
from pathlib import Path
with socket.socket() as s:  # loopback up: nothing else exists in here
    fcntl.ioctl(s, 0x8914, struct.pack("16sh14s", b"lo", 0x49, b""))
try:
    socket.create_connection(("192.0.2.1", 80), 1)
except OSError:
    pass
else:
    sys.exit("there is a network")
import httpx
from eval.server import serving
from tests.conftest import wait_until
from tests.test_serve import CORPUS, QUESTION
with serving(KUTIPAN_DATA_DIR=sys.argv[1], KUTIPAN_CORPUS_DIR=CORPUS) as service:
    with httpx.Client(base_url=service.url, timeout=30) as client:
        service.wait_ready()
        wait_until(lambda: client.get("/v1/index").json()["corpus"]["state"] == "done")
        answer = client.post("/v1/ask", json=QUESTION).json()
    service.stop()
json.dump({"answer": answer["answer"], "log": service.log}, sys.stdout)
"""


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs Linux network namespaces")
def test_from_start_to_answer_without_a_network(tmp_path: Path) -> None:
    """In a network namespace with nothing but loopback, and an empty home for caches."""
    done = subprocess.run(
        ["unshare", "--map-root-user", "--net", sys.executable, "-c", OFFLINE, str(tmp_path / "data")],
        capture_output=True, text=True, timeout=120, cwd=CORPUS.parent,
        env=environment(HOME=tmp_path / "home"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert "Justin Lin" in result["answer"]
    assert not [line for line in result["log"] if line["level"] in ("error", "critical")]
    assert not (tmp_path / "home").exists(), "something wrote a cache"
