"""Commands about releases that are stored: publish one again, roll back to one, accept its guards, prune.

Does not belong here: how an import runs (importing.py), how results look (show.py).
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from mids_assets.commands.importing import ImportOptions, run_import
from mids_assets.commands.outcome import Outcome
from mids_assets.errors import UserError
from mids_assets.redaction import redact
from mids_assets.settings import Settings
from mids_assets.transform.build import build_id, read_manifest
from mids_assets.transform.corrections.kept import corrections_for, fingerprint
from mids_assets.transform.guards import Guarded
from mids_assets.transform.ingest import stored_source
from mids_assets.transform.parts import COMPARABLE
from mids_assets.transform.store import open_store
from mids_assets.warehouse.acceptance import accept
from mids_assets.warehouse.audit import Action, Deed, at_this_terminal, note
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.guarding import examine
from mids_assets.warehouse.register import ReleaseRow, predecessor, resolve
from mids_assets.warehouse.schema import ensure_operations


def publish_stored(
    settings: Settings, realm: str, name: str, *, older: bool, quiet: bool, asked: Action = "publish"
) -> Outcome:
    """Publish a stored release; with `older` also one that comes before the published one. `asked`: what mids.audit
    calls it. Raises `MidsError`."""
    row = _named(settings, realm, name)
    source = _source(settings, row)
    return run_import(settings, ImportOptions(source, realm, older=older, asked=asked), quiet=quiet)


def roll_back(settings: Settings, realm: str, name: str | None, *, quiet: bool) -> Outcome:
    """Publish an earlier release again; without a name the one that readers saw before. Raises `MidsError`."""
    if name is None:
        with closing(connect(settings, application_name=f"mids rollback {realm}")) as connection:
            before = predecessor(connection, realm)
        if before is None:
            raise UserError(f"realm {realm}: nothing was published before what is published now")
        name = before.release
    return publish_stored(settings, realm, name, older=True, quiet=quiet, asked="rollback")


def accept_guards(settings: Settings, realm: str, name: str, *, reason: str, rule: str | None) -> list[Guarded]:
    """Let the guards that block a release pass, all or those of one rule; returns them. Raises `UserError` where there
    are none, or where the release has not been checked by this version of the code."""
    if not reason.strip():
        raise UserError("--reason must say why; it stays in mids.acceptance")
    row = _named(settings, realm, name)
    corrections = corrections_for(settings.corrections_dir, realm, row.version, row.release_date)
    build = build_id(row.release, chunk_bytes=settings.chunk_bytes, corrections=fingerprint(corrections))
    store = open_store(settings)
    checked = store.build(realm, row.release, build)
    if checked.fetch(*COMPARABLE) or not (checked.tables / "reference.summary.json").exists():
        raise UserError(
            f"release {row.release} has not been checked by this version of the code, so there is nothing to accept"
            f" yet: mids publish {row.release} --realm {realm}"
        )
    paths, manifest = read_manifest(store, realm, row.release, build)
    with closing(connect(settings, application_name=f"mids accept {realm}")) as connection:
        ensure_operations(connection)
        blocked = examine(connection, settings, paths, manifest).blocked
        chosen = [one for one in blocked if rule is None or rule in (one.rule, one.rule.split(":")[0])]
        if not chosen:
            others = ", ".join(sorted({one.rule for one in blocked}))
            which = f"no guard {rule!r} blocks" if rule else "no guard blocks"
            raise UserError(f"{which} release {row.release}" + (f"; those that do: {others}" if others else ""))
        person = at_this_terminal()
        with connection, connection.cursor() as cursor:
            accept(connection, realm, row.id, build, chosen, reason.strip(), person.who)
            for one in chosen:
                deed = Deed("accept", realm, row.release, subject=one.message, reason=reason.strip())
                note(cursor, person, deed)
    return chosen


def _named(settings: Settings, realm: str, name: str) -> ReleaseRow:
    with closing(connect(settings, application_name=f"mids release {realm}")) as connection:
        return resolve(connection, realm, name)


def _source(settings: Settings, row: ReleaseRow) -> Path:
    store = open_store(settings)
    folder = stored_source(store, row.realm, row.release)
    if folder is None:
        place = settings.storage or store.release_dir(row.realm, row.release)
        when = f"removed on {row.pruned_at:%Y-%m-%d}" if row.pruned_at else f"not in {redact(str(place))}"
        raise UserError(f"the files of release {row.release} are {when}; import its source again: {row.source}")
    return folder
