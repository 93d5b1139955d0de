"""The small files of a source as tables of plain records: what raw/reference.json holds.

Does not belong here: the readers of the single files, resolving anything, writing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mids_assets.readers.builtin_types import BUILT_IN, built_in_types
from mids_assets.readers.city_of_data.export import Export
from mids_assets.readers.city_of_data.reference import export_tables
from mids_assets.readers.items import read_attribmod, read_compare, read_globalmods, read_sdata
from mids_assets.readers.json_files import (
    read_attribute_modifiers,
    read_comparison_overrides,
    read_server_data,
    read_type_grades,
    setting,
)
from mids_assets.readers.source import Source
from mids_assets.readers.text_power_names import read_cryptic_names, read_power_replacements
from mids_assets.readers.text_tables import (
    read_enhancement_classes,
    read_levels,
    read_maths,
    read_origins,
    read_set_types,
)

Records = list[dict[str, Any]]
Table = dict[str, Any]


def reference_tables(source: Source) -> dict[str, Table]:
    """Table -> {"source_file": name, "records": [...]}; a table whose file is absent has no key.

    A table that two files feed names both, separated by a comma and a blank. Raises `FormatError` where a file does
    not hold what it should, `SourceError` when one was changed since the source was opened.
    """
    tables: dict[str, Table] = {}
    if source.header.main == "data_exporter":
        return tables  # It has none of these files.
    if source.header.main == "city_of_data":
        file = source.files["city_of_data"]
        with Export(file.path) as export:
            tables = export_tables(export, file.name)
        source.verify("city_of_data")
        return tables

    def put(table: str, kinds: Iterable[str], records: Records) -> None:
        tables[table] = {"source_file": ", ".join(source.files[kind].name for kind in kinds), "records": records}

    def text(kind: str, read: Callable[..., Any]) -> Any:
        return read(source.read(kind), file=source.files[kind].path)

    def binary(kind: str, read: Callable[..., Any]) -> Any:
        found = read(source.files[kind].path)
        source.verify(kind)
        return found

    put("enhancement_class", ["eclasses"], text("eclasses", read_enhancement_classes))
    _types(source, tables, put, text)
    if "origins" in source.files:
        put("origin", ["origins"], text("origins", read_origins))
    if kind := _first(source, "attribmod_json", "attribmod"):
        put("attribute_modifier_table", [kind], _modifiers(kind, text, binary))
    if "globalmods" in source.files:
        names = binary("globalmods", read_globalmods).head["effect_ids"]
        put("effect_tag", ["globalmods"], [{"name": name} for name in names])
    _levels(source, put, text)
    if "maths" in source.files:
        for table, records in text("maths", read_maths).items():
            put(table, ["maths"], records)
    if kind := _first(source, "sdata_json", "sdata"):
        put("server_setting", [kind], _settings(kind, text, binary))
    if kind := _first(source, "compare", "compare_json"):
        put("comparison_override", [kind], _overrides(kind, text, binary))
    _replacements(source, put, text)
    return tables


def _first(source: Source, *kinds: str) -> str | None:
    return next((kind for kind in kinds if kind in source.files), None)


def _types(source: Source, tables: dict[str, Table], put, text) -> None:
    for table, records in built_in_types().items():
        tables[table] = {"source_file": BUILT_IN, "records": records}
    if "typegrades_json" in source.files:
        for table, records in text("typegrades_json", read_type_grades).items():
            put(table, ["typegrades_json"], records)
    elif "settypes" in source.files:
        put("set_type", ["settypes"], [{**item, "description": None} for item in text("settypes", read_set_types)])


def _modifiers(kind: str, text, binary) -> Records:
    if kind == "attribmod_json":
        return text(kind, read_attribute_modifiers)
    return [
        {"name": table["id"], "base_index": table["base_index"], "rows": [row["values"] for row in table["rows"]]}
        for table in binary(kind, read_attribmod).value["tables"]
    ]


def _levels(source: Source, put, text) -> None:
    records: Records = []
    kinds = [kind for kind in (_first(source, "nlevels", "levels"), _first(source, "rlevels")) if kind]
    for kind in kinds:
        schedule = "R" if kind == "rlevels" else "N"
        records += [{"kind": schedule, **record} for record in text(kind, read_levels)]
    if kinds:
        put("level_schedule", kinds, records)


def _settings(kind: str, text, binary) -> Records:
    if kind == "sdata_json":
        return text(kind, read_server_data)
    found = binary(kind, read_sdata).value
    slots = found.pop("enabled_incarnates", [])
    records = [setting(key, value) for key, value in found.items() if key != "magic"]
    return records + [setting(f"incarnate.{slot['name']}", slot["enabled"]) for slot in slots]


def _overrides(kind: str, text, binary) -> Records:
    if kind == "compare_json":
        return text(kind, read_comparison_overrides)
    return binary(kind, read_compare).value["overrides"]


def _replacements(source: Source, put, text) -> None:
    records: Records = []
    kinds = [kind for kind in ("powers_replacement", "cryptic_names") if kind in source.files]
    for kind in kinds:
        if kind == "powers_replacement":
            records += [
                {"kind": "index", "archetype": item["archetype"], "old": str(item["old"]), "new": str(item["new"])}
                for item in text(kind, read_power_replacements)
            ]
        else:
            records += [{"kind": "cryptic", "archetype": "", **item} for item in text(kind, read_cryptic_names)]
    if kinds:
        put("power_replacement", kinds, records)
