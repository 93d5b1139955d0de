"""A build compared with the one that is published, once: the guards, the publish and the dry run share the answer.

The answer lies beside the build's tables, under the name of the build that it was compared with.
Does not belong here: the comparison (`transform.diff`), its rows in PostgreSQL (release_change.py).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from mids_assets.transform.diff.compare import Diff, compare, counted
from mids_assets.transform.diff.rows import RENAMED
from mids_assets.transform.diff.side import missing_tables
from mids_assets.transform.diff.stored import stored_side
from mids_assets.transform.memory import give_back
from mids_assets.transform.parts import COMPARABLE, changes
from mids_assets.transform.store import BuildPaths, Store, read_json, replacing, write_json
from mids_assets.transform.summary import read_table_summaries
from mids_assets.warehouse.register import ReleaseRow


@dataclass(frozen=True, slots=True)
class Compared:
    """`diff` is None where the published build's tables are no longer stored."""

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
    if old_paths.fetch(*COMPARABLE) or missing_tables(old_paths.tables):
        return Compared(before, None)
    kept = _kept(old_paths, paths)
    if kept is not None:
        return Compared(before, kept)
    diff = compare(stored_side(old_paths), new)
    give_back()
    rows, facts = _files(old_paths, paths)
    with replacing(rows) as temporary:
        diff.changes.write_parquet(temporary)
    write_json(
        facts,
        {
            "first": diff.old is None,
            "counts": diff.counts,
            "left_out": list(diff.left_out),
            "tables": _digests(paths),
        },
    )
    paths.keep(changes(facts.stem))
    return Compared(before, diff)


def kept_comparison(store: Store, before: ReleaseRow, now: ReleaseRow) -> Diff | None:
    """What the publish of `now` compared, while the tables of both builds are stored; else None."""
    builds = [store.build(row.realm, row.release, row.build or "") for row in (before, now)]
    if any(paths.fetch(*COMPARABLE) or missing_tables(paths.tables) for paths in builds):
        return None
    old, new = builds
    return _kept(old, new)


def _kept(old: BuildPaths, new: BuildPaths) -> Diff | None:
    rows, facts = _files(old, new)
    new.fetch(changes(facts.stem))
    if not (facts.exists() and rows.exists()):
        return None
    known = read_json(facts)
    if known["tables"] != _digests(new):
        return None
    changed = pl.read_parquet(rows)
    counts = known["counts"] if known["first"] else counted(changed)
    old_side = None if known["first"] else stored_side(old)
    return Diff(old_side, stored_side(new), changed, counts, tuple(known["left_out"]))


def _files(old: BuildPaths, new: BuildPaths) -> tuple[Path, Path]:
    stem = f"changes-{old.release_dir.name}-{old.build}"
    return new.tables / f"{stem}.parquet", new.tables / f"{stem}.json"


def _digests(paths: BuildPaths) -> dict[str, str]:
    """Tells whether a table was written otherwise since the comparison."""
    return {name: summary.checked.get("", "") for name, summary in read_table_summaries(paths).items()}
