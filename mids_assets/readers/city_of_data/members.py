"""Tags and groups: files that list powers. As records of `effect_tag`, `effect_tag_power` and `power_group_member`.

Several files of one name count as one list.
Does not belong here: what tags and groups do to effects.
Source: formats city_of_data.md, section 8.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from mids_assets.readers.city_of_data.refusing import Records, refused
from mids_assets.readers.city_of_data.typed import decoded
from mids_assets.readers.json_exact import RecordFault

Files = Iterable[tuple[str, bytes]]
"""(Name of the entry, its bytes)."""
_KINDS = {"exclusion_groups": "exclusion", "recharge_groups": "recharge"}
"""Folder -> kind of group."""


class _Tag(msgspec.Struct, gc=False):
    tag: str
    bears: list[tuple[str, str]]
    affects: list[tuple[str, str]]


class _Group(msgspec.Struct, gc=False):
    group: str
    powers: list[tuple[str, str]]


_TAG, _GROUP = msgspec.json.Decoder(_Tag), msgspec.json.Decoder(_Group)


def tags(files: Files) -> tuple[Records, Records]:
    """Records of `effect_tag`, one a file, and of `effect_tag_power`."""
    names: Records = []
    powers: Records = []
    places: Counter[tuple[str, str]] = Counter()
    for entry, content in files:
        try:
            found = decoded(_TAG, content)
        except RecordFault as fault:
            names.append(refused(entry, fault, content))
            continue
        names.append({"name": found.tag})
        for relation, members in (("bears", found.bears), ("affects", found.affects)):
            for shown, power in members:
                place = places[found.tag, relation]
                places[found.tag, relation] += 1
                powers.append(
                    {
                        "tag": found.tag,
                        "relation": relation,
                        "position": place,
                        "power_name": power,
                        "display_path": shown,
                    }
                )
    return names, powers


def group_members(files: Files) -> Records:
    """Records of `power_group_member`; the folder of an entry tells the kind of group."""
    found: Records = []
    places: Counter[tuple[str, str]] = Counter()
    for entry, content in files:
        kind = _KINDS[entry.partition("/")[0]]
        try:
            group = decoded(_GROUP, content)
        except RecordFault as fault:
            found.append(refused(entry, fault, content))
            continue
        for shown, power in group.powers:
            place = places[kind, group.group]
            places[kind, group.group] += 1
            found.append(
                {
                    "kind": kind,
                    "group_name": group.group,
                    "position": place,
                    "power_name": power,
                    "display_path": shown,
                }
            )
    return found
