"""The life of the embedded server: start, share, survive, stop."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import time

import psutil
import psycopg2
import pytest

from mids_assets.errors import UserError
from mids_assets.warehouse import embedded, embedded_cluster
from mids_assets_tests.servers import environment, temporary_settings

START = "from mids_assets.settings import Settings; from mids_assets.warehouse import embedded;"
ENSURE = f"{START} print(embedded.ensure_server(Settings.from_env()))"


@pytest.fixture(scope="module")
def settings():
    with temporary_settings() as settings:
        yield settings


def test_first_start_makes_a_server_that_only_a_password_opens(settings):
    server = embedded.ensure_server(settings)
    url = embedded.database_url(settings)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        shown = {}
        for name in (
            *("server_encoding", "TimeZone", "fsync", "listen_addresses", "unix_socket_directories"),
            *("password_encryption", "max_wal_size", "wal_compression"),
        ):
            cursor.execute(f"SHOW {name}")
            shown[name] = (cursor.fetchone() or ("",))[0]
        cursor.execute("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'mids'")
        locale = cursor.fetchone()
    connection.close()
    assert shown == {
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "fsync": "on",
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "password_encryption": "scram-sha-256",
        "max_wal_size": "2GB",
        "wal_compression": "pglz",
    }
    assert locale == ("b", "C.UTF-8")
    assert server.version.startswith("18.")
    assert stat.S_IMODE((settings.postgres_dir / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE(server.cluster_dir.stat().st_mode) == 0o700
    assert "trust" not in (server.cluster_dir / "pg_hba.conf").read_text()
    for password in ("", "wrong"):
        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(host="127.0.0.1", port=server.port, user="mids", dbname="mids", password=password)
    assert embedded_cluster.read_password(embedded_cluster.locate(settings.postgres_dir)) not in repr(server)


def test_a_running_server_is_shared_and_found(settings):
    first = embedded.ensure_server(settings)
    again = embedded.ensure_server(settings)
    assert (again.pid, again.port, again.started) == (first.pid, first.port, False)
    found = embedded.status(settings)
    assert found is not None and found.pid == first.pid


def test_the_server_outlives_ctrl_c_and_its_starter(settings):
    embedded.stop(settings, force=True)
    child = subprocess.Popen(
        [sys.executable, "-c", f"{ENSURE}; import sys, time; sys.stdout.flush(); time.sleep(60)"],
        env=environment(settings),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout is not None
    assert "started=True" in child.stdout.readline()
    os.killpg(child.pid, signal.SIGINT)  # what a terminal does on Ctrl-C: the whole process group
    child.wait(timeout=10)
    child.stdout.close()
    server = embedded.status(settings)
    assert server is not None
    assert os.getsid(server.pid) != child.pid
    psycopg2.connect(server.url).close()


def test_after_kill_9_it_comes_back(settings):
    server = embedded.ensure_server(settings)
    url = embedded.database_url(settings)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)")
    os.kill(server.pid, signal.SIGKILL)
    assert embedded.database_url(settings) == url  # the same port and password
    with psycopg2.connect(url) as after, after.cursor() as cursor:
        cursor.execute("SELECT count(*) > 0 FROM kept")
        assert cursor.fetchone() == (True,)
    after.close()
    connection.close()


def test_a_stale_postmaster_file_whose_id_is_another_process_now(settings):
    server = embedded.ensure_server(settings)
    pid_file = server.cluster_dir / "postmaster.pid"
    content = pid_file.read_text()
    embedded.stop(settings, force=True)
    # Our own id: alive, but no server. As after the restart of a container, where ids are small and soon reused.
    pid_file.write_text(content.replace(str(server.pid), str(os.getpid()), 1))
    assert embedded.status(settings) is None
    assert embedded.ensure_server(settings).started


def test_stop_refuses_while_someone_is_connected(settings):
    server = embedded.ensure_server(settings)
    guest = psycopg2.connect(server.url, application_name="a guest")
    with pytest.raises(UserError, match=r"1 connection\(s\) are open \(a guest\)"):
        embedded.stop(settings)
    assert embedded.status(settings) is not None
    guest.close()
    wait_for_no_client(server)
    assert embedded.stop(settings) is True
    assert embedded.status(settings) is None
    assert embedded.stop(settings) is False


def wait_for_no_client(server: embedded.ServerInfo) -> None:
    deadline = time.monotonic() + 5
    while embedded.other_clients(server) and time.monotonic() < deadline:
        time.sleep(0.02)


def test_forced_stop_cuts_connections(settings):
    server = embedded.ensure_server(settings)
    guest = psycopg2.connect(server.url)
    assert embedded.stop(settings, force=True)
    with pytest.raises(psycopg2.OperationalError), guest.cursor() as cursor:
        cursor.execute("SELECT 1")
    guest.close()
    assert not psutil.pid_exists(server.pid) or psutil.Process(server.pid).status() == psutil.STATUS_ZOMBIE


def test_the_port_is_kept_and_given_up_only_when_taken(settings):
    kept = embedded.ensure_server(settings).port
    embedded.stop(settings, force=True)
    again = embedded.ensure_server(settings)
    assert (again.port, again.notice) == (kept, None)
    embedded.stop(settings, force=True)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", kept))
        other.listen()
        moved = embedded.ensure_server(settings)
    assert moved.port != kept
    assert moved.notice is not None and str(kept) in moved.notice and str(moved.port) in moved.notice
    psycopg2.connect(moved.url).close()


def test_many_processes_at_once_start_one_server_and_make_one_database():
    with temporary_settings() as settings:
        code = f"""{START}
        settings = Settings.from_env()
        server = embedded.ensure_server(settings)
        print(server.pid, server.started, embedded.database_url(settings, "dagster"))"""
        children = [
            subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(code.replace("\n        ", "\n"))],
                env=environment(settings),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(6)
        ]
        said = [child.communicate(timeout=120) for child in children]
        assert [child.returncode for child in children] == [0] * 6, said
        lines = [out.split() for out, _ in said]
        assert len({(pid, url) for pid, _, url in lines}) == 1
        assert sorted(started for _, started, _ in lines) == ["False"] * 5 + ["True"]
