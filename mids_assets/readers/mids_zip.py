"""Mids.zip, the JSON export of the main database: look inside safely, take entries out, make one.

Entries are found by their name without case, in whatever folder of the archive; nothing is ever written under a
name that the archive chose. The writer spells canonical records as today's exporter does, all keys included.
Does not belong here: what the records mean; which keys there are (`readers.shapes`).
"""

from __future__ import annotations

import errno
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import ijson
import msgspec

from mids_assets.errors import FormatError, SourceError
from mids_assets.readers.json_model import RECORDS
from mids_assets.readers.json_stream import JsonStream, NumberTooLong
from mids_assets.readers.layout import Field, Record
from mids_assets.readers.packed import FILES_LIMIT
from mids_assets.readers.shapes import MIDS_ZIP, MIDS_ZIP_ENTRIES, MIDS_ZIP_HEADER, Formula, Key, Pairs, Parallel

HEADER_ENTRY = "Database.json"
ENTRY_LIMIT = 4 * 1024**3
"""Bytes that one entry may inflate to: ten times the largest documented export."""
_COPY = 1024 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""bzip2 turns 10 KB into gigabytes, and the source program writes neither it nor LZMA."""


@dataclass(frozen=True, slots=True)
class DatabaseHeader:
    """What a database says about itself; `version` as it is written, `date` in UTC."""

    version: str
    date: datetime | None
    issue: int = 0
    page_volume: int = 0
    page_volume_text: str = ""


class MidsZip:
    """An archive whose table of contents has been checked. Raises `SourceError` where it must not be trusted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                infos = archive.infolist()
        except zipfile.BadZipFile as error:
            raise SourceError(f"{path}: this is no usable zip archive ({error})") from None
        if len(infos) > FILES_LIMIT:
            raise SourceError(f"{path}: refused, it holds {len(infos):,} entries, and an export has five")
        self._entries: dict[str, str] = {}
        folded: set[str] = set()
        for info in infos:
            if info.is_dir():
                continue
            self._check(info, folded)
            base = info.filename.rsplit("/", 1)[-1].lower()
            if base in self._entries and base in _WANTED:
                raise SourceError(f"{path}: holds {base} twice: {self._entries[base]} and {info.filename}")
            self._entries[base] = info.filename

    def _check(self, info: zipfile.ZipInfo, folded: set[str]) -> None:
        # `orig_filename` is the name before Python cuts it at a NUL and turns separators.
        name = info.orig_filename
        parts = name.split("/")
        if "\\" in name or "\0" in name or ":" in name or name.startswith("/") or ".." in parts or "." in parts:
            raise SourceError(f"{self.path}: refused, the entry name {name!r} points outside of the archive")
        if info.flag_bits & 0x1:
            raise SourceError(f"{self.path}: refused, the entry {name} is encrypted")
        if name.lower() in folded:
            raise SourceError(f"{self.path}: refused, two entries have the name {name} (case ignored)")
        if info.compress_type not in _METHODS:
            raise SourceError(
                f"{self.path}: refused, the entry {name} is packed by method {info.compress_type}; export it again"
            )
        if info.file_size > ENTRY_LIMIT:
            raise SourceError(f"{self.path}: refused, the entry {name} inflates to {info.file_size:,} bytes")
        folded.add(name.lower())

    def has(self, name: str) -> bool:
        return name.lower() in self._entries

    def missing(self) -> list[str]:
        """Which of the five entries that a reader needs are not there."""
        return [name for name in (HEADER_ENTRY, *MIDS_ZIP_ENTRIES.values()) if not self.has(name)]

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """The inflated bytes of an entry as a stream. A damaged entry raises `FormatError` where it is read."""
        if not self.has(name):
            raise SourceError(f"{self.path}: the entry {name} is missing; export the database again")
        entry = self._entries[name.lower()]
        try:
            with zipfile.ZipFile(self.path) as archive:
                try:
                    stream = archive.open(entry)
                except NotImplementedError:
                    raise SourceError(f"{self.path}: {entry} is packed by a method that is not supported") from None
                with stream:
                    yield stream
        except (zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise FormatError(f"the entry is damaged: {error}", file=f"{self.path}/{entry}") from None
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            # A place outside of the file, as a damaged directory gives it.
            raise FormatError("the entry lies outside of the archive", file=f"{self.path}/{entry}") from None

    def blocks(self, name: str) -> Iterator[bytes]:
        """The inflated bytes of an entry in blocks of 1 MiB."""
        with self.open(name) as stream:
            while block := stream.read(_COPY):
                yield block

    def header(self) -> DatabaseHeader:
        """The header keys of Database.json, read as a stream up to the last of them."""
        with self.open(HEADER_ENTRY) as stream:
            return read_database_header(stream, file=f"{self.path}/{HEADER_ENTRY}")


_WANTED = {name.lower() for name in (HEADER_ENTRY, *MIDS_ZIP_ENTRIES.values())}


def read_database_header(stream: IO[bytes], *, file: str) -> DatabaseHeader:
    """Version, Date, Issue, PageVol, PageVolText of a Database.json of any size, in any order of keys."""
    found: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    try:
        for prefix, event, value in ijson.parse(JsonStream(stream)):
            if prefix in MIDS_ZIP_HEADER and event in ("number", "string"):
                found[prefix] = value
            elif prefix.startswith("Version.") and event == "number":
                parts[prefix.removeprefix("Version.")] = value
            if len(found) == len(MIDS_ZIP_HEADER):
                break
    except (ijson.JSONError, UnicodeDecodeError, NumberTooLong) as error:
        raise FormatError(f"no valid JSON: {str(error).splitlines()[0]}", file=file) from None
    if "Version" not in found and parts:
        numbers = [int(parts.get(name, -1)) for name in ("Major", "Minor", "Build", "Revision")]
        found["Version"] = ".".join(str(number) for number in numbers if number >= 0)
    if "Version" not in found:
        raise FormatError("the key is missing", file=file, field="Version")
    for key in ("Issue", "PageVol"):
        if not isinstance(found.get(key, 0), int):
            raise FormatError(f"{found[key]!r} is no integer", file=file, field=key)
    return DatabaseHeader(
        version=str(found["Version"]),
        date=_moment(found.get("Date"), file),
        issue=found.get("Issue", 0),
        page_volume=found.get("PageVol", 0),
        page_volume_text=str(found.get("PageVolText", "")),
    )


def _moment(value: Any, file: str) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise FormatError(f"{value!r} is no ISO 8601 date", file=file, field="Date") from None
    if moment.year <= 1:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def write_mids_zip(
    path: Path,
    header: DatabaseHeader,
    archetypes: Iterable[Mapping[str, Any]],
    powersets: Iterable[Mapping[str, Any]],
    powers: Iterable[Mapping[str, Any]],
    entities: Iterable[Mapping[str, Any]],
) -> None:
    """Write canonical records (all fields, as in `readers.layouts`) as an export; each iterable is read once.

    Indented as the source program does it. The powers nested in its PowerSets.json are left out: readers take
    Powers.json. The bytes depend only on the records. Raises KeyError for a record without one of its fields.
    """
    date = header.date.isoformat() if header.date else "0001-01-01T00:00:00"
    values = (header.version, date, header.issue, header.page_volume, header.page_volume_text)
    database = msgspec.json.encode(dict(zip(MIDS_ZIP_HEADER, values, strict=True)))
    sources = {"archetype": archetypes, "powerset": powersets, "power": powers, "summoned_entity": entities}
    part = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(_info(HEADER_ENTRY), msgspec.json.format(database, indent=2))
            for entity, records in sources.items():
                with archive.open(_info(MIDS_ZIP_ENTRIES[entity]), "w", force_zip64=True) as out:
                    _write_array(out, entity, records)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)  # Its date is 1980-01-01: the same records give the same archive.
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _write_array(out: IO[bytes], entity: str, values: Iterable[Mapping[str, Any]]) -> None:
    records, root = RECORDS[entity]
    position_key = _POSITION_KEYS.get(root)
    between = b"[\n  "
    for position, value in enumerate(values):
        spelled = _spell(records, records[root], value)
        if position_key:
            spelled[position_key] = position
        text = msgspec.json.format(msgspec.json.encode(spelled), indent=2)
        # A line break never occurs inside a JSON text, so each one is layout.
        out.write(between + text.replace(b"\n", b"\n  "))
        between = b",\n  "
    out.write(b"[]" if between.startswith(b"[") else b"\n]")


_POSITION_KEYS = {"archetype": "Idx", "powerset": "nID", "power": "PowerIndex"}


def _spell(records: Mapping[str, Record], record: Record, value: Mapping[str, Any]) -> dict[str, Any]:
    """A canonical record under the keys of the export."""
    spelled: dict[str, Any] = {}
    for field in record:
        place = MIDS_ZIP.place(record.name, field.name)
        found = value[field.name]
        if isinstance(place, Formula):
            spelled.setdefault(place.holder, {})[place.key] = found
        elif isinstance(place, Pairs):
            spelled[place.key] = [[item[part.name] for part in records[str(field.record)]] for item in found]
        elif isinstance(place, Parallel):
            for key, part in zip(place.keys, records[str(field.record)], strict=True):
                spelled[key] = [item[part.name] for item in found]
        elif isinstance(place, Key) and found is not None:
            spelled[place.key] = _spell_value(records, field, found)
    return spelled


def _spell_value(records: Mapping[str, Record], field: Field, value: Any) -> Any:
    if field.wire == "record":
        return _spell(records, records[str(field.record)], value)
    if field.item == "record":
        return [_spell(records, records[str(field.record)], item) for item in value]
    return value
