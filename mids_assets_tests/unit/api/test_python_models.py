"""The Python types of the API are those of its description, which test_api_description.py holds against answers."""

from __future__ import annotations

from pathlib import Path

from mids_assets.api import schemas
from mids_assets.api.clients import models, python


def test_they_are_fresh():
    assert Path(models.__file__).read_text("utf-8") == python.module(), "`make docs` renews them"


def test_a_power_has_what_its_answer_has():
    described = schemas.whole("power").model_fields
    assert set(models.Power.__annotations__) == {field.alias or name for name, field in described.items()}
    assert "list[PowerEffect]" in str(models.Power.__annotations__["power_effect"])
    assert "NotRequired" in str(models.ProblemBody.__annotations__["field"])


def test_a_field_that_is_a_word_of_python_is_there():
    found = [shape for shape in vars(models).values() if "from" in getattr(shape, "__annotations__", {})]
    assert found
