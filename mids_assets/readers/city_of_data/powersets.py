"""The index file of a powerset as the canonical powerset record.

Does not belong here: categories (`categories`), the order of its powers (`export`).
Source: formats city_of_data.md, sections 3 and 9.
"""

from __future__ import annotations

import msgspec

from mids_assets.readers.city_of_data.rows import Row
from mids_assets.readers.city_of_data.typed import Int32, decoded
from mids_assets.readers.json_exact import RecordFault
from mids_assets.readers.json_model import RECORDS

_POWERSET = RECORDS["powerset"][0]["powerset"].fields


class PowersetFile(msgspec.Struct, gc=False):
    """The keys that are read. The lists of powers repeat what the powers' own files say."""

    name: str
    display_name: str
    display_fullname: str
    display_help: str | None
    display_short_help: str | None
    icon: str | None
    requires: str


class PowersetContext(msgspec.Struct):
    """What the file itself does not say: its category, and the role of the sets in there (`categories.Role`)."""

    category: str
    set_type: Int32 | None
    archetype_class: str


_FILE = msgspec.json.Decoder(PowersetFile)
_CONTEXT = msgspec.json.Decoder(PowersetContext)


def row(content: bytes, context: bytes) -> Row:
    """`context`: a `PowersetContext`. Raises `RecordFault` naming the key that is not as the format says."""
    file, around = decoded(_FILE, content), decoded(_CONTEXT, context)
    if not file.name:
        raise RecordFault("name", "missing", "the powerset has no name")
    found = Row(())
    for key, value in (("display_short_help", file.display_short_help), ("requires", file.requires)):
        if value:
            found.extra[key] = value
    if around.set_type is None:
        found.unknown.append(("category", around.category))
    values = {
        "display_name": file.display_name,
        "set_type": around.set_type,
        "image_name": file.icon,
        "full_name": f"{around.category}.{file.name}",
        "set_name": file.name,
        "description": file.display_help,
        "archetype_class": around.archetype_class,
    }
    found.values = tuple(values.get(field.name) for field in _POWERSET)
    return found
