"""What operators start through the API runs on a real Dagster, daemon and web server, and stands in mids.audit.

The steps go on from one another: a base release is published, a worse one imported and blocked, accepted, published and
rolled back. Does not belong here: what is refused (integration/test_api_operators.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from mids_assets.api.access.tokens import signed_token
from mids_assets.api.settings import ApiSettings
from mids_assets.settings import Settings
from mids_assets_tests.api_client import serving
from mids_assets_tests.conftest import World
from mids_assets_tests.e2e.dg_dev import Ui, dg_dev, tail, until
from mids_assets_tests.faults import rewrite
from mids_assets_tests.integration.test_releases import published, release

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]

SECRET = "a secret of more than thirty-two bytes"
KEY = "a key that the web server knows as well"
REALM = "/v1/realms/homecoming"
ENDED = ("success", "failure", "canceled")


@pytest.fixture(scope="module")
def ui(world: World, tmp_path_factory) -> Iterator[Ui]:
    """`dg dev` on a world where version 1.0 is published, and 1.1, which lost its recipes, is dropped."""
    folder = tmp_path_factory.mktemp("releases")
    world.mids("import", str(release(folder / "first", "1.0")))
    worse = release(folder / "lost recipes", "1.1")
    rewrite(worse / "Recipe.mhd", "recipe", lambda value: value["recipes"].clear())
    landing = world.settings.landing_dir / "homecoming"
    landing.mkdir(parents=True)
    shutil.move(worse, landing)
    # Seven runs wait in the queue one after the other, each until it is looked at again.
    instance = world.home / "dagster.yaml"
    queue = "class: AuditingRunCoordinator\n"
    instance.write_text(instance.read_text().replace(queue, f"{queue}  config: {{dequeue_interval_seconds: 1}}\n"))
    with dg_dev(world, MIDS_API_LAUNCH_KEY=KEY) as started:
        yield started


@pytest.fixture(scope="module")
def client(world: World, ui: Ui) -> Iterator[TestClient]:
    settings = Settings(data_dir=world.settings.data_dir, api_launch_key=KEY)
    with serving(settings, dagster_url=ui.url, jwt_secret=SECRET) as found:
        token = signed_token(ApiSettings(jwt_secret=SECRET), "Ólga", ["operator"], 600)
        found.headers["Authorization"] = f"Bearer {token}"
        yield found


def started(client: TestClient, ui: Ui, path: str, **body: Any) -> str:
    """The id of the run that a call has launched."""
    answer = client.post(REALM + path, json=body)
    assert answer.status_code == 202, answer.text
    run_id = answer.json()["run_id"]
    assert answer.json()["run_url"] == f"{ui.url}/runs/{run_id}"
    return run_id


def over(client: TestClient, ui: Ui, run_id: str, *, publish: bool = False) -> dict[str, Any]:
    """What the API says of a run that has ended, and with it the publish that follows."""
    found: dict[str, Any] = {}

    def ended() -> bool:
        found.update(client.get(f"{REALM}/runs/{run_id}").json())
        if not publish or found["state"] == "failure":
            return found["state"] in ENDED
        return found["publish"] is not None and found["publish"]["state"] in ENDED

    until(ended, 120, lambda: f"{found}\n{tail(ui.log)}", every=0.3)
    return found


def noted(world: World, run_id: str) -> list[tuple]:
    return world.query("select who, origin, action, release from mids.audit where run_id = %s order by id", run_id)


def ids(world: World) -> dict[str, int]:
    return dict(world.query("select internal_name, id from homecoming.recipe"))


def test_from_a_blocked_import_to_a_publish_and_back(world, ui, client):
    before = ids(world)
    assert before

    run_id = started(client, ui, "/imports", source="lost recipes")
    assert noted(world, run_id) == [("Ólga", "api", "import", None)]
    run = over(client, ui, run_id, publish=True)
    assert (run["state"], run["publish"]["state"], run["job"]) == ("success", "failure", "homecoming_ingest")
    assert published(world) == "1.0"
    blocked = run["release"]
    failed = over(client, ui, run["publish"]["run_id"])
    assert "recipe" in failed["reason"] and "\n" not in failed["reason"]

    run_id = started(client, ui, f"/releases/{blocked}/accept", reason="They are gone.")
    assert over(client, ui, run_id)["state"] == "success"
    deeds = noted(world, run_id)
    assert deeds[0] == ("Ólga", "api", "launch", blocked)
    assert set(deeds[1:]) == {("Ólga", "api", "accept", blocked)}
    accepted = world.query("select distinct accepted_by, reason from mids.acceptance")
    assert accepted == [("Ólga", "They are gone.")]

    run_id = started(client, ui, f"/releases/{blocked}/publish")
    assert over(client, ui, run_id, publish=True)["publish"]["state"] == "success"
    assert published(world) == "1.1" and ids(world) == {}
    assert noted(world, run_id) == [("Ólga", "api", "publish", blocked)]

    # Its build was published before, and is older than what is published now.
    run_id = started(client, ui, "/rollback")
    assert over(client, ui, run_id, publish=True)["publish"]["state"] == "success"
    assert published(world) == "1.0" and ids(world) == before
    ((who, origin, action, back),) = noted(world, run_id)
    assert (who, origin, action) == ("Ólga", "api", "rollback") and back not in (None, blocked)
    assert world.query("select state from mids.release where release = %s", blocked) == [("rolled_back",)]
