"""What changed between two releases that readers saw: the publishes between them, and what these changed, together.

Each publish noted what it changed against the one before. From one release to another leads the line of publishes
between the last of either; backwards, what they changed is taken back. Does not belong here: what a request may ask for
(routes/changes.py), taking changes together (transform/diff/compose.py), the history of one power (history.py).
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mids_assets.api.database import Database
from mids_assets.api.nested import view
from mids_assets.api.problems import Problem
from mids_assets.api.resources import resources
from mids_assets.api.statements import published
from mids_assets.model.reader_views import READER_SCHEMA
from mids_assets.model.tables import TABLES
from mids_assets.warehouse.release_change import Change, Step
from mids_assets.warehouse.stored import literal, quote

MOST_CHANGES = 100_000
"""So many rows are taken together; `mids diff` has no such bound."""
_LEAST = 4
"""Fewer characters of a release's id are taken for a version."""
_KEPT = 3
"""So many answers to "what changed" stay in memory."""
_TABLES = dict.fromkeys(table.name for table in TABLES)
_CHANGES = (
    "SELECT publish_id, table_name, natural_key, old_key, change, field, old_value::text, new_value::text"
    f" FROM {READER_SCHEMA}.release_change WHERE realm = $1::text AND publish_id = ANY($2::int8[]) ORDER BY id"
)


@dataclass(frozen=True, slots=True)
class Way:
    """The publishes that lead from one release to another, the first one first; `back`: they are to be taken back."""

    old: dict[str, Any]
    new: dict[str, Any]
    publishes: tuple[int, ...]
    back: bool
    left_out: tuple[str, ...]


@lru_cache(maxsize=64)
def publishes(realm: str) -> str:
    """All releases that were published, and all publishes in their order, as two JSON arrays."""
    of = f"WHERE realm = {literal(realm)}"
    releases = f"SELECT id, release, version, revision FROM {READER_SCHEMA}.release {of} ORDER BY id"
    line = (
        "SELECT id, release_id, previous_release_id, published_at, changes, left_out"
        f" FROM {READER_SCHEMA}.publish {of} ORDER BY id"
    )
    arrays = (f"(SELECT coalesce(json_agg(a), '[]')::text FROM ({rows}) a)" for rows in (releases, line))
    return published(realm, ", ".join(arrays))


def way(
    realm: str, releases: list[dict[str, Any]], line: list[dict[str, Any]], old: str | None, new: str | None
) -> Way:
    """From release `old` to `new`, as a person names them: by default from what readers saw before to what they see.

    Raises `Problem` where one was never published, or a publish between them does not say what it changed.
    """
    if not line:
        raise Problem(404, f"realm {realm}: no publish is noted yet; `mids diff` compares stored releases")
    by_id = {row["id"]: row for row in releases}
    last = {row["release_id"]: place for place, row in enumerate(line)}
    end = _named(realm, releases, "to", new) if new else by_id[line[-1]["release_id"]]
    if old:
        start = _named(realm, releases, "from", old)
    else:
        before = next((row for row in reversed(line[: last.get(end["id"], 0)]) if row["release_id"] != end["id"]), None)
        if before is None:
            raise Problem(404, f"realm {realm}: no other release was published before {end['release']}", field="from")
        start = by_id[before["release_id"]]
    places = [last.get(one["id"]) for one in (start, end)]
    if None in places:
        raise _unknown(realm, start, end, "a publish of one of them is from before publishes were noted")
    first, final = sorted(place for place in places if place is not None)
    between = line[first + 1 : final + 1]
    for before, one in zip(line[first:final], between, strict=True):
        if one["changes"] is None or one["previous_release_id"] != before["release_id"]:
            raise _unknown(
                realm, start, end, f"the publish of {one['published_at']} was not compared with what was there"
            )
    if sum(one["changes"] for one in between) > MOST_CHANGES:
        raise _unknown(realm, start, end, f"there are more than {MOST_CHANGES:,} changes between")
    left_out = sorted({name for one in between for name in one["left_out"] or ()})
    numbers = tuple(one["id"] for one in between)
    return Way(start, end, numbers, places[0] != first, tuple(left_out))


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes between two releases, and `summary`: {table: {added, removed, renamed, changed: rows}}."""

    changes: list[Change]
    summary: dict[str, dict[str, int]]


class Compositions:
    """What lies between two releases, taken together once, however many pages are asked for, and by whom."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple, asyncio.Task[Comparison]] = OrderedDict()

    async def of(self, database: Database, realm: str, publish: int, found: Way) -> Comparison:
        """Raises `DatabaseUnavailable`."""
        key = (realm, publish, found.publishes, found.back)
        if key not in self._kept:
            self._kept[key] = asyncio.create_task(_composed(database, realm, found))
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        try:
            return await asyncio.shield(self._kept[key])
        except Exception:
            self._kept.pop(key, None)
            raise


