"""Frames on disk: keys, batches, and the error for a missing one."""

from __future__ import annotations

import polars as pl
import pytest

from mids_assets.errors import StaleBuild
from mids_assets.transform import inputs
from mids_assets.transform.inputs import RECORD, Frames
from mids_assets.transform.names import Names
from mids_assets_tests.unit.transform.transform_support import write_frames


def test_a_missing_frame_names_what_to_do(tmp_path):
    with pytest.raises(StaleBuild, match="materialize frames/power of this build first"):
        Frames(tmp_path).scan("power")
    with pytest.raises(StaleBuild, match="frames/reference/origin"):
        Frames(tmp_path).reference("origin")


@pytest.mark.parametrize("group", [None, 1, 3, 7])
def test_batches_cover_every_record_once(tmp_path, monkeypatch, group):
    monkeypatch.setattr(inputs, "BATCH_ROWS", 5)
    names = [f"A.B.P{n}" for n in range(23)]
    frames = write_frames(tmp_path, power=[{"full_name": name} for name in names], row_group_size=group)
    batches = list(frames.batches("power", ["full_name"]))
    assert len(batches) > 1 and max(batch.height for batch in batches) <= 10
    whole = pl.concat(batches)
    assert whole["full_name"].to_list() == names
    assert whole["natural_key"].to_list() == [name.lower() for name in names]
    assert whole[RECORD].to_list() == list(range(23))


@pytest.mark.parametrize("group", [None, 1, 3, 12])
def test_some_fields_of_a_list_are_those_of_the_whole_list(tmp_path, monkeypatch, group):
    monkeypatch.setattr(inputs, "BATCH_ROWS", 5)
    conditions = [{"key": "Active:A.B.P1", "value": "True"}, {"key": "x", "value": "y"}]
    effects = [{"scale": n / 7, "to_who": n, "conditionals": conditions[: n % 3]} for n in range(9)]
    powers = [{"full_name": f"A.B.P{n}", "effects": effects[: n % 10]} for n in range(23)]
    frames = write_frames(tmp_path, power=powers, row_group_size=group)
    whole = pl.concat(frames.batches("power", ["effects"]))
    fields = ("to_who", "scale", "conditionals")
    some = pl.concat(frames.batches("power", ["full_name", *(f"effects.{field}" for field in fields)]))
    assert some["full_name"].to_list() == [power["full_name"] for power in powers]
    for field in fields:
        of_whole, of_some = (
            frame.get_column("effects").list.eval(pl.element().struct.field(field)) for frame in (whole, some)
        )
        assert of_whole.dtype == of_some.dtype and of_whole.to_list() == of_some.to_list()
    assert set(some.get_column("effects").explode().struct.fields) == set(fields)


def test_no_records_is_one_batch_without_rows(tmp_path):
    (batch,) = write_frames(tmp_path).batches("power")
    assert batch.height == 0 and {"natural_key", RECORD, "effects"} <= set(batch.columns)
    (batch,) = Frames(tmp_path).batches("power", ["full_name", "effects.scale"])
    assert batch.height == 0 and batch.columns == ["full_name", "effects", "natural_key", RECORD]


def test_keys_of_every_kind(tmp_path):
    frames = write_frames(
        tmp_path,
        reference={"enhancement_class": [{"id": 5, "name": "x"}]},
        enhancement=[{"uid": "E"}, {"uid": "F"}, {"uid": "e"}, {"uid": "E"}],
        power=[{"full_name": "A.B.C", "effects": [{}, {}]}, {"full_name": "A.B.D"}],
        recipe=[{"internal_name": "R", "entries": [{"level": 9}, {"level": -1}]}],
    )
    assert frames.keys("enhancement_class").rows() == [(5,)]
    assert frames.keys("enhancement").to_series().to_list() == ["e", "f", "e#2", "e#3"]
    assert frames.keys("power_effect").rows() == [("a.b.c", 0), ("a.b.c", 1)]
    assert frames.keys("recipe_level").rows() == [("r", 9), ("r", -1)]


def test_names_are_looked_up_as_the_target_demands(tmp_path):
    frames = write_frames(
        tmp_path,
        reference={
            "effect_tag": [{"name": "Tag"}, {"name": "TAG"}, {"name": "Other"}],
            "attribute_modifier_table": [{"name": "Melee_Damage", "base_index": 0, "rows": []}],
        },
        powerset=[{"full_name": "Group.Set"}],
        power=[{"full_name": "Group.Set.Power"}],
        enhancement=[{"uid": "E"}, {"uid": "E"}],
    )
    names = Names(frames)

    def found(target, *raw):
        return names.resolve(target, pl.Series(raw, dtype=pl.String)).to_list()

    assert found("effect_tag", "TAG", "Tag", "tAg", "OTHER", "", None) == ["TAG", "Tag", "Tag", "Other", None, None]
    assert found("powerset", "group.SET", "Group.Set.Anything.More", "Group", "") == ["group.set"] * 2 + [None] * 2
    assert found("power", "GROUP.set.power", "Group.Set", "nowhere") == ["group.set.power", None, None]
    assert found("attribute_modifier_table", "melee_damage") == ["Melee_Damage"]
    assert found("enhancement", "e") == ["e"]
    assert found("recipe", "none", None) == [None, None]


def test_a_field_without_any_value_is_known_without_reading(tmp_path):
    powers = [
        {"full_name": "A.B.C", "effects": [{"conditionals": []}, {}]},
        {"full_name": "A.B.D", "sub_powers": ["x"]},
    ]
    frames = write_frames(tmp_path, power=powers)
    told = ("effects", "effects.scale", "effects.conditionals", "effects.conditionals.key")
    assert {path for path in told if frames.holds("power", path)} == {"effects", "effects.scale"}
    assert frames.holds("power", "sub_powers") and not frames.holds("power", "boosts_allowed")
    assert not frames.holds("salvage", "internal_name")
    silent = tmp_path / "silent"
    silent.mkdir()
    pl.read_parquet(tmp_path / "power.parquet").write_parquet(silent / "power.parquet", statistics=False)
    assert Frames(silent).holds("power", "boosts_allowed")
