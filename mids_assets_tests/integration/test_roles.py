"""Owner, loader and reader: what each may do and what it is refused, table by table as the catalogue has them.

On a server that is not ours, whose administrator is no superuser (as those of hosted servers), and on the embedded one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import psycopg2.errors
import pytest
from psycopg2.extensions import connection

from mids_assets.commands.roles import applied, script
from mids_assets.errors import RealmBusy, UserError
from mids_assets.health.server import database_roles
from mids_assets.model.reader_views import READER_SCHEMA, READER_VIEWS
from mids_assets.model.tables import TABLES
from mids_assets.settings import Settings
from mids_assets.storage import MidsPostgresStorage
from mids_assets.warehouse import ddl, roles
from mids_assets.warehouse.backup.place import open_place
from mids_assets.warehouse.backup.restoring import is_grant_to, restore
from mids_assets.warehouse.backup.taking import back_up
from mids_assets.warehouse.connection import connect, dagster_database_url, database_url, realm_lock, url_with_database
from mids_assets.warehouse.discrepancies import note_discrepancies
from mids_assets.warehouse.schema import ensure_operations
from mids_assets_tests.differing import OURS, THEIRS, frame, one
from mids_assets_tests.external import PROGRAMS, external_server
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import REALM, contents, expected, forget, go, rows
from mids_assets_tests.servers import give_up, open_folder, temporary_settings

PASSWORD = "of-a-login"
READS = {"SELECT"}
LOADS = {"SELECT", "INSERT", "UPDATE", "DELETE"}
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


@dataclass(frozen=True)
class Warehouse:
    """`administrator`: settings of whoever owns the database. `superuser`: URL of the server's superuser."""

    administrator: Settings
    superuser: str
    groups: roles.Groups

    def login(self, name: str, group: str | None) -> Settings:
        """Settings of a login that is in one of the groups."""
        with closing(psycopg2.connect(self.superuser)) as conn, conn, conn.cursor() as cur:
            cur.execute(f"DROP ROLE IF EXISTS {name}")
            cur.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
            if group:
                cur.execute(f'GRANT "{group}" TO {name}')
        parts = urlsplit(database_url(self.administrator))
        netloc = f"{name}:{PASSWORD}@{parts.hostname}:{parts.port}"
        return replace(self.administrator, database_url=urlunsplit(parts._replace(netloc=netloc)))


@pytest.fixture(scope="module", params=["external", "embedded"])
def warehouse(request) -> Iterator[Warehouse]:
    if request.param == "embedded":
        with temporary_settings() as settings:
            yield Warehouse(settings, database_url(settings), roles.groups("mids"))
        return
    if not PROGRAMS:
        give_up("no PostgreSQL of the system")
    with open_folder() as folder, external_server(folder) as server:
        with closing(psycopg2.connect(server.url())) as conn:
            conn.autocommit = True
            with conn.cursor() as cur:
                cur.execute(f"CREATE ROLE admin LOGIN CREATEROLE CREATEDB PASSWORD '{PASSWORD}'")
                cur.execute('CREATE DATABASE "game data" OWNER admin')
        url = server.url("game%20data", "admin", PASSWORD)
        settings = Settings(data_dir=folder / "data", database_url=url)
        superuser = url_with_database(server.url(), "game data")
        yield Warehouse(settings, superuser, roles.groups("game data"))


@pytest.fixture(scope="module")
def filled(warehouse: Warehouse, tmp_path_factory) -> Warehouse:
    """With a realm that is published, Dagster's tables and the roles."""
    settings = warehouse.administrator
    with closing(connect(settings, application_name="test")) as conn:
        go(conn, settings, made_up(1, share=0.8).write(tmp_path_factory.mktemp("builds") / "1"))
    MidsPostgresStorage(dagster_database_url(settings))
    applied(settings)
    return warehouse


def opened(settings: Settings) -> connection:
    return connect(settings, application_name="a login", attempts=1, as_it_is=True)


def rights(settings: Settings) -> dict[str, set[str]]:
    """What the login may do with each table and view of the database, as PostgreSQL itself judges it."""
    with closing(opened(settings)) as conn:
        found = rows(
            conn,
            "SELECT nspname, relname, array(SELECT r FROM unnest(%s) r WHERE has_schema_privilege(n.oid, 'USAGE')"
            " AND (has_table_privilege(c.oid, r) OR CASE WHEN r IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')"
            " THEN has_any_column_privilege(c.oid, r) END)) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND relkind IN ('r', 'v', 'm', 'p', 'f')",
            (list(RIGHTS),),
        )
    return {f"{schema}.{name}": set(may) for schema, name, may in found}


