"""`kutipan`: serve, ingest, ask, search, evaluate and look after the index.

Every command but `serve` and `restore` works while a server owns the data folder. They go through its API,
but for `backup`, which reads the catalog, and `eval`, which makes an index of its own.
Results go to standard output (`--json` for programs), progress and complaints to standard error.
Exit status: 0 done, 1 something failed, 2 wrong usage.
"""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from service import __version__
from service.errors import ConfigurationError, ServiceError
from service.settings import load_settings

if TYPE_CHECKING:
    from eval.self_test import Caught
    from service.api.schemas import QuotationOut
    from service.sync import SyncReport

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
index_app = typer.Typer(help="Look after the index.", no_args_is_help=True)
app.add_typer(index_app, name="index")

out = Console(emoji=False)  # ":100:" in a quotation is not an emoji
err = Console(stderr=True, emoji=False)

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Data folder (KUTIPAN_DATA_DIR).")]
Language = Annotated[str | None, typer.Option(help="Only articles in this language (id, en).")]
Source = Annotated[list[str] | None, typer.Option(help="Only articles of this source; may be repeated.")]
Tag = Annotated[list[str] | None, typer.Option(help="Only articles with this tag; may be repeated.")]
ArticleId = Annotated[list[str] | None, typer.Option("--article", help="Only this article; may be repeated.")]
Now = Annotated[
    str | None, typer.Option(help="The day on which it is asked, such as 2026-01-31; else today.")
]
From = Annotated[str | None, typer.Option("--from", help="Only articles published on this date or later.")]
To = Annotated[str | None, typer.Option("--to", help="Only articles published on this date or earlier.")]


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"kutipan {__version__}")
        raise typer.Exit


@app.callback()
def kutipan(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Ask news articles questions; every answer is a quotation that can be checked."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address (KUTIPAN_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port (KUTIPAN_PORT).")] = None,
    corpus_dir: Annotated[Path | None, typer.Option(help="Folder to take in (KUTIPAN_CORPUS_DIR).")] = None,
    data_dir: DataDir = None,
) -> None:
    """Answer questions over HTTP until stopped."""
    import uvicorn

    from service.api.app import create_app
    from service.telemetry import configure_logging, get_logger

    with complaints():
        settings = load_settings(host=host, port=port, corpus_dir=corpus_dir, data_dir=data_dir)
        configure_logging(settings.log_format)
        log = get_logger("service.serve")
        config = uvicorn.Config(
            "unused", host=settings.host, port=settings.port, log_config=None, access_log=False,
            timeout_graceful_shutdown=settings.shutdown_s, server_header=False,
        )  # fmt: skip
        try:
            bound = config.bind_socket()
        except SystemExit:  # it has logged why
            where = f"{settings.host} port {settings.port}"
            raise ConfigurationError(f"cannot listen at {where}; is another server there?") from None
        url = _reached_at(settings.host, bound.getsockname()[1])
        stopping = threading.Event()

        class Server(uvicorn.Server):
            def handle_exit(self, sig: int, frame: FrameType | None) -> None:
                stopping.set()  # a rebuild is a request in flight that would hold up the end
                super().handle_exit(sig, frame)

        server = Server(config)
        failed = False

        def stop() -> None:
            nonlocal failed
            failed = True
            server.should_exit = True

        config.app = create_app(settings, url, on_failure=stop, stop=stopping)
        if settings.api_key_file is not None:
            log.info("service.key", file=str(settings.api_key_file))
        bound.listen(config.backlog)  # from here on a connection waits instead of being refused
        log.info("service.listening", url=url, data_dir=str(settings.data_dir))
        # uvicorn raises the signal again when it has finished; by then there is nothing left to stop.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        server.run(sockets=[bound])
    if failed:
        raise typer.Exit(1)


def _named(path: str) -> Path:
    if not path:  # of a variable that isn't set; Path("") is the folder that one is in
        raise typer.BadParameter("an empty path")
    return Path(path)


