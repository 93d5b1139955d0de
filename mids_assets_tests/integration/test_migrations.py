"""Revisions of schema mids on a real server: applied once and whole, refused where they must be, true to the model."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg2.extensions import connection

from mids_assets.errors import DatabaseUnavailable, MidsError, UserError
from mids_assets.model.operations import OPERATIONAL_TABLES, SCHEMA, OperationalTable
from mids_assets.model.table import Column
from mids_assets.settings import Settings
from mids_assets.warehouse import reader_views
from mids_assets.warehouse.backup.manifest import find_backup
from mids_assets.warehouse.backup.place import open_place
from mids_assets.warehouse.backup.restoring import restore
from mids_assets.warehouse.backup.taking import back_up
from mids_assets.warehouse.connection import connect, database_url
from mids_assets.warehouse.migrations import applying, generating, history, target
from mids_assets.warehouse.migrations.applying import upgrade
from mids_assets.warehouse.psql import client_program
from mids_assets.warehouse.publish import preview
from mids_assets.warehouse.schema import made_at
from mids_assets_tests.images import rows_of_realm, shape_of_operations
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import REALM, forget, go, rows
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import environment

FIRST = history.revisions()[0]


@pytest.fixture
def conn(server: Settings) -> Iterator[connection]:
    """Of a database in whatever state a test left it."""
    with closing(connect(server, application_name="test", as_it_is=True)) as found:
        yield found


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The history, in a folder to which a test may add a revision."""
    folder = tmp_path / "versions"
    shutil.copytree(history.VERSIONS, folder)
    monkeypatch.setattr(history, "VERSIONS", folder)
    return folder


def add(versions: Path, name: str, upgrade: str, realm: str = "") -> str:
    before = history.head()
    number = int(before.split("_")[0]) + 1
    made = f"{number:04}_{name}"
    (versions / f"{made}.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = {made!r}\ndown_revision = {before!r}\nrealm_model = ''\n"
        f"def upgrade():\n    {upgrade}\n" + (f"def upgrade_realm(realm):\n    {realm}\n" if realm else "")
    )
    return made


def differences(settings: Settings) -> list:
    with target.comparable_engine(settings).connect() as conn:
        options = {
            "version_table": applying.VERSION_TABLE,
            "version_table_schema": SCHEMA,
            "include_schemas": True,
            "include_name": target.only_ours,
        }
        return compare_metadata(MigrationContext.configure(conn, opts=options), target.target_metadata())


def mids(settings: Settings, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mids_assets.cli", *arguments],
        env=environment(settings, **more),
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )


def test_the_model_is_what_the_revisions_make(empty, server):
    assert upgrade(empty) == history.revisions()
    assert differences(server) == [], 'model/operations.py changed: type make migration MESSAGE="what changed"'
    with empty, empty.cursor() as cur:
        assert reader_views.fits(cur), 'model/reader_views.py changed: type make migration MESSAGE="what changed"'


def test_whoever_connects_brings_an_older_database_up_and_leaves_an_empty_one(empty, server, versions):
    connect(server, application_name="x").close()
    assert rows(empty, "SELECT to_regnamespace('mids')") == [(None,)]
    upgrade(empty)
    added = add(versions, "table", "op.create_table('new', sa.Column('id', sa.BigInteger()), schema='mids')")
    connect(server, application_name="x").close()
    assert applying.revision(empty) == added


def test_where_nothing_is_missing_one_query_tells_and_alembic_stays_out(empty, server):
    upgrade(empty)
    code = (
        "import sys; from mids_assets.settings import Settings; from mids_assets.warehouse.connection import connect;"
        "from mids_assets.warehouse.schema import ensure_operations;"
        "conn = connect(Settings.from_env(), application_name='x'); ensure_operations(conn);"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('alembic', 'sqlalchemy')]"
    )
    subprocess.run([sys.executable, "-c", code], env=environment(server), cwd=PROJECT, check=True)
    with empty, empty.cursor() as cur:
        cur.execute("SET log_min_duration_statement = 0; SET client_min_messages = log")
    empty.notices.clear()
    assert upgrade(empty) == []
    asked = [note for note in empty.notices if "alembic_version" in note or "SELECT" in note]
    assert len(asked) == 1, empty.notices


def test_a_newer_database_is_refused_by_whoever_writes_or_reads(empty, server, tmp_path):
    folder = made_up(1).write(tmp_path / "build")
    go(empty, server, folder)
    with empty, empty.cursor() as cur:
        cur.execute("UPDATE mids.alembic_version SET version_num = '9999_far'")
    before = rows(empty, "SELECT * FROM mids.release")
    with pytest.raises(UserError, match="9999_far"):
        go(empty, server, folder)
    for command in (["db", "upgrade"], ["db", "upgrade", "--sql"], ["status"]):
        done = mids(server, *command)
        assert done.returncode == 2 and done.stdout == "", done
        for word in ("9999_far", history.head(), "make upgrade"):
            assert word in done.stderr
    assert rows(empty, "SELECT * FROM mids.release") == before


