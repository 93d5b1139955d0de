"""The standing checks of a realm, on its asset `health`: what is wrong now, whatever the last import came to.

They belong to no import, and cost none an event. Does not belong here: judging (`health.problems`), when they are
evaluated (`automation.health_sensor`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from mids_assets.graph import keys
from mids_assets.health import problems as kinds
from mids_assets.health.problem import Problem

STANDING: dict[str, tuple[str, tuple[str, ...]]] = {
    "source_checked": (
        "Somebody looked at the realm's source within 48 hours: a server of updates answered or, for a realm without"
        " one, an import looked into the landing folder.",
        (kinds.SOURCE_UNCHECKED,),
    ),
    "offer_unchanged": (
        "The server of updates offers the version that was fetched with the bytes that were fetched.",
        (kinds.OTHER_PATCH,),
    ),
    "release_published": (
        "No release is known that is newer than the published one and was left unpublished without a reason.",
        (kinds.RELEASE_UNPUBLISHED,),
    ),
    "nothing_broken": (
        "No newer release is blocked or cannot be read, no chunk or check of the plan is broken from an earlier run,"
        " and the last import did not fail.",
        (kinds.RELEASE_BLOCKED, kinds.RELEASE_REJECTED, kinds.IMPORT_FAILED, kinds.CHUNKS_MISSING, kinds.CHECK_FAILED),
    ),
    "quarantine_share": (
        "Of what is published, no entity has more records in quarantine than MIDS_QUARANTINE_SHARE allows, unless a"
        " person accepted it.",
        (kinds.QUARANTINE_SHARE,),
    ),
    "backups_made": (
        "Once the schedule has begun to back the realm up: its last backup did not fail, and the newest one is no older"
        " than MIDS_BACKUP_FRESH_DAYS.",
        (kinds.BACKUP_FAILED, kinds.BACKUP_OLD),
    ),
}
"""Name of a check -> what it says, and the kinds of problems that fail it."""


def health_key(realm: str) -> dg.AssetKey:
    return keys.asset_key(realm, "health")


def standing_specs(realm: str) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(name, asset=health_key(realm), description=description)
        for name, (description, _) in STANDING.items()
    ]


def health_metadata(problems: Sequence[Problem]) -> dict[str, Any]:
    """The table of problems, and how many of them are broken."""
    return {
        "problems": _table(problems),
        "broken": sum(one.severity == "broken" for one in problems),
        "warned": sum(one.severity == "warn" for one in problems),
    }


def standing_results(problems: Sequence[Problem]) -> list[dg.AssetCheckResult]:
    """The results, for a step that materializes `health`."""
    return [dg.AssetCheckResult(check_name=name, **facts) for name, facts in _facts(problems)]


def standing_evaluations(realm: str, problems: Sequence[Problem]) -> list[dg.AssetCheckEvaluation]:
    """The same, for whoever reports them without a run."""
    key = health_key(realm)
    return [dg.AssetCheckEvaluation(asset_key=key, check_name=name, **facts) for name, facts in _facts(problems)]


def _facts(problems: Sequence[Problem]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name, (_, kinds_of_check) in STANDING.items():
        failed = [one for one in problems if one.kind in kinds_of_check]
        broken = any(one.severity == "broken" for one in failed)
        found.append(
            (
                name,
                {
                    "passed": not failed,
                    "severity": dg.AssetCheckSeverity.ERROR if broken else dg.AssetCheckSeverity.WARN,
                    "description": failed[0].what if failed else None,
                    "metadata": {"problems": _table(failed)} if failed else {},
                },
            )
        )
    return found


def _table(problems: Sequence[Problem]) -> dg.MarkdownMetadataValue:
    if not problems:
        return dg.MetadataValue.md("Nothing is wrong.")
    lines = ["| state | problem | what | what to do | since |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {one.severity} | {one.kind} | {_cell(one.what)} | {_cell(one.what_to_do)} |"
        f" {f'{one.since:%Y-%m-%d %H:%M} UTC' if one.since else ''} |"
        for one in problems
    ]
    return dg.MetadataValue.md("\n".join(lines))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
