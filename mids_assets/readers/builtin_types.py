"""Names of types for sources that bring no list of their own. Only data.

Set types are the enumeration that the source program had before 2022-04 (formats enums_items.yaml, eSetType and
eSubtype); positions above 44 differ between databases, so a list in the source always wins.
"""

from __future__ import annotations

BUILT_IN = "built-in"
"""Stands as the source file of such a table."""

# fmt: off
SET_TYPES = (
    "Untyped", "MeleeST", "RangedST", "RangedAoE", "MeleeAoE", "Snipe", "Pets", "Defense", "Resistance", "Heal",
    "Hold", "Stun", "Immob", "Slow", "Sleep", "Fear", "Confuse", "Flight", "Jump", "Run", "Teleport", "DefDebuff",
    "EndMod", "Knockback", "Threat", "ToHit", "ToHitDeb", "PetRech", "Travel", "AccHeal", "AccDefDeb",
    "AccToHitDeb", "Arachnos", "Blaster", "Brute", "Controller", "Corruptor", "Defender", "Dominator", "Kheldian",
    "Mastermind", "Scrapper", "Stalker", "Tanker", "UniversalDamage", "Sentinel", "RunNoSprint", "JumpNoSprint",
    "FlightNoSprint", "TeleportNoSprint",
)
# fmt: on
ENHANCEMENT_GRADES = ("None", "TrainingO", "DualO", "SingleO")
SPECIAL_ENHANCEMENT_TYPES = ("None", "Hamidon", "Hydra", "Titan", "DSync")


def built_in_types() -> dict[str, list[dict[str, str | None]]]:
    """The three tables in the form of `json_files.read_type_grades`; a name is its own short name."""
    tables = {
        "set_type": SET_TYPES,
        "enhancement_grade": ENHANCEMENT_GRADES,
        "special_enhancement_type": SPECIAL_ENHANCEMENT_TYPES,
    }
    return {
        table: [{"name": name, "short_name": name, "description": None} for name in names]
        for table, names in tables.items()
    }