def refused(settings: Settings, *statements: str) -> None:
    for statement in statements:
        with closing(opened(settings)) as conn, conn.cursor() as cur:
            try:
                cur.execute(statement)
            except psycopg2.errors.InsufficientPrivilege:
                continue
        pytest.fail(f"it may: {statement}")


def reads_the_realm_and_nothing_else(warehouse: Warehouse, realm: str = REALM) -> None:
    reader = warehouse.login("planner", warehouse.groups.reader)
    found = rights(reader)
    there = {name: may for name, may in found.items() if name.split(".")[0] in (realm, ddl.view_schema(realm))}
    assert len(there) == 2 * len(TABLES) and set(map(frozenset, there.values())) == {frozenset(READS)}
    others = {name: may for name, may in found.items() if may and name.split(".")[0].removesuffix("_v1") not in REALMS}
    shown = {f"{READER_SCHEMA}.{view.name}": READS for view in READER_VIEWS}
    assert others == shown, "it may read or write what is no realm's"
    with closing(opened(reader)) as conn:
        for table in TABLES:
            for schema in (realm, ddl.view_schema(realm)):
                rows(conn, f'SELECT * FROM {schema}."{table.name}" LIMIT 1')
        assert rows(conn, "SELECT state FROM mids_v1.release WHERE realm = %s", (realm,))
        rows(conn, "SELECT * FROM mids_v1.release_change LIMIT 1")
        assert rows(
            conn, f"SELECT count(*) FROM {realm}_v1.power WHERE 'x' OPERATOR(public.%%) lower(display_name)", ()
        )


REALMS = (REALM, "rebirth")


def test_the_reader_reads_the_realm_and_nothing_else(filled):
    reads_the_realm_and_nothing_else(filled)
    reader = filled.login("planner", filled.groups.reader)
    refused(
        reader,
        "SELECT * FROM mids.release",
        "SELECT * FROM mids.audit",
        "DELETE FROM mids_v1.release",
        "DELETE FROM mids_v1.release_change",
        f"UPDATE {REALM}.power SET display_name = ''",
        f"DELETE FROM {REALM}_v1.power",
        f"INSERT INTO {REALM}.origin SELECT * FROM {REALM}.origin",
        f"TRUNCATE {REALM}.power",
        f"DROP VIEW {REALM}_v1.power",
        "CREATE TEMP TABLE mine (id int)",
        "CREATE TABLE public.mine (id int)",
        f"CREATE TABLE {REALM}.mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        f'SET ROLE "{filled.groups.loader}"',
    )
    dagster = url_with_database(str(reader.database_url), "dagster")
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        psycopg2.connect(dagster)


def test_who_is_in_no_group_may_not_even_connect(filled):
    stranger = filled.login("stranger", None)
    with pytest.raises(UserError, match="permission denied for database"):
        opened(stranger)


def test_the_loader_changes_rows_and_no_table_and_only_adds_to_the_audit(filled):
    loader = filled.login("importer", filled.groups.loader)
    found = rights(loader)
    views = {name for name in found if name.split(".")[0].endswith("_v1")}
    special = {"mids.audit": {"SELECT", "INSERT"}, "mids.alembic_version": READS}
    assert {name: may for name, may in found.items() if name in special} == special
    assert all(found[name] == READS for name in views)
    assert all(may == LOADS for name, may in found.items() if name not in views | special.keys())
    refused(
        loader,
        "UPDATE mids.audit SET who = 'somebody else'",
        "DELETE FROM mids.audit",
        "TRUNCATE mids.audit",
        "UPDATE mids.alembic_version SET version_num = '9999'",
        f"ALTER TABLE {REALM}.power ADD mine int",
        f"DROP TABLE {REALM}.power",
        f"TRUNCATE {REALM}.power",
        f"CREATE TABLE {REALM}.mine (id int)",
        "CREATE TABLE mids.mine (id int)",
        "CREATE SCHEMA mine",
        "DROP TABLE mids.audit",
    )


