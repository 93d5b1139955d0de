"""Foreign keys of a planner on the rows of a realm: what stays, what follows, what blocks a publish."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2.errors
import pytest
from psycopg2.extensions import connection

from mids_assets.errors import CheckFailed
from mids_assets.model.tables import TABLES
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.outside import require_unreferenced
from mids_assets.warehouse.publish import preview
from mids_assets.warehouse.register import find
from mids_assets_tests.edited import numbered, settled, take_out
from mids_assets_tests.made_up import MadeUp, made_up
from mids_assets_tests.published import REALM, contents, everything, expected, forget, go, rows
from mids_assets_tests.real import PROJECT

TO_POWER = f"CREATE TABLE planner.saved (build int8, power_id int8 REFERENCES {REALM}.power (id) %s)"
OTHER_MODEL = f"""
    DROP VIEW {REALM}_v1.power;
    ALTER TABLE {REALM}.power DROP COLUMN accuracy;
    COMMENT ON SCHEMA {REALM} IS 'Game data of realm {REALM}; model 0123456789abcdef.';
"""


@pytest.fixture
def conn(server) -> Iterator[connection]:
    with closing(connect(server, application_name="test")) as conn:
        run(conn, "DROP SCHEMA IF EXISTS planner CASCADE")
        forget(conn)
        yield conn


@pytest.fixture
def build() -> MadeUp:
    return settled(numbered(made_up(41, share=1.0)))


@pytest.fixture
def less(build) -> MadeUp:
    """The release after it, without its first two powers."""
    found = copy.deepcopy(build)
    for key in build.keys["power"][:2]:
        take_out(found, TABLES["power"], key)
    return settled(found)


def run(conn: connection, sql: str) -> None:
    with conn, conn.cursor() as cur:
        cur.execute(sql)


def save(conn: connection) -> None:
    """Each power is in one saved build, the first one in two."""
    run(conn, f"INSERT INTO planner.saved SELECT 1, id FROM {REALM}.power")
    run(conn, "INSERT INTO planner.saved SELECT 2, min(power_id) FROM planner.saved")


def publish_first(conn: connection, server: Settings, build: MadeUp, folder: Path, other_model: bool) -> None:
    go(conn, server, build.write(folder / "a"), "one")
    if other_model:
        run(conn, OTHER_MODEL)
    run(conn, "CREATE SCHEMA planner")


def constraints(conn: connection) -> list[tuple]:
    return rows(
        conn,
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'planner'::regnamespace AND contype = 'f' ORDER BY 1",
    )


both_models = pytest.mark.parametrize("other_model", [False, True], ids=["same model", "other model"])


@both_models
@pytest.mark.parametrize("action", ["", "ON DELETE RESTRICT", "DEFERRABLE INITIALLY DEFERRED"])
def test_a_row_that_is_referenced_does_not_go(conn, server, tmp_path, build, less, action, other_model):
    go(conn, server, build.write(tmp_path / "a"), "one")
    run(conn, "CREATE SCHEMA planner")
    run(conn, TO_POWER % action)
    save(conn)
    before = everything(conn)
    conn.rollback()
    saved = rows(conn, "SELECT * FROM planner.saved ORDER BY 1, 2")
    if other_model:
        run(conn, f"COMMENT ON SCHEMA {REALM} IS 'Game data of realm {REALM}; model 0123456789abcdef.'")

    folder = less.write(tmp_path / "b")
    with pytest.raises(CheckFailed) as foreseen:
        preview(conn, REALM, folder)
    with pytest.raises(CheckFailed) as caught:
        go(conn, server, folder, "two")

    text = str(caught.value)
    assert str(foreseen.value) == text
    first, second = sorted(repr(key) for key in build.keys["power"][:2])
    assert text.startswith("table planner.saved, constraint saved_power_id_fkey: 3 rows refer to 2 rows of ")
    assert f"{REALM}.power that this release no longer has ({first}, {second}); nothing was published" in text
    assert "ON DELETE SET NULL" in text and "mids.identity" in text and "\n" not in text
    assert everything(conn) == before
    assert rows(conn, "SELECT * FROM planner.saved ORDER BY 1, 2") == saved
    blocked = find(conn, REALM, "two")
    assert blocked and blocked.state == "blocked" and "planner.saved" in (blocked.reason or "")
    conn.rollback()
    # Once the planner has let go, the same release is published.
    run(conn, "DELETE FROM planner.saved")
    go(conn, server, folder, "two")
    assert contents(conn) == expected(conn, less)
    assert len(constraints(conn)) == 1


@both_models
def test_on_delete_set_null(conn, server, tmp_path, build, less, other_model):
    publish_first(conn, server, build, tmp_path, other_model)
    run(conn, TO_POWER % "ON DELETE SET NULL")
    save(conn)
    held = constraints(conn)
    go(conn, server, less.write(tmp_path / "b"))
    kept = len(less.keys["power"])
    assert rows(conn, "SELECT count(*), count(power_id) FROM planner.saved") == [(len(build.keys["power"]) + 1, kept)]
    assert contents(conn) == expected(conn, less)
    assert constraints(conn) == held


@both_models
def test_on_delete_cascade(conn, server, tmp_path, build, less, other_model):
    publish_first(conn, server, build, tmp_path, other_model)
    run(conn, TO_POWER % "ON DELETE CASCADE")
    save(conn)
    held = constraints(conn)
    go(conn, server, less.write(tmp_path / "b"))
    assert rows(conn, "SELECT count(*) FROM planner.saved") == [(len(less.keys["power"]),)]
    assert contents(conn) == expected(conn, less)
    assert constraints(conn) == held


@both_models
def test_what_stays_is_free_to_be_referenced(conn, server, tmp_path, build, less, other_model):
    publish_first(conn, server, build, tmp_path, other_model)
    run(conn, TO_POWER % "")
    stays = less.keys["power"][0]
    run(
        conn,
        "INSERT INTO planner.saved SELECT 1, id FROM mids.identity"
        f" WHERE table_name = 'power' AND natural_key = {literal(conn, stays)}",
    )
    go(conn, server, less.write(tmp_path / "b"))
    assert contents(conn) == expected(conn, less)
    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        run(conn, "INSERT INTO planner.saved VALUES (1, -1)")


def literal(conn: connection, value: str) -> str:
    with conn.cursor() as cur:
        return cur.mogrify("%s", (value,)).decode()


def test_a_row_of_a_small_table_that_is_referenced(conn, server, tmp_path, build):
    """No id of an entity: PostgreSQL itself finds it, and the sentence still says what to do."""
    go(conn, server, build.write(tmp_path / "a"), "one")
    run(conn, f"CREATE SCHEMA planner; CREATE TABLE planner.tag (name text REFERENCES {REALM}.effect_tag (name))")
    run(conn, f"INSERT INTO planner.tag SELECT name FROM {REALM}.effect_tag")
    before = everything(conn)
    conn.rollback()
    less = copy.deepcopy(build)
    del less.rows["effect_tag"][0]
    with pytest.raises(CheckFailed, match=r"^table planner\.tag, constraint tag_name_fkey: .*ON DELETE SET NULL"):
        go(conn, server, settled(less).write(tmp_path / "b"), "two")
    assert everything(conn) == before


def test_a_table_that_the_publisher_may_not_read_cannot_be_counted(conn, server, tmp_path, build):
    """And does not hinder what is free to go: PostgreSQL itself still guards the rows."""
    go(conn, server, build.write(tmp_path / "a"))
    run(conn, f"CREATE SCHEMA planner; {TO_POWER % ''}")
    save(conn)
    ids = [number for (number,) in rows(conn, f"SELECT id FROM {REALM}.power")]
    run(conn, f"DROP ROLE IF EXISTS publisher; CREATE ROLE publisher; GRANT USAGE ON SCHEMA {REALM}, mids TO publisher")
    run(conn, "GRANT SELECT ON mids.identity TO publisher")
    try:
        with conn, conn.cursor() as cur:
            cur.execute("SET LOCAL ROLE publisher")
            require_unreferenced(cur, REALM, {"power": ids})
            cur.execute("RESET ROLE; GRANT USAGE ON SCHEMA planner TO publisher")
            cur.execute("GRANT SELECT ON planner.saved TO publisher")
            cur.execute("SET LOCAL ROLE publisher")
            with pytest.raises(CheckFailed, match=f"{len(ids) + 1} rows refer to {len(ids)} rows"):
                require_unreferenced(cur, REALM, {"power": ids})
    finally:
        run(conn, "DROP OWNED BY publisher; DROP ROLE publisher")


def documented() -> list[str]:
    """The SQL of the section of the docs, as it stands there."""
    text = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.partition("\n### References from outside\n")[2].partition("\n## ")[0]
    return re.findall(r"```sql\n(.*?)```", section, re.DOTALL)


@both_models
def test_the_way_that_the_docs_recommend_holds_for_good(conn, server, tmp_path, build, less, other_model):
    table, query = documented()
    publish_first(conn, server, build, tmp_path, other_model)
    run(conn, "DROP SCHEMA planner")
    run(conn, table)
    run(conn, f"INSERT INTO planner.saved_power (build_id, power_id) SELECT 1, id FROM {REALM}.power")
    run(conn, "INSERT INTO planner.saved_power (build_id, power_id) SELECT 2, min(power_id) FROM planner.saved_power")
    held = constraints(conn)
    saved = rows(conn, "SELECT * FROM planner.saved_power ORDER BY 1, 2")
    names = {row["display_name"] for row in build.rows["power"]}

    go(conn, server, less.write(tmp_path / "b"))
    assert {row[2] for row in rows(conn, query) if not row[0]} == set(build.keys["power"][:2])
    assert {row[2] for row in rows(conn, query) if row[0]} == set(less.keys["power"])
    go(conn, server, tmp_path / "a")
    assert {row[1] for row in rows(conn, query)} == names

    assert rows(conn, "SELECT * FROM planner.saved_power ORDER BY 1, 2") == saved
    assert constraints(conn) == held
    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        run(conn, "INSERT INTO planner.saved_power (build_id, power_id) VALUES (1, -1)")
