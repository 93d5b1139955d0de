"""mids.publish: one row a publish, in the order in which readers saw them.

Does not belong here: what a publish changed (release_change.py), how an import fared (import_log.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.extensions import cursor


@dataclass(frozen=True, slots=True)
class Publish:
    """`id`: number of the row. `previous_release_id`: the release that was there before, None for nothing."""

    id: int
    release_id: int
    previous_release_id: int | None


def note(cur: cursor, realm: str, release_id: int, previous_release_id: int | None, build: str, action: str) -> Publish:
    """Enter a publish in its own transaction, as one whose changes are not known."""
    cur.execute(
        "INSERT INTO mids.publish (realm, release_id, previous_release_id, build, action, published_at)"
        " VALUES (%s, %s, %s, %s, %s, clock_timestamp()) RETURNING id",
        (realm, release_id, previous_release_id, build, action),
    )
    (number,) = cur.fetchone() or (0,)
    return Publish(number, release_id, previous_release_id)


def know_changes(cur: cursor, publish: Publish, changes: int, left_out: Sequence[str]) -> None:
    """Note how many rows say what the publish changed, and what was not compared."""
    cur.execute(
        "UPDATE mids.publish SET changes = %s, left_out = %s WHERE id = %s", (changes, list(left_out), publish.id)
    )
