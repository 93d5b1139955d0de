"""What a boost set's file says of each of its boosts, as records of `enhancement_trait`.

Does not belong here: the set and its pieces (`boost_sets`).
Source: formats city_of_data.md, section 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mids_assets.readers.city_of_data.boost_sets import BoostSetFile, info_of, set_file, uid_of
from mids_assets.readers.city_of_data.refusing import Records, refused
from mids_assets.readers.json_exact import RecordFault

_NO_INFO = b"null"


def traits(files: Iterable[tuple[str, bytes]]) -> Records:
    """One record a boost, in order of sets and pieces. A file that is no boost set gives none.

    `files`: (name of the entry, its bytes).
    """
    found: Records = []
    for entry, content in files:
        try:
            file = set_file(content)
        except RecordFault:
            continue
        found += _of_set(entry, file)
    return found


def _of_set(entry: str, file: BoostSetFile) -> Iterator[dict[str, Any]]:
    for boosts in file.boost_lists:
        for boost in boosts:
            uid = uid_of(boost)
            content = bytes(file.computed.boost_infos.get(uid.lower(), _NO_INFO))
            try:
                info = info_of(uid, content)
            except RecordFault as fault:
                yield refused(entry, fault, content)
                continue
            yield {
                "uid": uid,
                "piece_uid": uid_of(boosts[0]),
                "display_name": info.computed_name,
                "attuned": info.attuned,
                "boostable": info.boostable,
                "superior": info.superior_scales,
                "catalyzes_to_uid": uid_of(info.catalyzes_to[0]) if info.catalyzes_to else "",
                "max_level": info.max_level,
                "min_slot_level": info.min_slot_level,
                "min_bonus_level": info.min_bonus_level,
                "is_proc": info.is_proc,
                "only_at_50": info.only_at_50,
                "unique_group": info.unique_group,
                "slot_requires": info.slot_requires,
                "restricted_classes": info.restricted_ats,
                "aspects": info.aspects,
            }
