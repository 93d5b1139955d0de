"""A stored release as a side of a comparison, as a person names it: without Dagster, and mostly without a database.

The tables of the current build are compared, or those of another one where it is named or is the only one with tables.
A release without any is built on the spot, in a folder that goes afterwards.
Does not belong here: comparing (`transform.diff`, `transform.crosscheck`).
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from mids_assets.commands.exporting import run_export
from mids_assets.commands.telling import tell
from mids_assets.errors import MidsError, UserError
from mids_assets.progress import report
from mids_assets.redaction import redact
from mids_assets.settings import Settings
from mids_assets.transform.build import build_id
from mids_assets.transform.corrections.kept import corrections_for, fingerprint
from mids_assets.transform.diff.order import order_key
from mids_assets.transform.diff.side import Side, missing_tables
from mids_assets.transform.diff.stored import stored_side
from mids_assets.transform.ingest import manifest_date, release_manifest, stored_source
from mids_assets.transform.parts import COMPARABLE
from mids_assets.transform.store import BuildPaths, Store, open_store
from mids_assets.warehouse import embedded
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.register import published

NEWEST, PUBLISHED = "newest", "published"


@dataclass(frozen=True, slots=True)
class Stored:
    """A release in the store, with what its manifest says."""

    store: Store
    release: str
    manifest: dict[str, Any]

    @property
    def folder(self) -> Path:
        return self.store.release_dir(self.realm, self.release)

    @property
    def realm(self) -> str:
        return self.manifest["realm"]

    @property
    def version(self) -> str | None:
        return self.manifest["header"]["version"]

    def order(self) -> tuple:
        return order_key(manifest_date(self.manifest), self.version)


def stored_releases(settings: Settings, realm: str) -> list[Stored]:
    """All releases of a realm whose files are stored, the oldest first."""
    store = open_store(settings)
    found = [Stored(store, release, release_manifest(store, realm, release)) for release in store.releases(realm)]
    return sorted(found, key=Stored.order)


def require_releases(settings: Settings, realm: str, what_to_do: str = "mids import one first") -> list[Stored]:
    """The same. Raises `UserError` where there is none."""
    releases = stored_releases(settings, realm)
    if not releases:
        place = redact(settings.storage or str(settings.releases_dir))
        raise UserError(f"no release of realm {realm} is stored under {place}; {what_to_do}")
    return releases


def published_or_newest(settings: Settings, realm: str, releases: list[Stored]) -> Stored:
    """The release that readers see, else the newest stored one: nothing is published, or the database is away.

    An embedded server that does not run is not started for it.
    """
    if not settings.database_url and embedded.status(settings) is None:
        return releases[-1]
    try:
        with closing(connect(settings, application_name="mids releases", attempts=1)) as connection:
            row = published(connection, realm)
    except (MidsError, psycopg2.Error) as error:
        tell(f"Nobody says which release of {realm} is published, so the newest one is taken: {redact(str(error))}")
        return releases[-1]
    return next((one for one in releases if row is not None and one.release == row.release), releases[-1])


def named(settings: Settings, realm: str, releases: list[Stored], text: str) -> tuple[Stored, str | None]:
    """Release and build (None = no certain one) of a name: id, its beginning, version, newest or published, and
    perhaps a slash with the beginning of a build."""
    name, _, build = text.partition("/")
    if name == NEWEST:
        return releases[-1], build or None
    if name == PUBLISHED:
        with closing(connect(settings, application_name="mids diff")) as connection:
            row = published(connection, realm)
        if row is None:
            raise UserError(f"realm {realm}: nothing is published")
        name = row.release
    found = [one for one in releases if one.release == name] or [one for one in releases if one.version == name]
    found = found or [one for one in releases if name and one.release.startswith(name)]
    if len(found) == 1:
        return found[0], build or None
    known = ", ".join(f"{one.release} ({one.version})" for one in (found or releases))
    which = "several stored releases are" if found else "no stored release is"
    raise UserError(f"realm {realm}: {which} called {name!r}; there are: {known}")


def side_of(settings: Settings, stored: Stored, build: str | None, stack: ExitStack) -> Side:
    """The tables of a release, which are there until `stack` is closed. `build`: the beginning of a build's name; None
    for the current one. Raises `UserError` where no single build is called so, or the files are not stored."""
    complete = _complete(stored)
    if build is not None:
        chosen = [one for one in complete if one.build.startswith(build)]
        if len(chosen) != 1:
            known = ", ".join(one.build for one in complete) or "none"
            which = "several builds" if chosen else "no build"
            raise UserError(
                f"release {stored.release}: {which} with complete tables begins with {build!r}; there are: {known}"
            )
        return stored_side(chosen[0])
    current = _current(settings, stored)
    if any(one.build == current for one in complete):
        return stored_side(stored.store.build(stored.realm, stored.release, current))
    if complete:
        return stored_side(complete[-1])
    return _built(settings, stored, current, stack)


def _complete(stored: Stored) -> list[BuildPaths]:
    """Builds with all their tables, the last one that was made at the end."""
    builds = [
        stored.store.build(stored.realm, stored.release, build)
        for build in stored.store.builds(stored.realm, stored.release)
    ]
    complete = [paths for paths in builds if not paths.fetch(*COMPARABLE) and not missing_tables(paths.tables)]
    return sorted(complete, key=lambda paths: (_made(paths), paths.build))


def _made(paths: BuildPaths) -> int:
    """When the last table was written."""
    return max(path.stat().st_mtime_ns for path in paths.tables.glob("*.parquet"))


def _current(settings: Settings, stored: Stored) -> str:
    """The build that an import would make now."""
    moment = manifest_date(stored.manifest)
    corrections = corrections_for(settings.corrections_dir, stored.realm, stored.version, moment)
    return build_id(stored.release, chunk_bytes=settings.chunk_bytes, corrections=fingerprint(corrections))


def _built(settings: Settings, stored: Stored, build: str, stack: ExitStack) -> Side:
    source = stored_source(stored.store, stored.realm, stored.release)
    if source is None:
        raise UserError(
            f"the files of release {stored.release} are not there; import it again from {stored.manifest['origin']}"
        )
    report("build", 0, 1, f"{stored.version}, which has no tables yet")
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".diff.", dir=settings.data_dir)))
    run_export(settings, source, folder / "out", "parquet")
    report("build", 1, 1, str(stored.version))
    paths = stored.store.build(stored.realm, stored.release, build)
    return stored_side(paths, folder / "out" / "tables")
