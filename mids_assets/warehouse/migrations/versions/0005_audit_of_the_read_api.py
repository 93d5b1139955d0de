"""mids.audit names launches of the read API: words of a comment alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_audit_of_the_read_api"
down_revision = "0004_search_indexes"
realm_model = "a528a4ad38a91694"


def upgrade() -> None:
    op.alter_column(
        "audit",
        "origin",
        existing_type=sa.TEXT(),
        comment="cli, ui, api (the read API, for an operator), sensor, schedule, backfill or retry; ui_anonymous for a web UI that nobody logged in to: who is then the user that the web server runs as.",
        existing_comment="cli, ui, sensor, schedule, backfill or retry; ui_anonymous for a web UI that nobody logged in to: who is then the user that the web server runs as.",
        existing_nullable=False,
        schema="mids",
    )
