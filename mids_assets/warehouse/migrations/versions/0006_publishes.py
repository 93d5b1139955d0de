"""Table mids.publish, filled from the import log, and the publish that each change belongs to."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_publishes"
down_revision = "0005_audit_of_the_read_api"
realm_model = "a528a4ad38a91694"


def upgrade() -> None:
    op.create_table(
        "publish",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row."),
        sa.Column("realm", sa.Text(), nullable=False, comment="Realm: the schema that the row is about."),
        sa.Column("release_id", sa.BigInteger(), nullable=False, comment="Release that was published."),
        sa.Column(
            "previous_release_id",
            sa.BigInteger(),
            nullable=True,
            comment="Release that it replaced, which a rebuild is itself; null for the first.",
        ),
        sa.Column("build", sa.Text(), nullable=True, comment="Build that was published."),
        sa.Column("action", sa.Text(), nullable=False, comment="first, update, rebuild or rollback."),
        sa.Column("published_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="When."),
        sa.Column(
            "changes",
            sa.BigInteger(),
            nullable=True,
            comment="Rows of mids.release_change that say what it changed; null where that is not known, since nothing was there before, or the build before was not stored any more.",
        ),
        sa.Column(
            "left_out",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="Tables, and columns as table.column, that one of the two sources does not have.",
        ),
        sa.ForeignKeyConstraint(["release_id"], ["mids.release.id"], name="publish_release_id_fkey"),
        sa.PrimaryKeyConstraint("id"),
        schema="mids",
        comment="Every publish, in the order of its id: what readers saw one after the other. What the publishes between two releases changed, taken together, is what differs between these.",
    )
    op.create_index("publish_realm_release_id_idx", "publish", ["realm", "release_id"], unique=False, schema="mids")
    op.add_column(
        "release_change",
        sa.Column(
            "publish_id",
            sa.BigInteger(),
            nullable=True,
            comment="Publish that changed it; null for one before publishes were numbered.",
        ),
        schema="mids",
    )
    op.create_index("release_change_publish_id_idx", "release_change", ["publish_id"], unique=False, schema="mids")
    op.create_foreign_key(
        "release_change_publish_id_fkey",
        "release_change",
        "publish",
        ["publish_id"],
        ["id"],
        source_schema="mids",
        referent_schema="mids",
    )
    op.execute(Path(__file__).with_suffix(".sql").read_text())
