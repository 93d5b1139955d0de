"""mids.discrepancy: where the values of a realm differ from the game's, and mids.cross_check: which releases were
compared.

A discrepancy is one for as long as its key and field are: what a later comparison no longer finds is gone, and the same
row again where it comes back. Does not belong here: comparing (`transform.crosscheck`), showing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from psycopg2.extensions import connection, cursor

from mids_assets.transform.diff.side import Side
from mids_assets.warehouse.copying import copy_in
from mids_assets.warehouse.stored import quoted

_IDENTITY = ("entity", "key", "field")
_FACTS: dict[str, Any] = {
    "ours": pl.String,
    "theirs": pl.String,
    "ratio": pl.Float64,
    "suspicion": pl.String,
    "cause": pl.String,
    "apart": pl.String,
    "file": pl.String,
}
_DTYPES = dict.fromkeys(_IDENTITY, pl.String) | _FACTS
_COLUMNS = ", ".join(_DTYPES)
_SAME = " AND ".join(f"d.{name} = f.{name}" for name in _IDENTITY)
_SIDES = ("our_release", "our_version", "our_date", "their_release", "their_version", "their_date")
_CHECK = ", ".join((*_SIDES, "discrepancies", "apart", "checked_at"))
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Check:
    """A pair of releases that was compared. `discrepancies`: {suspicion: number}, without the `apart` ones that are not
    comparable; times are aware and in UTC."""

    our_release: str
    our_version: str | None
    our_date: datetime | None
    their_release: str
    their_version: str | None
    their_date: datetime | None
    discrepancies: dict[str, int]
    apart: int
    checked_at: datetime

    @property
    def total(self) -> int:
        return sum(self.discrepancies.values())


@dataclass(frozen=True, slots=True)
class Noted:
    """`now`: what was noted. `before`: the other pair of releases that was compared last, None where there is none.
    `new`, `gone`: {suspicion: number} of what is there since then for the first time, and of what went; empty without
    `before`."""

    now: Check
    before: Check | None
    new: dict[str, int]
    gone: dict[str, int]


def note_discrepancies(conn: connection, realm: str, frame: pl.DataFrame, ours: Side, theirs: Side) -> Noted:
    """Let `frame` be all discrepancies of a realm that there are, in one transaction; noted again it changes only the
    time at which they were last seen.

    `frame` has the columns of mids.discrepancy from `entity` to `file`, one row for each entity, key and field.
    """
    sides = dict(
        zip(_SIDES, (ours.release, ours.version, ours.date, theirs.release, theirs.version, theirs.date), strict=True)
    )
    about = {"realm": realm, **sides}
    with conn, conn.cursor() as cur:
        # Two runs of one realm would each enter what is new.
        cur.execute("LOCK TABLE mids.discrepancy IN SHARE ROW EXCLUSIVE MODE")
        _found(cur, frame)
        _write(cur, about)
        now = _note_check(cur, about)
        before = _before(cur, about)
        new, gone = ({}, {}) if before is None else _since(cur, realm, before.checked_at)
    return Noted(now, before, new, gone)


def last_check(conn: connection, realm: str) -> Check | None:
    """The pair of releases that was compared last. Leaves a transaction open."""
    with conn.cursor() as cur:
        cur.execute("SELECT to_regclass('mids.cross_check') IS NOT NULL")
        if cur.fetchone() != (True,):
            return None
        return _select(cur, "realm = %(realm)s", {"realm": realm})


def _found(cur: cursor, frame: pl.DataFrame) -> None:
    """The rows in a temporary table, numbered in their order."""
    rows = frame.select(pl.col(name).cast(dtype) for name, dtype in _DTYPES.items())
    columns = ", ".join(f"{name} {'float8' if dtype == pl.Float64 else 'text'}" for name, dtype in _DTYPES.items())
    cur.execute(f"CREATE TEMP TABLE discrepancy_found (number int8 GENERATED ALWAYS AS IDENTITY, {columns})"
                " ON COMMIT DROP")  # fmt: skip
    # A row as a whole has no field.
    whole = rows.with_columns(pl.col("field").fill_null(""))
    copy_in(cur, quoted("discrepancy_found"), _DTYPES, whole.iter_slices(_BATCH))
    cur.execute("ANALYZE discrepancy_found")


def _write(cur: cursor, about: dict[str, Any]) -> None:
    seen = ", ".join(
        [f"{name} = f.{name}" for name in _FACTS]
        + [f"{name} = %({name})s" for name in _SIDES if "version" not in name]
        + ["last_seen_at = now()", "gone_at = NULL"]
    )
    cur.execute(
        "UPDATE mids.discrepancy d SET gone_at = now() WHERE realm = %(realm)s AND gone_at IS NULL"
        f" AND NOT EXISTS (SELECT FROM discrepancy_found f WHERE {_SAME})",
        about,
    )
    cur.execute(
        f"UPDATE mids.discrepancy d SET {seen} FROM discrepancy_found f WHERE d.realm = %(realm)s AND {_SAME}", about
    )
    cur.execute(
        f"INSERT INTO mids.discrepancy (realm, {_COLUMNS}, our_release, our_date, their_release, their_date,"
        " first_seen_at, first_our_release, first_their_release, last_seen_at)"
        f" SELECT %(realm)s, {_COLUMNS}, %(our_release)s, %(our_date)s, %(their_release)s, %(their_date)s,"
        " now(), %(our_release)s, %(their_release)s, now() FROM discrepancy_found f"
        f" WHERE NOT EXISTS (SELECT FROM mids.discrepancy d WHERE d.realm = %(realm)s AND {_SAME}) ORDER BY number",
        about,
    )


def _note_check(cur: cursor, about: dict[str, Any]) -> Check:
    counts = _counts(cur, "gone_at IS NULL", about)
    cur.execute(
        "SELECT count(*) FROM mids.discrepancy WHERE realm = %(realm)s AND gone_at IS NULL AND apart IS NOT NULL", about
    )
    (apart,) = cur.fetchone() or (0,)
    facts = {**about, "discrepancies": json.dumps(counts), "apart": apart}
    cur.execute(
        f"INSERT INTO mids.cross_check (realm, {_CHECK})"
        f" VALUES (%(realm)s, {', '.join(f'%({name})s' for name in (*_SIDES, 'discrepancies', 'apart'))}, now())"
        " ON CONFLICT (realm, our_release, their_release) DO UPDATE SET"
        " discrepancies = excluded.discrepancies, apart = excluded.apart, checked_at = excluded.checked_at"
        f" RETURNING {_CHECK}",
        facts,
    )
    return Check(*(cur.fetchone() or ()))


def _before(cur: cursor, about: dict[str, Any]) -> Check | None:
    other = "(our_release, their_release) <> (%(our_release)s, %(their_release)s)"
    return _select(cur, f"realm = %(realm)s AND {other}", about)


def _since(cur: cursor, realm: str, moment: datetime) -> tuple[dict[str, int], dict[str, int]]:
    about = {"realm": realm, "moment": moment}
    new = _counts(cur, "gone_at IS NULL AND first_seen_at > %(moment)s", about)
    return new, _counts(cur, "gone_at > %(moment)s AND first_seen_at <= %(moment)s", about)


def _counts(cur: cursor, condition: str, about: dict[str, Any]) -> dict[str, int]:
    """{suspicion: number} of comparable ones."""
    cur.execute(
        "SELECT suspicion, count(*) FROM mids.discrepancy"
        f" WHERE realm = %(realm)s AND apart IS NULL AND {condition} GROUP BY suspicion ORDER BY suspicion",
        about,
    )
    return dict(cur.fetchall())


def _select(cur: cursor, condition: str, about: dict[str, Any]) -> Check | None:
    """The one of the pairs that was compared last."""
    cur.execute(f"SELECT {_CHECK} FROM mids.cross_check WHERE {condition} ORDER BY checked_at DESC LIMIT 1", about)
    row = cur.fetchone()
    return Check(*row) if row else None