def test_the_loader_publishes_also_into_an_empty_realm_and_uses_dagsters_storage(filled, tmp_path):
    applied(replace(filled.administrator, realms=REALMS))
    loader = filled.login("importer", filled.groups.loader)
    with closing(opened(loader)) as conn:
        go(conn, loader, (second := made_up(2, share=0.8)).write(tmp_path / "2"))
        assert contents(conn) == expected(conn, second)
        go(conn, loader, (first := made_up(3, share=0.8)).write(tmp_path / "3"), realm="rebirth")
        assert contents(conn, "rebirth") == expected(conn, first)
        for _ in range(2):
            assert note_discrepancies(conn, REALM, frame(one()), OURS, THEIRS).now.total == 1
    reads_the_realm_and_nothing_else(filled, "rebirth")
    assert MidsPostgresStorage(dagster_database_url(loader)).run_storage.get_runs_count() == 0


def test_a_changed_model_is_published_by_an_owner_and_refused_to_the_loader(filled, tmp_path, monkeypatch):
    build = made_up(4, share=0.8)
    folder = build.write(tmp_path / "4")
    monkeypatch.setattr(ddl, "realm_fingerprint", lambda: "f" * 16)
    loader = filled.login("importer", filled.groups.loader)
    told = pytest.raises(UserError, match=f"publish once as a member of {filled.groups.owner}")
    with closing(opened(loader)) as conn, told:
        go(conn, loader, folder)
    # Another person than the one who made the tables.
    owner = filled.login("another_owner", filled.groups.owner)
    with closing(opened(owner)) as conn:
        with conn, conn.cursor() as cur:
            cur.execute(f"DROP VIEW {REALM}_v1.power; ALTER TABLE {REALM}.power DROP COLUMN display_name CASCADE")
            cur.execute(f"DROP VIEW {REALM}_v1.origin; DROP TABLE {REALM}.origin")
        go(conn, owner, folder)
        assert contents(conn) == expected(conn, build)
    reads_the_realm_and_nothing_else(filled)
    test_the_loader_changes_rows_and_no_table_and_only_adds_to_the_audit(filled)


def test_a_restore_makes_the_rights_anew_also_where_the_groups_have_other_names(filled, tmp_path):
    settings = replace(filled.administrator, backup_url=str(tmp_path / "backups"))
    with closing(psycopg2.connect(filled.superuser)) as conn, conn, conn.cursor() as cur:
        cur.execute("DROP ROLE IF EXISTS outsider; CREATE ROLE outsider")
        cur.execute(f"GRANT USAGE ON SCHEMA {REALM} TO outsider; GRANT SELECT ON {REALM}.power TO outsider")
    place = open_place(settings)
    taken = back_up(settings, REALM, "asked").manifest
    assert taken.roles == ("outsider",) and taken.groups == filled.groups.names
    restore(settings, place, [taken])
    reads_the_realm_and_nothing_else(filled)
    with closing(psycopg2.connect(filled.superuser)) as conn:
        assert rows(conn, f"SELECT has_table_privilege('outsider', '{REALM}.power', 'SELECT')") == [(True,)]
        forget(conn)
        with conn, conn.cursor() as cur:
            cur.execute("DROP OWNED BY outsider; DROP ROLE outsider")
    if taken.server_major < 18:
        # On a new server nobody knows the groups of this one; its own are made by the restore.
        with temporary_settings() as other:
            theirs = replace(other, backup_url=settings.backup_url)
            restore(theirs, place, [taken], grants=False)
            reads_the_realm_and_nothing_else(Warehouse(theirs, database_url(theirs), roles.groups("mids")))
    restore(settings, place, [taken], grants=False)
    reads_the_realm_and_nothing_else(filled)


def test_who_holds_a_realm_is_told_to_another_user_as_far_as_he_may_know(filled):
    holder = filled.login("importer", filled.groups.loader)
    other = filled.login("second_importer", filled.groups.loader)
    with closing(opened(holder)) as first, closing(opened(other)) as second, realm_lock(first, REALM):
        told = pytest.raises(RealmBusy, match=r"a session of another database user \(PostgreSQL process \d+\)")
        with told, realm_lock(second, REALM):
            pass


def test_the_printed_script_does_the_same_and_may_be_run_twice(filled):
    told = script(filled.administrator)
    assert PASSWORD not in told
    statements = [line for line in told.splitlines() if not line.startswith(("--", "\\", "BEGIN", "COMMIT"))]
    here = statements[: next(i for i, line in enumerate(statements) if "dagster" in line)]
    for _ in range(2):
        with closing(psycopg2.connect(filled.superuser)) as conn, conn, conn.cursor() as cur:
            cur.execute("\n".join(here))
    reads_the_realm_and_nothing_else(filled)


