"""Which stored releases and builds give up their files.

The published release and the one before it always stay, and so does what a run works on. The register keeps its rows.
Does not belong here: removing files (`transform.removing`).
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mids_assets.settings import Settings
from mids_assets.transform.removing import remove_build, remove_release, stored_bytes
from mids_assets.transform.store import open_store
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.register import ReleaseRow, predecessor, releases


@dataclass(frozen=True, slots=True)
class Pruned:
    """`releases`: ids of releases without files now. `builds`: (release, build) whose derived files went. `bytes`:
    what that freed, hard links counted once."""

    releases: list[str]
    builds: list[tuple[str, str]]
    bytes: int


def prune(settings: Settings, realm: str, *, busy: Collection[str] = (), dry_run: bool = False) -> Pruned:
    """Remove what the settings do not keep. `busy`: releases that a run works on. Raises `DatabaseUnavailable`.

    A release that is half removed when the process is killed is removed by the next call.
    """
    store = open_store(settings)
    with closing(connect(settings, application_name=f"mids prune {realm}")) as connection:
        rows = releases(connection, realm)
        before = predecessor(connection, realm)
        kept = {before.release} if before else set()
        kept |= {str(found["release"]) for name in ("plan", "newest") if (found := store.pointed(realm, name))}
        plan = store.pointed(realm, "plan") or {}
        gone = to_prune(rows, kept | set(busy), settings, datetime.now(UTC))
        stored = store.folders(realm)
        gone = [row for row in gone if row.release in stored]
        builds = [
            store.build(realm, row.release, build)
            for row in rows
            if row not in gone and row.release not in busy
            for build in store.builds(realm, row.release)
            if build not in (row.build, plan.get("build"))
        ]
        freed = stored_bytes(store, realm, [row.release for row in gone], builds)
        connection.rollback()
        if not dry_run:
            for paths in builds:
                remove_build(paths)
            for row in gone:
                remove_release(store, realm, row.release)
                with connection, connection.cursor() as cur:
                    cur.execute("UPDATE mids.release SET pruned_at = clock_timestamp() WHERE id = %s", (row.id,))
            store.tidy(realm)
    return Pruned([row.release for row in gone], [(b.release_dir.name, b.build) for b in builds], freed)


def to_prune(rows: list[ReleaseRow], kept: Collection[str], settings: Settings, now: datetime) -> list[ReleaseRow]:
    """Releases beyond the newest `keep_releases` and older than `keep_days`; `rows` come the oldest first."""
    young = now - timedelta(days=settings.keep_days)
    return [
        row
        for row in rows[: -settings.keep_releases]
        if row.state != "published" and row.release not in kept and row.seen_at < young
    ]
