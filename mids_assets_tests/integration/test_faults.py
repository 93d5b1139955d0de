"""A table of sources that must not get in: a clear sentence each, PostgreSQL as it was, memory flat.

Some of them are imported one after another by one process, after the sample was published; the others go the same way
up to the raw files. What broken records become stands in test_faults_records.py.
"""

from __future__ import annotations

import bz2
import re
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mids_assets.commands.exporting import run_export
from mids_assets.errors import MidsError
from mids_assets.settings import Settings
from mids_assets_tests.conftest import World
from mids_assets_tests.faults import Ended, copy_of_sample, import_all, rewrite, sample_with_export
from mids_assets_tests.real import SAMPLE

MIB = 1024 * 1024
Edit = Callable[[bytes], bytes]
Make = Callable[[Path], Path]


def edited(name: str, edit: Edit) -> Make:
    """The sample with the bytes of one file edited."""

    def make(folder: Path) -> Path:
        path = copy_of_sample(folder) / name
        path.write_bytes(edit(path.read_bytes()))
        return folder

    return make


def entry(name: str, edit: Edit) -> Make:
    """The sample as an export, with the bytes of one entry of its Mids.zip edited."""
    return lambda folder: sample_with_export(folder, lambda entries: entries.update({name: edit(entries[name])}))


def count_after(text: bytes, number: int) -> Edit:
    """The count that follows a text is another one; stored as the last index."""

    def edit(data: bytes) -> bytes:
        at = data.index(text) + len(text)
        return data[:at] + struct.pack("<i", number) + data[at + 4 :]

    return edit


def swapped(old: bytes, new: bytes) -> Edit:
    def edit(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return edit


def without(name: str) -> Make:
    return lambda folder: copy_of_sample(folder, name)


def packed(*more: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, encrypted: bool = False) -> Make:
    """The sample as an archive, with more entries."""

    def make(folder: Path) -> Path:
        folder.mkdir()
        path = folder / "Homecoming.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out, warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # Two entries of one name.
            for file in sorted(SAMPLE.iterdir()):
                if file.is_file() and file.name != "Mids.zip":
                    out.write(file, f"Homecoming/{file.name}")
            for name, data in more:
                out.writestr(name, data, method)
        if encrypted:
            data = bytearray(path.read_bytes())
            struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 8, 1)
            path.write_bytes(data)
        return path

    return make


def bomb(folder: Path) -> Path:
    """10 KB that inflate to 4 GiB; the directory of the archive says so."""
    path = packed(("Homecoming/more.txt", b"x"), method=zipfile.ZIP_BZIP2)(folder)
    blanks = bz2.compress(b" " * (64 * MIB)) * 64
    with zipfile.ZipFile(path, "a") as out:
        info = zipfile.ZipInfo("Homecoming/bomb.txt")
        with out.open(info, "w") as stream:
            stream.write(blanks)
        info.compress_type, info.file_size = zipfile.ZIP_BZIP2, 4 * 1024 * MIB - 1
    return path


def archive_in_archive(folder: Path) -> Path:
    inner = packed()(folder)
    path = folder / "outer.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.write(inner, "Homecoming.zip")
    return path


def utf16(data: bytes) -> bytes:
    return data.decode().encode("utf-16")


