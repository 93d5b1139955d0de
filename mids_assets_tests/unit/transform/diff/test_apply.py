"""A diff applied to the old tables gives the new ones, whatever they are; and it says nothing where nothing differs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.apply import Tables, apply, table_rows
from mids_assets.transform.diff.columns import places
from mids_assets.transform.diff.compare import compare
from mids_assets_tests.unit.transform.diff.diff_support import Rows, side

NAMES = ("A.B.C", "A.B.c / D", "A.B.E", "A.F.C", "a.f.Ü")
SMALL = st.integers(0, 3)
_SLOW: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large],
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],
}
"""Every example writes two releases; to make a failing one smaller would take minutes."""
NUMBER = st.sampled_from([0.0, -0.0, 1.0, 0.1, 1e-30, None])


def _effect(draw) -> dict:
    kind, code = draw(st.sampled_from([("Fire", 5), ("Cold", 4), (None, 99), (None, None)]))
    return {
        "effect_type": draw(st.sampled_from(["Damage", "Mez"])),
        "effect_type_code": draw(st.sampled_from([2, 3])),
        "damage_type": kind,
        "damage_type_code": code,
        "scale": draw(NUMBER),
        "ticks": draw(SMALL),
        "effect_id": draw(st.sampled_from(["", "Ones", "\t\"\\"])),
    }  # fmt: skip


@st.composite
def releases(draw) -> Rows:
    found: dict[str, list[dict]] = {"powerset": [], "power": [], "power_effect": [], "power_effect_condition": []}
    for name in ("A.B", "A.F"):
        found["powerset"].append({"full_name": name, "display_name": draw(st.sampled_from(["Fire", "Ice"]))})
    groups = found.setdefault("power_group", [])
    classes = found.setdefault("power_allowed_enhancement", [])
    required = found.setdefault("power_prerequisite", [])
    for place, name in enumerate(draw(st.lists(st.sampled_from(NAMES), unique_by=str.lower, max_size=4))):
        key = name.lower()
        found["power"].append(
            {
                "full_name": draw(st.sampled_from([name, name.swapcase()])) if name.isascii() else name,
                "powerset": key.rpartition(".")[0],
                "position": place,
                "name": name.rpartition(".")[2],
                "display_name": draw(st.sampled_from(["Ball", "Bolt"])),
                "static_index": draw(SMALL) - 1,
                "boosts_allowed": draw(st.sampled_from([None, [], ["Damage_Boost"], ["A", "B"]])),
                "extra": draw(st.sampled_from([None, '{"k": [1, null]}', '{"k":[1,null],"n":null}', "{}"])),
            }
        )
        for position in range(draw(st.integers(0, 4))):
            found["power_effect"].append({"power": key, "position": position, **_effect(draw)})
            for inner in range(draw(st.integers(0, 2))):
                row = {"power": key, "effect_position": position, "position": inner, "condition_key": "Team"}
                found["power_effect_condition"].append(row | {"value": draw(st.sampled_from(["True", "False"]))})
        for position, group in enumerate(draw(st.lists(st.sampled_from(["X", "Y"]), max_size=3))):
            groups.append({"power": key, "position": position, "group_membership": group})
        for number in sorted(draw(st.sets(SMALL))):
            classes.append({"power": key, "enhancement_class": number})
        pairs = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2)
        for alternative, together in enumerate(draw(st.lists(pairs, max_size=3))):
            for inner, needed in enumerate(together):
                row = {"power": key, "negated": False, "alternative": alternative, "position": inner, "kind": "power"}
                required.append(row | {"required_name": needed})
    levels = sorted(draw(st.sets(SMALL)))
    found["level_schedule"] = [{"kind": "N", "level": level, "powers": draw(SMALL)} for level in levels]
    overrides = draw(st.lists(st.sampled_from(["P", "Q", None]), max_size=4))
    found["comparison_override"] = [{"position": place, "power": name} for place, name in enumerate(overrides)]
    found["power_replacement"] = [
        {"kind": kind, "archetype": "", "old": "1", "new": str(draw(SMALL))} for kind in ("index", "cryptic")
    ]
    return found


def read_tables(folder: Path) -> dict[str, pl.DataFrame]:
    return {table.name: pl.read_parquet(folder / f"{table.name}.parquet") for table in TABLES}


def without_places(tables: Tables) -> dict[str, object]:
    """Of lists without an order only how often each row occurs."""
    return {
        name: Counter((key.rpartition(" / ")[0], repr(values)) for key, values in rows.items())
        if TABLES[name].unordered and places(TABLES[name])
        else rows
        for name, rows in tables.items()
    }


@settings(max_examples=25, **_SLOW)
@given(releases(), releases())
def test_the_old_tables_with_the_diff_are_the_new_tables(old, new):
    with TemporaryDirectory() as name:
        folder = Path(name)
        sides = side(folder / "old", old), side(folder / "new", new)
        diff = compare(*sides)
        result = apply(diff, read_tables(folder / "old"))
        assert without_places(result) == without_places(table_rows(read_tables(folder / "new")))
        assert diff.is_empty == diff.changes.is_empty()
        assert compare(sides[0], sides[0]).is_empty
        assert diff.changes.equals(compare(*sides).changes)


@settings(max_examples=8, **_SLOW)
@given(releases())
def test_another_order_of_the_rows_in_the_files_is_no_change(old):
    with TemporaryDirectory() as name:
        folder = Path(name)
        turned = {table: list(reversed(rows)) for table, rows in old.items() if TABLES[table].kind != "child"}
        assert compare(side(folder / "old", old), side(folder / "new", {**old, **turned})).is_empty
