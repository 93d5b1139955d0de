"""Which release and build a step works on.

The first step of a run that knows writes them into the run's tags; every later step, in whatever process, reads
the tags, so that a release which arrives in the middle never mixes two builds. The runs of one backfill share them.
A step that a person materializes alone has no tags and takes the realm's current plan (or, for raw and the plan, the
release seen last).
Does not belong here: paths (`transform.store`), ids (`transform.build`).
"""

from __future__ import annotations

from dataclasses import dataclass

import dagster as dg

from mids_assets.errors import StaleBuild
from mids_assets.graph.backfills import TAG_BACKFILL, runs_of
from mids_assets.graph.keys import PLAN, TAG_BUILD, TAG_DECIDED, TAG_RELEASE, TAG_SENSOR, asset_key
from mids_assets.graph.worker_tag import note_worker, worker_of
from mids_assets.logs import about
from mids_assets.settings import Settings
from mids_assets.transform.build import BuildManifest, read_manifest
from mids_assets.transform.store import BuildPaths, Store, open_store


@dataclass(frozen=True, slots=True)
class RealmGraph:
    """What the factory of a realm's assets closes over."""

    settings: Settings
    realm: str

    @property
    def store(self) -> Store:
        return open_store(self.settings)


Context = dg.AssetExecutionContext | dg.AssetCheckExecutionContext
UNFINISHED = [
    status
    for status in dg.DagsterRunStatus
    if status not in (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
]
"""States of a run that waits or is under way."""


def tag_run(context: Context, release: str, build: str, **more: str) -> None:
    """State what this run works on."""
    context.instance.add_run_tags(context.run.run_id, {TAG_RELEASE: release, TAG_BUILD: build, **more})
    about(run_id=context.run.run_id, release=release, build=build)


def decided_after(context: Context, graph: RealmGraph) -> int | None:
    """The row of mids.import_log after which this run's publish was decided on; None where a person asked for it.

    Decided was by the run that looked at the source: this one, or for a publish of the sensor the one that planned.
    """
    run = context.instance.get_run_by_id(context.run.run_id)
    if run and TAG_DECIDED not in run.tags and TAG_SENSOR in run.tags:
        plans = context.instance.fetch_materializations(asset_key(graph.realm, PLAN), limit=1).records
        planner = context.instance.get_run_by_id(plans[0].run_id) if plans else None
        run = planner if planner and _stated(planner) == _stated(run) else None
    return int(run.tags[TAG_DECIDED]) if run and TAG_DECIDED in run.tags else None


def seen_release(context: Context, graph: RealmGraph) -> BuildPaths:
    """The release of this run, else the one that was seen last."""
    found = _tagged(context, graph) or graph.store.pointed(graph.realm, "newest")
    if not found:
        raise StaleBuild(f"no release of realm {graph.realm} is known yet: materialize {graph.realm}/release first")
    return graph.store.build(graph.realm, found["release"], found["build"])


def current_build(context: Context, graph: RealmGraph) -> tuple[BuildPaths, BuildManifest]:
    """The build of this run, else the realm's current plan, which then becomes this run's."""
    found = _tagged(context, graph)
    if found is None:
        found = graph.store.pointed(graph.realm, "plan")
        if not found:
            raise StaleBuild(f"nothing is planned for realm {graph.realm}: materialize {graph.realm}/release first")
        tag_run(context, found["release"], found["build"])
    return read_manifest(graph.store, graph.realm, found["release"], found["build"])


def _tagged(context: Context, graph: RealmGraph) -> dict[str, str] | None:
    run = context.instance.get_run_by_id(context.run.run_id)
    if run is None:
        return None
    about(run_id=run.run_id, realm=graph.realm, release=run.tags.get(TAG_RELEASE), build=run.tags.get(TAG_BUILD))
    if not worker_of(run):
        note_worker(context)
    found = _stated(run)
    if found is None and TAG_BACKFILL in run.tags:
        # Its runs belong together, whatever was planned between two of them.
        others = runs_of(context.instance, run.tags[TAG_BACKFILL])
        first = next((other for other in others if _stated(other)), None)
        if first is not None:
            found = _stated(first)
            shared = {tag: first.tags[tag] for tag in (TAG_RELEASE, TAG_BUILD, TAG_DECIDED) if tag in first.tags}
            context.instance.add_run_tags(run.run_id, shared)
    return found


def _stated(run: dg.DagsterRun) -> dict[str, str] | None:
    if TAG_BUILD not in run.tags or TAG_RELEASE not in run.tags:
        return None
    return {"release": run.tags[TAG_RELEASE], "build": run.tags[TAG_BUILD]}
