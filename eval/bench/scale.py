"""Kutipan alone at 1,000, 10,000 and 100,000 passages, filtered and not, with ingest going on and not.

    python -m eval.bench.scale --datasets FOLDER --work FOLDER [--write-docs]

Builds one index that grows to each size and keeps a copy there (the largest takes a quarter of an hour on two
quiet cores), then serves each and asks it. A run that was ended goes on where it was; a size that has been
built is used again, one that has been measured only with --anew. Writes scale.json, scale.md and pictures to
the work folder, and prints the tables; docs/bench.md says how it is measured.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval.bench.growth import Growth, read_articles
from eval.bench.material import choose
from eval.bench.pictures import Line, lines
from eval.bench.ratios import percentile, percentile_ratio, rate
from eval.bench.served import ASKED, CLIENTS, CONDITIONS, measure_size
from eval.bench.state import machine, write_json
from eval.bench.tables import estimate, number, publish, table
from eval.benchmarks.reading_sets import benchmark_arguments, parse_benchmark, read_rows

SIZES = (1_000, 10_000, 100_000)
SECTION = "scale"
_QUESTIONS = 200
_HEADLINES_OF = 150
"""The first articles, which every size holds."""
_EARLIER, _FRESH = 300, 30
"""Questions that a server is asked before anything else is measured, and the first of them, which meet a
server that has kept nothing."""
_MEGABYTE = 1_000_000
_BUILD_SHARE = 0.66
_CONDITION_S = 60.0


def read_questions(datasets: Path, articles: Sequence[Mapping[str, Any]], count: int) -> list[str]:
    """Half FacQA's of valid, half headlines that every size holds, shuffled alike every time."""
    asked = [row.question for row in read_rows(datasets, "facqa", "valid")]
    headlines = [row["title"] for row in articles[:_HEADLINES_OF] if row["title"]]
    return choose(asked, headlines, count)


def read_earlier(datasets: Path, articles: Sequence[Mapping[str, Any]]) -> list[str]:
    """`_EARLIER` other questions: half FacQA's of train, half other headlines."""
    asked = [row.question for row in read_rows(datasets, "facqa", "train")]
    headlines = [row["title"] for row in articles[_HEADLINES_OF : 2 * _HEADLINES_OF] if row["title"]]
    return choose(asked, headlines, _EARLIER)


def scale_report(sizes: Mapping[str, Mapping[str, Any]]) -> str:
    """All that the document says, of the sizes that were measured, in their order."""
    ordered = [sizes[key] for key in sorted(sizes, key=int)]
    pieces = [_about(ordered), _growth(ordered), _latencies(ordered)]
    if len(ordered) > 1:
        pieces.append(_grown(ordered[0], ordered[-1]))
    return "\n\n".join(pieces)


