"""`mids import`: the same jobs as in the UI, run in this process against the same Dagster instance.

The steps: look at the source, compare it with what is published, run `ingest`, run `publish` (or `validate` for a
dry run), read back what happened. Does not belong here: what the jobs do, how the outcome is shown.
"""

from __future__ import annotations

import gc
import os
import time
import uuid
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from mids_assets.automation.dead_workers import report_dead_workers
from mids_assets.automation.failed_runs import note_failed_runs
from mids_assets.automation.jobs import job_name, publish_tags
from mids_assets.automation.processes import process_tag, report_dead_runs
from mids_assets.automation.traces import send_at_end, trace_tags
from mids_assets.commands.bars import Bars
from mids_assets.commands.failures import raise_failure
from mids_assets.commands.outcome import Outcome
from mids_assets.definitions import defs
from mids_assets.errors import UserError
from mids_assets.graph import keys
from mids_assets.graph.attribution import actor_tags
from mids_assets.graph.runs import RealmGraph
from mids_assets.logs import about
from mids_assets.progress import listening
from mids_assets.readers.source import Source
from mids_assets.readers.unpack import opened_source
from mids_assets.settings import CELERY, Settings
from mids_assets.storage import open_instance
from mids_assets.transform.build import BuildManifest, build_id, read_manifest, release_id
from mids_assets.transform.corrections.kept import corrections_for, fingerprint
from mids_assets.transform.ingest import check_realm, require_space
from mids_assets.transform.memory import peak_mib, peak_of_children_mib
from mids_assets.transform.summary import in_model_order, read_summary
from mids_assets.warehouse.audit import Action, Deed, at_this_terminal, record
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.guarding import examine
from mids_assets.warehouse.history import last_row, published_by
from mids_assets.warehouse.publishing import preview_build
from mids_assets.warehouse.register import ReleaseRow, find, is_older, published

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Run config that keeps Dagster's events out of the terminal; they are in the UI."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    source: Path
    realm: str
    force: bool = False
    older: bool = False
    dry_run: bool = False
    strict: bool = False
    asked: Action = "import"
    """What mids.audit calls it; a dry run is always a check."""


def run_import(settings: Settings, options: ImportOptions, *, quiet: bool) -> Outcome:
    """Import one release. Raises `MidsError` for everything that a person has to know about."""
    started = time.perf_counter()
    about(anew=True, realm=options.realm)
    gc.freeze()  # Dagster's million objects stay to the end; no collection needs to look through them again.
    with ExitStack() as stack:
        bars = stack.enter_context(Bars(quiet))
        stack.enter_context(listening(bars.show))
        bars.stage("source", "looking")
        with opened_source(options.source.expanduser(), options.realm) as source:
            check_realm(source, options.realm)
        require_space(settings.releases_dir, source)
        release = release_id(options.realm, source.content_hash)
        header = source.header
        corrections = corrections_for(settings.corrections_dir, options.realm, header.version, header.date)
        build = build_id(release, chunk_bytes=settings.chunk_bytes, corrections=fingerprint(corrections))
        about(release=release, build=build)
        bars.stage("source", f"version {source.header.version}")
        bars.stage("server", "starting")
        connection = stack.enter_context(closing(connect(settings, application_name=f"mids import {options.realm}")))
        before = published(connection, options.realm)
        decided_after = last_row(connection, options.realm)
        connection.commit()
        instance = stack.enter_context(open_instance())
        report_dead_runs(instance)
        report_dead_workers(instance)
        note_failed_runs(instance, settings)
        bars.stage("server", "ready")
        # Also of an import that fails: whoever traces wants to see that one above all.
        stack.callback(send_at_end, instance, settings)
        runner = _Runner(settings, options, release, instance, decided_after)
        outcome = Outcome(options.realm, "", release, build, source.header.version, 0.0, {})
        outcome.warnings = list(source.warnings)
        outcome.notes = [source.choice] if source.choice else []
        if settings.executor == CELERY:
            outcome.notes.append("All steps ran in this process and none on the workers of MIDS_CELERY_BROKER.")
        if before and (before.release, before.build) == (release, build) and not (options.force or options.dry_run):
            runner.note_unchanged(release, build)
            _unchanged(outcome, before)
        else:
            _import(settings, options, runner, source, before, outcome, bars, connection)
    outcome.seconds = time.perf_counter() - started
    outcome.peak_memory_mib = max(peak_mib(), peak_of_children_mib())
    return outcome


