"""Files that give several records of a small table: one that cannot be read gives a record that says so.

Does not belong here: what is in a file, the quarantine itself.
"""

from __future__ import annotations

from typing import Any

from mids_assets.readers.json_exact import RecordFault

Records = list[dict[str, Any]]

REFUSED = "refused"
"""Key of a record that only says why there is none: rule, field and message, as of a `RecordFault`."""


def refused(entry: str, fault: RecordFault, content: bytes) -> dict[str, Any]:
    """`entry` is the name of the file in the export, `content` what is in it."""
    reason = {"rule": fault.rule, "field": fault.path, "message": fault.message}
    return {REFUSED: reason, "file": entry, "content": content.decode(errors="backslashreplace")}
