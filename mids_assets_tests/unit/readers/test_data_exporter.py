"""The raw files of a DataExporter folder: what is added to the records, and that nothing else is changed."""

import json
from dataclasses import replace
from random import Random

import pytest

from mids_assets.errors import FormatError, MidsError, SourceError
from mids_assets.model.enums import CODES
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.raw import RAW_FILES, write_raw
from mids_assets.readers.source import open_source
from mids_assets_tests.unit.readers.exporter_support import I12, POWER_FILES, POWERS, RECIPES, exporter_folder


def raw(source, entity, out):
    (file,) = write_raw(source, entity, out)
    return file, json.loads(file.path.read_bytes())


@pytest.fixture
def folder(tmp_path):
    return exporter_folder(tmp_path / "place", "powers.json")


def test_ids_get_the_names_that_they_stand_for(folder, tmp_path):
    source = open_source(folder)
    _, powersets = raw(source, "powerset", tmp_path)
    assert [record.get("archetype_id:name") for record in powersets] == [
        "Class_Blaster",
        None,
        "Class_Blaster",
        "Class_Tanker",
    ]
    _, powers = raw(source, "power", tmp_path)
    assert [record["powerset_id:name"] for record in powers] == ["Blaster_Ranged.Fire_Blast"] * 2 + ["Willpower"]
    _, enhancements = raw(source, "enhancement", tmp_path)
    assert [record.get("recipe_id:name") for record in enhancements] == ["I_Damage", None]
    file, recipes = raw(source, "recipe", tmp_path)
    assert [(r[":name"], r["enhancement_id:name"]) for r in recipes] == [
        ("I_Damage", "Crafted_Damage"),
        ("recipe 71", "Entropic_Chaos_A"),
    ]
    (level,) = recipes[0]["salvage_required:levels"]
    assert level["level"] == -1
    assert [item["salvage_id:name"] for item in level["ingredients"]] == ["S_Brass", "S_Prophecy"]
    assert "salvage_required:levels" not in recipes[1]
    assert (file.source_file, file.shape, file.records, file.note) == ("recipes.json", "data_exporter", 2, "")


def test_the_bytes_of_a_record_stay_as_they_are(tmp_path):
    text = '[ {"id":10, "name" : "A.B","set_type":"Pool","archetype_id":1,"x":[1e0,"\\u00e4}"] } ,\n{} , {"id":1e999}]'
    source = open_source(exporter_folder(tmp_path, "I12_powers.json", small={"powersets.json": text}))
    file, _ = raw(source, "powerset", tmp_path / "raw")
    assert file.path.read_text() == (
        '[\n{"id":10, "name" : "A.B","set_type":"Pool","archetype_id":1,"x":[1e0,"\\u00e4}"],'
        '"archetype_id:name":"Class_Blaster"},\n{},\n{"id":1e999}\n]\n'
    )
    assert file.offsets is not None
    assert [file.path.read_bytes()[start : start + 1] for start in file.offsets] == [b"{"] * 3


def test_ids_that_lead_nowhere_are_counted(tmp_path):
    recipes = [
        {**RECIPES[0], "enhancement_id": 99, "salvage_required": [{"salvage_id": 5}, {"salvage_id": "90"}]},
        {**RECIPES[1], "enhancement_id": "x"},
        {**RECIPES[1], "enhancement_id": None},
    ]
    source = open_source(exporter_folder(tmp_path, "powers.json", small={"recipes.json": recipes}))
    file, found = raw(source, "recipe", tmp_path)
    assert file.note == (
        "recipes.json: 2 values of enhancement_id lead to no record of enhancements.json."
        " recipes.json: 1 values of salvage_id lead to no record of salvage.json."
    )
    assert file.lost_ids == 3
    ingredients = found[0]["salvage_required:levels"][0]["ingredients"]
    assert ingredients == [{"salvage_id": 5}, {"salvage_id": "90", "salvage_id:name": "S_Brass"}]


def test_salvage_by_plain_ids_and_salvage_that_is_no_list(tmp_path):
    recipes = [{**RECIPES[0], "salvage_required": [90]}, {**RECIPES[1], "salvage_required": {"90": 2}}]
    source = open_source(exporter_folder(tmp_path, "powers.json", small={"recipes.json": recipes}))
    file, _ = raw(source, "recipe", tmp_path)
    batch = decode_records(file.path.read_bytes(), file.shape, "recipe", codes=CODES)
    assert batch.failures == []
    first, second = batch.frame.to_dicts()
    assert [item["salvage_name"] for item in first["entries"][0]["ingredients"]] == ["S_Brass"]
    assert second["entries"] is None
    assert json.loads(second["extra"])["salvage_required:unread"] == {"90": 2}


def test_a_power_whose_powerset_is_not_there_is_refused_alone(tmp_path):
    powers = [{**POWERS[0], "powerset_id": 5}, POWERS[1]]
    folder = exporter_folder(tmp_path, small={"powers.json": powers})
    file, _ = raw(open_source(folder), "power", tmp_path)
    assert "1 values of powerset_id lead to no record of powersets.json" in file.note
    batch = decode_records(file.path.read_bytes(), file.shape, "power", codes=CODES)
    assert [(f.position, f.rule) for f in batch.failures] == [(0, "missing")]
    assert batch.frame["full_name"].to_list() == ["Blaster_Ranged.Fire_Blast.Fire_Blast"]


