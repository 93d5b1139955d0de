"""What the standing checks judge: read from PostgreSQL and the data folder, in one go and quickly.

Does not belong here: judging (problems.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from psycopg2.extensions import connection

from mids_assets.errors import MidsError
from mids_assets.notify.record import is_over
from mids_assets.settings import Settings
from mids_assets.transform.build import read_manifest
from mids_assets.transform.parts import SUMMARIES
from mids_assets.transform.set_aside import SetAside
from mids_assets.transform.store import Store, open_store, read_json
from mids_assets.updates.looks import last_look
from mids_assets.updates.other_patch import OtherPatch, other_patch
from mids_assets.warehouse.backup.attempts import Attempts, last_attempts
from mids_assets.warehouse.history import Entry, history
from mids_assets.warehouse.register import ReleaseRow, releases
from mids_assets.warehouse.set_aside import set_aside


@dataclass(frozen=True, slots=True)
class PlannedBuild:
    """The build that was planned last. `missing`: keys of its chunks that are not there. `touched`: when the last of
    the others was written; None where none was. `failures`: {table: {rule: rows}}."""

    release: str
    build: str
    chunks: int
    missing: tuple[str, ...] = ()
    touched: datetime | None = None
    failures: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """`releases`: all of the realm, the oldest first. `last_attempt`: the latest entry of the import log; `over`: that
    it was found to be over, if it failed, as those who are notified were told.
    `asked`: whether the realm's source is a server of updates. `looked`: when that source was looked at last.
    `planned`: None where nothing is, or where it is published. `set_aside`: of the published release, by entity.
    `accepted`: entities whose share a person let pass. `other_patch`: the fetched version is offered with other
    bytes. `backups`: how those of the realm fare."""

    realm: str
    releases: list[ReleaseRow]
    last_attempt: Entry | None
    over: bool
    asked: bool
    looked: datetime | None
    planned: PlannedBuild | None
    set_aside: Mapping[str, SetAside]
    accepted: frozenset[str]
    other_patch: OtherPatch | None = None
    backups: Attempts = field(default_factory=Attempts)

    @property
    def published(self) -> ReleaseRow | None:
        return next((row for row in self.releases if row.state == "published"), None)


def read_facts(conn: connection, settings: Settings, realm: str) -> Facts:
    """The facts of a realm, as they are now. Leaves no transaction open."""
    rows = releases(conn, realm)
    published = next((row for row in rows if row.state == "published"), None)
    counts, accepted = set_aside(conn, published) if published else ({}, frozenset())
    attempts = history(conn, realm, limit=1)
    over = bool(attempts) and attempts[0].error is not None and is_over(conn, realm, attempts[0].id)
    conn.rollback()
    asked = bool(settings.updates_of(realm))
    return Facts(
        realm=realm,
        releases=rows,
        last_attempt=attempts[0] if attempts else None,
        over=over,
        asked=asked,
        looked=last_look(settings.updates_dir / realm, asked=asked),
        planned=_planned(open_store(settings), realm, published.build if published else None),
        set_aside=counts,
        accepted=accepted,
        other_patch=other_patch(settings.updates_dir / realm) if asked else None,
        backups=last_attempts(settings, realm),
    )


def _planned(store: Store, realm: str, published: str | None) -> PlannedBuild | None:
    """None also where the files cannot be read: `mids doctor` says so, and the other facts stand."""
    try:
        return _read_planned(store, realm, published)
    except (MidsError, OSError, ValueError):
        return None


def _read_planned(store: Store, realm: str, published: str | None) -> PlannedBuild | None:
    plan = store.pointed(realm, "plan")
    # What is published is made and checked, and its files may be removed by hand.
    if not plan or plan["build"] == published:
        return None
    paths, manifest = read_manifest(store, realm, plan["release"], plan["build"])
    # Slow to import, and needed only while something is planned.
    from mids_assets.transform.chunk_files import written_chunks

    written = written_chunks(paths, manifest)
    paths.fetch(*SUMMARIES)
    tables = [table for path in paths.tables.glob("*.summary.json") for table in read_json(path).items()]
    return PlannedBuild(
        release=manifest.release,
        build=manifest.build,
        chunks=len(manifest.chunks),
        missing=tuple(chunk.key for chunk in manifest.chunks if chunk.key not in written),
        touched=datetime.fromtimestamp(max(written.values()), UTC) if written else None,
        failures={name: found["failures"] for name, found in tables if found["failures"]},
    )
