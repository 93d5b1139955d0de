"""The children of parents that belong together, compared; and lists that are a table of their own.

Does not belong here: which parents differ (`compare.py`), matching (`matching.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from mids_assets.model.table import Table
from mids_assets.transform.diff.columns import canonical, compared, fixed, needed, outer_places, owner, places
from mids_assets.transform.diff.keys import child_keys
from mids_assets.transform.diff.matching import INNER, NEW, OLD, OUTER, PARENT, RANK, in_order, match, ranked
from mids_assets.transform.diff.rows import changes
from mids_assets.transform.diff.side import Side

Frames = tuple[pl.DataFrame, pl.DataFrame]


def changes_of_children(
    children: Sequence[Table], parents: pl.DataFrame, sides: tuple[Side, Side], lacks: frozenset[str]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """(table, changes) of all child tables below `parents`: PARENT, keys `old` and `new`, `shown_old`, `shown_new`."""
    frames = {
        child.name: (
            _below(sides[0], child, parents.select(PARENT, _parent_key="old"), lacks),
            _below(sides[1], child, parents.select(PARENT, _parent_key="new"), lacks),
        )
        for child in children
    }
    links: dict[str, pl.DataFrame] = {}
    for child in sorted(children, key=lambda child: owner(child) is not None):
        old, new = frames[child.name]
        content = compared(child, lacks)
        for inner in children:
            if (link := owner(inner)) and link[0].name == child.name:
                old, new = (
                    _with_inner(child, rows, inner, below, compared(inner, lacks))
                    for rows, below in zip((old, new), frames[inner.name], strict=True)
                )
        if link := owner(child):
            old, new = _with_outer(child, (old, new), link[0], links[link[0].name], frames[link[0].name])
        pairs = in_order(match(child, old, new, content), old, new)
        links[child.name] = pairs
        keys = (
            child_keys(old, child, parents["shown_old"].gather(old[PARENT])),
            child_keys(new, child, parents["shown_new"].gather(new[PARENT])),
        )
        shown = (*fixed(child), *places(child))
        yield child.name, changes(child, pairs, old, new, keys, content, shown)


def changes_of_list(table: Table, sides: tuple[Side, Side], lacks: frozenset[str]) -> pl.DataFrame:
    """Changes of a small table that is one list, as the rows of one parent."""
    content = compared(table, lacks)
    old, new = (_list(side, table, lacks) for side in sides)
    pairs = in_order(match(table, old, new, content), old, new)
    keys = child_keys(old, table, None), child_keys(new, table, None)
    return changes(table, pairs, old, new, keys, content, places(table))


def _list(side: Side, table: Table, lacks: frozenset[str]) -> pl.DataFrame:
    rows = side.scan(table).select(list(needed(table, lacks))).collect()
    return ranked(table, canonical(rows, table).with_columns(pl.lit(0, pl.UInt32()).alias(PARENT)))


def _below(side: Side, child: Table, parents: pl.DataFrame, lacks: frozenset[str]) -> pl.DataFrame:
    """Rows of a child table below the parents, with `PARENT`, and in order of their lists."""
    wanted = parents.drop_nulls()
    # A filter is applied while the file is read, a join only afterwards.
    rows = (
        side.scan(child)
        .select(list(needed(child, lacks)))
        .filter(pl.col(str(child.parent)).is_in(wanted["_parent_key"].implode()))
        .collect()
        .join(wanted, left_on=str(child.parent), right_on="_parent_key", how="inner", maintain_order="left")
    )
    return ranked(child, canonical(rows, child))


def _with_inner(
    table: Table, rows: pl.DataFrame, inner: Table, below: pl.DataFrame, content: Sequence[str]
) -> pl.DataFrame:
    """`INNER`: a hash over the rows of `inner` below each row, so that they count when rows are aligned."""
    places_here = list(places(table))
    hashed = below.select(
        PARENT,
        *(pl.col(there).alias(here) for here, there in zip(places_here, outer_places(inner), strict=True)),
        pl.struct(RANK, *content).hash().alias(INNER),
    )
    hashes = hashed.group_by(PARENT, *places_here, maintain_order=True).agg(pl.col(INNER))
    return rows.join(hashes, on=[PARENT, *places_here], how="left", maintain_order="left")


def _with_outer(table: Table, frames: Frames, outer: Table, pairs: pl.DataFrame, rows: Frames) -> Frames:
    """`OUTER`: the number of the pair of rows that a row belongs to."""
    numbered = pairs.with_row_index(OUTER)
    found = []
    for frame, side, owners in zip(frames, (OLD, NEW), rows, strict=True):
        numbers = numbered.select(OUTER, side).drop_nulls()
        where = owners.select(
            PARENT,
            *(
                pl.col(here).alias(there)
                for here, there in zip(places(outer), outer_places(table), strict=True)
            ),
        )[numbers[side]].with_columns(numbers[OUTER])  # fmt: skip
        found.append(frame.join(where, on=[PARENT, *outer_places(table)], how="left", maintain_order="left"))
    return found[0], found[1]
