"""A boost set's file to its records: the set, its pieces, the traits of its boosts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mids_assets.readers.city_of_data import boost_sets
from mids_assets.readers.city_of_data.boost_traits import traits
from mids_assets.readers.city_of_data.refusing import REFUSED
from mids_assets.readers.city_of_data.words import SET_TYPES
from mids_assets.readers.json_exact import RecordFault
from mids_assets.readers.json_model import RECORDS
from mids_assets_tests.city import boost_set, encoded

SET = [field.name for field in RECORDS["enhancement_set"][0]["enhancement_set"].fields]
PIECE = [field.name for field in RECORDS["enhancement"][0]["enhancement"].fields]
BONUS = {"min_boosts": 2, "max_boosts": 3, "auto_powers": [], "bonus_power": "", "requires": "", "is_pvp_bonus": False}


def made_up(group_name: str = "Ranged Damage", *, attuned_only: bool = False, **values: Any) -> dict[str, Any]:
    files = boost_set("Far_Echo", group_name, ("Accuracy/Damage", "Damage", "Range"), attuned_only=attuned_only)
    return files["boost_sets/far_echo.json"] | values


def info(content: dict[str, Any], uid: str, **values: Any) -> None:
    content["computed"]["boost_infos"][uid.lower()] |= values


def read_set(content: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    row = boost_sets.set_row(encoded(content))
    return dict(zip(SET, row.values, strict=True)), row


def read_pieces(content: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [boost_sets.piece_row(msgspec.json.encode(piece)) for piece in boost_sets.pieces(encoded(content))]
    return [dict(zip(PIECE, row.values, strict=True)) for row in rows]


def test_a_set_with_its_levels_and_bonuses() -> None:
    found, row = read_set(made_up())
    assert {name: value for name, value in found.items() if value is not None} == {
        "display_name": "Far Echo",
        "uid": "Far_Echo",
        "set_type": 2,
        "level_min": 19,
        "level_max": 49,
        "bonuses": [
            (None, None, 0, 2, [("set_bonus.set_bonus.far_echo_2", None)]),
            (None, None, 0, 3, [("set_bonus.set_bonus.far_echo_3", None)]),
        ],
        "special_bonuses": [(None, None, [])] * 3,
    }
    assert row.extra == {"conversion_groups": ["Rarity: Rare", "Category: Ranged Damage"]}
    assert row.unknown == []


def test_a_bonus_of_one_piece_is_special_to_it() -> None:
    either = "(PowerBoostsSlotted>Attuned_Far_Echo_B >= 1) || (PowerBoostsSlotted>crafted_far_echo_b >= 1)"
    found, row = read_set(
        made_up(
            bonuses=[
                BONUS | {"min_boosts": 1, "requires": either, "auto_powers": ["a.b.c"]},
                BONUS
                | {"min_boosts": 1, "requires": "PowerBoostsSlotted>Attuned_Far_Echo_B >= 1", "auto_powers": ["d"]},
                BONUS | {"requires": "isPVPMap?", "is_pvp_bonus": True, "auto_powers": ["e"]},
            ]
        )
    )
    assert found["special_bonuses"] == [
        (None, None, []),
        (None, None, [("a.b.c", None), ("d", None)]),
        (None, None, []),
    ]
    assert found["bonuses"] == [(None, None, 2, 2, [("e", None)])]
    assert set(row.extra) == {"conversion_groups"}


@pytest.mark.parametrize(
    "requires",
    [
        "PowerBoostsSlotted>Attuned_Another_B >= 1",
        "PowerBoostsSlotted>Attuned_Far_Echo_A >= 1 || PowerBoostsSlotted>Attuned_Far_Echo_B >= 1",
        "PowerBoostsSlotted>Attuned_Far_Echo_B >= 12",
        "PowerBoostsSlotted>Attuned_Far_Echo_B >= 1 && isPVPMap?",
        "char>level > 5",
    ],
)
def test_another_condition_is_kept_with_the_bonus(requires: str) -> None:
    found, row = read_set(made_up(bonuses=[BONUS | {"requires": requires, "bonus_power": "x.y.z", "max_boosts": 9}]))
    assert found["bonuses"] == [(None, None, 0, 2, [])]
    assert {key: value for key, value in row.extra.items() if key.startswith("bonuses")} == {
        "bonuses[0].requires": requires,
        "bonuses[0].bonus_power": "x.y.z",
        "bonuses[0].max_boosts": 9,
    }


@given(word=st.text(min_size=1).filter(lambda word: word not in SET_TYPES))
def test_an_unknown_category_is_kept_and_counted(word: str) -> None:
    found, row = read_set(made_up(word))
    assert found["set_type"] == 0
    assert row.extra["group_name"] == word
    assert row.unknown == [("group_name", word)]


def test_a_piece_is_one_enhancement_named_by_its_first_boost() -> None:
    content = made_up()
    info(content, "Crafted_Far_Echo_B", is_proc=True, unique_group=["crafted_far_echo_b"], superior_scales=True)
    first, second, _ = read_pieces(content)
    assert {name: value for name, value in first.items() if value is not None} == {
        "name": "Accuracy/Damage",
        "type_id": 4,
        "sub_type_id": 0,
        "class_ids": [],
        "image": "far_echo.png",
        "set_uid": "Far_Echo",
        "level_min": 19,
        "level_max": 49,
        "unique": False,
        "uid": "Crafted_Far_Echo_A",
        "superior": False,
        "is_proc": False,
    }
    assert [second[name] for name in ("uid", "is_proc", "unique", "superior")] == [
        "Crafted_Far_Echo_B",
        True,
        True,
        True,
    ]


def test_pieces_of_a_set_without_crafted_ones_have_the_levels_of_their_boosts() -> None:
    content = made_up(attuned_only=True)
    info(content, "Attuned_Far_Echo_B", only_at_50=True)
    levels = [(piece["uid"], piece["level_min"], piece["level_max"]) for piece in read_pieces(content)]
    assert levels == [
        ("Attuned_Far_Echo_A", 0, 49),
        ("Attuned_Far_Echo_B", 49, 49),
        ("Attuned_Far_Echo_C", 0, 49),
    ]


@pytest.mark.parametrize(
    ("change", "path", "rule"),
    [
        ({"name": ""}, "name", "missing"),
        ({"min_level": 0}, "min_level", "range"),
        ({"max_level": 2**31}, "max_level", "range"),
        ({"boost_lists": [["A", 5]]}, "boost_lists[0][1]", "type"),
        ({"bonuses": [BONUS | {"requires": None}]}, "bonuses[0].requires", "type"),
    ],
)
def test_a_fault_of_a_set_names_its_key(change: dict[str, Any], path: str, rule: str) -> None:
    with pytest.raises(RecordFault) as refused:
        read_set(made_up(**change))
    assert (refused.value.path, refused.value.rule) == (path, rule)


def test_a_fault_of_a_piece_names_its_key_in_the_file_of_the_set() -> None:
    content = made_up(boost_lists=[["Boosts.Crafted_Far_Echo_A.Crafted_Far_Echo_A"], ["Boosts.Lost.Lost"], []])
    info(content, "Crafted_Far_Echo_A", max_level="high")
    faults = []
    for piece in boost_sets.pieces(encoded(content)):
        with pytest.raises(RecordFault) as refused:
            boost_sets.piece_row(msgspec.json.encode(piece))
        faults.append((refused.value.path, refused.value.rule))
    assert faults == [
        ("computed.boost_infos.crafted_far_echo_a.max_level", "type"),
        ("computed.boost_infos.lost", "missing"),
        ("boost_lists[2]", "missing"),
    ]


def test_a_file_that_is_no_set_has_no_pieces() -> None:
    assert list(boost_sets.pieces(b'{"name": "X"}')) == []


def test_every_boost_has_its_traits() -> None:
    content = made_up()
    info(
        content,
        "Crafted_Far_Echo_A",
        catalyzes_to=["boosts.attuned_far_echo_a.attuned_far_echo_a", "Far Echo"],
        restricted_ats=["Wind Dancer"],
        unique_group=[],
        slot_requires="char>level == 50",
    )
    del content["computed"]["boost_infos"]["attuned_far_echo_c"]
    found = traits([("boost_sets/far_echo.json", encoded(content)), ("boost_sets/no.json", b"{")])
    assert [one.get("uid") for one in found] == [
        "Crafted_Far_Echo_A",
        "Attuned_Far_Echo_A",
        "Crafted_Far_Echo_B",
        "Attuned_Far_Echo_B",
        "Crafted_Far_Echo_C",
        None,
    ]
    assert found[0] == {
        "uid": "Crafted_Far_Echo_A",
        "piece_uid": "Crafted_Far_Echo_A",
        "display_name": "Far Echo: Accuracy/Damage",
        "attuned": False,
        "boostable": True,
        "superior": False,
        "catalyzes_to_uid": "attuned_far_echo_a",
        "max_level": 50,
        "min_slot_level": 16,
        "min_bonus_level": 1,
        "is_proc": False,
        "only_at_50": False,
        "unique_group": [],
        "slot_requires": "char>level == 50",
        "restricted_classes": ["Wind Dancer"],
        "aspects": ["Accuracy", "Damage"],
    }
    assert (found[1]["piece_uid"], found[1]["attuned"], found[1]["catalyzes_to_uid"]) == (
        "Crafted_Far_Echo_A",
        True,
        "",
    )
    assert found[5][REFUSED]["field"] == "computed.boost_infos.attuned_far_echo_c"
    assert found[5]["file"] == "boost_sets/far_echo.json"
