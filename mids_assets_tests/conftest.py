"""A world of its own for tests that import: data folder, server, Dagster home, environment; and an object store."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import psycopg2
import pytest

from mids_assets.model.tables import TABLES
from mids_assets.objects.place import open_place
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect, dagster_database_url
from mids_assets_tests.real import PROJECT
from mids_assets_tests.s3_server import s3_server
from mids_assets_tests.servers import environment, open_folder, temporary_settings

# An example may take long on a machine that does other work; what a test can take is limited as a whole.
hypothesis.settings.register_profile("mids", deadline=None)
hypothesis.settings.load_profile("mids")


@dataclass(frozen=True)
class World:
    """Everything that an import touches, apart from this checkout."""

    settings: Settings
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a child process gets; nothing of the caller's but PATH."""
        return environment(
            self.settings,
            DAGSTER_HOME=str(self.home),
            HOME=str(self.home),
            MIDS_REALMS=",".join(self.settings.realms),
        )

    def mids(self, *args: str, code: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the command in a process of its own and demand its exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "mids_assets.cli", *args],
            env={**self.environment, **env},
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def mids_json(self, *args: str, code: int = 0, **env: str) -> dict[str, Any]:
        return json.loads(self.mids(*args, "--json", code=code, **env).stdout)

    def query(self, sql: str, *parameters: Any) -> list[tuple]:
        with closing(connect(self.settings, application_name="test")) as connection, connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return cursor.fetchall()

    def dagster_query(self, sql: str) -> list[tuple]:
        url = dagster_database_url(self.settings).replace("+psycopg2", "")
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def runs(self) -> list[tuple[str, str]]:
        """(job, status) of all runs, newest first."""
        return self.dagster_query("select pipeline_name, status from runs order by id desc")

    def contents(self, *, times: bool = True, realm: str = "homecoming") -> dict[str, list[tuple]]:
        """All rows of a realm; without `times` the columns that name a moment or a release are left out."""
        skipped = "" if times else "- '{created_at,updated_at,release_id,source_position}'::text[]"
        return {
            table.name: self.query(f'select (to_jsonb(t) {skipped})::text from {realm}."{table.name}" t order by 1')
            for table in TABLES
        }


def make_world(settings: Settings, folder: Path) -> World:
    home = folder / "dagster_home"
    home.mkdir()
    shutil.copy(PROJECT / "dagster_home" / "dagster.yaml", home)
    return World(settings, home)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Fresh for each module of tests."""
    with open_folder() as folder, temporary_settings(folder) as settings:
        yield make_world(settings, folder)


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    """An object store with a bucket `mids`, which this process and those with these variables find."""
    with s3_server() as variables, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, value)
        # This server makes a bucket at the first write to it.
        open_place("s3://mids", "MIDS_STORAGE").put("bucket", b"")
        yield variables
