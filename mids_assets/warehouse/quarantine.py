"""mids.quarantine: the records that a release lost, kept whole, open until a later build no longer finds them.

Only a publish writes here, and what blocks one.
Does not belong here: what makes a record unfit (transform), how entries are shown.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import psycopg2
from psycopg2.extensions import connection, cursor

from mids_assets.errors import MidsError
from mids_assets.redaction import redact
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.copying import copy_in
from mids_assets.warehouse.register import find, has_register

log = logging.getLogger(__name__)

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
_IDENTITY = ("entity", "source_file", "source_position", "rule", "field")
"""By these an entry is the same in two builds of a release; equal ones are told apart by their number."""
_TOLD = ("byte_offset", "expected", "message", "record")
_TYPES = {pl.String: "text", pl.Int64: "int8", pl.Boolean: "bool"}
_NUMBERED = f"row_number() OVER (PARTITION BY {', '.join(_IDENTITY)} ORDER BY id) - 1 AS number"
_SAME = " AND ".join(
    ["k.number = f.number"]
    # Without NULLs, so that the server may join by hash.
    + [f"coalesce(k.{name}, {'-1' if name == 'source_position' else repr('')})"
       f" = coalesce(f.{name}, {'-1' if name == 'source_position' else repr('')})" for name in _IDENTITY]
)  # fmt: skip
_KNOWN = (
    f"WITH k AS (SELECT id, resolved_at, {', '.join(_IDENTITY)}, {_NUMBERED} FROM mids.quarantine"
    " WHERE realm = %(realm)s AND release_id = %(release_id)s)"
)
_SELECT = (
    f"SELECT q.id, q.realm, r.release, r.version, q.build, {', '.join(f'q.{name}' for name in _COLUMNS)},"
    " q.resolved_at, q.resolved_by, q.resolution FROM mids.quarantine q JOIN mids.release r ON r.id = q.release_id"
)


@dataclass(frozen=True, slots=True)
class QuarantinedRecord:
    """One entry; `record` is the record as JSON text. Open while `resolved_at` is None."""

    id: int
    realm: str
    release: str
    version: str | None
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
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None


def replace_quarantine(
    cur: cursor,
    realm: str,
    release_id: int,
    build: str,
    frame: pl.DataFrame,
    corrections: Iterable[Mapping[str, Any]] = (),
) -> int:
    """Let `frame` be all open entries of the release; returns their number.

    What was known and is found again stays, or is opened again; what is not found any more is resolved, by one of
    `corrections` (`transform.corrections.entry.Corrected` as JSON) or because no rule refuses it. Columns of `frame`:
    those of mids.quarantine from `entity` to `record`.
    """
    rows = frame.select(pl.col(name).cast(dtype) for name, dtype in _DTYPES.items()).with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).over(_IDENTITY).alias("number")
    )
    columns = ", ".join(f"{name} {_TYPES[dtype]}" for name, dtype in _DTYPES.items())
    cur.execute("DROP TABLE IF EXISTS pg_temp.quarantine_found")
    cur.execute(f"CREATE TEMP TABLE quarantine_found ({columns}, number int8) ON COMMIT DROP")
    copy_in(cur, "quarantine_found", (*_COLUMNS, "number"), rows.iter_slices(2000))
    about = {
        "realm": realm,
        "release_id": release_id,
        "build": build,
        "corrections": json.dumps([dict(one) for one in corrections if one["resolved"]]),
    }
    cur.execute(
        f"{_KNOWN} UPDATE mids.quarantine q SET resolved_at = clock_timestamp(), resolved_by = %(build)s,"
        " resolution = coalesce((SELECT string_agg('corrected by ' || c.label || ': ' || c.reason, '; ')"
        " FROM jsonb_to_recordset(%(corrections)s::jsonb)"
        ' AS c(label text, reason text, entity text, "position" int8)'
        " WHERE c.entity = q.entity AND c.\"position\" = q.source_position), 'no rule refuses the record any more')"
        " FROM k WHERE q.id = k.id AND k.resolved_at IS NULL"
        f" AND NOT EXISTS (SELECT 1 FROM quarantine_found f WHERE {_SAME})",
        about,
    )
    cur.execute(
        f"{_KNOWN} UPDATE mids.quarantine q SET {', '.join(f'{name} = f.{name}' for name in _TOLD)},"
        " build = CASE WHEN q.resolved_at IS NULL THEN q.build ELSE %(build)s END,"
        " resolved_at = NULL, resolved_by = NULL, resolution = NULL"
        f" FROM k JOIN quarantine_found f ON {_SAME} WHERE q.id = k.id AND (q.resolved_at IS NOT NULL OR"
        f" ({', '.join(f'q.{name}' for name in _TOLD)}) IS DISTINCT FROM ({', '.join(f'f.{name}' for name in _TOLD)}))",
        about,
    )
    cur.execute(
        f"{_KNOWN} INSERT INTO mids.quarantine (realm, release_id, build, {', '.join(_COLUMNS)})"
        f" SELECT %(realm)s, %(release_id)s, %(build)s, {', '.join(f'f.{name}' for name in _COLUMNS)}"
        f" FROM quarantine_found f WHERE NOT EXISTS (SELECT 1 FROM k WHERE {_SAME})"
        " ORDER BY f.entity, f.source_position, f.byte_offset, f.number",
        about,
    )
    return rows.height


def list_quarantine(
    conn: connection,
    realm: str,
    *,
    release: str | None = None,
    entity: str | None = None,
    rule: str | None = None,
    resolved: bool = False,
    limit: int | None = None,
) -> list[QuarantinedRecord]:
    """Open entries in order of their number, with `resolved` also the others. `release`, an id, defaults to the
    published one. Leaves a transaction open."""
    with conn.cursor() as cur:
        if not has_register(cur):
            return []
        cur.execute(
            f"{_SELECT} WHERE q.realm = %(realm)s"
            " AND CASE WHEN %(release)s::text IS NULL THEN r.state = 'published' ELSE r.release = %(release)s END"
            " AND (%(entity)s::text IS NULL OR q.entity = %(entity)s) AND (%(rule)s::text IS NULL OR q.rule = %(rule)s)"
            " AND (%(resolved)s OR q.resolved_at IS NULL) ORDER BY q.id LIMIT %(limit)s",
            {
                "realm": realm,
                "release": release,
                "entity": entity,
                "rule": rule,
                "resolved": resolved,
                "limit": limit,
            },
        )
        return [QuarantinedRecord(*row) for row in cur.fetchall()]


def find_quarantined(conn: connection, number: int) -> QuarantinedRecord | None:
    """The entry with this number. Leaves a transaction open."""
    with conn.cursor() as cur:
        if not has_register(cur):
            return None
        cur.execute(f"{_SELECT} WHERE q.id = %s", (number,))
        row = cur.fetchone()
    return QuarantinedRecord(*row) if row else None


def count_quarantine(conn: connection, realm: str, release_id: int) -> dict[str, int]:
    """{entity: open entries} of a release, sorted by name. Leaves a transaction open."""
    with conn.cursor() as cur:
        cur.execute(
            "SELECT entity, count(*) FROM mids.quarantine WHERE realm = %s AND release_id = %s"
            " AND resolved_at IS NULL GROUP BY entity ORDER BY entity",
            (realm, release_id),
        )
        return dict(cur.fetchall())


def note_quarantine(
    settings: Settings,
    realm: str,
    release: str,
    build: str,
    frame: pl.DataFrame,
    corrections: Iterable[Mapping[str, Any]] = (),
) -> None:
    """The entries of a release that is blocked, so that they can be worked off; those of a release that readers see
    are left as its publish found them. That they cannot be written must not hide why the release is blocked."""
    try:
        with closing(connect(settings, application_name=f"mids quarantine {realm}", attempts=1)) as conn:
            row = find(conn, realm, release)
            if row is not None and row.state != "published":
                with conn.cursor() as cur:
                    replace_quarantine(cur, realm, row.id, build, frame, corrections)
            conn.commit()
    except (psycopg2.Error, MidsError) as error:
        log.warning("The quarantine of a blocked release could not be written: %s", redact(str(error)))
