"""Rules about single values, derived from the model, applied to nested record frames at every depth.

The frame is taken apart level by level (root, `effects[]`, `effects[].conditionals[]` ..); each level has the rules
that follow from the model's columns that name its fields as source. A text that no column names must still fit into
PostgreSQL: it may hold no NUL and no more characters than a name. The rules are Polars expressions and no library's
schema: every worker imports this module, and such a library takes longer to import than a chunk to check.
Does not belong here: rules over several records (`transform.frames`), rules of finished tables (`transform.rules`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import compress

import polars as pl

from mids_assets.model.table import NAME_LIMIT, Column
from mids_assets.model.tables import TABLES

_Rules = tuple[tuple[str, str, pl.Expr], ...]
"""Field, rule, and what is true where it is broken."""
ROW = "_row"
_VALUE = "_value"
"""Name of the only column of a level that is a list of plain values."""
_INT4 = (-(2**31), 2**31 - 1)
_MESSAGES = {
    "required": "a value is needed here",
    "too_long": "the text is longer than {limit} characters",
    "nul": "the text holds a NUL character, which PostgreSQL cannot store",
    "not_finite": "the number is not finite",
    "below_minimum": "the number is below {minimum:g}",
    "above_maximum": "the number is above {maximum:g}",
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
    if _sound(asset, "", frame):
        return {}
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


def _sound(asset: str, path: str, frame: pl.DataFrame) -> bool:
    """Whether nothing is broken at this level and below, without a look at where: so it is with nearly all frames, and
    places in lists take longer than the rules."""
    rules = _rules(asset, path, _plain(asset, path, frame))
    if any(_verdicts(frame, rules)):
        return False
    for name, dtype in frame.schema.items():
        values = frame[name] if dtype.is_nested() else None
        if values is None or values.null_count() == frame.height:
            continue
        if isinstance(dtype, pl.Struct):
            if not _sound(asset, f"{path}{name}.", values.drop_nulls().struct.unnest()):
                return False
        elif isinstance(dtype, pl.List) and _matters(dtype):
            items = values.filter(values.list.len() > 0).explode()
            inner = items.struct.unnest() if isinstance(dtype.inner, pl.Struct) else items.alias(_VALUE).to_frame()
            if not _sound(asset, f"{path}{name}[]{'.' if isinstance(dtype.inner, pl.Struct) else ''}", inner):
                return False
    return True


def _level(asset: str, path: str, frame: pl.DataFrame, indexes: tuple[str, ...]) -> Iterator[Broken]:
    """Faults of one level and of all below. `indexes` are the columns with the place in each list on the way."""
    yield from _faults(asset, path, frame, indexes)
    for name, dtype in frame.schema.items():
        if dtype.is_nested() and frame[name].null_count() == frame.height:
            continue  # Nothing is inside.
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


def _plain(
    asset: str, path: str, frame: pl.DataFrame, without: tuple[str, ...] = ()
) -> tuple[tuple[str, pl.DataType], ...]:
    """The fields of a level that are no lists or records, but for those that the source does not have at all: they can
    only break the rule that they are needed."""
    limits = _limits(asset)
    return tuple(
        (name, dtype)
        for name, dtype in frame.schema.items()
        if name not in without
        and not dtype.is_nested()
        and (frame[name].null_count() < frame.height or limits.get(_field(path, name), _Limits()).required)
    )


def _matters(dtype: pl.List) -> bool:
    """Lists of plain integers can break no rule."""
    return isinstance(dtype.inner, pl.Struct | pl.String | pl.Float64)


def _faults(asset: str, path: str, frame: pl.DataFrame, indexes: tuple[str, ...]) -> Iterator[Broken]:
    rules = _rules(asset, path, _plain(asset, path, frame, (ROW, *indexes)))
    broken = list(compress(rules, _verdicts(frame, rules)))
    if not broken:
        return
    marks = [breaks.fill_null(False).alias(f"_breaks{number}") for number, (_, _, breaks) in enumerate(broken)]
    bad = frame.select(ROW, *indexes, *marks).filter(pl.any_horizontal(pl.col("^_breaks.*$")))
    limits = _limits(asset)
    for number, *rest in bad.iter_rows():
        places, breaks = rest[: len(indexes)], rest[len(indexes) :]
        for name, rule, _ in compress(broken, breaks):
            field = _field(path, name)
            limit = limits.get(field, _Limits())
            text = _MESSAGES[rule].format(
                limit=limit.limit, minimum=limit.minimum or _INT4[0], maximum=limit.maximum or 0
            )
            yield Broken(number, _place(field, places), rule, text)


def _verdicts(frame: pl.DataFrame, rules: _Rules) -> tuple[bool, ...]:
    """Whether each of the rules is broken anywhere in the frame; none of them for a frame without rows."""
    if not rules or not frame.height:
        return ()
    return frame.select(breaks.any().alias(str(number)) for number, (*_, breaks) in enumerate(rules)).row(0)


def _field(path: str, name: str) -> str:
    return path if name == _VALUE else path + name


def _place(path: str, numbers: list[int]) -> str:
    for number in numbers:
        path = path.replace("[]", f"[{number}]", 1)
    return path


@cache
def _rules(asset: str, path: str, fields: tuple[tuple[str, pl.DataType], ...]) -> _Rules:
    """The rules of one level."""
    limits = _limits(asset)
    return tuple(
        (name, rule, breaks)
        for name, dtype in fields
        for rule, breaks in _column_rules(limits.get(_field(path, name), _Limits()), pl.col(name), dtype)
    )


def _column_rules(limits: _Limits, column: pl.Expr, dtype: pl.DataType) -> Iterator[tuple[str, pl.Expr]]:
    """A null breaks no rule but the one that a value is needed."""
    text, number = dtype == pl.String, dtype.is_integer() or dtype == pl.Float64
    if not text and not number:
        return
    if limits.required:
        yield "required", column.is_null() | (column == "") if text else column.is_null()
    if text:
        yield "nul", column.str.contains("\0", literal=True)
        yield "too_long", column.str.len_chars() > limits.limit
    if dtype == pl.Float64:
        yield "not_finite", ~column.is_finite()
    if number and limits.minimum is not None:
        yield "below_minimum", column < _bound(limits.minimum, dtype)
    if number and limits.maximum is not None:
        yield "above_maximum", column > _bound(limits.maximum, dtype)


def _bound(value: float, dtype: pl.DataType) -> float:
    return int(value) if dtype.is_integer() else value


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
