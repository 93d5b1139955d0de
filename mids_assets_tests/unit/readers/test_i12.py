"""I12.mhd as header, raw JSON and frames, in every layout."""

import hashlib
import json
import math
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from mids_assets.errors import FormatError, SourceError, UserError
from mids_assets.readers.binary import decode
from mids_assets.readers.binary_write import encode, write_file
from mids_assets.readers.columnar import frame_from_rows
from mids_assets.readers.i12 import (
    ENTITIES,
    RAW_FILES,
    I12File,
    frame_batches,
    frames_schema,
    read_frames,
    read_header,
    write_raw_json,
)
from mids_assets.readers.i12_write import write_i12
from mids_assets.readers.layouts import I12
from mids_assets.readers.upgrade import upgrade_rows
from mids_assets_tests.unit.readers.binary_support import REAL, needs_real, sample_value

LAYOUTS = [layout.id for layout in I12.layouts()]
REAL_I12 = REAL / "releases" / "homecoming-2022-03-31" / "I12.mhd"
SAVED = datetime(2021, 3, 31, 16, 12, 4, tzinfo=UTC)


def made_up(path, layout="r3", **change):
    value = sample_value(I12.newest, items=2)
    given = {name: value[name] for name in ENTITIES} | change
    write_i12(path, version="21.0331", date=SAVED, page_volume=3, page_volume_text="Page", layout=layout, **given)
    return given


