"""Which rows of a child table belong together, below parents that belong together.

Rows without a place in a list are matched by their key. Lists are aligned by content inside their parent, so that an
inserted row is one addition; of lists whose order means nothing equal rows are equal wherever they stand.
Does not belong here: which parents belong together, what differs in matched rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from mids_assets.model.table import Table
from mids_assets.transform.diff.columns import fixed, grouped, outer_places, places
from mids_assets.transform.diff.sequences import Alike, align, assign

PARENT = "_parent"
"""Column with the number of the pair of parents that a row is below."""
RANK = "_rank"
"""Column with the 0-based place among the rows of one list."""
OUTER = "_outer"
"""Column with the number of the row that a row belongs to (the effect of a condition), the same on both sides."""
INNER = "_inner"
"""Column with a hash over the rows that belong to a row."""
OLD, NEW = "old", "new"
_CONTENT = "_content"
_NOTHING = (None, "", [], 0, False, -1, 0.0, -1.0, "None")


def ranked(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in order of their lists, with `RANK`; rows of a table without lists as they are."""
    if not places(table):
        return rows.sort(PARENT, maintain_order=True)
    group = [PARENT, *fixed(table), *outer_places(table)]
    found = rows.sort([*group, *places(table)], nulls_last=True).with_columns(
        pl.int_range(pl.len(), dtype=pl.Int32).over(group).alias(RANK)
    )
    return _with_companions(found, group, *inner) if (inner := grouped(table)) else found


def _with_companions(rows: pl.DataFrame, group: list[str], place: str, named: str) -> pl.DataFrame:
    """`place`, the number of an inner list, replaced by the names of the other rows in it (a sorted list of texts)."""
    inner = [*group, place]
    others = rows.select(*inner, RANK).join(
        rows.select(*inner, pl.col(RANK).alias("_other"), named), on=inner, how="inner", nulls_equal=True
    )
    lists = (
        others.filter(pl.col(RANK) != pl.col("_other"))
        .group_by(*group, RANK, maintain_order=True)
        .agg(pl.col(named).sort().alias("_others"))
    )
    found = rows.join(lists, on=[*group, RANK], how="left", nulls_equal=True, maintain_order="left")
    return found.with_columns(pl.col("_others").fill_null([]).alias(place)).drop("_others")


def match(table: Table, old: pl.DataFrame, new: pl.DataFrame, content: Sequence[str]) -> pl.DataFrame:
    """Row numbers `old` and `new` (UInt32) of rows that belong together, null where a row is alone.

    Both frames have `PARENT`, the key, the columns `content`, and where they apply `RANK`, `OUTER` and `INNER`.
    """
    group = [PARENT, *fixed(table), *([OUTER] if OUTER in old.columns else [])]
    if not places(table):
        return _by_key(old, new, group)
    what = [*content, *([INNER] if INNER in old.columns else [])]
    lists = _lists(old, group, what, OLD).join(_lists(new, group, what, NEW), on=group, how="full", nulls_equal=True)
    equal = lists.filter(pl.col("old_content") == pl.col("new_content")).select(OLD, NEW).explode(OLD, NEW)
    other = lists.filter(~(pl.col("old_content") == pl.col("new_content")).fill_null(False))
    pairs: list[tuple[int | None, int | None]] = []
    values = _Values(old, new, content)
    arrange = align if table.ordered else assign
    filled = other.select(pl.col(OLD, NEW, "old_content", "new_content").fill_null([]))
    for mine, yours, left, right in filled.iter_rows():
        found = arrange(left, right, values.alike(mine, yours))
        pairs += [(mine[i], yours[j]) for i, j in found]
        matched = {i for i, _ in found}, {j for _, j in found}
        pairs += [(row, None) for i, row in enumerate(mine) if i not in matched[0]]
        pairs += [(None, row) for j, row in enumerate(yours) if j not in matched[1]]
    return pl.concat([equal, pl.DataFrame(pairs, schema={OLD: pl.UInt32, NEW: pl.UInt32}, orient="row")])


def in_order(pairs: pl.DataFrame, old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Pairs by parent, in it the new rows in their order and then those that are gone."""
    parent = pl.coalesce(
        pl.lit(new[PARENT]).gather(pl.col(NEW)) if new.height else pl.lit(None),
        pl.lit(old[PARENT]).gather(pl.col(OLD)) if old.height else pl.lit(None),
    )
    return pairs.sort(parent, NEW, OLD, nulls_last=True)


def _by_key(old: pl.DataFrame, new: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    # A key that stands twice breaks a rule of the model; its second row counts as a row of its own.
    again = pl.int_range(pl.len()).over(key).alias("_again")
    mine = old.select(*key, again).with_row_index(OLD)
    yours = new.select(*key, again).with_row_index(NEW)
    return mine.join(yours, on=[*key, "_again"], how="full", nulls_equal=True).select(OLD, NEW)


def _lists(rows: pl.DataFrame, group: list[str], content: list[str], side: str) -> pl.DataFrame:
    """Per list the numbers of its rows and a hash of each row's content."""
    hashed = rows.select(*group, pl.struct(content).hash().alias(_CONTENT)).with_row_index(side)
    return hashed.group_by(group, maintain_order=True).agg(side, pl.col(_CONTENT).alias(f"{side}_content"))


class _Values:
    """Tells how alike two rows are: the share of equal values among those that say something in either of them."""

    def __init__(self, old: pl.DataFrame, new: pl.DataFrame, content: Sequence[str]) -> None:
        told = [name for name in content if not (_says_nothing(old[name]) and _says_nothing(new[name]))]
        self._old, self._new = old.select(told), new.select(told)

    def alike(self, old: Sequence[int], new: Sequence[int]) -> Alike:
        """For the rows with these numbers, which are told by their place in the two lists."""
        mine = cache(lambda i: self._old.row(old[i]))
        yours = cache(lambda j: self._new.row(new[j]))

        def weigh(i: int, j: int) -> float:
            equal = told = 0
            for a, b in zip(mine(i), yours(j), strict=True):
                if a != b:
                    told += 1
                elif a not in _NOTHING:
                    equal, told = equal + 1, told + 1
            return equal / told if told else 1.0

        return weigh


def _says_nothing(column: pl.Series) -> bool:
    """Whether no value of a column counts; most columns of an effect are such ones."""
    if column.null_count() == column.len():
        return True
    first = column.first()
    first = first.to_list() if isinstance(first, pl.Series) else first
    return first in _NOTHING and column.n_unique() == 1
