"""JSON records of every entity in every shape, and the plan that cuts a file of them.

Each batch is decoded with nothing learned, again with what the first time taught, and every record alone by the exact
way, which a key that no shape knows enforces: all three have to give the same rows and the same failures. Rows of the
canonical shape are compared with Python's own parser too.
Does not belong here: archives that hold such files (`targets_containers`), files of City of Data (`targets_city`).
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

from mids_assets.errors import FormatError
from mids_assets.model.tables import ASSETS
from mids_assets.readers import json_records
from mids_assets.readers.json_records import Batch, Failure, decode_records
from mids_assets.readers.json_scan import plan_chunks
from mids_assets.readers.json_structure import scan_records
from mids_assets.readers.shapes import CITY_OF_DATA, MIDS_ZIP_ENTRIES, SHAPES
from mids_assets.transform.frames import validate_records
from mids_assets_tests.fuzz import json_seeds
from mids_assets_tests.fuzz.seeds import zip_seed
from mids_assets_tests.fuzz.target import Target, Wrong
from mids_assets_tests.unit.readers.json_support import dump, make, row

_BASE, _FIRST = 100, 7
"""Offset and position at which the fed range is said to lie in its file."""
_MARK = "\1fuzz"
_MINUS_ZERO = re.compile(rb"-0(?![.\deE])")
_FOREIGN = b'{"\\u0001fuzz":1'


def targets(folder: Path) -> Iterator[Target]:
    with zipfile.ZipFile(io.BytesIO(zip_seed())) as archive:
        exported = {entity: archive.read(name) for entity, name in MIDS_ZIP_ENTRIES.items()}
    for shape in SHAPES:
        if shape == CITY_OF_DATA.name:
            continue
        for entity in json_seeds.entities(shape):
            if shape == "canonical":
                records = [make(seed, entity) for seed in range(3)]
            else:
                records = json_seeds.records(shape, entity)
            seeds = [dump(records, layout) for layout in ("lines", "pretty", "compact")]
            if shape == "mids_zip":
                seeds.append(exported[entity])
            codes = json_seeds.codes(shape)
            yield Target(f"records-{shape}-{entity}", seeds, Records(folder / "records.json", shape, entity, codes))


@dataclass
class Records:
    path: Path
    shape: str
    entity: str
    codes: Mapping[str, Mapping[str, int]]
    once: bool = True
    """Whether a record in which a key occurs twice must be refused."""

    def __call__(self, data: bytes) -> None:
        json_records._learned.cache_clear()  # A case must not depend on those before it.
        batch = self.decode(data)
        seen = _content(batch)
        if _content(self.decode(data)) != seen:
            raise Wrong(f"{self.entity}: other rows or failures when decoded a second time")
        self.check_complete(batch)
        for found in batch.frame.to_dicts():
            self.check_row(found, data[found["source_offset"] - _BASE :])
        for failure in batch.failures:
            self.check_failure(failure)
        self.check_plan(data, batch)
        if self.entity in ASSETS and len(data) % 4 == 0:  # Slower than all the rest, hence a quarter of the cases.
            validate_records(self.entity, batch.frame, batch.failures, source_file="fuzz")

    def decode(self, data: bytes, base: int = _BASE, first: int = _FIRST) -> Batch:
        return decode_records(data, self.shape, self.entity, base_offset=base, first_position=first, codes=self.codes)

    def check_complete(self, batch: Batch) -> None:
        places = batch.frame["source_position"].to_list()
        refused = {failure.position for failure in batch.failures}
        if len(set(places)) != len(places) or not {*places} | refused >= set(range(_FIRST, _FIRST + batch.records)):
            raise Wrong(f"{self.entity}: a record is neither a row nor a failure, or both")

    def check_row(self, found: dict[str, Any], data: bytes) -> None:
        """A row has to be what the exact way, and for canonical records another parser, make of the same bytes."""
        try:
            value, end = _parser(self.once).raw_decode(data.decode("utf-8", "surrogateescape"))
        except ValueError as problem:
            raise Wrong(f"{self.entity}: a row was made of a record that is no JSON: {problem}") from None
        text = data.decode("utf-8", "surrogateescape")[:end].encode("utf-8", "surrogateescape")
        alone = self.decode(foreign(text), 0, 0)
        if alone.frame.height != 1:
            raise Wrong(f"{self.entity}: a row, and {alone.failures} by the exact way: {text!r}")
        self.compare(found, alone.frame.to_dicts()[0], "by the exact way")
        # -0 is -0.0 in a field of numbers with fractions, which Python's parser does not tell from 0.
        if self.shape == "canonical" and not _MINUS_ZERO.search(text):
            self.compare(found, row(self.entity, value), "by Python's parser")

    def compare(self, found: dict[str, Any], expected: dict[str, Any], how: str) -> None:
        for name, value in expected.items():
            if name in ("source_offset", "source_position"):
                continue
            read, wanted = (_extra(found[name]), _extra(value)) if name == "extra" else (found[name], value)
            if repr(read) != repr(wanted):
                raise Wrong(f"{self.entity}.{name}: {read!r} was read, {how} it is {wanted!r}")

    def check_failure(self, failure: Failure) -> None:
        """A record that fails among others has to fail alone, for the same reason."""
        if failure.rule in ("syntax", "encoding"):
            return
        alone = self.decode(foreign(failure.payload.encode()), 0, 0)
        if [(found.path, found.rule) for found in alone.failures] != [(failure.path, failure.rule)]:
            raise Wrong(f"{self.entity}: {failure!r}, and by the exact way {alone.failures!r}")

    def check_plan(self, data: bytes, batch: Batch) -> None:
        """Chunks follow on each other, and give the rows of the whole where the whole is sound."""
        self.path.write_bytes(data)
        try:
            chunks = plan_chunks(self.path, 2048)
        except FormatError:
            return
        if any(before[1] != after[0] for before, after in pairwise(chunks)):
            raise Wrong(f"{self.entity}: the plan {chunks} leaves bytes out, or has them twice")
        if batch.failures or not scan_records(data)[2]:
            return
        first, rows = _FIRST, []
        for low, high, records in chunks:
            part = self.decode(data[low:high], _BASE + low, first)
            if part.records != records:
                raise Wrong(f"{self.entity}: the plan says {records} records, {part.records} are there")
            first += records
            rows += part.frame.to_dicts()
        if repr(rows) != repr(batch.frame.to_dicts()):
            raise Wrong(f"{self.entity}: chunk by chunk the rows are others than of the whole")


def foreign(record: bytes) -> bytes:
    """The record with a key in front that no shape knows and no fast way can learn unseen."""
    inner = record[1:]
    return _FOREIGN + (b"" if inner.lstrip().startswith(b"}") else b",") + inner


def _extra(text: str | None) -> list[tuple[str, Any]]:
    return [pair for pair in sorted(json.loads(text or "{}").items()) if pair[0] != _MARK]


def _content(batch: Batch) -> tuple[Any, ...]:
    return repr(batch.frame.to_dicts()), batch.failures, batch.unknown, batch.nul_texts, batch.records


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice")
    return found


@cache
def _parser(once: bool) -> json.JSONDecoder:
    # Python refuses to convert very long integers; no field can hold one.
    return json.JSONDecoder(
        object_pairs_hook=_once if once else dict, parse_int=lambda text: int(text) if len(text) < 400 else inf
    )
