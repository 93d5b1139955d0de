"""Positional tuples to dicts with the canonical keys, through generated code.

Markers carry no information and are left out; everything else that the layout stores is a key.
Does not belong here: defaults for what a layout lacks (`readers.upgrade`), frames (`readers.columnar`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from mids_assets.readers.layout import Field, Layout


def rows_to_dicts(layout: Layout, name: str, rows: Iterable[tuple]) -> list[dict]:
    """The dicts of rows of record `name`; nested records and arrays of records are converted too."""
    convert = _converters(layout)[name]
    return [convert(row) for row in rows]


def row_to_dict(layout: Layout, name: str, row: tuple) -> dict:
    return _converters(layout)[name](row)


@cache
def _converters(layout: Layout) -> dict[str, Callable[[tuple], dict]]:
    lines = []
    for record in layout.records.values():
        items = [
            f"{field.name!r}: {_expression(field, position)}"
            for position, field in enumerate(record)
            if field.const is None
        ]
        lines += [f"def {record.name}(t):", "    return {" + ", ".join(items) + "}"]
    scope: dict = {}
    # Made from the declared layouts alone; no byte of a file comes into it.
    exec(compile("\n".join(lines), f"<dicts {layout.kind} {layout.id}>", "exec"), scope)  # nosec B102
    return {name: scope[name] for name in layout.records}


def _expression(field: Field, position: int) -> str:
    value = f"t[{position}]"
    if field.wire == "record":
        call = f"{field.record}({value})"
    elif field.item == "record":
        call = f"[{field.record}(x) for x in {value}]"
    else:
        return value
    return f"None if {value} is None else {call}" if field.when is not None or field.optional_at_end else call
