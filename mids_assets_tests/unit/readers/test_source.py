"""Source folders: what is found, what is missing, what they declare."""

import shutil
from dataclasses import replace

import pytest

from mids_assets.errors import SourceError
from mids_assets.readers.json_files import write_server_data
from mids_assets.readers.mids_zip import DatabaseHeader
from mids_assets.readers.source import SAMPLE_MARK, open_source
from mids_assets_tests.unit.readers.binary_support import REAL, needs_real
from mids_assets_tests.unit.readers.source_support import HEADER, MOMENT, database, write_globalmods, write_main


@pytest.fixture
def folder(tmp_path):
    return database(tmp_path / "place")


def warnings(source):
    return " ".join(source.warnings)


@pytest.mark.parametrize(("form", "layout"), [("i12", "r3"), ("mids_zip", "json")])
def test_a_complete_folder(tmp_path, form, layout):
    source = open_source(database(tmp_path / "place", form))
    head = source.header
    assert (head.version, head.date, head.issue, head.page_volume) == ("2024.5.1", MOMENT, 27, 7)
    assert (head.page_volume_text, head.main, head.layout) == ("Page", form, layout)
    assert set(source.files) == {form, "enhdb", "recipe", "salvage", "eclasses"}
    assert source.files["enhdb"].size == (tmp_path / "place" / "EnhDB.mhd").stat().st_size
    assert (source.choice, source.is_sample, source.declared_realms) == (None, False, [])
    assert len(source.warnings) == 11
    assert all(sentence.endswith(".") and "absent" in sentence for sentence in source.warnings)


def test_names_are_read_without_case(folder):
    for place in list(folder.iterdir()):
        place.rename(place.with_name(place.name.swapcase()))
    assert open_source(folder).files["enhdb"].name == "eNHdb.MHD"


def test_a_file_under_another_name_is_told_by_its_content(folder):
    (folder / "EnhDB.mhd").rename(folder / "old enhancements.bin")
    assert open_source(folder).files["enhdb"].name == "old enhancements.bin"


def test_the_usual_name_wins_over_a_copy(folder):
    shutil.copy(folder / "EnhDB.mhd", folder / "Copy of EnhDB.mhd")
    source = open_source(folder)
    assert source.files["enhdb"].name == "EnhDB.mhd"
    assert "Copy of EnhDB.mhd was left aside" in warnings(source)


def test_two_copies_without_the_usual_name_are_the_users_choice(folder):
    shutil.copy(folder / "EnhDB.mhd", folder / "a.mhd")
    (folder / "EnhDB.mhd").rename(folder / "b.mhd")
    with pytest.raises(SourceError, match=r"a\.mhd, b\.mhd are files of one kind"):
        open_source(folder)


def test_binary_wins_over_the_export_and_says_so(folder):
    write_main(folder, "mids_zip", header=replace(HEADER, version="1.0"))
    source = open_source(folder)
    assert source.header.version == "2024.5.1" and "mids_zip" not in source.files
    assert "I12.mhd is read and Mids.zip is not" in str(source.choice)


def test_a_given_export_is_the_main_database(folder):
    write_main(folder, "mids_zip", header=replace(HEADER, version="1.0"))
    source = open_source(folder / "Mids.zip")
    assert source.header.version == "1.0" and "i12" not in source.files and "enhdb" in source.files


def test_what_is_missing_is_named_with_what_to_do(folder):
    for name in ("I12.mhd", "Salvage.mhd", "EClasses.mhd"):
        (folder / name).unlink()
    with pytest.raises(SourceError, match=r"missing the main .*Salvage\.mhd, EClasses\.mhd.*copy these") as caught:
        open_source(folder)
    assert "Recipe" not in str(caught.value)


def test_a_folder_of_databases_points_to_them(folder):
    with pytest.raises(SourceError, match=r"give one of its folders: place$"):
        open_source(folder.parent)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("EnhDB.mhd", b"", "is empty"),
        ("EnhDB.mhd", b"<html><body>404</body></html>", "is a web page"),
        ("I12.mhd", b"", "is empty"),
        ("I12.mhd", b"<html><body>404</body></html>", "is a web page"),
        ("I12.mhd", b"junk\0\0\0", "holds something else"),
        ("Mids.zip", b"junk\0\0\0", "holds something else"),
    ],
)
def test_a_required_file_that_is_something_else(folder, name, content, words):
    (folder / name).write_bytes(content)
    with pytest.raises(SourceError, match=words) as caught:
        open_source(folder)
    assert name in str(caught.value)


@pytest.mark.parametrize(("name", "other"), [("I12.mhd", "Recipe.mhd"), ("EnhDB.mhd", "Salvage.mhd")])
def test_a_required_file_that_is_another_one_of_the_database(folder, name, other):
    shutil.copy(folder / other, folder / name)
    with pytest.raises(SourceError, match=r"missing .*copy these files") as caught:
        open_source(folder)
    assert f"({name} holds {other[:-4].lower()}, the content of a {other})" in str(caught.value)


