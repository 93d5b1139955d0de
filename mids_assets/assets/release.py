"""The asset `release`: finds a source, stores it content-addressed and notes it in the register."""

from contextlib import closing
from pathlib import Path

import dagster as dg

from mids_assets.errors import NetworkUnavailable, UserError
from mids_assets.graph import keys
from mids_assets.graph.backfills import goes_to_the_end
from mids_assets.graph.metadata import Stopwatch, counts, work
from mids_assets.graph.runs import RealmGraph, tag_run
from mids_assets.graph.tried import by_itself, content_tags, why_left_alone
from mids_assets.settings import Settings
from mids_assets.transform.build import build_id, code_fingerprint
from mids_assets.transform.corrections.kept import corrections_for, fingerprint, keep
from mids_assets.transform.ingest import StoredRelease, store_release, stored_source
from mids_assets.transform.landing import entries, entry_content, newest_first
from mids_assets.transform.store import read_json
from mids_assets.updates.fetch import obtain
from mids_assets.updates.http import Client
from mids_assets.updates.looks import note_look
from mids_assets.updates.polling import poll
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.history import last_row
from mids_assets.warehouse.publishing import release_record
from mids_assets.warehouse.register import (
    OPEN,
    ReleaseRow,
    find,
    is_older,
    note_release,
    published,
    releases,
    resolve,
    why_settled,
)
from mids_assets.warehouse.schema import ensure_operations
from mids_assets.warehouse.stored_source import source_of

_FETCH_RETRIES = 2
_FETCH_PAUSE_SECONDS = 60.0


class ReleaseConfig(dg.Config):
    """`source`: folder or archive to import; empty = newest entry of the landing folder (in a run of the schedule: one
    that no run tried before), else the newest release that is stored and was neither rejected, superseded nor rolled
    back.
    `entry`: name of an entry of the landing folder to import instead.
    `release`: a stored release (its id, the beginning of it, or its version) to publish again instead, also one that is
    older than what is published.
    `update`: fetch what the update manifests of the realm offer, and import that instead.
    `force`: go on although this very build is published, as a run of the whole graph does anyway."""

    source: str = ""
    entry: str = ""
    release: str = ""
    update: bool = False
    force: bool = False


def release_asset(graph: RealmGraph) -> dg.AssetsDefinition:
    realm = graph.realm
    key = keys.asset_key(realm, keys.RELEASE)

    @dg.asset(
        key=key,
        group_name=keys.group(realm, "source"),
        kinds={"file"},
        code_version=code_fingerprint(),
        output_required=False,
        description=(
            "A release of the source, copied whole into the store under the hash of its content, with a manifest of its"
            " files. Reads the landing folder, or what its run config `source` names. Launch the ingest job to import a"
            " release by hand; there is nothing to do when its build is published already, or without any source."
        ),
    )
    def release(context: dg.AssetExecutionContext, config: ReleaseConfig):
        watch = Stopwatch()
        if sum(map(bool, (config.source, config.entry, config.release, config.update))) > 1:
            raise UserError("source, entry, release and update each say what to import: set one of them")
        decided = _decided(context, graph)
        path = _fetch(context, graph) if config.update else _choose(context, graph, config)
        if path is None and config.update:
            context.log.info("Nothing to do: no update is offered.")
            return
        if path is None:
            context.log.info(f"Nothing to do: no source in {graph.settings.landing_dir / realm} and no stored release.")
            return
        stored = store_release(graph.store, realm, path)
        corrections = corrections_for(graph.settings.corrections_dir, realm, stored.header.version, stored.header.date)
        build = build_id(stored.release, chunk_bytes=graph.settings.chunk_bytes, corrections=fingerprint(corrections))
        # Who materializes the graph to its end wants it made anew; and a backfill that ended here would have failed.
        named = {keys.TAG_PUBLISH: keys.ASKED} if config.release else {}
        if not (config.force or named or goes_to_the_end(context.instance, context.run, realm)):
            with closing(connect(graph.settings, application_name=f"mids release {realm}")) as connection:
                ensure_operations(connection)
                row, before = find(connection, realm, stored.release), published(connection, realm)
            if row and (settled := why_settled(row, build)):
                context.log.info(f"Nothing to do: {settled}.")
                context.log_event(dg.AssetObservation(key, metadata=_shown(stored, build)))
                return
            # Not observed: that would say that what is published was found unchanged.
            if row and by_itself(context.run) and (reason := _why_not_again(context, row, before, build)):
                context.log.info(f"Nothing to do: {reason}.")
                return
        keep(graph.store.build(realm, stored.release, build), corrections)
        tag_run(context, stored.release, build, **decided, **named)
        graph.store.point(realm, "newest", {"release": stored.release, "build": build})
        register(graph.settings, stored)
        yield dg.MaterializeResult(
            data_version=dg.DataVersion(stored.release), metadata=work(watch, **_shown(stored, build))
        )

    return release


