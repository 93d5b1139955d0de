"""All that one running PostgreSQL holds, copied to an empty one of a newer version, and the two compared.

Roles with their passwords and memberships, databases with their owners and settings, and all that is in them; no file
is written in between. Not template databases and tablespaces, which we never make.
Does not belong here: whose servers these are and where their files lie (embedded_upgrade.py).
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2

from mids_assets.errors import MidsError
from mids_assets.progress import report
from mids_assets.redaction import redact
from mids_assets.warehouse.client_programs import client_environment
from mids_assets.warehouse.embedded_cluster import SUPERUSER
from mids_assets.warehouse.stored import quote

STAGE = "upgrade"
_APPLICATION = "mids db upgrade"
_PIECE_BYTES = 1024 * 1024
_HOME = "postgres"
"""The database that every server has from the start."""
_OURS = "nspname !~ '^pg_' AND nspname <> 'information_schema'"
_FACTS = {
    "relations": f"SELECT nspname, relkind::text, count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
    f" WHERE {_OURS} GROUP BY 1, 2 ORDER BY 1, 2",
    # From 18 on what must not be null is a constraint, too.
    "constraints": f"SELECT nspname, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c"
    f" JOIN pg_namespace n ON n.oid = connamespace WHERE {_OURS} AND contype <> 'n' ORDER BY 1, 2, 3",
    # Not those of an extension: a newer server may bring a newer version of it.
    "functions": f"SELECT nspname, proname, count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace"
    f" WHERE {_OURS} AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid"
    " AND deptype = 'e') GROUP BY 1, 2 ORDER BY 1, 2",
    "extensions": "SELECT extname, extnamespace::regnamespace::text FROM pg_extension ORDER BY 1",
    "sequences": "SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2",
    "roles": "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1",
}


def copy_all(old: str, new: str, bin_dir: Path) -> None:
    """Copy roles and databases from the server of URL `old` to the empty one of `new`, with the newer one's programs.

    URLs lead to the database postgres as a superuser of the same name and password. Raises `MidsError` with the
    programs' words.
    """
    names = _databases(old)
    report(STAGE, 0, len(names), "copying roles")
    _psql(bin_dir, new, _roles(old, bin_dir))
    for number, name in enumerate(names):
        report(STAGE, number, len(names), f"copying database {name}")
        _copy_database(old, new, bin_dir, name, (number, len(names)))
    report(STAGE, len(names), len(names), "copied")


def require_equal(old: str, new: str) -> int:
    """Count the rows of every table on both sides, and compare what else there is; make statistics on the new one.

    Returns the number of rows. Raises `MidsError` naming the first difference.
    """
    total, names = 0, _databases(old)
    if names != _databases(new):
        raise MidsError(f"databases differ: {names} and {_databases(new)}")
    for number, name in enumerate(names):
        report(STAGE, number, len(names), f"verifying database {name}")
        before, after = (_facts(url, name) for url in (old, new))
        for what, found in before.items():
            if found != after[what]:
                differing = sorted(set(map(str, found)) ^ set(map(str, after[what])))[:4]
                raise MidsError(f"{what} of database {name} differ after the copy: {'; '.join(differing)}")
        total += sum(count for *_, count in before["rows"])
        with (
            closing(psycopg2.connect(new, dbname=name, application_name=_APPLICATION)) as conn,
            conn,
            conn.cursor() as cur,
        ):
            cur.execute("ANALYZE")
    report(STAGE, len(names), len(names), "verified")
    return total


def _databases(url: str) -> list[str]:
    with closing(psycopg2.connect(url, application_name=_APPLICATION)) as conn, conn.cursor() as cur:
        cur.execute("SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1")
        return [name for (name,) in cur.fetchall()]


def _facts(url: str, database: str) -> dict[str, list[tuple[Any, ...]]]:
    with closing(psycopg2.connect(url, dbname=database, application_name=_APPLICATION)) as conn, conn.cursor() as cur:
        found = {}
        for what, sql in _FACTS.items():
            cur.execute(sql)
            found[what] = cur.fetchall()
        cur.execute(
            "SELECT nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
            f" WHERE {_OURS} AND relkind IN ('r', 'm') ORDER BY 1, 2"
        )
        rows = found["rows"] = []
        for schema, table in cur.fetchall():
            cur.execute(f"SELECT count(*) FROM {quote(schema)}.{quote(table)}")
            rows.append((schema, table, (cur.fetchone() or (0,))[0]))
        return found


def _roles(old: str, bin_dir: Path) -> str:
    command = [str(bin_dir / "pg_dumpall"), "--globals-only", "--no-tablespaces", "--no-password"]
    done = subprocess.run(
        command, env=client_environment(old, _APPLICATION), check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise _failed("pg_dumpall", done.stderr)
    # initdb has made the superuser; what is set for it, its password included, follows in lines of its own.
    return "\n".join(line for line in done.stdout.splitlines() if line != f"CREATE ROLE {SUPERUSER};")


def _psql(bin_dir: Path, url: str, sql: str) -> None:
    done = subprocess.run(
        _psql_command(bin_dir),
        input=sql,
        env=client_environment(url, _APPLICATION),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise _failed("psql", done.stderr)


def _copy_database(old: str, new: str, bin_dir: Path, name: str, place: tuple[int, int]) -> None:
    """pg_dump into psql, through our hands for the sake of the progress."""
    dump = [
        str(bin_dir / "pg_dump"),
        "--no-tablespaces",
        "--no-password",
        *([] if name == _HOME else ["--create"]),
        name,
    ]
    copied = 0
    with (
        subprocess.Popen(
            dump, env=client_environment(old, _APPLICATION), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as source,
        subprocess.Popen(
            _psql_command(bin_dir),
            env=client_environment(new, _APPLICATION),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as target,
    ):
        assert source.stdout and source.stderr and target.stdin and target.stderr
        try:
            while piece := source.stdout.read(_PIECE_BYTES):
                target.stdin.write(piece)
                copied += len(piece)
                report(STAGE, *place, f"copying database {name}: {copied / 2**20:,.0f} MiB")
            target.stdin.close()
        except BrokenPipeError:
            source.kill()  # psql has ended, and says why
        said = [stream.read().decode(errors="replace") for stream in (target.stderr, source.stderr)]
    for program, process, words in (("psql", target, said[0]), ("pg_dump", source, said[1])):
        if process.returncode != 0:
            raise _failed(program, words)


def _psql_command(bin_dir: Path) -> Sequence[str]:
    return [
        str(bin_dir / "psql"),
        "--no-psqlrc",
        "--quiet",
        "--no-password",
        "--output=/dev/null",
        "--set=ON_ERROR_STOP=1",
    ]


def _failed(program: str, words: str) -> MidsError:
    return MidsError(f"{program} failed: {redact(' '.join(words.split())[-500:])}")
