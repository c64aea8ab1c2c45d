"""Kutipan as people run it: `kutipan serve`, asked over HTTP by this process."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

import httpx

from eval.bench.protocol import HITS, System, drive
from eval.server import serving


class KutipanServer(System):
    """A server over a folder that the library filled; every client thread has a connection of its own."""

    packages = ("kutipan", "fastapi", "uvicorn", "chromadb", "onnxruntime")
    server = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._opened = ExitStack()

    def open(self) -> None:
        self._server = self._opened.enter_context(serving(KUTIPAN_DATA_DIR=self.folder))
        self._server.wait_ready()
        self._local = threading.local()

    @property
    def _client(self) -> httpx.Client:
        if not hasattr(self._local, "client"):
            self._local.client = httpx.Client(base_url=self._server.url, timeout=60)
        client: httpx.Client = self._local.client
        return client

    def count(self) -> int:
        return int(self._client.get("/v1/index").raise_for_status().json()["passages"])

    def search(self, question: str) -> list[str]:
        body = {"query": question, "limit": HITS}
        found = self._client.post("/v1/search", json=body).raise_for_status().json()
        return [hit["article_id"] for hit in found["passages"]]

    def answer(self, question: str) -> str:
        found = self._client.post("/v1/ask", json={"question": question}).raise_for_status().json()
        return str(found["answer"] or "")

    def close(self) -> None:
        self._opened.close()


if __name__ == "__main__":
    drive(KutipanServer)
