"""What the bench and a driver say to each other: one JSON object a line, an order in, a reply out.

Only the standard library is imported here: a driver runs in the environment of the system that it drives.
Times are taken in the driver, around the system's own work, with `perf_counter`.
"""

from __future__ import annotations

import importlib.metadata
import itertools
import json
import os
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HITS = 10
"""Passages that every search is asked for."""

Reply = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some articles, and Kutipan's passages of them.

    An article has `id`, `title`, `text` and the other fields of a JSON line; a passage has `id`,
    `article_id` and `text`, which is what Kutipan embeds: the title and the passage.
    """

    articles: Sequence[dict[str, Any]]
    passages: Sequence[dict[str, str]]


class NotMeasured(Exception):
    """A system has no such ability, or it can't be measured by itself; the message says why."""


class System(ABC):
    """One system under measurement, over the store in `folder`, which is created where there is none."""

    packages: tuple[str, ...] = ()
    """Distributions whose versions are printed."""
    server: bool = False
    """Whether the work is done by child processes, and this one is only their client."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def open(self) -> None:
        """Loads the models and opens the store: after it, a search can be answered."""

    def texts(self, batch: Batch) -> list[str]:
        """What is embedded of a batch, cut and prepared, which is not timed."""
        raise NotMeasured("nothing is embedded here alone")

    def embed(self, texts: Sequence[str]) -> None:
        """Embeds these texts as the system does while it takes articles in, and keeps nothing."""
        raise NotMeasured("nothing is embedded here alone")

    def add(self, batch: Batch) -> None:
        """Takes a batch in. When it returns, a process that opens the store finds the batch in a search."""
        raise NotMeasured("nothing is taken in here")

    @abstractmethod
    def count(self) -> int:
        """Passages in the store."""

    @abstractmethod
    def search(self, question: str) -> list[str]:
        """Ids of the articles of the best `HITS` passages, best first, one a passage."""

    def answer(self, question: str) -> str:
        """The answer, empty where the system says that there is none. Raises NotMeasured where the system
        has no answers without a language model."""
        raise NotMeasured("it has no answers without a language model")

    @abstractmethod
    def close(self) -> None:
        """Closes the store, if it is open, and ends what was started."""


def versions(packages: Sequence[str]) -> dict[str, str]:
    """The installed versions of these distributions, Python's first."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    return found | {name: importlib.metadata.version(name) for name in packages}


def carry_out(system: System, order: Reply) -> Reply:
    """The reply to one order; `error` is in it where the system failed, `unmeasured` where it can't."""
    try:
        return _ORDERS[order["do"]](system, order)
    except NotMeasured as reason:
        return {"unmeasured": str(reason)}
    except Exception as error:  # whatever the system raises is a result of the bench
        return {"error": f"{type(error).__name__}: {error}"}


def drive(kind: Callable[[Path], System]) -> None:
    """The main program of a driver: `sys.argv[1]` is the store's folder; ends with its standard input.

    Whatever the system prints goes to standard error.
    """
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    system = kind(Path(sys.argv[1]))
    try:
        for line in sys.stdin:
            json.dump(carry_out(system, json.loads(line)), replies)
            replies.write("\n")
            replies.flush()
    finally:
        system.close()


def _open(system: System, _: Reply) -> Reply:
    began = time.perf_counter()
    system.open()
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "versions": versions(system.packages), "server": system.server}


def _embed(system: System, order: Reply) -> Reply:
    texts = system.texts(Batch(order["articles"], order["passages"]))[: order["most"]]
    began = time.perf_counter()
    system.embed(texts)
    return {"seconds": time.perf_counter() - began, "done": len(texts)}


def _add(system: System, order: Reply) -> Reply:
    batch = Batch(order["articles"], order["passages"])
    began = time.perf_counter()
    system.add(batch)
    return {"seconds": time.perf_counter() - began, "done": len(batch.articles)}


def _count(system: System, _: Reply) -> Reply:
    return {"passages": system.count()}


def _search(system: System, order: Reply) -> Reply:
    return _timed(system.search, order["questions"])


def _answer(system: System, order: Reply) -> Reply:
    return _timed(system.answer, order["questions"])


def _timed(ask: Callable[[str], Any], questions: Sequence[str]) -> Reply:
    milliseconds, results = [], []
    for question in questions:
        began = time.perf_counter()
        results.append(ask(question))
        milliseconds.append(1000 * (time.perf_counter() - began))
    return {"ms": milliseconds, "results": results}


def _load(system: System, order: Reply) -> Reply:
    ask = system.search if order["what"] == "search" else system.answer
    return under_load(ask, order["questions"], order["clients"], order["seconds"])


def under_load(ask: Callable[[str], Any], questions: Sequence[str], clients: int, seconds: float) -> Reply:
    """`clients` threads put the questions in turn, again and again, each the next when its last is answered.

    None is put after `seconds`; the reply's `done` were answered in its `seconds`, which end with the last
    answer. Raises what `ask` raised.
    """
    turn, lock = itertools.cycle(questions), threading.Lock()
    milliseconds: list[float] = []
    failures: list[BaseException] = []
    began = time.perf_counter()

    def client() -> None:
        while not failures and time.perf_counter() - began < seconds:
            with lock:
                question = next(turn)
            asked = time.perf_counter()
            try:
                ask(question)
            except BaseException as error:
                failures.append(error)
                return
            milliseconds.append(1000 * (time.perf_counter() - asked))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if failures:
        raise failures[0]
    return {"seconds": took, "done": len(milliseconds), "ms": milliseconds}


_ORDERS: dict[str, Callable[[System, Reply], Reply]] = {
    "open": _open,
    "embed": _embed,
    "add": _add,
    "count": _count,
    "search": _search,
    "answer": _answer,
    "load": _load,
}
