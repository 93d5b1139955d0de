"""A byte range of a JSON array to a nested frame: fast where the data is good, exact where it is not.

The fast way is Arrow's reader (`readers.json_arrow`), which refuses a block in which one record does not fit to the
letter. Such a block is cut smaller until only a few records are left; these, and the ones that hold something that
Arrow does not tell apart, go through `readers.json_exact`, and end as the same row or as a `Failure`. Nothing is
dropped without one of both. NUL characters occur in good files (a description of 2021 has two): they stay in the
frame, and are counted.
Does not belong here: key names of a source (`readers.shapes`), rules about values (the model), files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import polars as pl
import pyarrow as pa

from mids_assets.readers.batch import Batch, Failure, payload
from mids_assets.readers.city_of_data.decode import decode_wrapped
from mids_assets.readers.json_arrow import arrays_of, is_utf8, levels, read_block, suspects
from mids_assets.readers.json_exact import ExactRecord, RecordFault, read_exact
from mids_assets.readers.json_extra import Codes, Extra
from mids_assets.readers.json_frame import frame_from_arrays
from mids_assets.readers.json_learn import Learned
from mids_assets.readers.json_model import Free, Model, build_model
from mids_assets.readers.json_structure import BLANKS, BOM, scan_records
from mids_assets.readers.nul import nul_texts
from mids_assets.readers.shapes import CITY_OF_DATA, SHAPES

_SPLIT = 16
_LEAF = 8
"""A refused block is cut in 16, and read exactly from 8 records downwards."""
_COMMA, _NEWLINE = b",\n"
_NULL = re.compile(rb"[:,\[][ \t\r\n]*null")
_KEY_BEFORE = re.compile(rb'"((?:[^"\\]|\\.)*)"[ \t\r\n]*$')


def decode_records(
    data: bytes | memoryview,
    shape: str,
    record: str,
    *,
    base_offset: int = 0,
    first_position: int = 0,
    codes: Codes | None = None,
) -> Batch:
    """Decode the records in `data`, which holds whole ones separated by commas and blanks.

    `shape` is a name of `shapes.SHAPES`, `record` one of `json_model.RECORDS` ('power', 'enhancement_set', ...).
    `codes`: enumeration -> member in small letters -> number, for shapes that write members by name.
    The brackets of the array may be part of the slice, and so may a byte order mark. f32 fields come out as the
    float64 with the shortest decimal that reads back as the same f32. Raises KeyError on an unknown shape, record
    or enumeration.
    """
    if shape == CITY_OF_DATA.name:
        return decode_wrapped(bytes(data), record, base_offset, first_position, codes or {})
    return _Decoder(bytes(data), shape, record, base_offset, first_position, codes or {}).run()


@lru_cache(maxsize=64)
def _learned(shape: str, entity: str) -> Learned:
    """What this process has learned: it makes the next range fast, and changes no row."""
    return Learned()


class _Decoder:
    """The state of one call: the range, what failed, what was read exactly."""

    def __init__(
        self, data: bytes, shape: str, entity: str, base_offset: int, first_position: int, codes: Codes
    ) -> None:
        self.data = data
        self.shape = shape
        self.entity = entity
        self.base_offset = base_offset
        self.first_position = first_position
        self.codes = codes
        self.model: Model = build_model(shape, entity)
        self.learned = _learned(shape, entity)
        self.failures: list[Failure] = []
        self.unknown: Counter[str] = Counter()
        self.done: dict[int, ExactRecord | None] = {}
        """Position in the range -> what the exact reader said; None = a failure."""

    def run(self) -> Batch:
        starts, ends, clean = scan_records(self.data)
        self.starts, self.ends = starts.tolist(), ends.tolist()
        self.check_gaps(starts, ends)
        for position in self.unfit_for_arrow(clean=clean):
            self.exact(position)
        frames = [self.frame(*self.fast(), exact=False)]
        read = sorted(position for position, value in self.done.items() if value is not None)
        if read:
            values = [self.done[position].value for position in read]  # type: ignore[union-attr]
            table = pa.Table.from_pylist(values, Learned().schema(self.model))
            frames.append(self.frame(table, np.array(read), exact=True))
        frame = pl.concat(frames).sort("source_position") if len(frames) > 1 else frames[0]
        self.failures.sort(key=lambda failure: (failure.offset, failure.position))
        nul = nul_texts(frame.drop("source_position", "source_offset")) if b"\\u0000" in self.data else {}
        return Batch(frame, self.failures, dict(sorted(self.unknown.items())), nul, len(starts))

    def unfit_for_arrow(self, *, clean: bool) -> list[int]:
        """Records in which Arrow would not see what is wrong, by their bytes."""
        found: set[int] = set()
        if not clean:
            found.update(p for p in range(len(self.starts)) if not _is_one_object(self.record(p)))
        if not is_utf8(self.data):
            found.update(p for p in range(len(self.starts)) if not is_utf8(self.record(p)))
        if SHAPES[self.shape].defaults and b"null" in self.data:
            harmless = _null_keys(self.model)
            for match in _NULL.finditer(self.data):
                key = _KEY_BEFORE.search(self.data, max(0, match.start() - 256), match.start())
                if match[0][:1] != b":" or key is None or key[1] not in harmless:
                    found.add(int(np.searchsorted(self.starts, match.start(), side="right")) - 1)
        return sorted(found - {-1})

    def record(self, position: int) -> bytes:
        return self.data[self.starts[position] : self.ends[position]]

    def fast(self) -> tuple[pa.Table, np.ndarray]:
        """All records that Arrow may be trusted with, and their positions in the range."""
        rows = self.remaining(range(len(self.starts)))
        table = self.read(rows)
        while table is None:
            self.narrow(rows)
            left = self.remaining(rows)
            if len(left) == len(rows):
                # Refused together, but not apart: no reason is known, and it must end.
                for row in rows:
                    self.exact(row)
                left = []
            rows = left
            table = self.read(rows)
        doubtful = suspects(self.model, arrays_of(table), len(rows))
        if len(doubtful):
            for row in doubtful.tolist():
                self.exact(rows[row])
            keep = np.ones(len(rows), bool)
            keep[doubtful] = False
            table = table.filter(pa.array(keep))
            rows = self.remaining(rows)
        return table, np.array(rows, np.int64)

    def remaining(self, rows: Sequence[int]) -> list[int]:
        return [row for row in rows if row not in self.done] if self.done else list(rows)

    def read(self, rows: Sequence[int]) -> pa.Table | None:
        """The records as a table, or None where Arrow refuses one of them."""
        schema = self.learned.schema(self.model)
        if not rows:
            return schema.empty_table()
        try:
            table = read_block(self.lines(rows), schema)
        except pa.ArrowInvalid:
            return None
        # Damaged text may hold two objects where one was counted.
        return table if table.num_rows == len(rows) else None

    def lines(self, rows: Sequence[int]) -> bytes | bytearray:
        """The records with a line break between two."""
        first, last = self.starts[0], self.ends[-1]
        if len(rows) == len(self.starts):
            # All of them: the text as it stands, where a comma, and perhaps blanks, stand behind each.
            text = bytearray(self.data[first:last])
            values, places = np.frombuffer(text, np.uint8), np.array(self.ends[:-1], np.int64) - first
            if (values[places] == _COMMA).all():
                values[places] = _NEWLINE
                return text
        return b"\n".join(map(self.record, rows))

    def narrow(self, rows: Sequence[int]) -> None:
        """Of records that were refused together, read exactly those few that are the cause."""
        if len(rows) <= _LEAF:
            for row in rows:
                self.exact(row)
            return
        size = -(-len(rows) // _SPLIT)
        for low in range(0, len(rows), size):
            part = rows[low : low + size]
            if self.read(part) is None:
                self.narrow(part)

    def exact(self, position: int) -> None:
        start, end = self.starts[position], self.ends[position]
        try:
            self.done[position] = found = read_exact(self.model, self.data[start:end])
        except RecordFault as fault:
            self.done[position] = None
            self.fail(position, start, end, fault)
        else:
            self.learned.learn(found.free)

    def frame(self, table: pa.Table, rows: np.ndarray, *, exact: bool) -> pl.DataFrame:
        """The records `rows` of the range as they leave this module."""
        arrays = arrays_of(table)
        extra = Extra(len(rows), self.unknown, self.codes)
        for level in levels(self.model, arrays, len(rows)):
            extra.add_level(level)
        if exact:
            for row, position in enumerate(rows.tolist()):
                found = self.done[position]
                assert found is not None
                extra.add_exact(row, found.free)
        frame = frame_from_arrays(self.shape, self.entity, arrays, len(rows), self.codes)
        offsets = np.array(self.starts, np.int64)[rows] if len(rows) else np.zeros(0, np.int64)
        return frame.select(
            pl.Series("source_position", rows + self.first_position, pl.Int64),
            pl.Series("source_offset", offsets + self.base_offset, pl.Int64),
            pl.all(),
            extra.column(),
        )

    def check_gaps(self, starts: np.ndarray, ends: np.ndarray) -> None:
        """Between records only commas and blanks may stand, around them also the brackets of the array."""
        lows = np.append(0, ends)
        highs = np.append(starts, len(self.data))
        values = np.frombuffer(self.data, np.uint8)
        # Nearly always a lone comma.
        odd = highs - lows != 1
        odd[~odd] = values[lows[~odd]] != _COMMA
        for position in np.flatnonzero(odd).tolist():
            low, high = int(lows[position]), int(highs[position])
            gap = self.data[low:high]
            begin = low
            if position == 0:
                gap = gap.removeprefix(BOM).lstrip(BLANKS).removeprefix(b"[")
                begin = high - len(gap)
            if position == len(starts):
                gap = gap.rstrip(BLANKS).removesuffix(b"]")
            stray = gap.strip(BLANKS + b",")
            if stray:
                begin += len(gap) - len(gap.lstrip(BLANKS + b","))
                self.fail(position, begin, begin + len(stray), RecordFault("", "syntax", "this is no object"))

    def fail(self, position: int, start: int, end: int, fault: RecordFault) -> None:
        self.failures.append(
            Failure(
                position + self.first_position,
                start + self.base_offset,
                fault.path,
                fault.rule,
                fault.message,
                payload(self.data, start, end),
            )
        )


def _is_one_object(record: bytes) -> bool:
    starts, ends, clean = scan_records(record)
    return clean and starts.tolist() == [0] and ends.tolist() == [len(record)]


@lru_cache(maxsize=64)
def _null_keys(model: Model) -> frozenset[bytes]:
    """Keys under which a null means nothing, wherever they stand."""
    harmless: set[str] = set()
    harmful: set[str] = set()
    models = [model]
    while models:
        current = models.pop()
        for key, node in current.keys.items():
            free = isinstance(node, Free)
            (harmless if free or key in current.nullable else harmful).add(key)
        models += [inner for _, inner in current.inner()]
    return frozenset(key.encode() for key in harmless - harmful)
