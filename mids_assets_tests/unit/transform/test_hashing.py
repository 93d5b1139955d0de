"""Hashes are fixed for ever, see every value, and do not depend on batches."""

from __future__ import annotations

import polars as pl
import pytest

from mids_assets.model.frames import own_schema
from mids_assets.model.tables import TABLES
from mids_assets.transform.hashing import ChildrenHash, row_hash

SALVAGE = {
    "internal_name": "S_Example",
    "external_name": "Example",
    "rarity": "Rare",
    "rarity_code": 2,
    "level_min": 9,
    "level_max": -1,
    "origin": None,
    "origin_code": 99,
    "extra": None,
}
SALVAGE_HASH = -1754287471425585412
THRESHOLD_HASH = -3167819631584424838


def frame(table: str, *rows: dict) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=own_schema(TABLES[table]))


def hash_of(table: str, row: dict) -> int:
    return row_hash(TABLES[table], frame(table, row)).item()


def test_the_hash_of_a_row_is_fixed():
    """A changed number here makes every row of every database look changed: only with a reason.

    The numbers were worked out apart from the code, with struct.pack and blake2b alone.
    """
    assert hash_of("salvage", SALVAGE) == SALVAGE_HASH
    assert hash_of("diversification_threshold", {"schedule": "A", "threshold": 1, "value": 0.7}) == THRESHOLD_HASH


@pytest.mark.parametrize("column", SALVAGE)
def test_every_column_counts(column):
    others = {
        "external_name": ["", "example"],
        "origin": ["Tech", ""],
        "origin_code": [None, 0, -1],
        "extra": ["{}", '{"a":1}'],
    }
    values = others.get(column, [None, "x"] if isinstance(SALVAGE[column], str) else [None, 0])
    hashes = {hash_of("salvage", SALVAGE), *(hash_of("salvage", {**SALVAGE, column: value}) for value in values)}
    assert len(hashes) == len(values) + 1


def test_columns_outside_of_the_hash_do_not_count():
    table = TABLES["power"]
    blank = dict.fromkeys(table.own)
    assert "sort_override" not in table.hashed
    assert hash_of("power", {**blank, "sort_override": True}) == hash_of("power", {**blank, "sort_override": False})
    assert hash_of("power", {**blank, "hidden_power": True}) != hash_of("power", {**blank, "hidden_power": False})


def test_lists_that_read_alike_differ():
    blank = dict.fromkeys(TABLES["power"].own)
    lists = [None, [], [""], ["", ""], ["a", "b"], ["ab"], ["b", "a"]]
    assert len({hash_of("power", {**blank, "boosts_allowed": value}) for value in lists}) == len(lists)


def test_floats_count_by_their_bits():
    key = {"schedule": "A", "threshold": 1}
    values = [None, 0.0, 0.1, 0.1 + 2**-56, 1e300]
    assert len({hash_of("diversification_threshold", {**key, "value": value}) for value in values}) == len(values)


def test_children_hash_follows_order_content_and_table_but_not_batches():
    tables = TABLES.children("recipe")
    level = TABLES["recipe_level"]

    def row(recipe: str, number: int, cost: int = 0) -> dict:
        return {**dict.fromkeys(level.own), "recipe": recipe, "level": number, "buy_cost": cost}

    rows = frame("recipe_level", row("a", 1), row("a", 2), row("c", 1))
    owners = pl.Series([0, 0, 2])

    def result(*batches: tuple[pl.DataFrame, pl.Series]) -> list[int]:
        hashes = ChildrenHash(tables, 3)
        for batch, parents in batches:
            hashes.add(level, batch, parents)
        return hashes.result().to_list()

    whole = result((rows, owners))
    assert result((rows[:2], owners[:2]), (rows[2:], owners[2:])) == whole
    none = result()
    assert whole[1] == none[0] and len({*whole}) == 3
    changed = result((frame("recipe_level", row("a", 1, 5), row("a", 2), row("c", 1)), owners))
    assert changed[0] != whole[0] and changed[1:] == whole[1:]
    swapped = result((rows[[1, 0, 2]], owners))
    assert swapped[0] != whole[0]


def test_the_hash_of_children_is_fixed():
    """Worked out apart from the code, with Python's integers."""

    def mixed(number: int) -> int:
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            number = (number ^ number >> shift) * factor % 2**64
        return number ^ number >> 31

    def salted(number: int, place: int) -> int:
        return mixed((number + (place + 1) * 0x9E3779B97F4A7C15) % 2**64)

    level, tables = TABLES["recipe_level"], TABLES.children("recipe")
    rows = [{**dict.fromkeys(level.own), "recipe": "r", "level": number} for number in (3, 4)]
    hashes = ChildrenHash(tables, 1)
    hashes.add(level, frame("recipe_level", *rows), pl.Series([0, 0]))
    names = [name for name in level.hashed if name != "recipe"]
    lines = [[row[name] if row[name] is not None else 2**63 for name in names] for row in rows]
    numbers = [mixed(sum(salted(number, place) for place, number in enumerate(line)) % 2**64) for line in lines]
    found = salted(sum(salted(number, place) for place, number in enumerate(numbers)) % 2**64, 2)
    total = sum(salted(found if table is level else 0, place) for place, table in enumerate(tables)) % 2**64
    assert hashes.result().cast(pl.Int64).to_list() == [(mixed(total) + 2**63) % 2**64 - 2**63]


def test_no_rows_no_hashes():
    assert row_hash(TABLES["power"], frame("power")).to_list() == []
    hashes = ChildrenHash(TABLES.children("power"), 0)
    hashes.add(TABLES["power_effect"], frame("power_effect"), pl.Series([], dtype=pl.Int64))
    assert hashes.result().dtype == pl.Int64 and hashes.result().is_empty()
