"""The whole cross-check of two builds.

Lazy scans read the needed columns only; joins and verdicts are Polars' work.
Does not belong here: what is compared (`fields.py`), how a result is shown (`report.py`) or stored (`warehouse`).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from mids_assets.model.table import NATURAL_KEY
from mids_assets.model.tables import TABLES
from mids_assets.transform.crosscheck.apart import APART, not_comparable
from mids_assets.transform.crosscheck.causes import grouped
from mids_assets.transform.crosscheck.coverage import GROUP, SHOWN, as_differences, coverage, moved
from mids_assets.transform.crosscheck.declared import Entity, Field, compared
from mids_assets.transform.crosscheck.effects import compare_effects
from mids_assets.transform.crosscheck.fields import ENTITIES, POWER, POWERSET
from mids_assets.transform.crosscheck.findings import DIFFERENCES, Findings, together
from mids_assets.transform.crosscheck.lists import LISTS, with_lists
from mids_assets.transform.crosscheck.modifiers import compare_modifiers
from mids_assets.transform.crosscheck.pairing import FILE, KEY, Paired, category, files, pair
from mids_assets.transform.crosscheck.schema import COVERAGE, FIGURES, LEFT_OUT, CrossCheck
from mids_assets.transform.crosscheck.suspicion import judged
from mids_assets.transform.crosscheck.values import STEM, compare_fields, needed
from mids_assets.transform.diff.side import Side

READ = tuple(
    TABLES[name]
    for name in dict.fromkeys([*(entity.name for entity in ENTITIES), *LISTS, "power_effect", "attribute_modifier"])
)
"""Tables of both sides that a cross-check reads."""
_NOT_APART = pl.lit(None, pl.String).alias(APART)
_NOT_EXPORTED = "The export does not have its category."


def cross_check(ours: Side, theirs: Side) -> CrossCheck:
    """`ours` is a build of MidsReborn, `theirs` one of a City of Data export. Raises `StaleBuild` where a table is
    missing. Nothing depends on the order of rows in the tables."""
    findings = Findings()
    lacks = ours.lacks | theirs.lacks
    apart = not_comparable(ours, theirs)
    sets: dict[str, str] = {}
    for entity in ENTITIES:
        if entity.name not in lacks:
            fields = compared(entity, lacks)
            paired = _paired(entity, fields, (ours, theirs), findings)
            both = paired.both.with_columns(entity.copies.alias(STEM))
            both = both.join(apart, on=NATURAL_KEY, how="left") if entity is POWER else both.with_columns(_NOT_APART)
            compare_fields(entity, both, fields, findings)
            if entity is POWER and "power_effect" not in lacks:
                compare_effects((ours, theirs), both, findings)
            findings.coverage.append(coverage(entity, _in_moved_sets(paired, sets) if entity is POWER else paired))
            sets |= moved(findings.coverage[-1]) if entity is POWERSET else {}
    if "attribute_modifier" not in lacks:
        compare_modifiers(ours, theirs, findings)
    covered = together(findings.coverage, COVERAGE)
    differences = judged(together(findings.differences, DIFFERENCES))
    discrepancies, groups = grouped(pl.concat([differences, as_differences(covered)]))
    return CrossCheck(
        ours,
        theirs,
        discrepancies,
        groups,
        figures=pl.DataFrame(findings.figures, schema=FIGURES, orient="row"),
        left_out=pl.DataFrame(findings.left_out, schema=LEFT_OUT, orient="row"),
        coverage=covered,
    )


def _paired(entity: Entity, fields: tuple[Field, ...], sides: tuple[Side, Side], findings: Findings) -> Paired:
    """The rows of both sides; of ours only those that the export can have."""
    ours, theirs = (_rows(entity, fields, side) for side in sides)
    if entity.only is not None:
        every, ours, theirs = ours.height, ours.filter(entity.only), theirs.filter(entity.only)
        findings.leave_out(entity.name, "", entity.because, every - ours.height)
    if entity.in_categories:
        known = theirs.select(category(pl.col(NATURAL_KEY)).unique()).to_series()
        every, ours = ours.height, ours.filter(category(pl.col(NATURAL_KEY)).is_in(known.implode()))
        findings.leave_out(entity.name, "", _NOT_EXPORTED, every - ours.height)
    return pair(entity.name, ours, theirs.with_columns(files(entity.name).alias(FILE)))


def _in_moved_sets(powers: Paired, sets: dict[str, str]) -> Paired:
    """Powers of a set that likely goes under another name are looked for there."""
    return replace(powers, ours=powers.ours.with_columns(pl.col(GROUP).replace(sets)))


def _rows(entity: Entity, fields: tuple[Field, ...], side: Side) -> pl.DataFrame:
    filters = [] if entity.only is None else entity.only.meta.root_names()
    members = [entity.members] if entity.members else []
    wanted = dict.fromkeys([NATURAL_KEY, *needed(fields), *members, *entity.alike, *filters])
    rows = (
        side.scan(TABLES[entity.name])
        .select(
            *(name for name in wanted if name not in LISTS),
            pl.col(entity.key).alias(KEY),
            pl.col(entity.shown).alias(SHOWN),
            entity.within.alias(GROUP),
        )
        .with_columns(*entity.derived)
        .collect()
    )
    return with_lists(rows, side, [name for name in wanted if name in LISTS])
