from __future__ import annotations

import gzip
import io
import json
import os
import tempfile
from pathlib import Path

import pytest

from service.articles import (
    ArticleFailed,
    ArticleRead,
    Origin,
    article_from_fields,
    folder_files,
    read_paths,
    read_streams,
)
from service.errors import ArticleRejected
from service.formats import Extract
from service.formats.process import Bounds, Readers
from tests import made_files

MAX = 10_000


def read(*paths: Path) -> tuple[list[ArticleRead], dict[str, str]]:
    results = list(read_paths(list(paths), MAX))
    good = [r for r in results if isinstance(r, ArticleRead)]
    bad = {Path(str(r.origin)).name: r.reason for r in results if isinstance(r, ArticleFailed)}
    return good, bad


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text(
        "---\nid: satu\ntitle: Judul\npublished: 2026-01-12\ntags: [a, b]\nlicense: CC0-1.0\n---\n"
        "Paragraf *pertama* dengan [tautan](https://example.org)\nyang berlanjut.\n\n## Bagian\n\n- butir\n"
    )
    ((result,), bad) = read(file)
    assert not bad
    article = result.article
    assert (article.id, article.title, article.published) == ("satu", "Judul", "2026-01-12")
    assert article.tags == ("a", "b")
    assert article.language == "id"
    assert article.text == "Paragraf pertama dengan tautan yang berlanjut.\n\n## Bagian\n\n- butir"
    assert result.warnings == ()


def test_a_table_in_markdown_becomes_sentences(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "Tabel berikut memuat *puncak*.\n\n| Nama | Tinggi |\n| --- | --- |\n"
        "| Gunung [Uji](x) | 3.805 |\n| Bukit | |\n\nSesudahnya.\n"
    )
    ((result,), _) = read(tmp_path)
    assert result.article.text.split("\n\n") == [
        "Tabel berikut memuat puncak.", "Nama: Gunung Uji; Tinggi: 3.805.", "Bukit", "Sesudahnya.",
    ]  # fmt: skip


