"""Every binary family in all its layouts. A file that was read has to give the very same bytes when written again.

Does not belong here: seeds (`seeds`), text files (`targets_text`).
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator
from pathlib import Path

from mids_assets.readers.binary_rewrite import rewritten
from mids_assets.readers.detect import detect
from mids_assets.readers.i12 import ENTITIES, RAW_FILES, read_frames, read_header, write_raw_json
from mids_assets.readers.inspect import inspect
from mids_assets.readers.items import read_item_file
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.layout import Family
from mids_assets.readers.layouts import FAMILIES, I12
from mids_assets_tests.fuzz.seeds import TEXT_NAMES, binary_seeds, text_seed, zip_seed
from mids_assets_tests.fuzz.target import Target, Wrong


def targets(folder: Path, *, real: bool = False) -> Iterator[Target]:
    for kind, family in FAMILIES.items():
        yield Target(kind, binary_seeds(family, real=real), _Binary(family, folder / f"{kind}.mhd"))
    everything = [seed for family in FAMILIES.values() for seed in binary_seeds(family)]
    everything += [*map(text_seed, TEXT_NAMES), zip_seed()]
    yield Target("inspect", everything, _Inspect(folder / "file.mhd"))


class _Inspect:
    """What `mids inspect` does with any file: tell its kind, and describe it as JSON."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, data: bytes) -> None:
        self.path.write_bytes(data)
        detect(self.path)
        json.dumps(inspect(self.path), default=str).encode()


class _Binary:
    """The way over the bytes again, and the ways of the import."""

    def __init__(self, family: Family, path: Path) -> None:
        self.family = family
        self.path = path

    def __call__(self, data: bytes) -> None:
        self.path.write_bytes(data)
        again = rewritten(data, self.family.layouts())
        if again != data and not only_nan_bits(data, again):
            raise Wrong(f"{self.family.kind} was read, and written again it has other bytes")
        if self.family is I12:
            self.main_database()
        else:
            read_item_file(self.path, self.family).value  # noqa: B018

    def main_database(self) -> None:
        """Straight to frames, and through JSON: the same rows, but for records that JSON cannot hold."""
        read_header(self.path)
        folder = self.path.parent / "raw"
        write_raw_json(self.path, folder)
        frames = read_frames(self.path)
        for entity in ENTITIES.values():
            batch = decode_records((folder / RAW_FILES[entity]).read_bytes(), "canonical", entity)
            straight = frames[entity]
            if batch.records != straight.height:
                raise Wrong(f"{entity}: {straight.height} records, as JSON {batch.records}")
            rows = straight.to_dicts()
            for found in batch.frame.to_dicts():
                expected = rows[found["source_position"]]
                if any(repr(expected[name]) != repr(found[name]) for name in expected):
                    raise Wrong(f"{entity}: {expected!r} straight from the bytes, {found!r} through JSON")


def only_nan_bits(before: bytes, after: bytes) -> bool:
    """A NaN loses its payload on the way through a float; the record that holds one is refused later on by name."""
    return len(before) == len(after) and all(
        # The number may begin some bytes before the first byte that differs.
        any(
            _nan(after[low : low + size]) and _nan(before[low : low + size])
            for size in (4, 8)
            for low in range(max(0, at - size + 1), at + 1)
        )
        for at in range(len(before))
        if before[at] != after[at]
    )


def _nan(raw: bytes) -> bool:
    codes = {4: "<f", 8: "<d"}
    return len(raw) in codes and math.isnan(struct.unpack(codes[len(raw)], raw)[0])
