"""PowersReplTable.mhd and CrypticPowerNames.mhd: pairs of an old and a new power, separated by a comma.

Does not belong here: the tab files (`readers.text_tables`), resolving the powers that are named.
Source: formats items.md 4.7 and 4.8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import PurePath
from typing import Any

from mids_assets.errors import FormatError
from mids_assets.readers.text_cells import split_lines

_COMMENT = re.compile(r"[ \t]*#.*")
_BLOCK = re.compile(r"\[([A-Za-z ]+)\]")
_NUMBERS = re.compile(r"(-?\d{1,10})[ \t]*,[ \t]*(-?\d{1,10})")
_NAMES = re.compile(r"([^,\s](?:[^,]*[^,\s])?)[ \t]*,[ \t]*([^,\s](?:[^,]*[^,\s])?)")
_REALM = re.compile(r"^[ \t]*#[ \t]*Realm:[ \t]*(.*?)[ \t\r]*$", re.IGNORECASE | re.MULTILINE)


def _lines(data: bytes, file: str | PurePath | None) -> Iterator[tuple[int, int, str]]:
    for number, offset, text in split_lines(data, file):
        kept = _COMMENT.sub("", text).strip()
        if kept:
            yield number, offset, kept


def declared_realm(data: bytes) -> str | None:
    """What the comment line `# Realm:` of such a file names, as it is written."""
    found = _REALM.search(data.decode(errors="replace"))
    return found[1] if found and found[1] else None


def read_power_replacements(data: bytes, *, file: str | PurePath | None = None) -> list[dict[str, Any]]:
    """PowersReplTable.mhd: archetype (lower case, '' = global), old and new (int static indexes).

    Lines of another form are skipped, and so is an old index that occurred before: the source program does both.
    """
    records, seen, block = [], set(), ""
    for _, _, text in _lines(data, file):
        if found := _BLOCK.fullmatch(text):
            name = found[1].strip().lower()
            block = "" if name == "global" else name
        elif (found := _NUMBERS.fullmatch(text)) and int(found[1]) not in seen:
            seen.add(int(found[1]))
            records.append({"archetype": block, "old": int(found[1]), "new": int(found[2])})
    return records


def write_power_replacements(records: Sequence[dict[str, Any]]) -> bytes:
    """Records of one archetype should stand together: each change of archetype begins a block."""
    lines = ["# Powers replacement table"]
    for archetype, group in groupby(records, key=lambda record: record["archetype"]):
        if archetype and not re.fullmatch(r"[a-z ]+", archetype):
            raise ValueError(f"{archetype!r} cannot name a block: lower case letters and blanks only")
        lines.append(f"[{archetype or 'global'}]")
        lines += [f"{record['old']}, {record['new']}" for record in group]
    return ("\n".join(lines) + "\n").encode()


def read_cryptic_names(data: bytes, *, file: str | PurePath | None = None) -> list[dict[str, Any]]:
    """CrypticPowerNames.mhd: old and new (full power names); old is the one that exists in this database.

    Lines of another form, and those whose names differ only by case or not at all, are skipped. A first name that
    occurs twice makes the source program throw the whole table away; here it raises `FormatError`.
    """
    records, seen = [], set()
    for number, offset, text in _lines(data, file):
        found = _NAMES.fullmatch(text)
        if not found or found[1].lower() == found[2].lower():
            continue
        if found[1].lower() in seen:
            raise FormatError(
                f"{found[1]} is renamed twice; every name may stand first only once",
                file=file,
                offset=offset,
                record=f"line {number}",
                field="old",
            )
        seen.add(found[1].lower())
        records.append({"old": found[1], "new": found[2]})
    return records


def write_cryptic_names(records: Sequence[dict[str, Any]]) -> bytes:
    for record in records:
        for name in (record["old"], record["new"]):
            if not name or re.search(r"[,#\s]", name):
                raise ValueError(f"{name!r} cannot stand in this file")
    return "".join(["# Power names\n", *(f"{record['old']}, {record['new']}\n" for record in records)]).encode()
