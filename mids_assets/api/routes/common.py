"""What all routes share: parameters, problems of their descriptions, reading one row of a published realm.

Does not belong here: a route.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any

import asyncpg
from fastapi import Path, Request
from pydantic import BaseModel

from mids_assets.api import schemas
from mids_assets.api.answers import PUBLISH, AnswerResponse
from mids_assets.api.problems import Problem
from mids_assets.api.requests import KEY_LENGTH
from mids_assets.api.schemas import ProblemBody

_REALM, _REALM_PATTERN = "Realm.", "^[a-z][a-z0-9_]{0,30}$"
_KEY = "Id, or natural key in any case."
FIELDS_LENGTH = 4000
Realm = Annotated[str, Path(pattern=_REALM_PATTERN, description=_REALM, examples=["homecoming"])]
Key = Annotated[str, Path(min_length=1, max_length=KEY_LENGTH, description=_KEY, examples=["1"])]


def parameters_of_one(fields: Iterable[str]) -> list[dict[str, Any]]:
    """The description of those of a route for a single one. FastAPI only describes them: its way to read three texts
    takes as long as the database does."""
    path = {"in": "path", "required": True}
    realm = {"type": "string", "pattern": _REALM_PATTERN, "examples": ["homecoming"]}
    key = {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "examples": ["1"]}
    chosen = schemas.FIELDS.format("Columns, references, children")
    return [
        {"name": "realm", **path, "description": _REALM, "schema": realm},
        {"name": "key", **path, "description": _KEY, "schema": key},
        {"name": "fields", "in": "query", "description": chosen, "schema": schemas.names(fields)},
    ]


_PROBLEM: dict[str, Any] = {"model": ProblemBody}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: {**_PROBLEM, "description": "There is no such thing."},
    422: {**_PROBLEM, "description": "A parameter is wrong."},
    503: {**_PROBLEM, "description": "The database does not answer now."},
}


_REFUSALS = {
    400: "The request is not understood.",
    401: "A token is needed, or this one does not count.",
    403: "The token lacks the role.",
    409: "The realm is in another state.",
    415: "What is sent is no JSON.",
}


def problems_of(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a description says of refusals that not every route has."""
    return {status: {**_PROBLEM, "description": _REFUSALS[status]} for status in statuses}


def data(model: type[BaseModel] | None = None) -> dict[str, Any]:
    """Arguments of a route that answers with data of the shape of `model`: PostgreSQL made it, and nothing makes it
    anew."""
    found: dict[int | str, dict[str, Any]] = {200: {"model": model}} if model else {}
    return {
        "responses": {**found, **PROBLEMS},
        "response_class": AnswerResponse,
        "response_model": None,
        "status_code": 200,
    }


async def known_parameters(request: Request) -> None:
    """Raises `Problem` for a parameter that the route does not have, or that stands twice: two programs would read two
    things out of it."""
    given = [name for name, _ in request.query_params.multi_items()]
    if not given:
        return
    known = [(field.alias, field.field_info.annotation) for field in request.scope["route"].dependant.query_params]
    # A model refuses what it does not know itself.
    if not any(isinstance(type_, type) and issubclass(type_, BaseModel) for _, type_ in known):
        unknown = sorted(set(given).difference(name for name, _ in known))
        if unknown:
            raise Problem(422, f"{unknown[0]}: there is no such parameter", field=unknown[0])
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice is not None:
        raise Problem(422, f"{twice}: it stands twice", field=twice)


async def read(request: Request, realm: str, statement: str, *parameters: Any) -> asyncpg.Record:
    """The row of a statement over a realm. Raises `Problem` where nothing is published there."""
    _require(request, realm)
    row = await request.app.state.services.database.row(statement, *parameters)
    if row is None:
        raise _unknown(realm)
    return row


async def read_one(request: Request, realm: str, statement: str, wanted: int | str) -> asyncpg.Record | None:
    """What a statement of `batches.Batches` finds for `wanted`. Raises as `read`."""
    _require(request, realm)
    return await request.app.state.services.batches.row(statement, wanted)


def one_asked(request: Request) -> tuple[str, str, str | None]:
    """Realm, key and fields of a request for a single one. Raises `Problem`."""
    realm = request.path_params["realm"]
    if not re.fullmatch(_REALM_PATTERN, realm):
        raise Problem(422, "realm: it is a letter and up to 30 letters, digits or underscores", field="realm")
    given = request.query_params.multi_items() if request.scope["query_string"] else []
    for name, value in given:
        if name != "fields":
            raise Problem(422, f"{name[:100]}: there is no such parameter", field=name[:100])
        if len(value) > FIELDS_LENGTH:
            raise Problem(422, f"fields: it is longer than {FIELDS_LENGTH} characters", field="fields")
    if len(given) > 1:
        raise Problem(422, "fields: it stands twice", field="fields")
    return realm, request.path_params["key"], given[0][1] if given else None


def _require(request: Request, realm: str) -> None:
    """Without a publish there are no tables that could be asked."""
    if PUBLISH not in request.scope["state"]:
        raise _unknown(realm)


def _unknown(realm: str) -> Problem:
    return Problem(404, f"there is no realm {realm} with a published release", field="realm")
