"""A search over names and descriptions: what may be asked for, and the answer.

Does not belong here: SQL and ranks (`api.search`).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from mids_assets.api import schemas
from mids_assets.api.answers import AnswerResponse, answer
from mids_assets.api.freshness import publish_of
from mids_assets.api.problems import Problem
from mids_assets.api.requests import plain
from mids_assets.api.routes.common import Realm, data, read
from mids_assets.api.search import KINDS, search, words
from mids_assets.warehouse import trigrams

router = APIRouter(tags=["search"])
_LONGEST = 100


class SearchQuery(BaseModel):
    """Parameters of a search."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(
        min_length=1,
        max_length=_LONGEST,
        description="What was typed; the last word may be the beginning of one.",
        examples=["fire bal"],
    )
    kind: str | None = Field(None, pattern=f"^({'|'.join(KINDS)})$", description="Only rows of this entity.")
    limit: int = Field(20, ge=1, le=50, description="Rows of the answer.")


class Hit(BaseModel):
    """A row that a search found."""

    kind: str = Field(description="Table of the entity.")
    id: int = Field(description="Its id.")
    key: str = Field(description="Its natural key.")
    display_name: str | None = Field(description="Its name for a player.")
    parent: schemas.Named | None = Field(description="What it belongs to, such as the powerset of a power.")
    excerpt: str | None = Field(description="Where its descriptions say so, without markup.")
    score: float = Field(ge=0, le=1, description="How well it fits; 1 = the very name or key.")


@router.get("/realms/{realm}/search", **data(schemas.enveloped("SearchAnswer", list[Hit], listed=True)))
async def search_realm(request: Request, realm: Realm, query: Annotated[SearchQuery, Query()]) -> AnswerResponse:
    """Rows whose name, key or description holds what was typed, the best first: also with a typing mistake, and while
    the last word is not whole."""
    typed = " ".join(plain(query.q, "q", _LONGEST).split())
    if not typed:
        raise Problem(422, "q: there is nothing to search for", field="q")
    kinds = (query.kind,) if query.kind else KINDS
    found = await request.app.state.services.database.row(trigrams.FIND)
    statement = search(realm, kinds, found["nspname"] if found else None)
    row = await read(request, realm, statement, typed, words(typed), query.limit)
    return AnswerResponse(answer(publish_of(realm, row), row[4], listed=True))
