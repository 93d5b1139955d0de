"""PostgreSQL's errors in the words of this project.

Belongs here: which SQLSTATE is the data's fault, the user's or the moment's, and the sentence for a person.
Does not belong here: catching (publish.py does that once), opening connections (connection.py).
"""

from __future__ import annotations

import psycopg2

from mids_assets.errors import CheckFailed, DatabaseUnavailable, MidsError, UserError
from mids_assets.redaction import redact

_MOMENT = ("08", "40", "53", "55P03", "57")
"""Lost connection, deadlock, no resources, lock timeout, shutdown or cancel."""
_DATA = ("21", "22", "23")
_RIGHTS = ("42501",)


def typed(error: psycopg2.Error, table: str = "a table") -> MidsError:
    """The typed error for `error`; what is neither data, rights nor moment becomes a plain `MidsError`.

    `table` is what the text names where PostgreSQL does not say which table it was.
    """
    code = error.pgcode or ""
    diag = error.diag
    said = [part for part in (diag.message_primary or str(error), diag.message_detail) if part]
    text = redact(" ".join(" ".join(said).split()))  # What libpq says itself has three lines.
    place = f"table {diag.schema_name}.{diag.table_name}" if diag.table_name else table
    if code.startswith(_DATA):
        constraint = f", constraint {diag.constraint_name}" if diag.constraint_name else ""
        where = f" ({redact(diag.context).splitlines()[0][:300]})" if diag.context else ""
        return CheckFailed(f"{place}{constraint}: {text}{where}; nothing was published")
    if code == "55P03":
        return DatabaseUnavailable(f"a lock was not free in time ({text}); another session holds {place}")
    if code.startswith(_MOMENT) or (
        not code and isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
    ):
        return DatabaseUnavailable(f"PostgreSQL ended the work: {text}")
    if code.startswith(_RIGHTS):
        return UserError(f"the database user lacks a right: {text}")
    return MidsError(f"PostgreSQL refused a statement ({code}): {text}")
