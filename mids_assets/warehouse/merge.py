"""Bringing one table that holds rows to the rows of a build, by delete, update and insert of what differs.

Parents are compared by hash, children only below parents whose children_hash differs. What differs is COPYed into a
temporary table and compared there once more, value by value, so that the counts are true even when a hash was made
another way. Values are compared by their bytes: 0.0 and -0.0, or 1 and 1.0 in a JSON text, are two things.
The caller defers the constraints and owns the transaction. Does not belong here: empty tables (load.py), ids.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import psycopg2
from psycopg2.extensions import cursor

from mids_assets.errors import CheckFailed
from mids_assets.model.frames import CHILDREN_HASH, ROW_HASH
from mids_assets.warehouse.copying import copy_in, read_frame
from mids_assets.warehouse.failures import typed
from mids_assets.warehouse.physical import Rows, stored_schema
from mids_assets.warehouse.stored import (
    RELEASE_ID,
    UPDATED_AT,
    of_role,
    parent_key,
    quote,
    quoted,
    row_key,
    stored_columns,
)

_OLD = "__old"
_ANALYZE_ROWS = 2000
_NEW, _QUIET, _KEYS = "pg_temp.merge_new", "pg_temp.merge_quiet", "pg_temp.merge_keys"


@dataclass(frozen=True, slots=True)
class Changed:
    """Rows of one table whose content a publish changed."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def total(self) -> int:
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True, slots=True)
class Merged:
    """`changed`: the counts. `families`: one column, the keys of parents whose children differ or that are gone."""

    changed: Changed
    families: pl.DataFrame


