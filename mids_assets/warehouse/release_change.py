"""mids.release_change: what each publish changed, as `transform.diff` tells it.

Does not belong here: comparing (`transform.diff`), showing (`commands`).
"""

from __future__ import annotations

import json

import polars as pl
from psycopg2.extensions import connection, cursor

from mids_assets.transform.diff.compose import Step
from mids_assets.transform.diff.compose_rows import Change
from mids_assets.transform.diff.rows import SCHEMA
from mids_assets.warehouse.copying import copy_in
from mids_assets.warehouse.publishes import Publish
from mids_assets.warehouse.register import has_register
from mids_assets.warehouse.stored import quoted

__all__ = ["Change", "Step", "read", "write"]

_TABLE = quoted("mids") + "." + quoted("release_change")
_HEAD = ("realm", "release_id", "previous_release_id", "publish_id")
_BATCH = 50_000
_JSON = ("old_value", "new_value", "evidence")


def write(cur: cursor, realm: str, publish: Publish, changes: pl.DataFrame) -> int:
    """Keep the changes of a publish in the transaction of `cur`; returns the rows. `changes` is `Diff.changes`."""
    head = [
        pl.lit(realm).alias("realm"),
        pl.lit(publish.release_id, pl.Int64()).alias("release_id"),
        pl.lit(publish.previous_release_id, pl.Int64()).alias("previous_release_id"),
        pl.lit(publish.id, pl.Int64()).alias("publish_id"),
    ]
    batches = (batch.select(*head, *SCHEMA) for batch in changes.iter_slices(_BATCH))
    return copy_in(cur, _TABLE, (*_HEAD, *SCHEMA), batches)


def read(conn: connection, realm: str, release: str) -> pl.DataFrame:
    """What the last publish of a release (its id) that changed anything changed, as `write` took it."""
    with conn.cursor() as cur:
        if not has_register(cur):
            return pl.DataFrame(schema=SCHEMA)
        cur.execute(
            f"SELECT {', '.join(f'change.{name}' for name in SCHEMA)} FROM {_TABLE} AS change"
            f" JOIN LATERAL (SELECT realm, release_id, previous_release_id, publish_id FROM {_TABLE}"
            " WHERE realm = %s AND release_id = (SELECT id FROM mids.release WHERE realm = %s AND release = %s)"
            " ORDER BY id DESC LIMIT 1) AS last ON change.realm = last.realm AND change.release_id = last.release_id"
            " AND change.previous_release_id IS NOT DISTINCT FROM last.previous_release_id"
            " AND change.publish_id IS NOT DISTINCT FROM last.publish_id ORDER BY change.id",
            (realm, realm, release),
        )
        return pl.DataFrame([_texts(row) for row in cur.fetchall()], schema=SCHEMA, orient="row")


def _texts(row: tuple) -> tuple:
    return tuple(
        json.dumps(value, ensure_ascii=False, sort_keys=True) if name in _JSON and value is not None else value
        for name, value in zip(SCHEMA, row, strict=True)
    )
