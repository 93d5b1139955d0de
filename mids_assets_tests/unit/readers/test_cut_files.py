"""A small file of every kind, cut at every byte: a typed error, or for lists that have no end mark the rows before."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from mids_assets.errors import FormatError, MidsError
from mids_assets.readers.binary import decode
from mids_assets.readers.binary_write import encode
from mids_assets.readers.json_files import (
    read_attribute_modifiers,
    read_comparison_overrides,
    read_server_data,
    read_type_grades,
)
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.json_scan import plan_chunks
from mids_assets.readers.layouts import FAMILIES, I12
from mids_assets.readers.mids_zip import MidsZip, read_database_header
from mids_assets.readers.text_power_names import read_cryptic_names, read_power_replacements
from mids_assets.readers.text_tables import (
    read_enhancement_classes,
    read_levels,
    read_maths,
    read_origins,
    read_set_types,
    write_set_types,
)
from mids_assets.readers.unpack import opened_source
from mids_assets_tests.real import SAMPLE
from mids_assets_tests.unit.readers.binary_support import sample_value

BINARY = [layout for family in FAMILIES.values() for layout in family.layouts() if layout.kind != I12.newest.kind]
"""I12 has this test beside its own faults."""
COUNT_BYTES = 4


@pytest.mark.parametrize("layout", BINARY, ids=lambda layout: f"{layout.kind}-{layout.id}")
def test_binary(layout):
    # A single recipe of r1 without its last number is one of r0.
    value = sample_value(layout, items=2 if layout.kind == "recipe" else 1)
    raw = encode(layout, value)
    layouts = FAMILIES[layout.kind].layouts()
    # Tables of thousands of numbers are cut everywhere in their beginning and end, and here and there between.
    sizes = {*range(min(600, len(raw))), *range(max(0, len(raw) - 600), len(raw)), *range(0, len(raw), 499)}
    if layout.kind == "sdata":
        # Files of this kind may end before their last list.
        sizes.remove(len(encode(layout, {**value, "enabled_incarnates": []})) - COUNT_BYTES)
    for size in sorted(sizes):
        with pytest.raises(FormatError) as caught:
            decode(raw[:size], layouts, file="Some.mhd")
        assert caught.value.offset is not None
        assert 0 <= caught.value.offset <= size
    with pytest.raises(FormatError, match=r"Some\.mhd"):
        decode(raw + b"\0", layouts, file="Some.mhd")


JSON_FILES: list[tuple[Callable[..., Any], Any]] = [
    (read_type_grades, {"SetTypes": [{"Index": 0, "Name": "A", "ShortName": "B"}]}),
    (read_server_data, {"ManifestUri": "https://example.org", "MaxSlots": 67, "EnabledIncarnates": {"Alpha": True}}),
    (read_attribute_modifiers, {"Revision": 1, "Modifier": [{"BaseIndex": 0, "ID": "Melee", "Table": [[1.5]]}]}),
    (read_comparison_overrides, {"CompOverride": [{"Powerset": "A", "Power": "B", "Override": "C"}]}),
]


@pytest.mark.parametrize(("read", "value"), JSON_FILES, ids=lambda part: getattr(part, "__name__", ""))
def test_json_file(read, value):
    data = json.dumps(value, indent=1).encode()
    for size in range(len(data)):
        with pytest.raises(FormatError):
            read(data[:size], file="f.json")
    with pytest.raises(FormatError):
        read(data + b"]", file="f.json")


LISTS = [
    ("EClasses.mhd", read_enhancement_classes),
    ("Origins.mhd", read_origins),
    ("NLevels.mhd", read_levels),
    ("Maths.mhd", read_maths),
    ("PowersReplTable.mhd", read_power_replacements),
    ("CrypticPowerNames.mhd", read_cryptic_names),
]


@pytest.mark.parametrize(("name", "read"), LISTS, ids=[name for name, _ in LISTS])
def test_list(name, read):
    """A cut in the last cell of a row cannot be seen: the row is there, and all rows before are as they were."""
    data = (SAMPLE / name).read_bytes()
    whole = rows_of(read(data))
    step = 1 if len(data) < 4_000 else 7
    for size in {*range(0, len(data), step), *range(max(0, len(data) - 100), len(data))}:
        try:
            found = rows_of(read(data[:size], file=name))
        except FormatError:
            continue
        assert len(found) <= len(whole)
        assert found[:-1] == whole[: max(0, len(found) - 1)]


def test_set_types():
    data = write_set_types([{"name": "One", "short_name": "O"}, {"name": "Two", "short_name": "T"}])
    assert [row["name"] for row in read_set_types(data)] == ["One", "Two"]
    for size in range(data.index(b"End") + 3):
        with pytest.raises(FormatError):
            read_set_types(data[:size])


def rows_of(found: Any) -> list[dict[str, Any]]:
    return [row for part in found.values() for row in part] if isinstance(found, dict) else list(found)


def zipped(path, entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in entries.items():
            out.writestr(name, data)
    return path.read_bytes()


def test_mids_zip_and_archive(tmp_path):
    names = ("Database.json", "Archetypes.json", "PowerSets.json", "Powers.json", "Entities.json")
    whole = zipped(tmp_path / "whole.zip", dict.fromkeys(names, b"[]"))
    assert MidsZip(tmp_path / "whole.zip").missing() == []
    for size in range(len(whole)):
        (tmp_path / "Mids.zip").write_bytes(whole[:size])
        with pytest.raises(MidsError):
            MidsZip(tmp_path / "Mids.zip")
    folder = zipped(tmp_path / "folder.zip", {"Homecoming/I12.mhd": b"x" * 50, "Homecoming/EnhDB.mhd": b"y"})
    for size in range(len(folder)):
        (tmp_path / "a.zip").write_bytes(folder[:size])
        with pytest.raises(MidsError, match=r"a\.zip"), opened_source(tmp_path / "a.zip"):
            pass


def test_header_of_an_export():
    data = json.dumps({"Version": "1.0", "Date": "2024-01-02T03:04:05", "Issue": 27, "PageVol": 7}, indent=1).encode()
    for size in range(len(data)):
        with pytest.raises(FormatError):
            read_database_header(io.BytesIO(data[:size]), file="Database.json")


def test_records(tmp_path):
    record = {"internal_name": "S_é", "external_name": "A", "rarity": 1, "level_min": 0, "level_max": 9, "origin": 2}
    data = ("[" + ",\n".join([json.dumps(record, ensure_ascii=False)] * 3) + "]").encode()
    path = tmp_path / "records.json"
    for size in range(len(data)):
        path.write_bytes(data[:size])
        with pytest.raises(FormatError, match=re.escape(str(path))):
            plan_chunks(path, 60)
    # Within a file that is whole, a record that ends too early is one record in the quarantine.
    text = json.dumps(record)
    for size in range(1, len(text)):
        batch = decode_records(f"[{text},\n{text[:size]},\n{text}]".encode(), "canonical", "salvage")
        assert batch.frame.height + len(batch.failures) == batch.records
        assert batch.frame["source_position"].to_list()[:1] == [0]
        assert batch.failures
