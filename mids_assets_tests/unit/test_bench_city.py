"""What is measured does the work: each stage goes through the whole of a made-up export."""

from mids_assets.readers.city_of_data.export import Export
from mids_assets_tests import city
from mids_assets_tests.bench.city_stages import JSON_LOAD, PACK, READ, STAGES, Inputs
from mids_assets_tests.bench.working import measure
from mids_assets_tests.city_world import city as world


def test_every_stage_goes_through_the_whole_export(tmp_path):
    files = world()
    folder = city.write(tmp_path / "export", files)
    inputs = Inputs(folder, tmp_path / "CityOfData.zip", tmp_path, tmp_path)
    on_disk = len(list(folder.rglob("*.json")))
    done = {name: measure(STAGES[name], inputs).work for name in (JSON_LOAD, PACK, READ)}
    assert done[JSON_LOAD].records == done[PACK].records == on_disk
    with Export(inputs.packed) as export:
        kinds = (export.powers(), export.powersets(), export.archetypes(), export.boost_sets())
        entities = sum(1 for kind in kinds for _ in kind)
        pieces = sum(len(content["boost_lists"]) for name, content in files.items() if name.startswith("boost_sets/"))
    assert done[READ].records == entities + pieces > 0
    assert done[JSON_LOAD].bytes == sum(path.stat().st_size for path in folder.rglob("*.json"))
