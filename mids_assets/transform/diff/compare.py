"""Two releases compared, table by table, family by family (an entity or small table with its children).

Hashes tell which rows and which families differ; only these are read, so many parents at a time, so that memory is
bounded and two releases that hardly differ are compared at once.
Does not belong here: matching rows of a list, spelling the changes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import polars as pl

from mids_assets.model.frames import CHILDREN_HASH, ROW_HASH
from mids_assets.model.table import NATURAL_KEY, Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.columns import canonical, compared, needed
from mids_assets.transform.diff.families import changes_of_children, changes_of_list
from mids_assets.transform.diff.keys import entity_keys
from mids_assets.transform.diff.matching import NEW, OLD, PARENT
from mids_assets.transform.diff.renames import ALONE, NUMBER, rename_columns, renames
from mids_assets.transform.diff.rows import ADDED, SCHEMA, changes
from mids_assets.transform.diff.side import Side

PARENTS = 10_000
"""So many parents whose children differ are read at a time."""
KEY = "_key"
PLACE = "_place"
"""Column with the 0-based number of a row in its table."""
_EXTRAS = frozenset(f"{table.name}.extra" for table in TABLES if "extra" in table.by_name)
"""What no other column holds is of one form of a database, and says nothing about another form."""


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs. `old` is None where nothing was before; then `counts` says how many rows came, and `changes` does
    not list them. `left_out` names the tables, and columns as `table.column`, that one of the sources does not have."""

    old: Side | None
    new: Side
    changes: pl.DataFrame
    counts: dict[str, dict[str, int]]
    """Table -> kind of change -> rows (of changed: rows, not fields)."""
    left_out: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.counts


def compare(old: Side | None, new: Side) -> Diff:
    """What differs in `new`. A made-up sample before a real release counts as nothing before."""
    if old is None or (old.is_sample and not new.is_sample):
        counts = {table.name: {ADDED: rows} for table in TABLES if (rows := new.rows(table))}
        return Diff(None, new, pl.DataFrame(schema=SCHEMA), counts)
    lacks = old.lacks | new.lacks | (frozenset() if old.form == new.form else _EXTRAS)
    found: dict[str, list[pl.DataFrame]] = {}
    for table in TABLES:
        if table.kind == "child" or table.name in lacks:
            continue
        for name, rows in _family(table, (old, new), lacks):
            found.setdefault(name, []).append(rows)
    frames = [frame for table in TABLES for frame in found.get(table.name, []) if frame.height]
    rows = pl.concat(frames) if frames else pl.DataFrame(schema=SCHEMA)
    counts: dict[str, dict[str, int]] = {}
    for name in found:
        for frame in found[name]:
            for kind, number in counted(frame).get(name, {}).items():
                kinds = counts.setdefault(name, {})
                kinds[kind] = kinds.get(kind, 0) + number
    return Diff(old, new, rows, counts, tuple(sorted(lacks)))


