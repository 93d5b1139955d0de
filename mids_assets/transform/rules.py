"""Rules that every finished table has to keep, from the model alone. They block a publish.

The asset check and the publish call the same `check_rules`. References that may stay open are only counted
(`transform.unresolved`). Does not belong here: rules about single records of a source (`transform.frames`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.model.table import NATURAL_KEY, Column, Table
from mids_assets.transform.unresolved import UnresolvedReport, check_unresolved

__all__ = ["RuleReport", "UnresolvedReport", "check_rules", "check_unresolved"]

EXAMPLES = 5
_EXAMPLE_SCHEMA = pl.Schema(
    {"rule": pl.String(), "key": pl.String(), "value": pl.String(), "record": pl.String(), SOURCE_POSITION: pl.Int64()}
)
_ROW = "_row"

Keys = Callable[[str], "pl.DataFrame | pl.Series"]
_Condition = tuple[str, tuple[str, ...], pl.Series]
"""Rule, the columns that it looks at, and which rows break it."""


@dataclass(frozen=True, slots=True)
class RuleReport:
    """`failures`: rule -> rows that break it, only rules that are broken. Rules are named `kind: columns`.

    `examples`: up to `EXAMPLES` rows per broken rule, as rule, key (`power=..., position=3`), value, record (key of the
    record that the row comes from: of a child its parent's), source_position (Int64, null for children).
    """

    passed: bool
    rows: int
    failures: dict[str, int] = field(default_factory=dict)
    examples: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_EXAMPLE_SCHEMA))


def check_rules(table: Table, frame: pl.DataFrame | pl.LazyFrame, keys: Keys, *, whole: bool = True) -> RuleReport:
    """Check a logical frame: keys unique and there, required values, bounds, references that lead somewhere.

    `keys(name)` gives the keys of the rows of table `name`: the natural keys of an entity, else its key columns in
    order. It is asked for targets of references only. A lazy frame (a scan of the file) is read in a stream, and
    only compact columns are kept. `whole`: whether the release is a whole database (`Table.demanded`).
    """
    lazy = frame.lazy()
    if not lazy.select(pl.len()).collect().item():
        # Nothing can be wrong, and the keys of millions of rows need not be read.
        return RuleReport(True, 0)
    targets = {reference.target: _key_columns(keys(reference.target)) for reference in table.references}
    data = _compact(table, lazy, targets, whole=whole)
    failures: dict[str, int] = {}
    examples = [pl.DataFrame(schema=_EXAMPLE_SCHEMA)]
    for rule, names, broken in _conditions(table, data, targets, whole=whole):
        count = int(broken.sum())
        if count:
            failures[rule] = count
            examples.append(_examples(table, lazy, rule, names, broken.arg_true().head(EXAMPLES)))
    return RuleReport(not failures, data.height, failures, pl.concat(examples))


def columns_of(rule: str) -> list[str]:
    """The columns that a rule looks at, from its name."""
    return rule.partition(": ")[2].split(", ")


def _key_columns(found: pl.DataFrame | pl.Series) -> pl.DataFrame:
    return found.to_frame() if isinstance(found, pl.Series) else found


def _compact(table: Table, lazy: pl.LazyFrame, targets: dict[str, pl.DataFrame], *, whole: bool) -> pl.DataFrame:
    """What the rules look at, and no text that is repeated in millions of rows: a reference by name becomes an
    Enum over the target's keys (null where it leads nowhere), beside a flag whether it was null before."""
    columns: dict[str, pl.Expr] = {}
    bounded = [c.name for c in table.columns if c.minimum is not None or c.maximum is not None]
    for name in (*table.key, *(n for names in table.unique for n in names), *bounded):
        columns[name] = pl.col(name)
    if table.kind == "entity":
        columns[NATURAL_KEY] = pl.col(NATURAL_KEY)
    for name in table.own:
        if table.demanded(name, whole=whole):
            columns[_null(name)] = pl.col(name).is_null()
    for reference in table.references:
        if reference.composite:
            columns |= {name: columns.get(name, pl.col(name)) for name in reference.composite}
            continue
        value = pl.col(reference.name)
        columns[_null(reference.name)] = value.is_null()
        known = targets[reference.target].to_series()
        if known.dtype == pl.String:
            value = value.cast(pl.Enum(known.drop_nulls().unique(maintain_order=True)), strict=False)
        columns[reference.name] = value
    return lazy.select(expr.alias(name) for name, expr in columns.items()).collect(engine="streaming")


def _null(name: str) -> str:
    return f"null {name}"


def _conditions(
    table: Table, data: pl.DataFrame, targets: dict[str, pl.DataFrame], *, whole: bool
) -> Iterator[_Condition]:
    for name in table.own:
        if table.demanded(name, whole=whole):
            yield f"required: {name}", (name,), data.get_column(_null(name))
    own_keys = [table.key, *table.unique, *(((NATURAL_KEY,),) if table.kind == "entity" else ())]
    for names in own_keys:
        yield f"unique: {', '.join(names)}", tuple(names), _repeated(data, tuple(names))
    if table.kind == "entity":
        yield f"unique but for blanks: {NATURAL_KEY}", (NATURAL_KEY,), _alike(data.get_column(NATURAL_KEY))
    for column in table.columns:
        if column.minimum is not None or column.maximum is not None:
            broken = data.select(_out_of_bounds(column).fill_null(False)).to_series()
            yield f"bounds: {column.name}", (column.name,), broken
    for reference in table.references:
        target = targets[reference.target]
        if reference.composite:
            yield f"reference: {reference.name}", reference.composite, _no_pair(data, reference.composite, target)
            continue
        value = data.get_column(reference.name)
        if target.to_series().dtype != pl.String:
            value = value.is_in(target.to_series().implode()).replace(False, None)
        broken = value.is_null() & ~data.get_column(_null(reference.name))
        yield f"reference: {reference.name}", (reference.name,), broken


def _repeated(data: pl.DataFrame, names: tuple[str, ...]) -> pl.Series:
    """Every row whose key an earlier row has; keys with a null are the business of `required`."""
    codes = _codes(data, names)
    if codes is not None:
        return ~pl.Series(codes).is_first_distinct()
    key = pl.col(names[0]) if len(names) == 1 else pl.struct(names)
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in names)
    return data.select(~key.is_first_distinct() & whole).to_series()


