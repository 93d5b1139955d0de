"""What is worth knowing about a build as a whole: rows, quarantined records, checks, warnings.

Each step leaves its part beside its output; `read_summary` puts them together, for the register, the command line
and the run's metadata. Does not belong here: computing a check (`transform.rules`), showing it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from mids_assets.model.tables import ASSETS, TABLES
from mids_assets.transform.corrections.kept import all_outcomes, read_outcomes
from mids_assets.transform.cycles import cycle_warnings
from mids_assets.transform.expression_warnings import expression_warnings
from mids_assets.transform.inputs import Frames
from mids_assets.transform.notes import read_notes
from mids_assets.transform.raw_files import read_raw_files
from mids_assets.transform.rules import RuleReport, UnresolvedReport
from mids_assets.transform.store import BuildPaths, existing, read_json, write_json


@dataclass(frozen=True, slots=True)
class TableSummary:
    """What the checks of one table found; plain numbers, kept as JSON. `checked`: on which bytes (`evidence`).
    `measures`, `isolated`: see `transform.measures`."""

    rows: int
    failures: dict[str, int] = field(default_factory=dict)
    unresolved: dict[str, int] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=dict)
    unknown_numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    cycles: list[list[str]] = field(default_factory=list)
    checked: dict[str, str] = field(default_factory=dict)
    measures: dict[str, list[float]] = field(default_factory=dict)
    isolated: list[str] = field(default_factory=list)


def summarize(
    rules: RuleReport,
    unresolved: UnresolvedReport,
    checked: dict[str, str],
    measures: dict[str, list[float]],
    isolated: list[str],
) -> TableSummary:
    return TableSummary(
        rows=rules.rows,
        failures=dict(rules.failures),
        unresolved={name: count for name, count in unresolved.unresolved.items() if count},
        given=dict(unresolved.given),
        unknown_numbers={
            column: {str(number): count for number, count in sorted(found.items())}
            for column, found in unresolved.unknown_numbers.items()
        },
        cycles=[list(path) for path in unresolved.cycles],
        checked=checked,
        measures=measures,
        isolated=isolated,
    )


def write_summaries(paths: BuildPaths, asset: str, summaries: dict[str, TableSummary]) -> None:
    write_json(paths.tables / f"{asset}.summary.json", {name: asdict(one) for name, one in summaries.items()})


def read_table_summaries(paths: BuildPaths) -> dict[str, TableSummary]:
    """What the checks found, for all tables of the model. Raises `StaleBuild` where an asset's is missing."""
    tables: dict[str, TableSummary] = {}
    for asset in ASSETS:
        parts = read_json(existing(paths.tables / f"{asset}.summary.json", f"the tables of {asset}"))
        tables.update({name: TableSummary(**part) for name, part in parts.items()})
    return tables


def read_quarantines(paths: BuildPaths) -> pl.DataFrame:
    """All quarantined records of a build, in the order of the assets."""
    return pl.concat(
        pl.read_parquet(existing(paths.frames / f"{asset}.quarantine.parquet", f"frames/{asset}")) for asset in ASSETS
    )


def read_summary(paths: BuildPaths) -> dict[str, Any]:
    """`tables` {name: rows}, `quarantined` {entity: records}, `checks` {failed, warned}, `unresolved`
    {table: {reference: names}}, `measures` {table: `Measures`},
    `corrections` [what became of each], `warnings` {code: sentence}; a code stays the same while its numbers change."""
    tables = read_table_summaries(paths)
    quarantine = read_quarantines(paths)
    per_entity = dict(quarantine.group_by("entity").len().iter_rows())
    found = {name: tables[name].unresolved for name in (table.name for table in TABLES) if tables[name].unresolved}
    return {
        "tables": {table.name: tables[table.name].rows for table in TABLES},
        "quarantined": {asset: per_entity.get(asset, 0) for asset in ASSETS},
        "checks": {
            "failed": sum(1 for table in tables.values() if table.failures),
            "warned": sum(1 for table in tables.values() if table.unresolved or table.unknown_numbers or table.cycles),
        },
        "unresolved": found,
        "measures": {table.name: tables[table.name].measures for table in TABLES if tables[table.name].measures},
        "corrections": all_outcomes(paths),
        "warnings": _warnings(paths, tables),
    }


