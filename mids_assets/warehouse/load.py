"""The first load of a realm: rows straight into bare tables, constraints and indexes are the caller's afterthought.

Does not belong here: tables that hold rows (merge.py).
"""

from __future__ import annotations

import polars as pl
import psycopg2
from psycopg2.extensions import cursor

from mids_assets.warehouse.copying import copy_in
from mids_assets.warehouse.failures import typed
from mids_assets.warehouse.physical import Rows
from mids_assets.warehouse.stored import CREATED_AT, RELEASE_ID, UPDATED_AT, quote, stored_columns


def load(cur: cursor, realm: str, rows: Rows, release_id: int, *, fresh: bool) -> int:
    """COPY all rows into the empty table; returns their number. Both times are the transaction's, by default.

    `fresh`: the table was made in this transaction.
    """
    name = rows.table.name
    # A column that is null throughout is left to be so: a source may lack most columns, and each costs in each row.
    columns = [
        c.name
        for c in stored_columns(name)
        if c.name not in (CREATED_AT, UPDATED_AT) and (c.name in rows.filled or c.default or c.name == RELEASE_ID)
    ]
    batches = rows.batches(tuple(columns))
    if RELEASE_ID in columns:
        stamp = pl.lit(release_id, dtype=pl.Int64).alias(RELEASE_ID)
        batches = (batch.with_columns(stamp).select(columns) for batch in batches)
    try:
        return copy_in(cur, f"{quote(realm)}.{quote(name)}", columns, batches, freeze=fresh)
    except psycopg2.DataError as error:
        raise typed(error, f"table {realm}.{name}") from error
