"""The column `extra`: what a record holds under keys that no field has.

One JSON object a record, its keys the places of the values with canonical names and indexes (`effects[3].NewKey`),
in the order of Unicode code points; null where there is nothing. Numbers are written so that the text does not
depend on the way a record was read: 1.0 is 1. A null says nothing and is left out.
Does not belong here: which keys these are (`readers.shapes`), finding them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

import numpy as np
import pyarrow as pa

from mids_assets.readers.json_arrow import EXACT_INTEGERS, Level, plain
from mids_assets.readers.json_exact import FreeValue
from mids_assets.readers.json_model import Free

Pieces = dict[int, list[tuple[str, str]]]
"""Row -> (path, value as JSON text)."""

Codes = Mapping[str, Mapping[str, int]]
"""Enumeration -> name of a member, in small letters -> number."""


def json_text(value: Any) -> str:
    """One value in the spelling of this column."""
    if isinstance(value, str):
        return encode_basestring(value)
    return json.dumps(_spelled(value), ensure_ascii=False, separators=(",", ":"))


def _spelled(value: Any) -> Any:
    if isinstance(value, float) and abs(value) < EXACT_INTEGERS and value == int(value):
        return int(value)
    if isinstance(value, dict):
        return {key: _spelled(item) for key, item in sorted(value.items())}
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    return value


def add_level(pieces: Pieces, unknown: Counter[str], level: Level, codes: Codes) -> None:
    """Take in what the objects of one level hold: kept and unknown keys, and names of no member."""
    model = level.model
    leads: list[str] | None = None
    for key, found in level.arrays.items():
        node, array = model.keys.get(key), found
        if node is None:
            count = len(array) - array.null_count
            if count:
                unknown[model.path + key] += count
        if key in model.named and key not in model.also_kept:
            place = model.named[key]
            array = _unnamed(array, codes[place.enumeration], place.synonyms)
        elif node is not None and key not in model.also_kept and not (isinstance(node, Free) and node.kept):
            continue
        if array.null_count == len(array):
            continue
        leads = leads if leads is not None else level.leads()
        for row, lead, value in zip(level.rows.tolist(), leads, array.to_pylist(), strict=True):
            if value is not None:
                pieces.setdefault(row, []).append((lead + key, json_text(plain(value))))


def named_numbers(array: pa.Array, codes: Mapping[str, int], synonyms: Mapping[str, str]) -> pa.Array:
    """Names of members to their numbers (int32); null where a text names none."""
    encoded = array.dictionary_encode()
    spelled = {name.lower(): member.lower() for name, member in synonyms.items()}
    names = [(text or "").lower() for text in encoded.dictionary.to_pylist()]
    numbers = pa.array([codes.get(spelled.get(name, name)) for name in names], pa.int32())
    return numbers.take(encoded.indices)


def _unnamed(array: pa.Array, codes: Mapping[str, int], synonyms: Mapping[str, str]) -> pa.Array:
    numbers = named_numbers(array, codes, synonyms)
    if numbers.null_count == array.null_count:
        return pa.nulls(len(array), pa.string())
    places = pa.array(np.arange(len(array)), mask=numbers.is_valid().to_numpy(zero_copy_only=False))
    return array.take(places)


def add_exact(pieces: Pieces, unknown: Counter[str], row: int, values: Iterable[FreeValue]) -> None:
    """Take in what the exact reader found in one record."""
    for value in values:
        if value.kept:
            pieces.setdefault(row, []).append((value.path, json_text(value.value)))
        if not value.known:
            unknown["".join(value.place)] += 1


def extra_column(pieces: Pieces, rows: Sequence[int] | np.ndarray) -> list[str | None]:
    """The texts of `rows`."""
    return [_object_text(pieces[row]) if row in pieces else None for row in map(int, rows)]


def _object_text(pieces: list[tuple[str, str]]) -> str:
    pieces.sort()
    return "{" + ",".join(f"{encode_basestring(path)}:{text}" for path, text in pieces) + "}"
