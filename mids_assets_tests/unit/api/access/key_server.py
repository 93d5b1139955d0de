"""A server on loopback that publishes keys over TLS, and whoever issues tokens that are signed with them.

Does not belong here: what is expected of a token.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from mids_assets_tests.authority import Authority


class Issuer:
    """Keys by name, and the set of the public ones."""

    def __init__(self) -> None:
        self.private: dict[str, Any] = {}
        self.published: list[dict[str, Any]] = []

    def add(self, name: str, kind: str = "RS256", **more: Any) -> dict[str, Any]:
        """A new key, which is published at once, with `more` in its entry."""
        key = rsa.generate_private_key(65537, 2048) if kind == "RS256" else ec.generate_private_key(ec.SECP256R1())
        algorithm: Any = RSAAlgorithm if kind == "RS256" else ECAlgorithm
        self.private[name] = key
        entry = {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": name, "alg": kind, "use": "sig", **more}
        self.published.append(entry)
        return entry

    def token(self, claims: dict[str, Any], name: str, kind: str = "RS256", **header: Any) -> bytes:
        return jwt.encode(claims, self.private[name], kind, {"kid": name, **header}).encode()

    @property
    def document(self) -> bytes:
        return json.dumps({"keys": self.published}).encode()


class KeyServer(ThreadingHTTPServer):
    """Publishes the keys of `issuer`, unless `answer` says otherwise (status, headers, body)."""

    daemon_threads = True

    def __init__(self, issuer: Issuer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issuer = issuer
        self.asked = 0
        self.answer: tuple[int, dict[str, str], bytes] | None = None
        self.may_close = threading.Event()
        """Cleared, a connection stays open after what was said."""
        self.may_close.set()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server_address[1]}/keys"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, KeyServer)
        server.asked += 1
        status, headers, body = server.answer or (200, {}, server.issuer.document)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):  # A client that has read enough goes away.
            self.wfile.write(body)
        server.may_close.wait(20)

    def log_message(self, format: str, *_: Any) -> None:
        pass


@contextlib.contextmanager
def key_server(folder: Path, issuer: Issuer) -> Iterator[tuple[KeyServer, Path]]:
    """A running server, and the file of the authority that vouches for it."""
    authority = Authority(folder)
    certificate = authority.issue("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    with KeyServer(issuer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server, authority.certificate
        finally:
            server.may_close.set()
            server.shutdown()
            thread.join()