@app.command()
def ingest(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Files and folders: Markdown, text, HTML, PDF, DOCX, RSS, Atom, JSON lines.", parser=_named
        ),
    ],
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove articles that came from a folder and whose file is gone.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on with what changes in the folder until Ctrl-C.")
    ] = False,
    reread: Annotated[
        bool, typer.Option("--reread", help="Read files too that have not changed since the last time.")
    ] = False,
    take_over: Annotated[
        bool,
        typer.Option(
            "--take-over", help="Let a file here replace the article that another folder's file has given."
        ),
    ] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Take in articles. Unchanged ones cost nothing; exit status 1 where anything failed."""
    from service.articles import Origin, first_of_each_id, read_file, read_paths
    from service.backend import open_backend, wait_indexed
    from service.formats.process import Bounds, Readers
    from service.ingest import take_in
    from service.sync import FolderSync, SyncReport, follow

    if (prune or reread or take_over) and all(path.is_file() for path in paths):
        raise typer.BadParameter("--prune, --reread and --take-over are for folders")
    if watch and (len(paths) != 1 or not paths[0].is_dir()):
        raise typer.BadParameter("--watch takes one folder")
    with complaints():
        settings = load_settings(data_dir=data_dir)
        _log_warnings_only()
        stop = threading.Event()
        report = SyncReport()
        with (
            open_backend(settings, make=True) as backend,
            Readers(Bounds(*settings.reading)) as readers,
            _stopped_by_signals(stop if watch else None),
        ):
            read = partial(read_file, max_bytes=settings.max_article_bytes, readers=readers)
            with _progress() as progress:
                reading = progress.add_task("reading", total=None, unit="files")

                def note(so_far: SyncReport) -> None:
                    progress.update(reading, total=so_far.files, completed=so_far.handled)

                seen: dict[str, Origin] = {}
                for path in paths:
                    if path.is_dir():
                        sync = FolderSync(path, backend, read, prune, reread, take_over=take_over)
                        sync.run(report, seen, stop, note)
                    else:
                        results = read_paths([path], settings.max_article_bytes, readers)
                        take_in(first_of_each_id(results, seen), backend.add, report=report)
                report.failed += [(name, "is being written") for name in report.waiting if not watch]
                progress.update(reading, total=1, completed=1)
                indexing = progress.add_task("indexing", total=None, unit="passages")

                def left(pending: int) -> None:
                    total = max(progress.tasks[1].total or 0, pending)
                    progress.update(indexing, total=total, completed=total - pending)

                if not watch:
                    wait_indexed(backend, left)
                    total = progress.tasks[1].total or report.passages
                    progress.update(indexing, total=total, completed=total)
            if watch:
                _show_report(report, as_json)
                for later in follow(sync, stop):
                    if later is not None and (later.opened or later.removed or later.missing):
                        _show_report(later, as_json)
                        report.include(later)
    if watch:
        err.print("stopped; in all:", highlight=False)
    _show_report(report, as_json)
    if report.failed and not watch:
        raise typer.Exit(1)


def _show_report(report: SyncReport, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(report), ensure_ascii=False))
        return
    for origin, warning in report.warned:
        err.print(f"[yellow]warning[/] {printable(origin)}: {printable(warning)}", soft_wrap=True)
    for origin, reason in report.failed:
        err.print(f"[red]failed[/] {printable(origin)}: {printable(reason)}", soft_wrap=True)
    if report.passed_over:
        others = ", ".join(
            f"{n} {suffix or 'without suffix'}" for suffix, n in sorted(report.passed_over.items())
        )
        err.print(
            f"[dim]passed over[/] files of other kinds: {printable(others)}", highlight=False, soft_wrap=True
        )
    if report.kept is not None:
        err.print(f"[yellow]kept[/] {printable(report.kept)}", soft_wrap=True)
    removed = f"{report.removed} removed, " if report.removed else ""
    gone = f"; {report.gone} whose file is gone (--prune removes them)" if report.gone else ""
    out.print(
        f"{report.created} new, {report.updated} changed, {report.unchanged} unchanged, {removed}"
        f"{len(report.failed)} failed; {report.passages} passages indexed{gone}",
        highlight=False,
        soft_wrap=True,
    )


@contextmanager
def _stopped_by_signals(stop: threading.Event | None) -> Iterator[None]:
    """Ctrl-C and SIGTERM set `stop` instead of ending the process, where there is one."""
    if stop is None:
        yield
        return
    before = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@app.command()
def ask(
    question: str,
    limit: Annotated[int, typer.Option(help="Most pieces of evidence, 1 to 20.")] = 6,
    language: Language = None,
    source: Source = None,
    tag: Tag = None,
    article: ArticleId = None,
    published_from: From = None,
    published_to: To = None,
    now: Now = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Answer a question from the articles, with quotations."""
    from service.api.schemas import AskIn
    from service.backend import open_backend

    with complaints():
        body = AskIn.model_validate(
            {
                "question": question,
                "evidence_limit": limit,
                "now": now,
                "filters": _filters(language, source, tag, article, published_from, published_to),
            }
        )
        _log_warnings_only()
        with open_backend(load_settings(data_dir=data_dir)) as backend:
            answer = backend.ask(body)
    if as_json:
        typer.echo(answer.model_dump_json())
        return
    for part in answer.understood:
        out.print(f"[dim]{part.kind}: {printable(part.text)} → {printable(part.meaning)}[/]", highlight=False)
    calibrated = "" if answer.calibrated else ", not calibrated"
    if answer.status == "not_found":
        out.print(
            f"[bold]Not in the articles[/] ({answer.reason}; confidence {answer.confidence:.2f}{calibrated})"
        )
        return
    if answer.short_answer:
        out.print(f"[bold green]{printable(answer.short_answer)}[/]", highlight=False)
    out.print(printable(answer.answer), highlight=False)
    out.print()
    for citation in answer.citations:
        out.print(
            f"\\[{citation.marker}] [bold]{printable(citation.title)}[/]{printable(_origin(citation))}",
            highlight=False,
        )
        out.print(f"    “{printable(citation.quote)}”", highlight=False)
        page = f"page {citation.page}, " if citation.page is not None else ""
        where = f"{citation.article_id}, {page}characters {citation.start}–{citation.end}"
        place = f"{citation.url} {where}" if citation.url else where
        out.print(f"    [dim]{printable(place)}[/]", highlight=False, soft_wrap=True)
        for copy in citation.also_in:
            out.print(
                f"    [dim]also in: {printable(copy.title)}{printable(_origin(copy))}[/]", highlight=False
            )
        for old in citation.older:
            out.print(
                f"    [yellow]older[/]{printable(_origin(old))}: “{printable(old.quote)}”", highlight=False
            )
    out.print(f"[dim]confidence {answer.confidence:.2f}{calibrated}; {answer.timing_ms['total']:.0f} ms[/]")


