"""What is in an archive of City of Data exports, for `mids inspect`.

Does not belong here: other archives (`readers.inspect_packed`), a single file of an export (`readers.inspect`).
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from mids_assets.errors import FormatError
from mids_assets.readers.city_of_data.entries import FOLDERS, entry_kind
from mids_assets.readers.city_of_data.export import FILE_NAME, Export
from mids_assets.readers.city_of_data.opening import unpacked_exports
from mids_assets.readers.city_of_data.revision import revision_date
from mids_assets.readers.json_structure import BOM
from mids_assets.readers.packed import INFLATED_LIMIT


def note_export(facts: dict[str, object], path: Path, most: int, *, is_zip: bool) -> None:
    """Add `layout`, `version`, `date`, `counts` and `first` by kind of file, `section_bytes` by folder, `warning`.

    Of several exports in one archive these are the facts of the first. Raises `FormatError` or `SourceError` where
    something is wrong.
    """
    with unpacked_exports(path, is_zip=is_zip, limit=INFLATED_LIMIT) as (folder, warnings):
        packed = sorted(folder.rglob(FILE_NAME))
        with Export(packed[0]) as export:
            facts |= {"layout": "json", "version": export.revision, "date": revision_date(export.revision)}
            facts["counts"] = {str(kind): number for kind, number in export.counts().items()}
            sizes = {name: sum(len(data) for _, data in export.of(name)) for name in FOLDERS}
            facts["section_bytes"] = {name: size for name, size in sizes.items() if size}
            facts["first"] = _first(export, path, most)
    if len(packed) > 1:
        warnings.insert(0, f"It holds {len(packed)} exports; these are the facts of the first.")
    if warnings:
        facts["warning"] = " ".join(warnings)


def _first(export: Export, path: Path, most: int) -> dict[str, list[object]]:
    first: dict[str, list[object]] = {}
    for name in export.names():
        records = first.setdefault(str(entry_kind(name)), [])
        if len(records) < most:
            try:
                records.append(msgspec.json.decode(export.read(name).removeprefix(BOM)))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
                raise FormatError(f"no valid JSON: {problem}", file=f"{path}/{name}") from None
    return first
