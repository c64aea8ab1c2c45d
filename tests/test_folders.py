from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from service.folders import SETTLE_S, Stamp, file_system, has_changed, is_being_written, shown, survey

NEVER = threading.Event()


def test_a_stamp_vouches_only_outside_of_its_tick() -> None:
    fine = Stamp(1, 0, 1_700_000_000_123_456_789, 1)
    assert not fine.vouches(fine.ctime_ns)
    assert not fine.vouches(fine.ctime_ns - 10**9), "the clock of a file server may be ahead of ours"
    assert fine.vouches(fine.ctime_ns + 200_000_000)
    coarse = Stamp(1, 0, 1_700_000_000_000_000_000, 1)
    assert not coarse.vouches(coarse.ctime_ns + 1_900_000_000)
    assert coarse.vouches(coarse.ctime_ns + 2_200_000_000)


def test_any_write_changes_the_stamp_whatever_the_modification_time_says(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("satu")
    before = survey(tmp_path, {}, 1, NEVER).files["a.md"][1]
    file.write_text("dua!")
    os.utime(file, ns=(before.mtime_ns, before.mtime_ns))
    after = survey(tmp_path, {}, 1, NEVER).files["a.md"][1]
    assert (after.size, after.mtime_ns) == (before.size, before.mtime_ns)
    assert after != before


def test_what_is_known_is_taken_at_a_glance_and_what_is_new_is_looked_at_twice(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("satu")
    began = time.monotonic()
    stamp = str(survey(tmp_path, {}, 5, NEVER).files["a.md"][1])
    assert time.monotonic() - began >= SETTLE_S
    began = time.monotonic()
    assert survey(tmp_path, {"a.md": stamp}, 5, NEVER).gone == []
    assert time.monotonic() - began < SETTLE_S


def test_a_file_that_grows_waits_and_nothing_counts_as_gone_meanwhile(tmp_path: Path) -> None:
    (tmp_path / "rests.md").write_text("satu")
    grown = threading.Event()

    def grow() -> None:
        with (tmp_path / "grows.md").open("w") as opened:
            while not grown.wait(0.02):
                opened.write("kata ")
                opened.flush()

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        found = survey(tmp_path, {"away.md": "1 1 1 1"}, 0.5, NEVER)
    finally:
        grown.set()
        thread.join()
    assert set(found.files) == {"rests.md", "grows.md"}
    assert found.waiting == {"grows.md"}
    assert found.gone == []
    assert survey(tmp_path, {"away.md": "1 1 1 1"}, 0.5, NEVER).gone == ["away.md"]


def test_what_editors_and_copying_programs_leave_is_passed_over(tmp_path: Path) -> None:
    for name in (
        ".a.md.swp",
        "a.md~",
        ".a.md.x7Gh2k",
        "#a.md#",
        ".#a.md",
        "a.md.part",
        "~$a.md",
        "4913",
        "a.md.tmp",
    ):
        (tmp_path / name).write_text("setengah")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "b.md").write_text("lain")
    (tmp_path / "a.md").write_text("satu")
    assert list(survey(tmp_path, {}, 1, NEVER).files) == ["a.md"]


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="leases are Linux's")
def test_a_file_open_for_writing_is_not_read_however_long_its_writer_pauses(tmp_path: Path) -> None:
    def written(file: Path) -> bool:
        with file.open("rb") as opened:
            result = is_being_written(opened, file)
            assert opened.tell() == 0
            return result

    file, lines = tmp_path / "a.md", tmp_path / "a.jsonl"
    with file.open("w") as one, lines.open("w") as many:
        one.write("setengah berita")
        many.write('{"text": "satu"}\n')
        one.flush()
        many.flush()
        assert written(file)
        assert not written(lines), "all its lines are whole"
        many.write('{"text": "dua')
        many.flush()
        assert written(lines)
    assert not written(file)
    assert not written(lines)
    with file.open("rb"):
        assert not written(file), "a reader is no writer"


def test_the_kind_of_a_file_system_is_known(tmp_path: Path) -> None:
    if Path("/proc/self/mountinfo").exists():
        assert file_system(Path("/proc").stat().st_dev) == "proc"
    assert file_system(2**40) == ""


def test_a_folder_that_is_missing_is_an_error_and_a_link_to_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        survey(tmp_path / "missing", {}, 1, NEVER)
    (tmp_path / "a.md").symlink_to(tmp_path / "nowhere.md")
    (tmp_path / "b.md").write_text("satu")
    found = survey(tmp_path, {"c.md": "1 1 1 1"}, 1, NEVER)
    assert found.unreadable == [(str(tmp_path / "a.md"), "a link to nowhere")]
    assert found.gone == []


def test_a_name_that_is_no_text_can_be_stored(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.md")).write_text("satu")
    (name,) = survey(tmp_path, {}, 1, NEVER).files
    assert name == shown(name) == "\\udcff.md"


def test_a_file_that_was_written_replaced_or_removed_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("satu")
    stamp = Stamp.of(file.stat())
    (tmp_path / "link.md").hardlink_to(file)
    file.chmod(0o600)
    assert not has_changed(file, stamp)
    (tmp_path / "b.md").write_text("satu")
    (tmp_path / "b.md").replace(file)
    assert has_changed(file, stamp)
    file.unlink()
    assert has_changed(file, stamp)
