"""The bench's figures, tables and pictures on made-up turns, and its drivers on a dozen made-up articles."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.bench import environments, material, pictures, ratios, scale, served, tables
from eval.bench.driver import Driver, DriverFailed
from eval.bench.environments import KUTIPAN, PLAIN, SYSTEMS, EnvironmentFailed, Peer
from eval.bench.material import Material, Question
from eval.bench.memory import PeakMemory, high_water_bytes, tree
from eval.bench.protocol import Batch, System, carry_out, under_load, versions
from eval.bench.side_by_side import SideBySide, rotated
from eval.bench.state import Record, State
from service.embeddings import HashingEmbedder
from service.settings import Settings
from tests.conftest import running

PEERS = {peer.name: peer for peer in SYSTEMS}
ROWS: list[dict[str, Any]] = [
    {
        "id": f"a{i}",
        "title": f"Jembatan Nomor{i} dibuka",
        "text": f"Jembatan Nomor{i} dibuka oleh Bupati Sari{i} pada {1990 + i}. Panjangnya {100 + i} meter.",
        "language": "id",
        "tags": ["tenth"],
    }
    for i in range(12)
]


class Scripted(System):
    """Finds the questions' own words, and sleeps; a system whose times are known."""

    packages = ("numpy",)

    def open(self) -> None:
        self.opened = True

    def texts(self, batch: Batch) -> list[str]:
        return [passage["text"] for passage in batch.passages]

    def embed(self, texts: Sequence[str]) -> None:
        time.sleep(0.01 * len(texts))

    def count(self) -> int:
        return 3

    def search(self, question: str) -> list[str]:
        if question == "fail":
            raise ValueError("asked to fail")
        time.sleep(0.02)
        return question.split()

    def close(self) -> None:
        self.opened = False


def turn(number: int, done: int, seconds: float) -> dict[str, Any]:
    return {"round": number, "done": done, "seconds": seconds}


def record(title: str, embedded: float, search_ms: float) -> Record:
    """A system that embeds `embedded` a second and searches in `search_ms`, in three noisy rounds."""
    noise = (1.0, 2.0, 1.5)
    turns: dict[str, list[dict[str, Any]]] = {
        "ingest:embed": [turn(i, 100, 100 * n / embedded) for i, n in enumerate(noise)],
        "ingest:add": [turn(i, 10, n) for i, n in enumerate(noise)],
        "ingest:memory": [{"round": 0, "bytes": 500_000_000}],
        "start:ready": [turn(i, 1, 2.0) for i in range(3)],
        "ask:search": [
            {"round": i, "ms": [search_ms * n, search_ms * n * 1.1], "headlines": 1, "found": 1}
            for i, n in enumerate(noise)
        ],
        "load:search 1": [turn(i, 50, 1.0) for i in range(3)],
    }
    return Record(title, {"python": "3.11"}, turns, passages=7, disk_bytes=2_000_000)


def test_what_a_driver_replies() -> None:
    system = Scripted(Path("nowhere"))
    assert carry_out(system, {"do": "open"})["versions"].keys() == {"python", "numpy"}
    batch = {"articles": [], "passages": [{"id": "p", "article_id": "a", "text": "x"}] * 3}
    embedded = carry_out(system, {"do": "embed", "most": 2, **batch})
    assert embedded["done"] == 2
    assert 0.02 <= embedded["seconds"] < 1
    found = carry_out(system, {"do": "search", "questions": ["a b", "c"]})
    assert found["results"] == [["a", "b"], ["c"]]
    assert min(found["ms"]) >= 20
    assert carry_out(system, {"do": "search", "questions": ["fail"]}) == {
        "error": "ValueError: asked to fail"
    }
    assert carry_out(system, {"do": "answer", "questions": ["a"]}) == {
        "unmeasured": "it has no answers without a language model"
    }
    assert "unmeasured" in carry_out(system, {"do": "add", **batch})
    assert versions([])["python"].startswith("3.")


