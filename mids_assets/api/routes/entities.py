"""Entities: lists with filters, and single ones with all that belongs to them.

Does not belong here: what a request may ask for (requests.py), SQL (statements.py).
"""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request

from mids_assets.api import requests, schemas, statements
from mids_assets.api.answers import Answer, AnswerResponse, answer, as_json
from mids_assets.api.freshness import publish_of
from mids_assets.api.problems import Problem
from mids_assets.api.resources import Resource, resources
from mids_assets.api.routes.common import Realm, data, known_parameters, one_asked, parameters_of_one, read, read_one

_OWN = ("limit", "after", "sort", "fields")


def router() -> APIRouter:
    """Two routes an entity; powers, which are asked for most, are found first."""
    found = APIRouter()
    for resource in sorted(resources().values(), key=lambda each: each.table.name != "power"):
        _add_one(found, resource)
        _add_list(found, resource)
    return found


def _add_list(router: APIRouter, resource: Resource) -> None:
    name = resource.table.name
    model = schemas.query(name)

    async def page(request: Request, realm: Realm, query: Annotated[Any, Query()]) -> AnswerResponse:
        return AnswerResponse(await _page(request, realm, resource, query))

    # A class that is made here is no annotation that a reader of text could resolve.
    page.__annotations__["query"] = Annotated[model, Query()]
    router.add_api_route(
        f"/realms/{{realm}}/{resource.path}",
        page,
        name=f"list_{name}",
        summary=f"A page of {resource.path}",
        description=resource.table.description,
        tags=["entities"],
        dependencies=[Depends(known_parameters)],
        **data(schemas.enveloped(f"{model.__name__[:-5]}Page", list[schemas.row(name)], listed=True)),
    )


def _add_one(router: APIRouter, resource: Resource) -> None:
    name = resource.table.name
    model = schemas.whole(name)

    async def one(request: Request) -> AnswerResponse:
        return AnswerResponse(await read_entity(request, resource))

    router.add_api_route(
        f"/realms/{{realm}}/{resource.path}/{{key}}",
        one,
        name=f"get_{name}",
        summary=f"One {resource.one} with all that belongs to it",
        description=f"{resource.table.description} Named by its id, or by its {resource.key} without regard to case.",
        tags=["entities"],
        openapi_extra={"parameters": parameters_of_one(statements.parts(name))},
        **data(schemas.enveloped(f"{model.__name__}Answer", model)),
    )


async def _page(request: Request, realm: str, resource: Resource, query: Any) -> Answer:
    table = resource.table
    given = {
        field.alias: value
        for name, field in type(query).model_fields.items()
        if name not in _OWN and field.alias and (value := getattr(query, name)) is not None
    }
    where, values = requests.conditions(resource, given)
    fields = requests.chosen(query.fields, statements.view_columns(table.name))
    after = () if query.after is None else requests.place(query.after, query.sort)
    statement = statements.page(realm, table.name, fields, where, query.sort, bool(after))
    row = await read(request, realm, statement, query.limit, *after, *values)
    following = requests.cursor(query.sort, row["last_value"], row["last_id"]) if row["more"] else None
    return answer(publish_of(realm, row), row["documents"], following, listed=True)


async def read_entity(request: Request, resource: Resource) -> Answer:
    """A single one with what belongs to it, as the path and the query of a request ask. Raises `Problem`."""
    realm, key, fields = one_asked(request)
    by, value = requests.wanted(key)
    names = requests.chosen(fields, statements.parts(resource.table.name))
    statement, shape = statements.one(realm, resource.table.name, by, names)
    row = await read_one(request, realm, statement, value)
    if row is None:
        raise Problem(404, f"realm {realm} has no {resource.one} {key!r}", field="key")
    return answer(publish_of(realm, row), as_json(shape.named(orjson.loads(row["found"]))))