def test_a_damaged_file_is_left_to_its_reader(folder):
    (folder / "EnhDB.mhd").write_bytes(b"junk\0\0\0")
    assert open_source(folder).files["enhdb"].name == "EnhDB.mhd"


def test_an_empty_optional_file_counts_as_absent(folder):
    (folder / "TypeGrades.json").write_bytes(b"")
    (folder / "GlobalMods.mhd").write_bytes(b"")
    source = open_source(folder)
    assert "typegrades_json" not in source.files and "globalmods" not in source.files
    assert "GlobalMods.mhd is empty and is treated as absent." in source.warnings


def test_an_optional_file_that_is_a_web_page_is_refused(folder):
    (folder / "SData.json").write_bytes(b"<!DOCTYPE html>")
    with pytest.raises(SourceError, match="web page"):
        open_source(folder)


def test_a_list_of_nothing_but_comments_is_taken_by_its_name(folder):
    (folder / "PowersReplTable.mhd").write_bytes(b"# nothing yet\n")
    assert "powers_replacement" in open_source(folder).files


def test_no_such_place(tmp_path):
    with pytest.raises(SourceError, match="no such"):
        open_source(tmp_path / "nowhere")
    (tmp_path / "x.bin").write_bytes(b"abc")
    with pytest.raises(SourceError, match=r"neither a Mids\.zip nor"):
        open_source(tmp_path / "x.bin")


def test_the_hash_is_that_of_the_content(folder, tmp_path):
    first = open_source(folder).content_hash
    copy = tmp_path / "Copy"
    shutil.copytree(folder, copy)
    (copy / "notes.txt").write_text("not a database file")
    (copy / "EnhDB.mhd").rename(copy / "ENHDB.MHD")
    assert open_source(copy).content_hash == first
    write_globalmods(copy, ["Damage"])
    assert open_source(copy).content_hash != first
    (copy / "GlobalMods.mhd").unlink()
    (copy / "EClasses.mhd").write_bytes((copy / "EClasses.mhd").read_bytes() + b" ")
    assert open_source(copy).content_hash != first


def test_bytes_that_changed_since_are_refused(folder):
    source = open_source(folder)
    assert source.read("eclasses") == (folder / "EClasses.mhd").read_bytes()
    source.verify("eclasses")
    (folder / "EClasses.mhd").write_bytes(b"other")
    with pytest.raises(SourceError, match="was changed"):
        source.read("eclasses")
    with pytest.raises(SourceError, match="was changed"):
        source.verify("eclasses")


def test_what_a_source_declares_about_its_realm(tmp_path):
    folder = database(tmp_path / "Rebirth-2024" / "source")
    (folder / "PowersReplTable.mhd").write_bytes(b"# Realm: Homecoming\n1, 2\n")
    uri = {"key": "manifest_uri", "value": "https://join.cityofheroesrebirth.com/x.xml", "type": "text"}
    (folder / "SData.json").write_bytes(write_server_data([uri]))
    found = [(evidence.realm, evidence.where) for evidence in open_source(folder).declared_realms]
    assert found == [("rebirth", "folder"), ("homecoming", "powers_replacement"), ("rebirth", "manifest_uri")]


def test_a_default_manifest_declares_nothing(folder):
    (folder / "SData.json").write_bytes(b'{"MaxSlots": 67}')
    assert open_source(folder).declared_realms == []


def test_samples_are_marked(tmp_path):
    header = DatabaseHeader("1.0", MOMENT, page_volume_text=SAMPLE_MARK)
    assert open_source(database(tmp_path / "a", header=header)).is_sample
    (database(tmp_path / "b") / "SAMPLE.txt").write_text("made up")
    assert open_source(tmp_path / "b").is_sample


def test_fallbacks_are_warned_of(folder):
    (folder / "SetTypes.mhd").write_bytes(b"Version:\t1\nSetID\n0\tA\tAaa\nEnd\n")
    assert "set_type comes from SetTypes.mhd" in warnings(open_source(folder))
    (folder / "Compare.json").write_bytes(b'{"CompOverride": []}')
    assert "comparison_override comes from Compare.json" in warnings(open_source(folder))


@needs_real
@pytest.mark.real
def test_real_releases():
    found = {path.name: open_source(path) for path in sorted((REAL / "releases").iterdir()) if path.is_dir()}
    versions = {name.removeprefix("homecoming-"): source.header.version for name, source in found.items()}
    assert versions == {
        "2019-07-28": "25.0",
        "2020-11-14": "20.0927",
        "2021-02-11": "21.0207",
        "2021-03-31": "21.0331",
        "2022-03-31": "2022.3.1331",
    }
    assert len({source.content_hash for source in found.values()}) == 5
    assert all(source.declared_realms[0].realm == "homecoming" for source in found.values())
    assert found["homecoming-2019-07-28"].files["attribmod"].name == "AttribMod.mhd"
    assert not any(source.is_sample for source in found.values())
