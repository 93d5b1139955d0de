"""Facts about whole files, and the place of fault of broken ones."""

import json
import tarfile
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest

from mids_assets.readers.binary_write import encode
from mids_assets.readers.inspect import inspect
from mids_assets.readers.layout import layout_fingerprint
from mids_assets.readers.layouts import ENHDB, GLOBALMODS, I12
from mids_assets.readers.patch import write_patch
from mids_assets.readers.patch_hash import write_hash
from mids_assets_tests.city import write
from mids_assets_tests.city_world import city
from mids_assets_tests.real import SAMPLE
from mids_assets_tests.unit.readers.binary_support import REAL, needs_real, sample_value
from mids_assets_tests.unit.readers.exporter_support import POWER_FILES, exporter_folder

VALUE = sample_value(I12.newest, items=3)
RAW = encode(I12.newest, VALUE)


def test_a_whole_database(tmp_path):
    path = tmp_path / "renamed.bin"
    path.write_bytes(RAW)
    facts = inspect(path)
    assert {key: facts[key] for key in ("file", "bytes", "kind", "layout", "version", "date", "counts")} == {
        "file": str(path),
        "bytes": len(RAW),
        "kind": "i12",
        "layout": "r3",
        "version": "version é",
        "date": datetime(2022, 3, 31, 16, 12, 4, tzinfo=UTC),
        "counts": {"archetypes": 3, "powersets": 3, "powers": 3, "entities": 3},
    }
    assert facts["fingerprint"] == layout_fingerprint(I12.newest)
    sizes = facts["section_bytes"]
    assert isinstance(sizes, dict)
    assert 0 < sum(sizes.values()) < len(RAW)
    assert facts["first"] == {name: VALUE[name][:1] for name in ("archetypes", "powersets", "powers", "entities")}
    assert "error" not in facts


def test_a_cut_database_names_the_last_good_record(tmp_path):
    path = tmp_path / "I12.mhd"
    values = [dict(VALUE["powers"][0], full_name=f"A.B.Power_{number}") for number in range(3)]
    raw = encode(I12.newest, VALUE | {"powers": values})
    place = raw.index(b"A.B.Power_2")
    path.write_bytes(raw[: place + 300])
    facts = inspect(path)
    error, last = facts["error"], facts["last_good_record"]
    assert isinstance(error, dict)
    assert isinstance(last, dict)
    assert error["record"].startswith("power 2")
    assert place <= error["offset"] <= place + 300
    assert (last["record"], last["name"]) == ("power 1", "A.B.Power_1")
    assert raw[last["offset"] + 4 :].startswith(b"\x0bA.B.Power_1")
    assert (facts["layout"], facts["version"]) == ("r3", "version é")


@pytest.mark.parametrize("size", range(len(RAW) - 60, len(RAW)))
def test_no_cut_makes_it_fail(tmp_path, size):
    path = tmp_path / "I12.mhd"
    path.write_bytes(RAW[:size])
    assert "error" in inspect(path)


def test_files_that_nothing_reads(tmp_path):
    for name, data, words in [
        ("a", b"", "empty"),
        ("b", b"<html>", "web page"),
        ("c", b"hello", "no known kind"),
        ("I9.mhd", encode(I12.layout("h8"), sample_value(I12.layout("h8"))), "Issue 9"),
    ]:
        (tmp_path / name).write_bytes(data)
        error = inspect(tmp_path / name)["error"]
        assert isinstance(error, dict)
        assert words in error["message"]


def test_small_kinds(tmp_path):
    (tmp_path / "g").write_bytes(encode(GLOBALMODS.newest, {"effect_ids": ["a", "b"]}))
    facts = inspect(tmp_path / "g")
    assert (facts["kind"], facts["counts"], facts["first"]) == ("globalmods", {"effect_ids": 2}, {"effect_ids": ["a"]})
    (tmp_path / "j").write_bytes(b"[1]")
    assert inspect(tmp_path / "j")["kind"] == "json"
    (tmp_path / "e").write_bytes(encode(ENHDB.newest, sample_value(ENHDB.newest)))
    assert inspect(tmp_path / "e")["counts"] == {"enhancements": 2, "sets": 2}


