"""Whoever listens sees every stage reach its end, in whatever order its units come; nobody listening costs nothing."""

from mids_assets.progress import Progress, finished, listening, report


def test_units_in_any_order_count_up_once_each():
    seen: list[Progress] = []
    with listening(seen.append):
        for unit in ("recipe", "power", "recipe", "salvage"):
            finished("tables", unit, 3)
    assert [progress.done for progress in seen] == [1, 2, 2, 3]
    with listening(seen.append):
        finished("tables", "power", 3)
    assert seen[-1] == Progress("tables", 1, 3, "power")


def test_nobody_listens_afterwards():
    seen: list[Progress] = []
    with listening(seen.append):
        report("raw", 1, 2)
    report("raw", 2, 2)
    finished("raw", "x", 2)
    assert seen == [Progress("raw", 1, 2)]
