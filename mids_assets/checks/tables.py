"""The two checks of a table: `rules` (blocking) and `unresolved` (warning).

The rules themselves live in `transform.rules`, because publish verifies the same ones: a selection in the UI can
leave checks out, the publish cannot. Does not belong here: a rule.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import dagster as dg

from mids_assets.checks.failing import failing_table, told, what_to_do
from mids_assets.graph import keys
from mids_assets.graph.shown import shown_tables
from mids_assets.model.table import Table
from mids_assets.transform.build import BuildManifest
from mids_assets.transform.cycles import LIMIT, cycle_text
from mids_assets.transform.failing_rows import failing_rows
from mids_assets.transform.rules import RuleReport, UnresolvedReport
from mids_assets.transform.store import BuildPaths

RULES = "rules"
UNRESOLVED = "unresolved"


def has_unresolved(table: Table) -> bool:
    """Whether the table has references that may stay open."""
    return any(not reference.required for reference in table.references)


def check_specs(realm: str, asset: str) -> list[dg.AssetCheckSpec]:
    specs = []
    for table in shown_tables(realm, asset):
        key = keys.asset_key(realm, "tables", table.name)
        specs.append(
            dg.AssetCheckSpec(
                RULES,
                asset=key,
                blocking=True,
                description="Keys are unique, required references resolve, bounds hold. Blocks the publish.",
            )
        )
        if has_unresolved(table):
            specs.append(
                dg.AssetCheckSpec(
                    UNRESOLVED,
                    asset=key,
                    description="Names that lead nowhere. Normal in this data, hence a warning: watch the numbers.",
                )
            )
    return specs


def check_results(
    paths: BuildPaths, manifest: BuildManifest, table: Table, rules: RuleReport, unresolved: UnresolvedReport
) -> list[dg.AssetCheckResult]:
    key = keys.asset_key(manifest.realm, "tables", table.name)
    results = [_rules(key, rules, paths, manifest, table)]
    if has_unresolved(table):
        results.append(_unresolved(key, unresolved))
    return results


def lean(context: dg.AssetExecutionContext, result: dg.AssetCheckResult) -> Iterator[dg.AssetCheckEvaluation]:
    """The result of a check that blocks nothing, behind its table's materialization, without a second event.

    As a result it would take one more for an output, which only steps behind a blocking check look at.
    """
    step = context.get_step_execution_context()
    context.log.addFilter(_no_word_of_outputs)
    evaluation = result.to_asset_check_evaluation(step)
    step.observe_output(step.job_def.asset_layer.get_op_output_name(evaluation.asset_check_key))
    yield evaluation


def _no_word_of_outputs(record: logging.LogRecord) -> bool:
    """Dagster writes a line about the outputs that `lean` leaves out."""
    return "did not yield or return expected outputs" not in record.getMessage()


def _rules(
    key: dg.AssetKey, report: RuleReport, paths: BuildPaths, manifest: BuildManifest, table: Table
) -> dg.AssetCheckResult:
    metadata: dict = {"rows": report.rows, "failed_rows": sum(report.failures.values())}
    description = None
    if not report.passed:
        rows = failing_rows(paths, manifest, table, report)
        description = told(report.failures, rows)
        metadata |= {
            "realm": manifest.realm,
            "release": manifest.release,
            "build": manifest.build,
            "failures": dg.MetadataValue.json(report.failures),
            "failing_rows": failing_table(rows),
            "what_to_do": dg.MetadataValue.md(what_to_do(manifest, table, rows)),
        }
    return dg.AssetCheckResult(
        check_name=RULES,
        asset_key=key,
        passed=report.passed,
        severity=dg.AssetCheckSeverity.ERROR,
        description=description,
        metadata=metadata,
    )


def _unresolved(key: dg.AssetKey, report: UnresolvedReport) -> dg.AssetCheckResult:
    metadata: dict = {
        "rows": report.rows,
        "unresolved": sum(report.unresolved.values()),
        "unresolved_per_reference": dg.MetadataValue.json(report.unresolved),
        "given_per_reference": dg.MetadataValue.json(report.given),
    }
    for reference, names in report.top.items():
        if names:
            lines = ["| name | rows |", "| --- | --- |", *(f"| {name} | {count:,} |" for name, count in names)]
            metadata[f"top_{reference}"] = dg.MetadataValue.md("\n".join(lines))
    if report.unknown_numbers:
        metadata["unknown_numbers"] = dg.MetadataValue.json(
            {
                column: {str(number): count for number, count in found.items()}
                for column, found in report.unknown_numbers.items()
            }
        )
    if report.cycles:
        metadata["requirement_cycles"] = dg.MetadataValue.json([cycle_text(path) for path in report.cycles[:LIMIT]])
    return dg.AssetCheckResult(
        check_name=UNRESOLVED,
        asset_key=key,
        passed=report.passed,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )
