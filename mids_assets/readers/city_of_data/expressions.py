"""The expressions of power files as the records of `power_expression`.

A text that is no expression is no reason to set a file aside: it is kept with what is wrong about it.
Does not belong here: where expressions stand (`expression_places`), the grammar (`readers.expressions`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from mids_assets.readers.city_of_data.expression_places import is_expression, power_expressions
from mids_assets.readers.city_of_data.refusing import Records, refused
from mids_assets.readers.expressions import ExpressionError, kind_of, parse, to_json, unknown_names
from mids_assets.readers.json_exact import RecordFault

FORMULA = "formula"
"""The kind of what gives a number; those of conditions are `readers.expressions.kinds.KINDS`."""

_CACHED_LENGTH = 1_024
"""Longer texts are worked out each time, so that what the cache holds is bounded in bytes as well."""


class _Read(NamedTuple):
    kind: str | None
    tree: dict[str, Any] | None
    unknown: list[str]
    fault: str | None


def power_expression_records(files: Iterable[tuple[str, bytes]]) -> Records:
    """The records of all power files, given as (name of the entry, its bytes).

    A file that is no power at all is set aside where powers are read; here only one whose expression is no text."""
    records: Records = []
    for entry, content in files:
        try:
            records += expression_records(content)
        except RecordFault as fault:
            if is_expression(fault.path):
                records.append(refused(entry, fault, content))
    return records


def expression_records(content: bytes) -> Records:
    """power_name, place, first_effect, last_effect, text, kind, tree (of `to_json`), unknown and fault of each
    expression of a power file.

    kind and tree are None where the text is broken, fault is None where it is sound. Records of one text share the tree
    and the list. Raises `RecordFault` where the file is no JSON or a key holds no text."""
    name, found = power_expressions(content)
    records: Records = []
    for path, place, text, effects in found:
        read = _cached(text) if len(text) <= _CACHED_LENGTH else _read(text)
        kind = read.kind if place.unit is None or read.kind is None else FORMULA
        records.append(
            {
                "power_name": name,
                "place": path,
                "first_effect": effects[0] if effects else None,
                "last_effect": effects[1] if effects else None,
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
    return _Read(kind_of(node), to_json(node), list(unknown_names(node)), None)


_cached = lru_cache(maxsize=4_096)(_read)
