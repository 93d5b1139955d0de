"""Power records, made one by one from their position: nothing is kept between two of them.

A power's role follows from its set and its place inside, its numbers from seed, realm and position.
Does not belong here: effects and requirements (their own modules), which sets exist (`plan`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mids_assets.sample import names
from mids_assets.sample.blank import Record, blank
from mids_assets.sample.classes import CLASS_NUMBERS, ORIGINS, PLAYABLE
from mids_assets.sample.draw import Draw
from mids_assets.sample.effects import effects_of
from mids_assets.sample.plan import Plan, SetPlan
from mids_assets.sample.requirements import requirement_of

CLICK, AUTO, TOGGLE, BOOST, GLOBAL_BOOST = 0, 1, 2, 3, 5
CASTER, FOE, FRIEND, LOCATION = 1, 2048, 512, 8192
UNKNOWN_ENTITY_BIT = 4096
"""Set in real files although no member has it."""


class Role(NamedTuple):
    """What the powers of one role have in common; `boosts` and `sets` are what may be slotted."""

    power_type: int
    target: int
    area: int
    boosts: tuple[str, ...] = ()
    sets: tuple[int, ...] = ()


ROLES = {
    "damage": Role(
        CLICK, FOE, 1,
        ("Accuracy_Boost", "Damage_Boost", "EnduranceDiscount_Boost", "Range_Boost", "Recharge_Boost"), (1, 2, 44),
    ),
    "area": Role(
        CLICK, FOE, 2,
        ("Accuracy_Boost", "Damage_Boost", "EnduranceDiscount_Boost", "Recharge_Boost", "Knockback_Boost"),
        (3, 4, 23, 44),
    ),
    "control": Role(
        CLICK, FOE, 3,
        ("Accuracy_Boost", "EnduranceDiscount_Boost", "Hold_Boost", "Immobilized_Boost", "Stunned_Boost"),
        (10, 11, 12, 45),
    ),
    "shield": Role(TOGGLE, CASTER, 1, ("Buff_Defense_Boost", "EnduranceDiscount_Boost", "Res_Damage_Boost"), (7, 8)),
    "empower": Role(CLICK, CASTER, 2, ("Recharge_Boost", "Buff_ToHit_Boost"), (25,)),
    "mend": Role(CLICK, FRIEND, 1, ("Heal_Boost", "EnduranceDiscount_Boost", "Recharge_Boost"), (9, 29)),
    "summon": Role(CLICK, LOCATION, 4, ("Damage_Boost", "EnduranceDiscount_Boost", "Recharge_Boost"), (6, 27)),
    "grant": Role(CLICK, CASTER, 1),
    "redirect": Role(CLICK, FOE, 1, ("Accuracy_Boost", "Damage_Boost"), (2,)),
    "travel": Role(TOGGLE, CASTER, 1, ("SpeedFlying_Boost", "SpeedRunning_Boost"), (17, 19, 28)),
    "bonus": Role(GLOBAL_BOOST, CASTER, 1),
    "boost": Role(BOOST, CASTER, 1),
    "nothing": Role(AUTO, CASTER, 1),
}  # fmt: skip

_CYCLES = {
    "primary": ("damage", "area", "control", "empower", "summon", "damage", "redirect", "area", "mend"),
    "secondary": ("shield", "mend", "damage", "shield", "empower", "control", "grant", "shield", "summon"),
    "epic": ("damage", "control", "shield", "area", "mend"),
    "pool": ("travel", "shield", "empower", "mend", "damage"),
    "inherent": ("travel", "mend", "empower", "nothing"),
    "temp": ("damage", "grant", "nothing", "travel"),
    "incarnate": ("empower", "grant", "summon"),
    "pet": ("damage", "shield", "area", "mend"),
    "mob": ("damage", "damage", "area", "control", "shield"),
    "redirect": ("damage", "area", "control"),
    "set_bonus": ("bonus",),
    "boost": ("boost",),
}
_LEVELS = {
    "primary": (1, 1, 2, 6, 8, 12, 18, 26, 32), "secondary": (1, 2, 4, 10, 16, 20, 28, 35, 38),
    "epic": (35, 35, 38, 41, 44), "pool": (4, 4, 4, 14, 14), "incarnate": (50,), "boost": (1,), "set_bonus": (1,),
}  # fmt: skip


def powers(plan: Plan, seed: int, realm: int) -> Iterator[Record]:
    """All powers in file order. `realm` is any number that stands for the realm."""
    position = 0
    for entry in plan.sets:
        for place in range(entry.size):
            yield power(plan, entry, place, Draw(seed, realm, position))
            position += 1


def power(plan: Plan, entry: SetPlan, place: int, draw: Draw) -> Record:
    position = entry.first + place
    full_name = entry.power(place)
    group, set_part, name = full_name.split(".")
    cycle = _CYCLES[entry.kind]
    role_name = cycle[place % len(cycle)]
    role = ROLES[role_name]
    levels = _LEVELS.get(entry.kind, (0,))
    attacks = role.target == FOE
    recharge = draw.pick((0.0, 4.0, 8.0, 13.2, 60.0, 240.5)) if role.power_type == CLICK else 0.0
    made = blank(
        "power",
        static_index=position + 1000,
        full_name=full_name,
        group_name=group,
        set_name=set_part,
        power_name=name,
        display_name=names.shown(name),
        requires=requirement_of(draw, plan, entry, place),
        modes_disallowed=draw.pick((0, 2, 2, 1 | 2 | 64)),
        power_type=role.power_type,
        accuracy=draw.pick((1.0, 1.05, 1.67, 0.8)),
        attack_types=(2 | 64 if role.area == 1 else 4 | 128) if attacks else 0,
        entities_affected=role.target,
        entities_auto_hit=0 if attacks else CASTER | 8,
        target=role.target,
        target_line_of_sight=attacks,
        range=draw.pick((7.0, 40.0, 80.0, 100.5)) if attacks else 0.0,
        endurance_cost=draw.decimal(0.3, 15.0),
        cast_time=draw.pick((1.0, 1.07, 1.67, 2.03)),
        recharge_time=recharge,
        base_recharge_time=recharge,
        activate_period=0.5 if role.power_type == TOGGLE else 0.0,
        effect_area=role.area,
        radius=25.0 if role.area in (2, 3) else 0.0,
        arc=45 if role.area == 3 else 0,
        max_targets=draw.pick((5, 10, 16)) if role.area in (2, 3) else 0,
        max_boosts="6" if entry.kind == "boost" else "",
        ai_report=draw.below(4),
        num_allowed=1,
        boosts_allowed=list(role.boosts),
        description_short=f"Sample {role_name} power",
        description_long=f"Made up for a sample database.<br>{names.shown(name)} is no power of any game.",
        set_type_ids=list(role.sets),
        click_buff=role_name == "empower",
        level=levels[min(place, len(levels) - 1)],
        mutex_auto=True,
        sort_override=place == 0,
        effects=effects_of(role_name, draw, plan, entry, full_name),
    )
    _by_kind(made, plan, entry, place, draw)
    _rarities(made, position, draw)
    made["enhancement_class_ids"] = [CLASS_NUMBERS[c] for c in made["boosts_allowed"] if c in CLASS_NUMBERS]
    return made


def _by_kind(made: Record, plan: Plan, entry: SetPlan, place: int, draw: Draw) -> None:
    """What only some kinds of sets have."""
    if entry.kind == "boost":
        made["display_name"] = names.shown(entry.full_name.partition(".")[2])
        # Boosts of an origin are listed too, but are no enhancement classes.
        made["boosts_allowed"] = ["Damage_Boost", *(f"{origin}_Boost" for origin in ORIGINS)]
        made["activate_period"] = 10.0
        made["boost_boostable"] = draw.percent(50)
        made["boost_use_player_level"] = draw.percent(10)
    elif entry.kind == "pool":
        made["group_membership"] = ["Sample_Travel", "sample_pool"] if place == 0 else []
        made["always_toggle"] = place == 1
    elif entry.kind == "inherent":
        made["inherent_type"] = (2, 4, 8, 7)[place % 4]
        made["display_location"] = place
        made["include_flag"] = True
        made["forced_class"] = PLAYABLE[0].class_name if place == 1 else ""
        if place == 2:
            made["sub_powers"] = [plan.by_kind["redirect"][0].power(0), "Temporary_Powers.Sample_Gone.Never_There"]
    elif entry.kind == "temp":
        made["num_charges"], made["life_time"], made["do_not_save"] = 5 * place, 3600, place % 2 == 0
        made["usage_time"], made["life_time_in_game"] = 60 * place, 7200
        made["hidden_power"] = place == 2
    elif entry.kind == "redirect":
        made["hidden_power"], made["skip_max"], made["mutex_ignore"] = True, True, True
    elif entry.kind == "pet":
        made["ignore_strength"], made["never_auto_update"] = draw.percent(20), draw.percent(10)
    elif entry.kind in ("primary", "secondary"):
        if place == 3:
            made["variable_enabled"], made["variable_name"] = True, "Foes in range"
            made["variable_min"], made["variable_max"], made["variable_start"] = 0, 10, draw.below(3)
            made["ignore_enhancements"], made["ignore_buffs"] = [2, 14], [2]
        elif place == 4:
            made["absorb_summon_effects"], made["absorb_summon_attributes"] = True, draw.percent(50)
            made["show_summon_anyway"], made["target_secondary"], made["range_secondary"] = True, FOE, 15.5


def _rarities(made: Record, position: int, draw: Draw) -> None:
    """What a few powers of real files show, at positions that every sample has."""
    turn = position % 120
    if turn == 5:
        made["target"] |= UNKNOWN_ENTITY_BIT
        made["entities_affected"] |= UNKNOWN_ENTITY_BIT
    elif turn == 17:
        made["description_long"] = (
            "\u201cMade up\u201d \u2014 caf\u00e9 na\u00efve \u2026 \U0001f409<br><br>Zweite Zeile: \u00fc\u00df."
        )
    elif turn == 29:
        made["boosts_allowed"] = [*made["boosts_allowed"], *made["boosts_allowed"][:1]]
    elif turn == 41:
        # Planner state of whoever saved the file last; nobody may rely on it.
        made["active"], made["taken"], made["stacks"] = True, True, 3
    elif turn == 53:
        made["set_name"] = "Stale_Set_Name"
    elif turn == 65:
        made["interrupt_time"], made["cast_flags"], made["cast_through_hold"] = 1.67, 1 | 2, True
    elif turn == 77:
        made["static_index"] = -1
    elif turn == 89:
        made["modes_required"], made["description_short"] = 4096, ""
    elif turn == 101:
        made["power_type"] = 9
    elif turn == 113:
        made["accuracy"] = draw.pick((0.1, 0.3, 16777216.0, 1e-05))
