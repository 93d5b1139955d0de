"""What lies in a landing folder, and which of it is whole: told by names, sizes and times, on real files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mids_assets.errors import UserError
from mids_assets.transform import landing
from mids_assets.transform.landing import entry_content, look, newest_first
from mids_assets.transform.landing_memory import Memory, memorize, recall, sighted


class Looks:
    """One look after the other at a folder, with what is remembered in between as text."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.cursor = folder, None

    def whole(self) -> list[str]:
        memories, whole = sighted(recall(self.cursor), look(self.folder).drops)
        self.cursor = memorize(memories)
        return [drop.path.name for drop in whole]


@pytest.fixture
def looks(tmp_path) -> Looks:
    return Looks(tmp_path)


def put(place: Path, content: bytes = b"x") -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def test_an_entry_is_whole_when_two_looks_find_the_same(looks, tmp_path):
    assert looks.whole() == []
    put(tmp_path / "drop" / "I12.mhd")
    put(tmp_path / "a.zip")
    assert [looks.whole(), looks.whole(), looks.whole()] == [[], ["a.zip", "drop"], ["a.zip", "drop"]]


def test_an_entry_that_grows_is_waited_for(looks, tmp_path):
    put(tmp_path / "drop" / "I12.mhd")
    looks.whole()
    put(tmp_path / "drop" / "deep" / "EnhDB.mhd")
    assert looks.whole() == []
    put(tmp_path / "drop" / "deep" / "EnhDB.mhd", b"xy")
    assert [looks.whole(), looks.whole()] == [[], ["drop"]]


def test_an_old_time_keeps_nothing_out(looks, tmp_path):
    os.utime(put(tmp_path / "drop" / "I12.mhd"), (1_000, 1_000))
    assert [looks.whole(), looks.whole()] == [[], ["drop"]]


@pytest.mark.parametrize("part", ["a.zip.part", "A.ZIP.PART", "drop/deep/I12.mhd.part"])
def test_a_download_under_way_is_waited_for(part, looks, tmp_path):
    put(tmp_path / "a.zip")
    put(tmp_path / "drop" / "I12.mhd")
    unfinished = put(tmp_path / part)
    waiting = "drop" if part.startswith("drop") else "a.zip"
    looks.whole()
    assert looks.whole() == sorted({"a.zip", "drop"} - {waiting})
    unfinished.unlink()
    looks.whole()
    assert looks.whole() == ["a.zip", "drop"]


def test_what_is_empty_has_not_arrived(looks, tmp_path):
    (tmp_path / "drop").mkdir()
    put(tmp_path / "a.zip", b"")
    assert [looks.whole(), looks.whole()] == [[], []]


def test_a_touched_or_renamed_entry_is_looked_at_anew_and_has_the_same_content(looks, tmp_path):
    entry = put(tmp_path / "drop" / "I12.mhd").parent
    content = entry_content(entry)
    looks.whole()
    os.utime(entry / "I12.mhd", (5_000, 5_000))
    assert [looks.whole(), looks.whole()] == [[], ["drop"]]
    entry = entry.rename(tmp_path / "other")
    assert [looks.whole(), looks.whole()] == [[], ["other"]]
    assert entry_content(entry) == content


def test_other_bytes_of_the_same_size_are_another_content(tmp_path):
    entry = put(tmp_path / "drop" / "I12.mhd", b"ab").parent
    found = {entry_content(entry)}
    put(entry / "I12.mhd", b"ba")
    found.add(entry_content(entry))
    (entry / "I12.mhd").rename(entry / "EnhDB.mhd")
    found.add(entry_content(entry))
    assert len(found) == 3


def test_the_hash_file_beside_a_patch_is_a_part_of_it(looks, tmp_path):
    patch = put(tmp_path / "a-cumulative.mru")
    without = entry_content(patch)
    looks.whole()
    put(tmp_path / "a.hash")
    assert [looks.whole(), looks.whole()] == [[], [patch.name]]
    assert entry_content(patch) != without


def test_hidden_entries_and_hash_files_are_no_entries(looks, tmp_path):
    for name in (".hidden", "a.hash", "x.part"):
        put(tmp_path / name)
    looks.whole()
    assert looks.whole() == [] and look(tmp_path).problems == []


def test_a_link_to_a_folder_is_an_entry_and_a_link_to_nothing_none(looks, tmp_path):
    put(tmp_path / "elsewhere" / "I12.mhd")
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "drop").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "landing" / "nothing").symlink_to(tmp_path / "gone")
    (tmp_path / "elsewhere" / "round").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "broken").symlink_to(tmp_path / "gone")
    looks.folder = tmp_path / "landing"
    looks.whole()
    assert looks.whole() == ["drop"] and look(looks.folder).problems == []
    assert len(entry_content(tmp_path / "landing" / "drop")) == 16


def test_too_much_is_told_and_left_out(tmp_path, monkeypatch):
    for name in "abcd":
        put(tmp_path / name / "1")
        put(tmp_path / name / "2")
    monkeypatch.setattr(landing, "FILES", 5)
    found = look(tmp_path)
    assert [drop.path.name for drop in found.drops] == ["a", "b"] and "2 entries, from c on" in found.problems[0]
    monkeypatch.setattr(landing, "ENTRIES", 1)
    assert "3 entries, from b on" in look(tmp_path).problems[0]


def test_what_cannot_be_looked_at_is_told_and_keeps_nothing_else_out(looks, tmp_path, monkeypatch):
    put(tmp_path / "a" / "I12.mhd")
    put(tmp_path / "b" / "I12.mhd")
    scan = os.scandir

    def refused(path):
        # Root, who may run the tests, is refused nothing.
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(landing.os, "scandir", refused)
    looks.whole()
    assert looks.whole() == ["b"] and "Permission denied" in look(tmp_path).problems[0]


def test_what_cannot_be_read_is_the_users_to_mend(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        entry_content(tmp_path / "gone")


def test_what_is_gone_is_forgotten_and_a_damaged_memory_is_none(looks, tmp_path):
    entry = put(tmp_path / "drop" / "I12.mhd").parent
    looks.whole()
    shutil.rmtree(entry)
    looks.whole()
    assert looks.cursor == "{}"
    assert [recall(text) for text in (None, "", "{", '{"a": 1}')] == [{}] * 4


def test_what_was_settled_is_remembered(looks, tmp_path):
    put(tmp_path / "drop" / "I12.mhd")
    looks.whole()
    memories = recall(looks.cursor)
    memories["drop"].settle("it failed", "code")
    looks.cursor = memorize(memories)
    looks.whole()
    assert recall(looks.cursor) == {"drop": Memory(memories["drop"].signature, settled="it failed", code="code")}


def test_the_newest_settled_entry_comes_first(tmp_path):
    assert newest_first(tmp_path / "absent") == []
    for name, age in (("old", 100), ("new", 50), ("copying", 0), ("x.part", 70), (".hidden", 60)):
        file = put(tmp_path / name / "I12.mhd")
        os.utime(file, (1000 - age, 1000 - age))
    assert newest_first(tmp_path, now=1000) == [tmp_path / "new", tmp_path / "old"]
    # A copy under way changed just now; a clock that is wrong does not keep an entry out for ever.
    assert newest_first(tmp_path, now=-9000)[0] == tmp_path / "copying"
