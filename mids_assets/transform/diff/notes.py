"""A diff as patch notes: one line per power, set, recipe and so on, with the names that players know.

    Fire Blast / Fire Ball: recharge 16 s -> 14 s; effect 2 damage scale 1.0 -> 1.1

Effects are counted from 1. What the same sentence says of many things is said once.
Does not belong here: names and words (`names.py`), counts and tables (`report.py`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping

import polars as pl

from mids_assets.model.table import Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.columns import CODE, places
from mids_assets.transform.diff.compare import Diff
from mids_assets.transform.diff.keys import join, split
from mids_assets.transform.diff.names import label, member_names, shown_names, value, word
from mids_assets.transform.diff.rows import ADDED, REMOVED, RENAMED
from mids_assets.transform.diff.side import Side

SAME = 4
"""From so many things on of which the same is said, they share a line."""
NAMED = 3
PARTS = 12
"""So many changes of one thing are spelled out."""
FIELDS = 4
"""So many changed fields of one effect are spelled out."""
_KINDS = ("effect_type", "damage", "mez", "enhance")
"""Enumerations by whose members a reader knows an effect."""
_ALSO = ("summon", "scale", "count", "group_membership")
SMALL = frozenset(table.name for table in TABLES.of_asset("reference"))
"""The small tables: numbers behind the game, which a reader wants to see after powers and enhancements."""
REASSIGNED = "another shown name: was the number given to another power?"


def notes(diff: Diff) -> list[str]:
    """The lines, by table in the model's order, the small ones last; none where nothing was before or changed."""
    if diff.old is None:
        return []
    sides = (diff.new, diff.old)
    lines: list[str] = []
    for table in sorted(TABLES, key=lambda table: table.name in SMALL):
        if table.kind != "child":
            family = [table.name, *(child.name for child in TABLES.children(table.name))]
            rows = diff.changes.filter(pl.col("table_name").is_in(family))
            if rows.height:
                lines += _family(table, rows, sides)
    return lines


def _family(table: Table, rows: pl.DataFrame, sides: tuple[Side, Side]) -> Iterator[str]:
    said: dict[str, list[str]] = {}
    types = _effect_types(rows, sides)
    members = {name: member_names(TABLES[name], sides) for name in rows["table_name"].unique(maintain_order=True)}
    whole = {
        row["natural_key"]
        for row in rows.filter(pl.col("table_name") == table.name).iter_rows(named=True)
        if row["change"] in (ADDED, REMOVED)
    }
    groups: dict[tuple[str, str], list[dict]] = {}
    for row in rows.iter_rows(named=True):
        is_own = row["table_name"] == table.name
        root = row["natural_key"] if is_own else split(row["natural_key"])[0]
        if not is_own and root in whole:
            continue
        groups.setdefault((root, row["table_name"] if not is_own else ""), []).append(row)
    for (root, child), found in groups.items():
        parts = _rows_of_child(TABLES[child], found, types, members[child]) if child else _own(table, found)
        said.setdefault(root, []).extend(parts)
    names = shown_names(table, sides, said)
    twice = {name for name, count in Counter(names.values()).items() if count > 1}
    together: dict[str, list[str]] = {}
    for root, parts in said.items():
        more = [f"and {len(parts) - PARTS} more changes"] if len(parts) > PARTS else []
        name = f"{names[root]} ({root})" if names[root] in twice else names[root]
        together.setdefault("; ".join([*parts[:PARTS], *more]), []).append(name)
    for text, found in together.items():
        things = [f"{word(table)} {name}" for name in found] if table.kind == "reference" else found
        if len(things) < SAME:
            yield from (f"{name}: {text}" for name in things)
        else:
            yield f"{', '.join(things[:NAMED])} and {len(things) - NAMED} more: {text}"


def _own(table: Table, rows: list[dict]) -> Iterator[str]:
    """What is said of the thing itself."""
    for row in rows:
        if row["change"] == ADDED:
            yield "new"
        elif row["change"] == REMOVED:
            yield "removed"
        elif row["change"] == RENAMED:
            evidence = json.loads(row["evidence"])
            doubt = "" if evidence["same_display_name"] else f" ({REASSIGNED})"
            yield f"renamed from {row['old_key']}{doubt}"
        else:
            yield _field(table, row)


def _field(table: Table, row: Mapping[str, str | None]) -> str:
    name = str(row["field"])
    before, after = value(table, name, row["old_value"]), value(table, name, row["new_value"])
    shown = label(table, name).removesuffix(CODE.replace("_", " "))
    return f"{shown} changed" if before is None or after is None else f"{shown} {before} -> {after}"


def _rows_of_child(
    table: Table, rows: list[dict], types: Mapping[str, str], members: Mapping[str, str]
) -> Iterator[str]:
    by_row: dict[tuple[str, str], list[dict]] = {}
    for row in rows:
        by_row.setdefault((row["natural_key"], row["change"]), []).append(row)
    for (key, change), found in by_row.items():
        what = f"{word(table)} {_place(table, key, members)}"
        if change in (ADDED, REMOVED):
            yield f"{what} {change}{_contents(table, found[0])}"
            continue
        kind = f" {types[key].lower()}" if types.get(key) else ""
        fields = [_field(table, row) for row in found]
        more = f" and {len(fields) - FIELDS} more fields" if len(fields) > FIELDS else ""
        yield f"{what}{kind} {', '.join(fields[:FIELDS])}{more}"


def _place(table: Table, key: str, members: Mapping[str, str]) -> str:
    """The key below the parent; the place in a list counted from 1."""
    parts = [members.get(part, part) for part in split(key)[1:]]
    if places(table):
        parts[-1] = str(int(split(key)[-1]) + 1)
    return " ".join(parts)


def _contents(table: Table, row: Mapping[str, str | None]) -> str:
    """The few values by which a row of a list is known: names, and its scale."""
    if not places(table):
        return ""
    values = json.loads(str(row["new_value"] or row["old_value"]))
    told = []
    for column in table.columns:
        found = values.get(column.name)
        if found in (None, "", "None") or column.name == "power_full_name":
            continue
        if column.type == "text" and (column.enum in _KINDS or column.name.endswith("_name")):
            told.append(str(found))
        elif column.name in _ALSO:
            told.append(f"{label(table, column.name)} {found}")
    return f" ({', '.join(told)})" if told else ""


def _effect_types(rows: pl.DataFrame, sides: tuple[Side, Side]) -> dict[str, str]:
    """Key of a changed effect -> what it does, so that a reader knows which one is meant."""
    found: dict[str, str] = {}
    for name in rows["table_name"].unique(maintain_order=True):
        table = TABLES[name]
        if table.parent is None or "effect_type" not in table.by_name:
            continue
        keys = rows.filter((pl.col("table_name") == name) & pl.col("field").is_not_null())["natural_key"].unique()
        parents = {split(key)[0].lower(): split(key)[0] for key in sorted(keys)}
        place = places(table)[0]
        effects = (
            sides[0].scan(table)
            .select(table.parent, place, "effect_type")
            .filter(pl.col(table.parent).is_in(pl.Series(list(parents), dtype=pl.String).implode()))
            .collect()
        )  # fmt: skip
        for parent, position, kind in effects.iter_rows():
            found[join([parents[parent], str(position)])] = kind or ""
    return found
