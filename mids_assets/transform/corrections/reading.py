"""The YAML files of corrections, strictly: what is misspelled is an error that names the file and the entry.

    - entity: power
      key: Blaster_Ranged.Fire_Blast.Fire_Ball
      field: effects[2].scale
      from: 1.0
      to: 1.1
      reason: ...
      releases: {from: 2022-09-29, to: "2023.1.5"}

Does not belong here: which of them hold for a release (`kept`), applying them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import yaml

from mids_assets.errors import UserError
from mids_assets.transform.corrections.entry import ENTITIES, Correction
from mids_assets.transform.corrections.fields import FieldFault, fitting, nearest, node_at, steps_of
from mids_assets.transform.corrections.ranges import is_bound

_KEYS = ("entity", "key", "position", "field", "from", "to", "drop", "reason", "releases")


def read_folder(folder: Path) -> list[Correction]:
    """All entries of the files in a realm's folder, by name of the file; none where there is no folder.

    Raises `UserError` for the first entry that cannot be meant.
    """
    if not folder.is_dir():
        return []
    files = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    return [entry for path in files for entry in read_file(path)]


def read_file(path: Path) -> list[Correction]:
    try:
        value = yaml.load(path.read_text("utf-8"), _Strict)  # a SafeLoader # nosec B506
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise UserError(f"{path}: no YAML that can be read: {' '.join(str(problem).split())}") from None
    except OSError as problem:
        raise UserError(f"{path}: {problem.strerror}") from None
    if value is None:
        return []
    if not isinstance(value, list):
        raise UserError(f"{path}: a list of corrections is expected; begin each with '- entity: ...'")
    return [_Entry(path, number, entry).read() for number, entry in enumerate(value, 1)]


class _Strict(yaml.SafeLoader):
    """A SafeLoader that refuses a key that stands twice, of which YAML would take the last without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [key.value for key, _ in node.value]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"the key {twice!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


class _Entry:
    """One entry of a file, as YAML gave it."""

    def __init__(self, path: Path, number: int, entry: Any) -> None:
        self.path, self.number, self.entry = path, number, entry
        self.about = ""

    def fail(self, text: str) -> NoReturn:
        raise UserError(f"{self.path}, entry {self.number}{self.about}: {text}")

    def read(self) -> Correction:
        if not isinstance(self.entry, Mapping):
            self.fail("this is no correction; begin it with 'entity: ...'")
        for name in self.entry:
            if name not in _KEYS:
                hint = nearest(str(name), _KEYS) or f"; known are {', '.join(_KEYS)}"
                self.fail(f"{name!r} is no part of a correction{hint}")
        entity = self.text("entity")
        if entity not in ENTITIES:
            hint = nearest(str(entity), ENTITIES) or f"; known are {', '.join(ENTITIES)}"
            self.fail(f"there is no entity {entity!r} whose records can be corrected{hint}")
        key, position = self.text("key", needed=False), self.entry.get("position")
        self.about = f" ({entity} {key if key is not None else position})"
        if position is not None and (type(position) is not int or position < 0):
            self.fail(f"position is the record's number in its file, from 0 on, and not {position!r}")
        if key is None and position is None:
            self.fail("which record? Give its key, or its position in the file")
        reason = self.text("reason")
        since, until = self.releases()
        field, new, drop = self.change(str(entity))
        return Correction(
            file=self.path.name,
            number=self.number,
            entity=str(entity),
            key=key,
            position=position,
            field=field,
            reason=" ".join(str(reason).split()),
            drop=drop,
            checks_old="from" in self.entry,
            old=self.plain("from"),
            new=new,
            since=since,
            until=until,
        )

    def text(self, name: str, *, needed: bool = True) -> str | None:
        value = self.entry.get(name)
        if value is None and not needed:
            return None
        if value is None or (isinstance(value, str) and not value.strip()):
            self.fail(f"{name} is missing" + ("; say why the source is wrong" if name == "reason" else ""))
        if not isinstance(value, str):
            self.fail(f"{name} is {value!r}, which YAML takes for no text; put it in quotes")
        return value

    def change(self, entity: str) -> tuple[str, Any, bool]:
        """Field, new value, and whether something is left out."""
        drop = self.entry.get("drop", False)
        if not isinstance(drop, bool):
            self.fail(f"drop is true or left out, and not {drop!r}")
        field = self.text("field", needed=not drop) or ""
        if drop and "to" in self.entry:
            self.fail("drop leaves out and to sets: give one of them")
        if not drop and "to" not in self.entry:
            self.fail("what is right? Give the value as to, or drop: true")
        try:
            if not field:
                if "from" in self.entry:
                    self.fail("from needs the field that it is the value of")
                return "", None, drop
            node, nullable = node_at(entity, field)
            if drop:
                if not isinstance(steps_of(field)[-1], int):
                    self.fail(f"{field} is no item of a list; without field, drop leaves out the whole record")
                return field, None, True
            return field, fitting(node, self.plain("to"), field, nullable=nullable), False
        except FieldFault as fault:
            self.fail(str(fault))

    def plain(self, name: str) -> Any:
        value = self.entry.get(name)
        if isinstance(value, date):
            self.fail(f"{name} is {value}, which YAML takes for a date; put it in quotes")
        return value

    def releases(self) -> tuple[str | None, str | None]:
        found = self.entry.get("releases")
        if found is None:
            return None, None
        if not isinstance(found, Mapping) or not set(found) <= {"from", "to"}:
            self.fail("releases has from, to, or both: the first and the last release that this holds for")
        return self.bound("from", found.get("from")), self.bound("to", found.get("to"))

    def bound(self, name: str, value: Any) -> str | None:
        if value is None:
            return None
        text = value.isoformat() if type(value) is date else value
        if not isinstance(text, str):
            # YAML makes 20.10 the number 20.1, which is another version.
            self.fail(f"releases.{name} is {value!r}: put a version in quotes")
        if not is_bound(text):
            self.fail(f"releases.{name} is {text!r}: neither a date (2022-09-29) nor a version (2022.9.29)")
        return text
