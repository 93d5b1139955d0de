"""I12_extracted.txt, the powers as indented text: read line by line, written as records of I12_powers.json.

    Power: Group.Set.Power
      DisplayName: Fire Bolt
      Effects:
        Effect: Damage(Fire)
          Magnitude: 2

A value that is not what its key should hold stays the text that it is, and the decoder refuses that one record.
Lines that say nothing here are kept under the key `Lines`.
Does not belong here: finding the powersets' names, files of records (`readers.raw`).
Source: formats data_exporter.md, "Text form".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

from mids_assets.errors import FormatError

LINES = "Lines"
_BEGIN = b"Power:"
_TIMES_AND_COSTS = ("Accuracy", "EnduranceCost", "RechargeTime", "ActivationTime", "Range", "Radius")
_NUMBERS = frozenset((*_TIMES_AND_COSTS, "Scale", "Magnitude", "Duration", "Chance"))
_INTEGERS = frozenset(("Level", "MaxTargets", "DisplayOrder", "AllowedSlots"))
_BOOLEANS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
_FLAGS = frozenset(("RequiresLineOfSight",))
_LISTS = frozenset(("EnhancementTypes",))
_OTHER_NAMES = {"CastTime": "ActivationTime"}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_EFFECT = re.compile(r"(\S.*?)\s*\(\s*(.*?)\s*\)")
_LINE_LIMIT = 4 * 1024 * 1024


def power_records(path: Path, powersets: Container[str]) -> Iterator[bytes]:
    """One JSON object per power, in order of the file. `powersets` are the known names in lower case.

    Raises `FormatError` where the file holds something else than powers.
    """
    record: _Record | None = None
    offset = 0
    with path.open("rb") as file:
        while line := file.readline(_LINE_LIMIT):
            text = line.removeprefix(b"\xef\xbb\xbf") if not offset else line
            offset += len(line)
            if text.startswith(_BEGIN):
                if record:
                    yield record.encoded(powersets)
                record = _Record(_decoded(text[len(_BEGIN) :]).strip())
            elif record:
                record.add(_decoded(text))
            elif text.strip():
                raise FormatError(
                    "a line that begins with 'Power:' should stand first", file=path, offset=offset - len(line)
                )
    if record:
        yield record.encoded(powersets)


def _decoded(line: bytes) -> str:
    # Bytes that are no UTF-8 pass through; the decoder refuses their record.
    return line.decode("utf-8", "surrogateescape").rstrip("\r\n")


class _Record:
    """One power while its lines come in."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: dict[str, Any] = {}
        self._open: list[tuple[int, dict[str, Any]]] = [(-1, self.values)]
        """Indentation of the line that opened each object around, and that object."""

    def add(self, line: str) -> None:
        text = line.strip()
        if not text:
            return
        depth = len(line) - len(line.lstrip())
        while self._open[-1][0] >= depth:
            self._open.pop()
        values = self._open[-1][1]
        key, colon, value = (part.strip() for part in text.partition(":"))
        key = _OTHER_NAMES.get(key, key)
        effects = self.values.get("Effects", [])
        # With a value of its own, "Effects" is no list, and the record is refused for it.
        if key == "Effect" and value and isinstance(effects, list):
            values = _effect(value)
            self.values.setdefault("Effects", effects).append(values)
            self._open.append((depth, values))
        elif key == "Effects" and not value and values is self.values:
            values.setdefault(key, [])
        elif not colon or not key or key in values or key == LINES:
            values.setdefault(LINES, []).append(text)
        elif not value and key not in _LISTS:
            inner: dict[str, Any] = {}
            values[key] = inner
            self._open.append((depth, inner))
        else:
            values[key] = _value(key, value)

    def encoded(self, powersets: Container[str]) -> bytes:
        head: dict[str, Any] = {"InternalName": self.name, "Name": self.name.rpartition(".")[2]}
        group = self.name.rpartition(".")[0]
        if group:
            short = group.rpartition(".")[2]
            known = group.lower() in powersets or short.lower() not in powersets
            head["PowersetName"] = group if known else short
        # What the lines say themselves counts.
        text = json.dumps({**head, **_without_empty(self.values)}, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "surrogateescape")


def _effect(value: str) -> dict[str, Any]:
    match = _EFFECT.fullmatch(value)
    if match is None:
        return {"EffectType": value}
    return {"EffectType": match[1], **({"Attribute": match[2]} if match[2] else {})}


def _value(key: str, value: str) -> Any:
    if key in _LISTS:
        return [part.strip() for part in value.strip("[]").split(",") if part.strip()]
    if key in _FLAGS:
        return _BOOLEANS.get(value.lower(), value)
    if key not in _NUMBERS and key not in _INTEGERS:
        return value
    if not _NUMBER.fullmatch(value):
        return value
    number = float(value)
    if key in _INTEGERS:
        return int(number) if number.is_integer() and abs(number) < 2**53 else value
    return number if math.isfinite(number) else value


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    """A key without a value, and without lines below it, says nothing."""
    return {key: value for key, value in values.items() if value != {}}