class Merge:
    """The merge of all tables of a realm, one call a table, parents before children.

    With `write` False nothing but temporary tables is touched, and the counts say what a merge would do.
    """

    def __init__(self, cur: cursor, realm: str, release_id: int, *, write: bool = True) -> None:
        self._cur = cur
        self._realm = realm
        self._release_id = release_id
        self._write = write

    def parent(self, rows: Rows, *, by_value: bool, children_by_value: bool) -> Merged:
        """Merge an entity or reference table. `by_value`: hashes in the database are no guide for its rows;
        `children_by_value`: nor for the rows of its children."""
        name, key = rows.table.name, list(row_key(rows.table.name))
        columns = (*key, *of_role(name, "quiet"))
        new, old = rows.read(columns), self._current(name, columns)
        _require_distinct(name, new, key)
        both = new.join(old.with_columns(pl.lit(True).alias(_OLD)), on=key, how="left", suffix=_OLD)
        gone = old.join(new, on=key, how="anti").select(key)
        fresh = pl.col(_OLD).is_null()
        differs = fresh | pl.lit(by_value) | pl.col(ROW_HASH).ne_missing(pl.col(ROW_HASH + _OLD))
        moved = pl.any_horizontal(pl.col(c).ne_missing(pl.col(c + _OLD)) for c in of_role(name, "quiet"))
        staged = both.filter(differs).select(key)
        quiet = both.filter(~differs & moved).select(columns)
        families = pl.DataFrame()
        if CHILDREN_HASH in columns:
            family = fresh | pl.lit(children_by_value) | pl.col(CHILDREN_HASH).ne_missing(pl.col(CHILDREN_HASH + _OLD))
            families = pl.concat([both.filter(family).select(key), gone])
        deleted = self._delete_rows(name, gone)
        inserted, updated = self._apply(rows, staged)
        self._apply_quiet(name, quiet)
        return Merged(Changed(inserted, updated, deleted), families)

    def child(self, rows: Rows, families: pl.DataFrame) -> Changed:
        """Merge a child table below the parents in `families`."""
        name, parent = rows.table.name, parent_key(rows.table.name)
        families = families.rename({families.columns[0]: parent})
        changed = Changed()
        if families.height:
            self._stage(name, _NEW, _from_build(name), rows.batches(among=families))
            self._require_distinct_stage(name)
            self._stage(name, _KEYS, (parent,), [families])
            deleted = self._execute(
                f"DELETE FROM {self._relation(name)} t USING {_KEYS} k",
                f"FROM {self._relation(name)} t, {_KEYS} k",
                f"t.{quote(parent)} = k.{quote(parent)}"
                f" AND NOT EXISTS (SELECT FROM {_NEW} s WHERE {_same(row_key(name))})",
            )
            self._drop(_KEYS)
            changed = Changed(*self._apply_stage(name), deleted)
            self._drop(_NEW)
        self._follow_quiet(rows, families, parent)
        return changed

    def _follow_quiet(self, rows: Rows, families: pl.DataFrame, parent: str) -> None:
        """Quiet columns of children outside of `families`. Most are null in most rows, and only the others are read."""
        name, quiet = rows.table.name, of_role(rows.table.name, "quiet")
        if not quiet:
            return
        key = list(row_key(name))
        columns = (*key, *quiet)
        given = pl.any_horizontal(pl.col(c).is_not_null() for c in quiet)
        found = [batch.filter(given) for batch in rows.batches(columns)] if rows.filled & set(quiet) else []
        new = pl.concat([pl.DataFrame(schema=stored_schema(name, columns)), *found])
        old = self._current(name, columns, " OR ".join(f"{quote(c)} IS NOT NULL" for c in quiet))
        both = new.join(old, on=key, how="full", coalesce=True, suffix=_OLD).join(families, on=parent, how="anti")
        moved = pl.any_horizontal(pl.col(c).ne_missing(pl.col(c + _OLD)) for c in quiet)
        self._apply_quiet(name, both.filter(moved).select(columns))

    def _apply(self, rows: Rows, staged: pl.DataFrame) -> tuple[int, int]:
        if not staged.height:
            return 0, 0
        name = rows.table.name
        self._stage(name, _NEW, _from_build(name), rows.batches(among=staged))
        counts = self._apply_stage(name)
        self._drop(_NEW)
        return counts

    def _apply_stage(self, name: str) -> tuple[int, int]:
        """(inserted, updated) from the staged rows."""
        relation, same = self._relation(name), _same(row_key(name))
        content, quiet = of_role(name, "content"), of_role(name, "quiet")
        stamps = of_role(name, "stamp")
        updated = 0
        if content:
            sets = [f"{quote(c)} = s.{quote(c)}" for c in content + quiet]
            if stamps:
                sets += [f"{quote(UPDATED_AT)} = now()", f"{quote(RELEASE_ID)} = {self._release_id:d}"]
            updated = self._execute(
                f"UPDATE {relation} t SET {', '.join(sets)} FROM {_NEW} s",
                f"FROM {relation} t, {_NEW} s",
                f"{same} AND {_differ(content)}",
            )
        if quiet:
            self._set_quiet(name, _NEW)
        columns = _from_build(name)
        target, values = quoted(*columns), ", ".join(f"s.{quote(c)}" for c in columns)
        if stamps:
            target, values = f"{target}, {quote(RELEASE_ID)}", f"{values}, {self._release_id:d}"
        inserted = self._execute(
            f"INSERT INTO {relation} ({target}) SELECT {values} FROM {_NEW} s",
            f"FROM {_NEW} s",
            f"NOT EXISTS (SELECT FROM {relation} t WHERE {same})",
        )
        return inserted, updated

    def _apply_quiet(self, name: str, rows: pl.DataFrame) -> None:
        if rows.height and self._write:
            self._stage(name, _QUIET, tuple(rows.columns), [rows])
            self._set_quiet(name, _QUIET)
            self._drop(_QUIET)

    def _set_quiet(self, name: str, stage: str) -> None:
        """Quiet columns follow without a trace in updated_at or the counts."""
        if self._write:
            quiet = of_role(name, "quiet")
            sets = ", ".join(f"{quote(c)} = s.{quote(c)}" for c in quiet)
            self._cur.execute(
                f"UPDATE {self._relation(name)} t SET {sets} FROM {stage} s"
                f" WHERE {_same(row_key(name))} AND {_differ(quiet)}"
            )

    def _delete_rows(self, name: str, gone: pl.DataFrame) -> int:
        if gone.height and self._write:
            self._stage(name, _KEYS, tuple(gone.columns), [gone])
            self._cur.execute(f"DELETE FROM {self._relation(name)} t USING {_KEYS} s WHERE {_same(row_key(name))}")
            self._drop(_KEYS)
        return gone.height

    def _execute(self, statement: str, source: str, condition: str) -> int:
        if self._write:
            self._cur.execute(f"{statement} WHERE {condition}")
            return self._cur.rowcount
        self._cur.execute(f"SELECT count(*) {source} WHERE {condition}")
        return int((self._cur.fetchone() or (0,))[0])

    def _stage(self, name: str, stage: str, columns: tuple[str, ...], batches) -> None:
        self._cur.execute(
            f"CREATE TEMP TABLE {stage.partition('.')[2]} ON COMMIT DROP AS"
            f" SELECT {quoted(*columns)} FROM {self._relation(name)} WITH NO DATA"
        )
        try:
            copied = copy_in(self._cur, stage, columns, (batch.select(columns) for batch in batches))
        except psycopg2.DataError as error:
            # PostgreSQL would name the temporary table.
            raise typed(error, f"table {self._realm}.{name}") from error
        if copied > _ANALYZE_ROWS:
            # Without numbers the planner takes the new table for tiny and joins row by row.
            keys = [c for c in columns if c in row_key(name)]
            self._cur.execute(f"ANALYZE {stage} ({quoted(*keys)})")

    def _drop(self, stage: str) -> None:
        self._cur.execute(f"DROP TABLE {stage}")

    def _require_distinct_stage(self, name: str) -> None:
        keys = quoted(*row_key(name))
        self._cur.execute(f"SELECT {keys} FROM {_NEW} GROUP BY {keys} HAVING count(*) > 1 LIMIT 1")
        row = self._cur.fetchone()
        if row is not None:
            raise _repeated(name, row)

    def _current(self, name: str, columns: tuple[str, ...], condition: str = "true") -> pl.DataFrame:
        schema = stored_schema(name, columns)
        query = f"SELECT {quoted(*schema)} FROM {self._relation(name)} WHERE {condition}"
        return read_frame(self._cur, query, schema)

    def _relation(self, name: str) -> str:
        return f"{quote(self._realm)}.{quote(name)}"


def _from_build(name: str) -> tuple[str, ...]:
    return tuple(column.name for column in stored_columns(name) if column.role != "stamp")


def _same(key: tuple[str, ...]) -> str:
    return " AND ".join(f"t.{quote(c)} = s.{quote(c)}" for c in key)


def _differ(columns: tuple[str, ...]) -> str:
    """IS DISTINCT FROM, but by bytes (the operator that REFRESH MATERIALIZED VIEW CONCURRENTLY uses)."""
    old, new = (", ".join(f"{side}.{quote(c)}" for c in columns) for side in ("t", "s"))
    return f"ROW({old})::record OPERATOR(pg_catalog.*<>) ROW({new})::record"


def _require_distinct(name: str, rows: pl.DataFrame, key: list[str]) -> None:
    repeated = rows.filter(rows.select(key).is_duplicated())
    if repeated.height:
        raise _repeated(name, repeated.select(key).row(0))


def _repeated(name: str, key: tuple) -> CheckFailed:
    shown = ", ".join(f"{column} = {value}" for column, value in zip(row_key(name), key, strict=True))
    return CheckFailed(f"table {name}, constraint {name}_pkey: {shown} occurs twice; nothing was published")
