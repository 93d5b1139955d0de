"""What operators may do: start an import, accept a blocked release, publish a stored one, roll back; each is a run of
Dagster, whose state is asked here as well.

Nothing of a request is a path of the server: sources are names inside the landing folder, releases are ids. Does not
belong here: doing it (the jobs), telling who is an operator (access/).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, field_validator

from mids_assets.api.access.guard import CALLER, lacks, note
from mids_assets.api.access.strict_json import strict_object
from mids_assets.api.access.tokens import OPERATOR
from mids_assets.api.dagster import TAG_BUILD, TAG_DEED, TAG_REALM, TAG_RELEASE, Dagster, Run
from mids_assets.api.database import Database
from mids_assets.api.problems import Problem
from mids_assets.api.routes.common import PROBLEMS, Realm, known_parameters, problems_of
from mids_assets.api.statements import RELEASES_OF
from mids_assets.warehouse.audit import Action

RELEASE_ID = re.compile("^[0-9a-f]{16}$")
Release = Annotated[str, Path(pattern=RELEASE_ID.pattern, description="Release id, whole.")]
RunId = Annotated[str, Path(pattern="^[0-9a-f-]{36}$", description="Run id of Dagster.")]
_BODY = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Import(BaseModel):
    """What to import."""

    model_config = _BODY
    source: str | None = Field(
        None,
        max_length=255,
        description="Name of an entry of the realm's landing folder; null = the one that changed last.",
    )

    @field_validator("source")
    @classmethod
    def _is_name(cls, name: str | None) -> str | None:
        if name is not None and (
            not name.isprintable() or set(name) & set("/\\") or name.startswith(".") or not name.strip()
        ):
            raise ValueError("it is no name of an entry of the landing folder")
        return name


class Acceptance(BaseModel):
    """Why a release may be published although guards block it."""

    model_config = _BODY
    reason: str = Field(min_length=1, max_length=2000, description="Why; it stays, with who said so.")
    rule: str | None = Field(None, min_length=1, max_length=200, description="Only guards of this rule; null = all.")


class Rollback(BaseModel):
    """What to go back to."""

    model_config = _BODY
    release: str | None = Field(
        None, pattern=RELEASE_ID.pattern, description="Release id; null = what was published before."
    )


class Nothing(BaseModel):
    """Nothing has to be said."""

    model_config = _BODY


class Launched(BaseModel):
    """A run that will do it."""

    run_id: str = Field(description="Run id of Dagster.")
    run_url: str = Field(description="Where Dagster's UI shows it.")


class Publishing(BaseModel):
    """The publish that followed an import."""

    run_id: str = Field(description="Run id of Dagster.")
    state: str = Field(description="Its state.")


class State(Launched):
    """How far a run is."""

    job: str = Field(description="Job that it executes.")
    state: str = Field(description="queued, starting, started, success, failure, canceling, canceled, ..")
    started_at: datetime | None = Field(description="When it began.")
    ended_at: datetime | None = Field(description="When it ended.")
    release: str | None = Field(description="Release that it works on, as far as it is known.")
    reason: str | None = Field(description="Of a failure: what it failed of.")
    publish: Publishing | None = Field(description="Of an import: the publish that followed it.")


async def operator(
    request: Request, _described: Annotated[Any, Depends(HTTPBearer(auto_error=False, description="A token."))]
) -> str:
    """The subject of an operator's token. Raises `Problem` for everybody else."""
    caller = request.scope["state"].get(CALLER)
    refusal = lacks(caller, OPERATOR)
    if refusal is not None:
        note(refusal, request.scope, caller)
        raise refusal
    await known_parameters(request)
    return caller.subject


