"""A DataExporter folder as records: which file holds which entity, and the names that its ids stand for.

The files refer to each other by id, the model by name. While a file is written to raw, a record that gives an id of
another file gets a member more, `<key>:name`, with the name that this id has there. Every other byte of the record
stays as it is, so that a fault in it is still seen, and shown, as it came.
Does not belong here: where names lie in the model (`readers.shapes_data_exporter`), the text form (`readers.i12_text`).
Source: formats data_exporter.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from mids_assets.readers.json_scan import plan_chunks
from mids_assets.readers.json_structure import record_spans
from mids_assets.readers.source import Source

ENTITIES: Mapping[str, str] = {
    "archetype": "exporter_archetypes",
    "powerset": "exporter_powersets",
    "power": "exporter_powers",
    "enhancement": "exporter_enhancements",
    "recipe": "exporter_recipes",
    "salvage": "exporter_salvage",
}
"""Entity -> kind of its file; the other entities do not occur. I12 files hold powers, too."""


@dataclass(frozen=True, slots=True)
class Link:
    """The id under `key` is one of the file `target`. `inside` = the list of objects that `key` stands in."""

    key: str
    target: str
    inside: str | None = None


LINKS: Mapping[str, tuple[Link, ...]] = {
    "exporter_powersets": (Link("archetype_id", "exporter_archetypes"),),
    "exporter_powers": (Link("powerset_id", "exporter_powersets"),),
    "exporter_enhancements": (Link("recipe_id", "exporter_recipes"),),
    "exporter_recipes": (
        Link("enhancement_id", "exporter_enhancements"),
        Link("salvage_id", "exporter_salvage", inside="salvage_required"),
    ),
}
NAMED_BY_ID = {"exporter_recipes": "recipe"}
"""Files whose records may lack a name: the member `:name` is then this word and the id."""
_PASS_BYTES = 8 * 1024 * 1024


_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_NULL = msgspec.Raw(b"null")


class Linker:
    """The records of a file with the names of what they refer to. `lost` counts, by key, ids that lead nowhere."""

    def __init__(self, source: Source, kind: str) -> None:
        self.lost: Counter[tuple[str, str]] = Counter()
        self._source = source
        self._kind = kind
        self._links = LINKS.get(kind, ())
        self._names = {link.target: _names(source, link.target) for link in self._links}

    def records(self) -> Iterator[bytes]:
        """Raises `FormatError` where the file is no list of records."""
        for record in read_records(self._source, self._kind):
            yield _with_members(record, self._members(record))

    def note(self) -> str:
        """One sentence per key whose ids lead nowhere, '' for none."""
        name = self._source.files[self._kind].name
        parts = []
        for (key, target), count in sorted(self.lost.items()):
            where = self._source.files[target].name if target in self._source.files else "a file that is absent"
            parts.append(f"{name}: {count:,} values of {key} lead to no record of {where}.")
        return " ".join(parts)

    def _members(self, record: bytes) -> list[bytes]:
        if not self._links:
            return []
        try:
            return self._found_members(_OBJECT.decode(record))
        except _UNREADABLE:
            return []  # It ends in the quarantine.

    def _found_members(self, found: Mapping[str, msgspec.Raw]) -> list[bytes]:
        members = []
        if word := NAMED_BY_ID.get(self._kind):
            named = _name(found, word)
            members += [b'":name":' + named] if named else []
        for link in self._links:
            value = found.get(link.inside or link.key, _NULL)
            members += self._inside(link, value) if link.inside else self._member(link, value)
        return members

    def _member(self, link: Link, value: msgspec.Raw) -> list[bytes]:
        number = _id(value)
        if not number:
            return []
        name = self._names[link.target].get(number)
        if name is None:
            self.lost[link.key, link.target] += 1
            return []
        return [b'"%b:name":%b' % (link.key.encode(), name)]

    def _inside(self, link: Link, value: msgspec.Raw) -> list[bytes]:
        """The list as the model has it: the ingredients of level -1, which means none, as the source states none."""
        key = str(link.inside).encode()
        if bytes(value) == b"null":
            return []
        try:
            items = msgspec.json.decode(value, type=list[msgspec.Raw])
        except msgspec.ValidationError:
            return [b'"%b:unread":%b' % (key, bytes(value))]
        parts = []
        for item in map(bytes, items):
            # A plain value is the id.
            entry = item if item.startswith(b"{") else b'{"%b":%b}' % (link.key.encode(), item)
            try:
                number = _OBJECT.decode(entry).get(link.key, _NULL)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return []  # Its record ends in the quarantine.
            parts.append(_with_members(entry, self._member(link, number)))
        return [b'"%b:levels":[{"level":-1,"ingredients":[%b]}]' % (key, b",".join(parts))] if parts else []


def read_records(source: Source, kind: str) -> Iterator[bytes]:
    """The records of one file as they stand there. Raises `SourceError` when it changed since it was opened."""
    path = source.files[kind].path
    chunks = plan_chunks(path, _PASS_BYTES)
    with path.open("rb") as file:
        for start, end, _ in chunks:
            file.seek(start)
            data = file.read(end - start)
            for low, high in zip(*(part.tolist() for part in record_spans(data)), strict=True):
                yield data[low:high]
    source.verify(kind)


def powerset_names(source: Source) -> set[str]:
    """Names of the powersets, in lower case."""
    names = _names(source, "exporter_powersets").values()
    return {str(msgspec.json.decode(name)).lower() for name in names}


def _names(source: Source, kind: str) -> dict[bytes, bytes]:
    """Id -> name, both as JSON; of records with one id the first counts."""
    found: dict[bytes, bytes] = {}
    if kind not in source.files:
        return found
    for record in read_records(source, kind):
        try:
            value = _OBJECT.decode(record)
            number, name = _id(value.get("id", _NULL)), _name(value, NAMED_BY_ID.get(kind))
            # A name that is no text must not spoil the records that refer to it.
            is_text = name is not None and bool(msgspec.json.decode(name, type=str))
        except _UNREADABLE:
            continue
        if number and name and is_text:
            found.setdefault(number, name)
    return found


def _id(value: msgspec.Raw) -> bytes:
    """A number or text as the text of the number; b'' for anything else."""
    text = bytes(value)
    if text.startswith(b'"'):
        text = text[1:-1]
    return text if text and text[:1] not in b"{[" and text not in (b"null", b"true", b"false") else b""


def _name(record: Mapping[str, msgspec.Raw], word: str | None) -> bytes | None:
    """The name of a record as JSON; where it has none, `word` and its id."""
    text = bytes(record.get("name", _NULL))
    if text.startswith(b'"') and text != b'""':
        try:
            msgspec.json.decode(text, type=str)
        except _UNREADABLE:
            return None  # It must not spoil the records that refer to it.
        return text
    number = _id(record.get("id", _NULL))
    return b'"%b %b"' % (word.encode(), number) if word and number else None


def _with_members(record: bytes, members: list[bytes]) -> bytes:
    if not members or not record.endswith(b"}"):
        return record
    body = record[:-1].rstrip()
    comma = b"" if body.endswith(b"{") else b","
    return body + comma + b",".join(members) + b"}"
