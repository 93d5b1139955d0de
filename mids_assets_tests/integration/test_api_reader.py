"""The API needs no more than a reader's login, and has no more where it is given one: it reads, for a bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psycopg2
import psycopg2.errors
import pytest

from mids_assets.api import server as server_module
from mids_assets.api.database import open_database
from mids_assets.api.settings import ApiSettings
from mids_assets.settings import Settings
from mids_assets.warehouse import roles
from mids_assets.warehouse.connection import connect, database_url
from mids_assets_tests.api_client import serving
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import go, rows

PASSWORD = "of-a-login"
BASE = "/v1/realms/homecoming"


@pytest.fixture(scope="module")
def reader(server, tmp_path_factory) -> Iterator[Settings]:
    """Settings of a login that is in the group of readers and in nothing else."""
    with closing(connect(server, application_name="test")) as conn:
        go(conn, server, made_up(7, share=1.0).write(tmp_path_factory.mktemp("build") / "tables"))
        [(database,)] = rows(conn, "SELECT current_database()")
        with conn, conn.cursor() as cur:
            cur.execute(f"CREATE ROLE planner LOGIN PASSWORD '{PASSWORD}' IN ROLE \"{roles.groups(database).reader}\"")
    address = urlsplit(database_url(server))
    yield replace(
        server,
        database_url=urlunsplit(address._replace(netloc=f"planner:{PASSWORD}@{address.hostname}:{address.port}")),
    )


def test_everything_that_is_read_is_there_for_a_reader(reader):
    with serving(reader) as client:
        for path in (
            "/v1/realms",
            "/v1/meta",
            "/readyz",
            BASE,
            f"{BASE}/releases",
            f"{BASE}/powers",
            f"{BASE}/powers/1",
        ):
            assert client.get(path).status_code == 200, path
        for path in ("reference/set_type", "search?q=plain", "archetypes/1/modifiers"):
            assert client.get(f"{BASE}/{path}").status_code == 200, path


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM mids.release",
        "SELECT * FROM mids.audit",
        "UPDATE homecoming.power SET name = ''",
        "DELETE FROM homecoming_v1.power",
        "CREATE TABLE homecoming_v1.mine ()",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
def test_its_login_writes_nothing_and_reads_nothing_else(reader, statement):
    refused = psycopg2.errors.InsufficientPrivilege
    # Our own `connect` would look at revisions first.
    with closing(psycopg2.connect(database_url(reader))) as conn, pytest.raises(refused):
        rows(conn, statement)


def of_the_pool(settings: Settings, statement: str):
    """What a connection of the API answers to a statement that no route has."""

    async def ask():
        database = await open_database(ApiSettings(warehouse=settings))
        try:
            return await database.rows(statement)
        finally:
            await database.close()

    return asyncio.run(ask())


def test_a_transaction_of_the_api_never_writes_whoever_logs_in(server, reader):
    assert of_the_pool(server, "SHOW transaction_read_only")[0][0] == "on"
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        of_the_pool(server, "UPDATE homecoming.power SET name = ''")


def test_a_statement_that_takes_too_long_is_ended_by_the_server(reader, monkeypatch):
    monkeypatch.setitem(server_module._SERVER_SETTINGS, "statement_timeout", "200ms")
    with pytest.raises(server_module.StatementTooSlow):
        of_the_pool(reader, "SELECT pg_sleep(60)")


def test_the_dearest_page_is_answered_within_its_time(reader):
    with serving(reader) as client:
        for sort in ("id", "key", "display_name"):
            answer = client.get(f"{BASE}/powers", params={"limit": 200, "sort": sort, "attack_types": "x" * 300})
            assert answer.status_code == 200
