"""A chunk of an export's powers: a record in quarantine names the file of the export that it is from."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from mids_assets.readers.city_of_data.wrapper import wrapped
from mids_assets.transform.build import Chunk
from mids_assets.transform.chunks import ChunkTask, parse_chunk
from mids_assets_tests import city


def test_a_refused_power_names_its_file_and_the_others_are_rows(tmp_path: Path) -> None:
    files = city.power("Invented_Melee.Some_Set.Good") | city.power("Invented_Melee.Some_Set.Bad", accuracy="much")
    # Without a key it is decoded, and refused afterwards.
    files |= {
        "powers/invented_melee/some_set/nameless.json": {**next(iter(city.power("A.B.C").values())), "full_name": ""}
    }
    contents = {name: json.dumps(content).encode() for name, content in files.items()}
    contents["powers/invented_melee/some_set/torn.json"] = b'{"name": '
    raw = tmp_path / "i12.json"
    raw.write_bytes(b"[\n" + b",\n".join(wrapped(name, content) for name, content in contents.items()) + b"\n]\n")
    chunk = Chunk("key", 0, raw.stat().st_size, 0, len(contents))
    task = ChunkTask(chunk, raw, "city_of_data", "CityOfData.zip", tmp_path / "f.parquet", tmp_path / "q.parquet")
    result = parse_chunk(task)
    assert (result.rows_in, result.rows_out, result.quarantined) == (4, 1, 3)
    found = pl.read_parquet(task.quarantine).select("source_file", "source_position", "rule", "field").rows()
    assert sorted(found) == [
        ("powers/invented_melee/some_set/bad.json", 1, "type", "accuracy"),
        ("powers/invented_melee/some_set/nameless.json", 2, "required", "full_name"),
        ("powers/invented_melee/some_set/torn.json", 3, "syntax", ""),
    ]
