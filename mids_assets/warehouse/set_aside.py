"""How many records of a release are in quarantine, beside how many its source has.

Does not belong here: the entries (quarantine.py), when it is too many (`transform.set_aside`).
"""

from __future__ import annotations

from psycopg2.extensions import connection

from mids_assets.transform.set_aside import RULE, SetAside
from mids_assets.warehouse.register import ReleaseRow


def set_aside(conn: connection, row: ReleaseRow) -> tuple[dict[str, SetAside], frozenset[str]]:
    """{entity: what its last publish of this build counted} of a published release, with the entries that are open
    now; and the entities whose share a person accepted. Leaves a transaction open."""
    with conn.cursor() as cur:
        cur.execute(
            "SELECT DISTINCT ON (l.import_type) l.import_type, l.records_processed,"
            " (SELECT count(DISTINCT q.source_position) FROM mids.quarantine q WHERE q.realm = l.realm"
            "  AND q.release_id = l.release_id AND q.entity = l.import_type AND q.resolved_at IS NULL"
            "  AND NOT q.expected)"
            " FROM mids.import_log l WHERE l.realm = %s AND l.release_id = %s"
            " AND l.action IN ('first', 'update', 'rebuild', 'rollback') ORDER BY l.import_type, l.id DESC",
            (row.realm, row.id),
        )
        counts = {entity: SetAside(processed, unexpected) for entity, processed, unexpected in cur.fetchall()}
        cur.execute(
            "SELECT subject FROM mids.acceptance WHERE realm = %s AND release_id = %s AND build = %s AND rule = %s",
            (row.realm, row.id, row.build, RULE),
        )
        return counts, frozenset(subject for (subject,) in cur.fetchall())
