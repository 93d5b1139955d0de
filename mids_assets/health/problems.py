"""The standing checks: what is wrong with a realm now, judged from facts. `problems` and all below it are pure.

What a release, a chunk or a table came to is judged by the register and by the files, which everything that is
published is made of, and not by Dagster's record of it: that is kept for some weeks, and is only a claim.
Does not belong here: reading facts (facts.py), the surroundings (machine.py, server.py, waiting.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

from psycopg2.extensions import connection

from mids_assets import clock
from mids_assets.health.facts import Facts, read_facts
from mids_assets.health.problem import Problem
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.register import ReleaseRow

UNCHECKED = timedelta(hours=48)
"""So long may nobody have looked at the source."""
UNDER_WAY = timedelta(hours=1)
"""So long may a release take from the moment it is seen until it is published, or between two of its chunks."""
FORGOTTEN = timedelta(days=7)
"""So long a failed import stands among the problems, if nothing was imported since; later it is history."""
NAMED = 5

SOURCE_UNCHECKED = "source_unchecked"
RELEASE_UNPUBLISHED = "release_unpublished"
RELEASE_BLOCKED = "release_blocked"
RELEASE_REJECTED = "release_rejected"
IMPORT_FAILED = "import_failed"
CHUNKS_MISSING = "chunks_missing"
CHECK_FAILED = "check_failed"
QUARANTINE_SHARE = "quarantine_share"
OTHER_PATCH = "other_patch"
BACKUP_FAILED = "backup_failed"
BACKUP_OLD = "backup_old"
KINDS = (
    SOURCE_UNCHECKED,
    RELEASE_UNPUBLISHED,
    RELEASE_BLOCKED,
    RELEASE_REJECTED,
    IMPORT_FAILED,
    CHUNKS_MISSING,
    CHECK_FAILED,
    QUARANTINE_SHARE,
    OTHER_PATCH,
    BACKUP_FAILED,
    BACKUP_OLD,
)


def read_problems(settings: Settings, realm: str) -> list[Problem]:
    """The problems of a realm now, over a connection of its own. Raises what `connect` raises."""
    with closing(connect(settings, application_name=f"mids health {realm}", attempts=1)) as conn:
        return problems_now(conn, settings, realm)


def problems_now(conn: connection, settings: Settings, realm: str) -> list[Problem]:
    """The problems of a realm now. Leaves no transaction open."""
    return problems(read_facts(conn, settings, realm), settings, clock.now())


def problems(facts: Facts, settings: Settings, now: datetime) -> list[Problem]:
    """The problems at a moment `now` (aware), what is broken before what is only to be watched."""
    releases = list(_releases(facts, now))
    told = {problem.key.partition(":")[2] for problem in releases}
    found = [
        *releases,
        *_failed_import(facts, told, now),
        *_planned_build(facts, told, now),
        *_source(facts, now),
        *_other_patch(facts),
        *_set_aside(facts, settings),
        *_backups(facts, settings, now),
    ]
    return sorted(found, key=lambda problem: problem.severity != "broken")


def _releases(facts: Facts, now: datetime) -> Iterator[Problem]:
    """The newest release that is newer than the published one, and broken ones that are newer still."""
    for row in reversed(_newer(facts)):
        if row.state in ("superseded", "rolled_back"):
            return
        name = f"version {row.version}, release {row.release}" if row.version else f"release {row.release}"
        if row.state == "rejected":
            yield Problem(
                facts.realm,
                f"{RELEASE_REJECTED}:{row.release}",
                "broken",
                f"The files of {name} cannot be read: {row.reason}",
                "Drop a release whose files are whole, or correct the record that is named.",
                row.seen_at,
            )
            continue
        if row.state == "blocked":
            yield Problem(
                facts.realm,
                f"{RELEASE_BLOCKED}:{row.release}",
                "broken",
                f"{name[0].upper()}{name[1:]}, is blocked by a check: {row.reason}",
                "Correct the source or write a correction, and import it again; a guard can be let pass:"
                f" mids accept {row.release} --realm {facts.realm} --reason TEXT, then mids publish {row.release}.",
                row.seen_at,
            )
        elif now - row.seen_at > UNDER_WAY:
            yield Problem(
                facts.realm,
                f"{RELEASE_UNPUBLISHED}:{row.release}",
                "warn",
                f"{name[0].upper()}{name[1:]}, is newer than what is published, and not published.",
                f"mids publish {row.release} --realm {facts.realm}",
                row.seen_at,
            )
        return


def _newer(facts: Facts) -> list[ReleaseRow]:
    """Releases after the published one; a made-up sample comes after nothing that is real."""
    published = facts.published
    if published is None:
        return facts.releases
    if published.is_sample:
        return [row for row in facts.releases if row.id != published.id and not row.is_sample]
    after = facts.releases[facts.releases.index(published) + 1 :]
    return [row for row in after if not row.is_sample]


def _failed_import(facts: Facts, told: set[str], now: datetime) -> Iterator[Problem]:
    last = facts.last_attempt
    if last is None or last.error is None or facts.over or last.release in told or now - last.at > FORGOTTEN:
        return
    yield Problem(
        facts.realm,
        f"{IMPORT_FAILED}:{last.run_id or last.at.isoformat()}",
        "broken",
        f"The last import {'was blocked' if last.action == 'blocked' else 'failed'}: {last.error}",
        "Put right what the sentence names and import again; `mids history` shows what came before.",
        last.at,
    )


def _planned_build(facts: Facts, told: set[str], now: datetime) -> Iterator[Problem]:
    planned = facts.planned
    if planned is None:
        return
    if planned.missing and planned.touched and now - planned.touched > UNDER_WAY:
        named = ", ".join(planned.missing[:NAMED]) + (" .." if len(planned.missing) > NAMED else "")
        yield Problem(
            facts.realm,
            f"{CHUNKS_MISSING}:{planned.build}",
            "broken",
            f"{len(planned.missing)} of {planned.chunks} chunks of build {planned.build} are not there: {named}",
            f"Materialize these partitions of {facts.realm}/i12_records, or mids publish {planned.release}"
            f" --realm {facts.realm}.",
            planned.touched,
        )
    if planned.release in told:
        return
    for table, rules in sorted(planned.failures.items()):
        yield Problem(
            facts.realm,
            f"{CHECK_FAILED}:{table}",
            "broken",
            f"Table {table} of build {planned.build} breaks rules: "
            + ", ".join(f"{rule}: {rows:,} rows" for rule, rows in rules.items()),
            f"The check rules of {facts.realm}/tables/{table} shows the rows; correct the source or write a"
            " correction, and import it again.",
        )


def _source(facts: Facts, now: datetime) -> Iterator[Problem]:
    since = facts.looked or min((row.seen_at for row in facts.releases), default=None)
    if since is None or now - since <= UNCHECKED:
        return
    source = "No server of updates has answered" if facts.asked else "Nobody has looked into the landing folder"
    yield Problem(
        facts.realm,
        SOURCE_UNCHECKED,
        "warn",
        f"{source} since {since:%Y-%m-%d %H:%M} UTC.",
        f"Let `make dev` run; the last ticks of the sensor {facts.realm}_update say what failed."
        if facts.asked
        else f"Let `make dev` run, with the sensor {facts.realm}_landing on.",
        since,
    )


def _other_patch(facts: Facts) -> Iterator[Problem]:
    other = facts.other_patch
    if other is None:
        return
    yield Problem(
        facts.realm,
        f"{OTHER_PATCH}:{other.version}",
        "warn",
        f"The server offers version {other.version} with another patch than the one that was fetched:"
        f" {', '.join(other.files)} differ.",
        f"Load {other.patch} and import it, if its makers say that it replaces the first one.",
    )


def _set_aside(facts: Facts, settings: Settings) -> Iterator[Problem]:
    for entity, counts in sorted(facts.set_aside.items()):
        if entity in facts.accepted or not counts.exceeds(settings.quarantine_share):
            continue
        yield Problem(
            facts.realm,
            f"{QUARANTINE_SHARE}:{entity}",
            "warn",
            f"{counts.unexpected:,} of {counts.processed:,} records of {entity} are in quarantine, more than"
            f" {settings.quarantine_share:.3g} of them.",
            f"mids quarantine list --realm {facts.realm} --entity {entity} shows why.",
            facts.published.published_at if facts.published else None,
        )


def _backups(facts: Facts, settings: Settings, now: datetime) -> Iterator[Problem]:
    """Backups are wanted from the first night on that the schedule tried to make one: it is the daemon's work, and who
    only imports by hand, on a laptop, is not reminded of what never ran."""
    backups, limit = facts.backups, timedelta(days=settings.backup_fresh_days)
    if backups.scheduled_at is None or facts.published is None or not limit:
        return
    newest = f"the newest one is of {backups.made_at:%Y-%m-%d %H:%M} UTC" if backups.made_at else "there is none yet"
    since = backups.made_at or backups.scheduled_at
    if backups.last_failed:
        yield Problem(
            facts.realm,
            f"{BACKUP_FAILED}:{facts.realm}",
            "broken",
            f"The last backup failed, and {newest}: {backups.error}",
            f"Put right what the sentence names, then mids db backup --realm {facts.realm}.",
            backups.failed_at,
        )
    elif now - since > limit:
        yield Problem(
            facts.realm,
            f"{BACKUP_OLD}:{facts.realm}",
            "warn",
            f"No backup was made for more than {settings.backup_fresh_days} days: {newest}.",
            f"mids db backup --realm {facts.realm}, and let `make dev` run, with the schedule backup_nightly on. Where"
            " none are wanted, set MIDS_BACKUP_FRESH_DAYS=0.",
            since,
        )
