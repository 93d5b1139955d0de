"""SQL of the entities: one statement an answer, in which PostgreSQL makes JSON and says which publish it saw.

A statement has one snapshot, so an answer never holds rows of two releases. Names come from the model, values are
always parameters. Does not belong here: what a request may ask for (routes), how a statement is executed (database.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from mids_assets.api import nested
from mids_assets.api.nested import Shape
from mids_assets.api.resources import Resource, resources, shown
from mids_assets.model.table import Table
from mids_assets.model.tables import TABLES
from mids_assets.warehouse.ddl import view_columns
from mids_assets.warehouse.stored import literal, quote, row_key

PUBLISHED = "SELECT realm, release, version, publish, published_at FROM mids_v1.release WHERE state = 'published'"
"""What readers see, one row a realm."""
_FACTS = "revision, release_date, issue, page_volume, page_volume_text, is_sample, published_at, publish"
ALL_REALMS = f"SELECT realm, release, version, {_FACTS} FROM mids_v1.release WHERE state = 'published' ORDER BY realm"
RELEASES_OF = "SELECT release, state FROM mids_v1.release WHERE realm = $1 ORDER BY publish DESC, id DESC"
"""What readers of a realm ($1) have ever seen, the latest first."""

BY_ID, BY_KEY = "id", "key"
SORT_LENGTH = 200
"""Letters by which texts are sorted; of equal ones the id decides."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter of a list. `kind`: `equal`, `least`, `most` on the column; `fold` for texts without regard to case;
    `holds` for lists of texts; `of_id` and `of_key` for references to entities."""

    member: str
    kind: str


@lru_cache(maxsize=1024)
def one(realm: str, name: str, by: str, fields: tuple[str, ...]) -> tuple[str, Shape]:
    """Entities with what belongs to them as nested arrays, each with its `place` among those that are wanted: $1 is a
    JSON array of ids or keys. `fields`: columns, shown references, children and members; none = all."""
    resource = resources()[name]
    row, shape = nested.entity(realm, resource, fields or parts(name))
    column, wanted = f"t.{quote('id')}", "w.wanted::int8"
    if by == BY_KEY:
        column, wanted = f"lower(t.{quote(resource.key)})", "lower(w.wanted)"
    # A key of several columns: the first one counts, and of its rows the first.
    first = f"SELECT {row} AS found FROM {nested.view(realm, name)} t WHERE {column} = {wanted} ORDER BY t.id LIMIT 1"
    # JSON and no array: PostgreSQL expects the same number of rows whatever is in it, and so plans once and not each
    # time, which takes longer than the rows.
    return published(
        realm,
        "w.place, d.found::text AS found",
        f"json_array_elements_text($1::json) WITH ORDINALITY AS w(wanted, place), LATERAL ({first}) d",
    ), shape


@lru_cache(maxsize=1024)
def page(realm: str, name: str, fields: tuple[str, ...], where: tuple[Condition, ...], sort: str, after: bool) -> str:
    """A page of a list: JSON array as text, whether there is more, and sort value and id of its last row.

    $1 is the number of rows; with `after` $2 and $3 are the sort value and id of the row before; values of `where`
    follow.
    """
    resource = resources()[name]
    columns = fields or view_columns(name)
    by = _sort_value(resource, sort)
    conditions = []
    if after:
        # Each parameter has to be used to have a type.
        row = f"($2::text IS NULL OR true) AND t.{quote('id')} > $3::int8"
        conditions.append(f"({by}, t.{quote('id')}) > ($2::text, $3::int8)" if by else row)
    first = 4 if after else 2
    conditions += [_condition(realm, resource.table, each, first + place) for place, each in enumerate(where)]
    rows = (
        f"SELECT {', '.join(f't.{quote(column)}' for column in columns)}, t.{quote('id')} AS row_id,"
        f" {by or 'NULL::text'} AS sort_value FROM {nested.view(realm, name)} t"
        f"{' WHERE ' + ' AND '.join(conditions) if conditions else ''}"
        " ORDER BY sort_value, row_id LIMIT $1::int4 + 1"
    )
    # JSON is made of the rows of the page alone, after the sort.
    document = f"(SELECT row_to_json(v) FROM (SELECT {', '.join(f'l.{quote(column)}' for column in columns)}) v)"
    numbered = (
        f"SELECT {document} AS document, row_number() OVER (ORDER BY sort_value, row_id) AS place, sort_value, row_id"
        f" FROM ({rows}) l"
    )
    return published(
        realm,
        "p.documents, p.more, p.last_value, p.last_id",
        "LATERAL (SELECT"
        " coalesce(json_agg(document ORDER BY place) FILTER (WHERE place <= $1), '[]')::text AS documents,"
        " coalesce(max(place) > $1, false) AS more, max(sort_value) FILTER (WHERE place = $1) AS last_value,"
        f" max(row_id) FILTER (WHERE place = $1) AS last_id FROM ({numbered}) n) p",
    )


@lru_cache(maxsize=256)
def whole_table(realm: str, name: str) -> tuple[str, Shape]:
    """A reference table as an array of nested arrays, in order of its key."""
    row, shape = nested.row(realm, TABLES[name], "t")
    order = ", ".join(f"t.{quote(column)}" for column in row_key(name))
    rows = f"SELECT {row} AS a FROM {nested.view(realm, name)} t ORDER BY {order}"
    return published(realm, f"(SELECT coalesce(json_agg(a), '[]') FROM ({rows}) a)::text"), shape


@lru_cache(maxsize=64)
def modifiers(realm: str, by: str) -> str:
    """{table: value} of an archetype ($1: id or key) at a 0-based level ($2), null where there is no such archetype."""
    column, wanted = ("t.id", "$1::int8") if by == BY_ID else ("lower(t.name)", "lower($1::text)")
    values = (
        f"SELECT json_object_agg(m.{quote('table')}, m.value ORDER BY m.{quote('table')})"
        f" FROM {nested.view(realm, 'attribute_modifier')} m"
        f" WHERE m.level = $2::int4 AND m.{quote('column')} = t.modifier_column"
    )
    return published(
        realm,
        f"(SELECT coalesce(({values}), '{{}}')::text FROM {nested.view(realm, 'archetype')} t"
        f" WHERE {column} = {wanted})",
    )


@lru_cache(maxsize=64)
def releases(realm: str) -> str:
    """All releases that readers have seen, the last published first."""
    rows = (
        f"SELECT release, version, build, state, {_FACTS} FROM mids_v1.release WHERE realm = {literal(realm)}"
        " ORDER BY publish DESC, id DESC"
    )
    return published(realm, f"(SELECT coalesce(json_agg(d), '[]')::text FROM ({rows}) d)")


@lru_cache(maxsize=64)
def release(realm: str) -> str:
    """The release that readers see."""
    rows = (
        f"SELECT realm, release, version, build, {_FACTS} FROM mids_v1.release"
        f" WHERE realm = {literal(realm)} AND state = 'published'"
    )
    return published(realm, f"(SELECT row_to_json(d)::text FROM ({rows}) d)")


def children(resource: Resource) -> tuple[Table, ...]:
    return TABLES.children(resource.table.name)


@cache
def parts(name: str) -> tuple[str, ...]:
    """All names that a single one of an entity table has: columns, shown references, children, members."""
    resource = resources()[name]
    table = resource.table
    found = [*view_columns(table.name), *(filter(None, (shown(table, each) for each in table.references)))]
    found += [child.name for child in children(resource)]
    return (*found, *([resource.members.name] if resource.members else []))


def published(realm: str, columns: str, more: str = "") -> str:
    """`columns` beside the publish that the statement sees; no row where the realm has none."""
    source = f"({PUBLISHED} AND realm = {literal(realm)}) r" + (f", {more}" if more else "")
    return f"SELECT r.publish, r.release, r.version, r.published_at, {columns} FROM {source}"


def _sort_value(resource: Resource, sort: str) -> str | None:
    """A text that sorts the same on every server, short enough for a cursor; None for the id alone."""
    if sort == "id":
        return None
    column = resource.key if sort == "key" else resource.display_name
    return f"left(lower(coalesce(t.{quote(column)}, '')), {SORT_LENGTH}) COLLATE {quote('C')}"


def _condition(realm: str, table: Table, one: Condition, place: int) -> str:
    column = f"t.{quote(table.physical(one.member))}"
    type_ = table.stored_type(one.member)
    match one.kind:
        case "equal":
            return f"{column} = ${place}::{type_}"
        case "least":
            return f"{column} >= ${place}::{type_}"
        case "most":
            return f"{column} <= ${place}::{type_}"
        case "fold":
            return f"lower({column}) = lower(${place}::text)"
        case "holds":
            return f"EXISTS (SELECT FROM unnest({column}) AS word WHERE lower(word) = lower(${place}::text))"
        case "of_id":
            return f"{column} = ${place}::int8"
        case "of_key":
            target = resources()[table.reference(one.member).target]
            return (
                f"{column} IN (SELECT x.{quote('id')} FROM {nested.view(realm, target.table.name)} x"
                f" WHERE lower(x.{quote(target.key)}) = lower(${place}::text))"
            )
    raise ValueError(f"unknown condition {one.kind}")
