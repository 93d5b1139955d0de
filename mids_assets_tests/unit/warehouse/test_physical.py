"""Which stored columns a table's file fills: only what is surely null may be left out of a COPY."""

from __future__ import annotations

import polars as pl
import pytest

from mids_assets.model.frames import frame_schema
from mids_assets.model.tables import TABLES
from mids_assets.warehouse.physical import Rows
from mids_assets.warehouse.stored import stored_columns


def test_an_empty_list_is_no_null(tmp_path):
    table = TABLES["archetype"]
    path = tmp_path / "archetype.parquet"
    rows = [{"natural_key": name, "name": name, "origins": []} for name in "ab"]
    pl.DataFrame(rows, schema=frame_schema(table, TABLES)).write_parquet(path)
    filled = Rows(table, path, {}).filled
    assert {"id", "name", "origins"} <= filled
    assert not {"hitpoint_cap", "description_long", "extra"} & filled


def test_a_table_without_rows_has_all_its_columns(tmp_path):
    """COPY takes no empty list of columns."""
    path = tmp_path / "power_effect.parquet"
    pl.DataFrame(schema=frame_schema(TABLES["power_effect"], TABLES)).write_parquet(path)
    filled = Rows(TABLES["power_effect"], path, {}).filled
    assert filled == {column.name for column in stored_columns("power_effect")}


def test_a_file_that_does_not_tell_fills_all(tmp_path):
    table = TABLES["archetype"]
    path = tmp_path / "archetype.parquet"
    schema = frame_schema(table, TABLES)
    pl.DataFrame([{"natural_key": "a"}], schema=schema).write_parquet(path, statistics=False)
    assert Rows(table, path, {}).filled == {column.name for column in stored_columns("archetype")}


@pytest.mark.parametrize("rows", [0, 1, 2500])
def test_only_rows_among_those_that_are_asked_for(tmp_path, rows):
    """Of several batches, in their order; a key that the build does not hold matters in these rows alone."""
    table, known = TABLES["power_effect"], {f"a.b.p{number}": number for number in range(1000)}
    path = tmp_path / "power_effect.parquet"
    powers = [f"a.b.p{number // 3}" for number in range(rows)]
    records = [{"power": power, "position": place % 3} for place, power in enumerate(powers)]
    pl.DataFrame(records, schema=frame_schema(table, TABLES)).write_parquet(path)
    ids = {"power": known, "archetype": known, "summoned_entity": known}
    found = Rows(table, path, ids)
    wanted = pl.DataFrame({"power_id": [700, 0, 5, 900]}, schema={"power_id": pl.Int64})
    columns = ("power_id", "position")
    expected = [(known[power], place % 3) for place, power in enumerate(powers) if known[power] in (0, 5, 700, 900)]
    assert [row for batch in found.batches(columns, among=wanted) for row in batch.rows()] == expected
    whole = [row for batch in found.batches(columns) for row in batch.rows()]
    assert whole == [(known[power], place % 3) for place, power in enumerate(powers)]