def test_a_realm_of_a_newer_model_is_refused_and_left(empty, server, tmp_path):
    """As after a pg_restore of a newer installation's realm into a database of this one."""
    folder = made_up(1).write(tmp_path / "build")
    go(empty, server, folder)
    with empty, empty.cursor() as cur:
        assert made_at(cur, REALM) == history.head()
        cur.execute(f"COMMENT ON SCHEMA {REALM} IS 'Game data; model 0123456789abcdef, revision 9999_far.'")
    for attempt in (lambda: go(empty, server, folder), lambda: preview(empty, REALM, folder)):
        with pytest.raises(UserError, match=f"realm {REALM} is at revision 9999_far"):
            attempt()
    assert rows(empty, f"SELECT count(*) > 0 FROM {REALM}.power") == [(True,)]


def test_a_backup_of_a_newer_version_is_refused_and_an_older_one_is_brought_up(empty, server, tmp_path, versions):
    settings = replace(server, backup_url=str(tmp_path / "backups"))
    place = open_place(settings)
    go(empty, server, made_up(1).write(tmp_path / "build"))
    taken = back_up(settings, REALM, "asked").manifest
    assert taken.revision == history.head() == find_backup(place, REALM, taken.name).revision
    with pytest.raises(UserError, match=f"backup {taken.name} is at revision 9999_far"):
        restore(settings, place, [replace(taken, revision="9999_far")])
    before = rows_of_realm(empty, REALM)
    column = "sa.Column('note', sa.Text(), nullable=False, server_default='none')"
    added = add(versions, "note", f"op.add_column('release', {column}, schema='mids')")
    forget(empty)
    restore(settings, place, [taken])
    assert applying.revision(empty) == added
    assert rows(empty, "SELECT DISTINCT note FROM mids.release") == [("none",)]
    with empty, empty.cursor() as cur:
        cur.execute("ALTER TABLE mids.release DROP note")
    assert rows_of_realm(empty, REALM) == before
    with empty, empty.cursor() as cur:
        cur.execute("ALTER TABLE mids.release ADD note text NOT NULL DEFAULT 'none'")
    restore(settings, place, [taken])
    assert rows(empty, "SELECT DISTINCT note FROM mids.release") == [("none",)]


def test_a_revision_that_fails_leaves_everything_as_it_was(empty, server, versions):
    upgrade(empty)
    before, at = shape_of_operations(empty), history.head()
    add(versions, "good", "op.create_table('kept', sa.Column('id', sa.BigInteger()), schema='mids')")
    broken = add(versions, "broken", "op.execute('SELECT 1 / 0')")
    with pytest.raises(MidsError, match=rf"not be brought to revision {broken}, and is as it was: .*division by zero"):
        upgrade(empty)
    assert shape_of_operations(empty) == before
    assert applying.revision(empty) == at


def test_of_many_that_start_at_once_one_migrates_and_the_others_wait(empty, server, versions):
    upgrade(empty)
    added = add(versions, "table", "op.create_table('new', sa.Column('id', sa.BigInteger()), schema='mids')")

    def work(_: int) -> list[str]:
        with closing(connect(server, application_name="one of many", as_it_is=True)) as own:
            return upgrade(own)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(work, range(4))) == [[], [], [], [added]]


def test_a_lock_that_is_never_free_ends_the_waiting(empty, server, versions):
    upgrade(empty)
    add(versions, "table", "op.add_column('release', sa.Column('note', sa.Text()), schema='mids')")
    with closing(
        connect(replace(server, lock_timeout_seconds=0.2), application_name="impatient", as_it_is=True)
    ) as own:
        with empty, empty.cursor() as cur:
            applying.lock_schema(cur, SCHEMA)
            with pytest.raises(DatabaseUnavailable, match="another process"):
                upgrade(own)
        with empty, empty.cursor() as cur:
            cur.execute("LOCK TABLE mids.release")
            with pytest.raises(DatabaseUnavailable, match="lock was not free in time"):
                upgrade(own)
        assert len(upgrade(own)) == 1