def test_clients_put_the_questions_side_by_side() -> None:
    asked: list[str] = []
    lock = threading.Lock()

    def ask(question: str) -> None:
        time.sleep(0.05)
        with lock:
            asked.append(question)

    alone = under_load(ask, ["a", "b", "c"], 1, 0.3)
    assert asked[:4] == ["a", "b", "c", "a"]
    together = under_load(ask, ["a", "b", "c"], 8, 0.3)
    assert together["done"] > 3 * alone["done"]
    assert len(together["ms"]) == together["done"]
    assert min(together["ms"]) >= 50

    def fail(_: str) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        under_load(fail, ["a"], 4, 1.0)


def test_rates_and_percentiles() -> None:
    assert ratios.rate([turn(0, 10, 1.0), turn(1, 20, 5.0)]) == 5.0
    turns = [{"round": 0, "ms": [1.0, 2.0]}, {"round": 1, "ms": [3.0, 4.0, 5.0]}]
    assert ratios.percentile(turns, 50) == 3.0
    assert ratios.percentile(turns, 100) == 5.0


def test_a_ratio_takes_out_what_slowed_both() -> None:
    """Rounds differ twofold; the ratio of systems that differ threefold in each of them doesn't."""
    ours, theirs = record("ours", 300, 10), record("theirs", 100, 30)
    for measure in ("passages embedded a second", "search p50", "search p95"):
        better = ratios.times_better(measure, ours, theirs)
        assert better is not None
        assert (better.mean, better.low, better.high) == pytest.approx((3.0, 3.0, 3.0))
        worse = ratios.times_better(measure, theirs, ours)
        assert worse is not None
        assert worse.mean == pytest.approx(1 / 3)
    same = ratios.times_better("bytes on disk", ours, theirs)
    assert same is not None
    assert same.mean == 1.0
    assert same.low != same.low
    assert ratios.times_better("searches a second, 16 clients", ours, theirs) is None


def test_few_rounds_have_no_interval() -> None:
    two = ratios.rate_ratio(
        [turn(0, 4, 1.0), turn(1, 4, 1.0)], [turn(0, 2, 1.0), turn(1, 2, 1.0), turn(2, 9, 1.0)]
    )
    assert two.mean == 2.0
    assert two.low != two.low


def test_the_tables() -> None:
    systems = {PLAIN: record("plain", 100, 30), KUTIPAN: record("ours", 300, 10)}
    systems["broken"] = Record(
        "broken", failed="no such package", missing={"ask:answer": "none without a model"}
    )
    state = {
        "settings": {"articles": 12, "questions": 6, "passages": 12},
        "sittings": [
            {
                "began": "2026",
                "cores": 2,
                "processor": "x",
                "memory_bytes": 2**33,
                "load_average": 0.1,
                "seconds": 60,
            }
        ],
        "cut": {"load": "2 of 3 rounds"},
    }
    report = tables.side_by_side_report(state, systems)
    assert "| ours | 7 | 200 | 6.67 | 15.8 / 21.5 | 1.00 | – | 2 | 500 / – | 2 |" in report
    assert "| passages embedded a second | 3.00 [3.00, 3.00] | – |" in report
    assert "- Cut for time: load, 2 of 3 rounds." in report
    assert "- broken was not measured (further): no such package" in report
    assert "Times better than plain" in report
    assert "ours, our passages" not in report
    for picture in tables.side_by_side_pictures(systems).values():
        assert ElementTree.fromstring(picture).tag.endswith("svg")


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (0.12345, "0.123"), (12.34, "12.3"), (1234.5, "1,234"), (99.99, "100")]
)
def test_numbers(value: float | None, shown: str) -> None:
    assert tables.number(value) == shown


def test_a_section_is_put_between_its_marks(tmp_path: Path) -> None:
    document = tmp_path / "bench.md"
    document.write_text("before\n<!-- x: begin -->\nold\n<!-- x: end -->\nafter\n")
    picture = pictures.bars("Title & more", "ms", [pictures.Bar("a", 1.0)])
    for _ in range(2):  # again changes nothing
        tables.write_section(document, "x", r"new \1", {"a.svg": picture})
        assert document.read_text() == (
            "before\n<!-- x: begin -->\n\nnew \\1\n\n![Title &amp; more](a.svg)\n\n<!-- x: end -->\nafter\n"
        )
    assert (tmp_path / "a.svg").read_text() == picture
    with pytest.raises(ValueError, match="no section 'y'"):
        tables.write_section(document, "y", "", {})


