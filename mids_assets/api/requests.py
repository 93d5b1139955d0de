"""What a request asks for, checked against the model: ids and keys, fields, filters, cursors, realms.

Does not belong here: SQL, routes.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from mids_assets.api.problems import Problem
from mids_assets.api.resources import Resource
from mids_assets.api.statements import BY_ID, BY_KEY, SORT_LENGTH, Condition
from mids_assets.model.table import Column, Reference, Table

MOST_DIGITS = 18
"""So many digits certainly fit an id."""
KEY_LENGTH = 300
CURSOR_LENGTH = 2000
"""Longer than any that `cursor` makes."""
SORTS = ("id", "key", "display_name")
BOUNDS: dict[str, tuple[float, float]] = {
    "int4": (-(2**31), 2**31 - 1),
    "int8": (-(10**MOST_DIGITS) + 1, 10**MOST_DIGITS - 1),
    "float8": (-sys.float_info.max, sys.float_info.max),
}
"""What a number may be."""
# As JSON has them: Python reads digits of any script, underscores and names of what is no number.
_WHOLE = re.compile(rf"-?[0-9]{{1,{MOST_DIGITS}}}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_FLAGS = {"true": True, "false": False}
_RANGES = {".ge": "least", ".le": "most"}


def wanted(text: str) -> tuple[str, int | str]:
    """How a row is named, and by what. Raises `Problem`."""
    checked = plain(text, "key")
    if checked.isascii() and checked.isdigit() and len(checked) <= MOST_DIGITS:
        return BY_ID, int(checked)
    return BY_KEY, checked


def plain(text: str, name: str, longest: int = KEY_LENGTH) -> str:
    """A text that PostgreSQL can hold. Raises `Problem`."""
    if len(text) > longest:
        raise Problem(422, f"{name}: it is longer than {longest} characters", field=name)
    try:
        holds = b"\x00" not in text.encode()
    except UnicodeEncodeError:
        holds = False
    if not holds:
        raise Problem(422, f"{name}: there is a character in it that no text has", field=name)
    return text


def chosen(text: str | None, known: Iterable[str]) -> tuple[str, ...]:
    """Fields from a list with commas, in the order in which they are known; none = all. Raises `Problem`."""
    if text is None:
        return ()
    names = {name.strip() for name in text.split(",")} - {""}
    order = tuple(known)
    unknown = sorted(names.difference(order))
    if unknown:
        raise Problem(422, f"fields: there is no {unknown[0][:100]!r}; there are {', '.join(order)}", field="fields")
    if not names:
        raise Problem(422, "fields: it names none", field="fields")
    return tuple(name for name in order if name in names)


def filters(table: Table) -> dict[str, Column | Reference]:
    """{parameter: member}: what a list may be filtered by. Numbers by `.ge` and `.le` as well."""
    found: dict[str, Column | Reference] = {}
    for name in table.own:
        type_ = table.stored_type(name)
        if type_ in ("jsonb", "timestamptz"):
            continue
        found[name] = table.by_name[name]
        if type_ in ("int4", "float8") and isinstance(table.by_name[name], Column):
            found |= {name + end: table.by_name[name] for end in _RANGES}
    return found


def conditions(resource: Resource, given: Mapping[str, str]) -> tuple[tuple[Condition, ...], list[Any]]:
    """The filters of a list and their values, in order of their names. Raises `Problem`."""
    table = resource.table
    found: list[Condition] = []
    values: list[Any] = []
    for name, text in sorted(given.items()):
        member, _, end = name.partition(".")
        kind, value = _condition(table, name, member, _RANGES.get(f".{end}"), text)
        found.append(Condition(member, kind))
        values.append(value)
    return tuple(found), values


def cursor(sort: str, value: str | None, row: int) -> str:
    """The place after a row, as a text that a client hands back and does not look into."""
    return base64.urlsafe_b64encode(orjson.dumps([sort, value, row])).decode().rstrip("=")


def place(text: str, sort: str) -> tuple[str | None, int]:
    """Sort value and id of a cursor. Raises `Problem` for one that is not ours, or of another order."""
    try:
        raw = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        of, value, row = orjson.loads(raw)
        fits = of == sort and type(row) is int and 0 <= row < 2**63 and (value is None) == (sort == "id")
        if fits and (value is None or isinstance(value, str)):
            return None if value is None else plain(value, "after", SORT_LENGTH), row
    except (binascii.Error, ValueError, TypeError, UnicodeError):
        pass
    raise Problem(422, f"after: it is no cursor of a list sorted by {sort}; take it from `next`", field="after")


def _condition(table: Table, name: str, member: str, bound: str | None, text: str) -> tuple[str, Any]:
    type_ = table.stored_type(member)
    declared = table.by_name[member]
    if isinstance(declared, Reference) and table.target(declared).kind == "entity":
        by, value = wanted(text)
        return ("of_id" if by == BY_ID else "of_key"), value
    if type_ in ("text", "text[]"):
        return ("fold" if type_ == "text" else "holds"), plain(text, name)
    if type_ == "bool":
        if text.lower() not in _FLAGS:
            raise Problem(422, f"{name}: it is true or false", field=name)
        return "equal", _FLAGS[text.lower()]
    return bound or "equal", _number(name, type_, text)


def _number(name: str, type_: str, text: str) -> int | float:
    pattern, kind = (_NUMBER, float) if type_ == "float8" else (_WHOLE, int)
    number = kind(text) if pattern.fullmatch(text) else math.nan
    least, most = BOUNDS[type_]
    if not least <= number <= most:
        what = "number" if type_ == "float8" else "whole number of that size"
        raise Problem(422, f"{name}: {text[:50]!r} is no {what}", field=name)
    return number
