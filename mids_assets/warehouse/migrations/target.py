"""Schema `mids` as the model declares it, in SQLAlchemy's words, for Alembic to compare a database with.

Does not belong here: the declaration itself (model/operations.py), a realm's tables (ddl.py).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

from mids_assets.model.operations import OPERATIONAL_TABLES, SCHEMA, OperationalTable
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import engine_url
from mids_assets.warehouse.stored import fit

_TYPES: dict[str, Any] = {
    "text": sa.Text(),
    "int4": sa.Integer(),
    "int8": sa.BigInteger(),
    "float8": sa.Double(),
    "bool": sa.Boolean(),
    "jsonb": JSONB(),
    "text[]": ARRAY(sa.Text()),
    "timestamptz": TIMESTAMP(timezone=True),
}


def target_metadata() -> sa.MetaData:
    """All tables of `mids` that the model declares."""
    metadata = sa.MetaData(schema=SCHEMA)
    for table in OPERATIONAL_TABLES:
        _table(metadata, table)
    return metadata


def comparable_engine(settings: Settings) -> sa.Engine:
    """An engine for comparisons. Where the user is called as the schema, what is in it would count as nameless."""
    return sa.create_engine(
        engine_url(settings), poolclass=sa.NullPool, connect_args={"options": "-c search_path=public"}
    )


def only_ours(name: str | None, kind: str, _: Any) -> bool:
    """For `include_name`: of all schemas only `mids` is compared."""
    return kind != "schema" or name == SCHEMA


def _table(metadata: sa.MetaData, table: OperationalTable) -> None:
    parts: list[Any] = [
        sa.Column(
            column.name,
            _TYPES[column.type],
            *([sa.Identity()] if table.key == ("id",) == (column.name,) else []),
            primary_key=column.name in table.key,
            nullable=column.nullable and column.name not in table.key,
            comment=column.description,
        )
        for column in table.columns
    ]
    # The names that PostgreSQL gives where a statement gives none.
    parts += [sa.UniqueConstraint(*columns, name=_named(table, *columns, "key")) for columns in table.unique]
    parts += [
        sa.ForeignKeyConstraint([column], [f"{SCHEMA}.{target}.id"], name=_named(table, column, "fkey"))
        for column, target in table.references
    ]
    parts += [sa.Index(_named(table, *columns, "idx"), *columns) for columns in table.indexes]
    sa.Table(table.name, metadata, *parts, comment=table.description)


def _named(table: OperationalTable, *parts: str) -> str:
    return fit("_".join((table.name, *parts)))
