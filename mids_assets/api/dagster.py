"""Runs at Dagster's web server, by its GraphQL: launched for an operator, and asked how far they are.

All that changes something goes through that server, so that it stands in its UI and in mids.audit like everything else.
Does not belong here: who may launch (access/), what is launched for which call (routes/operators.py).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from mids_assets.api.problems import RETRY_SECONDS, Problem
from mids_assets.api.settings import ApiSettings
from mids_assets.redaction import redact, remember_word
from mids_assets.warehouse.audit import API_USER_HEADER

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 8.0
# As `graph.keys` and the code location have them, which the API does not import; a test compares them.
TAG_REALM, TAG_RELEASE, TAG_BUILD, TAG_DEED = "mids/realm", "mids/release", "mids/build", "mids/deed"
REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": "mids_assets"}
_ERROR_CLASS = re.compile(r"^[\w.]+(?:Error|Failed|Busy|Unavailable|Build|Unusable): ")

_LAUNCH = """mutation ($selector: JobOrPipelineSelector!, $config: RunConfigData!, $tags: [ExecutionTag!]) {
  launchRun(executionParams: {selector: $selector, runConfigData: $config, executionMetadata: {tags: $tags}}) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on Error { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}"""
_RUN = """query ($id: ID!) {
  runOrError(runId: $id) {
    __typename ... on Run { runId jobName status startTime endTime creationTime tags { key value } }
  }
}"""
_RUNS = """query ($filter: RunsFilter!) {
  runsOrError(filter: $filter, limit: 1) { ... on Runs { results { runId status } } }
}"""
_FAILURE = """query ($id: ID!) {
  logsForRun(runId: $id) {
    ... on EventConnection {
      events {
        ... on AssetCheckEvaluationEvent { evaluation { success severity description } }
        ... on ExecutionStepFailureEvent { error { message causes { message } } }
        ... on RunFailureEvent { message }
      }
    }
  }
}"""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as Dagster has it; times are seconds since 1970. `status` is Dagster's word: QUEUED, SUCCESS, .."""

    run_id: str
    job: str
    status: str
    created: float
    started: float | None
    ended: float | None
    tags: Mapping[str, str]


class Dagster:
    """The web server that MIDS_DAGSTER_URL names. All questions raise `Problem` 503 where it is not set up or away."""

    def __init__(self, settings: ApiSettings) -> None:
        self._url = settings.dagster_url
        self._page = settings.dagster_page
        self._key = settings.warehouse.api_launch_key
        remember_word(self._key or "")
        self._client = httpx.AsyncClient(timeout=PATIENCE_SECONDS, follow_redirects=False)

    async def close(self) -> None:
        await self._client.aclose()

    def page_of(self, run_id: str) -> str:
        """Where a person sees the run."""
        return f"{self._page}/runs/{run_id}"

    async def launch(self, job: str, config: Mapping[str, Any], tags: Mapping[str, str], subject: str) -> str:
        """Launch a job of the code location in the name of `subject`. Returns the id of the run.

        Raises `Problem` 404 where there is no such job.
        """
        if self._url and not self._key:
            raise _not_set_up("MIDS_API_LAUNCH_KEY")
        headers = {"Authorization": f"Bearer {self._key}", API_USER_HEADER: quote(subject)}
        answer = (
            await self._ask(
                _LAUNCH,
                headers,
                selector={**REPOSITORY, "jobName": job},
                config={"ops": dict(config)} if config else {},
                tags=[{"key": key, "value": value} for key, value in tags.items()],
            )
        )["launchRun"]
        match answer["__typename"]:
            case "LaunchRunSuccess":
                return answer["run"]["runId"]
            case "PipelineNotFoundError":
                raise Problem(404, f"There is no job {job}: its realm is none of MIDS_REALMS.", field="realm")
        told = answer.get("message") or "; ".join(one["message"] for one in answer.get("errors", ()))
        log.error("Dagster refused to launch %s: %s %s", job, answer["__typename"], redact(told))
        raise Problem(503, "Dagster refused the launch; why stands in the log of this server.")

    async def run(self, run_id: str) -> Run | None:
        """None where there is no such run, or not any more."""
        found = (await self._ask(_RUN, id=run_id))["runOrError"]
        if found["__typename"] != "Run":
            return None
        tags = {tag["key"]: tag["value"] for tag in found["tags"]}
        created, started, ended = (found[name] for name in ("creationTime", "startTime", "endTime"))
        return Run(found["runId"], found["jobName"], found["status"], created, started, ended, tags)

    async def newest_run(self, tags: Mapping[str, str], **more: Any) -> tuple[str, str] | None:
        """Id and status of the newest run with these tags; `more` as Dagster's `RunsFilter` has it."""
        wanted = {"tags": [{"key": key, "value": value} for key, value in tags.items()], **more}
        results = (await self._ask(_RUNS, filter=wanted))["runsOrError"].get("results") or []
        return (results[0]["runId"], results[0]["status"]) if results else None

    async def failure(self, run_id: str) -> str | None:
        """What a failed run failed of: what its blocking checks say, else the error that was first."""
        events = (await self._ask(_FAILURE, id=run_id))["logsForRun"].get("events") or []
        checks = [event["evaluation"] for event in events if event.get("evaluation")]
        blocking = [one["description"] for one in checks if not one["success"] and one["severity"] == "ERROR"]
        if any(blocking):
            return redact("; ".join(filter(None, blocking)))
        errors = [event["error"] for event in events if event.get("error")]
        if errors:
            innermost = [errors[0], *errors[0]["causes"]][-1]
            return redact(_ERROR_CLASS.sub("", innermost["message"].strip()))
        return next((redact(event["message"]) for event in events if event.get("message")), None)

    async def _ask(self, query: str, headers: Mapping[str, str] | None = None, **variables: Any) -> dict[str, Any]:
        if not self._url:
            raise _not_set_up("MIDS_DAGSTER_URL")
        body = {"query": query, "variables": variables}
        try:
            answer = await self._client.post(f"{self._url}/graphql", json=body, headers=headers)
            found = answer.json()
            data = found.get("data") if answer.is_success and isinstance(found, dict) else None
        except (httpx.HTTPError, ValueError) as error:
            log.warning("Dagster's web server does not answer: %s", redact(str(error) or type(error).__name__))
            data = None
        else:
            if data is None:
                log.error("Dagster's web server answered %d: %s", answer.status_code, redact(answer.text[:500]))
        if data is None:
            raise Problem(503, "Dagster's web server does not answer now.", headers={"Retry-After": RETRY_SECONDS})
        return data


def _not_set_up(setting: str) -> Problem:
    return Problem(503, f"Operators' calls are not set up here: {setting} is not set.")
