"""Realms, their releases, their small tables, modifiers of an archetype; what the page has to know.

Does not belong here: entities, changes, search.
"""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query, Request

from mids_assets.api import schemas, statements
from mids_assets.api.answers import Answer, AnswerResponse, answer, as_json
from mids_assets.api.freshness import publish_of
from mids_assets.api.problems import Problem
from mids_assets.api.requests import wanted
from mids_assets.api.resources import reference_tables
from mids_assets.api.routes.common import Key, Realm, data, read

router = APIRouter(tags=["realms"])
_TABLES = {table.name for table in reference_tables()}
_HIGHEST_LEVEL = 105


@router.get("/realms", **data(schemas.Realms))
async def list_realms(request: Request) -> AnswerResponse:
    """All realms that have a published release."""
    services = request.app.state.services
    # A database that nothing was ever published to has no table of releases.
    published = await services.freshness.current()
    rows = await services.database.rows(statements.ALL_REALMS) if published else []
    return AnswerResponse(Answer(b'{"data":%b}' % as_json([dict(row) for row in rows]), None))


@router.get("/realms/{realm}", **data(schemas.enveloped("RealmAnswer", schemas.RealmRelease)))
async def get_realm(request: Request, realm: Realm) -> AnswerResponse:
    """The release that readers of a realm see."""
    row = await read(request, realm, statements.release(realm))
    return AnswerResponse(answer(publish_of(realm, row), row[4]))


@router.get("/realms/{realm}/releases", **data(schemas.enveloped("ReleasesAnswer", list[schemas.Release], listed=True)))
async def list_releases(request: Request, realm: Realm) -> AnswerResponse:
    """All releases of a realm that were ever published, the last published first."""
    row = await read(request, realm, statements.releases(realm))
    return AnswerResponse(answer(publish_of(realm, row), row[4], listed=True))


@router.get(
    "/realms/{realm}/reference/{table}",
    **data(schemas.enveloped("ReferenceAnswer", schemas.reference_rows(), listed=True)),
)
async def get_reference(
    request: Request,
    realm: Realm,
    table: Annotated[str, Path(description="A small table.", json_schema_extra={"enum": sorted(_TABLES)})],
) -> AnswerResponse:
    """A small table as a whole, such as set_type or enhancement_class."""
    if table not in _TABLES:
        raise Problem(404, f"there is no small table {table!r}; there are {', '.join(sorted(_TABLES))}", field="table")
    statement, shape = statements.whole_table(realm, table)
    row = await read(request, realm, statement)
    found = as_json([shape.named(each) for each in orjson.loads(row[4])])
    return AnswerResponse(answer(publish_of(realm, row), found, listed=True))


@router.get(
    "/realms/{realm}/archetypes/{key}/modifiers", **data(schemas.enveloped("ModifiersAnswer", schemas.Modifiers))
)
async def get_modifiers(
    request: Request,
    realm: Realm,
    key: Key,
    level: Annotated[int, Query(ge=1, le=_HIGHEST_LEVEL, description="Level as a player sees it.")] = 50,
) -> AnswerResponse:
    """What each modifier table multiplies the scale of an effect with, for one archetype at one level."""
    by, value = wanted(key)
    row = await read(request, realm, statements.modifiers(realm, by), value, level - 1)
    if row[4] is None:
        raise Problem(404, f"realm {realm} has no archetype {key!r}", field="key")
    return AnswerResponse(answer(publish_of(realm, row), b'{"level":%d,"modifiers":%b}' % (level, row[4].encode())))
