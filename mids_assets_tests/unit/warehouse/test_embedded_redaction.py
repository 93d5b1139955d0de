"""No password reaches a text for people, whatever characters it has; URLs are accepted in every usual form."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mids_assets.errors import UserError
from mids_assets.redaction import redact, remember_secret
from mids_assets.warehouse.connection import normalized_url, url_with_database

ODD = ["p@ss/w:rd", "a#b?c=d&e", "100%25", "sp%20ce%2F", "üñí-漢字", "quote'\"back\\slash", "[brackets]"]


@pytest.mark.parametrize("password", ODD)
@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg2", "postgres"])
def test_password_in_a_url(scheme, password):
    for spelled in {password, quote(password, safe="")}:
        text = redact(f"cannot open {scheme}://mids:{spelled}@localhost:5432/mids: refused")
        assert text == f"cannot open {scheme}://mids:****@localhost:5432/mids: refused"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("host=h password=secret dbname=d", "host=h password=**** dbname=d"),
        (r"password='it\'s secret' dbname=d", "password=**** dbname=d"),
        ("PGPASSWORD=secret psql", "PGPASSWORD=**** psql"),
        ('{"password": "secret", "user": "u"}', '{"password": ****, "user": "u"}'),
        (
            "postgresql://h/d?user=u&password=secret&sslmode=require",
            "postgresql://h/d?user=u&password=****&sslmode=require",
        ),
    ],
)
def test_password_named_as_one(text, clean):
    assert redact(text) == clean


def test_passwords_among_the_parameters_of_a_url_are_known_from_then_on():
    remember_secret("postgresql://h/d?user=u&password=of-the%20login&sslkey=/k.pem&sslpassword=of-the%2Fkey")
    for word in ("of-the login", "of-the%20login", "of-the/key", "of-the%2Fkey"):
        assert redact(f"libpq said <{word}> somewhere") == "libpq said <****> somewhere"
    assert redact("sslkey=/k.pem sslpassword=another") == "sslkey=/k.pem sslpassword=****"


@pytest.mark.parametrize(
    "text",
    [
        'password authentication failed for user "mids"',
        "postgresql://mids@localhost:5432/mids",
        "see https://example.org/a:b and c",
        "30 rows at 12:30",
    ],
)
def test_other_text_is_left_alone(text):
    assert redact(text) == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=8, max_size=30))
def test_a_known_password_is_found_anywhere_in_any_spelling(password):
    encoded = quote(password, safe="")
    remember_secret(f"postgresql://u:{encoded}@h/d")
    assert encoded not in redact(f"libpq said <{encoded}> somewhere")
    assert f"<{password}>" not in redact(f"libpq said <{password}> somewhere")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_accepted_urls(scheme):
    assert (
        normalized_url(f" {scheme}://u:p%40x@h:1/d?sslmode=require", "X")
        == "postgresql://u:p%40x@h:1/d?sslmode=require"
    )


@pytest.mark.parametrize(
    "url", ["mysql://u:secret77@h/d", "u:secret77@h/d", "postgresql://u:secret77@h:port/d", "postgresql://u:secret77@h"]
)
def test_refused_urls_name_the_setting_and_no_password(url):
    with pytest.raises(UserError, match="MIDS_DATABASE_URL") as caught:
        normalized_url(url, "MIDS_DATABASE_URL")
    assert "secret77" not in str(caught.value)


def test_another_database_keeps_the_rest_of_the_url():
    assert url_with_database("postgresql://u:p%2Fx@h:1/d?sslmode=require", "x y") == (
        "postgresql://u:p%2Fx@h:1/x%20y?sslmode=require"
    )
