"""What is measured does the work: every stage goes through the whole sample, and the yardsticks through the same."""

from mids_assets.readers.i12 import write_raw_json
from mids_assets_tests.bench import stages
from mids_assets_tests.bench.stages import STAGES, Inputs
from mids_assets_tests.bench.working import measure
from mids_assets_tests.real import SAMPLE


def test_every_stage_goes_through_the_same_records(tmp_path, monkeypatch):
    written = write_raw_json(SAMPLE / "I12.mhd", tmp_path / "raw")
    inputs = Inputs(SAMPLE / "I12.mhd", tmp_path / "raw" / "i12.json", tmp_path)
    done = {name: measure(stage, inputs) for name, stage in STAGES.items()}
    powers, everything = written["i12.json"].records, sum(file.records for file in written.values())
    assert {name: one.work.records for name, one in done.items()} == {
        "json.load": powers,
        "field by field": everything,
        "layout and header": 1,
        "binary to records": everything,
        "binary to raw JSON": everything,
        "binary to frames": everything,
        "chunk plan": powers,
    }
    sizes = {inputs.i12.stat().st_size, inputs.i12_json.stat().st_size}
    assert {one.work.of_bytes for one in done.values()} == sizes
    assert all(one.peak_mib > 1 for one in done.values())

    # A yardstick stops when it has done its part, and says what part that was.
    monkeypatch.setattr(stages, "PART", 50_000)
    for name in ("json.load", "field by field"):
        part = measure(STAGES[name], inputs).work
        assert 0 < part.records < done[name].work.records
        assert 50_000 < part.bytes < part.of_bytes
