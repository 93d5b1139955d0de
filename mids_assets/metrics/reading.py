"""One reading of all figures: of every realm, and of what needs no database. Bounded on the server's side.

Does not belong here: how often it is read, and what happens where it takes too long (collector.py).
"""

from __future__ import annotations

import importlib.metadata
import shutil
from collections.abc import Iterator
from contextlib import closing

from mids_assets.errors import DatabaseUnavailable
from mids_assets.metrics import families as f
from mids_assets.metrics.families import Sample
from mids_assets.metrics.of_realm import of_realm, table_sizes
from mids_assets.settings import Settings
from mids_assets.warehouse import embedded
from mids_assets.warehouse.backup.attempts import last_attempts
from mids_assets.warehouse.backup.manifest import DAGSTER
from mids_assets.warehouse.connection import connect

DAY = 24 * 3600
_STATEMENT_SECONDS = 4
_LOCK_SECONDS = 1


def of_database(settings: Settings) -> list[Sample]:
    """All that is read from PostgreSQL. Raises what `connect` raises, and `psycopg2.Error`.

    An embedded server that does not run is not started: somebody may have stopped it on purpose.
    """
    if not settings.database_url and embedded.status(settings) is None:
        raise DatabaseUnavailable("the embedded server does not run")
    with closing(connect(settings, application_name="mids metrics", attempts=1)) as conn:
        with conn.cursor() as cur:
            cur.execute(f"SET statement_timeout TO '{_STATEMENT_SECONDS}s'; SET lock_timeout TO '{_LOCK_SECONDS}s'")
        conn.commit()
        samples = [sample for realm in settings.realms for sample in of_realm(conn, settings, realm)]
        return [*samples, *table_sizes(conn, settings.realms)]


def of_surroundings(settings: Settings) -> Iterator[Sample]:
    """What stays readable while the database is away: backups, the disk, limits that were set."""
    yield f.BUILD.of(1, importlib.metadata.version("mids-assets"))
    yield f.FRESH_LIMIT.of(settings.fresh_days * DAY)
    yield f.QUARANTINE_LIMIT.of(settings.quarantine_share)
    yield f.BACKUP_LIMIT.of(settings.backup_fresh_days * DAY)
    for of in (*settings.realms, DAGSTER):
        yield from _backups(settings, of)
    if settings.data_dir.exists():
        disk = shutil.disk_usage(settings.data_dir)
        yield f.DISK_FREE.of(disk.free)
        yield f.DISK_SIZE.of(disk.total)


def _backups(settings: Settings, of: str) -> Iterator[Sample]:
    backups = last_attempts(settings, of)
    for family, moment in (
        (f.BACKUP_SCHEDULED, backups.scheduled_at),
        (f.BACKUP_MADE, backups.made_at),
        (f.BACKUP_FAILED, backups.failed_at),
    ):
        if moment is not None:
            yield family.of(moment.timestamp(), of)
    if backups.made_at is not None:
        yield f.BACKUP_BYTES.of(backups.bytes, of)
        yield f.BACKUP_SECONDS.of(backups.seconds, of)