def test_the_document_has_its_sections() -> None:
    text = (Path(__file__).parent.parent / "docs" / "bench.md").read_text()
    for name in ("side by side", "scale"):
        assert text.index(f"<!-- {name}: begin -->") < text.index(f"<!-- {name}: end -->")


def test_the_pictures() -> None:
    drawn = ElementTree.fromstring(
        pictures.bars("t", "u", [pictures.Bar("<a>", 2.0, 1.0, 4.0, ours=True), pictures.Bar("b", 4.0)])
    )
    names = "{http://www.w3.org/2000/svg}"
    widths = [float(bar.attrib["width"]) for bar in drawn.iter(f"{names}rect")]
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.2)
    assert "<a>" in [text.text for text in drawn.iter(f"{names}text")]
    series = [pictures.Line("p50", [(1_000, 10.0), (10_000, 20.0), (100_000, 40.0)])]
    lines = ElementTree.fromstring(pictures.lines("t", "u", "passages", series))
    (path,) = lines.iter(f"{names}polyline")
    points = [tuple(map(float, point.split(","))) for point in path.attrib["points"].split()]
    assert points[1][0] - points[0][0] == pytest.approx(points[2][0] - points[1][0], abs=0.2)
    assert points[0][1] > points[1][1] > points[2][1]


def test_memory_of_a_tree() -> None:
    own = os.getpid()
    assert tree(own)[0] == own
    assert high_water_bytes([own]) > 10_000_000
    assert tree(2**22 + 1) == []
    watched = PeakMemory(own)
    assert watched.stop() >= high_water_bytes([own])


