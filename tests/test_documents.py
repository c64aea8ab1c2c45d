"""What the documents and the sample articles say is true of the project."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from service.language import detect_language
from service.sentences import split_sentences
from tests.conftest import read_corpus

PROJECT = Path(__file__).parent.parent
DOCUMENTS = sorted([PROJECT / "README.md", *PROJECT.glob("docs/*.md"), *PROJECT.glob("service/models/*.md")])


def test_the_corpus_is_what_it_claims() -> None:
    results = read_corpus()
    languages = [result.article.language for result in results]
    assert languages.count("id") >= 40
    assert languages.count("en") >= 20
    for result in results:
        article = result.article
        assert not result.warnings
        assert article.id == result.origin.file.stem
        assert result.origin.file.parent.name == article.language == detect_language(article.text)
        assert 300 <= len(article.text.split()) <= 900, article.id
        assert article.source
        assert article.published
        assert article.tags
        assert "license: CC0-1.0" in result.origin.file.read_text()


def test_no_heading_of_the_corpus_is_taken_for_a_sentence() -> None:
    for result in read_corpus():
        text = result.article.text
        for sentence in split_sentences(text):
            piece = text[sentence.start : sentence.end]
            assert (sentence.kind == "heading") == piece.startswith("#"), piece


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_every_link_and_file_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text()
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    files = re.findall(r"`?((?:docs|service|eval|training|tests)/[\w/.-]+\.\w+)", text)
    for name in links:
        assert (document.parent / name).exists(), name
    for name in files:
        assert (PROJECT / name).exists(), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_every_module_that_a_document_runs_is_there(document: Path) -> None:
    for module in set(re.findall(r"python -m ([\w.]+)", document.read_text())):
        path = PROJECT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_every_module_of_the_service_is_in_the_readme() -> None:
    table = (PROJECT / "README.md").read_text()
    for path in (PROJECT / "service").iterdir():
        if path.suffix == ".py" and path.stem != "__init__":
            assert f"`{path.stem}`" in table, path.name


def test_every_dependency_has_a_reason_and_a_pin() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    readme = (PROJECT / "README.md").read_text().partition("## Dependencies")[2]
    pinned = {
        re.split("==", line)[0].lower().replace("_", "-")
        for lock in ("requirements.lock", "requirements-dev.lock")
        for line in (PROJECT / lock).read_text().splitlines()
        if "==" in line and not line.startswith("#")
    }
    for requirement in project["dependencies"]:
        name = re.split(r"[\[=><]", requirement)[0]
        assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", readme), name
        assert name.lower().replace("_", "-") in pinned, name


def test_every_bundled_model_has_a_card() -> None:
    models = PROJECT / "service" / "models"
    folders = [folder for folder in models.iterdir() if (folder / "model.onnx").exists()]
    assert folders
    for folder in folders:
        card = (models / f"{folder.name}.md").read_text()
        assert card.startswith(f"# {folder.name}")
        digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
        assert digest[:16] in card, "the card has the fingerprint"
    judge = hashlib.sha256((models / "reader-1" / "support.onnx").read_bytes()).hexdigest()
    assert judge[:16] in (models / "judge-1.md").read_text()
    size = sum(file.stat().st_size for folder in folders for file in folder.iterdir())
    assert size < 60_000_000


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("eval.benchmarks.search", ["--work"]),
        ("eval.benchmarks.ask", ["--work"]),
        ("eval.benchmarks.reader", []),
        ("eval.benchmarks.noise", []),
        ("eval.benchmarks.embedders", []),
        ("eval.bench", ["--work"]),
        ("eval.bench.scale", ["--work"]),
        ("training.fusion", ["--work"]),
        ("training.calibration", ["--work", "--model"]),
        ("training.embedder", ["--work"]),
        ("training.reader", ["--work", "--embedder"]),
    ],
)
def test_a_program_without_data_says_so(module: str, options: list[str], tmp_path: Path) -> None:
    folders = [part for option in options for part in (option, str(tmp_path))]
    done = subprocess.run(
        [sys.executable, "-m", module, *folders],
        capture_output=True, text=True, cwd=PROJECT, env={"PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "no data sets" in done.stdout + done.stderr