def scale_pictures(sizes: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """SVG by file name."""
    ordered = [sizes[key] for key in sorted(sizes, key=int)]
    found = {}
    for what in ("search", "answer"):
        series = [
            Line(
                f"p{which}, {'quiet' if condition == 'quiet' else 'taking in'}",
                [(size["passages"], percentile(_turns(size, condition, what), which)) for size in ordered],
            )
            for condition in CONDITIONS
            for which in (50, 95)
        ]
        title = f"One {what} as the index grows"
        found[f"bench-scale-{what}.svg"] = lines(title, "ms over HTTP, less is better", "passages", series)
    return found


def _turns(
    size: Mapping[str, Any], condition: str, what: str, most: int | None = None
) -> list[dict[str, Any]]:
    return [{"round": 0, "ms": size[condition]["ms"][what][:most]}]


def _about(ordered: Sequence[Mapping[str, Any]]) -> str:
    at = ordered[0]["machine"]
    loads = ", ".join(str(size["machine"]["load_average"]) for size in ordered)
    return (
        f"{at['cores']} cores ({at['processor']}), {at['memory_bytes'] / 2**30:.0f} GiB; load average before "
        f"each size {loads}."
    )


def _growth(ordered: Sequence[Mapping[str, Any]]) -> str:
    head = (
        "passages", "articles", "time to take in, s", "passages a second", "disk: catalog + vectors, MB",
        "start to ready, s", "start to first answer, s",
        f"the first {_FRESH} searches / {_FRESH + 1} to {_EARLIER}, p50, ms",
        "memory: taking in / serving / both, MB",
        f"answers a second, {CLIENTS} clients (p95, ms)", f"searches a second, {CLIENTS} clients (p95, ms)",
    )  # fmt: skip
    rows = []
    for size in ordered:
        built, memory, disk = size["built"], size["memory_bytes"], size["disk_bytes"]
        starts = [sorted(start[key] for start in size["starts"]) for key in ("ready", "answered")]
        peaks = (built["peak_bytes"], memory["quiet"], memory["ingest"])
        loads = [size["load"][kind] for kind in ("answer", "search")]
        rows.append(
            (
                f"{size['passages']:,}",
                f"{size['articles']:,}",
                number(built["seconds"]) + ("*" if built["interrupted"] else ""),
                number(built["passages"] / built["seconds"]),
                " + ".join(number(disk[part] / _MEGABYTE) for part in ("catalog", "vectors")),
                *(number(seconds[len(seconds) // 2]) for seconds in starts),
                " / ".join(
                    number(percentile([{"round": 0, "ms": some}], 50))
                    for some in (size["earlier_ms"][:_FRESH], size["earlier_ms"][_FRESH:])
                ),
                " / ".join(number(peak / _MEGABYTE) for peak in peaks),
                *(f"{number(rate([load]))} ({number(percentile([load], 95))})" for load in loads),
            )
        )
    stars = "\n\n\\* interrupted; each time the seconds of one batch were lost."
    return table(head, rows) + (stars if any(size["built"]["interrupted"] for size in ordered) else "")


def _latencies(ordered: Sequence[Mapping[str, Any]]) -> str:
    head = ("passages", "while", "questions", *(f"{what}, p50 / p95, ms" for what in ASKED))
    rows = []
    for size in ordered:
        for condition in CONDITIONS:
            fed = size["fed"]
            busy = f"taking in {number(fed['passages'] / fed['seconds'])} passages a second"
            cells = [f"{size['passages']:,}", "quiet" if condition == "quiet" else busy]
            cells.append(str(len(size[condition]["ms"]["answer"])))
            for what in ASKED:
                turns = _turns(size, condition, what)
                cells.append(f"{number(percentile(turns, 50))} / {number(percentile(turns, 95))}")
            rows.append(cells)
    return table(head, rows)


def _grown(smallest: Mapping[str, Any], largest: Mapping[str, Any]) -> str:
    rows = []
    for condition in CONDITIONS:
        cells = ["quiet" if condition == "quiet" else "taking in"]
        for what in ASKED:
            most = min(len(size[condition]["ms"][what]) for size in (smallest, largest))
            large, small = (_turns(size, condition, what, most) for size in (largest, smallest))
            cells.append(estimate(percentile_ratio(small, large, 50)))
        rows.append(cells)
    said = f"p50 at {largest['passages']:,} passages over p50 at {smallest['passages']:,}"
    return f"{said}, 95 % intervals over questions:\n\n{table(('', *ASKED), rows)}"


def main() -> None:
    parser = benchmark_arguments(__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="passages")
    parser.add_argument("--questions", type=int, default=_QUESTIONS, help="half FacQA's, half headlines")
    parser.add_argument("--minutes", type=float, default=25.0, help="for building and measuring")
    parser.add_argument(
        "--condition-s", type=float, default=_CONDITION_S, help="seconds of each condition, at most"
    )
    parser.add_argument("--anew", action="store_true", help="measure again what has been measured")
    parser.add_argument(
        "--write-docs", action="store_true", help="put tables and pictures into docs/bench.md"
    )
    given = parse_benchmark(parser)
    began, limit = time.perf_counter(), 60 * given.minutes
    work = Path(given.work).resolve() / "scale"
    work.mkdir(parents=True, exist_ok=True)
    results = work / "scale.json"
    measured = json.loads(results.read_text()) if results.exists() and not given.anew else {}
    # What an earlier release measured in another way is measured again.
    sizes = {size: found for size, found in measured.items() if "earlier_ms" in found}
    articles = read_articles(given.datasets)
    questions = read_questions(given.datasets, articles, given.questions)
    earlier = read_earlier(given.datasets, articles)
    growth = Growth(work, articles)
    for size in sorted(given.sizes):
        if str(size) in sizes:
            continue
        sys.stderr.write(f"== {size:,} passages\n")
        built = growth.grow(size, _BUILD_SHARE * limit - (time.perf_counter() - began))
        if built is None:
            sys.stderr.write("== out of time, or of articles; the same command goes on from here\n")
            break
        if time.perf_counter() - began > limit - 2 * given.condition_s:
            sys.stderr.write("== built, and no time left to measure it; the same command does\n")
            break
        at = machine()
        spare = articles[built.articles :]
        sizes[str(size)] = measure_size(
            growth.folder(size), work / "run", questions, earlier, spare, given.condition_s
        ) | {"built": asdict(built), "machine": at}
        write_json(results, sizes)
    if not sizes:
        parser.exit(1, "nothing was measured\n")
    report, pictures = scale_report(sizes), scale_pictures(sizes)
    sys.stdout.write(report + "\n")
    publish(work / "scale.md", report, pictures, SECTION if given.write_docs else None)


if __name__ == "__main__":
    main()