def test_a_system_begins_another_each_round() -> None:
    assert [rotated(["a", "b", "c"], number) for number in range(4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_parts_and_passages() -> None:
    assert material.parts(range(5), 2) == [range(2), range(2, 5)]
    passages = list(material.passages_of(ROWS[0], HashingEmbedder()))
    assert passages[0]["text"].startswith("Jembatan Nomor0 dibuka\nJembatan Nomor0")
    assert {passage["article_id"] for passage in passages} == {"a0"}


def test_a_run_goes_on_with_the_same_settings_only(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    first = State(file, {"articles": 1})
    first.system("x", "X").turns = {"ask:search": [turn(0, 1, 1.0)], "load:search 1": []}
    first.system("x", "X").missing["ask:answer"] = "none"
    first.save()
    again = State(file, {"articles": 1})
    assert again.resumed
    again.systems["x"].forget("ask")
    assert again.systems["x"].turns == {"load:search 1": []}
    assert again.systems["x"].missing == {}
    assert not State(file, {"articles": 2}).systems


def test_an_environment_that_cannot_be_built(tmp_path: Path) -> None:
    wanted, in_the_way = tmp_path / "none.txt", tmp_path / "environments"
    wanted.write_text("a-package==1.0\n")
    in_the_way.write_text("a file, not a folder")
    with pytest.raises(EnvironmentFailed, match="environments"):
        environments.environment_python(Peer("none", "None", "none", wanted), in_the_way)
    assert environments.environment_python(PEERS[KUTIPAN], in_the_way) == sys.executable


@pytest.mark.slow
def test_a_driver_that_ends(tmp_path: Path) -> None:
    driver = Driver(Peer("none", "None", "no_such_module"), sys.executable, tmp_path, tmp_path / "log")
    with pytest.raises(DriverFailed, match="No module named"):
        driver.open()
    with pytest.raises(DriverFailed, match="open: it ended"):
        driver.ask("count")
    assert driver.close() == 0


@pytest.mark.slow
def test_kutipan_side_by_side(tmp_path: Path) -> None:
    """The library's driver, in a process of its own, through all four phases; then nothing is left to do."""
    embedder = HashingEmbedder()
    batches = [
        Batch(part, [passage for row in part for passage in material.passages_of(row, embedder)])
        for part in material.parts(ROWS, 2)
    ]
    questions = [[Question(row["title"], row["id"]) for row in part] for part in material.parts(ROWS[:4], 2)]
    state = State(tmp_path / "state.json", {})
    bench = SideBySide(
        state, [PEERS[KUTIPAN]], Material(batches, questions), tmp_path, 600.0, starts=1, loads=1, load_s=0.1
    )
    bench.run()
    kutipan = state.systems[KUTIPAN]
    assert kutipan.failed is None
    assert not kutipan.missing
    assert kutipan.done.keys() == {"ingest", "start", "ask", "load"}
    assert kutipan.passages == 12
    assert sum(turn["done"] for turn in kutipan.turns["ingest:add"]) == 12
    assert [turn["found"] for turn in kutipan.turns["ask:search"]] == [2, 2]
    assert ratios.rate(kutipan.turns["load:search 4"]) > 0
    assert (ratios.peak_memory(kutipan, ("ask", "load")) or 0) > 50
    turns = json.dumps(kutipan.turns)
    again = State(tmp_path / "state.json", {})
    SideBySide(again, [PEERS[KUTIPAN]], Material(batches, questions), tmp_path, 600.0).run()
    assert json.dumps(again.systems[KUTIPAN].turns) == turns


def test_a_server_is_asked_and_fed(tmp_path: Path) -> None:
    spare = [row | {"id": f"b{i}"} for i, row in enumerate(ROWS)] * 10_000
    with running(Settings(data_dir=tmp_path)) as client:
        client.post("/v1/articles/import", content="\n".join(map(json.dumps, ROWS))).raise_for_status()
        url = str(client.base_url)
        with served.Feeder(url, spare) as feeder:
            asked = served._conditions(url, [row["title"] for row in ROWS], 0.0)
        assert set(asked["ms"]) == set(served.ASKED)
        assert {len(ms) for ms in asked["ms"].values()} == {served._LEAST}
        assert feeder.seconds > 0
        assert client.get("/v1/index").json()["articles"] >= len(ROWS)
        loaded = served._loaded(url, "search", ["Jembatan"], 0.2)
        assert loaded["done"] == len(loaded["ms"]) > 0
        with pytest.raises(ValueError, match="no more articles"), served.Feeder(url, []):
            time.sleep(0.2)


def size(passages: int, ms: float) -> dict[str, Any]:
    """What a size gave whose every search and answer took `ms`, twice that while articles were taken in."""
    return {
        "passages": passages,
        "articles": passages // 5,
        "disk_bytes": {"catalog": 2_000_000, "vectors": 1_000_000},
        "starts": [{"ready": 2.0, "answered": 2.5}] * 3,
        "earlier_ms": [3 * ms] * scale._FRESH + [ms],
        "quiet": {"ms": {what: [ms] * 3 for what in served.ASKED}, "answered": 2},
        "ingest": {"ms": {what: [2 * ms] * 2 for what in served.ASKED}, "answered": 2},
        "load": {kind: {"done": 60, "seconds": 2.0, "ms": [500.0] * 60} for kind in ("search", "answer")},
        "fed": {"passages": 300, "seconds": 10.0},
        "memory_bytes": {"quiet": 400_000_000, "ingest": 500_000_000},
        "built": {
            "articles": passages // 5, "passages": passages, "seconds": passages / 100,
            "peak_bytes": 300_000_000, "interrupted": passages // 10_000,
        },
        "machine": {"cores": 2, "processor": "x", "memory_bytes": 2**33, "load_average": 0.2},
    }  # fmt: skip


def test_the_tables_of_growth() -> None:
    sizes = {"10000": size(10_003, 60.0), "1000": size(1_002, 40.0)}
    report = scale.scale_report(sizes)
    assert report.index("| 1,002 | 200 | 10 | 100 | 2 + 1 |") < report.index("| 10,003 | 2,000 | 100* |")
    assert "| 2 | 2.5 | 120 / 40 | 300 / 400 / 500 |" in report
    assert "| 1,002 | quiet | 3 | 40 / 40 |" in report
    assert "| 10,003 | taking in 30 passages a second | 2 | 120 / 120 |" in report
    assert "| quiet | 1.50 [1.50, 1.50] |" in report
    assert "interrupted" in report
    for picture in scale.scale_pictures(sizes).values():
        assert ElementTree.fromstring(picture).tag.endswith("svg")
