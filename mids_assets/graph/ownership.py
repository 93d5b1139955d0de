"""What every asset says about itself beside what it is: who owns it, and where its code stands.

Does not belong here: descriptions, which stand with each asset; columns (`graph.columns`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import dagster as dg


def owned(assets: Iterable[dg.AssetsDefinition], owner: str) -> list[dg.AssetsDefinition]:
    """The assets with their owner and a link to the function that makes them, which the UI opens in an editor."""
    with warnings.catch_warnings():
        # Links to code are beta in Dagster 1.13; without them nothing is lost but the link.
        warnings.simplefilter("ignore", dg.BetaWarning)
        linked = dg.with_source_code_references(list(assets))
    return [
        asset.map_asset_specs(lambda spec: spec.replace_attributes(owners=[owner]))
        for asset in linked
        if isinstance(asset, dg.AssetsDefinition)
    ]
