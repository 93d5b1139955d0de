"""Texts of the game's expression language. A tree that was read has to come back from its own text, and to be told.

Does not belong here: the files that expressions stand in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from mids_assets.readers.expressions import kind_of, parse, references, requirement, to_json, to_text, unknown_names
from mids_assets_tests.fuzz.target import Target, Wrong

_SEEDS = (
    "0",
    "$archetype == @Class_Invented || Ne($archetype, @Class_Other)",
    "!Some.Set && (Some.Set.Power && Some.Set.Other || Some.Set.Third) && ownPowerNum?(Some) > 0",
    "Some.Set.A + Some.Set.B + Some.Set.C > 1",
    "target>enttype eq 'critter' && source.EventTimeSince>Held > 5.25 && mapname> ne 'Some City'",
    "minmax(10 * target>kHitPoints% / 7 - -1e-05, 0, 100) < 100 * rand()",
)


def targets() -> Iterator[Target]:
    yield Target("expressions", [seed.encode() for seed in _SEEDS], _read)


def _read(data: bytes) -> None:
    # Damaged bytes are texts all the same; every character below 256 can come.
    tree = parse(data.decode("latin-1"))
    again = parse(to_text(tree))
    if again != tree:
        raise Wrong(f"{to_text(tree)!r} was written for {tree}, and is read as {again}")
    json.dumps(to_json(tree), allow_nan=False)
    for tell in (kind_of, requirement, unknown_names, references):
        tell(tree)
