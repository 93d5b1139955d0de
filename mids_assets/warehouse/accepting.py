"""Letting the guards that block a release pass, because a person says so: `mids accept` and the job of the same name.

Does not belong here: what blocks (guarding.py), the table of what was accepted (acceptance.py).
"""

from __future__ import annotations

from contextlib import closing

from mids_assets.errors import UserError
from mids_assets.settings import Settings
from mids_assets.transform.build import build_id, read_manifest
from mids_assets.transform.corrections.kept import corrections_for, fingerprint
from mids_assets.transform.guards import Guarded
from mids_assets.transform.parts import COMPARABLE
from mids_assets.transform.store import open_store
from mids_assets.warehouse.acceptance import accept
from mids_assets.warehouse.audit import Actor, Deed, note
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.guarding import examine
from mids_assets.warehouse.register import resolve
from mids_assets.warehouse.schema import ensure_operations


def accept_guards(
    settings: Settings,
    realm: str,
    name: str,
    *,
    reason: str,
    rule: str | None,
    person: Actor,
    run_id: str | None = None,
) -> list[Guarded]:
    """Let the guards that block a release pass, all or those of one rule; returns them. Raises `UserError` where there
    are none, or where the release has not been checked by this version of the code."""
    if not reason.strip():
        raise UserError("the reason must say why; it stays in mids.acceptance")
    with closing(connect(settings, application_name=f"mids accept {realm}")) as connection:
        row = resolve(connection, realm, name)
        connection.rollback()
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
        ensure_operations(connection)
        blocked = examine(connection, settings, paths, manifest).blocked
        chosen = [one for one in blocked if rule is None or rule in (one.rule, one.rule.split(":")[0])]
        if not chosen:
            others = ", ".join(sorted({one.rule for one in blocked}))
            which = f"no guard {rule!r} blocks" if rule else "no guard blocks"
            raise UserError(f"{which} release {row.release}" + (f"; those that do: {others}" if others else ""))
        with connection, connection.cursor() as cursor:
            accept(connection, realm, row.id, build, chosen, reason.strip(), person.who)
            for one in chosen:
                deed = Deed("accept", realm, row.release, run_id, subject=one.message, reason=reason.strip())
                note(cursor, person, deed)
    return chosen
