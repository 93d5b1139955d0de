"""`mids trace`: from a value in PostgreSQL to the record of the source file that it came from, as a person does it."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mids_assets_tests.conftest import World
from mids_assets_tests.faults import sample_with_export
from mids_assets_tests.real import PROJECT

POWER = 7
"""Place of the power that is wrong in the source."""


def records(source: Path, entry: str) -> list[dict[str, Any]]:
    with zipfile.ZipFile(source / "Mids.zip") as archive:
        return json.loads(archive.read(entry))


@pytest.fixture(scope="module")
def source(world: World, tmp_path_factory) -> Path:
    """A published release of several chunks; a correction puts the recharge of one of its powers right."""
    folder = sample_with_export(tmp_path_factory.mktemp("trace") / "source", lambda entries: None)
    corrections = world.settings.corrections_dir / "homecoming"
    corrections.mkdir(parents=True)
    name = records(folder, "Powers.json")[POWER]["FullName"]
    (corrections / "powers.yaml").write_text(
        f"- {{entity: power, key: {name}, field: recharge_time, to: 12.5, reason: Seen in the game.}}\n", "utf-8"
    )
    world.mids("import", str(folder), MIDS_CHUNK_BYTES="100000")
    return folder


def trace(world: World, *args: str) -> dict[str, Any]:
    return world.mids_json("trace", *args)


def test_a_wrong_value_leads_to_its_record(world, source):
    record = records(source, "Powers.json")[POWER]
    found = trace(world, "power", record["FullName"].upper(), "-c", "recharge_time", "-c", "power_type")
    assert found["record"] == record and found["row"]["full_name"] == record["FullName"]
    place = found["source"]
    assert (place["file"], place["shape"], place["position"]) == ("Mids.zip/Powers.json", "mids_zip", POWER)
    with Path(place["raw_file"]).open("rb") as file:
        file.seek(place["byte_offset"])
        assert json.loads(file.read(place["bytes"])) == record
    assert Path(place["folder"], "Mids.zip").read_bytes() == (source / "Mids.zip").read_bytes()

    recharge, kind = found["columns"]
    assert (recharge["value"], recharge["unit"]) == (12.5, "seconds")
    assert recharge["sources"] == [
        {
            "asset": "power",
            "field": "recharge_time",
            "frame": 12.5,
            "key": "RechargeTime",
            "raw": record["RechargeTime"],
        }
    ]
    assert kind["sources"][0]["raw"] == record["PowerType"] == found["row"]["power_type_code"]
    (correction,) = found["corrections"]
    assert correction["state"] == "applied" and correction["reason"] == "Seen in the game."
    assert trace(world, "power", str(found["row"]["id"]), "-c", "name")["record"] == record


def test_every_power_is_found_at_its_place(world, source):
    """Whichever chunk it is in: the first, one in the middle, the last."""
    names = [record["FullName"] for record in records(source, "Powers.json")]
    for place in {0, 150, len(names) - 1}:
        found = trace(world, "power", names[place], "-c", "full_name")
        assert (found["source"]["position"], found["record"]["FullName"]) == (place, names[place])


def test_an_effect_leads_to_its_item_in_the_list_of_its_power(world, source):
    every = records(source, "Powers.json")
    position, record = next((n, one) for n, one in enumerate(every) if len(one["Effects"]) > 2)
    found = trace(world, "power_effect", record["FullName"], "2", "-c", "magnitude", "-c", "power_id")
    magnitude, power = found["columns"]
    assert magnitude["sources"][0]["key"] == "Effects[2].nMagnitude"
    assert magnitude["value"] == magnitude["sources"][0]["raw"] == record["Effects"][2]["nMagnitude"]
    assert found["source"]["position"] == position and power["sources"][0]["raw"] == record["FullName"]
    told = world.mids("trace", "power_effect", record["FullName"], code=2).stderr
    assert "several rows of homecoming.power_effect begin with" in told and "add position (such as 0; 1; 2" in told


def test_rows_of_other_files_lead_to_their_records(world, source):
    ((recipe, name, level),) = world.query(
        "select l.recipe_id, r.internal_name, l.level from homecoming.recipe_level l"
        " join homecoming.recipe r on r.id = l.recipe_id order by 1 desc, 3 desc limit 1"
    )
    found = trace(world, "recipe_level", str(recipe), str(level), "-c", "buy_cost")
    assert found["source"]["file"] == "Recipe.mhd" and found["record"]["internal_name"] == name
    costs = [entry["buy_cost"] for entry in found["record"]["entries"]]
    assert found["columns"][0]["sources"][0]["raw"] == costs and found["columns"][0]["value"] in costs

    ((table, level, column, value),) = world.query(
        'select "table", level, "column", value from homecoming.attribute_modifier order by 1, 2, 3 limit 1'
    )
    found = trace(world, "attribute_modifier", table, str(level), str(column), "-c", "value")
    assert found["source"]["file"] == "AttribMod.json" and found["record"]["rows"][level][column] == value


def test_a_person_reads_it(world, source):
    name = records(source, "Powers.json")[POWER]["FullName"]
    told = world.mids("trace", "power", name, "--column", "recharge_time").stdout
    assert "recharge_time = 12.5 seconds\n    from power recharge_time: the source has RechargeTime = " in told
    assert ", validated it is 12.5" in told and "Reason: Seen in the game." in told
    assert f"record       number {POWER} (the first is 0) in " in told
    whole = world.mids("trace", "power", name).stdout
    assert '"RechargeTime": ' in whole and "follows the value of a column back" in whole


def test_what_is_not_there_is_said(world, source):
    name = records(source, "Powers.json")[POWER]["FullName"]
    last = name.rpartition(".")[2]
    assert f"there is {name.lower()}" in world.mids("trace", "power", last, code=2).stderr
    assert "no key of power looks like it" in world.mids("trace", "power", "Of.No.Game", code=2).stderr
    assert "has no row 9" in world.mids("trace", "power", "9" * 30, code=2).stderr
    assert "there is no table 'powers'" in world.mids("trace", "powers", name, code=2).stderr
    assert "power has no column 'recharge'" in world.mids("trace", "power", name, "-c", "recharge", code=2).stderr
    assert "no more parts than id" in world.mids("trace", "power", name, "3", code=2).stderr


def test_nothing_is_published_yet(world, source):
    told = world.mids("trace", "power", "1", "--realm", "rebirth", code=2, MIDS_REALMS="homecoming,rebirth").stderr
    assert told == "mids: realm rebirth: nothing is published yet\n"


def test_it_does_not_import_dagster():
    code = "import sys, mids_assets.cli, mids_assets.commands.tracing; sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT).returncode == 0
