"""A DataExporter folder as a source: what is read of it, what is left aside, what is missing."""

import json
import zipfile

import pytest

from mids_assets.errors import SourceError
from mids_assets.readers.archive import holds_database
from mids_assets.readers.source import UNVERSIONED, open_source
from mids_assets.readers.unpack import database_folders, opened_source
from mids_assets_tests.unit.readers.exporter_support import POWER_FILES, SMALL, exporter_folder
from mids_assets_tests.unit.readers.source_support import database

KINDS = {"I12_powers.json": "exporter_i12", "I12_extracted.txt": "i12_text", "powers.json": "exporter_powers"}
SMALL_KINDS = {
    "exporter_archetypes",
    "exporter_powersets",
    "exporter_enhancements",
    "exporter_recipes",
    "exporter_salvage",
}


@pytest.mark.parametrize("powers", POWER_FILES)
def test_a_complete_folder(tmp_path, powers):
    source = open_source(exporter_folder(tmp_path / "place", powers))
    head = source.header
    assert (head.version, head.date, head.issue, head.page_volume, head.page_volume_text) == (UNVERSIONED, *[None] * 4)
    assert (head.main, head.layout) == ("data_exporter", "text" if powers.endswith("txt") else "json")
    assert set(source.files) == {KINDS[powers], *SMALL_KINDS}
    assert (source.warnings, source.choice, source.is_sample, source.declared_realms) == ([], None, False, [])


def test_of_several_files_of_powers_the_best_is_read(tmp_path):
    source = open_source(exporter_folder(tmp_path, *POWER_FILES))
    assert source.files.keys() & set(KINDS.values()) == {"exporter_i12"}
    assert source.choice == "I12_powers.json is read and I12_extracted.txt, powers.json are not: it holds the most."
    (tmp_path / "I12_powers.json").unlink()
    assert open_source(tmp_path).choice == "I12_extracted.txt is read and powers.json is not: it holds the most."
    given = open_source(tmp_path / "powers.json")
    assert "exporter_powers" in given.files and "i12_text" not in given.files and given.choice is None


def test_absent_optional_files_are_said(tmp_path):
    folder = exporter_folder(tmp_path, "I12_powers.json", small=dict.fromkeys(("enhancements.json", "salvage.json")))
    assert open_source(folder).warnings == [
        "enhancements.json is absent: enhancement will be empty.",
        "salvage.json is absent: salvage will be empty.",
    ]


@pytest.mark.parametrize("name", ["archetypes.json", "powersets.json"])
def test_absent_required_files_are_an_error(tmp_path, name):
    folder = exporter_folder(tmp_path, "I12_powers.json", small={name: None})
    with pytest.raises(SourceError, match=f"missing {name}\\. A source"):
        open_source(folder)
    (folder / name).write_bytes(b"")
    with pytest.raises(SourceError, match=f"missing {name} \\({name} is empty"):
        open_source(folder)


def test_a_folder_without_powers_says_so(tmp_path):
    with pytest.raises(SourceError, match=r"missing the main database \(I12\.mhd, Mids\.zip, or I12_powers\.json"):
        open_source(exporter_folder(tmp_path))


def test_names_do_not_matter_where_the_content_tells(tmp_path):
    folder = exporter_folder(tmp_path, "I12_powers.json")
    for number, place in enumerate(sorted(folder.iterdir())):
        place.rename(folder / f"{number}.txt")
    assert set(open_source(folder).files) == {"exporter_i12", *SMALL_KINDS}


def test_the_binary_database_wins(tmp_path):
    folder = exporter_folder(database(tmp_path), "I12_powers.json")
    source = open_source(folder)
    assert source.header.main == "i12" and not any(kind.startswith("exporter") for kind in source.files)
    assert source.choice == "I12.mhd is read and I12_powers.json is not: the binary file is the database itself."
    assert source.warnings[-12].startswith("Left aside, as they belong to another form of the database: archetypes")
    given = open_source(folder / "I12_powers.json")
    assert given.header.main == "data_exporter"
    assert "EClasses.mhd, EnhDB.mhd, Recipe.mhd, Salvage.mhd" in given.warnings[0]


def test_an_unpacked_export_of_the_program_is_none(tmp_path):
    records = {"Archetypes.json": {"ClassName": "C", "DisplayName": "c"}, "PowerSets.json": {"FullName": "A.B",
               "SetName": "B"}, "Powers.json": {"FullName": "A.B.C", "SetName": "B"}}  # fmt: skip
    for name, record in records.items():
        (tmp_path / name).write_text(json.dumps([record]))
    with pytest.raises(SourceError, match="missing the main database"):
        open_source(tmp_path)
    assert database_folders(tmp_path) == []


@pytest.mark.parametrize("powers", POWER_FILES)
def test_it_is_found_in_a_data_folder_and_in_an_archive(tmp_path, powers):
    exporter_folder(tmp_path / "Data" / "Rebirth", powers)
    database(tmp_path / "Data" / "Homecoming")
    assert [place.name for place in database_folders(tmp_path / "Data")] == ["Homecoming", "Rebirth"]
    with opened_source(tmp_path / "Data", "rebirth") as source:
        assert source.header.main == "data_exporter"
        assert [evidence.realm for evidence in source.declared_realms] == ["rebirth"]
        content = source.content_hash
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in (powers, *SMALL):
            archive.write(tmp_path / "Data" / "Rebirth" / name, f"Rebirth/{name}")
    assert holds_database(packed)
    with opened_source(packed) as source:
        assert (source.content_hash, source.path) == (content, packed / "Rebirth")


def test_known_hashes_are_not_taken_again(tmp_path):
    folder = exporter_folder(tmp_path, "I12_powers.json")
    known = {"I12_powers.json": "0" * 64}
    assert open_source(folder, known).files["exporter_i12"].sha256 == "0" * 64
    assert open_source(folder).files["exporter_i12"].sha256 != "0" * 64
