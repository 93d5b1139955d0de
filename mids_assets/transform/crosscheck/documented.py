"""The compared fields and what is no difference, as a part of docs/city-of-data.md.

Run as `python -m mids_assets.transform.crosscheck.documented docs/city-of-data.md`, it renews what stands between the
two marks there. Does not belong here: the fields themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from mids_assets.transform.crosscheck.declared import Entity
from mids_assets.transform.crosscheck.effect_fields import EFFECT, SKIPPED
from mids_assets.transform.crosscheck.fields import ENTITIES, NOT_COMPARED

BEGIN = "<!-- compared fields: made by `make docs` -->"
END = "<!-- end of the compared fields -->"


def section() -> str:
    """What stands between the marks, both included."""
    return "\n".join([BEGIN, "", *_lines(), "", END])


def renewed(text: str) -> str:
    """`text` with the section as it is now. Raises `ValueError` where a mark is missing."""
    before, _ = text.split(BEGIN, 1)
    _, after = text.split(END, 1)
    return before + section() + after


def _lines() -> Iterator[str]:
    yield "| Table | Field | No difference |"
    yield "|---|---|---|"
    for entity in (*ENTITIES, EFFECT):
        yield from _fields(entity)
    yield "| attribute_modifier | value | |"
    yield ""
    yield "What is not compared at all:"
    yield ""
    for entity in ENTITIES:
        if entity.because:
            yield f"- `{entity.name}`: {entity.because}"
    for table, columns in NOT_COMPARED.items():
        for names, reason in columns.items():
            yield f"- `{table}`, {names}: {reason}"
    for reason, types in SKIPPED.items():
        yield f"- `{EFFECT.name}` of types {', '.join(types)}: {reason}"


def _fields(entity: Entity) -> Iterator[str]:
    """A line for each field with conventions, and one for those without."""
    plain = [field.column for field in entity.fields if not field.conventions]
    if plain:
        yield f"| {entity.name} | {', '.join(plain)} | |"
    for field in entity.fields:
        if field.conventions:
            reasons = "<br>".join(convention.reason for convention in field.conventions)
            yield f"| {entity.name} | {field.column} | {reasons} |"


def main() -> None:
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
