"""raw/<entity>: a source as JSON files, one entity at a time.

Binary files become arrays of canonical records, one a line; a NaN or an infinity in them becomes a text, so that its
record is refused by name later on. What is JSON already is taken as it came, but for the
powers that PowerSets.json repeats, and the names that `readers.data_exporter` adds to the ids of its small files.
Does not belong here: parsing the JSON again, rules of the data, where builds are stored.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import numpy as np

from mids_assets.errors import FormatError
from mids_assets.readers.binary_json import finite
from mids_assets.readers.binary_rows import rows_to_dicts
from mids_assets.readers.city_of_data.export import Export
from mids_assets.readers.city_of_data.raw import wrapped_records
from mids_assets.readers.data_exporter import ENTITIES as EXPORTER_ENTITIES
from mids_assets.readers.data_exporter import Linker, powerset_names
from mids_assets.readers.i12 import RAW_FILES as I12_RAW_FILES
from mids_assets.readers.i12 import write_raw_json
from mids_assets.readers.i12_text import power_records
from mids_assets.readers.items import ItemFile, read_enhancements, read_recipes, read_salvage
from mids_assets.readers.json_scan import plan_chunks
from mids_assets.readers.json_structure import record_spans, without_member
from mids_assets.readers.mids_zip import MidsZip
from mids_assets.readers.raw_reference import reference_tables
from mids_assets.readers.shapes import CITY_OF_DATA, MIDS_ZIP_ENTRIES
from mids_assets.readers.source import Source, SourceFile, changed, file_sha256

RAW_FILES = {
    **I12_RAW_FILES,
    "enhancement": "enhancement.json",
    "enhancement_set": "enhancement_set.json",
    "recipe": "recipe.json",
    "salvage": "salvage.json",
    "reference": "reference.json",
}
"""Entity -> name of its file."""

_ITEMS: dict[str, tuple[str, Callable[[Path], ItemFile], str, str]] = {
    "enhancement": ("enhdb", read_enhancements, "enhancements", "enhancement"),
    "enhancement_set": ("enhdb", read_enhancements, "sets", "enhancement_set"),
    "recipe": ("recipe", read_recipes, "recipes", "recipe"),
    "salvage": ("salvage", read_salvage, "items", "salvage"),
}
"""Entity -> (kind of file, reader, array in the file, record)."""

_PASS_BYTES = 8 * 1024 * 1024
_LINES = 1000


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file that was written. `shape` is a name of `shapes.SHAPES` (reference.json: canonical).

    `offsets` (int64) are the starts of the records where we wrote the array ourselves, None where it was taken as
    it came. `note` says in one sentence what is not as in the source, '' for nothing.
    """

    name: str
    path: Path
    shape: str
    records: int
    bytes: int
    sha256: str
    offsets: np.ndarray | None = field(repr=False, default=None)
    note: str = ""
    source_file: str = ""
    """The file, or the entry of the archive, that the records are from; of reference.json all of them."""
    lost_ids: int = 0
    """Ids of other files that lead to no record there; `note` says which."""