def _import(
    settings: Settings,
    options: ImportOptions,
    runner: _Runner,
    source: Source,
    before: ReleaseRow | None,
    outcome: Outcome,
    bars: Bars,
    connection,
) -> None:
    header = source.header
    too_old = before is not None and not options.older and is_older(header.date, header.version, before)
    manifest = runner.ingest(publish=not (options.dry_run or too_old))
    paths, _ = read_manifest(runner.graph.store, manifest.realm, manifest.release, manifest.build)
    row = find(connection, options.realm, manifest.release)
    connection.rollback()
    if row is not None and (row.revision or 1) > 1:
        outcome.notes.append(
            f"Version {header.version} was seen with other content before: this is revision {row.revision}."
        )
    if too_old and before is not None and not options.dry_run:
        outcome.action = "stored"
        outcome.notes.append(
            f"Version {header.version} is older than the published {before.version}: it is stored and not published."
            " Add --older to publish it all the same."
        )
        return
    if options.dry_run:
        runner.validate(manifest)
        outcome.action = "checked"
        outcome.summary = read_summary(paths)
        report = examine(connection, settings, paths, manifest)
        outcome.summary["warnings"] |= report.warnings()
        bars.stage("compare", "with what is published")
        outcome.changed = preview_build(connection, manifest.realm, paths, report.compared)
    else:
        run_id = runner.publish(manifest)
        after = find(connection, options.realm, manifest.release)
        if after is None or after.build != manifest.build:
            raise UserError("another import published another build meanwhile; look at `mids status`")
        if after.state != "published":
            outcome.notes.append("Another import has published another release since; look at `mids history`.")
        outcome.summary = in_model_order(after.summary)
        if published_by(connection, options.realm, run_id):
            outcome.action = "published"
            outcome.changed = outcome.summary.get("changed", {})
        else:
            outcome.action = "nothing_to_do"
            outcome.notes.append("Another import, which was under way at the same time, published this build.")
            outcome.changed = _nothing(outcome.summary)
        outcome.published_at = after.published_at.isoformat() if after.published_at else None
    warnings: dict[str, str] = outcome.summary.get("warnings", {})
    known = before.summary.get("warnings", {}) if before else {}
    outcome.warnings = [warnings[code] for code in sorted(warnings)]
    outcome.new_warnings = [text for code, text in warnings.items() if code not in known]
    if options.strict and outcome.new_warnings and outcome.action == "published":
        outcome.exit_code = 3


def _unchanged(outcome: Outcome, before: ReleaseRow) -> None:
    outcome.action = "nothing_to_do"
    outcome.summary = in_model_order(before.summary)
    outcome.published_at = before.published_at.isoformat() if before.published_at else None
    outcome.notes.append("These bytes are published already, by this version of the code. --force publishes again.")
    outcome.changed = _nothing(outcome.summary)


def _nothing(summary: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {name: {"inserted": 0, "updated": 0, "deleted": 0} for name in summary["tables"]}


class _Runner:
    """Runs the jobs of one realm in this process."""

    def __init__(
        self,
        settings: Settings,
        options: ImportOptions,
        release: str,
        instance: dg.DagsterInstance,
        decided_after: int,
    ) -> None:
        self.graph = RealmGraph(settings, options.realm)
        self.options = options
        self.release = release
        self.person = at_this_terminal()
        self.instance = instance
        self.tags = {
            keys.TAG_ORIGIN: keys.ORIGIN_CLI,
            keys.TAG_REALM: options.realm,
            keys.TAG_REPOSITORY: keys.REPOSITORY,
            keys.TAG_DECIDED: str(decided_after),
            **process_tag(),
            **actor_tags(self.person),
        }

    def note_unchanged(self, release: str, build: str) -> None:
        facts = {"release": release, "build": build, "source": str(self.options.source)}
        op = f"{self.options.realm}_note_unchanged_source"
        self._run("check_source", {}, {"ops": {op: {"config": facts}}})

    def ingest(self, *, publish: bool) -> BuildManifest:
        realm = self.options.realm
        op = keys.asset_key(realm, keys.RELEASE).to_python_identifier()
        source = str(self.options.source.expanduser().resolve())
        tags = {} if publish else {keys.TAG_PUBLISH: keys.NEVER}
        result = self._run("ingest", tags, {"ops": {op: {"config": {"source": source, "force": True}}}})
        self.tags |= trace_tags(self.graph.settings, result.run_id)
        run = self.instance.get_run_by_id(result.run_id)
        found = run.tags if run else {}
        _, manifest = read_manifest(self.graph.store, realm, found[keys.TAG_RELEASE], found[keys.TAG_BUILD])
        return manifest

    def publish(self, manifest: BuildManifest) -> str:
        """The run's id."""
        return self._run("publish", publish_tags(manifest), {}).run_id

    def validate(self, manifest: BuildManifest) -> None:
        self._run("validate", publish_tags(manifest), {})

    def _run(self, kind: str, tags: dict[str, str], config: dict[str, Any]) -> dg.ExecuteInProcessResult:
        # One planned event for all partitions, not one each: a powers file of 400 MB has 49, and events are dear. The
        # price is that the UI calls partitions that this run failed to parse missing, not failed.
        os.environ.setdefault("DAGSTER_EMIT_PARTITION_SUBSET_IN_PLANNED_EVENTS", "1")
        job = defs.resolve_job_def(job_name(self.options.realm, kind))
        run_id = str(uuid.uuid4())
        action = "check" if self.options.dry_run else self.options.asked
        deed = Deed(action, self.options.realm, self.release, run_id, subject=job.name)
        about(run_id=run_id)
        record(self.graph.settings, self.person, deed)
        try:
            result = job.execute_in_process(
                instance=self.instance,
                run_config={**QUIET, **config},
                tags={**self.tags, **tags},
                run_id=run_id,
                raise_on_error=False,
            )
            if not result.success:
                note_failed_runs(self.instance, self.graph.settings)
                raise_failure(result, self.graph.settings.releases_dir.parent)
        except KeyboardInterrupt:
            run = self.instance.get_run_by_id(run_id)
            if run is not None:
                self.instance.report_run_canceled(run, "Canceled by Ctrl-C.")
            raise
        return result