@app.command()
def search(
    query: str,
    limit: Annotated[int, typer.Option(help="Most passages, 1 to 100.")] = 10,
    language: Language = None,
    source: Source = None,
    tag: Tag = None,
    article: ArticleId = None,
    published_from: From = None,
    published_to: To = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Find the passages most related to a query."""
    from service.api.schemas import SearchIn
    from service.backend import open_backend

    with complaints():
        body = SearchIn.model_validate(
            {
                "query": query,
                "limit": limit,
                "filters": _filters(language, source, tag, article, published_from, published_to),
            }
        )
        _log_warnings_only()
        with open_backend(load_settings(data_dir=data_dir)) as backend:
            found = backend.search(body)
    if as_json:
        typer.echo(found.model_dump_json())
        return
    for rank, passage in enumerate(found.passages, 1):
        out.print(f"{rank}. [bold]{printable(passage.title)}[/] [dim]{passage.score:.3f}[/]", highlight=False)
        out.print(f"   {printable(' '.join(passage.text.split())[:300])}", highlight=False)
    if not found.passages:
        out.print("nothing found")


@app.command(name="eval")
def evaluate(
    split: Annotated[Literal["dev", "test"], typer.Option(help="dev to look at, test for totals.")] = "dev",
    mode: Annotated[
        Literal["auto", "extractive", "generative"], typer.Option(help="As in a question to the service.")
    ] = "auto",
    corpus: Annotated[Path, typer.Option(help="Folder of the articles.")] = Path("corpus"),
    questions: Annotated[
        Path | None, typer.Option(help="Folder of dev.jsonl and test.jsonl, of your own.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="A running service that has these articles.")] = None,
    key_file: Annotated[Path | None, typer.Option(help="File of that service's API key.")] = None,
    results: Annotated[Path, typer.Option("--out", help="Folder of run and report.")] = Path("eval-run"),
    against: Annotated[Path | None, typer.Option(help="An earlier run to compare with.")] = None,
    show_questions: Annotated[bool, typer.Option(help="Show the questions of the test split too.")] = False,
    judge_llm: Annotated[
        str | None, typer.Option(help="module:function that gives a LlamaIndex LLM, to judge support.")
    ] = None,
    judge_cache: Annotated[Path, typer.Option(help="File of its replies; a re-run asks nothing.")] = Path(
        "judge-cache.jsonl"
    ),
    check: Annotated[bool, typer.Option("--check", help="Only say whether the questions are sound.")] = False,
    run_self_test: Annotated[
        bool, typer.Option("--self-test", help="See that known-bad answerers are caught.")
    ] = False,
    gate: Annotated[bool, typer.Option("--gate", help="Fail below eval/baseline.json.")] = False,
    set_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Make this run eval/baseline.json.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Score the answers to the question set; exit status 1 where a check fails."""
    from eval import command
    from eval.comparison import BASELINE, write_baseline
    from eval.question_set import QUESTIONS
    from service.api.guards import read_key

    with complaints():
        plan = command.Plan(
            split, mode, corpus, questions or QUESTIONS, url,
            read_key(key_file) if key_file else None, results, against, BASELINE if gate else None,
            show_questions, judge_llm, judge_cache,
        )  # fmt: skip
        if sum((check, run_self_test, gate, set_baseline)) > 1:
            raise typer.BadParameter("--check, --self-test, --gate and --write-baseline exclude one another")
        command.check_options(plan, baseline=gate or set_baseline)
        if check:
            articles, asked = command.check_set(plan)
            told = f"{asked} questions on {articles} articles are sound"
            typer.echo(json.dumps({"questions": asked, "articles": articles}) if as_json else told)
            return
        settings = load_settings()
        _log_warnings_only()
        with _progress() as progress:

            def step(name: str, size: int) -> Callable[[], None]:
                task = progress.add_task(name, total=size, unit="questions")
                return partial(progress.advance, task)

            if run_self_test:
                caught = command.run_self_test(plan, settings, step)
            else:
                finished = command.run_eval(plan, settings, step)
    if run_self_test:
        _show_traps(caught, as_json)
        return
    if set_baseline:
        write_baseline(finished.run)
    if as_json:
        typer.echo(json.dumps(finished.run["scores"], ensure_ascii=False))
    else:
        _show_scores(finished.run)
        out.print(f"{results / 'report.html'} has the rest", highlight=False)
    for complaint in finished.complaints:
        err.print(f"[red]failed[/] {printable(complaint)}", highlight=False, soft_wrap=True)
    if finished.complaints:
        raise typer.Exit(1)


def _show_scores(run: dict[str, Any]) -> None:
    from eval.intervals import shown

    table = Table("score", "mean", "95 % interval", "questions", "not judged", box=None)
    for name, score in run["scores"]["all"].items():
        interval = "–" if score["low"] is None else f"{shown(score['low'])} to {shown(score['high'])}"
        table.add_row(name, shown(score["mean"]), interval, str(score["n"]), str(score["unjudged"]))
    out.print(table)


def _show_traps(traps: Sequence[Caught], as_json: bool) -> None:
    from eval.intervals import shown

    if as_json:
        told = [{k: None if v != v else v for k, v in asdict(trap).items()} for trap in traps]
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        table = Table("known to be bad", "caught by", "good", "bad", "at most", "questions", "", box=None)
        for trap in traps:
            table.add_row(
                trap.name, trap.measure, shown(trap.good), shown(trap.bad), shown(trap.limit), str(trap.n),
                {True: "caught", False: "[red]missed[/]", None: "nothing to test"}[trap.caught],
            )  # fmt: skip
        out.print(table)
    if any(trap.caught is False for trap in traps):
        raise typer.Exit(1)


@app.command()
def doctor(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Look for what is wrong with this installation; exit status 1 where there is a problem."""
    from service.doctor import examine

    with complaints():
        settings = load_settings(data_dir=data_dir)
        _log_warnings_only()
        findings = list(examine(settings, os.environ))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        table = Table(show_header=False, box=None)
        colours = {"ok": "green", "warning": "yellow", "problem": "red"}
        for finding in findings:
            state = f"[{colours[finding.state]}]{finding.state}[/]"
            table.add_row(state, finding.subject, printable(finding.says))
        out.print(table)
    if any(finding.state == "problem" for finding in findings):
        raise typer.Exit(1)


@app.command()
def backup(file: Path, data_dir: DataDir = None) -> None:
    """Copy the catalog, which is all that is needed to restore, into one file; also while serving."""
    from service.backup import back_up
    from service.library import catalog_file

    with complaints():
        counts = back_up(catalog_file(load_settings(data_dir=data_dir).data_dir), file)
    out.print(
        f"{file}: {counts.articles} articles, {counts.passages} passages; read back and whole",
        highlight=False, soft_wrap=True,
    )  # fmt: skip


@app.command()
def restore(
    file: Path,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where there is a catalog already.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Put a backup into the data folder; the vector index is made from it at the next start."""
    from service.backup import restore as put_back
    from service.library import FolderLock, catalog_file

    with complaints():
        folder = load_settings(data_dir=data_dir).data_dir
        lock = FolderLock(folder)
        try:
            counts = put_back(file, catalog_file(folder), replace)
        finally:
            lock.release()
    out.print(f"{counts.articles} articles, {counts.passages} passages restored", highlight=False)


@index_app.command()
def status(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Counts, models, pending work and disk use."""
    from service.backend import open_backend

    with complaints():
        _log_warnings_only()
        with open_backend(load_settings(data_dir=data_dir)) as backend:
            state = backend.index()
    if as_json:
        typer.echo(state.model_dump_json())
        return
    table = Table(show_header=False, box=None)
    for name, value in (
        ("articles", state.articles),
        ("passages", state.passages),
        ("pending", state.pending),
        ("embedder", f"{state.models.embedder.name} ({state.models.embedder.fingerprint})"),
        ("reader", f"{state.models.reader.name} ({state.models.reader.fingerprint})"),
        (
            "vectors",
            f"{state.vectors.store}, {state.vectors.where}"
            + ("" if state.vectors.available else ", which cannot be searched now"),
        ),
        *((f"{part} on disk", f"{size / 1e6:.1f} MB") for part, size in state.disk_bytes.items()),
        *((("last error", state.last_error),) if state.last_error else ()),
    ):
        table.add_row(name, printable(str(value)))
    out.print(table)


@index_app.command()
def verify(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Compare the catalog with the vector index; exit status 1 where they disagree."""
    from service.backend import open_backend

    with complaints():
        _log_warnings_only()
        with open_backend(load_settings(data_dir=data_dir)) as backend:
            found = backend.verify()
    if as_json:
        typer.echo(json.dumps({"complaints": found}, ensure_ascii=False))
    else:
        out.print("\n".join(printable(c) for c in found) or "catalog and vector index agree")
    if found:
        raise typer.Exit(1)


@index_app.command()
def rebuild(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Build the vector index anew from the catalog and switch to it."""
    from service.backend import open_backend

    with complaints():
        _log_warnings_only()
        with open_backend(load_settings(data_dir=data_dir)) as backend:
            state = backend.rebuild()
    if as_json:
        typer.echo(state.model_dump_json())
    else:
        out.print(f"rebuilt: {state.passages} passages")


@index_app.command()
def compact(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Give back the disk space of removed vectors; a server also does it by itself when it pays."""
    from service.backend import open_backend

    with complaints():
        _log_warnings_only()
        with open_backend(load_settings(data_dir=data_dir)) as backend:
            done = backend.compact()
    if as_json:
        typer.echo(done.model_dump_json())
    else:
        out.print(f"{done.before_bytes / 1e6:.1f} MB → {done.after_bytes / 1e6:.1f} MB", highlight=False)


@contextmanager
def complaints() -> Iterator[None]:
    """Turns our errors into one line and exit status 1 (2 for options that make no sense)."""
    try:
        yield
    except ValidationError as error:
        for complaint in error.errors():
            where = ".".join(str(part) for part in complaint["loc"])
            says = complaint["msg"].removeprefix(
                "Value error, "
            )  # pydantic's, before what a check of ours says
            err.print(f"[red]error[/] {printable(where)}: {printable(says)}", highlight=False)
        raise typer.Exit(2) from None
    except (ServiceError, OSError) as error:
        err.print(f"[red]error[/] {printable(str(error))}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def _filters(
    language: str | None,
    source: list[str] | None,
    tag: list[str] | None,
    article: list[str] | None,
    published_from: str | None,
    published_to: str | None,
) -> dict[str, object]:
    return {
        "language": language,
        "source": source or [],
        "tags": tag or [],
        "article_ids": article or [],
        "published_from": published_from,
        "published_to": published_to,
    }


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"), TimeElapsedColumn(), console=err,
    )  # fmt: skip


def _origin(quoted: QuotationOut) -> str:
    """Source and date in brackets, with a space before; empty where neither is known."""
    known = ", ".join(part for part in (quoted.source, quoted.published) if part)
    return f" ({known})" if known else ""


def _log_warnings_only() -> None:
    import logging

    from service.telemetry import configure_logging

    configure_logging("text")
    logging.getLogger("service").setLevel(logging.WARNING)


def printable(text: str) -> str:
    """A text for the terminal as it stands: an article's brackets are no markup of ours, and its control
    characters no commands."""
    return escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n")))


def _reached_at(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def main() -> None:
    """Entry point of the `kutipan` command."""
    app()


if __name__ == "__main__":
    main()
