"""A real S3-compatible server for tests: SeaweedFS, one process on the loopback with a folder of its own.

Does not belong here: what is kept in it.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from mids_assets_tests.servers import free_ports, open_folder

PROGRAM = Path(sys.executable).with_name("weed")
KEY, SECRET = "key-of-the-test", "secret-of-the-test"
_PORTS = ("master", "volume", "filer", "s3")
_START_SECONDS = 60


@contextlib.contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """The environment with which any client of S3 finds the server; buckets are made as they are named."""
    with open_folder() as folder:
        identity = {"name": "test", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        ports = free_ports(2 * len(_PORTS))
        options = [f"-{name}.port{end}={ports.pop()}" for name in _PORTS for end in ("", ".grpc")]
        endpoint = f"http://127.0.0.1:{next(o.partition('=')[2] for o in options if o.startswith('-s3.port='))}"
        command = [PROGRAM, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]
        limits = [
            "-master.volumeSizeLimitMB=64",
            "-volume.max=50",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-master.telemetry=false",
        ]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*command, *limits, *options, f"-s3.config={folder}/s3.json"], stdout=log, stderr=log, cwd=folder
            )
            try:
                _wait(process, endpoint, folder / "log")
                yield {
                    "AWS_ENDPOINT_URL": endpoint,
                    "AWS_ACCESS_KEY_ID": KEY,
                    "AWS_SECRET_ACCESS_KEY": SECRET,
                    "AWS_REGION": "us-east-1",
                }
            finally:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen, endpoint: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{endpoint}/status", timeout=1).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"the S3 server does not start: {log.read_text(errors='replace')[-2000:]}")
