"""The power records of a DataExporter sample, as JSON objects or in the text form, one by one from their position.

A record is put together from pieces that are encoded once, because msgspec would spend most of the time on keys that
never change. Powers and sets are those of the plan; what a power does is drawn anew, in the few words of this format.
Does not belong here: the other files of the folder (`exporter`), descriptions (`exporter_texts`).
Source: formats data_exporter.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from mids_assets.sample import names
from mids_assets.sample.draw import Draw
from mids_assets.sample.exporter_texts import description
from mids_assets.sample.plan import Plan, SetPlan


class Use(NamedTuple):
    """What the powers of one role have in common. Radius 0 = a single target."""

    power_type: str
    target: str
    range: float
    radius: float
    targets: int
    category: str
    boosts: tuple[str, ...] = ()


_USES = {
    "bolt": Use("Click", "Foe", 80.0, 0.0, 1, "Ranged", ("Accuracy_Boost", "Damage_Boost", "Recharge_Boost")),
    "blow": Use("Click", "Foe", 7.0, 0.0, 1, "Melee", ("Accuracy_Boost", "Damage_Boost")),
    "burst": Use("Click", "Location", 60.5, 25.0, 16, "Ranged", ("Accuracy_Boost", "Damage_Boost", "Range_Boost")),
    "hold": Use("Click", "Foe", 80.0, 0.0, 1, "Control", ("Accuracy_Boost", "Hold_Boost", "Recharge_Boost")),
    "shield": Use("Toggle", "Self", 0.0, 0.0, 1, "Defense", ("Buff_Defense_Boost", "EnduranceDiscount_Boost")),
    "mend": Use("Click", "Friend", 40.0, 0.0, 1, "Support", ("Heal_Boost", "EnduranceDiscount_Boost")),
    "field": Use("Toggle", "Self", 0.0, 15.0, 10, "Support", ("EnduranceDiscount_Boost",)),
    "travel": Use("Toggle", "Self", 0.0, 0.0, 1, "Travel", ("SpeedFlying_Boost", "SpeedRunning_Boost")),
    "always": Use("Auto", "Self", 0.0, 0.0, 1, "Inherent"),
    "bonus": Use("Passive", "Self", 0.0, 0.0, 1, "Bonus"),
}
_CYCLES = {
    "primary": ("bolt", "blow", "burst", "hold", "mend"), "secondary": ("shield", "mend", "blow", "field", "hold"),
    "epic": ("bolt", "hold", "shield"), "pool": ("travel", "shield", "mend", "blow"), "pet": ("bolt", "shield"),
    "inherent": ("always", "travel"), "temp": ("bolt", "always"), "incarnate": ("field",), "set_bonus": ("bonus",),
    "boost": ("bonus",), "redirect": ("bolt", "burst"), "mob": ("blow", "bolt", "burst", "shield"),
}  # fmt: skip
_CHANCE_OF_EVERY_TYPE = (
    *("Damage",) * 10, *("Mez",) * 3, "Defense", "Defense", "Resistance", "Resistance", "ToHit", "Heal", "Regeneration",
    "Recovery", "Endurance", "RechargeTime", "SpeedRunning", "SpeedFlying", "DamageBuff", "GrantPower", "EntCreate",
    "MezResist", "Enhancement", "GlobalChanceMod", "PerceptionRadius", "StealthRadius", "ThreatLevel", "Absorb",
)  # fmt: skip
_DAMAGE = ("Smashing", "Lethal", "Fire", "Cold", "Energy", "Negative", "Toxic", "Psionic")
_MEZ = ("Held", "Immobilized", "Stunned", "Sleep", "Knockback", "Terrorized", "Taunt")
_EFFECTS_A_POWER = (
    0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 8, 9, 11, 15
)  # fmt: skip
"""132 effects for 31 powers: 4.258 a power, as in the folder that was measured (1,535,728 for 360,659)."""
_MODES = ("Arena", "Disable_All", "Disable_Travel", "Disable_Teleport", "Domination")
_STOCK = 4096

OPTIONAL = (
    "Description", "Accuracy", "EnduranceCost", "RechargeTime", "ActivationTime", "Range", "Radius", "MaxTargets",
    "Effects", "Requirements", "EnhancementTypes", "RequiresLineOfSight", "PowerCategory", "IconName", "DisplayOrder",
)  # fmt: skip
"""Keys that some records lack, or hold null under."""


class Effect(NamedTuple):
    type: str
    attribute: str
    scale: float
    duration: float
    chance: float


class Power(NamedTuple):
    """One power without its description. `effects` are positions in the stock of effects."""

    name: str
    powerset: str
    level: int
    use: Use
    accuracy: float
    endurance: float
    recharge: float
    activation: float
    effects: list[int]
    order: int


def json_records(plan: Plan, seed: int, realm: int) -> Iterator[bytes]:
    """All powers of I12_powers.json in order of the file, compact."""
    effects = [_json_effect(effect) for effect in _effects(seed, realm)]
    uses = {use: _json_use(use) for use in _USES.values()}
    for power, draw in _powers(plan, seed, realm):
        record = _json(power, draw, effects, uses[power.use])
        yield _thinned(record, draw) if draw.percent(6) else record


def text_records(plan: Plan, seed: int, realm: int) -> Iterator[bytes]:
    """All powers of I12_extracted.txt in order of the file, each with its last line break."""
    effects = [_text_effect(effect) for effect in _effects(seed, realm)]
    for power, _ in _powers(plan, seed, realm):
        yield _text(power, effects)


def _effects(seed: int, realm: int) -> list[Effect]:
    """What the powers of a file do: not every power needs an effect of its own."""
    made = []
    for number in range(_STOCK):
        draw = Draw(seed, realm, 1 << 48, number)
        kind = draw.pick(_CHANCE_OF_EVERY_TYPE)
        attribute = draw.pick(_MEZ if kind in ("Mez", "MezResist") else _DAMAGE)
        lasts = 0.0 if kind in ("Damage", "Heal") else draw.pick((4.0, 8.5, 10.25, 30.0, 120.0, 0.75))
        scale = draw.decimal(-2.0 if kind in ("Defense", "ToHit") else 0.05, 4.5, 3)
        made.append(Effect(kind, attribute, scale, lasts, draw.pick((1.0, 1.0, 1.0, 0.8, 0.5, 0.3, 0.05))))
    return made


def _powers(plan: Plan, seed: int, realm: int) -> Iterator[tuple[Power, Draw]]:
    """Each power, and its stream of numbers for whatever else a form wants to say about it."""
    counts = len(_EFFECTS_A_POWER)
    position = 0
    for entry in plan.sets:
        uses = [_USES[name] for name in _CYCLES[entry.kind]]
        for place in range(entry.size):
            draw = Draw(seed, realm, 1 << 49, position)
            bits = draw.below(1 << 62)
            use = uses[place % len(uses)]
            click = use.power_type == "Click"
            free = use.power_type in ("Auto", "Passive")
            yield (
                Power(
                    name=entry.power(place).rpartition(".")[2],
                    powerset=entry.full_name,
                    level=_level(entry, place),
                    use=use,
                    accuracy=(1.0, 1.05, 1.67, 0.8)[bits & 3],
                    endurance=0.0 if free else (30 + (bits >> 2) % 1500) / 100,
                    recharge=(0.5 + ((bits >> 14) % 480) / 4) if click else 0.0,
                    activation=(67 + (bits >> 24) % 300) / 100 if click else 0.0,
                    effects=[draw.below(_STOCK) for _ in range(_EFFECTS_A_POWER[(bits >> 34) % counts])],
                    order=place,
                ),
                draw,
            )
            position += 1


def _level(entry: SetPlan, place: int) -> int:
    first, step = {"epic": (35, 3), "pool": (4, 5), "incarnate": (50, 0), "secondary": (1, 4)}.get(entry.kind, (1, 3))
    return min(50, first + place % 12 * step)


def _json_effect(effect: Effect) -> str:
    value = {
        "EffectType": effect.type,
        "Scale": effect.scale,
        "Duration": effect.duration,
        "Chance": effect.chance,
    }
    return msgspec.json.encode(value).decode()


def _json_use(use: Use) -> tuple[str, str, str]:
    """The parts of a record that only its role decides: after the level, after the times, and after the effects."""
    boosts = msgspec.json.encode(use.boosts).decode()
    sight = "true" if use.range else "false"
    return (
        f'"PowerType":"{use.power_type}","TargetType":"{use.target}","Accuracy":',
        f'"Range":{use.range!r},"Radius":{use.radius!r},"MaxTargets":{use.targets},"Effects":[',
        f'"EnhancementTypes":{boosts},"RequiresLineOfSight":{sight},"PowerCategory":"{use.category}","IconName":"',
    )


def _json(power: Power, draw: Draw, effects: list[str], use: tuple[str, str, str]) -> bytes:
    name, powerset = power.name, power.powerset
    required, disallowed = draw.below(16), draw.below(16)
    return (
        f'{{"Name":"{name}","InternalName":"{powerset}.{name}","DisplayName":"{names.shown(name)}",'
        f'"Description":{description(draw)},"PowersetName":"{powerset}","Level":{power.level},{use[0]}'
        f'{power.accuracy!r},"EnduranceCost":{power.endurance!r},"RechargeTime":{power.recharge!r},'
        f'"ActivationTime":{power.activation!r},{use[1]}{",".join([effects[number] for number in power.effects])}],'
        f'"Requirements":{{"ModesRequired":{_mode(required)},"ModesDisallowed":{_mode(disallowed)}}},{use[2]}'
        f'{name}.png","DisplayOrder":{power.order}}}'
    ).encode()


def _mode(number: int) -> str:
    return f'"{_MODES[number]}"' if number < len(_MODES) else "null"


def _thinned(record: bytes, draw: Draw) -> bytes:
    """The record without one of its optional keys, or with null there."""
    value = msgspec.json.decode(record)
    key = draw.pick(OPTIONAL)
    if draw.percent(50):
        value[key] = None
    else:
        del value[key]
    return msgspec.json.encode(value)


def _text_effect(effect: Effect) -> str:
    attribute = f"({effect.attribute})" if effect.type in ("Damage", "Mez", "Resistance", "Defense") else ""
    return (
        f"    Effect: {effect.type}{attribute}\n      Magnitude: {effect.scale!r}\n"
        f"      Duration: {effect.duration!r}\n      Chance: {effect.chance!r}\n"
    )


def _text(power: Power, effects: list[str]) -> bytes:
    use = power.use
    head = (
        f"Power: {power.powerset}.{power.name}\n  DisplayName: {names.shown(power.name)}\n  Level: {power.level}\n"
        f"  AllowedSlots: {6 if use.boosts else 0}\n  EnduranceCost: {power.endurance!r}\n"
        f"  RechargeTime: {power.recharge!r}\n  CastTime: {power.activation!r}\n  Range: {use.range!r}\n"
        f"  TargetType: {'AreaOfEffect' if use.radius else 'SingleTarget'}\n"
    )
    lines = "".join([effects[number] for number in power.effects])
    return f"{head}  Effects:\n{lines}".encode() if lines else head.encode()
