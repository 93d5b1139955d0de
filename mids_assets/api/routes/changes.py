"""What changed between two releases, and what became of one power: what may be asked for, and the answers.

Does not belong here: which publishes lie between two releases (`api.changes`), SQL of a history (`api.history`).
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from mids_assets.api import schemas
from mids_assets.api.answers import AnswerResponse, answer
from mids_assets.api.changes import (
    Compositions,
    entity_keys,
    names_of,
    publishes,
    selector,
    shown,
    way,
)
from mids_assets.api.freshness import publish_of
from mids_assets.api.history import history
from mids_assets.api.problems import Problem
from mids_assets.api.requests import CURSOR_LENGTH, KEY_LENGTH, cursor, place, plain, wanted
from mids_assets.api.routes.common import Key, Realm, data, read
from mids_assets.model.tables import TABLES

_TABLES = "|".join(table.name for table in TABLES)
_CHANGES, _HISTORY = "changes", "history"
_TRIES = 3


class ChangesQuery(BaseModel):
    """Parameters of a comparison."""

    model_config = ConfigDict(extra="forbid")

    old: str | None = Field(
        None, alias="from", min_length=1, max_length=100,
        description="Release that was published: id, the beginning of it, or version; by default the one before.",
    )  # fmt: skip
    new: str | None = Field(
        None, alias="to", min_length=1, max_length=100,
        description="The same; by default the one that is published.",
    )  # fmt: skip
    table: str | None = Field(None, pattern=f"^({_TABLES})$", description="Only rows of this table.")
    change: Literal["added", "removed", "renamed", "changed"] | None = Field(None, description="Only of this kind.")
    key: str | None = Field(None, max_length=KEY_LENGTH, description="Only rows in whose key this occurs, in any case.")
    limit: int = Field(50, ge=1, le=200, description="Rows of a page.")
    after: str | None = Field(None, max_length=CURSOR_LENGTH, description="Cursor: `next` of the page before.")


class HistoryQuery(BaseModel):
    """Parameters of a history."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200, description="Rows of a page.")
    after: str | None = Field(None, max_length=CURSOR_LENGTH, description="Cursor: `next` of the page before.")


class ChangeRow(BaseModel):
    """One thing that changed about a row."""

    table: str = Field(description="Table.")
    key: str = Field(description="Key of the row, before for one that was removed; parts of it between ' / '.")
    old_key: str | None = Field(description="Key before, where it was another one: renamed, or moved in its list.")
    change: Literal["added", "removed", "renamed", "changed"] = Field(description="What happened.")
    field: str | None = Field(description="Field that changed; null for the row as a whole.")
    old: Any = Field(description="Value before, or the whole row that was removed.")
    new: Any = Field(description="Value after, or the whole row that was added.")
    display_name: str | None = Field(description="Name of the entity that it is about, for a player.")


class HistoryRow(ChangeRow):
    """One thing that a publish changed about a power."""

    release: str = Field(description="Release that brought it.")
    version: str | None = Field(description="Version that this release states.")
    published_at: str | None = Field(description="When; null where it was before publishes were noted.")


class Side(BaseModel):
    """A release that is compared."""

    release: str = Field(description="Release id.")
    version: str | None = Field(description="Version that it states.")


class ChangesAnswer(schemas.enveloped("ChangesPage", list[ChangeRow], listed=True)):
    """A page of what changed."""

    summary: dict[str, dict[str, int]] = Field(description="Rows by table and kind, of the whole comparison.")
    old: Side = Field(alias="from", description="Release before.")
    new: Side = Field(alias="to", description="Release after.")
    left_out: list[str] = Field(description="Tables, and columns as table.column, that a source between does not have.")


def router() -> APIRouter:
    """Both routes, with a memory of comparisons of their own."""
    found = APIRouter(tags=["changes"])
    compositions = Compositions()

    @found.get("/realms/{realm}/changes", **data(ChangesAnswer))
    async def list_changes(request: Request, realm: Realm, query: Annotated[ChangesQuery, Query()]) -> AnswerResponse:
        """What changed between two releases that were published, taken together from what each publish between them
        changed."""
        wanted_key = plain(query.key, "key") if query.key else None
        old, new = (plain(text, name) if text else None for text, name in ((query.old, "from"), (query.new, "to")))
        begin = place(query.after, _CHANGES)[1] if query.after else 0
        database = request.app.state.services.database
        for _ in range(_TRIES):
            row = await read(request, realm, publishes(realm))
            path = way(realm, json.loads(row[4]), json.loads(row[5]), old, new)
            comparison = await compositions.of(database, realm, row["publish"], path)
            changes = comparison.changes
            fits = selector(query.table, query.change, wanted_key)
            page: list[int] = []
            for number in range(begin, len(changes)):
                if fits(changes[number]):
                    page.append(number)
                if len(page) > query.limit:
                    break
            rows = [changes[number] for number in page[: query.limit]]
            names = await read(request, realm, names_of(realm), *entity_keys(rows).values())
            if names["publish"] == row["publish"]:
                following = cursor(_CHANGES, "", page[-1]) if len(page) > query.limit else None
                return AnswerResponse(
                    answer(
                        publish_of(realm, row),
                        _json(shown(rows, json.loads(names[4]))),
                        following,
                        listed=True,
                        summary=comparison.summary,
                        left_out=path.left_out,
                        **{"from": _side(path.old), "to": _side(path.new)},
                    )
                )
        raise Problem(503, "A release was published meanwhile; try again.", headers={"Retry-After": "1"})

    @found.get(
        "/realms/{realm}/powers/{key}/history",
        **data(schemas.enveloped("HistoryAnswer", list[HistoryRow], listed=True)),
    )
    async def power_history(
        request: Request, realm: Realm, key: Key, query: Annotated[HistoryQuery, Query()]
    ) -> AnswerResponse:
        """What publishes changed about a power and what belongs to it, the last one first, under all the keys that it
        had."""
        by, value = wanted(key)
        group, number = _after(query.after)
        row = await read(request, realm, history(realm, by), value, query.limit, group, number)
        if row["named"] is None:
            raise Problem(404, f"realm {realm} has no power {key!r}, and had none", field="key")
        following = cursor(_HISTORY, str(row["last_group"]), row["last_id"]) if row["more"] else None
        return AnswerResponse(answer(publish_of(realm, row), row["documents"], following, listed=True))

    return found


def _after(text: str | None) -> tuple[int, int]:
    """Publish and row behind which a history goes on."""
    if text is None:
        return 2**62, 0
    group, number = place(text, _HISTORY)
    if group is None or not group.isascii() or not group.isdigit() or int(group) >= 2**62:
        raise Problem(422, "after: it is no cursor of a history; take it from `next`", field="after")
    return int(group), number


def _side(release: dict[str, Any]) -> dict[str, Any]:
    return {"release": release["release"], "version": release["version"]}


def _json(rows: list[dict[str, Any]]) -> bytes:
    """Not by orjson, which knows no whole numbers beyond 64 bits: what sources hold besides may be any."""
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
