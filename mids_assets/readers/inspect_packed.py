"""What is in an archive or a patch, for `mids inspect`.

Nothing is written but into a temporary folder, with the care of the readers. Facts that were found before a fault
are kept.
Does not belong here: the files that come out (`readers.inspect` looks at each).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
import numpy as np

from mids_assets.errors import FormatError
from mids_assets.readers.archive import extract_archive, holds_database
from mids_assets.readers.city_of_data.opening import holds_export
from mids_assets.readers.detect import Kind
from mids_assets.readers.inspect_export import note_export
from mids_assets.readers.json_structure import BLANKS, Scanner
from mids_assets.readers.mids_zip import MidsZip
from mids_assets.readers.patch import extract_patch
from mids_assets.readers.patch_hash import verify_hashes
from mids_assets.readers.shapes import MIDS_ZIP_ENTRIES

_FIRST_LIMIT = 16 * 1024 * 1024
"""First records that lie behind this are not shown."""


def note_packed(facts: dict[str, object], path: Path, kind: Kind, most: int) -> None:
    """Add `counts`, `section_bytes` by file, and of a Mids.zip `version`, `date`, `head` and `first`; of an export what
    `inspect_export` finds.

    Raises `FormatError` or `SourceError` where something is wrong.
    """
    if kind is Kind.TAR or (kind is Kind.ZIP and holds_export(path)):
        note_export(facts, path, most, is_zip=kind is Kind.ZIP)
    elif kind is Kind.PATCH or holds_database(path):
        _files(facts, path, is_patch=kind is Kind.PATCH)
    else:
        _export(facts, MidsZip(path), most)


def _files(facts: dict[str, object], path: Path, *, is_patch: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="mids-", ignore_cleanup_errors=True) as name:
        folder = Path(name) / "packed"
        folder.mkdir()
        files = (extract_patch if is_patch else extract_archive)(path, folder)
        facts["counts"] = {"files": len(files)}
        places = sorted(place for place in folder.rglob("*") if place.is_file())
        facts["section_bytes"] = {place.relative_to(folder).as_posix(): place.stat().st_size for place in places}
    if is_patch and (warning := verify_hashes(path, files)):
        facts["warning"] = warning


def _export(facts: dict[str, object], archive: MidsZip, most: int) -> None:
    if missing := archive.missing():
        raise FormatError(f"missing in the archive: {', '.join(missing)}", file=archive.path)
    header = archive.header()
    facts["head"] = {
        "issue": header.issue,
        "page_volume": header.page_volume,
        "page_volume_text": header.page_volume_text,
    }
    facts |= {"layout": "json", "version": header.version, "date": header.date}
    counts: dict[str, int] = {}
    sizes: dict[str, int] = {}
    first: dict[str, list[object]] = {}
    facts |= {"counts": counts, "section_bytes": sizes, "first": first}
    for name in MIDS_ZIP_ENTRIES.values():
        counts[name] = sizes[name] = 0
        first[name] = []
        _entry(archive, name, counts, sizes, first[name], most)


def _entry(
    archive: MidsZip, name: str, counts: dict[str, int], sizes: dict[str, int], first: list[object], most: int
) -> None:
    scanner = Scanner()
    head, tail = bytearray(), b""
    starts: list[int] = []
    for block in archive.blocks(name):
        begun, ended = scanner.feed(np.frombuffer(block, np.uint8))
        counts[name] += len(ended)
        sizes[name] += len(block)
        tail = (tail + block)[-4096:].rstrip(BLANKS) or tail
        if len(first) < most and len(head) < _FIRST_LIMIT:
            head += block
            starts += begun.tolist()
            for end in ended[: most - len(first)].tolist():
                try:
                    first.append(msgspec.json.decode(head[starts[len(first)] : end]))
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, IndexError) as problem:
                    where = f"{archive.path}/{name}"
                    raise FormatError(f"no valid JSON: {problem}", file=where, record=str(len(first))) from None
    if not scanner.clean or not tail.endswith(b"]"):
        raise FormatError(
            "the array is not closed, or quotes and braces do not balance: the file seems to be cut off",
            file=f"{archive.path}/{name}",
            offset=sizes[name],
            record=str(counts[name]),
        )
