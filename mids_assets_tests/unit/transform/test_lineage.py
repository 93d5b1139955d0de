"""Where columns come from is true: a field that changes moves those columns that name it, and no others."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import pytest

from mids_assets.model.frames import CHILDREN_HASH, ROW_HASH, frame_schema
from mids_assets.model.table import NATURAL_KEY
from mids_assets.model.tables import ASSETS, TABLES
from mids_assets.readers.json_model import RECORDS
from mids_assets.readers.layout import Record
from mids_assets.readers.record_fields import record_fields, value_at
from mids_assets.readers.shapes import SHAPES
from mids_assets.transform.corrections.entry import key_field
from mids_assets.transform.lineage import Field, frame_fields, origins, raw_fields, raw_origins
from mids_assets_tests.unit.transform.transform_support import record_frame, tables_of, write_frames

ENTITIES = ASSETS[1:]
REFERENCE = {
    "enhancement_class": [{"id": number, "name": "n", "class_id": "Some"} for number in (1, 2)],
    "set_type": [{"name": "First"}, {"name": "Second"}, {"name": "Third"}],
    "special_enhancement_type": [{"name": "One"}, {"name": "Two"}, {"name": "Three"}],
}
PLAIN: dict[str, Any] = {"string": "word", "bool": True, "f32": 0.5, "f64": 0.5}


def record(records: Mapping[str, Record], name: str) -> dict[str, Any]:
    """A record with a value in every field, and one item in every list."""
    found: dict[str, Any] = {}
    for item in records[name]:
        inner = record(records, item.record) if item.record else None
        plain = PLAIN.get(str(item.item or item.wire), 1)
        found[item.name] = ([inner or plain] if item.wire == "array" else inner) or plain
    return found


def changed(value: Any, path: str) -> Any:
    """The record with another value in the field."""
    first, _, rest = path.partition(".")
    name, many = first.removesuffix("[]"), first.endswith("[]")
    found = copy.deepcopy(value)
    if rest:
        found[name] = [changed(item, rest) for item in found[name]] if many else changed(found[name], rest)
        return found
    old = found[name]
    found[name] = [other(item) for item in old] if isinstance(old, list) else other(old)
    return found


def other(value: Any) -> Any:
    return not value if isinstance(value, bool) else f"{value}s" if isinstance(value, str) else value + 1


def leaves(entity: str) -> Iterator[str]:
    return (path for path, field in record_fields(entity).items() if field.type not in ("record", "record[]"))


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_field_moves_the_columns_that_name_it_and_no_others(entity, tmp_path):
    """One record a field, each alone in its powerset: first all are alike, then each has another value in its field."""
    records, root = RECORDS[entity]
    whole, key = record(records, root), key_field(entity)
    paths = [path for path in leaves(entity) if path != key]
    alike = [whole | {key: f"Word{number}.Word"} for number in range(len(paths))]
    given: dict[str, Any] = {"archetype": [{"class_name": "word"}]}
    if entity == "power":
        alike = [one | {key: f"{one[key]}.Word"} for one in alike]
        given["powerset"] = [{"full_name": f"Word{number}.Word"} for number in range(len(paths))]
    differing = [changed(one, path) for one, path in zip(alike, paths, strict=True)]
    before, after = (
        tables_of(entity, write_frames(tmp_path, REFERENCE, **{**given, entity: found})) for found in (alike, differing)
    )
    for name, frame in before.items():
        table = TABLES[name]
        parent = NATURAL_KEY if table.kind == "entity" else str(table.parent)
        sources = {column: origins(table, column) for column in frame.columns}
        olds, news = (tables[name].partition_by(parent, as_dict=True) for tables in (before, after))
        for one, path in zip(alike, paths, strict=True):
            row = (one[key].lower(),)
            moved = differing_columns(olds.get(row, frame.clear()), news.get(row, frame.clear())) - {parent}
            for column in moved - {ROW_HASH, CHILDREN_HASH}:
                assert any(covers(field, entity, path) for field in sources[column]), (path, name, column)
            # What is stored as it is has to move.
            stored = {c.name for c in table.columns if c.source and sources[c.name] == (Field(entity, path),)}
            assert stored <= moved, (path, name)


def differing_columns(old: pl.DataFrame, new: pl.DataFrame) -> set[str]:
    if old.height != new.height:
        return set(old.columns)
    return {name for name in old.columns if old[name].to_list() != new[name].to_list()}


def covers(field: Field, entity: str, path: str) -> bool:
    return field.asset == entity and (path == field.path or path.startswith((f"{field.path}[]", f"{field.path}.")))


def test_every_column_leads_to_fields_that_are_there():
    for table in TABLES:
        for name in frame_schema(table, TABLES):
            found = origins(table, name)
            assert found or name in (ROW_HASH, CHILDREN_HASH), (table.name, name)
            for field in found:
                assert field.path in frame_fields(field.asset), (table.name, name, field)
                for raw in raw_origins(field.asset, field.path):
                    assert raw.path in raw_fields(raw.asset), raw


@pytest.mark.parametrize("entity", ENTITIES)
def test_fields_are_those_of_the_frame(entity):
    frame = record_frame(entity, [{}])
    top = [path for path in frame_fields(entity) if "." not in path and "[" not in path]
    assert top == frame.columns


def test_each_shape_says_where_it_holds_a_field():
    fields = record_fields("power")
    assert fields["effects[].scale"].keys["mids_zip"] == ("Effects[].Scale",)
    assert fields["requires.powers[].power_b"].keys["mids_zip"] == ("Requires.PowerID[][1]",)
    assert "stacks" not in fields["level"].keys and set(fields["level"].keys) <= SHAPES.keys()
    assert fields["effects[].duration_expression"].keys["mids_zip"] == (
        "Effects[].Expressions.Duration",
        "Effects[].MagnitudeExpression",
    )


def test_a_place_is_looked_up_with_and_without_numbers():
    value = {"Effects": [{"Scale": 1.0}, {"Scale": 2.0}], "Requires": {"PowerID": [["a", "b"], ["c", "d"]]}}
    assert value_at(value, "Effects[].Scale", [1]) == 2.0
    assert value_at(value, "Effects[].Scale") == [1.0, 2.0]
    assert value_at(value, "Effects[].Scale", [7]) is None
    assert value_at(value, "Requires.PowerID[][1]", [0]) == "b"
    assert value_at(value, "Requires.PowerID[][1]") == ["b", "d"]
    assert value_at(value, "Gone[].Scale", [0]) is None
