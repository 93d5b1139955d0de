"""Making a backup: dump, write, read it back, and only then say that there is one.

A realm is dumped with its views and its rows of schema mids, so that it can be restored alone and without touching
another realm; Dagster's database is a backup of its own. Does not belong here: when (automation), what stays
(keeping.py).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import IO

from mids_assets.errors import MidsError, NothingToBackUp
from mids_assets.model.operations import SCHEMA
from mids_assets.model.reader_views import READER_SCHEMA
from mids_assets.objects.place import Place
from mids_assets.progress import report
from mids_assets.settings import Settings
from mids_assets.warehouse.backup import operations
from mids_assets.warehouse.backup.attempts import note_failed, note_made
from mids_assets.warehouse.backup.keeping import thin_out
from mids_assets.warehouse.backup.manifest import DAGSTER, Manifest, Reason, StoredFile, write_manifest
from mids_assets.warehouse.backup.place import open_place
from mids_assets.warehouse.backup.refusals import explained_dump
from mids_assets.warehouse.backup.source import (
    PUBLIC,
    Snapshot,
    groups_of,
    is_elsewhere,
    roles_in,
    row_counts,
    schemas_of,
    snapshot,
    source_url,
)
from mids_assets.warehouse.backup.streams import PIECE_BYTES, Measured, ProgramFailed, output
from mids_assets.warehouse.backup.verifying import verify
from mids_assets.warehouse.client_programs import client_environment, dump_programs
from mids_assets.warehouse.migrations.applying import noted_revision
from mids_assets.warehouse.register import published
from mids_assets.warehouse.schema import fingerprint

DUMP = "tables.dump"
"""The realm's schemas, or Dagster's tables: rows, keys, indexes, views, comments, rights."""
STRUCTURE = "operations.dump"
"""Schema mids without rows, and its views, for a database that has none."""
_IN_MEMORY = 16 * 1024 * 1024
_APPLICATION = "mids db backup"


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was made, where it lies, and the names of those that it pushed out."""

    manifest: Manifest
    place: str
    removed: list[str]


def back_up(settings: Settings, of: str, reason: Reason) -> Taken:
    """Back up a realm, or `DAGSTER`, and remove the backups that are not kept any more.

    It is verified before it is listed, and before another one goes. Raises `NothingToBackUp`, `UserError` (no
    pg_dump, a place that refuses), `DatabaseUnavailable`, `NetworkUnavailable`, `BackupUnusable`; nothing stays
    of it then but a note that it failed.
    """
    try:
        taken = _back_up(settings, of, reason)
    except NothingToBackUp:
        raise
    except Exception as error:
        note_failed(settings, of, reason, error)
        raise
    note_made(settings, taken.manifest)
    return taken


def _back_up(settings: Settings, of: str, reason: Reason) -> Taken:
    place = open_place(settings)
    begun = time.perf_counter()
    now = datetime.now(UTC)
    report("backup", 0, 1, of)
    with snapshot(settings, of, f"{_APPLICATION} {of}") as seen:
        writer = _Writer(settings, place, seen, of, f"{of}-{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03}Z")
        try:
            manifest = writer.dagster(now, reason) if of == DAGSTER else writer.realm(now, reason)
            verify(place, manifest, writer.programs)
            manifest = replace(manifest, seconds=round(time.perf_counter() - begun, 3))
            write_manifest(place, manifest)
        except BaseException:
            # A place that is gone takes its files along, and must not hide why the backup failed.
            with suppress(MidsError):
                place.remove(file.path for file in place.files(f"{of}/{writer.name}"))
            raise
    removed = thin_out(place, of, settings, now)
    report("backup", 1, 1, of)
    return Taken(manifest, place.name, [one.name for one in removed])


class _Writer:
    """Writes the files of one backup."""

    def __init__(self, settings: Settings, place: Place, seen: Snapshot, of: str, name: str) -> None:
        self._place = place
        self._seen = seen
        self._of = of
        self.name = name
        self.programs = dump_programs(seen.conn.server_version // 10000, elsewhere=is_elsewhere(settings, of))
        self._environment = client_environment(source_url(settings, of), f"{_APPLICATION} {of}")
        self._groups = groups_of(settings)
        # An altered table is held by its publish until that commits.
        self._patience = f"--lock-wait-timeout={round(settings.lock_timeout_seconds * 1000)}"

    def realm(self, now: datetime, reason: Reason) -> Manifest:
        row = published(self._seen.conn, self._of)
        if row is None:
            raise NothingToBackUp(f"realm {self._of}: nothing is published yet, so there is nothing to back up")
        schemas = schemas_of(self._of)
        counts = row_counts(self._seen.cur, schemas)
        files = {DUMP: self._dump(DUMP, *(f"--schema={schema}" for schema in schemas))}
        files[STRUCTURE] = self._dump(STRUCTURE, f"--schema={SCHEMA}", f"--schema={READER_SCHEMA}", "--schema-only")
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as rows:
            counts |= operations.write_rows(self._seen.cur, self._of, rows)
            rows.seek(0)
            files[operations.ROWS_FILE] = self._write(operations.ROWS_FILE, _pieces(rows))
        return Manifest(
            of=self._of,
            name=self.name,
            reason=reason,
            created_at=now,
            seconds=0.0,
            release=row.release,
            build=row.build,
            version=row.version,
            server=self._seen.server,
            dumped_by=self.programs.version,
            model=fingerprint(self._seen.cur, self._of),
            revision=noted_revision(self._seen.cur),
            tables=counts,
            roles=roles_in(self._seen.cur, (*schemas, SCHEMA, READER_SCHEMA), self._groups),
            groups=self._groups.names,
            files=files,
        )

    def dagster(self, now: datetime, reason: Reason) -> Manifest:
        counts = row_counts(self._seen.cur, (PUBLIC,))
        if not counts:
            raise NothingToBackUp("Dagster's database has no tables yet, so there is nothing to back up")
        # The tables and not the schema: every database has that one, with rights of its own.
        files = {DUMP: self._dump(DUMP, f"--table={PUBLIC}.*")}
        return Manifest(
            of=DAGSTER,
            name=self.name,
            reason=reason,
            created_at=now,
            seconds=0.0,
            release=None,
            build=None,
            version=None,
            server=self._seen.server,
            dumped_by=self.programs.version,
            model=None,
            tables=counts,
            roles=roles_in(self._seen.cur, (PUBLIC,), self._groups),
            groups=self._groups.names,
            files=files,
        )

    def _dump(self, file: str, *which: str) -> StoredFile:
        command = self.programs.command(
            "pg_dump", "--format=custom", "--compress=6", "--no-password", f"--snapshot={self._seen.id}"
        )
        try:
            return self._write(file, output([*command, self._patience, *which], self._environment))
        except ProgramFailed as error:
            raise explained_dump(error) from error

    def _write(self, file: str, chunks: Iterable[bytes]) -> StoredFile:
        measured = Measured(chunks)
        self._place.write(f"{self._of}/{self.name}/{file}", measured)
        return measured.facts


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE_BYTES):
        yield piece
