"""The small JSON files of a database folder: TypeGrades, SData, AttribMod, Compare.

The source program reads key names without regard to case, ignores what it does not know and keeps a default for
what is absent; so does this. Types are strict. Each `read_*(data, *, file)` returns plain records.
Does not belong here: arrays of database records (`readers.json_records`), the binary files of the same names.
Source: formats items.md 5.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, NoReturn, TypeVar

import msgspec
import pyarrow as pa

from mids_assets.errors import FormatError
from mids_assets.readers.json_exact import F32_LIMIT
from mids_assets.readers.json_frame import shortest_f32
from mids_assets.readers.json_structure import BLANKS, BOM

File = str | PurePath | None
Records = list[dict[str, Any]]
T = TypeVar("T")

TYPE_GRADES_NAME = "Mids Reborn Types and Grades"
SETTING_DEFAULTS: Mapping[str, str | int | float | bool] = {
    "ManifestUri": "https://midsreborn.com/mids_updates/db/update_manifest.xml",
    "BaseToHit": 0.75,
    "BaseFlySpeed": 31.5,
    "BaseJumpSpeed": 21.0,
    "BaseJumpHeight": 4.0,
    "BaseRunSpeed": 21.0,
    "BasePerception": 500.0,
    "MaxFlySpeed": 86.0,
    "MaxJumpSpeed": 114.4,
    "MaxJumpHeight": 200.0,
    "MaxRunSpeed": 135.67,
    "MaxMaxFlySpeed": 257.985,
    "MaxMaxJumpSpeed": 166.257,
    "MaxMaxRunSpeed": 176.358,
    "MaxSlots": 67,
    "EnableInherentSlotting": False,
    "HealthSlots": 2,
    "HealthSlot1Level": 8,
    "HealthSlot2Level": 16,
    "StaminaSlots": 2,
    "StaminaSlot1Level": 12,
    "StaminaSlot2Level": 22,
}
"""Keys of SData.json in the order of the source program's class; the kind of the default is the kind of the value."""
INCARNATE_DEFAULTS: Mapping[str, bool] = {
    **dict.fromkeys(("Alpha", "Destiny", "Hybrid", "Interface", "Judgement", "Lore"), True),
    **dict.fromkeys(("Genesis", "Omega", "Stance", "Vitae"), False),
}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class _Type(msgspec.Struct):
    name: str = ""
    shortname: str = ""
    description: str | None = None


class _TypeGrades(msgspec.Struct):
    name: str
    settypes: list[_Type]
    enhancementgrades: list[_Type] = []
    specialenhancementtypes: list[_Type] = []


class _Modifier(msgspec.Struct):
    id: str
    baseindex: int = 0
    table: list[list[float] | None] | None = None


class _AttribMod(msgspec.Struct):
    modifier: list[_Modifier]


class _Override(msgspec.Struct):
    powerset: str = ""
    power: str = ""
    override: str = ""


class _Compare(msgspec.Struct):
    compoverride: list[_Override]


def read_type_grades(data: bytes, *, file: File = None) -> dict[str, Records]:
    """TypeGrades.json as tables set_type, enhancement_grade, special_enhancement_type.

    Records: name, short_name, description (None where absent); the position in the list is the number of the type.
    """
    found = _convert(_object(data, file), _TypeGrades, file)
    if found.name != TYPE_GRADES_NAME:
        raise FormatError(f"Name is {found.name!r}, it must be {TYPE_GRADES_NAME!r}", file=file, field="Name")
    tables = {
        "set_type": found.settypes,
        "enhancement_grade": found.enhancementgrades,
        "special_enhancement_type": found.specialenhancementtypes,
    }
    return {
        table: [{"name": item.name, "short_name": item.shortname, "description": item.description} for item in items]
        for table, items in tables.items()
    }


