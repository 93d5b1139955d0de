"""CityOfData.zip, the one file that an export is kept as: its entries by name, by kind, and in the game's order.

The indexes say what the order is; a damaged one costs the order only, its reader says what is wrong with it.
Does not belong here: making that file (`pack`), what is in its entries.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

import msgspec

from mids_assets.errors import FormatError, SourceError
from mids_assets.readers.city_of_data.entries import EntryKind, entry_kind
from mids_assets.readers.city_of_data.revision import stated_revision
from mids_assets.readers.json_structure import BOM

FILE_NAME = "CityOfData.zip"
ENTRY_HEADER = 30
"""Bytes that stand in a ZIP archive before the name of an entry and its content."""
_ARCHETYPES = "archetypes/index.json"
_SIGNATURE, _ENCRYPTED = b"PK\x03\x04", 1
_LENGTHS = slice(26, 30)
"""Of the header of an entry: the lengths of its name and of what stands between name and content."""


class _Category(msgspec.Struct):
    powerset_names: list[str]


class _Powerset(msgspec.Struct):
    power_names: list[str]


class _Archetypes(msgspec.Struct):
    player_archetypes: list[str] = []
    npc_archetypes: list[str] = []


class _BoostSets(msgspec.Struct):
    set_names: list[str]


_Index = TypeVar("_Index", bound=msgspec.Struct)


class Export(AbstractContextManager["Export"]):
    """A packed export. Raises `SourceError` where the file is no ZIP archive, `FormatError` for a damaged entry.

    Iterators give (name of the entry, its bytes). Of index files, `categories`, `powersets` and `of` give theirs.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as error:
            raise SourceError(f"{path}: this is no usable zip archive ({error}); import the export again") from None
        self._infos = {info.filename: info for info in self._zip.infolist()}
        self._names = sorted(self._infos)
        self._known = frozenset(self._names)
        self._file = path.open("rb", buffering=0)
        self._size = path.stat().st_size
        self._kinds: dict[EntryKind, list[str]] = {kind: [] for kind in EntryKind}
        for name in self._names:
            if kind := entry_kind(name):
                self._kinds[kind].append(name)

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    def names(self) -> list[str]:
        """The names of all entries, sorted."""
        return list(self._names)

    def counts(self) -> dict[EntryKind, int]:
        """Number of entries of each kind that is there."""
        return {kind: len(names) for kind, names in self._kinds.items() if names}

    def read(self, name: str) -> bytes:
        """The bytes of an entry. KeyError where there is none of that name."""
        content = self._plain(self._infos[name])
        if content is not None:
            return content
        try:
            return self._zip.read(name)
        except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
            raise FormatError(f"the entry is damaged: {error}", file=f"{self.path}/{name}") from None

    def _plain(self, info: zipfile.ZipInfo) -> bytes | None:
        """The content of an entry as `pack` writes them, in a quarter of the time that zipfile takes; None for any
        other, also for a damaged one: zipfile says what is wrong with it."""
        name = info.filename.encode()
        begin = ENTRY_HEADER + len(name)
        # Where a damaged directory says otherwise, so many bytes must not be asked for.
        if not 0 <= info.header_offset <= self._size - begin - info.file_size:
            return None
        self._file.seek(info.header_offset)
        found = self._file.read(begin + info.file_size)
        content = found[begin:]
        whole = found.startswith(_SIGNATURE) and found[_LENGTHS] == len(name).to_bytes(4, "little")
        stored = info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & _ENCRYPTED
        sound = len(content) == info.file_size and zlib.crc32(content) == info.CRC
        return content if whole and stored and found[ENTRY_HEADER:begin] == name and sound else None

    def of(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """All entries of one of `entries.FOLDERS`, index files included, by name."""
        return self._each(name for name in self._names if name.startswith(f"{folder}/"))

    def categories(self) -> Iterator[tuple[str, bytes]]:
        """powers/CATEGORY/index.json, by name: nothing states an order of categories."""
        return self._each(self._kinds[EntryKind.CATEGORY])

    def powersets(self) -> Iterator[tuple[str, bytes]]:
        """powers/CATEGORY/POWERSET/index.json, in the game's order; those that their category lists not come last in
        it, by name."""
        folders = self._powerset_folders()
        return self._each(name for folder in folders if (name := f"{folder}/index.json") in self._known)

    def powers(self) -> Iterator[tuple[str, bytes]]:
        """The files of powers, in the game's order; those that their powerset lists not come last in it, by name."""
        inside: dict[str, list[str]] = {}
        for name in self._kinds[EntryKind.POWER]:
            inside.setdefault(name.rpartition("/")[0], []).append(name)
        for folder in self._powerset_folders():
            index = self._decoded(f"{folder}/index.json", _Powerset)
            listed = [_place(full_name) for full_name in index.power_names] if index else []
            yield from self._each(_in_order(inside.get(folder, []), listed))

    def archetypes(self) -> Iterator[tuple[str, bytes]]:
        """The files of classes as their index lists them, players' first; others come last, by name."""
        index = self._decoded(_ARCHETYPES, _Archetypes) or _Archetypes()
        listed = [f"archetypes/{stem}.json" for stem in (*index.player_archetypes, *index.npc_archetypes)]
        return self._each(_in_order(self._kinds[EntryKind.ARCHETYPE], listed))

    def boost_sets(self) -> Iterator[tuple[str, bytes]]:
        """The files of enhancement sets as their index lists them; others come last, by name."""
        index = self._decoded("boost_sets/index.json", _BoostSets)
        listed = [f"boost_sets/{stem}.json" for stem in index.set_names] if index else []
        return self._each(_in_order(self._kinds[EntryKind.BOOST_SET], listed))

    def tags(self) -> Iterator[tuple[str, bytes]]:
        """The files of effect tags, by name."""
        return self._each(self._kinds[EntryKind.TAG])

    def groups(self) -> Iterator[tuple[str, bytes]]:
        """The files of exclusion groups, then those of recharge groups, by name."""
        return self._each([*self._kinds[EntryKind.EXCLUSION_GROUP], *self._kinds[EntryKind.RECHARGE_GROUP]])

    @property
    def revision(self) -> str | None:
        """What archetypes/index.json states, such as homecoming-20250617_6916; None where nothing is stated."""
        return stated_revision(self.read(_ARCHETYPES)) if _ARCHETYPES in self._known else None

    def _powerset_folders(self) -> list[str]:
        """powers/CATEGORY/POWERSET of every powerset that has a file, in the game's order."""
        inside: dict[str, set[str]] = {}
        for kind in (EntryKind.POWERSET, EntryKind.POWER):
            for name in self._kinds[kind]:
                folder = name.rpartition("/")[0]
                inside.setdefault(folder.rpartition("/")[0], set()).add(folder)
        ordered: list[str] = []
        for category in sorted(inside):
            index = self._decoded(f"{category}/index.json", _Category)
            listed = [_place(full_name, "") for full_name in index.powerset_names] if index else []
            ordered += _in_order(sorted(inside[category]), listed)
        return ordered

    def _decoded(self, name: str, shape: type[_Index]) -> _Index | None:
        if name not in self._known:
            return None
        try:
            return msgspec.json.decode(self.read(name).removeprefix(BOM), type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def _each(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for name in names:
            yield name, self.read(name)


def _place(full_name: str, suffix: str = ".json") -> str:
    """Where the file of a power, or the folder of a powerset, lies: without exception its name in lower case."""
    return f"powers/{full_name.lower().replace('.', '/')}{suffix}"


def _in_order(names: list[str], listed: list[str]) -> list[str]:
    ranks = {name.lower(): rank for rank, name in enumerate(listed)}
    return sorted(names, key=lambda name: (ranks.get(name, len(ranks)), name))
