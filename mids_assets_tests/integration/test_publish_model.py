"""A realm that an older model made: the next publish alters it, and what others built on it survives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg2.errors
import pytest
from psycopg2.extensions import connection

from mids_assets.errors import CheckFailed
from mids_assets.model.tables import TABLES
from mids_assets.progress import Progress, listening
from mids_assets.warehouse import ddl
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.publish import preview
from mids_assets.warehouse.schema import ensure_schema, fingerprint
from mids_assets_tests.made_up import MadeUp, made_up
from mids_assets_tests.published import REALM, contents, expected, forget, go, rows, stamps, versions

OLDER = f"""
    DROP VIEW {REALM}_v1.power, {REALM}_v1.power_effect, {REALM}_v1.salvage;
    ALTER TABLE {REALM}.power DROP COLUMN accuracy;
    ALTER TABLE {REALM}.power_effect DROP COLUMN scale, DROP COLUMN redirect_power_id;
    ALTER TABLE {REALM}.salvage ADD COLUMN retired text, DROP COLUMN level_min, ADD COLUMN level_min text;
    CREATE VIEW {REALM}_v1.salvage AS SELECT id, internal_name, retired, level_min FROM {REALM}.salvage;
    CREATE VIEW {REALM}_v1.power AS SELECT id, full_name, level_available FROM {REALM}.power;
    DROP TABLE {REALM}.power_group CASCADE;
    DROP TABLE {REALM}.level_schedule CASCADE;
    CREATE TABLE {REALM}.level_schedule (level int4 PRIMARY KEY, powers int4);
    INSERT INTO {REALM}.level_schedule VALUES (1, 2);
    CREATE TABLE {REALM}.power_of_old (id int8 PRIMARY KEY, power_id int8 REFERENCES {REALM}.power (id));
    DROP INDEX {REALM}.power_natural_key;
    CREATE INDEX power_old ON {REALM}.power (display_name);
    COMMENT ON SCHEMA {REALM} IS 'Game data of realm {REALM}; model 0123456789abcdef.';