async def as_json(request: Request) -> None:
    """A form, which a browser sends to any site, is none, nor is what two programs would read two things out of."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, "What is sent has to be application/json.")
    try:
        strict_object(await request.body())
    except ValueError:
        raise Problem(422, "What is sent has to be one JSON object in which no name stands twice.") from None


Operator = Annotated[str, Depends(operator)]
_LAUNCHING: dict[str, Any] = {
    "status_code": 202,
    "response_model": Launched,
    "dependencies": [Depends(as_json)],
    "responses": PROBLEMS | problems_of(401, 403, 409, 415),
}
router = APIRouter(tags=["operators"], prefix="/realms/{realm}")


@router.post("/imports", **_LAUNCHING)
async def start_import(request: Request, subject: Operator, realm: Realm, body: Import) -> dict[str, str]:
    """Import an entry of the landing folder; the publish follows by itself."""
    return await _launch_ingest(request, subject, realm, "import", {"entry": body.source} if body.source else {})


@router.post("/releases/{release}/accept", **_LAUNCHING)
async def accept_release(
    request: Request, subject: Operator, realm: Realm, release: Release, body: Acceptance
) -> dict[str, str]:
    """Let the guards that block a release pass. It is published by a call of its own."""
    if await _state_of(request, realm, release) == "published":
        raise Problem(409, f"Release {release} is published, so nothing blocks it.", field="release")
    said = {"release": release, "reason": body.reason, "rule": body.rule or ""}
    config = {f"{realm}_accept_guards": {"config": said}}
    return await _launch(request, subject, realm, f"{realm}_accept", config, {TAG_RELEASE: release})


@router.post("/releases/{release}/publish", **_LAUNCHING)
async def publish_release(
    request: Request, subject: Operator, realm: Realm, release: Release, body: Nothing
) -> dict[str, str]:
    """Publish a stored release, such as one whose guards were accepted; an older one than what is published as well."""
    if await _state_of(request, realm, release) == "published":
        raise Problem(409, f"Release {release} is published already.", field="release")
    return await _launch_ingest(request, subject, realm, "publish", {"release": release})


@router.post("/rollback", **_LAUNCHING)
async def roll_back(request: Request, subject: Operator, realm: Realm, body: Rollback) -> dict[str, str]:
    """Publish an earlier release again, ids kept."""
    states = await _seen(request, realm)
    release = body.release or next((name for name, state in states.items() if state != "published"), None)
    if release is None:
        raise Problem(409, f"In realm {realm} nothing was published before what is published now.")
    if release not in states:
        raise Problem(404, f"Realm {realm} never had release {release} published.", field="release")
    if states[release] == "published":
        raise Problem(409, f"Release {release} is what is published now.", field="release")
    return await _launch_ingest(request, subject, realm, "rollback", {"release": release})


@router.get("/runs/{run_id}", response_model=State, responses=PROBLEMS | problems_of(401, 403))
async def get_run(request: Request, subject: Operator, realm: Realm, run_id: RunId) -> dict[str, Any]:
    """How far a run is that was launched here, or in Dagster's UI."""
    dagster: Dagster = request.app.state.services.dagster
    run = await dagster.run(run_id)
    if run is None or run.tags.get(TAG_REALM) != realm:
        raise Problem(404, f"Realm {realm} has no run {run_id}.", field="run_id")
    return {
        "run_id": run.run_id,
        "run_url": dagster.page_of(run.run_id),
        "job": run.job,
        "state": run.status.lower(),
        "started_at": _moment(run.started),
        "ended_at": _moment(run.ended),
        "release": run.tags.get(TAG_RELEASE),
        "reason": await dagster.failure(run.run_id) if run.status == "FAILURE" else None,
        "publish": await _publish_after(dagster, realm, run),
    }


async def _publish_after(dagster: Dagster, realm: str, run: Run) -> dict[str, str] | None:
    if run.job != f"{realm}_ingest" or TAG_BUILD not in run.tags:
        return None
    tags = {TAG_REALM: realm, TAG_BUILD: run.tags[TAG_BUILD]}
    found = await dagster.newest_run(tags, pipelineName=f"{realm}_publish", createdAfter=run.created)
    return {"run_id": found[0], "state": found[1].lower()} if found else None


async def _state_of(request: Request, realm: str, release: str) -> Literal["published", "known"]:
    """Raises `Problem` 404 for a release that nobody imported.

    Readers know only what was published at some time; of the others, such as blocked ones, Dagster has the runs.
    """
    state = (await _seen(request, realm)).get(release)
    if state is None:
        dagster: Dagster = request.app.state.services.dagster
        if await dagster.newest_run({TAG_REALM: realm, TAG_RELEASE: release}) is None:
            raise Problem(404, f"Realm {realm} has no release {release}.", field="release")
    return "published" if state == "published" else "known"


async def _seen(request: Request, realm: str) -> dict[str, str]:
    """{release: state} of what readers have ever seen, the latest first; as the primary has it, since what is decided
    by it must not be of yesterday."""
    database: Database = request.app.state.services.database
    database.read_primary()
    return {row["release"]: row["state"] for row in await database.rows(RELEASES_OF, realm)}


async def _launch_ingest(
    request: Request, subject: str, realm: str, deed: Action, config: dict[str, str]
) -> dict[str, str]:
    tags = {TAG_DEED: deed} | ({TAG_RELEASE: config["release"]} if "release" in config else {})
    return await _launch(request, subject, realm, f"{realm}_ingest", {f"{realm}__release": {"config": config}}, tags)


async def _launch(
    request: Request, subject: str, realm: str, job: str, config: dict[str, Any], tags: dict[str, str]
) -> dict[str, str]:
    dagster: Dagster = request.app.state.services.dagster
    run_id = await dagster.launch(job, config, {TAG_REALM: realm, **tags}, subject)
    return {"run_id": run_id, "run_url": dagster.page_of(run_id)}


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
