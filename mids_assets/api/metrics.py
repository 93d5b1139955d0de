"""Figures of the API for Prometheus.

Belongs here: what is counted, and in which words. Does not belong here: counting (where it happens), the port they are
read at (serving.py).
"""

from __future__ import annotations

from prometheus_client import Counter

CACHE = Counter(
    "mids_api_cache_total",
    "Answers with data, by where they came from: process, redis, shared (waited for the same question), database.",
    ["source"],
)
NOT_MODIFIED = Counter("mids_api_not_modified_total", "Answers that the client had already (304).")
