"""What is published, for `mids status` and whoever asks by program.

Does not belong here: how it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg2.extensions import connection

from mids_assets.model.tables import ASSETS, TABLES
from mids_assets.warehouse.quarantine import count_quarantine
from mids_assets.warehouse.register import ReleaseRow, published


def status(conn: connection, realms: Iterable[str]) -> dict[str, Any]:
    """{"realms": {realm: {release, version, published_at, tables, quarantined, checks, ..}}}, ready for JSON.

    Numbers of rows and checks are those that the publish counted. A realm without a publish has null for release,
    version and time, and nothing in it.
    """
    found = {}
    for realm in realms:
        row = published(conn, realm)
        found[realm] = _nothing() if row is None else _facts(row, count_quarantine(conn, realm, row.id))
    conn.rollback()
    return {"realms": found}


def _facts(row: ReleaseRow, quarantined: dict[str, int]) -> dict[str, Any]:
    summary = row.summary
    return {
        "release": row.release,
        "build": row.build,
        "version": row.version,
        "release_date": row.release_date.isoformat() if row.release_date else None,
        "is_sample": row.is_sample,
        "published_at": row.published_at.isoformat() if row.published_at else None,
        "tables": {table.name: summary.get("tables", {}).get(table.name, 0) for table in TABLES},
        "quarantined": dict.fromkeys(ASSETS, 0) | quarantined,
        "checks": {"failed": 0, "warned": 0} | summary.get("checks", {}),
    }


def _nothing() -> dict[str, Any]:
    return {
        "release": None,
        "build": None,
        "version": None,
        "release_date": None,
        "is_sample": None,
        "published_at": None,
        "tables": {},
        "quarantined": {},
        "checks": {"failed": 0, "warned": 0},
    }
