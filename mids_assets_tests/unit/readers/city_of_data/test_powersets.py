"""The index file of a powerset to the powerset record, with what classes and categories say of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mids_assets.readers.city_of_data import powersets
from mids_assets.readers.city_of_data.categories import Role, class_categories, role_of
from mids_assets.readers.city_of_data.contexts import PowersetContexts, archetype_contexts
from mids_assets.readers.json_exact import RecordFault
from mids_assets.readers.json_model import RECORDS
from mids_assets.readers.json_structure import BOM
from mids_assets_tests.city import archetype, encoded, indexes, power

FIELDS = [field.name for field in RECORDS["powerset"][0]["powerset"].fields]
FILES = {
    **archetype("dancer", "Dancer", "Dancer_MELEE", "Dancer_Buff", {}),
    **archetype("minion_pets", "Pet", "Pool", "Dancer_Buff", {}),
    **power("Dancer_Melee.Sword_Dance.Cut"),
}
FILES["archetypes/minion_pets.json"]["default_rank"] = "VR_PET"
ENTRY = "powers/dancer_melee/sword_dance/index.json"


def entries(folder: str, files: dict[str, Any] = FILES) -> list[tuple[str, bytes]]:
    return [(name, encoded(content)) for name, content in files.items() if name.startswith(folder)]


def read(content: dict[str, Any], **context: Any) -> tuple[dict[str, Any], Any]:
    around = {"category": "Dancer_Melee", "set_type": 1, "archetype_class": "Class_Dancer"} | context
    row = powersets.row(encoded(content), encoded(around))
    return dict(zip(FIELDS, row.values, strict=True)), row


def test_the_full_name_is_made_of_category_and_name() -> None:
    found, row = read(indexes(FILES)[ENTRY])
    assert {name: value for name, value in found.items() if value is not None} == {
        "display_name": "Sword Dance",
        "set_type": 1,
        "image_name": "sword_dance_set.png",
        "full_name": "Dancer_Melee.Sword_Dance",
        "set_name": "Sword_Dance",
        "description": "About Sword Dance.",
        "archetype_class": "Class_Dancer",
    }
    assert (row.extra, row.unknown) == ({"display_short_help": "Sword Dance"}, [])


def test_what_forbids_a_set_is_kept() -> None:
    assert read(indexes(FILES)[ENTRY] | {"requires": "0"})[1].extra["requires"] == "0"


def test_an_unknown_category_is_counted_and_its_sets_have_no_type() -> None:
    found, row = read(indexes(FILES)[ENTRY], category="Story_Arcs", set_type=None, archetype_class="")
    assert (found["set_type"], found["full_name"]) == (None, "Story_Arcs.Sword_Dance")
    assert row.unknown == [("category", "Story_Arcs")]


@pytest.mark.parametrize(
    ("change", "path", "rule"),
    [({"name": ""}, "name", "missing"), ({"display_name": 7}, "display_name", "type")],
)
def test_a_fault_names_its_key(change: dict[str, Any], path: str, rule: str) -> None:
    with pytest.raises(RecordFault) as refused:
        read(indexes(FILES)[ENTRY] | change)
    assert (refused.value.path, refused.value.rule) == (path, rule)


def test_classes_of_players_tell_whose_a_category_is() -> None:
    damaged = [("archetypes/x.json", b"{"), ("archetypes/y.json", b"[]")]
    found = class_categories(content for _, content in [*damaged, *entries("archetypes/")])
    assert found == {"dancer_melee": Role(1, "Class_Dancer"), "dancer_buff": Role(2, "Class_Dancer")}


@pytest.mark.parametrize(
    ("category", "set_type"),
    [
        ("Pool", 5),
        ("EPIC", 3),
        ("Inherent", 4),
        ("Incarnate", 11),
        ("Incarnate_I20", 11),
        ("Set_Bonus", 9),
        ("Boosts", 10),
        ("Mastermind_Pets", 8),
        ("Story_Arcs", None),
    ],
)
def test_other_categories_are_known_by_their_name(category: str, set_type: int | None) -> None:
    assert role_of(category, {}) == Role(set_type)


def test_the_category_is_written_as_its_file_says() -> None:
    files = indexes(FILES)
    found = PowersetContexts(
        entries("archetypes/"), [("powers/dancer_melee/index.json", encoded(files["powers/dancer_melee/index.json"]))]
    )
    assert msgspec.structs.asdict(found.of(ENTRY)) == {
        "category": "Dancer_Melee",
        "set_type": 1,
        "archetype_class": "Class_Dancer",
    }


@pytest.mark.parametrize("content", [b"{", b'{"name": "Another"}', b'{"name": 5}'])
def test_a_category_that_does_not_say_its_name_is_called_as_its_folder(content: bytes) -> None:
    found = PowersetContexts([], [("powers/dancer_melee/index.json", content)])
    assert found.of(ENTRY).category == "dancer_melee"


def test_classes_are_numbered_in_their_order() -> None:
    names = ["archetypes/b.json", "archetypes/a.json"]
    assert {name: one.column for name, one in archetype_contexts(names).items()} == {names[0]: 0, names[1]: 1}


def test_a_byte_order_mark_hides_no_class_and_no_category() -> None:
    classes = [(name, BOM + content) for name, content in entries("archetypes/")]
    category = BOM + encoded({"name": "Dancer_Melee"})
    found = PowersetContexts(classes, [("powers/dancer_melee/index.json", category)])
    assert found.of(ENTRY) == powersets.PowersetContext("Dancer_Melee", 1, "Class_Dancer")
