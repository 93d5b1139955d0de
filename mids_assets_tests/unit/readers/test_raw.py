"""raw/<entity>: every kind of source ends in the same JSON records."""

import hashlib
import json
import shutil
import zipfile
from dataclasses import replace

import polars as pl
import pytest

from mids_assets.errors import FormatError, SourceError
from mids_assets.readers.binary_write import write_file
from mids_assets.readers.builtin_types import built_in_types
from mids_assets.readers.json_files import write_attribute_modifiers, write_type_grades
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.json_structure import record_spans
from mids_assets.readers.layouts import ATTRIBMOD, ENHDB
from mids_assets.readers.raw import RAW_FILES, write_raw
from mids_assets.readers.source import open_source
from mids_assets.transform.reference_frames import validate_reference
from mids_assets_tests.unit.readers.binary_support import REAL, needs_real
from mids_assets_tests.unit.readers.json_support import make, row
from mids_assets_tests.unit.readers.source_support import (
    CLASSES,
    database,
    records,
    write_compare,
    write_globalmods,
)

EXPECTED = {
    "archetype": records()["archetypes"],
    "powerset": records()["powersets"],
    "power": records()["powers"],
    "summoned_entity": records()["entities"],
    "enhancement": [make(1, "enhancement")],
    "enhancement_set": [make(2, "enhancement_set")],
    "recipe": [make(seed, "recipe") for seed in range(3)],
    "salvage": [make(1, "salvage")],
}


