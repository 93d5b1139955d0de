"""`mids doctor` and `mids status` in their own processes, in surroundings that are really broken."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import filelock
import psutil

from mids_assets.automation.processes import process_tag
from mids_assets.graph.keys import TAG_PROCESS
from mids_assets.health import machine, waiting
from mids_assets.health import server as server_probes
from mids_assets.health.finding import Finding, probe
from mids_assets.settings import Settings
from mids_assets.storage import open_instance
from mids_assets.warehouse import embedded
from mids_assets.warehouse.connection import connect, realm_lock
from mids_assets.warehouse.register import advance, note_release
from mids_assets.warehouse.schema import ensure_operations
from mids_assets_tests.conftest import World
from mids_assets_tests.integration.test_embedded_surroundings import as_nobody, root_only
from mids_assets_tests.integration.test_register import RECORD
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import open_folder

SMALL_FILES = """
import resource
from mids_assets.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (2048, resource.RLIM_INFINITY))
main()
"""


def findings(report: dict[str, Any], state: str) -> dict[str, str]:
    """{area: sentences with what to do} of those in a state."""
    found: dict[str, str] = {}
    for one in report["findings"]:
        if one["state"] == state:
            assert state == "ok" or one["what_to_do"]
            found[one["area"]] = f"{found.get(one['area'], '')} {one['what']} {one['what_to_do']}"
    return found


def test_nothing_is_broken_where_nothing_was_done_yet(world: World):
    report = world.mids_json("doctor")
    assert report["broken"] == 0 and set(findings(report, "warn")) <= {"disk", "versions", "daemon"}
    assert {"disk", "folders", "server", "dagster", "runs", "locks", "realm homecoming"} <= set(findings(report, "ok"))
    text = world.mids("doctor").stdout
    assert text.startswith("ok ") and "Dagster's daemon has not run yet" in text


def test_a_server_that_was_killed_is_told_and_started_again(world: World):
    server = embedded.ensure_server(world.settings)
    os.kill(server.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(server.pid)] if psutil.pid_exists(server.pid) else [], timeout=30)
    report = world.mids_json("doctor")
    warned = findings(report, "warn")["server"]
    assert f"names process {server.pid}, which is gone" in warned
    assert "answers" in findings(report, "ok")["server"] and report["broken"] == 0
    assert embedded.status(world.settings) is not None


def test_a_port_that_another_program_took_is_told(world: World):
    port = embedded.ensure_server(world.settings).port
    embedded.stop(world.settings, force=True)
    with closing(socket.socket()) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        report = world.mids_json("doctor")
    assert f"Port {port} of the embedded PostgreSQL is taken" in findings(report, "warn")["port"]
    moved = embedded.status(world.settings)
    assert moved is not None and moved.port != port and f"port {moved.port}." in findings(report, "ok")["server"]


def test_a_password_that_others_can_read_is_broken(world: World):
    embedded.ensure_server(world.settings)
    place = world.settings.postgres_dir / "password"
    place.chmod(0o644)
    try:
        report = world.mids_json("doctor", code=1)
    finally:
        place.chmod(0o600)
    assert findings(report, "broken") == {"password": f" {place} has mode 0644: others can read it. chmod 600 {place}"}


def test_a_password_that_is_lost_is_one_sentence(world: World):
    place = world.settings.postgres_dir / "password"
    hidden = place.rename(place.with_name("hidden"))
    try:
        done = world.mids("doctor", code=1)
    finally:
        hidden.rename(place)
    assert "password is missing" in done.stdout and "Traceback" not in done.stdout + done.stderr


def test_a_disk_without_room_is_broken(world: World):
    embedded.ensure_server(world.settings)
    done = subprocess.run(
        [sys.executable, "-c", SMALL_FILES, "doctor"],
        env=world.environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "Traceback" not in done.stdout + done.stderr
    assert f"broken folders: {world.settings.data_dir} cannot be written: File too large." in done.stdout


def test_a_data_folder_that_cannot_be_is_no_stack_trace(world: World, tmp_path: Path):
    file = tmp_path / "file"
    file.touch()
    done = world.mids("doctor", code=1, MIDS_DATA_DIR=str(file / "data"))
    assert "Traceback" not in done.stdout + done.stderr and str(file) in done.stdout


@root_only
def test_folders_of_somebody_else_are_told_one_by_one():
    with open_folder() as folder:
        data = folder / "data"
        (data / "postgres").mkdir(parents=True)
        (data / "releases").mkdir()
        data.chmod(0o700)
        settings = Settings(data_dir=data)
        home = folder

        def look() -> list[Finding]:
            return [
                *probe("disk", lambda: machine.room(settings, home), "mend"),
                *probe("folders", lambda: machine.folders(settings, home), "mend"),
                *probe("password", lambda: machine.password_file(settings), "mend"),
                *probe("waiting", lambda: waiting.unfinished(settings), "mend"),
            ]

        said = as_nobody(look)
    assert f"{data} cannot be written: Permission denied." in said
    assert f"{data / 'releases'} cannot be written: Permission denied." in said
    assert "Finding(area='password', state='broken'" in said


def test_a_server_that_does_not_answer_is_no_stack_trace_and_no_secret(world: World):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://guarded:very-secret@127.0.0.1:{taken.getsockname()[1]}/mids"
        done = world.mids("doctor", code=1, MIDS_DATABASE_URL=url)
    said = done.stdout + done.stderr
    assert "broken server: PostgreSQL does not answer" in said and "Traceback" not in said and "very-secret" not in said
    assert "broken dagster:" in said


def test_a_storage_of_another_version_of_dagster_is_broken(world: World):
    world.mids("doctor")
    ((version,),) = world.dagster_query("SELECT version_num FROM alembic_version")

    def stamp(number: str) -> None:
        world.dagster_query(f"UPDATE alembic_version SET version_num = '{number}' RETURNING 1; COMMIT; SELECT 1")

    stamp("of-old")
    try:
        report = world.mids_json("doctor", code=1)
    finally:
        stamp(version)
    told = f"is of another version: of-old instead of {version}. Stop `make dev`, then: make upgrade"
    assert told in findings(report, "broken")["dagster"]


def test_what_is_locked_dead_waiting_unfinished_or_wrong_with_a_realm(world: World, monkeypatch):
    settings = world.settings
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    own = process_tag()[TAG_PROCESS]
    started = int(psutil.Process(child.pid).create_time())
    child.kill()
    child.communicate()
    host = own.rsplit(":", 2)[0]
    landed = settings.landing_dir / "homecoming" / "dropped"
    left = settings.releases_dir / "homecoming" / f".x.{host.replace('.', '-')}-{child.pid}.part"
    landed.mkdir(parents=True)
    left.parent.mkdir(parents=True)
    left.touch()
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    with open_instance() as instance:
        dead, alive = (
            instance.add_run(
                dg.DagsterRun(job_name="job", status=dg.DagsterRunStatus.STARTED, tags={TAG_PROCESS: tag})
            ).run_id
            for tag in (f"{host}:{child.pid}:{started}", own)
        )
    with (
        closing(connect(settings, application_name="mids publish homecoming")) as conn,
        filelock.FileLock(settings.postgres_dir / "server.lock"),
    ):
        ensure_operations(conn)
        note_release(conn, "homecoming", RECORD)
        with conn.cursor() as cursor:
            advance(cursor, "homecoming", RECORD.release, "build", "blocked", "table power breaks rules")
        conn.commit()
        with realm_lock(conn, "homecoming"):
            report = world.mids_json("doctor", code=1)
            monkeypatch.setattr(server_probes, "IDLE_SECONDS", 0.0)
            with closing(connect(settings, application_name="test")) as other:
                (sleeping,) = server_probes.realm_locks(other, ("homecoming",))
    broken, warned, fine = (findings(report, state) for state in ("broken", "warn", "ok"))
    assert "is blocked by a check: table power breaks rules" in broken["realm homecoming"]
    assert f"mids accept {RECORD.release} --realm homecoming" in broken["realm homecoming"]
    assert f"1 runs count as under way, but their process is gone: {dead}." in warned["runs"]
    assert alive not in warned["runs"]
    assert "server.lock is held by a process" in warned["locks"]
    assert "An import of realm homecoming is under way: mids publish homecoming" in fine["locks"]
    assert "holds 1 entries that no known release came from: dropped." in warned["waiting"]
    assert f"1 files or folders were left unfinished, such as {left}" in warned["waiting"]
    assert sleeping.state == "broken" and "pg_terminate_backend" in sleeping.what_to_do

    (problem,) = world.mids_json("status")["problems"]
    assert (problem["realm"], problem["key"]) == ("homecoming", f"release_blocked:{RECORD.release}")
    shown = world.mids("status").stdout
    assert "broken homecoming release_blocked: Version 21.0331, release abc123, is blocked by a check" in shown
