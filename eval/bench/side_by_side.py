"""The systems take turns, round by round, so that whatever else the machine does falls on all of them.

Four phases, each in fresh processes: `ingest` (embed a part of the passages, take a batch of articles in),
`start` (process to first answered search), `ask` (searches and answers, one client), `load` (1, 4 and 16
clients). A phase that has no time left ends after a whole round, so that all systems have done the same, and
one that would begin after the run's time is left to the next run.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from eval.bench.driver import ORDER_S, Driver, DriverFailed
from eval.bench.environments import EnvironmentFailed, Peer, environment_python
from eval.bench.material import Material, Question
from eval.bench.protocol import NotMeasured
from eval.bench.state import Record, State, Turn
from service.vectors import folder_bytes

CLIENTS = (1, 4, 16)
KINDS = ("search", "answer")
_EMBEDDED = 96
"""Texts that each system embeds a round, besides those that it takes in."""
_SHARES = {"ingest": 0.6, "start": 0.72, "ask": 0.84, "load": 1.0}
"""Of the run's time, by when each phase begins no other round."""
_SHORTEST_ORDER_S = 60.0

Measure = Callable[[Driver], Turn]
T = TypeVar("T")


class SideBySide:
    """One sitting. `peers` are measured as far as they aren't yet, in `seconds` at most, environments not
    counted (they are downloaded). A system starts `starts` times; each number of clients asks `loads` times,
    `load_s` seconds each."""

    def __init__(
        self,
        state: State,
        peers: Sequence[Peer],
        material: Material,
        work: Path,
        seconds: float,
        pip_options: Sequence[str] = (),
        starts: int = 3,
        loads: int = 3,
        load_s: float = 3.0,
    ) -> None:
        self._state = state
        self._peers = peers
        self._material = material
        self._work = work
        self._seconds = seconds
        self._pip_options = pip_options
        self._starts = starts
        self._loads = loads
        self._load_s = load_s
        self._pythons: dict[str, str] = {}
        self._running: list[Driver] = []
        self._began = 0.0

    def run(self) -> None:
        """Measures, and records as it goes."""
        self._build()
        self._state.sit_down()
        self._began = time.perf_counter()
        try:
            self._measure("ingest", self._ingest)
            self._measure("start", self._start)
            self._measure("ask", self._ask)
            self._measure("load", self._load)
        finally:
            for driver in self._running:
                driver.kill()

    def _measure(self, phase: str, measured: Callable[[Sequence[Peer]], None]) -> None:
        wanted = self._unfinished(phase)
        if wanted and self._elapsed() > self._seconds:
            _say(f"{phase}: no time left; the same command goes on from here")
        elif wanted:
            _say(f"{phase}: {', '.join(peer.name for peer in wanted)}")
            for peer in wanted:
                self._record(peer).forget(phase)
            measured(wanted)
            for record in map(self._record, wanted):
                if record.failed is None:
                    record.done[phase] = len(self._state.sittings) - 1
        self._state.sittings[-1]["seconds"] = round(self._elapsed(), 1)
        self._state.save()

    def store(self, peer: Peer) -> Path:
        return self._work / "stores" / peer.name

    def _record(self, peer: Peer) -> Record:
        return self._state.system(peer.name, peer.title)

    def _build(self) -> None:
        for peer in self._peers:
            record = self._record(peer)
            record.failed = None
            try:
                _say(f"environment of {peer.name}")
                self._pythons[peer.name] = environment_python(
                    peer, self._work / "environments", self._pip_options
                )
            except EnvironmentFailed as error:
                record.failed = f"its environment cannot be built: {error}"
        self._state.save()

    def _unfinished(self, phase: str) -> list[Peer]:
        found = []
        for peer in self._peers:
            record = self._record(peer)
            if (
                phase != "ingest"
                and record.failed is None
                and peer.store_of
                and not (self._work / "stores" / peer.store_of).exists()
            ):
                record.failed = f"it serves the store of {peer.store_of}, which is not there"
            if record.failed is None and phase not in record.done:
                found.append(peer)
        return [peer for peer in found if phase != "ingest" or not peer.store_of]

    def _ingest(self, peers: Sequence[Peer]) -> None:
        for peer in peers:
            # What an unfinished ingest left would make the next one too quick.
            shutil.rmtree(self.store(peer), ignore_errors=True)
            self.store(peer).parent.mkdir(parents=True, exist_ok=True)
        for peer in self._peers:
            if peer in peers or peer.store_of in {other.name for other in peers}:
                for later in ("start", "ask", "load"):
                    self._record(peer).forget(later)
        drivers = self._open(peers, "ingest")
        rounds = len(self._material.batches)
        if "ingest" in self._state.cut and self._state.resumed:
            rounds = int(self._state.cut["ingest"].split()[0])  # as many as the others had

        def embed(driver: Driver) -> Turn:
            return self._order(
                driver, "embed", articles=batch.articles, passages=batch.passages, most=_EMBEDDED
            )

        def add(driver: Driver) -> Turn:
            return self._order(driver, "add", articles=batch.articles, passages=batch.passages)

        for number in self._rounds("ingest", rounds):
            batch = self._material.batches[number]
            self._turns("ingest:embed", number, drivers, embed)
            self._turns("ingest:add", number, drivers, add)
        self._close(drivers, "ingest")
        for peer in peers:
            record = self._record(peer)
            record.disk_bytes = folder_bytes(self.store(peer))
            if "ingest:add" in record.missing:
                record.failed = f"articles could not be taken in: {record.missing['ingest:add']}"

    def _start(self, peers: Sequence[Peer]) -> None:
        for peer in peers:
            if peer.store_of:
                shutil.rmtree(self.store(peer), ignore_errors=True)
                shutil.copytree(self._work / "stores" / peer.store_of, self.store(peer))
        first = self._material.questions[0][0].text

        def ready(peer: Peer) -> Turn:
            driver = self._driver(peer)
            try:
                opened = driver.open()
                self._record(peer).versions = opened["versions"]
                searched = driver.ask("search", questions=[first])
                took = time.perf_counter() - driver.spawned
                if opened["server"]:  # its driver's own start is no part of it
                    took = opened["seconds"] + sum(searched["ms"]) / 1000
                self._record(peer).passages = driver.ask("count")["passages"]
            finally:
                driver.close()
                self._running.remove(driver)
            return {"seconds": took, "done": 1}

        for number in self._rounds("start", self._starts):
            for peer in rotated(peers, number):
                record = self._record(peer)
                if "start:ready" not in record.missing:
                    self._take(record, "start:ready", number, lambda peer=peer: ready(peer))  # type: ignore[misc]

    def _ask(self, peers: Sequence[Peer]) -> None:
        drivers = self._open(peers, "ask")
        first = self._material.questions[0][0].text
        for driver in drivers.values():
            for kind in KINDS:
                with suppress(DriverFailed, NotMeasured):  # recorded when it is measured
                    self._order(driver, kind, questions=[first])
        for number in self._rounds("ask", len(self._material.questions)):
            part = self._material.questions[number]
            for kind in KINDS:

                def ask(driver: Driver, kind: str = kind, part: Sequence[Question] = part) -> Turn:
                    reply = self._order(driver, kind, questions=[question.text for question in part])
                    told = {"ms": [round(ms, 3) for ms in reply["ms"]]}
                    if kind == "answer":
                        return told | {"answered": sum(bool(text) for text in reply["results"])}
                    found = [
                        question.article_id in hits
                        for question, hits in zip(part, reply["results"], strict=True)
                        if question.article_id is not None
                    ]
                    return told | {"headlines": len(found), "found": sum(found)}

                self._turns(f"ask:{kind}", number, drivers, ask)
        self._close(drivers, "ask")

    def _load(self, peers: Sequence[Peer]) -> None:
        drivers = self._open(peers, "load")
        questions = [question.text for part in self._material.questions for question in part]
        for number in self._rounds("load", self._loads):
            for kind in KINDS:
                for clients in CLIENTS:

                    def load(driver: Driver, kind: str = kind, clients: int = clients) -> Turn:
                        reply = self._order(
                            driver,
                            "load",
                            what=kind,
                            questions=questions,
                            clients=clients,
                            seconds=self._load_s,
                        )
                        return reply | {"ms": [round(ms, 3) for ms in reply["ms"]]}

                    self._turns(f"load:{kind} {clients}", number, drivers, load)
        self._close(drivers, "load")

    def _rounds(self, phase: str, most: int) -> Iterator[int]:
        """The numbers of a phase's rounds, as long as the next one is likely to end in the phase's time."""
        for number in range(most):
            began = self._elapsed()
            yield number
            now = self._elapsed()
            if number + 1 < most and now + (now - began) > self._seconds * _SHARES[phase]:
                self._state.cut[phase] = f"{number + 1} of {most} rounds"
                return

    def _turns(self, measure: str, number: int, drivers: dict[str, Driver], what: Measure) -> None:
        """One round of a measure: every system that can still be measured has its turn, or, where the run's
        time is over, none."""
        if self._elapsed() > self._seconds and not measure.startswith("ingest"):
            self._state.cut.setdefault(measure, f"{number} rounds")
            return
        for name in rotated(list(drivers), number):
            record = self._state.systems[name]
            if measure not in record.missing:
                self._take(record, measure, number, lambda name=name: what(drivers[name]))  # type: ignore[misc]

    def _take(self, record: Record, measure: str, number: int, turn: Callable[[], Turn]) -> None:
        try:
            took = turn()
            record.turns.setdefault(measure, []).append({"round": number, **took})
        except (NotMeasured, DriverFailed) as reason:
            record.missing[measure] = str(reason)
        self._state.save()

    def _order(self, driver: Driver, do: str, **details: object) -> Turn:
        left = self._seconds - self._elapsed()
        return driver.ask(do, max(_SHORTEST_ORDER_S, min(left, ORDER_S)), **details)

    def _driver(self, peer: Peer) -> Driver:
        log = self._work / "logs" / f"{peer.name}.log"
        self._running.append(Driver(peer, self._pythons[peer.name], self.store(peer), log))
        return self._running[-1]

    def _open(self, peers: Sequence[Peer], phase: str) -> dict[str, Driver]:
        drivers = {}
        for peer in peers:
            driver, record = self._driver(peer), self._record(peer)
            try:
                record.versions = driver.open()["versions"]
                drivers[peer.name] = driver
            except DriverFailed as error:
                driver.kill()
                self._running.remove(driver)
                record.missing[f"{phase}:open"] = str(error)
                record.failed = f"it does not open: {error}"
        return drivers

    def _close(self, drivers: dict[str, Driver], phase: str) -> None:
        for name, driver in drivers.items():
            peak = driver.close()
            self._running.remove(driver)
            if peak:
                self._state.systems[name].turns[f"{phase}:memory"] = [{"round": 0, "bytes": peak}]

    def _elapsed(self) -> float:
        return time.perf_counter() - self._began


def rotated(items: Sequence[T], number: int) -> list[T]:
    """`items` beginning with another one each round."""
    first = number % max(len(items), 1)
    return [*items[first:], *items[:first]]


def _say(what: str) -> None:
    sys.stderr.write(f"== {what}\n")
