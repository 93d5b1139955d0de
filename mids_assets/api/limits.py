"""What one process of the API grants each of its clients.

Does not belong here: enforcing it (connection.py), how often a client may ask (access).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one process grants its clients. Times are seconds, sizes are bytes."""

    connections: int = 2000
    """Beyond so many, a new one takes the place of that which has been silent longest."""
    head_seconds: float = 10
    """From the first byte of a request, or from the connection, to the end of the head."""
    body_seconds: float = 30
    idle_seconds: int = 20
    """Between an answer and the next request."""
    write_seconds: float = 30
    """For the client to take what was written to it."""
    farewell_seconds: float = 2
    """After a refusal more is read and thrown away for so long: to end at once would take the refusal away from a
    client that is still sending."""
    last_word_seconds: float = 0.25
    """At the end of the process, for a request that is on its way already."""
    url_bytes: int = 4 * 1024
    head_bytes: int = 16 * 1024
    body_bytes: int = 64 * 1024
    pipelined: int = 8
    """Requests that wait for the answer to an earlier one of the same connection."""
