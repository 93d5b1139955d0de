"""The audit of libraries by a service of advisories that the test runs: what it knows, and when it does not answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from mids_assets_tests import advisories


@contextmanager
def service(flaws: dict[str, Any], status: int = 200) -> Iterator[list[str]]:
    """Options for pip-audit that lead to a service in the form of osv.dev, which knows these flaws by library."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps({"vulns": flaws.get(asked["package"]["name"], [])}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield ["--vulnerability-service", "osv", "--osv-url", f"http://127.0.0.1:{server.server_port}/v1/query"]
    finally:
        server.shutdown()
        server.server_close()


def flaw(library: str) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}]
    return {
        "id": "PYSEC-2026-1",
        "summary": "made up",
        "details": "made up",
        "published": "2026-01-01T00:00:00Z",
        "affected": [{"package": {"name": library, "ecosystem": "PyPI"}, "ranges": ranges, "versions": ["1.0"]}],
    }


def test_an_advisory_fails_and_no_answer_is_no_clean_bill(tmp_path: Path, monkeypatch, capsys):
    lock = tmp_path / "requirements.lock"
    lock.write_text("alpha==1.0 \\\n    --hash=sha256:00\nbeta==1.0 ; python_version > '3'\n")
    monkeypatch.setattr(advisories, "LOCK", lock)
    with service({"beta": [flaw("beta")]}) as options:
        assert advisories.main(*options) == 1
    told = capsys.readouterr()
    assert "beta 1.0: PYSEC-2026-1, mended in 99.0" in told.err and "2 libraries checked, 1 advisories" in told.out
    with service({}) as options:
        assert advisories.main(*options) == 0
    assert capsys.readouterr().out == "pip-audit: 2 libraries checked, 0 advisories\n"
    with service({}, status=503) as options:
        assert advisories.main(*options) == 0
    assert "no service of advisories answers here, so no library was checked" in capsys.readouterr().out


def test_the_lock_files_hold_the_hash_of_every_library():
    for name in ("requirements.lock", "requirements-dev.lock"):
        blocks = (advisories.PROJECT / name).read_text("utf-8").split("\n")
        pinned = [number for number, line in enumerate(blocks) if advisories._LOCKED.match(line)]
        assert len(pinned) > 50 and all("--hash=sha256:" in blocks[number + 1] for number in pinned)