def tuples(value, record):
    return tuple(
        value[field.name]
        if not field.record
        else tuples(value[field.name], I12.newest[field.record])
        if field.wire == "record"
        else [tuples(item, I12.newest[field.record]) for item in value[field.name]]
        for field in record
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_header_of_every_layout(tmp_path, layout):
    made_up(tmp_path / "I12.mhd", layout)
    header = read_header(tmp_path / "I12.mhd")
    assert (header.version, header.date, header.issue, header.layout) == ("21.0331", SAVED, 27, layout)
    paged = layout in ("h9", "r1", "r2", "r3")
    assert (header.page_volume, header.page_volume_text) == ((3, "Page") if paged else (0, ""))
    assert header.magic == I12.layout(layout).magics[0]


def test_header_with_a_calendar_day(tmp_path):
    value = sample_value(I12.newest)
    value["header"] |= {"date_sentinel": 2008, "date_month": 5, "date_day": 7, "date": None}
    write_file(tmp_path / "I12.mhd", I12.newest, value)
    assert read_header(tmp_path / "I12.mhd").date == datetime(2008, 5, 7, tzinfo=UTC)
    value["header"]["date_month"] = 13
    write_file(tmp_path / "I12.mhd", I12.newest, value)
    with pytest.raises(FormatError) as caught:
        read_header(tmp_path / "I12.mhd")
    assert (caught.value.record, caught.value.field) == ("header", "date")


def test_a_version_that_is_no_number_has_no_place_in_an_old_layout(tmp_path):
    with pytest.raises(UserError, match=r"2022\.3\.1"):
        write_i12(
            tmp_path / "x",
            version="2022.3.1",
            date=None,
            archetypes=[],
            powersets=[],
            powers=[],
            entities=[],
            layout="h8",
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_ends_in_the_newest_shape(tmp_path, layout):
    written = made_up(tmp_path / "I12.mhd", layout)
    frames = read_frames(tmp_path / "I12.mhd")
    for section, entity in ENTITIES.items():
        assert frames[entity].schema == frames_schema(entity)
        assert frames[entity]["source_position"].to_list() == list(range(len(written[section])))
    old = I12.layout(layout)
    stored = {name: {field.name for field in old[name]} for name in ("power", "effect")}
    for position, power in enumerate(frames["power"].to_dicts()):
        expected = written["powers"][position]
        for name, value in power.items():
            if name in stored["power"] and name not in ("effects", "requires"):
                assert value == expected[name], name
        assert power["requires"] == expected["requires"]
        if "base_recharge_time" not in stored["power"]:
            assert power["base_recharge_time"] == expected["recharge_time"]
        if "enhancement_class_ids" not in stored["power"]:
            assert power["enhancement_class_ids"] is None
        for name, default in {
            "inherent_type": 0,
            "variable_override": False,
            "active": False,
            "taken": False,
            "stacks": 0,
            "variable_start": 0,
        }.items():
            if name not in stored["power"]:
                assert power[name] is default or power[name] == default, name
        for effect, source in zip(power["effects"], expected["effects"], strict=True):
            for name, value in effect.items():
                if name in stored["effect"] and "expression" not in name:
                    assert value == source[name], name
            if "power_attrib" not in stored["effect"]:
                unset = {
                    name: value
                    for name, value in effect.items()
                    if name.startswith("attrib_") and name != "attrib_type"
                }
                areas = {unset.pop("attrib_original_effect_area"), unset.pop("attrib_modified_effect_area")}
                assert areas == {0}
                assert len(unset) == 22
                assert set(unset.values()) == {-1}
                assert (effect["power_attrib"], effect["conditionals"]) == (0, [])
            if "ignore_scaling" not in stored["effect"]:
                assert effect["ignore_scaling"] is False
            assert effect["magnitude_expression"] == source["magnitude_expression"]
            if "probability_expression" not in stored["effect"]:
                assert (effect["duration_expression"], effect["probability_expression"]) == ("", "")


def test_an_old_formula_of_two_parts_is_split(tmp_path):
    value = sample_value(I12.newest)
    value["powers"][0]["effects"][0]["magnitude_expression"] = "a 2 *///b 3 *"
    value["powers"][0]["effects"][1]["magnitude_expression"] = ""
    made_up(tmp_path / "I12.mhd", "r1", powers=value["powers"])
    first, second = read_frames(tmp_path / "I12.mhd")["power"]["effects"][0].to_list()
    names = ("duration_expression", "magnitude_expression", "probability_expression")
    assert [first[name] for name in names] == ["", "a 2 *", "b 3 *"]
    assert [second[name] for name in names] == ["", "", ""]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_raw_json_and_frames_agree(tmp_path, layout):
    made_up(tmp_path / "I12.mhd", layout)
    written = write_raw_json(tmp_path / "I12.mhd", tmp_path / "raw")
    frames = read_frames(tmp_path / "I12.mhd")
    assert sorted(written) == sorted(RAW_FILES.values())
    for entity, name in RAW_FILES.items():
        data = (tmp_path / "raw" / name).read_bytes()
        records = json.loads(data)
        assert frames[entity].drop("source_position").to_dicts() == records
        result = written[name]
        assert (result.records, result.bytes) == (len(records), len(data))
        assert result.sha256 == hashlib.sha256(data).hexdigest()
        assert result.starts.dtype == np.int64
        lines = data.splitlines(keepends=True)
        assert (lines[0], lines[-1]) == (b"[\n", b"]\n")
        assert [json.loads(data[start:].split(b"\n", 1)[0].rstrip(b",")) for start in result.starts] == records
        assert list(records[0]) == [field.name for field in I12.newest[entity]]


def test_no_records_at_all(tmp_path):
    made_up(tmp_path / "I12.mhd", archetypes=[], powersets=[], powers=[], entities=[])
    written = write_raw_json(tmp_path / "I12.mhd", tmp_path)
    assert {name: (file.records, file.path.read_bytes()) for name, file in written.items()} == dict.fromkeys(
        RAW_FILES.values(), (0, b"[\n]\n")
    )
    assert {entity: frame.schema for entity, frame in read_frames(tmp_path / "I12.mhd").items()} == {
        entity: frames_schema(entity) for entity in RAW_FILES
    }


def test_what_json_cannot_hold_becomes_text_in_that_record_only(tmp_path):
    value = sample_value(I12.newest, items=3)
    value["archetypes"][1]["damage_cap"] = math.inf
    value["powers"][1]["accuracy"] = math.nan
    value["powers"][1]["effects"][2]["scale"] = -math.inf
    made_up(tmp_path / "I12.mhd", powers=value["powers"])
    write_raw_json(tmp_path / "I12.mhd", tmp_path)
    powers = json.loads((tmp_path / "i12.json").read_bytes())
    assert powers[1]["accuracy"] == "NaN"
    assert powers[1]["effects"][2]["scale"] == "-Infinity"
    assert [powers[0], powers[2]] == [value["powers"][0], value["powers"][2]]


@pytest.mark.parametrize("layout", ["r3", "h3"])
def test_a_broken_file_leaves_nothing_behind(tmp_path, layout):
    raw = encode(I12.layout(layout), sample_value(I12.layout(layout), items=3))
    (tmp_path / "I12.mhd").write_bytes(raw[:-1])
    with pytest.raises(FormatError) as caught:
        write_raw_json(tmp_path / "I12.mhd", tmp_path / "raw")
    assert caught.value.record == "summoned_entity 2"
    assert f"layout {layout}" in caught.value.message
    assert not (tmp_path / "raw").exists()
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "other").touch()
    with pytest.raises(FormatError):
        write_raw_json(tmp_path / "I12.mhd", tmp_path / "raw")
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["other"]


def test_what_lies_before_the_fault_is_read(tmp_path):
    raw = encode(I12.newest, sample_value(I12.newest, items=3))
    (tmp_path / "I12.mhd").write_bytes(raw[:-1])
    assert read_header(tmp_path / "I12.mhd").layout == "r3"
    entities = []
    with pytest.raises(FormatError):
        for entity, _ in frame_batches(tmp_path / "I12.mhd"):
            entities.append(entity)
    assert entities == ["archetype", "powerset", "power"]


def test_other_bytes_than_those_announced_are_refused(tmp_path):
    made_up(tmp_path / "I12.mhd")
    announced = hashlib.sha256((tmp_path / "I12.mhd").read_bytes()).hexdigest()
    assert write_raw_json(tmp_path / "I12.mhd", tmp_path / "raw", sha256=announced)
    with pytest.raises(SourceError, match="was changed while it was being read"):
        write_raw_json(tmp_path / "I12.mhd", tmp_path / "other", sha256="0" * 64)
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_records_converted_while_they_are_read_are_those_converted_afterwards(tmp_path, layout):
    made_up(tmp_path / "I12.mhd", layout)
    batches = list(I12File(tmp_path / "I12.mhd").batches(1))
    decoded = decode((tmp_path / "I12.mhd").read_bytes(), [I12.layout(layout)])
    sections = zip([field.name for field in decoded.layout["file"]], decoded.value, strict=True)
    for section, rows in sections:
        if section in ENTITIES and isinstance(rows, list):
            entity = ENTITIES[section]
            found = [(batch.first, batch.rows) for batch in batches if batch.entity == entity]
            assert found == [(at, [row]) for at, row in enumerate(upgrade_rows(I12, decoded.layout, entity, rows))]


@needs_real
def test_real_database(tmp_path):
    frames = read_frames(REAL_I12)
    assert {entity: frame.height for entity, frame in frames.items()} == {
        "archetype": 61,
        "powerset": 3568,
        "power": 9649,
        "summoned_entity": 464,
    }
    assert frames["power"]["effects"].list.len().sum() == 65_293
    written = write_raw_json(REAL_I12, tmp_path)
    assert {name: file.records for name, file in written.items()} == {
        "archetype.json": 61,
        "powerset.json": 3568,
        "i12.json": 9649,
        "summoned_entity.json": 464,
    }
    starts = written["i12.json"].starts
    with (tmp_path / "i12.json").open("rb") as source:
        for position in (0, 1, 499, 500, 5000, 9648):
            source.seek(starts[position])
            record = json.loads(source.readline().rstrip(b",\n"))
            row = frame_from_rows(I12.newest.records, "power", [tuples(record, I12.newest["power"])])
            assert row.equals(frames["power"].drop("source_position")[position])
    assert read_header(REAL_I12).version == "2022.3.1331"
    assert frames["archetype"].filter(pl.col("class_name") == "Class_Blaster")["resistance_cap"].to_list() == [0.75]
