"""The partitions of a realm's powers: which there are, in which order, and when one goes.

Does not belong here: cutting the powers file (`transform.chunks`), parsing a partition (`assets.records`).
"""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from mids_assets.graph.backfills import any_under_way
from mids_assets.graph.keys import chunk_partitions
from mids_assets.graph.runs import UNFINISHED

NOT_PLANNED = "not_planned_yet"
"""The only partition where no plan has any: without one, the dialog of *Materialize all* launches nothing."""


def register(instance: dg.DagsterInstance, realm: str, planned: Sequence[str]) -> None:
    """Add the partitions of a plan, in order: the order of insertion is the order of a range.

    Others stay, so that a backfill that was launched before does not break under its keys. Where some are there
    already but not as one run of neighbours, they are put in anew, or a range would hold strangers.
    """
    name = _name(realm)
    present = list(instance.get_dynamic_partitions(name))
    known = [key for key in present if key in set(planned)]
    if known == planned and planned and present.index(planned[0]) + len(planned) - 1 == present.index(planned[-1]):
        return
    for key in known:
        instance.delete_dynamic_partition(name, key)
    instance.add_dynamic_partitions(name, planned)


def tidy(instance: dg.DagsterInstance, realm: str, planned: Sequence[str], *, run_id: str | None = None) -> None:
    """Take away partitions that are none of the current plan, unless something under way may still name them.

    `run_id` is the run that asks, and does not count. Where the plan has no partition, `NOT_PLANNED` stands for it.
    """
    name = _name(realm)
    wanted = set(planned) or {NOT_PLANNED}
    present = set(instance.get_dynamic_partitions(name))
    if not planned and NOT_PLANNED not in present:
        instance.add_dynamic_partitions(name, [NOT_PLANNED])
    stale = present - wanted
    if not stale or other_runs(instance, run_id) or any_under_way(instance):
        return
    for key in stale:
        instance.delete_dynamic_partition(name, key)


def other_runs(instance: dg.DagsterInstance, run_id: str | None) -> list[dg.DagsterRun]:
    """Unfinished runs but this one."""
    return [run for run in instance.get_runs(dg.RunsFilter(statuses=UNFINISHED)) if run.run_id != run_id]


def _name(realm: str) -> str:
    name = chunk_partitions(realm).name
    assert name is not None
    return name
