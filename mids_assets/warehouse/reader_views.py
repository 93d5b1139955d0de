"""Statements that make schema `mids_v1` as the model has it, and whether a database has it so.

A revision holds what they came to when it was written (migrations/); which model it was stands in the comment of the
schema as a fingerprint. Does not belong here: which columns are shown (model/reader_views.py), rights (roles.py), the
views of a realm (ddl.py).
"""

from __future__ import annotations

from hashlib import sha256

from psycopg2.extensions import cursor

from mids_assets.model.operations import RELEASE, SCHEMA
from mids_assets.model.reader_views import PUBLISH, READER_SCHEMA, READER_VIEWS, SCHEMA_COMMENT, ReaderView
from mids_assets.warehouse.stored import literal, quote

_COMPUTED = {PUBLISH.name: "CAST(extract(epoch FROM published_at) * 1000000 AS int8)"}
_PUBLISHED = "published_at IS NOT NULL"


def statements() -> list[str]:
    """All of the schema; each may be repeated."""
    views = [statement for view in READER_VIEWS for statement in (_view(view), *_comments(view))]
    return [f"CREATE SCHEMA IF NOT EXISTS {quote(READER_SCHEMA)}", *views, _comment_on_schema(views)]


def fits(cur: cursor) -> bool:
    """Whether the database has the schema as `statements` make it."""
    cur.execute("SELECT obj_description(to_regnamespace(%s), 'pg_namespace')", (quote(READER_SCHEMA),))
    (comment,) = cur.fetchone() or (None,)
    return bool(comment) and statements()[-1].endswith(literal(comment))


def _view(view: ReaderView) -> str:
    columns = [*map(quote, view.shown), *(f"{_COMPUTED[one.name]} AS {quote(one.name)}" for one in view.computed)]
    relation = f"{quote(SCHEMA)}.{quote(view.name)}"
    shown = ",\n    ".join(columns)
    return (
        f"CREATE OR REPLACE VIEW {quote(READER_SCHEMA)}.{quote(view.name)} AS SELECT\n    {shown}\n"
        f"FROM {relation}{_which(view)}"
    )


def _which(view: ReaderView) -> str:
    """The condition that leaves out releases that were never published; none where the table has no others."""
    if view.table is RELEASE:
        return f" WHERE {_PUBLISHED}"
    if "release_id" not in view.shown:
        return ""
    releases = f"{quote(SCHEMA)}.{quote(RELEASE.name)}"
    return f" WHERE release_id IN (SELECT id FROM {releases} WHERE {_PUBLISHED})"


def _comments(view: ReaderView) -> list[str]:
    relation = f"{quote(READER_SCHEMA)}.{quote(view.name)}"
    columns = [
        f"COMMENT ON COLUMN {relation}.{quote(column.name)} IS {literal(column.description)}" for column in view.columns
    ]
    return [f"COMMENT ON VIEW {relation} IS {literal(view.description)}", *columns]


def _comment_on_schema(views: list[str]) -> str:
    model = sha256("\n".join(views).encode()).hexdigest()[:16]
    return f"COMMENT ON SCHEMA {quote(READER_SCHEMA)} IS {literal(f'{SCHEMA_COMMENT} Model {model}.')}"
