"""`mids import` as a person uses it, on the committed sample, against a real server and a real Dagster instance."""

from __future__ import annotations

import json
import shutil
import zipfile

import pytest

from mids_assets.graph.shown import shown_tables
from mids_assets.model.tables import TABLES
from mids_assets.readers.patch import write_patch
from mids_assets.readers.patch_hash import write_hash
from mids_assets_tests.real import SAMPLE


@pytest.fixture(scope="module")
def first(world):
    return world.mids_json("import", str(SAMPLE))


def test_first_import_publishes_every_table(world, first):
    facts = first["realms"]["homecoming"]
    assert first["action"] == "published"
    assert list(facts["tables"]) == [table.name for table in TABLES]
    for name, rows in facts["tables"].items():
        assert world.query(f'select count(*) from homecoming."{name}"') == [(rows,)], name
    assert facts["tables"]["power"] == 300
    assert facts["quarantined"]["archetype"] == 1 and facts["quarantined"]["recipe"] == 1
    assert facts["checks"]["failed"] == 0
    inserted = {name: change["inserted"] for name, change in first["changed"].items()}
    assert inserted == facts["tables"]


def test_status_says_the_same(world, first):
    assert (
        world.mids_json("status")["realms"]["homecoming"].items()
        >= {key: value for key, value in first["realms"]["homecoming"].items() if key != "published_at"}.items()
    )


def test_every_entity_is_in_the_import_log(world, first):
    rows = world.query(
        "select import_type, records_processed, records_imported, completed_at is not null, file_name"
        " from mids.import_log where realm = 'homecoming' order by id"
    )
    assert {row[0] for row in rows} >= {"archetype", "power", "recipe", "reference"}
    power = next(row for row in rows if row[0] == "power")
    assert power[1:] == (300, 300, True, "I12.mhd")
    assert {row[0]: row[4] for row in rows}["recipe"] == "Recipe.mhd"


def test_what_each_stage_took_is_kept_with_the_release(world, first):
    ((summary, release, build),) = world.query("select summary, release, build from mids.release")
    stages = summary["stages"]
    assert set(stages) == {"release", "raw", "plan", "records", "frames", "tables"}
    assert all(figures["seconds"] > 0 for figures in stages.values())
    assert sum(figures["seconds"] for figures in stages.values()) + summary["seconds"] < first["seconds"]
    tables = world.settings.releases_dir / "homecoming" / release / "tables" / build
    made = [tables / f"{table.name}.parquet" for table in shown_tables("homecoming")]
    assert stages["tables"]["bytes"] == sum(path.stat().st_size for path in made)
    assert 100 < summary["peak_memory_mib"] < 1024


def test_quarantine_keeps_the_records(world, first):
    found = dict(world.query("select entity, rule || ' ' || expected from mids.quarantine where realm = 'homecoming'"))
    assert found == {"archetype": "duplicate_class true", "recipe": "header_row true"}
    ((record, file, position),) = world.query(
        "select record, source_file, source_position from mids.quarantine where entity = 'recipe'"
    )
    assert "# Name (String 64)" in record and file == "Recipe.mhd" and position >= 0


def test_runs_and_materializations_are_in_the_instance(world, first):
    jobs = world.runs()
    assert ("homecoming_ingest", "SUCCESS") in jobs and ("homecoming_publish", "SUCCESS") in jobs


def test_second_import_of_the_same_bytes_is_nothing_to_do(world, first):
    before = world.contents()
    again = world.mids_json("import", str(SAMPLE))
    assert again["action"] == "nothing_to_do"
    assert again["realms"] == first["realms"]
    assert not any(sum(change.values()) for change in again["changed"].values())
    assert world.contents() == before
    assert world.runs()[0] == ("homecoming_check_source", "SUCCESS")


def test_force_publishes_again_and_changes_no_row(world, first):
    before = world.contents()
    forced = world.mids_json("import", str(SAMPLE), "--force")
    assert forced["action"] == "published"
    assert not any(sum(change.values()) for change in forced["changed"].values())
    assert world.contents() == before


def test_dry_run_shows_what_would_change_and_changes_nothing(world, first, tmp_path):
    world.mids("sample", str(tmp_path / "next"), "--powers", "310", "--seed", "2", "--format", "mhd")
    before = world.contents()
    dry = world.mids_json("import", str(tmp_path / "next"), "--dry-run")
    assert dry["action"] == "checked"
    assert dry["realms"]["homecoming"]["tables"]["power"] == 310
    assert dry["changed"]["power"]["inserted"] >= 10
    assert world.contents() == before
    published = world.mids_json("import", str(tmp_path / "next"))
    assert published["action"] == "published"
    assert published["changed"]["power"] == dry["changed"]["power"]