def test_a_user_without_rights_is_told_who_can_do_it(empty, server, versions):
    upgrade(empty)
    with empty, empty.cursor() as cur:
        cur.execute("SELECT 1 FROM pg_roles WHERE rolname = 'guest'")
        if cur.fetchone() is None:
            cur.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    place = database_url(server).split("@")[1]
    guest = Settings(data_dir=server.data_dir, database_url=f"postgresql://guest:guest@{place}")
    with closing(connect(guest, application_name="guest", as_it_is=True)) as conn:
        with pytest.raises(UserError, match="guest may not read schema mids"):
            upgrade(conn)
        with empty, empty.cursor() as cur:
            cur.execute("GRANT USAGE ON SCHEMA mids TO guest; GRANT SELECT ON ALL TABLES IN SCHEMA mids TO guest")
        assert upgrade(conn) == []
        added = add(versions, "table", "op.create_table('new', sa.Column('id', sa.BigInteger()), schema='mids')")
        with pytest.raises(UserError, match=rf"needs revision {added}, .*guest may not change it.*mids db upgrade"):
            upgrade(conn)
    assert upgrade(empty) == [added]


def test_what_is_printed_for_an_administrator_does_the_same(empty, server):
    upgrade(empty)
    wanted = shape_of_operations(empty)
    assert "nothing to do" in mids(server, "db", "upgrade", "--sql").stdout
    forget(empty)
    printed = mids(server, "db", "upgrade", "--sql")
    assert printed.returncode == 0, printed.stderr
    assert rows(empty, "SELECT to_regnamespace('mids')") == [(None,)], "it only prints"
    psql = client_program(server, "psql")
    subprocess.run(
        [psql, "-v", "ON_ERROR_STOP=1", "-q", "-o", "/dev/null", database_url(server)],
        input=printed.stdout,
        text=True,
        check=True,
    )
    assert shape_of_operations(empty) == wanted
    assert upgrade(empty) == []
    done = mids(server, "db", "upgrade")
    assert (done.returncode, done.stdout) == (0, f"the database is at revision {history.head()}\n")


@pytest.mark.parametrize("with_step", [True, False])
def test_a_column_that_was_renamed_takes_its_values_along(empty, server, tmp_path, versions, with_step):
    """The example of docs/upgrading.md: without the step every row would be written again, and counted as changed."""
    folder = made_up(3, share=1.0).write(tmp_path / "build")
    go(empty, server, folder)
    with empty, empty.cursor() as cur:
        cur.execute(f"ALTER TABLE {REALM}.power RENAME display_name TO title")
        cur.execute(f"ALTER VIEW {REALM}_v1.power RENAME display_name TO title")
        cur.execute(f"COMMENT ON SCHEMA {REALM} IS 'Game data; model 0123456789abcdef, revision {history.head()}.'")
    step = "op.alter_column('power', 'title', new_column_name='display_name', schema=realm)"
    added = add(versions, "title", "pass", step if with_step else "")
    before = rows(empty, f"SELECT id, title, created_at, updated_at FROM {REALM}.power ORDER BY id")
    foreseen = preview(empty, REALM, folder)
    result = go(empty, server, folder)
    assert foreseen == result.changed
    after = rows(empty, f"SELECT id, display_name, created_at, updated_at FROM {REALM}.power ORDER BY id")
    assert (after == before) is with_step
    assert (result.changed["power"].total == 0) is with_step
    with empty, empty.cursor() as cur:
        assert made_at(cur, REALM) == added
    assert sum(one.total for one in go(empty, server, folder).changed.values()) == 0


def test_a_revision_is_written_from_what_the_model_has_more(empty, server, versions, monkeypatch):
    assert generating.generate(server, "nothing") is None
    changed = tuple(
        replace(table, columns=(*table.columns, Column("note", "text", "A word, at 100 %.")))
        if table.name == "release"
        else table
        for table in OPERATIONAL_TABLES
    )
    fresh = OperationalTable(
        "fresh", "New.", ("id",), (Column("id", "int8", "Number.", nullable=False),), indexes=(("id",),)
    )
    monkeypatch.setattr(target, "OPERATIONAL_TABLES", (*changed, fresh))
    assert len(differences(server)) > 1
    written = generating.generate(server, "A note on releases!")
    assert written is not None and written.name == f"{len(history.revisions()):04}_a_note_on_releases.py"
    assert upgrade(empty) == [written.stem]
    assert differences(server) == []
    *others, changes = reader_views.READER_VIEWS
    monkeypatch.setattr(reader_views, "READER_VIEWS", (*others, replace(changes, description="Another word.")))
    views = generating.generate(server, "Views")
    assert views is not None and upgrade(empty) == [views.stem]
    with empty, empty.cursor() as cur:
        assert reader_views.fits(cur)
    by_hand = generating.generate(server, "Roles of the whole server and more", empty=True)
    assert by_hand is not None and by_hand.stem.endswith("_roles_of_the_whole_server_a") and upgrade(empty)
    with pytest.raises(UserError, match="MESSAGE"):
        generating.generate(server, "!")
