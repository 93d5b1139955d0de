"""The revision of an export, `homecoming-20250617_6916`: which game's it is, and of which day.

Does not belong here: other keys of the file that states it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec

from mids_assets.readers.json_structure import BOM

REALM_SUFFIX = "_cod"
"""What the realm of an export has behind that of the game, so that both sources stand side by side."""
_REVISION = re.compile(r"(?P<game>[A-Za-z][A-Za-z0-9]{0,25})-(?P<day>[0-9]{8})(_[A-Za-z0-9]{1,20})?")


class _Index(msgspec.Struct):
    revision: str


def is_of_exports(realm: str | None) -> bool:
    """Whether a realm is one of exports, and none of MidsReborn's databases."""
    return realm is not None and realm.endswith(REALM_SUFFIX)


def stated_revision(index: bytes) -> str | None:
    """The revision in the bytes of archetypes/index.json; None where none of its form is stated."""
    try:
        stated = msgspec.json.decode(index.removeprefix(BOM), type=_Index).revision
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return stated if _REVISION.fullmatch(stated) else None


def revision_realm(revision: str | None) -> str | None:
    """The realm of the export: that of the game and `_cod`. None where there is no revision."""
    found = _REVISION.fullmatch(revision or "")
    return f"{found['game'].lower()}{REALM_SUFFIX}" if found else None


def revision_date(revision: str | None) -> datetime | None:
    """The day in a revision, in UTC; None where there is none."""
    found = _REVISION.fullmatch(revision or "")
    try:
        return datetime.strptime(found["day"], "%Y%m%d").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