TABLES = {
    "AttribMod.json": {"attribmod_json": 12},
    "CrypticPowerNames.mhd": {"cryptic_names": 3},
    "EClasses.mhd": {"eclasses": 26},
    "Maths.mhd": {"diversification_threshold": 12, "enhancement_strength": 228},
    "NLevels.mhd": {"levels": 50},
    "Origins.mhd": {"origins": 5},
    "PowersReplTable.mhd": {"powers_replacement": 5},
    "SData.json": {"sdata_json": 32},
    "TypeGrades.json": {"set_type": 50, "enhancement_grade": 6, "special_enhancement_type": 5},
}


@pytest.mark.parametrize("name", TABLES)
def test_lists_and_small_json_files(name):
    facts = inspect(SAMPLE / name)
    assert facts["counts"] == TABLES[name] and "error" not in facts
    first = facts["first"]
    assert isinstance(first, dict) and first.keys() == TABLES[name].keys() and all(first.values())


def test_a_broken_list_says_where(tmp_path):
    (tmp_path / "Maths.mhd").write_bytes((SAMPLE / "Maths.mhd").read_bytes().replace(b"0.7", b"0,7", 1))
    error = inspect(tmp_path / "Maths.mhd")["error"]
    assert isinstance(error, dict) and "no number" in error["message"] and "line" in f"{error}"


SECTIONS = {"Archetypes.json": 11, "PowerSets.json": 100, "Powers.json": 300, "Entities.json": 5}


def test_an_export():
    facts = inspect(SAMPLE / "Mids.zip")
    assert (facts["kind"], facts["layout"], facts["version"]) == ("zip", "json", "0.1.1")
    assert facts["date"] == datetime(2001, 1, 2, tzinfo=UTC)
    assert facts["counts"] == SECTIONS and "error" not in facts
    first = facts["first"]
    with zipfile.ZipFile(SAMPLE / "Mids.zip") as archive:
        assert first == {name: json.loads(archive.read(name))[:1] for name in SECTIONS}
        assert facts["section_bytes"] == {name: archive.getinfo(name).file_size for name in SECTIONS}


@pytest.mark.parametrize("records", [2, 7, 1_000])
def test_so_many_first_records_as_one_likes(tmp_path, records):
    with zipfile.ZipFile(SAMPLE / "Mids.zip") as archive:
        expected = {name: json.loads(archive.read(name))[:records] for name in SECTIONS}
        archive.extract("Powers.json", tmp_path)
    assert inspect(SAMPLE / "Mids.zip", records)["first"] == expected
    assert inspect(tmp_path / "Powers.json", records)["first"] == {"records": expected["Powers.json"]}
    found = inspect(SAMPLE / "I12.mhd", records)["first"]
    assert isinstance(found, dict)
    assert [power["full_name"] for power in found.get("powers", [])] == [
        power["FullName"] for power in expected["Powers.json"]
    ]
    origins = inspect(SAMPLE / "Origins.mhd", records)["first"]
    assert isinstance(origins, dict) and len(origins.get("origins", [])) == min(records, 5)


def test_an_export_of_the_game(tmp_path):
    folder = write(tmp_path / "city", city())
    single = inspect(folder / "archetypes" / "cobbler.json")
    assert (single["kind"], single["counts"]) == ("city_of_data", {"records": 1})
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for place in folder.rglob("*.json"):
            archive.write(place, place.relative_to(folder))
    facts = inspect(tmp_path / "a.zip")
    assert (facts["kind"], facts["version"], facts["layout"]) == ("zip", "homecoming-20240229_1234", "json")
    assert facts["date"] == datetime(2024, 2, 29, tzinfo=UTC)
    counts, first, sizes = facts["counts"], facts["first"], facts["section_bytes"]
    assert isinstance(counts, dict) and isinstance(first, dict) and isinstance(sizes, dict)
    assert (counts["power"], counts["archetype"], counts["tag"]) == (9, 3, 2)
    assert first["tag"] == [json.loads((folder / "tags" / "burning.json").read_bytes())]
    assert sizes["tags"] == sum(place.stat().st_size for place in (folder / "tags").iterdir())
    assert "warning" not in facts and "error" not in facts


