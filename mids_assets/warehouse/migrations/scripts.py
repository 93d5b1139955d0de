"""What revisions come to in SQL. They are only ever read as SQL: what an administrator is shown is what is run.

Does not belong here: running it (applying.py), writing a revision (generating.py).
"""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from mids_assets.model.operations import SCHEMA
from mids_assets.warehouse.migrations import history
from mids_assets.warehouse.stored import quote

_ONE_AT_A_TIME = threading.Lock()
"""`alembic.op`, which revisions speak to, is one for the whole process."""


def config(**more: Any) -> Config:
    """Alembic's settings: no file, only where the revisions are."""
    found = Config(**more)
    found.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    found.set_main_option("version_locations", str(history.VERSIONS).replace("%", "%%"))
    found.set_main_option("path_separator", "newline")
    found.set_main_option("file_template", "%%(rev)s")
    return found


def upgrade_sql(at: str | None) -> str:
    """Statements that bring schema `mids` from revision `at` (None: before the first) to the newest.

    They are to be run in one transaction, and hold neither BEGIN nor COMMIT.
    """
    found = io.StringIO()
    if at is None:
        # Alembic notes revisions in a table of the schema, before the first revision can make the schema.
        found.write(f"CREATE SCHEMA IF NOT EXISTS {quote(SCHEMA)};\n\n")
    with _ONE_AT_A_TIME:
        command.upgrade(config(output_buffer=found), f"{at or 'base'}:head", sql=True)
    return found.getvalue()


def realm_sql(realm: str, at: str | None) -> str:
    """Statements that prepare a realm made at revision `at` for the model of today; mostly none."""
    found = io.StringIO()
    with _ONE_AT_A_TIME:
        directory = ScriptDirectory.from_config(config())
        context = MigrationContext.configure(
            dialect_name="postgresql",
            dialect_opts={"paramstyle": "named"},
            opts={"as_sql": True, "output_buffer": found},
        )
        with Operations.context(context):
            for revision in history.missing(at):
                step = getattr(directory.get_revision(revision).module, "upgrade_realm", None)
                if step is not None:
                    step(realm)
    return found.getvalue()


def realm_model(revision: str) -> str:
    """Fingerprint of the realm model that belonged to `revision`."""
    return ScriptDirectory.from_config(config()).get_revision(revision).module.realm_model
