"""Two small releases, built once, and what a realm that holds one of them has to look like.

What is expected comes from the Parquet of the build, never from a database. Does not belong here: faults, servers.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from mids_assets.model.table import NATURAL_KEY
from mids_assets.model.tables import ASSETS, TABLES
from mids_assets.readers.raw import write_raw
from mids_assets.sample import write_sample
from mids_assets.settings import Settings
from mids_assets.transform.build import BuildManifest, build_id, write_manifest
from mids_assets.transform.chunk_files import frame_path, quarantine_path
from mids_assets.transform.chunks import ChunkTask, parse_chunks, plan
from mids_assets.transform.framing import frame_entity, frame_power, frame_reference
from mids_assets.transform.ingest import store_release
from mids_assets.transform.raw_files import POWERS, remember
from mids_assets.transform.store import BuildPaths, Store
from mids_assets.transform.tabling import write_tables
from mids_assets.warehouse.publish import PublishResult
from mids_assets.warehouse.publishing import publish_build
from mids_assets_tests.made_up import MadeUp

REALM = "homecoming"
SIZES = {"A": 300, "B": 310}
Fingerprint = tuple[int, int, int, str]

FINGERPRINT = """
SELECT (SELECT count(*) FROM {realm}_v1.power), (SELECT count(*) FROM {realm}_v1.power_effect),
       count(*)::int, md5(string_agg(name || ':' || effects, ',' ORDER BY name COLLATE "C"))
FROM (SELECT p.full_name AS name, count(e.power_id) AS effects
      FROM {realm}_v1.power p LEFT JOIN {realm}_v1.power_effect e ON e.power_id = p.id GROUP BY p.full_name) powers
"""
"""One statement over two related tables; `Build.fingerprint` is its answer."""


@dataclass(frozen=True)
class Build:
    """A release with all its tables on disk, below one data folder."""

    name: str
    source: Path
    paths: BuildPaths
    manifest: BuildManifest

    def publish(self, settings: Settings, run_id: str = "a run of the test") -> PublishResult:
        result, _ = publish_build(settings, self.paths, self.manifest, run_id=run_id)
        return result

    def table(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.paths.tables / f"{name}.parquet")

    @cached_property
    def rows(self) -> MadeUp:
        made = MadeUp()
        for table in TABLES:
            frame = self.table(table.name)
            made.rows[table.name] = frame.select(list(table.own)).to_dicts()
            if table.kind == "entity":
                made.keys[table.name] = frame[NATURAL_KEY].to_list()
        return made

    @cached_property
    def fingerprint(self) -> Fingerprint:
        powers, effects = self.table("power"), self.table("power_effect")
        counts = Counter(effects["power"].to_list())
        names = sorted(zip(powers["full_name"].to_list(), powers[NATURAL_KEY].to_list(), strict=True))
        text = ",".join(f"{name}:{counts[key]}" for name, key in names)
        return powers.height, effects.height, powers.height, hashlib.md5(text.encode()).hexdigest()


def make_builds(data_dir: Path, realm: str = REALM) -> dict[str, Build]:
    return {
        name: make_build(data_dir, name, powers, seed, realm) for seed, (name, powers) in enumerate(SIZES.items(), 51)
    }


def make_build(data_dir: Path, name: str, powers: int, seed: int, realm: str = REALM) -> Build:
    """What ingest and all of publish but its last step do, without Dagster."""
    settings = Settings(data_dir=data_dir)
    source = write_source(data_dir, name, powers, seed, realm)
    stored = store_release(Store(settings.releases_dir), realm, source)
    build = build_id(stored.release, chunk_bytes=settings.chunk_bytes)
    paths = BuildPaths(stored.folder, build)
    files = [file for entity in ASSETS for file in write_raw(stored.source, entity, paths.raw)]
    remember(paths.raw, files)
    i12 = next(file for file in files if file.name == POWERS)
    manifest = BuildManifest(
        realm=realm,
        release=stored.release,
        build=build,
        i12_shape=i12.shape,
        i12_sha256=i12.sha256,
        chunks=plan(i12, settings.chunk_bytes),
        raw={
            file.name: {
                "shape": file.shape,
                "records": file.records,
                "bytes": file.bytes,
                "source_file": file.source_file,
            }
            for file in files
        },
    )
    write_manifest(paths, manifest)
    _tables(paths, manifest)
    return Build(name, source, paths, manifest)


def write_source(folder: Path, name: str, powers: int, seed: int, realm: str = REALM) -> Path:
    source = folder / "sources" / name
    write_sample(source, powers=powers, seed=seed, realm=realm, file_format="mhd")
    return source


def _tables(paths: BuildPaths, manifest: BuildManifest) -> None:
    paths.chunks.mkdir(parents=True)
    tasks = [
        ChunkTask(
            chunk=chunk,
            raw=paths.raw / POWERS,
            shape=manifest.i12_shape,
            source_file=manifest.raw[POWERS]["source_file"],
            frame=frame_path(paths.chunks, chunk.key),
            quarantine=quarantine_path(paths.chunks, chunk.key),
            file_sha256=manifest.i12_sha256,
        )
        for chunk in manifest.chunks
    ]
    assert not [result.error for result in parse_chunks(tasks, 1, None) if result.error]
    for entity in ASSETS:
        if entity == "power":
            frame_power(paths, manifest.chunks)
        else:
            frame_reference(paths) if entity == "reference" else frame_entity(paths, entity)
    for entity in ASSETS:
        assert all(written.rules.passed for written in write_tables(paths, entity))
