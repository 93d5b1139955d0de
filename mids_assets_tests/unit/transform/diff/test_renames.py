"""When a key that is gone goes on under a new one: what is evidence, and what is none."""

from __future__ import annotations

import json

import pytest

from mids_assets.transform.diff.compare import compare
from mids_assets_tests.unit.transform.diff.diff_support import diff_of, side
from mids_assets_tests.unit.transform.diff.test_compare import BALL, effect, power, release

ORB = "Blaster_Ranged.Fire_Blast.Fire_Orb"


def _renames(diff) -> list[tuple]:
    rows = diff.changes.filter(change="renamed")
    return [(row["old_key"], row["natural_key"], json.loads(row["evidence"])) for row in rows.iter_rows(named=True)]


def test_the_same_number_in_the_same_powerset(tmp_path):
    diff = diff_of(tmp_path, release(effect(0)), release(effect(0, ORB), powers=[power(ORB)]))
    evidence = {"kind": "static_index", "old_index": 100, "new_index": 100, "same_display_name": True}
    assert _renames(diff) == [(BALL, ORB, evidence)]
    # Its children are the same below the new name.
    assert set(diff.changes["table_name"]) == {"power"}
    assert diff.counts["power"] == {"renamed": 1, "changed": 1}


def test_another_shown_name_is_noted(tmp_path):
    diff = diff_of(tmp_path, release(), release(powers=[power(ORB, display_name="Nova")]))
    ((_, _, evidence),) = _renames(diff)
    assert evidence["same_display_name"] is False and evidence["display_names"] == ["Fire Ball", "Nova"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([power(static_index=-1)], [power(ORB, static_index=-1)]),
        ([power(), power("Blaster_Ranged.Fire_Blast.X")], [power(ORB)]),
        ([power()], [power(ORB), power("Blaster_Ranged.Fire_Blast.X")]),
        ([power()], [power(ORB, powerset="other.set")]),
        ([power()], [power(ORB, powerset=None)]),
        ([power()], [power(), power(ORB)]),
        ([power(), power(ORB, static_index=5)], [power(ORB)]),
        ([power()], [power(ORB, static_index=101)]),
    ],
    ids=["no number", "twice before", "twice after", "other set", "no set", "old is there", "new was there", "other"],
)
def test_what_is_no_evidence(tmp_path, old, new):
    assert _renames(diff_of(tmp_path, release(powers=old), release(powers=new))) == []


def _pair(kind: str, old: str, new: str) -> dict:
    return {"kind": kind, "archetype": "", "old": old, "new": new}


@pytest.mark.parametrize("where", ["old", "new"])
def test_the_table_of_replaced_powers_leads_from_number_to_number(tmp_path, where):
    moved = power(ORB, powerset="other.set", static_index=200)
    rows = {"old": release(), "new": release(powers=[moved])}
    rows[where]["power_replacement"] = [_pair("index", "100", "200")]
    other = "new" if where == "old" else "old"
    rows[other]["power_replacement"] = [_pair("index", "1", "2")]
    ((old, new, evidence),) = _renames(diff_of(tmp_path, rows["old"], rows["new"]))
    assert (old, new) == (BALL, ORB)
    assert (evidence["kind"], evidence["old_index"], evidence["new_index"]) == ("power_replacement", 100, 200)


def test_the_table_goes_before_a_number_that_is_the_same(tmp_path):
    other = "Blaster_Ranged.Fire_Blast.Other"
    rows = release(
        powers=[power(other), power(ORB, static_index=200)], power_replacement=[_pair("index", "100", "200")]
    )
    assert [row[:2] for row in _renames(diff_of(tmp_path, release(), rows))] == [(BALL, ORB)]


def test_names_of_another_server_are_no_evidence(tmp_path):
    rows = release(powers=[power(ORB, static_index=200)], power_replacement=[_pair("cryptic", BALL, ORB)])
    assert _renames(diff_of(tmp_path, release(), rows)) == []


def test_enhancements_within_a_set(tmp_path):
    def piece(uid: str, inside: str | None):
        row = {"uid": uid, "occurrence": 1, "static_index": 7, "name": "Accuracy", "enhancement_set": inside}
        return {"enhancement_set": [{"uid": "S", "set_type": 0}], "enhancement": [row]}

    named = diff_of(tmp_path / "a", piece("S_A", "s"), piece("S_B", "s"))
    assert [row[:2] for row in _renames(named)] == [("S_A", "S_B")]
    assert _renames(diff_of(tmp_path / "b", piece("S_A", None), piece("S_B", None))) == []


@pytest.mark.parametrize("pair", [("100", "200"), ("200", "100")], ids=["forward", "back"])
def test_back_to_an_older_release_the_table_leads_the_other_way(tmp_path, pair):
    newer = release(powers=[power(ORB, powerset="other.set", static_index=200)])
    newer["power_replacement"] = [_pair("index", *pair)]
    sides = side(tmp_path / "new", newer, date="2022-03-31"), side(tmp_path / "old", release(), date="2021-03-31")
    forward = pair == ("100", "200")
    assert [row[:2] for row in _renames(compare(*sides))] == ([(ORB, BALL)] if forward else [])
    assert [row[:2] for row in _renames(compare(*reversed(sides)))] == ([(BALL, ORB)] if forward else [])
