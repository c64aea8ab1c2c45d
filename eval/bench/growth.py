"""One index that grows to each size and is kept at it, so that a size is built once."""

from __future__ import annotations

import json
import random
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.bench.driver import Driver
from eval.bench.environments import KUTIPAN, SYSTEMS
from eval.bench.state import write_json
from eval.benchmarks.reading_sets import NEWS, paragraphs, read_domain, read_lines, read_rows, summary_domains
from service.articles import article_from_json
from service.errors import ArticleRejected
from service.ingest import BATCH_ARTICLES

TENTH = "tenth"
"""The tag of one article of ten, to filter by."""
READING = ("idk_mrc", "facqa", "squad2_en", "tydiqa_id", "squad2_id_mt", "crosslingual")
_SEED = 20261124
_TITLE_CHARS = 60


@dataclass(slots=True)
class Grown:
    """How far the index is: so many of the articles taken in, and what that has cost.

    `interrupted` counts the times that a run was ended between two batches: each lost the seconds of one.
    """

    articles: int = 0
    passages: int = 0
    seconds: float = 0.0
    peak_bytes: int = 0
    interrupted: int = 0


def read_articles(datasets: Path, sets: Sequence[str] = NEWS) -> list[dict[str, Any]]:
    """The readable articles of these sets of `news`, shuffled alike every time, so that every size holds
    each set in the same share; behind them the paragraphs of the reading sets and the documents of
    SummEdits (news have 93,000 passages).
    The tag `TENTH` is on one of ten."""
    draw = random.Random(_SEED)
    found = []
    for name in sets:
        for row in read_lines(datasets / "news" / f"{name}.jsonl.gz"):
            try:
                article_from_json(json.dumps(row).encode())
            except ArticleRejected:
                continue
            found.append(row)
    draw.shuffle(found)
    rows = [
        row
        for split in ("train", "valid")
        for name in READING
        for row in read_rows(datasets, name, split, optional=True)
    ]
    summarised = (row for domain in summary_domains(datasets) for row in read_domain(datasets, domain))
    documents = dict.fromkeys(row["document"] for row in summarised)
    texts = [(a.id, a.text, a.language) for a in paragraphs(rows)]
    texts += [(f"summedits-{i}", text, "en") for i, text in enumerate(documents)]
    found += [
        {"id": name, "title": text[:_TITLE_CHARS], "text": text, "language": language}
        for name, text, language in texts
    ]
    return [row | ({"tags": [TENTH]} if draw.random() < 0.1 else {}) for row in found]


class Growth:
    """The index below `work`, which grows by `articles` in their order."""

    def __init__(self, work: Path, articles: Sequence[dict[str, Any]]) -> None:
        self._work = work
        self._articles = articles
        self._log = work / "logs" / "growth.log"

    def folder(self, size: int) -> Path:
        """The finished index of so many passages, a few more at most."""
        return self._work / str(size)

    def grown(self, size: int) -> Grown | None:
        """What that index took; None where it is not finished."""
        file = self._work / f"{size}.json"
        return Grown(**json.loads(file.read_text())) if file.exists() else None

    def grow(self, size: int, seconds: float) -> Grown | None:
        """The index of this size, built as far as it isn't yet; None where that would take longer than
        `seconds`, or there are no more articles. Raises DriverFailed."""
        if (finished := self.grown(size)) is not None:
            return finished
        growing, progress = self._work / "growing", self._work / "growing.json"
        state = Grown(**json.loads(progress.read_text())) if progress.exists() else Grown()
        (peer,) = (peer for peer in SYSTEMS if peer.name == KUTIPAN)
        until = time.perf_counter() + seconds
        driver = Driver(peer, sys.executable, growing, self._log)
        try:
            driver.open()
            if driver.ask("count")["passages"] > state.passages:
                state.interrupted += 1
            while state.passages < size and state.articles < len(self._articles):
                if time.perf_counter() > until:
                    break
                batch = self._articles[state.articles : state.articles + BATCH_ARTICLES]
                state.seconds += driver.ask("add", articles=batch, passages=[])["seconds"]
                state.articles += len(batch)
                state.passages = driver.ask("count")["passages"]
                write_json(progress, asdict(state))
            state.peak_bytes = max(state.peak_bytes, driver.close())
        except BaseException:
            driver.kill()
            raise
        write_json(progress, asdict(state))
        if state.passages < size:
            return None
        shutil.rmtree(self.folder(size), ignore_errors=True)
        shutil.copytree(growing, self.folder(size))
        write_json(self._work / f"{size}.json", asdict(state))
        return state
