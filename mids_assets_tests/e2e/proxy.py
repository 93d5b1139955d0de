"""The real nginx on the loopback, with the files of deploy/nginx that servers use; people with passwords.

Does not belong here: the web servers behind it, what is tested.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import ssl
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mids_assets_tests.authority import Authority
from mids_assets_tests.e2e.dg_dev import tail, until
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import free_ports, listens, program

TEMPLATE = PROJECT / "deploy" / "nginx" / "mids.conf.template"
API_TEMPLATE = TEMPLATE.with_name("mids-api.conf.template")
OPERATOR, VIEWER = ("olga", "operator's secret"), ("victor", "viewer's secret")
CAPITAL = ("Olga", "another person's secret")
NAME = "localhost"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Proxy:
    """A running nginx. Its certificate is good for `localhost`, for whoever trusts `authority`."""

    http_port: int
    https_port: int
    authority: Path

    @property
    def origin(self) -> str:
        return f"https://{NAME}:{self.https_port}"

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    def request(
        self,
        path: str,
        person: tuple[str, str] | None = None,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request over a connection of its own. Redirects are not followed."""
        connection = http.client.HTTPSConnection(NAME, self.https_port, timeout=30, context=self.tls())
        try:
            connection.request(method, path, body, {**login(person), **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def graphql(
        self, person: tuple[str, str] | None, query: str, *, headers: Mapping[str, str] | None = None, **variables: Any
    ) -> Answer:
        return self.request(
            "/graphql",
            person,
            method="POST",
            body=json.dumps({"query": query, "variables": variables}).encode(),
            headers={"Content-Type": "application/json", **(headers or {})},
        )


def login(person: tuple[str, str] | None) -> dict[str, str]:
    if person is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(":".join(person).encode()).decode()}


@contextmanager
def proxy(folder: Path, *, operators: str, viewers: str) -> Iterator[Proxy]:
    """nginx before the two servers of the web UI (`host:port`); ended at the end."""
    names = {
        "NGINX_PASSWORDS_FILE": _passwords(folder / "htpasswd", OPERATOR, VIEWER, CAPITAL),
        "NGINX_OPERATORS_FILE": _operators(folder / "operators", OPERATOR),
        "NGINX_OPERATORS_SERVER": operators,
        "NGINX_VIEWERS_SERVER": viewers,
        "NGINX_LOCAL_RESOLVERS": "127.0.0.1",
    }
    with _nginx(folder, TEMPLATE, names, prefix="NGINX") as started:
        yield started


@contextmanager
def api_proxy(folder: Path, servers: Sequence[str], *, rate: int = 100_000) -> Iterator[Proxy]:
    """nginx before processes of the API (`host:port`); `rate`: requests a second that one address may send."""
    file = folder / "servers"
    file.write_text("".join(f"server {server} fail_timeout=2s;\n" for server in servers))
    names = {"NGINX_API_RATE": rate, "NGINX_API_SERVERS_FILE": file}
    with _nginx(folder, API_TEMPLATE, names, prefix="NGINX_API") as started:
        yield started


@contextmanager
def _nginx(folder: Path, template: Path, names: Mapping[str, object], *, prefix: str) -> Iterator[Proxy]:
    authority = Authority(folder)
    certificate = authority.issue(NAME)
    plain, secure = free_ports(2)
    names = {
        **names,
        f"{prefix}_SERVER_NAME": NAME,
        f"{prefix}_PUBLIC_ORIGIN": f"https://{NAME}:{secure}",
        "NGINX_HTTP_PORT": f"127.0.0.1:{plain}",
        "NGINX_HTTPS_PORT": f"127.0.0.1:{secure}",
        "NGINX_CERTIFICATE": certificate.certificate,
        "NGINX_CERTIFICATE_KEY": certificate.key,
    }
    (folder / "mids.conf").write_text(filled_in(template, names))
    main = folder / "nginx.conf"
    main.write_text(_AROUND.format(folder=folder))
    nginx = program("nginx")
    log = folder / "error.log"
    command = [nginx, "-c", main, "-e", log]
    checked = subprocess.run([*command, "-t", "-q"], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stderr
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    try:
        until(lambda: listens(secure), 10, lambda: tail(log), every=0.05)
        yield Proxy(plain, secure, authority.certificate)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def filled_in(template: Path, names: Mapping[str, object]) -> str:
    """A template as nginx's image fills it in: by envsubst, and only what is in `names`."""
    done = subprocess.run(
        [program("envsubst"), " ".join(f"${{{name}}}" for name in names)],
        input=template.read_text(),
        env={"PATH": os.environ["PATH"], **{name: str(value) for name, value in names.items()}},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _passwords(file: Path, *people: tuple[str, str]) -> Path:
    # Made as the documents say. nginx's workers read it, as another user.
    file.touch(0o644)
    for name, password in people:
        subprocess.run(
            [program("htpasswd"), "-iB", file, name], input=password.encode(), check=True, capture_output=True
        )
    return file


def _operators(file: Path, *people: tuple[str, str]) -> Path:
    file.write_text("".join(f"{name} 1;\n" for name, _ in people))
    return file


_AROUND = """
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/mids.conf;
}}
"""
