"""Records with every field of the newest layout at its unset value; the makers of records change what they need.

The fields come from the declared layouts, so that a field that joins a layout is in the sample at once.
Does not belong here: any value that means something.
"""

from __future__ import annotations

from typing import Any

from mids_assets.readers.layout import Layout
from mids_assets.readers.layouts.enhdb import ENHDB
from mids_assets.readers.layouts.i12 import I12
from mids_assets.readers.layouts.recipe import RECIPE

Record = dict[str, Any]

_UNSET = {"string": "", "i32": 0, "i64": 0, "f32": 0.0, "f64": 0.0, "bool": False}
# The source program stores -1 where an index or an attribute of another power is not set; effect areas are 0.
_MINUS_ONE = {"class_index", "archetype_index", "set_index", "salvage_index", "power_index", "powerset_index"}


def _template(layout: Layout, name: str) -> tuple[Record, tuple[str, ...]]:
    """(unset record, names of its lists)."""
    values: Record = {}
    lists = []
    for field in layout[name]:
        if field.wire == "array":
            lists.append(field.name)
            values[field.name] = None
        elif field.wire == "record":
            values[field.name] = None
        elif field.name in _MINUS_ONE:
            values[field.name] = -1
        elif field.name.startswith("attrib_") and field.name[7] in "om" and not field.name.endswith("effect_area"):
            values[field.name] = -1 if field.wire == "i32" else -1.0
        else:
            values[field.name] = _UNSET[field.wire]
    return values, tuple(lists)


_SOURCES = {"i12": I12.newest, "enhdb": ENHDB.newest, "recipe": RECIPE.newest}
_TEMPLATES = {
    name: _template(_SOURCES[source], name)
    for source, names in {
        "i12": "archetype mutex_set powerset requirement power_pair effect conditional power summoned_entity",
        "enhdb": "enhancement enhancement_effect enhancement_set set_bonus set_special_bonus bonus_power",
        "recipe": "recipe recipe_entry recipe_ingredient",
    }.items()
    for name in names.split()
}


def blank(record: str, **changes: Any) -> Record:
    """A new record of the newest layout. Lists that are not given are new empty lists; a nested record is None.

    Raises KeyError for a field that the layout does not have.
    """
    values, lists = _TEMPLATES[record]
    made = {**values, **changes}
    if len(made) != len(values):
        raise KeyError(f"{record} has no {', '.join(sorted(set(changes) - set(values)))}")
    for name in lists:
        if made[name] is None:
            made[name] = []
    return made