SALVAGE_HEAD = b"Mids Reborn Salvage Database"
CASES: dict[str, tuple[Make, str]] = {
    # Binary files.
    "I12 cut": (edited("I12.mhd", lambda data: data[: len(data) // 2]), r"I12\.mhd.*byte offset.*power \d+"),
    "I12 with a byte more": (edited("I12.mhd", lambda data: data + b"\0"), r"I12\.mhd.*left over"),
    "I12 of another kind": (
        edited("I12.mhd", lambda _: (SAMPLE / "Recipe.mhd").read_bytes()),
        r"missing the main database .*I12\.mhd holds recipe",
    ),
    "count of 2^31-1": (edited("Salvage.mhd", count_after(SALVAGE_HEAD, 2**31 - 2)), r"Salvage\.mhd.*2147483647"),
    "count of -2": (edited("Salvage.mhd", count_after(SALVAGE_HEAD, -3)), r"Salvage\.mhd.*count of -2"),
    "text past the end": (edited("Salvage.mhd", swapped(b"\x13Sample_", b"\xff\xff\x7fSample_")), r"Salvage\.mhd"),
    "text length of six bytes": (
        edited("Salvage.mhd", swapped(b"\x13Sample_", b"\xff\xff\xff\xff\xff\x01Sample_")),
        r"Salvage\.mhd.*five bytes",
    ),
    "no UTF-8 in a binary file": (edited("Recipe.mhd", swapped(b"Made-up", b"Made\xe9up")), r"Recipe\.mhd.*UTF-8"),
    "UTF-16 binary file": (edited("EnhDB.mhd", lambda data: data.decode("latin-1").encode("utf-16")), r"EnhDB\.mhd"),
    # JSON files and lists.
    "UTF-16 settings": (edited("SData.json", utf16), r"SData\.json.*UTF"),
    "NaN in a modifier": (edited("AttribMod.json", swapped(b"0.137", b"NaN")), r"AttribMod\.json.*NaN"),
    "key twice": (edited("TypeGrades.json", swapped(b"{", b'{"SetTypes": [], ')), r"TypeGrades\.json.*twice"),
    "web page": (edited("SData.json", lambda _: b"<html></html>"), r"SData\.json.*web page"),
    "decimal comma": (edited("Maths.mhd", swapped(b"0.7", b"0,7")), r"Maths\.mhd.*line \d+.*no number"),
    "classes cut": (edited("EClasses.mhd", lambda data: data[: data.rindex(b"End")]), r"EClasses\.mhd.*cut off"),
    "powers of an export cut": (
        entry("Powers.json", lambda data: data[:-500]),
        r"Mids\.zip/Powers\.json, byte offset \d+.*cut off",
    ),
    "powers of an export in UTF-16": (entry("Powers.json", utf16), r"UTF-16|UTF-8"),
    "export without records": (entry("Powers.json", lambda _: b""), r"empty"),
    "header of an export": (entry("Database.json", swapped(b'"Version"', b'"Wersion"')), r"Database\.json.*Version"),
    # Archives.
    "way up": (packed(("Homecoming/../../up", b"x")), r"Homecoming\.zip.*refused"),
    "absolute name": (packed(("/etc/up", b"x")), r"Homecoming\.zip.*absolute"),
    "one name twice": (packed(("Homecoming/I12.mhd", b"x")), r"Homecoming\.zip.*two files"),
    "names equal but for case": (packed(("homecoming/i12.MHD", b"x")), r"Homecoming\.zip.*two files"),
    "encrypted": (packed(encrypted=True), r"Homecoming\.zip.*encrypted"),
    "100,000 entries": (packed(*((f"d/{n}", b"") for n in range(100_000))), r"Homecoming\.zip.*files"),
    "10 KB that inflate to 4 GB": (bomb, r"Homecoming\.zip.*refused"),
    "archive in an archive": (archive_in_archive, r"outer\.zip.*unpacked first"),
    # Folders.
    **{
        f"without {name}": (without(name), rf"missing .*{name}.*copy")
        for name in ("I12.mhd", "EnhDB.mhd", "Recipe.mhd", "Salvage.mhd", "EClasses.mhd")
    },
}


IMPORTED = (
    *("I12 cut", "count of 2^31-1", "no UTF-8 in a binary file", "UTF-16 settings", "decimal comma"),
    *("powers of an export cut", "encrypted", "10 KB that inflate to 4 GB", "without EnhDB.mhd"),
)
"""What goes through a whole import too: one for each way in which a source is refused."""


@pytest.mark.parametrize("name", CASES)
def test_a_bad_source_ends_in_one_clear_sentence(tmp_path, name):
    make, words = CASES[name]
    source = make(tmp_path / "source")
    with pytest.raises(MidsError) as caught:
        run_export(Settings(), source, tmp_path / "out", "json")
    told = str(caught.value)
    assert re.search(words, told), told
    assert len(told.splitlines()) == 1
    assert caught.value.exit_code == 2
    assert [place.name for place in tmp_path.iterdir()] == ["source"]


def same_keys(folder: Path) -> Path:
    """A power with the name of another, one that differs in case, and one that differs by a blank."""

    def change(value: dict[str, Any]) -> None:
        names = [power["full_name"] for power in value["powers"]]
        for place, name in ((7, names[8]), (9, names[10].swapcase()), (11, f"{names[12]} ")):
            value["powers"][place]["full_name"] = name

    rewrite(copy_of_sample(folder) / "I12.mhd", "i12", change)
    return folder


@pytest.fixture(scope="module")
def published(world: World):
    world.mids_json("import", str(SAMPLE))
    return world.contents()


@pytest.fixture(scope="module")
def ends(world: World, published, tmp_path_factory) -> dict[str, Ended]:
    """How each import ended. The first one of the process is the published sample, for comparison."""
    folder = tmp_path_factory.mktemp("faults")
    sources = {"the sample": SAMPLE, "same keys": same_keys(folder / "keys")}
    sources |= {name: CASES[name][0](folder / str(number)) for number, name in enumerate(IMPORTED)}
    return dict(zip(sources, import_all(world, list(sources.values())), strict=True))


@pytest.mark.parametrize("name", IMPORTED)
def test_its_import_says_the_same_and_nothing_else(ends, name):
    ended = ends[name]
    assert ended.code == 2
    assert re.search(CASES[name][1], ended.told), ended.told
    assert len(ended.told.splitlines()) == 1


def test_records_with_one_key_block_the_publish(ends):
    ended = ends["same keys"]
    assert ended.code == 4
    assert "power: unique: full_name 1, unique: natural_key 2, unique but for blanks: natural_key 1" in ended.told
    assert "nothing was published" in ended.told


def test_the_previous_release_is_untouched(world, published, ends):
    assert ends["the sample"].code == 0
    assert world.contents() == published
    assert world.mids_json("status")["realms"]["homecoming"]["tables"]["power"] == 300


def test_memory_is_flat(ends):
    """The sample itself is refused a second time only after its hash: what follows is the first to be parsed."""
    start = ends["same keys"].peak_mib
    assert max(ended.peak_mib for ended in ends.values()) - start < 100
