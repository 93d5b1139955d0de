"""The sensor that picks up what people drop into the landing folder.

A tick reads names, sizes and times. An entry that is the same at two ticks is hashed by a small run, and a content
that was not tried before by this code gets an ingest: so a copy, a renamed or a touched entry starts no second one.
One entry at a time, in the order of their names: each is stored, and published unless it is older than what is
published by then. A bad one is tried once and left alone until its content or our code changes.
Does not belong here: what lies in the folder (`transform.landing`), when to try again (`automation.attempts`).
"""

from __future__ import annotations

from contextlib import closing

import dagster as dg
import psycopg2
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from mids_assets.automation.attempts import next_attempt, under_way
from mids_assets.automation.landing_check import KIND, op_name
from mids_assets.errors import MidsError
from mids_assets.graph import keys
from mids_assets.graph.keys import job_name
from mids_assets.graph.runs import RealmGraph
from mids_assets.graph.tried import content_tags
from mids_assets.redaction import redact
from mids_assets.transform.build import code_fingerprint
from mids_assets.transform.landing import Drop, look
from mids_assets.transform.landing_memory import Memory, memorize, recall, sighted
from mids_assets.updates.looks import note_look
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.register import find

PAUSE_SECONDS = 300.0
"""From a run that failed for a passing reason to the second one."""
AT_ONCE = 20
"""Entries that a tick asks Dagster's storage about."""
NAMED = 5
BY_HAND = "`mids import`"


def landing_sensor(
    graph: RealmGraph, ingest: UnresolvedAssetJobDefinition, check: dg.JobDefinition
) -> dg.SensorDefinition:
    realm = graph.realm
    folder = graph.settings.landing_dir / realm

    @dg.sensor(
        name=f"{realm}_landing",
        jobs=[ingest, check],
        minimum_interval_seconds=graph.settings.landing_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Ingests what is dropped into the landing folder once it does not change any more, each content once. Each"
            " tick says what became of every entry. Without it, drops wait for the nightly run."
        ),
    )
    def landing(context: dg.SensorEvaluationContext):
        found = look(folder)
        note_look(graph.settings.updates_dir / realm, asked=False)
        for problem in found.problems:
            context.log.warning(problem)
        memories, whole = sighted(recall(context.cursor), found.drops)
        code = code_fingerprint()
        due = [drop for drop in whole if not memories[drop.path.name].is_settled(code)]
        busy = under_way(context.instance, realm, "ingest", KIND) if due else None
        answers: dict[str, str] = {}
        request = None
        if busy is None:
            for drop in due[:AT_ONCE]:
                answer = _next_step(context.instance, graph, drop, memories[drop.path.name])
                if isinstance(answer, dg.RunRequest):
                    request = answer
                    break
                answers[drop.path.name] = answer
        context.update_cursor(memorize(memories))
        if request is not None:
            return request
        if busy is not None:
            return dg.SkipReason(f"{len(due)} entries wait until run {busy.run_id} is done.")
        return dg.SkipReason(_told(folder.as_posix(), memories, answers))

    return landing


def _next_step(instance: dg.DagsterInstance, graph: RealmGraph, drop: Drop, memory: Memory) -> dg.RunRequest | str:
    """The run that an entry needs next, or why it needs none (now). What is known of it goes into `memory`."""
    if not memory.content:
        answer = _hash(instance, graph.realm, drop, memory)
        if not memory.content:
            return answer
    return _ingest(instance, graph, drop, memory)


def _hash(instance: dg.DagsterInstance, realm: str, drop: Drop, memory: Memory) -> dg.RunRequest | str:
    tags = {keys.TAG_REALM: realm, keys.TAG_ENTRY: drop.signature}
    attempt = next_attempt(instance, tags, pause=PAUSE_SECONDS, by_hand=BY_HAND)
    if attempt.number is not None:
        return dg.RunRequest(
            run_key=f"{realm}-entry-{drop.signature}-{attempt.number}",
            job_name=job_name(realm, KIND),
            run_config={"ops": {op_name(realm): {"config": {"entry": drop.path.name}}}},
            tags=tags,
        )
    if attempt.succeeded and attempt.run is not None:
        memory.content = attempt.run.tags.get(keys.TAG_HASHED, "")
    elif attempt.over:
        memory.settle(attempt.why, code_fingerprint())
    return attempt.why


def _ingest(instance: dg.DagsterInstance, graph: RealmGraph, drop: Drop, memory: Memory) -> dg.RunRequest | str:
    realm, code = graph.realm, code_fingerprint()
    tags = {keys.TAG_REALM: realm, **content_tags(memory.content)}
    attempt = next_attempt(instance, tags, pause=PAUSE_SECONDS, by_hand=BY_HAND)
    if attempt.number == 1:
        try:
            before = _done_before(instance, graph, memory.content)
        except (MidsError, psycopg2.Error) as error:
            return redact(str(error))
        if before:
            memory.settle(before, code)
            return before
    if attempt.number is not None:
        op = keys.asset_key(realm, keys.RELEASE).to_python_identifier()
        return dg.RunRequest(
            run_key=f"{realm}-landing-{memory.content}-{code}-{attempt.number}",
            job_name=job_name(realm, "ingest"),
            run_config={"ops": {op: {"config": {"source": str(drop.path)}}}},
            tags=tags,
        )
    if attempt.over:
        memory.settle(attempt.why, code)
    return attempt.why


def _done_before(instance: dg.DagsterInstance, graph: RealmGraph, content: str) -> str:
    """Why a content that earlier code ingested needs no ingest by the code of today, "" where it does.

    A release that could not be read or was blocked is tried anew; what is published is rebuilt by the nightly run.
    """
    runs = instance.get_runs(
        dg.RunsFilter(
            tags={keys.TAG_REALM: graph.realm, keys.TAG_CONTENT: content}, statuses=[dg.DagsterRunStatus.SUCCESS]
        ),
        limit=AT_ONCE,
    )
    if not runs:
        return ""
    named = next((run for run in runs if keys.TAG_RELEASE in run.tags), None)
    if named is not None:
        with closing(connect(graph.settings, application_name=f"mids landing {graph.realm}", attempts=1)) as connection:
            row = find(connection, graph.realm, named.tags[keys.TAG_RELEASE])
        if row is not None and row.state in ("rejected", "blocked"):
            return ""
    return f"run {(named or runs[0]).run_id} did it"


def _told(folder: str, memories: dict[str, Memory], answers: dict[str, str]) -> str:
    if not memories:
        return f"Nothing lies in {folder}."
    told = [
        f"{name}: {answers.get(name) or memory.settled or 'waited for until it does not change any more'}"
        for name, memory in memories.items()
    ]
    more = f"; and {len(told) - NAMED} more" if len(told) > NAMED else ""
    return f"{'; '.join(told[:NAMED])}{more}."
