"""A byte range of a JSON array to a nested frame: fast where the data is good, exact where it is not.

Every record is decoded by strict typed structs made from the declarations (`readers.json_model`). What that cannot
see is looked for apart: a key that occurs twice (fewer keys decoded than colons counted), numbers beyond f32.
Records that are refused or suspicious go, alone, through `readers.json_exact`, and end as the same row or as a
`Failure`. Nothing is dropped without one of both. NUL characters occur in good files (a description of 2021 has
two): they stay in the frame, and are counted.
Does not belong here: key names of a source (`readers.shapes`), rules about values (the model), files.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import polars as pl
from msgspec import UNSET
from msgspec.structs import astuple

from mids_assets.readers.json_exact import RecordFault, read_exact
from mids_assets.readers.json_frame import BeyondF32, frame_from_structs, parallel_fault
from mids_assets.readers.json_model import Model, build_model
from mids_assets.readers.json_scan import BLANKS, BOM, scan_records

_PAYLOAD_LIMIT = 4 * 1024 * 1024
_LEARN_LIMIT = 500
"""So many unknown keys are learned per range; a file of random keys stays on the exact way."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that is no row. `position` counts records of the file from 0, `offset` bytes of the file.

    `path` is the canonical field such as `effects[3].scale` (empty = the record as a whole), `rule` one of syntax,
    encoding, text, type, range, missing, duplicate, parallel. `payload` is the record as it stands in the file, cut
    after 4 MiB; bytes that are no UTF-8 are written \\xNN. Text between two records that is no object is a failure
    of rule `syntax` at the position of the record that follows it.
    """

    position: int
    offset: int
    path: str
    rule: str
    message: str
    payload: str


@dataclass(frozen=True, slots=True)
class Batch:
    """`frame`: source_position and source_offset (Int64), then `columnar.frame_schema` of the record, in file order.

    `unknown` counts keys that the alias table does not know, by path ('effects[].Foo'); their records are good.
    `nul_texts` counts, by path ('effects[].reward'), the texts of good records that hold NUL characters: whoever
    writes to PostgreSQL, which cannot store them, has to replace them and to say so.
    """

    frame: pl.DataFrame
    failures: list[Failure]
    unknown: dict[str, int]
    nul_texts: dict[str, int]
    records: int
    """Objects found: rows plus failures, without the failures for text between records."""


def decode_records(
    data: bytes | memoryview, shape: str, record: str, *, base_offset: int = 0, first_position: int = 0
) -> Batch:
    """Decode the records in `data`, which holds whole ones separated by commas and blanks.

    `shape` is a name of `shapes.SHAPES`, `record` one of `json_model.RECORDS` ('power', 'enhancement_set', ...).
    The brackets of the array may be part of the slice, and so may a byte order mark. f32 fields come out as the
    float64 with the shortest decimal that reads back as the same f32. Raises KeyError on an unknown shape or record.
    """
    return _Decoder(bytes(data), shape, record, base_offset, first_position).run()


class _Decoder:
    """The state of one call: the range, what failed, which unknown keys were seen."""

    def __init__(self, data: bytes, shape: str, entity: str, base_offset: int, first_position: int) -> None:
        self.data = data
        self.shape = shape
        self.entity = entity
        self.base_offset = base_offset
        self.first_position = first_position
        self.failures: list[Failure] = []
        self.unknown: Counter[str] = Counter()
        self.extra: frozenset[tuple[str, str]] = frozenset()
        self.use(build_model(shape, entity))

    def use(self, model: Model) -> None:
        self.model = model
        self.decode = msgspec.json.Decoder(model.struct).decode

    def run(self) -> Batch:
        starts, ends, colons = scan_records(self.data)
        spans = list(zip(starts.tolist(), ends.tolist(), strict=True))
        self.check_gaps(spans)
        view = memoryview(self.data)
        values: list[Any] = []
        fast: list[bool] = []
        for position, (start, end) in enumerate(spans):
            try:
                values.append(self.decode(view[start:end]))
                fast.append(True)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                values.append(self.exact(position, start, end))
                fast.append(False)
        self.recheck(spans, colons, values, fast)
        self.count_unknown(values)
        try:
            frame = self.frame(values)
        except BeyondF32:
            for position, (start, end) in enumerate(spans):
                if values[position] is not None:
                    values[position] = self.exact(position, start, end, learn=False)
            frame = self.frame(values)
        good = np.array([value is not None for value in values], bool)
        frame = frame.select(
            pl.Series("source_position", np.flatnonzero(good) + self.first_position, pl.Int64),
            pl.Series("source_offset", starts[good] + self.base_offset, pl.Int64),
            pl.all(),
        )
        self.failures.sort(key=lambda failure: (failure.offset, failure.position))
        nul = self.nul_texts(spans, values) if b"\\u0000" in self.data else {}
        return Batch(frame, self.failures, dict(sorted(self.unknown.items())), nul, len(spans))

    def frame(self, values: list[Any]) -> pl.DataFrame:
        return frame_from_structs(self.shape, self.entity, [value for value in values if value is not None])

    def check_gaps(self, spans: list[tuple[int, int]]) -> None:
        """Between records only commas and blanks may stand, around them also the brackets of the array."""
        lows = [0, *(end for _, end in spans)]
        highs = [*(start for start, _ in spans), len(self.data)]
        for position, (low, high) in enumerate(zip(lows, highs, strict=True)):
            gap = self.data[low:high]
            if gap == b"," or not gap:
                continue
            begin = low
            if position == 0:
                gap = gap.removeprefix(BOM).lstrip(BLANKS).removeprefix(b"[")
                begin = high - len(gap)
            if position == len(spans):
                gap = gap.rstrip(BLANKS).removesuffix(b"]")
            stray = gap.strip(BLANKS + b",")
            if stray:
                begin += len(gap) - len(gap.lstrip(BLANKS + b","))
                self.fail(position, begin, begin + len(stray), RecordFault("", "syntax", "this is no object"))

    def exact(self, position: int, start: int, end: int, *, learn: bool = True) -> Any | None:
        """The record as a struct, or None and a failure. Unknown keys are counted, and declared from here on."""
        try:
            found = read_exact(self.model, self.data[start:end])
        except RecordFault as fault:
            self.fail(position, start, end, fault)
            return None
        if learn and found.unknown:
            self.unknown.update(path + key for path, key in found.unknown)
            extra = self.extra | {(path, key) for path, key in found.unknown if _can_be_declared(key)}
            if extra != self.extra and len(extra) <= _LEARN_LIMIT:
                self.extra = extra
                self.use(build_model(self.shape, self.entity, extra))
        return found.value

    def recheck(
        self, spans: list[tuple[int, int]], colons: np.ndarray | None, values: list[Any], fast: list[bool]
    ) -> None:
        """Send on what decoded well and yet may not be what the text says."""
        if colons is not None:
            bounds = np.array(spans, np.int64).reshape(-1, 2)
            counts = np.diff(np.searchsorted(colons, bounds), axis=1)[:, 0].tolist()
        else:
            counts = [_colons(self.data[start:end]) for start, end in spans]
        for position, (start, end) in enumerate(spans):
            value = values[position]
            if value is None:
                continue
            if fast[position]:
                keys = _key_count(self.model, value)
                if keys != counts[position] and keys + _inner_keys(self.model, value) != counts[position]:
                    value = values[position] = self.exact(position, start, end)
            fault = parallel_fault(self.model, value) if value is not None else None
            if fault:
                self.fail(position, start, end, fault)
                values[position] = None

    def nul_texts(self, spans: list[tuple[int, int]], values: list[Any]) -> dict[str, int]:
        found: Counter[str] = Counter()
        for value, (start, end) in zip(values, spans, strict=True):
            if value is not None and b"\\u0000" in self.data[start:end]:
                found.update(_nul_paths(self.model, value))
        return dict(sorted(found.items()))

    def count_unknown(self, values: list[Any]) -> None:
        """Count the learned keys in what the fast way decoded (the exact way has counted its own)."""
        if self.extra:
            for value in values:
                if value is not None:
                    self.unknown.update(_unknown(self.model, value))

    def fail(self, position: int, start: int, end: int, fault: RecordFault) -> None:
        self.failures.append(
            Failure(
                position + self.first_position,
                start + self.base_offset,
                fault.path,
                fault.rule,
                fault.message,
                self.data[start : min(end, start + _PAYLOAD_LIMIT)].decode(errors="backslashreplace"),
            )
        )


def _can_be_declared(key: str) -> bool:
    """Whether a struct can have the key: none that JSON escapes. Records with other keys stay on the exact way."""
    return json.dumps(key, ensure_ascii=False) == f'"{key}"'


def _colons(text: bytes) -> int:
    colons = scan_records(text)[2]
    return -1 if colons is None else len(colons)


def _children(model: Model, value: Any) -> Iterator[tuple[Model, Any]]:
    for attribute, many, inner in model.nested:
        found = getattr(value, attribute)
        if found is UNSET or found is None:
            continue
        if many:
            for item in found:
                yield inner, item
        else:
            yield inner, found


def _key_count(model: Model, value: Any) -> int:
    """How many keys the struct and all structs inside were given."""
    parts = astuple(value)
    count = len(parts) - parts.count(UNSET)
    for inner, item in _children(model, value):
        count += _key_count(inner, item)
    return count


def _inner_keys(model: Model, value: Any) -> int:
    """How many keys lie inside the values that are not decoded."""
    count = sum(_colons(bytes(part)) for part in astuple(value) if type(part) is msgspec.Raw and b":" in bytes(part))
    return count + sum(_inner_keys(inner, item) for inner, item in _children(model, value))


def _unknown(model: Model, value: Any) -> Iterator[str]:
    for attribute, path in model.unknown:
        # Records decoded before a key was learned have no such attribute.
        if getattr(value, attribute, UNSET) is not UNSET:
            yield path
    for inner, item in _children(model, value):
        yield from _unknown(inner, item)


def _nul_paths(model: Model, value: Any) -> Iterator[str]:
    for key, attribute in model.attributes.items():
        texts = [getattr(value, attribute, UNSET)]
        while texts:
            text = texts.pop()
            if isinstance(text, str) and "\0" in text:
                yield model.path + model.names[key]
            elif isinstance(text, list | tuple):
                texts.extend(text)
    for inner, item in _children(model, value):
        yield from _nul_paths(inner, item)
