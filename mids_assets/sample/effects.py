"""Effect records: what a power of each role does.

A role's maker yields plain changes of the blank effect; `effects_of` numbers them and sprinkles in what real files
hold here and there (owner name missing or of another power, PvP copies, conditions, unknown numbers).
Does not belong here: the fields of the power around them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mids_assets.sample.blank import Record, blank
from mids_assets.sample.draw import Draw
from mids_assets.sample.plan import Plan, SetPlan

TARGET, SELF, ALL = 1, 2, 3
Changes = dict[str, object]

# Numbers of enums.yaml, under the names that stand there.
ACCURACY, DAMAGE, DAMAGE_BUFF, DEFENSE, ENDURANCE, ENHANCEMENT, FLY, GRANT_POWER = 1, 3, 4, 5, 7, 9, 10, 12
HEAL, HIT_POINTS, MEZ, MEZ_RESIST, RECHARGE_TIME, RECOVERY, REGENERATION, RES_EFFECT = 13, 14, 19, 20, 25, 26, 27, 28
RESISTANCE, SPEED_RUNNING, SET_MODE, ENT_CREATE, TO_HIT, GLOBAL_CHANCE_MOD = 29, 32, 34, 38, 40, 45
POWER_REDIRECT, MODIFY_ATTRIB, EXECUTE_POWER = 53, 84, 85

EFFECT_TAGS = ("Sample_Damage", "Sample_Buff", "sample_buff", "Sample_Debuff", "Sample_Proc", "Sample_Ones")
"""What GlobalMods.mhd lists; one name occurs in two cases, as in real files."""

TABLES = (
    "Melee_Damage", "Ranged_Damage", "Melee_Buff_Def", "Ranged_Debuff_Def", "Melee_Res_Dmg", "Melee_HealSelf",
    "Ranged_Stun", "Ranged_Immobilize", "Melee_Ones", "Melee_Buff_ToHit", "Melee_Speed", "Ranged_EndDrain",
)  # fmt: skip
"""Ids of the attribute modifier tables."""


def _damage(draw: Draw, plan: Plan, entry: SetPlan) -> Iterator[Changes]:
    kinds = (draw.below(8) + 1, draw.below(8) + 1)
    table = "Melee_Damage" if draw.percent(50) else "Ranged_Damage"
    scale = draw.decimal(0.3, 3.56)
    hit: Changes = {
        "effect_type": DAMAGE, "to_who": TARGET, "magnitude": 1.0, "aspect": 2, "modifier_table": table,
        "stacking": 1, "buffable": True, "resistible": True, "effect_id": "Sample_Damage",
    }  # fmt: skip
    yield {**hit, "damage_type": kinds[0], "scale": scale, "pv_mode": 1}
    yield {**hit, "damage_type": kinds[0], "scale": round(scale * 1.2071, 4), "pv_mode": 2}
    if draw.percent(60):
        ticks = 2 + draw.below(6)
        yield {
            **hit, "damage_type": kinds[1], "scale": 0.1, "ticks": ticks, "duration": ticks + 0.1,
            "base_probability": draw.pick((0.3, 0.8, 1.0)), "delayed_time": 1.67, "cancel_on_miss": True,
        }  # fmt: skip
    if draw.percent(25):
        yield {
            "effect_type": DEFENSE, "to_who": TARGET, "scale": 1.0, "magnitude": 1.0, "duration": 8.0, "aspect": 4,
            "modifier_table": "Ranged_Debuff_Def", "effect_class": 1, "effect_id": "Sample_Debuff",
        }  # fmt: skip


def _area(draw: Draw, plan: Plan, entry: SetPlan) -> Iterator[Changes]:
    yield from _damage(draw, plan, entry)
    # 109.734665 needs all nine digits to come back as the same f32.
    yield {
        "effect_type": MEZ, "mez_type": 4, "to_who": TARGET, "scale": 0.67, "magnitude": 109.734665, "aspect": 4,
        "modifier_table": "Melee_Ones", "base_probability": 0.3, "near_ground": draw.percent(50), "effect_class": 1,
    }  # fmt: skip
    yield {
        "effect_type": DAMAGE, "damage_type": 3, "to_who": TARGET, "scale": 0.45, "magnitude": 1.0, "aspect": 2,
        "modifier_table": "Ranged_Damage", "procs_per_minute": 3.5, "base_probability": 1.0, "effect_class": 3,
        "effect_id": "Sample_Proc", "ignore_scaling": True, "special_case": draw.pick((3, 5, 9, 10)),
    }  # fmt: skip


def _control(draw: Draw, plan: Plan, entry: SetPlan) -> Iterator[Changes]:
    mez = draw.pick((1, 2, 3, 9, 10, 12))
    for mode, seconds in ((1, draw.decimal(4.0, 14.9, 1)), (2, 4.0)):
        yield {
            "effect_type": MEZ, "mez_type": mez, "to_who": TARGET, "scale": seconds, "magnitude": 3.0, "aspect": 4,
            "attrib_type": 1, "modifier_table": "Ranged_Stun" if mez == 10 else "Ranged_Immobilize",
            "pv_mode": mode, "duration": 1.0, "resistible": True, "buffable": True, "requires_to_hit_check": True,
        }  # fmt: skip
    yield {
        "effect_type": RES_EFFECT, "modifies_effect_type": RECHARGE_TIME, "to_who": TARGET, "scale": -0.2,
        "magnitude": 1.0, "duration": 10.0, "aspect": 0, "modifier_table": "Melee_Ones",
    }  # fmt: skip


def _shield(draw: Draw, plan: Plan, entry: SetPlan) -> Iterator[Changes]:
    kind, table, tag = draw.pick(((DEFENSE, "Melee_Buff_Def", "sample_buff"), (RESISTANCE, "Melee_Res_Dmg", "")))
    for damage_type in range(1, 2 + draw.below(8)):
        yield {
            "effect_type": kind, "damage_type": damage_type, "to_who": SELF, "scale": draw.decimal(0.5, 2.25),
            "magnitude": 1.0, "duration": 0.75, "aspect": 4, "modifier_table": table, "effect_id": tag,
            "suppression": draw.pick((0, 0, 1 | 2 | 4, 4096)), "buffable": True,
        }  # fmt: skip
    yield {
        "effect_type": MEZ_RESIST, "mez_type": 2, "to_who": SELF, "scale": 0.1, "magnitude": 1.0, "duration": 0.75,
        "modifier_table": "Melee_Ones", "aspect": 0,
    }  # fmt: skip
    yield {"effect_type": SET_MODE, "to_who": SELF, "scale": 1.0, "magnitude": 1.0, "summon": "leftover text"}


def _empower(draw: Draw, plan: Plan, entry: SetPlan) -> Iterator[Changes]:
    amount = draw.pick((0.1, 0.3, 0.625, 1.0))
    for modifies in (ACCURACY, HEAL, RECHARGE_TIME):
        yield {
            "effect_type": ENHANCEMENT, "modifies_effect_type": modifies, "to_who": ALL, "scale": amount,
            "magnitude": 1.0, "duration": 30.0, "aspect": 3, "modifier_table": "Melee_Ones",
            "display_percentage_override": draw.pick((0, 0, 1, 2)), "ignore_ed": modifies == HEAL,
        }  # fmt: skip
    for damage_type in (1, 2, 9):
        yield {
            "effect_type": DAMAGE_BUFF, "damage_type": damage_type, "to_who": SELF, "scale": amount, "magnitude": 1.0,
            "duration": 10.25, "aspect": 3, "modifier_table": "Melee_Buff_ToHit", "effect_id": "Sample_Buff",
        }  # fmt: skip
    yield {
        "effect_type": TO_HIT, "to_who": SELF, "attrib_type": 2, "scale": 1.0, "magnitude": 1.0, "duration": 10.25,
        "modifier_table": "Melee_Buff_ToHit", "magnitude_expression": "@StdResult * 0.5",
        "duration_expression": "10 + 2 * source>Sample.Level" if draw.percent(50) else "",
        "probability_expression": "minmax(0.1 * power.stacks, 0, 1)" if draw.percent(50) else "",
    }  # fmt: skip


def _mend(draw: Draw, plan: Plan, entry: SetPlan) -> Iterator[Changes]:
    common: Changes = {"to_who": draw.pick((SELF, ALL)), "magnitude": 1.0, "buffable": True}
    yield {
        **common,
        "effect_type": HEAL,
        "scale": draw.decimal(0.58, 2.1),
        "modifier_table": "Melee_HealSelf",
        "aspect": 2,
    }
    yield {**common, "effect_type": REGENERATION, "scale": 0.75, "duration": 30.0, "modifier_table": "Melee_Ones"}
    yield {**common, "effect_type": RECOVERY, "scale": 0.1, "duration": 30.0, "modifier_table": "Melee_Ones"}
    yield {
        **common, "effect_type": HIT_POINTS, "scale": 1.0, "duration": 60.0, "modifier_table": "Melee_HealSelf",
        "aspect": 1, "class_name": "class_stonewarden", "class_index": 1,
    }  # fmt: skip
    yield {**common, "effect_type": ENDURANCE, "scale": -0.07, "modifier_table": "Ranged_EndDrain", "aspect": 4}


def _summon(draw: Draw, plan: Plan, entry: SetPlan) -> Iterator[Changes]:
    known = plan.entity_uid(draw.below(plan.entities))
    for place in range(1 + draw.below(3)):
        uid = (known, known.upper(), "Sample_Lost_Companion")[draw.below(3) if place else 0]
        yield {
            "effect_type": ENT_CREATE, "summon": uid, "to_who": SELF, "scale": 1.0, "magnitude": 1.0,
            "duration": draw.pick((30.0, 60.0, 240.0)), "modifier_table": "Melee_Ones", "stacking": place % 2,
        }  # fmt: skip
    yield {
        "effect_type": EXECUTE_POWER, "summon": plan.power_at(draw.below(plan.powers)), "to_who": SELF, "scale": 1.0,
        "magnitude": 1.0, "modifier_table": "Melee_Sample_Missing",
    }  # fmt: skip


def _grant(draw: Draw, plan: Plan, entry: SetPlan) -> Iterator[Changes]:
    temporary = plan.by_kind["temp"][0]
    for name in (temporary.power(draw.below(8)), "Temporary_Powers.Sample_Gone.Never_There", plan.entity_uid(0)):
        yield {
            "effect_type": GRANT_POWER, "summon": name, "to_who": SELF, "scale": 1.0, "magnitude": 1.0,
            "base_probability": draw.pick((0.3, 1.0, 2.0)), "reward": draw.pick(("", "", "Sample_Token")),
        }  # fmt: skip
    yield {
        "effect_type": GLOBAL_CHANCE_MOD, "effect_id": draw.pick((*EFFECT_TAGS, "SAMPLE_DEBUFF", "Sample_Gone")),
        "to_who": SELF, "scale": 0.3, "magnitude": 1.0, "duration": 5.0, "modifier_table": "Melee_Ones",
    }  # fmt: skip


def _redirect(draw: Draw, plan: Plan, entry: SetPlan) -> Iterator[Changes]:
    variants = plan.by_kind["redirect"][0]
    for place, stacks in enumerate(("< 2", "= 2", "> 2")):
        yield {
            "effect_type": POWER_REDIRECT, "override": variants.power(place), "to_who": SELF, "scale": 1.0,
            "magnitude": 1.0, "conditionals": [_condition(f"Stacks:{entry.power(0)}", stacks)],
        }  # fmt: skip
    yield {
        "effect_type": MODIFY_ATTRIB, "power_attrib": 10, "attrib_original_range": 80.0, "attrib_modified_range": 13.2,
        "attrib_original_max_targets": 1, "attrib_modified_max_targets": 5, "attrib_modified_effect_area": 3,
        "attrib_modified_arc": 45, "attrib_modified_cast_time": 1.67, "to_who": SELF, "scale": 1.0, "magnitude": 1.0,
    }  # fmt: skip


def _travel(draw: Draw, plan: Plan, entry: SetPlan) -> Iterator[Changes]:
    yield {"effect_type": FLY, "to_who": SELF, "scale": 1.0, "magnitude": 1.0, "duration": 1.75, "aspect": 4}
    yield {
        "effect_type": SPEED_RUNNING, "to_who": SELF, "scale": draw.decimal(0.5, 3.5), "magnitude": 1.0,
        "duration": 1.75, "modifier_table": "Melee_Speed", "suppression": 64 | 128, "variable_modified_override": True,
    }  # fmt: skip


def _bonus(draw: Draw, plan: Plan, entry: SetPlan) -> Iterator[Changes]:
    kind, table, amount = draw.pick(
        ((HIT_POINTS, "Melee_HealSelf", 0.0113), (DEFENSE, "Melee_Ones", 0.0188), (RESISTANCE, "Melee_Ones", 0.0225))
    )
    for damage_type in draw.pick(((0,), (3, 4), (1, 2, 10))):
        yield {
            "effect_type": kind, "damage_type": damage_type, "to_who": SELF, "scale": amount, "magnitude": 1.0,
            "duration": 10.25, "modifier_table": table, "aspect": 3 if kind == HIT_POINTS else 4,
        }  # fmt: skip


def _boost(draw: Draw, plan: Plan, entry: SetPlan) -> Iterator[Changes]:
    for modifies in (ACCURACY, RECHARGE_TIME)[: 1 + draw.below(2)]:
        yield {
            "effect_type": ENHANCEMENT, "modifies_effect_type": modifies, "to_who": SELF, "scale": 0.5,
            "magnitude": 1.0, "duration": 10.25, "aspect": 3, "modifier_table": "Melee_Ones", "ignore_ed": False,
        }  # fmt: skip


def _nothing(draw: Draw, plan: Plan, entry: SetPlan) -> Iterator[Changes]:
    return iter(())


MAKERS: dict[str, Callable[[Draw, Plan, SetPlan], Iterator[Changes]]] = {
    "damage": _damage, "area": _area, "control": _control, "shield": _shield, "empower": _empower, "mend": _mend,
    "summon": _summon, "grant": _grant, "redirect": _redirect, "travel": _travel, "bonus": _bonus, "boost": _boost,
    "nothing": _nothing,
}  # fmt: skip


def _condition(key: str, value: str) -> Record:
    return blank("conditional", key=key, value=value)


def _conditions(draw: Draw, entry: SetPlan) -> list[Record]:
    """One of the shapes that occur: a single condition, AND, OR, a team condition."""
    first, second = entry.power(0), entry.power(entry.size - 1)
    return draw.pick(
        (
            [(f"Active:{first}", "True")],
            [(f"Taken:{first}", "False"), (f"AND Active:{second}", "True")],
            [(f"Stacks:{second}", "> 3"), (f"OR Stacks:{second}", "= 1"), (f"AND Taken:{first}", "True")],
            [("Team:Class_Mindweaver", "> 0")],
            [(f"Taken:{first.upper()}", "True"), ("OR Active:Pool.Sample_Gone.Removed_Power", "True")],
        )
    )  # type: ignore[return-value]


def effects_of(role: str, draw: Draw, plan: Plan, entry: SetPlan, full_name: str) -> list[Record]:
    """The effects of the power `full_name` of set `entry`, in order."""
    made = []
    for number, changes in enumerate(MAKERS[role](draw, plan, entry), start=1):
        owner = full_name
        chance = draw.below(100)
        if chance < 3:
            owner = ""
        elif chance < 5:
            owner = entry.power(0)
        effect = blank("effect", **{"power_full_name": owner, "unique_id": number, "base_probability": 1.0, **changes})
        if chance >= 90 and not effect["conditionals"]:
            effect["conditionals"] = [_condition(key, value) for key, value in _conditions(draw, entry)]
        elif chance == 50:
            effect["special_case"] = 63
        made.append(effect)
    return made
