"""Guards: plausibility rules over a whole build that a person may accept.

What a guard found is a value, `Guarded`; whether it was accepted, and what is blocked by it, is decided elsewhere.
Rules that nobody may accept (a key twice, a required reference without its row) are in rules.py and are no guards.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Guarded:
    """One guard that a build does not pass: what was observed, the limit it exceeds, and the sentence for a person."""

    rule: str
    table: str
    observed: float
    limit: float
    message: str
