"""A build compared with the one that is published, once: the guards, the publish and the dry run share the answer.

The answer lies beside the build's tables, under the name of the build that it was compared with.
Does not belong here: the comparison (`transform.diff`), its rows in PostgreSQL (release_change.py).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import polars as pl

from mids_assets.transform.diff.compare import Diff, compare, counted
from mids_assets.transform.diff.rows import RENAMED
from mids_assets.transform.diff.side import missing_tables
from mids_assets.transform.diff.stored import stored_side
from mids_assets.transform.memory import give_back
from mids_assets.transform.store import BuildPaths, Store, read_json, replacing, write_json
from mids_assets.transform.summary import read_table_summaries
from mids_assets.warehouse.register import ReleaseRow


@dataclass(frozen=True, slots=True)
class Compared:
    """`diff` is None where the published build's tables are no longer on this machine."""

    before: ReleaseRow | None
    diff: Diff | None

    def renamed(self) -> dict[str, dict[str, str]]:
        """{entity table: {natural key now: natural key before}} of rows that go on under another key.

        Not those that merely have the number of a row that is gone, and another shown name: of 16 such real pairs 14
        were other things, and an id must not go to another thing.
        """
        found: dict[str, dict[str, str]] = {}
        if self.diff is None:
            return found
        rows = self.diff.changes.filter(pl.col("change") == RENAMED)
        keys = [pl.col(name).str.to_lowercase() for name in ("natural_key", "old_key")]
        for table, now, before, evidence in rows.select("table_name", *keys, "evidence").iter_rows():
            if surely_the_same(evidence):
                found.setdefault(table, {})[now] = before
        return found


def surely_the_same(evidence: str) -> bool:
    """Whether the evidence of a rename (JSON text) leaves no doubt: the table of replaced powers, or one shown name."""
    facts = json.loads(evidence)
    return facts["kind"] == "power_replacement" or facts["same_display_name"]


def compare_with_published(store: Store, before: ReleaseRow | None, paths: BuildPaths) -> Compared:
    """What the build would change for readers. Raises `StaleBuild` where a table of the build is missing."""
    new = stored_side(paths)
    if before is None:
        return Compared(None, compare(None, new))
    old_paths = store.build(before.realm, before.release, before.build or "")
    if missing_tables(old_paths.tables):
        return Compared(before, None)
    old, digests = stored_side(old_paths), _digests(paths)
    rows, facts = (paths.tables / f"changes-{before.release}-{before.build}{end}" for end in (".parquet", ".json"))
    if facts.exists() and rows.exists():
        known = read_json(facts)
        if known["tables"] == digests:
            changes = pl.read_parquet(rows)
            counts = known["counts"] if known["first"] else counted(changes)
            return Compared(
                before, Diff(None if known["first"] else old, new, changes, counts, tuple(known["left_out"]))
            )
    diff = compare(old, new)
    give_back()
    with replacing(rows) as temporary:
        diff.changes.write_parquet(temporary)
    write_json(
        facts,
        {
            "first": diff.old is None,
            "counts": diff.counts,
            "left_out": list(diff.left_out),
            "tables": digests,
        },
    )
    return Compared(before, diff)


def _digests(paths: BuildPaths) -> dict[str, str]:
    """Tells whether a table was written otherwise since the comparison."""
    return {name: summary.checked.get("", "") for name, summary in read_table_summaries(paths).items()}
