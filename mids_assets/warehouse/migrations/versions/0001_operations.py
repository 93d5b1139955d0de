"""Schema mids as it was when the history begins; a database of an earlier version is taken over."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001_operations"
down_revision = None
realm_model = "816863d2b16cdb57"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
