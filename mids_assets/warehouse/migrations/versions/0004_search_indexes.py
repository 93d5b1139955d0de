"""Indexes of a search over the names and descriptions of entities; they come with the next publish of a realm."""

from __future__ import annotations

revision = "0004_search_indexes"
down_revision = "0003_reader_views"
realm_model = "a528a4ad38a91694"


def upgrade() -> None:
    pass
