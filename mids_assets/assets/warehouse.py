"""The assets warehouse/<table>: one atomic publish of all tables of the realm into PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import dagster as dg
import polars as pl

from mids_assets.errors import MidsError
from mids_assets.graph import keys
from mids_assets.graph.attribution import launcher
from mids_assets.graph.columns import warehouse_columns
from mids_assets.graph.figures import stage_figures
from mids_assets.graph.metadata import Stopwatch, work
from mids_assets.graph.partitions import other_runs, tidy
from mids_assets.graph.retries import database_may_come_back
from mids_assets.graph.runs import RealmGraph, current_build, decided_after
from mids_assets.graph.shown import shown_tables
from mids_assets.graph.versions import version_tags
from mids_assets.model.table import Table
from mids_assets.progress import report
from mids_assets.redaction import redact
from mids_assets.transform.build import BuildManifest, code_fingerprint
from mids_assets.transform.diff.compare import Diff
from mids_assets.transform.diff.report import markdown
from mids_assets.warehouse.publishing import publish_build
from mids_assets.warehouse.retention import prune

WHOLE_REPORT = 5
"""So many changes of each table stand in the report of the whole release."""


def warehouse_assets(graph: RealmGraph) -> dg.AssetsDefinition:
    realm = graph.realm

    @dg.multi_asset(name=f"{realm}_warehouse", specs=[_spec(graph, table) for table in shown_tables(realm)])
    def warehouse(context: dg.AssetExecutionContext):
        watch = Stopwatch()
        paths, manifest = current_build(context, graph)
        report("publish", 0, 1, "PostgreSQL")
        with database_may_come_back():
            result, diff = publish_build(
                graph.settings,
                paths,
                manifest,
                run_id=context.run.run_id,
                decided_after=decided_after(context, graph),
                figures=stage_figures(context.instance, realm, context.run.run_id, manifest.build),
                actor=launcher(context),
            )
        report("publish", 1, 1, "PostgreSQL")
        shared = work(watch)
        reports = _reports(diff)
        # Leaves of the graph: raw materialization events, since an output beside each would only be noise.
        for table in shown_tables(realm):
            changed = result.changed[table.name]
            yield dg.AssetMaterialization(
                keys.asset_key(realm, "warehouse", table.name),
                tags=version_tags(keys.asset_key(realm, "tables", table.name), manifest.build),
                metadata={
                    **shared,
                    "dagster/row_count": result.rows[table.name],
                    "inserted": changed.inserted,
                    "updated": changed.updated,
                    "deleted": changed.deleted,
                    "release": manifest.release,
                    "dagster/relation_identifier": f"{realm}.{table.name}",
                    **reports.get(table.name, {}),
                },
            )
        _tidy_partitions(context, graph, manifest)
        _make_room(context, graph)

    return warehouse


def _spec(graph: RealmGraph, table: Table) -> dg.AssetSpec:
    realm = graph.realm
    fresh = timedelta(days=graph.settings.fresh_days)
    return dg.AssetSpec(
        keys.asset_key(realm, "warehouse", table.name),
        deps=[keys.asset_key(realm, "tables", table.name)],
        group_name=keys.group(realm, "warehouse"),
        kinds={"postgres"},
        code_version=code_fingerprint(),
        description=(
            f"{table.description}\n\nThe table {realm}.{table.name} in PostgreSQL, published from tables/{table.name}"
            f" together with all others in one transaction. Read it through the view {realm}_v1.{table.name}. To"
            f" publish again, launch the job {realm}_publish: it checks first."
        ),
        skippable=True,
        freshness_policy=dg.FreshnessPolicy.time_window(fresh, warn_window=fresh / 2),
        metadata={
            **warehouse_columns(realm, table),
            "dagster/relation_identifier": f"{realm}.{table.name}",
        },
    )


def _reports(diff: Diff | None) -> dict[str, dict[str, dg.MarkdownMetadataValue]]:
    """What changed, as metadata of each table that did; the powers show the whole release."""
    if diff is None:
        return {}
    found = {}
    for name, counts in diff.counts.items():
        part = replace(diff, changes=diff.changes.filter(pl.col("table_name") == name), counts={name: counts})
        found[name] = {"changes": dg.MetadataValue.md(markdown(part))}
    whole = dg.MetadataValue.md(markdown(diff, WHOLE_REPORT))
    found["power"] = found.get("power", {}) | {"changes_of_all_tables": whole}
    return found


def _tidy_partitions(context: dg.AssetExecutionContext, graph: RealmGraph, manifest: BuildManifest) -> None:
    """Take away partitions of earlier plans, where what was published is the current one."""
    planned = graph.store.pointed(graph.realm, "plan")
    if planned is None or planned["build"] == manifest.build:
        chunks = [chunk.key for chunk in manifest.chunks]
        tidy(context.instance, graph.realm, chunks, run_id=context.run.run_id)


def _make_room(context: dg.AssetExecutionContext, graph: RealmGraph) -> None:
    """Old releases give up their files. What is published is published, whatever becomes of that."""
    runs = other_runs(context.instance, context.run.run_id)
    busy = {run.tags[keys.TAG_RELEASE] for run in runs if keys.TAG_RELEASE in run.tags}
    try:
        pruned = prune(graph.settings, graph.realm, busy=busy)
    except (OSError, MidsError) as error:
        context.log.warning(f"Old releases could not be removed: {redact(str(error))}")
        return
    if pruned.releases or pruned.builds:
        context.log.info(
            f"Removed the files of {len(pruned.releases)} old releases and {len(pruned.builds)} old builds,"
            f" {pruned.bytes / 1e6:,.1f} MB: MIDS_KEEP_RELEASES={graph.settings.keep_releases},"
            f" MIDS_KEEP_DAYS={graph.settings.keep_days}."
        )
