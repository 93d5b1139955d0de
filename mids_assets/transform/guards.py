"""Guards: plausibility rules over a whole build that a person may accept.

A build is held against what is published now. A guard that a build does not pass is a value, `Guarded`; whether it
was accepted, and what is blocked by it, is decided elsewhere (`warehouse.guarding`). Rules that nobody may accept (a
key twice, a required reference without its row) are in rules.py and are no guards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.rows import CHANGED
from mids_assets.transform.measures import NEIGHBOUR_FACTOR, Measures
from mids_assets.transform.summary import TableSummary

VANISHED_ROWS = 50
"""Tables with up to so many rows may lose any share of them."""
LIST_ROWS = 1000
"""Child tables with up to so many rows only warn: a list that few records use comes and goes with the tools that wrote
the source. In the real release of 2020 the powersets of all 428 summoned entities are gone, and nothing else is."""
MEAN_FACTOR, MEAN_FACTOR_OF_FEW, FEW = 10.0, 100.0, 50
"""So far may the mean of a column move between two releases; columns with few values move further. The greatest move of
the real history is by the factor 4.7."""
LEAP_FACTOR = 500.0
"""A decimal comma that is read as a separator of thousands makes 1,000. The greatest change of one value in the real
history is by 90."""
_MISREAD = ", perhaps a misread decimal mark"


@dataclass(frozen=True)
class Guarded:
    """One guard that a build does not pass: what was observed, the limit it exceeds, and the sentence for a person."""

    rule: str
    table: str
    observed: float
    limit: float
    message: str
    blocking: bool = True
    """False: worth a warning, and no reason to keep a release from its readers."""


@dataclass(frozen=True, slots=True)
class Before:
    """What is published: rows and measures per table, and per table the rows that the new build lacks (None where that
    is not known)."""

    rows: Mapping[str, int]
    measures: Mapping[str, Measures]
    vanished: Mapping[str, int] | None


def guard(
    tables: Mapping[str, TableSummary], before: Before | None, *, vanished_share: float, given: Collection[str]
) -> list[Guarded]:
    """What is implausible about a build, in the order of the model. `before` is None where nothing is published, or a
    made-up sample. `given`: reference tables whose source file is there; one without its file is empty, which is a
    warning of its own."""
    found: list[Guarded] = []
    for table in TABLES:
        summary = tables[table.name]
        found += _neighbours(table.name, summary)
        if before is not None and before.rows.get(table.name, 0):
            listed = table.name if table.parent is None else table.reference(table.parent).target
            absent = table.asset == "reference" and listed not in given
            found += _rows(table.name, summary, before, vanished_share, absent)
            found += _means(table.name, summary.measures, before.measures.get(table.name, {}))
    return found


def leaps(changes: pl.DataFrame, before: Mapping[str, Measures]) -> list[Guarded]:
    """Numbers that went to `LEAP_FACTOR` times what they were or more, and beyond all that their column held before;
    of `Diff.changes`.

    From and to 0 or -1, which stand for nothing, is no leap. Neither is the way down: what was misread may be mended.
    """
    greatest = [(name, column, found[2]) for name, columns in before.items() for column, found in columns.items()]
    numeric = pl.DataFrame(
        greatest, schema={"table_name": pl.String, "field": pl.String, "greatest": pl.Float64}, orient="row"
    )
    values = [pl.col(name).cast(pl.Float64, strict=False).alias(name) for name in ("old_value", "new_value")]
    rows = changes.filter(pl.col("change") == CHANGED).join(numeric, on=["table_name", "field"])
    rows = rows.with_columns(values).filter(pl.all_horizontal(~pl.col("old_value", "new_value").is_in([0.0, -1.0])))
    factor = (pl.col("new_value") / pl.col("old_value")).abs()
    rows = rows.filter((factor >= LEAP_FACTOR) & (pl.col("new_value").abs() > pl.col("greatest")))
    found = []
    for (table, field), some in rows.group_by("table_name", "field", maintain_order=True):
        first = some.row(0, named=True)
        text = (
            f"{some.height:,} values of {table}.{field} would change by a factor of {LEAP_FACTOR:g} or more"
            f" ({first['natural_key']}: {first['old_value']:g} -> {first['new_value']:g}){_MISREAD}"
        )
        found.append(Guarded(f"leap: {field}", str(table), some.height, 0, text))
    return found


def _rows(name: str, summary: TableSummary, before: Before, limit: float, absent: bool) -> Iterator[Guarded]:
    rows = before.rows[name]
    blocking = not absent and (TABLES[name].kind != "child" or rows > LIST_ROWS)
    if not summary.rows:
        why = ", because the release has no file for it" if absent else ""
        yield Guarded("emptied", name, rows, 0, f"table {name} has {rows:,} rows and would have none{why}", blocking)
        return
    # Rows of a list have no name: one that changes much counts as one gone and one come. There the number tells.
    if before.vanished is None or TABLES[name].kind == "child":
        vanished = max(0, rows - summary.rows)
    else:
        vanished = before.vanished.get(name, 0)
    share = vanished / rows
    if rows > VANISHED_ROWS and share > limit:
        text = f"{vanished:,} of {rows:,} rows of table {name} would vanish ({share:.1%}, limit {limit:.1%})"
        yield Guarded("vanished", name, round(share, 6), limit, text, blocking)


def _means(name: str, new: Measures, old: Measures) -> Iterator[Guarded]:
    for column, (count, mean, _) in new.items():
        if column not in old:
            continue
        earlier, before = old[column][0], old[column][1]
        limit = MEAN_FACTOR if min(count, earlier) >= FEW else MEAN_FACTOR_OF_FEW
        factor = max(mean / before, before / mean)
        if factor > limit:
            text = f"the mean of {name}.{column} would go from {before:.6g} to {mean:.6g}{_MISREAD}"
            yield Guarded(f"mean: {column}", name, round(factor, 6), limit, text)


def _neighbours(name: str, summary: TableSummary) -> Iterator[Guarded]:
    if summary.isolated:
        shown = "; ".join(summary.isolated[:3]) + ("; .." if len(summary.isolated) > 3 else "")
        text = (
            f"{len(summary.isolated):,} values of table {name} are over {NEIGHBOUR_FACTOR:g} times their neighbours"
            f" ({shown}){_MISREAD}"
        )
        yield Guarded("neighbours", name, len(summary.isolated), 0, text)
