"""The small files (raw/reference.json) to one validated frame per reference table.

A frame holds source_position (Int64, place in the list) and those logical columns of the table that the file gives.
Does not belong here: reading the files (`readers`), resolving names (`transform.tables.reference`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from mids_assets.model.frames import DTYPES, SOURCE_POSITION
from mids_assets.model.table import Column, Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.quarantine import Validated, quarantine_frame, record_text

ASSET = "reference"
_POSITIONED = ("enhancement_class", "set_type", "enhancement_grade", "special_enhancement_type", "origin")
_POSITIONED += ("effect_tag", "comparison_override")
_INT4 = (-(2**31), 2**31 - 1)


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
    given = {column.name: DTYPES[column.type] for column in table.columns}
    parents = {name: pl.String() for name in ("table",) if table.name == "attribute_modifier"}
    return pl.Schema({SOURCE_POSITION: pl.Int64(), **parents, **given})


def _validated(table: Table, rows: list[dict[str, Any]], source_file: str) -> Validated:
    good, entries, seen, dropped = [], [], set(), 0
    for position, row in enumerate(rows):
        fault = _fault(table, row)
        if fault is not None:
            entries.append(_entry(source_file, position, *fault, row))
        elif table.name == "effect_tag" and row["name"] in seen:
            dropped += 1
        else:
            seen.add(row.get("name"))
            good.append({SOURCE_POSITION: position, **row})
    schema = reference_schema(table)
    frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in good], schema=schema, strict=True)
    return Validated(frame, quarantine_frame(entries), dropped=dropped)


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


def _fault(table: Table, row: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Rule, field and message of the first column that cannot be stored."""
    for column in table.columns:
        fault = _value_fault(column, row.get(column.name), required=table.required(column.name))
        if fault is not None:
            return fault[0], column.name, fault[1]
    return None


def _value_fault(column: Column, value: Any, *, required: bool) -> tuple[str, str] | None:
    if value is None:
        return ("required", "a value is needed here") if required else None
    if column.type == "text":
        if not isinstance(value, str):
            return "type", f"{value!r} is no text"
        if column.max_length is not None and len(value) > column.max_length:
            return "too_long", f"the text is longer than {column.max_length} characters"
        return ("nul", "the text holds a NUL character, which PostgreSQL cannot store") if "\0" in value else None
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


def _modifiers(part: Mapping[str, Any] | None) -> Validated:
    """attribute_modifier: one row per table, level and class column, from the tables' nested rows."""
    tables: Sequence[Mapping[str, Any]] = [] if part is None else part["records"]
    schema = reference_schema(TABLES["attribute_modifier"])
    names, positions, lists = [], [], []
    for position, record in enumerate(tables):
        if _fault(TABLES["attribute_modifier_table"], record) is None:
            names.append(record["name"])
            positions.append(position)
            lists.append([list(map(_number, row)) for row in record["rows"]])
    frame = pl.DataFrame(
        {SOURCE_POSITION: positions, "table": names, "value": lists},
        schema={SOURCE_POSITION: pl.Int64, "table": pl.String, "value": pl.List(pl.List(pl.Float64))},
    )
    for place in ("level", "column"):
        frame = (
            frame.with_columns(pl.int_ranges(0, pl.col("value").list.len(), dtype=pl.Int32).alias(place))
            .filter(pl.col("value").list.len() > 0)
            .explode("value", place)
        )
    frame = frame.select(list(schema))
    bad = pl.col("value").is_null() | ~pl.col("value").is_finite()
    source_file = "" if part is None else str(part["source_file"])
    entries = [
        _entry(source_file, row[SOURCE_POSITION], "not_finite", f"rows[{row['level']}][{row['column']}]", text, row)
        for row in frame.filter(bad).iter_rows(named=True)
        for text in ("the number is missing or not finite",)
    ]
    return Validated(frame.filter(~bad), quarantine_frame(entries))


def _number(value: float | str | None) -> float | None:
    """Raw JSON holds a NaN or an infinity of a binary file as text."""
    return float(value) if isinstance(value, str) else value
