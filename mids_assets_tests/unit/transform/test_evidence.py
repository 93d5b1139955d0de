"""A publish believes an earlier check only of the very same bytes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from mids_assets.errors import CheckFailed
from mids_assets.model.tables import ASSETS, TABLES
from mids_assets.transform.store import BuildPaths
from mids_assets.transform.summary import read_table_summaries
from mids_assets.transform.tabling import write_tables
from mids_assets.warehouse import publishing
from mids_assets.warehouse.publishing import verify_tables
from mids_assets_tests.unit.transform.transform_support import write_frames

POWER = "power.parquet"


@pytest.fixture
def build(tmp_path: Path) -> BuildPaths:
    paths = BuildPaths(tmp_path, "b")
    powers = [{"full_name": f"A.B.{name}", "effects": [{}, {"conditionals": [{"key": "k"}]}]} for name in "xyz"]
    powersets = [{"full_name": "A.B", "display_name": "B"}]
    paths.frames.mkdir(parents=True)
    write_frames(paths.frames, power=powers, powerset=powersets)
    for asset in ASSETS:
        assert all(tabled.rules.passed for tabled in write_tables(paths, asset))
    return paths


@pytest.fixture
def checked(monkeypatch) -> list[str]:
    """The tables whose rules are checked again."""
    names: list[str] = []
    check = publishing.check_rules

    def noted(table, *given, **named):
        names.append(table.name)
        return check(table, *given, **named)

    monkeypatch.setattr(publishing, "check_rules", noted)
    return names


def test_the_same_bytes_are_not_checked_again(build, checked):
    assert pl.read_parquet(build.tables / "power_effect_condition.parquet").height == 3
    verify_tables(read_table_summaries(build), build.tables)
    assert checked == []


def test_another_file_is_checked(build, checked):
    path = build.tables / POWER
    pl.concat([pl.read_parquet(path)] * 2).write_parquet(path)
    with pytest.raises(CheckFailed, match="table power breaks rules"):
        verify_tables(read_table_summaries(build), build.tables)
    assert checked == ["power"]


def test_what_refers_to_other_keys_is_checked(build, checked):
    path = build.tables / POWER
    pl.read_parquet(path).head(2).write_parquet(path)
    with pytest.raises(CheckFailed, match=r"table power_effect breaks rules.*reference: power: 2 rows"):
        verify_tables(read_table_summaries(build), build.tables)
    assert checked == ["power", "power_effect"]


def test_a_table_that_failed_or_was_never_checked_is_checked(build, checked):
    summaries = read_table_summaries(build)
    summaries["power"].failures["some rule"] = 1
    summaries["powerset"].checked.clear()
    verify_tables(summaries, build.tables)
    assert checked == ["powerset", "power"]


def test_every_table_of_the_model_has_evidence(build):
    assert all(summary.checked for summary in read_table_summaries(build).values())
    assert set(read_table_summaries(build)) == {table.name for table in TABLES}
