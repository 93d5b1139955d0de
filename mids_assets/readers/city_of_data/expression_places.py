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

Found = tuple[str, Place, str]
"""Path, place and text of an expression."""


class _Template(msgspec.Struct, gc=False):
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
    found = list(_of(power, POWER))
    for number, redirect in enumerate(power.redirect):
        found += _of(redirect, REDIRECT, f"redirect[{number}].")
    found += _of(power.boost_info, BOOST, "boost_info.")
    found += _of_nodes(power.effects, "effects")
    found += _of_nodes(power.activation_effects, "activation_effects")
    return power.full_name, found


def _of_nodes(nodes: Sequence[_Node], path: str) -> Iterator[Found]:
    for number, node in enumerate(nodes):
        here = f"{path}[{number}]."
        yield from _of(node, NODE, here)
        for place, template in enumerate(node.templates):
            yield from _of(template, TEMPLATE, f"{here}templates[{place}].")
        yield from _of_nodes(node.child_effects, f"{here}child_effects")


def _of(holder: msgspec.Struct, places: dict[str, Place], path: str = "") -> Iterator[Found]:
    for key, place in places.items():
        if text := getattr(holder, key):
            yield path + key, place, text
