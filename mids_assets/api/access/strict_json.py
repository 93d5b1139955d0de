"""JSON that says one thing only, for what an attacker may have written.

Does not belong here: JSON of releases (`readers`).
"""

from __future__ import annotations

import json
from typing import Any


def strict_object(text: bytes) -> dict[str, Any]:
    """An object in UTF-8 without a name that stands twice, NaN and Infinity. Raises `ValueError` for all else."""
    try:
        found = json.loads(text.decode(), object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refuse(_constant: str) -> Any:
    raise ValueError("no number")
