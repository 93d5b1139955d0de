"""The shapes of answers as pydantic models, derived from the model of the data: for the description of the API.

Answers are not made of them: PostgreSQL makes the JSON. A test holds that both agree.
Does not belong here: routes, SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, create_model

from mids_assets.api.requests import BOUNDS, CURSOR_LENGTH, KEY_LENGTH, SORTS, filters
from mids_assets.api.resources import Members, named_column, reference_tables, resources, shown
from mids_assets.api.statements import children
from mids_assets.model.table import Column, Reference, Table
from mids_assets.model.tables import TABLES
from mids_assets.warehouse.ddl import view_columns
from mids_assets.warehouse.stored import INTERNAL, StoredColumn, parent_key, stored_columns

_TYPES: dict[str, Any] = {
    "text": str,
    "int4": int,
    "int8": int,
    "float8": float,
    "bool": bool,
    "jsonb": Any,
    "text[]": list[str],
    "timestamptz": datetime,
}
FIELDS = "{}, with commas between: a row has these alone, whatever its shape requires. All by default."


class Named(BaseModel):
    """Another entity."""

    id: int = Field(description="Its id.")
    key: str = Field(description="Its natural key.")
    display_name: str | None = Field(description="Its name for a player.")


class Envelope(BaseModel):
    """What every answer says of where it is from."""

    realm: str = Field(description="Realm.")
    release: str = Field(description="Release id.")
    version: str | None = Field(description="Version that the release states.")
    publish: int = Field(description="When it was published, in microseconds since 1970: greater is later.")
    published_at: datetime = Field(description="The same as a time.")


class Facts(BaseModel):
    """What a release says of itself, and when it was published."""

    release: str = Field(description="Release id.")
    version: str | None = Field(description="Version that it states.")
    revision: int | None = Field(description="1 for the first content seen under this version, 2 for the next, ...")
    release_date: datetime | None = Field(description="Date that it states.")
    issue: int | None = Field(description="Issue of the game.")
    page_volume: int | None = Field(description="Page or volume in the issue.")
    page_volume_text: str | None = Field(description="The word for it.")
    is_sample: bool = Field(description="Whether it is a made-up sample.")
    published_at: datetime = Field(description="When it was last published.")
    publish: int = Field(description="The same in microseconds since 1970.")


class RealmFacts(Facts):
    """A realm with the release that its readers see."""

    realm: str = Field(description="Realm.")


class RealmRelease(RealmFacts):
    """The release that readers of a realm see."""

    build: str = Field(description="Build of the release.")


class Release(Facts):
    """A release that was published at some time."""

    build: str = Field(description="Build that was published last.")
    state: str = Field(description="published, superseded or rolled_back.")


class Realms(BaseModel):
    """All realms that have a published release."""

    data: list[RealmFacts] = Field(description="One entry a realm, in order of their names.")


class Meta(BaseModel):
    """How the server is set up, as far as everybody may know."""

    dagster_url: str | None = Field(description="Address of Dagster's web UI; null where none is set.")
    version: str = Field(description="Version of mids-assets.")
    realms: list[str] = Field(description="Realms that have a published release.")
    login: str = Field(description="none, or token: reading needs a token.")


class Modifiers(BaseModel):
    """What modifier tables give at one level."""

    level: int = Field(description="Level as a player sees it.")
    modifiers: dict[str, float] = Field(description="Value of each modifier table.")


class ProblemBody(BaseModel):
    """A refusal (RFC 9457)."""

    type: str = Field(description="about:blank: status and title say what kind of refusal it is.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="Status of the answer.")
    detail: str = Field(description="What is wrong, and what to do.")
    field: str | None = Field(None, description="The parameter that is to blame.")


def enveloped(name: str, data: Any, *, listed: bool = False) -> type[BaseModel]:
    """The envelope around `data`."""
    more: dict[str, Any] = {"data": (data, Field(description="What was asked for."))}
    if listed:
        more["next"] = (str | None, Field(description="Cursor for the next page; null on the last."))
    what = "A list, and where its data are from." if listed else "An answer, and where its data are from."
    return create_model(name, __base__=Envelope, __doc__=what, **more)


def reference_rows() -> Any:
    """The rows of a reference table, of whichever."""
    found = [list[row(table.name)] for table in reference_tables()]
    return reduce(or_, found)


def names(known: Iterable[str]) -> dict[str, Any]:
    """The schema of a text that names some of `known`, with commas between."""
    return {"type": "array", "items": {"type": "string", "enum": list(known)}, "minItems": 1}


@cache
def row(name: str) -> type[BaseModel]:
    """A row of an entity or of a reference table as it stands in a list."""
    table = TABLES[name]
    fields = {column.name: _field(column) for column in _shown_columns(table)}
    if table.kind == "reference":
        fields |= _led_to(table)
    return create_model(_title(name) + "Row", __doc__=table.description, **_safe(fields))


@cache
def whole(name: str) -> type[BaseModel]:
    """An entity with all that belongs to it."""
    resource = resources()[name]
    table = resource.table
    fields = {column.name: _field(column) for column in _shown_columns(table)} | _led_to(table)
    for child in children(resource):
        fields[child.name] = (list[_child(child.name)], Field(description=child.description))
    if resource.members:
        fields[resource.members.name] = (
            list[_member(resource.members)],
            Field(description=f"Its {resource.members.name}."),
        )
    return create_model(_title(name), __doc__=table.description, **_safe(fields))


@cache
def query(name: str) -> type[BaseModel]:
    """Parameters of a list: how much, in which order, which columns, and a filter for each column."""
    table = resources()[name].table
    fields: dict[str, Any] = {
        "limit": (int, Field(50, ge=1, le=200, description="Rows of a page.")),
        "after": (
            Annotated[str | None, WithJsonSchema({"type": "string", "maxLength": CURSOR_LENGTH})],
            Field(None, max_length=CURSOR_LENGTH, description="Cursor: `next` of the page before."),
        ),
        "sort": (Literal[*SORTS], Field("id", description="Order of the rows.")),
        "fields": (
            Annotated[str | None, WithJsonSchema(names(view_columns(name)))],
            Field(None, description=FIELDS.format("Columns")),
        ),
    }
    for parameter, member in filters(table).items():
        described = member.description
        if parameter.endswith((".ge", ".le")):
            described = f"{'Least' if parameter.endswith('.ge') else 'Greatest'} value. {described}"
        elif not isinstance(member, Column):
            described = f"{described} Its id or key."
        unit = f" Unit: {member.unit}." if isinstance(member, Column) and member.unit else ""
        fields["by_" + parameter.replace(".", "_")] = (
            Annotated[str | None, WithJsonSchema(_filter(table, member))],
            Field(None, alias=parameter, description=described + unit),
        )
    return create_model(_title(name) + "Query", __config__=ConfigDict(extra="forbid"), **fields)


def _filter(table: Table, member: Column | Reference) -> dict[str, Any]:
    """What a filter takes. It comes as a text in any case (requests.py)."""
    type_ = table.stored_type(member.name)
    refers = isinstance(member, Reference) and table.target(member).kind == "entity"
    if refers or type_ in ("text", "text[]"):
        return {"type": "string", "maxLength": KEY_LENGTH}
    if type_ == "bool":
        return {"type": "boolean"}
    least, most = BOUNDS[type_]
    return {"type": "number" if type_ == "float8" else "integer", "minimum": least, "maximum": most}


@cache
def _child(name: str) -> type[BaseModel]:
    table = TABLES[name]
    columns = [column for column in _shown_columns(table) if column.name != parent_key(name)]
    fields = {column.name: _field(column) for column in columns} | _led_to(table)
    return create_model(_title(name), __doc__=table.description, **_safe(fields))


@cache
def _member(members: Members) -> type[BaseModel]:
    wanted = {column.name: column for column in stored_columns(members.table)}
    more = {name: _field(wanted[name]) for name in members.columns}
    title = f"{_title(members.table)}Of{_title(members.reference)}"
    return create_model(title, __base__=Named, __doc__=TABLES[members.table].description, **_safe(more))


def _shown_columns(table: Table) -> list[StoredColumn]:
    return [column for column in stored_columns(table.name) if column.name not in INTERNAL]


def _led_to(table: Table) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for reference in table.references:
        name = shown(table, reference)
        if name is None:
            continue
        target = table.target(reference)
        if target.kind == "entity":
            type_: Any = Named
        elif name != reference.name:
            type_ = str
        else:
            type_ = _short(target.name)
        found[name] = (type_ | None, Field(description=reference.description))
    return found


@cache
def _short(name: str) -> type[BaseModel]:
    table = TABLES[name]
    wanted = (table.key[0], named_column(table), "short_name")
    fields = {column.name: _field(column) for column in stored_columns(name) if column.name in wanted}
    return create_model(_title(name) + "Name", __doc__=table.description, **_safe(fields))


def _field(column: StoredColumn) -> tuple[Any, Any]:
    type_ = _TYPES[column.type]
    return (type_ if column.required or type_ is Any else type_ | None, Field(description=column.comment))


def _safe(fields: dict[str, Any]) -> dict[str, Any]:
    """Names that pydantic keeps for itself go by an alias."""
    taken = set(dir(BaseModel))
    found = {}
    for name, (type_, field) in fields.items():
        if name in taken or name.startswith(("_", "model_")):
            field.alias = name
            field.validation_alias = field.serialization_alias = name
            found[f"the_{name.lstrip('_')}"] = (type_, field)
        else:
            found[name] = (type_, field)
    return found


def _title(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
