"""The bench of a DataExporter folder: its stages do the work, its files are what they say, its goals can be missed."""

import json
import re
from dataclasses import replace

import pytest

from mids_assets.readers.json_scan import plan_chunks
from mids_assets_tests.bench import releases
from mids_assets_tests.bench.exporter_stages import OF_FILE, STAGES, Inputs
from mids_assets_tests.bench.figures import AT_MOST, ORM, YARDSTICK, Figure, goal_table, goals_missed, stage_table
from mids_assets_tests.bench.watching import watch
from mids_assets_tests.bench.working import measure
from mids_assets_tests.real import ROWS_2022, needs_real

POWERS = 1_000


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return releases.exporter(POWERS, tmp_path_factory.mktemp("kept"))


def test_every_stage_goes_through_all_powers(source, tmp_path):
    inputs = Inputs(source, source / releases.POWERS, tmp_path)
    done = {name: measure(stage, inputs) for name, stage in STAGES.items()}
    assert {one.work.records for one in done.values()} == {POWERS}
    assert {one.work.bytes for one in done.values()} == {inputs.powers.stat().st_size}
    assert all(one.seconds > 0 and one.peak_mib > 1 for one in done.values())
    parses = {name for name, one in done.items() if one.work.worker_mib}
    assert parses == {"parse, 1 worker", "parse, 2 workers"}
    made = {path.stem for path in inputs.paths.tables.glob("*.parquet")}
    assert {"power", "power_effect", "archetype_powerset"} <= made


def test_a_file_alone_goes_through_plan_and_parse(source, tmp_path):
    powers = source / releases.POWERS
    for name in OF_FILE:
        assert measure(STAGES[name], Inputs(powers, powers, tmp_path)).work.records == POWERS


def test_files_are_made_once_and_another_generator_makes_others(source, monkeypatch):
    before = (source / releases.POWERS).stat().st_ino
    assert releases.exporter(POWERS, source.parent) == source
    assert (source / releases.POWERS).stat().st_ino == before
    monkeypatch.setattr(releases, "_version", lambda: "other")
    assert releases.exporter(POWERS, source.parent) != source


def test_the_changed_release_differs_in_whole_powersets_and_in_one_power_of_a_hundred(source):
    old, new = (json.loads((folder / releases.POWERS).read_text()) for folder in (source, releases.changed(source)))
    assert len(old) == len(new) == POWERS
    changed = [number for number, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
    assert POWERS // 100 <= len(changed) <= POWERS // 20
    assert changed[-1] - changed[0] > POWERS // 2, "they are spread over the file"
    sets = {old[number]["PowersetName"] for number in changed}
    assert len(changed) == sum(power["PowersetName"] in sets for power in old)
    for number in changed:
        unlike = {key for key in {*old[number], *new[number]} if old[number].get(key) != new[number].get(key)}
        assert unlike <= {"RechargeTime", "Effects"}


def test_the_head_is_the_beginning_of_the_file(source, tmp_path):
    releases.head(source, 30, tmp_path / "head.json")
    everything = json.loads((source / releases.POWERS).read_text())
    assert json.loads((tmp_path / "head.json").read_text()) == everything[:30]


@needs_real
def test_the_real_powers_over_again_have_other_powersets(tmp_path):
    files = [releases.real_powers(times, tmp_path) for times in (1, 2)]
    once, twice = ([name.lower() for name in re.findall(rb'"FullName": "(.*?)"', file.read_bytes())] for file in files)
    assert len(once) == ROWS_2022["power"]
    assert len(twice) == 2 * len(once)
    assert len(set(twice)) == 2 * len(set(once))
    sets = [{name.rpartition(b".")[0] for name in names} for names in (once, twice)]
    assert len(sets[1]) == 2 * len(sets[0])
    assert sum(records for _, _, records in plan_chunks(files[1], 8 << 20)) == len(twice)


def test_memory_is_that_of_the_largest_process_and_of_all_together():
    hold = "import time; data = b'x' * {} * 2**20; time.sleep(1)"
    child = f"[sys.executable, '-c', {hold.format(60)!r}]"
    watched = watch(
        ["-c", f"import subprocess, sys; p = subprocess.Popen({child}); {hold.format(90)}; p.wait(); print(7)"]
    )
    assert watched.stdout == "7\n"
    assert 90 < watched.process_mib < 150 < watched.tree_mib < 300
    with pytest.raises(SystemExit, match="ended with 3"):
        watch(["-c", "raise SystemExit(3)"])


def test_goals_are_told_from_the_figures_and_each_can_be_missed():
    def figure(stage: str, seconds: float) -> Figure:
        return Figure(stage, seconds, seconds, 10**6, 100, process_mib=600, tree_mib=900, worker_mib=300)

    base = figure(YARDSTICK, 10)
    good = [base, *(figure(stage, 10 * limit) for stage, limit in AT_MOST.items()), figure(ORM, 15 * 45)]
    assert goals_missed(good) == []
    assert "missed" not in stage_table(good) + goal_table(good)

    slow = [replace(one, seconds=one.seconds * 1.01) if one.stage in AT_MOST else one for one in good]
    assert goals_missed(slow) == [*AT_MOST, "First import, times as fast as the ORM"]
    big = [replace(one, process_mib=701, tree_mib=1025, worker_mib=321) for one in good]
    assert len(goals_missed(big)) == 3
    assert goals_missed([replace(base, process_mib=3_000, tree_mib=3_000), *good[1:]]) == [], "a yardstick has none"
    assert stage_table(slow).count("missed") == len(AT_MOST)
    assert "missed" not in stage_table(slow, goals=False)
