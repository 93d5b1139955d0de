"""Inputs that once ended in something else than a typed error; each stays a test."""

from __future__ import annotations

import io
import json

import pytest

from mids_assets.errors import FormatError, MidsError
from mids_assets.model.enums import CODES
from mids_assets.readers import json_files
from mids_assets.readers.archive import extract_archive
from mids_assets.readers.binary import decode
from mids_assets.readers.binary_write import encode
from mids_assets.readers.detect_records import record_kind
from mids_assets.readers.i12_text import power_records
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.layouts import UDDATA
from mids_assets.readers.mids_zip import MidsZip, read_database_header
from mids_assets.readers.raw import write_raw
from mids_assets.readers.source import open_source
from mids_assets_tests.real import SAMPLE
from mids_assets_tests.unit.readers.exporter_support import exporter_folder


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (json_files.read_comparison_overrides, b'{"C\\ud800": 1, "CompOverride": []}'),
        (json_files.read_comparison_overrides, b'{"CompOverride": [{"Power": "\\ud800"}]}'),
        (json_files.read_server_data, b'{"ManifestUri": "\\ud800"}'),
        (json_files.read_server_data, b'{"BaseFlySpeed": ' + b"1" * 400 + b"}"),
    ],
    ids=["surrogate in a key", "surrogate in a text", "surrogate in a setting", "integer of 400 digits"],
)
def test_small_json_files(read, data):
    with pytest.raises(FormatError):
        read(data, file="x.json")


@pytest.mark.parametrize("key", ["X\\u0000y", "X\\\\y", 'X\\"y', "X\\ny"])
def test_an_unknown_key_that_must_be_escaped_is_counted_and_costs_nothing(key):
    data = f'[{{"UID":"a","{key}":1}},{{"UID":"b"}},{{"UID":"c","{key}":2,"Plain":3}}]'.encode()
    batch = decode_records(data, "mids_zip", "summoned_entity")
    assert batch.frame["uid"].to_list() == ["a", "b", "c"] and not batch.failures
    assert sorted(batch.unknown.values()) == [1, 2]


def test_an_unknown_key_with_half_a_surrogate_costs_its_record_alone():
    batch = decode_records(b'[{"UID":"a","X\\ud800y":1},{"UID":"b"}]', "mids_zip", "summoned_entity")
    assert batch.frame["uid"].to_list() == ["b"]
    assert [(failure.position, failure.rule) for failure in batch.failures] == [(0, "text")]


def test_a_length_in_more_bytes_than_needed():
    good = encode(UDDATA.newest, {"magic": UDDATA.newest.magics[0], "manifest_uri": "abc"})
    assert decode(good, UDDATA.layouts()).value
    with pytest.raises(FormatError, match="more bytes than needed"):
        decode(good.replace(b"\x03abc", b"\x83\x00abc"), UDDATA.layouts())


@pytest.mark.parametrize("before", [0, 65_000], ids=["in the first block", "across two blocks"])
def test_an_integer_that_crashes_ijson_is_refused_by_the_header(before):
    data = b'{"Text": "' + b"x" * before + b'", "Version": "1.2", "Issue": ' + b"1" * 5000 + b', "PageVol": 1}'
    with pytest.raises(FormatError, match="more than 1,000 digits"):
        read_database_header(io.BytesIO(data), file="Database.json")


def test_an_integer_that_crashes_ijson_leaves_records_without_a_kind():
    head = b'[{"id": 1, "name": "a", "hit_points_base": ' + b"1" * 5000 + b', "primary_category": "b"}]'
    assert record_kind(head) is None
    assert record_kind(head.replace(b"1" * 5000, b"1" * 100)) == "exporter_archetypes"


def test_effects_with_a_value_of_their_own_refuse_their_power_alone(tmp_path):
    path = tmp_path / "I12_extracted.txt"
    path.write_bytes(b"Power: A.B.C\n  Effects: x\n    Effect: Damage\nPower: A.B.D\n  Effects:\n    Effect: Damage\n")
    first, second = map(json.loads, power_records(path, set()))
    assert first["Effects"] == "x" and first["Effect"] == "Damage"
    assert second["Effects"] == [{"EffectType": "Damage"}]


def damaged_exporter(folder, name, old, new, power_file):
    place = exporter_folder(folder, power_file) / name
    data = place.read_bytes()
    assert old in data
    place.write_bytes(data.replace(old, new, 1))
    return open_source(place.parent)


def test_a_key_inside_a_list_that_is_no_text_costs_its_recipe_alone(tmp_path):
    damage = ("recipes.json", b'"salvage_id": 91', b'"salvag\xe5_id": 91', "powers.json")
    source = damaged_exporter(tmp_path / "place", *damage)
    (raw,) = write_raw(source, "recipe", tmp_path / "raw")
    batch = decode_records(raw.path.read_bytes(), "data_exporter", "recipe", codes=CODES)
    assert [(failure.position, failure.rule) for failure in batch.failures] == [(0, "encoding")]
    assert batch.frame.height == 1


@pytest.mark.parametrize("name", [b"Fire\xff", b"Fire\\ud800"], ids=["bytes", "half a surrogate pair"])
def test_the_name_of_a_powerset_that_is_no_text_costs_no_power(tmp_path, name):
    damage = ("powersets.json", b"Blaster_Ranged.Fire_Blast", name, "I12_extracted.txt")
    source = damaged_exporter(tmp_path / "place", *damage)
    (raw,) = write_raw(source, "power", tmp_path / "raw")
    batch = decode_records(raw.path.read_bytes(), "data_exporter_i12", "power", codes=CODES)
    assert batch.frame.height == 2 and not batch.failures


@pytest.fixture
def lying_elsewhere(tmp_path):
    """An archive whose directory says that everything lies 500 bytes before its place."""
    data = bytearray((SAMPLE / "Mids.zip").read_bytes())
    end = data.rindex(b"PK\x05\x06")
    offset = int.from_bytes(data[end + 16 : end + 20], "little")
    data[end + 16 : end + 20] = (offset + 500).to_bytes(4, "little")
    path = tmp_path / "Mids.zip"
    path.write_bytes(data)
    return path


def test_an_archive_whose_directory_lies_elsewhere(lying_elsewhere):
    with pytest.raises(MidsError, match=r"Mids\.zip"):
        MidsZip(lying_elsewhere).header()


def test_unpacking_an_archive_whose_directory_lies_elsewhere(lying_elsewhere, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(FormatError, match=r"Mids\.zip, record file 0: .* lies outside of it"):
        extract_archive(lying_elsewhere, out)