def test_a_top_heading_is_the_title(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# The headline\n\nThe story goes on and on.\n")
    ((result,), _) = read(tmp_path)
    assert result.article.title == "The headline"
    assert result.article.text == "The story goes on and on."
    assert result.article.id == "a.md"
    assert result.article.language == "en"


def test_plain_text_keeps_every_character(tmp_path: Path) -> None:
    text = "Baris satu.\r\n\tBaris dua dengan spasi\u00a0keras dan 😀.\n"
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.txt").write_bytes(text.encode())
    ((result,), _) = read(tmp_path)
    assert result.article.text == text
    assert result.article.id == "sub/b.txt"
    assert result.article.title == "Baris satu."


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz"])
def test_json_lines(tmp_path: Path, name: str) -> None:
    rows = [
        {
            "id": "x",
            "title": "T",
            "text": "Isi berita.",
            "published": "2025-10-21T20:43:00+07:00",
            "tags": ["a"],
        },
        {"title": "U", "text": "Isi lain.", "url": "https://example.org/u"},
        {"title": "V", "text": "Tanpa id.", "extra": 1},
    ]
    data = "\n".join(json.dumps(row) for row in rows).encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    good, bad = read(tmp_path / name)
    assert not bad
    assert [g.article.id[:4] for g in good] == ["x", "url-", "text"]
    assert good[0].article.published == "2025-10-21T20:43:00+07:00"
    assert good[2].warnings == ("unknown field 'extra' is ignored",)


def test_a_folder_of_every_format(tmp_path: Path) -> None:
    (tmp_path / "laporan.pdf").write_bytes(made_files.pdf(made_files.PDF_PAGES))
    (tmp_path / "halaman.HTML").write_text(made_files.PAGE)
    (tmp_path / "kereta.docx").write_bytes(made_files.docx())
    (tmp_path / "kabar.rss").write_text(made_files.RSS)
    (tmp_path / "wire.atom").write_text(made_files.ATOM)
    (tmp_path / "rusak.pdf").write_bytes(made_files.pdf(made_files.PDF_PAGES)[:500])
    results = list(read_paths([tmp_path], 10**6))
    good = [r.article for r in results if isinstance(r, ArticleRead)]
    bad = {Path(str(r.origin)).name: r.reason for r in results if isinstance(r, ArticleFailed)}
    assert [article.id for article in good] == [
        "halaman.HTML", "warta-1", "kereta.docx", "laporan.pdf", "urn:example:1",
    ]  # fmt: skip
    report = good[3]
    assert report.page_starts[0] == 0
    assert report.text[report.page_starts[1] :].startswith("provinsi pada")
    assert bad == {
        "rusak.pdf": "it is cut off: the end of the PDF is missing",
        "kabar.rss, entry 2": "its text is empty",
    }


def test_every_bad_file_is_named_and_the_others_go_in(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("Berita yang baik.")
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "latin.txt").write_bytes("Café ditutup.".encode("latin-1"))
    (tmp_path / "wide.txt").write_bytes("Berita".encode("utf-16"))
    (tmp_path / "binary.md").write_bytes(b"\x89PNG\0\0\0")
    (tmp_path / "large.txt").write_text("kata " * 3_000)
    (tmp_path / "matter.md").write_text("---\ntitle: [broken\n---\nIsi.\n")
    (tmp_path / "date.md").write_text("---\npublished: kemarin\n---\nIsi berita.\n")
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "broken.jsonl.gz").write_bytes(gzip.compress(b'{"id": "g", "text": "Satu berita."}\n')[:-12])
    (tmp_path / "lines.jsonl").write_text(
        '{"id": "l1", "text": "Baris baik."}\nnot json\n[1]\n{"id": "l4"}\n'
    )
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere.txt")
    good, bad = read(tmp_path, tmp_path / "missing.txt", tmp_path / "image.png")
    assert {"good.txt", "l1"} <= {g.article.id for g in good}
    reasons = {
        "empty.txt": "empty",
        "latin.txt": "not UTF-8: byte 0xe9 at offset 3",
        "wide.txt": "UTF-16",
        "binary.md": "binary",
        "large.txt": "larger than 0.01 MB",
        "matter.md": "front matter is not YAML",
        "date.md": "'kemarin' is not an ISO 8601 date",
        "empty.jsonl": "empty",
        "broken.jsonl.gz": "broken gzip",
        "dangling.txt": "no such file",
        "lines.jsonl:2": "not JSON",
        "lines.jsonl:3": "not a JSON object",
        "lines.jsonl:4": "no text",
        "missing.txt": "no such file",
        "image.png": "no such file",
    }
    assert set(bad) == set(reasons)
    for name, reason in reasons.items():
        assert reason in bad[name], (name, bad[name])


def test_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("/proc/self/mem")  # opens, even for root, and fails to read
    assert "cannot be read" in read(tmp_path)[1]["a.txt"]


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Berita yang baik.")
    good, bad = read(tmp_path / ("x" * 300 + ".txt"), tmp_path)
    assert len(good) == 1
    assert ["cannot be read" in reason for reason in bad.values()] == [True]


def test_a_subfolder_that_cannot_be_read_is_named_and_the_others_go_in() -> None:
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "a.txt").write_text("Berita yang baik.")
        (folder / "closed").mkdir(mode=0o000)
        if root:  # nothing is closed to root
            os.seteuid(65534)
        try:
            good, bad = read(folder)
        finally:
            if root:
                os.seteuid(0)
    assert [g.article.id for g in good] == ["a.txt"]
    assert bad == {"closed": "cannot be read: Permission denied"}


