"""`psql` on the warehouse.

Belongs here: finding the program and handing it the connection by environment, never by argument (arguments are
visible to everyone on the machine). Does not belong here: SQL.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import psycopg2.extensions

from mids_assets.errors import UserError
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import database_url
from mids_assets.warehouse.embedded_programs import wheel_bin_dir

# Parts of a connection URL and the variables of libpq that mean the same; other parts follow PG<NAME>.
_VARIABLES = {
    "dbname": "PGDATABASE",
    "application_name": "PGAPPNAME",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "client_encoding": "PGCLIENTENCODING",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "channel_binding": "PGCHANNELBINDING",
}


def client_program(settings: Settings, name: str) -> Path:
    """A client program (psql, pg_dump, pg_restore) that fits the server. Raises `UserError` when there is none.

    The wheel's programs know no TLS, so a server elsewhere is reached with the installed ones first.
    """
    wheel = wheel_bin_dir()
    in_wheel = wheel / name if wheel is not None and (wheel / name).is_file() else None
    installed = shutil.which(name)
    on_path = Path(installed) if installed else None
    order = (on_path, in_wheel) if settings.database_url else (in_wheel, on_path)
    for path in order:
        if path is not None:
            return path
    raise UserError(f"{name} is not installed; `mids db url` prints the URL for any other client")


def client_environment(settings: Settings) -> dict[str, str]:
    """Our environment plus the PG* variables of the warehouse; the embedded server is started when needed."""
    parts = psycopg2.extensions.parse_dsn(database_url(settings))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG") or name == "PGPASSFILE"}
    variables = {_VARIABLES.get(name, f"PG{name.upper()}"): str(value) for name, value in parts.items()}
    return {**kept, "PGAPPNAME": "mids db psql", **variables}


def psql(settings: Settings, args: Sequence[str] = ()) -> NoReturn:
    """Become psql, connected to the warehouse. Does not return; its exit code is ours."""
    program = client_program(settings, "psql")
    os.execve(program, [str(program), *args], client_environment(settings))
