"""The real release through the whole main job: what lands in PostgreSQL, how many events, what the log says."""

from __future__ import annotations

import shutil

import pytest

from mids_assets_tests.real import ROWS_2022, needs_real, release

pytestmark = [needs_real, pytest.mark.real]

NAME = "homecoming-2022-03-31"


@pytest.fixture(scope="module")
def imported(world):
    return world.mids_json("import", str(release(NAME)))


def test_rows_are_exact(world, imported):
    found = {name: rows for name, rows in imported["realms"]["homecoming"]["tables"].items() if name in ROWS_2022}
    assert found == ROWS_2022
    for name, rows in ROWS_2022.items():
        assert world.query(f'select count(*) from homecoming."{name}"') == [(rows,)]


def test_only_the_expected_records_are_quarantined(world, imported):
    assert world.query("select entity, rule, expected from mids.quarantine order by entity") == [
        ("archetype", "duplicate_class", True),
        ("recipe", "header_row", True),
    ]


def test_parts_of_different_times_are_one_warning(imported):
    assert sum("saved at different times" in text for text in imported["warnings"]) == 1
    assert any("I12.mhd is read" in text for text in imported["notes"])


def test_references_lead_where_they_should(world, imported):
    assert world.query(
        "select count(*), count(summoned_entity_id) from homecoming.power_effect"
        " where effect_type = 'EntCreate' and summon <> ''"
    ) == [(965, 965 - 466)]
    assert world.query("select count(*) from homecoming.recipe_salvage where salvage_id is null") == [(2_578,)]
    assert world.query(
        "select count(*) from homecoming.enhancement_class_member m join homecoming.enhancement e"
        " on e.id = m.enhancement_id join homecoming.enhancement_class c on c.id = m.enhancement_class_id"
        " where e.uid = 'Magic_Damage' and c.class_id = 'Damage_Boost'"
    ) == [(1,)]


def test_a_full_import_emits_at_most_500_events(world, imported):
    ((events,),) = world.dagster_query("select count(*) from event_logs")
    assert events <= 500


def test_the_archive_of_the_same_release_changes_no_row(world, imported, tmp_path):
    folder = tmp_path / NAME
    shutil.copytree(release(NAME), folder)
    (folder / "I12.mhd").unlink()
    before = world.contents(times=False)
    other = world.mids_json("import", str(folder), "--older")
    assert other["action"] == "published"
    assert {name: change for name, change in other["changed"].items() if any(change.values())} == {}
    assert world.contents(times=False) == before


def test_peak_memory_of_a_step_is_bounded(world, imported):
    """600 MiB a process is the promise; the summary keeps the highest that a step saw."""
    assert 0 < imported["peak_memory_mib"] < 600