def counted(rows: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Rows per table and kind of change; a row that changed in several fields counts once."""
    once = rows.unique(["table_name", "natural_key", "old_key", "change"], maintain_order=True)
    counts: dict[str, dict[str, int]] = {}
    for (name, change), number in Counter(once.select("table_name", "change").iter_rows()).items():
        counts.setdefault(name, {})[change] = number
    return counts


def _family(table: Table, sides: tuple[Side, Side], lacks: frozenset[str]):
    """(table, changes) of a table and of its children."""
    if table.ordered and table.key == table.ordered:
        yield table.name, changes_of_list(table, sides, lacks)
        return
    old, new = _heads(sides, table)
    links = _links(table, old, new, sides)
    yield table.name, _changes_of_rows(table, links, sides, lacks)
    children = [child for child in TABLES.children(table.name) if child.name not in lacks]
    if children:
        differ = links.filter(~(pl.col("children_old") == pl.col("children_new")).fill_null(False))
        parents = differ.select("old", "new", "shown_old", "shown_new")
        for start in range(0, parents.height, PARENTS):
            batch = parents.slice(start, PARENTS).with_row_index(PARENT)
            yield from changes_of_children(children, batch, sides, lacks)


def _heads(sides: tuple[Side, Side], table: Table) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Keys and hashes of the rows of both sides; of an entity, only of rows that the other side has not just so.

    There may be hundreds of thousands of the others, and their keys are texts: they are told by hashes alone.
    """
    hashes = [ROW_HASH, *([CHILDREN_HASH] if TABLES.children(table.name) else [])]
    natural = [NATURAL_KEY] if table.kind == "entity" else []
    names = list(dict.fromkeys((*natural, *table.key, *hashes, *rename_columns(table.name))))
    kept = _without_twin(sides, table, hashes) if table.kind == "entity" else (None, None)
    found = []
    for side, numbers in zip(sides, kept, strict=True):
        rows = side.scan(table).select(names).with_row_index(PLACE)
        if numbers is not None:
            rows = rows.filter(pl.col(PLACE).is_in(numbers.implode()))
        head = rows.collect()
        head = head.with_columns(entity_keys(head, table).alias("shown"))
        if NUMBER in names:
            head = head.with_columns(_alone(side, table).gather(head[PLACE]).alias(ALONE))
        if CHILDREN_HASH not in head.columns:
            head = head.with_columns(pl.lit(0, pl.Int64()).alias(CHILDREN_HASH))
        key = pl.col(NATURAL_KEY if table.kind == "entity" else "shown").alias(KEY)
        found.append(head.with_columns(key).unique(KEY, keep="first", maintain_order=True))
    return found[0], found[1]


def _without_twin(sides: tuple[Side, Side], table: Table, hashes: list[str]) -> tuple[pl.Series, pl.Series]:
    """Places of the rows that have no row of the same key and hashes on the other side."""
    digests = [
        side.scan(table).select(pl.col(NATURAL_KEY).hash().alias(KEY), *hashes).with_row_index(PLACE).collect()
        for side in sides
    ]
    mine, yours = (
        one.join(other, on=[KEY, *hashes], how="anti", maintain_order="left")[PLACE]
        for one, other in (digests, reversed(digests))
    )
    return mine, yours


def _alone(side: Side, table: Table) -> pl.Series:
    """Whether a row's number is one, and no other row of the release has it."""
    number = pl.col(NUMBER)
    return side.scan(table).select(((number >= 0) & number.is_unique()).alias(ALONE)).collect().to_series()


def _links(table: Table, old: pl.DataFrame, new: pl.DataFrame, sides: tuple[Side, Side]) -> pl.DataFrame:
    """The rows of either side beside the one that each is on the other side, in order: new rows, then those gone."""
    named = renames(table.name, old, new, sides)
    mine = old.select(
        pl.col(KEY).alias("old"), pl.col("shown").alias("shown_old"), pl.col(ROW_HASH).alias("row_old"),
        pl.col(CHILDREN_HASH).alias("children_old"), pl.col(PLACE).alias("number_old"),
    )  # fmt: skip
    yours = new.select(
        pl.col(KEY).alias("new"), pl.col("shown").alias("shown_new"), pl.col(ROW_HASH).alias("row_new"),
        pl.col(CHILDREN_HASH).alias("children_new"), pl.col(PLACE).alias("number_new"),
    )  # fmt: skip
    mine = mine.join(named, on="old", how="left").with_columns(link=pl.coalesce("new", "old")).drop("new")
    return mine.join(yours.with_columns(link="new"), on="link", how="full").sort(
        "number_new", "number_old", nulls_last=True
    )


def _changes_of_rows(
    table: Table, links: pl.DataFrame, sides: tuple[Side, Side], lacks: frozenset[str]
) -> pl.DataFrame:
    differ = links.filter(~(pl.col("row_old") == pl.col("row_new")).fill_null(False) | pl.col("evidence").is_not_null())
    content = compared(table, lacks)
    found = []
    for start in range(0, differ.height, PARENTS):
        batch = differ.slice(start, PARENTS)
        old = _rows(sides[0], table, batch["old"], lacks)
        new = _rows(sides[1], table, batch["new"], lacks)
        pairs = batch.select("old", "new", "evidence")
        for side, rows in ((OLD, old), (NEW, new)):
            numbers = rows.select(KEY, pl.int_range(pl.len(), dtype=pl.UInt32).alias("number"))
            pairs = pairs.join(numbers, left_on=side, right_on=KEY, how="left", maintain_order="left")
            pairs = pairs.drop(side).rename({"number": side})
        keys = entity_keys(old, table), entity_keys(new, table)
        extra = () if table.kind == "entity" else table.key
        found.append(changes(table, pairs.select(OLD, NEW), old, new, keys, content, extra, pairs["evidence"]))
    return pl.concat(found) if found else pl.DataFrame(schema=SCHEMA)


def _rows(side: Side, table: Table, keys: pl.Series, lacks: frozenset[str]) -> pl.DataFrame:
    """The rows with these keys, one each."""
    wanted = keys.drop_nulls().implode()
    rows = side.scan(table).select(list(needed(table, lacks)))
    if table.kind == "entity":
        # A filter is applied while the file is read, a join only afterwards.
        rows = rows.filter(pl.col(NATURAL_KEY).is_in(wanted)).with_columns(pl.col(NATURAL_KEY).alias(KEY)).collect()
    else:
        found = rows.collect()
        rows = found.with_columns(entity_keys(found, table).alias(KEY)).filter(pl.col(KEY).is_in(wanted))
    return canonical(rows.unique(KEY, keep="first", maintain_order=True), table)
