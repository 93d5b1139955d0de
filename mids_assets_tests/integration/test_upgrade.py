"""`mids upgrade`: an installation of an earlier version of ours and of Dagster, brought up at once and only once."""

from __future__ import annotations

import lzma
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg2
import sqlalchemy as sa
from dagster._core.storage.sql import run_alembic_downgrade
from dagster_postgres.run_storage import run_storage
from dagster_postgres.utils import pg_alembic_config

from mids_assets.warehouse.connection import dagster_database_url, database_url
from mids_assets.warehouse.migrations import history
from mids_assets.warehouse.psql import client_program
from mids_assets_tests.conftest import World

OLDER_DAGSTER = "6b7fb194ff9c"
"""Before concurrency limits had the column that this test asks for."""
COLUMN = (
    "SELECT count(*) FROM information_schema.columns"
    " WHERE table_name = 'concurrency_limits' AND column_name = 'using_default_limit'"
)
DUMP = Path(__file__).parent / "dumps" / "779916c.sql.xz"


def test_an_older_installation_is_brought_up_and_a_second_time_nothing_is_done(world: World):
    settings = world.settings
    world.mids("upgrade")  # makes both databases
    engine = sa.create_engine(dagster_database_url(settings), poolclass=sa.NullPool)
    with engine.connect() as connection:
        run_alembic_downgrade(pg_alembic_config(run_storage.__file__), connection, OLDER_DAGSTER)
        connection.commit()
    assert world.dagster_query(COLUMN) == [(0,)]
    world.query("DROP SCHEMA mids CASCADE; COMMIT; SELECT 1")
    command = [
        client_program(settings, "psql"),
        "-q",
        "-o",
        "/dev/null",
        "-v",
        "ON_ERROR_STOP=1",
        database_url(settings),
    ]
    subprocess.run(command, input=lzma.decompress(DUMP.read_bytes()), check=True)

    with closing(psycopg2.connect(dagster_database_url(settings).replace("+psycopg2", ""), application_name="a run")):
        refused = world.mids("upgrade", code=2)
    assert "in use (a run): stop `make dev`" in refused.stderr and refused.stdout == ""
    assert world.dagster_query(COLUMN) == [(0,)]

    done = world.mids("upgrade").stdout
    assert f"applied: {history.head()}" in done and f"Dagster's storage: from {OLDER_DAGSTER} to" in done
    assert world.dagster_query(COLUMN) == [(1,)]
    assert world.query("SELECT count(*) FROM mids.release") == [(2,)]
    (dump,) = (settings.data_dir / "backups" / "_before_upgrade").iterdir()
    listed = subprocess.run(
        [client_program(settings, "pg_restore"), "--list", dump], capture_output=True, text=True, check=True
    ).stdout
    assert "TABLE DATA mids release" in listed and "alembic_version" not in listed, "of the database as it was"
    assert [one["of"] for one in world.mids_json("db", "backups")["backups"]] == ["_dagster"]

    again = world.mids("upgrade").stdout
    assert "applied" not in again and "backup" not in again
    assert world.mids_json("import", "data/sample")["action"] == "published"
