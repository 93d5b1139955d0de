"""What a file of an export becomes: one row, with what has no field.

Does not belong here: how (a module per entity), frames (`decode`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

Content = bytes | msgspec.Raw
"""JSON text of a file, or of a part of one."""
Codes = Mapping[str, Mapping[str, int]]
"""Enumeration -> member in small letters -> number."""


@dataclass(slots=True)
class Row:
    """`values` in the order of the record's fields, or of the module's `GIVEN`, None where City of Data says nothing;
    `extra` by place in the record; `unknown` the (key, word) that no vocabulary knows."""

    values: tuple[object, ...]
    extra: dict[str, object] = field(default_factory=dict)
    unknown: list[tuple[str, str]] = field(default_factory=list)
