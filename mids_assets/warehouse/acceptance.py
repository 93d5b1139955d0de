"""mids.acceptance: guards that a person let pass, each for one build, rule and observed value.

Does not belong here: what a guard is (`transform.guards`), what follows from it (guarding.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from psycopg2.extensions import connection

from mids_assets.transform.guards import Guarded
from mids_assets.warehouse.register import has_register


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepted what, when and why; `subject` is the guard's table."""

    rule: str
    subject: str
    observed: float
    reason: str
    accepted_by: str
    accepted_at: datetime

    def covers(self, guarded: Guarded) -> bool:
        """Whether it is about this guard with this very value."""
        return (self.rule, self.subject, self.observed) == (guarded.rule, guarded.table, guarded.observed)


def accept(
    conn: connection, realm: str, release_id: int, build: str, guards: Iterable[Guarded], reason: str, who: str
) -> None:
    """Note that a person lets the guards pass for this build. Does not commit."""
    with conn.cursor() as cur:
        for one in guards:
            cur.execute(
                "INSERT INTO mids.acceptance (realm, release_id, build, rule, subject, observed, reason, accepted_by,"
                " accepted_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp())",
                (realm, release_id, build, one.rule, one.table, one.observed, reason, who),
            )


def acceptances(conn: connection, realm: str, release: str, build: str) -> list[Acceptance]:
    """What was accepted for a build, the latest first. Leaves a transaction open."""
    with conn.cursor() as cur:
        if not has_register(cur):
            return []
        cur.execute(
            "SELECT a.rule, a.subject, a.observed, a.reason, a.accepted_by, a.accepted_at FROM mids.acceptance a"
            " JOIN mids.release r ON r.id = a.release_id"
            " WHERE a.realm = %s AND r.release = %s AND a.build = %s ORDER BY a.id DESC",
            (realm, release, build),
        )
        return [Acceptance(*row) for row in cur.fetchall()]
