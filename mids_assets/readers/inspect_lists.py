"""The lists and small JSON files of a database, for `mids inspect`: how many records a table has, and its first ones.

Does not belong here: binary files and records of a whole entity (`readers.inspect`), what the tables mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mids_assets.readers.detect import Kind
from mids_assets.readers.json_files import (
    read_attribute_modifiers,
    read_comparison_overrides,
    read_server_data,
    read_type_grades,
)
from mids_assets.readers.text_power_names import read_cryptic_names, read_power_replacements
from mids_assets.readers.text_tables import (
    read_enhancement_classes,
    read_levels,
    read_maths,
    read_origins,
    read_set_types,
)

_READERS: Mapping[Kind, Callable[..., Any]] = {
    Kind.ECLASSES: read_enhancement_classes,
    Kind.ORIGINS: read_origins,
    Kind.LEVELS: read_levels,
    Kind.MATHS: read_maths,
    Kind.SETTYPES: read_set_types,
    Kind.POWERS_REPLACEMENT: read_power_replacements,
    Kind.CRYPTIC_NAMES: read_cryptic_names,
    Kind.TYPEGRADES_JSON: read_type_grades,
    Kind.SDATA_JSON: read_server_data,
    Kind.ATTRIBMOD_JSON: read_attribute_modifiers,
    Kind.COMPARE_JSON: read_comparison_overrides,
}
"""Kind -> reader that gives a list of records, or several by name."""


def list_facts(path: Path, kind: Kind, most: int) -> dict[str, object]:
    """`counts` and `first` by table; nothing for a kind without a reader. Raises `FormatError` for a broken file."""
    if kind not in _READERS:
        return {}
    found = _READERS[kind](path.read_bytes(), file=path)
    tables = found if isinstance(found, dict) else {str(kind): found}
    return {
        "counts": {name: len(records) for name, records in tables.items()},
        "first": {name: records[:most] for name, records in tables.items() if records},
    }
