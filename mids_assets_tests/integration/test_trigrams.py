"""The extension pg_trgm: made where it can be had, done without where not, and used wherever somebody put it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from psycopg2.extensions import connection

from mids_assets.health.server import misspelt_search
from mids_assets.model.tables import TABLES
from mids_assets.settings import Settings
from mids_assets.warehouse import ddl, roles, trigrams
from mids_assets.warehouse.backup.place import open_place
from mids_assets.warehouse.backup.restoring import restore
from mids_assets.warehouse.backup.taking import back_up
from mids_assets.warehouse.connection import connect
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import REALM, forget, go, rows

ALL = set(ddl.similar_ddl(REALM, "public"))


@pytest.fixture
def without(empty: connection) -> connection:
    with empty, empty.cursor() as cur:
        cur.execute("DROP EXTENSION IF EXISTS pg_trgm CASCADE; DROP SCHEMA IF EXISTS tools CASCADE")
    return empty


@contextmanager
def not_installed(conn: connection) -> Iterator[None]:
    """As on a server without the contrib package: new connections find no file of any extension."""
    with conn, conn.cursor() as cur:
        cur.execute("ALTER ROLE CURRENT_USER SET extension_control_path = '/nowhere'")
    try:
        yield
    finally:
        with conn, conn.cursor() as cur:
            cur.execute("ALTER ROLE CURRENT_USER RESET extension_control_path")


def indexes(conn: connection, realm: str = REALM) -> set[str]:
    return {
        name
        for (name,) in rows(conn, "SELECT indexname FROM pg_indexes WHERE schemaname = %s", (realm,))
        if name.endswith(ddl.SIMILAR)
    }


def publish(server: Settings, folder) -> dict:
    with closing(connect(server, application_name="test")) as own:
        return go(own, server, folder).changed


def doctor(conn: connection):
    (found,) = misspelt_search(conn)
    conn.rollback()
    return found


def test_every_entity_that_is_searched_has_its_index(without, server, tmp_path):
    publish(server, made_up(1, share=0.3).write(tmp_path / "1"))
    assert indexes(without) == ALL == {f"{table.name}_search_similar" for table in TABLES if table.search}
    assert doctor(without).state == "ok"
    with without, without.cursor() as cur:
        assert roles.foreign_schemas(cur) == [], "the extension is nobody else's"


def test_without_the_extension_all_but_its_indexes_is_there_and_the_next_publish_brings_them(without, server, tmp_path):
    folder = made_up(1, share=0.3).write(tmp_path / "1")
    with not_installed(without):
        publish(server, folder)
        assert indexes(without) == set()
        found = doctor(without)
        assert found.state == "warn" and trigrams.CREATION in str(found.what_to_do)
        publish(server, folder)
    changed = publish(server, folder)
    assert indexes(without) == ALL and not any(one.total for one in changed.values())


def test_a_backup_comes_back_where_the_extension_is_missing_or_elsewhere(without, server, tmp_path):
    place = open_place(server)
    publish(server, made_up(1, share=0.3).write(tmp_path / "1"))
    taken = back_up(server, REALM, "asked").manifest
    filled = rows(without, f"SELECT count(*) FROM {REALM}.power")
    forget(without)
    with without, without.cursor() as cur:
        cur.execute("DROP EXTENSION pg_trgm")
    with not_installed(without):
        restore(server, place, [taken])
        assert indexes(without) == set() and rows(without, f"SELECT count(*) FROM {REALM}.power") == filled
    with without, without.cursor() as cur:
        cur.execute("CREATE SCHEMA tools; CREATE EXTENSION pg_trgm SCHEMA tools")
    restore(server, place, [taken])
    assert indexes(without) == ALL
    assert "tools" in doctor(without).what
    with without, without.cursor() as cur:
        cur.execute("DROP SCHEMA tools CASCADE")
    restore(server, place, [taken])
    assert indexes(without) == ALL and "public" in doctor(without).what


def test_lines_of_a_dump_that_are_about_these_indexes():
    for line in (
        b"CREATE INDEX power_search_similar ON homecoming.power USING gin (lower(display_name) public.gin_trgm_ops);",
        b"ALTER INDEX homecoming.power_search_similar ALTER COLUMN 1 SET STATISTICS 0;",
    ):
        assert trigrams.is_about_index(line)
    assert not trigrams.is_about_index(b"CREATE INDEX power_search_name ON homecoming.power USING btree (x);")
    assert not trigrams.is_about_index(b"COMMENT ON TABLE homecoming.power IS '_search_similar';")
