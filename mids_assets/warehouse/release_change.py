"""mids.release_change: what each publish changed, as `transform.diff` tells it.

Does not belong here: comparing (`transform.diff`), showing (`commands`).
"""

from __future__ import annotations

import json

import polars as pl
from psycopg2.extensions import connection, cursor

from mids_assets.transform.diff.rows import SCHEMA
from mids_assets.warehouse.copying import copy_in
from mids_assets.warehouse.register import has_register
from mids_assets.warehouse.stored import quoted

_TABLE = quoted("mids") + "." + quoted("release_change")
_BATCH = 50_000
_JSON = ("old_value", "new_value", "evidence")


def write(cur: cursor, realm: str, release_id: int, previous_release_id: int | None, changes: pl.DataFrame) -> int:
    """Keep the changes of a publish in the transaction of `cur`; returns the rows.

    `changes` is `Diff.changes`. What an earlier publish of the same pair of releases wrote is replaced.
    """
    cur.execute(
        f"DELETE FROM {_TABLE} WHERE realm = %s AND release_id = %s AND previous_release_id IS NOT DISTINCT FROM %s",
        (realm, release_id, previous_release_id),
    )
    head = [
        pl.lit(realm).alias("realm"),
        pl.lit(release_id, pl.Int64()).alias("release_id"),
        pl.lit(previous_release_id, pl.Int64()).alias("previous_release_id"),
    ]
    batches = (batch.select(*head, *SCHEMA) for batch in changes.iter_slices(_BATCH))
    return copy_in(cur, _TABLE, ("realm", "release_id", "previous_release_id", *SCHEMA), batches)


def read(conn: connection, realm: str, release: str) -> pl.DataFrame:
    """What the last publish of a release (its id) that changed anything changed, as `write` took it."""
    with conn.cursor() as cur:
        if not has_register(cur):
            return pl.DataFrame(schema=SCHEMA)
        cur.execute(
            f"SELECT {', '.join(SCHEMA)} FROM {_TABLE} AS change"
            " JOIN mids.release AS seen ON seen.id = change.release_id"
            " WHERE change.realm = %s AND seen.realm = %s AND seen.release = %s"
            " AND change.previous_release_id IS NOT DISTINCT FROM ("
            f"SELECT previous_release_id FROM {_TABLE} WHERE realm = %s AND release_id = seen.id"
            " ORDER BY id DESC LIMIT 1) ORDER BY change.id",
            (realm, realm, release, realm),
        )
        return pl.DataFrame([_texts(row) for row in cur.fetchall()], schema=SCHEMA, orient="row")


def _texts(row: tuple) -> tuple:
    return tuple(
        json.dumps(value, ensure_ascii=False, sort_keys=True) if name in _JSON and value is not None else value
        for name, value in zip(SCHEMA, row, strict=True)
    )
