"""Passes over real folders into a real library."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from service.articles import ArticleResult, article_from_fields, read_file
from service.embeddings import HashingEmbedder
from service.formats.process import Readers
from service.library import Library, open_library
from service.records import NO_FILTERS
from service.sync import FolderSync, SyncReport, _ticks, follow
from tests.conftest import BRIDGE, wait_until

READERS = Readers()


@pytest.fixture(scope="module", autouse=True)
def _ended_readers() -> Iterator[None]:
    yield
    READERS.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "data", HashingEmbedder()) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "corpus"
    made.mkdir()
    return made


class Reads:
    """Reads files, and remembers which."""

    def __init__(self, max_bytes: int = 10**6) -> None:
        self.names: list[str] = []
        self._read = partial(read_file, max_bytes=max_bytes, readers=READERS)

    def __call__(self, file: Path, name: str) -> Iterator[ArticleResult]:
        self.names.append(name)
        yield from self._read(file, name)


def there(library: Library) -> dict[str, str]:
    """id → title of what is searched."""
    return {
        article.id: article.title for article, _ in library.catalog.list_articles(NO_FILTERS, None, 100_000)
    }


def write(file: Path, text: str, article_id: str | None = None) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"---\nid: {article_id}\n---\n{text}" if article_id else text)


def sync(
    folder: Path,
    library: Library,
    *,
    prune: bool = False,
    read: Reads | None = None,
    take_over: bool = False,
) -> SyncReport:
    """One pass by somebody who knows no more than the catalog."""
    return FolderSync(folder, library.ingest, read or Reads(), prune, take_over=take_over).run()


def test_new_and_changed_go_in_and_unchanged_is_not_opened(empty: Library, folder: Path) -> None:
    write(folder / "a.md", "Berita satu.")
    write(folder / "sub" / "b.txt", "Berita dua.")
    first = sync(folder, empty)
    assert (first.created, first.unchanged, first.files, first.opened) == (2, 0, 2, 2)
    assert there(empty) == {"a.md": "Berita satu.", "sub/b.txt": "Berita dua."}
    write(folder / "a.md", "Berita satu, diubah.")
    os.utime(folder / "sub" / "b.txt")  # only touched: opened, and seen to be the same
    reads = Reads()
    second = sync(folder, empty, read=reads)
    assert (second.created, second.updated, second.unchanged, second.opened) == (0, 1, 1, 2)
    assert reads.names == ["a.md"]
    third = sync(folder, empty)
    assert (third.updated, third.unchanged, third.opened) == (0, 2, 0)


def test_reread_opens_everything_once(empty: Library, folder: Path) -> None:
    write(folder / "a.md", "Berita satu.")
    sync(folder, empty)
    empty.ingest.delete("a.md")
    assert sync(folder, empty).opened == 0, "what was deleted by other means stays so"
    again = FolderSync(folder, empty.ingest, Reads(), reread=True)
    assert again.run().created == 1
    assert again.run().opened == 0


def test_a_file_with_a_fault_brings_nothing_back(empty: Library, folder: Path) -> None:
    lines = [{"id": f"a{i}", "text": f"Berita {i}."} for i in range(3)]
    faulty = [*lines, {"id": "a3", "text": ""}, lines[0]]
    (folder / "x.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in faulty))
    first = sync(folder, empty)
    assert (first.created, len(first.failed)) == (3, 2)
    empty.ingest.delete("a0")
    empty.ingest.add([article_from_fields({**lines[1], "text": "Berita 1, diralat."})[0]])
    followed = FolderSync(folder, empty.ingest, Reads())
    again = followed.run()
    assert (again.created, again.updated, again.unchanged, again.failed) == (0, 0, 3, first.failed)
    assert there(empty) == {"a1": "Berita 1, diralat.", "a2": "Berita 2."}
    assert followed.run().opened == 0, "its faults are its own: nothing else can mend them"
    (folder / "x.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert sync(folder, empty).created == 1, "until it changes"
    assert there(empty) == {f"a{i}": f"Berita {i}." for i in range(3)}


def test_an_entry_that_two_feeds_have_brings_nothing_back(empty: Library, folder: Path) -> None:
    for name, entries in (("a.xml", "1"), ("b.xml", "12")):
        items = "".join(
            f"<item><guid>g{i}</guid><title>Judul</title><description>Berita {i}.</description></item>"
            for i in entries
        )
        (folder / name).write_text(f"<rss version='2.0'><channel><title>W</title>{items}</channel></rss>")
    followed = FolderSync(folder, empty.ingest, Reads())
    assert followed.run().created == 2
    empty.ingest.delete("g2")
    again = followed.run()
    assert (again.created, again.opened, len(again.failed)) == (0, 1, 1)
    (folder / "a.xml").unlink()
    followed.run()
    assert set(there(empty)) == {"g1"}


def test_an_id_comes_back_to_the_file_that_had_it(empty: Library, folder: Path) -> None:
    (folder / "b.jsonl").write_text(json.dumps({"id": "a1", "text": "Satu."}) + "\n")
    followed = FolderSync(folder, empty.ingest, Reads(), prune=True)
    followed.run()
    (folder / "a.jsonl").write_text(json.dumps({"id": "a1", "text": "Dua."}) + "\n")
    (folder / "b.jsonl").write_text(
        "".join(json.dumps({"id": i, "text": "Satu."}) + "\n" for i in ("a1", "a2"))
    )
    followed.run()
    assert empty.catalog.get_article("a1").text == "Dua."
    (folder / "a.jsonl").write_text(json.dumps({"id": "a3", "text": "Tiga."}) + "\n")
    followed.run()
    followed.run()
    assert set(there(empty)) == {"a1", "a2", "a3"}
    assert empty.catalog.get_article("a1").text == "Satu."


def test_links_to_folders_are_followed(empty: Library, folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "a.txt", "Berita satu.")
    write(folder / "new" / "b.txt", "Berita dua.")
    (folder / "arsip-2.0").symlink_to(tmp_path / "elsewhere")
    (folder / "latest").symlink_to(folder / "new")  # each article once
    for name in range(9):  # all of which lead to all
        (folder / f"back{name}").symlink_to(folder)
        (tmp_path / "elsewhere" / f"back{name}").symlink_to(folder / "new")
    assert sync(folder, empty).created == 2
    assert set(there(empty)) == {"arsip-2.0/a.txt", "new/b.txt"}
    (folder / "arsip-2.0").unlink()
    (folder / "arsip-2.0").symlink_to(tmp_path / "not mounted")
    report = sync(folder, empty, prune=True)
    assert report.removed == 0
    assert "arsip-2.0" in str(report.kept)
    assert set(there(empty)) == {"arsip-2.0/a.txt", "new/b.txt"}


def test_what_rolls_off_a_feed_is_not_gone(empty: Library, folder: Path) -> None:
    feed = folder / "warta.xml"
    item = "<item><guid>warta-{0}</guid><description>Berita nomor {0}.</description></item>"
    for numbers in ("12", "23"):
        items = "".join(item.format(number) for number in numbers)
        feed.write_text(f'<rss version="2.0"><channel><title>Warta</title>{items}</channel></rss>')
        sync(folder, empty, prune=True)
    assert set(there(empty)) == {"warta-1", "warta-2", "warta-3"}
    feed.unlink()
    write(folder / "a.md", "Berita satu.")
    assert sync(folder, empty, prune=True).removed == 3


def test_gone_is_removed_only_on_request_and_only_from_this_folder(empty: Library, folder: Path) -> None:
    empty.ingest.add([BRIDGE])
    write(folder / "a.md", "Berita satu.")
    write(folder / "b.md", "Berita dua.")
    write(folder.parent / "other" / "c.md", "Berita tiga.")
    sync(folder, empty)
    sync(folder.parent / "other", empty)
    (folder / "a.md").unlink()
    (folder.parent / "other" / "c.md").unlink()
    kept = sync(folder, empty)
    assert (kept.removed, kept.gone) == (0, 1)
    assert set(there(empty)) == {BRIDGE.id, "a.md", "b.md", "c.md"}
    pruned = sync(folder, empty, prune=True)
    assert (pruned.removed, pruned.gone) == (1, 0)
    assert set(there(empty)) == {BRIDGE.id, "b.md", "c.md"}
    empty.indexer.drain()
    assert empty.indexer.verify() == []


def test_lines_that_a_file_lost_are_gone(empty: Library, folder: Path) -> None:
    def lines(*ids: str) -> None:
        rows = [json.dumps({"id": i, "text": f"Berita {i}."}) for i in ids]
        (folder / "many.jsonl").write_text("\n".join(rows))

    lines("a", "b", "c")
    sync(folder, empty)
    lines("c", "d")
    assert sync(folder, empty).gone == 2
    assert sync(folder, empty, prune=True).removed == 2
    assert set(there(empty)) == {"c", "d"}
    (folder / "many.jsonl").write_text('{"id": "c", "text": "Berita c."}\n{"id": "d", "te')
    broken = sync(folder, empty, prune=True)
    assert (len(broken.failed), broken.removed) == (1, 0), "nobody can tell what the broken line was"
    lines("c")
    assert sync(folder, empty, prune=True).removed == 1


def test_a_renamed_file_keeps_its_article_at_every_moment(empty: Library, folder: Path) -> None:
    write(folder / "old.md", "Berita dengan id.", article_id="tetap")
    write(folder / "plain.md", "Berita tanpa id.")
    sync(folder, empty)
    missing: list[bool] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            missing.append(empty.catalog.current_version("tetap") is None)

    thread = threading.Thread(target=look)
    thread.start()
    (folder / "old.md").rename(folder / "new.md")
    (folder / "plain.md").rename(folder / "renamed.md")
    report = sync(folder, empty, prune=True)
    over.set()
    thread.join()
    assert (report.created, report.unchanged, report.removed) == (1, 1, 1)
    assert set(there(empty)) == {"tetap", "renamed.md"}
    assert missing
    assert not any(missing)


def test_an_article_that_was_replaced_since_is_not_removed(empty: Library, folder: Path) -> None:
    write(folder / "a.md", "Berita satu.", article_id=BRIDGE.id)
    write(folder / "b.md", "Berita dua.")
    sync(folder, empty)
    empty.ingest.add([BRIDGE])
    (folder / "a.md").unlink()
    assert sync(folder, empty, prune=True).removed == 0
    assert there(empty)[BRIDGE.id] == BRIDGE.title


@pytest.mark.parametrize("name", ["many.jsonl", "one.md"])
def test_a_file_that_changes_while_it_is_read_is_read_again(empty: Library, folder: Path, name: str) -> None:
    rows = [json.dumps({"id": f"a{i}", "text": f"Berita {i}."}) + "\n" for i in range(90)]
    whole = "".join(rows) if name == "many.jsonl" else "Awal berita. Akhir berita."
    cut = "".join(rows[:40]) if name == "many.jsonl" else "Awal berita."
    (folder / name).write_text(whole)
    sync(folder, empty)
    before = there(empty)

    class Cut(Reads):
        def __call__(self, file: Path, name: str) -> Iterator[ArticleResult]:
            file.write_text(cut)
            yield from super().__call__(file, name)
            file.write_text(whole)

    os.utime(folder / name)
    report = FolderSync(folder, empty.ingest, Cut(), prune=True, reread=True).run()
    assert (report.removed, there(empty)) == (0, before)
    assert report.waiting == ([name] if name == "one.md" else []), "lines that are appended are whole"
    assert (sync(folder, empty, prune=True).removed, there(empty)) == (0, before)
    assert sync(folder, empty).waiting == []
    assert set(empty.ingest.sources(str(folder))) == {name}


def test_a_file_of_lines_that_grows_while_it_is_read_holds_nothing_up(empty: Library, folder: Path) -> None:
    write(folder / "b.md", "Berita lain.")
    log = folder / "log.jsonl"
    log.write_text('{"id": "a", "text": "Berita pertama."}\n{\n')
    sync(folder, empty)

    class Grows(Reads):
        def __call__(self, file: Path, name: str) -> Iterator[ArticleResult]:
            yield from super().__call__(file, name)
            if name == "log.jsonl":
                with file.open("a") as lines:
                    lines.write('{"id": "c", "text": "Berita ketiga."}\n')

    (folder / "b.md").unlink()
    os.utime(log)
    report = FolderSync(folder, empty.ingest, Grows(), prune=True).run()
    assert (report.waiting, report.removed, len(report.failed)) == ([], 1, 1)
    sync(folder, empty)
    assert set(there(empty)) == {"a", "c"}


def test_another_folder_that_has_the_article_keeps_it(empty: Library, folder: Path) -> None:
    for place in (folder, folder.parent / "other"):
        write(place / "a.md", "Berita satu.", article_id="sama")
        write(place / "b.md", "Berita dua.")
        sync(place, empty)
    (folder / "a.md").unlink()
    assert sync(folder, empty, prune=True).removed == 0
    (folder.parent / "other" / "a.md").unlink()
    assert sync(folder.parent / "other", empty, prune=True).removed == 1


def test_what_replaced_another_folders_article_goes_with_its_file(empty: Library, folder: Path) -> None:
    other = folder.parent / "other"
    other.mkdir()
    write(folder / "index.md", "Kebun Raya Cibodas dibuka.")
    write(other / "index.md", "Waduk Jatiluhur dibuka.")
    sync(folder, empty)
    sync(other, empty, take_over=True)
    assert empty.catalog.get_article("index.md").text == "Waduk Jatiluhur dibuka."
    write(other / "more.md", "Hujan turun.")
    (other / "index.md").unlink()
    assert sync(other, empty, prune=True).removed == 1
    assert set(there(empty)) == {"more.md"}


def test_two_folders_with_the_same_names_keep_their_articles(empty: Library, folder: Path) -> None:
    other = folder.parent / "other"
    write(folder / "index.md", "Kebun Raya Cibodas dibuka.")
    write(folder / "copy.md", "Berita yang sama.")
    write(other / "index.md", "Waduk Jatiluhur dibuka.")
    write(other / "copy.md", "Berita yang sama.")
    write(other / "more.md", "Hujan turun.")
    sync(folder, empty)
    report = sync(other, empty)
    ((origin, reason),) = report.failed
    assert origin == str(other / "index.md")
    assert str(folder / "index.md") in reason
    assert "--take-over" in reason
    assert (report.created, report.unchanged) == (1, 1)
    assert empty.catalog.get_article("index.md").text == "Kebun Raya Cibodas dibuka."
    # What both gave alike either may change, and what a folder gave it may change again.
    write(other / "copy.md", "Berita yang diperbarui.")
    write(folder / "index.md", "Kebun Raya Cibodas ditutup.")
    assert len(sync(other, empty).failed) == 1
    assert sync(folder, empty).failed == []
    assert there(empty) == {
        "index.md": "Kebun Raya Cibodas ditutup.",
        "copy.md": "Berita yang diperbarui.",
        "more.md": "Hujan turun.",
    }


def test_another_folders_article_is_taken_over_when_asked_or_when_its_file_is_gone(
    empty: Library, folder: Path
) -> None:
    other = folder.parent / "other"
    for place, text in ((folder, "Lama."), (other, "Baru.")):
        write(place / "a.md", f"{text} Berita satu.")
        write(place / "b.md", f"{text} Berita dua.")
    sync(folder, empty)
    followed = FolderSync(other, empty.ingest, Reads())
    assert len(followed.run().failed) == 2
    (folder / "a.md").unlink()
    ((origin, _),) = followed.run().failed
    assert origin == str(other / "b.md")
    assert sync(other, empty, take_over=True).failed == []
    assert followed.run().failed == []
    assert there(empty) == {"a.md": "Baru. Berita satu.", "b.md": "Baru. Berita dua."}
    # It is this folder's from now on.
    write(other / "b.md", "Lebih baru. Berita dua.")
    assert sync(other, empty).failed == []
    write(folder / "b.md", "Lama, dan lebih lama.")
    assert len(sync(folder, empty).failed) == 1


def test_what_keeps_a_file_out_is_asked_without_opening_it(empty: Library, folder: Path) -> None:
    other = folder.parent / "other"
    write(folder / "index.md", "Kebun Raya Cibodas dibuka.")
    sync(folder, empty)
    write(other / "index.md", "Waduk Jatiluhur dibuka.")
    reads = Reads()
    followed = FolderSync(other, empty.ingest, reads)
    assert [len(followed.run().failed) for _ in range(3)] == [1, 1, 1]
    assert reads.names == ["index.md"]
    (folder / "index.md").unlink()  # which leaves a folder like a disk that is not mounted
    assert len(followed.run().failed) == 1
    folder.rmdir()
    assert followed.run().failed == []
    assert there(empty) == {"index.md": "Waduk Jatiluhur dibuka."}


def test_a_folder_takes_back_what_another_took_over(empty: Library, folder: Path) -> None:
    other = folder.parent / "other"
    write(folder / "index.md", "Kebun Raya Cibodas dibuka.")
    write(other / "index.md", "Waduk Jatiluhur dibuka.")
    sync(folder, empty)
    sync(other, empty, take_over=True)
    report = sync(folder, empty, take_over=True)
    assert (report.opened, report.updated) == (1, 1)
    assert there(empty) == {"index.md": "Kebun Raya Cibodas dibuka."}


def test_an_id_of_its_own_is_the_same_article_in_every_folder(empty: Library, folder: Path) -> None:
    other = folder.parent / "other"
    write(folder / "a.md", "Berita satu.", article_id="satu")
    write(other / "b.md", "Berita satu, diperbarui.", article_id="satu")
    sync(folder, empty)
    assert sync(other, empty).failed == []
    assert there(empty) == {"satu": "Berita satu, diperbarui."}


def test_one_file_in_two_folders_is_no_collision(empty: Library, folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    for place, text in ((folder, "Berita satu."), (link, "Berita dua."), (folder, "Berita tiga.")):
        write(folder / "a.md", text)
        assert sync(place, empty).failed == []
        assert there(empty) == {"a.md": text}


@pytest.mark.parametrize("accident", ["missing", "empty", "only other files", "a link to nowhere", "a file"])
def test_an_accident_removes_nothing(empty: Library, folder: Path, accident: str) -> None:
    for name in ("a.md", "b.md", "long gone.md"):
        write(folder / name, f"Berita {name}.")
    sync(folder, empty)
    (folder / "long gone.md").unlink()
    sync(folder, empty)
    if accident == "a link to nowhere":
        (folder / "a.md").unlink()
        (folder / "a.md").symlink_to(folder / "nowhere")
        (folder / "b.md").unlink()
    else:
        shutil.rmtree(folder)
        if accident == "a file":
            folder.write_text("bukan folder")
        elif accident != "missing":
            folder.mkdir()
            if accident == "only other files":
                (folder / "c.zip").write_text("x")
    for _ in range(2):
        report = sync(folder, empty, prune=True)
        assert report.removed == 0
        assert report.kept
        assert set(there(empty)) == {"a.md", "b.md", "long gone.md"}


def test_a_file_that_cannot_be_read_for_a_while_keeps_its_article(empty: Library, folder: Path) -> None:
    write(folder / "a.md", "Berita satu.")
    write(folder / "b.md", "Berita dua.")
    sync(folder, empty)
    (folder / "a.md").rename(folder.parent / "a.md")
    (folder / "a.md").symlink_to(folder / "a.md")  # a link to itself: not even root can read it
    (folder / "b.md").unlink()
    report = sync(folder, empty, prune=True)
    assert [reason for _, reason in report.failed] == ["cannot be read: Too many levels of symbolic links"]
    assert (report.removed, set(there(empty))) == (0, {"a.md", "b.md"})
    (folder.parent / "a.md").rename(folder / "a.md")
    assert sync(folder, empty, prune=True).removed == 1


def test_what_fails_is_named_each_time_and_read_again_only_when_that_may_help(
    empty: Library, folder: Path
) -> None:
    write(folder / "a.md", "Berita satu.")
    write(folder / "bad.md", "---\nid: [\n---\nBerita.")
    reads = Reads()
    followed = FolderSync(folder, empty.ingest, reads)
    for _ in range(3):
        ((origin, reason),) = followed.run().failed
        assert origin == str(folder / "bad.md")
        assert "front matter" in reason
    assert reads.names == ["a.md", "bad.md"]
    sync(folder, empty, read=reads)
    assert reads.names == ["a.md", "bad.md", "bad.md"], (
        "a setting or release may be another at the next start"
    )
    write(folder / "bad.md", "Berita dua.")
    assert (followed.run().failed, set(there(empty))) == ([], {"a.md", "bad.md"})


def test_a_file_that_becomes_unreadable_as_an_article_keeps_the_one_it_had(
    empty: Library, folder: Path
) -> None:
    write(folder / "a.md", "Berita satu.")
    write(folder / "b.md", "Berita dua.")
    sync(folder, empty)
    (folder / "a.md").write_bytes(b"\xff\xfe\0")
    (folder / "b.md").unlink()
    report = sync(folder, empty, prune=True)
    assert (len(report.failed), report.removed) == (1, 1)
    assert there(empty) == {"a.md": "Berita satu."}


def test_an_id_belongs_to_the_file_that_had_it_until_that_is_gone(empty: Library, folder: Path) -> None:
    write(folder / "z.md", "Berita lama.", article_id="sama")
    followed = FolderSync(folder, empty.ingest, Reads(), prune=True)
    followed.run()
    write(folder / "a.md", "Berita baru.", article_id="sama")
    ((origin, reason),) = followed.run().failed
    assert origin == str(folder / "a.md")
    assert str(folder / "z.md") in reason
    assert there(empty) == {"sama": "Berita lama."}
    (folder / "z.md").unlink()
    assert followed.run().failed == []
    assert there(empty) == {"sama": "Berita baru."}


def test_a_linked_folder_can_be_pointed_elsewhere(empty: Library, folder: Path) -> None:
    write(folder / "a.md", "Berita satu.")
    write(folder / "b.md", "Berita dua.")
    write(folder.parent / "next" / "b.md", "Berita dua, diubah.")
    link = folder.parent / "current"
    link.symlink_to(folder)
    sync(link, empty, prune=True)
    link.unlink()
    link.symlink_to(folder.parent / "next")
    assert sync(link, empty, prune=True).removed == 1
    assert there(empty) == {"b.md": "Berita dua, diubah."}


class Following:
    """A folder followed in a thread, and the reports of its passes."""

    def __init__(self, made: FolderSync) -> None:
        self.reports: list[SyncReport] = []
        self._stop = threading.Event()
        self._made = made
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self.reports.extend(report for report in follow(self._made, self._stop) if report is not None)

    def __enter__(self) -> Following:
        self._thread.start()
        wait_until(lambda: bool(self.reports))
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)
        assert not self._thread.is_alive()

    @property
    def worked(self) -> list[SyncReport]:
        return [report for report in self.reports if report.opened or report.removed]


def test_thousands_of_files_at_once_cost_one_pass(empty: Library, folder: Path) -> None:
    write(folder / "a.md", "Berita satu.")
    with Following(FolderSync(folder, empty.ingest, Reads())) as followed:
        assert len(followed.worked) == 1
        made = folder.parent / "made"
        made.mkdir()
        for i in range(3000):
            (made / f"{i}.txt").write_text(f"Berita {i}.")
        made.rename(folder / "moved")
        for i in range(1000):
            (folder / f"{i}.txt").write_text(f"Kabar {i}.")
        wait_until(lambda: empty.catalog.counts().articles == 4001)
        time.sleep(1)  # for passes that should not come
        assert [report.created for report in followed.worked] == [1, 4000]


def test_a_half_written_file_is_not_read(empty: Library, folder: Path) -> None:
    reads = Reads()
    with Following(FolderSync(folder, empty.ingest, reads)) as followed:
        with (folder / "a.md").open("w") as opened:
            opened.write("Awal berita. ")
            opened.flush()
            wait_until(lambda: followed.reports[-1].waiting == ["a.md"])
            time.sleep(1)
            assert reads.names == []
            opened.write("Akhir berita.")
        wait_until(lambda: bool(there(empty)), timeout_s=15)
        assert reads.names == ["a.md"]
        assert empty.catalog.get_article("a.md").text == "Awal berita. Akhir berita."


def test_a_folder_that_vanishes_is_waited_for(empty: Library, folder: Path) -> None:
    write(folder / "a.md", "Berita satu.")
    with Following(FolderSync(folder, empty.ingest, Reads(), prune=True)) as followed:
        folder.rename(folder.parent / "away")
        wait_until(lambda: followed.reports[-1].missing)
        assert set(there(empty)) == {"a.md"}
        shutil.copytree(folder.parent / "away", folder)
        write(folder / "b.md", "Berita dua.")
        wait_until(lambda: set(there(empty)) == {"a.md", "b.md"})
        wait_until(lambda: not followed.reports[-1].missing)  # the pass reports after its last article
        write(folder / "c.md", "Berita tiga.")  # the new folder is watched like the old one
        wait_until(lambda: "c.md" in there(empty), timeout_s=15)
    assert sum(report.removed for report in followed.reports) == 0


def test_what_cannot_be_watched_is_looked_at_again_and_again(folder: Path) -> None:
    stop = threading.Event()
    looked = list(islice(_ticks(folder / "not there for the watcher", True, stop), 2))
    assert looked == [True, True]
