"""What an application opens when it starts, for its routes and middlewares.

Does not belong here: opening it (app.py).
"""

from __future__ import annotations

from mids_assets.api.access.rates import Rates
from mids_assets.api.access.tokens import Tokens
from mids_assets.api.batches import Batches
from mids_assets.api.cache.lru import LatestAnswers
from mids_assets.api.cache.redis_tier import SharedAnswers
from mids_assets.api.dagster import Dagster
from mids_assets.api.database import Database
from mids_assets.api.freshness import Freshness


class Services:
    """Set by the lifespan of the application, before the first request."""

    database: Database
    batches: Batches
    freshness: Freshness
    latest: LatestAnswers
    shared: SharedAnswers | None
    tokens: Tokens
    rates: Rates
    dagster: Dagster