def write_raw(source: Source, entity: str, out_dir: Path) -> list[RawFile]:
    """Write the JSON of one entity (a key of `RAW_FILES`) into `out_dir`; a file appears only when it is complete.

    The four entities of I12.mhd are written together by the first call for one of them. Raises `FormatError` and
    `SourceError` as the readers do, `SourceError` too when a file was changed since the source was opened.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    path = out_dir / RAW_FILES[entity]
    if entity == "reference":
        return [_write_reference(source, path)]
    if source.header.main == "data_exporter":
        return [_from_exporter(source, entity, path)]
    if source.header.main == "city_of_data":
        return [_from_city_of_data(source, entity, path)]
    if entity in _ITEMS:
        raw, name = _write_items(source, entity, path), source.files[_ITEMS[entity][0]].name
    elif source.header.main == "i12":
        raw, name = _from_i12(source, entity, out_dir), source.files["i12"].name
    else:
        raw, name = _from_zip(source, entity, path), f"{source.files['mids_zip'].name}/{MIDS_ZIP_ENTRIES[entity]}"
    return [replace(raw, source_file=name)]


_last_pass: tuple[tuple[str, str], dict[str, RawFile]] | None = None
"""What the last pass over an I12.mhd wrote, and of which bytes into which folder: its other three entities."""


def _from_i12(source: Source, entity: str, out_dir: Path) -> RawFile:
    global _last_pass
    file = source.files["i12"]
    key = (file.sha256, str(out_dir.resolve()))
    name = RAW_FILES[entity]
    if _last_pass is None or _last_pass[0] != key or not _is_there(_last_pass[1][name]):
        written = write_raw_json(file.path, out_dir, sha256=file.sha256)
        _last_pass = (
            key,
            {
                name: RawFile(name, raw.path, "canonical", raw.records, raw.bytes, raw.sha256, raw.starts)
                for name, raw in written.items()
            },
        )
    return _last_pass[1][name]


def _is_there(raw: RawFile) -> bool:
    return raw.path.exists() and raw.path.stat().st_size == raw.bytes


def _write_items(source: Source, entity: str, path: Path) -> RawFile:
    kind, read, array, record = _ITEMS[entity]
    found = read(source.files[kind].path)
    source.verify(kind)
    with _Writer(path) as out:
        rows = found.rows[array]
        for start in range(0, len(rows), _LINES):
            records = rows_to_dicts(found.family.newest, record, rows[start : start + _LINES])
            out.lines(map(msgspec.json.encode, map(finite, records) if found.has_odd_floats else records))
        return out.close("canonical")


def _write_reference(source: Source, path: Path) -> RawFile:
    tables = reference_tables(source)
    encode = msgspec.json.encode
    with _Writer(path) as out:
        out.put(b"{")
        between = b""
        for name, table in tables.items():
            out.put(between + b"\n" + encode(name) + b': {"source_file": ' + encode(table["source_file"]))
            out.put(b', "records": [')
            out.put(b",".join(b"\n" + encode(record) for record in finite(table["records"])) + b"]}")
            between = b","
        out.put(b"\n}\n")
        raw = out.finish("canonical", sum(len(table["records"]) for table in tables.values()))
    names = sorted({str(table["source_file"]) for table in tables.values()})
    return replace(raw, source_file=", ".join(names))


def _from_zip(source: Source, entity: str, path: Path) -> RawFile:
    archive = MidsZip(source.files["mids_zip"].path)
    name = MIDS_ZIP_ENTRIES[entity]
    with _Writer(path) as out:
        for block in archive.blocks(name):
            out.put(block)
        source.verify("mids_zip")
        out.flush()
        try:
            plan = plan_chunks(out.part, _PASS_BYTES)
        except FormatError as error:
            raise _in_place(error, f"{archive.path}/{name}") from None
        if entity != "powerset":
            return out.finish("mids_zip", sum(records for _, _, records in plan))
        with _Writer(path, ".small") as small, out.part.open("rb") as whole:
            for start, end, _ in plan:
                whole.seek(start)
                data = whole.read(end - start)
                spans = zip(*(part.tolist() for part in record_spans(data)), strict=True)
                small.lines(without_member(data[low:high], "Powers") for low, high in spans)
            note = f"The powers nested in {name} are left out: Powers.json holds them all."
            return small.close("mids_zip", note)


def _from_exporter(source: Source, entity: str, path: Path) -> RawFile:
    if entity == "power" and "exporter_i12" in source.files:
        return _taken(source, source.files["exporter_i12"], path)
    with _Writer(path) as out:
        if entity == "power" and "i12_text" in source.files:
            file = source.files["i12_text"]
            out.lines(power_records(file.path, powerset_names(source)))
            source.verify("i12_text")
            return replace(out.close("data_exporter_i12"), source_file=file.name)
        kind = EXPORTER_ENTITIES.get(entity)
        if kind not in source.files:
            out.lines(())
            return out.close("data_exporter")
        linker = Linker(source, str(kind))
        out.lines(linker.records())
        raw = out.close("data_exporter", linker.note())
        return replace(raw, source_file=source.files[str(kind)].name, lost_ids=linker.lost.total())


def _from_city_of_data(source: Source, entity: str, path: Path) -> RawFile:
    file = source.files["city_of_data"]
    with Export(file.path) as export, _Writer(path) as out:
        out.lines(wrapped_records(export, entity))
        if not source.is_ours:
            source.verify("city_of_data")
        return replace(out.close(CITY_OF_DATA.name), source_file=file.name)


def _taken(source: Source, file: SourceFile, path: Path) -> RawFile:
    """I12_powers.json itself: of our own copy a link, where the disk can, so that it is neither read nor kept twice."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    try:
        if not (source.is_ours and _linked(file.path, part)):
            shutil.copyfile(file.path, part)
            if file_sha256(part) != file.sha256:
                raise changed(file)
        records = sum(count for _, _, count in plan_chunks(part, _PASS_BYTES))
        part.replace(path)
    except FormatError as error:
        raise _in_place(error, file.path) from None
    finally:
        part.unlink(missing_ok=True)
    return RawFile(path.name, path, "data_exporter_i12", records, file.size, file.sha256, source_file=file.name)


def _in_place(error: FormatError, file: str | Path) -> FormatError:
    """The error of a copy, told of what was copied."""
    return FormatError(error.message, file=file, offset=error.offset, record=error.record, field=error.field)


def _linked(file: Path, path: Path) -> bool:
    try:
        path.hardlink_to(file)
    except OSError:
        return False
    return True


class _Writer:
    """A JSON file that is hashed while it is written, and gets its name when it is complete."""

    def __init__(self, path: Path, suffix: str = ".part") -> None:
        self.path = path
        self.part = path.with_name(path.name + suffix)
        self._out = self.part.open("wb")
        self._hash = hashlib.sha256()
        self._size = 0
        self._starts: list[int] = []

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()
        self.part.unlink(missing_ok=True)

    def put(self, data: bytes) -> None:
        self._out.write(data)
        self._hash.update(data)
        self._size += len(data)

    def flush(self) -> None:
        self._out.flush()

    def lines(self, records: Iterable[bytes]) -> None:
        """Members of an array, one a line."""
        for record in records:
            self.put(b",\n" if self._starts else b"[\n")
            self._starts.append(self._size)
            self.put(record)

    def close(self, shape: str, note: str = "") -> RawFile:
        """End the array begun by `lines`."""
        self.put(b"\n]\n" if self._starts else b"[\n]\n")
        return self.finish(shape, len(self._starts), np.array(self._starts, np.int64), note)

    def finish(self, shape: str, records: int, offsets: np.ndarray | None = None, note: str = "") -> RawFile:
        self._out.close()
        self.part.replace(self.path)
        digest = self._hash.hexdigest()
        return RawFile(self.path.name, self.path, shape, records, self._size, digest, offsets, note)
