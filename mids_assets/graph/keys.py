"""Names of assets, groups, partitions and run tags; nothing that runs."""

from __future__ import annotations

import dagster as dg

RELEASE = "release"
PLAN = "i12_chunk_plan"
RECORDS = "i12_records"
CROSS_CHECK = "cross_check"
LAYERS = ("raw", "frames", "tables", "warehouse")

TAG_REALM = "mids/realm"
TAG_RELEASE = "mids/release"
TAG_BUILD = "mids/build"
TAG_ORIGIN = "mids/origin"
TAG_PUBLISH = "mids/publish"
"""On an ingest: `never`, where a person asked for no publish (a dry run, or an older release)."""
NEVER = "never"
ASKED = "asked"
"""The same where a person named a stored release to be published again, whatever came before or after it."""
TAG_DEED = "mids/deed"
"""On a run that the read API launched: what the operator asked for, in the words of mids.audit."""
TAG_UPDATE = "mids/update"
"""On an ingest that the update sensor launched: what was offered."""
TAG_CONTENT = "mids/content"
TAG_CODE = "mids/code"
"""On an ingest of an entry of the landing folder: hash of what is in the entry, and which code reads it."""
TAG_ENTRY = "mids/entry"
TAG_HASHED = "mids/hashed"
"""On a run that hashes such an entry: its name and times as the sensor saw them, and the hash that was found."""
TAG_COMPARED = "mids/compared"
"""On a cross-check that the sensor launched: the builds of both sides, and which code compares them."""
TAG_USER = "mids/user"
TAG_LAUNCHED_BY = "mids/launched_by"
"""On every run: who launched it, and from where (`warehouse.audit.Actor`)."""
TAG_PROCESS = "mids/process"
TAG_DECIDED = "mids/decided_after"
"""The last row of mids.import_log when it was decided to import: who finds the build published behind it is done."""
TAG_TRACE = "mids/traceparent"
"""On a publish: the span of the ingest that it follows, as W3C Trace Context writes it."""
TAG_TRACED = "mids/traced"
"""On a run that is over: its spans were taken by the collector."""
ORIGIN_CLI = "cli"
TAG_SENSOR = "dagster/sensor_name"
"""Dagster's own, on a run that a sensor launched."""
TAG_REPOSITORY = ".dagster/repository"
REPOSITORY = "__repository__@mids_assets"
"""By this tag the UI's page of a job finds runs that were not launched through a code location."""


def job_name(realm: str, kind: str) -> str:
    """homecoming_ingest, homecoming_publish ..."""
    return f"{realm}_{kind}"


def asset_key(realm: str, *parts: str) -> dg.AssetKey:
    """[realm, release], [realm, raw, power], [realm, warehouse, power_effect] ..."""
    return dg.AssetKey([realm, *parts])


def cross_check_key(realm: str) -> dg.AssetKey:
    """[cross_check, realm]: it belongs to two realms, and is about this one."""
    return dg.AssetKey([CROSS_CHECK, realm])


def group(realm: str, layer: str) -> str:
    """One group per realm and layer, so that the graph folds into a handful of boxes."""
    return f"{realm}_{layer}"


def chunk_partitions(realm: str) -> dg.DynamicPartitionsDefinition:
    return dg.DynamicPartitionsDefinition(name=f"{realm}_i12_chunks")
