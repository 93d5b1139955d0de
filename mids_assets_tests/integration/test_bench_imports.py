"""The measured imports are imports, and the ORM yardstick writes the rows that they write."""

import json
from contextlib import closing
from itertools import zip_longest

from sqlalchemy import create_engine

from mids_assets.model.tables import TABLES
from mids_assets.warehouse.connection import connect, database_url
from mids_assets.warehouse.stored import quoted
from mids_assets_tests.bench import orm, releases
from mids_assets_tests.bench.watching import watch
from mids_assets_tests.bench.whole_imports import place, run_import
from mids_assets_tests.servers import open_folder

POWERS = 240


def test_an_import_is_measured_and_the_orm_writes_the_same_rows():
    with open_folder() as folder, place(folder / "place") as where:
        source = releases.exporter(POWERS, folder)
        watched, outcome = run_import(where, source)
        assert outcome["realms"]["homecoming"]["tables"]["power"] == POWERS
        assert watched.tree_mib >= watched.process_mib > 50
        assert watched.seconds >= outcome["seconds"] > 0

        steps = json.loads(watch(["-m", "mids_assets_tests.bench.steps"], where.env).stdout)
        assert {"homecoming__i12_records", "homecoming_tables_power", "homecoming_warehouse"} <= steps.keys()
        assert all(seconds >= 0 for seconds in steps.values())

        engine = create_engine(database_url(where.settings).replace("postgresql:", "postgresql+psycopg2:", 1))
        with orm.tables(engine):
            work = orm.load(orm.Inputs(engine, orm.mapped(engine), source / releases.POWERS))
            assert work.records == POWERS
            with closing(connect(where.settings, application_name="test")) as connection:
                for name in ("power", "power_effect"):
                    assert differing(connection, name) == []
        engine.dispose()


def differing(connection, name: str) -> list[tuple]:
    """Columns of which the two schemas hold other values, with the first pair of rows."""
    found = []
    for column in TABLES[name].columns:
        rows = []
        for schema in ("homecoming", orm.SCHEMA):
            power = "" if name == "power" else f"JOIN {schema}.power p ON p.id = t.power_id"
            order = "lower(t.full_name)" if name == "power" else "lower(p.full_name), t.position"
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT t.{quoted(column.name)}::text FROM {schema}.{name} t {power} ORDER BY {order}")
                rows.append(cursor.fetchall())
        if rows[0] != rows[1]:
            found.append((column.name, *next(pair for pair in zip_longest(*rows) if pair[0] != pair[1])))
    return found
