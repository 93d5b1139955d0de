"""The figures of a realm, from schema mids, the catalogue and the files of its last look at the source.

Does not belong here: what a metric is called and says (families.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import psycopg2.errors
from psycopg2.extensions import connection

from mids_assets import clock
from mids_assets.health.facts import Facts, read_facts
from mids_assets.health.problems import KINDS, problems
from mids_assets.metrics import families as f
from mids_assets.metrics.families import Sample
from mids_assets.model.operations import SCHEMA
from mids_assets.model.tables import ASSETS, TABLES
from mids_assets.settings import Settings
from mids_assets.transform.crosscheck.schema import SUSPICIONS
from mids_assets.warehouse.discrepancies import last_check
from mids_assets.warehouse.import_log import PUBLISHED
from mids_assets.warehouse.quarantine import count_quarantine
from mids_assets.warehouse.register import ReleaseRow, State, has_register

MIB = 1024 * 1024
ACTIONS = (*PUBLISHED, "blocked", "failed")


def of_realm(conn: connection, settings: Settings, realm: str) -> Iterator[Sample]:
    """All of a realm. Leaves no transaction open. A database that nothing was imported to gives zeros."""
    facts = read_facts(conn, settings, realm)
    yield from _releases(facts)
    yield from _problems(facts, settings)
    if facts.published is not None:
        yield from _published(facts.published)
        yield from _records(conn, facts, facts.published)
    with conn.cursor() as cur:
        known = has_register(cur)
    if known:
        yield from _imports(conn, realm)
        yield from _notifications(conn, realm)
        yield from _discrepancies(conn, realm)
    conn.rollback()


def table_sizes(conn: connection, schemas: tuple[str, ...]) -> Iterator[Sample]:
    """Sizes of the tables in the schemas, and of the database; none while a publish changes the tables themselves.

    Leaves no transaction open.
    """
    try:
        with conn.cursor() as cur:
            cur.execute(
                "SELECT n.nspname, c.relname, pg_total_relation_size(c.oid)::float8 FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = ANY(%s) AND c.relkind = 'r' ORDER BY 1, 2",
                ([*schemas, SCHEMA],),
            )
            for schema, table, size in cur.fetchall():
                yield f.TABLE_BYTES.of(size, schema, table)
            cur.execute("SELECT pg_database_size(current_database())::float8")
            for (size,) in cur.fetchall():
                yield f.DATABASE_BYTES.of(size)
    except (psycopg2.errors.LockNotAvailable, psycopg2.errors.UndefinedTable, psycopg2.errors.InsufficientPrivilege):
        pass
    finally:
        conn.rollback()


def _releases(facts: Facts) -> Iterator[Sample]:
    for state in get_args(State):
        yield f.RELEASES.of(sum(row.state == state for row in facts.releases), facts.realm, state)
    if facts.looked is not None:
        yield f.SOURCE_CHECKED.of(facts.looked.timestamp(), facts.realm)


def _problems(facts: Facts, settings: Settings) -> Iterator[Sample]:
    found = [one.kind for one in problems(facts, settings, clock.now())]
    # Zeros as well: an alert must see that a problem is over.
    for kind in KINDS:
        yield f.PROBLEMS.of(found.count(kind), facts.realm, kind)


def _published(row: ReleaseRow) -> Iterator[Sample]:
    sample = "true" if row.is_sample else "false"
    yield f.RELEASE.of(1, row.realm, row.release, row.build or "", row.version or "", sample)
    if row.published_at is not None:
        yield f.PUBLISHED_AT.of(row.published_at.timestamp(), row.realm)
    if row.release_date is not None:
        yield f.RELEASE_DATE.of(row.release_date.timestamp(), row.realm)
    summary = row.summary
    for result in ("failed", "warned"):
        yield f.CHECKS.of(summary.get("checks", {}).get(result, 0), row.realm, result)
    for table in TABLES:
        yield f.TABLE_ROWS.of(summary.get("tables", {}).get(table.name, 0), row.realm, table.name)
    # A release that an earlier version published has no stages in its summary.
    stages = summary.get("stages", {})
    if "seconds" in summary:
        stages = {**stages, "publish": {"seconds": summary["seconds"]}}
    for stage, figures in stages.items():
        yield f.STAGE_SECONDS.of(figures["seconds"], row.realm, stage)
        if "bytes" in figures:
            yield f.STAGE_BYTES.of(figures["bytes"], row.realm, stage)
    if "peak_memory_mib" in summary:
        yield f.PEAK_MEMORY.of(summary["peak_memory_mib"] * MIB, row.realm)


def _records(conn: connection, facts: Facts, row: ReleaseRow) -> Iterator[Sample]:
    quarantined = dict.fromkeys(ASSETS, 0) | count_quarantine(conn, row.realm, row.id)
    for entity, records in quarantined.items():
        yield f.QUARANTINED.of(records, row.realm, entity)
    for entity, counts in facts.set_aside.items():
        yield f.RECORDS_IN.of(counts.processed, row.realm, entity)
        yield f.QUARANTINE_RATIO.of(counts.share, row.realm, entity)
    with conn.cursor() as cur:
        cur.execute(
            "SELECT DISTINCT ON (import_type) import_type, records_imported FROM mids.import_log"
            " WHERE realm = %s AND release_id = %s AND action = ANY(%s) ORDER BY import_type, id DESC",
            (row.realm, row.id, list(PUBLISHED)),
        )
        for entity, records in cur.fetchall():
            yield f.RECORDS_OUT.of(records, row.realm, entity)


def _imports(conn: connection, realm: str) -> Iterator[Sample]:
    with conn.cursor() as cur:
        cur.execute(
            "SELECT action, count(DISTINCT coalesce(run_id, id::text)), extract(epoch FROM max(completed_at))::float8"
            " FROM mids.import_log WHERE realm = %s GROUP BY action",
            (realm,),
        )
        found = {action: (count, last) for action, count, last in cur.fetchall()}
    for action in ACTIONS:
        yield f.IMPORTS.of(found.get(action, (0, None))[0], realm, action)
    for outcome, actions in {"published": PUBLISHED, "blocked": ("blocked",), "failed": ("failed",)}.items():
        ends = [found[action][1] for action in actions if action in found and found[action][1] is not None]
        if ends:
            yield f.IMPORT_AT.of(max(ends), realm, outcome)


def _notifications(conn: connection, realm: str) -> Iterator[Sample]:
    with conn.cursor() as cur:
        cur.execute("SELECT to_regclass('mids.notification_delivery') IS NOT NULL")
        if cur.fetchone() != (True,):
            return
        cur.execute(
            "SELECT d.state, count(*) FROM mids.notification_delivery d"
            " JOIN mids.notification n ON n.id = d.notification_id WHERE n.realm = %s GROUP BY d.state",
            (realm,),
        )
        found: dict[str, int] = dict(cur.fetchall())
    yield f.PENDING.of(found.get("pending", 0), realm)
    for state in ("delivered", "dropped"):
        yield f.SENT.of(found.get(state, 0), realm, state)


def _discrepancies(conn: connection, realm: str) -> Iterator[Sample]:
    check = last_check(conn, realm)
    if check is not None:
        for suspicion in SUSPICIONS:
            yield f.DISCREPANCIES.of(check.discrepancies.get(suspicion, 0), realm, suspicion)
