"""Mids.zip: headers of both generations, and archives that must not be trusted."""

import io
import json
import struct
import zipfile
from datetime import UTC, datetime

import pytest

from mids_assets.errors import FormatError, SourceError
from mids_assets.readers import mids_zip
from mids_assets.readers.mids_zip import DatabaseHeader, MidsZip, read_database_header, write_mids_zip
from mids_assets.readers.source import open_source
from mids_assets_tests.unit.readers.json_support import make
from mids_assets_tests.unit.readers.source_support import HEADER, records, write_items

ENTRIES = dict.fromkeys(("Archetypes.json", "PowerSets.json", "Powers.json", "Entities.json"), "[]")


def archive(path, entries, folder=""):
    with zipfile.ZipFile(path, "w") as out:
        for name, text in entries.items():
            out.writestr(folder + name, text)
    return path


def header(text):
    data = text if isinstance(text, bytes) else json.dumps(text).encode()
    return read_database_header(io.BytesIO(data), file="Database.json")


def test_a_header_of_2021_and_one_of_today():
    old = b'{"Version": 21.0330, "Date": "2021-03-31T23:03:52.1489281+02:00", "Issue": 27, "x": {"Issue": 1}}'
    assert header(b"\xef\xbb\xbf" + old) == header(old)
    assert header(old) == DatabaseHeader("21.0330", datetime(2021, 3, 31, 21, 3, 52, 148928, UTC), 27)
    new = {"PageVolText": "Page", "Power": [{"Version": "9"}], "Version": "2025.5.1234", "PageVol": 7, "Issue": 28}
    assert header(new) == DatabaseHeader("2025.5.1234", None, 28, 7, "Page")
    parts = {"Major": 2025, "Minor": 5, "Build": 12, "Revision": -1, "MajorRevision": -1}
    assert header({"Version": parts}).version == "2025.5.12"


def test_a_header_is_read_no_further_than_needed():
    start = b'{"Version": "1.0", "Date": "2020-01-01T00:00:00", "Issue": 1, "PageVol": 0, "PageVolText": ""'
    assert header(start + b', "Power": [' + b" " * 200_000 + b"broken").version == "1.0"


@pytest.mark.parametrize(("text", "moment"), [("0001-01-01T00:00:00", None), ("0001-01-01T00:00:00+02:00", None)])
def test_a_date_that_was_never_set(text, moment):
    assert header({"Version": "1.0", "Date": text}).date is moment


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ({"Issue": 1}, "Version"),
        ({"Version": "1.0", "Date": "yesterday"}, "Date"),
        ({"Version": "1.0", "Issue": 1.5}, "Issue"),
        ({"Version": "1.0", "PageVol": "x"}, "PageVol"),
        (b'{"Version": ', None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_a_header_that_cannot_be_used(text, field):
    with pytest.raises(FormatError) as caught:
        header(text)
    assert (caught.value.file, caught.value.field) == ("Database.json", field)


def test_entries_in_a_folder_and_without_case(tmp_path):
    entries = {name.upper(): text for name, text in ENTRIES.items()} | {"Database.json": '{"Version": "1.0"}'}
    opened = MidsZip(archive(tmp_path / "Mids.zip", entries, "Export/2024/"))
    assert opened.missing() == [] and opened.header().version == "1.0"
    assert b"".join(opened.blocks("powers.json")) == b"[]"


def test_missing_entries_are_named(tmp_path):
    opened = MidsZip(archive(tmp_path / "Mids.zip", {"Powers.json": "[]"}))
    assert opened.missing() == ["Database.json", "Archetypes.json", "PowerSets.json", "Entities.json"]
    with pytest.raises(SourceError, match=r"Entities\.json is missing"), opened.open("Entities.json"):
        pass
    write_items(tmp_path)
    with pytest.raises(SourceError, match=r"missing in the archive: Database\.json, Archetypes"):
        open_source(tmp_path)


@pytest.mark.parametrize("name", ["../Powers.json", "a/../../x", "/etc/x", "C:/x", "a\\b.json", "./Powers.json"])
def test_names_that_point_outside_are_refused(tmp_path, name):
    with pytest.raises(SourceError, match="points outside"):
        MidsZip(archive(tmp_path / "Mids.zip", {name: "x"}))


def test_the_same_entry_twice_is_refused(tmp_path):
    for names in (["Powers.json", "POWERS.json"], ["a/Powers.json", "b/Powers.json"], ["x", "X"]):
        with pytest.raises(SourceError, match=r"twice|two entries"):
            MidsZip(archive(tmp_path / "Mids.zip", dict.fromkeys(names, "[]")))
    # A name that nobody asks for may stand in two folders.
    MidsZip(archive(tmp_path / "Mids.zip", dict.fromkeys(["a/readme", "b/readme"], "")))


def test_encrypted_entries_are_refused(tmp_path):
    path = archive(tmp_path / "Mids.zip", {"Powers.json": "[]"})
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02")
    struct.pack_into("<H", data, place + 8, 1)
    path.write_bytes(data)
    with pytest.raises(SourceError, match="encrypted"):
        MidsZip(path)


def test_an_entry_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    path = archive(tmp_path / "Mids.zip", {"Powers.json": "[" + " " * 5000 + "]"})
    monkeypatch.setattr(mids_zip, "ENTRY_LIMIT", 5001)
    with pytest.raises(SourceError, match="inflates to 5,002 bytes"):
        MidsZip(path)


def test_an_entry_that_lies_about_its_size_ends_there(tmp_path):
    """The inflated bytes never exceed the size in the table, which was checked."""
    path = tmp_path / "Mids.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("Powers.json", "[" + " " * 100_000 + "]")
    data = path.read_bytes().replace(struct.pack("<I", 100_002), struct.pack("<I", 10))
    path.write_bytes(data)
    with pytest.raises(FormatError, match="damaged"):
        b"".join(MidsZip(path).blocks("Powers.json"))


def test_a_damaged_entry_and_a_damaged_archive(tmp_path):
    path = tmp_path / "Mids.zip"
    write_mids_zip(path, HEADER, *records().values())
    data = bytearray(path.read_bytes())
    place = data.index(b"Powers.json") + 200
    data[place : place + 40] = b"\0" * 40
    path.write_bytes(data)
    with pytest.raises(FormatError, match="damaged"):
        b"".join(MidsZip(path).blocks("Powers.json"))
    path.write_bytes(bytes(data[:-30]))
    with pytest.raises(SourceError, match="no usable zip"):
        MidsZip(path)


def test_the_same_records_give_the_same_bytes(tmp_path):
    for name in ("a.zip", "b.zip"):
        write_mids_zip(tmp_path / name, HEADER, *records().values())
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert MidsZip(tmp_path / "a.zip").header() == HEADER
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "b.zip"]


def test_a_failed_write_leaves_nothing(tmp_path):
    incomplete = make(1, "power")
    del incomplete["level"]
    with pytest.raises(KeyError):
        write_mids_zip(tmp_path / "a.zip", HEADER, [], [], [incomplete], [])
    assert list(tmp_path.iterdir()) == []
