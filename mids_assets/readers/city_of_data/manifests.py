"""The manifests that whoever filtered an export left in it: do the files that they name lie there?

They are no part of the game's data, and nothing else is taken from them.
Does not belong here: any other file of an export.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from mids_assets.readers.json_structure import BOM

_SHOWN = 3


class _Kept(msgspec.Struct):
    copied_to: str
    size_bytes: int


class _Manifest(msgspec.Struct):
    kept_files: list[_Kept] = []
    entries: list[_Kept] = []


def manifest_warnings(manifests: Iterable[tuple[str, bytes]], sizes: Mapping[str, int]) -> Iterator[str]:
    """A sentence when files that manifests (name, bytes) say were kept are not there or have another size, and one
    when a manifest cannot be read. `sizes` are the bytes of the files that are there, by their path in lower case."""
    kept: dict[str, int] = {}
    unread: list[str] = []
    for name, data in manifests:
        try:
            manifest = msgspec.json.decode(data.removeprefix(BOM), type=_Manifest)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            unread.append(name)
            continue
        kept |= {file.copied_to.lower(): file.size_bytes for file in (*manifest.kept_files, *manifest.entries)}
    missing = sorted(name for name in kept if name not in sizes)
    other = sorted(name for name in kept if sizes.get(name, kept[name]) != kept[name])
    found = [
        f"{len(names):,} {one if len(names) == 1 else more} ({some(names)})"
        for names, one, more in (
            (missing, "is missing", "are missing"),
            (other, "has another size", "have another size"),
        )
        if names
    ]
    if found:
        yield f"Of {len(kept):,} files that the manifests say were kept, {' and '.join(found)}."
    if unread:
        yield f"{some(unread)} could not be read as a manifest, so the files were not checked against it."


def some(names: list[str]) -> str:
    """The first names of a list, for a sentence."""
    return ", ".join([*names[:_SHOWN], "..."] if len(names) > _SHOWN else names)
