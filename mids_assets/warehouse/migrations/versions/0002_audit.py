"""Table mids.audit: who did what that may change what readers see."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_audit"
down_revision = "0001_operations"
realm_model = "816863d2b16cdb57"


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row."),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="When."),
        sa.Column(
            "action",
            sa.Text(),
            nullable=False,
            comment="launch, import, fetch, publish, rollback, retry, check, accept, prune, restore: what was asked for; published: what readers see has changed.",
        ),
        sa.Column(
            "who",
            sa.Text(),
            nullable=False,
            comment="Person (user@host, or the name of the login), sensor, schedule or backfill.",
        ),
        sa.Column(
            "origin",
            sa.Text(),
            nullable=False,
            comment="cli, ui, sensor, schedule, backfill or retry; ui_anonymous for a web UI that nobody logged in to: who is then the user that the web server runs as.",
        ),
        sa.Column("realm", sa.Text(), nullable=True, comment="Realm; null where it concerns none, or all."),
        sa.Column("release", sa.Text(), nullable=True, comment="Release id, as far as it is known."),
        sa.Column("run_id", sa.Text(), nullable=True, comment="Dagster run."),
        sa.Column(
            "subject", sa.Text(), nullable=True, comment="Job that was launched, guard, backup or kind of publish."
        ),
        sa.Column("reason", sa.Text(), nullable=True, comment="Why, where a person said so."),
        sa.PrimaryKeyConstraint("id"),
        schema="mids",
        comment="Who did what that may change what readers see: each launch of a run when it is submitted, each acceptance, restore and removal of files, and each publish in its own transaction. Rows are only ever added.",
    )
    op.create_index("audit_realm_at_idx", "audit", ["realm", "at"], unique=False, schema="mids")
