"""api and cli → ingest and chain → stages → records and errors, and never back."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from service.formats import SUFFIXES

SERVICE = Path(__file__).parent.parent / "service"

LAYERS = (
    {"records", "errors", "telemetry", "calendar_names"},
    {"language", "settings", "models", "sentences", "values", "formats", "term_scores"},
    {"terms", "periods"},
    {
        "passages",
        "articles",
        "questions",
        "context",
        "embeddings",
        "extraction",
        "mentions",
        "names",
        "opposites",
        "vectors",
    },
    {"copies", "qualifiers"},
    {"catalog", "folders", "spans", "pronouns", "decomposition", "support"},
    {"signals", "spelling", "followups"},
    {"updates"},
    {"rewriting", "retrieval", "reading", "citations", "indexer"},
    {"answering", "ingest", "backup", "metrics"},
    {"chain", "sync"},
    {"library"},
    {"api"},
    {"backend", "doctor"},
    {"cli"},
)
LEVEL = {module: level for level, modules in enumerate(LAYERS) for module in modules}


def modules() -> list[Path]:
    return sorted(SERVICE.rglob("*.py"))


def part(file: Path) -> str:
    """The module of `service`, or its folder, that a file belongs to."""
    return file.relative_to(SERVICE).parts[0].removesuffix(".py")


def imports(file: Path) -> set[str]:
    """Every module that a file imports, those inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_every_module_has_a_place() -> None:
    assert {part(file) for file in modules()} - {"__init__"} == set(LEVEL)


def test_the_document_tells_the_same_layers() -> None:
    document = (SERVICE.parent / "docs" / "architecture.md").read_text()
    rows = re.findall(r"^\| \d+ \| (.+) \|$", document, re.MULTILINE)
    assert tuple(set(re.findall(r"`(\w+)`", row)) for row in rows) == LAYERS


@pytest.mark.parametrize("file", modules(), ids=lambda file: str(file.relative_to(SERVICE)))
def test_imports_go_down(file: Path) -> None:
    own = part(file)
    if own == "__init__":
        return
    for name in imports(file):
        if name.startswith("service."):
            other = name.split(".")[1]
            if other in LEVEL and other != own:
                assert LEVEL[other] < LEVEL[own], f"{own} imports {other}"


@pytest.mark.parametrize(
    ("library", "owners"),
    [
        ("chromadb", {"vectors"}),
        ("sqlite3", {"catalog", "backup"}),
        ("llama_index", {"chain", "embeddings"}),
        ("fastapi", {"api"}),
        ("typer", {"cli"}),
        ("onnxruntime", {"models"}),
        ("pydantic_settings", {"settings"}),
        ("trafilatura", {"formats"}),
        ("htmldate", {"formats"}),
        ("pypdf", {"formats"}),
        ("docx", {"formats"}),
        ("feedparser", {"formats"}),
        ("lxml", {"formats"}),
        ("markdown_it", {"formats"}),
        ("frontmatter", {"formats"}),
        ("yaml", {"formats"}),
        ("prometheus_client", {"metrics", "api"}),
        ("watchfiles", {"sync"}),
        ("datasketch", {"copies"}),
    ],
)
def test_a_library_has_one_owner(library: str, owners: set[str]) -> None:
    users = {part(file) for file in modules() for name in imports(file) if name.split(".")[0] == library}
    assert users == owners


def test_files_from_anywhere_are_read_in_the_child_alone() -> None:
    parsers = {f"service.formats.{kind}" for kind in SUFFIXES.values()}
    for file in modules():
        assert not {name.rpartition(".")[0] for name in imports(file)} & parsers, file
        assert not imports(file) & parsers, file


def test_stages_do_not_read_settings() -> None:
    users = {part(file) for file in modules() if any(n.startswith("service.settings") for n in imports(file))}
    assert users == {"api", "backend", "cli", "doctor"}


def test_only_the_command_line_imports_the_eval_and_nothing_the_recipes() -> None:
    for file in modules():
        above = {name.split(".")[0] for name in imports(file)} & {"eval", "training", "tests"}
        assert above <= ({"eval"} if part(file) == "cli" else set()), file
