"""The extension pg_trgm, by which a search finds misspelt names, and the indexes that need it.

Everything else works without: where a server does not have it, or the database's user may not create it, realms are
made without these indexes, and the next publish adds what is missing once it is there. So backups may be restored on
any server. Does not belong here: the other indexes of a search (ddl.py), searching (api/search.py).
"""

from __future__ import annotations

from psycopg2.extensions import cursor

from mids_assets.model.operations import SCHEMA
from mids_assets.warehouse import ddl
from mids_assets.warehouse.migrations.applying import lock_schema
from mids_assets.warehouse.stored import literal

EXTENSION = "pg_trgm"
CREATION = f"CREATE EXTENSION IF NOT EXISTS {EXTENSION} SCHEMA {ddl.TRIGRAM_SCHEMA}"
"""What an administrator may run; the owner of the database may, too."""
FIND = (
    "SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"
    f" WHERE e.extname = {literal(EXTENSION)} AND has_schema_privilege(n.oid, 'USAGE')"
)
"""As `installed_in`, for whoever has a connection of another kind."""
_REFUSALS = "insufficient_privilege OR undefined_file OR feature_not_supported OR invalid_schema_name"


def index(cur: cursor, realm: str) -> None:
    """Create the extension, as far as it can be had, and the indexes of the realm that are missing for it."""
    schema = installed_in(cur)
    if schema is None:
        # Two programs that create it at once would disturb each other.
        lock_schema(cur, SCHEMA)
        cur.execute(f"DO $$BEGIN {CREATION}; EXCEPTION WHEN {_REFUSALS} THEN NULL; END$$")
        schema = installed_in(cur)
    if schema is None:
        return
    cur.execute("SELECT indexname FROM pg_indexes WHERE schemaname = %s", (realm,))
    there = {name for (name,) in cur.fetchall()}
    for name, statements in ddl.similar_ddl(realm, schema).items():
        if name not in there:
            cur.execute(";\n".join(statements))


def installed_in(cur: cursor) -> str | None:
    """Schema that the extension is in; None where it is not there or the user may not use it."""
    cur.execute(FIND)
    row = cur.fetchone()
    return row[0] if row else None


def is_about_index(line: bytes) -> bool:
    """Whether a line of pg_restore makes or alters one of these indexes."""
    begins = line.startswith((b"CREATE INDEX ", b"ALTER INDEX "))
    return begins and ddl.SIMILAR.encode() in line.partition(b" USING ")[0]
