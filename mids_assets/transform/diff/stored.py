"""A build in the store as a side of a comparison.

Does not belong here: which release or build is meant (`commands`), making its tables.
"""

from __future__ import annotations

from mids_assets.errors import StaleBuild
from mids_assets.transform.diff.lacking import form, lacking
from mids_assets.transform.diff.side import Side, missing_tables
from mids_assets.transform.store import BuildPaths, existing, read_json


def stored_side(paths: BuildPaths) -> Side:
    """Raises `StaleBuild` where a table of the build is missing."""
    manifest = read_json(existing(paths.release_dir / "release.json", "release"))
    if missing := missing_tables(paths.tables):
        raise StaleBuild(f"{paths.tables}: {', '.join(missing)} not there; import the release again")
    header = manifest["header"]
    return Side(
        tables=paths.tables,
        release=manifest["release"],
        build=paths.build,
        version=header["version"],
        date=header["date"],
        is_sample=manifest["is_sample"],
        lacks=lacking(manifest, paths.tables),
        form=form(manifest),
    )
