"""The asset `health` of a realm: the table of what is wrong now. Nothing depends on it, and no import makes it."""

from datetime import timedelta

import dagster as dg

from mids_assets.checks.health import health_key, health_metadata, standing_results, standing_specs
from mids_assets.graph import keys
from mids_assets.graph.runs import RealmGraph
from mids_assets.health.problems import read_problems


def health_asset(graph: RealmGraph) -> dg.AssetsDefinition:
    realm = graph.realm

    @dg.asset(
        key=health_key(realm),
        group_name=keys.group(realm, "health"),
        kinds={"markdown"},
        # Recorded once a day at least: an older one means that nobody looks.
        freshness_policy=dg.FreshnessPolicy.time_window(timedelta(days=2)),
        check_specs=standing_specs(realm),
        description=(
            "What is wrong with the realm now, and what to do, as a table in the metadata of its newest"
            " materialization. The sensor that looks every minute records it when it changes, and once a day."
        ),
    )
    def health() -> dg.MaterializeResult:
        problems = read_problems(graph.settings, realm)
        return dg.MaterializeResult(metadata=health_metadata(problems), check_results=standing_results(problems))

    return health
