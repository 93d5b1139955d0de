"""A class file of an export as the canonical archetype record.

Caps and bases are those of the level at which a planner compares classes, and in the units of the model.
Does not belong here: the modifier tables of a class (`modifiers`), which class a powerset is for (`categories`).
Source: formats city_of_data.md, sections 7 and 9.
"""

from __future__ import annotations

import msgspec

from mids_assets.readers.city_of_data.rows import Row
from mids_assets.readers.city_of_data.typed import Int32, decoded
from mids_assets.readers.json_exact import RecordFault
from mids_assets.readers.json_model import INT32, RECORDS

LEVEL_INDEX = 49
"""Arrays by level count from 0: this is level 50, the level that planners show."""
PLAYER_RANK, PET_RANK = "VR_NONE", "VR_PET"
REGENERATION_FACTOR = 4
"""The planner counts the cap of regeneration in quarters of what the game does."""
_ARCHETYPE = RECORDS["archetype"][0]["archetype"].fields
_CLASS_TYPES = {"Hero": 2, "Villain": 4}
"""Restriction -> number of HeroEpic or VillainEpic in enumeration class_type: only epic classes are restricted so."""
_HENCHMAN, _PET = 5, 6


class _ByType(msgspec.Struct, gc=False):
    smashing: list[float]


class _Base(msgspec.Struct, gc=False):
    regeneration: float
    recovery: float
    threat_level: float


class _Max(msgspec.Struct, gc=False):
    hit_points: list[float]
    recovery: list[float]
    regeneration: list[float]
    perception_radius: list[float]


class _MaxMax(msgspec.Struct, gc=False):
    hit_points: list[float]


class _StrengthMax(msgspec.Struct, gc=False):
    damage_type: _ByType
    recharge_time: list[float]


class _ResistanceMax(msgspec.Struct, gc=False):
    damage_type: _ByType


class ArchetypeFile(msgspec.Struct, gc=False):
    """The keys that are read. The others, such as diminishing returns, stay in the raw JSON."""

    name: str
    display_name: str
    default_rank: str
    display_help: str | None
    display_short_help: str | None
    restrictions: list[str]
    primary_category: str
    secondary_category: str
    attrib_base: _Base
    attrib_max: _Max
    attrib_max_max: _MaxMax
    attrib_strength_max: _StrengthMax
    attrib_resistance_max: _ResistanceMax


class ArchetypeContext(msgspec.Struct):
    """What the file itself does not say: `column` is the number of the class among those of the export."""

    column: Int32


_FILE = msgspec.json.Decoder(ArchetypeFile)
_CONTEXT = msgspec.json.Decoder(ArchetypeContext)


def row(content: bytes, context: bytes) -> Row:
    """`context`: an `ArchetypeContext`. Raises `RecordFault` naming the key that is not as the format says."""
    file, column = decoded(_FILE, content), decoded(_CONTEXT, context).column
    playable = file.default_rank == PLAYER_RANK
    found = Row(())
    values = {
        "display_name": file.display_name,
        "hitpoints": _whole("attrib_max.hit_points", file.attrib_max.hit_points),
        "hitpoint_cap": _at_level("attrib_max_max.hit_points", file.attrib_max_max.hit_points),
        "description_long": file.display_help,
        "description_short": file.display_short_help,
        "resistance_cap": _resistance_cap(file, playable=playable),
        "class_name": class_name(file.name),
        "class_type": _class_type(file, found),
        "modifier_column": column,
        "primary_group": file.primary_category,
        "secondary_group": file.secondary_category,
        "playable": playable,
        "recharge_cap": _at_level("attrib_strength_max.recharge_time", file.attrib_strength_max.recharge_time),
        "damage_cap": _at_level(
            "attrib_strength_max.damage_type.smashing", file.attrib_strength_max.damage_type.smashing
        ),
        "recovery_cap": _at_level("attrib_max.recovery", file.attrib_max.recovery),
        "regeneration_cap": REGENERATION_FACTOR * _at_level("attrib_max.regeneration", file.attrib_max.regeneration),
        "base_recovery": file.attrib_base.recovery,
        "base_regeneration": file.attrib_base.regeneration,
        "base_threat": file.attrib_base.threat_level,
        "perception_cap": _at_level("attrib_max.perception_radius", file.attrib_max.perception_radius),
    }
    found.values = tuple(values.get(field.name) for field in _ARCHETYPE)
    return found


def class_name(stem: str) -> str:
    """Class_Arachnos_Soldier of arachnos_soldier: the name under which databases of MidsReborn have the class."""
    return "_".join(["Class", *(part.capitalize() for part in stem.split("_"))])


def _class_type(file: ArchetypeFile, found: Row) -> int | None:
    """Heroes and villains are not told apart but for epic classes: there it is null."""
    if file.default_rank == PET_RANK:
        return _HENCHMAN if "henchman" in file.name else _PET
    if file.default_rank != PLAYER_RANK:
        found.extra["default_rank"] = file.default_rank
        found.unknown.append(("default_rank", file.default_rank))
    return next((_CLASS_TYPES[word] for word in file.restrictions if word in _CLASS_TYPES), None)


def _resistance_cap(file: ArchetypeFile, *, playable: bool) -> float:
    """The model has it as a fraction for playable classes, and in percent for all others."""
    cap = _at_level("attrib_resistance_max.damage_type.smashing", file.attrib_resistance_max.damage_type.smashing)
    return cap if playable else round(100 * cap, 4)


def _whole(path: str, values: list[float]) -> int:
    value = _at_level(path, values)
    if not INT32[0] <= value <= INT32[1]:
        raise RecordFault(f"{path}[{LEVEL_INDEX}]", "range", f"{value:g} is outside of {INT32[0]} to {INT32[1]}")
    return round(value)


def _at_level(path: str, values: list[float]) -> float:
    if len(values) <= LEVEL_INDEX:
        raise RecordFault(f"{path}[{LEVEL_INDEX}]", "missing", f"the list ends at level {len(values)}")
    return values[LEVEL_INDEX]
