"""Thirty broken records in one import: each is in the quarantine with its place, the others are published."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from mids_assets_tests.conftest import World
from mids_assets_tests.faults import records_text, rewrite, sample_with_export
from mids_assets_tests.real import SAMPLE

Change = Callable[[dict[str, Any]], "str | bytes"]


def put(**change: Any) -> Change:
    return lambda record: json.dumps(record | change)


def literal(key: str, text: str) -> Change:
    """The record with `text` as the value of `key`, whatever it is."""
    return lambda record: json.dumps(record | {key: "@@"}).replace('"@@"', text)


def without(key: str) -> Change:
    return lambda record: json.dumps({k: v for k, v in record.items() if k != key})


def in_effect(text: str) -> Change:
    def change(record: dict[str, Any]) -> str:
        return json.dumps(record | {"Effects": [{"Scale": 1.0}, {"Scale": "@@"}]}).replace('"@@"', text)

    return change


def cp1252(record: dict[str, Any]) -> bytes:
    return json.dumps(record | {"DisplayName": "caf?"}).encode().replace(b"caf?", "café".encode("cp1252"))


POWERS: dict[str, tuple[Change, str, str]] = {
    "NaN": (literal("RechargeTime", "NaN"), "syntax", ""),
    "Infinity": (literal("RechargeTime", "-Infinity"), "syntax", ""),
    "NaN as text": (put(RechargeTime="NaN"), "type", "recharge_time"),
    "1e999": (literal("RechargeTime", "1e999"), "range", "recharge_time"),
    "beyond f32": (literal("RechargeTime", "1e39"), "range", "recharge_time"),
    "beyond f32 in an effect": (in_effect("-1e39"), "range", "effects[1].scale"),
    "past int32": (put(Level=2**31), "range", "level"),
    "past int64": (put(Level=2**63), "range", "level"),
    "past int64, negative": (put(Level=-(2**63) - 1), "range", "level"),
    "decimal comma": (literal("RechargeTime", "1,5"), "syntax", ""),
    "decimal comma as text": (put(RechargeTime="1,5"), "type", "recharge_time"),
    "number for text": (put(DisplayName=5), "type", "display_name"),
    "text for number": (put(Level="1"), "type", "level"),
    "key twice": (lambda record: json.dumps(record).replace("{", '{"Level": 3, ', 1), "duplicate", "level"),
    "required key missing": (without("FullName"), "required", "full_name"),
    "required text empty": (put(FullName=""), "required", "full_name"),
    "lone surrogate": (literal("DisplayName", r'"\ud800x"'), "text", "display_name"),
    "NUL in a name": (literal("FullName", r'"A.B.C\u0000D"'), "nul", "full_name"),
    "cp1252": (cp1252, "encoding", ""),
    "too long": (put(FullName="A.B." + "x" * 5_000), "too_long", "full_name"),
    "cut": (lambda record: json.dumps(record)[:-40], "syntax", ""),
    "list for object": (put(Requires=[]), "type", "requires"),
    "nested too deeply": (literal("DisplayName", "[" * 5_000 + "]" * 5_000), "syntax", ""),
}
"""Name of a fault -> what is done to a power, and rule and field of its entry."""

GOOD: dict[str, tuple[Change, str, Any]] = {
    "FLT_MAX": (literal("RechargeTime", "3.4028235e38"), "recharge_time", 3.4028235e38),
    "too small for f32": (literal("RechargeTime", "1e-50"), "recharge_time", 0.0),
    "odd and good letters": (put(DisplayName="İı ß 𝄞 \u200b"), "display_name", "İı ß 𝄞 \u200b"),
    "key with another case": (put(level=7), "extra", {"level": 7}),
    "unknown keys": (
        put(Novelty={"a": [1, None]}, Effects=[{"Deep": {"x": "y"}}]),
        "extra",
        {"Novelty": {"a": [1, None]}, "effects[0].Deep": {"x": "y"}},
    ),
}
"""Name of an oddity -> what is done to a power, and a column with its value in PostgreSQL."""


def _free_powers() -> list[tuple[int, str]]:
    """(position, full name) of every second power that no enhancement and no set needs."""
    with zipfile.ZipFile(SAMPLE / "Mids.zip") as archive:
        names = [power["FullName"] for power in json.loads(archive.read("Powers.json"))]
    return [(at, name) for at, name in enumerate(names) if not name.startswith(("Boosts.", "Set_Bonus."))][::2]


FREE = _free_powers()
PLACES = dict(zip([*POWERS, *GOOD], FREE, strict=False))
ITEMS = {
    ("enhancement", 59): ("type", "effects[0].multiplier"),  # NaN, which JSON does not have.
    ("enhancement", 58): ("nul", "uid"),
    ("enhancement_set", 7): ("too_long", "uid"),
    ("recipe", 40): ("required", "internal_name"),
    ("salvage", 3): ("below_minimum", "level_min"),
}


def damage(entries: dict[str, bytes]) -> None:
    powers = json.loads(entries["Powers.json"])
    exchanged = {}
    for name, (change, *_) in {**POWERS, **GOOD}.items():
        position, _ = PLACES[name]
        exchanged[position] = change(powers[position])
    # A byte order mark in front is no fault.
    entries["Powers.json"] = b"\xef\xbb\xbf" + records_text(powers, exchanged)


def damage_enhancements(value: dict[str, Any]) -> None:
    value["enhancements"][59]["effects"][0]["multiplier"] = float("nan")
    value["enhancements"][58]["uid"] += "\0"
    value["sets"][7]["uid"] = "x" * 5_000


@pytest.fixture(scope="module")
def imported(world: World, tmp_path_factory) -> dict[str, Any]:
    source = sample_with_export(tmp_path_factory.mktemp("faults") / "source", damage)
    rewrite(source / "EnhDB.mhd", "enhdb", damage_enhancements)
    rewrite(source / "Recipe.mhd", "recipe", lambda value: value["recipes"][40].update(internal_name=""))
    rewrite(source / "Salvage.mhd", "salvage", lambda value: value["items"][3].update(level_min=-2))
    # So many broken records among so few would block the release.
    return world.mids_json("import", str(source), MIDS_QUARANTINE_SHARE="0.5")


@pytest.fixture(scope="module")
def entries(world: World, imported) -> dict[tuple[str, int], tuple]:
    """(entity, position) -> the entry of a record that was not expected to be refused."""
    rows = world.query(
        "select entity, source_position, source_file, byte_offset, rule, field, message, record from mids.quarantine"
        " where not expected"
    )
    assert len(rows) == len(POWERS) + len(ITEMS)
    return {(entity, position): tuple(rest) for entity, position, *rest in rows}


@pytest.mark.parametrize("name", POWERS)
def test_a_broken_power_is_an_entry_with_its_place(world, entries, name):
    _, rule, field = POWERS[name]
    position, full_name = PLACES[name]
    file, offset, found_rule, found_field, message, record = entries["power", position]
    assert (file, found_rule, found_field) == ("Mids.zip/Powers.json", rule, field)
    assert offset >= 0
    assert message
    assert str(1000 + position) in record  # Its StaticIndex: the record is kept, whatever became of its name.
    assert world.query("select count(*) from homecoming.power where full_name = %s", full_name) == [(0,)]


@pytest.mark.parametrize(("entity", "position"), ITEMS)
def test_a_broken_record_of_a_binary_file_is_an_entry_with_its_place(entries, entity, position):
    file, _, rule, field, _, record = entries[entity, position]
    assert (rule, field) == ITEMS[entity, position]
    assert file in ("EnhDB.mhd", "Recipe.mhd", "Salvage.mhd")
    assert record.startswith("{")


def test_a_number_that_json_cannot_hold_is_shown_in_its_record(entries):
    *_, message, record = entries["enhancement", 59]
    assert "NaN" in message and '"multiplier":"NaN"' in record


@pytest.mark.parametrize("name", GOOD)
def test_an_odd_power_is_published(world, imported, name):
    _, column, value = GOOD[name]
    assert world.query(f"select {column} from homecoming.power where full_name = %s", PLACES[name][1]) == [(value,)]


def test_unknown_keys_are_reported_by_path(imported):
    told = [text for text in imported["warnings"] if "unknown key" in text]
    for path in ("Novelty", "effects[].Deep", "level"):
        assert sum(f" {path} " in text for text in told) == 1
    assert len(told) == 3


def test_nothing_else_is_lost(world, imported):
    facts = imported["realms"]["homecoming"]
    assert facts["tables"]["power"] == 300 - len(POWERS)
    assert facts["quarantined"]["power"] == len(POWERS)
    assert facts["quarantined"]["salvage"] == 1
    assert facts["quarantined"]["archetype"] == 1  # The sample's own second record of a class.
    assert world.query("select count(*) from homecoming.power") == [(300 - len(POWERS),)]
