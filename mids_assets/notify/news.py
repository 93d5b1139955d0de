"""The head of what a publish changed: numbers per table, then patch notes where both builds are on this machine.

Does not belong here: comparing (`warehouse.comparing`), spelling changes (`transform.diff.notes`).
"""

from __future__ import annotations

import logging
from dataclasses import replace

import polars as pl
from psycopg2.extensions import connection

from mids_assets.notify.notices import Notice
from mids_assets.settings import Settings
from mids_assets.transform.diff.compare import Diff
from mids_assets.transform.diff.notes import SMALL, notes
from mids_assets.transform.diff.report import counts, heading
from mids_assets.transform.store import open_store
from mids_assets.warehouse.comparing import kept_comparison
from mids_assets.warehouse.import_log import PUBLISHED
from mids_assets.warehouse.register import ReleaseRow, find

log = logging.getLogger(__name__)

TABLES_SHOWN = 8
NOTES_SHOWN = 8
CHANGES_READ = 400
"""So many changed fields are spelled for the notes of which a few are shown: a big patch has a hundred thousand."""
_LINE = 160


def news(conn: connection, settings: Settings, realm: str, notice: Notice) -> list[str]:
    """Lines about a published release. Leaves a transaction open; needs no file that a prune may have removed."""
    row = find(conn, realm, notice.release or "")
    if row is None:
        return []
    before = _replaced(conn, row, notice.log_id)
    lines = [f"Release {row.release}" + (f" of {row.release_date:%Y-%m-%d}" if row.release_date else "") + "."]
    if row.is_sample:
        lines.append("It is a made-up sample.")
    if before is None or (before.is_sample and not row.is_sample):
        rows = sum(row.summary.get("tables", {}).values())
        return [*lines, f"It is the first one: {rows:,} rows are new."]
    lines.append(f"It replaces {before.version or 'an unversioned release'} (release {before.release}).")
    try:
        diff = kept_comparison(open_store(settings), before, row)
        lines += _of_register(row) if diff is None else _of_diff(diff)
    except Exception as error:  # That it was published is the news; a damaged file must not keep it back for ever.
        log.warning("What release %s changed cannot be told: %s: %s", row.release, type(error).__name__, error)
        lines += _of_register(row)
    lines.append(f"All of it: mids diff {before.release} {row.release} --realm {realm} --format notes")
    return lines


def _of_register(row: ReleaseRow) -> list[str]:
    changed = {name: sum(kinds.values()) for name, kinds in row.summary.get("changed", {}).items()}
    told = [f"{name} {number:,}" for name, number in changed.items() if number]
    return [f"Rows changed: {_listed(told, TABLES_SHOWN)}." if told else "No row changed."]


def _of_diff(diff: Diff) -> list[str]:
    said = heading(diff)[1:]
    told = [
        f"{name} " + ", ".join(f"{number:,} {kind}" for kind, number in kinds.items())
        for name, kinds in sorted(counts(diff), key=lambda counted: counted[0] in SMALL)
    ]
    if told:
        said.append(f"Rows: {_listed(told, TABLES_SHOWN, '; ')}.")
    changes = diff.changes.sort(pl.col("table_name").is_in(SMALL), maintain_order=True)
    lines = notes(replace(diff, changes=changes.head(CHANGES_READ)))
    said += [line if len(line) <= _LINE else f"{line[: _LINE - 2]} …" for line in lines[:NOTES_SHOWN]]
    if len(lines) > NOTES_SHOWN or diff.changes.height > CHANGES_READ:
        said.append("..")
    return said


def _replaced(conn: connection, row: ReleaseRow, log_id: int) -> ReleaseRow | None:
    """The release that this one took the place of with the publish of that row of the log; None for the first one."""
    with conn.cursor() as cur:
        cur.execute(
            "SELECT r.release FROM mids.import_log l JOIN mids.release r ON r.id = l.release_id"
            " WHERE l.realm = %s AND l.action = ANY(%s) AND l.release_id <> %s AND l.id < %s"
            " ORDER BY l.id DESC LIMIT 1",
            (row.realm, list(PUBLISHED), row.id, log_id),
        )
        found = cur.fetchone()
    return find(conn, row.realm, found[0]) if found else None


def _listed(parts: list[str], shown: int, between: str = ", ") -> str:
    more = f" and {len(parts) - shown} more tables" if len(parts) > shown else ""
    return between.join(parts[:shown]) + more
