"""The assets <realm>/backup and mids/dagster_backup: a dump each, made by a schedule. No import makes them."""

from datetime import timedelta

import dagster as dg

from mids_assets.errors import NothingToBackUp
from mids_assets.graph import keys
from mids_assets.graph.retries import database_may_come_back
from mids_assets.settings import Settings
from mids_assets.warehouse.backup.manifest import DAGSTER
from mids_assets.warehouse.backup.taking import Taken, back_up

_WHAT = (
    "It was read back before it is listed here; `mids db backups` lists all that are kept, and `mids db restore`"
    " brings one back."
)


def backup_key(of: str) -> dg.AssetKey:
    """Of a realm's backup, or of that of Dagster's database; no realm is called mids."""
    return dg.AssetKey(["mids", "dagster_backup"]) if of == DAGSTER else keys.asset_key(of, "backup")


def realm_backup(settings: Settings, realm: str) -> dg.AssetsDefinition:
    text = f"The newest dump of the realm: tables, views, and its rows of schema mids. {_WHAT}"
    return _asset(settings, realm, keys.group(realm, "backup"), text)


def dagster_backup(settings: Settings) -> dg.AssetsDefinition:
    text = f"The newest dump of Dagster's own database: runs, events, what the sensors have seen. {_WHAT}"
    return _asset(settings, DAGSTER, "mids_backup", text)


def _asset(settings: Settings, of: str, group: str, description: str) -> dg.AssetsDefinition:
    @dg.asset(
        key=backup_key(of),
        group_name=group,
        kinds={"postgres"},
        description=description,
        freshness_policy=dg.FreshnessPolicy.time_window(timedelta(days=2)),
    )
    def backup() -> dg.MaterializeResult:
        try:
            with database_may_come_back():
                taken = back_up(settings, of, "schedule")
        except NothingToBackUp as nothing:
            # Recorded all the same: a backfill of the whole graph counts what records nothing as failed.
            return dg.MaterializeResult(metadata={"nothing_to_back_up": str(nothing)})
        return dg.MaterializeResult(metadata=_metadata(taken))

    return backup


def _metadata(taken: Taken) -> dict[str, dg.MetadataValue | str | float | int]:
    facts = taken.manifest
    metadata: dict[str, dg.MetadataValue | str | float | int] = {
        "name": facts.name,
        "place": taken.place,
        "dagster/row_count": facts.rows,
        "bytes": facts.bytes,
        "seconds": facts.seconds,
        "sha256": dg.MetadataValue.json({name: file.sha256 for name, file in facts.files.items()}),
        "server": facts.server,
        "removed": len(taken.removed),
    }
    if facts.release:
        metadata |= {"release": facts.release, "version": facts.version or ""}
    return metadata
