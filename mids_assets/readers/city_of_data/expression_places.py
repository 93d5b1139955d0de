"""Where expressions stand in a power file, and all of them that one holds.

A place is the path of the key in its file, such as `effects[2].child_effects[0].requires_expression`. A key that a file
lacks holds no expression.
Does not belong here: what an expression says (`readers.expressions`).
Source: formats city_of_data.md, section 6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from mids_assets.readers.city_of_data.effects import count
from mids_assets.readers.city_of_data.power_file import Params
from mids_assets.readers.city_of_data.typed import decoded
from mids_assets.readers.json_structure import BOM


class Place(NamedTuple):
    """`unit` is that of the number which the expression gives; None where it is a condition."""

    meaning: str
    unit: str | None = None


POWER = {
    "requires": Place("who may choose the power"),
    "activate_requires": Place("when it may be used"),
    "confirm_requires": Place("when the target is asked first"),
    "target_requires": Place("on which targets it works"),
    "highlight_expression": Place("when its icon is lit"),
    "server_tray_requires": Place("when the server's tray shows it"),
    "max_targets_expression": Place("how many targets it hits, instead of max_targets_hit", "targets"),
    "chain_effect_expr": Place("how strong each jump of a chain is", "factor"),
    "chain_target_expr": Place("which target a chain jumps to: the one with the highest value", "preference"),
}
REDIRECT = {"condition_expression": Place("when this power takes over")}
NODE = {"requires_expression": Place("when the effects of this node happen")}
TEMPLATE = {
    "magnitude_expression": Place("the magnitude of the effect", "magnitude"),
    "duration_expression": Place("how long the effect lasts", "seconds"),
    "jit_requires": Place("whether a tick happens, asked again at each"),
}
BOOST = {"slot_requires": Place("when the boost may be slotted")}

_KEYS = frozenset().union(POWER, REDIRECT, NODE, TEMPLATE, BOOST)


class Found(NamedTuple):
    """An expression. `effects`: the first and the last of the flattened effects that it is about (the positions of
    power_effect), None where it is about none."""

    path: str
    place: Place
    text: str
    effects: tuple[int, int] | None = None


class _Template(msgspec.Struct, gc=False):
    attribs: list[str] = []
    params: Params | None = None
    magnitude_expression: str = ""
    duration_expression: str = ""
    jit_requires: str = ""


class _Node(msgspec.Struct, gc=False):
    requires_expression: str = ""
    templates: list[_Template] = []
    child_effects: list[_Node] = []


class _Redirect(msgspec.Struct, gc=False):
    condition_expression: str = ""


class _Boost(msgspec.Struct, gc=False):
    slot_requires: str = ""


class _Power(msgspec.Struct, gc=False):
    full_name: str
    requires: str = ""
    activate_requires: str = ""
    confirm_requires: str = ""
    target_requires: str = ""
    highlight_expression: str = ""
    server_tray_requires: str = ""
    max_targets_expression: str = ""
    chain_effect_expr: str = ""
    chain_target_expr: str = ""
    redirect: list[_Redirect] = []
    boost_info: _Boost = msgspec.field(default_factory=_Boost)
    effects: list[_Node] = []
    activation_effects: list[_Node] = []


_POWER_FILE = msgspec.json.Decoder(_Power)


def is_expression(path: str) -> bool:
    """Whether a path of a file ends in a key that holds an expression."""
    return path.rpartition(".")[2] in _KEYS


def power_expressions(content: bytes) -> tuple[str, list[Found]]:
    """The power's full name and its expressions in the order of POWER, REDIRECT and the effects.

    Raises `RecordFault` where the file is no JSON or a key holds no text."""
    power = decoded(_POWER_FILE, content.removeprefix(BOM))
    inside: list[Found] = []
    effects = 0
    for key in ("effects", "activation_effects"):
        effects = _of_nodes(getattr(power, key), key, effects, inside)
    found = list(_of(power, POWER))
    for number, redirect in enumerate(power.redirect):
        found += _of(redirect, REDIRECT, f"redirect[{number}].", (effects + number, effects + number))
    found += _of(power.boost_info, BOOST, "boost_info.")
    return power.full_name, found + inside


def _of_nodes(nodes: Sequence[_Node], path: str, effects: int, found: list[Found]) -> int:
    """`effects`: how many stand before these nodes (`effects.Effects` counts in the same order); returns how many stand
    before what follows them."""
    for number, node in enumerate(nodes):
        here = f"{path}[{number}]."
        first, inside = effects, list[Found]()
        for place, template in enumerate(node.templates):
            behind = effects + count(template.attribs, template.params)
            inside += _of(template, TEMPLATE, f"{here}templates[{place}].", _range(effects, behind))
            effects = behind
        effects = _of_nodes(node.child_effects, f"{here}child_effects", effects, inside)
        found += _of(node, NODE, here, _range(first, effects))
        found += inside
    return effects


def _range(first: int, behind: int) -> tuple[int, int] | None:
    return (first, behind - 1) if behind > first else None


def _of(
    holder: msgspec.Struct, places: dict[str, Place], path: str = "", effects: tuple[int, int] | None = None
) -> Iterator[Found]:
    for key, place in places.items():
        if text := getattr(holder, key):
            yield Found(path + key, place, text, effects)
