"""What psql and pg_dump say when they fail, as one sentence for a person. Does not belong here: running them."""

from __future__ import annotations

import re

from mids_assets.errors import DatabaseUnavailable, MidsError, UserError
from mids_assets.warehouse.backup.streams import ProgramFailed

_PLACE = re.compile(r"^psql:<stdin>:\d+: ", re.MULTILINE)
_ERROR = re.compile(r"(?:ERROR|FATAL):\s+([0-9A-Z]{5}): (.*)")
_DETAIL = re.compile(r"^DETAIL:\s+(.*?)(?=^\w+:|\Z)", re.MULTILINE | re.DOTALL)
_DEPENDENT, _UNIQUE, _LOCKED, _RIGHTS, _NO_COLUMN = "2BP01", "23505", "55P03", "42501", "42703"
_LOST = ("08", "57")
_MOMENT = ("server closed the connection", "connection to server", "terminating connection", "canceling statement")
_NO_RIGHT = "permission denied"
_NO_TLS = "SSL support is not compiled in"


def explained(error: ProgramFailed) -> MidsError:
    """The typed error for what ended psql, which was told to show SQLSTATEs."""
    words = _PLACE.sub("", error.words)
    found = _ERROR.search(words)
    if _NO_TLS in words:
        return _without_tls()
    if found is None:
        return DatabaseUnavailable(f"PostgreSQL ended the restore, and nothing was restored: {' '.join(words.split())}")
    code, said = found[1], found[2].strip()
    details = _DETAIL.search(words)
    detail = f" ({'; '.join(details[1].split(chr(10))).strip('; ')})" if details else ""
    if code == _DEPENDENT:
        return UserError(
            f"nothing was restored, since something outside depends on what would be replaced{detail}: drop that"
            " constraint or view, restore, and make it again; or use mids rollback"
        )
    if code == _UNIQUE:
        return UserError(f"nothing was restored: {said}")
    if code == _NO_COLUMN:
        return UserError(f"nothing was restored, the backup was made by a newer version of this program: {said}")
    if code == _RIGHTS:
        return UserError(f"nothing was restored, the database user lacks a right: {said}{detail}")
    if code == _LOCKED or code.startswith(_LOST):
        return DatabaseUnavailable(f"nothing was restored: {said}{detail}")
    return MidsError(f"nothing was restored, PostgreSQL refused a statement ({code}): {said}{detail}")


def explained_dump(error: ProgramFailed) -> MidsError:
    """The typed error for what ended pg_dump, which shows no SQLSTATEs."""
    words = " ".join(error.words.partition("pg_dump: detail: Query was:")[0].split())
    if _NO_TLS in words:
        return _without_tls()
    if any(sign in words for sign in _MOMENT):
        return DatabaseUnavailable(f"the dump broke off: {words}")
    if _NO_RIGHT in words:
        return UserError(f"the database user lacks a right to dump everything: {words}")
    return error


def _without_tls() -> UserError:
    return UserError(
        "the address of the database demands TLS, which the programs that come with the embedded server do not know:"
        " install the client programs of the server's version, such as postgresql-client-18"
    )
