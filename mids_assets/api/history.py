"""SQL of what became of one power: one statement, which follows it back through all the keys that it had.

Does not belong here: what changed between two releases (changes.py).
"""

from __future__ import annotations

from functools import lru_cache

from mids_assets.api.nested import view
from mids_assets.api.resources import resources
from mids_assets.api.statements import BY_ID, published
from mids_assets.model.reader_views import READER_SCHEMA
from mids_assets.model.tables import TABLES
from mids_assets.warehouse.stored import literal, quote


@lru_cache(maxsize=64)
def history(realm: str, by: str) -> str:
    """Changes of a power and its children, the last publish first, as `documents`, a JSON array; whether there is
    `more`, and `last_group` and `last_id` of the last row; `named` is null where nothing ever bore the key.

    $1 is id or key, $2 the number of rows, $3 and $4 publish and row after which they begin.
    """
    power = resources()["power"]
    key, name = quote(power.key), quote(power.display_name)
    condition = "t.id = $1::int8" if by == BY_ID else f"lower(t.{key}) = lower($1::text)"
    asked = "NULL::text" if by == BY_ID else "$1::text"
    now = f"SELECT t.{key} AS key, t.{name} AS display_name FROM {view(realm, 'power')} t WHERE {condition} LIMIT 1"
    children = ", ".join(literal(child.name) for child in TABLES.children("power"))
    all_changes = (
        f"SELECT *, coalesce(publish_id, 0) AS place FROM {READER_SCHEMA}.release_change"
        f" WHERE realm = {literal(realm)} AND table_name IN ('power', {children})"
    )
    steps = f"""
        now AS ({now}),
        started AS (SELECT lower(coalesce((SELECT key FROM now), {asked})) AS key),
        changes AS MATERIALIZED ({all_changes}),
        -- The key that the power had up to a row, and the publish that gave it another one.
        named AS (
            SELECT key, {2**62} ::int8 AS until, NULL::int8 AS renamed_by FROM started WHERE key IS NOT NULL
            UNION ALL
            SELECT r.old_key, r.id, r.place FROM named n CROSS JOIN LATERAL (
                SELECT lower(c.old_key) AS old_key, min(c.id) AS id, c.place FROM changes c
                WHERE c.table_name = 'power' AND lower(c.natural_key) = n.key AND lower(c.old_key) <> n.key
                    AND c.id < n.until
                GROUP BY lower(c.old_key), c.place ORDER BY min(c.id) DESC LIMIT 1
            ) r
        ),
        spans AS (
            SELECT key, replace(key, ' / ', ' \\/ ') || ' / ' AS below, until, renamed_by,
                coalesce(lead(until) OVER (ORDER BY until DESC), 0) AS since
            FROM named
        ),
        found AS (
            SELECT DISTINCT c.* FROM changes c JOIN spans s
                ON (c.table_name = 'power' AND lower(c.natural_key) = s.key
                    OR c.table_name <> 'power' AND starts_with(lower(c.natural_key), s.below))
                AND c.id >= s.since
                -- What goes with a rename is told by the key before.
                AND (c.id < s.until OR c.change = 'removed' AND c.place = s.renamed_by)
        ),
        page AS (
            SELECT f.*, row_number() OVER (ORDER BY f.place DESC, f.id) AS number FROM found f
            WHERE f.place < $3::int8 OR f.place = $3::int8 AND f.id > $4::int8
            ORDER BY f.place DESC, f.id LIMIT $2::int4 + 1
        )
    """
    document = f"""
        SELECT p.table_name AS "table", p.natural_key AS key, p.old_key, p.change, p.field, p.old_value AS old,
            p.new_value AS new, (SELECT display_name FROM now) AS display_name, r.release, r.version,
            to_char(b.published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS published_at
        FROM {READER_SCHEMA}.release r LEFT JOIN {READER_SCHEMA}.publish b ON b.id = p.publish_id
        WHERE r.id = p.release_id
    """
    rows = f"(SELECT row_to_json(d) FROM ({document}) d)"
    columns = f"""
        coalesce((SELECT key FROM now), (SELECT min(key) FROM started WHERE EXISTS (SELECT FROM found))) AS named,
        (SELECT coalesce(json_agg({rows} ORDER BY p.number), '[]')::text FROM page p WHERE p.number <= $2) AS documents,
        (SELECT count(*) > $2 FROM page) AS more,
        (SELECT place FROM page WHERE number = $2) AS last_group, (SELECT id FROM page WHERE number = $2) AS last_id
    """
    return f"WITH RECURSIVE {steps} {published(realm, columns)}"
