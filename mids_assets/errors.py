"""All errors that this project raises on purpose, and nothing else.

Two families decide what happens next. A `PermanentError` is the data's or the user's fault: trying again
cannot help, so nothing retries it, and a person sees one sentence instead of a stack trace. A
`TransientError` (a lost connection, a lock that is held) may be tried again a bounded number of times.

`exit_code` is what the `mids` command ends with (docs/architecture.md, "Exit codes").
"""

from __future__ import annotations

from pathlib import PurePath


class MidsError(Exception):
    """Base of every error of this project; its text is meant to be shown to a person."""

    exit_code = 1


class PermanentError(MidsError):
    """The data or the user is at fault; never retried."""


class TransientError(MidsError):
    """The surroundings are at fault for the moment; bounded retries make sense."""


class UserError(PermanentError):
    """A wrong argument, setting or path. The text says what to do."""

    exit_code = 2


class NothingToBackUp(UserError):
    """The realm, or Dagster's database, holds nothing yet."""


class SourceError(PermanentError):
    """A source folder or archive as a whole cannot be used (missing file, unknown kind, two realms)."""

    exit_code = 2


class FormatError(PermanentError):
    """One source file does not hold what its format demands.

    Names everything that is needed to look at the place: `file`, byte `offset`, `record` (such as
    "power 17 / effect 3") and `field`.
    """

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        file: str | PurePath | None = None,
        offset: int | None = None,
        record: str | None = None,
        field: str | None = None,
    ) -> None:
        self.message = message
        self.file = None if file is None else str(file)
        self.offset = offset
        self.record = record
        self.field = field
        super().__init__(self._text())

    def _text(self) -> str:
        places = [
            ("", self.file),
            ("byte offset ", self.offset),
            ("record ", self.record),
            ("field ", self.field),
        ]
        place = ", ".join(f"{label}{value}" for label, value in places if value is not None)
        return f"{place}: {self.message}" if place else self.message

    def __reduce__(self):
        # Errors cross process borders; keyword-only arguments would be lost by the default pickling.
        return (_rebuild_format_error, (self.message, self.file, self.offset, self.record, self.field))


def _rebuild_format_error(message, file, offset, record, field):
    return FormatError(message, file=file, offset=offset, record=record, field=field)


class ExpressionError(PermanentError):
    """A text is no expression of the game's language; `position` is the character, from 0, where that shows."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message, position)
        self.message = message
        self.position = position

    def __str__(self) -> str:
        return f"character {self.position + 1}: {self.message}"


class CheckFailed(PermanentError):
    """A blocking rule of the model does not hold; nothing was published."""

    exit_code = 4


class StaleBuild(PermanentError):
    """An input belongs to another build than the one being worked on."""


class BackupUnusable(PermanentError):
    """A backup is damaged or incomplete; nothing was restored from it."""


class InvalidToken(PermanentError):
    """A bearer token that cannot be used; the text may be shown to whoever sent it and never holds the token."""


class DatabaseUnavailable(TransientError):
    """PostgreSQL cannot be reached, or the connection was lost."""


class NetworkUnavailable(TransientError):
    """A server of updates, or an object store, does not answer or broke off; it was asked several times."""

    retry_after = 0.0
    """Seconds that the server asked to wait."""


class KeysUnavailable(TransientError):
    """The published keys that tokens are verified with cannot be had."""


class RealmBusy(TransientError):
    """Another import of the same realm holds the advisory lock."""