"""


@pytest.fixture
def conn(server) -> Iterator[connection]:
    with closing(connect(server, application_name="test")) as connection:
        forget(connection)
        with connection, connection.cursor() as cur:
            cur.execute("DROP SCHEMA IF EXISTS planner CASCADE")
        yield connection


def shape(conn: connection) -> tuple:
    """Columns, keys, indexes, constraints and views of the realm, in no order that history decides."""
    schemas = (REALM, f"{REALM}_v1")
    columns = rows(
        conn,
        "SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default"
        " FROM information_schema.columns WHERE table_schema IN %s ORDER BY 1, 2, 3",
        (schemas,),
    )
    constraints = rows(
        conn,
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = %s::regnamespace AND contype <> 'n' ORDER BY 1, 2",
        (REALM,),
    )
    indexes = rows(conn, "SELECT indexdef FROM pg_indexes WHERE schemaname = %s ORDER BY 1", (REALM,))
    return columns, constraints, indexes


@pytest.fixture
def build() -> MadeUp:
    return made_up(31, share=1.0)


def test_an_altered_realm_is_as_one_that_was_made_anew(conn, server, tmp_path, build):
    go(conn, server, build.write(tmp_path / "a"))
    wanted, kept = shape(conn), stamps(conn)
    ids = rows(conn, f"SELECT id, full_name FROM {REALM}.power ORDER BY id")
    with conn, conn.cursor() as cur:
        cur.execute(OLDER)
    older = shape(conn)
    foreseen = preview(conn, REALM, tmp_path / "a")
    assert shape(conn) == older

    result = go(conn, server, tmp_path / "a")

    assert foreseen == result.changed
    assert shape(conn) == wanted
    assert contents(conn) == expected(conn, build)
    assert rows(conn, f"SELECT id, full_name FROM {REALM}.power ORDER BY id") == ids
    created = {name: {key: value[0] for key, value in found.items()} for name, found in kept.items()}
    now_created = {name: {key: value[0] for key, value in found.items()} for name, found in stamps(conn).items()}
    del created["level_schedule"], now_created["level_schedule"]  # another primary key: made anew
    assert now_created == created
    untouched = {name for name, one in result.changed.items() if not one.total}
    assert {"archetype", "recipe", "recipe_salvage", "enhancement"} <= untouched
    assert result.changed["power_group"].inserted == len(build.rows["power_group"]) > 0
    accurate = sum(row["accuracy"] is not None for row in build.rows["power"])
    assert result.changed["power"].updated == accurate > 0
    with conn, conn.cursor() as cur:
        assert fingerprint(cur, REALM) == ddl.realm_fingerprint()
    settled = versions(conn)
    assert sum(one.total for one in go(conn, server, tmp_path / "a").changed.values()) == 0
    assert versions(conn) == settled


def test_what_others_built_on_a_realm_survives_a_new_column(conn, server, tmp_path, build):
    go(conn, server, build.write(tmp_path / "a"))
    with conn, conn.cursor() as cur:
        cur.execute(OLDER)
        cur.execute(
            f"CREATE SCHEMA planner; CREATE TABLE planner.favourite (power int8 REFERENCES {REALM}.power (id));"
            f"INSERT INTO planner.favourite SELECT id FROM {REALM}.power LIMIT 3;"
            f"CREATE VIEW planner.early AS SELECT full_name FROM {REALM}_v1.power WHERE level_available < 5;"
            f"GRANT SELECT ON {REALM}_v1.power TO PUBLIC"
        )
    go(conn, server, tmp_path / "a")
    assert rows(conn, f"SELECT count(*) FROM planner.favourite JOIN {REALM}.power ON id = power") == [(3,)]
    rows(conn, "SELECT * FROM planner.early")
    assert rows(conn, f"SELECT has_table_privilege('public', '{REALM}_v1.power', 'SELECT')") == [(True,)]
    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        rows(conn, "INSERT INTO planner.favourite VALUES (-1) RETURNING 1")


def test_an_older_model_is_left_as_it_is_when_the_new_rows_are_refused(conn, server, tmp_path, build):
    go(conn, server, build.write(tmp_path / "a"))
    with conn, conn.cursor() as cur:
        cur.execute(OLDER)
    older = shape(conn)
    build.rows["enhancement_set"][0]["set_type"] = 99
    with pytest.raises(CheckFailed, match="enhancement_set_set_type_fkey"):
        go(conn, server, build.write(tmp_path / "b"))
    assert shape(conn) == older
    assert rows(conn, f"SELECT count(*) FROM {REALM}.power") == [(len(build.rows["power"]),)]


def test_a_realm_that_was_made_empty_is_filled_like_a_new_one(conn, server, tmp_path, build):
    assert ensure_schema(conn, REALM)
    wanted = shape(conn)
    result = go(conn, server, build.write(tmp_path / "a"))
    assert shape(conn) == wanted
    assert {name: one.inserted for name, one in result.changed.items()} == result.rows
    assert contents(conn) == expected(conn, build)


def test_the_schema_of_an_older_model_is_left_to_the_publish(conn, server, tmp_path, build):
    go(conn, server, build.write(tmp_path / "a"))
    assert ensure_schema(conn, REALM)
    with conn, conn.cursor() as cur:
        cur.execute(OLDER)
    older = shape(conn)
    assert not ensure_schema(conn, REALM)
    assert shape(conn) == older


def test_all_tables_of_the_model_are_there_and_no_others(conn, server, tmp_path, build):
    go(conn, server, build.write(tmp_path / "a"))
    for schema, catalog in ((REALM, "pg_tables"), (f"{REALM}_v1", "pg_views")):
        name = catalog[3:-1] + "name"
        found = rows(conn, f"SELECT {name} FROM {catalog} WHERE schemaname = %s ORDER BY 1", (schema,))
        assert [row[0] for row in found] == sorted(table.name for table in TABLES)


def test_other_realms_go_on_while_the_model_of_one_changes(conn, server, tmp_path):
    """A foreign key to mids.release would lock that table for every realm until the commit."""
    folder = made_up(1).write(tmp_path / "build")
    go(conn, server, folder)
    go(conn, server, folder, realm="rebirth")
    with conn, conn.cursor() as cur:
        cur.execute(f"COMMENT ON SCHEMA {REALM} IS 'Game data; model 0123456789abcdef.'")
    seen: list[str] = []

    def look(progress: Progress) -> None:
        if progress.stage != "publish" or progress.done != len(TABLES) - 1:
            return
        with closing(connect(server, application_name="other")) as other, other, other.cursor() as cur:
            cur.execute("SET LOCAL lock_timeout = '500ms'")
            cur.execute("SELECT count(*) FROM mids.release")
            cur.execute("UPDATE mids.release SET reason = reason WHERE realm = 'rebirth'")
            seen.append("free")

    with listening(look):
        go(conn, server, folder)
    assert seen == ["free"]
    with conn, conn.cursor() as cur:
        assert fingerprint(cur, REALM) == ddl.realm_fingerprint()
