"""The fields of paired entities, field by field: counts, and what differs.

Does not belong here: which fields there are (`fields.py`), what a difference means (`suspicion.py`, `causes.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

from mids_assets.model.table import Column
from mids_assets.model.tables import TABLES
from mids_assets.transform.crosscheck.apart import APART
from mids_assets.transform.crosscheck.declared import NOT_STATED, Entity, Field
from mids_assets.transform.crosscheck.findings import DIFFERENT, EQUAL, ROUNDING, Findings
from mids_assets.transform.crosscheck.pairing import FILE, KEY
from mids_assets.transform.crosscheck.verdicts import (
    close,
    folded,
    is_rounding,
    list_text,
    number_text,
    plain_text,
    theirs,
    yes_no_text,
)

STEM = "_stem"
"""Column of paired rows: what copies of one thing have in common."""
LABEL, FAMILY = "_label", "_family"
"""Columns of paired effects: which effect of its power it is, and of what family, such as Damage(Fire) PvE and Damage
PvE; a change of a whole family has one cause."""


def needed(fields: Iterable[Field]) -> list[str]:
    """Columns that must be read to compare the fields."""
    wanted: dict[str, None] = {}
    for field in fields:
        wanted[field.column] = None
        if field.kind in ("choice", "flags"):
            wanted[f"{field.column}_code"] = None
        for convention in field.conventions:
            wanted.update(dict.fromkeys(convention.needs))
    return list(wanted)


def compare_fields(entity: Entity, both: pl.DataFrame, fields: Iterable[Field], findings: Findings) -> None:
    """`both` has `KEY`, `FILE`, `APART` and `STEM` beside the columns of both sides, of effects also `LABEL` and
    `FAMILY`. Nothing is counted where there is no pair."""
    if both.is_empty():
        return
    fields = tuple(fields)
    verdicts = both.select(_verdict(field).alias(field.column) for field in fields)
    counts = verdicts.unpivot(variable_name="field", value_name="verdict").group_by("field", "verdict").len()
    by_field: dict[str, dict[str, int]] = {field.column: {} for field in fields}
    for name, verdict, count in counts.iter_rows():
        by_field[name][verdict] = count
    for field in fields:
        found = by_field[field.column]
        reasons = (NOT_STATED, *(convention.reason for convention in field.conventions))
        findings.count(entity.name, field.column, found, reasons)
        if DIFFERENT in found:
            rows = both.filter(verdicts[field.column] == DIFFERENT)
            findings.differences.append(_differences(entity, field, rows))


def _verdict(field: Field) -> pl.Expr:
    ours, other = _values(field)
    equal = close(ours, other) if field.kind == "number" else ours == other
    verdict = pl.when(ours.is_null() & other.is_null() | equal).then(pl.lit(EQUAL))
    if field.kind == "number":
        verdict = verdict.when(is_rounding(ours, other)).then(pl.lit(ROUNDING))
    for convention in field.conventions:
        verdict = verdict.when(convention.holds).then(pl.lit(convention.reason))
    verdict = verdict.when(ours.is_null() | other.is_null()).then(pl.lit(NOT_STATED))
    return verdict.otherwise(pl.lit(DIFFERENT))


def _values(field: Field) -> tuple[pl.Expr, pl.Expr]:
    """What of both sides is compared."""
    column = f"{field.column}_code" if field.kind in ("choice", "flags") else field.column
    both = (pl.col(column), theirs(column))
    match field.kind:
        case "number":
            return both[0].cast(pl.Float64), both[1].cast(pl.Float64)
        case "text":
            both = both[0].str.strip_chars(), both[1].str.strip_chars()
            return (both[0].str.to_lowercase(), both[1].str.to_lowercase()) if field.fold else both
        case "names":
            return folded(both[0]), folded(both[1])
    return both


def _differences(entity: Entity, field: Field, rows: pl.DataFrame) -> pl.DataFrame:
    ours, other = pl.col(field.column), theirs(field.column)
    a = b = pl.lit(None, pl.Float64)
    lost = gained = None
    match field.kind:
        case "number":
            a, b = ours.cast(pl.Float64), other.cast(pl.Float64)
            texts = (number_text(ours), number_text(other))
        case "yes_no":
            texts = (yes_no_text(ours), yes_no_text(other))
        case "flags":
            texts = _told(ours, other, list_text, field.column)
            lost, gained = only_in(ours, other), only_in(other, ours)
        case "names":
            texts = (list_text(ours.list.sort()), list_text(other.list.sort()))
            lost, gained = only_in(folded(ours), folded(other)), only_in(folded(other), folded(ours))
        case "choice":
            texts = _told(ours, other, plain_text, field.column)
        case _:
            texts = (plain_text(ours), plain_text(other))
    member = TABLES[entity.name].by_name.get(field.column)
    return rows.select(
        entity=pl.lit(entity.name),
        key=pl.col(KEY),
        field=_place(rows, LABEL, field.column),
        family=_place(rows, FAMILY, field.column),
        ours=texts[0],
        theirs=texts[1],
        a=a,
        b=b,
        measure=pl.lit(field.measure or (member.unit if isinstance(member, Column) else None), pl.String),
        before=texts[0] if lost is None else lost,
        after=texts[1] if gained is None else gained,
        stem=pl.col(STEM),
        apart=pl.col(APART),
        file=pl.col(FILE),
    )


def _place(rows: pl.DataFrame, name: str, column: str) -> pl.Expr:
    return pl.format("effects[{}].{}", pl.col(name), pl.lit(column)) if name in rows.columns else pl.lit(column)


def _told(ours: pl.Expr, other: pl.Expr, text: Callable[[pl.Expr], pl.Expr], column: str) -> tuple[pl.Expr, pl.Expr]:
    """The names of members, or the numbers where the names do not tell the two values apart."""
    same = (ours == other).fill_null(ours.is_null() & other.is_null())
    numbers = (pl.col(f"{column}_code"), theirs(f"{column}_code"))
    return (
        pl.when(same).then(number_text(numbers[0])).otherwise(text(ours)),
        pl.when(same).then(number_text(numbers[1])).otherwise(text(other)),
    )


def only_in(these: pl.Expr, those: pl.Expr) -> pl.Expr:
    """Members of one list that the other has not, as a text."""
    return list_text(these.list.set_difference(those).list.sort())
