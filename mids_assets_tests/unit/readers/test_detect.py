"""Kinds of files by their content, whatever their name."""

import json
import struct
import zipfile

import pytest

from mids_assets.readers.binary_write import encode
from mids_assets.readers.detect import Kind, detect
from mids_assets.readers.layouts import FAMILIES, I12
from mids_assets_tests.unit.readers.binary_support import LAYOUT_IDS, LAYOUTS, REAL, needs_real, sample_value

REAL_KINDS = {
    "i12.mhd": Kind.I12,
    "enhdb.mhd": Kind.ENHDB,
    "recipe.mhd": Kind.RECIPE,
    "salvage.mhd": Kind.SALVAGE,
    "globalmods.mhd": Kind.GLOBALMODS,
    "sdata.mhd": Kind.SDATA,
    "compare.mhd": Kind.COMPARE,
    "attribmod.mhd": Kind.ATTRIBMOD,
    "uddata.mhd": Kind.UDDATA,
    "eclasses.mhd": Kind.ECLASSES,
    "origins.mhd": Kind.ORIGINS,
    "nlevels.mhd": Kind.LEVELS,
    "rlevels.mhd": Kind.LEVELS,
    "levels.mhd": Kind.LEVELS,
    "maths.mhd": Kind.MATHS,
    "settypes.mhd": Kind.SETTYPES,
    "bbcode.mhd": Kind.BBCODE,
    "powersrepltable.mhd": Kind.POWERS_REPLACEMENT,
    "crypticpowernames.mhd": Kind.CRYPTIC_NAMES,
    "typegrades.json": Kind.TYPEGRADES_JSON,
    "sdata.json": Kind.SDATA_JSON,
    "compare.json": Kind.COMPARE_JSON,
    "mids.zip": Kind.ZIP,
    "example updatemanifest.xml": Kind.XML,
}


@pytest.fixture
def kind_of(tmp_path):
    def check(data: bytes, name: str = "anything.bin") -> Kind:
        (tmp_path / name).write_bytes(data)
        return detect(tmp_path / name)

    return check


@needs_real
@pytest.mark.parametrize("name", REAL_KINDS)
def test_real_files_under_a_name_that_says_nothing(name, kind_of):
    found = [path for path in REAL.rglob("*") if path.name.lower() == name]
    assert found
    for path in found:
        assert kind_of(path.read_bytes()) is REAL_KINDS[name], path


@needs_real
def test_windows_line_ends_change_nothing(kind_of):
    for path in (REAL / "midsreborn" / "Homecoming").iterdir():
        kind = REAL_KINDS[path.name.lower()]
        if kind in FAMILIES:
            continue
        data = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        assert kind_of(data) is kind, path
        assert kind_of(b"\xef\xbb\xbf" + data) is kind, path


@pytest.mark.parametrize("layout", LAYOUTS, ids=LAYOUT_IDS)
def test_every_binary_layout(layout, kind_of):
    raw = encode(layout, sample_value(layout))
    assert kind_of(raw) == layout.kind
    if layout.magics:
        assert kind_of(raw[:-1]) == layout.kind


