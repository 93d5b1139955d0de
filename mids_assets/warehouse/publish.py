"""One atomic publish of a build into a realm, and the preview of one.

The transaction is READ COMMITTED: the realm's lock keeps every other publish out, and readers, whose statements see
one snapshot each, go from the whole old release to the whole new one at the commit. No TRUNCATE, no exchange of
schemas. Foreign keys are on all the time; while rows change they are deferred, and checked before the commit.
Does not belong here: how one table changes (merge.py, load.py), what a build is (publishing.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, connection, cursor

from mids_assets.errors import RealmBusy, UserError
from mids_assets.model.tables import TABLES
from mids_assets.progress import report
from mids_assets.settings import Settings
from mids_assets.warehouse import (
    audit,
    ddl,
    identity,
    import_log,
    outside,
    publishes,
    register,
    release_change,
    roles,
    schema,
    trigrams,
)
from mids_assets.warehouse.connection import realm_lock
from mids_assets.warehouse.failures import typed
from mids_assets.warehouse.import_log import EntityLog
from mids_assets.warehouse.load import load
from mids_assets.warehouse.merge import Changed, Merge
from mids_assets.warehouse.outcome import note_failure
from mids_assets.warehouse.physical import Rows, open_rows, require_schemas
from mids_assets.warehouse.quarantine import replace_quarantine
from mids_assets.warehouse.register import ReleaseRecord
from mids_assets.warehouse.stored import has_children, quote

PREVIEW_LOCK_TIMEOUT = "30s"
"""A comparison must not queue up behind somebody's lock, with readers queueing behind it."""

__all__ = ["Changed", "EntityLog", "PublishResult", "preview", "publish"]


@dataclass(frozen=True, slots=True)
class PublishResult:
    """`changed` and `rows` name every table of the realm; `release_id` is the release's number in mids.release."""

    release_id: int
    changed: dict[str, Changed]
    rows: dict[str, int]
    seconds: float


def publish(
    conn: connection,
    *,
    realm: str,
    release: ReleaseRecord,
    build: str,
    tables_dir: Path,
    quarantine: pl.DataFrame,
    summary: Mapping[str, Any],
    run_id: str | None,
    entities: Sequence[EntityLog],
    settings: Settings,
    verify: Callable[[Path], None],
    renamed: Mapping[str, Mapping[str, str]] | None = None,
    changes: pl.DataFrame | None = None,
    left_out: Sequence[str] = (),
    actor: audit.Actor | None = None,
) -> PublishResult:
    """Make the tables of `realm` hold exactly the rows of the logical frames in `tables_dir`.

    `conn` has no transaction open; it may hold the realm's lock already. `verify` is called before anything is
    written and raises what forbids the publish. `summary` is kept in mids.release, with `tables`, `changed` and
    `seconds` added. `renamed`: {entity table: {key: key before}} of rows whose id goes along. `changes`: what differs
    from the published release (`transform.diff`), kept in mids.release_change; `left_out`: what was not compared.
    `actor`: who is to blame, by default
    the user of this process. On any error the realm is as before, and mids.import_log says why.

    Raises `CheckFailed` (a rule or constraint is broken), `StaleBuild` (files of another model), `RealmBusy`,
    `DatabaseUnavailable` (connection lost, lock not free within `settings.lock_timeout_seconds`), `UserError`.
    """
    begun = time.perf_counter()
    try:
        with realm_lock(conn, realm, settings.lock_timeout_seconds):
            schema.ensure_operations(conn)
            with conn:
                release_id = register.note_release(conn, realm, release)
            require_schemas(tables_dir)
            verify(tables_dir)
            with conn, conn.cursor() as cur:
                _begin(cur, settings)
                before = register.published(conn, realm)
                identities = identity.assign(cur, realm, tables_dir, renamed)
                rows = open_rows(tables_dir, identities.ids)
                outside.require_unreferenced(cur, realm, identities.vanished)
                changed = _bring(cur, realm, rows, release_id)
                identity.keep(cur, realm, identities, before.id if before else None)
                action = register.action_of(release, before)
                noted = publishes.note(cur, realm, release_id, before.id if before else None, build, action)
                if changes is not None and before is not None:
                    publishes.know_changes(cur, noted, release_change.write(cur, realm, noted, changes), left_out)
                replace_quarantine(cur, realm, release_id, build, quarantine, summary.get("corrections", ()))
                import_log.write(cur, realm, release_id, build, action, run_id, entities)
                result = PublishResult(
                    release_id,
                    changed,
                    {name: table.height for name, table in rows.items()},
                    round(time.perf_counter() - begun, 3),
                )
                register.mark_published(cur, realm, release_id, build, _summary(summary, result), action)
                deed = audit.Deed("published", realm, release.release, run_id, subject=action)
                audit.note(cur, actor or audit.at_this_terminal(), deed)
        return result
    except RealmBusy:
        raise
    except BaseException as error:
        failure = error
        if isinstance(error, psycopg2.Error):
            failure = outside.explained(error, realm) or typed(error)
        note_failure(settings, realm, release.release, build, run_id, entities, failure)
        if failure is error:
            raise
        raise failure from error


