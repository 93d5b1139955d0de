"""What Alembic runs for each of its commands.

Offline: revisions as SQL, for scripts.py. Online: a scratch database that is compared with the model, for
generating.py.
"""

from __future__ import annotations

from alembic import context

from mids_assets.model.operations import SCHEMA
from mids_assets.warehouse.migrations.applying import VERSION_TABLE

if context.is_offline_mode():
    # Without its own BEGIN and COMMIT: whoever runs the SQL decides on the transaction.
    context.configure(
        dialect_name="postgresql",
        dialect_opts={"paramstyle": "named"},
        version_table=VERSION_TABLE,
        version_table_schema=SCHEMA,
    )
    context.run_migrations()
else:
    from mids_assets.warehouse import ddl
    from mids_assets.warehouse.migrations.target import only_ours, target_metadata

    with context.config.attributes["engine"].connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target_metadata(),
            version_table=VERSION_TABLE,
            version_table_schema=SCHEMA,
            include_schemas=True,
            include_name=only_ours,
            process_revision_directives=context.config.attributes["keep_or_drop"],
            template_args={"realm_model": ddl.realm_fingerprint()},
        )
        context.run_migrations()
