"""What a person reads: patch notes and the Markdown report."""

from __future__ import annotations

import pytest

from mids_assets.transform.diff.compare import compare
from mids_assets.transform.diff.notes import REASSIGNED, notes
from mids_assets.transform.diff.report import as_json, heading, markdown
from mids_assets_tests.unit.transform.diff.diff_support import diff_of, side
from mids_assets_tests.unit.transform.diff.test_compare import BALL, effect, power, release

ORB = "Blaster_Ranged.Fire_Blast.Fire_Orb"


def test_a_line_says_what_a_player_wants_to_know(tmp_path):
    old = release(effect(0), effect(1, scale=2.0, modifier_table="Ranged_DoT"))
    new = release(effect(0), effect(1, scale=2.2, modifier_table="Ranged_DoT"), powers=[power(recharge_time=14.0)])
    assert notes(diff_of(tmp_path, old, new)) == [
        "Fire Blast / Fire Ball: recharge 16 s -> 14 s; effect 2 damage scale 2.0 -> 2.2"
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"range": 80.0}, {"range": 60.5}, "range 80 ft -> 60.5 ft"),
        ({"click_buff": False}, {"click_buff": True}, "click buff no -> yes"),
        ({"power_type": "Click", "power_type_code": 0}, {"power_type": "Toggle", "power_type_code": 2},
         "power type Click -> Toggle"),
        ({"description_long": "a" * 50}, {"description_long": "b" * 50}, "description long changed"),
        ({"max_targets": None}, {"max_targets": 5}, "max targets none -> 5"),
        ({"boosts_allowed": []}, {"boosts_allowed": ["A", "B"]}, "boosts allowed none -> A, B"),
        ({"extra": "{}"}, {"extra": '{"a":1}'}, "extra changed"),
    ],
)  # fmt: skip
def test_values_have_units_and_words(tmp_path, before, after, said):
    old, new = release(powers=[power(**before)]), release(powers=[power(**after)])
    assert notes(diff_of(tmp_path, old, new)) == [f"Fire Blast / Fire Ball: {said}"]


def test_what_came_went_and_was_renamed(tmp_path):
    nova = power("Blaster_Ranged.Fire_Blast.Nova", static_index=7, display_name="Nova")
    gone = power("Blaster_Ranged.Fire_Blast.Gone", static_index=8, display_name="Gone")
    old = release(effect(0), effect(0, gone["full_name"]), powers=[power(), gone])
    new = release(effect(0, ORB), effect(0, nova["full_name"]), powers=[power(ORB, display_name="Orb"), nova])
    assert notes(diff_of(tmp_path, old, new)) == [
        f"Fire Blast / Orb: renamed from {BALL} ({REASSIGNED}); full name {BALL} -> {ORB}; name Fire_Ball -> Fire_Orb;"
        " display name Fire Ball -> Orb",
        "Fire Blast / Nova: new",
        "Fire Blast / Gone: removed",
    ]


def test_rows_of_lists_are_counted_from_one_and_named_by_what_they_do(tmp_path):
    diff = diff_of(tmp_path, release(effect(0)), release(effect(0), effect(1, scale=3.0, damage_type="Cold")))
    assert notes(diff) == ["Fire Blast / Fire Ball: effect 2 added (Damage, Cold, scale 3.0)"]


def test_members_of_small_tables_have_their_names(tmp_path):
    types = [{"position": 3, "name": "Ranged Damage"}]
    allowed = [{"power": BALL.lower(), "set_type": 3}]
    diff = diff_of(tmp_path, release(set_type=types), release(set_type=types, power_allowed_set_type=allowed))
    assert notes(diff) == ["Fire Blast / Fire Ball: allowed set type Ranged Damage added"]


def test_powers_come_before_the_numbers_behind_the_game(tmp_path):
    def one(scale: float, name: str):
        return release(effect(0, scale=scale), set_type=[{"position": 3, "name": name}])

    first, last = notes(diff_of(tmp_path, one(1.0, "Ranged"), one(2.0, "Ranged Damage")))
    assert first == "Fire Blast / Fire Ball: effect 1 damage scale 1.0 -> 2.0" and "Ranged Damage" in last


def test_names_that_are_not_unique_are_told_apart_and_the_same_is_said_once(tmp_path):
    names = [f"Blaster_Ranged.Fire_Blast.P{number}" for number in range(5)]

    def powers(count: int, **values):
        return release(powers=[power(name, static_index=n, **values) for n, name in enumerate(names[:count])])

    two = notes(diff_of(tmp_path / "two", powers(2), powers(2, range=1.0)))
    assert two == [f"Fire Blast / Fire Ball ({name}): range none -> 1 ft" for name in names[:2]]
    (five,) = notes(diff_of(tmp_path / "five", powers(5), powers(5, range=1.0)))
    assert five.endswith(f"({names[2]}) and 2 more: range none -> 1 ft")


def test_the_report_is_bounded_and_survives_what_names_hold(tmp_path):
    many = release(*[effect(n, scale=float(n)) for n in range(50)], powers=[power(display_name="a|b\nc")])
    diff = diff_of(tmp_path, release(powers=[power(display_name="x")]), many)
    report = markdown(diff, 3)
    assert "| power_effect | 50 | 0 | 0 | 0 |" in report
    assert "and 47 more changes" in report
    assert '| "a\\|b\\nc" |' in report
    assert len(report) < 2_000


def test_headings(tmp_path):
    old = side(tmp_path / "old", release(), version="1.0", release="a" * 16, lacks=frozenset({"salvage", "power.arc"}))
    new = side(tmp_path / "new", release(), version="2.0", release="b" * 16)
    assert heading(compare(old, new)) == [
        "1.0 (release aaaaaaaa) -> 2.0 (release bbbbbbbb)",
        "Not compared, since one of the two sources does not have them: tables salvage and 1 field.",
        "Nothing changed.",
    ]
    assert heading(compare(new, new))[1].startswith("It is one release in two builds")
    assert heading(compare(None, new))[0].startswith("2.0 (release bbbbbbbb): nothing was before")
    assert as_json(compare(None, new))["old"] is None and notes(compare(None, new)) == []
