"""What the row of a file needs of other files of the export: it is wrapped beside the content.

Does not belong here: the files themselves, writing them (`raw`).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from mids_assets.readers.city_of_data.archetypes import ArchetypeContext
from mids_assets.readers.city_of_data.categories import class_categories, role_of
from mids_assets.readers.city_of_data.powersets import PowersetContext
from mids_assets.readers.city_of_data.typed import decoded
from mids_assets.readers.json_exact import RecordFault


class _Named(msgspec.Struct):
    name: str


_NAMED = msgspec.json.Decoder(_Named)


def archetype_contexts(names: Iterable[str]) -> dict[str, ArchetypeContext]:
    """Entry -> context, of the class files `names` in the order in which they are numbered."""
    return {name: ArchetypeContext(number) for number, name in enumerate(names)}


class PowersetContexts:
    """The contexts of powersets by the name of their entry, powers/CATEGORY/POWERSET/index.json.

    `archetypes`, `categories`: (name of the entry, its bytes) of the class files and of the index files of categories.
    A category without a readable index file is called as its folder is.
    """

    def __init__(self, archetypes: Iterable[tuple[str, bytes]], categories: Iterable[tuple[str, bytes]]) -> None:
        self._of_classes = class_categories(content for _, content in archetypes)
        self._names: dict[str, str] = {}
        for entry, content in categories:
            try:
                self._names[_folder(entry)] = decoded(_NAMED, content).name
            except RecordFault:
                continue

    def of(self, entry: str) -> PowersetContext:
        folder = _folder(entry)
        name = self._names.get(folder, "")
        # A name that is not that of the folder would tear the powers from their set.
        category = name if name.lower() == folder else folder
        role = role_of(category, self._of_classes)
        return PowersetContext(category, role.set_type, role.archetype_class)


def _folder(entry: str) -> str:
    """powers/CATEGORY/.. -> CATEGORY"""
    return entry.split("/", 2)[1]
