"""Made-up records for every layout, and where the real files are. Only for the tests of the binary readers."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from hypothesis import strategies as st

from mids_assets.readers.layout import Field, Layout
from mids_assets.readers.layouts import FAMILIES

PROJECT = Path(__file__).resolve().parents[3]
REAL = Path(os.environ.get("MIDS_REAL_DATA") or PROJECT.parent / "shared" / "real")
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real releases are not here")
LAYOUTS = [layout for family in FAMILIES.values() for layout in family.layouts()]
LAYOUT_IDS = [f"{layout.kind}-{layout.id}" for layout in LAYOUTS]

i32s = st.integers(-(2**31), 2**31 - 1)


def shortest(number: float) -> float:
    """The decimal of fewest digits that is the same f32: what a reader gives back."""
    bits = struct.pack("<f", number)
    return next(short for digits in range(1, 18) if struct.pack("<f", short := float(f"{number:.{digits}g}")) == bits)


f32s = st.floats(-(2.0**120), 2.0**120, width=32).map(shortest)
texts = st.one_of(st.text(max_size=6), st.sampled_from(["é" * 70, "x" * 128, "日本" * 60, "𝄞", "a\0b"]))


def value_of(field: Field, layout: Layout):
    """A strategy for one field."""
    if field.const is not None:
        return st.just(field.const)
    if field.name == "magic" and layout.magics:
        return st.sampled_from(layout.magics)
    if field.wire == "record":
        return record_of(layout, str(field.record))
    if field.wire == "array":
        item = (
            record_of(layout, str(field.record))
            if field.item == "record"
            else value_of(Field("item", field.item or "string"), layout)
        )
        if isinstance(field.count, int):
            # Some in front, the others empty: fifty-five drawn rows would be slow and say no more.
            size = field.count
            return st.lists(item, max_size=2).map(lambda rows: rows + [{"values": []}] * (size - len(rows)))
        return st.lists(item, max_size=2)
    return {
        "string": texts,
        "i32": i32s,
        "i64": st.integers(-(2**63), 2**63 - 1),
        "datetime": st.integers(-(2**63), 2**63 - 1),
        "f32": f32s,
        "f64": st.floats(allow_nan=False),
        "bool": st.booleans(),
    }[field.wire]


def record_of(layout: Layout, name: str):
    """A strategy for dicts of one record; conditional fields agree with their condition."""
    plain = {field.name: value_of(field, layout) for field in layout[name] if field.const is None}

    def agree(value: dict) -> dict:
        for field in layout[name]:
            if field.when is not None:
                earlier, operator, limit = field.when
                found = value[earlier]
                holds = {"==": found == limit, ">": found > limit, "<=": found <= limit}[operator]
                if not holds:
                    value[field.name] = None
        return value

    return st.fixed_dictionaries(plain).map(agree)


def sample_value(layout: Layout, name: str | None = None, *, items: int = 2) -> dict:
    """One fixed dict of a record (default: the whole file), `items` in every list; no randomness."""
    out: dict = {}
    for number, field in enumerate(layout[name or layout.root]):
        if field.const is None:
            out[field.name] = _sample(field, layout, number, items)
    for field in layout[name or layout.root]:
        if field.when is not None and field.when[1] == ">":
            out[field.name] = None
    return out


def _sample(field: Field, layout: Layout, number: int, items: int):
    if field.name == "magic" and layout.magics:
        return layout.magics[0]
    if field.name == "date_sentinel":
        return -1
    if field.wire == "record":
        return sample_value(layout, str(field.record), items=items)
    if field.wire == "array":
        length = field.count if isinstance(field.count, int) else items
        inner = Field("item", field.item or "string")
        return [
            sample_value(layout, str(field.record), items=items)
            if field.item == "record"
            else _sample(inner, layout, number + index, items)
            for index in range(length)
        ]
    return {
        "string": f"{field.name} é",
        "i32": number,
        "i64": number,
        "datetime": 637843399240000000,
        "f32": number + 0.3,
        "f64": 21.0331,
        "bool": True,
    }[field.wire]
