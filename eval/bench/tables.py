"""Records → Markdown tables and pictures; and into the document, between its marks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.bench.driver import PROJECT
from eval.bench.environments import BASELINE, KUTIPAN, PLAIN, SERVER
from eval.bench.pictures import Bar, bars
from eval.bench.ratios import COMPARED, disk, peak_memory, percentile, rate, times_better
from eval.bench.side_by_side import CLIENTS
from eval.bench.state import Record, Turn
from eval.intervals import Estimate

DOCUMENT = PROJECT / "docs" / "bench.md"
NOTHING = "–"
OURS = frozenset({KUTIPAN, SERVER})


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float | None, digits: int = 3) -> str:
    """So many figures, whole numbers from 100 on, thousands apart; a dash for None."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{digits}g}"


def estimate(value: Estimate | None) -> str:
    """A ratio with its interval, where it has one."""
    if value is None:
        return NOTHING
    if value.low != value.low:
        return f"{value.mean:.2f}"
    return f"{value.mean:.2f} [{value.low:.2f}, {value.high:.2f}]"


def side_by_side_report(state: Mapping[str, Any], systems: Mapping[str, Record]) -> str:
    """All that the document says of a run: where, what, figures, ratios, and what is missing and why."""
    settings, sittings = state["settings"], state["sittings"]
    first, loads = sittings[0], ", ".join(str(sitting["load_average"]) for sitting in sittings)
    about = (
        f"{settings['articles']} articles, {settings['questions']} questions, {settings['passages']} of "
        f"Kutipan's passages; {first['cores']} cores ({first['processor']}), "
        f"{first['memory_bytes'] / 2**30:.0f} GiB; load average at the start {loads}; "
        f"begun {first['began']}, {sum(s['seconds'] for s in sittings) / 60:.1f} minutes."
    )
    pieces = [about, figures(systems), throughput(systems), *ratios(systems), *notes(state, systems)]
    return "\n\n".join(pieces)


def figures(systems: Mapping[str, Record]) -> str:
    """One row a system."""
    head = (
        "system", "passages", "embedded a second", "articles a second", "search p50 / p95, ms",
        "headline's article in 10", "answer p50 / p95, ms", "start, s", "memory taking in / searching, MB",
        "disk, MB",
    )  # fmt: skip
    rows = []
    for record in systems.values():
        turns = record.turns
        memory = [number(peak_memory(record, phases)) for phases in (("ingest",), ("ask", "load"))]
        searches = turns.get("ask:search", [])
        headlines = sum(turn["headlines"] for turn in searches)
        rows.append(
            (
                record.title,
                NOTHING if record.passages is None else str(record.passages),
                _rate(turns.get("ingest:embed")),
                _rate(turns.get("ingest:add")),
                _percentiles(searches),
                f"{sum(turn['found'] for turn in searches) / headlines:.2f}" if headlines else NOTHING,
                _percentiles(turns.get("ask:answer")),
                NOTHING if not turns.get("start:ready") else number(1 / rate(turns["start:ready"])),
                " / ".join(memory),
                number(disk(record)),
            )
        )
    return table(head, rows)


def throughput(systems: Mapping[str, Record]) -> str:
    """Searches and answers a second by the number of clients, with the p95 at 16."""
    head = [
        "system",
        *(f"searches a second, {n}" for n in CLIENTS),
        f"p95 at {CLIENTS[-1]}, ms",
        *(f"answers a second, {n}" for n in CLIENTS),
        f"p95 at {CLIENTS[-1]}, ms",
    ]
    rows = []
    for record in systems.values():
        cells = [record.title]
        for kind in ("search", "answer"):
            cells += [_rate(record.turns.get(f"load:{kind} {n}")) for n in CLIENTS]
            last = record.turns.get(f"load:{kind} {CLIENTS[-1]}")
            cells.append(number(percentile(last, 95)) if last else NOTHING)
        rows.append(cells)
    return table(head, rows)


def ratios(systems: Mapping[str, Record]) -> list[str]:
    """A table against each of the two LlamaIndex pipelines that were measured."""
    found = []
    for base in (BASELINE, PLAIN):
        if base not in systems or not systems[base].turns:
            continue
        others = [name for name in systems if name != base]
        rows = [
            [measure, *(estimate(times_better(measure, systems[name], systems[base])) for name in others)]
            for measure in COMPARED
        ]
        found.append(
            f"Times better than {systems[base].title} (above 1: quicker, more a second, smaller), 95 % "
            "intervals:\n\n" + table(["", *(systems[name].title for name in others)], rows)
        )
    return found


