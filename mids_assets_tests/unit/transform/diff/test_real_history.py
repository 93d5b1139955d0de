"""The real history: the figures that were counted by hand in the source files."""

from __future__ import annotations

import itertools
from pathlib import Path

import polars as pl
import pytest

from mids_assets.commands.exporting import run_export
from mids_assets.settings import Settings
from mids_assets.transform.diff.apply import apply, table_rows
from mids_assets.transform.diff.compare import Diff, compare
from mids_assets.transform.diff.keys import split
from mids_assets.transform.diff.side import Side
from mids_assets.transform.diff.stored import stored_side
from mids_assets.transform.ingest import store_release
from mids_assets.transform.store import BuildPaths, Store
from mids_assets_tests.real import needs_real, release
from mids_assets_tests.unit.transform.diff.test_apply import read_tables, without_places

pytestmark = [pytest.mark.real, needs_real]
HISTORY = ("2019-07-28", "2020-11-14", "2021-02-11", "2021-03-31")


@pytest.fixture(scope="module")
def sides(tmp_path_factory) -> list[Side]:
    folder: Path = tmp_path_factory.mktemp("history")
    found = []
    for day in HISTORY:
        stored = store_release(Store(folder / "releases"), "homecoming", release(f"homecoming-{day}"))
        run_export(Settings(data_dir=folder), stored.folder / "source", folder / day, "parquet")
        found.append(stored_side(BuildPaths(stored.folder, day), folder / day / "tables"))
    return found


@pytest.fixture(scope="module")
def diffs(sides) -> list[Diff]:
    return [compare(old, new) for old, new in itertools.pairwise(sides)]


def test_powers_that_came_and_went(diffs):
    def gone_and_new(diff: Diff) -> tuple[int, int]:
        found = diff.counts["power"]
        renamed = found.get("renamed", 0)
        return found.get("removed", 0) + renamed, found.get("added", 0) + renamed

    assert [gone_and_new(diff) for diff in diffs] == [(206, 128), (10, 27), (0, 0)]
    assert [diff.counts["power"].get("renamed", 0) for diff in diffs] == [2, 0, 0]


def test_powers_that_changed_between_the_last_two(diffs):
    """In a stored field of their own, the sets that they take among them; effects and their conditions apart."""
    rows = diffs[-1].changes.filter(pl.col("table_name").str.starts_with("power"))
    assert set(rows["table_name"]) == {"power", "power_effect", "power_effect_condition", "power_allowed_set_type"}
    own = rows.filter(~pl.col("table_name").str.starts_with("power_effect"))
    is_place = pl.col("field").eq_missing("display_location")
    stored = {split(key)[0] for key in own.filter(~is_place)["natural_key"]}
    placed = {split(key)[0] for key in own.filter(is_place)["natural_key"]}
    assert (len(stored), len(placed - stored)) == (14, 23)
    assert diffs[-1].counts["power_effect"] == {"added": 52, "removed": 27, "changed": 6}


def test_what_a_layout_or_a_release_lacks_makes_no_change(diffs):
    fields = [set(diff.changes["field"].drop_nulls()) for diff in diffs]
    for lacking in ("base_recharge_time", "variable_override", "attrib_modified_accuracy", "duration_expression"):
        assert lacking not in fields[0]
    assert all("attribute_modifier" in diff.left_out for diff in diffs)
    assert "recipe.is_generic" in diffs[2].left_out and "is_generic" not in fields[2]
    # What the first of both does have is compared: its Mids.zip holds values of it, whatever its date.
    assert "power_allowed_enhancement" in diffs[0].counts


def test_the_diffs_applied_give_the_next_release(sides, diffs):
    for old, new, diff in zip(sides, sides[1:], diffs, strict=False):
        left_out = frozenset(diff.left_out)
        result = apply(diff, read_tables(old.tables))
        assert without_places(result) == without_places(table_rows(read_tables(new.tables), left_out))


def test_renames_have_a_number_and_doubt_is_noted(diffs):
    renamed = diffs[0].changes.filter(table_name="power", change="renamed")
    assert all('"kind": "static_index"' in text for text in renamed["evidence"])
