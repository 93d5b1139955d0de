"""A password with every character that breaks a URL or a filter is shown nowhere, whatever goes wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

import pytest

from mids_assets.errors import UserError
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect, database_url
from mids_assets_tests.conftest import World, make_world
from mids_assets_tests.integration.faults.proxy import Trap, cut, proxied
from mids_assets_tests.integration.faults.watch import last_failure
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import open_folder, temporary_settings

PASSWORD = "p@ss:w/o#r%d ?&'\"\\$ü=;{}*+"
SPELLINGS = (PASSWORD, quote(PASSWORD, safe=""), quote_plus(PASSWORD), quote(PASSWORD), repr(PASSWORD)[1:-1])
PIECES = (*SPELLINGS, "w/o#r", "ü=;")


@pytest.fixture(scope="module")
def guarded() -> Iterator[World]:
    """A world whose database user has that password."""
    with temporary_settings() as server, open_folder() as folder:
        with closing(connect(server, application_name="administrator")) as conn:
            conn.autocommit = True
            with conn.cursor() as cursor:
                cursor.execute("CREATE ROLE guarded LOGIN CREATEDB PASSWORD %s", (PASSWORD,))
                cursor.execute("GRANT CREATE ON DATABASE mids TO guarded")
        parts = urlsplit(database_url(server))
        netloc = f"guarded:{quote(PASSWORD, safe='')}@{parts.hostname}:{parts.port}"
        url = urlunsplit(parts._replace(netloc=netloc))
        yield make_world(replace(server, data_dir=folder / "data", database_url=url), folder)


def run(world: World, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mids_assets.cli", *arguments],
        env={**world.environment, "MIDS_DATABASE_URL": url},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=200,
    )


def assert_silent(text: str, where: str) -> None:
    assert not [piece for piece in PIECES if piece in text], f"the password is shown in {where}"


def everything_stored(world: World) -> Iterator[tuple[str, str]]:
    """All rows of schema mids and of Dagster's database, and all files of data/ and DAGSTER_HOME."""
    tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('mids', 'public')"
    for query in (world.query, world.dagster_query):
        for (table,) in query(tables):
            for (row,) in query(f"SELECT t::text FROM {table} t"):
                yield table, row
    for folder in (world.settings.data_dir, world.home):
        for path in folder.rglob("*"):
            if path.is_file():
                yield str(path), path.read_bytes().decode("utf-8", "replace")


def test_a_password_is_shown_nowhere(guarded, builds):
    world = guarded
    url = str(world.settings.database_url)
    source = str(builds["A"].source)
    with proxied(url) as proxy:
        proxy.trap = Trap((b"COPY ", b"\t"), cut)
        told = {
            "import": (0, run(world, url, "import", source)),
            "status": (0, run(world, url, "status", "--json")),
            "cut during COPY, and tried again": (0, run(world, proxy.url, "import", str(builds["B"].source))),
            "no server": (1, run(world, url.replace(str(urlsplit(url).port), "1"), "status")),
            "wrong database": (2, run(world, f"{url}x", "import", source)),
            "wrong user": (2, run(world, url.replace("guarded", "nobody"), "import", source)),
            "audit": (0, run(world, url, "audit")),
            "roles": (0, run(world, url, "db", "roles")),
            "the password of a key": (2, run(world, f"{url}?sslpassword={quote(PASSWORD, safe='')}", "db", "psql")),
            "not escaped": (2, run(world, f"postgresql://guarded:{PASSWORD}@127.0.0.1/mids", "status")),
        }
        assert proxy.trap.sprung.is_set()
    for name, (code, done) in told.items():
        assert done.returncode == code, (name, done.stderr)
        assert_silent(done.stdout + done.stderr, name)
    assert "PostgreSQL ended the work" in last_failure(world.settings)
    stored = 0
    for where, text in everything_stored(world):
        assert_silent(text, where)
        stored += 1
    assert stored > 400


@pytest.mark.parametrize(
    "password",
    [
        *("pre@middle9end", "pre:mid@dle9end", "pre middle9%zzend", "pre#middle9end", "pre/middle9end"),
        *("pre?middle9@end", "12/middle9end", "pre%middle9end", PASSWORD),
    ],
)
def test_no_part_of_a_password_that_is_not_escaped_is_shown(password):
    """The programs that read the URL quote what they stumble over, which is a part of it then."""
    with pytest.raises(UserError) as caught:
        connect(Settings(database_url=f"postgresql://guarded:{password}@127.0.0.1:1/mids"), application_name="test")
    told = str(caught.value)
    assert "%40" in told and not [word for word in re.split(r"[@: /?#%]", password) if word in told and len(word) > 2]
