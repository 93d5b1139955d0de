"""A source becomes a stored release: copied whole, verified, content-addressed, with a manifest.

Does not belong here: reading what is in the files (`readers`), parsing them (`transform.chunks`, `frames`).
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mids_assets.errors import FormatError, SourceError, UserError
from mids_assets.readers.binary import choose_layout
from mids_assets.readers.city_of_data.revision import REALM_SUFFIX, is_of_exports, revision_realm
from mids_assets.readers.layout import layout_fingerprint
from mids_assets.readers.layouts import FAMILIES
from mids_assets.readers.source import Source, SourceHeader, open_source
from mids_assets.readers.unpack import opened_source
from mids_assets.transform.build import release_id
from mids_assets.transform.leftovers import remove_leftovers
from mids_assets.transform.parts import ABOUT, SOURCE
from mids_assets.transform.store import Store, existing, read_json, replacing_dir, write_json

_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """A release in the store. `source` reads from the stored copy; `origin` is where it came from."""

    realm: str
    release: str
    folder: Path
    source: Source
    origin: str
    is_new: bool
    layouts: dict[str, str]
    """Name of each binary file -> its layout and the fingerprint of its fields."""

    @property
    def header(self) -> SourceHeader:
        return self.source.header


def check_realm(source: Source, realm: str) -> None:
    """Refuse a source that itself says it belongs to another realm. Names and numbers in it cannot tell.

    Realms of City of Data exports take nothing else, and are the only ones that do: the two number and spell records
    each in their own way. Raises `SourceError` naming the evidence, and the realm that is right.
    """
    is_export = source.header.main == "city_of_data"
    if is_export and not is_of_exports(realm):
        right = revision_realm(source.header.version) or f"{realm}{REALM_SUFFIX}"
        raise SourceError(
            f"{source.path}: is a City of Data export, and realm {realm!r} is one of MidsReborn's databases; import it"
            f" with --realm {right}, which has to be among MIDS_REALMS"
        )
    if is_of_exports(realm) and not is_export:
        raise SourceError(
            f"{source.path}: is a database of MidsReborn, and realm {realm!r} is one of City of Data exports; import it"
            f" with --realm {realm.removesuffix(REALM_SUFFIX)}"
        )
    for evidence in source.declared_realms:
        if evidence.realm != realm and _stands_for_realm(source, evidence.where):
            raise SourceError(
                f"{source.path}: {evidence.where} says {evidence.text!r}, which is realm {evidence.realm!r} and not"
                f" {realm!r}; import it with --realm {evidence.realm}"
            )


def _stands_for_realm(source: Source, where: str) -> bool:
    # Homecoming's manifest address was the program's default in every database for years: no evidence by itself.
    # A made-up sample names what it likes.
    return where != "manifest_uri" and not source.is_sample


def store_release(store: Store, realm: str, path: Path) -> StoredRelease:
    """Copy the files that are read into the store, unless the same content is there already.

    `path` may be all that `readers.unpack` takes: folder, patch and archive of the same files are one release.
    The copy is hashed while it is written, so what was identified is what will be parsed. Raises `SourceError` for
    a source that cannot be used, `UserError` when the disk is full.
    """
    remove_leftovers(store.realm_dir(realm))
    store.tidy(realm)
    with opened_source(path, realm) as source:
        return _store(store, realm, source)


def _store(store: Store, realm: str, source: Source) -> StoredRelease:
    check_realm(source, realm)
    release = release_id(realm, source.content_hash)
    paths = store.of_release(realm, release)
    folder = paths.release_dir
    kept = not paths.fetch(SOURCE)
    if (folder / "release.json").exists():
        stored = _stored(store, realm, release)
        if not kept:  # The process that wrote it here was ended before it was in the store.
            paths.keep(SOURCE)
        return stored
    require_space(store.root, source)
    with replacing_dir(folder, first_wins=True) as temporary:
        (temporary / "source").mkdir()
        for file in source.files.values():
            copied = _copy(file.path, temporary / "source" / file.name)
            if copied != file.sha256:
                raise SourceError(f"{file.path} was changed while it was being read; import again when it is complete")
        if source.is_sample:
            (temporary / "source" / "SAMPLE.txt").write_text("A made-up sample.\n", "utf-8")
        write_json(temporary / "release.json", _manifest(realm, release, source, temporary / "source"))
    paths.keep(SOURCE)
    return _stored(store, realm, release, just_copied=source)


def open_stored(store: Store, realm: str, release: str) -> StoredRelease:
    """A release that was stored earlier. Raises `UserError` where there is none."""
    if stored_source(store, realm, release) is None:
        raise UserError(f"release {release} of realm {realm} is not stored under {store.root}")
    return _stored(store, realm, release)


def stored_source(store: Store, realm: str, release: str) -> Path | None:
    """The folder with the files of a stored release; None where they are not stored, or no more."""
    paths = store.of_release(realm, release)
    return paths.source if not paths.fetch(SOURCE) and paths.source.is_dir() else None


def release_manifest(store: Store, realm: str, release: str) -> dict[str, Any]:
    """What is known of a stored release. Raises `StaleBuild` where it is not stored."""
    paths = store.of_release(realm, release)
    paths.require(ABOUT)
    return read_json(existing(paths.release_dir / "release.json", "release"))


def require_space(folder: Path, source: Source) -> None:
    """Raise `UserError` when the disk has not the room that an import of the source takes.

    Factors measured on real releases: of a binary database raw JSON is five times as large, and Parquet and PostgreSQL
    add two; an export is JSON already, and was not deflated when it was packed.
    """
    factor = 4 if source.header.main == "city_of_data" else 10
    needed = factor * sum(file.size for file in source.files.values())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be made ({error.strerror}): make it writable, or set MIDS_STORAGE or MIDS_DATA_DIR to"
            " another folder"
        ) from None
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise UserError(
            f"{folder}: {free / 1e6:,.0f} MB are free, and this import needs about {needed / 1e6:,.0f} MB; make room"
            " or set MIDS_STORAGE or MIDS_DATA_DIR to another disk"
        )


def manifest_date(manifest: dict[str, Any]) -> datetime | None:
    text = manifest["header"]["date"]
    return datetime.fromisoformat(text) if text else None


def _stored(store: Store, realm: str, release: str, *, just_copied: Source | None = None) -> StoredRelease:
    """`just_copied`: what was hashed while its copy was written, which need not be hashed once more."""
    folder = store.release_dir(realm, release)
    manifest = read_json(folder / "release.json")
    hashes = {file.name: file.sha256 for file in just_copied.files.values()} if just_copied else None
    source = replace(open_source(folder / "source", hashes), is_ours=True)
    known = {file["name"]: file["sha256"] for file in manifest["files"]}
    damaged = sorted(file.name for file in source.files.values() if known.get(file.name) != file.sha256)
    if damaged or len(known) != len(source.files):
        raise SourceError(
            f"{folder}: {', '.join(damaged) or 'the set of files'} differs from what was stored; remove this folder"
            " and import the release again"
        )
    # A release that was stored by an earlier version has no layouts in its manifest.
    layouts = {
        file["name"]: f"{file['layout']} {file['fingerprint']}" for file in manifest["files"] if "layout" in file
    }
    return StoredRelease(realm, release, folder, source, manifest["origin"], just_copied is not None, layouts)


def _manifest(realm: str, release: str, source: Source, folder: Path) -> dict[str, Any]:
    header = asdict(source.header)
    header["date"] = source.header.date.isoformat() if source.header.date else None
    files = [
        {
            "kind": kind,
            "name": file.name,
            "bytes": file.size,
            "sha256": file.sha256,
            **_layout(kind, folder / file.name),
        }
        for kind, file in sorted(source.files.items())
    ]
    main = next((file for file in files if file["kind"] == source.header.main), {})
    header["layout_fingerprint"] = main.get("fingerprint")
    return {
        "realm": realm,
        "release": release,
        "origin": str(source.path),
        "header": header,
        "choice": source.choice,
        "warnings": source.warnings,
        "is_sample": source.is_sample,
        "files": files,
    }


def _layout(kind: str, path: Path) -> dict[str, str]:
    """Id and fingerprint of the layout of a binary file; of a damaged one nothing, its reader says what is wrong."""
    if kind not in FAMILIES:
        return {}
    try:
        layout = choose_layout(path, FAMILIES[kind].layouts(), file=path)
    except FormatError:
        return {}
    return {"layout": layout.id, "fingerprint": layout_fingerprint(layout)}


def _copy(source: Path, target: Path) -> str:
    digest = hashlib.sha256()
    with source.open("rb") as reader, target.open("wb") as writer:
        while block := reader.read(_BLOCK):
            digest.update(block)
            writer.write(block)
    return digest.hexdigest()
