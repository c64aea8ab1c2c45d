"""How soon a file that was written can be found: real files changing under a running server.

    python -m eval.benchmarks.sync [--files 1000] [--changes 20]

A server takes a folder of made-up Markdown files in; then one file after the other is written, written over
and removed. From the end of the writing on, the server is asked for its words over HTTP until it finds them,
or no longer does.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx

from eval.benchmarks.filters import SEED, made_up
from eval.server import serving

_POLL_S = 0.02
_TIMEOUT_S = 60.0


def seconds_until(expected: bool, is_found: Callable[[], bool]) -> float:
    """Raises TimeoutError where that is not so within a minute."""
    began = time.perf_counter()
    while is_found() != expected:
        if time.perf_counter() - began > _TIMEOUT_S:
            raise TimeoutError("the change was not seen")
        time.sleep(_POLL_S)
    return time.perf_counter() - began


def finds(client: httpx.Client, words: str, name: str) -> bool:
    """Whether a search finds exactly these words in the article of this file."""
    reply = client.post("/v1/search", json={"query": words, "limit": 5}).raise_for_status().json()
    return any(p["article_id"] == name and words in p["text"] for p in reply["passages"])


def measure(client: httpx.Client, folder: Path, changes: int) -> dict[str, list[float]]:
    """Seconds of each change, by its kind."""
    draw = random.Random(SEED)
    texts = [article.text for article in made_up(2 * changes)]
    took: dict[str, list[float]] = {"new file": [], "changed file": [], "removed file": []}
    for i in range(changes):
        file = folder / f"change-{i}.md"
        for kind, text in zip(took, (texts[2 * i], texts[2 * i + 1]), strict=False):
            words = f"{text.split()[0]} {draw.randrange(10**9)}"
            file.write_text(f"{words} {text}", encoding="utf-8")
            found = partial(finds, client, words, file.name)
            took[kind].append(seconds_until(True, found))
        file.unlink()
        took["removed file"].append(seconds_until(False, found))
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--changes", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "corpus"
        folder.mkdir()
        for article in made_up(options.files):
            (folder / f"{article.id}.md").write_text(article.text, encoding="utf-8")
        data = Path(temporary) / "data"
        with (
            serving(KUTIPAN_DATA_DIR=data, KUTIPAN_CORPUS_DIR=folder, KUTIPAN_PRUNE="true") as service,
            httpx.Client(base_url=service.url, timeout=_TIMEOUT_S) as client,
        ):
            service.wait_ready()
            while (client.get("/v1/index").json()["corpus"] or {}).get("state") != "done":
                time.sleep(_POLL_S)
            took = measure(client, folder, options.changes)
    print(f"{options.files} files, {options.changes} changes of each kind\n")
    print("| change | median, s | slowest, s |\n|---|---|---|")
    for kind, seconds in took.items():
        print(f"| {kind} | {statistics.median(seconds):.2f} | {max(seconds):.2f} |")


if __name__ == "__main__":
    main()
