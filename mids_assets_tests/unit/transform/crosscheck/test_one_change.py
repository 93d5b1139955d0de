"""Property: of two equal sides, one value that is changed on one side gives exactly that discrepancy, and a change that
means nothing gives none."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mids_assets.model.frames import frame_schema
from mids_assets.model.tables import TABLES
from mids_assets.transform.crosscheck.check import cross_check
from mids_assets.transform.crosscheck.effect_fields import EFFECT, KIND_FIELDS
from mids_assets.transform.crosscheck.fields import ENTITIES
from mids_assets.transform.crosscheck.lists import LISTS
from mids_assets.transform.crosscheck.schema import CrossCheck
from mids_assets.transform.diff.side import Side
from mids_assets_tests.unit.transform.crosscheck.crosscheck_support import (
    COPY,
    EMBER,
    FLAME,
    MAGE,
    coded,
    effect,
    power,
    sides,
    table_file,
)

_CAPS = ("hit_points_base", "hitpoint_cap", "resistance_cap", "recharge_cap", "damage_cap", "recovery_cap",
         "regeneration_cap", "base_recovery", "base_regeneration", "base_threat", "perception_cap")  # fmt: skip
_ROWS: dict[str, list[dict[str, Any]]] = {
    "archetype": [MAGE | {"display_name": "Mage", "secondary_group": "Mage_Song"}
                  | {name: 1200 + 7 * place for place, name in enumerate(_CAPS)}],
    "powerset": [{"full_name": "Mage_Ranged.Fire_Song", "display_name": "Fire Song"}],
    "power": [power(FLAME, num_allowed=40), power(EMBER, num_allowed=40, accuracy=1.5),
              power(COPY, num_allowed=40, recharge_time=20.0)],
    "power_effect": [
        effect(FLAME),
        effect(FLAME, 1, effect_type="Heal", damage_type="None", to_who="Self", scale=4.0, modifier_table="Heal"),
        effect(EMBER, 0, effect_type="Mez", damage_type="None", mez_type="Held", attrib_type="Duration",
               magnitude=3.0, modifier_table="Ranged_Stun"),
        effect(COPY, 0, effect_type="Enhancement", damage_type="None", modifies_effect_type="ToHit", aspect="Str"),
    ],
    "enhancement_set": [{"uid": "Glow", "display_name": "Glow", "set_type": 2, "level_min": 60, "level_max": 70}],
    "enhancement": [{"uid": "Crafted_Glow_A", "occurrence": 1, "name": "Damage", "set_uid": "Glow", "level_min": 60,
                     "enhancement_set": "glow", "level_max": 70, "unique": False, "superior": False, "is_proc": False}],
    "attribute_modifier": [{"table": "melee_heal", "level": level, "column": 0, "value": 50.0 + level}
                           for level in range(3)],
}  # fmt: skip
_LIST_ROWS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "power_allowed_set_type": ("power", FLAME, {"power": FLAME.lower(), "set_type": 2}),
    "power_group": ("power", FLAME, {"power": FLAME.lower(), "position": 0, "group_membership": "Ammo_Group"}),
    "power_ignored_aspect": (
        "power", FLAME, {"power": FLAME.lower(), "kind": "buff", "position": 0, "aspect": "Range"},
    ),
    "power_prerequisite": (
        "power", FLAME, {"power": FLAME.lower(), "negated": False, "alternative": 0, "position": 0,
                         "required_name": EMBER, "kind": "power"},
    ),
    "power_archetype_rule": ("power", FLAME, {"power": FLAME.lower(), "archetype": "class_mage", "excluded": False}),
    "enhancement_set_bonus": (
        "enhancement_set", "Glow", {"enhancement_set": "glow", "kind": "set", "row": 0, "position": 0,
                                    "power_name": "Set_Bonus.Set_Bonus.Halo", "pv_mode": "Any", "slotted": 2},
    ),
}  # fmt: skip
"""Child table -> entity and key that its row is below, and the row, which is on one side only."""
_FACTORS = st.sampled_from([10.0, 100.0, 0.1, 0.01, 2.0, 0.5, 1.05, 0.95, 37.0, 1.003, 0.998, 1.000_02])
_OTHER = {"power_type": "Toggle", "effect_area": "Cone", "damage_type": "Cold", "mez_type": "Stunned",
          "modifies_effect_type": "Range", "aspect": "Max", "pv_mode": "PvP", "to_who": "All"}  # fmt: skip


def _places() -> Iterator[tuple[str, int, str, str]]:
    """(table, row, column, kind) of every compared value of the made-up side."""
    for entity in ENTITIES:
        for row, field in itertools.product(range(len(_ROWS[entity.name])), entity.fields):
            # A piece that moved to another set is a change of the lists of two sets as well.
            if field.column not in LISTS and field.column != "set_uid":
                yield entity.name, row, field.column, field.kind
    for row, field in itertools.product(range(len(_ROWS["power_effect"])), EFFECT.fields):
        if field.column != "procs_per_minute" and not (field in KIND_FIELDS and _ROWS["power_effect"][row].get(
            field.column) == "None"):  # fmt: skip
            yield "power_effect", row, field.column, field.kind
    for row in range(3):
        yield "attribute_modifier", row, "value", "number"


_PLACES = list(_places())


def _changed(value: Any, column: str, kind: str, factor: float) -> Any:
    match kind:
        case "number":
            return int(value * factor + 0.5) if isinstance(value, int) else value * factor
        case "yes_no":
            return not value
        case "flags":
            return [] if value else ["Caster"] if "entit" in column or "target" in column else ["Disable_All"]
        case "names":
            return [*value, "Heal_Boost"]
    return _OTHER.get(column, 7 if column == "set_type" else "5" if column == "max_boosts" else f"{value}x")


def _expected(table: str, row: int, column: str, before: Any, after: Any) -> list[tuple]:
    """(entity, key, field, suspicion) that the change has to give. `before` is ours."""
    kind = next(kind for *place, kind in _PLACES if place == [table, row, column])
    if kind == "number":
        a, b = float(before), float(after)
        if abs(a - b) <= 0.006 * max(abs(a), abs(b)) or abs(a - b) <= 0.000_05 or (column == "arc" and abs(a - b) <= 1):
            return []
        exact = any(abs(a * factor - b) <= 0.000_05 * b for factor in (10, 100, 0.1, 0.01))
        said = "factor" if exact else "single"
    else:
        said = "modifier_table" if column == "modifier_table" else "member"
    record = _ROWS[table][row]
    if table == "power_effect":
        shown = {name.lower(): name for name in (FLAME, EMBER, COPY)}[record["power"]]
        return [(table, shown, f"effects[{record['effect_type']}].{column}", said)]
    if table == "attribute_modifier":
        return [(table, "melee_heal@Class_Mage", f"value[level {record['level'] + 1}]", said)]
    return [(table, record[TABLES[table].key[0]], column, said)]


@pytest.fixture(scope="module")
def equal(tmp_path_factory) -> tuple[Side, Side]:
    return sides(tmp_path_factory.mktemp("equal"), _ROWS, _ROWS)


def _check(equal: tuple[Side, Side], folder: Path, table: str, rows: list[dict], ours_changes: bool) -> CrossCheck:
    """The two sides, with other rows of one table on one of them."""
    changed, same = equal if ours_changes else equal[::-1]
    folder.mkdir()
    for path in changed.tables.iterdir():
        os.link(path, folder / path.name)
    (folder / f"{table}.parquet").unlink()
    table_file(folder, TABLES[table], rows)
    other = Side(folder, changed.release, changed.build, changed.version, changed.date)
    return cross_check(other, same) if ours_changes else cross_check(same, other)


def _found(result: CrossCheck) -> list[tuple]:
    """Of the name of an effect only its type: the rest is what ours says, and changes with it."""
    field = pl.col("field").str.replace(r"effects\[(\w+).*\]", "effects[$1]")
    return result.discrepancies.select("entity", "key", field, "suspicion").rows()


def test_equal_sides(equal):
    result = cross_check(*equal)
    assert _found(result) == []
    assert result.left_out.is_empty()
    assert result.figures.filter(result.figures["pairs"] != result.figures["equal"]).is_empty()


@settings(max_examples=40)
@given(place=st.sampled_from(_PLACES), factor=_FACTORS, ours_changes=st.booleans())
def test_one_changed_value(equal, tmp_path_factory, place, factor, ours_changes):
    table, row, column, kind = place
    before = _ROWS[table][row][column]
    after = _changed(before, column, kind, factor)
    codes = {} if f"{column}_code" not in frame_schema(TABLES[table], TABLES) else {f"{column}_code": None}
    record = {name: value for name, value in _ROWS[table][row].items() if name not in codes} | {column: after}
    rows = [*_ROWS[table][:row], coded(table, record), *_ROWS[table][row + 1 :]]
    result = _check(equal, tmp_path_factory.mktemp("changed") / "tables", table, rows, ours_changes)
    values = (after, before) if ours_changes else (before, after)
    assert _found(result) == _expected(table, row, column, *values)
    figures = result.figures
    assert figures["equal"].sum() == figures["pairs"].sum() - (0 if before == after or _within(values) else 1)


def _within(values: tuple[Any, Any]) -> bool:
    """Whether a change is so small that the values count as equal."""
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return False
    a, b = values
    return abs(a - b) <= 0.000_05 * max(abs(a), abs(b))


@pytest.mark.parametrize("ours_changes", [True, False])
@pytest.mark.parametrize("table", _LIST_ROWS)
def test_one_member_more(equal, tmp_path, table, ours_changes):
    entity, key, row = _LIST_ROWS[table]
    result = _check(equal, tmp_path / "tables", table, [row], ours_changes)
    # Groups that only the planner has are its own.
    expected = [] if table == "power_group" and ours_changes else [(entity, key, table, "member")]
    assert _found(result) == expected


@pytest.mark.parametrize("ours_changes", [True, False])
@pytest.mark.parametrize("table", [entity.name for entity in ENTITIES])
def test_one_row_less(equal, tmp_path, table, ours_changes):
    rows = _ROWS[table][:-1]
    gone = _ROWS[table][-1][TABLES[table].key[0]]
    result = _check(equal, tmp_path / "tables", table, rows, ours_changes)
    said = "only_theirs" if ours_changes else "only_ours"
    missing = [line for line in _found(result) if line[0] == table and line[2] == ""]
    in_export = table not in ("power", "powerset") or ours_changes
    # Without its last power the export does not have the category.
    assert missing == ([(table, gone, "", said)] if in_export else [])
