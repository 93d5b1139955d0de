"""Settings come from the environment, and a value that cannot be used is the user's mistake, named."""

from __future__ import annotations

import math

import pytest

from mids_assets.errors import UserError
from mids_assets.settings import Settings


def test_without_settings_the_machine_decides_about_workers():
    found = Settings.from_env({})
    assert (found.workers, found.worker_memory_mib, found.chunk_bytes) == (None, None, 8 * 1024 * 1024)


def test_settings_of_the_workers():
    found = Settings.from_env({"MIDS_WORKERS": "3", "MIDS_WORKER_MEMORY_MIB": "600", "MIDS_CHUNK_BYTES": " 65536 "})
    assert (found.workers, found.worker_memory_mib, found.chunk_bytes) == (3, 600, 65536)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("MIDS_WORKERS", "0", "below the least value 1"),
        ("MIDS_WORKERS", "two", "is not a number"),
        ("MIDS_WORKER_MEMORY_MIB", "64", "below the least value 256"),
        ("MIDS_BACKUP_KEEP_DAILY", "0", "below the least value 1"),
        ("MIDS_BACKUP_BEFORE_SHARE", "a quarter", "is not a number"),
        ("MIDS_CHUNK_BYTES", "10", "below the least value 1024"),
        ("MIDS_UPDATE_URL_HOMECOMING", "https://a.example/b updates.example.org", "'updates.example.org' is no http"),
        ("MIDS_OWNER", "team:", "neither an e-mail address nor team"),
        ("MIDS_OWNER", "somebody", "neither an e-mail address nor team"),
        ("MIDS_UPDATE_URL_HOMECOMING", "file:///etc/passwd", "no http or https address"),
        ("MIDS_EXECUTOR", "celery", "MIDS_EXECUTOR=celery needs MIDS_CELERY_BROKER"),
        ("MIDS_EXECUTOR", "dask", "none of in_process, celery"),
        ("MIDS_CELERY_BROKER", "localhost", "no scheme such as redis://"),
        ("MIDS_CELERY_LOST_SECONDS", "0", "below the least value"),
        ("MIDS_BACKFILL_CHUNKS", "0", "below the least value"),
        ("MIDS_CONCURRENT_RUNS", "0", "below the least value"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name, value, told):
    with pytest.raises(UserError, match=told) as caught:
        Settings.from_env({name: value})
    assert name in str(caught.value)


@pytest.mark.parametrize("owner", ["team:planner", "a.person@example.org"])
def test_an_owner_is_a_team_or_an_address(owner):
    assert Settings.from_env({"MIDS_OWNER": owner}).owner == owner


def test_addresses_of_updates():
    found = Settings.from_env({"MIDS_REALMS": "homecoming,rebirth,mine"})
    main = "https://updates.midsreborn.com/update_manifest.json"
    assert found.updates_of("homecoming") == (main,)
    assert found.updates_of("rebirth")[0] == main and len(found.updates_of("rebirth")) == 2
    assert found.updates_of("mine") == ()
    named = Settings.from_env({"MIDS_UPDATE_URL_HOMECOMING": " http://a.example/x  https://b.example "})
    assert named.updates_of("homecoming") == ("http://a.example/x", "https://b.example")
    assert Settings.from_env({"MIDS_UPDATE_URL_HOMECOMING": ""}).updates_of("homecoming") == ()


def test_days_are_whole_and_at_least_one():
    found = Settings.from_env({"MIDS_KEEP_RUN_DAYS": "7", "MIDS_FRESH_DAYS": "90"})
    assert (found.keep_run_days, found.fresh_days) == (7, 90)
    with pytest.raises(UserError, match="MIDS_KEEP_RUN_DAYS=0 is below"):
        Settings.from_env({"MIDS_KEEP_RUN_DAYS": "0"})


def test_backups_lie_in_the_data_folder_unless_another_place_is_named():
    assert Settings.from_env({"MIDS_DATA_DIR": "/srv/mids"}).backup_place == "/srv/mids/backups"
    found = Settings.from_env(
        {
            "MIDS_BACKUP_URL": " s3://bucket/of/mids ",
            "MIDS_BACKUP_BEFORE_SHARE": "inf",
            "MIDS_BACKUP_KEEP_DAILY": "3",
            "MIDS_BACKUP_KEEP_WEEKLY": "0",
            "MIDS_BACKUP_KEEP_MONTHLY": "24",
            "MIDS_BACKUP_SCHEDULE": "0 5 * * 0",
        }
    )
    assert found.backup_place == "s3://bucket/of/mids" and found.backup_before_share == math.inf
    assert (found.backup_keep_daily, found.backup_keep_weekly, found.backup_keep_monthly) == (3, 0, 24)
    assert found.backup_cron == "0 5 * * 0"


def test_steps_on_workers(tmp_path):
    found = Settings.from_env({})
    assert (found.executor, found.backfill_chunks, found.concurrent_runs) == ("in_process", None, 2)
    (tmp_path / "broker").write_text("redis://:hushed@h/0\n")
    found = Settings.from_env(
        {
            "MIDS_EXECUTOR": "celery",
            "MIDS_CELERY_BROKER_FILE": str(tmp_path / "broker"),
            "MIDS_BACKFILL_CHUNKS": "32",
            "MIDS_CONCURRENT_RUNS": "5",
        }
    )
    assert (found.executor, found.celery_broker) == ("celery", "redis://:hushed@h/0")
    assert (found.backfill_chunks, found.concurrent_runs) == (32, 5)
    assert "hushed" not in repr(found)
    with pytest.raises(UserError) as caught:
        Settings.from_env({"MIDS_CELERY_BROKER": "a-secret"})
    assert "a-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("storage", "releases", "address", "backups"),
    [
        ("", "/srv/mids/releases", None, "/srv/mids/backups"),
        ("/mnt/shared/", "/mnt/shared/releases", None, "/mnt/shared/backups"),
        ("file:///mnt/shared", "/mnt/shared/releases", None, "/mnt/shared/backups"),
        ("s3://bucket/of/", "/srv/mids/cache/releases", "s3://bucket/of/releases", "s3://bucket/of/backups"),
    ],
)
def test_where_releases_and_backups_go(storage, releases, address, backups):
    found = Settings.from_env({"MIDS_DATA_DIR": "/srv/mids", "MIDS_STORAGE": storage})
    assert (str(found.releases_dir), found.releases_address, found.backup_place) == (releases, address, backups)
    assert found.backup_setting == ("MIDS_STORAGE" if storage else "MIDS_BACKUP_URL")
    apart = Settings.from_env({"MIDS_STORAGE": storage, "MIDS_BACKUP_URL": "/mnt/other"})
    assert (apart.backup_place, apart.backup_setting) == ("/mnt/other", "MIDS_BACKUP_URL")


def test_a_folder_for_releases_is_written_from_the_root_on():
    with pytest.raises(UserError, match="MIDS_STORAGE='shared'"):
        Settings.from_env({"MIDS_STORAGE": "shared"})


@pytest.mark.parametrize("realm", ["mids", "mids_v1", "cross_check", "pg_mine", "1up"])
def test_names_that_no_realm_has_since_schemas_and_assets_go_by_them(realm):
    with pytest.raises(UserError, match="no usable realm name"):
        Settings.from_env({"MIDS_REALMS": f"homecoming,{realm}"})
