"""Receivers: what is sent arrives, what fails says why, and no address is ever shown."""

from __future__ import annotations

import logging

import pytest

from mids_assets.errors import UserError
from mids_assets.notify.receivers import Receiver, receivers, send
from mids_assets.notify.texts import Text
from mids_assets.settings import Settings
from mids_assets_tests.receiver import receiving

TEXT = Text("homecoming 1.2: published", "Release aaa.\npower 3 added")


def test_a_notice_arrives_with_its_kind():
    with receiving() as inbox:
        assert send(Receiver("x", inbox.url()), TEXT, "blocked") is None
        assert send(Receiver("x", inbox.url()), TEXT) is None
    first, second = inbox.taken
    assert (first["title"], first["message"]) == (TEXT.title, TEXT.body)
    assert (first["type"], second["type"]) == ("warning", "info")


@pytest.mark.parametrize("status", [404, 500])
def test_a_receiver_that_does_not_take_it_is_told_without_its_address(status, caplog, capfd):
    with receiving() as inbox, caplog.at_level(logging.DEBUG):
        inbox.status = status
        error = send(Receiver("x", inbox.url("hook/geheimes-token?user=wer")), TEXT)
    assert error and str(status) in error and inbox.asked == 1
    shown = error + caplog.text + "".join(capfd.readouterr())
    assert "geheimes" not in shown and "127.0.0.1" not in shown


def test_a_receiver_that_is_not_there():
    with receiving() as gone:
        url = gone.url()
    error = send(Receiver("x", url), TEXT)
    assert error and "secret-token" not in error and "127.0.0.1" not in error


@pytest.mark.parametrize("url", ["nonsense://geheimes/token", "discord://geheimes", "mailto://"])
def test_an_address_that_nobody_knows(url, caplog, capfd):
    error = send(Receiver("x", url), TEXT)
    assert error and "Apprise" in error
    assert "geheimes" not in error + caplog.text + "".join(capfd.readouterr())


def test_names_tell_receivers_apart_and_show_nothing():
    urls = "discord://1234567890/abcdefghi discord://1234567890/abcdefghj mailto://me:geheimes@example.org?to=a@b.org"
    settings = Settings.from_env({"MIDS_NOTIFY_URLS": f" {urls}  discord://1234567890/abcdefghi"})
    names = [one.name for one in receivers(settings)]
    assert len(set(names)) == 3 and names[0].startswith("discord://**** (")
    shown = f"{settings} {receivers(settings)} {names}"
    for secret in ("1234567890", "abcdefghi", "geheimes", "example.org"):
        assert secret not in shown
    # A new password is the same receiver, and the checksum gives no hint at it.
    other = Settings.from_env({"MIDS_NOTIFY_URLS": urls.replace("geheimes", "anderes")})
    assert [one.name for one in receivers(other)] == names


def test_what_is_no_address_is_refused_without_being_shown():
    with pytest.raises(UserError, match="MIDS_NOTIFY_URLS: address 2 of 2 has no scheme") as caught:
        Settings.from_env({"MIDS_NOTIFY_URLS": "json://a.example geheimes"})
    assert "geheimes" not in str(caught.value)
