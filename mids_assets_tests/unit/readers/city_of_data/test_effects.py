"""The tree of effects as a list: order, what is carried down, what a template becomes."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mids_assets.model.enums import CODES, ENUMERATIONS
from mids_assets.readers.city_of_data.attributes import ASPECTS, kind_of
from mids_assets.readers.city_of_data.effects import GIVEN, count
from mids_assets.readers.city_of_data.expressions import expression_records
from mids_assets.readers.city_of_data.power_file import Params
from mids_assets.readers.city_of_data.powers import Powers
from mids_assets_tests.unit.readers.city_of_data.power_support import node, power, template

_NAMES = {name: enumeration.by_number for name, enumeration in ENUMERATIONS.items()}


def flat(*nodes: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    row = Powers(CODES).row(json.dumps(power(effects=list(nodes), **changes)).encode())
    found: Any = row.values[-1]
    return [dict(zip(GIVEN, effect, strict=True)) for effect in found]


def one(**changes: Any) -> dict[str, Any]:
    (effect,) = flat(node(templates=[template(**changes)]))
    return effect


def meant(effect: dict[str, Any]) -> tuple[str, str, str, str]:
    return (
        _NAMES["effect_type"][effect["effect_type"]],
        _NAMES["damage"][effect["damage_type"]],
        _NAMES["mez"][effect["mez_type"]],
        _NAMES["effect_type"][effect["modifies_effect_type"]],
    )


@pytest.mark.parametrize(
    ("attribute", "aspect", "expected"),
    [
        ("Fire_Dmg", "Absolute", ("Damage", "Fire", "None", "None")),
        ("Negative_Energy_Dmg", "Resistance", ("Resistance", "Negative", "None", "None")),
        ("Lethal_Dmg", "Strength", ("DamageBuff", "Lethal", "None", "None")),
        ("Area", "Current", ("Defense", "AoE", "None", "None")),
        ("Base_Defense", "Current", ("Defense", "None", "None", "None")),
        ("Base_Defense", "Resistance", ("ResEffect", "None", "None", "Defense")),
        ("Smashing", "Strength", ("Enhancement", "Smashing", "None", "Defense")),
        ("Held", "Current", ("Mez", "None", "Held", "None")),
        ("Taunt", "Absolute", ("Mez", "None", "Taunt", "None")),
        ("Sleep", "Resistance", ("MezResist", "None", "Sleep", "None")),
        ("Stunned", "Strength", ("Enhancement", "None", "Stunned", "Mez")),
        ("Heal_Dmg", "Absolute", ("Heal", "None", "None", "None")),
        ("RechargeTime", "Strength", ("Enhancement", "None", "None", "RechargeTime")),
        ("RunningSpeed", "Resistance", ("ResEffect", "None", "None", "SpeedRunning")),
        ("RunningSpeed", "Maximum", ("SpeedRunning", "None", "None", "None")),
        ("Psionic_Elusivity", "Strength", ("Elusivity", "Psionic", "None", "None")),
        ("ElusivityBase", "Strength", ("Elusivity", "None", "None", "None")),
        ("Grant_Power", "Strength", ("GrantPower", "None", "None", "None")),
        ("StealthRadius_PVP", "Current", ("StealthRadiusPlayer", "None", "None", "None")),
    ],
)
def test_an_attribute_under_an_aspect(attribute: str, aspect: str, expected: tuple[str, str, str, str]) -> None:
    effect = one(attribs=[attribute], aspect=aspect)
    assert meant(effect) == expected
    assert effect["aspect"] == ASPECTS[aspect]


def test_an_attribute_without_an_effect_type_leaves_it_open() -> None:
    assert kind_of("Evade", "Current") is None
    assert one(attribs=["Evade"])["effect_type"] is None


def test_what_one_attribute_set_does_not_stay_for_the_next() -> None:
    types = [effect["effect_type"] for effect in flat(node(templates=[template(attribs=["Fire_Dmg", "Evade"])]))]
    assert types == [CODES["effect_type"]["damage"], None]


def test_a_template_is_an_effect_for_each_attribute_and_each_name() -> None:
    params = {"type": "Power", "power_names": ["A.B.C", "A.B.D"]}
    found = flat(
        node(templates=[template(attribs=["Grant_Power"], params=params), template(attribs=["Held", "Sleep"])])
    )
    assert [effect["summon"] for effect in found] == ["A.B.C", "A.B.D", "", ""]


@pytest.mark.parametrize(
    ("params", "summon", "reward"),
    [
        ({"type": "EntCreate", "entity_def": "Pets_Thing", "redirects": []}, ["Pets_Thing"], ""),
        ({"type": "EntCreate", "entity_def": None, "redirects": ["A.B.C", "A.B.D"]}, ["A.B.C", "A.B.D"], ""),
        ({"type": "EntCreate", "entity_def": None, "redirects": []}, [""], ""),
        ({"type": "EffectFilter", "tags": ["Crit"], "power_names": []}, [""], "Crit"),
        ({"type": "Token", "tokens": ["Seen"]}, [""], "Seen"),
        ({"type": "Power", "power_names": [], "powerset_names": ["A.B"]}, [""], ""),
    ],
)
def test_what_a_template_acts_on(params: dict[str, Any], summon: list[str], reward: str) -> None:
    found = flat(node(templates=[template(attribs=["Null"], params=params)]))
    assert [effect["summon"] for effect in found] == summon
    assert {effect["reward"] for effect in found} == {reward}


def test_a_child_carries_its_parents_down() -> None:
    child = node(chance=0.5, delay=1.0, templates=[template(tick_chance=0.8, delay=0.5)])
    parent = node(chance=0.25, delay=0.1, is_pvp="PVP_ONLY", tags=["Crit", "Big"], ppm=3.0, child_effects=[child])
    (effect,) = flat(parent)
    assert effect["base_probability"] == 0.1
    assert effect["delayed_time"] == 1.6
    assert effect["pv_mode"] == 2
    assert (effect["effect_id"], effect["procs_per_minute"]) == ("Crit", 3.0)


def test_a_node_of_its_own_mode_and_tags_has_these() -> None:
    child = node(is_pvp="PVE_ONLY", tags=["Own"], templates=[template()])
    (effect,) = flat(node(tags=["Above"], child_effects=[child]))
    assert (effect["pv_mode"], effect["effect_id"]) == (1, "Own")


def test_effects_stand_in_the_order_of_the_file_depth_first() -> None:
    def scaled(scale: float) -> dict[str, Any]:
        return template(scale=scale)

    tree = (
        node(templates=[scaled(1), scaled(2)], child_effects=[node(templates=[scaled(3)])]),
        node(templates=[scaled(4)]),
    )
    last = [node(templates=[scaled(5)])]
    assert [effect["scale"] for effect in flat(*tree, activation_effects=last)] == [1, 2, 3, 4, 5]


def test_effects_of_activation_are_marked() -> None:
    value = power(effects=[node(templates=[template()])], activation_effects=[node(templates=[template()] * 2)])
    assert Powers(CODES).row(json.dumps(value).encode()).extra == {"activation_effects": [1, 2]}


@pytest.mark.parametrize(
    ("target", "affected", "to_who"),
    [
        ("Self", ["Foe (Alive)"], 2),
        ("SelfAndPets", ["Self"], 2),
        ("AnyAffected", ["Foe (Alive)"], 1),
        ("AnyAffected", ["Self", "Player Teammate (Alive)"], 3),
        ("Marker", ["Self"], None),
    ],
)
def test_whom_it_reaches(target: str, affected: list[str], to_who: int | None) -> None:
    (effect,) = flat(node(templates=[template(target=target)]), targets_affected=affected)
    assert effect["to_who"] == to_who


@pytest.mark.parametrize(
    ("duration", "period", "ticks"),
    [
        ("0 seconds", 0.0, 0),
        ("10 seconds", 0.0, 0),
        ("3.1 seconds", 1.0, 4),
        ("9.2 seconds", 2.0, 5),
        ("5 seconds", 1.0, 6),
    ],
)
def test_ticks(duration: str, period: float, ticks: int) -> None:
    assert one(duration=duration, application_period=period)["ticks"] == ticks


def test_for_ever_is_the_number_that_others_write() -> None:
    assert one(duration="UntilKilled")["duration"] == 9999.0


def test_flags() -> None:
    plain = one()
    assert (plain["buffable"], plain["resistible"], plain["near_ground"], plain["cancel_on_miss"]) == (
        True,
        True,
        False,
        False,
    )
    flags = ["IgnoreStrength (4)", "IgnoreResistance (5)", "NearGround (3)", "CancelOnMiss (2)"]
    marked = one(flags=flags)
    assert (marked["buffable"], marked["resistible"], marked["near_ground"], marked["cancel_on_miss"]) == (
        False,
        False,
        True,
        True,
    )


_templates = st.builds(
    lambda attributes, names: template(attribs=attributes, params={"type": "Power", "power_names": names}),
    st.lists(st.sampled_from(["Fire_Dmg", "Held", "Evade", "Grant_Power"]), min_size=1, max_size=4),
    st.lists(st.sampled_from(["A.B.C", "A.B.D"]), max_size=3),
)
_nodes = st.recursive(
    st.builds(lambda templates: node(templates=templates), st.lists(_templates, max_size=3)),
    lambda inner: st.builds(
        lambda templates, children: node(templates=templates, child_effects=children),
        st.lists(_templates, max_size=2),
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)


@given(st.lists(_nodes, max_size=4))
def test_no_effect_is_lost_or_made_up(nodes: list[dict[str, Any]]) -> None:
    def walk(found: list[dict[str, Any]]) -> int:
        own = sum(len(t["attribs"]) * max(1, len(t["params"]["power_names"])) for n in found for t in n["templates"])
        return own + sum(walk(n["child_effects"]) for n in found)

    assert len(flat(*nodes)) == walk(nodes)


def test_count_says_how_many_effects_a_template_is() -> None:
    value = template(attribs=["Held", "Sleep"], params={"type": "Power", "power_names": ["A.B.C", "A.B.D", "A.B.E"]})
    params = Params("Power", power_names=value["params"]["power_names"])
    assert count(value["attribs"], params) == len(flat(node(templates=[value]))) == 6


_CONDITIONS = st.sampled_from(["", "source>kMeter > 0"])
_told = st.recursive(
    st.builds(
        lambda templates, text: node(templates=templates, requires_expression=text),
        st.lists(_templates, max_size=3),
        _CONDITIONS,
    ),
    lambda inner: st.builds(
        lambda templates, text, children: node(templates=templates, requires_expression=text, child_effects=children),
        st.lists(_templates, max_size=2),
        _CONDITIONS,
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)


@given(st.lists(_told, max_size=3), st.lists(_told, max_size=2), st.integers(0, 2))
def test_an_expression_says_which_effects_it_is_about(
    nodes: list[dict[str, Any]], activation: list[dict[str, Any]], redirects: int
) -> None:
    """A table is named by the path of its node: those of the node and of what is below it are the ones in the range."""
    places: dict[str, str] = {}

    def mark(found: list[dict[str, Any]], path: str, above: str) -> None:
        for number, one in enumerate(found):
            here = f"{path}[{number}]"
            name = f"{above}/{number}"
            places[f"{here}.requires_expression"] = name
            for template_ in one["templates"]:
                template_["table"] = name
            mark(one["child_effects"], f"{here}.child_effects", name)

    nodes, activation = deepcopy(nodes), deepcopy(activation)
    mark(nodes, "effects", "e")
    mark(activation, "activation_effects", "a")
    redirect = [{"name": "A.B.C", "condition_expression": "Always", "show_in_info": True}] * redirects
    value = power(effects=nodes, activation_effects=activation, redirect=redirect)
    tables = [effect["modifier_table"] for effect in flat(*nodes, activation_effects=activation, redirect=redirect)]
    for record in expression_records(json.dumps(value).encode()):
        first, last = record["first_effect"], record["last_effect"]
        if record["place"].startswith("redirect"):
            assert (first, last) == (int(record["place"][9]) + len(tables) - redirects,) * 2
            continue
        name = places[record["place"]]
        about = [n for n, table in enumerate(tables) if table and f"{table}/".startswith(f"{name}/")]
        assert about == ([] if first is None else list(range(first, last + 1)))
