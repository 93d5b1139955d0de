"""What lies about in the data folder: releases that nobody imported yet, files that nobody will finish.

Does not belong here: removing or importing any of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg2.extensions import connection

from mids_assets.health.finding import Finding
from mids_assets.settings import Settings
from mids_assets.transform.landing import entries
from mids_assets.transform.leftovers import leftovers
from mids_assets.warehouse.register import releases

NAMED = 5


def landing(conn: connection, settings: Settings, realm: str) -> Iterator[Finding]:
    """Entries of the landing folder that no known release came from. Leaves no transaction open."""
    folder = settings.landing_dir / realm
    known = {row.source for row in releases(conn, realm)}
    conn.rollback()
    waiting = [entry.name for entry in entries(folder) if str(entry) not in known]
    if waiting:
        named = ", ".join(waiting[:NAMED]) + (" .." if len(waiting) > NAMED else "")
        yield Finding(
            "waiting",
            "warn",
            f"{folder} holds {len(waiting)} entries that no known release came from: {named}.",
            f"Let `make dev` run, or mids import {folder / waiting[0]} --realm {realm}. What was refused, or holds what"
            " is stored already, can be taken away; `mids history` says which.",
        )


def unfinished(settings: Settings) -> Iterator[Finding]:
    """What processes that are gone left unfinished in the store."""
    found = list(leftovers(settings.releases_dir))
    if found:
        yield Finding(
            "waiting",
            "warn",
            f"{len(found)} files or folders were left unfinished, such as {found[0]}.",
            "Nothing: the next import of that release removes them. By hand they can go as well.",
        )
    else:
        yield Finding("waiting", "ok", "Nothing was left unfinished.")
