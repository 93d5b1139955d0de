"""Schema mids_v1: what readers may know of schema mids."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0003_reader_views"
down_revision = "0002_audit"
realm_model = "816863d2b16cdb57"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
