"""Version tags of materializations that are recorded as events of their own instead of beside an output."""

from __future__ import annotations

import dagster as dg

from mids_assets.transform.build import code_fingerprint


def version_tags(source: dg.AssetKey, build: str) -> dict[str, str]:
    """What Dagster notes by itself beside an output: without it the UI calls the asset unsynced for ever."""
    name = source.to_user_string()
    return {
        "dagster/code_version": code_fingerprint(),
        "dagster/data_version": build,
        "dagster/data_version_is_user_provided": "true",
        f"dagster/input_data_version/{name}": build,
        f"dagster/input_event_pointer/{name}": "NULL",
    }
