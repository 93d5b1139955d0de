"""The modifier tables of all classes as records of `attribute_modifier_table`.

Every class file has its own, under names that differ in case; tables/NAME.json repeats them, so it is not read. They
are ragged: a class may lack a table, and a table may be shorter than others.
Does not belong here: the classes themselves (`archetypes`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from mids_assets.readers.city_of_data.refusing import Records, refused
from mids_assets.readers.city_of_data.typed import decoded
from mids_assets.readers.json_exact import RecordFault


class _Table(msgspec.Struct, gc=False):
    name: str
    values: list[float]


class _Tables(msgspec.Struct, gc=False):
    named_tables: dict[str, _Table]


_FILE = msgspec.json.Decoder(_Tables)


def modifier_tables(files: Iterable[tuple[str, bytes]]) -> Records:
    """One record a table: name as first met, and its values by level for each class that has it.

    `files`: (name of the entry, its bytes) of the classes in the order in which they are numbered.
    """
    tables: dict[str, dict[str, Any]] = {}
    faults: Records = []
    for column, (entry, content) in enumerate(files):
        try:
            found = decoded(_FILE, content).named_tables
        except RecordFault as fault:
            # What is no JSON at all is told of the class itself.
            if fault.rule != "syntax":
                faults.append(refused(entry, fault, content))
            continue
        for table in {one.name.lower(): one for one in found.values()}.values():
            record = tables.setdefault(table.name.lower(), {"name": table.name, "base_index": None, "columns": []})
            record["columns"].append({"column": column, "values": table.values})
    return [*tables.values(), *faults]
