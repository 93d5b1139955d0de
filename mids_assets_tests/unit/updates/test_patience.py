"""How long a tick waits: bounded whatever the servers do, and long enough now and then."""

from __future__ import annotations

import threading

import pytest

from mids_assets.errors import NetworkUnavailable, SourceError
from mids_assets.updates.patience import LONG_EVERY, Patience, within


def test_patience_is_short_but_after_the_first_silence_and_every_sixth():
    patience, long = Patience(0), []
    for number in range(2 * LONG_EVERY):
        if patience.is_long:
            long.append(number)
        assert patience.limits.total == patience.seconds and (patience.seconds < 1) is not patience.is_long
        patience = patience.unanswered()
    assert long == [1, 1 + LONG_EVERY]


def test_a_slow_server_keeps_the_long_patience_that_heard_it_and_a_quick_one_the_short():
    assert Patience(0).answered() == Patience(0) and Patience(3).answered() == Patience(0)
    assert Patience(1).answered().is_long and Patience(1 + LONG_EVERY).answered().is_long


def test_long_patience_has_room_for_two_silent_servers():
    limits = Patience(1).limits
    assert 2 * limits.silence < Patience(1).seconds and limits.connect == limits.silence


def test_what_takes_too_long_is_left_to_itself():
    release = threading.Event()
    with pytest.raises(NetworkUnavailable, match=r"no answer within 0.05 s"):
        within(0.05, lambda: release.wait(30))
    release.set()
    assert within(30, lambda: 7) == 7
    with pytest.raises(SourceError, match="broken"):
        within(30, lambda: (_ for _ in ()).throw(SourceError("broken")))
