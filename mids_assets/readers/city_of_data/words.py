"""The words of City of Data and the numbers that stand for them in the model.

Only data: vocabularies of power files. A word that is not here names nothing in the model; whoever reads it keeps the
word and counts it, and guesses nothing.
Does not belong here: reading files, attributes of effects (`attributes`).
Source: formats city_of_data.md, sections 4 and 9.
"""

from __future__ import annotations

from collections.abc import Mapping

POWER_TYPES: Mapping[str, int] = {"Click": 0, "Auto": 1, "Toggle": 2, "Global Enhancement": 5}

TARGETS: Mapping[str, int] = {
    "Self": 1,
    "Player (Alive)": 2,
    "Player Teammate (Alive)": 8,
    "Player Teammate": 32,
    "Ally (Alive)": 512,
    "Foe (Alive)": 2048,
    "Foe": 2048,
    "Location": 8192,
    "Location (Teleport)": 16384,
    "Any": 32768,
    "Any (Alive)": 32768,
    "Anything": 32768,
    "Own Pet (Alive)": 65536,
    "Foe (Dead)": 131072,
    "Leaguemate (Alive)": 524288,
    "Leaguemate (Dead)": 1048576,
    "Leaguemate": 33554432,
    "Player Ally (Dead)": 67108864,
    "Pet Root Owner": 134217728,
    "Position": 0,
}
"""Who may be targeted or is affected; `Position` has no flag of its own and counts as known."""

ATTACK_TYPES: Mapping[str, int] = {
    "Melee": 1,
    "Ranged": 2,
    "Area": 4,
    "Smashing": 8,
    "Lethal": 16,
    "Cold": 32,
    "Fire": 64,
    "Energy": 128,
    "Negative_Energy": 256,
    "Psionic": 512,
    "Toxic": 1024,
    "Incarnate": 0,
}
"""Flags of `attack_vector`; an incarnate attack is of no vector there."""

EFFECT_AREAS: Mapping[str, int] = {"SingleTarget": 1, "AoE": 2, "Cone": 3, "Location": 4, "Map": 6}
NO_AREA = ("Chain",)
"""Databases do not agree on the number of a chain (1, 2 and 8 occur), so it gets none."""

NOTIFY: Mapping[str, int] = {"Always": 0, "Never": 1, "MissOnly": 2, "HitOnly": 3}

STRENGTHS: Mapping[str, str] = {
    "Range": "range",
    "RechargeTime": "rechargetime",
    "EnduranceDiscount": "endurancediscount",
}
"""Aspects that enhancements or buffs leave alone -> member of `enhance`."""
_DAMAGES = "Smashing Lethal Fire Cold Energy Negative_Energy Psionic Toxic"
NO_ASPECT = ("Arc", "Radius", *(f"{damage}_Dmg" for damage in _DAMAGES.split()))
"""Known ones without a member."""

_BOOST_WORDS = {
    "Accuracy": "Accuracy_Boost",
    "Damage": "Damage_Boost",
    "Recharge Speed": "Recharge_Boost",
    "Range": "Range_Boost",
    "KnockBack": "Knockback_Boost",
    "Heal": "Heal_Boost",
    "Endurance Modification": "Recovery_Boost",
    "Threat Duration": "Taunt_Boost",
    "Slow Movement": "Slow_Boost",
    "Damage Resistance": "Res_Damage_Boost",
    "Defense DeBuff": "Debuff_Defense_Boost",
    "Defense": "Buff_Defense_Boost",
    "Disorient": "Stunned_Boost",
    "Hold": "Hold_Boost",
    "ToHit DeBuffs": "Debuff_ToHit_Boost",
    "ToHit Buffs": "Buff_ToHit_Boost",
    "Immobilization": "Immobilized_Boost",
    "Sleep": "Sleep_Boost",
    "Fear": "Fear_Boost",
    "Confuse": "Confuse_Boost",
    "Running Speed": "SpeedRunning_Boost",
    "Flying Speed": "SpeedFlying_Boost",
    "Jump": "Jump_Boost",
}
BOOSTS: Mapping[str, str] = {
    **{f"Enhance {word}": boost for word, boost in _BOOST_WORDS.items()},
    "Reduce Endurance Cost": "EnduranceDiscount_Boost",
    "Reduce Interrupt Time": "Interrupt_Boost",
}
"""Kind of enhancement that a power takes -> its boost identifier, which is the class_id of an enhancement class."""

_INCARNATE, _CAPABLE = "Incarnate: ", " Capable"


def boost_of(word: str) -> str | None:
    """The boost identifier of a word of `boosts_allowed`, None for an unknown one. Identifiers stand for themselves."""
    if word.startswith(_INCARNATE) and word.endswith(_CAPABLE):
        return f"Incarnate_{word[len(_INCARNATE) : -len(_CAPABLE)].replace(' ', '_')}_Boost"
    return word if word.endswith("_Boost") else BOOSTS.get(word)


_CLASSES = {
    32: "Soldiers of Arachnos",
    33: "Blaster",
    34: "Brute",
    35: "Controller",
    36: "Corruptor",
    37: "Defender",
    38: "Dominator",
    39: "Kheldian",
    40: "Mastermind",
    41: "Scrapper",
    42: "Stalker",
    43: "Tanker",
    45: "Sentinel",
}
SET_TYPES: Mapping[str, int] = {
    "Melee Damage": 1,
    "Ranged Damage": 2,
    "Ranged AoE Damage": 3,
    "Melee AoE Damage": 4,
    "Sniper Attacks": 5,
    "Pet Damage": 6,
    "Defense Sets": 7,
    "Resist Damage": 8,
    "Healing": 9,
    "Holds": 10,
    "Stuns": 11,
    "Immobilize": 12,
    "Slow Movement": 13,
    "Sleep": 14,
    "Fear": 15,
    "Confuse": 16,
    "Flight": 17,
    "Leaping & Sprints": 18,
    "Running & Sprints": 19,
    "Teleport": 20,
    "Defense Debuff": 21,
    "Endurance Modification": 22,
    "Knockback": 23,
    "Threat Duration": 24,
    "To Hit Buff": 25,
    "To Hit Debuff": 26,
    "Recharge Intensive Pets": 27,
    "Universal Travel": 28,
    "Accurate Healing": 29,
    "Accurate Defense Debuff": 30,
    "Accurate To-Hit Debuff": 31,
    "Universal Damage Sets": 44,
    "Running": 46,
    "Leaping": 47,
    **{f"{name} Archetype Sets": number for number, name in _CLASSES.items()},
}
"""Category of enhancement sets -> set type. Two words stand for two types each, which the game does not tell apart:
Flight (17, and 48 without sprints) and Teleport (20 and 49); the first of both is taken."""
