"""The small tables: classes, origins, levels, strengths, types, settings, modifiers, replacements.

Each function gives the records of one reference table under the names of the reference tables of the project.
Does not belong here: how the files look that hold them (`files`).
"""

from __future__ import annotations

from mids_assets.readers.json_files import setting
from mids_assets.sample.blank import Record
from mids_assets.sample.classes import COLUMNS, ENHANCEMENT_CLASSES, ORIGINS, PLAYABLE
from mids_assets.sample.draw import Draw
from mids_assets.sample.effects import EFFECT_TAGS, TABLES
from mids_assets.sample.names import shown
from mids_assets.sample.plan import Plan

ROWS = 55
"""Rows (levels) of every attribute modifier table."""

# Short names of the historical enumeration, by number.
# ruff: noqa: SIM905
_SET_TYPES = (
    "Untyped MeleeST RangedST RangedAoE MeleeAoE Snipe Pets Defense Resistance Heal Hold Stun Immob Slow Sleep Fear "
    "Confuse Flight Jump Run Teleport DefDebuff EndMod Knockback Threat ToHit ToHitDeb PetRech Travel AccHeal "
    "AccDefDeb AccToHitDeb Arachnos Blaster Brute Controller Corruptor Defender Dominator Kheldian Mastermind "
    "Scrapper Stalker Tanker UniversalDamage"
).split()
_HOMECOMING_SET_TYPES = "Sentinel RunNoSprint JumpNoSprint FlightNoSprint TeleportNoSprint".split()


def enhancement_classes() -> list[Record]:
    return [
        {**row._asdict(), "description": f"Made-up text for the class {row.class_id}."} for row in ENHANCEMENT_CLASSES
    ]


def origins() -> list[Record]:
    return [
        {"name": name, "dual_graphic": f"Sample{name}Dual", "single_graphic": f"Sample{name}Single"} for name in ORIGINS
    ]


def levels(kind: str) -> list[Record]:
    """50 rows of kind N (level up) or R (respec): a power at even levels, slots at odd ones; R gives more slots."""
    slots = 2 if kind == "N" else 3
    return [
        {
            "level": level,
            "powers": 1 if level == 0 or (level % 2 == 1 and level < 32) else 0,
            "slots": slots if level % 2 == 0 and level > 0 else 0,
            "inspirations": 3 + level // 10,
            "note": "Made-up table of a sample database." if level == 0 else "",
        }
        for level in range(50)
    ]


def thresholds() -> list[Record]:
    """Diversification: three thresholds for each of the schedules A to D."""
    values = {"A": (0.7, 0.9, 1.0), "B": (0.4, 0.5, 0.6), "C": (0.8, 1.0, 1.2), "D": (1.2, 1.5, 1.8)}
    return [
        {"schedule": schedule, "threshold": number, "value": values[schedule][number - 1]}
        for number in (1, 2, 3)
        for schedule in "ABCD"
    ]


def strengths() -> list[Record]:
    """Strength of enhancements: four grades without a level, then inventions of levels 0 to 52."""
    base = {"A": 0.25, "B": 0.15, "C": 0.3, "D": 0.45}
    grades = (("training", -1, 0.25), ("dual", -1, 0.5), ("single", -1, 1.0), ("hamidon", -1, 1.0))
    made = [
        {"grade": grade, "level": level, "schedule": schedule, "value": round(base[schedule] * factor, 4)}
        for grade, level, factor in grades
        for schedule in "ABCD"
    ]
    made += [
        {
            "grade": "invention",
            "level": level,
            "schedule": schedule,
            "value": round(base[schedule] * (0.4 + 0.02 * level), 3) if level >= 9 else 0.0,
        }
        for level in range(53)
        for schedule in "ABCD"
    ]
    return made


def type_grades(realm_name: str) -> dict[str, list[Record]]:
    """`set_type`, `enhancement_grade`, `special_enhancement_type`; position 45 means another class elsewhere."""
    own = _HOMECOMING_SET_TYPES if realm_name == "homecoming" else ["Guardian"]
    return {
        "set_type": [
            {"name": f"{name} (sample)", "short_name": name, "description": None} for name in [*_SET_TYPES, *own]
        ],
        "enhancement_grade": [
            {"name": f"Sample grade {name}", "short_name": name, "description": f"Made-up text for {name}."}
            for name in ("None", "TO", "DO", "SO", "IO", "SetO")
        ],
        "special_enhancement_type": [
            {"name": f"Sample origin {name}", "short_name": name, "description": f"Made-up text for {name}."}
            for name in ("None", "HO", "HyO", "TnO", "DSyncO")
        ],
    }


def server_settings(draw: Draw) -> list[Record]:
    """SData.json: key, value (text), type. Real files leave some keys out too.

    The update address is empty: a sample is never updated from anywhere.
    """
    values = {
        "manifest_uri": "",
        "base_to_hit": 0.75,
        "base_fly_speed": 31.5,
        "base_jump_speed": 21.0,
        "base_jump_height": 4.0,
        "base_run_speed": 21.0,
        "base_perception": 500.0,
        "max_fly_speed": draw.pick((86.0, 87.5)),
        "max_jump_speed": 114.4,
        "max_run_speed": 135.67,
        "max_slots": 67 + draw.below(6),
        "enable_inherent_slotting": draw.percent(50),
        "health_slots": 2,
        "health_slot1_level": 8,
        "health_slot2_level": 16,
        "stamina_slots": 2,
        "stamina_slot1_level": 12,
        "stamina_slot2_level": 22,
        "incarnate.Alpha": True,
        "incarnate.Interface": True,
        "incarnate.Lore": True,
        "incarnate.Omega": False,
    }
    return [setting(key, value) for key, value in values.items()]


def modifier_tables(seed: int, realm: int) -> list[Record]:
    """{name, base_index, rows}: 55 rows of one number per archetype column; the last row of the last is empty."""
    made = []
    for number, name in enumerate(TABLES):
        draw = Draw(seed, realm, 1 << 43, number)
        rows = []
        for level in range(ROWS):
            unit = 0.1 if name.endswith("_Ones") else 0.01 * (level + 10)
            rows.append([round(unit * (1 + draw.below(40) / 100), 5) for _ in range(COLUMNS)])
        made.append({"name": name, "base_index": 100 * number, "rows": rows})
    made[-1]["rows"][-1] = []
    return made


def effect_tags() -> list[str]:
    return list(EFFECT_TAGS)


def comparison_overrides(plan: Plan) -> list[Record]:
    """By displayed names, unlike every other table."""
    entries = [plan.by_kind["primary"][0], plan.by_kind["secondary"][1]]
    return [
        {
            "powerset": shown(entry.full_name.partition(".")[2]),
            "power": shown(entry.power(place).rpartition(".")[2]),
            "override": "Sample text, made up",
        }
        for entry in entries
        for place in (0, 1)
    ]


def power_replacements() -> list[Record]:
    """Old and new power numbers: for everybody, one to a number without a power, and for one class."""
    block = PLAYABLE[0].display_name.lower()
    numbers = (("", 500, 1000), ("", 501, 1001), ("", 502, 999), (block, 600, 1002), (block, 601, 1001))
    return [{"archetype": archetype, "old": old, "new": new} for archetype, old, new in numbers]


def cryptic_names(plan: Plan) -> list[Record]:
    """Names of powers here and on another server."""
    return [{"old": plan.power_at(place), "new": f"Sample_Other.Server.Power_{place}"} for place in (0, 3, 9)]
