"""The small tables of an export: what raw/reference.json holds of it.

Does not belong here: how a file is read (a module per kind), tables of which City of Data has nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mids_assets.readers.builtin_types import BUILT_IN, built_in_types
from mids_assets.readers.city_of_data import words
from mids_assets.readers.city_of_data.boost_traits import traits
from mids_assets.readers.city_of_data.export import Export
from mids_assets.readers.city_of_data.expressions import power_expression_records
from mids_assets.readers.city_of_data.members import group_members, tags
from mids_assets.readers.city_of_data.modifiers import modifier_tables
from mids_assets.readers.city_of_data.refusing import Records
from mids_assets.readers.gc_pause import paused_gc

_PREFIXES = ("Enhance ", "Reduce ")
_INCARNATE = ("Alpha", "Destiny", "Hybrid", "Interface", "Judgement", "Lore")
_ORIGINS = ("Magic", "Mutation", "Natural", "Science", "Technology")


@paused_gc()
def export_tables(export: Export, name: str) -> dict[str, dict[str, Any]]:
    """Table -> {"source_file", "records"}; `name`: of the export's file. A table whose folder is absent has no key."""
    tables: dict[str, dict[str, Any]] = {
        table: {"source_file": BUILT_IN, "records": records} for table, records in built_in_types().items()
    }
    tables["enhancement_class"] = {"source_file": BUILT_IN, "records": enhancement_classes()}

    def put(folders: Iterable[str], **found: Records) -> None:
        there = [folder for folder in folders if next(export.of(folder), None)]
        for table, records in found.items():
            if there:
                tables[table] = {"source_file": ", ".join(f"{name}/{folder}" for folder in there), "records": records}

    put(["archetypes"], attribute_modifier_table=modifier_tables(export.archetypes()))
    names, bearers = tags(export.tags())
    put(["tags"], effect_tag=names, effect_tag_power=bearers)
    put(["exclusion_groups", "recharge_groups"], power_group_member=group_members(export.groups()))
    put(["boost_sets"], enhancement_trait=traits(export.boost_sets()))
    put(["powers"], power_expression=power_expression_records(export.powers()))
    return tables


def enhancement_classes() -> Records:
    """Every kind of enhancement that a word of the export stands for. Ids are ours: an export numbers none."""
    found = {word.removeprefix(_PREFIXES[0]).removeprefix(_PREFIXES[1]): boost for word, boost in words.BOOSTS.items()}
    found |= {f"Incarnate: {slot}": f"Incarnate_{slot}_Boost" for slot in _INCARNATE}
    found |= {origin: f"{origin}_Boost" for origin in _ORIGINS}
    return [
        {"id": number, "name": name, "short_name": None, "class_id": boost, "description": None}
        for number, (name, boost) in enumerate(found.items(), 1)
    ]
