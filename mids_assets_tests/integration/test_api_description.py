"""The description of the API is true: requests made up from it, right ones and wrong ones, are answered as it says.

schemathesis makes the requests and compares; the same ones each time. A failure prints the request as a curl command.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance
from starlette.testclient import TestClient

from mids_assets.api.app import create_app
from mids_assets.api.settings import ApiSettings
from mids_assets.warehouse.connection import connect
from mids_assets_tests.api_client import serving
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import go

EXAMPLES = 12
"""Requests an operation, of each kind."""
SCHEMA = schemathesis.openapi.from_dict(
    create_app(ApiSettings()).openapi(),
    config=SchemathesisConfig.from_dict({"generation": {"allow-x00": False, "deterministic": True}}),
)
OPERATIONS = {
    each.ok().definition.raw["operationId"]: each.ok() for each in SCHEMA.get_all_operations() if isinstance(each, Ok)
}


@pytest.fixture(scope="module")
def client(server, tmp_path_factory) -> Iterator[TestClient]:
    with closing(connect(server, application_name="test")) as conn:
        go(conn, server, made_up(7, share=1.0).write(tmp_path_factory.mktemp("build") / "tables"))
    with serving(server) as found:
        yield found


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda each: each.value)
@pytest.mark.parametrize("name", OPERATIONS)
def test_made_up_requests_are_answered_as_described(client: TestClient, name: str, mode: Any):
    if mode is GenerationMode.NEGATIVE and "{" not in OPERATIONS[name].path:
        return  # There is nothing in such a request that could be wrong.

    @given(OPERATIONS[name].as_strategy(mode, path_parameters=_real(name, mode)))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    def ask(case: Case) -> None:
        if mode is GenerationMode.POSITIVE:
            case.query.pop("after", None)  # A cursor is what an answer gave; no other text is one.
        answer = _answer(client, case)
        if answer.status_code == 503 and "Mids-At-Least" in case.headers:
            assert answer.headers["Retry-After"]  # A later release than there is: what it asks for may come yet.
            return
        # With `fields` a row has those alone, which no schema can say.
        case.validate_response(answer, excluded_checks=[response_schema_conformance] if "fields" in case.query else [])

    ask()


@pytest.mark.parametrize("name", [name for name, each in OPERATIONS.items() if each.method == "get"])
def test_a_plain_request_is_answered_with_data_as_described(client: TestClient, name: str):
    query = {"q": "plain"} if name == "search_realm" else {}
    case = OPERATIONS[name].Case(path_parameters=_real(name, GenerationMode.POSITIVE), query=query)
    answer = _answer(client, case)
    assert answer.status_code == 200, answer.text
    assert answer.json().get("data") != []
    case.validate_response(answer)


def _real(name: str, mode: Any) -> dict[str, str]:
    """Values of the path that there are, or no request would come further than to them."""
    found = {"realm": "homecoming", "table": "set_type"}
    if mode is GenerationMode.POSITIVE:
        found["key"] = "1"
    return {each: value for each, value in found.items() if each in OPERATIONS[name].path}


def _answer(client: TestClient, case: Case) -> Any:
    client.cookies.clear()
    asked = case.as_transport_kwargs(base_url="http://api")
    asked.pop("cookies", None)
    # The client takes texts of ASCII alone; a server gets any bytes.
    asked["headers"] = {name: value.encode("latin-1") for name, value in asked["headers"].items()}
    return client.request(**asked)
