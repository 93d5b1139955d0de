"""An export to raw JSON: the files of an entity as they are, each in a wrapper with its name, one a line.

What a row needs of other files is its `context`. Pieces of boost sets have no file of their own and are taken out of
that of their set.
Does not belong here: wrappers (`wrapper`), what is in a file (`decode`), the array around them (`readers.raw`), the
reference tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from mids_assets.readers.city_of_data.boost_sets import pieces
from mids_assets.readers.city_of_data.contexts import PowersetContexts, archetype_contexts
from mids_assets.readers.city_of_data.export import Export
from mids_assets.readers.city_of_data.wrapper import wrapped


def wrapped_records(export: Export, entity: str) -> Iterator[bytes]:
    """The wrappers of an entity in the game's order; none for an entity that City of Data has no files of."""
    read = _RECORDS.get(entity)
    return read(export) if read else iter(())


def _plain(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    return (wrapped(name, content) for name, content in files)


def _archetypes(export: Export) -> Iterator[bytes]:
    contexts = archetype_contexts(name for name, _ in export.archetypes())
    return (wrapped(name, content, contexts[name]) for name, content in export.archetypes())


def _powersets(export: Export) -> Iterator[bytes]:
    contexts = PowersetContexts(export.archetypes(), export.categories())
    return (wrapped(name, content, contexts.of(name)) for name, content in export.powersets())


def _pieces(export: Export) -> Iterator[bytes]:
    return (
        wrapped(name, msgspec.json.encode(piece)) for name, content in export.boost_sets() for piece in pieces(content)
    )


_RECORDS: Mapping[str, Callable[[Export], Iterator[bytes]]] = {
    "archetype": _archetypes,
    "powerset": _powersets,
    "power": lambda export: _plain(export.powers()),
    "enhancement_set": lambda export: _plain(export.boost_sets()),
    "enhancement": _pieces,
}
