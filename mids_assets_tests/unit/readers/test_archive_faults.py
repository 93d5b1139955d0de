"""Archives that mean harm, as a packed folder and as a Mids.zip: an error, nothing left behind, memory flat."""

from __future__ import annotations

import bz2
import struct
import tracemalloc
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest

from mids_assets.errors import MidsError
from mids_assets.readers.mids_zip import HEADER_ENTRY, MIDS_ZIP_ENTRIES
from mids_assets.readers.raw import write_raw
from mids_assets.readers.unpack import opened_source
from mids_assets_tests.unit.readers.source_support import write_items

MIB = 1024 * 1024
EXPORT = {HEADER_ENTRY: b'{"Version": "1.0"}', **dict.fromkeys(MIDS_ZIP_ENTRIES.values(), b"[]")}
FOLDER = {"Homecoming/I12.mhd": b"x" * 200, "Homecoming/EnhDB.mhd": b"y"}


def zipped(path: Path, entries, more=(), method=zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as out, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Two entries of one name.
        for name, data in [*entries.items(), *more]:
            out.writestr(name, data)
    return path


def raw_entry(name: bytes, packed: bytes, method: int, size: int, crc: int = 0) -> bytes:
    """A whole archive of one entry whose header says what it is told to say."""
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 46, 0, method, 0, 33, crc, len(packed), size, len(name), 0)
    body = local + name + packed
    central = struct.pack(
        "<4s6H3I5H2I", b"PK\1\2", 46, 46, 0, method, 0, 33, crc, len(packed), size, len(name), 0, 0, 0, 0, 0, 0
    )
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(central) + len(name), len(body), 0)
    return body + central + name + end


def refused(tmp_path: Path, path: Path, words: str) -> None:
    """The source at `path` ends in one of our errors, nothing is left behind, and memory stays flat."""
    before = set(tmp_path.rglob("*"))
    tracemalloc.start()
    try:
        with pytest.raises(MidsError, match=words) as caught, opened_source(path) as source:
            for entity in ("archetype", "powerset", "power", "summoned_entity"):
                write_raw(source, entity, tmp_path / "raw")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert path.name in str(caught.value)
    assert peak < 16 * MIB, peak
    assert {
        place for place in set(tmp_path.rglob("*")) - before if place.is_file() and place.suffix != ".json"
    } == set()


@pytest.fixture
def export_folder(tmp_path) -> Path:
    write_items(tmp_path)
    return tmp_path


@pytest.mark.parametrize("entries", [EXPORT, FOLDER], ids=["Mids.zip", "folder"])
@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([("../up", b"x")], "outside|'..'"),
        ([("/etc/x", b"x")], "outside|absolute"),
        ([("C:/x", b"x")], "outside|':'|C:"),
        ([("same", b"x"), ("same", b"x")], "two (entries|files)"),
        ([("Same", b"x"), ("sAME", b"x")], "two (entries|files)"),
    ],
    ids=["parent", "absolute", "drive", "one name twice", "equal but for case"],
)
def test_names(export_folder, entries, more, words):
    refused(export_folder, zipped(export_folder / "Mids.zip", entries, more), words)


@pytest.mark.parametrize("entries", [EXPORT, FOLDER], ids=["Mids.zip", "folder"])
def test_an_encrypted_entry(export_folder, entries):
    path = zipped(export_folder / "Mids.zip", entries)
    data = bytearray(path.read_bytes())
    struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 8, 1)
    path.write_bytes(data)
    refused(export_folder, path, "encrypted")


@pytest.fixture(scope="module")
def bombs() -> dict[str, tuple[int, bytes]]:
    """Name -> (method, packed bytes of 4 GiB of blanks)."""
    blanks = b" " * (64 * MIB)
    # A stream of bzip2 may follow another; a block of deflate may follow another.
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = deflate.compress(blanks) + deflate.flush(zlib.Z_FULL_FLUSH)
    return {
        "bzip2": (zipfile.ZIP_BZIP2, bz2.compress(blanks) * 64),
        "deflate": (zipfile.ZIP_DEFLATED, b"".join([block] * 64) + deflate.flush()),
    }


@pytest.mark.parametrize("stated", [4 * 1024 * MIB - 1, 100], ids=["true size", "false size"])
@pytest.mark.parametrize("kind", ["bzip2", "deflate"])
def test_an_entry_that_inflates_to_4_gib(tmp_path, bombs, kind, stated):
    method, packed = bombs[kind]
    assert kind != "bzip2" or len(packed) < 10 * 1024
    path = tmp_path / "a.zip"
    path.write_bytes(raw_entry(b"Homecoming/I12.mhd", packed, method, stated))
    refused(tmp_path, path, "refused|damaged")


@pytest.mark.parametrize("kind", ["bzip2", "deflate"])
def test_a_mids_zip_whose_entry_inflates_to_more_than_it_says(export_folder, bombs, kind):
    method, packed = bombs[kind]
    path = export_folder / "Mids.zip"
    with zipfile.ZipFile(path, "w", method) as out:
        for name, content in EXPORT.items():
            out.writestr(name, b"[" + b" " * 5_000 + b"]" if name == "Powers.json" else content)
    whole = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        powers = archive.getinfo("Powers.json")
    # Its packed bytes are exchanged for the bomb's beginning of the same length: sizes and checksum lie now.
    start = powers.header_offset + 30 + len("Powers.json")
    whole[start : start + powers.compress_size] = packed[: powers.compress_size]
    path.write_bytes(whole)
    refused(export_folder, path, "damaged|method")


@pytest.mark.parametrize("entries", [EXPORT, FOLDER], ids=["Mids.zip", "folder"])
def test_100_000_entries(export_folder, entries):
    path = zipped(export_folder / "Mids.zip", entries, ((f"d/{n}", b"") for n in range(100_000)), zipfile.ZIP_STORED)
    # Memory is not traced here: the table of such an archive takes 58 MiB, and tracing it 10 s.
    with pytest.raises(MidsError, match=r"Mids\.zip.*refused, it holds"), opened_source(path):
        pass


def test_an_archive_in_an_archive_is_not_followed(export_folder):
    inner = zipped(export_folder / "inner.zip", FOLDER).read_bytes()
    path = zipped(export_folder / "b.zip", {"Homecoming/Mids.zip": inner, "Homecoming/EnhDB.mhd": b"y"})
    (export_folder / "inner.zip").unlink()
    refused(export_folder, path, "missing")


def test_an_archive_of_nothing_but_an_archive_says_so(tmp_path):
    inner = zipped(tmp_path / "inner.zip", FOLDER).read_bytes()
    refused(tmp_path, zipped(tmp_path / "outer.zip", {"inner.zip": inner}), "unpacked first")
