"""Dagster on PostgreSQL without any set-up: the storage class, and the three ways in which people start the UI."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import psycopg2
import pytest
import yaml
from dagster_postgres import DagsterPostgresStorage

from mids_assets import storage
from mids_assets.settings import PROJECT_ROOT, Settings
from mids_assets.warehouse import embedded
from mids_assets.warehouse.connection import dagster_database_url
from mids_assets_tests.servers import environment, temporary_settings

BIN = Path(sys.executable).parent
START_SECONDS = 120


@pytest.fixture(scope="module")
def settings():
    with temporary_settings() as settings:
        yield settings


@pytest.fixture
def home(tmp_path) -> Path:
    folder = tmp_path / "dagster_home"
    folder.mkdir()
    shutil.copy(PROJECT_ROOT / "dagster_home" / storage.CONFIG_FILE, folder)
    return folder


@pytest.fixture
def instance(settings, home, monkeypatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("MIDS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with storage.open_instance() as opened:
        yield opened


def clients(settings) -> int:
    return len(embedded.other_clients(embedded.ensure_server(settings)))


def test_the_instance_lies_on_postgresql_and_its_files_in_dagster_home(instance, settings, home):
    reference = instance.get_ref()
    assert reference.storage_data.class_name == "MidsPostgresStorage"
    assert issubclass(storage.MidsPostgresStorage, DagsterPostgresStorage)
    assert Path(instance.root_directory) == home
    assert not instance.telemetry_enabled
    assert instance.run_monitoring_enabled
    assert (instance.run_retries_enabled, instance.run_retries_max_retries) == (True, 1)
    assert instance.run_retries_retry_on_asset_or_op_failure is False
    with psycopg2.connect(embedded.database_url(settings, "dagster")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('event_logs') IS NOT NULL AND to_regclass('runs') IS NOT NULL")
        assert cursor.fetchone() == (True,)
    connection.close()


def test_an_instance_rebuilt_from_its_reference_sees_the_same_runs(instance):
    @dg.job
    def nothing():
        pass

    run_id = nothing.execute_in_process(instance=instance).run_id
    # What the daemon and the code server do: they get the reference, not the instance.
    with dg.DagsterInstance.from_ref(instance.get_ref()) as other:
        assert other.get_run_by_id(run_id) is not None


def test_connections_are_kept_during_and_closed_after_an_instance(settings, home, monkeypatch):
    monkeypatch.setenv("MIDS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    before = clients(settings)
    for _ in range(5):
        with storage.open_instance() as opened:
            opened.get_runs_count()
            opened.get_runs_count()
            assert before < clients(settings) <= before + 3
    deadline = time.monotonic() + 5
    while clients(settings) > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert clients(settings) == before


def test_a_restarted_server_is_noticed(instance, settings):
    assert instance.get_runs_count() >= 0
    embedded.stop(settings, force=True)
    embedded.ensure_server(settings)
    assert instance.get_runs_count() >= 0


def test_an_own_database_for_dagster(settings, home, monkeypatch):
    url = embedded.database_url(settings, "elsewhere")
    monkeypatch.setenv("MIDS_DAGSTER_DATABASE_URL", url)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with storage.open_instance() as opened:
        assert opened.run_storage.postgres_url.endswith("/elsewhere")  # type: ignore[attr-defined]
    monkeypatch.delenv("MIDS_DAGSTER_DATABASE_URL")
    monkeypatch.setenv("MIDS_DATABASE_URL", url)
    with storage.open_instance() as opened:
        assert opened.run_storage.postgres_url.endswith("/dagster")  # type: ignore[attr-defined]


@pytest.mark.parametrize("database", ["crowded1", "crowded2", "crowded3", "crowded4"])
def test_programs_that_start_at_once_on_an_empty_database(settings, monkeypatch, database):
    """Several databases, since two programs do not meet in each."""
    embedded.ensure_server(settings)
    monkeypatch.setenv("MIDS_DAGSTER_DATABASE_URL", embedded.database_url(settings, database))
    url = dagster_database_url(Settings.from_env())
    together = threading.Barrier(6)

    def start() -> storage.MidsPostgresStorage:
        together.wait()
        return storage.MidsPostgresStorage(url)

    with ThreadPoolExecutor(together.parties) as pool:
        started = [pool.submit(start) for _ in range(together.parties)]
        for opened in [future.result() for future in started]:
            assert opened.run_storage.get_runs_count() == 0
            for part in (opened.run_storage, opened.event_log_storage, opened.schedule_storage):
                part.dispose()


def test_dagster_home_without_the_variable(monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    assert storage.dagster_home() == PROJECT_ROOT / "dagster_home"
    assert (storage.dagster_home() / storage.CONFIG_FILE).is_file()


def test_workspace_and_dg_name_the_same_module():
    workspace = yaml.safe_load((PROJECT_ROOT / "workspace.yaml").read_text())
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    (entry,) = workspace["load_from"]
    assert entry["python_module"] == {
        "module_name": project["code_location_target_module"],
        "location_name": project["code_location_name"],
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


STATE = """{
  version
  workspaceOrError { ... on Workspace { locationEntries {
    name loadStatus locationOrLoadError { __typename ... on PythonError { message } } } } }
}"""


def ask(port: int, query: str) -> dict:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        json.dumps({"query": query}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]


@contextlib.contextmanager
def running(argv: list[str], env: dict[str, str], log: Path) -> Iterator[subprocess.Popen]:
    with log.open("w") as output:
        process = subprocess.Popen(
            argv, cwd=PROJECT_ROOT, env=env, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=10)


@pytest.mark.e2e
@pytest.mark.parametrize(
    "command",
    [
        pytest.param([str(BIN / "dg"), "dev", "--host", "127.0.0.1", "--port"], id="dg dev"),
        pytest.param([str(BIN / "dagster-webserver"), "-w", "workspace.yaml", "-h", "127.0.0.1", "-p"], id="webserver"),
        pytest.param(["make", "dev"], id="make dev"),
    ],
)
def test_the_ui_comes_up_on_postgresql(settings, home, tmp_path, command):
    """Environment: DAGSTER_HOME, and a data folder of the test's own so that the user's stays untouched."""
    port = free_port()
    argv = [*command, f"PORT={port}" if command[0] == "make" else str(port)]
    env = environment(settings, DAGSTER_HOME=str(home), HOME=str(tmp_path))
    log = tmp_path / "output.txt"
    with running(argv, env, log) as process:
        deadline = time.monotonic() + START_SECONDS
        entries: list[dict] = []
        while time.monotonic() < deadline:
            assert process.poll() is None, log.read_text()[-3000:]
            with contextlib.suppress(OSError):
                state = ask(port, STATE)
                entries = state["workspaceOrError"]["locationEntries"]
                if entries and all(entry["loadStatus"] == "LOADED" for entry in entries):
                    break
            time.sleep(0.5)
        else:
            pytest.fail(f"not up after {START_SECONDS} s: {log.read_text()[-3000:]}")
        assert [entry["name"] for entry in entries] == ["mids_assets"]
        assert entries[0]["locationOrLoadError"]["__typename"] == "RepositoryLocation", entries
        with psycopg2.connect(embedded.database_url(settings)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = 'dagster'")
            (used,) = cursor.fetchone() or (0,)
        connection.close()
        assert used > 0, "its storage is somewhere else"
