"""DDL as text: what must stand in it, and that nothing in it depends on the moment."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from mids_assets.model.tables import TABLES
from mids_assets.warehouse import ddl
from mids_assets.warehouse.stored import fit, literal, quote, stored_columns

STATEMENTS = ddl.realm_ddl("homecoming")


def test_every_identifier_is_quoted_since_some_are_words_of_sql():
    create = ddl.table_ddl("homecoming", "attribute_modifier")
    assert '"table" text NOT NULL' in create and '"column" int4 NOT NULL' in create
    assert 'PRIMARY KEY ("table", "level", "column")' in create
    names = {column.name for table in TABLES for column in stored_columns(table.name)} | {t.name for t in TABLES}
    bare = re.compile(r"(?<![\w\"])(" + "|".join(map(re.escape, sorted(names))) + r")(?![\w\"])")
    for statement in [*ddl.tables_ddl("r"), *ddl.constraints_ddl("r"), *ddl.views_ddl("r")]:
        without = re.sub(r'"[^"]*"', "", statement)
        assert not [word for word in bare.findall(without) if word not in {"name", "position", "count", "type", "text"}]


def test_entities_have_id_bookkeeping_and_a_unique_natural_key_whatever_its_case():
    create = ddl.table_ddl("homecoming", "enhancement")
    for line in (
        *('"id" int8 NOT NULL', '"created_at" timestamptz DEFAULT now() NOT NULL', '"release_id" int8 NOT NULL'),
        *('"source_position" int8 NOT NULL', '"row_hash" int8', '"children_hash" int8', 'PRIMARY KEY ("id")'),
    ):
        assert line in create
    assert (
        'CREATE UNIQUE INDEX "enhancement_natural_key" ON "homecoming"."enhancement" (lower("uid"), "occurrence")'
        in STATEMENTS
    )
    assert '"id"' not in ddl.table_ddl("homecoming", "set_type")
    assert '"row_hash"' not in ddl.table_ddl("homecoming", "power_effect")


def test_a_foreign_key_for_each_reference_all_deferrable():
    keys = [statement for statement in STATEMENTS if "FOREIGN KEY" in statement]
    assert len(keys) == sum(len(table.references) for table in TABLES)
    # None to mids.release: making or dropping it would lock that table for all realms.
    assert not any('"mids"' in statement for statement in keys)
    assert all(statement.endswith("DEFERRABLE INITIALLY IMMEDIATE") for statement in keys)
    composite = (
        'FOREIGN KEY ("power_id", "effect_position") REFERENCES "homecoming"."power_effect" ("power_id", "position")'
    )
    assert sum(composite in statement for statement in keys) == 1
    unique = [statement for statement in STATEMENTS if " UNIQUE (" in statement]
    assert unique and all(statement.endswith("DEFERRABLE") for statement in unique)


def test_every_table_view_and_column_has_a_comment_with_its_unit():
    comments = {match[1] for s in STATEMENTS if (match := re.match(r"COMMENT ON \w+ (\S+) IS '.+'", s, re.DOTALL))}
    for table in TABLES:
        for schema in ("homecoming", "homecoming_v1"):
            assert f'"{schema}"."{table.name}"' in comments
        for column in stored_columns(table.name):
            assert f'"homecoming"."{table.name}"."{column.name}"' in comments
    assert any('"power"."range"' in s and "Unit: feet." in s for s in STATEMENTS)


def test_views_hide_what_only_the_publish_reads():
    for table in TABLES:
        view = ddl.view_ddl("homecoming", table.name, ddl.view_columns(table.name))
        assert "_hash" not in view
    assert '"source_position"' in "".join(ddl.views_ddl("homecoming"))


def test_the_fingerprint_is_the_same_in_every_process():
    code = "from mids_assets.warehouse import ddl; print(ddl.realm_fingerprint())"
    found = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        found.add(done.stdout.strip())
    assert found == {ddl.realm_fingerprint()}


def test_names_longer_than_postgresql_keeps_stay_apart():
    long = "power_effect_condition_" * 4
    assert len(fit(long + "a").encode()) <= 63 and fit(long + "a") != fit(long + "b")
    assert fit("short") == "short"
    made = [s for s in STATEMENTS if not s.startswith("ALTER INDEX")]
    names = [match[1] for s in made if (match := re.search(r'(?:INDEX|CONSTRAINT) "([^"]+)"', s))]
    names += ddl.similar_ddl("homecoming", "public")
    assert all(len(name.encode()) <= 63 for name in names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("text", "wanted"), [("it's", "'it''s'"), ("back\\slash", "'back\\slash'")])
def test_literals_and_identifiers_cannot_be_left(text, wanted):
    assert literal(text) == wanted
    assert quote('a"b') == '"a""b"'
