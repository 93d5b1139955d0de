"""Rules about single values, derived from the model, applied to nested record frames at every depth.

The frame is taken apart level by level (root, `effects[]`, `effects[].conditionals[]` ..); each level has a
dataframely schema made from the model's columns that name its fields as source. A text that no column names must
still fit into PostgreSQL: it may hold no NUL and no more characters than a name.
Does not belong here: rules over several records (`transform.frames`), rules of finished tables (`transform.rules`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import dataframely as dy
import polars as pl

from mids_assets.model.table import NAME_LIMIT, Column
from mids_assets.model.tables import TABLES

ROW = "_row"
_LINE = "_line"
_VALUE = "_value"
"""Name of the only column of a level that is a list of plain values."""
_INT4 = (-(2**31), 2**31 - 1)
_RULES = {
    "nullability": ("required", "a value is needed here"),
    "min_length": ("required", "a value is needed here"),
    "check__long": ("too_long", "the text is longer than {limit} characters"),
    "check__nul": ("nul", "the text holds a NUL character, which PostgreSQL cannot store"),
    "nan": ("not_finite", "the number is not finite"),
    "inf": ("not_finite", "the number is not finite"),
    "min": ("below_minimum", "the number is below {minimum:g}"),
    "max": ("above_maximum", "the number is above {maximum:g}"),
}


@dataclass(frozen=True, slots=True)
class Broken:
    """Record number `row` of the frame breaks `rule` at `field` (such as `effects[3].scale`)."""

    row: int
    field: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class _Limits:
    required: bool = False
    limit: int = NAME_LIMIT
    minimum: float | None = None
    maximum: float | None = None


def broken_values(asset: str, frame: pl.DataFrame) -> dict[int, Broken]:
    """The first broken rule of each bad record, by row number of `frame`; further ones are counted in the message."""
    found: dict[int, Broken] = {}
    more: dict[int, int] = {}
    for fault in _level(asset, "", frame.with_row_index(ROW), ()):
        if fault.row in found:
            more[fault.row] = more.get(fault.row, 0) + 1
        else:
            found[fault.row] = fault
    for row, count in more.items():
        first = found[row]
        found[row] = Broken(row, first.field, first.rule, f"{first.message} (and {count} more faults)")
    return found


def prose_fields(asset: str) -> list[str]:
    """Fields of the asset's record that hold long texts for people, not identifiers."""
    return [path for path, limits in _limits(asset).items() if limits.limit > NAME_LIMIT and "." not in path]


def _level(asset: str, path: str, frame: pl.DataFrame, indexes: tuple[str, ...]) -> Iterator[Broken]:
    """Faults of one level and of all below. `indexes` are the columns with the place in each list on the way."""
    limits = _limits(asset)
    plain = [
        name
        for name, dtype in frame.schema.items()
        if name not in (ROW, *indexes)
        and not dtype.is_nested()
        # What a source does not have at all can only break the rule that it is needed.
        and (frame[name].null_count() < frame.height or limits.get(_field(path, name), _Limits()).required)
    ]
    yield from _faults(asset, path, frame, tuple(plain), indexes)
    for name, dtype in frame.schema.items():
        if isinstance(dtype, pl.Struct):
            inner = frame.filter(pl.col(name).is_not_null())
            yield from _level(
                asset, f"{path}{name}.", inner.select(ROW, *indexes, pl.col(name).struct.unnest()), indexes
            )
        elif isinstance(dtype, pl.List) and _matters(dtype):
            index = f"_place{len(indexes)}"
            inner = (
                frame.select(ROW, *indexes, pl.int_ranges(0, pl.col(name).list.len()).alias(index), name)
                .filter(pl.col(name).list.len() > 0)
                .explode(index, name)
            )
            if not inner.height:
                continue
            deeper = (*indexes, index)
            if isinstance(dtype.inner, pl.Struct):
                inner = inner.select(ROW, *deeper, pl.col(name).struct.unnest())
                yield from _level(asset, f"{path}{name}[].", inner, deeper)
            else:
                yield from _level(asset, f"{path}{name}[]", inner.rename({name: _VALUE}), deeper)


