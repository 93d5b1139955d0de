"""An entry for a file of corrections, ready to be filled in, from a record in quarantine.

Does not belong here: what an entry may say (`reading`).
"""

from __future__ import annotations

from typing import Any

import yaml

from mids_assets.readers.shapes import SHAPES
from mids_assets.transform.corrections.entry import ENTITIES
from mids_assets.transform.corrections.fields import MISSING, FieldFault, source_steps, value_at
from mids_assets.transform.corrections.payloads import key_of, parsed, payload_shape

_LONGEST = 200


def template(
    *, entity: str, rule: str, field: str | None, record: str, position: int | None, version: str | None
) -> str | None:
    """The entry as YAML, None where no correction can help: a small table, or what is no JSON object."""
    found = parsed(record)
    if entity not in ENTITIES or found is None:
        return None
    keys = {shape: key_of(found, entity, payload_shape(rule, shape)) for shape in SHAPES}
    shape = next((shape for shape, key in keys.items() if key), None)
    lines = [f"- entity: {entity}"]
    if shape is not None:
        lines.append(f"  key: {_spelled(keys[shape])}")
    if position is not None:
        lines.append(f"  position: {position}    # number of the record in its file; it may move with the next release")
    if field:
        lines.append(f"  field: {_spelled(field)}")
        value = _value(found, entity, payload_shape(rule, shape) if shape else None, field)
        if value is not MISSING and len(_spelled(value)) <= _LONGEST:
            lines.append(f"  from: {_spelled(value)}")
        lines.append("  to:        # the right value")
    else:
        lines.append("  drop: true    # or field, from and to")
    lines.append("  reason:    # why the source is wrong, and how you know")
    if version:
        lines.append(f"  releases: {{from: {_quoted(version)}, to: {_quoted(version)}}}")
    return "\n".join(lines) + "\n"


def _value(record: dict[str, Any], entity: str, shape: str | None, field: str) -> Any:
    for one in [shape] if shape else SHAPES:
        try:
            value = value_at(record, source_steps(one, entity, field))
        except (FieldFault, KeyError):
            continue
        if value is not MISSING:
            return value
    return MISSING


def _spelled(value: Any) -> str:
    """The value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**9)
    return text.removesuffix("...\n").strip()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'
