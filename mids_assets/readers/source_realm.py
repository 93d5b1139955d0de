"""What a source itself says about the realm that it belongs to.

Does not belong here: refusing a source for it (`transform.ingest`), picking one of several (`readers.unpack`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mids_assets.errors import FormatError
from mids_assets.readers.city_of_data.revision import revision_realm
from mids_assets.readers.items import read_sdata
from mids_assets.readers.json_files import stated_manifest
from mids_assets.readers.text_power_names import declared_realm

KNOWN_REALMS = ("homecoming", "rebirth", "generic")
_MANIFEST_REALMS = {"cityofheroesrebirth": "rebirth", "midsreborn": "homecoming"}


@dataclass(frozen=True, slots=True)
class RealmEvidence:
    """`realm` in lower case, `where` = folder, powers_replacement, manifest_uri or revision, `text` as it stands."""

    realm: str
    where: str
    text: str


class Placed(Protocol):
    """A file of a source, for what is read of it here."""

    @property
    def path(self) -> Path: ...


def realm_evidence(folder: Path, files: Mapping[str, Placed], version: str) -> Iterator[RealmEvidence]:
    """What a source itself says about its realm; an innermost folder name counts, or one of its two parents.

    Of an export it is the revision alone: its folder is named after the game, as that of a database is.
    """
    if "city_of_data" in files:
        if stated := revision_realm(version):
            yield RealmEvidence(stated, "revision", version)
        return
    for name in reversed(folder.resolve().parts[-3:]):
        realm = name.lower().split("-", 1)[0]
        if realm in KNOWN_REALMS:
            yield RealmEvidence(realm, "folder", name)
            break
    if "powers_replacement" in files:
        stated = declared_realm(files["powers_replacement"].path.read_bytes())
        if stated:
            yield RealmEvidence(stated.lower(), "powers_replacement", stated)
    uri = _manifest(files)
    for part, realm in _MANIFEST_REALMS.items():
        if part in uri.lower():
            yield RealmEvidence(realm, "manifest_uri", uri)


def _manifest(files: Mapping[str, Placed]) -> str:
    """The stated address of updates; a file that cannot be read is its reader's matter."""
    try:
        if "sdata_json" in files:
            return stated_manifest(files["sdata_json"].path.read_bytes())
        if "sdata" in files:
            return str(read_sdata(files["sdata"].path).head.get("manifest_uri", ""))
    except FormatError:
        pass
    return ""
