"""The expressions of power files as the records of `power_expression`.

A text that is no expression is no reason to set a file aside: it is kept with what is wrong about it.
Does not belong here: where expressions stand (`expression_places`), the grammar (`readers.expressions`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from mids_assets.readers.city_of_data.expression_places import power_expressions
from mids_assets.readers.expressions import ExpressionError, kind_of, parse, to_json, unknown_names

FORMULA = "formula"
"""The kind of what gives a number; those of conditions are `readers.expressions.kinds.KINDS`."""

_CACHED_LENGTH = 1_024
"""Longer texts are worked out each time, so that what the cache holds is bounded in bytes as well."""


class _Read(NamedTuple):
    kind: str | None
    tree: str | None
    unknown: list[str]
    fault: str | None


def expression_records(content: bytes) -> list[dict[str, Any]]:
    """power_name, place, text, kind, tree (as JSON text), unknown and fault of each expression of a power file.

    kind and tree are None where the text is broken, fault is None where it is sound.
    Raises `RecordFault` where the file is no JSON or a key holds no text."""
    name, found = power_expressions(content)
    records = []
    for path, place, text in found:
        read = _cached(text) if len(text) <= _CACHED_LENGTH else _read(text)
        kind = read.kind if place.unit is None or read.kind is None else FORMULA
        records.append(
            {
                "power_name": name,
                "place": path,
                "text": text,
                "kind": kind,
                "tree": read.tree,
                "unknown": read.unknown,
                "fault": read.fault,
            }
        )
    return records


def _read(text: str) -> _Read:
    try:
        node = parse(text)
    except ExpressionError as error:
        return _Read(None, None, [], str(error))
    tree = msgspec.json.encode(to_json(node)).decode()
    return _Read(kind_of(node), tree, list(unknown_names(node)), None)


_cached = lru_cache(maxsize=4_096)(_read)
