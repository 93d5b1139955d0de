"""Stable ids: the number of every natural key that was ever published in a realm.

A key that returns gets its old id; new keys get a block of numbers above all that were ever given, in order of the
source. The caller holds the realm's lock, so nobody else gives ids meanwhile; nothing is kept unless it commits.
Does not belong here: references to the ids (physical.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from psycopg2.extensions import cursor

from mids_assets.model.table import NATURAL_KEY
from mids_assets.model.tables import TABLES
from mids_assets.warehouse.copying import copy_in
from mids_assets.warehouse.stored import quote

ENTITIES = tuple(table.name for table in TABLES if table.kind == "entity")
_RELATION = f"{quote('mids')}.{quote('identity')}"
_COLUMNS = ("realm", "table_name", "natural_key", "id", "last_release_id")


@dataclass(frozen=True, slots=True)
class Identities:
    """`ids`: {entity table: {natural key: id}} of the keys of this release alone, in order of the source.

    `new`: keys never seen before, as (table_name String, natural_key String, id Int64).
    """

    ids: Mapping[str, Mapping[str, int]]
    new: pl.DataFrame


def assign(cur: cursor, realm: str, tables_dir: Path) -> Identities:
    """Ids for all keys in the entity frames of `tables_dir`; writes nothing."""
    known: dict[str, dict[str, int]] = {name: {} for name in ENTITIES}
    cur.execute(f"SELECT table_name, natural_key, id FROM {_RELATION} WHERE realm = %s", (realm,))
    for table, key, number in cur:
        known.setdefault(table, {})[key] = number
    ids: dict[str, dict[str, int]] = {}
    new: list[tuple[str, str, int]] = []
    for table in ENTITIES:
        given = known[table]
        keys = pl.read_parquet(tables_dir / f"{table}.parquet", columns=[NATURAL_KEY]).to_series().to_list()
        following = max(given.values(), default=0) + 1
        ids[table] = {}
        for key in keys:
            number = given.get(key)
            if number is None:
                # A key that stands there twice keeps one number; the primary key then refuses the second row.
                number = ids[table].get(key)
            if number is None:
                number, following = following, following + 1
                new.append((table, key, number))
            ids[table][key] = number
    schema = {"table_name": pl.String(), NATURAL_KEY: pl.String(), "id": pl.Int64()}
    return Identities(ids, pl.DataFrame(new, schema=schema, orient="row"))


def keep(cur: cursor, realm: str, identities: Identities, previous_release: int | None) -> None:
    """Write the new ids, and note which keys vanished with this publish and which returned.

    To be called after the realm's tables hold the new rows.
    """
    if identities.new.height:
        rows = identities.new.select(
            pl.lit(realm).alias("realm"),
            "table_name",
            NATURAL_KEY,
            "id",
            pl.lit(None, dtype=pl.Int64).alias("last_release_id"),
        )
        copy_in(cur, _RELATION, _COLUMNS, [rows])
    for table in ENTITIES:
        relation = f"{quote(realm)}.{quote(table)}"
        cur.execute(
            f"UPDATE {_RELATION} i SET last_release_id = CASE WHEN t.id IS NULL THEN %s::int8 END"
            f" FROM {_RELATION} j LEFT JOIN {relation} t ON t.id = j.id"
            " WHERE j.realm = %s AND j.table_name = %s AND (t.id IS NULL) = (j.last_release_id IS NULL)"
            " AND (t.id IS NOT NULL OR %s::int8 IS NOT NULL)"
            " AND i.realm = j.realm AND i.table_name = j.table_name AND i.natural_key = j.natural_key",
            (previous_release, realm, table, previous_release),
        )
