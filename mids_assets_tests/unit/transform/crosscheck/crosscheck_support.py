"""Two made-up sides of a cross-check: powers of two copies of a set, with values in every compared field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import polars as pl

from mids_assets.model.enums import ENUMERATIONS
from mids_assets.model.frames import frame_schema
from mids_assets.model.table import NATURAL_KEY, Column, Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.crosscheck.check import READ, cross_check
from mids_assets.transform.crosscheck.schema import CrossCheck
from mids_assets.transform.diff.side import Side

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
FLAME, EMBER = "Mage_Ranged.Fire_Song.Flame", "Mage_Ranged.Fire_Song.Ember"
COPY = "Bard_Ranged.Fire_Song.Flame"


def power(full_name: str = FLAME, **values: Any) -> dict[str, Any]:
    group, powerset, name = full_name.split(".")
    row = {
        "full_name": full_name, "powerset": f"{group}.{powerset}".lower(), "position": 0, "name": name,
        "display_name": name,
        "power_type": "Click", "level_available": 4, "accuracy": 1.2, "recharge_time": 8.0, "cast_time": 1.67,
        "interrupt_time": 3.0, "activate_period": 0.75, "endurance_cost": 8.53, "range": 80.0,
        "range_secondary": 25.0, "radius": 15.0, "arc": 30, "max_targets": 16, "num_allowed": 1, "num_charges": 5,
        "usage_time": 60, "life_time": 90, "life_time_in_game": 45, "effect_area": "Sphere",
        "attack_types": ["Ranged_Attack", "Fire_Attack"], "entities_affected": ["Foe"], "entities_auto_hit": [],
        "target": ["Foe"], "target_secondary": [], "target_line_of_sight": True, "cast_flags": ["NearGround"],
        "cast_through_hold": False, "ignore_strength": False, "modes_required": [],
        "modes_disallowed": ["Disable_All"], "boosts_allowed": ["Damage_Boost", "Range_Boost"], "max_boosts": "6",
        "never_auto_update": False,
    }  # fmt: skip
    return coded("power", row | values)


def effect(full_name: str = FLAME, position: int = 0, **values: Any) -> dict[str, Any]:
    row = {
        "power": full_name.lower(), "position": position, "effect_type": "Damage", "damage_type": "Fire",
        "mez_type": "None", "modifies_effect_type": "None", "aspect": "Abs", "pv_mode": "PvE", "to_who": "Target",
        "scale": 1.32, "magnitude": 1.0, "modifier_table": "Ranged_Damage", "duration": 3.1, "ticks": 4,
        "base_probability": 0.8, "delayed_time": 0.5, "procs_per_minute": 0.0, "attrib_type": "Magnitude",
        "summon": "",
    }  # fmt: skip
    return coded("power_effect", row | values)


def modifiers(**tables: float) -> list[dict[str, Any]]:
    """Level 50 of tables of one class."""
    return [{"table": name.lower(), "level": 49, "column": 0, "value": value} for name, value in tables.items()]


MAGE = {"name": "Class_Mage", "playable": True, "primary_group": "Mage_Ranged", "modifier_column": 0}


def coded(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row with the numbers of its enumerations, where they are not given."""
    for column in TABLES[table].columns:
        number = f"{column.name}_code"
        if isinstance(column, Column) and column.enum and column.name in row and number in TABLES[table].by_name:
            numbers = {name: value for value, name in ENUMERATIONS[column.enum].members}
            names = row[column.name] or []
            found = [numbers[name] for name in ([names] if isinstance(names, str) else names)]
            row.setdefault(number, reduce(or_, found, 0))
    return row


def rows(*powers: Mapping[str, Any], **others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"archetype": [MAGE], "power": list(powers) or [power(FLAME), power(EMBER), power(COPY)], **others}


def side(folder: Path, given: Rows, **facts: Any) -> Side:
    """The tables that a cross-check reads; columns that are not given are null, an entity's key is its name folded."""
    folder.mkdir(parents=True)
    for table in READ:
        table_file(folder, table, given.get(table.name, ()))
    return Side(tables=folder, build="b" * 16, **facts)


def table_file(folder: Path, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    schema = frame_schema(table, TABLES)
    filled = []
    for row in rows:
        assert not row.keys() - schema.keys(), row.keys() - schema.keys()
        key = {NATURAL_KEY: str(row[table.key[0]]).lower()} if table.kind == "entity" else {}
        filled.append(dict.fromkeys(schema) | key | dict(row))
    pl.DataFrame(filled, schema=schema).write_parquet(folder / f"{table.name}.parquet")


def sides(folder: Path, ours: Rows, theirs: Rows) -> tuple[Side, Side]:
    return (
        side(folder / "ours", ours, release="a" * 16, version="21.3", date="2021-03-31T00:00:00+00:00"),
        side(folder / "theirs", theirs, release="b" * 16, version="r1", date="2025-06-17T00:00:00+00:00"),
    )


def check(folder: Path, ours: Rows, theirs: Rows) -> CrossCheck:
    return cross_check(*sides(folder, ours, theirs))


def lines(result: CrossCheck) -> list[tuple]:
    """(key, field, ours, theirs, suspicion) of each discrepancy, in their order."""
    return result.discrepancies.select("key", "field", "ours", "theirs", "suspicion").rows()
