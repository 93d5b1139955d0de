"""The effect tree of a power file as the flat list of effects that the model has.

A node holds templates and child nodes. In the order of the file, depth first, each attribute of each template is one
effect, and where a template names several powers or entities one for each of them. A child happens only when its
parent did: what its effects carry down is the product of the chances, the sum of the delays, the nearest tags, and
the most restrictive of PvE and PvP. Conditions stay with their node (`readers.city_of_data.expressions`).
Does not belong here: what an attribute is (`attributes`), the other fields of a power (`powers`).
Source: formats city_of_data.md, sections 5 and 9.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import floor
from typing import NamedTuple

from mids_assets.readers.city_of_data.attributes import ASPECTS, NO_EFFECT, kind_of
from mids_assets.readers.city_of_data.power_file import Node, Params, PowerFile, Template
from mids_assets.readers.city_of_data.rows import Codes
from mids_assets.readers.json_exact import RecordFault

Effect = tuple[object, ...]
"""The values of the fields `GIVEN`; None where a word is unknown or means nothing there."""

_GIVEN = """
    effect_type damage_type mez_type modifies_effect_type summon delayed_time ticks stacking base_probability
    buffable resistible pv_mode to_who scale magnitude duration attrib_type aspect modifier_table near_ground
    cancel_on_miss duration_expression magnitude_expression reward effect_id override procs_per_minute
"""
GIVEN = tuple(_GIVEN.split())
"""Fields of the effect record that City of Data has, in the order of the values of an `Effect`."""
_TYPE = GIVEN.index("effect_type")
_OVERRIDE = GIVEN.index("override")
FOR_EVER = "UntilKilled"
FOR_EVER_SECONDS = 9999.0
"""The duration that other templates write for it, as MidsReborn does."""
_SECONDS = " seconds"
_NOBODY = ("",)
_NOTHING: list[object] = [None] * len(GIVEN)
_NO_KIND = (None, None, None, None)
_PLAIN_STACKS = ("Stack", "Replace")
_PVP = {"EITHER": 0, "PVE_ONLY": 1, "PVP_ONLY": 2}
_ATTRIB_TYPES = {"Magnitude": 0, "Duration": 1, "Expression": 2}
_TARGET, _SELF, _ALL = 1, 2, 3
_TO_WHO = {"AnyAffected": _TARGET, "AnyAffectedAndPets": _TARGET, "TargetOnly": _TARGET, "Self": _SELF}
_TO_WHO["SelfAndPets"] = _SELF
_DEPTH = 100
"""Nodes may be nested so deep; 6 is the deepest known."""


@dataclass(slots=True)
class Flattened:
    """`effects` in order. `extra` maps the place of a value without a field, such as effects[3].stack, to it."""

    effects: list[Effect] = field(default_factory=list)
    extra: dict[str, object] = field(default_factory=dict)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    """(key, word) of words that are in no vocabulary here."""


class _Above(NamedTuple):
    """What the nodes above a template carry down to it."""

    chance: float
    delay: float
    pv_mode: int | None
    tags: Sequence[str]
    ppm: float


_TOP = _Above(1.0, 0.0, 0, (), 0.0)


class Effects:
    """Flattens the effects of power files. `codes`: enumeration -> member in small letters -> number."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes
        self._numbers: dict[tuple[str, str], tuple[int, ...] | None] = {}

    def of(self, power: PowerFile) -> Flattened:
        """The effects, then those of the act of using the power, then the powers that take over under a condition.

        Raises `RecordFault` for nodes nested too deeply, and for durations that are no time.
        """
        found = Flattened()
        hits_self = "Self" in power.targets_affected
        for key in ("effects", "activation_effects"):
            first = len(found.effects)
            for template, above, path in _templates(getattr(power, key), _TOP, key, 0):
                self._add(template, above, path, hits_self, found)
            if key == "activation_effects" and len(found.effects) > first:
                # No field tells them from the others.
                found.extra[key] = [first, len(found.effects) - 1]
        for redirect in power.redirect:
            values = _NOTHING.copy()
            values[_TYPE] = self._codes["effect_type"]["powerredirect"]
            values[_OVERRIDE] = redirect.name
            found.effects.append(tuple(values))
        return found

    def _add(self, template: Template, above: _Above, path: str, hits_self: bool, into: Flattened) -> None:
        values, kept = _common(template, above, path, hits_self)
        if template.aspect not in ASPECTS:
            into.unknown.append(("aspect", template.aspect))
        summons = _summons(template.params)
        for attribute in template.attribs:
            numbers = self._kind(attribute, template.aspect)
            here = kept
            if numbers is None:
                if attribute not in NO_EFFECT:
                    into.unknown.append(("attribs", attribute))
                here = {**kept, "attrib": attribute}
            for summon in summons:
                for key, value in here.items():
                    into.extra[f"effects[{len(into.effects)}].{key}"] = value
                into.effects.append((*(numbers or _NO_KIND), summon, *values))

    def _kind(self, attribute: str, aspect: str) -> tuple[int, ...] | None:
        """The first four of `GIVEN`; None where the model has no such effect."""
        if (attribute, aspect) not in self._numbers:
            kind = kind_of(attribute, aspect)
            types, damages, mezzes = (self._codes[name] for name in ("effect_type", "damage", "mez"))
            self._numbers[attribute, aspect] = kind and (
                types[kind.effect],
                damages[kind.damage],
                mezzes[kind.mez],
                types[kind.modifies],
            )
        return self._numbers[attribute, aspect]


