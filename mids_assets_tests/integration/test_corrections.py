"""From a broken record to a corrected one: import, look at the quarantine, correct, try again, look at PostgreSQL."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from mids_assets_tests.conftest import World
from mids_assets_tests.faults import records_text, sample_with_export
from mids_assets_tests.integration.test_faults_records import FREE

CHUNK_BYTES = "100000"
(TEXT, TEXT_NAME), (NAMELESS, NAME), (GOOD, GOOD_NAME), (LEFT, LEFT_NAME) = FREE[:4]
FIXES = f"""
- entity: power
  key: {TEXT_NAME}
  field: level
  from: "7"
  to: 7
  reason: A number, as in every other record.
- {{entity: power, position: {NAMELESS}, field: full_name, from: "", to: {NAME}, reason: Lost its name.}}
- {{entity: power, key: {GOOD_NAME}, field: recharge_time, to: 1.1, reason: Seen in the game.}}
- {{entity: power, key: {LEFT_NAME}, drop: true, reason: Was never in the game.}}
"""


def damage(entries: dict[str, bytes]) -> None:
    powers = json.loads(entries["Powers.json"])
    changed = {
        TEXT: json.dumps(powers[TEXT] | {"Level": "7"}),
        NAMELESS: json.dumps(powers[NAMELESS] | {"FullName": ""}),
    }
    entries["Powers.json"] = records_text(powers, changed)


@pytest.fixture(scope="module")
def imported(world: World, tmp_path_factory) -> dict[str, Any]:
    source = sample_with_export(tmp_path_factory.mktemp("corrections") / "source", damage)
    return world.mids_json("import", str(source), MIDS_CHUNK_BYTES=CHUNK_BYTES) | {"source": source}


def correct(world: World, text: str) -> Path:
    folder = world.settings.corrections_dir / "homecoming"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "powers.yaml").write_text(text, "utf-8")
    return folder / "powers.yaml"


def open_powers(world: World) -> list[dict[str, Any]]:
    return world.mids_json("quarantine", "list", "--entity", "power")  # type: ignore[return-value]


def test_the_quarantine_is_listed_shown_and_exported(world, imported, tmp_path):
    found = open_powers(world)
    assert [(one["source_position"], one["rule"], one["field"]) for one in found] == [
        (TEXT, "type", "level"),
        (NAMELESS, "required", "full_name"),
    ]
    assert {one["entity"] for one in world.mids_json("quarantine", "list")} == {"archetype", "power", "recipe"}
    assert len(world.mids_json("quarantine", "list", "--rule", "type", "--limit", "1")) == 1
    assert "7" in world.mids("quarantine", "list").stdout
    shown = world.mids("quarantine", "show", str(found[0]["id"])).stdout
    assert '"Level": "7"' in shown and TEXT_NAME in shown
    entry = yaml.safe_load(world.mids_json("quarantine", "show", str(found[0]["id"]))["correction"])[0]
    assert entry["key"] == TEXT_NAME and entry["from"] == "7" and entry["position"] == TEXT
    assert "mids quarantine list" in world.mids("quarantine", "show", "999999", code=2).stderr
    for ending in ("jsonl", "csv", "parquet"):
        world.mids("quarantine", "export", str(tmp_path / f"q.{ending}"), "--entity", "power")
    lines = [json.loads(line) for line in (tmp_path / "q.jsonl").read_text().splitlines()]
    assert lines == found and lines[0]["record"]["FullName"] == TEXT_NAME
    with (tmp_path / "q.csv").open(newline="") as file:
        assert [row["rule"] for row in csv.DictReader(file)] == ["type", "required"]
    assert pl.read_parquet(tmp_path / "q.parquet")["source_position"].to_list() == [TEXT, NAMELESS]
    assert world.mids("quarantine", "export", "-", "--entity", "power").stdout == (tmp_path / "q.jsonl").read_text()
    world.mids("quarantine", "export", str(tmp_path / "q.txt"), code=2)


def test_without_a_change_there_is_nothing_to_try_again(world, imported):
    again = world.mids_json("quarantine", "retry", MIDS_CHUNK_BYTES=CHUNK_BYTES)
    assert again["action"] == "nothing_to_do" and again["resolved"] == 0


def test_corrections_resolve_entries_and_reach_postgresql(world, imported):
    ids = {one["source_position"]: one["id"] for one in open_powers(world)}
    correct(world, FIXES)
    done = world.mids_json("quarantine", "retry", MIDS_CHUNK_BYTES=CHUNK_BYTES)
    assert done["action"] == "published" and done["build"] != imported["build"]
    assert (done["resolved"], done["realms"]["homecoming"]["quarantined"]["power"]) == (2, 0)
    assert {one["state"] for one in done["corrections"]} == {"applied"}
    assert {one["position"]: one["resolved"] for one in done["corrections"]} == {
        TEXT: True, NAMELESS: True, GOOD: False, LEFT: False
    }  # fmt: skip
    assert done["changed"]["power"]["inserted"] == 2 and done["changed"]["power"]["deleted"] == 1
    rows = world.query(
        "select full_name, level_available, recharge_time, source_position from homecoming.power"
        " where source_position = any(%s) order by source_position",
        [TEXT, NAMELESS, GOOD, LEFT],
    )
    assert [(row[0], row[3]) for row in rows] == sorted(
        [(TEXT_NAME, TEXT), (NAME, NAMELESS), (GOOD_NAME, GOOD)], key=lambda row: row[1]
    )
    assert {row[0]: row[1] for row in rows}[TEXT_NAME] == 7 and {row[0]: row[2] for row in rows}[GOOD_NAME] == 1.1
    resolved = world.query(
        "select id, resolved_at is not null, resolved_by, resolution from mids.quarantine where entity = 'power'"
        " order by source_position"
    )
    assert {row[0] for row in resolved} == set(ids.values())
    assert {row[1:3] for row in resolved} == {(True, done["build"])}
    assert any("A number, as in every other record." in row[3] for row in resolved)
    assert world.query("select action from mids.import_log order by id desc limit 1") == [("rebuild",)]
    assert open_powers(world) == []
    assert len(world.mids_json("quarantine", "list", "--all", "--entity", "power")) == 2


def test_the_frames_say_what_was_corrected_and_chunks_stay_as_they_were(world, imported):
    events = world.dagster_query(
        "select event from event_logs where dagster_event_type = 'ASSET_MATERIALIZATION'"
        " and asset_key like '%frames%power%' order by id"
    )
    assert "corrections_applied" not in events[0][0] and "corrections_applied" in events[-1][0]
    assert "Seen in the game." in events[-1][0]
    (build,) = {row[0] for row in world.query("select build from mids.release where state = 'published'")}
    (release,) = world.settings.releases_dir.glob(f"homecoming/*/corrections-{build}.json")
    chunks = sorted((release.parent / "chunks" / build).glob("*-*.parquet"))
    chunks = [path for path in chunks if not path.name.endswith(".quarantine.parquet")]
    frames = sorted((release.parent / "frames" / build / "power").iterdir())
    assert len(chunks) == len(frames) > 1
    own = [frame for chunk, frame in zip(chunks, frames, strict=True) if not frame.samefile(chunk)]
    assert 0 < len(own) < len(frames)
    assert GOOD_NAME in pl.read_parquet(chunks)["full_name"].to_list()
    assert LEFT_NAME in pl.read_parquet(chunks)["full_name"].to_list()
    assert LEFT_NAME not in pl.read_parquet(frames)["full_name"].to_list()


def test_a_comment_is_no_new_build_and_a_fault_in_the_file_is_told(world, imported):
    correct(world, f"# looked at again\n{FIXES}")
    assert world.mids_json("import", str(imported["source"]), MIDS_CHUNK_BYTES=CHUNK_BYTES)["action"] == "nothing_to_do"
    file = correct(world, FIXES.replace("recharge_time", "recharge_tme"))
    told = world.mids("import", str(imported["source"]), code=2, MIDS_CHUNK_BYTES=CHUNK_BYTES).stderr
    assert str(file) in told and "entry 3" in told and "recharge_time" in told


def test_what_no_longer_applies_is_a_warning(world, imported):
    correct(world, FIXES.replace('from: "7"', 'from: "8"').replace("to: 1.1", "from: 3.0, to: 1.1"))
    done = world.mids_json("import", str(imported["source"]), MIDS_CHUNK_BYTES=CHUNK_BYTES)
    told = [text for text in done["warnings"] if text.startswith("Correction")]
    assert len(told) == 2 and all("no longer applies" in text for text in told)
    assert [one["source_position"] for one in open_powers(world)] == [TEXT]


def test_without_the_corrections_all_is_as_it_was(world, imported):
    correct(world, "# none\n")
    done = world.mids_json("quarantine", "retry", MIDS_CHUNK_BYTES=CHUNK_BYTES)
    assert done["build"] == imported["build"] and done["corrections"] == []
    assert [one["source_position"] for one in open_powers(world)] == [TEXT, NAMELESS]
    assert world.query("select count(*) from mids.quarantine where entity = 'power'") == [(2,)]


def damage_many(entries: dict[str, bytes]) -> None:
    powers = json.loads(entries["Powers.json"])
    changed = {place: json.dumps(powers[place] | {"Level": "7"}) for place, _ in FREE[:22]}
    entries["Powers.json"] = records_text(powers, changed)


def test_too_many_broken_records_block_until_they_are_worked_off(world, imported, tmp_path):
    source = sample_with_export(tmp_path / "source", damage_many)
    before = world.query("select id, resolved_at from mids.quarantine order by id")
    told = world.mids("import", str(source), code=4, MIDS_CHUNK_BYTES=CHUNK_BYTES).stderr
    assert "22 of 300 records are in quarantine" in told
    ((release,),) = world.query("select release from mids.release where state = 'blocked'")
    found = world.mids_json("quarantine", "list", "--release", release, "--rule", "type")
    assert [one["source_position"] for one in found] == [place for place, _ in FREE[:22]]
    assert world.query("select id, resolved_at from mids.quarantine order by id limit %s", len(before)) == before
    template = world.mids_json("quarantine", "show", str(found[0]["id"]))["correction"]
    known = template.replace("to:  ", "to: 7").replace("reason:  ", "reason: A number. ")
    correct(world, known + "".join(f"- {{entity: power, key: {n}, drop: true, reason: x}}\n" for _, n in FREE[1:4]))
    done = world.mids_json("quarantine", "retry", "--release", release, MIDS_CHUNK_BYTES=CHUNK_BYTES)
    assert (done["action"], done["resolved"]) == ("published", 4)
    assert done["realms"]["homecoming"]["release"] == release
    assert done["realms"]["homecoming"]["quarantined"]["power"] == 18