def preview(
    conn: connection, realm: str, tables_dir: Path, renamed: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, Changed]:
    """What a publish of `tables_dir` would change. Nothing is kept: only temporary tables are made, and rolled back.

    Where the realm's schema is of another model, it is altered and filled in a transaction that is rolled back, and
    readers wait meanwhile. The connection must have no transaction open, and has none afterwards. Raises `CheckFailed`
    where rows that would go are referenced from outside.
    """
    if conn.info.transaction_status != TRANSACTION_STATUS_IDLE:
        raise ValueError("preview needs a connection without an open transaction")
    require_schemas(tables_dir)
    try:
        with conn.cursor() as cur:
            cur.execute("SET LOCAL lock_timeout = %s", (PREVIEW_LOCK_TIMEOUT,))
            found = schema.fingerprint(cur, realm)
            known = register.has_register(cur)
            fits = found == ddl.realm_fingerprint()
            if not known or found is None or (fits and schema.is_empty(cur, realm)):
                return {name: Changed(inserted=rows.height) for name, rows in open_rows(tables_dir, {}).items()}
            identities = identity.assign(cur, realm, tables_dir, renamed)
            rows = open_rows(tables_dir, identities.ids)
            outside.require_unreferenced(cur, realm, identities.vanished)
            if fits:
                return _merge(Merge(cur, realm, 0, write=False), rows, set())
            altered = schema.begin_change(cur, realm)
            return _merge(Merge(cur, realm, 0), rows, altered)
    except psycopg2.Error as error:
        raise typed(error) from error
    finally:
        if not conn.closed:
            conn.rollback()


def _begin(cur: cursor, settings: Settings) -> None:
    cur.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
    for name, value in {
        "lock_timeout": f"{round(settings.lock_timeout_seconds * 1000)}ms",
        # Limits that a server sets for its users in general must not end a first load.
        "statement_timeout": "0",
        "idle_in_transaction_session_timeout": "0",
        "work_mem": "64MB",
        "maintenance_work_mem": "128MB",
        # Compiling a statement over a hundred columns takes longer than running it.
        "jit": "off",
    }.items():
        cur.execute(f"SET LOCAL {name} = %s", (value,))


def _bring(cur: cursor, realm: str, rows: dict[str, Rows], release_id: int) -> dict[str, Changed]:
    """The schema fits and holds the rows; returns what changed."""
    found = schema.fingerprint(cur, realm)
    fits = found == ddl.realm_fingerprint()
    mine = found is None or roles.is_mine(cur, realm)
    if not fits and not mine:
        raise UserError(
            f"the tables of realm {realm} are those of another version, and the database user may not alter them:"
            f" publish once as a member of {roles.groups_here(cur).owner}"
        )
    # Who may not alter empty tables fills them as any others, with constraints and indexes on.
    if fits and not (mine and schema.is_empty(cur, realm)):
        cur.execute("SET CONSTRAINTS ALL DEFERRED")
        changed = _merge(Merge(cur, realm, release_id), rows, set())
        cur.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if mine:
            trigrams.index(cur, realm)
    else:
        before = schema.tables(cur, realm)
        altered = schema.begin_change(cur, realm)
        if schema.is_empty(cur, realm):
            changed = _load(cur, realm, rows, release_id, fresh=set(rows) - before)
        else:
            cur.execute("SET CONSTRAINTS ALL DEFERRED")
            changed = _merge(Merge(cur, realm, release_id), rows, altered)
            cur.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema.finish_change(cur, realm)
    for name, one in changed.items():
        if one.total:
            cur.execute(f"ANALYZE {quote(realm)}.{quote(name)}")
    return changed


def _load(
    cur: cursor, realm: str, rows: dict[str, Rows], release_id: int, fresh: AbstractSet[str]
) -> dict[str, Changed]:
    changed = {}
    for number, (name, table) in enumerate(rows.items()):
        report("publish", number, len(rows), name)
        changed[name] = Changed(inserted=load(cur, realm, table, release_id, fresh=name in fresh))
    return changed


def _merge(merge: Merge, rows: dict[str, Rows], altered: set[str]) -> dict[str, Changed]:
    """Parents hand the keys whose children differ to the children, which come later in the model's order.

    `altered`: tables whose columns are new, so that their rows must be compared by value.
    """
    changed: dict[str, Changed] = {}
    families: dict[str, pl.DataFrame] = {}
    for number, (name, table) in enumerate(rows.items()):
        report("publish", number, len(rows), name)
        if table.table.parent is not None:
            parent = table.table.reference(table.table.parent).target
            changed[name] = merge.child(table, families[parent])
            continue
        below = {child.name for child in TABLES.children(name)}
        merged = merge.parent(table, by_value=name in altered, children_by_value=bool(below & altered))
        changed[name] = merged.changed
        if has_children(name):
            families[name] = merged.families
    return changed


def _summary(summary: Mapping[str, Any], result: PublishResult) -> dict[str, Any]:
    return {
        **summary,
        "tables": result.rows,
        "changed": {name: asdict(one) for name, one in result.changed.items()},
        "seconds": result.seconds,
    }
