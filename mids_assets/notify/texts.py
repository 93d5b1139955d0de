"""The words of notices: a line as title, and a body that every receiver takes, plain text of bounded length.

Does not belong here: when something is told (notices.py), what changed (news.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mids_assets.notify.notices import Notice
from mids_assets.redaction import redact

TITLE_LENGTH = 200
BODY_LENGTH = 1600
"""A message of Discord may have 2,000 characters, the title included."""
_RUN = "Run {run}: its log is in Dagster's UI (`make dev`)."
_CLASSES = re.compile(r"^[A-Za-z]\w*: |\bmids_assets\.errors\.\w+: ")


@dataclass(frozen=True, slots=True)
class Text:
    title: str
    body: str


def text_of(realm: str, notice: Notice, *, news: Sequence[str] = (), over: Sequence[str] = ()) -> Text:
    """`news`: what a published release changed, as lines. `over`: titles of the failures and blocks that a recovery is
    about."""
    version = notice.version or (f"release {notice.release}" if notice.release else "")
    about = f"{realm} {version}".strip()
    reasons = [_sentence(reason) for reason in notice.errors] or ["The log says no reason."]
    if notice.kind == "published":
        back = notice.action == "rollback"
        return _text(f"{realm}: rolled back to {version}" if back else f"{about}: published", news)
    if notice.kind == "blocked":
        what = [
            "Readers go on seeing what was published before.",
            "The failing rows are in the checks `rules` and `guards` of the group"
            f" {realm}_tables in Dagster's UI. Put the source right, or add a correction, and import it again.",
        ]
        return _text(f"{about}: blocked by a check", [*reasons, *what, *_run(notice)])
    if notice.kind == "failed":
        what = [
            "Nothing was published; readers go on seeing what was published before.",
            "A fault of the source has to be put right there; what is of the moment is tried again by the next import.",
        ]
        return _text(f"{about}: an import failed", [*reasons, *what, *_run(notice)])
    return _text(f"{realm}: imports work again", ["It is over:", *(f"- {title}" for title in over)])


def _run(notice: Notice) -> list[str]:
    return [_RUN.format(run=notice.run_id)] if notice.run_id else []


def _sentence(reason: str) -> str:
    """A reason as the log keeps it, without the names of classes, as a sentence."""
    text = _CLASSES.sub("", reason)
    return text if text.endswith(".") else f"{text}."


def _text(title: str, lines: Sequence[str]) -> Text:
    return Text(_bounded(redact(title), TITLE_LENGTH), _bounded(redact("\n".join(lines)), BODY_LENGTH))


def _bounded(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 2].rstrip() + " …"
