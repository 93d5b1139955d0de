"""The chain of two runs, on a real instance: publish follows ingest once, and not where nobody wants it."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg

from mids_assets.automation.jobs import publish_tags
from mids_assets.automation.processes import process_tag
from mids_assets.definitions import build_definitions
from mids_assets.graph import keys
from mids_assets.sample import write_sample
from mids_assets_tests.code_location import PARTITIONS, QUIET


def test_the_sensor_starts_one_publish_per_plan(location):
    _, manifest = location.plan()
    request, cursor = location.tick()
    assert isinstance(request, dg.RunRequest) and request.tags.items() >= publish_tags(manifest).items()
    again, _ = location.tick(cursor)
    assert isinstance(again, dg.SkipReason)
    # What it asks for runs whole, and takes the partitions of earlier plans away.
    location.instance.add_dynamic_partitions(PARTITIONS, ["00000000.000000000000-000000000001"])
    result = location.run("publish", tags=dict(request.tags))
    assert result.success
    assert location.instance.get_dynamic_partitions(PARTITIONS) == [c.key for c in manifest.chunks]


def test_two_plans_between_two_ticks_are_published_one_after_the_other(location, tmp_path):
    _, cursor = location.tick()
    plans = []
    for seed in (11, 12):
        write_sample(tmp_path / str(seed), seed=seed, file_format="mhd")
        location.ingest(tmp_path / str(seed))
        plans.append(location.plan()[1])
    for manifest in plans:
        request, cursor = location.tick(cursor)
        assert isinstance(request, dg.RunRequest) and request.tags.items() >= publish_tags(manifest).items()
        assert location.run("publish", tags=dict(request.tags)).success
    # Nothing waits any more, so only those of the current plan stay.
    assert isinstance(location.tick(cursor)[0], dg.SkipReason)
    assert location.instance.get_dynamic_partitions(PARTITIONS) == [c.key for c in plans[-1].chunks]


def test_the_sensor_leaves_an_import_of_the_command_line_alone_until_it_died(location, tmp_path):
    _, cursor = location.tick()
    for seed, alive in ((21, True), (22, False)):
        write_sample(tmp_path / str(seed), seed=seed, file_format="mhd")
        tag = (
            process_tag() if alive else {keys.TAG_PROCESS: f"{process_tag()[keys.TAG_PROCESS].split(':')[0]}:999999:1"}
        )
        location.ingest(tmp_path / str(seed), tags={keys.TAG_ORIGIN: keys.ORIGIN_CLI, **tag})
        skipped, kept = location.tick(cursor)
        assert isinstance(skipped, dg.SkipReason) and "mids import" in str(skipped.skip_message)
        assert kept == cursor
    request, _ = location.tick(cursor, build_definitions(replace(location.settings, takeover_seconds=0.0)))
    assert isinstance(request, dg.RunRequest)


def test_the_sensor_leaves_a_dry_run_alone(location, tmp_path):
    _, cursor = location.tick()
    write_sample(tmp_path / "dry", seed=31, file_format="mhd")
    location.ingest(tmp_path / "dry", tags={keys.TAG_PUBLISH: keys.NEVER})
    skipped, after = location.tick(cursor)
    assert isinstance(skipped, dg.SkipReason) and "without the wish" in str(skipped.skip_message)
    assert after != cursor


def test_an_unchanged_source_is_observed_and_not_ingested_again(location):
    request, _ = location.tick()
    assert isinstance(request, dg.RunRequest | dg.SkipReason)
    _, manifest = location.plan()
    assert location.run("publish", tags=publish_tags(manifest)).success
    source = location.settings.releases_dir / "homecoming" / manifest.release / "source"
    config = {"ops": {"homecoming__release": {"config": {"source": str(source)}}}}
    result = location.run("ingest", config=config)
    assert result.success and not result.get_asset_materialization_events()
    assert [e.event_type for e in result.all_events].count(dg.DagsterEventType.ASSET_OBSERVATION) == 1


def test_nothing_to_do_without_any_source(world, location, tmp_path):
    empty = build_definitions(replace(location.settings, data_dir=tmp_path / "data"))
    result = empty.resolve_job_def("homecoming_ingest").execute_in_process(instance=location.instance, run_config=QUIET)
    assert result.success and not result.get_asset_materialization_events()
