"""Guards over made-up summaries: each is hit once, and what is normal hits none."""

from __future__ import annotations

import polars as pl
import pytest

from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.rows import SCHEMA
from mids_assets.transform.guards import Before, Guarded, guard, leaps
from mids_assets.transform.measures import isolated, measure
from mids_assets.transform.summary import TableSummary

GIVEN = frozenset(table.name for table in TABLES if table.asset == "reference")


def guards(
    rows: dict[str, int], before: dict[str, int] | None, vanished=None, given=GIVEN, **measures
) -> list[Guarded]:
    """`measures`: table -> (measures before, measures now)."""
    tables = {
        table.name: TableSummary(rows.get(table.name, 0), measures=measures.get(table.name, ({}, {}))[1])
        for table in TABLES
    }
    old = None if before is None else Before(before, {name: pair[0] for name, pair in measures.items()}, vanished)
    return guard(tables, old, vanished_share=0.05, given=given)


def told(found: list[Guarded]) -> list[tuple[str, str, bool]]:
    return [(one.rule, one.table, one.blocking) for one in found]


def test_nothing_before_guards_nothing():
    assert guards({}, None) == []


@pytest.mark.parametrize(
    ("rows", "before", "vanished", "expected"),
    [
        ({"power": 9_800}, {"power": 10_000}, {"power": 500}, []),
        ({"power": 10_000}, {"power": 10_000}, {"power": 501}, [("vanished", "power", True)]),
        ({"power": 20_000}, {"power": 10_000}, None, []),
        ({"power": 9_000}, {"power": 10_000}, None, [("vanished", "power", True)]),
        ({"salvage": 10}, {"salvage": 50}, {"salvage": 40}, []),
        ({"salvage": 10}, {"salvage": 51}, {"salvage": 41}, [("vanished", "salvage", True)]),
        ({}, {"salvage": 3}, {"salvage": 3}, [("emptied", "salvage", True)]),
        ({}, {"power_effect": 1001}, None, [("emptied", "power_effect", True)]),
        ({}, {"summoned_entity_powerset": 427}, None, [("emptied", "summoned_entity_powerset", False)]),
        ({"power_group": 100}, {"power_group": 278}, None, [("vanished", "power_group", False)]),
        ({"power_effect": 5000}, {"power_effect": 5000}, {"power_effect": 4000}, []),
        ({"power_effect": 4000}, {"power_effect": 5000}, {}, [("vanished", "power_effect", True)]),
        ({}, {"power": 0}, None, []),
    ],
)
def test_rows_that_vanish(rows, before, vanished, expected):
    assert told(guards(rows, before, vanished)) == expected


def test_a_small_table_without_its_file_is_a_warning_and_with_it_blocks():
    before = {"attribute_modifier_table": 94, "attribute_modifier": 308_700}
    names = list(before)
    assert told(guards({}, before, given=frozenset())) == [("emptied", name, False) for name in names]
    assert told(guards({}, before)) == [("emptied", name, True) for name in names]
    assert "no file" in guards({}, before, given=frozenset())[0].message


@pytest.mark.parametrize(
    ("old", "new", "hit"),
    [
        ([100, 1.5, 9], [100, 4.7 * 1.5, 9], False),
        ([100, 1.5, 9], [100, 10.1 * 1.5, 9], True),
        ([100, 1.5, 9], [100, 1.5 / 10.1, 9], True),
        ([10, 1.5, 9], [100, 90 * 1.5, 9], False),
        ([10, 1.5, 9], [10, 101 * 1.5, 9], True),
    ],
)
def test_means_that_move(old, new, hit):
    found = guards({"power": 1}, {"power": 1}, {}, power=({"recharge_time": old}, {"recharge_time": new, "range": new}))
    assert told(found) == ([("mean: recharge_time", "power", True)] if hit else [])
    assert all("decimal mark" in one.message and one.observed > one.limit for one in found)


@pytest.mark.parametrize(
    ("table", "field", "old", "new", "hit"),
    [
        ("power", "recharge_time", "16.0", "16000.0", True),
        ("power", "recharge_time", "16000.0", "16.0", False),
        ("power", "recharge_time", "1.0", "90.0", False),
        ("power", "recharge_time", "1.0", "999.0", False),
        ("power", "range", "1.0", "9000.0", False),
        ("power", "recharge_time", "0.0", "9000.0", False),
        ("power", "recharge_time", "9000.0", "-1.0", False),
        ("power", "recharge_time", "null", "9000.0", False),
        ("power", "static_index", "1", "9000", False),
        ("power", "display_name", '"1"', '"9000"', False),
    ],
)
def test_single_values_that_leap(table, field, old, new, hit):
    row = dict(zip(SCHEMA, (table, "A.B.C", None, "changed", field, old, new, None), strict=True))
    whole = {**row, "change": "added", "field": None, "old_value": None}
    measures = {"power": {"recharge_time": [9, 20.0, 1000.0]}}
    found = leaps(pl.DataFrame([row, whole], schema=SCHEMA), measures)
    assert [(one.rule, one.table, one.observed) for one in found] == ([(f"leap: {field}", table, 1)] if hit else [])
    assert all("A.B.C" in one.message for one in found)


def test_measures_leave_out_zeros_and_signs():
    frame = pl.LazyFrame({"name": ["a", "b", "c"], "x": [0.0, -2.0, 4.0], "y": [0.0, 0.0, 0.0], "n": [1, 2, 3]})
    assert measure(frame) == {"x": [2, 3.0, 4.0]}
    assert measure(frame.select("name")) == {}


def _modifiers(*values: float) -> pl.LazyFrame:
    rows = {"table": "T", "level": range(len(values)), "column": 0, "value": values}
    other = {"table": "U", "level": range(len(values)), "column": 0, "value": [1000.0 * value for value in values]}
    return pl.concat([pl.LazyFrame(rows), pl.LazyFrame(other)])


def test_a_value_that_sticks_out_among_its_neighbours_is_found_with_its_key():
    table = TABLES["attribute_modifier"]
    assert isolated(table, _modifiers(1.0, 1.1, 1.2, -1.3)) == []
    assert isolated(table, _modifiers(0.0, 5.0, 0.0)) == []
    assert isolated(table, _modifiers(1.0, -1100.0, 1.2)) == [
        "table=T, level=1, column=0",
        "table=U, level=1, column=0",
    ]
    assert isolated(TABLES["power"], pl.LazyFrame()) == []
    summary = {table.name: TableSummary(1) for table in TABLES}
    summary["attribute_modifier"] = TableSummary(6, isolated=["table=T, level=1, column=0"])
    (found,) = guard(summary, None, vanished_share=0.05, given=GIVEN)
    assert (found.rule, found.blocking, found.observed) == ("neighbours", True, 1) and "level=1" in found.message