def in_model_order(summary: dict[str, Any]) -> dict[str, Any]:
    """The same summary, its tables and entities in the model's order; PostgreSQL's jsonb keeps none."""
    tables, assets = [table.name for table in TABLES], list(ASSETS)
    orders = {"tables": tables, "changed": tables, "unresolved": tables, "quarantined": assets}
    ordered = dict(summary)
    for name, order in orders.items():
        values = summary.get(name, {})
        ordered[name] = {key: values[key] for key in order if key in values}
    return ordered


def _warnings(paths: BuildPaths, tables: dict[str, TableSummary]) -> dict[str, str]:
    warnings = {f"source: {text}": text for text in read_json(paths.release_dir / "release.json")["warnings"]}
    for file in read_raw_files(paths).values():
        if file.lost_ids:
            warnings[f"lost ids: {file.name}"] = file.note
    for table in TABLES:
        summary = tables[table.name]
        for reference, count in summary.unresolved.items():
            given = summary.given.get(reference, count)
            warnings[f"unresolved: {table.name}.{reference}"] = (
                f"{table.name}.{reference}: {count:,} of {given:,} names lead nowhere."
            )
        for column, numbers in summary.unknown_numbers.items():
            shown = ", ".join(f"{number} ({count:,} rows)" for number, count in list(numbers.items())[:3])
            warnings[f"unknown number: {table.name}.{column}"] = f"{table.name}.{column}: no member for {shown}."
        warnings.update(cycle_warnings(summary.cycles))
    for asset in ASSETS:
        notes = read_notes(paths.frames / f"{asset}.parquet")
        for path, count in notes.unknown_keys.items():
            warnings[f"unknown key: {asset}.{path}"] = (
                f"{asset}: unknown key {path} in {count:,} places is kept in extra."
            )
        for one in read_outcomes(paths, asset):
            if one.state != "applied":
                warnings[f"correction: {one.record} {one.field}".rstrip()] = one.sentence
        for path, count in notes.replaced.items():
            warnings[f"nul: {asset}.{path}"] = f"{asset}.{path}: NUL characters in {count:,} records were replaced."
    warnings.update(expression_warnings(Frames(paths.frames).reference("power_expression")))
    stale = stale_positions(paths)
    if stale is not None:
        warnings["parts of different times"] = stale
    return warnings


def stale_positions(paths: BuildPaths) -> str | None:
    """One sentence when the item files were saved beside another state of the main database, else None.

    A set bonus names its power and, beside it, the power's position in the main database. Real releases are like
    that, so it is a warning; the name counts.
    """
    powers = (
        Frames(paths.frames)
        .scan("power")
        .select(pl.col("full_name").str.to_lowercase().alias("name"), pl.col("source_position"))
    )
    sets = pl.scan_parquet(paths.frames / "enhancement_set.parquet").select("bonuses", "special_bonuses")
    given = pl.concat(
        [
            sets.select(pl.col(rows).list.explode().struct.field("powers").list.explode().alias("power")).drop_nulls()
            for rows in ("bonuses", "special_bonuses")
        ]
    ).select(
        pl.col("power").struct.field("power_full_name").str.to_lowercase().alias("name"),
        pl.col("power").struct.field("power_index").cast(pl.Int64).alias("stated"),
    )
    counted = (
        given.join(powers.unique("name", keep="first"), on="name")
        .select(pl.len().alias("all"), (pl.col("stated") != pl.col("source_position")).sum().alias("moved"))
        .collect()
    )
    total, moved = counted.row(0)
    if not moved:
        return None
    return (
        f"The item files and the main database were saved at different times: {moved:,} of {total:,} set bonuses"
        " state another position of their power than it has."
    )
