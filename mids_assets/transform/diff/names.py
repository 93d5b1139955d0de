"""Names that a player knows for the rows of a diff, and words for its fields.

Does not belong here: sentences (`notes.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache

import polars as pl

from mids_assets.model.table import NATURAL_KEY, Column, Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.columns import fixed
from mids_assets.transform.diff.keys import entity_keys
from mids_assets.transform.diff.side import Side

_SHOWN = ("display_name", "external_name", "name")
"""The first of these columns is what a player sees."""
_WITHIN = {"power": "powerset", "enhancement": "enhancement_set"}
"""Entity -> the reference to what it is named with: Fire Blast / Fire Ball."""
_UNITS = {"seconds": "s", "feet": "ft", "degrees": "degrees",  "hit points": "hit points",
          "influence": "inf"}  # fmt: skip
_LONG = 40


def shown_names(table: Table, sides: Iterable[Side], keys: Iterable[str]) -> dict[str, str]:
    """Key as a diff spells it -> name; of the first side that has the row. Without a name it is the key."""
    wanted = pl.Series("key", list(keys), dtype=pl.String).unique(maintain_order=True)
    names: dict[str, str] = {}
    column = next((name for name in _SHOWN if name in table.by_name), None)
    if table.kind != "entity" or column is None:
        return {key: key for key in wanted}
    for side in sides:
        within_column = [_WITHIN[table.name]] if table.name in _WITHIN else []
        columns = dict.fromkeys([NATURAL_KEY, *table.key, column, *within_column])
        rows = side.scan(table).select(list(columns)).collect()
        rows = rows.with_columns(entity_keys(rows, table).alias("key")).filter(pl.col("key").is_in(wanted.implode()))
        if table.name in _WITHIN:
            within = _owners(table, side)
            rows = rows.with_columns(pl.col(_WITHIN[table.name]).replace_strict(within, default=None).alias("within"))
        else:
            rows = rows.with_columns(pl.lit(None, pl.String).alias("within"))
        for key, within, own in rows.select("key", "within", column).iter_rows():
            names.setdefault(key, " / ".join(part for part in (within, own) if part) or key)
    return {str(key): names.get(str(key), str(key)) for key in wanted}


def _owners(table: Table, side: Side) -> dict[str, str]:
    target = TABLES[table.reference(_WITHIN[table.name]).target]
    rows = side.scan(target).select(NATURAL_KEY, "display_name").collect()
    return {key: name or key for key, name in rows.iter_rows()}


def member_names(table: Table, sides: Iterable[Side]) -> dict[str, str]:
    """Where a child's key names a row of a small table by its number: number as text -> its name."""
    for name in fixed(table):
        member = table.by_name[name]
        if isinstance(member, Column) or table.target(member).kind != "reference":
            continue
        target = table.target(member)
        found: dict[str, str] = {}
        if "name" in target.by_name and len(target.key) == 1 and "name" not in target.key:
            for side in sides:
                for key, text in side.scan(target).select(target.key[0], "name").collect().iter_rows():
                    found.setdefault(str(key), text or str(key))
        return found
    return {}


@cache
def word(table: Table) -> str:
    """`effect` for power_effect, `recipe level` for recipe_level below a recipe is `level`."""
    parent = table.reference(table.parent).target if table.parent else ""
    name = table.name.removeprefix(f"{parent}_")
    return name.replace("_", " ")


@cache
def label(table: Table, field: str) -> str:
    """`recharge` for recharge_time, whose unit says that it is a time."""
    column = table.by_name[field]
    is_time = isinstance(column, Column) and column.unit == "seconds"
    return (field.removesuffix("_time") if is_time else field).replace("_", " ")


def value(table: Table, field: str, text: str | None) -> str | None:
    """A value with its unit; None for a text that is too long to be shown."""
    column = table.by_name[field]
    if text is None:
        return "none"
    if isinstance(column, Column) and column.type == "jsonb":
        return None
    found = json.loads(text)
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, list):
        return (", ".join(found) or "none") if sum(map(len, found)) <= 2 * _LONG else None
    if isinstance(found, str):
        return None if len(found) > _LONG or "\n" in found else (found or "none")
    unit = _UNITS.get(column.unit or "") if isinstance(column, Column) else None
    return f"{text.removesuffix('.0')} {unit}" if unit else text
