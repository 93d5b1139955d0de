"""Damaged copies of the sample, and many imports one after another in one process.

Does not belong here: which damage there is, and what it has to end in (integration/test_faults*.py).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mids_assets.readers.binary import decode
from mids_assets.readers.binary_rows import row_to_dict
from mids_assets.readers.binary_write import write_file
from mids_assets.readers.layouts import FAMILIES
from mids_assets.readers.mids_zip import HEADER_ENTRY, MIDS_ZIP_ENTRIES
from mids_assets_tests.conftest import World
from mids_assets_tests.real import PROJECT, SAMPLE

_RUN = """
import json, resource, sys
from mids_assets.cli import main
for source in json.loads(sys.argv[1]):
    sys.argv[1:] = ["import", source]
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    print(json.dumps({"end": code, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}), flush=True)
    print("----", file=sys.stderr, flush=True)
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How one import ended; `peak_mib` is the most that the process took up to here."""

    code: int
    told: str
    peak_mib: int


def import_all(world: World, sources: Sequence[Path]) -> list[Ended]:
    """Import one source after another, as `mids import` does, in a single process."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, json.dumps([str(source) for source in sources])],
        env=world.environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=500,
    )
    ends = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"end": ')]
    told = done.stderr.split("----\n")
    assert len(ends) == len(sources), done.stderr[-3000:]
    return [Ended(end["end"], text.strip(), end["peak_mib"]) for end, text in zip(ends, told, strict=False)]


def copy_of_sample(folder: Path, *without: str) -> Path:
    """The sample with I12.mhd as its main database, but for the files `without`."""
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("Mids.zip", *without))
    return folder


def sample_with_export(folder: Path, change: Callable[[dict[str, bytes]], Any]) -> Path:
    """The sample with Mids.zip as its main database; `change` edits the entries of the archive in place."""
    copy_of_sample(folder, "I12.mhd")
    with zipfile.ZipFile(SAMPLE / "Mids.zip") as archive:
        entries = {name: archive.read(name) for name in (HEADER_ENTRY, *MIDS_ZIP_ENTRIES.values())}
    change(entries)
    with zipfile.ZipFile(folder / "Mids.zip", "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in entries.items():
            out.writestr(name, data)
    return folder


def rewrite(path: Path, kind: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """Apply `change` to a whole binary file as a record, in place."""
    found = decode(path.read_bytes(), FAMILIES[kind].layouts())
    value = row_to_dict(found.layout, "file", found.value)
    change(value)
    write_file(path, found.layout, value)


def records_text(records: Sequence[Mapping[str, Any]], exchanged: Mapping[int, str | bytes]) -> bytes:
    """A JSON array of records, with the text at some positions exchanged."""
    texts: list[bytes] = []
    for position, record in enumerate(records):
        text = exchanged.get(position, "") or json.dumps(record)
        texts.append(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return b"[" + b",\n".join(texts) + b"]"
