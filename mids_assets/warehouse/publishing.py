"""A build on disk goes to PostgreSQL: collects what the publish needs, verifies it once more, calls it.

The rules are verified here and not only by the asset checks, because a selection in the UI can leave checks out.
Does not belong here: SQL (`publish`), rules (`transform.rules`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from mids_assets.errors import CheckFailed
from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.model.table import NATURAL_KEY
from mids_assets.model.tables import ASSETS, TABLES
from mids_assets.readers.raw import RAW_FILES
from mids_assets.settings import Settings
from mids_assets.transform.build import BuildManifest
from mids_assets.transform.corrections.kept import all_outcomes
from mids_assets.transform.diff.compare import Diff
from mids_assets.transform.evidence import still_holds
from mids_assets.transform.ingest import release_manifest
from mids_assets.transform.memory import give_back
from mids_assets.transform.parts import FINISHED
from mids_assets.transform.rules import check_rules
from mids_assets.transform.store import BuildPaths, Store, existing, read_json
from mids_assets.transform.summary import TableSummary, read_quarantines, read_summary, read_table_summaries
from mids_assets.warehouse.audit import Actor
from mids_assets.warehouse.backup.before_publish import back_up_before
from mids_assets.warehouse.comparing import Compared
from mids_assets.warehouse.connection import connect, realm_lock
from mids_assets.warehouse.guarding import examine
from mids_assets.warehouse.history import published_since
from mids_assets.warehouse.outcome import note_failure
from mids_assets.warehouse.publish import Changed, EntityLog, PublishResult, preview, publish
from mids_assets.warehouse.quarantine import note_quarantine
from mids_assets.warehouse.register import ReleaseRecord, is_older, published


def publish_build(
    settings: Settings,
    paths: BuildPaths,
    manifest: BuildManifest,
    *,
    run_id: str | None,
    decided_after: int | None = None,
    figures: Mapping[str, Any] | None = None,
    actor: Actor | None = None,
) -> tuple[PublishResult, Diff | None]:
    """Publish a build whose tables are all there; returns what that changed, as far as the build before is still
    stored. `decided_after`: the last row of mids.import_log when it was decided to publish; where another run
    has published the very build since, nothing is left to do. `figures`: what the stages before took, kept in the
    summary. `actor`: as of `publish`. Raises `CheckFailed`, `RealmBusy`, `DatabaseUnavailable`."""
    paths.require(*FINISHED)
    for table in TABLES:
        existing(paths.tables / f"{table.name}.parquet", f"tables/{table.name}")
    quarantine = read_quarantines(paths)
    summary = {**read_summary(paths), **(figures or {})}
    summaries = read_table_summaries(paths)
    give_back()
    started = datetime.now(UTC)
    with (
        closing(connect(settings, application_name=f"mids publish {manifest.realm}")) as connection,
        realm_lock(connection, manifest.realm, settings.lock_wait_seconds),
    ):
        done = None if decided_after is None else _done_since(connection, manifest, decided_after)
        if done is not None:
            return done, None
        report = examine(connection, settings, paths, manifest)
        summary["warnings"] |= report.warnings()
        diff = report.compared.diff

        def verify(folder: Path) -> None:
            verify_tables(summaries, folder, whole=manifest.whole)
            report.require(manifest.realm, manifest.release)
            back_up_before(settings, manifest.realm, report.compared)

        result = publish(
            connection,
            realm=manifest.realm,
            release=release_record(read_json(paths.release_dir / "release.json")),
            build=manifest.build,
            tables_dir=paths.tables,
            quarantine=quarantine,
            summary=summary,
            run_id=run_id,
            entities=entity_logs(manifest, quarantine, started),
            settings=settings,
            verify=verify,
            renamed=report.compared.renamed(),
            changes=diff.changes if diff and diff.old else None,
            left_out=diff.left_out if diff else (),
            actor=actor,
        )
    return result, diff


def _done_since(connection, manifest: BuildManifest, row: int) -> PublishResult | None:
    """What readers see, where that is this build and another run published it behind a row of the log."""
    current = published(connection, manifest.realm)
    since = published_since(connection, manifest.realm, manifest.build, row)
    connection.rollback()
    if current is None or current.build != manifest.build or not since:
        return None
    rows = current.summary["tables"]
    return PublishResult(current.id, {name: Changed() for name in rows}, rows, 0.0)


def note_blocked(
    settings: Settings,
    paths: BuildPaths,
    manifest: BuildManifest,
    *,
    run_id: str | None,
    error: CheckFailed,
    entity: str | None = None,
    started: datetime | None = None,
) -> None:
    """Note why a build whose frames are all there is not published, and its quarantine, which may be why.

    `entity`: the one whose tables, begun at `started`, break a rule; None where it is the build as a whole.
    """
    quarantine = read_quarantines(paths)
    logs = [log for log in entity_logs(manifest, quarantine, started or datetime.now(UTC)) if log.import_type == entity]
    note_failure(settings, manifest.realm, manifest.release, manifest.build, run_id, logs, error)
    note_quarantine(settings, manifest.realm, manifest.release, manifest.build, quarantine, all_outcomes(paths))


def preview_build(connection, realm: str, paths: BuildPaths, compared: Compared) -> dict[str, dict[str, int]]:
    """What a publish of the build would change, per table; nothing is written to the database."""
    changed = preview(connection, realm, paths.tables, compared.renamed())
    return {name: _numbers(one) for name, one in changed.items()}


def verify_tables(summaries: Mapping[str, TableSummary], folder: Path, *, whole: bool = True) -> None:
    """Check every blocking rule of the model on the tables in `folder`. Raises `CheckFailed` naming the rows.

    `whole`: whether the release is a whole database. Where `summaries` says that the same bytes passed, that is
    believed.
    """
    keys = _target_keys(folder)
    for table in TABLES:
        path, before = folder / f"{table.name}.parquet", summaries[table.name]
        if not before.failures and still_holds(table, path, keys, before.checked):
            continue
        report = check_rules(table, pl.scan_parquet(path), keys, whole=whole)
        if not report.passed:
            rules = ", ".join(f"{rule}: {count:,} rows" for rule, count in report.failures.items())
            raise CheckFailed(f"table {table.name} breaks rules of the model ({rules}); nothing was published")


def release_record(manifest: Mapping[str, Any]) -> ReleaseRecord:
    """The stored release's manifest in the register's words."""
    header = manifest["header"]
    return ReleaseRecord(
        release=manifest["release"],
        version=header["version"],
        release_date=datetime.fromisoformat(header["date"]) if header["date"] else None,
        issue=header["issue"],
        page_volume=header["page_volume"],
        page_volume_text=header["page_volume_text"],
        is_sample=manifest["is_sample"],
        source=manifest["origin"],
        headers={name: manifest[name] for name in ("header", "files", "choice", "warnings")},
    )


def is_older_than_published(settings: Settings, store: Store, realm: str, release: str) -> bool:
    """Whether a stored release comes before what readers of the realm see."""
    record = release_record(release_manifest(store, realm, release))
    with closing(connect(settings, application_name=f"mids order {realm}")) as connection:
        row = published(connection, realm)
    return row is not None and row.release != release and is_older(record.release_date, record.version, row)


def _target_keys(folder: Path) -> Callable[[str], pl.DataFrame]:
    """Keys of a table as `check_rules` asks for them, read once."""

    @cache
    def keys(name: str) -> pl.DataFrame:
        table = TABLES[name]
        columns = [NATURAL_KEY] if table.kind == "entity" else list(table.key)
        return pl.read_parquet(folder / f"{name}.parquet", columns=columns)

    return keys


def entity_logs(manifest: BuildManifest, quarantine: pl.DataFrame, started: datetime) -> list[EntityLog]:
    """How the records of each entity fared in this build, for mids.import_log."""
    logs = []
    for asset in ASSETS:
        raw = manifest.raw[RAW_FILES[asset]]
        rejected = quarantine.filter(pl.col("entity") == asset)
        processed = int(raw["records"])
        rules: list[dict[str, Any]] = rejected.group_by("rule").len("count").sort("rule").to_dicts()
        logs.append(
            EntityLog(
                import_type=asset,
                file_name=str(raw["source_file"]),
                records_processed=processed,
                records_imported=processed - rejected.get_column(SOURCE_POSITION).n_unique(),
                errors=rules,
                started_at=started,
                completed_at=None,
            )
        )
    return logs


def _numbers(changed: Changed) -> dict[str, int]:
    return {"inserted": changed.inserted, "updated": changed.updated, "deleted": changed.deleted}
