"""Rules about the single values of a small table, derived from the model's columns.

`value_fault` says what is wrong with one value; `all_sound` looks at a whole column at once, so that good ones, which
are nearly all, are not looked at value by value.
Does not belong here: rules about records of entities (`transform.frame_rules`), frames.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from sys import float_info
from typing import Any

from mids_assets.model.table import JSON_LIMIT, Column

_INT4 = (-(2**31), 2**31 - 1)
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_NUL = "the text holds a NUL character, which PostgreSQL cannot store"
_KINDS = {
    "text": {str},
    "text[]": {list},
    "bool": {bool},
    "jsonb": {str},
    "int4": {int},
    "float8": {int, float},
}
"""Type of column -> types of its values in Python."""


def all_sound(column: Column, values: Sequence[Any], *, required: bool) -> bool:
    """Whether surely no value has a fault; a false alarm costs time only. What is JSON comes as its text."""
    kinds = set(map(type, values))
    if type(None) in kinds:
        if required:
            return False
        kinds.discard(type(None))
        values = [value for value in values if value is not None]
    if not kinds <= _KINDS[column.type]:
        return False
    if column.type == "text[]":
        values = list(chain.from_iterable(values))
        if not set(map(type, values)) <= {str}:
            return False
    if not values or column.type == "bool":
        return True
    if column.type in ("text", "text[]", "jsonb"):
        limit = JSON_LIMIT if column.type == "jsonb" else column.max_length
        joined = "".join(values)
        return (limit is None or max(map(len, values)) <= limit) and "\0" not in joined and "\\u0000" not in joined
    low, high = _bounds(column)
    finite = column.type == "int4" or all(abs(value) <= float_info.max for value in values)
    return finite and (low is None or min(values) >= low) and (high is None or max(values) <= high)


def value_fault(column: Column, value: Any, *, required: bool) -> tuple[str, str] | None:
    """Rule and message of what is wrong with a value, None where it is sound."""
    if value is None:
        return ("required", "a value is needed here") if required else None
    if column.type == "text":
        return _text_fault(column, value)
    if column.type == "text[]":
        if not isinstance(value, list):
            return "type", f"{value!r} is no list"
        return next((fault for item in value if (fault := _text_fault(column, item))), None)
    if column.type == "bool":
        return None if isinstance(value, bool) else ("type", f"{value!r} is neither true nor false")
    if column.type == "jsonb":
        if len(value) > JSON_LIMIT:
            return "too_long", f"the JSON is longer than {JSON_LIMIT} characters"
        return ("nul", _NUL) if _ESCAPED_NUL.search(value) else None
    if isinstance(value, bool) or not isinstance(value, int if column.type == "int4" else int | float):
        return "type", f"{value!r} is no {'integer' if column.type == 'int4' else 'number'}"
    if column.type == "float8" and not abs(value) <= float_info.max:
        return "not_finite", "the number is not finite"
    low, high = _bounds(column)
    if low is not None and value < low:
        return "below_minimum", f"the number is below {low:g}"
    if high is not None and value > high:
        return "above_maximum", f"the number is above {high:g}"
    return None


def _text_fault(column: Column, value: Any) -> tuple[str, str] | None:
    if not isinstance(value, str):
        return "type", f"{value!r} is no text"
    if column.max_length is not None and len(value) > column.max_length:
        return "too_long", f"the text is longer than {column.max_length} characters"
    return ("nul", _NUL) if "\0" in value else None


def _bounds(column: Column) -> tuple[float | None, float | None]:
    low, high = _INT4 if column.type == "int4" else (None, None)
    return low if column.minimum is None else column.minimum, high if column.maximum is None else column.maximum
