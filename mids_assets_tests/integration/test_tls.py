"""TLS to PostgreSQL with a CA that the test makes: checked certificates on both sides; what is wrong in one sentence.

The server answers under the name of its certificate by `hostaddr`, as one elsewhere would, and lets nobody in without
TLS.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mids_assets.errors import UserError
from mids_assets.health.finding import Finding
from mids_assets.health.server import encryption
from mids_assets.settings import Settings
from mids_assets.storage import MidsPostgresStorage
from mids_assets.warehouse import client_programs, connection
from mids_assets.warehouse.backup.place import open_place
from mids_assets.warehouse.backup.restoring import restore
from mids_assets.warehouse.backup.taking import back_up
from mids_assets.warehouse.connection import connect, dagster_database_url
from mids_assets_tests.conftest import World, make_world
from mids_assets_tests.external import SUPERUSER, External, external_server, give, needs_postgresql
from mids_assets_tests.real import SAMPLE
from mids_assets_tests.servers import open_folder, program

pytestmark = needs_postgresql

HOST = "db.example.org"


@dataclass(frozen=True)
class Secured:
    """A server with TLS. `parameters` lead to it, checked; `more` replaces some."""

    server: External
    certificates: Path

    def url(self, database: str = "postgres", user: str = SUPERUSER, **more: str) -> str:
        parameters = {
            "hostaddr": "127.0.0.1",
            "sslmode": "verify-full",
            "sslrootcert": f"{self.certificates}/ca.crt",
            **more,
        }
        host = parameters.pop("host", HOST)
        return self.server.url(database, user, host=host, **parameters)

    def file(self, name: str) -> str:
        return str(self.certificates / name)


def certificate(folder: Path, name: str, subject: str, ca: str | None = None, names: str = "") -> None:
    """A key and a certificate, signed by `ca` or by itself."""
    openssl = program("openssl")
    key, request, signed = (folder / f"{name}.{end}" for end in ("key", "csr", "crt"))

    def run(*args: str | Path) -> None:
        subprocess.run([openssl, *args], check=True, capture_output=True)

    if ca is None:
        usage = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
        new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        run("req", "-x509", *new, "-keyout", key, "-out", signed, "-subj", f"/CN={subject}", "-days", "2", *usage)
        return
    run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", request,
        "-subj", f"/CN={subject}")  # fmt: skip
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName={names}\n" if names else "")
    run("x509", "-req", "-in", request, "-CA", folder / f"{ca}.crt", "-CAkey", folder / f"{ca}.key", "-CAcreateserial",
        "-out", signed, "-days", "2", "-extfile", extensions)  # fmt: skip


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    with open_folder() as folder:
        certificates = folder / "certificates"
        certificates.mkdir()
        certificates.chmod(0o755)
        certificate(certificates, "ca", "CA of the test")
        certificate(certificates, "other", "another CA")
        certificate(certificates, "server", HOST, "ca", f"DNS:{HOST}")
        certificate(certificates, "client", "planner", "ca")
        certificate(certificates, "forged", "planner", "other")
        for key in certificates.glob("*.key"):
            key.chmod(0o600)
        shutil.copy(certificates / "client.key", certificates / "open.key")
        (certificates / "open.key").chmod(0o644)
        give(certificates / "server.key", certificates / "server.crt", certificates / "ca.crt")
        conf = "ssl = on\n" + "".join(
            f"{name} = '{certificates}/{file}'\n"
            for name, file in {
                "ssl_cert_file": "server.crt",
                "ssl_key_file": "server.key",
                "ssl_ca_file": "ca.crt",
            }.items()
        )
        hba = "hostssl all planner 127.0.0.1/32 cert\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
        with external_server(folder, conf=conf, hba=hba) as server:
            yield Secured(server, certificates)


@pytest.fixture(scope="module")
def encrypted(secured: Secured) -> World:
    folder = secured.server.folder
    return make_world(replace(Settings(data_dir=folder / "data"), database_url=secured.url()), folder)


def test_import_status_backup_restore_and_dagsters_storage_go_over_checked_tls(encrypted: World):
    url = str(encrypted.settings.database_url)
    assert encrypted.mids_json("import", str(SAMPLE), MIDS_DATABASE_URL=url)["action"] == "published"
    assert encrypted.mids_json("status", MIDS_DATABASE_URL=url)["realms"]["homecoming"]["version"]
    told = encrypted.mids("db", "psql", "-At", "-c", "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
                          MIDS_DATABASE_URL=url)  # fmt: skip
    assert told.stdout.strip() == "t"
    assert encrypted.runs()[0] == ("homecoming_publish", "SUCCESS")
    before = encrypted.contents()
    place = open_place(encrypted.settings)
    for of in ("homecoming", "_dagster"):
        taken = back_up(encrypted.settings, of, "asked").manifest
        restore(encrypted.settings, place, [taken])
    assert encrypted.contents() == before


def test_a_client_certificate_is_the_login(secured: Secured):
    with closing(connect(Settings(database_url=secured.url()), application_name="test")) as conn, conn.cursor() as cur:
        cur.execute("DROP ROLE IF EXISTS planner; CREATE ROLE planner LOGIN")
        conn.commit()
    keys = {"sslcert": secured.file("client.crt"), "sslkey": secured.file("client.key")}
    settings = Settings(database_url=secured.url(user="planner", **keys))
    with closing(connect(settings, application_name="test", as_it_is=True)) as conn, conn.cursor() as cur:
        cur.execute("SELECT current_user, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        assert cur.fetchone() == ("planner", "/CN=planner")


@pytest.mark.parametrize(
    ("user", "wrong", "told"),
    [
        (SUPERUSER, {"sslrootcert": "other.crt"}, "certificate verify failed"),
        (SUPERUSER, {"sslrootcert": "absent.crt"}, "root certificate file"),
        (SUPERUSER, {"host": "other.example.org"}, 'does not match host name "other.example.org"'),
        (SUPERUSER, {"sslmode": "disable"}, "no pg_hba.conf entry"),
        (SUPERUSER, {"sslmode": "nonsense"}, "invalid sslmode value"),
        ("planner", {}, "requires a valid client certificate"),
        ("planner", {"sslcert": "forged.crt", "sslkey": "forged.key"}, "alert unknown ca"),
        ("planner", {"sslcert": "client.crt", "sslkey": "absent.key"}, "private key file"),
        ("planner", {"sslcert": "client.crt", "sslkey": "open.key"}, "private key file"),
        ("planner", {"sslcert": "absent.crt", "sslkey": "client.key"}, "requires a valid client certificate"),
    ],
    ids=lambda value: " ".join(value.values()) if isinstance(value, dict) else None,
)
def test_what_does_not_fit_is_the_users_mistake_and_not_tried_again(secured, monkeypatch, user, wrong, told):
    monkeypatch.setattr(connection.time, "sleep", lambda _: pytest.fail("it is tried again"))
    more = {name: secured.file(value) if name.startswith(("sslr", "sslc", "sslk")) else value
            for name, value in wrong.items()}  # fmt: skip
    url = secured.url(user=user, **more)
    with pytest.raises(UserError) as caught:
        connect(Settings(database_url=url), application_name="test")
    assert told in str(caught.value) and "\n" not in str(caught.value)
    assert secured.server.password not in str(caught.value)
    # Dagster's own storage says the same, where it is set by itself.
    with pytest.raises(UserError, match=r"PostgreSQL refuses the connection"):
        dagster_database_url(Settings(dagster_database_url=url))


def test_a_server_without_tls_is_the_users_mistake(secured, encrypted: World):
    with open_folder() as folder, external_server(folder) as plain:
        url = Secured(plain, secured.certificates).url()
        told = encrypted.mids("status", code=2, MIDS_DATABASE_URL=url)
    assert "server does not support SSL" in told.stderr
    assert len(told.stderr.splitlines()) == 1 and "Traceback" not in told.stderr


def test_a_wrong_ca_is_one_sentence_at_the_command_line(secured, encrypted: World):
    url = secured.url(sslrootcert=secured.file("other.crt"))
    for arguments in (("status",), ("import", str(SAMPLE)), ("db", "backup")):
        told = encrypted.mids(*arguments, code=2, MIDS_DATABASE_URL=url)
        assert "certificate verify failed" in told.stderr
        assert len(told.stderr.splitlines()) == 1 and "Traceback" not in told.stderr


def test_programs_without_tls_say_what_to_install(encrypted: World, monkeypatch):
    monkeypatch.setattr(client_programs, "SYSTEM_BIN_PARENTS", ())
    monkeypatch.setenv("PATH", "")
    with pytest.raises(
        UserError, match="demands TLS, which the programs that come with the embedded server do not know"
    ):
        back_up(encrypted.settings, "_dagster", "asked")


@pytest.mark.parametrize(
    ("more", "state", "told"),
    [
        ({}, "ok", "is encrypted and checked (verify-full)"),
        ({"sslmode": "require", "sslrootcert": ""}, "warn", "is encrypted, but who answers is not checked"),
        ({"host": "127.0.0.1", "sslmode": "require", "sslrootcert": ""}, "ok", "is on this machine"),
    ],
)
def test_the_doctor_tells_how_a_server_elsewhere_is_reached(secured, tmp_path, more, state, told):
    settings = Settings(data_dir=tmp_path, database_url=secured.url(**more))
    found = told_by_the_doctor(settings)
    assert found.state == state and told in found.what


def test_the_doctor_warns_of_a_connection_in_plain_text(tmp_path):
    with open_folder() as folder, external_server(folder) as plain:
        url = plain.url(host=HOST, hostaddr="127.0.0.1")
        settings = Settings(data_dir=tmp_path, database_url=url)
        found = told_by_the_doctor(settings)
    assert found.state == "warn" and f"The connection to {HOST} is not encrypted." in found.what
    assert "sslmode=verify-full" in found.what_to_do


def test_dagsters_storage_alone_may_be_elsewhere(secured):
    url = secured.url("dagster_alone")
    with closing(connect(Settings(database_url=secured.url()), application_name="test")) as conn:
        conn.autocommit = True
        with conn.cursor() as cur:
            cur.execute("CREATE DATABASE dagster_alone")
    storage = MidsPostgresStorage(dagster_database_url(Settings(dagster_database_url=url)))
    assert storage.run_storage.get_runs_count() == 0


def told_by_the_doctor(settings: Settings) -> Finding:
    with closing(connect(settings, application_name="test")) as conn:
        (found,) = encryption(conn)
    return found
