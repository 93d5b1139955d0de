"""A build in the store as a side of a comparison.

Does not belong here: which release or build is meant (`commands`), making its tables.
"""

from __future__ import annotations

from pathlib import Path

from mids_assets.errors import StaleBuild
from mids_assets.transform.diff.lacking import form, lacking
from mids_assets.transform.diff.side import Side, missing_tables
from mids_assets.transform.store import BuildPaths, existing, read_json


def stored_side(paths: BuildPaths, tables: Path | None = None) -> Side:
    """`tables`: where the tables are, if they are not in their place. Raises `StaleBuild` where one is missing."""
    tables = tables or paths.tables
    manifest = read_json(existing(paths.release_dir / "release.json", "release"))
    if missing := missing_tables(tables):
        raise StaleBuild(f"{tables}: {', '.join(missing)} not there; import the release again")
    header = manifest["header"]
    return Side(
        tables=tables,
        release=manifest["release"],
        build=paths.build,
        version=header["version"],
        date=header["date"],
        is_sample=manifest["is_sample"],
        lacks=lacking(manifest, tables),
        form=form(manifest),
    )
