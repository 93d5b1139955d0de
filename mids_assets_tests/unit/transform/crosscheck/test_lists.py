"""Lists below powers and sets, sets and their pieces, modifier tables: what shows, and what does not."""

from __future__ import annotations

import pytest

from mids_assets_tests.unit.transform.crosscheck.crosscheck_support import FLAME, MAGE, check, lines, power, rows

_POWER = FLAME.lower()


def _one(folder, table: str, ours: list[dict], theirs: list[dict], **powers) -> list[tuple]:
    """(ours, theirs, suspicion) of the list below one power."""
    result = check(folder, rows(power(**powers), **{table: ours}), rows(power(), **{table: theirs}))
    assert {line[:2] for line in lines(result)} <= {(FLAME, table)}
    return [line[2:] for line in lines(result)]


def _alternative(*names: str, negated: bool = False, number: int = 0) -> list[dict]:
    return [
        {"power": _POWER, "negated": negated, "alternative": number, "position": place, "required_name": name,
         "kind": "power"}
        for place, name in enumerate(names)
    ]  # fmt: skip


def test_prerequisites_are_alternatives_in_any_order(tmp_path):
    ours = _alternative("A.B.C", "A.B.D") + _alternative("A.B.E", number=1)
    theirs = _alternative("a.b.e") + _alternative("a.b.d", "a.b.c", number=1)
    assert _one(tmp_path / "same", "power_prerequisite", ours, theirs) == []
    others = _alternative("a.b.c") + _alternative("a.b.d", number=1) + _alternative("A.B.E", number=2)
    assert _one(tmp_path / "split", "power_prerequisite", ours, others) == [
        ("a.b.c and a.b.d, a.b.e", "a.b.c, a.b.d, a.b.e", "member")
    ]
    excluding = _alternative("!A.B.C", negated=True)
    assert _one(tmp_path / "not", "power_prerequisite", excluding, _alternative("A.B.C")) == [
        ("!A.B.C", "a.b.c", "member")
    ]


def test_a_condition_without_a_form_in_the_planner_is_none(tmp_path):
    condition = {"power_name": FLAME, "place": "requires", "kind": "counting", "text": "ownPowerNum?(Epic) > 0"}
    rule = {"power": _POWER, "archetype": "class_mage", "excluded": False}
    ours = rows(power(), power_prerequisite=_alternative("A.B.C"), power_archetype_rule=[rule])
    for number, (kind, shown) in enumerate([("counting", 0), ("nobody", 0), ("prerequisite", 2)]):
        theirs = rows(power(), power_expression=[condition | {"kind": kind}])
        assert len(lines(check(tmp_path / str(number), ours, theirs))) == shown


def test_requirements_that_the_planner_keeps(tmp_path):
    kept = {"never_auto_update_requirements": True}
    rule = {"power": _POWER, "archetype": "class_mage", "excluded": False}
    assert _one(tmp_path / "names", "power_prerequisite", _alternative("A.B.C"), [], **kept) == []
    assert _one(tmp_path / "classes", "power_archetype_rule", [rule], [], **kept) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (["Ammo_Group", "Own_Group"], ["ammo_group"], []),
        (["Own_Group"], ["Ammo_Group"], [("Own_Group", "Ammo_Group", "member")]),
    ],
)
def test_groups_that_the_planner_adds(tmp_path, ours, theirs, expected):
    def groups(names):
        return [{"power": _POWER, "position": n, "group_membership": name} for n, name in enumerate(names)]

    assert _one(tmp_path, "power_group", groups(ours), groups(theirs)) == expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ([17, 2], [2, 17], []),
        ([48, 2], [2, 17], []),
        ([17, 48, 20, 49], [17, 20], []),
        ([17], [18], [("Flight", "Jump", "member")]),
        ([900], [17], [("900", "Flight", "member")]),
    ],
)
def test_types_of_sets(tmp_path, ours, theirs, expected):
    def types(numbers):
        return [{"power": _POWER, "set_type": number} for number in numbers]

    assert _one(tmp_path, "power_allowed_set_type", types(ours), types(theirs)) == expected


def test_class_rules_and_ignored_aspects(tmp_path):
    rule = {"power": _POWER, "archetype": "class_mage", "excluded": False}
    assert _one(tmp_path / "rule", "power_archetype_rule", [rule], [rule | {"excluded": True}]) == [
        ("class_mage", "!class_mage", "member")
    ]
    aspect = {"power": _POWER, "kind": "enhancement", "position": 0, "aspect": "Range"}
    assert _one(tmp_path / "aspect", "power_ignored_aspect", [aspect], [aspect | {"kind": "buff"}]) == [
        ("enhancement: Range", "buff: Range", "member")
    ]


def _set(uid: str = "Glow", **values) -> dict:
    return {"uid": uid, "display_name": uid, "set_type": 2, "level_min": 9, "level_max": 49} | values


def _piece(uid: str = "Crafted_Glow_A", **values) -> dict:
    row = {"uid": uid, "occurrence": 1, "name": "Damage", "set_uid": "Glow", "enhancement_set": "glow"}
    return row | {"level_min": 9, "level_max": 49, "unique": False, "superior": False, "is_proc": False} | values


def _sets(sets: list[dict], pieces: list[dict], *bonuses: tuple) -> dict:
    found = [
        {"enhancement_set": "glow", "kind": kind, "row": row, "position": 0, "power_name": name, "pv_mode": mode,
         "slotted": slotted}
        for kind, row, slotted, mode, name in bonuses
    ]  # fmt: skip
    return {"enhancement_set": sets, "enhancement": pieces, "enhancement_set_bonus": found}


