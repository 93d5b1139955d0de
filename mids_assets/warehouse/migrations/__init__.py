"""The history of schema `mids` and of what concerns the whole server (roles), as Alembic revisions in `versions/`.

A realm's tables are derived data and altered by the publish that fills them (warehouse/schema.py); a revision only
tells which realm model belonged to it, and carries a step for realms where rows must be taken along.
docs/upgrading.md says how a revision is written.
"""
