"""Which backups stay: a pure function of their times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, strategies

from mids_assets.warehouse.backup.keeping import Keep, kept

START = datetime(2024, 1, 1, tzinfo=UTC)
DEFAULT = Keep(7, 4, 12)
TIMES = strategies.lists(
    strategies.integers(0, 3 * 366 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)), max_size=80
)
KEEPS = strategies.builds(Keep, strategies.integers(1, 10), strategies.integers(0, 6), strategies.integers(0, 15))


def test_seven_days_four_weeks_twelve_months():
    every_night = [START + timedelta(days=day, hours=4) for day in range(2 * 366)]
    stay = sorted(kept(every_night, DEFAULT), reverse=True)
    assert [f"{at:%Y-%m-%d}" for at in stay] == [
        *("2026-01-01", "2025-12-31", "2025-12-30", "2025-12-29", "2025-12-28", "2025-12-27", "2025-12-26"),
        *("2025-12-21", "2025-12-14", "2025-11-30", "2025-10-31", "2025-09-30", "2025-08-31", "2025-07-31"),
        *("2025-06-30", "2025-05-31", "2025-04-30", "2025-03-31", "2025-02-28"),
    ]


@given(TIMES, KEEPS)
def test_the_newest_stays_and_only_given_ones_do(times, keep):
    stay = kept(times, keep)
    assert stay <= set(times)
    assert not times or max(times) in stay


@given(TIMES, KEEPS)
def test_no_more_stay_than_the_settings_say_beside_the_last_day(times, keep):
    stay = kept(times, keep)
    young = {at for at in times if max(times) - at < timedelta(days=1)}
    assert young <= stay
    assert len(stay - young) <= keep.daily + keep.weekly + keep.monthly


@given(TIMES, KEEPS)
def test_thinning_out_after_each_backup_comes_to_the_same_as_once_at_the_end(times, keep):
    """Else a backup could be gone on the day that it is the last one of its month."""
    left: set[datetime] = set()
    for at in sorted(times):
        left = kept([*left, at], keep)
    assert left == kept(times, keep)


@given(TIMES, KEEPS, KEEPS)
def test_who_keeps_more_loses_nothing_by_it(times, one, other):
    more = Keep(max(one.daily, other.daily), max(one.weekly, other.weekly), max(one.monthly, other.monthly))
    assert kept(times, one) | kept(times, other) <= kept(times, more)


@given(TIMES, KEEPS, strategies.integers(-12, 14))
def test_the_zone_in_which_a_time_is_written_does_not_matter(times, keep, hours):
    there = timezone(timedelta(hours=hours))
    assert kept([at.astimezone(there) for at in times], keep) == kept(times, keep)