_RANGE = ("set", 0, 2, "Any", "Set_Bonus.Set_Bonus.Increased_Range_1")


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (_sets([_set()], []), _sets([_set("GLOW", display_name="Glow")], []), []),
        (_sets([_set()], []), _sets([_set(level_min=0, level_max=0)], []), []),
        (_sets([_set()], []), _sets([_set(level_min=0)], []), [("Glow", "level_min", "9", "0", "single")]),
        (_sets([_set()], []), _sets([_set(set_type=3)], []), [("Glow", "set_type", "RangedST", "RangedAoE", "member")]),
        (_sets([_set(set_type=48)], []), _sets([_set(set_type=17)], []), []),
        (_sets([], [_piece()]), _sets([], [_piece("crafted_glow_a")]), []),
        (
            _sets([], [_piece(set_uid="Attuned_Cupids_Crush")]),
            _sets([], [_piece(set_uid="Cupids_Crush")]),
            [],
        ),
        (
            _sets([], [_piece()]),
            _sets([], [_piece(set_uid="Gleam")]),
            [("Crafted_Glow_A", "set_uid", "Glow", "Gleam", "member")],
        ),
        (
            _sets([_set()], [_piece(), _piece("Crafted_Glow_B")]),
            _sets([_set()], [_piece()]),
            [
                ("Glow", "enhancement", "Crafted_Glow_A, Crafted_Glow_B", "Crafted_Glow_A", "member"),
                ("Crafted_Glow_B", "", "Crafted_Glow_B", None, "only_ours"),
            ],
        ),
        (_sets([], [_piece(level_max=52)]), _sets([], [_piece()]), []),
        (_sets([], [_piece()]), _sets([], [_piece(level_min=0)]), []),
        (
            _sets([], [_piece()]),
            _sets([], [_piece(level_min=4)]),
            [("Crafted_Glow_A", "level_min", "9", "4", "single")],
        ),
        (
            _sets([], [_piece()]),
            _sets([], [_piece(is_proc=True)]),
            [("Crafted_Glow_A", "is_proc", "no", "yes", "member")],
        ),
        (
            _sets([_set()], [], _RANGE),
            _sets([_set()], [], ("set", 0, 2, "Any", "set_bonus.set_bonus.increased_range_3")),
            [],
        ),
        (
            _sets([_set()], [], _RANGE),
            _sets([_set()], [], ("set", 0, 2, "PvP", "set_bonus.set_bonus.increased_range_3")),
            [("Glow", "enhancement_set_bonus", "2 pieces: increased_range_1", "2 pieces PvP: increased_range_3",
              "member")],
        ),
        (
            _sets([_set()], [], ("special", 5, None, None, "Set_Bonus.Set_Bonus.Halo")),
            _sets([_set()], [], ("special", 4, None, None, "Set_Bonus.Set_Bonus.Halo")),
            [("Glow", "enhancement_set_bonus", "piece 6: halo", "piece 5: halo", "member")],
        ),
    ],
)  # fmt: skip
def test_sets_and_their_pieces(tmp_path, ours, theirs, expected):
    assert lines(check(tmp_path, ours, theirs)) == expected


def test_one_set_is_known_under_two_names(tmp_path):
    ours = _sets([_set("Attuned_Cupids_Crush", level_max=29)], [])
    theirs = _sets([_set("Cupids_Crush", display_name="Attuned_Cupids_Crush")], [])
    result = check(tmp_path, ours, theirs)
    assert lines(result) == [("Attuned_Cupids_Crush", "level_max", "29", "49", "single")]
    assert result.discrepancies["file"].to_list() == ["boost_sets/cupids_crush.json"]


def _cells(*values: float, column: int = 3, table: str = "melee_heal", last: int = 50) -> list[dict]:
    return [
        {"table": table, "level": last - len(values) + n, "column": column, "value": value}
        for n, value in enumerate(values)
    ]


def test_modifier_tables_cell_by_cell(tmp_path):
    mage = MAGE | {"modifier_column": 7}
    ours = {"archetype": [MAGE | {"modifier_column": 3}], "attribute_modifier": _cells(1.0, 2.0, 3.0, 0.0033)}
    theirs = {"archetype": [mage], "attribute_modifier": _cells(1.5, 2.5, 30.0, 0.00334, column=7)}
    result = check(tmp_path, ours, theirs)
    assert lines(result) == [
        ("melee_heal@Class_Mage", "value[level 49]", "3", "30", "factor"),
        ("melee_heal@Class_Mage", "value[level 47]", "1", "1.5", "single"),
        ("melee_heal@Class_Mage", "value[level 48]", "2", "2.5", "single"),
    ]
    counted = result.figures.filter(entity="attribute_modifier").drop("entity", "field").row(0)
    assert counted == (4, 0, 1, 0, 3)


def test_levels_that_no_character_has_are_not_compared(tmp_path):
    ours = {"archetype": [MAGE], "attribute_modifier": _cells(1.0, column=0, last=51)}
    theirs = {"archetype": [MAGE], "attribute_modifier": _cells(9.0, column=0, last=51)}
    assert lines(check(tmp_path, ours, theirs)) == []


def test_a_table_that_changed_is_one_line(tmp_path):
    ours = {"archetype": [MAGE], "attribute_modifier": _cells(1.0, 2.0, 3.0, column=0)}
    theirs = {"archetype": [MAGE], "attribute_modifier": _cells(1.5, 2.2, 3.3, column=0)}
    assert check(tmp_path, ours, theirs).groups.select("suspicion", "field", "ours", "theirs", "count").rows() == [
        ("shared", "melee_heal", "3 (level 50, Class_Mage)", "3.3 (level 50, Class_Mage)", 3)
    ]
