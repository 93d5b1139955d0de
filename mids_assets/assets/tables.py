"""The assets tables/<table>: normalized logical tables with resolved keys, one step per entity, checks attached."""

from datetime import UTC, datetime

import dagster as dg

from mids_assets.checks.tables import check_results, check_specs, lean
from mids_assets.errors import CheckFailed
from mids_assets.graph import keys
from mids_assets.graph.columns import table_columns
from mids_assets.graph.metadata import Stopwatch, preview, work
from mids_assets.graph.runs import RealmGraph, current_build
from mids_assets.graph.shown import shown_tables
from mids_assets.model.table import Table
from mids_assets.model.tables import ASSETS
from mids_assets.progress import finished
from mids_assets.transform.build import code_fingerprint
from mids_assets.transform.parts import FRAMES
from mids_assets.transform.parts import tables as tables_of
from mids_assets.transform.tables import frames_needed
from mids_assets.transform.tabling import write_tables
from mids_assets.warehouse.publishing import note_blocked


def table_assets(graph: RealmGraph) -> list[dg.AssetsDefinition]:
    return [_entity_tables(graph, entity) for entity in ASSETS]


def _entity_tables(graph: RealmGraph, entity: str) -> dg.AssetsDefinition:
    realm = graph.realm
    tables = shown_tables(realm, entity)
    deps = [keys.asset_key(realm, "frames", name) for name in frames_needed(entity)]

    @dg.multi_asset(
        name=f"{realm}_tables_{entity}",
        specs=[_spec(graph, table, deps) for table in tables],
        check_specs=check_specs(realm, entity),
    )
    def entity_tables(context: dg.AssetExecutionContext):
        paths, manifest = current_build(context, graph)
        paths.require(*FRAMES)
        watch, started = Stopwatch(), datetime.now(UTC)
        broken: list[str] = []
        for written in write_tables(paths, entity, whole=manifest.whole):
            table = written.table
            if not written.rules.passed:
                failures = ", ".join(f"{rule}: {rows:,} rows" for rule, rows in written.rules.failures.items())
                broken.append(f"{table.name} ({failures})")
            if table not in tables:
                continue
            rules, *unresolved = check_results(paths, manifest, table, written.rules, written.unresolved)
            yield dg.MaterializeResult(
                asset_key=keys.asset_key(realm, "tables", table.name),
                data_version=dg.DataVersion(manifest.build),
                metadata={
                    **work(watch, bytes=written.path.stat().st_size),
                    "dagster/row_count": written.rows,
                    "repeats_dropped": written.repeats,
                    "path": dg.MetadataValue.path(str(written.path)),
                    "preview": preview(written.head),
                },
                check_results=[rules],
            )
            for result in unresolved:
                yield from lean(context, result)
            watch = Stopwatch()
        paths.keep(tables_of(entity))
        if broken:
            error = CheckFailed(f"blocking checks failed: {'; '.join(broken)}")
            note_blocked(
                graph.settings, paths, manifest, run_id=context.run.run_id, error=error, entity=entity, started=started
            )
        finished("tables", entity, len(ASSETS))

    return entity_tables


def _spec(graph: RealmGraph, table: Table, deps: list[dg.AssetKey]) -> dg.AssetSpec:
    upstream = ", ".join("/".join(key.path[1:]) for key in deps)
    return dg.AssetSpec(
        keys.asset_key(graph.realm, "tables", table.name),
        deps=deps,
        group_name=keys.group(graph.realm, "tables"),
        kinds={"polars", "parquet"},
        code_version=code_fingerprint(),
        description=(
            f"{table.description}\n\nReads {upstream}, and stands as Parquet, its references as names. Made and checked"
            " by every publish; materialize it alone to look at what a change of code gives, before anything is"
            " published."
        ),
        metadata=table_columns(graph.realm, table),
    )
