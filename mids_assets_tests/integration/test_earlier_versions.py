"""Databases that earlier versions made (dumps/) are brought up without loss, and go on as if made today."""

from __future__ import annotations

import lzma
import subprocess
from pathlib import Path
from typing import Any

import pytest
from psycopg2.extensions import connection

from mids_assets.commands.exporting import run_export
from mids_assets.model.operations import OPERATIONAL_TABLES
from mids_assets.model.tables import TABLES
from mids_assets.sample import write_sample
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import database_url
from mids_assets.warehouse.history import history
from mids_assets.warehouse.migrations import history as revisions
from mids_assets.warehouse.migrations.applying import upgrade
from mids_assets.warehouse.psql import client_program
from mids_assets.warehouse.register import published, releases
from mids_assets_tests.conftest import World
from mids_assets_tests.images import shape_of_operations
from mids_assets_tests.published import REALM, forget, go, rows, stamps

DUMPS = sorted((Path(__file__).parent / "dumps").glob("*.sql.xz"))
POWERS = 241


@pytest.fixture(scope="module")
def build(tmp_path_factory) -> Path:
    """Tables of the release that the dumps hold, as this version makes them."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder / "source", powers=POWERS, seed=3, realm=REALM, file_format="mhd", pretty=False)
    run_export(Settings(data_dir=folder / "data"), folder / "source", folder / "out", "parquet")
    return folder / "out" / "tables"


@pytest.fixture(scope="module")
def server(world: World) -> Settings:
    return world.settings


@pytest.fixture(params=DUMPS, ids=lambda path: path.name.split(".")[0])
def older(request, empty: connection, server: Settings) -> connection:
    bring_back(server, empty, request.param)
    return empty


def bring_back(server: Settings, conn: connection, dump: Path) -> None:
    with conn, conn.cursor() as cur:
        cur.execute("DROP SCHEMA IF EXISTS planner CASCADE")
    psql = client_program(server, "psql")
    command = [psql, "-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1", database_url(server)]
    subprocess.run(command, input=lzma.decompress(dump.read_bytes()), check=True)


def operations(conn: connection) -> dict[str, dict[str, dict[str, Any]]]:
    """{table: {row without what only newer versions know}} of schema mids."""
    found = {}
    for table in OPERATIONAL_TABLES:
        key = " || '/' || ".join(f"t.{column}" for column in table.key)
        found[table.name] = (
            dict(rows(conn, f"SELECT {key}, to_jsonb(t) FROM mids.{table.name} t"))
            if rows(conn, f"SELECT to_regclass('mids.{table.name}')") != [(None,)]
            else {}
        )
    return found


def test_every_row_and_id_is_kept_and_the_schema_is_that_of_a_new_database(older, server):
    before, stamped = operations(older), stamps_of(older)
    assert len(before["release"]) == 2 and len(before["identity"]) > 400 and before["quarantine"]
    assert upgrade(older) == revisions.revisions()
    after = operations(older)
    publishes = [(row["release_id"], row["action"]) for row in after.pop("publish").values()]
    logged = [(row["release_id"], row.get("action")) for row in before["import_log"].values()]
    assert publishes == [one for one in dict.fromkeys(logged) if one[1]], "as the import log tells"
    for name in after:
        assert after[name].keys() == before[name].keys()
        for key, row in before[name].items():
            now = after[name][key]
            assert {column: now[column] for column in row} == row
            assert all(now[column] is None for column in now.keys() - row.keys() - {"publish_id"})
    assert stamps_of(older) == stamped
    upgraded = shape_of_operations(older)
    forget(older)
    upgrade(older)
    assert shape_of_operations(older) == upgraded


def stamps_of(conn: connection) -> list[tuple]:
    return rows(conn, f"SELECT id, full_name, created_at, updated_at FROM {REALM}.power ORDER BY id")


def test_the_next_publish_keeps_ids_and_times(older, server, build):
    power, created = stamps_of(older), created_of(older)
    with older, older.cursor() as cur:
        cur.execute(
            f"CREATE SCHEMA planner; CREATE TABLE planner.favourite (power int8 REFERENCES {REALM}.power (id));"
            f"INSERT INTO planner.favourite SELECT id FROM {REALM}.power"
        )
    before = operations(older)
    go(older, server, build, "the next")
    assert [row[:3] for row in stamps_of(older)] == [row[:3] for row in power]
    assert created_of(older) == created
    after = operations(older)
    for name, found in before.items():
        kept = after[name]
        # What a publish settles of the release before it is all that may change.
        may = {"release": {"state", "reason"}, "quarantine": {"resolved_at", "resolved_by", "resolution"}}.get(
            name, set()
        )
        for key, row in found.items():
            assert {c: kept[key][c] for c in row if c not in may} == {c: row[c] for c in row if c not in may}
    row = published(older, REALM)
    assert row is not None and row.release == "the next"
    assert [one.state for one in releases(older, REALM)] == ["superseded", "superseded", "published"]
    assert [entry.release for entry in history(older, REALM)][:1] == ["the next"]
    assert len(history(older, REALM)) == 3
    for table in TABLES:
        assert rows(older, f"SELECT * FROM {REALM}_v1.{table.name}") or not rows(
            older, f"SELECT 1 FROM {REALM}.{table.name} LIMIT 1"
        )
    assert sum(one.total for one in go(older, server, build, "the next").changed.values()) == 0


def created_of(conn: connection) -> dict[str, dict[tuple, Any]]:
    there = {name for (name,) in rows(conn, f"SELECT tablename FROM pg_tables WHERE schemaname = '{REALM}'")}
    found = stamps(conn, tables=[table for table in TABLES if table.name in there])
    return {name: {key: value[0] for key, value in one.items()} for name, one in found.items() if one}


def test_an_import_into_the_oldest_one_is_an_update_of_it(empty, world, tmp_path):
    write_sample(tmp_path / "new", powers=POWERS + 1, seed=3, realm=REALM, file_format="mhd", pretty=False)
    bring_back(world.settings, empty, DUMPS[0])
    assert world.mids_json("import", str(tmp_path / "new"))["action"] == "published"
    assert [entry.action for entry in history(empty, REALM)] == ["update", None, None]
    assert [one["release"] for one in world.mids_json("history")][1:] == [
        one.release for one in releases(empty, REALM)
    ][1::-1]
