"""PostgreSQL's client programs: psql, pg_dump, pg_restore. Which ones fit a server, and how they find it.

The connection goes by environment, never by argument: arguments are visible to everyone on the machine.
Does not belong here: the server's programs (embedded_programs.py), what the programs are asked to do.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg2.extensions

from mids_assets.errors import UserError
from mids_assets.settings import Settings
from mids_assets.warehouse.embedded_programs import SYSTEM_BIN_PARENTS, wheel_bin_dir

# Parts of a connection URL and the variables of libpq that mean the same; other parts follow PG<NAME>.
_VARIABLES = {
    "dbname": "PGDATABASE",
    "application_name": "PGAPPNAME",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "client_encoding": "PGCLIENTENCODING",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "channel_binding": "PGCHANNELBINDING",
    "require_auth": "PGREQUIREAUTH",
    "load_balance_hosts": "PGLOADBALANCEHOSTS",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
}
_DUMPING = ("psql", "pg_dump", "pg_restore")


@dataclass(frozen=True)
class DumpPrograms:
    """psql, pg_dump and pg_restore of one version: none of them reads what a newer one wrote."""

    bin_dir: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def command(self, program: str, *args: str) -> list[str]:
        return [str(self.bin_dir / program), *args]


def client_program(settings: Settings, name: str) -> Path:
    """A client program that fits the server. Raises `UserError` when there is none."""
    for bin_dir in _bin_dirs(bool(settings.database_url)):
        if (bin_dir / name).is_file():
            return bin_dir / name
    raise UserError(f"{name} is not installed; `mids db url` prints the URL for any other client")


def dump_programs(least: int, *, elsewhere: bool) -> DumpPrograms:
    """The first set of a major version `least` or newer; a server is dumped by no older one. `elsewhere`: it is not
    the embedded one.

    Raises `UserError` that says what to install.
    """
    found = []
    for bin_dir in _bin_dirs(elsewhere):
        version = _version(bin_dir)
        if version is None:
            continue
        programs = DumpPrograms(bin_dir, version)
        if programs.major >= least:
            return programs
        found.append(version)
    there = f"only {', '.join(found)} found" if found else "none found"
    raise UserError(
        f"backups of this server need psql, pg_dump and pg_restore of PostgreSQL {least} or newer ({there}):"
        f" install postgresql-client-{least}"
    )


def client_environment(url: str, application: str) -> dict[str, str]:
    """Our environment plus the PG* variables that lead to the database of a postgresql:// URL.

    Raises `UserError` for the password of a client certificate's key, for which libpq has no variable.
    """
    parts = psycopg2.extensions.parse_dsn(url)
    if "sslpassword" in parts:
        raise UserError(
            "sslpassword cannot be handed to psql and pg_dump without showing it to the whole machine: give a key"
            " without a password in a file of mode 0600 as sslkey, and leave sslpassword out"
        )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG") or name == "PGPASSFILE"}
    variables = {_VARIABLES.get(name, f"PG{name.upper()}"): str(value) for name, value in parts.items()}
    return {**kept, "PGAPPNAME": application, **variables}


def _bin_dirs(elsewhere: bool) -> Iterator[Path]:
    """Where to look, in this order. The wheel's programs know no TLS, so for a server elsewhere they come last."""
    wheel = wheel_bin_dir()
    own = [wheel] if wheel is not None else []
    installed = shutil.which("psql")
    # Debian's programs on PATH are links to one that picks a version anew each time; the link's target is no set.
    found = [Path(installed).resolve().parent] if installed else []
    for parent in SYSTEM_BIN_PARENTS:
        versions = [bin_dir for bin_dir in Path(parent).glob("*/bin") if _number(bin_dir)]
        found += sorted(versions, key=_number, reverse=True)
    yield from [*found, *own] if elsewhere else [*own, *found]


def _number(bin_dir: Path) -> int:
    name = bin_dir.parent.name.removeprefix("postgresql@")
    return int(name) if name.isdigit() else 0


@cache
def _version(bin_dir: Path) -> str | None:
    """Version of the set; None where one of the programs is missing or does not run."""
    if not all((bin_dir / name).is_file() for name in _DUMPING):
        return None
    try:
        command = [bin_dir / "pg_restore", "--version"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", done.stdout)
    return match[1] if match else None
