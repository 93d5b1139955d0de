"""The backup before a publish that changes much of what is published.

It holds the publish up where it fails: it is the one moment that it is for, and a publish that waits a night harms
nobody. Does not belong here: making the backup (taking.py), the guards, which ask whether the release is as it should
be.
"""

from __future__ import annotations

import logging
import math

from mids_assets.errors import DatabaseUnavailable, MidsError, NetworkUnavailable, UserError
from mids_assets.settings import Settings
from mids_assets.warehouse.backup.taking import Taken, back_up
from mids_assets.warehouse.comparing import Compared

log = logging.getLogger(__name__)


def back_up_before(settings: Settings, realm: str, compared: Compared) -> Taken | None:
    """Back the realm up where the publish changes more than `backup_before_share` of its rows; else None.

    Raises what `back_up` raises, with what that means for the publish: transient for what may pass, else `UserError`.
    """
    share = changed_share(compared)
    if share is None or share <= settings.backup_before_share:
        return None
    try:
        taken = back_up(settings, realm, "before_publish")
    except MidsError as error:
        amount = "an unknown part" if math.isinf(share) else f"{share:.0%}"
        sentence = (
            f"nothing was published: {amount} of the rows of {realm} would change, and the backup before that failed:"
            f" {error}. Put it right, or publish without one by MIDS_BACKUP_BEFORE_SHARE=inf"
        )
        kind = type(error) if isinstance(error, DatabaseUnavailable | NetworkUnavailable) else UserError
        # The sentence is what a failed run shows, and of a chain that would be the innermost error.
        raise kind(sentence) from None
    log.info("backup %s was made before the publish", taken.manifest.name)
    return taken


def changed_share(compared: Compared) -> float | None:
    """Rows that a publish changes, as a share of those that are published. None where nothing is, or a sample: that
    is no loss. Infinite where what is published cannot be compared any more."""
    before, diff = compared.before, compared.diff
    if before is None or before.is_sample:
        return None
    rows = sum(before.summary.get("tables", {}).values())
    if diff is None:
        return math.inf
    return sum(sum(kinds.values()) for kinds in diff.counts.values()) / max(rows, 1)
