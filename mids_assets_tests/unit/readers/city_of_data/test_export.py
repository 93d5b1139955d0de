"""A packed export: entries by kind, the game's order, what an index may do wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mids_assets.errors import FormatError, SourceError
from mids_assets.readers.city_of_data.export import FILE_NAME, Export
from mids_assets.readers.city_of_data.find import is_export
from mids_assets.readers.city_of_data.pack import pack
from mids_assets.readers.city_of_data.revision import revision_date, revision_realm
from mids_assets_tests.city import REVISION, Files, encoded, indexes, power, write
from mids_assets_tests.city_world import city
from mids_assets_tests.real import city_of_data_folder, needs_city


def export(tmp_path: Path, files: Files) -> Export:
    pack(write(tmp_path / "export", files), tmp_path / FILE_NAME)
    return Export(tmp_path / FILE_NAME)


def stems(entries) -> list[str]:
    return [name.removesuffix(".json").removeprefix("powers/").partition("/")[2] for name, _ in entries]


def test_entries_come_by_kind_and_in_the_games_order(tmp_path):
    with export(tmp_path, city()) as found:
        assert stems(found.categories()) == ["index"] * 4
        assert [name for name, _ in found.categories()] == sorted(name for name, _ in found.categories())
        assert stems(found.powersets())[:2] == ["last_hammer/index", "oil_burn/index"]
        assert stems(found.powers())[:5] == [
            *("last_hammer/tap", "last_hammer/hobnail"),
            *("oil_burn/spark", "oil_burn/flare", "oil_burn/blaze"),
        ]
        assert stems(found.archetypes()) == ["lamplighter", "cobbler", "minion_lantern"]
        assert stems(found.boost_sets()) == ["wicks_worth", "cobblers_patience"]
        assert stems(found.tags()) == ["burning", "soot_smoke"]
        assert stems(found.groups()) == ["lamp_group", "strike_group"]
        assert stems(found.of("archetypes")) == ["cobbler", "index", "lamplighter", "minion_lantern"]
        assert sum(found.counts().values()) == len(found.names())
        assert found.revision == REVISION


def test_an_entry_has_the_bytes_of_its_file(tmp_path):
    with export(tmp_path, city()) as found:
        for name in found.names():
            assert found.read(name) == (tmp_path / "export" / name).read_bytes()


def test_a_byte_order_mark_changes_nothing(tmp_path):
    made = city()
    marked = {name: b"\xef\xbb\xbf" + encoded(content) for name, content in (indexes(made) | made).items()}
    with export(tmp_path, marked) as found:
        assert is_export(tmp_path / "export")
        assert found.revision == REVISION
        assert stems(found.powers())[:3] == ["last_hammer/tap", "last_hammer/hobnail", "oil_burn/spark"]
        assert stems(found.archetypes())[0] == "lamplighter"


def test_what_no_index_lists_comes_last_in_its_set_by_name(tmp_path):
    index = {"power_names": ["lamplighter_ranged.OIL_BURN.flare", "Lamplighter_Ranged.Oil_Burn.Gone"]}
    files = city() | {"powers/lamplighter_ranged/oil_burn/index.json": index}
    with export(tmp_path, files) as found:
        burning = [name for name in stems(found.powers()) if name.startswith("oil_burn")]
        assert burning == ["oil_burn/flare", "oil_burn/blaze", "oil_burn/spark"]


@pytest.mark.parametrize("index", [b"{", b"\xff", b"[]", {"power_names": [1]}, b"[" * 100_000])
def test_a_damaged_index_costs_the_order_only(tmp_path, index):
    files = city() | {
        "powers/lamplighter_ranged/oil_burn/index.json": index,
        "powers/lamplighter_ranged/index.json": index,
        "archetypes/index.json": index,
        "boost_sets/index.json": index,
    }
    with export(tmp_path, files) as found:
        assert len(stems(found.powers())) == 9
        assert stems(found.archetypes()) == ["cobbler", "lamplighter", "minion_lantern"]
        assert stems(found.boost_sets()) == ["cobblers_patience", "wicks_worth"]
        assert found.revision is None


def test_a_part_of_an_export_is_read_as_far_as_it_goes(tmp_path):
    with export(tmp_path, power("Pool.Strolling.Saunter")) as found:
        (tmp_path / "export" / "powers" / "pool" / "index.json").unlink()
        assert stems(found.powers()) == ["strolling/saunter"]
        assert (list(found.archetypes()), list(found.boost_sets()), found.revision) == ([], [], None)


def test_a_file_that_is_no_archive_and_a_damaged_entry(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(SourceError, match=r"x\.zip: this is no usable zip archive"):
        Export(tmp_path / "x.zip")
    with export(tmp_path, city()):
        pass
    packed = tmp_path / FILE_NAME
    data = packed.read_bytes()
    packed.write_bytes(data.replace(b'"Burning"', b'"Burming"', 1))
    with Export(packed) as found, pytest.raises(FormatError, match=r"CityOfData\.zip.*damaged"):
        for name in found.names():
            found.read(name)


@pytest.mark.parametrize(
    ("revision", "realm", "day"),
    [
        ("homecoming-20250617_6916", "homecoming_cod", datetime(2025, 6, 17, tzinfo=UTC)),
        ("Rebirth-20240101", "rebirth_cod", datetime(2024, 1, 1, tzinfo=UTC)),
        ("homecoming-20250631_1", "homecoming_cod", None),
        ("../../x-20250617", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_revision_names_the_realm_and_the_day(revision, realm, day):
    assert (revision_realm(revision), revision_date(revision)) == (realm, day)


@needs_city
def test_the_real_export_comes_whole_and_in_order(tmp_path):
    packed = pack(city_of_data_folder(), tmp_path / FILE_NAME)
    with Export(tmp_path / FILE_NAME) as found:
        assert {str(kind): number for kind, number in found.counts().items()} == {
            "category": 36,
            "powerset": 597,
            "power": 5_140,
            "archetype_index": 1,
            "archetype": 20,
            "table": 20,
            "boost_set_index": 1,
            "boost_set": 227,
            "tag": 300,
            "exclusion_group": 16,
            "recharge_group": 4,
            "manifest": 5,
        }
        assert (len(packed.entries), found.revision) == (6_367, "homecoming-20250617_6916")
        names = [name for name, _ in found.powers()]
        assert len(names) == len(set(names)) == 5_140
        fitness = [Path(name).stem for name in names if name.startswith("powers/pool/fitness/")]
        assert fitness == ["quick", "hurdle", "health", "stamina"]
        # The only two that no index lists.
        odysseus = [Path(name).stem for name in names if name.startswith("powers/incarnate_i20/odysseus/")]
        assert odysseus[-2:] == ["bash", "crossbow"]
