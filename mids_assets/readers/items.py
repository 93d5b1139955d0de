"""EnhDB, Recipe, Salvage and the other small binary files, each as one decoded value in its newest shape.

Does not belong here: I12.mhd (`readers.i12`), the text and JSON files, any rule of the data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from mids_assets.errors import FormatError
from mids_assets.readers.binary import decode
from mids_assets.readers.binary_rows import rows_to_dicts
from mids_assets.readers.layout import Family
from mids_assets.readers.layouts import ATTRIBMOD, COMPARE, ENHDB, GLOBALMODS, RECIPE, SALVAGE, SDATA, UDDATA
from mids_assets.readers.upgrade import upgrade_rows
from mids_assets.readers.wire import from_net_date


@dataclass(frozen=True)
class ItemFile:
    """One decoded file. `layout` is the id of the layout it was written in, `magic` "" where the kind has none."""

    family: Family
    layout: str
    magic: str
    head: dict[str, object]
    """The fields that stand once in the file; dates as aware UTC `datetime`, None where never set."""
    rows: dict[str, Sequence[tuple]]
    """Array -> tuples in the field order of `family.newest`: what `columnar.frame_from_rows` takes."""
    has_odd_floats: bool
    """A NaN or an infinity is among the values of the arrays."""

    @cached_property
    def value(self) -> dict:
        """The whole file as one dict with canonical keys; arrays hold dicts."""
        arrays = {
            field.name: rows_to_dicts(self.family.newest, str(field.record), self.rows[field.name])
            for field in self.family.newest["file"]
            if field.name in self.rows
        }
        return {**self.head, **arrays}


def read_enhancements(path: Path) -> ItemFile:
    """EnhDB.mhd: arrays `enhancements` and `sets`."""
    return read_item_file(path, ENHDB)


def read_recipes(path: Path) -> ItemFile:
    """Recipe.mhd: array `recipes`, each with `entries` and their `ingredients`."""
    return read_item_file(path, RECIPE)


def read_salvage(path: Path) -> ItemFile:
    """Salvage.mhd: array `items`."""
    return read_item_file(path, SALVAGE)


def read_globalmods(path: Path) -> ItemFile:
    """GlobalMods.mhd: list of texts `effect_ids` (in `head`)."""
    return read_item_file(path, GLOBALMODS)


def read_sdata(path: Path) -> ItemFile:
    """SData.mhd: the settings in `head`; array `enabled_incarnates` only where the file has that list.

    A NaN or an infinity is a `FormatError`, as it is in SData.json.
    """
    found = read_item_file(path, SDATA)
    for name, value in found.head.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise FormatError(f"{value} is no number that a setting can have", file=path, field=name)
    return found


def read_compare(path: Path) -> ItemFile:
    """Compare.mhd: array `overrides`."""
    return read_item_file(path, COMPARE)


def read_attribmod(path: Path) -> ItemFile:
    """AttribMod.mhd: array `tables`, each with 55 `rows` of `values` (row = level - 1, value = class column)."""
    return read_item_file(path, ATTRIBMOD)


def read_uddata(path: Path) -> ItemFile:
    """UdData.mhd: `manifest_uri` in `head`."""
    return read_item_file(path, UDDATA)


def read_item_file(path: Path, family: Family) -> ItemFile:
    """Any binary file but I12. Raises `FormatError` with the place of the first fault."""
    decoded = decode(path.read_bytes(), family.layouts(), file=path)
    head: dict[str, object] = {}
    rows: dict[str, Sequence[tuple]] = {}
    for field, stored in zip(decoded.layout["file"], decoded.value, strict=True):
        if field.item == "record" and stored is not None:
            rows[field.name] = upgrade_rows(family, decoded.layout, str(field.record), stored)
        elif field.wire == "datetime" and isinstance(stored, int):
            head[field.name] = _moment(stored, path, field.name)
        elif stored is not None:
            head[field.name] = stored
    return ItemFile(family, decoded.layout.id, str(head.get("magic", "")), head, rows, decoded.has_odd_floats)


def _moment(stored: int, path: Path, field: str) -> datetime | None:
    try:
        return from_net_date(stored)
    except ValueError as problem:
        raise FormatError(str(problem), file=path, field=field) from None
