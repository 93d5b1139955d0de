"""Every run that is submitted is noted in mids.audit with who launched it, and carries that in its tags.

dagster.yaml names the class. It acts where the run is submitted: in the web server for what a person launches there, in
the daemon for schedules, sensors, backfills and retries. A run inside a process (`mids import`) passes no coordinator;
the command notes it itself. Does not belong here: the table (`warehouse.audit`).

Whom a request is from only the proxy in front of the web server knows, which asks for the login and says the name in a
header. Whoever reaches the web server itself can write any name there, so the header counts only where
MIDS_USER_HEADER names it.

The read API launches runs for operators whose tokens it verified. It is believed by a key that both know
(MIDS_API_LAUNCH_KEY), as a bearer token: the proxy hands no header Authorization on, so nobody who comes through it can
try one. A launch in the API's name without its key is refused, since nobody knows whose it is.
"""

from __future__ import annotations

import hmac
import typing
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import dagster as dg
import psycopg2
from dagster import QueuedRunCoordinator
from dagster._core.run_coordinator.base import SubmitRunContext
from dagster._core.storage.tags import BACKFILL_ID_TAG, PARENT_RUN_ID_TAG, RETRY_NUMBER_TAG, SCHEDULE_NAME_TAG
from dagster._serdes import ConfigurableClassData

from mids_assets.automation.failed_runs import realm_of
from mids_assets.errors import MidsError
from mids_assets.graph import keys
from mids_assets.graph.attribution import actor_tags, printable_name, requester
from mids_assets.redaction import redact, remember_word
from mids_assets.settings import Settings
from mids_assets.warehouse.audit import (
    API_USER_HEADER,
    PERSONAL,
    Action,
    Actor,
    Deed,
    at_this_terminal,
    record,
)


class AuditingRunCoordinator(QueuedRunCoordinator):
    """Dagster's queue, behind the audit. A person's launch that cannot be noted is refused; the daemon's is not: its
    schedules and sensors stand in the run's tags, and a publish notes itself.

    How many runs are under way at once is MIDS_CONCURRENT_RUNS, unless dagster.yaml says it: a variable that is named
    there and not set would end `dg dev` in a stack trace.
    """

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]
    ) -> AuditingRunCoordinator:
        at_once = {"max_concurrent_runs": Settings.from_env().concurrent_runs}
        return super().from_config_value(inst_data, {**at_once, **(config_value or {})})

    def submit_run(self, context: SubmitRunContext) -> dg.DagsterRun:
        run = context.dagster_run
        if run.status != dg.DagsterRunStatus.NOT_STARTED:
            return super().submit_run(context)
        settings = Settings.from_env()
        actor = _actor(context, settings)
        # Also over tags that a person typed in or that came along from the run before.
        self._instance.add_run_tags(run.run_id, actor_tags(actor))
        try:
            record(settings, actor, _deed(run, actor))
        except (MidsError, psycopg2.Error) as error:
            text = redact(str(error))
            if actor.origin in PERSONAL:
                raise MidsError(f"The launch cannot be noted in mids.audit, so nothing was started: {text}") from None
            self._logger.warning("The launch of run %s could not be noted in mids.audit: %s", run.run_id, text)
        return super().submit_run(context)


def _actor(context: SubmitRunContext, settings: Settings) -> Actor:
    tags, user_header = context.dagster_run.tags, settings.user_header
    # A person's request comes first: the tags of a schedule can be typed into the launchpad.
    if _is_request(context):
        named = context.get_request_header(API_USER_HEADER)
        if named is not None:
            return _through_api(named, context.get_request_header("Authorization"), settings.api_launch_key)
        return requester(context.get_request_header(user_header) if user_header else None)
    return _by_itself(tags, user_header) or at_this_terminal()


def _through_api(named: str, authorization: str | None, key: str | None) -> Actor:
    """Whom the read API names. Raises `MidsError` unless it is the read API."""
    remember_word(key or "")
    if key is None or not hmac.compare_digest((authorization or "").encode(), f"Bearer {key}".encode()):
        raise MidsError(
            "This launch is in the name of the read API and does not bear its key, so nothing was started:"
            " MIDS_API_LAUNCH_KEY has to be the same there and for this web server."
        )
    return Actor(printable_name(unquote(named)), "api")


def _by_itself(tags: Mapping[str, str], user_header: str | None) -> Actor | None:
    if RETRY_NUMBER_TAG in tags and PARENT_RUN_ID_TAG in tags:
        # The tags of the run before came along.
        before = f", launched by {tags[keys.TAG_USER]}" if keys.TAG_USER in tags else ""
        return Actor(f"retry of run {tags[PARENT_RUN_ID_TAG]}{before}", "retry")
    if BACKFILL_ID_TAG in tags:
        # Written by `mids web`, over what was typed in; any other web server lets a person write a name there.
        before = f", launched by {tags[keys.TAG_USER]}" if user_header and keys.TAG_USER in tags else ""
        return Actor(f"backfill {tags[BACKFILL_ID_TAG]}{before}", "backfill")
    if keys.TAG_SENSOR in tags:
        return Actor(tags[keys.TAG_SENSOR], "sensor")
    if SCHEDULE_NAME_TAG in tags:
        return Actor(tags[SCHEDULE_NAME_TAG], "schedule")
    return None


def _is_request(context: SubmitRunContext) -> bool:
    """Whether the run is submitted while a request of the web UI is answered."""
    return getattr(getattr(context.workspace, "source", None), "headers", None) is not None


def _deed(run: dg.DagsterRun, actor: Actor) -> Deed:
    assets = len(run.asset_selection or ())
    subject = f"{assets} assets of {run.job_name}" if assets else run.job_name
    asked = run.tags.get(keys.TAG_DEED) if actor.origin == "api" else None
    action = typing.cast("Action", asked) if asked in typing.get_args(Action) else "launch"
    return Deed(action, realm_of(run), run.tags.get(keys.TAG_RELEASE), run.run_id, subject)
