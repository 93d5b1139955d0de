"""The releases that are measured: made once, kept in bench-results/, and taken from there the next time.

Does not belong here: measuring.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

import mids_assets.sample
from mids_assets.readers.json_scan import plan_chunks
from mids_assets.readers.json_structure import record_spans
from mids_assets.readers.mids_zip import MidsZip
from mids_assets.sample import write_sample
from mids_assets.transform.store import replacing, replacing_dir
from mids_assets_tests.real import PROJECT, release

KEPT = PROJECT / "bench-results" / "releases"
POWERS = "I12_powers.json"
REAL_RELEASE = "homecoming-2022-03-31"
_PASS_BYTES = 8 << 20
_EVERY = 100
_RENAMED = re.compile(rb'("FullName": ?"[^".]*\.[^".]*)')


def exporter(powers: int, kept: Path = KEPT) -> Path:
    """A made-up DataExporter folder with so many powers."""

    def make(folder: Path) -> None:
        write_sample(folder, powers=powers, file_format="exporter")

    return _once(kept / f"exporter-{powers}-{_version()}", make)


def changed(source: Path) -> Path:
    """The same folder after a patch: all powers of powersets here and there, together one in a hundred.

    Each takes longer to recharge, and its first effect has another scale.
    """

    def make(folder: Path) -> None:
        shutil.copytree(source, folder, dirs_exist_ok=True)
        with (folder / POWERS).open("wb") as out:
            between = b"["
            for record in _changed_records(records(source / POWERS)):
                out.write(between + record)
                between = b","
            out.write(b"]\n")

    return _once(source.with_name(f"{source.name}-changed"), make)


def head(source: Path, count: int, target: Path) -> None:
    """The first `count` powers of the folder as a file of their own."""
    with target.open("wb") as out:
        between = b"["
        for record, _ in zip(records(source / POWERS), range(count), strict=False):
            out.write(between + record)
            between = b","
        out.write(b"]\n")


def real_powers(times: int, kept: Path = KEPT) -> Path:
    """Powers.json of the real release; `times` over, each time with other names of powersets."""
    once = kept / f"{REAL_RELEASE}-powers.json"
    if not once.exists():
        with replacing(once) as part, part.open("wb") as out:
            out.writelines(MidsZip(release(REAL_RELEASE) / "Mids.zip").blocks("Powers.json"))
    if times == 1:
        return once
    many = kept / f"{REAL_RELEASE}-powers-{times}.json"
    if not many.exists():
        with replacing(many) as part, part.open("wb") as out:
            between = b"[\n"
            for number in range(times):
                for record in records(once):
                    out.write(between + _RENAMED.sub(rb"\g<1>_%d" % number, record))
                    between = b",\n"
            out.write(b"\n]\n")
    return many


def records(path: Path) -> Iterator[bytes]:
    """The members of an array as they stand in the file."""
    with path.open("rb") as file:
        for start, end, _ in plan_chunks(path, _PASS_BYTES):
            file.seek(start)
            data = file.read(end - start)
            for low, high in zip(*(part.tolist() for part in record_spans(data)), strict=True):
                yield data[low:high]


def _changed_records(found: Iterator[bytes]) -> Iterator[bytes]:
    """Whole powersets, each time when less than a hundredth of the powers so far is changed."""
    seen = made = 0
    last, patched = None, False
    for record in found:
        value = msgspec.json.decode(record)
        seen += 1
        if value["PowersetName"] != last:
            last, patched = value["PowersetName"], made * _EVERY < seen
        if not patched:
            yield record
            continue
        made += 1
        value["RechargeTime"] = (value.get("RechargeTime") or 0.0) + 0.25
        if value.get("Effects"):
            value["Effects"][0]["Scale"] += 0.5
        yield msgspec.json.encode(value)


def _once(folder: Path, make: Callable[[Path], None]) -> Path:
    if not folder.exists():
        with replacing_dir(folder) as part:
            make(part)
    return folder


def _version() -> str:
    """Another generator makes another file."""
    digest = hashlib.sha256()
    for path in sorted(Path(mids_assets.sample.__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]
