"""`mids crosscheck`: a stored release held against City of Data, without Dagster; nothing is noted.

Does not belong here: which release is meant by a name (sides.py), comparing (`transform.crosscheck`), how the outcome
is shown (show_crosscheck.py), keeping it (the asset cross_check).
"""

from __future__ import annotations

from contextlib import ExitStack

from mids_assets.commands.sides import named, published_or_newest, require_releases, side_of
from mids_assets.errors import UserError
from mids_assets.progress import report
from mids_assets.readers.city_of_data.revision import is_of_exports
from mids_assets.settings import Settings
from mids_assets.transform.crosscheck.check import cross_check
from mids_assets.transform.crosscheck.realms import paired, partner
from mids_assets.transform.crosscheck.schema import CrossCheck


def realms_to_compare(settings: Settings, realm: str | None, against: str | None) -> tuple[str, str]:
    """The realm and that of City of Data, as far as a person named them. Raises `UserError` saying what to type."""
    if realm is None:
        found = paired(settings.realms)
        if not found and against is None:
            game = next((one for one in settings.realms if not is_of_exports(one)), "homecoming")
            raise UserError(
                f"no realm of MIDS_REALMS has City of Data beside it: set MIDS_REALMS={game},{partner(game)}, then mids"
                f" import EXPORT --realm {partner(game)}"
            )
        realm = (found or settings.realms)[0]
    realm = settings.require_realm(realm)
    if is_of_exports(realm):
        raise UserError(f"realm {realm} is City of Data itself: --realm names the one that is held against it")
    return realm, settings.require_realm(against or partner(realm))


def cross_checked(settings: Settings, realm: str, against: str, release: str | None) -> CrossCheck:
    """Compare a release of `realm`, as a person names it, with what is published of `against`. Without `release` it is
    the published one; where nothing is, the newest of each. Raises `MidsError`."""
    releases = require_releases(settings, realm)
    exports = require_releases(settings, against, f"mids import EXPORT --realm {against} first")
    build = None
    if release is None:
        chosen = published_or_newest(settings, realm, releases)
    else:
        chosen, build = named(settings, realm, releases, release)
    with ExitStack() as stack:
        ours = side_of(settings, chosen, build, stack)
        theirs = side_of(settings, published_or_newest(settings, against, exports), None, stack)
        report("compare", 0, 1, f"{ours.version} with {theirs.version}")
        found = cross_check(ours, theirs)
        report("compare", 1, 1, f"{found.discrepancies.height:,} discrepancies")
    return found
