"""Whether a backup can be restored: checksums, archives that unpack to their end, and the rows that were counted.

Does not belong here: restoring it.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

from mids_assets.errors import BackupUnusable
from mids_assets.model.operations import SCHEMA
from mids_assets.objects.place import Place
from mids_assets.warehouse.backup.manifest import Manifest
from mids_assets.warehouse.backup.operations import TEMPORARY
from mids_assets.warehouse.backup.streams import ProgramFailed, Script, piped, unchanged
from mids_assets.warehouse.client_programs import DumpPrograms


def verify(place: Place, manifest: Manifest, programs: DumpPrograms) -> None:
    """Read a backup as a restore does, to nowhere. Raises `BackupUnusable` naming the file that is at fault."""
    rows: Counter[str] = Counter()
    for file in manifest.files:
        script = Script(lines_of(place, manifest, file, programs))
        try:
            for _ in script:
                pass
        except ProgramFailed as error:
            raise BackupUnusable(f"{manifest.path(file)} cannot be read: {error}") from error
        rows += script.rows
    counted = {table.replace(f"{TEMPORARY}.", f"{SCHEMA}."): number for table, number in rows.items()}
    wrong = [
        f"{table} {counted.get(table, 0):,} of {number:,}"
        for table, number in manifest.tables.items()
        if counted.get(table, 0) != number
    ]
    if wrong:
        raise BackupUnusable(f"backup {manifest.name} lacks rows: {', '.join(wrong[:5])}")


def lines_of(place: Place, manifest: Manifest, file: str, programs: DumpPrograms, *options: str) -> Iterator[bytes]:
    """The SQL that a file stands for, line by line. `options` go to pg_restore.

    Raises `BackupUnusable` for a file that is missing or has changed since, `ProgramFailed` for one that pg_restore
    does not understand.
    """
    chunks = unchanged(_present(place, manifest, file), manifest.files[file], manifest.path(file))
    if file.endswith(".gz"):
        return _unpacked_lines(chunks, manifest.path(file))
    return piped(programs.command("pg_restore", "--file=-", *options), chunks)


def _present(place: Place, manifest: Manifest, file: str) -> Iterator[bytes]:
    try:
        yield from place.read(manifest.path(file))
    except FileNotFoundError:
        raise BackupUnusable(f"{manifest.path(file)} is not in {place.name} any more") from None


def _unpacked_lines(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=31)
    rest = b""
    try:
        for chunk in chunks:
            *lines, rest = (rest + unpacker.decompress(chunk)).split(b"\n")
            for line in lines:
                yield line + b"\n"
    except zlib.error as error:
        raise BackupUnusable(f"{name} is damaged: {error}") from None
    if rest or not unpacker.eof:
        raise BackupUnusable(f"{name} ends too early")