def notes(state: Mapping[str, Any], systems: Mapping[str, Record]) -> list[str]:
    """What was cut short, failed or is not there, and the versions."""
    lines = [f"- Cut for time: {phase}, {how}." for phase, how in state["cut"].items()]
    reasons: dict[tuple[str, str], list[str]] = {}
    for record in systems.values():
        if record.failed:
            lines.append(f"- {record.title} was not measured (further): {record.failed}")
        for measure, reason in record.missing.items():
            reasons.setdefault((record.title, reason), []).append(measure)
        if len(set(record.done.values())) > 1 or any(s != 0 for s in record.done.values()):
            lines.append(
                f"- {record.title} was measured in sittings {sorted({s + 1 for s in record.done.values()})}."
            )
        if answers := record.turns.get("ask:answer"):
            asked = sum(len(turn["ms"]) for turn in answers)
            lines.append(
                f"- {record.title} answered {sum(t['answered'] for t in answers)} of {asked} questions; "
                "the others it refused."
            )
    lines += [f"- {title}, {', '.join(of)}: {reason}." for (title, reason), of in reasons.items()]
    for record in systems.values():
        told = ", ".join(f"{name} {version}" for name, version in record.versions.items())
        lines.append(f"- {record.title}: {told or 'no versions'}.")
    return ["\n".join(lines)]


def side_by_side_pictures(systems: Mapping[str, Record]) -> dict[str, str]:
    """SVG by file name; none of what nobody measured."""
    drawn: dict[str, list[Bar]] = {
        "bench-embedding.svg": [], "bench-search.svg": [], "bench-start.svg": [], "bench-memory.svg": [],
    }  # fmt: skip
    for name, record in systems.items():
        ours, title, turns = name in OURS, record.title, record.turns
        if embedded := turns.get("ingest:embed"):
            each = [turn["done"] / turn["seconds"] for turn in embedded]
            drawn["bench-embedding.svg"].append(Bar(title, rate(embedded), min(each), max(each), ours))
        if searched := turns.get("ask:search"):
            p50, p95 = percentile(searched, 50), percentile(searched, 95)
            drawn["bench-search.svg"].append(Bar(title, p50, p50, p95, ours))
        if started := turns.get("start:ready"):
            seconds = [turn["seconds"] for turn in started]
            drawn["bench-start.svg"].append(Bar(title, 1 / rate(started), min(seconds), max(seconds), ours))
        if memory := peak_memory(record, ("ask", "load")):
            drawn["bench-memory.svg"].append(Bar(title, memory, ours=ours))
    said = {
        "bench-embedding.svg": (
            "Passages embedded",
            "a second, more is better; the line: slowest to fastest round",
        ),
        "bench-search.svg": ("One search", "ms, less is better; the bar: p50, the line: to p95"),
        "bench-start.svg": (
            "From nothing to the first search",
            "seconds, less is better; the line: all starts",
        ),
        "bench-memory.svg": ("Peak memory while searching", "MB, less is better"),
    }
    return {file: bars(*said[file], rows) for file, rows in drawn.items() if rows}


def publish(file: Path, report: str, pictures: Mapping[str, str], section: str | None) -> None:
    """Writes a report into a file and its pictures beside it, and both into a section of docs/bench.md, if
    given."""
    file.write_text(report + "\n", encoding="utf-8")
    for name, picture in pictures.items():
        (file.parent / name).write_text(picture, encoding="utf-8")
    if section is not None:
        write_section(DOCUMENT, section, report, pictures)


def write_section(document: Path, name: str, text: str, pictures: Mapping[str, str]) -> None:
    """Puts `text` between the marks `<!-- NAME: begin -->` and `<!-- NAME: end -->` of a document, followed
    by the pictures, which go beside it. Raises ValueError where the marks are not there."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    held = document.read_text(encoding="utf-8")
    if begin not in held or end not in held:
        raise ValueError(f"{document} has no section {name!r}")
    for file, picture in pictures.items():
        (document.parent / file).write_text(picture, encoding="utf-8")
    shown = "\n\n".join(f"![{_title(picture)}]({file})" for file, picture in pictures.items())
    inside = "\n\n".join(part for part in (begin, text, shown, end) if part)
    pattern = re.escape(begin) + ".*" + re.escape(end)
    document.write_text(re.sub(pattern, lambda _: inside, held, flags=re.DOTALL), encoding="utf-8")


def _title(picture: str) -> str:
    found = re.search('aria-label="([^"]*)"', picture)
    return found[1] if found else ""


def _rate(turns: Sequence[Turn] | None) -> str:
    return number(rate(turns)) if turns else NOTHING


def _percentiles(turns: Sequence[Turn] | None) -> str:
    return f"{number(percentile(turns, 50))} / {number(percentile(turns, 95))}" if turns else NOTHING
