"""Stable ids: the number of every natural key that was ever published in a realm.

A key that returns gets its old id; new keys get a block of numbers above all that were ever given, in order of the
source. A row that was renamed keeps its id, and its key before is noted: if that key comes back while the row's key of
now is gone, it is the same row again (a rollback, or a rename taken back). The caller holds the realm's lock, so
nobody else gives ids meanwhile; nothing is kept unless it commits.
Does not belong here: references to the ids (physical.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
_HAS_ROW = (
    f"EXISTS (SELECT FROM {_RELATION} AS o"
    " WHERE o.realm = i.realm AND o.table_name = i.table_name AND o.natural_key = f.k)"
)
_SLICE = 20_000
_COLUMNS = ("realm", "table_name", "natural_key", "id", "last_release_id")


@dataclass(frozen=True, slots=True)
class Identities:
    """`ids`: {entity table: {natural key: id}} of the keys of this release alone.

    `new`: keys never seen before, as (table_name String, natural_key String, id Int64). `renamed`: (entity table, id,
    new key) of rows that go on under another key. `vanished` and `returned`: {entity table: ids} of keys that the
    release before had and this one lacks, and the other way round.
    """

    ids: Mapping[str, Mapping[str, int]]
    new: pl.DataFrame
    renamed: list[tuple[str, int, str]]
    vanished: Mapping[str, list[int]]
    returned: Mapping[str, list[int]]


def assign(
    cur: cursor, realm: str, tables_dir: Path, renamed: Mapping[str, Mapping[str, str]] | None = None
) -> Identities:
    """Ids for all keys in the entity frames of `tables_dir`; writes nothing.

    `renamed`: {entity table: {new key: old key}} of rows that are held to be the same. The id goes along, unless the
    new key had one of its own before, or the old key is still there.
    """
    known: dict[str, dict[str, int]] = {name: {} for name in ENTITIES}
    former: dict[str, dict[str, str]] = {name: {} for name in ENTITIES}
    away: dict[str, set[int]] = {name: set() for name in ENTITIES}
    cur.execute(
        f"SELECT table_name, natural_key, id, last_release_id IS NOT NULL, former_keys FROM {_RELATION}"
        " WHERE realm = %s AND table_name = ANY(%s)",
        (realm, list(ENTITIES)),
    )
    for table, key, number, is_away, former_keys in cur:
        known[table][key] = number
        former[table].update((before, key) for before in reversed(former_keys or ()))
        if is_away:
            away[table].add(number)
    new = [pl.DataFrame(schema={"table_name": pl.String(), NATURAL_KEY: pl.String(), "id": pl.Int64()})]
    moved: list[tuple[str, int, str]] = []
    vanished, returned = {}, {}
    for table, ids in known.items():
        keys = pl.read_parquet(tables_dir / f"{table}.parquet", columns=[NATURAL_KEY]).to_series()
        went = _move(keys, ids, (renamed or {}).get(table, {}), former[table])
        moved += [(table, number, key) for key, number in went.items()]
        unknown, gone = _number(keys, ids)
        numbers = pl.Series("id", [ids[key] for key in unknown], dtype=pl.Int64)
        new.append(pl.DataFrame([pl.repeat(table, len(unknown), eager=True).alias("table_name"), unknown, numbers]))
        vanished[table] = sorted(gone - away[table])
        returned[table] = sorted(away[table] - gone)
    return Identities(known, pl.concat(new), moved, vanished, returned)


def _move(
    keys: pl.Series, ids: dict[str, int], renamed: Mapping[str, str], former: Mapping[str, str]
) -> dict[str, int]:
    """Give ids of keys that are gone to the keys under which their rows go on; returns {new key: id}.

    `former`: {key before: key now} of rows that were renamed once. A key that comes back goes before another row that
    would now take it, but not before the row whose id it had, as long as that goes on.
    """
    asked = {*renamed, *renamed.values(), *former, *former.values()}
    present = set(keys.filter(keys.is_in(list(asked)))) if asked else set()
    moved: dict[str, int] = {}

    def move(pairs: Iterable[tuple[str, str]]) -> None:
        for new, old in pairs:
            if new in present and new not in ids and old in ids and old not in present:
                moved[new] = ids[new] = ids.pop(old)

    move((new, old) for new, old in renamed.items() if new not in former)
    move(former.items())
    move(renamed.items())
    return moved


def _number(keys: pl.Series, ids: dict[str, int]) -> tuple[pl.Series, set[int]]:
    """Make `ids`, of all keys ever given, those of `keys`; returns the new keys, and the ids that were taken out.

    A key that stands there twice keeps one number; the primary key then refuses the second row. There may be
    hundreds of thousands: the dictionary is changed in place, and no list stands beside it.
    """
    following = max(ids.values(), default=0) + 1
    given = pl.Series(list(ids), dtype=pl.String)
    unknown = keys.filter(~keys.is_in(given.implode())) if len(given) else keys
    unknown = unknown.unique(maintain_order=True)
    gone = {ids.pop(key) for key in given.filter(~given.is_in(keys.implode()))}
    ids.update(zip(unknown, range(following, following + len(unknown)), strict=True))
    return unknown, gone


def keep(cur: cursor, realm: str, identities: Identities, previous_release: int | None) -> None:
    """Write the new ids, what was renamed, and which keys vanished with this publish or returned; `previous_release`
    was the last of those that vanished."""
    if identities.new.height:
        rows = identities.new.select(
            pl.lit(realm).alias("realm"),
            "table_name",
            NATURAL_KEY,
            "id",
            pl.lit(None, dtype=pl.Int64).alias("last_release_id"),
        )
        copy_in(cur, _RELATION, _COLUMNS, rows.iter_slices(_SLICE))
    for table, number, key in identities.renamed:
        cur.execute(
            f"UPDATE {_RELATION} SET natural_key = %s, former_keys = array_append(former_keys, natural_key)"
            " WHERE realm = %s AND table_name = %s AND id = %s",
            (key, realm, table, number),
        )
    _forget_taken(cur, realm)
    for release, numbers in ((previous_release, identities.vanished), (None, identities.returned)):
        for table, some in numbers.items():
            if some:
                cur.execute(
                    f"UPDATE {_RELATION} SET last_release_id = %s"
                    " WHERE realm = %s AND table_name = %s AND id = ANY(%s)",
                    (release, realm, table, some),
                )


def _forget_taken(cur: cursor, realm: str) -> None:
    """A former key that some row has now is no former key any more."""
    cur.execute(
        f"UPDATE {_RELATION} AS i SET former_keys = nullif(ARRAY(SELECT k FROM unnest(i.former_keys) WITH ORDINALITY"
        f" AS f(k, place) WHERE NOT ({_HAS_ROW}) ORDER BY place), '{{}}')"
        f" WHERE realm = %s AND EXISTS (SELECT FROM unnest(i.former_keys) AS f(k) WHERE {_HAS_ROW})",
        (realm,),
    )
