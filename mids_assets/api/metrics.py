"""Figures of the API for Prometheus.

Belongs here: what is counted, and in which words. Does not belong here: counting (where it happens), the port they are
read at (serving.py).
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

CACHE = Counter(
    "mids_api_cache_total",
    "Answers with data, by where they came from: process, redis, shared (waited for the same question), database.",
    ["source"],
)
NOT_MODIFIED = Counter("mids_api_not_modified_total", "Answers that the client had already (304).")

REQUESTS = Counter("mids_api_requests_total", "Answers, by route and status.", ["route", "status"])
SECONDS = Histogram(
    "mids_api_request_seconds",
    "From a whole request to its answer, by route.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
CONNECTIONS = Gauge("mids_api_connections", "Clients that are connected.", multiprocess_mode="livesum")
REFUSED = Counter(
    "mids_api_refused_total",
    "Connections that were ended before an answer: the status that they were told, else too_many, silent, slow_reader,"
    " pipelined.",
    ["why"],
)
DATABASE_WAIT = Histogram(
    "mids_api_database_wait_seconds",
    "How long a statement waited for a connection of the pool.",
    ["server"],
    buckets=(0.0001, 0.001, 0.01, 0.1, 0.5, 1.0, 3.0),
)
BATCH_ROWS = Histogram(
    "mids_api_batch_rows",
    "Single rows that a statement was asked for at once.",
    buckets=(1, 2, 4, 8, 16, 24),
)
REPLICA_AWAY = Gauge(
    "mids_api_replica_away",
    "1 while a process reads the primary because the replica does not answer.",
    multiprocess_mode="livemax",
)
REPLICA_PASSED_OVER = Counter(
    "mids_api_replica_passed_over_total",
    "Questions that went to the primary although there is a replica: behind (older than what the client has seen),"
    " away, conflict (the replica canceled a statement for what it replays).",
    ["why"],
)
