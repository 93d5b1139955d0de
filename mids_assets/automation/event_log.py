"""Rows of Dagster's event log that Dagster keeps for ever and has no public way to remove.

`DagsterInstance.delete_run` leaves the executions of asset checks, which hold the whole result; what is reported
without a run (the asset `health`, states of freshness) belongs to nobody. Both tables are Dagster's own, by its own
declaration of them. Does not belong here: what is old, and whatever Dagster can remove itself (housekeeping.py).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import cast

import dagster as dg
import sqlalchemy as db
from dagster._core.instance.utils import RUNLESS_RUN_ID
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage


def forget_checks_of_runs(instance: dg.DagsterInstance, run_ids: Collection[str]) -> int:
    """Remove the executions of checks in runs that were deleted. Returns how many."""
    table = AssetCheckExecutionsTable
    return _delete(instance, table.delete().where(table.c.run_id.in_(run_ids))) if run_ids else 0


def forget_removed_checks(instance: dg.DagsterInstance, realms: Collection[str], checks: Collection[dg.AssetCheckKey]):
    """Remove all executions of checks of these realms that are none of `checks`. Returns the names of the checks."""
    table = AssetCheckExecutionsTable
    with _storage(instance).index_connection() as connection:
        rows = connection.execute(db.select(table.c.asset_key, table.c.check_name).distinct()).fetchall()
    removed = []
    for stored, name in rows:
        key = dg.AssetKey.from_db_string(stored)
        if key is None or key.path[0] not in realms or dg.AssetCheckKey(key, name) in checks:
            continue
        _delete(instance, table.delete().where(table.c.asset_key == stored, table.c.check_name == name))
        removed.append(f"{key.to_user_string()}:{name}")
    return sorted(removed)


def forget_old_reports(instance: dg.DagsterInstance, before: datetime, most: int) -> int:
    """Remove what was reported without a run before a moment (aware), but for the newest of each kind.

    At most `most` rows of each of both tables. Returns how many rows.
    """
    moment = before.astimezone(UTC).replace(tzinfo=None)
    events, executions = SqlEventLogStorageTable, AssetCheckExecutionsTable
    return sum(
        _delete_old(instance, table, column < moment, by, most)
        for table, column, by in (
            (events, events.c.timestamp, (events.c.asset_key, events.c.dagster_event_type, events.c.partition)),
            (
                executions,
                executions.c.evaluation_event_timestamp,
                (executions.c.asset_key, executions.c.check_name, executions.c.partition),
            ),
        )
    )


def _delete_old(instance: dg.DagsterInstance, table: db.Table, is_old, by: tuple[db.Column, ...], most: int) -> int:
    without_run = table.c.run_id == RUNLESS_RUN_ID
    newest = db.select(db.func.max(table.c.id)).where(without_run).group_by(*by)
    old = db.select(table.c.id).where(without_run, is_old, table.c.id.not_in(newest)).limit(most)
    return _delete(instance, table.delete().where(table.c.id.in_(old)))


def _delete(instance: dg.DagsterInstance, statement: db.Delete) -> int:
    with _storage(instance).index_connection() as connection:
        return connection.execute(statement).rowcount


def _storage(instance: dg.DagsterInstance) -> SqlEventLogStorage:
    return cast(SqlEventLogStorage, instance.event_log_storage)
