"""The column `extra`: what a record holds under keys that no field has.

One JSON object a record, its keys the places of the values with canonical names and indexes (`effects[3].NewKey`);
first the record's own keys, then those inside, each in the order of code points; null where there is nothing.
Numbers are written so that the text does not depend on the way a record was read: 1.0 is 1. A null says nothing
and is left out, in objects at any depth.
Does not belong here: which keys these are (`readers.shapes`), finding them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from json import JSONEncoder
from json.encoder import encode_basestring
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from mids_assets.readers.json_arrow import EXACT_INTEGERS, Level
from mids_assets.readers.json_exact import FreeValue
from mids_assets.readers.json_model import Free

Codes = Mapping[str, Mapping[str, int]]
"""Enumeration -> name of a member, in small letters -> number."""

_INSIDE = "\0inside"
"""Name of a column beside those of the record's own keys."""
_NOTHING_INSIDE = pl.DataFrame(schema={"row": pl.Int64, "path": pl.String, "member": pl.String})

_encode = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def json_text(value: Any) -> str:
    """One value in the spelling of this column."""
    return encode_basestring(value) if isinstance(value, str) else _encode(_spelled(value))


def _spelled(value: Any) -> Any:
    if isinstance(value, float) and abs(value) < EXACT_INTEGERS and value == int(value):
        return int(value)
    if isinstance(value, dict):
        return {key: _spelled(item) for key, item in sorted(value.items()) if item is not None}
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    return value


class Extra:
    """Collects what the records of one table hold beside their fields; `unknown` counts keys without a name here."""

    def __init__(self, rows: int, unknown: Counter[str], codes: Codes) -> None:
        self._rows = rows
        self._unknown = unknown
        self._codes = codes
        self._own: dict[str, pl.Series] = {}
        """Key of the record itself -> JSON texts of all rows, null where it is absent."""
        self._inner: list[pl.DataFrame] = []
        """row, path and member as JSON of what lies deeper."""
        self._exact: dict[int, list[tuple[bool, str, str]]] = {}
        """Row -> (lies deeper, path, member as JSON) of what the exact reader found."""

    def add_level(self, level: Level) -> None:
        """Take in what the objects of one level hold: kept and unknown keys, and names of no member."""
        model = level.model
        leads: pl.Series | None = None
        for key, found in level.arrays.items():
            node, array = model.keys.get(key), found
            if node is None:
                count = len(array) - array.null_count
                if count:
                    self._unknown[model.path + key] += count
            if key in model.named and key not in model.also_kept:
                place = model.named[key]
                array = _unnamed(array, self._codes[place.enumeration], place.synonyms)
            elif node is not None and key not in model.also_kept and not (isinstance(node, Free) and node.kept):
                continue
            if array.null_count == len(array):
                continue
            texts = _texts(array)
            if not model.path:
                self._own[key] = texts
                continue
            leads = leads if leads is not None else level.leads()
            name = encode_basestring(key)[1:]
            member = pl.select(pl.format('"{}{}:{}', leads, pl.lit(name), texts)).to_series()
            inner = pl.DataFrame({"row": level.rows, "path": leads + key, "member": member})
            self._inner.append(inner.filter(texts.is_not_null()))

    def add_exact(self, row: int, values: Iterable[FreeValue]) -> None:
        """Take in what the exact reader found in one record."""
        for value in values:
            path, key = value.place
            if value.kept:
                member = f"{encode_basestring(value.path)}:{json_text(value.value)}"
                self._exact.setdefault(row, []).append((bool(path), value.path, member))
            if not value.known:
                self._unknown[path + key] += 1

    def column(self) -> pl.Series:
        """One text, or null, for each row."""
        inner = pl.concat(self._inner) if self._inner else _NOTHING_INSIDE
        pieces = [pl.concat_str(pl.lit(f"{encode_basestring(key)}:"), key) for key in sorted(self._own)]
        inside = pl.col("member").str.join(",").alias(_INSIDE)
        joined = inner.sort("row", "path").group_by("row", maintain_order=True).agg(inside)
        frame = pl.DataFrame({"row": pl.int_range(self._rows, eager=True), **self._own})
        frame = frame.join(joined, on="row", how="left", maintain_order="left")
        members = pl.concat_str([*pieces, _INSIDE], separator=",", ignore_nulls=True)
        whole = pl.when(members != "").then(pl.concat_str(pl.lit("{"), members, pl.lit("}")))
        texts = frame.select(whole.alias("extra")).to_series()
        if self._exact:
            texts = texts.scatter(sorted(self._exact), self._objects(inner))
        return texts

    def _objects(self, inner: pl.DataFrame) -> list[str]:
        """The whole texts of the rows of `_exact`, in order."""
        found = {row: list(pieces) for row, pieces in sorted(self._exact.items())}
        for row, path, member in inner.filter(pl.col("row").is_in(list(found))).iter_rows():
            found[row].append((True, path, member))
        for key, texts in self._own.items():
            for row, pieces in found.items():
                if texts[row] is not None:
                    pieces.append((False, key, f"{encode_basestring(key)}:{texts[row]}"))
        return ["{" + ",".join(member for _, _, member in sorted(pieces)) + "}" for pieces in found.values()]


def _texts(array: pa.Array) -> pl.Series:
    """`json_text` of each value, null for null; without a Python object each but for lists and fractions."""
    kind = array.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return pl.Series(pl.from_arrow(array)).cast(pl.String)
    if pa.types.is_string(kind):
        values = pl.Series("v", pl.from_arrow(array)).to_frame()
        text = pl.struct("v").struct.json_encode().str.slice(len('{"v":')).str.strip_suffix("}")
        return values.select(pl.when(pl.col("v").is_not_null()).then(text)).to_series()
    if pa.types.is_struct(kind):
        members = {field.name: _texts(part) for field, part in zip(kind, array.flatten(), strict=True)}
        there = pl.Series(pl.from_arrow(array.is_valid()))
        return pl.select(pl.when(there).then(_object_text(members, len(array)))).to_series()
    return pl.Series([None if value is None else json_text(value) for value in array.to_pylist()], dtype=pl.String)


def _object_text(members: Mapping[str, pl.Series], rows: int) -> pl.Series:
    """JSON objects from the JSON texts of their members, without those that are null."""
    parts = [pl.concat_str(pl.lit(f"{encode_basestring(key)}:"), members[key]) for key in sorted(members)]
    if not parts:
        return pl.repeat("{}", rows, eager=True)
    whole = pl.concat_str(parts, separator=",", ignore_nulls=True)
    return pl.select(pl.concat_str(pl.lit("{"), whole, pl.lit("}"))).to_series()


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