def test_strict_tells_of_warnings_that_the_release_before_did_not_have(world, first, tmp_path):
    world.mids("sample", str(tmp_path / "poor"), "--seed", "6", "--format", "mhd")
    (tmp_path / "poor" / "SData.json").unlink()
    assert world.mids_json("import", str(tmp_path / "poor"), "--strict", code=3)["action"] == "published"
    assert world.mids_json("import", str(tmp_path / "poor"), "--strict", "--force")["action"] == "published"


def test_archive_and_binary_give_the_same_rows(world, first, tmp_path):
    for kind in ("mhd", "zip"):
        world.mids("sample", str(tmp_path / kind), "--seed", "7", "--format", kind)
    world.mids_json("import", str(tmp_path / "mhd"))
    before = world.contents(times=False)
    other = world.mids_json("import", str(tmp_path / "zip"))
    assert other["action"] == "published"
    assert not any(sum(change.values()) for change in other["changed"].values())
    assert world.contents(times=False) == before


def test_a_patch_and_an_archive_of_what_is_published_are_nothing_to_do(world, first, tmp_path):
    made = tmp_path / "made"
    world.mids("sample", str(made), "--seed", "12", "--format", "mhd")
    assert world.mids_json("import", str(made))["action"] == "published"
    entries = [("Homecoming", path.name, path.read_bytes()) for path in sorted(made.iterdir())]
    write_patch(tmp_path / "homecoming.mru", entries)
    write_hash(tmp_path / "homecoming.hash", entries)
    with zipfile.ZipFile(tmp_path / "homecoming.zip", "w") as archive:
        for directory, name, data in entries:
            archive.writestr(f"Data/{directory}/{name}", data)
    before = world.contents()
    for name in ("homecoming.mru", "homecoming.zip"):
        assert world.mids_json("import", str(tmp_path / name))["action"] == "nothing_to_do"
    # And it is published whole from the patch itself.
    assert world.mids_json("import", str(tmp_path / "homecoming.mru"), "--force")["action"] == "published"
    assert world.contents() == before


def test_a_data_folder_is_imported_realm_by_realm(world, first, tmp_path):
    for seed, realm in ((13, "homecoming"), (14, "rebirth")):
        world.mids("sample", str(tmp_path / "Data" / realm), "--seed", str(seed), "--realm", realm, "--format", "mhd")
    told = world.mids("import", str(tmp_path / "Data"), code=2)
    assert "MIDS_REALMS=homecoming,rebirth" in told.stderr
    both = json.loads(world.mids("import", str(tmp_path / "Data"), "--json", MIDS_REALMS="homecoming,rebirth").stdout)
    assert [list(one["realms"]) for one in both] == [["homecoming"], ["rebirth"]]
    assert {one["action"] for one in both} == {"published"}
    picked = world.mids_json("import", str(tmp_path / "Data"), "--realm", "homecoming")
    assert picked["action"] == "nothing_to_do"


def test_a_second_realm_needs_its_graph_and_then_stands_beside(world, first):
    told = world.mids("import", str(SAMPLE), "--realm", "rebirth", code=2)
    assert "MIDS_REALMS=homecoming,rebirth" in told.stderr
    both = world.mids_json("import", str(SAMPLE), "--realm", "rebirth", MIDS_REALMS="homecoming,rebirth")
    assert both["realms"]["rebirth"]["tables"]["power"] == 300
    assert world.query("select count(*) from rebirth.power") == [(300,)]


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda folder: (folder / "Salvage.mhd").unlink(), "Salvage"),
        (lambda folder: (folder / "Recipe.mhd").write_text("<!DOCTYPE html><html></html>"), "web page"),
        (lambda folder: (folder / "EnhDB.mhd").write_bytes((folder / "EnhDB.mhd").read_bytes()[:-5]), "EnhDB.mhd"),
        (lambda folder: (folder / "I12.mhd").write_bytes((folder / "I12.mhd").read_bytes()[:-5]), "I12.mhd"),
    ],
)
def test_a_broken_source_is_one_sentence_and_exit_2(world, first, tmp_path, break_it, says):
    folder = tmp_path / "broken"
    shutil.copytree(SAMPLE, folder)
    break_it(folder)
    before = world.contents()
    told = world.mids("import", str(folder), code=2)
    assert says in told.stderr and "Traceback" not in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
    assert world.contents() == before
