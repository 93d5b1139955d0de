"""A dump of the warehouse's database as it is, whatever version made it: taken before `mids upgrade` changes it.

It is for `pg_restore` and an administrator. Does not belong here: backups by realm, which this version can restore by
itself (taking.py).
"""

from __future__ import annotations

from datetime import UTC, datetime

from mids_assets.settings import Settings
from mids_assets.warehouse.backup.place import open_place
from mids_assets.warehouse.backup.refusals import explained_dump
from mids_assets.warehouse.backup.streams import ProgramFailed, output
from mids_assets.warehouse.client_programs import client_environment, dump_programs
from mids_assets.warehouse.connection import connect, database_url

_APPLICATION = "mids upgrade"
_FOLDER = "_before_upgrade"


def dump_whole(settings: Settings) -> str:
    """Dump the database in pg_dump's custom format to the place of backups; returns where it lies.

    Raises `UserError` (no pg_dump, a right, a place that refuses),
    `DatabaseUnavailable`, `NetworkUnavailable`.
    """
    place = open_place(settings)
    connection = connect(settings, application_name=_APPLICATION, as_it_is=True)
    server = connection.server_version // 10000
    connection.close()
    programs = dump_programs(server, elsewhere=bool(settings.database_url))
    path = f"{_FOLDER}/{datetime.now(UTC):%Y%m%dT%H%M%SZ}.dump"
    command = programs.command("pg_dump", "--format=custom", "--compress=6", "--no-password")
    try:
        place.write(path, output(command, client_environment(database_url(settings), _APPLICATION)))
    except ProgramFailed as error:
        raise explained_dump(error) from error
    return f"{place.name}/{path}"
