"""What a look at the landing folder leaves for the next one: which entries were seen, and what came of them.

It is the cursor of a sensor: text of bounded size, made of what was seen and never of the clock, so that neither an old
time of a file nor a wrong clock keeps an entry out.
Does not belong here: looking (`transform.landing`), deciding what is launched (`automation`).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mids_assets.transform.landing import Drop


class Memory(msgspec.Struct, omit_defaults=True):
    """An entry under the signature that it had at the last look. `content`: its hash, once a run has told it.
    `settled`: why nothing more is started for it, and `code` as which code would read it."""

    signature: str
    content: str = ""
    settled: str = ""
    code: str = ""

    def is_settled(self, code: str) -> bool:
        return bool(self.settled) and self.code == code

    def settle(self, why: str, code: str) -> None:
        self.settled, self.code = why, code


def recall(text: str | None) -> dict[str, Memory]:
    """Entry -> what is remembered of it. What cannot be read is forgotten; every entry is then looked at anew."""
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, Memory])
    except msgspec.DecodeError:
        return {}


def memorize(memories: Mapping[str, Memory]) -> str:
    return msgspec.json.encode(memories).decode()


def sighted(before: Mapping[str, Memory], drops: list[Drop]) -> tuple[dict[str, Memory], list[Drop]]:
    """What is to be remembered now, and the entries that are whole: unchanged since the look before.

    An entry that changed is a new one, and what was known of one that is gone is forgotten.
    """
    memories: dict[str, Memory] = {}
    whole = []
    for drop in drops:
        memory = before.get(drop.path.name)
        if memory is None or memory.signature != drop.signature:
            memories[drop.path.name] = Memory(drop.signature)
            continue
        memories[drop.path.name] = memory
        if not drop.arriving:
            whole.append(drop)
    return memories, whole
