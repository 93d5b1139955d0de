"""What all routes share: parameters, problems of their descriptions, reading one row of a published realm.

Does not belong here: a route.
"""

from __future__ import annotations

from typing import Annotated, Any

import asyncpg
from fastapi import Path, Query, Request
from pydantic import BaseModel

from mids_assets.api.answers import PUBLISH, AnswerResponse
from mids_assets.api.problems import Problem
from mids_assets.api.requests import KEY_LENGTH
from mids_assets.api.schemas import ProblemBody

Realm = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,30}$", description="Realm, such as homecoming.")]
Key = Annotated[str, Path(min_length=1, max_length=KEY_LENGTH, description="Id, or natural key in any case.")]
Fields = Annotated[
    str | None,
    Query(max_length=4000, description="Columns, references, children, with commas between; all by default."),
]

_PROBLEM: dict[str, Any] = {"model": ProblemBody, "content": {"application/problem+json": {}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: {**_PROBLEM, "description": "There is no such thing."},
    422: {**_PROBLEM, "description": "A parameter is wrong."},
    503: {**_PROBLEM, "description": "The database does not answer now."},
}


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


def _require(request: Request, realm: str) -> None:
    """Without a publish there are no tables that could be asked."""
    if PUBLISH not in request.scope["state"]:
        raise _unknown(realm)


def _unknown(realm: str) -> Problem:
    return Problem(404, f"there is no realm {realm} with a published release", field="realm")
