"""What a scrape gets from a database that answers, fails or hangs, and how often it is asked."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from mids_assets.errors import DatabaseUnavailable
from mids_assets.metrics import families as f
from mids_assets.metrics.collector import MidsCollector
from mids_assets.metrics.families import FAMILIES, Family, exported

LIMIT = [f.QUARANTINE_LIMIT.of(0.5)]


def text(collector: MidsCollector) -> str:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return generate_latest(registry).decode()


def test_a_reading_serves_everybody_who_asks_meanwhile():
    asked = []

    def read():
        asked.append(1)
        return [f.RELEASES.of(len(asked), "homecoming", "published")]

    collector = MidsCollector(read, lambda: LIMIT, kept=3600)
    with ThreadPoolExecutor(8) as pool:
        texts = set(pool.map(text, [collector] * 8))
    assert len(texts) == 1 and len(asked) == 1
    (told,) = texts
    assert 'mids_releases{realm="homecoming",state="published"} 1.0' in told and "mids_up 1.0" in told
    at_once = MidsCollector(read, lambda: LIMIT, kept=0)
    assert [text(at_once).count("published"), len(asked), text(at_once).count("published"), len(asked)] == [1, 2, 1, 3]


@pytest.mark.parametrize(
    "error", [DatabaseUnavailable("gone, password=hunter22"), psycopg2.OperationalError("x"), ValueError("a fault")]
)
def test_whatever_fails_is_an_answer_and_one_line_in_the_log(error, caplog):
    caplog.set_level(logging.INFO)
    answers = [error, error, None, error]

    def read():
        if (answer := answers.pop(0)) is not None:
            raise answer
        return []

    collector = MidsCollector(read, lambda: LIMIT, kept=0)
    ups = ["mids_up 1.0" in text(collector) for _ in range(4)]
    assert ups == [False, False, True, False]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO", "WARNING"]
    assert "hunter22" not in caplog.text
    # What needs no database is told all the same.
    answers[:] = [error]
    assert "mids_quarantine_limit_ratio 0.5" in text(collector)


def test_a_database_that_hangs_is_waited_for_once_and_not_asked_again_beside_it():
    goes_on, begun = threading.Event(), []

    def read():
        begun.append(1)
        goes_on.wait(60)
        return LIMIT

    collector = MidsCollector(read, list, limit=0.01, kept=0)
    assert "mids_up 0.0" in text(collector) and "mids_up 0.0" in text(collector)
    assert len(begun) == 1
    goes_on.set()
    assert collector._reading is not None
    collector._reading._thread.join()
    assert "mids_up 1.0" in text(collector) and len(begun) == 1


def test_families_keep_to_the_conventions():
    names = [family.name for family in FAMILIES]
    assert len(set(names)) == len(names) == sum(isinstance(value, Family) for value in vars(f).values())
    for family in FAMILIES:
        assert family.name.startswith("mids_") and family.help.endswith(".")
        assert family.name.endswith("_total") == (family.kind == "counter")
        assert not {"password", "url", "host", "user"} & set(family.labels)
    samples = [family.of(1, *family.labels) for family in reversed(FAMILIES)]
    assert [metric.name for metric in exported(samples)] == [name.removesuffix("_total") for name in names]
