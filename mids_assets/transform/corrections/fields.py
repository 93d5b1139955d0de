"""Places in a record: `effects[2].scale` against the declared records, and in a record that is there.

Does not belong here: YAML (`reading`), rules about values (`transform.frame_rules`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from mids_assets.readers.json_exact import RecordFault, read_value
from mids_assets.readers.json_model import Fixed, Free, ListOf, Model, Node, Scalar, build_model
from mids_assets.readers.shapes import CANONICAL, SHAPES, Key

Step = str | int
_PATH = re.compile(r"\w+(\[\d+\])*(\.\w+(\[\d+\])*)*")
_STEP = re.compile(r"(\w+)|\[(\d+)\]")
MISSING = object()
"""What is found where nothing is."""


class FieldFault(Exception):
    """A path or a value that does not fit; its text says why."""


def steps_of(path: str) -> tuple[Step, ...]:
    """Names and numbers of a path. Raises `FieldFault`."""
    if not _PATH.fullmatch(path):
        raise FieldFault(f"{path!r} is no path of a field, such as display_name or effects[2].scale")
    return tuple(int(match[2]) if match[2] else match[1] for match in _STEP.finditer(path))


def node_at(entity: str, path: str) -> tuple[Node, bool]:
    """What lies at a path of the entity's declared record, and whether it may be null. Raises `FieldFault`."""
    node: Node = build_model(CANONICAL.name, entity)
    nullable = False
    seen = entity
    for step in steps_of(path):
        if isinstance(node, Model):
            if not isinstance(step, str) or step not in node.keys:
                raise FieldFault(f"{seen} has no field {_shown(step)}{nearest(str(step), node.keys)}")
            nullable = step in node.nullable
            node = node.keys[step]
        elif isinstance(node, ListOf | Fixed):
            if not isinstance(step, int):
                raise FieldFault(f"{seen} is a list: name an item of it, as in {seen.rpartition(' ')[2]}[0].{step}")
            nullable = False
            node = node.item
        else:
            raise FieldFault(f"{seen} is a single value and has nothing inside")
        seen = f"{seen}{_shown(step)}" if isinstance(step, int) else f"{seen} {step}" if seen == entity else step
    return node, nullable


def nearest(name: str, known) -> str:
    """A hint for somebody who mistyped a name."""
    found = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; the nearest is {found[0]}" if found else ""


def fitting(node: Node, value: Any, path: str, *, nullable: bool) -> Any:
    """The value as a frame holds it. Raises `FieldFault` where it is of another kind."""
    if value is None and nullable:
        return None
    try:
        return _as_stored(node, read_value(node, value, path))
    except RecordFault as fault:
        raise FieldFault(f"{fault.path or path}: {fault.message}") from None


def same(node: Node, one: Any, other: Any) -> bool:
    """Whether two values are one in a column of this kind; true is not 1, and "5" is not 5."""
    return _comparable(node, one) == _comparable(node, other)


def source_steps(shape: str, entity: str, path: str) -> tuple[Step, ...]:
    """The path under the keys of a source's shape. Raises `FieldFault` where the shape spells it otherwise."""
    steps = steps_of(path)
    if shape == CANONICAL.name:
        return steps
    node: Node = build_model(shape, entity)
    found: list[Step] = []
    for step in steps:
        if isinstance(node, Model) and isinstance(step, str):
            place = SHAPES[shape].place(node.record.name, step) if node.record else None
            if not isinstance(place, Key):
                raise FieldFault(f"the source does not hold {step} under a key of its own")
            found.append(place.key)
            node = node.keys[place.key]
        elif isinstance(node, ListOf) and isinstance(step, int):
            found.append(step)
            node = node.item
        else:
            raise FieldFault(f"the source does not hold {path} as such")
    if not isinstance(node.item if isinstance(node, ListOf) else node, Scalar):
        raise FieldFault(f"{path} is a record, which the source spells otherwise: correct its fields one by one")
    return tuple(found)


def value_at(record: Any, steps: Sequence[Step]) -> Any:
    """What lies there, or `MISSING`."""
    found = record
    for step in steps:
        if isinstance(step, int):
            found = found[step] if isinstance(found, list) and step < len(found) else MISSING
        else:
            found = found.get(step, MISSING) if isinstance(found, dict) else MISSING
    return found


def put(record: Any, steps: Sequence[Step], value: Any) -> bool:
    """Set a value in place; False where the holder is not there. A key that is missing is added, an item is not."""
    holder, last = value_at(record, steps[:-1]), steps[-1]
    if not isinstance(holder, list if isinstance(last, int) else dict):
        return False
    if isinstance(last, int) and last >= len(holder):
        return False
    holder[last] = value  # type: ignore[index]
    return True


def remove(record: Any, steps: Sequence[Step]) -> bool:
    """Take an item out of a list in place; False where it is not there."""
    holder, last = value_at(record, steps[:-1]), steps[-1]
    if not isinstance(holder, list) or not isinstance(last, int) or last >= len(holder):
        return False
    del holder[last]
    return True


def _as_stored(node: Node, value: Any) -> Any:
    """f32 numbers as the shortest decimal that reads back as the same f32, at every depth."""
    if isinstance(node, Scalar):
        return float(str(np.float32(value))) if node.wire == "f32" else value
    if isinstance(node, ListOf | Fixed):
        return [_as_stored(node.item, item) for item in value]
    if isinstance(node, Model):
        return {key: None if item is None else _as_stored(node.keys[key], item) for key, item in value.items()}
    return value


def _comparable(node: Node, value: Any) -> Any:
    if isinstance(node, Scalar) and node.wire in ("f32", "f64") and type(value) in (int, float):
        number = float(value)
        return ("number", _narrow(number) if node.wire == "f32" else number)
    if isinstance(node, ListOf | Fixed) and isinstance(value, list):
        return ("list", tuple(_comparable(node.item, item) for item in value))
    if isinstance(node, Model) and isinstance(value, dict):
        parts = ((key, _comparable(node.keys.get(key, Free(kept=False)), item)) for key, item in value.items())
        return ("object", tuple(sorted((key, part) for key, part in parts if part != ("plain", "null"))))
    return ("plain", json.dumps(value, sort_keys=True, default=str))


def _narrow(number: float) -> float:
    with np.errstate(over="ignore"):
        return float(np.float32(number))


def _shown(step: Step) -> str:
    return f"[{step}]" if isinstance(step, int) else step
