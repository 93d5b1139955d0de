"""`mids fetch`: ask the servers of updates once, and import what is newer than all that is known.

Does not belong here: asking, downloading and verifying (`updates`), the import itself (`commands.importing`).
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Literal

from mids_assets.commands.outcome import Outcome
from mids_assets.errors import UserError
from mids_assets.settings import Settings
from mids_assets.updates.alarm import look_for_other_patch
from mids_assets.updates.fetch import compare, obtain
from mids_assets.updates.http import Client
from mids_assets.updates.polling import poll
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.register import newest_known


@dataclass(slots=True)
class FetchOutcome:
    """What a fetch came to. `outcome` is that of the import, where there was one."""

    realm: str
    action: Literal["up_to_date", "nothing_offered", "imported"]
    offered: str | None = None
    known: str | None = None
    downloaded_bytes: int = 0
    path: str | None = None
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    outcome: Outcome | None = None

    @property
    def exit_code(self) -> int:
        return self.outcome.exit_code if self.outcome else 0

    def as_json(self) -> dict[str, Any]:
        """The shape of `mids import --json` where something was imported, with what was fetched under `fetch`."""
        facts = {
            "realm": self.realm,
            "action": self.action,
            "offered": self.offered,
            "known": self.known,
            "downloaded_bytes": self.downloaded_bytes,
            "path": self.path,
            "notes": self.notes,
            "warnings": self.warnings,
        }
        return {**(self.outcome.as_json() if self.outcome else {}), "fetch": facts}


def run_fetch(settings: Settings, realm: str, *, quiet: bool) -> FetchOutcome:
    """Fetch once, and import what is newer. Raises `MidsError` for all that a person has to know about."""
    urls = settings.updates_of(realm)
    if not urls:
        raise UserError(f"realm {realm} has no address of updates: set MIDS_UPDATE_URL_{realm.upper()} to a manifest")
    with Client() as client:
        return _fetch(settings, realm, urls, client, quiet)


def _fetch(settings: Settings, realm: str, urls: tuple[str, ...], client: Client, quiet: bool) -> FetchOutcome:
    folder = settings.updates_dir / realm
    polled = poll(client, urls, realm, folder)
    found = FetchOutcome(realm, "nothing_offered", warnings=list(polled.problems))
    if polled.offer is None:
        found.notes.append(f"No manifest offers a database of realm {realm}: {', '.join(urls)}")
        return found
    with closing(connect(settings, application_name=f"mids fetch {realm}")) as connection:
        known = newest_known(connection, realm)
        connection.rollback()
    found.offered, found.known = polled.offer.version, known.version if known else None
    comparison = compare(polled.offer.version, found.known)
    if known is not None and comparison != "newer":
        found.action = "up_to_date"
        found.notes.append(f"Version {known.version} is known already ({known.state}).")
        if comparison == "older":
            found.warnings.append(
                f"The offered version went down to {polled.offer.version}: {known.version} may have been taken back."
            )
        elif (other := look_for_other_patch(client, polled.offer, realm, folder)) is not None:
            found.warnings.append(str(other))
        return found
    fetched = obtain(client, polled.offer, realm, folder)
    found.downloaded_bytes, found.path = fetched.bytes, str(fetched.path)
    found.warnings += fetched.warnings
    # Here, because it loads Dagster, and most of the time there is nothing new.
    from mids_assets.commands.importing import ImportOptions, run_import

    found.outcome = run_import(settings, ImportOptions(fetched.path, realm, asked="fetch"), quiet=quiet)
    found.action = "imported"
    return found
