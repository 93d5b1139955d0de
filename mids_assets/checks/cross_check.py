"""The check `trend` of a cross-check: more suspicions than between the releases that were compared before, or fewer.

It only ever warns. Does not belong here: counting (`warehouse.discrepancies`).
"""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from mids_assets.graph import keys
from mids_assets.transform.crosscheck.schema import SUSPICIONS
from mids_assets.warehouse.discrepancies import Check, Noted

TREND = "trend"


def trend_spec(realm: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        TREND,
        asset=keys.cross_check_key(realm),
        description=(
            "Between the two releases that are published nothing is suspicious that was not so between those that were"
            " compared before. Warns, and never blocks."
        ),
    )


def trend_result(noted: Noted) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=TREND,
        passed=not noted.new and not _risen(noted),
        severity=dg.AssetCheckSeverity.WARN,
        description=_sentence(noted),
        metadata={
            "trend": dg.MetadataValue.md("\n".join(_table(noted))),
            "discrepancies": noted.now.total,
            "new": sum(noted.new.values()),
            "gone": sum(noted.gone.values()),
        },
    )


def nothing_result(why: str) -> dg.AssetCheckResult:
    """Of a cross-check that has nothing to compare."""
    return dg.AssetCheckResult(
        check_name=TREND, passed=True, severity=dg.AssetCheckSeverity.WARN, description=f"Nothing was compared. {why}"
    )


def _risen(noted: Noted) -> list[str]:
    """Suspicions that there are more of."""
    before = noted.before.discrepancies if noted.before else noted.now.discrepancies
    return [one for one, number in noted.now.discrepancies.items() if number > before.get(one, 0)]


def _sentence(noted: Noted) -> str:
    now, before = noted.now, noted.before
    if before is None:
        return f"{now.total:,} discrepancies; these are the first releases that were compared."
    change = now.total - before.total
    how = f"{abs(change):,} {'more' if change > 0 else 'fewer'} than" if change else "as many as"
    said = (
        f"{now.total:,} discrepancies, {how} between {_named(before)}: {sum(noted.new.values()):,} are new,"
        f" {sum(noted.gone.values()):,} are gone."
    )
    # Also where none is new: one that was gone came back, or looks otherwise now.
    risen = _risen(noted)
    return f"{said} There are more of {', '.join(risen)}." if risen else said


def _named(check: Check) -> str:
    versions = ((check.our_version, check.our_release), (check.their_version, check.their_release))
    return " and ".join(version or release for version, release in versions)


def _table(noted: Noted) -> Iterator[str]:
    yield "| suspicion | before | now | new | gone |"
    yield "|---|---:|---:|---:|---:|"
    before = noted.before.discrepancies if noted.before else {}
    for one in SUSPICIONS:
        counts = [found.get(one, 0) for found in (before, noted.now.discrepancies, noted.new, noted.gone)]
        if any(counts):
            shown = [f"{number:,}" for number in counts]
            yield f"| {one} | {' | '.join(shown if noted.before else ['', shown[1], '', ''])} |"
    apart = (f"{noted.before.apart:,}" if noted.before else "", f"{noted.now.apart:,}")
    yield f"| not comparable | {' | '.join(apart)} | | |"