def _matters(dtype: pl.List) -> bool:
    """Lists of plain integers can break no rule."""
    return isinstance(dtype.inner, pl.Struct | pl.String | pl.Float64)


def _faults(
    asset: str, path: str, frame: pl.DataFrame, names: tuple[str, ...], indexes: tuple[str, ...]
) -> Iterator[Broken]:
    dtypes = frame.schema
    schema = _schema(asset, path, tuple((name, dtypes[name]) for name in names))
    lined = frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(_LINE))
    if schema is None or schema.is_valid(lined):
        return
    _, failure = schema.filter(lined)
    bad = failure.details().join(lined.select(_LINE, ROW, *indexes), on=_LINE, maintain_order="left")
    limits = _limits(asset)
    for row in bad.iter_rows(named=True):
        for rule, verdict in row.items():
            name, bar, kind = rule.rpartition("|")
            if bar and verdict == "invalid":
                label, message = _RULES[kind]
                field = _field(path, name)
                limit = limits.get(field, _Limits())
                text = message.format(limit=limit.limit, minimum=limit.minimum or _INT4[0], maximum=limit.maximum or 0)
                yield Broken(row[ROW], _place(field, [row[index] for index in indexes]), label, text)


def _field(path: str, name: str) -> str:
    return path if name == _VALUE else path + name


def _place(path: str, numbers: list[int]) -> str:
    for number in numbers:
        path = path.replace("[]", f"[{number}]", 1)
    return path


@cache
def _schema(asset: str, path: str, fields: tuple[tuple[str, pl.DataType], ...]) -> type[dy.Schema] | None:
    """Rules of one level, or None where nothing can be wrong. Attributes are numbered: field names may be anything."""
    limits = _limits(asset)
    columns: dict[str, dy.Column] = {}
    for number, (name, dtype) in enumerate(fields):
        column = _column(limits.get(_field(path, name), _Limits()), name, dtype)
        if column is not None:
            columns[f"c{number}"] = column
    if not columns:
        return None
    columns["line"] = dy.Int64(alias=_LINE)
    return type("Level", (dy.Schema,), columns)


def _column(limits: _Limits, name: str, dtype: pl.DataType) -> dy.Column | None:
    nullable = not limits.required
    if dtype == pl.String:
        return dy.String(
            alias=name,
            nullable=nullable,
            min_length=1 if limits.required else None,
            # Its max_length would count bytes.
            check={
                "nul": lambda text: ~text.str.contains("\0", literal=True),
                "long": lambda text: text.str.len_chars() <= limits.limit,
            },
        )
    if dtype == pl.Float64:
        return dy.Float64(alias=name, nullable=nullable, min=limits.minimum, max=limits.maximum)
    if dtype.is_integer() and (limits.required or limits.minimum is not None or limits.maximum is not None):
        kind = dy.Int32 if dtype == pl.Int32 else dy.Int64
        return kind(
            alias=name,
            nullable=nullable,
            min=None if limits.minimum is None else int(limits.minimum),
            max=None if limits.maximum is None else int(limits.maximum),
        )
    return None


@cache
def _limits(asset: str) -> dict[str, _Limits]:
    """Path of a field (`full_name`, `effects[].scale`) -> what the model demands of it."""
    found: dict[str, _Limits] = {}
    for table in TABLES.of_asset(asset):
        if table.kind == "child" and table.rows_from is None:
            continue
        base = f"{table.rows_from}[]." if table.kind == "child" else ""
        for column in table.columns:
            if column.source and not (column.enum and column.type in ("text", "text[]")):
                found[base + column.source] = _Limits(
                    required=table.kind == "entity" and _is_key(table.key, column),
                    limit=column.max_length or NAME_LIMIT,
                    minimum=column.minimum,
                    maximum=column.maximum,
                )
    return found


def _is_key(key: tuple[str, ...], column: Column) -> bool:
    return column.name in key or not column.nullable
