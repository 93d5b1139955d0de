"""Archetypes and enhancement classes: the small fixed vocabulary that everything else refers to.

Class identifiers such as Damage_Boost are facts of the file formats; all texts and numbers are made up.
Does not belong here: powers, sets, or how many of them there are.
"""

from __future__ import annotations

from typing import NamedTuple

from mids_assets.sample.blank import Record, blank
from mids_assets.sample.draw import Draw

ORIGINS = ("Magic", "Mutation", "Natural", "Science", "Technology")


class Playable(NamedTuple):
    class_name: str
    display_name: str
    class_type: int
    primary_group: str
    secondary_group: str


PLAYABLE = (
    Playable("Class_Emberwright", "Emberwright", 1, "Emberwright_Assault", "Emberwright_Craft"),
    Playable("Class_Stonewarden", "Stonewarden", 1, "Stonewarden_Guard", "Stonewarden_Strike"),
    Playable("Class_Mindweaver", "Mindweaver", 3, "Mindweaver_Binding", "Mindweaver_Assault"),
    Playable("Class_Beastcaller", "Beastcaller", 3, "Beastcaller_Summon", "Beastcaller_Support"),
    Playable("Class_Tidewalker", "Tidewalker", 2, "Tidewalker_Forms", "Tidewalker_Currents"),
)
BRANCHING = 4
"""The archetype whose primary sets branch: one trunk, two branches that exclude each other."""

HENCHMAN = "Class_Minion_Henchman"
PET = "Class_Minion_Pets"


def archetypes(draw: Draw) -> list[Record]:
    """11 records in file order; the class of henchmen occurs twice and differs, as in real files."""
    made = []
    for place, kind in enumerate(PLAYABLE):
        made.append(
            blank(
                "archetype",
                display_name=kind.display_name,
                hitpoints=900 + 25 * draw.below(20),
                hitpoint_cap=draw.decimal(1500.0, 2500.0, 1),
                description_long=f"A made-up class of a sample.<br><br>The {kind.display_name} belongs to no game.",
                description_short=f"Sample class {place + 1} \u2013 made up.",
                resistance_cap=draw.pick((0.75, 0.8, 0.85, 0.9)),
                origins=list(ORIGINS),
                class_name=kind.class_name,
                class_type=kind.class_type,
                modifier_column=place,
                primary_group=kind.primary_group,
                secondary_group=kind.secondary_group,
                playable=True,
                recharge_cap=5.0,
                damage_cap=draw.pick((4.0, 5.0, 6.5)),
                recovery_cap=5.0,
                regeneration_cap=draw.pick((20.0, 25.0, 30.0)),
                base_recovery=1.0,
                base_regeneration=0.25,
                base_threat=draw.pick((1.0, 2.0, 4.0)),
                perception_cap=draw.pick((1153.0, 1428.5)),
            )
        )
    others = (
        ("Class_Sample_Minion", "Sample Minion", 0),
        ("Class_Sample_Lieutenant", "Sample Lieutenant", 0),
        ("Class_Sample_Overlord", "Sample Overlord", 0),
        (HENCHMAN, "Henchman", 5),
        (PET, "Pet", 6),
        (HENCHMAN, "Henchman (second record)", 5),
    )
    for place, (class_name, display_name, class_type) in enumerate(others, start=len(PLAYABLE)):
        # Classes of computer-played characters hold the program's defaults, in percent instead of fractions.
        made.append(
            blank(
                "archetype",
                display_name=display_name,
                hitpoints=100 + 50 * draw.below(90),
                hitpoint_cap=5000.0,
                description_short=f"Sample class for {display_name.lower()}",
                resistance_cap=90.0,
                origins=[],
                class_name=class_name,
                class_type=class_type,
                modifier_column=min(place, len(PLAYABLE) + len(others) - 2),
                recharge_cap=5.0,
                damage_cap=4.0,
                recovery_cap=5.0,
                regeneration_cap=20.0,
                base_recovery=1.67,
                base_regeneration=1.0,
                base_threat=1.0,
                perception_cap=1153.0,
            )
        )
    return made


COLUMNS = 10
"""Columns of every attribute modifier table: the two henchman records share one."""


class EnhancementClass(NamedTuple):
    id: int
    name: str
    short_name: str
    class_id: str


_CLASSES = (
    ("Accuracy", "Acc", "Accuracy_Boost"),
    ("Interruption", "Int", "Interrupt_Boost"),
    ("Confusion", "Cnf", "Confuse_Boost"),
    ("Damage", "Dmg", "Damage_Boost"),
    ("Defense", "Def", "Buff_Defense_Boost"),
    ("Defense Loss", "DefL", "Debuff_Defense_Boost"),
    ("Recovery", "Rec", "Recovery_Boost"),
    ("Endurance Cost", "End", "EnduranceDiscount_Boost"),
    ("Fear", "Fear", "Fear_Boost"),
    ("Flight", "Fly", "SpeedFlying_Boost"),
    ("Healing", "Heal", "Heal_Boost"),
    ("Hold", "Hold", "Hold_Boost"),
    ("Immobilization", "Imm", "Immobilized_Boost"),
    ("Intangibility", "Itg", "Intangible_Boost"),
    ("Jump", "Jump", "Jump_Boost"),
    ("Knockback", "Knock", "Knockback_Boost"),
    ("Range", "Rng", "Range_Boost"),
    ("Recharge", "Rchg", "Recharge_Boost"),
    ("Resistance", "Res", "Res_Damage_Boost"),
    ("Run", "Run", "SpeedRunning_Boost"),
    ("Sleep", "Slp", "Sleep_Boost"),
    ("Slowing", "Slow", "Slow_Boost"),
    ("Stun", "Stun", "Stunned_Boost"),
    ("Taunt", "Tnt", "Taunt_Boost"),
    ("To Hit", "Hit", "Buff_ToHit_Boost"),
    ("To Hit Loss", "HitL", "Debuff_ToHit_Boost"),
)
# Rows whose id is not position + 1. Powers refer to classes by id, enhancements by position: with these two
# swapped and one id out of line, a join by the wrong column gives a wrong class instead of the right one by luck.
_UNUSUAL_IDS = {3: 5, 4: 4, 25: 40}

ENHANCEMENT_CLASSES = tuple(
    EnhancementClass(_UNUSUAL_IDS.get(position, position + 1), *row) for position, row in enumerate(_CLASSES)
)
CLASS_NUMBERS = {row.class_id: row.id for row in ENHANCEMENT_CLASSES}
"""class id text -> the number in the id column."""
