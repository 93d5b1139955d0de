"""Attributes of effect templates: what effect an attribute under an aspect is in the model.

The names on the right are members of the model's enumerations, in small letters; `readers.city_of_data.effects` gets
their numbers from the caller. An attribute that is not here has no effect type there, and keeps its name.
Does not belong here: templates and their trees (`effects`).
Source: formats city_of_data.md, section 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

ASPECTS: Mapping[str, int] = {"Resistance": 0, "Maximum": 1, "Absolute": 2, "Strength": 3, "Current": 4}

_DAMAGE = {
    "Smashing": "smashing",
    "Lethal": "lethal",
    "Fire": "fire",
    "Cold": "cold",
    "Energy": "energy",
    "Negative_Energy": "negative",
    "Toxic": "toxic",
    "Psionic": "psionic",
    "Special": "special",
    "Unique1": "unique1",
    "Melee": "melee",
    "Ranged": "ranged",
    "Area": "aoe",
}
_MEZ_NAMES = (
    "Confused Held Immobilized Knockback Knockup OnlyAffectsSelf Placate Repel Sleep Stunned Taunt Terrorized "
    "Untouchable Teleport Afraid Intangible"
)
_MEZ = {name: name.lower() for name in _MEZ_NAMES.split()}
_OTHERS = {
    "Absorb": "absorb",
    "Accuracy": "accuracy",
    "Add_Behavior": "addbehavior",
    "Add_Token": "tokenadd",  # nosec B105
    "Clear_Damagers": "cleardamagers",
    "Combat_Phase": "combatphase",
    "Create_Entity": "entcreate",
    "Debt_Protection": "xpdebtprotection",
    "Designer_Status": "designerstatus",
    "Endurance": "endurance",
    "EnduranceDiscount": "endurancediscount",
    "Execute_Power": "executepower",
    "Fly": "fly",
    "FlyingSpeed": "speedflying",
    "Global_Chance_Mod": "globalchancemod",
    "Grant_Power": "grantpower",
    "Heal_Dmg": "heal",
    "HitPoints": "hitpoints",
    "InterruptTime": "interrupttime",
    "Jump Pack": "jumppack",
    "JumpHeight": "jumpheight",
    "JumpingSpeed": "speedjumping",
    "Level_Shift": "levelshift",
    "Meter": "meter",
    "MovementControl": "movementcontrol",
    "MovementFriction": "movementfriction",
    "Ninja_Run": "ninjarun",
    "Null": "null",
    "PerceptionRadius": "perceptionradius",
    "Rage": "rage",
    "Range": "range",
    "RechargeTime": "rechargetime",
    "Recharge_Power": "rechargepower",
    "Recovery": "recovery",
    "Regeneration": "regeneration",
    "Revoke_Power": "revokepower",
    "Reward": "reward",
    "RunningSpeed": "speedrunning",
    "Set_Costume": "setcostume",
    "Set_Mode": "setmode",
    "Silent_Kill": "silentkill",
    "StealthRadius_PVE": "stealthradius",
    "StealthRadius_PVP": "stealthradiusplayer",
    "ThreatLevel": "threatlevel",
    "ToHit": "tohit",
    "Translucency": "translucency",
    "Unset_Mode": "unsetmode",
    "View_Attributes": "viewattrib",
    "Vision_Phase": "visionphase",
}
_NO_EFFECT = "Cancel_Effects Electrical_Dmg Evade Grant_Boosted_Power Quantum_Dmg Radiation_Dmg Sonic_Dmg"
NO_EFFECT = frozenset(_NO_EFFECT.split())
"""Known attributes for which the model has no effect type."""
_DEEDS = (
    "Add_Behavior Add_Token Clear_Damagers Combat_Phase Create_Entity Designer_Status Execute_Power Global_Chance_Mod "
    "Grant_Power Null Recharge_Power Revoke_Power Reward Set_Costume Set_Mode Unset_Mode View_Attributes Vision_Phase"
)
_BY_POWER = frozenset(_DEEDS.split())
"""Attributes that do something rather than hold a value: their aspect changes nothing."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Members (in small letters) of effect_type, damage_type, mez_type and modifies_effect_type; '' = none."""

    effect: str
    damage: str = "none"
    mez: str = "none"
    modifies: str = "none"


@cache
def kind_of(attribute: str, aspect: str) -> Kind | None:
    """The effect that an attribute is under an aspect; None where the model has no effect type for it."""
    if attribute.endswith("_Dmg") and (damage := _DAMAGE.get(attribute.removesuffix("_Dmg"))):
        effect = {"Resistance": "resistance", "Strength": "damagebuff"}.get(aspect, "damage")
        return Kind(effect, damage=damage)
    if attribute.endswith("_Elusivity") and (damage := _DAMAGE.get(attribute.removesuffix("_Elusivity"))):
        return Kind("elusivity", damage=damage)
    if attribute == "ElusivityBase":
        return Kind("elusivity")
    if attribute in _DAMAGE or attribute == "Base_Defense":
        return _held(Kind("defense", damage=_DAMAGE.get(attribute, "none")), aspect)
    if mez := _MEZ.get(attribute):
        if aspect == "Resistance":
            return Kind("mezresist", mez=mez)
        return Kind("enhancement", mez=mez, modifies="mez") if aspect == "Strength" else Kind("mez", mez=mez)
    effect = _OTHERS.get(attribute)
    if effect is None:
        return None
    return Kind(effect) if attribute in _BY_POWER else _held(Kind(effect), aspect)


def _held(kind: Kind, aspect: str) -> Kind:
    """The effect itself, or the one that changes its strength or its resistance."""
    changer = {"Strength": "enhancement", "Resistance": "reseffect"}.get(aspect)
    return kind if changer is None else Kind(changer, damage=kind.damage, modifies=kind.effect)