def write_type_grades(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    def items(table: str) -> list[dict[str, Any]]:
        return [
            {"Name": record["name"], "ShortName": record["short_name"]}
            | ({} if record["description"] is None else {"Description": record["description"]})
            for record in tables[table]
        ]

    return _text(
        {
            "Name": TYPE_GRADES_NAME,
            "SetTypes": items("set_type"),
            "EnhancementGrades": items("enhancement_grade"),
            "SpecialEnhancementTypes": items("special_enhancement_type"),
        }
    )


def read_server_data(data: bytes, *, file: File = None) -> Records:
    """SData.json as settings: key (snake_case, incarnate.NAME), value (text), type (text, integer, number, boolean).

    Absent keys have the default of the source program; unknown keys are left out.
    """
    found = _object(data, file)
    records = []
    for key, default in SETTING_DEFAULTS.items():
        value = found.get(key.lower(), default)
        records.append(setting(snake_case(key), _as_kind(value, default, key, file)))
    slots = found.get("enabledincarnates", {})
    if not isinstance(slots, dict):
        raise FormatError("an object is due here", file=file, field="EnabledIncarnates")
    for name, default in INCARNATE_DEFAULTS.items():
        value = _as_kind(slots.get(name.lower(), default), default, f"EnabledIncarnates.{name}", file)
        records.append(setting(f"incarnate.{name}", value))
    return records


def stated_manifest(data: bytes, *, file: File = None) -> str:
    """The ManifestUri that SData.json itself holds; empty where it leaves it to the default."""
    value = _object(data, file).get("manifesturi")
    return value if isinstance(value, str) else ""


def write_server_data(records: Sequence[Mapping[str, Any]]) -> bytes:
    names = {snake_case(key): key for key in SETTING_DEFAULTS}
    found: dict[str, Any] = {}
    slots: dict[str, Any] = {}
    for record in records:
        kind = record["type"]
        value = record["value"]
        if kind == "boolean":
            value = value == "true"
        elif kind in ("integer", "number"):
            value = int(value) if kind == "integer" else float(value)
        if record["key"].startswith("incarnate."):
            slots[record["key"].removeprefix("incarnate.")] = value
        else:
            found[names[record["key"]]] = value
    return _text({**found, "EnabledIncarnates": slots})


def setting(key: str, value: str | int | float | bool) -> dict[str, str]:
    """One server_setting record; `value` as text that reads back as the same value."""
    if isinstance(value, bool):
        return {"key": key, "value": "true" if value else "false", "type": "boolean"}
    if isinstance(value, str):
        return {"key": key, "value": value, "type": "text"}
    return {"key": key, "value": repr(value), "type": "integer" if isinstance(value, int) else "number"}


def snake_case(key: str) -> str:
    """'HealthSlot1Level' -> 'health_slot1_level'."""
    return _WORD.sub("_", key).lower()


def read_attribute_modifiers(data: bytes, *, file: File = None) -> Records:
    """AttribMod.json: name, base_index, rows (row = zero-based level, item = f32 per class column, as float)."""
    found = _convert(_object(data, file), _AttribMod, file)
    records = []
    for number, table in enumerate(found.modifier):
        rows = [row or [] for row in table.table or []]
        values = [value for row in rows for value in row]
        if any(abs(value) >= F32_LIMIT for value in values):
            raise FormatError(
                "a number is beyond f32", file=file, record=f"table {number}", field=f"Modifier[{number}].Table"
            )
        flat = iter(shortest_f32(pa.array(values, pa.float64())).to_pylist())
        records.append(
            {"name": table.id, "base_index": table.baseindex, "rows": [[next(flat) for _ in r] for r in rows]}
        )
    return records


def write_attribute_modifiers(records: Sequence[Mapping[str, Any]]) -> bytes:
    tables = [{"Table": r["rows"], "BaseIndex": r["base_index"], "ID": r["name"]} for r in records]
    return _text(
        {
            "Modifier": tables,
            "Revision": 0,
            "RevisionDate": "0001-01-01T00:00:00",
            "SourceIndex": "",
            "SourceTables": "",
        }
    )


def read_comparison_overrides(data: bytes, *, file: File = None) -> Records:
    """Compare.json: powerset, power, override."""
    found = _convert(_object(data, file), _Compare, file)
    return [{"powerset": o.powerset, "power": o.power, "override": o.override} for o in found.compoverride]


def _text(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _object(data: bytes, file: File) -> dict[str, Any]:
    """The file's object with all keys in lower case. Two keys that differ only by case are refused."""
    start = len(BOM) if data.startswith(BOM) else 0
    body = data[start:]
    if not body.strip(BLANKS):
        raise FormatError("the file is empty", file=file, offset=0)
    if body.lstrip(BLANKS).startswith(b"<"):
        raise FormatError("the file is a web page, not JSON: was a download link saved?", file=file, offset=start)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise FormatError("these bytes are no UTF-8 text", file=file, offset=start + error.start) from None

    def lower(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = {key.lower(): value for key, value in pairs}
        if len(found) < len(pairs):
            seen: set[str] = set()
            twice = next(key for key, _ in pairs if key.lower() in seen or seen.add(key.lower()))
            raise FormatError(f"the key {twice!r} occurs twice in one object", file=file, field=twice)
        return found

    def constant(name: str) -> NoReturn:
        raise FormatError(f"{name} is no JSON number", file=file)

    try:
        value = json.loads(text, object_pairs_hook=lower, parse_constant=constant)
    except json.JSONDecodeError as error:
        place = start + len(text[: error.pos].encode())
        raise FormatError(
            f"no valid JSON: {error.msg}", file=file, offset=place, record=f"line {error.lineno}"
        ) from None
    except (RecursionError, ValueError):
        raise FormatError("no valid JSON: nested too deeply, or a number too long", file=file) from None
    if not isinstance(value, dict):
        raise FormatError("a JSON object should begin here", file=file, offset=start)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise FormatError("a text holds half of a surrogate pair", file=file) from None
    return value


def _convert(value: dict[str, Any], kind: type[T], file: File) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        raise FormatError(message, file=file, field=path.strip("`").removeprefix("$.") or None) from None


def _as_kind(value: Any, default: str | int | float | bool, key: str, file: File) -> Any:
    if isinstance(default, float) and type(value) is int:
        try:
            value = float(value)
        except OverflowError:
            raise FormatError("the number is beyond every float", file=file, field=key) from None
    if type(value) is not type(default) or (isinstance(value, float) and not math.isfinite(value)):
        raise FormatError(f"{value!r} is no {type(default).__name__}", file=file, field=key)
    return value