def count(attributes: Sequence[str], params: Params | None) -> int:
    """How many effects a template is."""
    return len(attributes) * len(_summons(params))


def _templates(nodes: Sequence[Node], above: _Above, path: str, depth: int) -> Iterator[tuple[Template, _Above, str]]:
    if depth > _DEPTH:
        raise RecordFault(path, "syntax", f"effects are nested deeper than {_DEPTH} levels")
    for number, node in enumerate(nodes):
        place = f"{path}[{number}]"
        own = _PVP.get(node.is_pvp)
        here = _Above(
            chance=above.chance * node.chance,
            delay=above.delay + node.delay,
            pv_mode=above.pv_mode if own == 0 else own,
            tags=node.tags or above.tags,
            ppm=node.ppm or above.ppm,
        )
        for index, template in enumerate(node.templates):
            yield template, here, f"{place}.templates[{index}]"
        if node.child_effects:
            yield from _templates(node.child_effects, here, f"{place}.child_effects", depth + 1)


def _common(
    template: Template, above: _Above, path: str, hits_self: bool
) -> tuple[tuple[object, ...], dict[str, object]]:
    """What all effects of a template share: the values behind `summon` in `GIVEN`, and what has no field there."""
    to_who = _TO_WHO.get(template.target)
    duration = _seconds(template.duration, path)
    values = (
        _short(above.delay + template.delay),
        _ticks(duration, template.application_period, path),
        int(template.stack == "Stack"),
        _short(above.chance * template.tick_chance),
        "IgnoreStrength (4)" not in template.flags,
        "IgnoreResistance (5)" not in template.flags,
        above.pv_mode,
        _ALL if to_who == _TARGET and hits_self else to_who,
        template.scale,
        template.magnitude,
        duration,
        _ATTRIB_TYPES.get(template.type),
        ASPECTS.get(template.aspect),
        template.table,
        "NearGround (3)" in template.flags,
        "CancelOnMiss (2)" in template.flags,
        template.duration_expression,
        template.magnitude_expression,
        _reward(template),
        above.tags[0] if above.tags else "",
        None,
        above.ppm,
    )
    kept: dict[str, object] = {}
    if len(above.tags) > 1:
        kept["tags"] = list(above.tags)
    if above.pv_mode is None:
        kept["is_pvp"] = "no word that is known"
    if to_who is None:
        kept["target"] = template.target
    if template.type not in _ATTRIB_TYPES:
        kept["type"] = template.type
    if template.aspect not in ASPECTS:
        kept["aspect"] = template.aspect
    if template.stack not in _PLAIN_STACKS:
        kept["stack"] = template.stack
    if (params := template.params) and (params.powerset_names or params.category_names):
        kept["powerset_names"] = params.powerset_names
        kept["category_names"] = params.category_names
    return values, kept


def _summons(params: Params | None) -> Sequence[str]:
    """Powers or entities that a template names, one effect each; one empty text where it names none."""
    if params is None:
        return _NOBODY
    if params.type == "EntCreate":
        return (params.entity_def,) if params.entity_def else params.redirects or _NOBODY
    return params.power_names or _NOBODY if params.type == "Power" else _NOBODY


def _reward(template: Template) -> str:
    """Tag, token or mode that a template addresses."""
    params = template.params
    if params is not None and (params.tags or params.tokens):
        return (params.tags or params.tokens)[0]
    return template.mode_name or ""


def _seconds(text: str, path: str) -> float:
    if text == FOR_EVER:
        return FOR_EVER_SECONDS
    try:
        return float(text.removesuffix(_SECONDS))
    except ValueError:
        raise RecordFault(f"{path}.duration", "text", f"{text!r} is no time such as '10 seconds'") from None


def _ticks(duration: float, period: float, path: str) -> int:
    """Applications of an effect; 0 where it is applied once, as the model has it."""
    if period <= 0 or duration <= 0:
        return 0
    ticks = 1 + floor(duration / period + 1e-9)
    if ticks >= 2**31:
        raise RecordFault(f"{path}.application_period", "range", f"{duration:g} seconds every {period:g} are too many")
    return ticks


def _short(value: float) -> float:
    """A product or sum of numbers with four decimals, without the noise of binary fractions."""
    return round(value, 6)