def test_a_name_that_is_no_text_is_given_to_nobody(tmp_path):
    text = b'[{"id": 1, "name": "\xff", "primary_category": "x"}, {"id": 2, "name": "\\ud800"}]'
    folder = exporter_folder(tmp_path, "I12_powers.json")
    (folder / "archetypes.json").write_bytes(text)
    (file,) = write_raw(open_source(folder), "powerset", tmp_path / "raw")
    assert file.lost_ids == 3
    assert all("archetype_id:name" not in record for record in json.loads(file.path.read_bytes()))


def test_damaged_files_end_in_records_or_typed_errors(tmp_path):
    folder = exporter_folder(tmp_path / "place", "powers.json", indent=1)
    random = Random(5)
    for number in range(150):
        name = random.choice(["recipes.json", "salvage.json", "powersets.json", "enhancements.json"])
        good = (folder / name).read_bytes()
        bad = bytearray(good)
        for _ in range(random.randint(1, 4)):
            place = random.randrange(len(bad))
            bad[place : place + random.randint(0, 3)] = random.choice([b"\xff", b'"', b"{", b"]", b"\\", b"", b"-1"])
        (folder / name).write_bytes(bytes(bad))
        for entity in ("recipe", "power"):
            try:
                (file,) = write_raw(open_source(folder), entity, tmp_path / str(number))
            except MidsError:
                continue
            batch = decode_records(file.path.read_bytes(), file.shape, entity, codes=CODES)
            assert batch.records >= len(batch.frame)
        (folder / name).write_bytes(good)


def test_a_broken_record_stays_and_the_others_are_linked(tmp_path):
    text = '[\n{"id": 1, "name": "A.B", "archetype_id": 1,, },\n{"id": 2, "name": "C.D", "archetype_id": 2}\n]'
    folder = exporter_folder(tmp_path, "I12_powers.json", small={"powersets.json": text})
    (file,) = write_raw(open_source(folder), "powerset", tmp_path / "raw")
    lines = file.path.read_text().splitlines()
    assert lines[1] == '{"id": 1, "name": "A.B", "archetype_id": 1,, },'
    assert lines[2].endswith('"archetype_id:name":"Class_Tanker"}')


@pytest.mark.parametrize("wrap", ["%s", '{"version": 1, "records": %s, "more": []}'])
def test_records_in_an_array_or_in_an_object(tmp_path, wrap):
    folder = exporter_folder(tmp_path, "powers.json")
    for place in folder.iterdir():
        place.write_text(wrap % place.read_text("utf-8"), "utf-8")
    source = open_source(folder)
    counts = {entity: write_raw(source, entity, tmp_path / "raw")[0].records for entity in RAW_FILES}
    assert counts == {
        "archetype": 2, "powerset": 4, "power": 3, "enhancement": 2, "recipe": 2, "salvage": 2,
        "summoned_entity": 0, "enhancement_set": 0, "reference": 0,
    }  # fmt: skip


def test_the_big_file_is_taken_as_it_is(tmp_path):
    folder = exporter_folder(tmp_path / "place", "I12_powers.json", indent=1)
    source = open_source(folder)
    file, found = raw(source, "power", tmp_path)
    original = folder / "I12_powers.json"
    assert found == I12 and file.path.read_bytes() == original.read_bytes()
    assert (file.shape, file.records, file.offsets) == ("data_exporter_i12", len(I12), None)
    assert (file.sha256, file.source_file) == (source.files["exporter_i12"].sha256, "I12_powers.json")
    assert not file.path.samefile(original)


def test_of_a_copy_that_is_ours_it_is_a_link(tmp_path, monkeypatch):
    folder = exporter_folder(tmp_path / "place", "I12_powers.json")
    source = replace(open_source(folder), is_ours=True)
    file, _ = raw(source, "power", tmp_path / "a")
    assert file.path.samefile(folder / "I12_powers.json")
    monkeypatch.setattr("pathlib.Path.hardlink_to", _refuse)
    file, found = raw(source, "power", tmp_path / "b")
    assert found == I12 and not file.path.samefile(folder / "I12_powers.json")


def _refuse(*_):
    raise OSError("another disk")


@pytest.mark.parametrize("powers", POWER_FILES)
def test_a_file_that_changes_meanwhile_is_an_error(tmp_path, powers):
    folder = exporter_folder(tmp_path / "place", powers)
    source = open_source(folder)
    with (folder / powers).open("a") as out:
        out.write(" \n")
    with pytest.raises(SourceError, match="was changed"):
        write_raw(source, "power", tmp_path / "raw")
    assert list((tmp_path / "raw").iterdir()) == []


def test_a_cut_file_names_the_file_of_the_person(tmp_path):
    folder = exporter_folder(tmp_path / "place", "I12_powers.json")
    path = folder / "I12_powers.json"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(FormatError, match=r"place/I12_powers\.json, byte offset \d+: the array is not closed"):
        write_raw(open_source(folder), "power", tmp_path / "raw")
    assert list((tmp_path / "raw").iterdir()) == []