def test_the_doctor_tells_of_what_is_open_to_everybody(filled):
    filled.login("planner", filled.groups.reader)
    with closing(opened(filled.administrator)) as conn:
        (found,) = database_roles(conn)
        assert found.state == "ok" and "logins" in found.what
        conn.rollback()
        database = conn.info.dbname
        with closing(psycopg2.connect(filled.superuser)) as own, own, own.cursor() as cur:
            cur.execute(f'GRANT TEMPORARY ON DATABASE "{database}" TO PUBLIC')
        (found,) = database_roles(conn)
        assert found.state == "warn" and "planner" in found.what and "make temporary tables in it" in found.what
        conn.rollback()
    assert found.what_to_do == "mids db roles --apply"
    applied(filled.administrator)
    with closing(opened(filled.administrator)) as conn:
        (found,) = database_roles(conn)
    assert found.state == "ok"


@pytest.mark.skipif(not PROGRAMS, reason="no PostgreSQL of the system (apt-get install postgresql)")
def test_who_may_make_no_roles_imports_as_before_and_is_told(tmp_path):
    with open_folder() as folder, external_server(folder) as server:
        with closing(psycopg2.connect(server.url())) as conn:
            conn.autocommit = True
            with conn.cursor() as cur:
                cur.execute(f"CREATE ROLE plain LOGIN PASSWORD '{PASSWORD}'")
                cur.execute("CREATE DATABASE warehouse OWNER plain")
        settings = Settings(data_dir=folder / "data", database_url=server.url("warehouse", "plain", PASSWORD))
        with closing(opened(settings)) as conn:
            go(conn, settings, made_up(1).write(tmp_path / "1"))
            (found,) = database_roles(conn)
            conn.rollback()
            assert found.state == "warn" and "it may not create roles" in found.what
            with pytest.raises(UserError, match="have an administrator run what `mids db roles` prints"):
                applied(settings)
            # The administrator runs it, and who imported goes on as an owner.
            here = [line for line in script(settings).split("\\connect")[0].splitlines() if not line.startswith("--")]
            with closing(psycopg2.connect(server.url("warehouse"))) as own, own.cursor() as cur:
                cur.execute("\n".join(here))
                own.commit()
            (found,) = database_roles(conn)
            conn.rollback()
            assert found.state == "ok"
            ensure_operations(conn)
            go(conn, settings, (build := made_up(2)).write(tmp_path / "2"))
            assert contents(conn) == expected(conn, build)
        reads_the_realm_and_nothing_else(
            Warehouse(settings, server.url("warehouse"), roles.groups("warehouse")),
        )


@pytest.mark.skipif(not PROGRAMS, reason="no PostgreSQL of the system (apt-get install postgresql)")
def test_a_database_of_others_stays_open_and_a_login_is_no_group(tmp_path):
    with open_folder() as folder, external_server(folder) as server:
        settings = Settings(data_dir=folder / "data", database_url=server.url())
        with closing(opened(settings)) as conn:
            with conn, conn.cursor() as cur:
                cur.execute("CREATE SCHEMA shop; CREATE TABLE shop.orders (id int)")
            ensure_operations(conn)
            (sentence, left) = applied(settings)
            assert "postgres_reader" in sentence and "shop" in left
            assert rows(conn, "SELECT has_database_privilege('public', 'postgres', 'TEMP')") == [(True,)]
            with conn, conn.cursor() as cur:
                cur.execute("ALTER ROLE postgres_reader LOGIN")
            with pytest.raises(UserError, match="postgres_reader can log in, so it is a user and no group"):
                applied(settings)
            with conn, conn.cursor() as cur:
                assert roles.settle(cur) is False


def test_lines_of_a_dump_that_concern_a_group():
    groups = ("mids_reader", "game data_reader")
    assert is_grant_to(b"GRANT SELECT ON TABLE homecoming.power TO mids_reader;\n", groups)
    assert is_grant_to(b'REVOKE ALL ON TABLE homecoming.power FROM "game data_reader";\n', groups)
    assert not is_grant_to(b"GRANT SELECT ON TABLE homecoming.power TO other_mids_reader;\n", groups)
    assert not is_grant_to(b"COMMENT ON TABLE homecoming.power IS 'TO mids_reader';\n", groups)


def test_two_databases_on_one_server_have_groups_of_their_own(tmp_path: Path):
    assert roles.groups("mids") != roles.groups("other")
    long = roles.groups("x" * 63)
    assert len(set(long.names)) == 3 and all(len(name.encode()) <= 63 for name in long.names)
