"""The guards of a build against what is published, and what a person accepted of them.

The asset check, the publish, the dry run and `mids accept` call the same `examine`.
Does not belong here: the rules (`transform.guards`), who accepted what (acceptance.py).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from psycopg2.extensions import connection

from mids_assets.errors import CheckFailed
from mids_assets.model.tables import ASSETS
from mids_assets.readers.raw import RAW_FILES
from mids_assets.settings import Settings
from mids_assets.transform.build import BuildManifest
from mids_assets.transform.diff.compare import Diff
from mids_assets.transform.diff.rows import REMOVED
from mids_assets.transform.guards import Before, Guarded, guard, leaps
from mids_assets.transform.parts import FINISHED
from mids_assets.transform.quarantine_limit import exceeding, unexpected
from mids_assets.transform.store import BuildPaths, open_store
from mids_assets.transform.summary import read_quarantines, read_table_summaries
from mids_assets.warehouse.acceptance import Acceptance, acceptances
from mids_assets.warehouse.comparing import Compared, compare_with_published
from mids_assets.warehouse.register import ReleaseRow, find, published


@dataclass(frozen=True, slots=True)
class GuardReport:
    """`blocked` keep the build from being published; `warned` do not; `accepted` would, had not a person let them.
    `compared`: the comparison that they rest on, which the publish goes on with."""

    compared: Compared
    blocked: list[Guarded] = field(default_factory=list)
    warned: list[Guarded] = field(default_factory=list)
    accepted: list[tuple[Guarded, Acceptance]] = field(default_factory=list)

    def sentences(self) -> list[str]:
        """One line for each, the blocking ones first."""
        return [
            *(f"blocked: {one.message}" for one in self.blocked),
            *(f"accepted by {by.accepted_by} because {by.reason}: {one.message}" for one, by in self.accepted),
            *(f"warning: {one.message}" for one in self.warned),
        ]

    def warnings(self) -> dict[str, str]:
        """What does not block, as `transform.summary` gives warnings: code -> sentence."""
        found = {f"guard: {one.table} {one.rule}": f"{one.message}." for one in self.warned}
        for one, by in self.accepted:
            text = f"{one.message}; accepted by {by.accepted_by} because {by.reason}."
            found[f"guard: {one.table} {one.rule}"] = text
        return found

    def require(self, realm: str, release: str) -> None:
        """Raise `CheckFailed` where a guard blocks, naming all and what to do."""
        if self.blocked:
            found = "; ".join(one.message for one in self.blocked)
            raise CheckFailed(
                f"nothing was published, {found}. If this is as it should be: mids accept {release} --realm {realm}"
                " --reason TEXT, and then mids publish"
            )


def examine(conn: connection, settings: Settings, paths: BuildPaths, manifest: BuildManifest) -> GuardReport:
    """Hold a build whose tables are all there against what is published. Leaves no transaction open."""
    realm, release = manifest.realm, manifest.release
    paths.require(*FINISHED)
    now, own = published(conn, realm), find(conn, realm, release)
    compared = compare_with_published(open_store(settings), now, paths)
    let = acceptances(conn, realm, release, manifest.build)
    conn.rollback()
    before = _before(now, own, compared.diff)
    found = guard(
        read_table_summaries(paths),
        before,
        vanished_share=settings.vanished_share,
        given=_given(paths.raw),
    )
    if before is not None and compared.diff is not None:
        found += leaps(compared.diff.changes, before.measures)
    records = {entity: int(manifest.raw[RAW_FILES[entity]]["records"]) for entity in ASSETS}
    found += exceeding(unexpected(read_quarantines(paths), records), settings.quarantine_share)
    report = GuardReport(compared)
    for one in found:
        accepted = next((acceptance for acceptance in let if acceptance.covers(one)), None)
        if not one.blocking:
            report.warned.append(one)
        elif accepted is not None:
            report.accepted.append((one, accepted))
        else:
            report.blocked.append(one)
    return report


def _before(now: ReleaseRow | None, own: ReleaseRow | None, diff: Diff | None) -> Before | None:
    """What the build is compared with. Nothing where a sample is published, which is no loss, and where this release
    was published before: a rollback returns to what was let pass then."""
    if now is None or now.is_sample:
        return None
    if own is not None and own.id != now.id and own.published_at is not None:
        return None
    rows, measures = (dict(now.summary.get(name, {})) for name in ("tables", "measures"))
    vanished = None if diff is None else {name: kinds.get(REMOVED, 0) for name, kinds in diff.counts.items()}
    return Before(rows, measures, vanished)


def _given(raw: Path) -> set[str]:
    """Reference tables whose source file the release has."""
    with (raw / RAW_FILES["reference"]).open("rb") as file:
        return set(json.load(file))
