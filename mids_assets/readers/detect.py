"""What a file is, by its content: names lie, and copies get renamed.

Does not belong here: reading the file (the reader of its kind does) and where it came from.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import msgspec

from mids_assets.errors import FormatError
from mids_assets.readers.binary import begins_with_magic, decode, is_web_page, scan
from mids_assets.readers.city_of_data.entries import has_keys_of_a_kind
from mids_assets.readers.city_of_data.inflating import is_tar
from mids_assets.readers.detect_records import record_kind
from mids_assets.readers.json_structure import BOM
from mids_assets.readers.layouts import FAMILIES, GLOBALMODS, I12
from mids_assets.readers.layouts.i12 import MK2
from mids_assets.readers.patch import is_patch

_BIGGEST_SMALL_FILE = 64 * 1024 * 1024
"""JSON and text files above this are told by their beginning only; the largest small one (AttribMod) has 5 MB."""
_HEAD = 64 * 1024


class Kind(StrEnum):
    """Every kind of file that a source folder may hold."""

    I12 = "i12"
    ENHDB = "enhdb"
    RECIPE = "recipe"
    SALVAGE = "salvage"
    GLOBALMODS = "globalmods"
    SDATA = "sdata"
    COMPARE = "compare"
    ATTRIBMOD = "attribmod"
    UDDATA = "uddata"
    I9 = "i9"
    """The Issue 9 database: the magic of an old I12.mhd over other records. No reader takes it."""
    ECLASSES = "eclasses"
    ORIGINS = "origins"
    LEVELS = "levels"
    """NLevels, RLevels or Levels: only the name tells them apart."""
    MATHS = "maths"
    SETTYPES = "settypes"
    BBCODE = "bbcode"
    POWERS_REPLACEMENT = "powers_replacement"
    CRYPTIC_NAMES = "cryptic_names"
    TYPEGRADES_JSON = "typegrades_json"
    SDATA_JSON = "sdata_json"
    ATTRIBMOD_JSON = "attribmod_json"
    COMPARE_JSON = "compare_json"
    EXPORTER_ARCHETYPES = "exporter_archetypes"
    EXPORTER_POWERSETS = "exporter_powersets"
    EXPORTER_POWERS = "exporter_powers"
    EXPORTER_I12 = "exporter_i12"
    EXPORTER_ENHANCEMENTS = "exporter_enhancements"
    EXPORTER_RECIPES = "exporter_recipes"
    EXPORTER_SALVAGE = "exporter_salvage"
    CITY_OF_DATA = "city_of_data"
    """A file of a City of Data export."""
    MIDS_JSON = "mids_json"
    """An entry of a Mids.zip, unpacked."""
    JSON = "json"
    """Any other JSON: power records, a manifest."""
    I12_TEXT = "i12_text"
    ZIP = "zip"
    TAR = "tar"
    """Plain, or packed by gzip or xz; what else these two may hold, the reader says."""
    PATCH = "patch"
    XML = "xml"
    HTML = "html"
    EMPTY = "empty"
    UNKNOWN = "unknown"


_INDEX_PAIR = re.compile(r"\s*-?\d+\s*,\s*-?\d+\s*")
_NAME_PAIR = re.compile(r"\s*[^,\s]+\.[^,\s]+\.[^,\s]+\s*,\s*[^,\s]+\.[^,\s]+\.[^,\s]+\s*")
_BLOCK = re.compile(r"\s*\[[A-Za-z ]+\]\s*")
_SEEK_WORDS = (
    # The word that begins the rows, and what else must be there: the readers of these files seek the same words.
    ("EDRT", "EGE", Kind.MATHS),
    ("Index", "End", Kind.ECLASSES),
    ("SetID", "End", Kind.SETTYPES),
    ("Origin", "End", Kind.ORIGINS),
)


def detect(path: Path) -> Kind:
    """The kind of a file; `Kind.UNKNOWN` where nothing fits, never an error for what the bytes are.

    A damaged file is still of its kind: the reader says what is wrong with it. OSError where it cannot be opened.
    """
    size = path.stat().st_size
    with path.open("rb") as source:
        data = source.read(_HEAD)
        whole = data if size <= len(data) else None
        kind = _binary_kind(data, path)
        if kind is not None:
            return kind
        kind = _head_kind(data)
        if kind is not None:
            return kind
        if whole is None and size <= _BIGGEST_SMALL_FILE:
            whole = data + source.read()
    if whole is not None and _is_globalmods(whole):
        return Kind.GLOBALMODS
    return _text_kind(data if whole is None else whole, complete=whole is not None)


def _binary_kind(data: bytes, path: Path) -> Kind | None:
    if not data.strip():
        return Kind.EMPTY
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Kind.ZIP
    if is_patch(data):
        return Kind.PATCH
    if is_tar(data):
        return Kind.TAR
    if is_web_page(data):
        return Kind.HTML
    for family in FAMILIES.values():
        if any(begins_with_magic(data, layout) for layout in family.layouts()):
            return Kind.I9 if family is I12 and _is_i9(data, path) else Kind(family.kind)
    return None


def _head_kind(data: bytes) -> Kind | None:
    """A kind that the beginning of a large file tells for sure, so that the rest need not be read."""
    text = data.removeprefix(BOM).lstrip()
    if text[:1] in (b"{", b"["):
        found = record_kind(data)
        return Kind(found) if found else None
    return Kind.I12_TEXT if text.startswith(b"Power: ") else None


def _is_i9(data: bytes, path: Path) -> bool:
    """Whether a file with the old magic holds the records of Issue 9: no I12 layout reads even its first class."""
    if not data.startswith(bytes([len(MK2)]) + MK2.encode()):
        return False
    if path.name.lower() == "i9.mhd":
        return True
    if len(data) < 4096:
        return False
    for layout in I12.layouts():
        if not begins_with_magic(data, layout):
            continue
        try:
            for part in scan(data, layout, batch=1):
                if part.field.name == "archetypes":
                    return False
        except FormatError:
            continue
    return True


def _is_globalmods(data: bytes) -> bool:
    try:
        decode(data, GLOBALMODS.layouts())
    except FormatError:
        return False
    return True


def _text_kind(data: bytes, *, complete: bool) -> Kind:
    start = data.removeprefix(BOM).lstrip()[:1]
    if start in (b"{", b"["):
        return _json_kind(data) if complete else Kind.JSON
    if start == b"<":
        return Kind.XML
    try:
        lines = data.decode("utf-8-sig", errors="strict" if complete else "ignore").splitlines()
    except UnicodeDecodeError:
        return Kind.UNKNOWN
    if "\0" in "".join(lines[:50]):
        return Kind.UNKNOWN
    firsts = {_cell(line) for line in lines if "\t" in line or line in ("End", "#CODE#")}
    for word, other, kind in _SEEK_WORDS:
        if word in firsts and other in firsts:
            return kind
    if any(_cell(line) == "Level" and line.count("\t") >= 2 for line in lines):
        return Kind.LEVELS
    if any(line.strip() == "#CODE#" for line in lines):
        return Kind.BBCODE
    if any(line.startswith("Power: ") for line in lines):
        return Kind.I12_TEXT
    return _comma_kind(lines)


def _cell(line: str) -> str:
    """The first cell of a tab line, cleaned as the readers of these files clean it."""
    cell = line.split("\t", 1)[0]
    cell = cell[1:] if cell[:1] in ("'", " ") and cell else cell
    return cell.removesuffix(" ").replace('"', "")


def _comma_kind(lines: list[str]) -> Kind:
    plain = [text for text in (line.split("#", 1)[0] for line in lines) if text.strip()]
    if any(_INDEX_PAIR.fullmatch(line) for line in plain):
        return Kind.POWERS_REPLACEMENT
    if any(_NAME_PAIR.fullmatch(line) for line in plain):
        return Kind.CRYPTIC_NAMES
    if plain and all(_BLOCK.fullmatch(line) for line in plain):
        return Kind.POWERS_REPLACEMENT
    return Kind.UNKNOWN


def _json_kind(data: bytes) -> Kind:
    try:
        value = msgspec.json.decode(data.removeprefix(BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Kind.JSON
    if not isinstance(value, dict):
        return Kind.JSON
    keys = {key.lower(): inner for key, inner in value.items()}
    if keys.get("name") == "Mids Reborn Types and Grades":
        return Kind.TYPEGRADES_JSON
    if "compoverride" in keys:
        return Kind.COMPARE_JSON
    if isinstance(keys.get("modifier"), list):
        return Kind.ATTRIBMOD_JSON
    if keys.keys() & {"maxslots", "basetohit", "enabledincarnates", "enableinherentslotting"}:
        return Kind.SDATA_JSON
    return Kind.CITY_OF_DATA if has_keys_of_a_kind(value) else Kind.JSON
