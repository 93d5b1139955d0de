"""Text tables and small JSON files. What was read has to be finite, and the same when written and read again.

Does not belong here: JSON arrays of records (`targets_records`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mids_assets.readers import json_files, text_power_names, text_tables
from mids_assets_tests.fuzz.seeds import cut_text, real_files, text_seed
from mids_assets_tests.fuzz.target import Target, Wrong

_READERS: dict[str, tuple[Callable[..., Any], Callable[..., bytes] | None]] = {
    "EClasses.mhd": (text_tables.read_enhancement_classes, text_tables.write_enhancement_classes),
    "Origins.mhd": (text_tables.read_origins, text_tables.write_origins),
    "NLevels.mhd": (text_tables.read_levels, text_tables.write_levels),
    "Maths.mhd": (text_tables.read_maths, text_tables.write_maths),
    "PowersReplTable.mhd": (text_power_names.read_power_replacements, text_power_names.write_power_replacements),
    "CrypticPowerNames.mhd": (text_power_names.read_cryptic_names, text_power_names.write_cryptic_names),
    "TypeGrades.json": (json_files.read_type_grades, json_files.write_type_grades),
    "SData.json": (json_files.read_server_data, json_files.write_server_data),
    "AttribMod.json": (json_files.read_attribute_modifiers, json_files.write_attribute_modifiers),
    "SetTypes.mhd": (text_tables.read_set_types, text_tables.write_set_types),
    "Compare.json": (json_files.read_comparison_overrides, None),
}
"""File -> its reader and its writer."""


def targets(*, real: bool = False) -> Iterator[Target]:
    types = [{"name": "Melee", "short_name": "M"}, {"name": "Ranged", "short_name": "R"}]
    made_up = {
        "SetTypes.mhd": text_tables.write_set_types(types),
        "Compare.json": b'{"CompOverride": [{"Powerset": "a", "Power": "b", "Override": "c"}]}',
    }
    for name, (read, write) in _READERS.items():
        seeds = [made_up.get(name) or text_seed(name)]
        if real:
            seeds += [cut_text(name, path.read_bytes()) for path in real_files(name)]
        yield Target(name, seeds, _Text(name, read, write))


@dataclass
class _Text:
    name: str
    read: Callable[..., Any]
    write: Callable[..., bytes] | None

    def __call__(self, data: bytes) -> None:
        text_power_names.declared_realm(data)
        found = self.read(data, file=self.name)
        for number in _numbers(found):
            if not math.isfinite(number):
                raise Wrong(f"{self.name} was read, and holds {number}")
        text = self.written(found)
        if text is not None:
            again = self.read(text, file=self.name)
            if repr(again) != repr(found):
                raise Wrong(f"{self.name}: {found!r} was read; written and read again it is {again!r}")

    def written(self, found: Any) -> bytes | None:
        """None where there is no writer, or it says that it cannot: it is stricter than the reader about names."""
        try:
            return None if self.write is None else self.write(found)
        except ValueError:
            return None


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(inner)
    elif isinstance(value, float):
        yield value