def test_a_damaged_file_in_an_export_of_the_game(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(write(tmp_path / "city", city() | {"tags/ash.json": b"{"}), "city")
    error = inspect(tmp_path / "a.tar")["error"]
    assert isinstance(error, dict) and f"{tmp_path}/a.tar/tags/ash.json: no valid JSON" in error["message"]


def test_an_unpacked_entry_of_an_export(tmp_path):
    with zipfile.ZipFile(SAMPLE / "Mids.zip") as archive:
        archive.extract("PowerSets.json", tmp_path)
    facts = inspect(tmp_path / "PowerSets.json")
    assert (facts["kind"], facts["counts"]) == ("mids_json", {"records": 100})


@pytest.mark.parametrize("cut", [1, 3, 500, 3_000_000])
def test_a_cut_entry_of_an_export(tmp_path, cut):
    with zipfile.ZipFile(SAMPLE / "Mids.zip") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["Powers.json"] = entries["Powers.json"][:-cut]
    with zipfile.ZipFile(tmp_path / "Mids.zip", "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    facts = inspect(tmp_path / "Mids.zip")
    error, counts = facts["error"], facts["counts"]
    assert isinstance(error, dict) and isinstance(counts, dict)
    assert "Mids.zip/Powers.json" in error["message"] and "cut off" in error["message"]
    assert (error["offset"], error["record"]) == (len(entries["Powers.json"]), str(counts["Powers.json"]))
    assert facts["version"] == "0.1.1"


def test_patches_and_archives(tmp_path):
    entries = [("Homecoming", name, (SAMPLE / name).read_bytes()) for name in ("I12.mhd", "Origins.mhd")]
    write_patch(tmp_path / "a.mru", entries)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for folder, name, data in entries:
            archive.writestr(f"{folder}/{name}", data)
    sizes = {f"{folder}/{name}": len(data) for folder, name, data in entries}
    for name in ("a.mru", "a.zip"):
        facts = inspect(tmp_path / name)
        assert (facts["counts"], facts["section_bytes"]) == ({"files": 2}, sizes)
        assert "error" not in facts
    assert "a.hash is absent" in str(inspect(tmp_path / "a.mru")["warning"])
    write_hash(tmp_path / "a.hash", [*entries, ("Homecoming", "Maths.mhd", b"")])
    error = inspect(tmp_path / "a.mru")["error"]
    assert isinstance(error, dict) and "Maths.mhd" in error["message"]


@needs_real
def test_real_files():
    facts = inspect(REAL / "releases" / "homecoming-2022-03-31" / "I12.mhd")
    assert facts["counts"] == {"archetypes": 61, "powersets": 3568, "powers": 9649, "entities": 464}
    assert (facts["layout"], facts["version"]) == ("r3", "2022.3.1331")
    facts = inspect(REAL / "midsreborn" / "Homecoming" / "SData.mhd")
    assert facts["counts"] == {"enabled_incarnates": 10}
    assert facts["first"] == {"enabled_incarnates": [{"name": "Alpha", "enabled": True}]}


@pytest.mark.parametrize(
    ("name", "kind", "records"),
    [
        ("I12_powers.json", "exporter_i12", 4),
        ("powers.json", "exporter_powers", 3),
        ("I12_extracted.txt", "i12_text", 2),
        ("archetypes.json", "exporter_archetypes", 2),
        ("powersets.json", "exporter_powersets", 4),
        ("enhancements.json", "exporter_enhancements", 2),
        ("recipes.json", "exporter_recipes", 2),
        ("salvage.json", "exporter_salvage", 2),
    ],
)
def test_a_file_of_a_data_exporter_folder(name, kind, records, tmp_path):
    folder = exporter_folder(tmp_path, *POWER_FILES)
    facts: Any = inspect(folder / name)
    assert (facts["kind"], facts["counts"]) == (kind, {"records": records})
    (first,) = facts["first"]["records"]
    if name == "I12_extracted.txt":
        assert first["InternalName"] == "Blaster_Ranged.Fire_Blast.Flares"
    else:
        assert first == json.loads((folder / name).read_text("utf-8"))[0]


def test_a_cut_file_of_a_data_exporter_folder_says_where(tmp_path):
    path = exporter_folder(tmp_path, "I12_powers.json") / "I12_powers.json"
    path.write_bytes(path.read_bytes()[:-9])
    facts: Any = inspect(path)
    error = facts["error"]
    assert "not closed" in error["message"] and error["offset"] == path.stat().st_size
    path.write_text('[{"Name": "x", "PowersetName": "A.B",}, {"Name": "y", "PowersetName": "A.B"}]')
    facts = inspect(path)
    assert facts["counts"] == {"records": 2} and "no valid JSON" in facts["error"]["message"]
