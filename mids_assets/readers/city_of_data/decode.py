"""Wrapped files of an export to a frame, or to failures with their file and place.

Does not belong here: wrappers (`wrapper`), what is in a file (a module per entity).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring
from typing import Any

import polars as pl

from mids_assets.readers.batch import Batch, Failure, payload
from mids_assets.readers.city_of_data import archetypes, boost_sets, effects, powers, powersets
from mids_assets.readers.city_of_data.power_file import PowerFile
from mids_assets.readers.city_of_data.rows import Codes, Content, Row
from mids_assets.readers.city_of_data.wrapper import Wrapper, wrappers
from mids_assets.readers.columnar import frame_from_rows
from mids_assets.readers.gc_pause import paused_gc
from mids_assets.readers.json_exact import RecordFault
from mids_assets.readers.json_extra import json_text
from mids_assets.readers.json_model import RECORDS
from mids_assets.readers.nul import nul_texts

Read = Callable[[Any, Content], Row]
"""Takes what a file holds, which is `Content` or of its entity's shape in `_SHAPES`, and its context."""


def _alone(read: Callable[[Any], Row]) -> Read:
    """What needs no context."""
    return lambda content, context: read(content)


_READERS: Mapping[str, Callable[[Codes], Read]] = {
    "archetype": lambda codes: archetypes.row,
    "powerset": lambda codes: powersets.row,
    "power": lambda codes: _alone(powers.Powers(codes).row),
    "enhancement_set": lambda codes: _alone(boost_sets.set_row),
    "enhancement": lambda codes: _alone(boost_sets.piece_row),
}
_SHAPES = {"power": PowerFile}
"""Entity -> what its files are decoded to together with their wrappers; all others are few."""
_GIVEN = {"power": powers.GIVEN, "effect": effects.GIVEN}
"""Record -> the fields that its rows hold, where those are not all."""


@paused_gc()
def decode_wrapped(data: bytes, entity: str, base_offset: int, first_position: int, codes: Codes) -> Batch:
    """Decode the wrappers in `data`, as `readers.json_records.decode_records` does records of other shapes.

    An entity of which City of Data has nothing gives no rows.
    """
    found = wrappers(data, _SHAPES.get(entity))
    read = _READERS[entity](codes) if entity in _READERS else None
    rows: list[Row] = []
    positions: list[int] = []
    offsets: list[int] = []
    failures: list[Failure] = []
    for number, (start, end, wrapper) in enumerate(found):
        position, offset = first_position + number, base_offset + start
        try:
            if isinstance(wrapper, Wrapper) and not memoryview(wrapper.content):
                raise RecordFault("", "syntax", f"{wrapper.file or 'the record'} is no JSON object in UTF-8")
            if read is None:
                raise RecordFault("", "type", f"{wrapper.file} is no file of a {entity}")
            rows.append(read(wrapper.content, wrapper.context))
        except RecordFault as fault:
            text = payload(data, start, end)
            failures.append(Failure(position, offset, fault.path, fault.rule, fault.message, text))
        else:
            positions.append(position)
            offsets.append(offset)
    records, root = RECORDS[entity]
    frame = frame_from_rows(records, root, [row.values for row in rows], _GIVEN).select(
        pl.Series("source_position", positions, pl.Int64),
        pl.Series("source_offset", offsets, pl.Int64),
        pl.all(),
        pl.Series("extra", [_extra(row.extra) for row in rows], pl.String),
    )
    files = {first_position + number: wrapper.file for number, (_, _, wrapper) in enumerate(found) if wrapper.file}
    unknown = Counter(f"{key} {word!r}" for row in rows for key, word in row.unknown)
    nul = nul_texts(frame.drop("source_position", "source_offset")) if b"\\u0000" in data else {}
    return Batch(frame, failures, dict(sorted(unknown.items())), nul, len(found), files)


def _extra(values: Mapping[str, object]) -> str | None:
    """As `readers.json_extra` writes it: the record's own keys first, then those inside."""
    if not values:
        return None
    places = sorted(values, key=lambda place: ("[" in place, place))
    return "{" + ",".join(f"{encode_basestring(place)}:{json_text(values[place])}" for place in places) + "}"
