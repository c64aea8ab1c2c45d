"""Speed, side by side with what people would use instead, on the same articles and questions.

    python -m eval.bench --datasets FOLDER --work FOLDER [--write-docs]

Builds an environment for each system below the work folder (the only step that needs a package registry),
then measures them in turns. A run that was ended goes on where it was: what a system has finished is kept,
what failed or was cut off is done again. Writes side-by-side.json, side-by-side.md and pictures there, and
prints the tables; docs/bench.md says how it is measured.
"""

from __future__ import annotations

import sys
from pathlib import Path

from eval.bench.environments import SYSTEMS
from eval.bench.material import read_material
from eval.bench.side_by_side import SideBySide
from eval.bench.state import State
from eval.bench.tables import publish, side_by_side_pictures, side_by_side_report
from eval.benchmarks.reading_sets import benchmark_arguments, parse_benchmark
from service.embeddings import load_embedder

SECTION = "side by side"


def main() -> None:
    parser = benchmark_arguments(__doc__)
    names = [peer.name for peer in SYSTEMS]
    parser.add_argument("--systems", nargs="+", choices=names, default=names, help="which, by name")
    parser.add_argument("--articles", type=int, default=759, help="of news/detik, at most")
    parser.add_argument("--questions", type=int, default=400, help="half FacQA's, half headlines")
    parser.add_argument("--rounds", type=int, default=5, help="turns that the systems take")
    parser.add_argument("--minutes", type=float, default=25.0, help="for measuring, environments not counted")
    parser.add_argument("--pip-options", default="", help="go to every pip install")
    parser.add_argument("--anew", action="store_true", help="forget what has been measured")
    parser.add_argument(
        "--write-docs", action="store_true", help="put tables and pictures into docs/bench.md"
    )
    given = parse_benchmark(parser)
    work = Path(given.work).resolve()
    material = read_material(
        given.datasets, load_embedder(None), given.articles, given.questions, given.rounds
    )
    settings = {
        "articles": material.articles,
        "passages": material.passages,
        "questions": sum(map(len, material.questions)),
        "rounds": given.rounds,
    }
    file = work / "side-by-side.json"
    if given.anew:
        file.unlink(missing_ok=True)
    state = State(file, settings)
    peers = [peer for peer in SYSTEMS if peer.name in given.systems]
    bench = SideBySide(state, peers, material, work, 60 * given.minutes, given.pip_options.split())
    bench.run()
    systems = {peer.name: state.systems[peer.name] for peer in SYSTEMS if peer.name in state.systems}
    report, pictures = side_by_side_report(state.as_json(), systems), side_by_side_pictures(systems)
    sys.stdout.write(report + "\n")
    publish(work / "side-by-side.md", report, pictures, SECTION if given.write_docs else None)


if __name__ == "__main__":
    main()
