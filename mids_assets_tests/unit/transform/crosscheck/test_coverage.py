"""Keys on one side only, and which are likely one thing under two names."""

from __future__ import annotations

from mids_assets.transform.crosscheck import coverage
from mids_assets_tests.unit.transform.crosscheck.crosscheck_support import EMBER, FLAME, check, lines, power, rows

_SPARK = "Mage_Ranged.Fire_Song.Spark"


def test_keys_of_one_side_are_grouped_by_their_set(tmp_path):
    result = check(
        tmp_path,
        rows(power(FLAME), power("Bard_Ranged.Ode.Old", power_type="Toggle", recharge_time=1.0)),
        rows(power(FLAME), power(EMBER), power(_SPARK), power("Bard_Ranged.Ode.Bright")),
    )
    assert lines(result) == [
        ("Bard_Ranged.Ode.Old", "", "Bard_Ranged.Ode.Old", None, "only_ours"),
        (EMBER, "", None, EMBER, "only_theirs"),
        (_SPARK, "", None, _SPARK, "only_theirs"),
        ("Bard_Ranged.Ode.Bright", "", None, "Bard_Ranged.Ode.Bright", "only_theirs"),
    ]
    assert result.groups.select("entity", "ours", "theirs", "count").rows() == [
        ("power", "Bard_Ranged.Ode", None, 1),
        ("power", None, "Mage_Ranged.Fire_Song", 2),
        ("power", None, "Bard_Ranged.Ode", 1),
    ]
    files = dict(result.discrepancies.select("key", "file").rows())
    assert files["Bard_Ranged.Ode.Old"] is None
    assert files[EMBER] == "powers/mage_ranged/fire_song/ember.json"


def test_categories_that_the_export_leaves_out_are_counted(tmp_path):
    ours = rows(power(FLAME), power("Boosts.A.A"), power("Set_Bonus.A.B"))
    result = check(tmp_path, ours, rows(power(FLAME)))
    assert lines(result) == []
    assert result.coverage.is_empty()
    assert result.left_out.filter(entity="power")["count"].to_list() == [2]


def test_a_likely_rename_is_one_line_with_its_score(tmp_path):
    result = check(tmp_path, rows(power("Mage_Ranged.Fire_Song.Flme", display_name="Flame")), rows(power(FLAME)))
    assert lines(result) == [("Mage_Ranged.Fire_Song.Flme", "", "Mage_Ranged.Fire_Song.Flme", FLAME, "renamed")]
    assert result.discrepancies["file"].to_list() == ["powers/mage_ranged/fire_song/flame.json"]
    assert result.coverage.select("key", "side", "likely", "score").rows() == [
        ("Mage_Ranged.Fire_Song.Flme", "ours", FLAME, 1.0),
        (FLAME, "theirs", "Mage_Ranged.Fire_Song.Flme", 1.0),
    ]


def test_a_rename_is_looked_for_in_the_same_set_and_needs_like_numbers(tmp_path):
    moved = power("Bard_Ranged.Ode.Flame")
    other = power("Mage_Ranged.Fire_Song.Flames", power_type="Toggle", recharge_time=1.0, cast_time=9.0,
                  endurance_cost=0.1, range=7.0, radius=1.0, max_targets=1)  # fmt: skip
    result = check(
        tmp_path, rows(moved, power(EMBER)), rows(other, power(EMBER), power("Bard_Ranged.Ode.X", range=1.0))
    )
    assert "renamed" not in {line[-1] for line in lines(result)}


def test_each_key_is_renamed_once_and_to_the_most_alike(tmp_path):
    ours = rows(power("Mage_Ranged.Fire_Song.Flam"), power("Mage_Ranged.Fire_Song.Flame1"))
    theirs = rows(power(FLAME), power("Mage_Ranged.Fire_Song.Flam2"))
    pairs = [line[2:4] for line in lines(check(tmp_path, ours, theirs)) if line[-1] == "renamed"]
    assert pairs == [("Mage_Ranged.Fire_Song.Flam", "Mage_Ranged.Fire_Song.Flam2"),
                     ("Mage_Ranged.Fire_Song.Flame1", FLAME)]  # fmt: skip


def test_a_renamed_set_is_known_by_its_powers_and_they_are_looked_for_in_it(tmp_path):
    def songs(name: str, *powers: str) -> dict:
        made = [power(f"Mage_Ranged.{name}.{one}", recharge_time=5.0 + place) for place, one in enumerate(powers)]
        return rows(*made, powerset=[{"full_name": f"Mage_Ranged.{name}", "display_name": name}])

    result = check(tmp_path, songs("Fire_Song", "Flame", "Ember"), songs("Fire_Songs", "Flame", "Ember", "Blaze"))
    said = [(line[0], line[3], line[4]) for line in lines(result)]
    assert said == [
        ("Mage_Ranged.Fire_Songs.Blaze", "Mage_Ranged.Fire_Songs.Blaze", "only_theirs"),
        ("Mage_Ranged.Fire_Song.Ember", "Mage_Ranged.Fire_Songs.Ember", "renamed"),
        ("Mage_Ranged.Fire_Song.Flame", "Mage_Ranged.Fire_Songs.Flame", "renamed"),
        ("Mage_Ranged.Fire_Song", "Mage_Ranged.Fire_Songs", "renamed"),
    ]
    renamed = result.groups.filter(suspicion="renamed").select("entity", "ours", "theirs", "count").rows()
    assert renamed == [
        ("power", "Mage_Ranged.Fire_Song", "Mage_Ranged.Fire_Songs", 2),
        ("powerset", "Mage_Ranged.Fire_Song", "Mage_Ranged.Fire_Songs", 1),
    ]
    assert result.coverage.filter(entity="powerset")["score"].to_list() == [0.807, 0.807]


def test_sets_with_other_members_are_others(tmp_path):
    ours = rows(power(), powerset=[{"full_name": "Mage_Ranged.Fire_Song", "display_name": "Song"}])
    theirs = rows(power("Mage_Ranged.Ice_Song.Frost"), powerset=[{"full_name": "Mage_Ranged.Ice_Song",
                                                                   "display_name": "Song"}])  # fmt: skip
    assert {line[-1] for line in lines(check(tmp_path, ours, theirs))} == {"only_ours", "only_theirs"}


def test_a_set_with_too_many_keys_is_not_searched(tmp_path, monkeypatch):
    ours, theirs = rows(power("Mage_Ranged.Fire_Song.Flme")), rows(power(FLAME))
    assert "renamed" in {line[-1] for line in lines(check(tmp_path / "one", ours, theirs))}
    monkeypatch.setattr(coverage, "PAIRS", 0)
    assert "renamed" not in {line[-1] for line in lines(check(tmp_path / "none", ours, theirs))}


def test_a_piece_is_known_by_its_name_in_its_set(tmp_path):
    def piece(uid: str) -> list[dict]:
        return [{"uid": uid, "occurrence": 1, "name": "Damage", "set_uid": "Glow"}]

    result = check(tmp_path, {"enhancement": piece("Crafted_Gleam_A")}, {"enhancement": piece("Crafted_Glow_A")})
    assert lines(result) == [("Crafted_Gleam_A", "", "Crafted_Gleam_A", "Crafted_Glow_A", "renamed")]


def test_classes_that_nobody_plays_are_not_looked_for(tmp_path):
    pet = {"name": "Class_Pet", "playable": False, "display_name": "Pet"}
    result = check(tmp_path, {"archetype": [pet]}, {"archetype": [pet | {"name": "Class_Other"}]})
    assert lines(result) == []
    assert result.left_out.filter(entity="archetype")["count"].to_list() == [1]
