"""Connections, the sorting of their errors, the lock of a realm and psql, against real servers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from urllib.parse import quote, urlsplit

import psycopg2
import pytest
import sqlalchemy

from mids_assets.errors import DatabaseUnavailable, RealmBusy, UserError
from mids_assets.warehouse import connection as connections
from mids_assets.warehouse import embedded
from mids_assets.warehouse.client_programs import client_environment
from mids_assets_tests.servers import environment, temporary_settings


@pytest.fixture(scope="module")
def settings():
    with temporary_settings() as settings:
        yield settings


@pytest.fixture
def connection(settings):
    opened = connections.connect(settings, application_name="mids test")
    yield opened
    opened.close()


def query(connection, statement: str) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def test_a_connection_is_named_utc_and_without_open_transaction(connection):
    assert connection.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_IDLE
    assert query(connection, "SELECT current_setting('application_name'), current_setting('timezone')") == (
        "mids test",
        "UTC",
    )


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg2"])
def test_an_external_server_by_url_with_an_odd_password(settings, connection, scheme):
    password = "a@b:c/d%e?f#g h'i"
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS odd")
        cursor.execute("CREATE ROLE odd LOGIN PASSWORD %s", (password,))
    connection.commit()
    port = urlsplit(embedded.ensure_server(settings).url).port
    external = replace(settings, database_url=f"{scheme}://odd:{quote(password, safe='')}@127.0.0.1:{port}/mids")
    opened = connections.connect(external, application_name="odd")
    assert query(opened, "SELECT current_user::text") == ("odd",)
    opened.close()
    engine = sqlalchemy.create_engine(connections.engine_url(external))
    with engine.connect() as other:
        assert other.execute(sqlalchemy.text("SELECT current_user::text")).scalar() == "odd"
    engine.dispose()
    # odd may not create databases: the sibling for Dagster is asked of a person.
    with pytest.raises(UserError, match="CREATE DATABASE"):
        connections.dagster_database_url(external)


@pytest.mark.parametrize(
    ("user", "password", "database", "says"),
    [
        ("mids", "wrong-password", "mids", "password authentication failed"),
        ("nobody_here", "wrong-password", "mids", "password authentication failed"),
        ("mids", None, "absent", 'database "absent" does not exist'),
    ],
)
def test_what_a_person_must_mend_is_told_without_the_password(settings, user, password, database, says):
    parts = urlsplit(embedded.ensure_server(settings).url)
    secret = parts.password if password is None else password
    url = f"postgresql://{user}:{secret}@127.0.0.1:{parts.port}/{database}"
    with pytest.raises(UserError, match=says) as caught:
        connections.connect(replace(settings, database_url=url), application_name="x")
    assert str(secret) not in str(caught.value)


def test_nobody_listening_is_transient_and_bounded(settings):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        url = f"postgresql://u:a-secret@127.0.0.1:{reserved.getsockname()[1]}/d"
        with pytest.raises(DatabaseUnavailable, match="after 3 attempts") as caught:
            connections.connect(replace(settings, database_url=url), application_name="x", attempts=3)
    assert "a-secret" not in str(caught.value)


def test_an_embedded_server_that_was_killed_is_started_on_the_way(settings):
    os.kill(embedded.ensure_server(settings).pid, signal.SIGKILL)
    opened = connections.connect(settings, application_name="after the kill")
    assert query(opened, "SELECT 1") == (1,)
    opened.close()


def test_a_lost_connection_becomes_transient_and_other_errors_stay(settings):
    victim = connections.connect(settings, application_name="victim")
    killer = connections.connect(settings, application_name="killer")
    query(killer, f"SELECT pg_terminate_backend({victim.info.backend_pid})")
    with pytest.raises(DatabaseUnavailable), connections.lost_connection_is_transient():
        query(victim, "SELECT 1")
    with pytest.raises(psycopg2.errors.UndefinedTable), connections.lost_connection_is_transient():
        query(killer, "SELECT * FROM no_such_table")
    killer.close()


def test_the_lock_of_a_realm_keeps_others_out_and_names_its_holder(settings, connection):
    other = connections.connect(settings, application_name="mids import 4711")
    with connections.realm_lock(other, "homecoming"):
        with (
            pytest.raises(RealmBusy, match=rf"mids import 4711 \(PostgreSQL process {other.info.backend_pid}"),
            connections.realm_lock(connection, "homecoming", wait_seconds=0.3),
        ):
            pass
        # Another realm is free, and a commit or rollback does not give the lock away.
        with connections.realm_lock(connection, "rebirth"):
            pass
        other.commit()
        other.rollback()
        assert "mids import 4711" in (connections.lock_holder(connection, "homecoming") or "")
    assert connections.lock_holder(connection, "homecoming") is None
    assert connection.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_IDLE
    other.close()


def test_the_lock_is_waited_for(settings, connection):
    other = connections.connect(settings, application_name="first")
    holding = connections.realm_lock(other, "homecoming")
    holding.__enter__()
    release = threading.Timer(0.4, lambda: holding.__exit__(None, None, None))
    release.start()
    begun = time.monotonic()
    with connections.realm_lock(connection, "homecoming", wait_seconds=10):
        # Not before the other let go; how much later is the machine's matter.
        assert time.monotonic() - begun > 0.2
    release.join()
    other.close()


def test_the_lock_ends_with_a_failed_transaction_and_with_a_dead_process(settings, connection):
    with pytest.raises(psycopg2.errors.DivisionByZero), connections.realm_lock(connection, "homecoming"):
        query(connection, "SELECT 1 / 0")
    assert connections.lock_holder(connection, "homecoming") is None
    code = (
        "import os; from mids_assets.settings import Settings; from mids_assets.warehouse import connection as c;"
        "k = c.connect(Settings.from_env(), application_name='doomed'); c.realm_lock(k, 'homecoming').__enter__();"
        "os.kill(os.getpid(), 9)"
    )
    dead = subprocess.run([sys.executable, "-c", code], env=environment(settings), timeout=60)
    assert dead.returncode == -signal.SIGKILL
    with connections.realm_lock(connection, "homecoming", wait_seconds=5):
        pass


def test_psql_runs_on_the_warehouse_and_its_password_is_in_no_argument(settings):
    code = (
        "import sys; from mids_assets.settings import Settings; from mids_assets.warehouse.psql import psql;"
        "psql(Settings.from_env(), sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "-X", "-At", "-c", "SELECT current_database(), current_user"],
        env=environment(settings, PGHOST="elsewhere.invalid", PGUSER="someone"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "mids|mids\n"), done.stderr
    failed = subprocess.run(
        [sys.executable, "-c", code, "-X", "-c", "SELECT 1/0"], env=environment(settings), timeout=60
    )
    assert failed.returncode == 1


def test_parts_of_an_external_url_reach_psql():
    url = "postgresql://u:p%40w@h:5/d?sslmode=require&connect_timeout=3"
    env = client_environment(url, "test")
    wanted = {
        "PGHOST": "h",
        "PGPORT": "5",
        "PGUSER": "u",
        "PGPASSWORD": "p@w",
        "PGDATABASE": "d",
        "PGSSLMODE": "require",
        "PGCONNECT_TIMEOUT": "3",
    }
    assert {name: env[name] for name in wanted} == wanted