def test_a_folder_where_a_file_should_be(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    good, bad = read(tmp_path / "a.txt")
    assert not good
    assert not bad


def test_unsupported_kind_named_directly(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    assert "not a supported kind" in read(tmp_path / "a.png")[1]["a.png"]
    assert read(tmp_path) == ([], {})


def test_an_id_twice_names_both_places(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("---\nid: sama\n---\nIsi berita.\n")
    good, bad = read(tmp_path)
    assert len(good) == 1
    assert "'sama'" in bad["b.md"]
    assert "a.md" in bad["b.md"]


@pytest.mark.parametrize("value", ['!!int ""', '!!timestamp "x"', '!!bool "x"', "!!python/name:os.system"])
def test_yaml_that_fits_no_tag_fails_alone(tmp_path: Path, value: str) -> None:
    (tmp_path / "a.md").write_text(f"---\nid: {value}\n---\nIsi berita.\n")
    (tmp_path / "b.md").write_text("Berita lain.\n")
    good, bad = read(tmp_path)
    assert [g.article.id for g in good] == ["b.md"]
    assert bad == {"a.md": "its front matter is not YAML"} or "in line" in bad["a.md"]


def test_a_file_that_a_parser_stumbles_over_fails_alone(tmp_path: Path) -> None:
    class Stumbling(Readers):
        def read(self, kind: str, data: bytes, max_chars: int) -> list[Extract]:
            raise KeyError("/Root")

    (tmp_path / "a.html").write_text("<p>Berita.</p>")
    (tmp_path / "b.txt").write_text("Berita lain.\n")
    with Stumbling() as readers:
        for results in (
            read_paths([tmp_path], MAX, readers),
            read_streams(
                [(f.name, io.BytesIO(f.read_bytes())) for f in sorted(tmp_path.iterdir())], MAX, readers
            ),
        ):
            failed, good = results
            assert isinstance(failed, ArticleFailed)
            assert failed.reason == "it cannot be understood: KeyError: '/Root'"
            assert isinstance(good, ArticleRead)


@pytest.mark.parametrize(
    ("matter", "reason", "kind"),
    [
        ("text: Isi.", "has a field 'text'", "invalid"),
        ("title: [x", "is not YAML", "unreadable"),
        ("a: &a [x]\nb: *a", "has an alias", "over_bounds"),
        (f"tags: [{'x, ' * 40_000}]", "longer than 100000 characters", "too_large"),
        ("title: {2026-01-12: x}", "its title is not a string", "invalid"),
        ("tags: 2026", "its tags are not a list of strings", "invalid"),
        ("tags: [[2026]]", "its tags are not a list of strings", "invalid"),
        ("page_starts: ['0']", "its page_starts are not a list of offsets", "invalid"),
        ("published: 2024-13-45", "its published '2024-13-45' is not an ISO 8601 date", "invalid"),
        ("published: 2024-01-05T25:00:00", "'2024-01-05T25:00:00' is not an ISO 8601 date", "invalid"),
        ("published: 2024", "its published '2024' is not an ISO 8601 date", "invalid"),
        ("source: !!binary aGFsbw==", "its source is not a string", "invalid"),
    ],
)
def test_front_matter_that_is_refused_says_why_and_of_what_kind(
    tmp_path: Path, matter: str, reason: str, kind: str
) -> None:
    (tmp_path / "a.md").write_text(f"---\n{matter}\n---\nIsi berita.\n")
    (failed,) = read_paths([tmp_path], 10**6)
    assert isinstance(failed, ArticleFailed)
    assert reason in failed.reason
    assert failed.kind == kind


@pytest.mark.parametrize(
    ("told", "published"),
    [
        ("2026-01-12", "2026-01-12"),
        ("'2026-01-12'", "2026-01-12"),
        ("2026-01-12 08:30:00+07:00", "2026-01-12T08:30:00+07:00"),
        ("'2026-01-12 08:30:00+07:00'", "2026-01-12 08:30:00+07:00"),
        ("2026-1-2 8:30:00 +7", "2026-01-02T08:30:00+07:00"),
        ("2026-01-12T08:30:00Z", "2026-01-12T08:30:00+00:00"),
        ("2026-01-12T08:30:00", "2026-01-12T08:30:00"),
        ("", None),
        ("null", None),
    ],
)
def test_a_date_in_front_matter(tmp_path: Path, told: str, published: str | None) -> None:
    (tmp_path / "a.md").write_text(f"---\npublished: {told}\nedited: {told}\n---\nIsi berita.\n")
    ((result,), _) = read(tmp_path)
    assert result.article.published == published
    assert result.warnings == ("unknown field 'edited' is ignored",)


@pytest.mark.parametrize(
    "told",
    ["0123", "007", "2024_01", "12:30:45", "0x1F", "0b_", "1e3", "1.0", ".inf", "yes", "=", "2024-01-05",
     "2024-13-45"],
)  # fmt: skip
def test_what_front_matter_says_in_a_field_of_text_is_kept_as_written(tmp_path: Path, told: str) -> None:
    known = f"id: {told}\ntitle: {told}\nsource: {told}\nauthor: {told}\ntags: [{told}, x]"
    (tmp_path / "a.md").write_text(f"---\n{known}\nlanguage: no\n{told}: {told}\n---\nIsi berita.\n")
    ((result,), bad) = read(tmp_path)
    assert not bad
    article = result.article
    assert article.id == told
    assert (article.title, article.source, article.author, article.tags[0]) == (told,) * 4
    assert article.language == "no"
    assert result.warnings == (f"unknown field {told!r} is ignored",)


def test_a_field_of_front_matter_without_a_value_is_absent(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\nid:\nauthor: ~\nsource: null\ntags:\nlanguage: ''\n---\nIsi berita.\n"
    )
    ((result,), _) = read(tmp_path)
    article = result.article
    assert (article.id, article.author, article.source, article.tags) == ("a.md", None, None, ())


def test_front_matter_says_where_pages_start(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\npage_starts: [0, 4]\n---\nIsi berita.\n")
    ((result,), _) = read(tmp_path)
    assert result.article.page_starts == (0, 4)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "T" * 2_001),
        ("url", "https://example.org/" + "a" * 4_000),
        ("source", "S" * 1_001),
        ("author", "A" * 1_001),
        ("tags", [str(n) for n in range(101)]),
        ("tags", ["t" * 1_001]),
        ("page_starts", [0] * 100_001),
    ],
)
def test_the_limits_of_a_field_hold_wherever_an_article_comes_from(field: str, value: object) -> None:
    fields = {"id": "a", "title": "T", "text": "Isi.", "language": "id"}
    with pytest.raises(ArticleRejected, match=field.split("_")[0]):
        article_from_fields({**fields, field: value})


@pytest.mark.parametrize("name", [" a.md", "\u00a0a.txt", " sub/a.md"])
def test_white_space_around_a_name_is_not_of_the_id(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("Isi berita.")
    ((result,), bad) = read(tmp_path)
    assert not bad
    assert result.article.id == name.strip()


TOO_LONG = "it takes more than 2 s to read (KUTIPAN_READ_TIMEOUT_S)"


@pytest.mark.parametrize(
    ("bomb", "reason", "kind"),
    [
        ("![" * 500_000, TOO_LONG, "over_bounds"),
        ("[" * 1_000_000, TOO_LONG, "over_bounds"),
        (">" * 100_000, "its text is empty", "empty"),
        ("- " * 100_000, "its text is empty", "empty"),
        (f"---\ntags: {'[' * 50_000}\n---\nIsi.", "its front matter is not YAML in line 2", "unreadable"),
    ],
    ids=["images", "brackets", "quotations", "lists", "front matter"],
)
def test_a_markdown_bomb_fails_alone(tmp_path: Path, bomb: str, reason: str, kind: str) -> None:
    (tmp_path / "a.md").write_text(bomb)
    (tmp_path / "b.md").write_text("Berita tetangga.\n")
    with Readers(Bounds(timeout_s=2.0)) as readers:
        failed, good = read_paths([tmp_path], 10**6, readers)
    assert isinstance(failed, ArticleFailed)
    assert (failed.reason, failed.kind) == (reason, kind)
    assert isinstance(good, ArticleRead)


def test_text_between_two_rules_is_text(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\nPembuka yang penting.\n---\nIsi berita selanjutnya.\n")
    ((result,), _) = read(tmp_path)
    assert "Pembuka yang penting" in result.article.text
    assert "Isi berita selanjutnya." in result.article.text


def test_a_date_is_kept_as_it_was_told_and_nothing_else_is() -> None:
    fields = {"text": "Isi.", "id": "a"}
    for told in ("2024-03-03", "2024-03-03T10:00:00+07:00", "2024-03-03T10:00Z", "2024-03-03 10:00"):
        assert article_from_fields({**fields, "published": told})[0].published == told
    for told, kept in (
        ("2024-03-05 ", "2024-03-05"),
        ("\n2024-03-03T10:00Z", "2024-03-03T10:00Z"),
        (" ", None),
    ):
        assert article_from_fields({**fields, "published": told})[0].published == kept
    odd = article_from_fields({**fields, "published": "2024-03-03x10:00"})[0]
    assert odd.published == "2024-03-03T10:00:00"
    with pytest.raises(ArticleRejected, match="half a surrogate pair"):
        article_from_fields({**fields, "published": "2024-03-03\ud80010:00"})


def test_an_overlong_line_fails_alone(tmp_path: Path) -> None:
    lines = [{"text": "Pertama."}, {"text": "kata " * 3_000}, {"text": "Ketiga."}]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    good, bad = read(tmp_path)
    assert [g.article.text for g in good] == ["Pertama.", "Ketiga."]
    assert list(bad) == ["a.jsonl:2"]


def test_a_line_that_is_too_long_is_skipped_in_large_pieces() -> None:
    class Counting(io.BytesIO):
        reads = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            return super().readline(size)

    opened = Counting(b"x" * 5_000_000 + b'\n{"text": "Sesudahnya."}\n')
    with Readers() as readers:
        failed, good = read_streams([("a.jsonl", opened)], 100, readers)
    assert isinstance(failed, ArticleFailed)
    assert failed.kind == "too_large"
    assert isinstance(good, ArticleRead)
    assert opened.reads < 20


@pytest.mark.parametrize("filling", [b"\0", b"\n"], ids=["zeros", "blank lines"])
def test_a_gzip_that_unpacks_without_end_is_left_where_its_bound_is(tmp_path: Path, filling: bytes) -> None:
    begin = gzip.compress(b'{"id": "awal", "text": "Berita di awal."}\n')
    (tmp_path / "a.jsonl.gz").write_bytes(begin + gzip.compress(filling * 1_000_000) * 100)
    (tmp_path / "b.md").write_text("Berita tetangga.\n")
    with Readers(Bounds(unpacked_mb=3)) as readers:
        first, failed, good = read_paths([tmp_path], MAX, readers)
    assert isinstance(first, ArticleRead)
    assert first.article.id == "awal"
    assert isinstance(failed, ArticleFailed)
    assert failed.kind == "over_bounds"
    assert failed.reason.startswith("it unpacks to more than 3 MB (KUTIPAN_MAX_UNPACKED_MB)")
    assert isinstance(good, ArticleRead)


def test_of_many_bad_lines_some_are_named_and_the_good_ones_go_in(tmp_path: Path) -> None:
    same = '{"id": "a", "text": "Berita."}\n'
    (tmp_path / "a.jsonl").write_text(same + "{}\n" * 5_000 + same * 500 + '{"id": "z", "text": "Akhir."}\n')
    results = list(read_paths([tmp_path], MAX))
    good = [r.article.id for r in results if isinstance(r, ArticleRead)]
    failed = [r for r in results if isinstance(r, ArticleFailed)]
    assert good == ["a", "z"]
    assert len(failed) == 1_001
    assert failed[-1].origin == Origin(tmp_path / "a.jsonl")
    assert failed[-1].reason.startswith(
        "4500 more of its lines or entries are not taken in, the last because"
    )
    assert not failed[-1].repeated, "the other one is of the same file"
    (tmp_path / "a.jsonl").write_text("{}\n" * 1_001)
    *_, last = read_paths([tmp_path], MAX)
    assert str(last.origin).endswith("a.jsonl:1001"), "one more is named, not counted"


def test_a_file_of_bad_lines_is_not_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n" * 100_001 + '{"id": "z", "text": "Akhir."}\n')
    results = list(read_paths([tmp_path], MAX))
    assert len(results) == 1_001
    last = results[-1]
    assert isinstance(last, ArticleFailed)
    assert last.kind == "over_bounds"
    assert "read no further than" in last.reason
    assert last.reason.endswith("a.jsonl:100000")


def test_unknown_fields_are_warned_of_up_to_a_bound(tmp_path: Path) -> None:
    rows = ({"id": str(i), "text": "Berita.", f"x{i}": 1} for i in range(300))
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    good, _ = read(tmp_path)
    assert len(good) == 300
    assert sum(len(g.warnings) for g in good) == 100


@pytest.mark.parametrize(
    ("told", "language"),
    [
        ("id-ID", "id"),
        ("en_US", "en"),
        (" ID ", "id"),
        ("eng", "eng"),  # a code as given is what filters ask for
        ("no", "no"),
        ("jav", "jav"),
    ],
)
def test_a_language_as_files_name_it(told: str, language: str) -> None:
    assert article_from_fields({"text": "Isi.", "id": "a", "language": told})[0].language == language


@pytest.mark.parametrize(
    ("matter", "reason"),
    [
        ("a: &a [x]\ntags: *a\n", "has an alias"),
        ("a: &a {k: v}\nb: {<<: [*a, *a]}\n", "has an alias"),
        ("tags: [" + "x," * 60_000 + "]\n", "longer than 100000 characters"),
    ],
    ids=["alias", "merge keys", "length"],
)
def test_front_matter_that_explodes_fails_alone(tmp_path: Path, matter: str, reason: str) -> None:
    (tmp_path / "a.md").write_text(f"---\n{matter}---\nIsi berita.\n")
    (tmp_path / "b.md").write_text("---\ntitle: A & B * C\nsource: &jangkar Warta\n---\nBerita lain.\n")
    results = list(read_paths([tmp_path], 10**6))
    failed, good = results
    assert isinstance(failed, ArticleFailed)
    assert reason in failed.reason
    assert isinstance(good, ArticleRead)
    assert (good.article.title, good.article.source) == ("A & B * C", "Warta")


def test_what_a_browser_saves_beside_a_page_is_no_article(tmp_path: Path) -> None:
    (tmp_path / "Warta.html").write_text(made_files.PAGE)
    for folder in ("Warta_files", "Warta_Files/sub", "arsip_files"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "frame.html").write_text(made_files.PAGE)
    names = [name for _, name in folder_files(tmp_path)]
    assert names == ["Warta.html", "arsip_files/frame.html"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"text": 5}, "not a string"),
        ({"text": "..."}, "no word"),
        ({"text": "a\0b"}, "U+0000"),
        ({"text": "a \ud800"}, "surrogate"),
        ({"text": "a", "id": " a"}, "white space"),
        ({"text": "a", "id": "a\nb"}, "control"),
        ({"text": "a", "language": "Indonesian"}, "ISO 639"),
        ({"text": "a", "tags": "x"}, "tags"),
        ({"text": "a", "published": "2026-02-30"}, "ISO 8601"),
        ({"text": "a", "page_starts": "0"}, "list of offsets"),
        ({"text": "a", "page_starts": [True]}, "list of offsets"),
        ({"text": "abc", "page_starts": [2, 1]}, "ascending"),
        ({"text": "abc", "page_starts": [0, 4]}, "ascending"),
        ({"text": "abc", "page_starts": [-1]}, "ascending"),
    ],
)
def test_rejected_fields(fields: dict[str, object], reason: str) -> None:
    with pytest.raises(ArticleRejected, match=reason.replace("+", r"\+")):
        article_from_fields(fields)


def test_versions_name_content() -> None:
    def version(**changed: object) -> str:
        return article_from_fields({"id": "a", "title": "T", "text": "Isi.", "language": "id", **changed})[
            0
        ].version

    assert version() == version(id="b") == version(page_starts=[])
    assert version() != version(page_starts=[0])
    assert (
        len({version(), version(title="U"), version(text="Isi!"), version(tags=["x"]), version(url="u")}) == 5
    )
