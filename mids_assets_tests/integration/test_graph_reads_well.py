"""What the UI shows of every definition: description, owner, group, kinds, code, columns and where they come from."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg

from mids_assets.definitions import build_definitions
from mids_assets.graph import keys
from mids_assets.graph.shown import shown_tables
from mids_assets.model.tables import ASSETS
from mids_assets.settings import Settings
from mids_assets.warehouse.stored import INTERNAL, stored_columns
from mids_assets_tests.real import PROJECT

REALMS = ("homecoming", "homecoming_cod")
PUBLISHED = {"created_at", "updated_at", "release_id"}
"""Columns that say something of the publish and not of the source; so do the hashes."""
NO_SOURCE = {"source_position", "position", "extra"}
"""What the frame adds to a record: its place in the file or list, and what no field holds."""


@cache
def definitions() -> dg.Definitions:
    """With the cross-check, which there is where both realms are."""
    return build_definitions(Settings(realms=REALMS))


@cache
def graph() -> Any:
    return definitions().resolve_asset_graph()


def is_told(text: str | None) -> bool:
    return bool(text) and str(text).strip().endswith(".") and len(str(text)) > 60


def test_every_asset_says_what_it_is_and_whose():
    for key in graph().get_all_asset_keys():
        node = graph().get(key)
        assert is_told(node.description), key
        assert node.owners == ["team:mids-assets"], key
        assert node.group_name and node.group_name != "default", key
        assert node.kinds, key


def test_the_owner_is_a_setting():
    other = build_definitions(replace(Settings(), owner="a.person@example.org")).resolve_asset_graph()
    assert {owner for key in other.get_all_asset_keys() for owner in other.get(key).owners} == {"a.person@example.org"}


def test_every_check_job_sensor_and_schedule_says_what_it_is():
    assert [key for key in graph().asset_check_keys if not is_told(graph().get_check_spec(key).description)] == []
    jobs = [job for job in definitions().resolve_all_job_defs() if not job.name.startswith("__")]
    others = [*jobs, *(definitions().sensors or []), *(definitions().schedules or [])]
    assert [one.name for one in others if not is_told(one.description)] == []


def test_every_asset_links_to_the_function_that_makes_it():
    for key in graph().get_all_asset_keys():
        (link,) = graph().get(key).metadata["dagster/code_references"].code_references
        code = Path(link.file_path).read_text("utf-8").splitlines()
        assert PROJECT in Path(link.file_path).parents and link.line_number <= len(code), key


def columns(key: dg.AssetKey) -> dict[str, dg.TableColumn]:
    return {column.name: column for column in graph().get(key).metadata["dagster/column_schema"].columns}


def lineage(key: dg.AssetKey) -> Mapping[str, Sequence[dg.TableColumnDep]]:
    found = graph().get(key).metadata.get("dagster/column_lineage")
    return found.deps_by_column if found else {}


def sources(key: dg.AssetKey, column: str) -> set[tuple[str, str]]:
    """(asset, field) of raw JSON at the end of all ways back; every step on them is looked up."""
    assert column in columns(key), (key, column)
    if key.path[1] == "raw":
        return {(key.to_user_string(), column)}
    ends: set[tuple[str, str]] = set()
    for dep in lineage(key).get(column, ()):
        assert dep.asset_key in graph().get_ancestor_asset_keys(key), (key, dep)
        ends |= sources(dep.asset_key, dep.column_name)
    return ends


def test_every_column_of_the_warehouse_leads_back_to_raw_fields_or_is_said_to_be_made():
    for realm, table in ((one, table) for one in REALMS for table in shown_tables(one)):
        key = keys.asset_key(realm, "warehouse", table.name)
        assert list(columns(key)) == [column.name for column in stored_columns(table.name)]
        for name, column in columns(key).items():
            assert column.description, (table.name, name)
            found = sources(key, name)
            if name in PUBLISHED | INTERNAL:
                assert not found, (table.name, name)
            else:
                assert found or name in NO_SOURCE, (table.name, name)
                assert "Source: " in str(column.description), (table.name, name)


def test_a_value_of_a_power_leads_to_its_field():
    key = keys.asset_key("homecoming", "warehouse", "power")
    assert sources(key, "recharge_time") == {("homecoming/raw/power", "recharge_time")}
    effect = keys.asset_key("homecoming", "warehouse", "power_effect")
    assert sources(effect, "granted_power_id") == {
        ("homecoming/raw/power", "effects[].summon"),
        ("homecoming/raw/power", "full_name"),
    }
    description = columns(effect)["scale"].description
    assert description and description.endswith("Unit: multiplier. Source: power effects[].scale.")


def test_raw_fields_name_the_keys_of_other_shapes():
    field = columns(keys.asset_key("homecoming", "raw", "power"))["recharge_time"]
    assert field.description and "mids_zip: RechargeTime" in field.description
    for entity in ASSETS:
        assert len(columns(keys.asset_key("homecoming", "raw", entity))) > 5


def test_definitions_pass_dagsters_own_check(world):
    program = Path(sys.executable).with_name("dg")
    done = subprocess.run(
        [program, "check", "defs"],
        cwd=PROJECT,
        env={**world.environment, "PATH": f"{program.parent}:{world.environment['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
