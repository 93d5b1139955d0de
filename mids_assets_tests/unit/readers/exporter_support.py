"""A small made-up DataExporter folder. Only for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ARCHETYPES: list[dict[str, Any]] = [
    {
        "id": 1,
        "name": "Class_Blaster",
        "display_name": "Blaster",
        "description": "Shoots.",
        "icon": "blaster.png",
        "hit_points_base": 1205,
        "hit_points_max": 1847.3,
        "primary_category": "Blaster_Ranged",
        "secondary_category": "Blaster_Support",
        "threat_level": 1.5,
        "damage_scalar": 1.125,
        "primary_powersets": [10],
        "secondary_powersets": [],
    },
    {
        "id": 2,
        "name": "Class_Tanker",
        "display_name": "Tanker",
        "hit_points_base": 1874,
        "primary_category": "Tanker_Defense",
        "secondary_category": "Tanker_Melee",
    },
]
POWERSETS: list[dict[str, Any]] = [
    {
        "id": 10,
        "name": "Blaster_Ranged.Fire_Blast",
        "display_name": "Fire Blast",
        "set_type": "Primary",
        "archetype_id": 1,
        "description": "Hot.",
        "icon": "fire.png",
        "powers": [100, 101],
    },
    {"id": 11, "name": "Pool.Flight", "display_name": "Flight", "set_type": "Pool", "archetype_id": None},
    {"id": 12, "name": "Epic.Flame_Mastery", "set_type": "Epic", "archetype_id": 1},
    {"id": 13, "name": "Willpower", "set_type": "Primary", "archetype_id": 2},
]
POWERS: list[dict[str, Any]] = [
    {
        "id": 100,
        "powerset_id": 10,
        "name": "Flares",
        "display_name": "Flares",
        "level_available": 1,
        "description": "Weak and fast.",
        "power_type": "Click",
        "target_type": "Foe",
        "range": 80,
        "endurance_cost": 3.7,
        "recharge_time": 2.18,
        "cast_time": 1.0,
        "max_slots": 6,
        "effects": [
            {"effect_type": "Damage", "attribute": "Fire", "magnitude": 0.84, "duration": 0, "chance": 1},
            {"effect_type": "Mez", "attribute": "Held", "magnitude": 2, "duration": 8.5, "chance": 0.1},
        ],
        "prerequisites": [],
        "allowed_enhancements": ["Accuracy", "Damage"],
    },
    {"id": 101, "powerset_id": 10, "name": "Fire_Blast", "level_available": 1, "power_type": "Click"},
    {"id": 102, "powerset_id": 13, "name": "Fast_Healing", "level_available": 2, "power_type": "Auto", "effects": []},
]
I12: list[dict[str, Any]] = [
    {
        "Name": "Flares",
        "InternalName": "Blaster_Ranged.Fire_Blast.Flares",
        "DisplayName": "Flares",
        "Description": 'Weak, "fast"; {[\\]} and äö😀.',
        "PowersetName": "Blaster_Ranged.Fire_Blast",
        "Level": 1,
        "PowerType": "Click",
        "TargetType": "Foe",
        "Accuracy": 1.0,
        "EnduranceCost": 3.7,
        "RechargeTime": 2.18,
        "ActivationTime": 1.0,
        "Range": 80.0,
        "Radius": 0.0,
        "MaxTargets": 1,
        "Effects": [
            {"EffectType": "Damage", "Scale": 0.84, "Duration": 0.0, "Chance": 1.0},
            {"EffectType": "SelfDoubt", "Scale": 1.0, "Duration": 8.0, "Chance": 0.5},
        ],
        "Requirements": {"ModesRequired": "Domination", "ModesDisallowed": None},
        "EnhancementTypes": ["Accuracy_Boost", "Damage_Boost"],
        "RequiresLineOfSight": True,
        "PowerCategory": "Ranged",
        "IconName": "flares.png",
        "DisplayOrder": 0,
    },
    {
        "Name": "Fire Blast",
        "InternalName": "Fire_Blast",
        "PowersetName": "Blaster_Ranged.Fire_Blast",
        "Level": 2,
        "Effects": [],
    },
    {"Name": "Hover", "InternalName": "Hover", "PowersetName": "Pool.Flight", "Level": 4, "PowerType": "Toggle"},
    {"Name": "Fast_Healing", "PowersetName": "Willpower", "Level": 0, "PowerType": "Passive", "Effects": None},
]
TEXT = """\
Power: Blaster_Ranged.Fire_Blast.Flares
  DisplayName: Flares
  Level: 1
  AllowedSlots: 6
  EnduranceCost: 3.70
  RechargeTime: 2.18
  CastTime: 1.0
  Range: 80
  TargetType: SingleTarget
  RequiresLineOfSight: 1.0
  Effects:
    Effect: Damage(Fire)
      Magnitude: 0.84
      Duration: 0.0
      Chance: 1.0
    Effect: SelfDoubt
      Magnitude: 2
Power: Tanker_Defense.Willpower.Fast_Healing
  DisplayName: Fast Healing
  Level: 2.0
"""
ENHANCEMENTS: list[dict[str, Any]] = [
    {
        "id": 7,
        "name": "Crafted_Damage",
        "display_name": "Damage",
        "enhancement_set_id": None,
        "type_class": "Damage",
        "level_min": 10,
        "level_max": 50,
        "bonuses": [{"attribute": "Damage", "magnitude": 0.42, "enhancement_level": 50}],
        "set_bonuses": [],
        "recipe_id": 70,
        "salvage_required": [90],
    },
    {"id": 8, "name": "Entropic_Chaos_A", "enhancement_set_id": 3, "type_class": "SetO", "recipe_id": None},
]
RECIPES: list[dict[str, Any]] = [
    {
        "id": 70,
        "name": "I_Damage",
        "display_name": "Invention: Damage",
        "enhancement_id": 7,
        "rarity": "Common",
        "level_min": 10,
        "level_max": 50,
        "recipe_type": "Invention",
        "cost_influence": 1500,
        "cost_merits": 0,
        "salvage_required": [
            {"salvage_id": 90, "quantity": 2, "rarity": "Common"},
            {"salvage_id": 91, "quantity": 1, "rarity": "Very Rare"},
        ],
    },
    {"id": 71, "enhancement_id": 8, "rarity": "Very Rare"},
]
SALVAGE: list[dict[str, Any]] = [
    {"id": 90, "name": "S_Brass", "display_name": "Brass", "rarity": "Common", "origin": "Tech", "level_min": 10,
     "level_max": 25, "description": "Shiny.", "icon": None, "sell_price": 250, "buy_price": 1000},
    {"id": 91, "name": "S_Prophecy", "rarity": "Very Rare", "origin": "Natural"},
]  # fmt: skip

SMALL = {
    "archetypes.json": ARCHETYPES,
    "powersets.json": POWERSETS,
    "enhancements.json": ENHANCEMENTS,
    "recipes.json": RECIPES,
    "salvage.json": SALVAGE,
}
POWER_FILES = {"I12_powers.json": I12, "powers.json": POWERS, "I12_extracted.txt": TEXT}


def exporter_folder(folder: Path, *powers: str, small: dict[str, Any] | None = None, **json_options: Any) -> Path:
    """A folder with the files in `powers` (names of `POWER_FILES`) and the small ones, of which `small` replaces
    some; None leaves a file out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in ({**SMALL, **(small or {})} | {name: POWER_FILES[name] for name in powers}).items():
        if value is not None:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, **json_options)
            (folder / name).write_text(text, "utf-8")
    return folder
