"""One line of `mids doctor`, and running a probe that may itself fail.

Does not belong here: any probe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mids_assets.errors import MidsError
from mids_assets.redaction import redact

State = Literal["ok", "warn", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`what_to_do` is empty only where the state is ok."""

    area: str
    state: State
    what: str
    what_to_do: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def probe(area: str, look: Callable[[], Iterable[Finding]], what_to_do: str) -> list[Finding]:
    """What `look` finds; where it cannot look any further, that is what is broken. Raises nothing."""
    found: list[Finding] = []
    try:
        found.extend(look())
    except MidsError as error:
        found.append(Finding(area, "broken", redact(str(error)), what_to_do))
    except Exception as error:
        # Whatever keeps the doctor from looking is a finding: a stack trace would hide all the others.
        text = " ".join(redact(str(error)).split())
        found.append(Finding(area, "broken", f"It cannot be looked at: {type(error).__name__}: {text}", what_to_do))
    return found
