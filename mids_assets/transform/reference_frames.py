"""The small files (raw/reference.json) to one validated frame per reference table.

A frame holds source_position (Int64, place in the list) and those logical columns of the table that the file gives,
among them references without a column of their own for the name as written.
Does not belong here: reading the files (`readers`), resolving names (`transform.tables.reference`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import polars as pl

from mids_assets.model.frames import DTYPES, SOURCE_POSITION
from mids_assets.model.table import JSON_LIMIT, NAME_LIMIT, Column, Table
from mids_assets.model.tables import TABLES, game_data
from mids_assets.readers.city_of_data.refusing import REFUSED
from mids_assets.transform.json_text import json_text
from mids_assets.transform.quarantine import Validated, quarantine_frame, record_text

ASSET = "reference"
_POSITIONED = ("enhancement_class", "set_type", "enhancement_grade", "special_enhancement_type", "origin")
_POSITIONED += ("effect_tag", "comparison_override")
_SET_ASIDE = frozenset(table.name for table in game_data.TABLES)
"""Tables of which a second record with the key of an earlier one is set aside. Of the others it breaks a rule."""
_INT4 = (-(2**31), 2**31 - 1)
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_NUL = "the text holds a NUL character, which PostgreSQL cannot store"


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
    trees = [column.name for column in columns if column.type == "jsonb"]
    for position, row in enumerate(rows):
        row |= {name: json_text(row[name]) for name in trees if row.get(name) is not None}
        key = tuple(row.get(name) for name in table.key)
        fault = _refused(row) or _fault(columns, table, row)
        if fault is None and key in seen and table.name in _SET_ASIDE:
            fault = "duplicate", table.key[0], "an earlier record has the same key, and the first one counts"
        if fault is not None:
            entries.append(_entry(row.get("file", source_file), position, *fault, row))
        elif table.name == "effect_tag" and key in seen:
            dropped += 1
        else:
            seen.add(key)
            good.append({SOURCE_POSITION: position, **row})
    values = {name: [row.get(name) for row in good] for name in schema}
    return Validated(pl.DataFrame(values, schema=schema, strict=True), quarantine_frame(entries), dropped=dropped)


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
    """Rule, field and message of the first column that cannot be stored."""
    for column in columns:
        fault = _value_fault(column, row.get(column.name), required=table.required(column.name))
        if fault is not None:
            return fault[0], column.name, fault[1]
    return None


def _value_fault(column: Column, value: Any, *, required: bool) -> tuple[str, str] | None:
    if value is None:
        return ("required", "a value is needed here") if required else None
    if column.type == "text":
        return _text_fault(column, value)
    if column.type == "text[]":
        if not isinstance(value, list):
            return "type", f"{value!r} is no list"
        return next((fault for item in value if (fault := _text_fault(column, item))), None)
    if column.type == "bool":
        return None if isinstance(value, bool) else ("type", f"{value!r} is neither true nor false")
    if column.type == "jsonb":
        if len(value) > JSON_LIMIT:
            return "too_long", f"the JSON is longer than {JSON_LIMIT} characters"
        return ("nul", _NUL) if _ESCAPED_NUL.search(value) else None
    if isinstance(value, bool) or not isinstance(value, int if column.type == "int4" else int | float):
        return "type", f"{value!r} is no {'integer' if column.type == 'int4' else 'number'}"
    if column.type == "float8" and not float("-inf") < value < float("inf"):
        return "not_finite", "the number is not finite"
    low = column.minimum if column.minimum is not None else _INT4[0] if column.type == "int4" else None
    high = column.maximum if column.maximum is not None else _INT4[1] if column.type == "int4" else None
    if low is not None and value < low:
        return "below_minimum", f"the number is below {low:g}"
    if high is not None and value > high:
        return "above_maximum", f"the number is above {high:g}"
    return None


def _text_fault(column: Column, value: Any) -> tuple[str, str] | None:
    if not isinstance(value, str):
        return "type", f"{value!r} is no text"
    if column.max_length is not None and len(value) > column.max_length:
        return "too_long", f"the text is longer than {column.max_length} characters"
    return ("nul", _NUL) if "\0" in value else None


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
    values = pl.Series("value", [list(map(_number, one["values"])) for *_, one in found], pl.List(pl.Float64))
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
