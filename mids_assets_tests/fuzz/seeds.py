"""Small sound inputs: made-up records through the readers' own writers, and the committed sample cut down.

With `real`, cuts of real files too, where there are any. Nothing of them is ever kept.
Does not belong here: who reads the inputs (`targets_*`), the damage (`mutations`).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mids_assets.readers.binary import decode
from mids_assets.readers.binary_rows import row_to_dict
from mids_assets.readers.binary_write import encode
from mids_assets.readers.layout import Family
from mids_assets.readers.layouts import FAMILIES
from mids_assets_tests.real import REAL, SAMPLE
from mids_assets_tests.unit.readers.binary_support import sample_value

KEEP = 3
"""Records of each array that a cut file keeps."""
BINARY_NAMES = {
    "i12": "I12.mhd",
    "enhdb": "EnhDB.mhd",
    "recipe": "Recipe.mhd",
    "salvage": "Salvage.mhd",
    "globalmods": "GlobalMods.mhd",
    "compare": "Compare.mhd",
}
"""Kind -> file of the sample."""
TEXT_NAMES = (
    "EClasses.mhd",
    "Origins.mhd",
    "NLevels.mhd",
    "RLevels.mhd",
    "Maths.mhd",
    "PowersReplTable.mhd",
    "CrypticPowerNames.mhd",
    "TypeGrades.json",
    "SData.json",
    "AttribMod.json",
)


def binary_seeds(family: Family, *, real: bool = False) -> list[bytes]:
    """A cut of the sample's file, one made-up file per layout, and with `real` a cut of every real file."""
    name = BINARY_NAMES.get(family.kind)
    files = [(SAMPLE / name).read_bytes()] if name else []
    if real:
        files += [path.read_bytes() for path in real_files(name or f"{family.kind}.mhd")]
    cut = [cut_binary(data, family) for data in files]
    return [*cut, *(encode(layout, sample_value(layout, items=1)) for layout in family.layouts())]


def real_files(name: str) -> Iterator[Path]:
    """Real files of a name, case ignored, in a fixed order."""
    if REAL.is_dir():
        yield from sorted(path for path in REAL.rglob("*") if path.name.lower() == name.lower() and path.is_file())


def cut_binary(raw: bytes, family: Family) -> bytes:
    """The file with the first `KEEP` records of each array, lists in them cut likewise."""
    decoded = decode(raw, family.layouts())
    value = row_to_dict(decoded.layout, decoded.layout.root, decoded.value)
    return encode(decoded.layout, _shorter(value, whole=decoded.layout.kind == "attribmod"))


def _shorter(value: Any, *, whole: bool) -> Any:
    """`whole`: lists keep their length, as in AttribMod, whose tables have a fixed number of rows."""
    if isinstance(value, Mapping):
        return {key: _shorter(inner, whole=whole) for key, inner in value.items()}
    if isinstance(value, list):
        # Long lists of plain values are tables with a value per level or class.
        fixed = whole or (len(value) > 20 and not isinstance(value[0], dict))
        return [_shorter(inner, whole=whole) for inner in (value if fixed else value[:KEEP])]
    return value


def text_seed(name: str) -> bytes:
    """A text or JSON file of the sample, AttribMod cut down."""
    return cut_text(name, (SAMPLE / name).read_bytes())


def cut_text(name: str, data: bytes) -> bytes:
    if name != "AttribMod.json":
        return data
    value = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    value["Modifier"] = [{**table, "Table": table["Table"][:KEEP]} for table in value["Modifier"][:KEEP]]
    return json.dumps(value, indent=2).encode()


def zip_seed() -> bytes:
    """The sample's Mids.zip with `KEEP` records an entity."""
    out = io.BytesIO()
    with zipfile.ZipFile(SAMPLE / "Mids.zip") as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            value = json.loads(old.read(name))
            cut = value[:KEEP] if isinstance(value, list) else value
            new.writestr(zipfile.ZipInfo(name), json.dumps(cut, indent=2))
    return out.getvalue()


def folder_seed() -> dict[str, bytes]:
    """A whole database folder of a few kilobytes: name -> bytes."""
    files = {name: binary_seeds(FAMILIES[kind])[0] for kind, name in BINARY_NAMES.items()}
    return files | {name: text_seed(name) for name in TEXT_NAMES}
