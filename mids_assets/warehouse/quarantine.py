"""mids.quarantine: the records that a release lost, kept whole.

Only a publish writes here; each replaces what it or an earlier build of the same release found.
Does not belong here: what makes a record unfit (transform).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from psycopg2.extensions import connection, cursor

from mids_assets.warehouse.copying import copy_in
from mids_assets.warehouse.register import has_register

_DTYPES: dict[str, Any] = {
    "entity": pl.String,
    "source_file": pl.String,
    "source_position": pl.Int64,
    "byte_offset": pl.Int64,
    "rule": pl.String,
    "expected": pl.Boolean,
    "field": pl.String,
    "message": pl.String,
    "record": pl.String,
}
_COLUMNS = tuple(_DTYPES)


@dataclass(frozen=True, slots=True)
class QuarantinedRecord:
    """One entry; `record` is the record as JSON text."""

    id: int
    release: str
    build: str
    entity: str
    source_file: str
    source_position: int | None
    byte_offset: int | None
    rule: str
    expected: bool
    field: str | None
    message: str
    record: str


def replace_quarantine(cur: cursor, realm: str, release_id: int, build: str, frame: pl.DataFrame) -> int:
    """Let `frame` be all entries of the release; returns their number. Columns: those of mids.quarantine from
    `entity` to `record`."""
    cur.execute("DELETE FROM mids.quarantine WHERE realm = %s AND release_id = %s", (realm, release_id))
    rows = frame.select(
        pl.lit(realm).alias("realm"),
        pl.lit(release_id, dtype=pl.Int64).alias("release_id"),
        pl.lit(build).alias("build"),
        *(pl.col(name).cast(dtype) for name, dtype in _DTYPES.items()),
    )
    columns = ("realm", "release_id", "build", *_COLUMNS)
    return copy_in(cur, "mids.quarantine", columns, rows.iter_slices(2000))


def list_quarantine(
    conn: connection, realm: str, *, release: str | None = None, entity: str | None = None, limit: int | None = None
) -> list[QuarantinedRecord]:
    """Entries in order of their place; `release` defaults to the published one. Leaves a transaction open."""
    with conn.cursor() as cur:
        if not has_register(cur):
            return []
        columns = ", ".join(f"q.{name}" for name in _COLUMNS)
        cur.execute(
            f"SELECT q.id, r.release, q.build, {columns} FROM mids.quarantine q JOIN mids.release r"
            " ON r.id = q.release_id WHERE q.realm = %(realm)s"
            " AND CASE WHEN %(release)s::text IS NULL THEN r.state = 'published' ELSE r.release = %(release)s END"
            " AND (%(entity)s::text IS NULL OR q.entity = %(entity)s) ORDER BY q.id LIMIT %(limit)s",
            {"realm": realm, "release": release, "entity": entity, "limit": limit},
        )
        return [QuarantinedRecord(*row) for row in cur.fetchall()]


def count_quarantine(conn: connection, realm: str, release_id: int) -> dict[str, int]:
    """{entity: entries} of a release, sorted by name. Leaves a transaction open."""
    with conn.cursor() as cur:
        cur.execute(
            "SELECT entity, count(*) FROM mids.quarantine WHERE realm = %s AND release_id = %s"
            " GROUP BY entity ORDER BY entity",
            (realm, release_id),
        )
        return dict(cur.fetchall())
