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
from mids_assets.readers.gc_pause import paused_gc
from mids_assets.transform.json_text import json_text
from mids_assets.transform.quarantine import Validated, quarantine_frame, record_text
from mids_assets.transform.reference_values import all_sound, value_fault

ASSET = "reference"
_POSITIONED = ("enhancement_class", "set_type", "enhancement_grade", "special_enhancement_type", "origin")
_POSITIONED += ("effect_tag", "comparison_override")
_SET_ASIDE = frozenset(table.name for table in game_data.TABLES)
"""Tables of which a second record with the key of an earlier one is set aside. Of the others it breaks a rule."""


@paused_gc()
def validate_reference(raw: Mapping[str, Mapping[str, Any]]) -> dict[str, Validated]:
    """`raw`: {table: {"source_file", "records"}}. Every reference table is in the result; an absent one is empty."""
    found: dict[str, Validated] = {}
    for table in TABLES.of_asset(ASSET):
        if table.kind == "child":
            continue
        part = raw.get(table.name)
        records = [] if part is None else part["records"]
        source_file = "" if part is None else str(part["source_file"])
        found[table.name] = _validated(table, records, source_file)
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


def _validated(table: Table, records: Sequence[Mapping[str, Any]], source_file: str) -> Validated:
    """Column by column; single records are looked at only where a column or the keys are not sound as a whole."""
    columns = given(table)
    values = {column.name: _values(column, records) for column in columns}
    made = [column.name for column in columns if column.type == "jsonb"]
    if counts_positions(table):
        values["position"] = list(range(len(records)))
        made.append("position")
    doubtful = [
        column for column in columns if not all_sound(column, values[column.name], required=table.required(column.name))
    ]
    keys = list(zip(*(values[name] for name in table.key), strict=True))
    entries: list[dict[str, Any]] = []
    if doubtful or any(REFUSED in record for record in records) or len(set(keys)) < len(keys):
        good, seen = [], set()
        for position, (record, key) in enumerate(zip(records, keys, strict=True)):
            row = {**record, **{name: values[name][position] for name in made}}
            fault = _refused(row) or _fault(doubtful, table, row)
            if fault is None and key in seen and table.name in _SET_ASIDE:
                fault = "duplicate", table.key[0], "an earlier record has the same key, and the first one counts"
            if fault is not None:
                entries.append(_entry(row.get("file", source_file), position, *fault, row))
            elif key not in seen or table.name != "effect_tag":
                seen.add(key)
                good.append(position)
        values = {name: [column[position] for position in good] for name, column in values.items()}
    else:
        good = range(len(records))
    values[SOURCE_POSITION] = list(good)
    frame = pl.DataFrame([_series(name, dtype, values[name]) for name, dtype in reference_schema(table).items()])
    return Validated(frame, quarantine_frame(entries), dropped=len(records) - len(good) - len(entries))


def _values(column: Column, records: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The values of a column, what is JSON as its text: made once of what several records share."""
    values = [record.get(column.name) for record in records]
    if column.type != "jsonb":
        return values
    distinct = {id(value): value for value in values if value is not None}
    texts = {place: json_text(value) for place, value in distinct.items()}
    return [texts.get(id(value)) for value in values]


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