def written(folder, entity, out):
    (raw,) = write_raw(open_source(folder), entity, out)
    assert raw.path == out / raw.name == out / RAW_FILES[entity]
    data = raw.path.read_bytes()
    assert (raw.bytes, raw.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    return raw, data


def reference(folder, out):
    raw, data = written(folder, "reference", out)
    tables = json.loads(data)
    assert raw.records == sum(len(table["records"]) for table in tables.values())
    return tables


@pytest.mark.parametrize("form", ["i12", "mids_zip"])
@pytest.mark.parametrize("entity", EXPECTED)
def test_every_entity_of_both_forms(tmp_path, form, entity):
    raw, data = written(database(tmp_path / "place", form), entity, tmp_path / "raw")
    batch = decode_records(data, raw.shape, entity)
    assert batch.failures == [] and batch.unknown == {}
    found = batch.frame.drop("source_position", "source_offset", "extra").to_dicts()
    assert found == [row(entity, value) for value in EXPECTED[entity]]
    assert raw.records == len(found)
    if raw.offsets is not None:
        assert raw.offsets.tolist() == record_spans(data)[0].tolist() == batch.frame["source_offset"].to_list()
    main = entity in ("archetype", "powerset", "power", "summoned_entity")
    assert raw.shape == ("mids_zip" if main and form == "mids_zip" else "canonical")
    assert not [path for path in (tmp_path / "raw").iterdir() if path.suffix != ".json"]


def test_one_pass_over_the_binary_file_serves_its_four_entities(tmp_path, monkeypatch):
    from mids_assets.readers import raw as module

    calls = []
    real = module.write_raw_json
    monkeypatch.setattr(module, "write_raw_json", lambda *args, **named: calls.append(args) or real(*args, **named))
    monkeypatch.setattr(module, "_last_pass", None)
    source = open_source(database(tmp_path / "place"))
    out = tmp_path / "raw"
    for entity in ("power", "archetype", "powerset", "summoned_entity"):
        write_raw(source, entity, out)
    assert len(calls) == 1
    # Gone, or for another folder: written again.
    (out / "powerset.json").unlink()
    assert write_raw(source, "powerset", out)[0].path.exists()
    write_raw(source, "powerset", tmp_path / "other")
    assert len(calls) == 3


def test_an_export_is_taken_as_it_came(tmp_path):
    folder = database(tmp_path / "place", "mids_zip")
    raw, data = written(folder, "power", tmp_path / "raw")
    with zipfile.ZipFile(folder / "Mids.zip") as archive:
        assert archive.read("Powers.json") == data
    assert raw.offsets is None and raw.note == ""


def test_powers_nested_in_powersets_are_left_out_and_noted(tmp_path):
    folder = database(tmp_path / "place", "mids_zip")
    nested = [{"FullName": "A.B", "Powers": [{"FullName": "A.B.C", "Effects": [{}]}], "nID": n} for n in range(3)]
    with zipfile.ZipFile(folder / "Mids.zip") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(folder / "Mids.zip", "w") as archive:
        for name, data in (entries | {"PowerSets.json": json.dumps(nested, indent=2).encode()}).items():
            archive.writestr(name, data)
    raw, data = written(folder, "powerset", tmp_path / "raw")
    assert json.loads(data) == [{"FullName": "A.B", "nID": n} for n in range(3)]
    assert raw.records == 3 and "left out" in raw.note
    assert raw.offsets is not None and raw.offsets.tolist() == record_spans(data)[0].tolist()


@pytest.mark.parametrize("form", ["i12", "mids_zip"])
@pytest.mark.parametrize("entity", RAW_FILES)
def test_other_bytes_than_those_that_were_hashed_are_refused(tmp_path, form, entity):
    """What is parsed may be whole and good, and yet not what the release was identified by."""
    source = open_source(database(tmp_path / "place", form))
    for kind, file in source.files.items():
        source.files[kind] = replace(file, sha256="0" * 64)
    with pytest.raises(SourceError, match="was changed"):
        write_raw(source, entity, tmp_path / "raw")
    assert list((tmp_path / "raw").iterdir()) == []


def test_a_damaged_export_leaves_no_file(tmp_path):
    folder = database(tmp_path / "place", "mids_zip")
    with zipfile.ZipFile(folder / "Mids.zip") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(folder / "Mids.zip", "w") as archive:
        for name, data in (entries | {"Powers.json": entries["Powers.json"][:-5]}).items():
            archive.writestr(name, data)
    with pytest.raises(FormatError, match="cut off") as caught:
        write_raw(open_source(folder), "power", tmp_path / "raw")
    assert caught.value.file == f"{folder}/Mids.zip/Powers.json"
    assert list((tmp_path / "raw").iterdir()) == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_cannot_hold_is_kept_as_text_and_refused_by_name(tmp_path, value):
    folder = database(tmp_path / "place")
    odd = make(3, "enhancement") | {"effect_chance": value}
    enhdb = {"magic": ENHDB.newest.magics[0], "version": 0.0, "sets": []}
    write_file(folder / "EnhDB.mhd", ENHDB.newest, {**enhdb, "enhancements": [make(1, "enhancement"), odd]})
    _, data = written(folder, "enhancement", tmp_path / "raw")
    batch = decode_records(data, "canonical", "enhancement")
    spelled = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    assert [(failure.position, failure.path, failure.message) for failure in batch.failures] == [
        (1, "effect_chance", f'"{spelled}" instead of a number')
    ]
    assert batch.frame.height == 1


def test_such_a_number_in_a_table_of_modifiers_is_quarantined_alone(tmp_path):
    folder = database(tmp_path / "place")
    rows = [{"values": [1.0, float("inf") if level == 7 else 2.0]} for level in range(55)]
    table = {"id": "Melee", "base_index": 0, "rows": rows}
    head = {"magic": ATTRIBMOD.newest.magics[0], "revision": 0, "revision_date": 0}
    head |= {"source_index": "", "source_tables": ""}
    write_file(folder / "AttribMod.mhd", ATTRIBMOD.newest, {**head, "tables": [table]})
    found = validate_reference(reference(folder, tmp_path / "raw"))["attribute_modifier"]
    assert found.frame.height == 2 * 55 - 1
    ((field, record),) = found.quarantine.select("field", "record").rows()
    assert field == "rows[7][1]" and json.loads(record)["value"] == "Infinity"


def test_reference_of_the_least_source(tmp_path):
    tables = reference(database(tmp_path / "place"), tmp_path / "raw")
    assert tables == {
        "enhancement_class": {"source_file": "EClasses.mhd", "records": CLASSES},
        **{name: {"source_file": "built-in", "records": items} for name, items in built_in_types().items()},
    }
    assert len(tables["set_type"]["records"]) == 50


def test_reference_of_a_full_source(tmp_path):
    folder = database(tmp_path / "place")
    grades = {
        "set_type": [{"name": "Melee", "short_name": "M", "description": None}],
        "enhancement_grade": [],
        "special_enhancement_type": [{"name": "X", "short_name": "", "description": "d"}],
    }
    modifier = {"name": "Melee_Damage", "base_index": 100, "rows": [[0.3], []]}
    override = {"powerset": "A", "power": "B", "override": "C"}
    (folder / "typegrades.JSON").write_bytes(write_type_grades(grades))
    (folder / "SetTypes.mhd").write_bytes(b"Version:\t1\nSetID\n0\tOld\tOld\nEnd\n")
    (folder / "AttribMod.json").write_bytes(write_attribute_modifiers([modifier]))
    (folder / "SData.json").write_bytes(b'{"MaxSlots": 72}')
    (folder / "Origins.mhd").write_bytes(b"Version:\t1\nOrigin\nMagic\tD\tS\nEnd\n")
    levels = b"Level\tPower\tSlots\n" + b"".join(b"%d\t1\t2\n" % number for number in range(1, 51))
    (folder / "Levels.mhd").write_bytes(levels)
    (folder / "RLevels.mhd").write_bytes(levels)
    (folder / "PowersReplTable.mhd").write_bytes(b"[Blaster]\n1, 2\n")
    (folder / "CrypticPowerNames.mhd").write_bytes(b"A.B.C, A.B.D\n")
    write_globalmods(folder, ["Damage", "damage"])
    write_compare(folder, [override])
    (folder / "Compare.json").write_bytes(b'{"CompOverride": [{"Powerset": "not read"}]}')
    tables = reference(folder, tmp_path / "raw")
    assert {name: table["records"] for name, table in tables.items() if name in grades} == grades
    assert tables["set_type"]["source_file"] == "typegrades.JSON"
    assert tables["attribute_modifier_table"]["records"] == [modifier]
    assert {"key": "max_slots", "value": "72", "type": "integer"} in tables["server_setting"]["records"]
    assert tables["origin"]["records"] == [{"name": "Magic", "dual_graphic": "D", "single_graphic": "S"}]
    assert tables["effect_tag"]["records"] == [{"name": "Damage"}, {"name": "damage"}]
    assert tables["comparison_override"] == {"source_file": "Compare.mhd", "records": [override]}
    assert tables["level_schedule"]["source_file"] == "Levels.mhd, RLevels.mhd"
    schedule = tables["level_schedule"]["records"]
    assert [(record["kind"], record["level"]) for record in schedule[::49]] == [("N", 0), ("N", 49), ("R", 48)]
    assert tables["power_replacement"]["records"] == [
        {"kind": "index", "archetype": "blaster", "old": "1", "new": "2"},
        {"kind": "cryptic", "archetype": "", "old": "A.B.C", "new": "A.B.D"},
    ]


@needs_real
@pytest.mark.real
def test_real_releases(tmp_path):
    """Every entity of the oldest and the newest release decodes without one failure."""
    counts = {}
    for name in ("homecoming-2019-07-28", "homecoming-2022-03-31"):
        source = open_source(REAL / "releases" / name)
        for entity in RAW_FILES:
            (raw,) = write_raw(source, entity, tmp_path / name)
            counts[name[-10:-6], entity] = raw.records
            if entity not in ("reference", "power"):
                batch = decode_records(raw.path.read_bytes(), raw.shape, entity)
                assert batch.failures == [] and batch.frame.height == raw.records
        shutil.rmtree(tmp_path / name)
    assert [counts["2019", entity] for entity in ("powerset", "power", "summoned_entity")] == [3574, 9710, 428]
    assert [counts["2022", entity] for entity in ("powerset", "power", "summoned_entity")] == [3568, 9649, 464]
    assert counts["2019", "archetype"] == counts["2022", "archetype"] == 61


@needs_real
@pytest.mark.real
def test_real_old_modifier_tables_and_server_data(tmp_path):
    folder = database(tmp_path / "place")
    shutil.copy(REAL / "releases/homecoming-2019-07-28/AttribMod.mhd", folder)
    shutil.copy(REAL / "midsreborn/Homecoming/SData.mhd", folder)
    tables = reference(folder, tmp_path / "raw")
    modifiers = pl.DataFrame(tables["attribute_modifier_table"]["records"])
    assert modifiers.height == 94 and modifiers["rows"].list.len().unique().to_list() == [55]
    settings = {record["key"]: (record["value"], record["type"]) for record in tables["server_setting"]["records"]}
    assert settings["max_jump_speed"] == ("114.4", "number")
    assert settings["max_slots"][1] == "integer" and settings["incarnate.Alpha"] == ("true", "boolean")
