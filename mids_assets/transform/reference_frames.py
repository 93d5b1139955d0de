"""The small files (raw/reference.json) to one validated frame per reference table.

A frame holds source_position (Int64, place in the list) and those logical columns of the table that the file gives,
among them references without a column of their own for the name as written.
Does not belong here: reading the files (`readers`), resolving names (`transform.tables.reference`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import polars as pl
import pyarrow as pa

from mids_assets.model.frames import DTYPES, SOURCE_POSITION
from mids_assets.model.table import NAME_LIMIT, Column, Table
from mids_assets.model.tables import TABLES, game_data
from mids_assets.readers.city_of_data.refusing import REFUSED
from mids_assets.transform.json_text import json_text
from mids_assets.transform.quarantine import Validated, quarantine_frame, record_text
from mids_assets.transform.reference_values import all_sound, value_fault

ASSET = "reference"
_POSITIONED = ("enhancement_class", "set_type", "enhancement_grade", "special_enhancement_type", "origin")
_POSITIONED += ("effect_tag", "comparison_override")
_SET_ASIDE = frozenset(table.name for table in game_data.TABLES)
"""Tables of which a second record with the key of an earlier one is set aside. Of the others it breaks a rule."""


def validate_reference(raw: Mapping[str, Mapping[str, Any]]) -> dict[str, Validated]:
    """`raw`: {table: {"source_file", "records"}}. Every reference table is in the result; an absent one is empty."""
    found: dict[str, Validated] = {}
    for table in TABLES.of_asset(ASSET):
        if table.kind == "child":
            continue
        part = raw.get(table.name)
        records = [] if part is None else part["records"]
        source_file = "" if part is None else str(part["source_file"])
        rows = [dict(record) for record in records]
        if counts_positions(table):
            rows = [{**row, "position": position} for position, row in enumerate(rows)]
        found[table.name] = _validated(table, rows, source_file)
    found["attribute_modifier"] = _modifiers(raw.get("attribute_modifier_table"))
    return found


def counts_positions(table: Table) -> bool:
    """Whether `position` of the table is the place of a record in its list, which no record states."""
    return table.name in _POSITIONED


def reference_schema(table: Table) -> pl.Schema:
    """Columns of the table's frame: source_position and what the file gives."""
    return pl.Schema({SOURCE_POSITION: pl.Int64(), **{column.name: DTYPES[column.type] for column in given(table)}})


@cache
def given(table: Table) -> tuple[Column, ...]:
    """What a record holds, in order of the frame: columns, and references that have no `raw` beside them."""
    names = (
        Column(one.name, table.logical_type(one.name), one.description, nullable=False, max_length=NAME_LIMIT)
        for one in table.references
        if one.raw is None and one.required
    )
    return (*names, *table.columns)


def _validated(table: Table, rows: list[dict[str, Any]], source_file: str) -> Validated:
    columns, schema = given(table), reference_schema(table)
    good, entries, seen, dropped = [], [], set(), 0
    for name in (column.name for column in columns if column.type == "jsonb"):
        for row in rows:
            row[name] = None if row.get(name) is None else json_text(row[name])
    doubtful = [
        column
        for column in columns
        if not all_sound(column, [row.get(column.name) for row in rows], required=table.required(column.name))
    ]
    for position, row in enumerate(rows):
        key = tuple(row.get(name) for name in table.key)
        fault = _refused(row) or _fault(doubtful, table, row)
        if fault is None and key in seen and table.name in _SET_ASIDE:
            fault = "duplicate", table.key[0], "an earlier record has the same key, and the first one counts"
        if fault is not None:
            entries.append(_entry(row.get("file", source_file), position, *fault, row))
        elif table.name == "effect_tag" and key in seen:
            dropped += 1
        else:
            seen.add(key)
            row[SOURCE_POSITION] = position
            good.append(row)
    frame = pl.DataFrame([_series(name, dtype, [row.get(name) for row in good]) for name, dtype in schema.items()])
    return Validated(frame, quarantine_frame(entries), dropped=dropped)


