"""Made-up power files of City of Data: those keys that are read, at their defaults."""

from __future__ import annotations

from typing import Any

_POWER: dict[str, Any] = {
    "full_name": "Invented_Melee.Some_Set.Some_Power",
    "display_name": "Some Power",
    "display_help": "Does something.",
    "display_short_help": "Something",
    "type": "Click",
    "requires": "",
    "available_level": 0,
    "accuracy": 1.0,
    "attack_types": [],
    "number_allowed": 1,
    "number_of_charges": 0,
    "caster_near_ground": False,
    "target_near_ground": False,
    "cast_when_dead": "AliveOnly",
    "cast_through": [],
    "notify_ai_when": "Always",
    "effect_area": "SingleTarget",
    "max_targets_hit": 0,
    "radius": 0.0,
    "arc": 0.0,
    "range": 7.0,
    "range_secondary": 0.0,
    "activation_time": 1.0,
    "root_time": 1.0,
    "interrupt_time": 0.0,
    "recharge_time": 4.0,
    "activate_period": 0.0,
    "endurance_cost": 5.2,
    "power_lifetime": 0.0,
    "power_lifetime_ingame": 0.0,
    "toggle_on_time": 0.0,
    "target_type": "Foe (Alive)",
    "target_type_secondary": None,
    "target_visibility": "LineOfSight",
    "targets_affected": ["Foe (Alive)"],
    "targets_autohit": [],
    "boosts_allowed": [],
    "allowed_boostset_cats": [],
    "exclusion_groups": [],
    "recharge_groups": [],
    "modes_required": [],
    "modes_disallowed": [],
    "ignore_strength": False,
    "strengths_disallowed": [],
    "global_strengths_disallowed": [],
    "do_not_save": False,
    "max_boosts": 6,
    "auto_issue": False,
    "redirect": [],
    "effects": [],
    "activation_effects": [],
}
_NODE: dict[str, Any] = {
    "tags": [],
    "chance": 1.0,
    "ppm": 0.0,
    "delay": 0.0,
    "is_pvp": "EITHER",
    "templates": [],
    "child_effects": [],
}
_TEMPLATE: dict[str, Any] = {
    "attribs": ["Fire_Dmg"],
    "type": "Magnitude",
    "aspect": "Absolute",
    "target": "AnyAffected",
    "table": "Melee_Damage",
    "scale": 1.0,
    "duration": "0 seconds",
    "magnitude": 1.0,
    "delay": 0.0,
    "duration_expression": "",
    "magnitude_expression": "",
    "application_period": 0.0,
    "tick_chance": 1.0,
    "stack": "Stack",
    "flags": [],
    "mode_name": None,
    "params": None,
}


def power(**changes: Any) -> dict[str, Any]:
    return {**_POWER, **changes}


def node(**changes: Any) -> dict[str, Any]:
    return {**_NODE, **changes}


def template(**changes: Any) -> dict[str, Any]:
    return {**_TEMPLATE, **changes}