async def _composed(database: Database, realm: str, found: Way) -> Comparison:
    rows = await database.rows(_CHANGES, realm, list(found.publishes))
    # Seconds for the largest of them, which others must not wait for.
    return await asyncio.to_thread(_together, rows, found)


def _together(rows: Iterable[Any], found: Way) -> Comparison:
    steps: dict[int, list[Change]] = {number: [] for number in found.publishes}
    for publish, table, key, old_key, change, field, old, new in rows:
        if table in _TABLES:  # A model before this one may have had others.
            steps[publish].append(Change(table, key, old_key, change, field, _value(old), _value(new)))
    if len(steps) == 1 and not found.back:
        return _comparison(next(iter(steps.values())))
    whole = Step()
    for changes in steps.values():
        whole = whole.then(Step(changes))
    return _comparison(list((whole.reversed() if found.back else whole).changes()))


def _comparison(changes: list[Change]) -> Comparison:
    """A row that changed in several fields counts once."""
    seen = {(one.table, one.change, one.key, one.old_key) for one in changes}
    counts = Counter((table, change) for table, change, *_ in seen)
    found: dict[str, dict[str, int]] = {}
    for table in _TABLES:
        for kind in ("added", "removed", "renamed", "changed"):
            if counts[table, kind]:
                found.setdefault(table, {})[kind] = counts[table, kind]
    return Comparison(changes, found)


def selector(table: str | None, change: str | None, key: str | None) -> Callable[[Change], bool]:
    """Whether a change is wanted: of a table, of a kind, with a key, or a key before, in which `key` occurs."""
    part = (key or "").lower()
    return lambda one: (
        (table is None or one.table == table)
        and (change is None or one.change == change)
        and (not part or part in one.key.lower() or part in (one.old_key or "").lower())
    )


def shown(changes: Sequence[Change], names: dict[str, dict[str, str | None]]) -> list[dict[str, Any]]:
    """As an answer has them. `names`: of `names_of`."""
    return [
        {
            "table": one.table,
            "key": one.key,
            "old_key": one.old_key,
            "change": one.change,
            "field": one.field,
            "old": one.old,
            "new": one.new,
            "display_name": _display_name(one, names),
        }
        for one in changes
    ]


def entity_keys(changes: Iterable[Change]) -> dict[str, list[str]]:
    """{entity table: folded keys} of the entities that changes are about."""
    found: dict[str, set[str]] = {name: set() for name in resources()}
    for one in changes:
        entity, key = _about(one.table, one.key)
        if entity:
            found[entity].add(key)
    return {name: sorted(keys) for name, keys in found.items()}


@lru_cache(maxsize=64)
def names_of(realm: str) -> str:
    """{entity table: {folded key: shown name}} as JSON; each parameter is a list of folded keys of one entity, in the
    order of the model."""
    objects = []
    for place, (name, resource) in enumerate(resources().items(), 1):
        key = f"lower(t.{quote(resource.key)})"
        rows = (
            f"SELECT coalesce(json_object_agg({key}, t.{quote(resource.display_name)} ORDER BY t.id DESC), '{{}}')"
            f" FROM {view(realm, name)} t WHERE {key} = ANY(${place}::text[])"
        )
        objects.append(f"{literal(name)}, ({rows})")
    return published(realm, f"json_build_object({', '.join(objects)})::text")


def _named(realm: str, releases: list[dict[str, Any]], field: str, text: str) -> dict[str, Any]:
    exact = [row for row in releases if row["release"] == text]
    begin = [row for row in releases if len(text) >= _LEAST and row["release"].startswith(text)]
    version = sorted((row for row in releases if row["version"] == text), key=lambda row: row["revision"] or 0)[-1:]
    found = exact or begin or version
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{row['release']} ({row['version']})" for row in (found or releases)[-20:])
    which = "several releases that were published are" if found else "no release that was ever published is"
    raise Problem(404, f"realm {realm}: {which} called {text!r}; there are {known}", field=field)


def _unknown(realm: str, old: dict[str, Any], new: dict[str, Any], why: str) -> Problem:
    return Problem(
        404,
        f"realm {realm}: what changed from {old['release']} to {new['release']} is not noted here, since {why}; where"
        f" the releases are stored, `mids diff {old['release']} {new['release']}` compares them",
    )


def _about(table: str, key: str) -> tuple[str | None, str]:
    """The entity that a row is of or below, and its key folded, as far as the view has it in one column."""
    model = TABLES[table]
    entity = model.reference(model.parent).target if model.parent else table
    # Of a key of several columns the first part names the row.
    whole = key.split(" / ")[0].replace(" \\/ ", " / ") if model.parent else key
    return (entity if entity in resources() else None), whole.split("\x1f")[0].lower()


def _display_name(one: Change, names: dict[str, dict[str, str | None]]) -> str | None:
    entity, key = _about(one.table, one.key)
    if entity is None:
        return None
    row = one.new or one.old
    if entity == one.table and one.field is None and isinstance(row, dict):
        return row.get(resources()[entity].display_name)
    return names[entity].get(key)


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)