def test_a_database_of_issue_9_is_refused_by_name_and_by_content(kind_of):
    old = encode(I12.layout("h8"), sample_value(I12.layout("h8"), items=3))
    assert kind_of(old, "I12.mhd") is Kind.I12
    assert kind_of(old, "i9.MHD") is Kind.I9
    start = old.index(b"BEGIN:ARCHETYPES") + len(b"BEGIN:ARCHETYPES")
    # In Issue 9 the count follows the marker at once, and the records are other ones.
    assert kind_of(old[:start] + struct.pack("<i", 20) + bytes(range(256)) * 20) is Kind.I9


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", Kind.EMPTY),
        (b" \r\n", Kind.EMPTY),
        (b"<!DOCTYPE html><html>", Kind.HTML),
        (b"\n<html lang='en'>", Kind.HTML),
        (b"<?xml version='1.0'?><item/>", Kind.XML),
        (b"\x16Mids Reborn Patch Data\x00\x00\x00\x00", Kind.PATCH),
        (b"[{}]", Kind.JSON),
        (b'{"broken": ', Kind.JSON),
        (b'{"modifier": [], "Revision": 1}', Kind.ATTRIBMOD_JSON),
        (b'{"maxslots": 67}', Kind.SDATA_JSON),
        (b'{"Name": "Mids Reborn Types and Grades"}', Kind.TYPEGRADES_JSON),
        (b'{"Name": "Something else"}', Kind.JSON),
        (b"Power: A.B.C\n  Level: 1\n", Kind.I12_TEXT),
        (b"# none yet\n[Global]\n", Kind.POWERS_REPLACEMENT),
        (b"12, 34 # why\n", Kind.POWERS_REPLACEMENT),
        (b"A.B.C , D.E.F\n", Kind.CRYPTIC_NAMES),
        (b"# only a remark\n", Kind.UNKNOWN),
        (b"hello", Kind.UNKNOWN),
        (b"\x89PNG\r\n\x1a\n\0\0\0\r", Kind.UNKNOWN),
        (bytes(4), Kind.GLOBALMODS),
        (b"\x02\0\0\0\x01a\x02bc", Kind.GLOBALMODS),
        (b"\x02\0\0\0\x01a\x02bcd", Kind.UNKNOWN),
    ],
)
def test_small_contents(data, kind, kind_of):
    assert kind_of(data) is kind


def test_zip(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.mru", "w") as archive:
        archive.writestr("x", "y")
    assert detect(tmp_path / "a.mru") is Kind.ZIP


EXPORTED = {
    Kind.EXPORTER_ARCHETYPES: {"id": 1, "name": "Class_X", "primary_category": "X_Ranged"},
    Kind.EXPORTER_POWERSETS: {"id": 1, "name": "X.Y", "set_type": "Primary", "archetype_id": None},
    Kind.EXPORTER_POWERS: {"id": 1, "powerset_id": 1, "name": "Z", "effects": [{"id": 1, "name": "", "type_class": 1}]},
    Kind.EXPORTER_I12: {"Name": "Z", "PowersetName": "X.Y", "Effects": []},
    Kind.EXPORTER_ENHANCEMENTS: {"id": 1, "name": "E", "type_class": "Damage"},
    Kind.EXPORTER_RECIPES: {"id": 1, "enhancement_id": 1, "rarity": "Rare"},
    Kind.EXPORTER_SALVAGE: {"id": 1, "name": "S", "rarity": "Rare", "origin": "Tech"},
    Kind.MIDS_JSON: {"DisplayName": "X", "ClassName": "Class_X"},
}


@pytest.mark.parametrize(("kind", "record"), EXPORTED.items(), ids=[str(kind) for kind in EXPORTED])
def test_records_are_told_by_their_keys(kind, record, kind_of):
    text = json.dumps(record)
    for spelled in (
        f"[{text}]",
        json.dumps([record, record], indent=2),
        f'\ufeff{{"version": [], "deep": {{"a": [{{"id": 1}}]}}, "records": [{text}]}}',
        f"{text}\n{text}\n",
        # One wrong record in front, and a file that is cut off.
        f'[{{"id": 1}}, {text}, {{"id',
        f"[{text}, {' ' * 70_000}{{]",
    ):
        assert kind_of(spelled.encode()) is kind, spelled[:80]


@pytest.mark.parametrize("text", ["[]", "{}", "[[1]]", '[{"id": 1}]', '{"a": {"PowersetName": 1, "Name": 2}}', "["])
def test_other_json_is_only_json(text, kind_of):
    assert kind_of(text.encode()) is Kind.JSON


def test_of_a_large_file_only_the_beginning_is_read(tmp_path):
    path = tmp_path / "big.json"
    with path.open("wb") as out:
        out.write(b'[{"Name": "Z", "PowersetName": "X.Y"},')
        out.truncate(3 * 1024**3)
    assert detect(path) is Kind.EXPORTER_I12
    path.write_bytes(b"Power: A.B.C\n  Level: 1\n" + b"\n" * 200_000)
    assert detect(path) is Kind.I12_TEXT
