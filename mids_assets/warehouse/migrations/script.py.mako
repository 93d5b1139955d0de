"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
realm_model = ${repr(realm_model)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
