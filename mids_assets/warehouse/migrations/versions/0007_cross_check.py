"""Tables mids.cross_check and mids.discrepancy, with their views for readers; the tables of the game's own data."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_cross_check"
down_revision = "0006_publishes"
realm_model = "a4500bca408498c0"


def upgrade() -> None:
    op.create_table(
        "cross_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row."),
        sa.Column("realm", sa.Text(), nullable=False, comment="Realm: the schema that the row is about."),
        sa.Column(
            "our_release",
            sa.Text(),
            nullable=False,
            comment="Release of the realm: the head of the hash over the content of its files.",
        ),
        sa.Column("our_version", sa.Text(), nullable=True, comment="Version that it states."),
        sa.Column("our_date", postgresql.TIMESTAMP(timezone=True), nullable=True, comment="Date that it states."),
        sa.Column(
            "their_release", sa.Text(), nullable=False, comment="Release of City of Data that it was compared with."
        ),
        sa.Column("their_version", sa.Text(), nullable=True, comment="Revision that it states."),
        sa.Column("their_date", postgresql.TIMESTAMP(timezone=True), nullable=True, comment="Date that it states."),
        sa.Column(
            "discrepancies",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="How many there are, by suspicion; without those that are apart.",
        ),
        sa.Column("apart", sa.BigInteger(), nullable=False, comment="How many more are not comparable."),
        sa.Column(
            "checked_at",
            postgresql.TIMESTAMP(timezone=True),
            nullable=False,
            comment="When the two were last compared.",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "realm", "our_release", "their_release", name="cross_check_realm_our_release_their_release_key"
        ),
        schema="mids",
        comment="Every pair of releases, one of a realm and one of City of Data, that was compared, with what that came to. A pair that is compared again keeps its row.",
    )
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row."),
        sa.Column("realm", sa.Text(), nullable=False, comment="Realm: the schema that the row is about."),
        sa.Column(
            "entity", sa.Text(), nullable=False, comment="Table that the value is in, such as power or power_effect."
        ),
        sa.Column(
            "key",
            sa.Text(),
            nullable=False,
            comment="Key of the row as the realm spells it: full name, class, uid, table@class.",
        ),
        sa.Column(
            "field",
            sa.Text(),
            nullable=False,
            comment="Column; of effects with the effect, such as effects[Damage(Fire) PvE].scale. Empty for a row as a whole.",
        ),
        sa.Column(
            "ours",
            sa.Text(),
            nullable=True,
            comment="Value of the realm, in the unit of its column; null where only the game has the key.",
        ),
        sa.Column(
            "theirs",
            sa.Text(),
            nullable=True,
            comment="Value of the game, in the same unit; null where only the realm has the key.",
        ),
        sa.Column("ratio", sa.Double(), nullable=True, comment="Theirs divided by ours, where both are numbers."),
        sa.Column(
            "suspicion",
            sa.Text(),
            nullable=False,
            comment="What it looks like, the most suspicious first: factor, swapped, modifier_table, single, shared, member, only_ours, only_theirs, renamed.",
        ),
        sa.Column(
            "cause",
            sa.Text(),
            nullable=False,
            comment="The same for rows that seem to have one cause: one line of the report.",
        ),
        sa.Column(
            "apart",
            sa.Text(),
            nullable=True,
            comment="Why it is not comparable: never_auto_update or redirect; null where it is.",
        ),
        sa.Column(
            "file", sa.Text(), nullable=True, comment="File of the export; null where only the realm has the key."
        ),
        sa.Column(
            "our_release",
            sa.Text(),
            nullable=False,
            comment="Release of the realm: the head of the hash over the content of its files. The last that had it.",
        ),
        sa.Column("our_date", postgresql.TIMESTAMP(timezone=True), nullable=True, comment="Date that it states."),
        sa.Column(
            "their_release", sa.Text(), nullable=False, comment="Release of City of Data that it was compared with."
        ),
        sa.Column("their_date", postgresql.TIMESTAMP(timezone=True), nullable=True, comment="Date that it states."),
        sa.Column(
            "first_seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="When it was first found."
        ),
        sa.Column(
            "first_our_release", sa.Text(), nullable=False, comment="Release of the realm in which it was first found."
        ),
        sa.Column("first_their_release", sa.Text(), nullable=False, comment="Release of City of Data at that time."),
        sa.Column(
            "last_seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="When it was last found."
        ),
        sa.Column(
            "gone_at",
            postgresql.TIMESTAMP(timezone=True),
            nullable=True,
            comment="When it was no longer found; null while it is there.",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("realm", "entity", "key", "field", name="discrepancy_realm_entity_key_field_key"),
        schema="mids",
        comment="Where a value of a realm differs from that of the game itself, as City of Data exports it. What a later comparison no longer finds is gone, and stays.",
    )
    op.create_index(
        "discrepancy_realm_gone_at_suspicion_idx",
        "discrepancy",
        ["realm", "gone_at", "suspicion"],
        unique=False,
        schema="mids",
    )
    op.execute(Path(__file__).with_suffix(".sql").read_text())
