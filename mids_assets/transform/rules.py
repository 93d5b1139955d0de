"""Rules that every finished table has to keep, from the model alone. They block a publish.

The asset check and the publish call the same `check_rules`. References that may stay open are only counted
(`transform.unresolved`). Does not belong here: rules about single records of a source (`transform.frames`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl

from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.model.table import NATURAL_KEY, Column, Reference, Table
from mids_assets.transform.unresolved import UnresolvedReport, check_unresolved

__all__ = ["RuleReport", "UnresolvedReport", "check_rules", "check_unresolved"]

EXAMPLES = 5
_EXAMPLE_SCHEMA = {"rule": pl.String, "key": pl.String, "value": pl.String, SOURCE_POSITION: pl.Int64}

Keys = Callable[[str], "pl.DataFrame | pl.Series"]


@dataclass(frozen=True, slots=True)
class RuleReport:
    """`failures`: rule -> rows that break it, only rules that are broken. Rules are named `kind: columns`.

    `examples`: up to `EXAMPLES` rows per broken rule, as rule, key (`power=..., position=3`), value, source_position
    (Int64, null for children).
    """

    passed: bool
    rows: int
    failures: dict[str, int] = field(default_factory=dict)
    examples: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_EXAMPLE_SCHEMA))


def check_rules(table: Table, frame: pl.DataFrame | pl.LazyFrame, keys: Keys) -> RuleReport:
    """Check a logical frame: keys unique and there, required values, bounds, references that lead somewhere.

    `keys(name)` gives the keys of the rows of table `name`: the natural keys of an entity, else its key columns in
    order. It is asked for targets of references only.
    """
    lazy = frame.lazy()
    kept = list(dict.fromkeys(name for _, names, _ in _conditions(table, lambda _: pl.DataFrame()) for name in names))
    shown = [name for name in (NATURAL_KEY, SOURCE_POSITION) if table.kind == "entity" or name == SOURCE_POSITION]
    if table.kind == "child":
        shown = []
    data = lazy.select(list(dict.fromkeys([*kept, *table.key, *shown]))).collect()
    conditions = list(_conditions(table, keys))
    counts = data.select(
        broken.sum().fill_null(0).cast(pl.Int64).alias(str(number)) for number, (_, _, broken) in enumerate(conditions)
    ).row(0)
    failures: dict[str, int] = {}
    examples = []
    for (rule, names, broken), count in zip(conditions, counts, strict=True):
        if count:
            failures[rule] = count
            examples.append(_examples(table, data, rule, names, broken))
    shown_examples = pl.concat(examples) if examples else pl.DataFrame(schema=_EXAMPLE_SCHEMA)
    return RuleReport(not failures, data.height, failures, shown_examples)


def _conditions(table: Table, keys: Keys) -> Iterator[tuple[str, tuple[str, ...], pl.Expr]]:
    """(rule, columns it looks at, expression that is true for a row that breaks it)."""
    for name in table.own:
        if table.required(name):
            yield f"required: {name}", (name,), pl.col(name).is_null()
    own_keys = [table.key, *table.unique, *(((NATURAL_KEY,),) if table.kind == "entity" else ())]
    for names in own_keys:
        yield f"unique: {', '.join(names)}", tuple(names), _repeated(names)
    for column in table.columns:
        if column.minimum is not None or column.maximum is not None:
            yield f"bounds: {column.name}", (column.name,), _out_of_bounds(column)
    for reference in table.references:
        names = reference.composite or (reference.name,)
        yield f"reference: {reference.name}", names, _dangling(table, reference, names, keys)


def _repeated(names: tuple[str, ...]) -> pl.Expr:
    """Every row whose key an earlier row has; keys with a null are the business of `required`."""
    # A struct of one column would cost a second copy of the largest tables' keys.
    key = pl.col(names[0]) if len(names) == 1 else pl.struct(names)
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in names)
    return ~key.is_first_distinct() & whole


def _out_of_bounds(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    broken = pl.lit(False)
    if column.minimum is not None:
        broken |= value < column.minimum
    if column.maximum is not None:
        broken |= value > column.maximum
    return broken


def _dangling(table: Table, reference: Reference, names: tuple[str, ...], keys: Keys) -> pl.Expr:
    """Rows that name a row of the target that is not there."""
    found = keys(reference.target)
    target = found.to_frame() if isinstance(found, pl.Series) else found
    if len(names) == 1:
        known = target.to_series() if target.width else pl.Series([], dtype=pl.Null)
        return (
            ~pl.col(names[0]).is_in(known.implode()) & pl.col(names[0]).is_not_null()
            if known.len()
            else (pl.col(names[0]).is_not_null())
        )
    known = (
        target.select(pl.struct(pl.nth(number).alias(name) for number, name in enumerate(names)))
        if (target.width)
        else pl.DataFrame()
    )
    there = pl.all_horizontal(pl.col(name).is_not_null() for name in names)
    return ~pl.struct(names).is_in(known.to_series().implode()) & there if known.height else there


def _examples(table: Table, data: pl.DataFrame, rule: str, names: tuple[str, ...], broken: pl.Expr) -> pl.DataFrame:
    def spelled(columns: tuple[str, ...]) -> pl.Expr:
        parts = [pl.format("{}={}", pl.lit(name), pl.col(name).cast(pl.String).fill_null("null")) for name in columns]
        return pl.concat_str(parts, separator=", ")

    position = pl.col(SOURCE_POSITION) if SOURCE_POSITION in data.columns else pl.lit(None, dtype=pl.Int64)
    return (
        data.filter(broken)
        .head(EXAMPLES)
        .select(
            pl.lit(rule).alias("rule"),
            spelled(table.key).alias("key"),
            spelled(names).alias("value"),
            position.alias(SOURCE_POSITION),
        )
    )
