"""Changes taken together are the changes between the first and the last release, whatever lies between."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.apply import Tables, apply, table_rows
from mids_assets.transform.diff.columns import code_of, places, spell
from mids_assets.transform.diff.compare import Diff, compare
from mids_assets.transform.diff.compose import Step
from mids_assets.transform.diff.compose_rows import Change
from mids_assets.transform.diff.rows import SCHEMA
from mids_assets.transform.diff.side import Side
from mids_assets_tests.unit.transform.diff.diff_support import Rows, side
from mids_assets_tests.unit.transform.diff.test_apply import _SLOW, read_tables, releases


def changes_of(diff: Diff) -> list[Change]:
    columns = ["table_name", "natural_key", "old_key", "change", "field", "old_value", "new_value"]
    return [
        Change(table, key, old_key, change, field, _value(old), _value(new))
        for table, key, old_key, change, field, old, new in diff.changes.select(columns).iter_rows()
    ]


def as_diff(changes: list[Change], old: Side, new: Side) -> Diff:
    rows = [
        (
            c.table,
            c.key,
            c.old_key,
            c.change,
            c.field,
            spell(c.old),
            spell(c.new),
            "{}" if c.change == "renamed" else None,
        )
        for c in changes
    ]
    return Diff(old, new, pl.DataFrame(rows, schema=SCHEMA, orient="row"), {})


@st.composite
def consistent(draw) -> Rows:
    """Releases in which every number of an enumeration has its name: a diff that tells the name after a number without
    one does not tell that number."""
    found = draw(releases())
    for row in found["power_effect"]:
        for name in ("effect_type", "damage_type"):
            row[f"{name}_code"] = code_of(TABLES["power_effect"].column(name), row[name])
    return found


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def leads(changes: list[Change], old: Side, new: Side) -> None:
    """The changes, applied to the old tables, give the new ones."""
    applied = apply(as_diff(changes, old, new), read_tables(old.tables))
    assert told(applied) == told(table_rows(read_tables(new.tables)))


def told(tables: Tables) -> dict[str, object]:
    """Of lists without an order only how many rows each has: which of them stayed is not known."""
    return {
        name: Counter(key.rpartition(" / ")[0] for key in rows)
        if TABLES[name].unordered and places(TABLES[name])
        else rows
        for name, rows in tables.items()
    }


@settings(max_examples=6, **_SLOW)
@given(consistent(), consistent(), consistent())
def test_two_steps_lead_from_the_first_release_to_the_last(first, second, third):
    with TemporaryDirectory() as name:
        folder = Path(name)
        sides = [side(folder / str(number), rows) for number, rows in enumerate((first, second, third))]
        one, two = (Step(changes_of(compare(*pair))) for pair in (sides[:2], sides[1:]))
        both = one.then(two)
        leads(list(both.changes()), sides[0], sides[2])
        leads(list(both.reversed().changes()), sides[2], sides[0])
        leads(list(both.then(both.reversed()).changes()), sides[0], sides[0])
        back = Step(changes_of(compare(sides[1], sides[0])))
        leads(list(both.then(two.reversed()).then(back).then(one).changes()), sides[0], sides[1])


POWER, OTHER = "Set.Fire.Ball", "Set.Fire.Bolt"


def changed(key: str, name: str, old: Any, new: Any, old_key: str | None = None, table: str = "power") -> Change:
    return Change(table, key, old_key, "changed", name, old, new)


def added(key: str, table: str = "power", **values: Any) -> Change:
    return Change(table, key, None, "added", None, None, values)


def removed(key: str, table: str = "power", **values: Any) -> Change:
    return Change(table, key, None, "removed", None, values, None)


def renamed(old: str, new: str) -> Change:
    return Change("power", new, old, "renamed", None, None, None)


def effect(place: int, power: str = POWER) -> str:
    return f"{power} / {place}"


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        ([[changed(POWER, "range", 1, 2)], [changed(POWER, "range", 2, 3)]], [changed(POWER, "range", 1, 3)]),
        ([[changed(POWER, "range", 1, 2)], [changed(POWER, "range", 2, 1)]], []),
        ([[added(POWER, range=1)], [removed(POWER, range=1)]], []),
        ([[added(POWER, range=1)], [changed(POWER, "range", 1, None)]], [added(POWER)]),
        ([[changed(POWER, "range", 1, 2)], [removed(POWER, range=2, arc=3)]], [removed(POWER, range=1, arc=3)]),
        ([[removed(POWER, range=1, arc=3)], [added(POWER, range=2, arc=3)]], [changed(POWER, "range", 1, 2)]),
        ([[removed(POWER, range=1)], [added(POWER, range=1)]], []),
        ([[renamed(POWER, OTHER)], [renamed(OTHER, POWER)]], []),
        (
            [[renamed(POWER, OTHER), changed(OTHER, "range", 1, 2, POWER)], [changed(OTHER, "range", 2, 3)]],
            [renamed(POWER, OTHER), changed(OTHER, "range", 1, 3, POWER)],
        ),
        # An effect that an earlier step pushed on, and that a later one changes, or takes away with what it belongs to.
        (
            [
                [added(effect(0), "power_effect", scale=5)],
                [changed(effect(2), "scale", 1, 2, table="power_effect")],
            ],
            [added(effect(0), "power_effect", scale=5), changed(effect(2), "scale", 1, 2, effect(1), "power_effect")],
        ),
        (
            [[renamed(POWER, OTHER)], [changed(effect(1, OTHER), "scale", 1, 2, table="power_effect")]],
            [renamed(POWER, OTHER), changed(effect(1, OTHER), "scale", 1, 2, effect(1), "power_effect")],
        ),
        # Rows of a list that went and come back where they were, and one that comes back elsewhere.
        (
            [
                [removed(effect(place), "power_effect", position=place, scale=place) for place in range(3)],
                [added(effect(place), "power_effect", position=place, scale=place) for place in range(3)],
            ],
            [],
        ),
        (
            [[removed(effect(0), "power_effect", scale=5)], [added(effect(1), "power_effect", scale=5)]],
            [added(effect(1), "power_effect", scale=5), removed(effect(0), "power_effect", scale=5)],
        ),
        # The number of a name that stands for it is not told, and the number of none is.
        (
            [
                [changed(POWER, "power_type", "Click", "Toggle")],
                [changed(POWER, "power_type", "Toggle", None), changed(POWER, "power_type_code", 2, 77)],
            ],
            [changed(POWER, "power_type", "Click", None), changed(POWER, "power_type_code", 0, 77)],
        ),
        (
            [
                [changed(POWER, "power_type", "Click", None), changed(POWER, "power_type_code", 0, 77)],
                [changed(POWER, "power_type", None, "Toggle")],
            ],
            [changed(POWER, "power_type", "Click", "Toggle")],
        ),
    ],
)  # fmt: skip
def test_what_is_left(steps, wanted):
    found = Step()
    for step in steps:
        found = found.then(Step(step))
    assert list(found.changes()) == wanted


def test_the_whole_row_that_is_added_has_the_number_of_its_name():
    step = Step([added(POWER, power_type="Click", power_type_code=0)])
    (found,) = step.then(Step([changed(POWER, "power_type", "Click", "Toggle")])).changes()
    assert found.new == {"power_type": "Toggle", "power_type_code": 2}