def _alike(keys: pl.Series) -> pl.Series:
    """Every row whose key differs from an earlier one only by blanks around a part: nobody could tell them apart, and
    no real release has such names."""
    trimmed = keys.str.strip_chars().str.replace_all(r"\s*\x1f\s*", "\x1f")
    return ~trimmed.is_first_distinct() & keys.is_first_distinct() & keys.is_not_null()


def _codes(data: pl.DataFrame, names: tuple[str, ...]) -> np.ndarray | None:
    """One int64 per row that is equal exactly for equal keys; None where there is a null, a text, or no room.

    Comparing these takes a tenth of the memory that hashing structs does; it matters with millions of effects.
    """
    codes, room = np.zeros(data.height, np.int64), 1
    for name in names:
        column = data.get_column(name)
        if column.dtype == pl.String or column.null_count() or not data.height:
            return None
        values = column.to_physical().cast(pl.Int64).to_numpy()
        low = int(values.min())
        span = int(values.max()) - low + 1
        room *= span
        if room >= 2**63:
            return None
        codes = codes * span + (values - low)
    return codes


def _out_of_bounds(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    broken = pl.lit(False)
    if column.minimum is not None:
        broken |= value < column.minimum
    if column.maximum is not None:
        broken |= value > column.maximum
    return broken


def _no_pair(data: pl.DataFrame, names: tuple[str, ...], target: pl.DataFrame) -> pl.Series:
    """Rows whose columns `names`, all given, are together no key of the target."""
    wanted = data.select(names)
    known = target.rename(dict(zip(target.columns, names, strict=True)))
    # Few parents are named at all: the other keys of the target need not be compared.
    parents = wanted.get_column(names[0]).unique().cast(known.schema[names[0]])
    known = known.filter(pl.col(names[0]).is_in(parents.implode())).with_columns(
        pl.col(name).cast(dtype, strict=False) for name, dtype in wanted.schema.items()
    )
    missing = wanted.with_row_index(_ROW).drop_nulls().join(known.unique(), on=names, how="anti").get_column(_ROW)
    return pl.int_range(data.height, dtype=pl.UInt32, eager=True).is_in(missing.implode())


def _examples(table: Table, lazy: pl.LazyFrame, rule: str, names: tuple[str, ...], rows: pl.Series) -> pl.DataFrame:
    def spelled(columns: tuple[str, ...]) -> pl.Expr:
        parts = [pl.format("{}={}", pl.lit(name), pl.col(name).cast(pl.String).fill_null("null")) for name in columns]
        return pl.concat_str(parts, separator=", ")

    position = pl.lit(None, dtype=pl.Int64) if table.kind == "child" else pl.col(SOURCE_POSITION)
    record = table.parent or (NATURAL_KEY if table.kind == "entity" else table.key[0])
    return (
        lazy.with_row_index(_ROW)
        .filter(pl.col(_ROW).is_in(rows.implode()))
        .select(
            pl.lit(rule).alias("rule"),
            spelled(table.key).alias("key"),
            spelled(names).alias("value"),
            pl.col(record).cast(pl.String).alias("record"),
            position.alias(SOURCE_POSITION),
        )
        .collect()
    )