def register(settings: Settings, stored: StoredRelease) -> None:
    """Note the release in mids.release, as seen."""
    with closing(connect(settings, application_name=f"mids release {stored.realm}")) as connection:
        ensure_operations(connection)
        note_release(connection, stored.realm, release_record(read_json(stored.folder / "release.json")))
        connection.commit()


def _why_not_again(
    context: dg.AssetExecutionContext, row: ReleaseRow, before: ReleaseRow | None, build: str
) -> str | None:
    """Why a run that no person launched does not ingest once more a release that is known and not published."""
    if before and before.release != row.release and is_older(row.release_date, row.version, before):
        return f"release {row.release} is stored, and older than what is published"
    publish = dg.RunsFilter(job_name=keys.job_name(row.realm, "publish"), tags={keys.TAG_BUILD: build})
    for run in context.instance.get_runs(publish, limit=1):
        return f"build {build} has its publish, run {run.run_id}, and the sensor starts another where that can help"
    return None


def _decided(context: dg.AssetExecutionContext, graph: RealmGraph) -> dict[str, str]:
    """The tag that says what was published when this import was decided on, unless its launcher has said so."""
    if keys.TAG_DECIDED in context.run.tags:
        return {}
    with closing(connect(graph.settings, application_name=f"mids release {graph.realm}")) as connection:
        return {keys.TAG_DECIDED: str(last_row(connection, graph.realm))}


def _fetch(context: dg.AssetExecutionContext, graph: RealmGraph) -> Path | None:
    """The patch that the realm's manifests offer, downloaded and verified; a server that is away is waited for."""
    settings, realm = graph.settings, graph.realm
    urls, folder = settings.updates_of(realm), settings.updates_dir / realm
    if not urls:
        return None
    try:
        with Client() as client:
            offer = poll(client, urls, realm, folder).offer
            if offer is None:
                return None
            fetched = obtain(client, offer, realm, folder)
    except NetworkUnavailable as error:
        raise dg.RetryRequested(max_retries=_FETCH_RETRIES, seconds_to_wait=_FETCH_PAUSE_SECONDS) from error
    for warning in fetched.warnings:
        context.log.warning(warning)
    return fetched.path


def _choose(context: dg.AssetExecutionContext, graph: RealmGraph, config: ReleaseConfig) -> Path | None:
    if config.source:
        return Path(config.source).expanduser()
    if config.entry:
        return _entry(context, graph.settings.landing_dir / graph.realm, config.entry)
    if config.release:
        with closing(connect(graph.settings, application_name=f"mids release {graph.realm}")) as connection:
            row = resolve(connection, graph.realm, config.release)
        return source_of(graph.settings, row)
    note_look(graph.settings.updates_dir / graph.realm, asked=False)
    for entry in newest_first(graph.settings.landing_dir / graph.realm):
        if (content := _untried(context, entry)) is not None:
            context.instance.add_run_tags(context.run.run_id, content_tags(content))
            return entry
    with closing(connect(graph.settings, application_name=f"mids release {graph.realm}")) as connection:
        ensure_operations(connection)
        rows = releases(connection, graph.realm)
    stored = (stored_source(graph.store, graph.realm, row.release) for row in reversed(rows) if row.state in OPEN)
    return next(filter(None, stored), None)


def _entry(context: dg.AssetExecutionContext, folder: Path, name: str) -> Path:
    """An entry by its name, which is looked up in the folder and never made a path of: it may come from far away."""
    there = {entry.name: entry for entry in entries(folder)}
    if name not in there:
        raise UserError(f"{folder} has no entry {name!r}; it has {', '.join(there) or 'none'}")
    context.instance.add_run_tags(context.run.run_id, content_tags(entry_content(there[name])))
    return there[name]


def _untried(context: dg.AssetExecutionContext, entry: Path) -> str | None:
    """The content of an entry of the landing folder; None where a run that no person launched leaves it alone."""
    if not by_itself(context.run):
        return entry_content(entry)
    try:
        content = entry_content(entry)
    except UserError as error:
        context.log.warning(f"{entry.name} is passed over: {error}.")
        return None
    reason = why_left_alone(context.instance, context.run, content)
    if reason is None:
        return content
    context.log.info(f"{entry.name} is passed over: {reason}.")
    return None


def _shown(stored: StoredRelease, build: str) -> dict:
    header = stored.header
    source = stored.source
    return {
        "release": stored.release,
        "build": build,
        "new": stored.is_new,
        "version": header.version,
        "date": header.date.isoformat() if header.date else "none",
        "issue": header.issue,
        "main_database": f"{header.main} ({header.layout})",
        "choice": source.choice or "one main database",
        "origin": stored.origin,
        "sample": source.is_sample,
        "bytes": sum(file.size for file in source.files.values()),
        "layouts": counts(stored.layouts, ("file", "layout and fingerprint of its fields")),
        "files": counts({file.name: f"{file.size:,} bytes" for file in source.files.values()}, ("file", "size")),
        "warnings": dg.MetadataValue.md("\n".join(f"- {text}" for text in source.warnings) or "none"),
    }
