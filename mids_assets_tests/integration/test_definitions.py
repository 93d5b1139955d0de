"""The code location as a whole: it loads, its names are what people bookmark, its layers point one way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg

from mids_assets.definitions import build_definitions
from mids_assets.graph import keys
from mids_assets.model.dictionary import dictionary
from mids_assets.model.tables import ASSETS, TABLES, game_data
from mids_assets.settings import Settings
from mids_assets_tests.real import PROJECT

EXPORTS = "any_cod"
"""A realm in which every table is an asset."""
SNAPSHOT = Path(__file__).with_name("definitions.snapshot.txt")


def _names(definitions: dg.Definitions) -> list[str]:
    graph = definitions.resolve_asset_graph()
    names = [f"asset {key.to_user_string()}" for key in graph.get_all_asset_keys()]
    names += [f"check {key.asset_key.to_user_string()}:{key.name}" for key in graph.asset_check_keys]
    names += [f"job {job.name}" for job in definitions.resolve_all_job_defs() if not job.name.startswith("__")]
    names += [f"sensor {sensor.name}" for sensor in definitions.sensors or []]
    names += [f"schedule {schedule.name}" for schedule in definitions.schedules or []]
    return sorted(names)


def test_names_are_those_of_the_snapshot():
    """A renamed asset loses its history: rename on purpose, then write the new snapshot with
    `python -m mids_assets_tests.integration.test_definitions`."""
    assert _names(build_definitions(Settings())) == SNAPSHOT.read_text().splitlines()


def test_one_graph_per_realm():
    two = _names(build_definitions(Settings(realms=("homecoming", "rebirth"))))
    one = _names(build_definitions(Settings()))
    shared = [name for name in one if "homecoming" not in name]
    assert shared == [
        "asset mids/dagster_backup",
        "job backup",
        "job housekeeping",
        "schedule backup_nightly",
        "schedule housekeeping_nightly",
    ]
    assert len(two) == 2 * len(one) - len(shared)
    assert [name.replace("homecoming", "rebirth") for name in one if name not in shared] == [
        name for name in two if "rebirth" in name
    ]


def test_tables_that_only_the_game_fills_are_assets_of_exports_alone():
    ours, theirs = (set(_names(build_definitions(Settings(realms=(realm,))))) for realm in ("homecoming", EXPORTS))
    folded = {name.replace(EXPORTS, "homecoming") for name in theirs}
    assert ours < folded
    assert {name.split("/")[-1].split(":")[0] for name in folded - ours} == {table.name for table in game_data.TABLES}


def test_a_cross_check_stands_where_city_of_data_stands_beside_a_realm():
    both = _names(build_definitions(Settings(realms=("homecoming", "homecoming_cod", "rebirth"))))
    apart = _names(build_definitions(Settings(realms=("homecoming", "generic_cod", "rebirth"))))
    assert [name for name in apart if "cross_check" in name] == []
    assert [name for name in both if "cross_check" in name] == [
        "asset cross_check/homecoming",
        "check cross_check/homecoming:trend",
        "job homecoming_cross_check",
        "sensor homecoming_cross_check_after_publish",
    ]


def test_a_cross_check_comes_after_both_warehouses_and_holds_nothing_up():
    graph = build_definitions(Settings(realms=("homecoming", "homecoming_cod"))).resolve_asset_graph()
    node = graph.get(keys.cross_check_key("homecoming"))
    assert {key.path[0] for key in node.parent_keys} == {"homecoming", "homecoming_cod"}
    assert {key.path[1] for key in node.parent_keys} == {"warehouse"} and not node.child_keys
    (spec,) = (graph.get_check_spec(key) for key in graph.asset_check_keys if key.asset_key == node.key)
    assert not spec.blocking


def test_every_table_has_its_checks_and_column_descriptions():
    graph = build_definitions(Settings(realms=(EXPORTS,))).resolve_asset_graph()
    for table in TABLES:
        key = keys.asset_key(EXPORTS, "tables", table.name)
        checks = {check.name for check in graph.asset_check_keys if check.asset_key == key}
        open_references = any(not reference.required for reference in table.references)
        expected = {"rules", "unresolved"} if open_references else {"rules"}
        assert checks == (expected | {"guards"} if table.name == "power" else expected)
        schema = graph.get(key).metadata["dagster/column_schema"]
        assert all(column.description for column in schema.columns)
        assert graph.get(key).description


def test_every_blocking_check_stands_before_the_warehouse():
    graph = build_definitions(Settings(realms=(EXPORTS,))).resolve_asset_graph()
    for table in TABLES:
        parents = graph.get(keys.asset_key(EXPORTS, "warehouse", table.name)).parent_keys
        assert parents == {keys.asset_key(EXPORTS, "tables", table.name)}
    blocking = [graph.get_check_spec(key) for key in graph.asset_check_keys if key.name in ("rules", "guards")]
    assert len(blocking) == len(TABLES) + 1 and all(spec.blocking for spec in blocking)


def test_all_tables_belong_to_a_step():
    assert {table.asset for table in TABLES} == set(ASSETS)


def test_layers_point_one_way():
    done = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_help_status_and_inspect_do_not_import_dagster():
    code = (
        "import sys, mids_assets.cli as c, mids_assets.warehouse.status, mids_assets.readers.inspect,"
        " mids_assets.health.problems, mids_assets.transform.chunk_files,"
        " mids_assets.commands.show; sys.exit('dagster' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT).returncode == 0


def test_workers_do_not_import_dagster():
    code = "import sys, mids_assets.transform.chunks; sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT).returncode == 0


def test_data_dictionary_is_that_of_the_model():
    assert (PROJECT / "docs" / "data_dictionary.md").read_text("utf-8") == dictionary(), "run `make docs`"


if __name__ == "__main__":
    SNAPSHOT.write_text("\n".join(_names(build_definitions(Settings()))) + "\n")
