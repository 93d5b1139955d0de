"""Records of an older layout in the shape of the newest one of their kind: while they are read, or afterwards.

Only what no file of that layout can say is filled in, with the defaults that the source program itself uses
(formats i12.md, end of "Older versions"). Everything after the readers sees one shape.
Does not belong here: the header of I12 (`readers.i12`), rules that need a second file.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from functools import cache

from mids_assets.readers.binary_fast import Make, tuples
from mids_assets.readers.layout import Family, Field, Layout, Record

_CONSTANTS: dict[str, object] = {
    # power
    "inherent_type": 0,
    "variable_override": False,
    "active": False,
    "taken": False,
    "stacks": 0,
    "variable_start": 0,
    # Before h3 a power named its classes only in boosts_allowed; EClasses.mhd is needed to turn these into ids,
    # so the reader says "not stored" instead of "accepts nothing".
    "enhancement_class_ids": None,
    # effect
    "ignore_scaling": False,
    "power_attrib": 0,
    "attrib_original_effect_area": 0,
    "attrib_modified_effect_area": 0,
    "conditionals": [],
    "duration_expression": "",
    # enhancement and recipe
    "is_proc": False,
    "is_scalable": False,
    "is_generic": False,
    "is_virtual": False,
    "is_hidden": False,
}
_COPIES = {"base_recharge_time": "recharge_time"}


def upgrade_rows(family: Family, layout: Layout, name: str, rows: Sequence[tuple]) -> Sequence[tuple]:
    """Rows of record `name` as tuples in the field order of `family.newest`; the same rows where nothing changed.

    A field that the newest layout no longer has is dropped (only the sub-recipe index of recipe layout r1).
    """
    if _same(layout, family.newest, name):
        return rows
    convert = _converters(family, layout)[name]
    return [convert(row) for row in rows]


@cache
def invented(family: Family, layout: Layout, record: str) -> frozenset[str]:
    """Fields of a record of the newest layout of which files of `layout` say nothing, so that they got a default."""
    if not _is_upgraded(family, layout, record):
        return frozenset()
    there = {field.name for field in layout[record]}
    told = {"probability_expression"} if _has_one_formula(there) else set()
    return frozenset({field.name for field in family.newest[record]} - there - told)


@cache
def newest_tuples(family: Family) -> Make:
    """Records are read as tuples in the field order of `family.newest`, whatever their layout."""

    def make(layout: Layout, record: str, values: Mapping[str, str]) -> tuple[str, Mapping[str, object]]:
        return tuples(layout, record, newest_values(family, layout, record, values))

    return make


def newest_values(family: Family, layout: Layout, record: str, values: Mapping[str, str]) -> Mapping[str, str]:
    """Expressions by field of `family.newest` out of those of `layout`, whose nested records are in the newest shape.

    What stands once in a file (header, file) is left as it is.
    """
    if not _is_upgraded(family, layout, record):
        return values
    return {field.name: _expression(field, layout[record], values) for field in family.newest[record]}


def _is_upgraded(family: Family, layout: Layout, record: str) -> bool:
    return record in family.newest.records and record in layout.records and record not in (family.root, "header")


@cache
def _same(old: Layout, new: Layout, name: str) -> bool:
    if [field.name for field in old[name]] != [field.name for field in new[name]]:
        return False
    return all(_same(old, new, str(field.record)) for field in new[name] if field.record)


@cache
def _converters(family: Family, layout: Layout) -> dict[str, Callable[[tuple], tuple]]:
    new = family.newest
    names = [name for name in new.records if _is_upgraded(family, layout, name)]
    lines = []
    for name in names:
        values = {field.name: _converted(field, f"t[{place}]") for place, field in enumerate(layout[name])}
        made, _ = tuples(new, name, newest_values(family, layout, name, values))
        lines += [f"def {name}(t):", f"    return {made}"]
    scope: dict = {}
    # Made from the declared layouts alone; no byte of a file comes into it.
    exec(compile("\n".join(lines), f"<upgrade {layout.kind} {layout.id}>", "exec"), scope)  # nosec B102
    return {name: scope[name] for name in names}


def _converted(field: Field, value: str) -> str:
    """A field of an old tuple with its nested records converted."""
    if field.wire == "record":
        call = f"{field.record}({value})"
        return call if field.when is None else f"None if {value} is None else {call}"
    return f"[{field.record}(x) for x in {value}]" if field.item == "record" else value


def _has_one_formula(fields: Container[str]) -> bool:
    return "magnitude_expression" in fields and "probability_expression" not in fields


def _expression(field: Field, old: Record, at: Mapping[str, str]) -> str:
    if _has_one_formula(at) and field.name in ("magnitude_expression", "probability_expression"):
        # Until r1 one text could hold both formulas: "magnitude///probability".
        part = 0 if field.name == "magnitude_expression" else 2
        return f"{at['magnitude_expression']}.partition('///')[{part}]"
    if field.name in at:
        return at[field.name]
    if field.name in _COPIES:
        return at[_COPIES[field.name]]
    if field.name in _CONSTANTS:
        return repr(_CONSTANTS[field.name])
    if field.name.startswith("attrib_"):
        return "-1.0" if field.wire == "f32" else "-1"
    raise KeyError(f"{old.name}.{field.name} has no default for older layouts")