def _series(name: str, dtype: pl.DataType, values: list[Any]) -> pl.Series:
    """Arrow makes a column of lists in a tenth of the time that Polars takes."""
    if isinstance(dtype, pl.List):
        kind = pa.float64() if dtype.inner == pl.Float64 else pa.large_string()
        return pl.Series(name, pl.from_arrow(pa.array(values, pa.large_list(kind))), dtype)
    return pl.Series(name, values, dtype, strict=True)


def _entry(source_file: str, position: int, rule: str, field: str, message: str, record: Any) -> dict[str, Any]:
    return {
        "entity": ASSET,
        "source_file": source_file,
        "source_position": position,
        "byte_offset": None,
        "rule": rule,
        "expected": False,
        "field": field,
        "message": message,
        "record": record_text(record),
    }


def _refused(row: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Rule, field and message of a record that the reader could not make."""
    found = row.get(REFUSED)
    return None if found is None else (found["rule"], found["field"], found["message"])


def _fault(columns: Iterable[Column], table: Table, row: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Rule, field and message of the first of the columns that cannot be stored."""
    for column in columns:
        fault = value_fault(column, row.get(column.name), required=table.required(column.name))
        if fault is not None:
            return fault[0], column.name, fault[1]
    return None


def _modifiers(part: Mapping[str, Any] | None) -> Validated:
    """attribute_modifier: one row per table, level and class column.

    A record has the values of all columns level by level (`rows`), or those of each column that has any (`columns`):
    then what a column lacks is no row.
    """
    records = [] if part is None else part["records"]
    parent = TABLES["attribute_modifier_table"]
    tables = [one for one in enumerate(records) if REFUSED not in one[1] and not _fault(given(parent), parent, one[1])]
    frame = pl.concat([_by_level(tables), _by_column(tables)]).sort(SOURCE_POSITION, maintain_order=True)
    bad = pl.col("value").is_null() | ~pl.col("value").is_finite()
    source_file = "" if part is None else str(part["source_file"])
    entries = [
        _entry(source_file, row[SOURCE_POSITION], "not_finite", f"rows[{row['level']}][{row['column']}]", text, row)
        for row in frame.filter(bad).iter_rows(named=True)
        for text in ("the number is missing or not finite",)
    ]
    return Validated(frame.filter(~bad), quarantine_frame(entries))


_Tables = Sequence[tuple[int, Mapping[str, Any]]]


def _by_level(tables: _Tables) -> pl.DataFrame:
    found = [(position, table) for position, table in tables if "columns" not in table]
    values = [[list(map(_number, row)) for row in table["rows"]] for _, table in found]
    frame = _modifier_values(found, pl.Series("value", values, pl.List(pl.List(pl.Float64))))
    return _exploded(_exploded(frame, "level"), "column")


def _by_column(tables: _Tables) -> pl.DataFrame:
    found = [(position, table, one) for position, table in tables for one in table.get("columns", ())]
    values = _series("value", pl.List(pl.Float64()), [one["values"] for *_, one in found])
    columns = pl.Series("column", [one["column"] for *_, one in found], pl.Int32)
    frame = _modifier_values([(position, table) for position, table, _ in found], values, columns)
    return _exploded(frame, "level").sort(SOURCE_POSITION, "level", "column")


def _modifier_values(tables: _Tables, *columns: pl.Series) -> pl.DataFrame:
    positions = pl.Series(SOURCE_POSITION, [position for position, _ in tables], pl.Int64)
    return pl.DataFrame([positions, pl.Series("table", [table["name"] for _, table in tables], pl.String), *columns])


def _exploded(frame: pl.DataFrame, place: str) -> pl.DataFrame:
    """A row for each value, with its place in the list; columns as in `attribute_modifier`, those that there are."""
    frame = (
        frame.with_columns(pl.int_ranges(0, pl.col("value").list.len(), dtype=pl.Int32).alias(place))
        .filter(pl.col("value").list.len() > 0)
        .explode("value", place)
    )
    return frame.select(name for name in reference_schema(TABLES["attribute_modifier"]) if name in frame.columns)


def _number(value: float | str | None) -> float | None:
    """Raw JSON holds a NaN or an infinity of a binary file as text."""
    return float(value) if isinstance(value, str) else value
