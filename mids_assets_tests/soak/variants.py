"""Releases that differ in a hundredth of their powers, each with a number of its own, so that a reader can tell whether
it sees one release or parts of two.

Does not belong here: publishing them, reading them.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mids_assets.sample import write_sample
from mids_assets_tests.bench.releases import POWERS, records

EVERY = 100


@dataclass(frozen=True, slots=True)
class Variants:
    """A made-up DataExporter folder, and what is made of it. `marked`: full names of the powers that change."""

    base: Path
    marked: tuple[str, ...]

    def write(self, number: int, folder: Path) -> Path:
        """Variant `number` as a new folder: the recharge time of each marked power is that many seconds, and so is
        the scale of all its effects."""
        shutil.copytree(self.base, folder)
        with (folder / POWERS).open("wb") as out:
            between = b"["
            for place, record in enumerate(records(self.base / POWERS)):
                out.write(between + (_with_number(record, number) if _is_marked(place) else record))
                between = b","
            out.write(b"]\n")
        return folder


def make_variants(folder: Path, powers: int) -> Variants:
    write_sample(folder, powers=powers, file_format="exporter")
    marked = [msgspec.json.decode(record) for place, record in enumerate(records(folder / POWERS)) if _is_marked(place)]
    return Variants(folder, tuple(power["InternalName"] for power in marked))


def _is_marked(place: int) -> bool:
    return place % EVERY == EVERY // 2


def _with_number(record: bytes, number: int) -> bytes:
    power = msgspec.json.decode(record)
    power["RechargeTime"] = float(number)
    for effect in power.get("Effects") or ():
        effect["Scale"] = float(number)
    return msgspec.json.encode(power)
