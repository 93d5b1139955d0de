"""What the API says changed: between any two releases that were published, and about one power."""

from __future__ import annotations

from contextlib import closing
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from mids_assets.transform.diff.compare import compare
from mids_assets.transform.diff.compose_rows import Change
from mids_assets.transform.diff.side import Side
from mids_assets.warehouse.comparing import Compared
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.register import ReleaseRecord, note_release
from mids_assets_tests.api_client import rows_of, serving
from mids_assets_tests.edited import Editor
from mids_assets_tests.published import REALM, forget, go, rows
from mids_assets_tests.unit.transform.diff.diff_support import side
from mids_assets_tests.unit.transform.diff.test_compare import BALL, effect, power, release
from mids_assets_tests.unit.transform.diff.test_compose import leads

PATH = f"/v1/realms/{REALM}/changes"


class Published:
    """A realm and a client of the API; `publish` does what an import does with the release before."""

    def __init__(self, client, conn, server, folder: Path) -> None:
        self.client, self.conn, self.server, self.folder = client, conn, server, folder
        self.sides: dict[str, Side] = {}
        self.now: Side | None = None

    def publish(self, name: str, found: Side, *, compared: bool = True, version: str = "1.2") -> None:
        diff = compare(self.now, found)
        changes = diff.changes if compared and diff.old else None
        record = ReleaseRecord(name, version, None, 27, 4, "Page", False, "x", {})
        renamed = Compared(None, diff).renamed() if compared else None
        more: dict[str, Any] = {"changes": changes, "left_out": diff.left_out, "renamed": renamed}
        go(self.conn, self.server, found.tables, name, record=record, **more)
        self.sides[name] = self.now = found

    def asked(self, **parameters: Any) -> dict[str, Any]:
        answer = self.client.get(PATH, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def changes(self, old: str, new: str) -> list[Change]:
        found = _numbers(rows_of(self.client, PATH, limit=40, **{"from": old, "to": new}))
        return [Change(r["table"], r["key"], r["old_key"], r["change"], r["field"], r["old"], r["new"]) for r in found]

    def refused(self, **parameters: Any) -> dict[str, Any]:
        answer = self.client.get(PATH, params=parameters)
        assert answer.status_code in (404, 422), answer.text
        assert answer.headers["content-type"].startswith("application/problem+json")
        return answer.json()


def _numbers(value: Any) -> Any:
    """The greatest floats come as whole numbers."""
    if isinstance(value, dict):
        return {name: _numbers(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_numbers(each) for each in value]
    return float(value) if isinstance(value, int) and abs(value) >= 2**63 else value


@pytest.fixture
def realm(server, tmp_path):
    with closing(connect(server, application_name="test")) as conn:
        forget(conn)
        with serving(server) as client:
            yield Published(client, conn, server, tmp_path)


def test_between_any_two_releases_the_changes_lead_from_one_to_the_other(realm, tmp_path):
    """A release that came twice, a rollback and a rebuild are on the way."""
    editor = Editor(11)
    build = editor.first()
    names = ["aaaa1", "bbbb2", "cccc3", "dddd4"]
    for name in names:
        realm.publish(name, Side(build.write(tmp_path / name), name, "build"))
        build, _ = editor.next(build)
    realm.publish("bbbb2", realm.sides["bbbb2"])
    realm.publish("bbbb2", realm.sides["bbbb2"])
    build, _ = editor.next(build)
    realm.publish("eeee5", Side(build.write(tmp_path / "e"), "eeee5", "build"))
    for old, new in permutations([*names, "eeee5"], 2):
        leads(realm.changes(old, new), realm.sides[old], realm.sides[new])
    assert realm.changes("aaaa1", "aaaa1") == []
    default = realm.asked(limit=200)
    assert default["from"]["release"] == "bbbb2" and default["to"]["release"] == "eeee5"
    assert default["data"] == realm.asked(limit=200, **{"from": "bbbb", "to": "eeee5"})["data"]


@pytest.fixture
def two(realm, tmp_path) -> Published:
    """A power that was renamed, with an effect more and one that is stronger, and a power that is gone."""
    other = "Blaster_Ranged.Fire_Blast.Flares"
    old = release(effect(0, scale=1.0), powers=[power(BALL), power(other, static_index=9)])
    new = release(
        effect(0, BALL + "2", scale=3.0), effect(1, BALL + "2", scale=2.0), powers=[power(BALL + "2", range=80.0)]
    )
    realm.publish("old1", side(tmp_path / "old", old), version="1.0")
    realm.publish("new1", side(tmp_path / "new", new), version="1.1")
    return realm


def test_filters_pages_and_the_summary(two):
    whole = two.asked(limit=200)
    assert (whole["from"]["version"], whole["to"]["version"], whole["next"]) == ("1.0", "1.1", None)
    tables = whole["summary"]
    assert tables["power"]["renamed"] == 1 and tables["power"]["removed"] == 1 and tables["power"]["changed"] == 1
    assert whole["left_out"] == []
    paged = rows_of(two.client, PATH, limit=1)
    assert paged == whole["data"]
    for parameters, fits in (
        ({"table": "power_effect"}, lambda row: row["table"] == "power_effect"),
        ({"change": "removed"}, lambda row: row["change"] == "removed"),
        ({"key": "fire_ball2"}, lambda row: "fire_ball2" in row["key"].lower()),
        ({"key": "FLARES", "table": "power"}, lambda row: row["table"] == "power" and "Flares" in row["key"]),
    ):
        wanted = [row for row in whole["data"] if fits(row)]
        assert wanted and rows_of(two.client, PATH, limit=1, **parameters) == wanted
        assert two.asked(**parameters)["summary"] == tables, "it is of the whole"
    names = {row["key"]: row["display_name"] for row in whole["data"]}
    shown = rows(two.conn, "SELECT full_name, display_name FROM homecoming.power")
    assert all(names[key] == name for key, name in shown)
    assert all(
        row["display_name"] == dict(shown)[BALL + "2"] for row in whole["data"] if row["table"] == "power_effect"
    )


def test_backwards_it_is_taken_back(two):
    forth = two.asked(limit=200, **{"from": "1.0", "to": "1.1"})["data"]
    back = two.asked(limit=200, **{"from": "new1", "to": "old1"})["data"]
    turned = {"added": "removed", "removed": "added"}
    assert sorted((r["table"], turned.get(r["change"], r["change"]), r["field"] or "") for r in forth) == sorted(
        (r["table"], r["change"], r["field"] or "") for r in back
    )
    (renamed,) = [row for row in back if row["change"] == "renamed"]
    assert (renamed["old_key"], renamed["key"]) == (BALL + "2", BALL)


def test_what_is_not_noted_is_told_with_what_to_do(two, tmp_path):
    two.publish("next1", two.sides["old1"], compared=False, version="1.2")
    found = two.refused()
    assert "mids diff new1 next1" in found["detail"]
    assert "mids diff old1 next1" in two.refused(**{"from": "1.0"})["detail"]
    note_release(two.conn, REALM, ReleaseRecord("seen1", "1.9", None, None, None, None, False, "x", {}))
    two.conn.commit()
    for text in ("seen1", "1.9", "nothing", "'; --", "%"):
        found = two.refused(to=text)
        assert found["field"] == "to" and "no release that was ever published" in found["detail"]
        assert "old1 (1.0)" in found["detail"] and "seen1 (" not in found["detail"]
    for parameters, field in (
        ({"table": "pg_class"}, "table"),
        ({"change": "moved"}, "change"),
        ({"limit": 0}, "limit"),
        ({"key": "\x00"}, "key"),
        ({"after": "x"}, "after"),
        ({"other": "x"}, "other"),
    ):
        assert two.refused(**parameters)["field"] == field


def test_one_release_alone_has_nothing_before_it(realm, tmp_path):
    realm.publish("old1", side(tmp_path / "old", release(effect(0))))
    assert "no other release was published before old1" in realm.refused()["detail"]


def history(found: Published, key: str, **parameters: Any) -> list[dict]:
    return rows_of(found.client, f"/v1/realms/{REALM}/powers/{key}/history", **parameters)


def test_the_history_of_a_power_goes_on_under_its_keys_before(two, tmp_path):
    stronger = release(effect(0, BALL + "2", scale=4.0), effect(1, BALL + "2", scale=2.0), powers=[power(BALL + "2")])
    two.publish("last1", side(tmp_path / "last", stronger), version="1.2")
    found = history(two, BALL + "2", limit=2)
    releases = list(dict.fromkeys(row["release"] for row in found))
    assert releases == ["last1", "new1"], "the newest first"
    assert {row["version"] for row in found} == {"1.1", "1.2"} and all(row["published_at"] for row in found)
    assert ("power", "renamed", None) in {(row["table"], row["change"], row["field"]) for row in found}
    assert {row["table"] for row in found} == {"power", "power_effect"}
    (number,) = rows(two.conn, "SELECT id FROM homecoming.power WHERE full_name = %s", (BALL + "2",))[0]
    assert history(two, str(number)) == found
    assert not any("Flares" in row["key"] for row in found)
    gone = history(two, "blaster_ranged.fire_blast.flares")
    assert [(row["change"], row["release"]) for row in gone if row["table"] == "power"] == [("removed", "new1")]


def test_a_name_that_was_given_away_anew_has_two_histories(realm, tmp_path):
    """The first owner of the key went by another one, and another power got it later."""
    realm.publish("old1", side(tmp_path / "1", release(effect(0), powers=[power(BALL)])))
    realm.publish("new1", side(tmp_path / "2", release(effect(0, BALL + "2"), powers=[power(BALL + "2", range=1.0)])))
    both = [power(BALL + "2", range=1.0), power(BALL, static_index=77, display_name="Another")]
    realm.publish("last1", side(tmp_path / "3", release(effect(0, BALL + "2"), powers=both)))
    first = history(realm, BALL + "2")
    assert {row["release"] for row in first} == {"new1"}
    second = history(realm, BALL)
    assert [(row["change"], row["release"]) for row in second] == [("added", "last1")]


def test_no_power_no_history(two):
    answer = two.client.get(f"/v1/realms/{REALM}/powers/Nobody.Was.Here/history")
    assert answer.status_code == 404 and answer.json()["field"] == "key"
    for after in ("x", "WyJoaXN0b3J5IiwieCIsMV0"):
        answer = two.client.get(f"/v1/realms/{REALM}/powers/{BALL}2/history", params={"after": after})
        assert answer.status_code == 422 and answer.json()["field"] == "after"
